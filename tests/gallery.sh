#!/bin/sh
# Builds the gallery of languages, and tests every kernel and client that could be built. `make test-all`
# calls it.
#
#   gallery.sh [LANGUAGE...]    tests these languages; without arguments all
#
# Variables:
#   GALLERY_REQUIRE=all   a language that is skipped is an error
#   LIBPI_LIB             the folder of libpi.so (that of `make build`)
#   PI                    the command that checks the kernels (that of `make build`)
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh

languages=${*:-$(cd bench/gallery && ls -d */[cC]lient.* | sed "s|/.*||" | sort -u)}
# shellcheck disable=SC2086 # The shell must split the names into words.
sh tools/languages.sh $languages
LD_LIBRARY_PATH=${LIBPI_LIB:-$stage/tree/lib}
export LD_LIBRARY_PATH
pi=${PI:-$(cat "$stage/folder")/pi}

for language in $languages; do
    folder=target/gallery/$language
    if [ ! -e "$folder/client" ]; then
        [ "${GALLERY_REQUIRE:-}" != all ] || fail "$language was skipped"
        continue
    fi
    if [ -e "$folder/kernel.so" ]; then
        timeout 120 "$pi" check-kernel "$folder/kernel.so:philox" --generator philox >"$folder/said" ||
            fail "the kernel of $language: $(cat "$folder/said")"
    fi
    timeout 120 "$folder/client" >"$folder/said" 2>&1 || fail "the client of $language: $(cat "$folder/said")"
    diff bench/gallery/expected.txt "$folder/said" || fail "the client of $language"
    say "$language: exact"
done
