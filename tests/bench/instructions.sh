#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   sh tests/bench/instructions.sh PROGRAM [ROW] >FILE    instructions per operation, by callgrind
#
# PROGRAM is the one that tests/bench/run.sh built. Each of our contestants whose instructions can be
# counted runs a fixed number of operations in a process of its own, as does the bare one of its row;
# counted is its loop alone, after as many operations before. FILE is what `bench --instructions`
# reads and what baseline.csv is: lines of comment with what the figures depend on, a heading, and
#
#   row,"contestant",instructions,"bare contestant",instructions of that
#
# The library gives up its caches and its bias under valgrind unless RCBUF_FORCE is set, as it is here.
# What it has counted of both is in PROGRAM's folder afterwards, forced.txt: row, contestant, "magazine
# hits" or "biased operations", and how many; tabs between. A contestant that is absent is told on
# stderr. The exit code is 3 where there is no valgrind. A minute on two cores.
set -eu
export LC_ALL=C
export "RCBUF_FORCE=${RCBUF_FORCE-bias,magazines,pages}"

# count PROGRAM FOLDER LINE: a line of --countable; FOLDER gets a line for the list below.
count()
{
    program=$1 folder=$2
    row=$(printf '%s\n' "$3" | cut -f 1)
    name=$(printf '%s\n' "$3" | cut -f 2)
    operations=$(printf '%s\n' "$3" | cut -f 4)
    log=$(mktemp "$folder/XXXXXX.log")
    status=0
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=bench_counted \
        "$program" --count "$row" "$name" "$operations" >"$log.out" 2>"$log" || status=$?
    counted=$(sed -n 's/^==[0-9]*== Collected : \([0-9]*\)$/\1/p' "$log")
    if [ "$status" = 3 ] && grep -q '^absent: ' "$log.out"; then
        printf '%s: %s is %s\n' "$row" "$name" "$(cat "$log.out")" >&2
    elif [ "$status" != 0 ] || [ "${counted:-0}" -eq 0 ]; then
        printf 'callgrind failed for %s, %s: status %s\n' "$row" "$name" "$status" >&2
        tail -n 5 "$log" >&2
        exit 255 # which stops xargs
    else
        printf '%s\t%s\n' "$3" "$counted" >"$log.count"
        sed -n -E "s/^(magazine hits|biased operations) /$row\t$name\t\1\t/p" "$log.out" >"$log.forced"
    fi
}

if [ "$1" = --one ]; then
    shift
    count "$@"
    exit
fi

program=$1 only=${2:-}
command -v valgrind >/dev/null 2>&1 || {
    echo 'there is no valgrind' >&2
    exit 3
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$program" --countable |
    awk -F '\t' -v row="$only" '($3 == "limit" || $3 == "ours") && (row == "" || row == $1)' >"$folder/list"
tr '\n' '\0' <"$folder/list" |
    xargs -0 -n 1 -P "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)" sh "$0" --one "$program" "$folder"

cat "$folder"/*.forced >"$(dirname "$program")/forced.txt"
"$program" --versions | sed 's/^/# /'
printf '# %s\nrow,contestant,instructions,bare,instructions\n' "$(valgrind --version)"
# In the order of the list: runs end in any order, and a row's bare contestant need not come first.
cat "$folder"/*.count | awk -F '\t' '
    NR == FNR { each[$1, $2] = $5 / $4; next }
    $3 == "limit" { limit[$1] = $2; next }
    { rows[++lines] = $1; names[lines] = $2 }
    END {
        for (i = 1; i <= lines; i++) {
            row = rows[i]; name = names[i]; bare = limit[row]
            if ((row, name) in each && (row, bare) in each)
                printf "%s,\"%s\",%.3f,\"%s\",%.3f\n", row, name, each[row, name], bare, each[row, bare]
        }
    }' - "$folder/list"
