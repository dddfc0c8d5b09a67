#!/bin/sh
# The core's tests and a verification with other compilers: clang for C with gfortran, clang with
# flang, and builds without the parts that may be missing.
set -eu
cd "$(dirname "$0")/.."

check() {
    echo "--- $*"
    env "$@" CARGO_TARGET_DIR="target/$name" cargo build --quiet --release
    "target/$name/release/pi" verify
}

name=clang-gfortran check CC=clang-19 LIBPI_REQUIRE=fortran,openmp
