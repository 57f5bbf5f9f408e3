#!/bin/sh
# SPDX-License-Identifier: MIT
# sh test.sh PROGRAM: sums against those of split and cksum, and how many buffers it took.
set -eu
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0
what=

fail()
{
    echo "$what: $1"
    failures=$((failures + 1))
}

# run CODE ARGUMENT...: the exit code is CODE, and what was printed is in out and err.
run()
{
    wanted=$1
    shift
    code=0
    "$program" "$@" >"$folder/out" 2>"$folder/err" || code=$?
    what="pool $*"
    [ "$code" -eq "$wanted" ] || fail "exit code $code, not $wanted"
}

# compare FILE FRAME THREADS: as the pieces that split makes.
compare()
{
    rm -f "$folder"/piece.*
    split -a 5 -b "$2" "$1" "$folder/piece."
    : >"$folder/expected"
    for piece in "$folder"/piece.*; do
        [ -f "$piece" ] || continue
        cksum <"$piece" >>"$folder/expected"
    done
    run 0 "$1" "$2" "$3"
    cmp "$folder/out" "$folder/expected" || fail 'other sums than those of split and cksum'
    grep -q ' 0 out, ' "$folder/err" || fail "a buffer did not come back: $(cat "$folder/err")"
}

: >"$folder/empty"
awk 'BEGIN { for (i = 0; i < 60000; i++) print i * i }' >"$folder/text"
compare "$folder/empty" 100 2
compare "$folder/text" 1000 1
compare "$folder/text" 4096 3
compare "$folder/text" 1000000 2

# A frame of which there are thousands, and far fewer buffers.
run 0 "$folder/text" 64 4
frames=$(wc -l <"$folder/out")
made=$(sed -n 's/^buffers: \([0-9]*\) made.*/\1/p' "$folder/err")
[ "$frames" -gt 5000 ] || fail "only $frames frames"
[ "$made" -lt 500 ] || fail "$made buffers for $frames frames"

run 1 "$folder/nothing"
grep -q 'nothing cannot be opened: ' "$folder/err" || fail 'no reason is given'
run 1 "$folder"
grep -q 'cannot be read: ' "$folder/err" || fail 'no reason is given for a folder'
run 2
run 2 "$folder/text" 0
run 2 "$folder/text" 64 many
grep -q '^usage: pool FILE' "$folder/err" || fail 'no usage'
exit "$failures"
