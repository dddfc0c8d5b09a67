#!/bin/sh
# What is installed, and where: the one place that says so. `make install` and `make uninstall` call
# this.
#
#   install.sh build       builds the libraries, the command, its manual and its completions
#   install.sh install     copies them under DESTDIR/PREFIX and writes a list of what it copied
#   install.sh uninstall   removes what that list names
#
# PREFIX is /usr/local unless set; LIBDIR is lib, relative to PREFIX or a path below it; PROFILE is
# release or dev; FEATURES are words for cargo. MPI is openmpi or mpich and chooses the MPI of
# libpi_mpi, else it is the one that is there; what was installed for the other before stays. What
# is installed may be moved as a whole: it finds itself.
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
*) fail "PREFIX is to be an absolute path, not $prefix" ;;
esac
prefix=${prefix%/}
libdir=${libdir#"$prefix"/}
libdir=${libdir%/}
case /$libdir/ in
//* | */../* | */./*) fail "LIBDIR is to be a folder below PREFIX, not $libdir" ;;
esac
root=$destdir$prefix
list=$libdir/libpi/install_manifest.txt

# The folder where cargo puts this profile, and what `build` leaves there for `install`.
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
    # Both libraries, and what the static one needs of the system.
    $cargo rustc --profile "$profile" --package libpi-ffi --lib -- \
        --print native-static-libs 2>"$made/said" || { cat "$made/said" >&2; exit 1; }
    sed -n 's/^note: native-static-libs: *//p' "$made/said" | tail -n 1 >"$made/native"
    [ -s "$made/native" ] || fail "rustc did not say which native libraries libpi.a needs"
}

# put MODE FROM TO: copies beside the old file and renames, so a running program is not disturbed.
put() {
    folder "$(dirname "$3")"
    cp "$2" "$root/$3.new"
    chmod "$1" "$root/$3.new"
    mv -f "$root/$3.new" "$root/$3"
    echo "$3" >>"$work/list"
}

# point TO NAME: a symbolic link.
point() {
    rm -f "$root/$2"
    ln -s "$1" "$root/$2"
    echo "$2" >>"$work/list"
}

# Makes a folder, and notes those that were not there: they are removed again if they are empty.
folder() {
    [ ! -d "$root/$1" ] || return 0
    folder "$(dirname "$1")"
    mkdir "$root/$1"
    echo "$1/" >>"$work/list"
}

# fill TEMPLATE TO: installs a template with its values filled in.
fill() {
    sed -e "s|@VERSION@|$version|g" -e "s|@SONAME@|$soname|g" -e "s|@LIBDIR@|$libdir|g" \
        -e "s|@REAL@|libpi.so.$version|g" -e "s|@MAJOR@|${version%%.*}|g" -e "s|@UP@|$up|g" \
        -e "s|@NATIVE@|$native|g" -e "s|@NATIVE_LIST@|$native_list|g" \
        -e "s|@MODULES@|$modules|g" -e "s|@FC_ID@|$fc_id|g" -e "s|@FC_VERSION@|$fc_version|g" \
        -e "s|@MPI@|$mpi|g" "ffi/install/$1" >"$work/filled"
    put 644 "$work/filled" "$2"
}

# The Fortran module, compiled where there is a compiler: modules belong to one compiler.
fortran() {
    modules=
    fc_id=
    fc_version=
    [ -f ffi/libpi.f90 ] || return 0
    put 644 ffi/libpi.f90 include/libpi/libpi.f90
    fc=${FC:-gfortran}
    if ! command -v "$fc" >/dev/null; then
        echo "there is no Fortran compiler $fc: only the source of the module is installed" >&2
        return 0
    fi
    # Asked for all at once: a pipe into head may end the compiler early.
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
    cp ffi/libpi.f90 "$work"
    (cd "$work" && "$fc" -O2 -fPIC -c libpi.f90 -o libpi_fortran.o &&
        ar rcs libpi_fortran.a libpi_fortran.o) || fail "$fc does not compile ffi/libpi.f90"
    modules=include/libpi/$name-$fc_version
    put 644 "$work/libpi.mod" "$modules/libpi.mod"
    put 644 "$work/libpi_fortran.a" "$libdir/libpi_fortran.a"
    fill libpi-fortran.pc.in "$libdir/pkgconfig/libpi-fortran.pc"
}

# Which MPI a compiler is for. Those that derive from MPICH have its ABI and its name.
mpi_of() {
    printf '%s\n' '#include <mpi.h>' '#if defined OPEN_MPI' '"mpi: openmpi"' \
        '#elif defined MPICH_VERSION || defined MPICH_NAME' '"mpi: mpich"' '#endif' >"$work/which.c"
    "$1" -E "$work/which.c" | sed -n 's/^"mpi: \(.*\)"$/\1/p'
}

# libpi_mpi, compiled where there is an MPI. A library fits one MPI, so its name says which; the
# name without is that of the latest.
libpi_mpi() {
    for mpicc in ${MPI:+"mpicc.$MPI"} mpicc ${MPI:-mpicc.openmpi mpicc.mpich} none; do
        ! command -v "$mpicc" >/dev/null || break
    done
    if [ "$mpicc" = none ]; then
        [ -z "${MPI:-}" ] || fail "MPI=$MPI, but there is neither mpicc.$MPI nor mpicc"
        echo "there is no MPI, no mpicc: libpi_mpi is not installed" >&2
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
        echo "$mpicc is of neither Open MPI nor MPICH: libpi_mpi is not installed" >&2
        return 0
    fi

    abi=${soname##*.}
    library=libpi_mpi-$mpi
    "$mpicc" -std=c11 -O2 -g -fPIC -Iffi -c ffi/mpi/libpi_mpi.c -o "$work/$library.o" ||
        fail "$mpicc does not compile ffi/mpi/libpi_mpi.c"
    ar rcs "$work/$library.a" "$work/$library.o"
    "$mpicc" -shared "-Wl,-soname,$library.so.$abi" -o "$work/$library.so" "$work/$library.o" \
        "$built/libpi.so" || fail "$mpicc does not link $library.so"
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

    # Its module, for the compiler that compiled the module libpi.
    mpifort=mpifort${mpicc#mpicc}
    cp ffi/mpi/libpi_mpi.f90 "$work"
    if [ -z "$modules" ] || [ "$("$mpifort" --version 2>&1)" != "$said" ] ||
        ! (cd "$work" && "$mpifort" -O2 -fPIC -c libpi_mpi.f90 -o libpi_mpi_fortran.o); then
        echo "there is no $mpifort with $fc and mpi_f08: only the source of the module libpi_mpi" \
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
        [ -f "$built/$file" ] || fail "$built/$file is missing: build it first, by make install"
    done
    version=$(sed -n 's/^#define LIBPI_VERSION "\(.*\)"$/\1/p' ffi/libpi.h)
    soname=$(readelf -d "$built/libpi.so" | sed -n 's/.*(SONAME).*\[\(.*\)\].*/\1/p')
    native=$(cat "$made/native")
    native_list=$(echo "$native" | tr -s ' ' ';')
    # From libdir/pkgconfig and from libdir/cmake/libpi up to the prefix.
    up=$(echo "$libdir" | sed 's|[^/][^/]*|..|g')
    [ -n "$version" ] || fail "ffi/libpi.h does not say its version"
    [ -n "$soname" ] || fail "libpi.so has no SONAME"

    above=$root
    while [ -n "$above" ] && [ ! -e "$above" ]; do above=${above%/*}; done
    # shellcheck disable=SC2015 # one message for either reason
    [ -d "${above:-/}" ] && [ -w "${above:-/}" ] && mkdir -p "$root" 2>/dev/null ||
        fail "cannot write to $root: set PREFIX to a folder of yours, or use sudo"

    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    : >"$work/list"
    # What an older installation made is still ours.
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
    sort -u "$work/list" >"$root/$list"
    echo "installed libpi $version in $root"
}

uninstall() {
    [ -f "$root/$list" ] || fail "there is no $root/$list: nothing of libpi is known there"
    [ -w "$root/$libdir/libpi" ] || fail "cannot write to $root: use sudo"
    lines=$(sort -r "$root/$list")
    # Folders come after what is in them; one that others use too stays.
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
