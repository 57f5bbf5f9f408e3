#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   sh tests/bench/all.sh PROGRAM [--quick] [--sessions N] [--table] [--csv FILE]
#
# All of the benchmark, with the program that run.sh built: instructions by callgrind, the table in
# several sessions, how cost grows, and both as plots. Beside the program stay instructions.csv,
# figures.csv, scale.csv, scale.txt, ratios.svg and scale.svg. With --table the table alone goes to
# stdout, and what else is to be said to stderr. What cannot be done is told: "skipped: ...". Under ten
# minutes on two cores; with --quick, which counts no instructions, under one. Any other option of the
# program (--help, --row, --list, ...) runs the program with it, and nothing else.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
program=$1
shift
folder=$(dirname "$program")
figures=$folder/figures.csv
quick='' table=''

wants= # what the next word is for
for word in "$@"; do
    case $wants$word in
    csv*) figures=${word} wants= ;;
    sessions*) wants= ;;
    --quick) quick=--quick ;;
    --table) table=yes ;;
    --csv) wants=csv ;;
    --sessions) wants=sessions ;;
    *) exec "$program" "$@" ;;
    esac
done
[ -z "$wants" ] || exec "$program" "$@"
"$program" "$@" --list >/dev/null # refuses what makes no sense before anything takes time

say()
{
    if [ -n "$table" ]; then printf '%s\n' "$1" >&2; else printf '%s\n' "$1"; fi
}

seconds()
{
    date +%s
}
started=$(seconds)

count_instructions()
{
    if [ -n "$quick" ]; then
        say 'skipped: instructions: not in a quick run; sh tests/bench/instructions.sh counts them'
        return 1
    fi
    status=0
    sh "$here/instructions.sh" "$program" >"$folder/instructions.csv" || status=$?
    [ "$status" -ne 0 ] || return 0
    [ "$status" -eq 3 ] || exit 1
    say 'skipped: instructions: there is no valgrind'
    return 1
}

status=0
if count_instructions; then
    "$program" --csv "$figures" --instructions "$folder/instructions.csv" "$@" || status=1
else
    "$program" --csv "$figures" "$@" || status=1
fi
# shellcheck disable=SC2086 # one word, or none
"$program" --scale $quick --csv "$folder/scale.csv" >"$folder/scale.txt" || status=1
say ''
say "$(cat "$folder/scale.txt")"
say ''
plotted=0
sh "$here/plot.sh" "$figures" "$folder/scale.csv" "$folder" || plotted=$?
case $plotted in
0) say "plots: $folder/ratios.svg, $folder/scale.svg" ;;
3) say 'skipped: plots: there is no gnuplot' ;;
*) status=1 ;;
esac
say "figures: $figures, $folder/scale.csv; all of it took $(($(seconds) - started)) s"
exit "$status"
