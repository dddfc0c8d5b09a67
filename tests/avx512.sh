#!/bin/sh
# Verifies the AVX-512 kernels. If this CPU has AVX-512, they run under every driver. Otherwise they
# run on an emulated CPU under the driver serial only, because emulation is slow and the drivers are
# the same at every level.
set -eu
cd "$(dirname "$0")/.."
sh tools/build.sh
pi=$(cat "${CARGO_TARGET_DIR:-target}/install/release/folder")/pi
if grep --quiet avx512vl /proc/cpuinfo; then
    exec "$pi" verify '*/*@x86-64-v4'
fi
echo "this CPU lacks AVX-512: emulating one, which takes some minutes"
exec bash tests/emulate.sh "$pi" verify '*/*@x86-64-v4/serial'
