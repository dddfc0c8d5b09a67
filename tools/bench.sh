#!/bin/sh
# Measures the default suite and writes its page. `make bench` calls it after the build.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh

# The cells that call libpi from Python need its package. Without .venv all cells in Python are
# skipped.
if [ -x .venv/bin/maturin ]; then
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    trap 'exit 1' INT TERM HUP
    sh tools/wheel.sh --install >"$log" 2>&1 ||
        note "the Python package libpi is not built, so its cells are skipped: $(tail -n 1 "$log")"
fi

pi=$(cat "$stage/folder")/pi
results=$target_folder/bench
rm -f "$results.jsonl" "$results.html"
status=0
"$pi" bench default -o "$results.jsonl" || status=$?
"$pi" report "$results.jsonl" -o "$results.html"
exit $status
