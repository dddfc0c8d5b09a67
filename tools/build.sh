#!/bin/sh
# Builds the command, the libraries and the runners' programs with cargo, once, and lays out in the
# stage what `make install` copies: see tools/common.sh. `make build` calls it.
#
# Variables:
#   PROFILE    a profile of cargo (release)
#   CARGO      cargo itself, with a wrapper before it if you like (cargo)
#   MPI        openmpi or mpich: the MPI of the command and of libpi_mpi. If it is not set, the
#              script takes the MPI that it finds.
#   CC, FC     the compilers
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh
# Compilers speak English, and letters in patterns are ASCII.
export LC_ALL=C
umask 022

cargo=${CARGO:-cargo}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
: >"$work/start"

# The command gets MPI support if there is an MPI compiler. In a cross build, the usual one is that of
# this machine.
case ${CARGO_BUILD_TARGET:-} in
'' | "$(uname -m)"-*) find_mpicc ;;
*) mpicc=${MPICC:-} ;;
esac
if [ -n "$mpicc" ]; then
    features=--features=pi/mpi
    # The build of the crate mpi takes mpicc, unless this variable names another.
    [ "$mpicc" = mpicc ] || export MPICC="$mpicc"
else
    features=
    note "there is no mpicc: pi is built without MPI"
fi

# Cargo says in JSON where the files are, whatever its configuration is. A message is a line.
run "$cargo" build --profile "$profile" ${features:+"$features"} \
    --message-format=json-render-diagnostics >"$work/messages"

# program NAME: the path of a program in cargo's messages.
program() {
    path=$(sed -n 's/.*"kind":\["bin"\],"crate_types":\["bin"\],"name":"'"$1"'",.*"executable":"\(.*\)","fresh":.*/\1/p' \
        "$work/messages" | sed 's/\\\(["\\]\)/\1/g')
    [ -x "$path" ] || fail "cargo built no program $1 that can be found: '$path'"
    printf '%s\n' "$path"
}
pi=$(program pi)
docs=$(program pi-docs)

# The manual and the completions. A cross build's program may not run here.
mkdir "$work/docs"
"$docs" "$work/docs" || note "$docs does not run here: the manual and the completions are missing"

# The system libraries that a program needs which links libpi.a: those of the core's build script,
# and those of Rust for the target.
list='.*"linked_libs":\[\([^]]*\)\].*'
ours=$(sed -n '/"reason":"build-script-executed","package_id":"[^"]*[#/]libpi[@#]/s/'"$list"'/\1/p' \
    "$work/messages" | tr ',' '\n' | sed -n 's/^"\([^="]*\)"$/-l\1/p' | tr '\n' ' ')
target=$(sed -n 's/.*\["LIBPI_FFI_TARGET","\([^"]*\)"\].*/\1/p' "$work/messages")
: >"$work/empty.rs"
"${RUSTC:-rustc}" --color never --crate-type staticlib --target "$target" \
    --print native-static-libs -o "$work/empty.a" "$work/empty.rs" 2>"$work/said" ||
    { cat "$work/said" >&2; exit 1; }
rusts=$(sed -n 's/^note: native-static-libs: *//p' "$work/said" | tail -n 1)
[ -n "$rusts" ] || fail "rustc did not say which native libraries libpi.a needs"

sh tools/stage.sh "${pi%/*}" "$work/docs" "$ours$rusts"
# A source that changed during the build is newer than the stage.
touch -r "$work/start" "$stage/values"
note "built $pi"
