#!/bin/sh
# The runner of suite guests: it reads a request and starts the caller in the language that calls.
#
#   run                       reads a request on stdin
#   run --version KERNEL      prints what built the caller of the kernel, or why it is missing
set -eu
callers=$(dirname "$0")

# folder KERNEL: the folder of the language that calls, which a kernel such as zig-c names.
folder() {
    folder=$callers/${1%%-*}
    [ -e "$folder/version" ] && return
    if [ -e "$folder/missing" ]; then
        cat "$folder/missing" >&2
    else
        echo "there is no caller for '$1': make callers builds them" >&2
    fi
    exit 1
}

if [ $# -gt 0 ]; then
    folder "${2:-}"
    exec cat "$folder/version"
fi

kernel='' driver='' seed=42 first=0 count='' warmup=0 runs=1
while read -r key value && [ -n "$key" ]; do
    case $key in
    kernel) kernel=$value ;;
    driver) driver=$value ;;
    seed) seed=$value ;;
    first) first=$value ;;
    count) count=$value ;;
    warmup) warmup=$value ;;
    runs) runs=$value ;;
    esac
done
folder "$kernel"
case $driver in
floor | shared | unsafe | checked) ;;
*)
    echo "unknown driver '$driver': use floor, shared, unsafe or checked" >&2
    exit 2
    ;;
esac
for number in "$seed" "$first" "$count" "$warmup" "$runs"; do
    case $number in
    '' | *[!0-9]*)
        echo "'$number' is not a number in digits" >&2
        exit 2
        ;;
    esac
done

echo "version $(cat "$folder/version")"
echo "info ranks 1"
echo "info threads 1"
exec "$folder/caller" "$driver" "$seed" "$first" "$count" "$warmup" "$runs"
