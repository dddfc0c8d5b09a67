#!/bin/sh
# Measures the default suite and writes its page. `make bench` calls it after the build.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh

pi=$(cat "$stage/folder")/pi
results=$target_folder/bench
rm -f "$results.jsonl" "$results.html"
status=0
"$pi" bench default -o "$results.jsonl" || status=$?
"$pi" report "$results.jsonl" -o "$results.html"
exit $status
