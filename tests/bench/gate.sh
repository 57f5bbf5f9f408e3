#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The benchmark program runs: with every compiler there is its quick run measures every row, each
# figure and each ratio is a finite number above zero, and no word of it depends on how fast the
# machine is. Two minutes at most. Last line: bench: N passed, N failed, N skipped.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=${RCBUF_BUILD:-$root/build/ci}/bench-gate
rows=40 # that there must be, so that none get lost unseen
peers=11 # NumPy and CPython, in how many rows
passed=0
failed=0
skipped=0
mkdir -p "$build"

check() # NAME COMMAND...
{
    name=$1
    shift
    if "$@" >"$build/check.log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'failed: %s: %s\n' "$compiler" "$name"
        head -n 20 "$build/check.log"
    fi
}

bench()
{
    CC=$compiler RCBUF_BUILD=$build/$compiler sh "$root/tests/bench/run.sh" "$@"
}

warns_of_nothing()
{
    bench --list >"$build/list" 2>"$build/warnings" && ! grep . "$build/warnings"
}

lists_all_rows()
{
    there=$(sort -u "$build/list" | grep -c .)
    echo "$there rows; there must be $rows"
    [ "$there" -eq "$rows" ] && [ "$(grep -c . "$build/list")" -eq "$rows" ]
}

runs()
{
    bench --quick --csv "$build/figures.csv" >"$build/table"
}

# row,"contestant",kind,unit,first,second,rounds,"against",ratio,"goal",verdict
figures_are_numbers()
{
    sed 's/"[^"]*"/name/g' "$build/figures.csv" | awk -F, '
        function number(text) { return text ~ /^[0-9]+\.?[0-9]*$/ && text + 0 > 0 }
        NR == 1 { next }
        NF != 11 { print "not eleven fields: " $0; bad = 1 }
        { for (i = 5; i <= 9; i++) if (i != 8) if (!number($i)) { print "no number: " $i " in " $0; bad = 1 } }
        $3 == "ours" { ours++ }
        END { print ours + 0, "figures of ours"; exit bad || !ours }'
}

# In CSV with a bare contestant and ours, or skipped out loud.
row_is_measured() # ROW
{
    grep "^$1,.*,bare," "$build/figures.csv" && grep "^$1,.*,ours," "$build/figures.csv"
}

is_in_the_table() # as many titles as rows, each with its threads
{
    titles=$(grep -cE '^[^ ].* \((one thread|once a second thread was started|two threads)\)$' \
        "$build/table")
    echo "$titles titles; there must be $rows"
    [ "$titles" -eq "$rows" ] && ! grep -Eiw 'nan|inf' "$build/table"
}

refuses()
{
    bench "$@" && return 1
    [ $? -eq 2 ]
}

is_markdown()
{
    bench --row retain-started --quick --table | grep -qE '^\| retain \+ release, .*\| atomic pair \|'
}

tells_when_a_file_cannot_be_written()
{
    bench --row retain --quick --csv "$build/no/such/folder/x.csv" && return 1
    [ $? -eq 1 ]
}

# A peer that is not there is told, with its reason; what is there is measured.
peers_are_measured_or_told()
{
    told=$(grep -c '^  [^ ].* absent: [^ ]' "$build/table")
    measured=$(grep -c ',peer,' "$build/figures.csv")
    echo "$measured peers measured, $told told to be absent; there must be $peers"
    [ "$((told + measured))" -eq "$peers" ]
}

for compiler in gcc clang clang-19; do
    if ! command -v "$compiler" >/dev/null 2>&1; then
        printf 'skipped: %s is not there\n' "$compiler"
        skipped=$((skipped + 1))
        continue
    fi
    check 'builds without a warning' warns_of_nothing
    check 'lists its rows' lists_all_rows
    check 'the quick run completes' runs
    check 'each figure is a number' figures_are_numbers
    check 'each row is in the table' is_in_the_table
    check 'each peer is measured, or told to be absent' peers_are_measured_or_told
    absent=$(sed -n 's/^  [^ ].* absent: \(.*\)$/\1/p' "$build/table" | sort | uniq -c)
    if [ -n "$absent" ]; then
        printf '%s\n' "$absent" | while read -r number reason; do
            printf 'skipped: %s: %d peers: %s\n' "$compiler" "$number" "$reason"
        done
        skipped=$((skipped + $(printf '%s\n' "$absent" | awk '{ n += $1 } END { print n }')))
    fi
    while read -r row; do
        if [ "$row" = retain-two ] && grep -q 'skipped: this machine has one core' "$build/table"; then
            printf 'skipped: %s: %s: this machine has one core\n' "$compiler" "$row"
            skipped=$((skipped + 1))
        else
            check "row $row is measured" row_is_measured "$row"
        fi
    done <"$build/list"
    check 'an unknown row is refused' refuses --row nonsense
    check 'an unknown option is refused' refuses --nonsense
    check 'the table is Markdown where asked' is_markdown
    check 'a file that cannot be written is told' tells_when_a_file_cannot_be_written
done
printf 'bench: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
