#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Mutation: small faults are put into rc/ and buffer/, one at a time (mutate.c), and the tests have to
# notice. A mutant that does not compile, or that the optimiser makes the same code of, is none and
# another is taken. Each goes through the suites, built plainly; who survives that, through the suites
# and the out-of-memory sweep under AddressSanitizer, and through the schedule explorer; a weakened
# memory order through the explorer alone. At least 85 of 100 must be killed; survivors are listed.
#
# RCBUF_MUTANTS (100) is how many, RCBUF_SEED (1) which, RCBUF_MUTATION_MINUTES (12) stops it; what
# was not judged by then is skipped. `gate.sh FILE...` takes mutants of these files alone.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/mutation
cc=${CC:-gcc}
wanted=${RCBUF_MUTANTS:-100}
seed=${RCBUF_SEED:-1}
jobs=2 # at the same time
deadline=$(($(date +%s) + ${RCBUF_MUTATION_MINUTES:-12} * 60))

give_up()
{
    printf '%s\n' "$*"
    printf 'mutation: 0 passed, 1 failed, 0 skipped\n'
    exit 1
}

if ! pkg-config --exists check 2>/dev/null; then
    printf 'skipped: mutation: there is no Check to run the suites\n'
    printf 'mutation: 0 passed, 0 failed, 1 skipped\n'
    exit 0
fi
cd "$root" || exit 1
[ $# -gt 0 ] || set -- rc/*.c rc/*.h buffer/*.c buffer/*.h
rm -rf "$build" && mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1

# What is judged is the project as it is now, whatever happens to it meanwhile.
mkdir "$build/project" && cp -R "$root/rc" "$root/buffer" "$root/tests" "$build/project" || exit 1
root=$build/project
cd "$root" || exit 1
here=$root/tests/mutation
. "$here/judge.sh"

# The memory orders' mutants are few; one in fifty of the sample is one.
sample()
{
    "$build/mutate" list "$seed" "$@" >"$build/all" || return
    awk -F '\t' -v orders=$(((wanted + 49) / 50)) '
        $5 == "order" && taken < orders { taken++; print; next }
        $5 != "order" { rest[++count] = $0 }
        END { for (i = 1; i <= count; i++) print rest[i] }' "$build/all" >"$build/list"
}

# ---- go ------------------------------------------------------------------------------------------

started=$(date +%s)
"$cc" -std=gnu11 -O1 -Wall -Wextra "$here/mutate.c" -o "$build/mutate" || give_up 'mutate.c does not compile'
sample "$@" || give_up 'there are no mutants'
build_base || give_up "the tests do not build: $(head -n 5 "$build/log")"
check_base || give_up "the tests fail without a mutant: $(cat "$build/failed")"
printf '%d places for a mutant; seed %s; tests built and tried in %d s\n' "$(wc -l <"$build/all")" \
    "$seed" $(($(date +%s) - started))

mkdir -p "$build/claims" "$build/results"
worker=0
while [ "$worker" -lt "$jobs" ]; do
    worker=$((worker + 1))
    work "$build/work$worker" &
done
wait

# ---- report --------------------------------------------------------------------------------------

# Results by the number of the mutant, so that the same ones count however the work was divided.
(cd "$build/results" && ls | sort -n | while read -r number; do
    sed "s/^/$number	/" "$number"
done) >"$build/judged"
awk -F '\t' -v wanted="$wanted" '
    $2 == "killed" || $2 == "survived" { if (++count > wanted) next }
    { print }' "$build/judged" >"$build/counted"

of() # VERDICT
{
    cut -f 2 "$build/counted" | grep -c "^$1\$"
}

killed=$(of killed)
survived=$(of survived)
total=$((killed + survived))
awk -F '\t' '$2 == "survived" {
    printf "survived: %s:%s: %s: %s -> %s\n", $4, $5, $8, $10, $9 == "" ? "nothing" : $9
}' "$build/counted"
printf 'killed by: '
awk -F '\t' '$2 == "killed" { count[$3]++ } END { for (by in count) printf "%s %d  ", by, count[by] }' \
    "$build/counted"
printf '\n%d did not compile, %d were the same code; %d s\n' "$(of invalid)" "$(of same)" \
    $(($(date +%s) - started))
printf 'killed %d of %d\n' "$killed" "$total"
skipped=0
if [ "$total" -lt "$wanted" ]; then
    printf 'skipped: %d mutants: the time, or the list, was at its end\n' $((wanted - total))
    skipped=1
fi
if [ "$total" -gt 0 ] && [ $((killed * 100)) -ge $((total * 85)) ]; then
    printf 'mutation: %d passed, 0 failed, %d skipped\n' "$killed" "$skipped"
else
    printf 'mutation: %d passed, 1 failed, %d skipped\n' "$killed" "$skipped"
    exit 1
fi
