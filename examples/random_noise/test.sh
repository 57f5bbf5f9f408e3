#!/bin/sh
# SPDX-License-Identifier: MIT
# sh test.sh PROGRAM: what random_noise makes, refuses and leaves behind.
set -eu
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

# run CODE ARGUMENT...: the exit code is CODE, and what was printed is in out and err.
run()
{
    wanted=$1
    shift
    code=0
    "$program" "$@" >"$folder/out" 2>"$folder/err" || code=$?
    what="random_noise $*"
    [ "$code" -eq "$wanted" ] || fail "exit code $code, not $wanted"
}

fail()
{
    echo "$what: $1"
    cat "$folder/out" "$folder/err"
    failures=$((failures + 1))
}

expect()
{
    grep -qE "$2" "$folder/$1" || fail "no \"$2\" in its $1"
}

run 0 1000000 7
cp "$folder/out" "$folder/first"
expect out '^seed 7$'
expect out '^number 1000000, mean -?0\.00[0-9]{4}, standard deviation (0\.99|1\.00)[0-9]{4}$'
expect out '^first( -?[0-9]\.[0-9]{6}){5}$'
expect out '^the shorter way made the same$'
expect out '^alive at the end: 0 bytes$'
run 0 1000000 7
cmp "$folder/out" "$folder/first" || fail 'the same seed made something else'
run 0 1000000 8
! cmp -s "$folder/out" "$folder/first" || fail 'another seed made the same'

run 0
expect out '^number 1, '
run 0 0 1
expect out '^number 0, mean 0\.000000, standard deviation 0\.000000$'

# Too large for a size; refused by the quota; the array fits, but not its copy.
for number in 2305843009213693952 18446744073709551615 100000000; do
    run 1 "$number" 1
    expect err "^random_noise: no room for $number doubles"
    expect out '^alive at the end: 0 bytes$'
done
run 1 5000000 1
expect err '^random_noise: .*40000000'
expect out '^alive at the end: 0 bytes$'

run 2 many
expect err 'NUMBER is a number from 0 to 2\^64 - 1, not "many"'
run 2 -1
run 2 18446744073709551616
run 2 ''
run 2 1 2x
expect err 'SEED is a number'
run 2 1 2 3
expect err '^usage: '
exit "$failures"
