#!/bin/sh
# Installs libpi; this script alone decides which files go where. `make install` and `make
# uninstall` call it.
#
#   install.sh build       builds the libraries, the command, its manual and its completions
#   install.sh install     copies them to DESTDIR/PREFIX and writes a list of the copied files
#   install.sh uninstall   removes the files in that list
#
# Variables:
#   PREFIX     an absolute path (/usr/local)
#   LIBDIR     the folder of the libraries: relative to PREFIX, or a path below it (lib)
#   PROFILE    release or dev (release)
#   FEATURES   arguments for cargo
#   MPI        openmpi or mpich: the MPI of libpi_mpi. If it is not set, the script takes the MPI
#              that it finds. Files installed earlier for the other MPI stay.
#
# The installed tree may be moved as a whole: its files find each other by relative paths.
set -eu

cd "$(dirname "$0")/.."
umask 022
cargo=${CARGO:-cargo}
profile=${PROFILE:-release}
prefix=${PREFIX:-/usr/local}
destdir=${DESTDIR:-}
libdir=${LIBDIR:-lib}

fail() {
    echo "error: $*" >&2
    exit 1
}

case $prefix in
/*) ;;
*) fail "PREFIX must be an absolute path, not $prefix" ;;
esac
prefix=${prefix%/}
libdir=${libdir#"$prefix"/}
libdir=${libdir%/}
case /$libdir/ in
//* | */../* | */./*) fail "LIBDIR must be a folder below PREFIX, not $libdir" ;;
esac
root=$destdir$prefix
list=$libdir/libpi/install_manifest.txt

# Finds the folder in which cargo builds this profile ($built), and in it the folder in which
# `build` leaves files for `install` ($made).
find_built() {
    target=$($cargo metadata --no-deps --offline --format-version 1 |
        sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
    case $profile in
    dev) built=$target/debug ;;
    *) built=$target/$profile ;;
    esac
    made=$built/install
}

build() {
    find_built
    rm -rf "$made"
    mkdir -p "$made"
    # shellcheck disable=SC2086 # several words, or none
    $cargo build --profile "$profile" --workspace --lib --bin pi --example pi-docs ${FEATURES:-}
    "$built/examples/pi-docs" "$made"
    # Builds both libraries and reads which system libraries the static one needs.
    $cargo rustc --profile "$profile" --package libpi-ffi --lib -- \
        --print native-static-libs 2>"$made/said" || { cat "$made/said" >&2; exit 1; }
    sed -n 's/^note: native-static-libs: *//p' "$made/said" | tail -n 1 >"$made/native"
    [ -s "$made/native" ] || fail "rustc did not say which native libraries libpi.a needs"
}

# put MODE FROM TO: copies a file to a temporary name and renames it, so that a program that runs
# the old file is not disturbed.
put() {
    folder "$(dirname "$3")"
    new=$(mktemp "$root/$(dirname "$3")/.libpi.XXXXXX")
    cp "$2" "$new"
    chmod "$1" "$new"
    mv -f "$new" "$root/$3"
    echo "$3" >>"$work/list"
}

# point TO NAME: makes the symbolic link NAME to TO.
point() {
    rm -f "$root/$2"
    ln -s "$1" "$root/$2"
    echo "$2" >>"$work/list"
}

# folder NAME: makes a folder. The list gets the folders that did not exist, so that `uninstall`
# removes them if they are empty.
folder() {
    [ ! -d "$root/$1" ] || return 0
    folder "$(dirname "$1")"
    mkdir "$root/$1"
    echo "$1/" >>"$work/list"
}

# fill TEMPLATE TO: fills the values into a template and installs the result.
fill() {
    sed -e "s|@VERSION@|$version|g" -e "s|@SONAME@|$soname|g" -e "s|@LIBDIR@|$libdir|g" \
        -e "s|@REAL@|libpi.so.$version|g" -e "s|@MAJOR@|${version%%.*}|g" -e "s|@UP@|$up|g" \
        -e "s|@NATIVE@|$native|g" -e "s|@NATIVE_LIST@|$native_list|g" \
        -e "s|@MODULES@|$modules|g" -e "s|@FC_ID@|$fc_id|g" -e "s|@FC_VERSION@|$fc_version|g" \
        -e "s|@MPI@|$mpi|g" "ffi/install/$1" >"$work/filled"
    put 644 "$work/filled" "$2"
}

# Installs the sources of the Fortran module and, if there is a Fortran compiler, the compiled
# module with those it uses. A compiled module works with one compiler only.
fortran() {
    modules=
    fc_id=
    fc_version=
    [ -f ffi/libpi.f90 ] || return 0
    for source in ffi/libpi.f90 ffi/libpi_*.f90; do
        put 644 "$source" "include/libpi/${source##*/}"
    done
    fc=${FC:-gfortran}
    if ! command -v "$fc" >/dev/null; then
        echo "there is no Fortran compiler $fc: only the source of the module is installed" >&2
        return 0
    fi
    # Reads the whole output: in a pipe, head could close its end before the compiler has finished.
    said=$("$fc" --version)
    case $said in
    *GNU\ Fortran*) name=gfortran fc_id=GNU fc_version=$("$fc" -dumpfullversion) ;;
    *flang*)
        name=flang fc_id=LLVMFlang
        fc_version=$(echo "$said" | sed -n 's/.*version \([0-9.]*\).*/\1/p' | sed 1q)
        ;;
    *)
        echo "$fc is neither gfortran nor flang: only the source of the module is installed" >&2
        return 0
        ;;
    esac
    cp ffi/libpi.f90 ffi/libpi_*.f90 "$work"
    (cd "$work" && "$fc" -O2 -fPIC -c libpi.f90 -o libpi_fortran.o &&
        ar rcs libpi_fortran.a libpi_fortran.o) || fail "$fc does not compile ffi/libpi.f90"
    modules=include/libpi/$name-$fc_version
    for module in "$work"/libpi*.mod; do
        put 644 "$module" "$modules/${module##*/}"
    done
    put 644 "$work/libpi_fortran.a" "$libdir/libpi_fortran.a"
    fill libpi-fortran.pc.in "$libdir/pkgconfig/libpi-fortran.pc"
}

# mpi_of MPICC: prints which MPI a compiler is for. MPIs derived from MPICH have its ABI and count
# as mpich.
mpi_of() {
    printf '%s\n' '#include <mpi.h>' '#if defined OPEN_MPI' '"mpi: openmpi"' \
        '#elif defined MPICH_VERSION || defined MPICH_NAME' '"mpi: mpich"' '#endif' >"$work/which.c"
    "$1" -E "$work/which.c" | sed -n 's/^"mpi: \(.*\)"$/\1/p'
}

# Compiles and installs libpi_mpi, if there is an MPI. A library works with one MPI only, so its
# name contains the MPI. The plain name is a link to the library that was installed last.
libpi_mpi() {
    for mpicc in ${MPI:+"mpicc.$MPI"} mpicc ${MPI:-mpicc.openmpi mpicc.mpich} none; do
        ! command -v "$mpicc" >/dev/null || break
    done
    if [ "$mpicc" = none ]; then
        [ -z "${MPI:-}" ] || fail "MPI=$MPI, but there is neither mpicc.$MPI nor mpicc"
        echo "there is no MPI compiler mpicc: libpi_mpi is not installed" >&2
        return 0
    fi
    mpi=$(mpi_of "$mpicc")
    case $mpi in
    openmpi) other=mpich ;;
    mpich) other=openmpi ;;
    *) mpi=unknown ;;
    esac
    [ "${MPI:-$mpi}" = "$mpi" ] || fail "MPI=$MPI, but the MPI of $mpicc is $mpi"
    if [ "$mpi" = unknown ]; then
        echo "$mpicc is for neither Open MPI nor MPICH: libpi_mpi is not installed" >&2
        return 0
    fi

    abi=${soname##*.}
    library=libpi_mpi-$mpi
    set --
    for source in ffi/mpi/*.c; do
        object=${source##*/}
        object=$work/libpi_mpi-${object%.c}.o
        "$mpicc" -std=c11 -O2 -g -fPIC -Iffi -c "$source" -o "$object" ||
            fail "$mpicc does not compile $source"
        set -- "$@" "$object"
    done
    ar rcs "$work/$library.a" "$@"
    "$mpicc" -shared "-Wl,-soname,$library.so.$abi" -o "$work/$library.so" "$@" \
        "$built/libpi.so" -ldl || fail "$mpicc does not link $library.so"
    put 755 "$work/$library.so" "$libdir/$library.so.$version"
    point "$library.so.$version" "$libdir/$library.so.$abi"
    point "$library.so.$abi" "$libdir/$library.so"
    point "$library.so" "$libdir/libpi_mpi.so"
    put 644 "$work/$library.a" "$libdir/$library.a"
    point "$library.a" "$libdir/libpi_mpi.a"
    put 644 ffi/mpi/libpi_mpi.h include/libpi_mpi.h
    put 644 ffi/mpi/libpi_mpi.f90 include/libpi/libpi_mpi.f90
    fill libpi_mpi.pc.in "$libdir/pkgconfig/libpi_mpi-$mpi.pc"
    point "libpi_mpi-$mpi.pc" "$libdir/pkgconfig/libpi_mpi.pc"

    # Compiles its Fortran module with the compiler that compiled the module libpi.
    mpifort=mpifort${mpicc#mpicc}
    cp ffi/mpi/libpi_mpi.f90 "$work"
    if [ -z "$modules" ] || [ "$("$mpifort" --version 2>&1)" != "$said" ] ||
        ! (cd "$work" && "$mpifort" -O2 -fPIC -c libpi_mpi.f90 -o libpi_mpi_fortran.o); then
        echo "no $mpifort uses $fc and has mpi_f08: only the source of the module libpi_mpi" \
            "is installed" >&2
        return 0
    fi
    ar rcs "$work/libpi_mpi_fortran.a" "$work/libpi_mpi_fortran.o"
    put 644 "$work/libpi_mpi.mod" "$modules-$mpi/libpi_mpi.mod"
    put 644 "$work/libpi_mpi_fortran.a" "$libdir/libpi_mpi_fortran-$mpi.a"
    fill libpi_mpi-fortran.pc.in "$libdir/pkgconfig/libpi_mpi-fortran-$mpi.pc"
    point "libpi_mpi-fortran-$mpi.pc" "$libdir/pkgconfig/libpi_mpi-fortran.pc"
}

install() {
    find_built
    for file in libpi.so libpi.a pi install/native install/pi.1; do
        [ -f "$built/$file" ] || fail "$built/$file is missing: run make install, which builds it"
    done
    version=$(sed -n 's/^#define LIBPI_VERSION "\(.*\)"$/\1/p' ffi/libpi.h)
    soname=$(readelf -d "$built/libpi.so" | sed -n 's/.*(SONAME).*\[\(.*\)\].*/\1/p')
    native=$(cat "$made/native")
    native_list=$(echo "$native" | tr -s ' ' ';')
    # The relative path from LIBDIR up to the prefix.
    up=$(echo "$libdir" | sed 's|[^/][^/]*|..|g')
    [ -n "$version" ] || fail "ffi/libpi.h does not say its version"
    [ -n "$soname" ] || fail "libpi.so has no SONAME"

    above=$root
    while [ -n "$above" ] && [ ! -e "$above" ]; do above=${above%/*}; done
    # shellcheck disable=SC2015 # one message for either reason
    [ -d "${above:-/}" ] && [ -w "${above:-/}" ] && mkdir -p "$root" 2>/dev/null ||
        fail "cannot write to $root: set PREFIX to a folder of yours, or use sudo"

    new=
    work=$(mktemp -d)
    trap 'rm -rf "$work" ${new:+"$new"}' EXIT
    trap 'exit 1' INT TERM HUP
    : >"$work/list"
    # The files of an older installation, which belong to libpi too.
    : >"$work/old"
    [ ! -f "$root/$list" ] || cp "$root/$list" "$work/old"

    put 755 "$built/libpi.so" "$libdir/libpi.so.$version"
    point "libpi.so.$version" "$libdir/$soname"
    point "$soname" "$libdir/libpi.so"
    put 644 "$built/libpi.a" "$libdir/libpi.a"
    put 644 ffi/libpi.h include/libpi.h
    mpi=
    other=none
    fortran
    libpi_mpi
    fill libpi.pc.in "$libdir/pkgconfig/libpi.pc"
    fill libpiConfig.cmake.in "$libdir/cmake/libpi/libpiConfig.cmake"
    fill libpiConfigVersion.cmake.in "$libdir/cmake/libpi/libpiConfigVersion.cmake"
    put 755 "$built/pi" bin/pi
    for page in "$made"/*.1; do
        put 644 "$page" "share/man/man1/${page##*/}"
    done
    put 644 "$made/pi.bash" share/bash-completion/completions/pi
    put 644 "$made/_pi" share/zsh/site-functions/_pi
    put 644 "$made/pi.fish" share/fish/vendor_completions.d/pi.fish

    folder "$libdir/libpi"
    echo "$list" >>"$work/list"
    while read -r path; do
        case $path in
        */ | *-"$other"[./]*) echo "$path" >>"$work/list" ;;
        *) grep -qxF "$path" "$work/list" || rm -f "${root:?}/$path" ;;
        esac
    done <"$work/old"
    sort -u "$work/list" >"$work/sorted"
    put 644 "$work/sorted" "$list"
    echo "installed libpi $version in $root"
}

uninstall() {
    [ -f "$root/$list" ] || fail "there is no $root/$list: libpi is not installed in $root"
    [ -w "$root/$libdir/libpi" ] || fail "cannot write to $root: use sudo"
    lines=$(sort -r "$root/$list")
    # The list is in reverse order, so folders come after their files. rmdir keeps a folder that is
    # not empty.
    echo "$lines" | while read -r path; do
        case $path in
        */) rmdir "$root/$path" 2>/dev/null || true ;;
        *) rm -f "${root:?}/$path" ;;
        esac
    done
    echo "removed libpi from $root"
}

case ${1:-} in
build | install | uninstall) "$1" ;;
*) fail "usage: install.sh build | install | uninstall" ;;
esac
