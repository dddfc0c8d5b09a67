#!/bin/sh
# Installs what bench/gallery/node needs from npm into target/languages. Without npm or a network it
# says so and succeeds. `make setup-languages` calls it.
set -eu
cd "$(dirname "$0")/.."

wanted=bench/gallery/node/package.json
folder=${CARGO_TARGET_DIR:-target}/languages
if [ -d "$folder/node_modules/koffi" ] && cmp -s $wanted "$folder/package.json"; then exit 0; fi
command -v npm >/dev/null || {
    echo "Node is left out: there is no npm" >&2
    exit 0
}
mkdir -p "$folder"
cp $wanted "$folder"
echo "make setup-languages installs $wanted into $folder"
npm install --prefix "$folder" --no-audit --no-fund --silent || {
    rm -f "$folder/package.json"
    echo "Node is left out: npm install fails" >&2
}
