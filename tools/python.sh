#!/bin/sh
# Makes the virtual environment .venv from python/requirements.txt, and updates it when that file
# changes. Without Python or a network it says so and succeeds: only the Python parts need .venv.
#
#   python.sh             what `make setup` installs
#   python.sh --ladder    adds python/requirements-ladder.txt
#   python.sh --languages adds python/requirements-languages.txt
#   python.sh --peers     adds python/requirements-peers.txt
set -eu
cd "$(dirname "$0")/.."

works() { .venv/bin/python -c "" 2>/dev/null; }

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

# add FILE: installs what a file of requirements names, unless that is done.
add() {
    installed=.venv/${1##*/}
    if works && cmp -s "$1" "$installed"; then return 0; fi
    echo "make setup installs $1 into .venv"
    rm -f "$installed"
    works || python3 -m venv --clear .venv >"$log" 2>&1 ||
        leave_out "python3 -m venv fails (Debian: apt-get install python3-venv python3-dev)"
    pip install --requirement "$1" --constraint python/requirements.txt
    # The test of the package libpi installs its wheel, and cffi, where there is no network.
    [ "$1" != python/requirements.txt ] || pip download --constraint "$1" --dest .venv/wheels cffi
    cp "$1" "$installed"
}

add python/requirements.txt
case "${1:-}" in
--ladder | --languages | --peers) add "python/requirements-${1#--}.txt" ;;
esac
