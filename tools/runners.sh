#!/bin/sh
# Compiles the plain programs of bench/runners beside the command: each is one source file, does not
# link libpi, and is compiled with ordinary flags. `make runners` calls it.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh

[ -d "$stage" ] || sh tools/build.sh
folder=$(cat "$stage/folder")/runners
mkdir -p "$folder"

# compile_c COMPILER NAME [FLAGS] and compile_fortran: compile a program.
compile_c() {
    compiler=$1 program=$folder/$2
    shift 2
    run "$compiler" -std=c11 -O3 "$@" bench/runners/plain_philox.c -o "$program"
}
compile_fortran() {
    compiler=$1 program=$folder/$2
    shift 2
    run "$compiler" -std=f2018 -O3 -fwrapv "$@" bench/runners/plain_philox.f90 -o "$program"
}

# The clang among the second compilers.
clang=$(printf '%s\n' "${LIBPI_ALSO:-}" | tr ',' '\n' | grep clang | head -n 1 || true)
is_program "$clang" || clang=
cc=${CC:-cc} fc=${FC:-gfortran}
is_program "$fc" || fc=

compile_c "$cc" plain-c
[ -z "$fc" ] || compile_fortran "$fc" plain-fortran
# The same for higher levels, for the suite `compilers`.
case $(run "$cc" -dumpmachine) in
x86_64-*)
    for level in v3 v4; do
        compile_c "$cc" "plain-c-$level" "-march=x86-64-$level"
        [ -z "$clang" ] || compile_c "$clang" "plain-c-clang-$level" "-march=x86-64-$level"
        [ -z "$fc" ] || compile_fortran "$fc" "plain-fortran-$level" "-march=x86-64-$level"
    done
    ;;
esac
