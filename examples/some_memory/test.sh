#!/bin/sh
# SPDX-License-Identifier: MIT
# sh test.sh PROGRAM: what some_memory prints is what it promises.
set -eu
output=$("$1")
failures=0

expect()
{
    printf '%s\n' "$output" | grep -qE "^$1\$" && return
    printf 'no line "%s" in:\n%s\n' "$1" "$output"
    failures=$((failures + 1))
}

expect 'made: room for 4: 0 1 4 9'
expect 'resized: room for 1000: 0 1 4 9'
expect 'refused, RC_NO_MEMORY: .*80000[0-9][0-9] bytes.*'
expect 'refused, RC_OVERFLOW: .+'
expect 'still: room for 1000: 0 1 4 9'
expect 'retained: 2 owners'
expect 'released: 1 owner'
expect 'not made, RC_NO_MEMORY'
expect 'before the end: 1 objects and 1 blocks are alive'
expect 'after it: 0 objects and 0 blocks are alive'
exit "$failures"
