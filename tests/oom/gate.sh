#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The out-of-memory sweep (oom.h tells what it does), built with AddressSanitizer and UBSan. Its list
# of functions is read from the public headers: one that no scenario calls fails, by name. Half a
# minute on two cores; stopped after two.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/oom
cc=${CC:-gcc}
wrapped="malloc calloc realloc posix_memalign aligned_alloc mmap"

cd "$root" || exit 1
rm -rf "$build" && mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1
link_options=
for function in $wrapped; do link_options="$link_options -Wl,--wrap=$function"; done
flags='-std=gnu11 -g -Og -fexceptions -fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer -Wall -Wextra'

give_up()
{
    printf 'failed: %s\n' "$*"
    printf 'oom: 0 passed, 1 failed, 0 skipped\n'
    exit 1
}

# compile FLAGS: each source on standard input; only the library's functions report their calls.
# shellcheck disable=SC2016
compile()
{
    while read -r source; do
        printf '%s\0%s\0' "$source" "$build/$(printf '%s' "$source" | tr / _).o"
    done | xargs -0 -n 2 -P 2 sh -c '$0 -I. -c "$1" -o "$2"' "$cc $flags $1"
}

headers=$(grep -L 'Private (not installed)' rc/*.h buffer/*.h)
# shellcheck disable=SC2086
awk -f tests/oom/functions.awk $headers >"$build/functions.c"
{
    ls rc/*.c buffer/*.c | compile -finstrument-functions &&
        ls tests/oom/*.c | compile '' &&
        "$cc" $flags -I. -c "$build/functions.c" -o "$build/functions.o" &&
        "$cc" $flags "$build"/*.o $link_options -pthread -o "$build/sweep"
} >"$build/log" 2>&1 || give_up "the sweep does not build: $(grep -m 3 -E 'error|undefined' "$build/log")"

ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 \
    timeout 120 "$build/sweep" list >"$build/out" 2>&1
status=$?
tail -n 60 "$build/out"
functions=$(sed -n 's/^\([0-9]*\) public functions, 0 of them never called$/\1/p' "$build/out")
scenarios=$(sed -n 's/^\([0-9]*\) scenarios, .*, 0 leaks, 0 wrong$/\1/p' "$build/out")
[ "$status" -ne 124 ] || give_up 'the sweep was stopped after two minutes'
if [ "$status" -eq 0 ] && [ -n "$functions" ] && [ -n "$scenarios" ]; then
    printf 'oom: %d passed, 0 failed, 0 skipped\n' $((functions + scenarios))
else
    give_up "the sweep ended with status $status"
fi
