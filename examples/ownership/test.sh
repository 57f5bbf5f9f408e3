#!/bin/sh
# SPDX-License-Identifier: MIT
# sh test.sh PROGRAM: what the graph says before and after a collection; that Graphviz draws it, and
# draws what the picture in this folder shows. Without Graphviz that is skipped.
set -eu
program=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
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
    what="ownership $*"
    [ "$code" -eq "$wanted" ] || fail "exit code $code, not $wanted: $(cat "$folder/err")"
}

# has TEXT COUNT: so many lines of the output have it.
has()
{
    found=$(grep -cF -- "$1" "$folder/out" || :)
    [ "$found" -eq "$2" ] || fail "$found lines have: $1"
}

# The words of a picture, in no order: where they stand is Graphviz' affair.
words()
{
    sed -n 's/.*<text[^>]*>\(.*\)<\/text>.*/\1/p' "$1" | sort
}

run 0
has 'digraph rcbuf {' 1
has '[label="' 18 # the nodes, and the edges that have a name
has '13 objects, ' 1
has 'track \"verse\"' 1
has 'filled", fillcolor' 3 # the two steps, and the buffer that they keep
has '48000' 0
cp "$folder/out" "$folder/first"
run 0
cmp "$folder/out" "$folder/first" || fail 'the text is another one each time'

run 0 --collected
has 'filled", fillcolor' 0
has '10 objects, ' 1
grep -qx 'collected: 2 objects' "$folder/err" || fail "$(cat "$folder/err")"

run 2 --nothing
run 2 one two
grep -q '^usage: ownership ' "$folder/err" || fail 'no usage'
run 1 "$folder/it's.svg"
grep -q 'has a quote in it' "$folder/err" || fail 'no reason is given'
what='ownership where there is no dot'
code=0
PATH=/nonexistent "$program" "$folder/none.svg" 2>"$folder/err" || code=$?
[ "$code" -eq 1 ] || fail "exit code $code"
grep -q 'did not draw' "$folder/err" || fail 'no reason is given'

if ! command -v dot >/dev/null 2>&1; then
    [ "$failures" -eq 0 ] || exit "$failures"
    echo "skipped: Graphviz' dot is not there (apt-get install graphviz): the picture was not drawn"
    exit 77
fi
run 0 "$folder/drawn.svg"
words "$folder/drawn.svg" >"$folder/drawn"
words "$here/ownership.svg" >"$folder/shown"
[ -s "$folder/drawn" ] || fail 'the picture has no words'
diff "$folder/shown" "$folder/drawn" || fail 'ownership.svg shows something else: draw it again'
run 1 "$folder/nowhere/drawn.svg"
grep -q 'did not draw' "$folder/err" || fail 'no reason is given'
exit "$failures"
