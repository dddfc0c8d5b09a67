#!/bin/sh
# Compiles the plain programs of bench/runners beside the command: each is one source file, does not
# link libpi, and is compiled with ordinary flags. -g lets `pi audit --asm` show its source, and changes
# nothing else. `make runners` calls it.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh

[ -d "$stage" ] || sh tools/build.sh
folder=$(cat "$stage/folder")/runners
mkdir -p "$folder"

c() {
    compiler=$1 program=$folder/$2
    shift 2
    compile "$compiler" bench/runners/plain_philox.c "$program" -g "$@"
}
fortran() {
    program=$folder/$1
    shift
    [ -z "$fc" ] || compile "$fc" bench/runners/plain_philox.f90 "$program" -g "$@"
}

clang=$(find_also clang)
cc=${CC:-cc} fc=${FC:-gfortran}
is_program "$fc" || fc=

c "$cc" plain-c
fortran plain-fortran
# The same for higher levels, for the suite `compilers`.
case $(run "$cc" -dumpmachine) in
x86_64-*)
    for level in v3 v4; do
        c "$cc" "plain-c-$level" "-march=x86-64-$level"
        [ -z "$clang" ] || c "$clang" "plain-c-clang-$level" "-march=x86-64-$level"
        fortran "plain-fortran-$level" "-march=x86-64-$level"
    done
    ;;
esac
