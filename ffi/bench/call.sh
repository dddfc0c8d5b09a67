#!/bin/sh
# Measures how much longer libpi_hits takes from C than a direct call of the kernel that it runs: see
# call.c. This takes half a minute; the machine should be idle.
#
# libpi_hits comes from libpi.so, as in most programs. Neither library exports the kernel, so the
# kernel comes from a copy of libpi.a in which this script gives it a name.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

sh tools/build.sh
stage=${CARGO_TARGET_DIR:-target}/install/release
target=$(cat "$stage/folder")
cell=$("$target/pi" sample -n 1 --threads 1 --json | sed -n 's/.*"cell": *"\([^"]*\)".*/\1/p')
level=${cell#*@}
level=${level%%/*}
case $level in
x86-64-v*) function=at_level2v${level#x86-64-v} ;;
*) function=at_level4base ;;
esac
symbol=$(nm "$target/libpi.a" 2>/dev/null | sed -n "s/.* [tT] \(.*6philox8$function.*\)/\1/p")
[ "$(echo "$symbol" | wc -w)" -eq 1 ] || {
    echo "libpi.a has no single symbol for $cell: $symbol" >&2
    exit 1
}
objcopy --redefine-sym "$symbol=libpi_called_kernel" --globalize-symbol=libpi_called_kernel \
    "$target/libpi.a" "$work/libpi.a"
native=$(sed -n 's/^Libs.private: //p' "$stage/tree/lib/pkgconfig/libpi.pc")
ln -s "$(realpath "$target/libpi.so")" "$work/libpi.so.1"
# shellcheck disable=SC2086 # the libraries are words
cc -std=c11 -O2 -Wall -Wextra -Wpedantic -Iffi ffi/bench/call.c "$work/libpi.so.1" \
    "$work/libpi.a" $native -Wl,-rpath,"$work" -o "$work/call"
echo "$cell"
"$work/call"
