#!/bin/sh
# Tests libpi for AArch64 on another machine: cross compilers build it, and QEMU runs the tests of
# the core and `pi verify`. A compiler for this machine must not get into the build.
set -eu
cd "$(dirname "$0")/.."
[ "$(uname -m)" != aarch64 ] || { echo "skipped: make test tests this machine" >&2; exit 0; }

export CARGO_BUILD_TARGET=aarch64-unknown-linux-gnu
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"

# expect TEXT COMMAND...: the command must print the text.
expect() {
    text=$1
    shift
    said=$("$@" 2>&1) || true
    case $said in
    *"$text"*) ;;
    *)
        echo "$*: does not say '$text' but: $said" >&2
        exit 1
        ;;
    esac
}
expect "built without fortran: gfortran compiles for $(gfortran -dumpmachine), not for aarch64" \
    env FC=gfortran cargo check --package libpi
expect "gcc compiles for $(gcc -dumpmachine), not for aarch64-unknown-linux-gnu: set CC_aarch64" \
    env CC=gcc cargo check --package libpi

export LIBPI_REQUIRE=fortran,openmp
cargo test --package libpi --tests
cargo run --package pi -- verify --threads 2
