#!/bin/sh
# Compiles the plain programs of bench/runners beside the command: each is one source file, does not
# link libpi, and is compiled with ordinary flags. `make runners` calls it.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh

[ -d "$stage" ] || sh tools/build.sh
folder=$(cat "$stage/folder")/runners
mkdir -p "$folder"
run "${CC:-cc}" -std=c11 -O3 bench/runners/plain_philox.c -o "$folder/plain-c"
fc=${FC:-gfortran}
if is_program "$fc"; then
    run "$fc" -std=f2018 -O3 -fwrapv bench/runners/plain_philox.f90 -o "$folder/plain-fortran"
fi
