#!/bin/sh
# Builds the peers in C, C++ and Fortran from bench/peers beside the command, for the best level of this CPU:
# programs that call well-known libraries. `make peers` calls it. It leaves out what lacks a library or a
# compiler, and says so.
#
#   PI    the command beside which they are built (that of `make build`)
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh

if [ -z "${PI:-}" ]; then
    [ -d "$stage" ] || sh tools/build.sh
    PI=$(cat "$stage/folder")/pi
fi
level=$("$PI" info --json | sed -n 's/.*"best_level": *"\([^"]*\)".*/\1/p')
[ -n "$level" ] || fail "$PI info --json does not tell the best level of this CPU"
folder=$(dirname "$PI")/peers/$level
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

# The flags of the level, as for libpi's own kernels.
case $level in
x86-64-v4) flags="-march=$level -mprefer-vector-width=512" ;;
x86-64*) flags=-march=$level ;;
*) flags= ;;
esac
flags="$flags -fopenmp"
cc=${CC:-cc} cxx=${CXX:-c++} fc=${FC:-gfortran}
clang=$(find_also clang)
compile "$cc" bench/peers/peer_openmp.c "$work/openmp.o" -c -fopenmp

# peer PROGRAM SOURCE COMPILER LINKER [MORE]: builds a peer and links it with MORE. gcc links what clang has
# compiled, because clang's OpenMP need not be installed.
peer() {
    program=$folder/$1 source=bench/peers/$2 compiler=$3 linker=$4
    shift 4
    version=$(run "$compiler" --version)
    tells="-DPEER_BUILT_WITH=\"$(printf '%s\n' "$version" | sed '1!d; s/["\\]//g') -O3 $flags\""
    compile "$cc" bench/peers/peer.c "$work/peer.o" -c "$tells"
    # shellcheck disable=SC2086 # The shell must split the flags into words.
    compile "$compiler" "$source" "$work/kernel.o" -c $flags ${include:+"$include"}
    run "$linker" "$work/kernel.o" "$work/peer.o" "$@" -o "$program"
    say "built $program"
}

# leave_out PROGRAM REASON: says why a peer is missing. One that was built before must not stay.
leave_out() {
    rm -f "$folder/$1"
    note "the peer $1 is left out: $2"
}

include=
peer glibc glibc.c "$cc" "$cc" "$work/openmp.o" -fopenmp

if is_program "$cxx"; then
    peer mt19937_64 mt19937_64.cpp "$cxx" "$cxx" -pthread
else
    leave_out mt19937_64 "there is no $cxx (Debian: apt-get install g++)"
fi

if is_program "$fc"; then
    (cd "$work" && compile "$fc" "$OLDPWD/bench/peers/peer.f90" fortran.o -c)
    include=-I$work
    peer random_number random_number.f90 "$fc" "$fc" "$work/fortran.o" -fopenmp
    include=
else
    leave_out random_number "there is no $fc (Debian: apt-get install gfortran)"
fi

if printf '#include <Random123/philox.h>\n' | run "$cc" -E -x c - >"$work/said" 2>&1; then
    peer random123 random123.c "$cc" "$cc" "$work/openmp.o" -fopenmp
    if [ -n "$clang" ]; then
        peer random123-clang random123.c "$clang" "$cc" "$work/openmp.o" -fopenmp
    else
        leave_out random123-clang "there is no clang (Debian: apt-get install clang-19)"
    fi
else
    leave_out random123 "there is no header Random123/philox.h: make setup-peers"
    leave_out random123-clang "there is no header Random123/philox.h: make setup-peers"
fi

# The package mkl of PyPI has no links from libmkl_core.so to libmkl_core.so.3, so the files are named.
set --
for library in intel_lp64 sequential core; do
    set -- "$@" "$PWD/.venv/lib/libmkl_$library".so.*
done
if [ -f .venv/include/mkl_vsl.h ] && [ -f "$1" ]; then
    include=-I.venv/include
    peer mkl mkl.c "$cc" "$cc" "$work/openmp.o" -fopenmp "$@" -lm "-Wl,-rpath,$PWD/.venv/lib"
else
    leave_out mkl "there is no oneMKL in .venv: make setup-peers (x86-64 only)"
fi
