#!/bin/sh
# Verifies the AVX-512 kernels: under every driver if this CPU has AVX-512, else emulated and serially,
# since the drivers are the same at every level and emulation is slow.
set -eu
cd "$(dirname "$0")/.."
cargo build --release
if grep --quiet avx512vl /proc/cpuinfo; then
    exec target/release/pi verify '*/*@x86-64-v4'
fi
echo "this CPU lacks AVX-512: emulating one, which takes some minutes"
exec bash tests/emulate.sh target/release/pi verify '*/*@x86-64-v4/serial'
