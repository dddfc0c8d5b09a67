#!/bin/sh
# Checks and tests the crossings of Python. They need the environment .venv, which `make setup` makes,
# and the shared library of the crossings, which cargo does not build for its own tests.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")"
project=$(cd ../../.. && pwd)
python=$project/.venv/bin/python
if [ ! -x "$python" ]; then
    echo "the crossings of Python are not tested: there is no .venv (make setup makes it)"
    exit 0
fi
(cd "$project" && sh tools/cargo.sh build --quiet --package pi-crossings)
"$python" -m ruff check .
"$python" -m ruff format --check .
# The scripts use the runner protocol of the ladder, and build.py the builder of couplings.
export MYPYPATH="$project/python/ladder:$project/tools" PYTHONPATH="$project/tools"
"$python" -m mypy --strict ./*.py
export CROSSINGS="${CARGO_TARGET_DIR:-$project/target}/debug/crossings-python"
"$python" build.py "$CROSSINGS"
exec "$python" -m pytest -q -p no:cacheprovider -o pythonpath="$project/python/ladder" .
