#!/bin/sh
# Builds the ways in which Python calls other languages, beside the command: bench/crossings/python.
# `make crossings-python` calls it.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh

[ -x .venv/bin/python ] || fail "there is no .venv/bin/python: make setup makes it"
[ -d "$stage" ] || sh tools/build.sh
export PYTHONPATH="$PWD/tools"
run .venv/bin/python bench/crossings/python/build.py "$(cat "$stage/folder")/crossings-python"
