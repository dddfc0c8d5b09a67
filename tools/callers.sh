#!/bin/sh
# Builds the callers of suite guests, beside the command: in each language a program that calls an empty
# function and libpi_hits_with. A language that is not installed is skipped, with the reason. `make callers`
# calls it.
#
#   callers.sh [LANGUAGE...]    builds these languages; without arguments all
#
# Variables:
#   PI_FOLDER    the folder of the command and of libpi.so (that of `make build`)
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh

languages="c++ zig d ada go nim pascal haskell ocaml java luajit node r"

gallery=$PWD/bench/gallery
python=$PWD/.venv/bin/python
[ -n "${PI_FOLDER:-}" ] || [ -d "$stage" ] || sh tools/build.sh
folder=${PI_FOLDER:-$(cat "$stage/folder")}
[ -e "$folder/libpi.so" ] || fail "there is no $folder/libpi.so: make build makes it"
callers=$folder/callers
mkdir -p "$callers"

# What callers load: the empty function, and libpi under both of its names.
run "${CC:-cc}" -O3 -fPIC -shared -I c bench/crossings/c/callee.c -I bench/crossings/c \
    -Wl,-soname,libcallee.so -o "$callers/libcallee.so"
ln -sf ../libpi.so "$callers/libpi.so"
ln -sf ../libpi.so "$callers/libpi.so.1"
cp "$gallery/run-caller.sh" "$callers/run"
chmod +x "$callers/run"

include=$PWD/ffi
rpath="-Wl,-rpath,\$ORIGIN/.."
link="-L$callers -lcallee -lpi"

# needs PROGRAM PACKAGE: whether a program is installed.
needs() {
    command -v "$1" >/dev/null 2>&1 || {
        say "there is no $1 (to install: make setup-languages, or the package $2)" >missing
        return 1
    }
}

# built_by VERSION: notes what built the caller.
built_by() {
    say "$*" >version
}

# interpreted COMMAND...: writes a caller that an interpreter runs.
interpreted() {
    printf '#!/bin/sh\nexec %s "$@"\n' "$*" >caller
    chmod +x caller
}

# Each function builds the caller of a language in its folder. Without the language it writes the reason to
# the file `missing`. The shell must split $link into words.
# shellcheck disable=SC2086
{
    build_cpp() {
        compiler=${CXX:-c++}
        run "$compiler" -std=c++17 -O3 -Wall -Wextra -Wpedantic -I"$include" "$gallery/c++/caller.cpp" $link \
            "$rpath" -o caller
        built_by "$(run "$compiler" --version | head -n 1), -O3"
    }
    build_zig() {
        "$python" -c 'import ziglang' 2>/dev/null || {
            say "there is no ziglang in .venv (to install: make setup-languages)" >missing
            return 1
        }
        "$python" -m ziglang build-exe -O ReleaseFast -lc "$gallery/zig/caller.zig" $link -rpath "\$ORIGIN/.." \
            -femit-bin=caller
        built_by "zig $("$python" -m ziglang version), -O ReleaseFast"
    }
    build_d() {
        needs ldc2 ldc || return 1
        ldc2 -O3 -release "$gallery/d/caller.d" -of=caller -L-L"$callers" -L-lcallee -L-lpi \
            -L-rpath='$ORIGIN/..'
        built_by "$(ldc2 --version | head -n 1), -O3 -release"
    }
    build_ada() {
        needs gnatmake gnat || return 1
        gnatmake -q -O3 "$gallery/ada/caller.adb" -o caller -largs $link "$rpath"
        built_by "$(gnatmake --version | head -n 1), -O3"
    }
    build_go() {
        needs go golang-go || return 1
        CGO_CFLAGS="-O3 -I$include" CGO_LDFLAGS="$link $rpath" go build -o caller "$gallery/go/caller.go"
        built_by "$(go version)"
    }
    build_nim() {
        needs nim nim || return 1
        nim compile --hints:off -d:release --nimcache:cache --passL:"$link -Wl,-rpath,\\\$ORIGIN/.." -o:caller \
            "$gallery/nim/caller.nim"
        built_by "$(nim --version | head -n 1), -d:release"
    }
    build_pascal() {
        needs fpc fp-compiler || return 1
        fpc -l- -v0 -O3 -FU. -FE. -Fl"$callers" -k-lcallee -k-lpi -k-rpath='$ORIGIN/..' \
            "$gallery/pascal/caller.pas" -ocaller
        built_by "Free Pascal $(fpc -iV), -O3"
    }
    build_haskell() {
        needs ghc ghc || return 1
        ghc -v0 -O2 -outputdir . "$gallery/haskell/Caller.hs" $link -optl"$rpath" -o caller
        built_by "$(ghc --version), -O2"
    }
    build_ocaml() {
        needs ocamlopt ocaml || return 1
        cp "$gallery/ocaml/caller.ml" .
        ocamlopt unix.cmxa caller.ml -cclib "$link" -ccopt "'$rpath'" -o caller
        built_by "ocamlopt $(ocamlopt -version)"
    }
    build_java() {
        needs javac default-jdk-headless || return 1
        javac -d . "$gallery/java/Caller.java"
        home=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
        run "${CC:-cc}" -O3 -std=c11 -Wall -Wextra -Wpedantic -Werror -fPIC -shared -I"$home/include" \
            -I"$home/include/linux" -I"$include" "$gallery/java/caller.c" $link "$rpath" -o libcaller.so
        interpreted java -cp "'$PWD'" Caller "'$PWD'"
        built_by "$(javac -version 2>&1)"
    }
    build_luajit() {
        needs luajit luajit || return 1
        interpreted luajit "'$gallery/luajit/caller.lua'" "'$callers'"
        built_by "$(luajit -v)"
    }
    build_node() {
        needs node nodejs || return 1
        [ -d "$node_modules/koffi" ] || {
            say "there is no $node_modules/koffi (to install: make setup-languages)" >missing
            return 1
        }
        interpreted "NODE_PATH='$node_modules'" node "'$gallery/node/caller.js'" "'$callers'"
        sed -i 's/^exec /exec env /' caller
        built_by "node $(node --version), koffi"
    }
    build_r() {
        needs R r-base-core || return 1
        cp "$gallery/r/caller.c" .
        # R's make expands what begins with a dollar, and its shell too.
        PKG_CPPFLAGS=-I$include PKG_LIBS="$link '-Wl,-rpath,\$\$ORIGIN/..'" R CMD SHLIB -o caller.so caller.c >log
        interpreted Rscript --vanilla "'$gallery/r/caller.R'" "'$PWD'"
        built_by "$(R --version | head -n 1), glue by .Call"
    }
}

for language in ${*:-$languages}; do
    case " $languages " in
    *" $language "*) ;;
    *) refuse "there is no language '$language': choose from $languages" ;;
    esac
    rm -rf "${callers:?}/$language"
    mkdir -p "$callers/$language"
    function=build_$(say "$language" | sed 's/+/p/g')
    # `set -e` does not hold where a status is asked for, so the function runs in a shell of its own.
    set +e
    (
        set -e
        cd "$callers/$language"
        "$function"
    )
    status=$?
    set -e
    if [ -e "$callers/$language/missing" ]; then
        note "no caller in $language: $(cat "$callers/$language/missing")"
    elif [ $status -ne 0 ]; then
        say "it could not be built: make callers says why" >"$callers/$language/missing"
        note "no caller in $language: it could not be built"
    fi
done
