#!/bin/sh
# Installs the packages that libpi needs on Debian and Ubuntu. On other systems it prints what libpi
# needs and stops.
#
#   setup.sh                 names the missing packages and installs them (as root, or with sudo)
#   setup.sh --languages     the same for the compilers of `make setup-languages`
#   setup.sh --peers         the same for the libraries of `make setup-peers`
#   setup.sh --check         installs nothing; prints the command that installs what is missing
#   setup.sh --check-all     does the same, and includes the packages for `make test-all`
set -eu

packages="gcc g++ gfortran libc6-dev make pkg-config binutils util-linux libclang-dev
    openmpi-bin libopenmpi-dev python3-venv python3-dev"
# The second C compiler, which is installed where the system has it.
optional="clang-19"
more="chromium flang-19 libomp-19-dev libclang-rt-19-dev cmake valgrind
    mpich libmpich-dev slurm-wlm munge procps abigail-tools
    gcc-aarch64-linux-gnu gfortran-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
    bochs bochs-term bochsbios vgabios busybox-static isolinux syslinux-common xorriso"

# The compilers and interpreters of bench/gallery, each with its package. A program that the user has
# installed from elsewhere will do, and a language that the system does not have is left out.
if [ "${1:-}" = --languages ]; then
    packages= optional=
    for pair in ldc2:ldc gnatmake:gnat go:golang-go nim:nim fpc:fp-compiler ghc:ghc \
        javac:default-jdk-headless node:nodejs npm:npm R:r-base-core luajit:luajit; do
        command -v "${pair%:*}" >/dev/null || optional="$optional ${pair#*:}"
    done
fi

# Libraries that `pi bench peers` measures.
peers="librandom123-dev"
[ "${1:-}" != --peers ] || packages=$peers optional=

cargo=${CARGO:-cargo}
if ! command -v "$cargo" >/dev/null && ! command -v "${cargo%% *}" >/dev/null; then
    echo "libpi needs Rust 1.90 or later: install it with rustup, then run this again" >&2
    exit 1
fi

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    if [ $# -eq 0 ]; then
        echo "This is neither Debian nor Ubuntu. libpi needs a C compiler with OpenMP (gcc)," >&2
        echo "gfortran, make, pkg-config and, for the tests, binutils, util-linux, libclang and" >&2
        echo "an MPI (Open MPI or MPICH), and Python 3 with its headers for what is in Python:" >&2
        echo "install them, then run make bench or make test" >&2
        exit 1
    fi
    if [ "${1:-}" = --peers ]; then
        echo "This is neither Debian nor Ubuntu. For one more peer, install the headers of Random123" >&2
    fi
    exit 0
fi

if [ "${1:-}" = --check-all ]; then
    packages="$packages $optional $more $peers"
    arm=aarch64-unknown-linux-gnu
    rustup target list --installed 2>/dev/null | grep -qx $arm ||
        echo "to test AArch64: rustup target add $arm" >&2
fi

is_installed() {
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null || true)
    [ "$status" = installed ]
}

# Whether apt knows a package. Without its lists of packages, as in a fresh container, it knows none.
is_known() {
    apt-cache show "$1" >/dev/null 2>&1
}

missing=
for package in $packages; do
    is_installed "$package" || missing="$missing $package"
done

sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo

case "${1:-}" in
--check | --check-all)
    [ -n "$missing" ] || exit 0
    echo "not installed:$missing" >&2
    echo "to install: ${sudo:+$sudo }apt-get install$missing" >&2
    exit 0
    ;;
esac

wanted=
for package in $optional; do
    is_installed "$package" || command -v "$package" >/dev/null || wanted="$wanted $package"
done
if [ -n "$sudo" ] && ! command -v sudo >/dev/null; then
    if [ -n "$missing" ]; then
        echo "there is no sudo here: as root, run apt-get install$missing" >&2
        exit 1
    fi
    [ -z "$wanted" ] || echo "for more comparisons: as root, run apt-get install$wanted" >&2
    exit 0
fi
if [ -n "$missing" ] || { [ -n "$wanted" ] && ! is_known gcc; }; then
    $sudo apt-get update -qq
fi
for package in $wanted; do
    ! is_known "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "make setup installs:$missing"
# shellcheck disable=SC2086 # The shell must split the names into words.
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
