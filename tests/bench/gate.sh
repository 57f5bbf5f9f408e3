#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   sh tests/bench/gate.sh    the benchmark program runs, and nothing has become slower
#
# With every compiler there is its quick run measures every row, each figure and each ratio is a finite
# number above zero, and no word of it depends on how fast the machine is. With gcc all of the quick run
# is shown; and instructions per operation, counted by callgrind, are compared with baseline.csv: what
# costs a tenth more than there, as a multiple of the bare contestant, has failed. The baseline is of
# one compiler and one C library; with others the comparison is skipped, out loud. Then faults are put
# into the library and the baseline, each of which has to be found. Five minutes at most, three where the
# machine does nothing else. `sh tests/bench/baseline.sh` records the baseline anew. Last
# line: bench: N passed, N failed, N skipped.
# shellcheck disable=SC2317 # check calls the functions
set -u
export LC_ALL=C
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
here=$root/tests/bench
build=${RCBUF_BUILD:-$root/build/ci}/bench-gate
rows=52   # that there must be at least, so that none get lost unseen
peers=170 # in all rows, measured or told to be absent
counted=52 # of ours, whose instructions the baseline must have
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

skip() # REASON [HOW MANY]
{
    printf 'skipped: %s\n' "$1"
    skipped=$((skipped + ${2:-1}))
}

# ---- the table ----------------------------------------------------------------------------------

builds_and_warns_of_nothing()
{
    CC=$compiler RCBUF_BUILD=$build/$compiler sh "$here/run.sh" --list >"$build/list" 2>"$build/warnings" &&
        ! grep . "$build/warnings"
}

lists_all_rows()
{
    there=$(sort -u "$build/list" | grep -c .)
    echo "$there rows; there must be $rows"
    [ "$there" -ge "$rows" ] && [ "$(grep -c . "$build/list")" -eq "$there" ]
}

# All of it with gcc, the table alone with others.
runs()
{
    if [ "$compiler" = gcc ]; then
        sh "$here/all.sh" "$program" --quick --csv "$build/figures.csv" >"$build/table"
    else
        "$program" --quick --csv "$build/figures.csv" >"$build/table"
    fi
}

# Lines of all sessions; columns by their names in the first line.
figures_are_numbers()
{
    sed 's/"[^"]*"/name/g' "$build/figures.csv" | awk -F, '
        function number(name) {
            if ($(at[name]) ~ /^[0-9]+\.?[0-9]*$/ && $(at[name]) + 0 > 0) return
            print "no number: " name " in " $0
            bad = 1
        }
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; fields = NF; next }
        NF != fields { print "not " fields " fields: " $0; bad = 1 }
        { number("first"); number("second"); number("rounds"); number("to bare"); number("ratio") }
        $(at["kind"]) == "ours" { ours++ }
        END { print ours + 0, "figures of ours"; exit bad || !ours }'
}

# In CSV with a bare contestant and ours, or skipped out loud.
row_is_measured() # ROW
{
    grep "^$1,.*,bare," "$build/figures.csv" && grep "^$1,.*,ours," "$build/figures.csv"
}

is_in_the_table() # as many titles as rows, each with its threads
{
    titles=$(grep -cE '^[^ ].* \((one thread|once a second thread was started|two threads|three threads)\)$' \
        "$build/table")
    echo "$titles titles; there must be $(grep -c . "$build/list")"
    [ "$titles" -eq "$(grep -c . "$build/list")" ] && ! grep -Eiw 'nan|inf' "$build/table"
}

# A peer that is not there is told, with its reason; what is there is measured.
peers_are_measured_or_told()
{
    told=$(sed '/ goals reached, /q' "$build/table" | grep -c '^  [^ ].* absent: [^ ]')
    measured=$(grep -c ',peer,ns,all,\|,peer,bytes,all,' "$build/figures.csv")
    echo "$measured peers measured, $told told to be absent; there must be $peers"
    [ "$((told + measured))" -ge "$peers" ]
}

# A goal needs two sessions out of three, and the table says in how many it was reached.
sessions_are_counted()
{
    "$program" --row retain --quick --sessions 3 --csv "$build/three.csv" >"$build/three" &&
        grep -qE ': (MISSED, )?reached in [0-3] of 3$' "$build/three" &&
        [ "$(grep -c '^retain,.*,"rcbuf",ours,ns,[123],' "$build/three.csv")" -eq 3 ] &&
        awk '/reached in/ { missed = /MISSED/; sub(/.*reached in /, ""); if (($1 < 2) != missed) exit 1 }' \
            "$build/three"
}

refuses()
{
    "$program" "$@" && return 1
    [ $? -eq 2 ]
}

is_markdown()
{
    "$program" --row retain-started --quick --table |
        grep -qE '^\| retain \+ release, .*\| atomic pair \|'
}

tells_when_a_file_cannot_be_written()
{
    "$program" --row retain --quick --csv "$build/no/such/folder/x.csv" && return 1
    [ $? -eq 1 ]
}

check_table()
{
    check 'lists its rows' lists_all_rows
    check 'the quick run completes' runs
    [ "$compiler" != gcc ] || cat "$build/table"
    check 'each figure is a number' figures_are_numbers
    check 'each row is in the table' is_in_the_table
    check 'each peer is measured, or told to be absent' peers_are_measured_or_told
    sed -n '/ goals reached, /q; s/^  [^ ].* absent: \(.*\)$/\1/p' "$build/table" | sort | uniq -c |
        sed 's/^ *//' >"$build/absent"
    while read -r number reason; do
        skip "$compiler: $number contestants: $reason" "$number"
    done <"$build/absent"
    while read -r row; do
        if grep -q 'skipped: this machine has one core' "$build/table" && ! grep -q "^$row," "$build/figures.csv"; then
            skip "$compiler: $row: this machine has one core"
        else
            check "row $row is measured" row_is_measured "$row"
        fi
    done <"$build/list"
    check 'sessions are counted' sessions_are_counted
    check 'an unknown row is refused' refuses --row nonsense
    check 'an unknown option is refused' refuses --nonsense
    check 'a number of sessions that cannot be is refused' refuses --sessions 0
    check 'an unknown contestant is refused' refuses --count retain nobody 1
    check 'the table is Markdown where asked' is_markdown
    check 'a file that cannot be written is told' tells_when_a_file_cannot_be_written
}

# ---- scale and plots ----------------------------------------------------------------------------

has_curves()
{
    for curve in live own-create own-retain shared-retain hand-over; do
        grep -q "^$curve,\"[^\"]*\",ours,.*[1-9]" "$folder/scale.csv" || {
            echo "no curve $curve"
            return 1
        }
    done
}

# Whole, and with a point for each of ours.
is_a_plot() # FILE
{
    grep -q '</svg>' "$folder/$1" && [ "$(grep -c '#d62728\|rgb(214,  *39,  *40)' "$folder/$1")" -gt 0 ]
}

check_plots()
{
    if grep -q 'skipped: this machine has one core' "$build/table"; then
        skip 'curves: this machine has one core'
    else
        check 'each curve has its points' has_curves
    fi
    if ! command -v gnuplot >/dev/null 2>&1; then
        skip 'plots: there is no gnuplot' 2
        return
    fi
    check 'ratios are plotted' is_a_plot ratios.svg
    check 'scale is plotted' is_a_plot scale.svg
}

# ---- instructions -------------------------------------------------------------------------------

count_instructions()
{
    sh "$here/instructions.sh" "$program" >"$build/instructions.csv"
}

# The lines `# NAME ...` are the same in both: a reason why not, else nothing.
why_not_comparable()
{
    for what in compiler 'C library' flags; do
        was=$(sed -n "s/^# $what //p" "$here/baseline.csv")
        is=$(sed -n "s/^# $what //p" "$build/instructions.csv")
        [ "$was" = "$is" ] || echo "the baseline is of $what $was, and this is $what $is"
    done
}

compares()
{
    awk -f "$here/compare.awk" "$1" "$2"
}

# A contestant for each line of the comparison: said and counted.
compare_with_baseline()
{
    compares "$here/baseline.csv" "$build/instructions.csv" >"$build/comparison"
    grep '^failed' "$build/comparison"
    passed=$((passed + $(grep -c '^passed' "$build/comparison")))
    failed=$((failed + $(grep -c '^failed' "$build/comparison")))
}

finds() # TEXT BASELINE: the comparison with that one fails, and says so
{
    compares "$2" "$build/instructions.csv" >"$build/found" && return 1
    grep "^failed: .*$1" "$build/found"
}

finds_a_regression()
{
    awk -F , -v OFS=, '/^object,"rcbuf",/ { $3 = $3 / 1.12 } { print }' "$build/instructions.csv" \
        >"$build/faster.csv"
    ! cmp -s "$build/instructions.csv" "$build/faster.csv" &&
        finds 'a tenth more than the baseline allows' "$build/faster.csv"
}

finds_what_is_missing()
{
    grep -v '^retain,"rcbuf",' "$build/instructions.csv" >"$build/shorter.csv"
    ! cmp -s "$build/instructions.csv" "$build/shorter.csv" &&
        finds 'retain,rcbuf: is not in the baseline' "$build/shorter.csv"
}

finds_what_is_gone()
{
    sed 's/^retain,"rcbuf",/retain,"gone",/p' "$build/instructions.csv" >"$build/longer.csv"
    ! cmp -s "$build/instructions.csv" "$build/longer.csv" &&
        finds 'retain,gone: is in the baseline, and was not counted' "$build/longer.csv"
}

# The library with forty more instructions in what ends an object.
finds_slower_code()
{
    slower=$build/slower
    rm -rf "$slower"
    mkdir -p "$slower/tests"
    cp -R "$root/rc" "$root/buffer" "$slower"
    cp -R "$here" "$root/tests/setup.sh" "$slower/tests"
    sed '/^void rc_object_release_plain(void \*object)$/{
        n
        s/{/{ __asm__ volatile(".rept 40\\n\\tnop\\n\\t.endr");/
    }' "$root/rc/object_release.c" >"$slower/rc/object_release.c"
    cmp -s "$root/rc/object_release.c" "$slower/rc/object_release.c" && return 1
    CC=$compiler RCBUF_BUILD=$slower/build sh "$slower/tests/bench/run.sh" --list &&
        sh "$here/instructions.sh" "$slower/build/bench/bench" object >"$build/slower.csv" || return 1
    compares "$build/instructions.csv" "$build/slower.csv" >"$build/found" && return 1
    grep '^failed: object,rcbuf: .*a tenth more than the baseline allows' "$build/found"
}

has_enough()
{
    lines=$(grep -c '^[a-z].*[0-9]$' "$build/instructions.csv")
    echo "$lines contestants were counted; there must be $counted"
    [ "$lines" -ge "$counted" ]
}

# What RCBUF_FORCE is to turn on under valgrind was on: the library has counted it. A line
# "row, contestant, what, how many" of forced.txt, tabs between.
was_on() # WHAT ROW CONTESTANT
{
    grep "	$1	" "$folder/forced.txt" | head
    awk -F '\t' -v what="$1" -v row="$2" -v name="$3" '
        $1 == row && $2 == name && $3 == what && $4 > 0 { found = 1 } END { exit !found }' "$folder/forced.txt"
}

# Not forced, the library must have counted nothing: what was_on looks at is no constant.
tells_what_was_off()
{
    RCBUF_FORCE='' sh "$here/instructions.sh" "$program" object >"$build/unforced.csv" || return 1
    ! was_on 'magazine hits' object rcbuf
}

check_instructions()
{
    if ! command -v valgrind >/dev/null 2>&1; then
        skip 'instructions: there is no valgrind'
        return
    fi
    check 'instructions are counted' count_instructions
    check 'instructions of enough contestants' has_enough
    check 'magazines were on under callgrind' was_on 'magazine hits' object rcbuf
    check 'bias was on under callgrind' was_on 'biased operations' retain-bare 'rcbuf, biased owner'
    check 'without RCBUF_FORCE the gate would tell' tells_what_was_off
    why=$(why_not_comparable)
    if [ -n "$why" ]; then
        skip "THE COMPARISON WITH THE BASELINE: $why"
    else
        compare_with_baseline
    fi
    check 'a baseline that is an eighth better would be found' finds_a_regression
    check 'slower code is found' finds_slower_code
    check 'a contestant that is not in the baseline would be found' finds_what_is_missing
    check 'a line without its contestant would be found' finds_what_is_gone
}

# -------------------------------------------------------------------------------------------------

for compiler in gcc clang clang-19; do
    if ! command -v "$compiler" >/dev/null 2>&1; then
        skip "$compiler is not there"
        continue
    fi
    check 'builds without a warning' builds_and_warns_of_nothing
    folder=$build/$compiler/bench
    program=$folder/bench
    check_table
    [ "$compiler" = gcc ] || continue
    check_plots
    check_instructions
done
printf 'bench: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
