#!/bin/sh
# Verifies the AVX-512 kernels under every driver: on this CPU if it has AVX-512, else emulated.
set -eu
cd "$(dirname "$0")/.."
cargo build --release
if grep --quiet avx512vl /proc/cpuinfo; then
    exec target/release/pi verify '*/*@x86-64-v4'
fi
echo "this CPU lacks AVX-512: emulating one, which takes some minutes"
exec bash tests/emulate.sh target/release/pi verify '*/*@x86-64-v4' --threads 2
