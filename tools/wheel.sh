#!/bin/sh
# Builds the Python package with the maturin of .venv.
#
#   wheel.sh              the wheel, with the runtimes of the compilers inside
#   wheel.sh --install    the wheel, and installs it into .venv
#   wheel.sh sdist        the source distribution
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh

# The kernels of second compilers are for comparisons. The package does without them.
export LIBPI_ALSO=

[ -x .venv/bin/maturin ] || fail "there is no .venv with maturin: make setup makes it"
PATH=$PWD/.venv/bin:$PATH
wheels=$PWD/target/wheels
cd python
if [ "${1:-}" = sdist ]; then
    rm -f "$wheels"/libpi-*.tar.gz
    exec maturin sdist --out "$wheels"
fi
rm -f "$wheels"/libpi-*.whl
# maturin has changed the library of the last build in place, so cargo must link it again.
rm -f target/release/deps/libpi.so
maturin build --release --auditwheel repair --out "$wheels"
[ "${1:-}" != --install ] || ../.venv/bin/python -m pip install --quiet --no-index --no-deps \
    --force-reinstall "$wheels"/libpi-*.whl
