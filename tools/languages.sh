#!/bin/sh
# Builds what bench/gallery has for each language: target/gallery/LANGUAGE/kernel.so, a kernel, and
# target/gallery/LANGUAGE/client, a program that calls libpi.so. Java, Node, R and LuaJIT have no kernel. A
# language whose compiler is missing is skipped, and the script says what to install. `make languages` calls it.
#
#   languages.sh [LANGUAGE...]    builds these languages; without arguments all
#
# Variables:
#   LIBPI_LEVEL   the instruction-set level of the kernels (the best one that this CPU has)
#   LIBPI_LIB     the folder of libpi.so, to which clients are linked (that of `make build`)
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh

gallery=$PWD/bench/gallery ffi=$PWD/ffi
python=$PWD/.venv/bin/python
languages="c++ zig numba d ada go nim pascal haskell java node r luajit"

# The best level of this CPU, as the dynamic loader sees it. Other CPUs than x86-64 have one level.
if [ "$(uname -m)" = x86_64 ]; then
    loader=/lib64/ld-linux-x86-64.so.2
    best=$("$loader" --help 2>/dev/null | sed -n 's/^ *\(x86-64-v[34]\) (supported.*/\1/p' | head -n 1)
    level=${LIBPI_LEVEL:-${best:-x86-64}}
    march=-march=$level
    # gcc takes 256 bits without this option. libpi's own kernels have it too.
    [ "$level" != x86-64-v4 ] || march="$march -mprefer-vector-width=512"
else
    level=generic
    march=
fi

# skip REASON REMEDY: leaves out the language. What was built before must not stay.
skip() {
    rm -f kernel.so client
    note "$language is skipped: $1 (to install: make setup-languages, or $2)"
    exit 77
}

# needs PROGRAM PACKAGE: skips the language if a program is missing.
needs() {
    command -v "$1" >/dev/null 2>&1 || skip "there is no $1" "the package $2"
}

# needs_python MODULE: skips the language if .venv lacks a module.
needs_python() {
    "$python" -c "import $1" 2>/dev/null || skip "there is no $1 in .venv" "the package $1 from PyPI"
}

# write_client COMMAND...: writes a client that an interpreter runs.
write_client() {
    {
        echo '#!/bin/sh'
        printf 'exec'
        printf " '%s'" "$@"
        echo
    } >client
    chmod +x client
}

# Each function builds the kernel and the client of a language in the current folder. The shell must split
# $march into words.
# shellcheck disable=SC2086
build_cpp() {
    compiler=${CXX:-c++}
    is_program "$compiler" || skip "there is no $compiler" "the package g++"
    run "$compiler" -std=c++17 -O3 $march -shared -fPIC "$gallery/c++/kernel.cpp" -o kernel.so
    run "$compiler" -std=c++17 -O2 -I"$ffi" "$gallery/c++/client.cpp" -L"$libpi" -lpi -pthread -o client
}

build_zig() {
    needs_python ziglang
    cpu=$(say "$level" | sed 's/x86-64/x86_64/; s/_64-v/_64_v/')
    "$python" -m ziglang build-lib -dynamic -O ReleaseFast -mcpu="$cpu" "$gallery/zig/kernel.zig" \
        -femit-bin=kernel.so
    "$python" -m ziglang build-exe -O ReleaseSafe -lc -L"$libpi" -lpi "$gallery/zig/client.zig" \
        -femit-bin=client
}

build_numba() {
    needs_python numba
    "$python" "$gallery/numba/kernel.py" "$level" kernel.o
    cc -shared kernel.o -o kernel.so
    write_client "$python" "$gallery/numba/client.py"
}

build_d() {
    needs ldc2 ldc
    ldc2 -O3 -betterC ${march:+-mcpu="$level"} -shared -relocation-model=pic "$gallery/d/kernel.d" \
        -of=kernel.so
    ldc2 -O2 "$gallery/d/client.d" -L-L"$libpi" -L-lpi -of=client
}

# shellcheck disable=SC2086
build_ada() {
    needs gnatmake gnat
    gcc=$(command -v gnatgcc || echo gcc)
    "$gcc" -c -O3 -gnatp $march -fPIC "$gallery/ada/kernel.adb"
    "$gcc" -shared kernel.o -o kernel.so
    gnatmake -q -O2 "$gallery/ada/client.adb" -largs -L"$libpi" -lpi
}

build_go() {
    needs go golang-go
    GOAMD64=$(say "$level" | sed 's/x86-64-//; s/x86-64/v1/')
    export GOAMD64 GOFLAGS=-buildvcs=false CPATH="$ffi" LIBRARY_PATH="$libpi"
    go build -buildmode=c-shared -o kernel.so "$gallery/go/kernel.go"
    go build -o client "$gallery/go/client.go"
}

build_nim() {
    needs nim nim
    nim c --hints:off --nimcache:cache/kernel --app:lib --noMain --mm:arc --panics:on -d:danger \
        --passC:"-O3 $march" -o:kernel.so "$gallery/nim/kernel.nim"
    nim c --hints:off --nimcache:cache/client --mm:arc --threads:on --passL:"-L'$libpi' -lpi" \
        -o:client "$gallery/nim/client.nim"
}

build_pascal() {
    needs fpc fp-compiler
    fpc -v0 -l- -O4 -Cg -FU. -o"$PWD/kernel.so" "$gallery/pascal/kernel.pas"
    fpc -v0 -l- -O2 -FU. -Fl"$libpi" -o"$PWD/client" "$gallery/pascal/client.pas"
}

build_haskell() {
    needs ghc ghc
    mkdir -p kernel main
    ghc -v0 -c "$gallery/haskell/start.c" -fPIC -o start.o
    ghc -v0 -O2 -threaded -dynamic -shared -flink-rts -fPIC -outputdir kernel \
        "$gallery/haskell/Kernel.hs" start.o -o kernel.so
    ghc -v0 -O -threaded -outputdir main "$gallery/haskell/Client.hs" -L"$libpi" -lpi -o client
}

build_java() {
    needs javac default-jdk-headless
    home=$(readlink -f "$(command -v javac)")
    home=${home%/bin/javac}
    javac -d . -h . "$gallery/java/Client.java"
    cc -std=c11 -O2 -shared -fPIC -I. -I"$home/include" -I"$home/include/linux" -I"$ffi" \
        "$gallery/java/client.c" -L"$libpi" -lpi -o libclient.so
    write_client java -cp "$PWD" -Djava.library.path="$PWD" Client
}

build_node() {
    needs node nodejs
    [ -d "$node_modules/koffi" ] || skip "there is no koffi" "the package koffi from npm"
    write_client env NODE_PATH="$node_modules" node "$gallery/node/client.js"
}

build_r() {
    needs R r-base-core
    cp "$gallery/r/client.c" .
    CPATH=$ffi LIBRARY_PATH=$libpi PKG_LIBS=-lpi R CMD SHLIB --preclean client.c -o client.so
    write_client Rscript "$gallery/r/client.R" "$PWD/client.so"
}

build_luajit() {
    needs luajit luajit
    write_client luajit "$gallery/luajit/client.lua"
}

libpi=${LIBPI_LIB:-$stage/tree/lib}
[ -n "${LIBPI_LIB:-}" ] || [ -d "$stage" ] || sh tools/build.sh
[ -e "$libpi/libpi.so.1" ] || refuse "there is no libpi.so.1 in the folder '$libpi'"

for language in ${*:-$languages}; do
    case " $languages " in
    *" $language "*) ;;
    *) refuse "there is no language '$language': choose from $languages" ;;
    esac
    mkdir -p "target/gallery/$language"
    # A condition around the build would let it go on after an error.
    set +e
    (
        set -e
        cd "target/gallery/$language"
        build_"$(say "$language" | sed 's/c++/cpp/')"
    )
    status=$?
    set -e
    case $status in
    0) say "built target/gallery/$language" ;;
    77) ;;
    *) fail "the gallery's $language does not build" ;;
    esac
done
