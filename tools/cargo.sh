#!/bin/sh
# Runs the cargo that the variable CARGO names, in the root of the repository.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh

run "${CARGO:-cargo}" "$@"
