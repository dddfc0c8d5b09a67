#!/bin/sh
# Tests the Python package: builds the wheel, installs it into an empty environment without
# compilers, and runs checks and tests in .venv, which `make setup` makes. Needs no network.
#
#   test.sh          the tests of `make test`
#   test.sh --all    builds a wheel from the source distribution, tries PyPy, and tests every rung of
#                    the ladder, and the notebook
set -eu
cd "$(dirname "$0")/.."
python=$PWD/.venv/bin/python
if [ ! -x "$python" ]; then
    echo "the Python package is not tested: there is no .venv (make setup makes it)"
    exit 0
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT HUP INT TERM
mkdir "$scratch/bin" # a PATH without programs

# Installs a wheel into a new environment, and counts.
try() {
    "$1" -m venv "$scratch/environment"
    PATH=$scratch/bin "$scratch/environment/bin/pip" install --quiet --no-index \
        --find-links .venv/wheels "$2"
    counted=$(cd "$scratch" && PATH=$scratch/bin environment/bin/python -c \
        "import libpi; print(libpi.hits(10**6, driver='openmp-c'))")
    rm -rf "$scratch/environment"
    [ "$counted" = 785987 ] || { echo "$2 counts $counted under $1, not 785987" >&2; exit 1; }
    echo "$1: the wheel counts 785987"
}

if [ "${1:-}" = --all ]; then
    make sdist
    PATH=$PWD/.venv/bin:$PATH "$python" -m pip wheel --quiet --no-index --no-deps \
        --no-build-isolation --wheel-dir "$scratch/wheels" target/wheels/libpi-*.tar.gz
    try "$python" "$scratch"/wheels/libpi-*.whl
    if command -v pypy3 >/dev/null; then try pypy3 target/wheels/libpi-*.whl; fi
    make setup-ladder
    cd python
    LADDER_REQUIRE=all "$python" -m pytest -q -rs ladder/tests
    exit 0
fi

sh tools/wheel.sh --install
try "$python" target/wheels/libpi-*.whl
cd python
"$python" -m ruff check .
"$python" -m ruff format --check .
"$python" -m mypy
# The rungs that call compiled languages. This build shares what cargo has built for other tests.
export LADDER_PROFILE=debug
sh ../tools/ladder.sh
"$python" -m pytest -q
