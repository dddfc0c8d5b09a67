# What the scripts of this folder share. They source it in the root of the repository.
#
# Values of the user come as environment variables and are never part of a command's text, so they
# may contain any character.

# fail MESSAGE: ends the script.
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# refuse MESSAGE: ends the script because of bad input.
refuse() {
    printf 'error: %s\n' "$*" >&2
    exit 2
}

say() {
    printf '%s\n' "$*"
}

note() {
    say "$@" >&2
}

# is_program COMMAND: whether COMMAND can be run. It is the value of a variable such as CC: the name
# or the path of a program, which may contain blanks, or several words, as in `ccache gcc`.
is_program() {
    case $1 in
    '' | -*) return 1 ;;
    esac
    command -v "$1" >/dev/null 2>&1 || (
        set -f
        # shellcheck disable=SC2086 # The shell must split the words.
        set -- $1
        [ $# -gt 1 ] && command -v "$1" >/dev/null 2>&1
    )
}

# run COMMAND ARGUMENTS...: runs such a COMMAND. `exec` takes programs only, no words of the shell.
run() (
    command=$1
    shift
    if command -v "$command" >/dev/null 2>&1; then
        exec "$command" "$@"
    fi
    set -f
    # shellcheck disable=SC2086 # The shell must split the words.
    exec $command "$@"
)

# compile COMPILER SOURCE OUTPUT [FLAGS]: compiles C, C++ or Fortran with ordinary flags.
compile() (
    compiler=$1 source=$2 output=$3
    shift 3
    case $source in
    *.c) run "$compiler" -std=c11 -O3 "$@" "$source" -o "$output" ;;
    *.cpp) run "$compiler" -std=c++17 -O3 "$@" "$source" -o "$output" ;;
    *.f90) run "$compiler" -std=f2018 -O3 -fwrapv "$@" "$source" -o "$output" ;;
    esac
)

# find_also NAME: prints the compiler of LIBPI_ALSO whose name contains NAME, if it is installed.
find_also() {
    also=$(printf '%s\n' "${LIBPI_ALSO:-}" | tr ',' '\n' | grep "$1" | head -n 1 || true)
    ! is_program "$also" || printf '%s\n' "$also"
}

# find_mpicc: finds the compiler of the MPI ($mpicc; empty if there is none).
find_mpicc() {
    for mpicc in ${MPICC:+"$MPICC"} ${MPI:+"mpicc.$MPI"} mpicc mpicc.openmpi mpicc.mpich ''; do
        [ -n "$mpicc" ] || break
        ! is_program "$mpicc" || return 0
    done
    [ -z "${MPI:-}" ] ||
        fail "MPI=$MPI, but there is neither ${MPICC:-mpicc.$MPI} nor mpicc: install that MPI"
}

profile=${PROFILE:-release}
case $profile in
-* | *[!A-Za-z0-9_-]*) refuse "PROFILE must be a profile of cargo (release, dev), not '$profile'" ;;
esac
case ${MPI:-} in
'' | openmpi | mpich) ;;
*) refuse "MPI must be openmpi or mpich, not '$MPI'" ;;
esac

# The stage is where a build leaves what an installation copies, so that `sudo make install` needs
# neither cargo nor a compiler:
#   tree/      the installed files; those in lib go to LIBDIR
#   values     what the installation must know
#   folder     the folder in which cargo built the programs
#   chosen     the compilers that the user chose
target_folder=${CARGO_TARGET_DIR:-target}
case $target_folder in
/*) ;;
*) target_folder=$PWD/$target_folder ;;
esac
stage=$target_folder/install/$profile
# Where tools/node.sh installs packages from npm.
node_modules=$target_folder/languages/node_modules

# The user's choices that a build depends on.
chosen() {
    printf '%s\n' "CC=${CC:-}" "FC=${FC:-}" "MPICC=${MPICC:-}" "MPI=${MPI:-}" \
        "CFLAGS=${LIBPI_CFLAGS:-}" "FFLAGS=${LIBPI_FFLAGS:-}" "RUSTFLAGS=${RUSTFLAGS:-}"
}
