#!/bin/sh
# SPDX-License-Identifier: MIT
# sh test.sh PROGRAM: word_count agrees with the shell, refuses in sentences, and leaves nothing.
set -eu
export LC_ALL=C
program=$(CDPATH='' cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
checks=0 failures=0

check() # WHAT COMMAND...
{
    checks=$((checks + 1))
    what=$1
    shift
    "$@" && return
    echo "failed: $what; it printed:"
    head -n 5 out err
    failures=$((failures + 1))
}

# run CODE ARGUMENT...: the exit code is CODE, and what was printed is in out and err.
run()
{
    wanted=$1
    shift
    code=0
    "$program" "$@" >out 2>err || code=$?
    check "word_count $* exits with $wanted, not $code" [ "$code" -eq "$wanted" ]
}

says() # a line of standard error
{
    check "standard error has a line \"$1\"" grep -qE "$1" err
}

# The same by other means. A word does not run over the end of a file.
# shellcheck disable=SC2018,SC2019 # ASCII letters alone
pipeline()
{
    for file; do
        cat "$file"
        echo
    done | tr 'A-Z' 'a-z' | tr -cs 'a-z\200-\377' '\n' | grep -a . | sort | uniq -c |
        sort -k1,1nr -k2
}

agrees() # FILE...: with one thread and with several
{
    pipeline "$@" >want
    totals=$(awk '{ sum += $1 } END { printf "words %d, distinct %d", sum, NR }' want)
    for threads in 1 2 3 8; do
        run 0 -j "$threads" --all --account "$@"
        check "the shell agrees, $threads threads: $*" cmp -s out want
        says "^files $#, bytes [0-9]*, $totals\$"
        says '^account: at the end 0 bytes in 0 blocks and 0 objects$'
    done
}

blanks() # COUNT
{
    head -c "$1" /dev/zero | tr '\0' ' '
}

# What a word is, and the order of the report.
printf 'The cat, the CAT; a dog\nb Z\344rtlich z\344RTLICH x1984y the-end' >text
run 0 --all text
printf '%7d %s\n' 3 the 2 cat 2 "$(printf 'z\344rtlich')" 1 a 1 b 1 dog 1 end 1 x 1 y >want
check 'counts, cases and ties' cmp -s out want
says '^files 1, bytes 58, words 13, distinct 9$'
run 0 -n 2 text
check '-n 2' [ "$(cat out)" = '      3 the
      2 cat' ]
run 0 -n 0 text
check '-n 0 prints no word' [ ! -s out ]
agrees text

# Two words of one length and one hash (word_mix() in word.h), and one that begins as another does.
printf 'eniohxfxyucuqbbj igmcckii\226\235\204\200x\222e\374 abcdefgh abcdefghi' >collision
agrees collision

# Files of every kind. The cut is at 262144 bytes.
: >empty
printf 'word' >one
printf 'ending' >'a name with blanks'
head -c 3000000 "$program" >binary
{ blanks 262140 && printf 'straddling it'; } >across
{ blanks 262140 && printf 'ends and begins'; } >ends
{ blanks 262143 && printf ' begins'; } >begins
{ blanks 262140 && printf 'four'; } >full
{ head -c 700000 /dev/zero | tr '\0' 'a' && printf ' ' && head -c 700000 /dev/zero | tr '\0' 'A'; } >long
run 0 empty
check 'an empty file has no words' [ ! -s out ]
says '^files 1, bytes 0, words 0, distinct 0$'
agrees empty
agrees one one 'a name with blanks' one
agrees binary
agrees across ends begins full
agrees long
agrees text empty one across long binary
# A file without a size that has bytes nevertheless.
if [ -r /proc/version ]; then agrees /proc/version one; else echo 'not tried: no /proc/version'; fi
find /usr/include -type f -name '*.h' 2>/dev/null | sort | head -n 300 >list
if [ -s list ]; then
    # shellcheck disable=SC2046 # a word is a file
    agrees $(cat list)
fi

# Its timeline, if somebody asks for one: the marks of the program, and the peak of its account.
RCBUF_TIMELINE=timeline.csv
export RCBUF_TIMELINE
run 0 -j 1 --account binary text
unset RCBUF_TIMELINE
marks=$(sed -n 's/.*,"\(..*\)"$/\1/p' timeline.csv | tr '\n' ' ')
check "the timeline's marks, $marks" [ "$marks" = 'counted merged reported ' ]
peak=$(awk -F, 'NR > 1 && $3 > most { most = $3 } END { print most }' timeline.csv)
says "^account: at the peak $peak bytes\$"
rm timeline.csv

# Files that are none, told; the others are counted.
mkdir directory
mkfifo fifo
run 1 missing one directory fifo - one
check 'the others are counted' [ "$(cat out)" = '      2 word' ]
says '^word_count: .*missing'
says '^word_count: .*directory is a directory'
says '^word_count: .*fifo is a FIFO'
says '^word_count: -: standard input cannot be mapped'
says '^files 2, bytes 8, words 2, distinct 1$'
printf 'secret' >secret
chmod 000 secret
if [ "$(id -u)" -ne 0 ]; then
    run 1 secret one
    says '^word_count: .*secret'
elif command -v setpriv >/dev/null; then
    chmod 755 . && cp "$program" program && chmod 755 program
    code=0
    setpriv --reuid=65534 --clear-groups ./program secret one >out 2>err || code=$?
    check "a file that may not be read gives 1, not $code" [ "$code" -eq 1 ]
    says '^word_count: .*secret'
    check 'the other is counted' [ "$(cat out)" = '      1 word' ]
fi

# Wrong command lines.
run 2
says 'no file is given'
for wrong in '-j 0' '-j 1025' '-j two' '-j 2x' '-j -1' '-n -1' '-n x' '--limit 1k' '--unknown' \
    '-j 99999999999999999999'; do
    # shellcheck disable=SC2086 # an option and its value
    run 2 $wrong one
    says '^word_count: '
done
run 0 --help
check '--help tells the pipeline' grep -q "tr -cs 'a-z\\\\200-\\\\377'" out
run 0 -j 2 -- one
[ -w /dev/full ] && {
    code=0
    "$program" one >/dev/full 2>err || code=$?
    check 'a full device gives 1' [ "$code" -eq 1 ]
    says '^word_count: the words cannot be written'
    code=0
    "$program" --all binary >/dev/full 2>err || code=$?
    check 'also where much is written' [ "$code" -eq 1 ]
}

# Not enough memory, anywhere: the right result, or a sentence and nothing left. There are more
# slices than the queue takes, so that somebody waits when the threads fail.
seq 1 20000 | tr 0-9 a-j >many
set -- many many many many many many many many many many
set -- "$@" "$@" "$@" "$@"
pipeline "$@" >want
refused=0 done=0
for limit in 0 100 500 1000 4000 20000 33000 34000 40000 70000 100000 200000 400000 700000 \
    1000000 2000000 4000000 6000000 8000000 12000000 20000000 100000000; do
    for threads in 1 2; do
        code=0
        "$program" -j "$threads" --all --account --limit "$limit" "$@" >out 2>err || code=$?
        if [ "$code" -eq 0 ]; then
            done=$((done + 1))
            check "the shell agrees within $limit bytes" cmp -s out want
        else
            refused=$((refused + 1))
            check "no words beside an error, limit $limit" [ ! -s out ]
            check "$limit bytes: exit code $code" [ "$code" -eq 1 ]
            says '^word_count: .*[0-9]'
        fi
        says '^account: at the end 0 bytes in 0 blocks and 0 objects$'
    done
done
check "some limits are too small, $refused" [ "$refused" -gt 5 ]
check "some limits suffice, $done" [ "$done" -gt 5 ]

# Fewer threads than asked for: their stacks do not fit. (A sanitizer needs more than that.)
# shellcheck disable=SC3045 # the shells that are sh on Linux have both limits
cramped()
{
    ulimit -s 65536 && ulimit -v 400000 && "$program" -j 16 --all text one >out 2>err
    exit $?
}
pipeline text one >want
code=0
{ (cramped) || code=$?; } 2>/dev/null
if grep -q 'goes on with' err; then
    check 'fewer threads count the same' cmp -s out want
    check 'and the program succeeds' [ "$code" -eq 0 ]
else
    echo 'not tried: too few threads (the limits of this shell do not allow it)'
fi

echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ]
