#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The model of biased counts (model.pml tells what is in it): every configuration is searched to
# its end by spin's own verifier, with no state left out; then one fault at a time is put into the
# model, which the search must find. A fault whose patch changes nothing any more fails, and so does
# a configuration that was not searched to its end, or has fewer states than it ought to have. Two
# searches run side by side, with 2 GB of memory each at most: two minutes on two cores.
# Last line: model: N passed, N failed, N skipped.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/model
here=$root/tests/model
cc=${CC:-gcc}
passed=0 failed=0 skipped=0 states=0 faults=0

rm -rf "$build" && mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1

pass() { passed=$((passed + 1)); }
fail() # WHAT
{
    failed=$((failed + 1))
    printf 'failed: %s\n' "$1"
}

# ---- the searches --------------------------------------------------------------------------------

# job FOLDER OPTIMISATION DEFINITIONS...: a search, to be run by run_jobs, of the model in FOLDER.
job()
{
    folder=$1
    printf '%s\n' "$2" >"$folder/optimisation"
    shift 2
    printf '%s\n' "$*" >"$folder/definitions"
    printf '%s\n' "$folder" >>"$build/jobs"
}

# The verifier stops at the first error. -m: deeper than any path here; it says so where it is not.
# shellcheck disable=SC2016
run_jobs()
{
    xargs -n 1 -P 2 sh -c '
        cd "$1" || exit
        {
            spin -a $(cat definitions) model.pml &&
                $0 "$(cat optimisation)" -w -DSAFETY -DCOLLAPSE -DMEMLIM=1900 -o pan pan.c &&
                timeout 300 ./pan -m2000000 -w22
        } >output 2>&1 || printf "stopped with status %d\n" $? >>output
        rm -f pan pan.[bchmpt]' "$cc" <"$build/jobs"
}

# ---- what a search printed -----------------------------------------------------------------------

stored() # FOLDER: states
{
    sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' "$1/output"
}

depth() # FOLDER
{
    sed -n 's/.*depth reached \([0-9]*\),.*/\1/p' "$1/output"
}

# Of the steps that a thread has; some are for weak references, where a configuration has none.
reached() # FOLDER
{
    sed -n '/^unreached in proctype thread/,/^unreached in init/ {
        s/.*(\([0-9]*\) of \([0-9]*\) states).*/\1 \2/p
    }' "$1/output" | awk '{ printf "%d%%", 100 * ($2 - $1) / $2 }'
}

# What failed, if anything did: an assertion, or a state in which all threads wait.
error() # FOLDER
{
    sed -n 's/^pan:[0-9]*: \(.*\) (at depth [0-9]*)$/\1/p' "$1/output" | head -n 1
}

# Every state was visited, and none was dropped for want of depth, memory or time.
is_complete() # FOLDER
{
    grep -q 'errors: 0$' "$1/output" && grep -q '^Full statespace search for:' "$1/output" &&
        ! grep -qE 'not completed|too small|out of memory|reached -DMEMLIM|stopped with' "$1/output"
}

# ---- configurations ------------------------------------------------------------------------------

configuration() # NAME MINIMUM DEFINITIONS...
{
    mkdir -p "$build/$1" && cp "$here"/*.pml "$build/$1" || return
    printf '%s\n' "$1" >>"$build/configurations"
    printf '%s\n' "$2" >"$build/$1/minimum"
    folder=$build/$1
    shift 2
    job "$folder" -O2 "$@"
}

judge_configuration() # NAME
{
    folder=$build/$1
    count=$(stored "$folder")
    count=${count:-0}
    states=$((states + count))
    printf '  %-12s %9d states, depth %7d, %4s   %s\n' "$1" "$count" "$(depth "$folder")" \
        "$(reached "$folder")" "$(cat "$folder/definitions")"
    if ! is_complete "$folder"; then
        found=$(error "$folder")
        fail "$1: ${found:-not searched to its end}"
        grep -E 'Error|stopped|not completed|too small|reached -DMEMLIM' "$folder/output"
    elif [ "$count" -lt "$(cat "$folder/minimum")" ]; then
        fail "$1: fewer than $(cat "$folder/minimum") states"
    else
        pass
    fi
}

# ---- one fault at a time -------------------------------------------------------------------------

fault() # NAME CONFIGURATION FILE SED-SCRIPT
{
    folder=$build/fault-$1
    mkdir -p "$folder" && cp "$here"/*.pml "$folder" || return
    sed "$4" "$here/$3" >"$folder/$3"
    printf '%s %s\n' "$1" "$2" >>"$build/faults"
    if cmp -s "$here/$3" "$folder/$3"; then
        printf 'its patch no longer applies to %s\n' "$3" >"$folder/output"
    else
        job "$folder" -O0 "$(cat "$build/$2/definitions")"
    fi
}

judge_fault() # NAME CONFIGURATION
{
    folder=$build/fault-$1
    faults=$((faults + 1))
    found=$(error "$folder")
    if [ -n "$found" ] && grep -q 'errors: 1$' "$folder/output"; then
        pass
        printf '  %-30s %-12s %7d states   %s\n' "$1" "$2" "$(stored "$folder")" "$found"
    else
        fail "fault $1: $2 did not find it: $(grep -vE '^ *$' "$folder/output" | tail -n 1)"
    fi
}

# ---- all of it -----------------------------------------------------------------------------------

if ! command -v spin >/dev/null; then
    printf 'skipped: the model of biased counts: there is no spin here\n'
    printf 'model: 0 passed, 0 failed, 1 skipped\n'
    exit 0
fi

# shellcheck source=configurations.sh disable=SC1091
. "$here/configurations.sh"
# shellcheck source=faults.sh disable=SC1091
. "$here/faults.sh"
run_jobs

printf 'the model of biased counts: %s; states, depth, and steps reached\n' "$(spin -V)"
while read -r name; do judge_configuration "$name"; done <"$build/configurations"
printf 'faults, and the states until each was found\n'
while read -r name where; do judge_fault "$name" "$where"; done <"$build/faults"
printf '%d states, %d faults\n' "$states" "$faults"
printf 'model: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
