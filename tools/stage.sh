#!/bin/sh
# Lays out the files of an installation in the stage: see tools/common.sh. This script alone decides
# which files are installed, and where. tools/build.sh calls it.
#
#   stage.sh FOLDER DOCS LIBRARIES
#
# FOLDER contains libpi.so, libpi.a and pi. DOCS contains the manual and the completions. LIBRARIES
# are the flags of the system libraries that libpi.a needs. CC, FC, MPI and MPICC are as in
# tools/build.sh.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh
# Compilers speak English, and letters in patterns are ASCII.
export LC_ALL=C
umask 022

[ $# -eq 3 ] || refuse "usage: stage.sh FOLDER DOCS LIBRARIES"
built=$1
docs=$2
native=$3

mkdir -p "${stage%/*}"
work=$(mktemp -d "$stage.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
tree=$work/stage/tree
mkdir -p "$tree"

# put MODE FROM TO: copies a file into the tree.
put() {
    mkdir -p "$tree/$(dirname "$3")"
    cp "$2" "$tree/$3"
    chmod "$1" "$tree/$3"
}

# point TO NAME: makes the symbolic link NAME to TO.
point() {
    ln -s "$1" "$tree/$2"
}

# fill TEMPLATE TO: fills the values into a template, except for the folder of the libraries, which
# the installation chooses.
fill() {
    sed -e "s|@VERSION@|$version|g" -e "s|@SONAME@|$soname|g" \
        -e "s|@REAL@|libpi.so.$version|g" -e "s|@MAJOR@|${version%%.*}|g" \
        -e "s|@NATIVE@|$native|g" -e "s|@NATIVE_LIST@|$native_list|g" \
        -e "s|@MODULES@|$modules|g" -e "s|@FC_ID@|$fc_id|g" -e "s|@FC_VERSION@|$fc_version|g" \
        -e "s|@MPI@|$mpi|g" "ffi/install/$1" >"$work/filled"
    put 644 "$work/filled" "$2"
}

machine() {
    readelf -h "$1" 2>/dev/null | sed -n 's/^ *\(Class\|Machine\): *//p'
}

# fits OBJECT: whether an object is for the machine of libpi.so, which a cross build chooses.
fits() {
    [ "$(machine "$1")" = "$(machine "$built/libpi.so")" ]
}

# Adds the sources of the Fortran module and, if there is a Fortran compiler, the compiled module with
# those that it uses. A compiled module works with one compiler only.
fortran() {
    modules=
    fc_id=
    fc_version=
    for source in ffi/libpi.f90 ffi/libpi_*.f90; do
        put 644 "$source" "include/libpi/${source##*/}"
    done
    fc=${FC:-gfortran}
    if ! is_program "$fc"; then
        note "there is no Fortran compiler $fc: only the source of the module is installed"
        return 0
    fi
    # Reads the whole output: in a pipe, head could close its end before the compiler has finished.
    said=$(run "$fc" --version)
    case $said in
    *GNU\ Fortran*) name=gfortran fc_id=GNU fc_version=$(run "$fc" -dumpfullversion) ;;
    *flang*)
        name=flang fc_id=LLVMFlang
        fc_version=$(printf '%s\n' "$said" | sed -n 's/.*version \([0-9.]*\).*/\1/p' | sed 1q)
        ;;
    *)
        note "$fc is neither gfortran nor flang: only the source of the module is installed"
        return 0
        ;;
    esac
    run "$fc" -O2 -fPIC -J "$work" -c ffi/libpi.f90 -o "$work/libpi_fortran.o" ||
        fail "$fc does not compile ffi/libpi.f90"
    ar rcs "$work/libpi_fortran.a" "$work/libpi_fortran.o"
    if ! fits "$work/libpi_fortran.o"; then
        note "$fc compiles for another machine: only the source of the module is installed"
        return 0
    fi
    modules=include/libpi/$name-$fc_version
    for module in "$work"/libpi*.mod; do
        put 644 "$module" "$modules/${module##*/}"
    done
    put 644 "$work/libpi_fortran.a" lib/libpi_fortran.a
    fill libpi-fortran.pc.in lib/pkgconfig/libpi-fortran.pc
}

# mpi_of MPICC: prints which MPI a compiler is for. MPIs derived from MPICH have its ABI and count
# as mpich.
mpi_of() {
    printf '%s\n' '#include <mpi.h>' '#if defined OPEN_MPI' '"mpi: openmpi"' \
        '#elif defined MPICH_VERSION || defined MPICH_NAME' '"mpi: mpich"' '#endif' >"$work/which.c"
    run "$1" -E "$work/which.c" | sed -n 's/^"mpi: \(.*\)"$/\1/p'
}

# Compiles libpi_mpi, if there is an MPI. A library works with one MPI only, so its name contains
# the MPI. The plain name is a link to the library that was installed last.
libpi_mpi() {
    find_mpicc
    if [ -z "$mpicc" ]; then
        note "there is no MPI compiler mpicc: libpi_mpi is not installed"
        return 0
    fi
    mpi=$(mpi_of "$mpicc")
    case $mpi in
    openmpi | mpich) ;;
    *) mpi=unknown ;;
    esac
    [ "${MPI:-$mpi}" = "$mpi" ] || fail "MPI=$MPI, but the MPI of $mpicc is $mpi"
    if [ "$mpi" = unknown ]; then
        mpi=
        note "$mpicc is for neither Open MPI nor MPICH: libpi_mpi is not installed"
        return 0
    fi

    abi=${soname##*.}
    library=libpi_mpi-$mpi
    set --
    for source in ffi/mpi/*.c; do
        object=${source##*/}
        object=$work/libpi_mpi-${object%.c}.o
        run "$mpicc" -std=c11 -O2 -g -fPIC -Iffi -c "$source" -o "$object" ||
            fail "$mpicc does not compile $source"
        set -- "$@" "$object"
    done
    if ! fits "$object"; then
        mpi=
        note "$mpicc compiles for another machine: libpi_mpi is not installed"
        return 0
    fi
    ar rcs "$work/$library.a" "$@"
    run "$mpicc" -shared "-Wl,-soname,$library.so.$abi" -o "$work/$library.so" "$@" \
        "$built/libpi.so" -ldl || fail "$mpicc does not link $library.so"
    put 755 "$work/$library.so" "lib/$library.so.$version"
    point "$library.so.$version" "lib/$library.so.$abi"
    point "$library.so.$abi" "lib/$library.so"
    point "$library.so" lib/libpi_mpi.so
    put 644 "$work/$library.a" "lib/$library.a"
    point "$library.a" lib/libpi_mpi.a
    put 644 ffi/mpi/libpi_mpi.h include/libpi_mpi.h
    put 644 ffi/mpi/libpi_mpi.f90 include/libpi/libpi_mpi.f90
    fill libpi_mpi.pc.in "lib/pkgconfig/libpi_mpi-$mpi.pc"
    point "libpi_mpi-$mpi.pc" lib/pkgconfig/libpi_mpi.pc

    # Compiles its Fortran module with the compiler that compiled the module libpi.
    case $mpicc in
    *mpicc*) mpifort=${mpicc%mpicc*}mpifort${mpicc##*mpicc} ;;
    *) mpifort=mpifort ;;
    esac
    if [ -z "$modules" ] || [ "$(run "$mpifort" --version 2>&1)" != "$said" ] ||
        ! run "$mpifort" -O2 -fPIC -J "$work" -I "$work" -c ffi/mpi/libpi_mpi.f90 \
            -o "$work/libpi_mpi_fortran.o"; then
        note "no $mpifort uses $fc and has mpi_f08: only the source of the module libpi_mpi" \
            "is installed"
        return 0
    fi
    ar rcs "$work/libpi_mpi_fortran.a" "$work/libpi_mpi_fortran.o"
    put 644 "$work/libpi_mpi.mod" "$modules-$mpi/libpi_mpi.mod"
    put 644 "$work/libpi_mpi_fortran.a" "lib/libpi_mpi_fortran-$mpi.a"
    fill libpi_mpi-fortran.pc.in "lib/pkgconfig/libpi_mpi-fortran-$mpi.pc"
    point "libpi_mpi-fortran-$mpi.pc" lib/pkgconfig/libpi_mpi-fortran.pc
}

for file in libpi.so libpi.a pi; do
    [ -f "$built/$file" ] || fail "$built/$file is missing: run make build, which builds it"
done
version=$(sed -n 's/^#define LIBPI_VERSION "\(.*\)"$/\1/p' ffi/libpi.h)
soname=$(readelf -d "$built/libpi.so" | sed -n 's/.*(SONAME).*\[\(.*\)\].*/\1/p')
native_list=$(printf '%s' "$native" | tr -s ' ' ';')
[ -n "$version" ] || fail "ffi/libpi.h does not say its version"
[ -n "$soname" ] || fail "libpi.so has no SONAME"

mpi=
put 755 "$built/libpi.so" "lib/libpi.so.$version"
point "libpi.so.$version" "lib/$soname"
point "$soname" lib/libpi.so
put 644 "$built/libpi.a" lib/libpi.a
put 644 ffi/libpi.h include/libpi.h
fortran
libpi_mpi
fill libpi.pc.in lib/pkgconfig/libpi.pc
fill libpiConfig.cmake.in lib/cmake/libpi/libpiConfig.cmake
fill libpiConfigVersion.cmake.in lib/cmake/libpi/libpiConfigVersion.cmake
put 755 "$built/pi" bin/pi
for page in "$docs"/*.1; do
    [ ! -f "$page" ] || put 644 "$page" "share/man/man1/${page##*/}"
done
while read -r name place; do
    [ ! -f "$docs/$name" ] || put 644 "$docs/$name" "share/$place"
done <<END
pi.bash bash-completion/completions/pi
_pi zsh/site-functions/_pi
pi.fish fish/vendor_completions.d/pi.fish
END

printf '%s\n' "version $version" "mpi $mpi" >"$work/stage/values"
printf '%s\n' "$built" >"$work/stage/folder"
chosen >"$work/stage/chosen"
rm -rf "$stage"
mv "$work/stage" "$stage"
