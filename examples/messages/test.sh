#!/bin/sh
# SPDX-License-Identifier: MIT
# sh test.sh PROGRAM: what is sent arrives, copied only where it crosses from buffer to buffer.
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
    what="messages $*"
    [ "$code" -eq "$wanted" ] || fail "exit code $code, not $wanted: $(cat "$folder/err")"
}

# told NAME: a figure of standard error.
told()
{
    sed -n "s/^messages:.* \([0-9]*\) $1[,;].*/\1/p" "$folder/err"
}

# arrives FILE ROOM SEED: every line, and a figure for each.
arrives()
{
    run 0 "$1" "$2" "$3"
    awk 1 "$1" | cmp - "$folder/out" || fail 'other messages arrive'
    lines=$(awk 1 "$1" | wc -l)
    sliced=$(told sliced) copied=$(told copied)
    [ $((sliced + copied)) -eq "$lines" ] || fail "$sliced sliced and $copied copied of $lines"
}

: >"$folder/empty"
printf 'no newline at the end' >"$folder/one"
printf '\n\n\n' >"$folder/blank"
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "%d: %0" i % 90 + 1 "d\n", i, i }' >"$folder/text"
awk 'BEGIN { for (i = 0; i < 40; i++) printf "%0" 100000 + i "d\n", i }' >"$folder/long"

arrives "$folder/empty" 100 1
arrives "$folder/one" 100 1
arrives "$folder/blank" 100 1
for seed in 1 2 3; do arrives "$folder/text" 65536 "$seed"; done
bytes=$(wc -c <"$folder/text")

# At most one message crosses the end of each buffer.
arrives "$folder/text" 4096 4
[ "$copied" -le $(((bytes + 4 * lines) / 4096 + 1)) ] || fail "$copied messages were copied"
[ "$copied" -gt 0 ] || fail 'none was copied'

# All in one buffer, and none.
arrives "$folder/text" 10000000 5
[ "$copied" -eq 0 ] || fail "$copied messages were copied out of one buffer"
arrives "$folder/text" 1 6
[ "$copied" -gt 10000 ] || fail "only $copied messages were copied out of buffers of one byte"
arrives "$folder/long" 65536 7
[ "$sliced" -eq 0 ] || fail "$sliced messages that are larger than a buffer were not copied"

awk 'BEGIN { for (i = 0; i < 20; i++) print i; printf "%01048577d\n", 0; print "never" }' \
    >"$folder/large"
run 1 "$folder/large" 1000000
grep -q 'a message of 1048577 bytes is larger than 1048576' "$folder/err" || fail 'no reason'
[ "$(tail -n 1 "$folder/out")" = 19 ] || fail 'the messages before it are not printed'
run 1 "$folder/nothing"
grep -q 'nothing: No such file' "$folder/err" || fail 'no reason is given'

# Standard output is full: that is told, and the sender, which waits for somebody to read, ends too.
# stops FILE ROOM
stops()
{
    what="messages $1 $2 >/dev/full"
    code=0
    timeout 60 "$program" "$folder/$1" "$2" >/dev/full 2>"$folder/err" || code=$?
    [ "$code" -eq 1 ] || fail "exit code $code, not 1"
    grep -q '^messages: the messages cannot be printed: No space left' "$folder/err" ||
        fail "no reason: $(cat "$folder/err")"
}

if [ -w /dev/full ]; then
    awk 'BEGIN { for (i = 0; i < 30; i++) printf "%0999999d\n", i }' >"$folder/huge"
    stops one 65536
    stops text 65536
    stops huge 65536
    stops huge 64
else
    echo 'skipped: a full device: there is no /dev/full'
fi
run 2
run 2 "$folder/text" 0
run 2 "$folder/text" 64 none
grep -q '^usage: messages FILE' "$folder/err" || fail 'no usage'
exit "$failures"
