#!/bin/sh
# Verifies builds with other compilers, and builds that leave a part out. Every build must link at
# most one OpenMP runtime.
set -eu
cd "$(dirname "$0")/.."

# build NAME CARGO-ARGUMENTS...: builds into the folder target/NAME and verifies the result.
build() {
    name=$1
    shift
    echo "--- $name"
    CARGO_TARGET_DIR="target/$name" cargo build --quiet --release --package pi "$@"
    "target/$name/release/pi" verify --threads 2
    runtimes=$(ldd "target/$name/release/pi" | grep --count --extended-regexp 'lib(g|i)?omp' || true)
    [ "$runtimes" -le 1 ] || { echo "$name: $runtimes OpenMP runtimes" >&2; exit 1; }
}

LIBPI_REQUIRE=fortran,openmp CC=clang-19 build clang-gfortran
LIBPI_REQUIRE=fortran,openmp CC=clang-19 FC=flang-new-19 build clang-flang
build rust-and-c --no-default-features --features openmp
build no-openmp --no-default-features --features fortran

# Tests the calls across languages in the machine code of these compilers.
LIBPI_REQUIRE=fortran,openmp CC=clang-19 FC=flang-new-19 CARGO_TARGET_DIR=target/clang-flang \
    cargo test --quiet --release --package pi-crossings --test crossings --test machine_code
