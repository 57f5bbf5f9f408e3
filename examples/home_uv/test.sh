#!/bin/sh
# SPDX-License-Identifier: MIT
# sh test.sh PROGRAM: the loop ends, since all of its timers were closed.
# sh test.sh '' REASON: there is no program, and why.
set -eu
if [ -z "$1" ]; then
    printf 'skipped: examples/home_uv: %s\n' "$2"
    exit 77
fi
wanted='6 tickers, 6 ended by the loop for other threads, 0 left'
turn=0
while [ "$turn" -lt 20 ]; do
    turn=$((turn + 1))
    output=$(timeout 60 "$1" 2>&1) || {
        printf 'turn %d: exit code %d: %s\n' "$turn" "$?" "$output"
        exit 1
    }
    [ "$output" = "$wanted" ] || {
        printf 'turn %d: "%s", not "%s"\n' "$turn" "$output" "$wanted"
        exit 1
    }
done
