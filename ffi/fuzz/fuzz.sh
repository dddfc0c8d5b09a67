#!/bin/sh
# Calls libpi with arbitrary arguments for FUZZ_SECONDS seconds (default 600). libFuzzer looks for
# inputs that reach new Rust and C code. AddressSanitizer and UBSan watch the C kernels, the C driver
# and the out-parameters; Rust has its debug assertions. calls.c says what is checked.
set -eu
cd "$(dirname "$0")/../.."
seconds=${FUZZ_SECONDS:-600}
host=$(rustc -vV | sed -n 's/^host: //p')
work=$PWD/target/fuzz
said=$(mktemp)
trap 'rm -f "$said"' EXIT
trap 'exit 1' INT TERM HUP
sanitizers=-fsanitize=address,undefined

# With --target, the flags apply to the libraries only and not to the build scripts.
RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares" \
    CC=clang-19 LIBPI_CFLAGS="$sanitizers,fuzzer-no-link -fno-sanitize-recover=all" \
    cargo rustc --quiet --color never --package libpi-ffi --lib --crate-type staticlib --target "$host" \
    --target-dir "$work" -- --print native-static-libs 2>"$said" ||
    { cat "$said" >&2; exit 1; }
native=$(sed -n 's/^note: native-static-libs: *//p' "$said")
rm -f "$said"
runtime=$(dirname "$(gfortran -print-file-name=libgfortran.so)")
# shellcheck disable=SC2086 # the libraries are words
clang-19 -std=c11 -g -O1 -Wall -Wextra -Wpedantic -Werror "$sanitizers,fuzzer" \
    -fno-sanitize-recover=all -Iffi ffi/fuzz/calls.c "$work/$host/debug/libpi.a" \
    -L"$runtime" -L"$(dirname "$(clang-19 -print-file-name=libomp.so)")" $native -o "$work/calls"
mkdir -p "$work/corpus"
# libomp never frees some memory of its threads: this is no leak of libpi.
echo leak:libomp.so >"$work/suppressions"
export LSAN_OPTIONS="suppressions=$work/suppressions:print_suppressions=0"
ASAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer-19 || true)
export ASAN_SYMBOLIZER_PATH
exec "$work/calls" -max_total_time="$seconds" -max_len=128 -timeout=60 -print_final_stats=1 \
    -artifact_prefix="$work/" "$work/corpus"
