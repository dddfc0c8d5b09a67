#!/bin/sh
# Checks and tests the peers. They need the environment .venv, which `make setup` makes. Peers of libraries that
# only `make setup-peers` installs are tested if they are there, or with PEERS_REQUIRE=all.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")"
project=$(cd ../.. && pwd)
python=$project/.venv/bin/python
if [ ! -x "$python" ]; then
    echo "the peers are not tested: there is no .venv (make setup makes it)"
    exit 0
fi
export PI="${CARGO_TARGET_DIR:-$project/target}/debug/pi"
(cd "$project" && sh tools/cargo.sh build --quiet --package pi --package pi-peers && sh tools/peers.sh)
"$python" -m ruff check .
"$python" -m ruff format --check .
MYPYPATH="$project/python/ladder" "$python" -m mypy --strict ./*.py
exec "$python" -m pytest -q -rs -p no:cacheprovider .
