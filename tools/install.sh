#!/bin/sh
# Installs libpi, or removes it. `make install` and `make uninstall` call this script.
#
#   install.sh install     copies the stage (see tools/common.sh) to DESTDIR/PREFIX
#   install.sh uninstall   removes the copied files
#
# Variables:
#   PREFIX     an absolute path (/usr/local)
#   DESTDIR    a folder that stands for the root of the file system, for those who make packages
#   LIBDIR     the folder of the libraries: relative to PREFIX, or a path below it (lib)
#   PROFILE, MPI, CARGO, CC, FC   as in tools/build.sh
#
# `install` builds first if the stage is missing or older than the sources. It does not build if the
# stage belongs to another user, as under sudo, or if there is no cargo. A file that libpi did not
# install is neither overwritten nor removed. Files for the other MPI, installed earlier, stay.
#
# The list of the files is written before the files, so `uninstall` also removes an installation
# that was interrupted: while the script works, a folder .libpi-install.XXXXXX in the prefix
# contains a list of everything that may be there. A complete installation keeps its list in
# LIBDIR/libpi.
#
# The installed tree may be moved as a whole: its files find each other by relative paths.
set -eu
start=$PWD
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh
# Compilers speak English, and letters in patterns are ASCII.
export LC_ALL=C
umask 022

# The end of a line, to take lists apart.
nl='
'
destdir=${DESTDIR:-}
case $destdir in
'' | /*) ;;
*) destdir=$start/$destdir ;;
esac
prefix=${PREFIX:-/usr/local}
case $prefix in
/*) ;;
*) refuse "PREFIX must be an absolute path, not '$prefix'" ;;
esac
while [ "$prefix" != "${prefix%/}" ]; do prefix=${prefix%/}; done
libdir=${LIBDIR:-lib}
libdir=${libdir#"$prefix"/}
while [ "$libdir" != "${libdir%/}" ]; do libdir=${libdir%/}; done
case /$libdir/ in
*//* | */../* | */./*) refuse "LIBDIR must be a folder below PREFIX, not '$libdir'" ;;
*[!A-Za-z0-9/._+-]*)
    refuse "LIBDIR may contain only letters, digits and . _ + - / but it is '$libdir'" ;;
esac
root=$destdir$prefix
manifest=$libdir/libpi/install_manifest.txt

exists() {
    [ -e "$1" ] || [ -L "$1" ]
}

is_folder() {
    [ -d "$1" ] && [ ! -L "$1" ]
}

# contains LINES LINE
contains() {
    case $nl$1$nl in
    *"$nl$2$nl"*) ;;
    *) return 1 ;;
    esac
}

# Reads the lists of earlier installations, complete or not ($old).
read_old() {
    old=
    for file in "$root/$manifest" "$root"/.libpi-install.??????/list; do
        [ -f "$file" ] || continue
        while IFS= read -r line || [ -n "$line" ]; do
            case /$line in
            */../* | */.. | *//* | /)
                fail "$file names '$line', which is no file below $root: nothing was changed" ;;
            esac
            contains "$old" "$line" || old=$old$nl$line
        done <"$file"
    done
    old=${old#"$nl"}
}

# begin LINES: writes the list of what may be there from now on.
begin() {
    journal=$(mktemp -d "$root/.libpi-install.XXXXXX")
    # The name under which files are copied before they get their own.
    temporary=${journal##*/}
    {
        printf '%s\n' "$1"
        printf '%s\n' "$1" | sed -n "s|^\(.*\)/[^/][^/]*\$|\1/$temporary|p"
    } | sed '/^$/d' | sort -u >"$journal/unfinished"
    mv "$journal/unfinished" "$journal/list"
}

# Removes the lists of `begin`.
finish() {
    for folder in "$root"/.libpi-install.??????; do
        ! is_folder "$folder" || rm -rf "$folder"
    done
}

# Builds if that is necessary and possible.
ensure_stage() {
    may_build=
    if is_program "${CARGO:-cargo}" && { [ ! -e "$stage" ] || [ -O "$stage" ]; }; then
        may_build=yes
    fi
    if [ ! -d "$stage" ]; then
        [ -n "$may_build" ] || fail "nothing is built in $stage: run make build as the user" \
            "who has cargo, with the same PROFILE, MPI and CARGO_TARGET_DIR"
        sh tools/build.sh
        return
    fi
    changed=$(find Cargo.toml Cargo.lock build.rs rust c fortran ffi bench tools \
        -type f ! -name '*.md' ! -path '*/tests/*' -newer "$stage/values" | head -n 1)
    chosen_now=$(chosen)
    if [ "$chosen_now" != "$(cat "$stage/chosen")" ] && [ "$chosen_now" != "$(no_choice)" ]; then
        changed="the choice of the compilers"
    fi
    if [ -z "$changed" ]; then
        return
    elif [ -n "$may_build" ]; then
        sh tools/build.sh
    else
        note "$changed changed since the build, which is installed as it is: to install the" \
            "latest, run make build first"
    fi
}

no_choice() (
    unset CC FC MPICC MPI LIBPI_CFLAGS LIBPI_FFLAGS RUSTFLAGS
    chosen
)

# Lists the stage ($staged), what it becomes ($new) and the folders that are missing ($folders).
# Stops if anything else is in the way.
plan() {
    staged=$(cd "$stage/tree" && find . ! -type d | sed 's|^\./||')
    new=$(printf '%s\n' "$staged" | sed "s|^lib/|$libdir/|")$nl$manifest
    folders=
    while IFS= read -r path; do
        if exists "$root/$path"; then
            contains "$old" "$path" && ! is_folder "$root/$path" ||
                fail "$root/$path exists and is not of libpi: remove it, or choose another PREFIX"
        fi
        missing=
        folder=$path
        while folder=${folder%/*} && ! exists "$root/$folder"; do
            contains "$folders" "$folder/" || missing=$nl$folder/$missing
            case $folder in
            */*) ;;
            *) break ;;
            esac
        done
        ! exists "$root/$folder" || [ -d "$root/$folder" ] ||
            fail "$root/$folder is not a folder: remove it, or choose another PREFIX"
        folders=$folders$missing
    done <<END
$new
END
    folders=${folders#"$nl"}
}

# place FROM TO: copies a file or a link to a temporary name and renames it, so that a program that
# runs the old file is not disturbed.
place() {
    into=$root/${2%/*}/$temporary
    case $1 in
    *.pc | *.cmake) [ -L "$1" ] || is_template=yes ;;
    esac
    if [ -n "${is_template:-}" ]; then
        sed -e "s|@LIBDIR@|$libdir|g" -e "s|@UP@|$up|g" "$1" >"$into"
    else
        cp -P "$1" "$into"
    fi
    is_template=
    mv -f "$into" "$root/$2"
}

# Removes what an older installation had and this one has not, and writes the list of the new one.
# The folders stay in the list, and the files for the other MPI.
replace_old() {
    case $(sed -n 's/^mpi //p' "$stage/values") in
    openmpi) other=mpich ;;
    mpich) other=openmpi ;;
    *) other=none ;;
    esac
    while IFS= read -r path; do
        case $path in
        '') ;;
        */ | *-"$other"[./]*) printf '%s\n' "$path" ;;
        *) contains "$new" "$path" || is_folder "$root/$path" || rm -f "$root/$path" ;;
        esac
    done <<END >"$journal/kept"
$old
END
    printf '%s\n' "$new" "$folders" | cat - "$journal/kept" | sed '/^$/d' |
        sort -u >"$journal/manifest"
    cp "$journal/manifest" "$root/${manifest%/*}/$temporary"
    mv -f "$root/${manifest%/*}/$temporary" "$root/$manifest"
}

# Tells the loader about the libraries, if it looks for them in their folder by itself. Packages do
# this where they are installed, not under DESTDIR.
update_loader() {
    PATH=$PATH:/usr/sbin:/sbin
    [ -z "$destdir" ] && command -v ldconfig >/dev/null || return 0
    case $nl$(ldconfig -N -X -v 2>/dev/null || true) in
    *"$nl$prefix/$libdir:"*) ;;
    *) return 0 ;;
    esac
    if ldconfig 2>/dev/null; then
        say "ran ldconfig"
    else
        note "run ldconfig as root: the loader does not know yet what changed in $prefix/$libdir"
    fi
}

install_all() {
    ensure_stage
    above=$root
    while [ -n "$above" ] && ! exists "$above"; do above=${above%/*}; done
    # shellcheck disable=SC2015 # one message for either reason
    [ -d "${above:-/}" ] && [ -w "${above:-/}" ] && mkdir -p "$root/" 2>/dev/null ||
        fail "cannot write to $root: set PREFIX to a folder of yours, or use sudo"
    read_old
    plan
    # The relative path from LIBDIR up to the prefix.
    up=$(printf '%s\n' "$libdir" | sed 's|[^/][^/]*|..|g')

    is_complete=
    trap '[ -n "$is_complete" ] || note "the installation in $root is not complete: run make" \
        "install again, or make uninstall"' EXIT
    trap 'exit 1' INT TERM HUP
    begin "$old$nl$new$nl$folders"
    while IFS= read -r folder; do
        [ -z "$folder" ] || mkdir "$root/$folder"
    done <<END
$folders
END
    while IFS= read -r path; do
        case $path in
        lib/*) place "$stage/tree/$path" "$libdir/${path#lib/}" ;;
        *) place "$stage/tree/$path" "$path" ;;
        esac
    done <<END
$staged
END
    replace_old
    finish
    is_complete=yes
    say "installed libpi $(sed -n 's/^version //p' "$stage/values") in $root"
    update_loader
}

uninstall_all() {
    read_old
    if [ -z "$old" ]; then
        set -- "$root"/.libpi-install.??????
        is_folder "$1" || fail "there is no $root/$manifest: libpi is not installed in $root"
    else
        [ -w "$root" ] || fail "cannot write to $root: use sudo"
        begin "$old"
        # The list is in reverse order, so folders come after their files. rmdir keeps a folder that
        # is not empty.
        printf '%s\n' "$old" | sort -r | while IFS= read -r path; do
            case $path in
            */) rmdir "$root/$path" 2>/dev/null || true ;;
            *) is_folder "$root/$path" || rm -f "$root/$path" ;;
            esac
        done
    fi
    finish
    say "removed libpi from $root"
    update_loader
}

case ${1:-} in
install) install_all ;;
uninstall) uninstall_all ;;
*) refuse "usage: install.sh install | uninstall" ;;
esac
