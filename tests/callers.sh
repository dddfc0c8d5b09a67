#!/bin/sh
# Tests the callers of suite guests: each way to call gives the right answer, and bad requests are refused.
#
#   callers.sh [LANGUAGE...]    tests these languages; without arguments all. A language that is not
#                               installed is reported and left out
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
. tools/common.sh

sh tools/cargo.sh build --quiet --package libpi-ffi
target=${CARGO_TARGET_DIR:-$PWD/target}
PI_FOLDER=$target/debug sh tools/callers.sh "$@"
callers=$target/debug/callers

# asked KERNEL DRIVER COUNT: what the runner prints for two runs.
asked() {
    printf 'generator crossing\nkernel %s\ndriver %s\nseed 42\nfirst 0\ncount %s\nwarmup 1\nruns 2\n\n' "$@" |
        "$callers/run"
}

# gives LANGUAGE CALLEE DRIVER COUNT ANSWER: checks the two runs of a way to call.
gives() {
    said=$(asked "$1-$2" "$3" "$4") || fail "$1-$2 with $3 failed"
    right=$(say_runs "$said" | grep -c "^run [0-9.]* $5\$" || true)
    [ "$right" = 2 ] && [ "$(say_runs "$said" | wc -l)" -eq 2 ] || fail "$1-$2 with $3 answers: $said"
    printf '%s\n' "$said" | grep -q '^version .' || fail "$1-$2 with $3 tells no version"
}

say_runs() {
    printf '%s\n' "$1" | grep '^run '
}

# refuses CODE WORDS KERNEL DRIVER COUNT: checks the exit code and the message.
refuses() {
    code=0
    said=$(asked "$3" "$4" "$5" 2>&1) || code=$?
    [ "$code" = "$1" ] || fail "$3 $4 $5 ends with $code, not $1: $said"
    case $said in *"$2"*) ;; *) fail "$3 $4 $5 does not say '$2': $said" ;; esac
}

# The answers of calls from seed 42, which a program computed that shares no code with the callers.
thousand_thousand=3458375431478179306
few=3142675163586871338

tested=0
for language in ${*:-$(ls "$callers")}; do
    [ -e "$callers/$language/version" ] || continue
    # These two have no numbers of 64 bits, so their floors keep the number of the call.
    if [ "$language" = node ] || [ "$language" = r ]; then
        gives "$language" "$language" floor 16384 16383
        gives "$language" c shared 16384 $few
    else
        gives "$language" "$language" floor 1000000 $thousand_thousand
        gives "$language" c shared 1000000 $thousand_thousand
        gives "$language" c shared 16384 $few
    fi
    [ "$language" != haskell ] || gives haskell c unsafe 1000000 $thousand_thousand
    gives "$language" c checked 1000 1000
    tested=$((tested + 1))
done
[ "$tested" -gt 0 ] || fail "no caller was built"

refuses 1 "there is no caller for 'cobol-c'" cobol-c shared 1
refuses 1 "there is no caller for ''" '' shared 1
one=$(ls -d "$callers"/*/version | head -n 1)
one=$(basename "$(dirname "$one")")
refuses 2 "unknown driver 'by-post'" "$one-c" by-post 1
refuses 2 "'1e3' is not a number" "$one-c" shared 1e3
refuses 2 "'-1' is not a number" "$one-c" shared -1
mkdir -p "$callers/cobol"
echo "there is no cobc" >"$callers/cobol/missing"
code=0
said=$("$callers/run" --version cobol-c 2>&1) || code=$?
rm -r "$callers/cobol"
[ "$code" = 1 ] && [ "$said" = "there is no cobc" ] || fail "a missing language says: $said"
echo "$tested languages call libpi rightly"
