#!/bin/sh
# Verifies builds by other compilers, each pair with one OpenMP runtime, and builds that leave a
# part out.
set -eu
cd "$(dirname "$0")/.."

# build NAME CARGO-ARGUMENTS...: builds into a folder of its own, then verifies what was built.
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

# The calls across languages, in the code that these compilers make of them.
LIBPI_REQUIRE=fortran,openmp CC=clang-19 FC=flang-new-19 CARGO_TARGET_DIR=target/clang-flang \
    cargo test --quiet --release --package pi-crossings --test crossings --test machine_code
