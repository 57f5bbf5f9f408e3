#!/bin/sh
# SPDX-License-Identifier: MIT
# sh test.sh PROGRAM: prices before and after the file has changed, and a file that is wrong.
set -eu
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0
list=$folder/prices

fail()
{
    echo "$1"
    failures=$((failures + 1))
}

# ask LINE: what the program answers, in $answer.
ask()
{
    echo "$1" >&3
    IFS= read -r answer <&4 || answer='no answer'
}

# expect LINE ANSWER
expect()
{
    ask "$1"
    [ "$answer" = "$2" ] || fail "$1: \"$answer\", not \"$2\""
}

mkfifo "$folder/in" "$folder/out"
printf '# what things cost\n\napple 3\npear 4\n' >"$list"
"$program" "$list" 4 <"$folder/in" >"$folder/out" 2>"$folder/err" &
exec 3>"$folder/in" 4<"$folder/out"
expect apple 'apple 3'
expect plum 'plum has no price'
printf 'apple 5\npear 4\nplum 1\n' >"$list"
expect apple 'apple 3'
expect reload 'version 2: 3 prices'
expect apple 'apple 5'
expect plum 'plum 1'

# A wrong file is told, and changes nothing.
printf 'apple 6\npear\n' >"$list"
expect reload "$list:2: a line is a name and a price"
printf 'apple 6\napple 7\n' >"$list"
expect reload "$list:2: apple has a price already"
rm "$list"
ask reload
case $answer in
"$list cannot be opened: "*) ;;
*) fail "a missing file: $answer" ;;
esac
expect apple 'apple 5'

version=2
while [ "$version" -lt 60 ]; do
    version=$((version + 1))
    printf 'apple %d\n' "$version" >"$list"
    expect reload "version $version: 1 prices"
    expect apple "apple $version"
done
exec 3>&- 4<&-
wait $! || fail "exit code $?: $(cat "$folder/err")"
grep -q '^4 threads looked up [1-9][0-9]* prices$' "$folder/err" || fail "$(cat "$folder/err")"

# refuses CODE ARGUMENT...
refuses()
{
    wanted=$1 code=0
    shift
    "$program" "$@" </dev/null >"$folder/out.txt" 2>"$folder/err" || code=$?
    [ "$code" -eq "$wanted" ] || fail "reload $*: exit code $code, not $wanted"
}

refuses 2
refuses 2 "$list" 0
refuses 2 "$list" many
grep -q '^usage: reload FILE' "$folder/err" || fail 'no usage'
refuses 1 "$folder/nothing"
grep -q 'nothing cannot be opened: ' "$folder/err" || fail 'no reason is given'
exit "$failures"
