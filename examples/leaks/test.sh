#!/bin/sh
# SPDX-License-Identifier: MIT
# sh test.sh PROGRAM: each leak is named, or the line says that this build keeps no ledger.
set -eu
status=0
output=$(RCBUF_TRACE=leaks "$1" 2>&1) || status=$?
failures=0

expect()
{
    printf '%s\n' "$output" | grep -qE "$1" && return
    printf 'no line "%s" in:\n%s\n' "$1" "$output"
    failures=$((failures + 1))
}

expect '^a view of 64 doubles$'
if printf '%s\n' "$output" | grep -q 'compiled without RCBUF_LEDGER'; then
    echo 'this build keeps no ledger, and says so'
    [ "$(printf '%s\n' "$output" | grep -c '^rcbuf:')" -eq 1 ] || failures=$((failures + 1))
    exit "$failures"
fi
expect 'type session: .* in accept_one "session"$'
expect 'type rc_view: .* in forget_view, where it was made$'
expect '^Cycle of 2 objects, '
expect 'held by the static variable table of leaks$'
expect '^SUMMARY: rcbuf: [0-9]+ bytes leaked in 5 objects; [0-9]+ in 1 still reachable\.$'
[ "$status" -eq 23 ] || { echo "it exits with $status"; failures=$((failures + 1)); }
exit "$failures"
