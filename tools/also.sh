#!/bin/sh
# Prints the default of the variable LIBPI_ALSO: the second compilers that are installed, with commas
# between them. In a cross build there are none, because they compile for this machine.
#
#   also.sh [clang] [flang]    looks for these compilers
set -eu

[ -z "${CARGO_BUILD_TARGET:-}" ] || exit 0

# first COMMAND...: the first of these commands that is installed.
first() {
    for command in "$@"; do
        if command -v "$command" >/dev/null 2>&1; then
            printf '%s\n' "$command"
            return
        fi
    done
}

found=
for compiler in "$@"; do
    case $compiler in
    clang) command=$(first clang-19 clang) ;;
    # Up to version 19 the command of flang was flang-new.
    flang) command=$(first flang-19 flang-new-19 flang flang-new) ;;
    esac
    [ -z "$command" ] || found=$found${found:+,}$command
done
printf '%s\n' "$found"
