#!/bin/sh
# SPDX-License-Identifier: MIT
# sh test.sh PROGRAM: every connection ends, or the clients that wait for that would wait for ever.
set -eu
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

fail()
{
    echo "$1"
    failures=$((failures + 1))
}

# serves CLIENTS LINES THREADS: every other client reads all of its answers.
serves()
{
    code=0
    timeout 60 "$program" "$@" >"$folder/out" 2>"$folder/err" || code=$?
    [ "$code" -eq 0 ] || fail "home_poll $*: exit code $code: $(cat "$folder/err")"
    readers=$((($1 + 1) / 2))
    wanted="$1 connections, $((readers * $2)) answers read"
    [ "$(cat "$folder/out")" = "$wanted" ] || fail "home_poll $*: $(cat "$folder/out"), not $wanted"
    sum=$(awk '{ print $1 + $9 }' "$folder/err")
    [ "$sum" = "$1" ] || fail "home_poll $*: $(cat "$folder/err")"
}

serves 1 1 1
serves 500 1 4
serves 100 500 8
serves 3 20000 2
# The one reference that is left when the loop has read its last line is the crew's.
elsewhere=$(awk '{ print $9 }' "$folder/err")
[ "$elsewhere" -gt 0 ] || fail "none ended elsewhere: $(cat "$folder/err")"

# refuses CODE ARGUMENT...
refuses()
{
    wanted=$1 code=0
    shift
    "$program" "$@" >"$folder/out" 2>"$folder/err" || code=$?
    [ "$code" -eq "$wanted" ] || fail "home_poll $*: exit code $code, not $wanted"
}

refuses 2 0
refuses 2 501
refuses 2 1 many
refuses 2 1 1 1 1
grep -q '^usage: home_poll' "$folder/err" || fail 'no usage'
exit "$failures"
