#!/bin/sh
# Checks and tests the crossings of Python, with the programs that cargo built for tests. They need
# the environment .venv, which `make setup` makes.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")"
project=$(cd ../../.. && pwd)
python=$project/.venv/bin/python
if [ ! -x "$python" ]; then
    echo "the crossings of Python are not tested: there is no .venv (make setup makes it)"
    exit 0
fi
"$python" -m ruff check .
"$python" -m ruff format --check .
"$python" -m mypy --strict ./*.py
export CROSSINGS="${CARGO_TARGET_DIR:-$project/target}/debug/crossings-python"
"$python" build.py "$CROSSINGS"
exec "$python" -m pytest -q -p no:cacheprovider .
