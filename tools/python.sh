#!/bin/sh
# Makes the virtual environment .venv from python/requirements.txt, and updates it when that file
# changes. Without Python or a network it says so and succeeds: only the Python parts need .venv.
set -eu
cd "$(dirname "$0")/.."
requirements=python/requirements.txt
installed=.venv/requirements.txt

works() { .venv/bin/python -c "" 2>/dev/null; }
works && cmp -s "$requirements" "$installed" && exit 0

log=$(mktemp)
trap 'rm -f "$log"' EXIT
leave_out() {
    echo "the Python parts are left out: $1" >&2
    exit 0
}
pip() {
    .venv/bin/python -m pip --disable-pip-version-check "$@" >"$log" 2>&1 ||
        leave_out "pip $1 fails: $(grep . "$log" | tail -n 1)"
}

echo "make setup installs $requirements into .venv"
rm -f "$installed"
works || python3 -m venv --clear .venv >"$log" 2>&1 ||
    leave_out "python3 -m venv fails (Debian: apt-get install python3-venv python3-dev)"
pip install --requirement "$requirements"
# The test of the package libpi installs its wheel, and cffi, where there is no network.
pip download --constraint "$requirements" --dest .venv/wheels cffi
cp "$requirements" "$installed"
