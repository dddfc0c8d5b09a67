#!/bin/sh
# Builds the ways in which the lesson's ladder calls other languages, from python/ladder/coupling into
# target/release/ladder. `make ladder` calls it.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh

[ -x .venv/bin/python ] || fail "there is no .venv/bin/python: make setup makes it"
export PYTHONPATH="$PWD/tools:$PWD/python/ladder"
exec .venv/bin/python python/ladder/coupling/build.py
