#!/bin/sh
# SPDX-License-Identifier: MIT
# sh test.sh PROGRAM: what scoped_resources releases, and in which order, on each way out.
set -eu
program=$(CDPATH='' cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
failures=0

# expect CODE ORDER ARGUMENT...: the exit code, and what was released, in one line.
expect()
{
    wanted=$1 order=$2
    shift 2
    rm -f result
    code=0
    "$program" "$@" >out 2>err || code=$?
    released=$(sed -n -e 's/^released: //p' -e 's/^undone: .*/undone/p' out | tr '\n' ' ')
    [ "$code" -eq "$wanted" ] && [ "$released" = "$order" ] &&
        grep -qx 'alive at the end: 0 objects' out && return
    echo "scoped_resources $*: exit code $code, not $wanted; released $released, not $order"
    cat err
    failures=$((failures + 1))
}

same()
{
    printf '%b' "$1" | cmp -s - result && return
    echo "the result is not $1"
    failures=$((failures + 1))
}

gone()
{
    [ ! -e result ] && return
    echo "the result was left behind: $1"
    failures=$((failures + 1))
}

printf 'one\n' >one
printf 'two' >two
: >empty
mkdir folder

expect 0 'file file descriptor buffer mutex ' result one two
same 'one\ntwo'
expect 0 'file file descriptor buffer mutex ' result one empty two
same 'one\n'
expect 0 'buffer mutex ' result
gone 'early return'
expect 1 'file undone descriptor buffer mutex ' result one missing two
grep -q '^scoped_resources: missing cannot be opened: ' err || failures=$((failures + 1))
gone 'an error in the middle'
expect 1 'file undone descriptor buffer mutex ' result folder
gone 'a folder'
expect 1 'buffer mutex ' folder/none/result one
expect 1 'buffer mutex ' one two
[ "$(cat one)" = one ] || failures=$((failures + 1))

if "$program" >out 2>err; then code=0; else code=$?; fi
[ "$code" -eq 2 ] && grep -q '^usage: ' err || failures=$((failures + 1))
exit "$failures"
