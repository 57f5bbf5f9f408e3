#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The model of biased counts (model.pml tells what is in it): every configuration is searched to its
# end by spin's own verifier, with no state left out; then one fault at a time is put into the model,
# which the search must find. A fault whose patch changes nothing any more fails, and so does a
# configuration with fewer states than it ought to have. Two searches run side by side, with
# 2 GB of memory each; the whole takes three minutes on two cores.
# Last line: model: N passed, N failed, N skipped.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/model
cc=${CC:-gcc}
here=$root/tests/model
passed=0 failed=0 skipped=0 states=0 faults=0

rm -rf "$build" && mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1

pass() { passed=$((passed + 1)); }
fail() # WHAT
{
    failed=$((failed + 1))
    printf 'failed: %s\n' "$1"
}

if ! command -v spin >/dev/null; then
    printf 'skipped: the model of biased counts: there is no spin here\n'
    printf 'model: 0 passed, 0 failed, 1 skipped\n'
    exit 0
fi

# ---- the searches --------------------------------------------------------------------------------

jobs=$build/jobs
: >"$jobs"

# job FOLDER DEFINITIONS...: to be run by run_jobs. The folder has the model in it.
job()
{
    folder=$1
    shift
    printf '%s\n' "$*" >"$folder/definitions"
    printf '%s\n' "$folder" >>"$jobs"
}

# The verifier stops at the first error. -m: as deep as any path here; it says so where it is not.
# shellcheck disable=SC2016
run_jobs()
{
    xargs -n 1 -P 2 sh -c '
        cd "$1" && {
            spin -a $(cat definitions) model.pml &&
                "$0" -O2 -w -DSAFETY -DCOLLAPSE -DMEMLIM=1900 -o pan pan.c &&
                timeout 150 ./pan -m5000000 -w22
        } >output 2>&1 || printf "stopped with status %d\n" $? >>output
        rm -f pan pan.[bchmpt]' "$cc" <"$jobs"
    : >"$jobs"
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

# What failed, if anything did: the assertion, or a state in which all threads wait.
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

configurations=

# configuration NAME MINIMUM DEFINITIONS...: at least so many states
configuration()
{
    name=$1 minimum=$2
    shift 2
    configurations="$configurations $name"
    mkdir -p "$build/$name" && cp "$here"/*.pml "$build/$name" || return
    printf '%s\n' "$minimum" >"$build/$name/minimum"
    job "$build/$name" "$@"
}

judge_configuration() # NAME
{
    folder=$build/$1
    count=$(stored "$folder")
    printf '  %-16s %9d states, depth %7d   %s\n' "$1" "${count:-0}" "$(depth "$folder")" \
        "$(cat "$folder/definitions")"
    states=$((states + ${count:-0}))
    if ! is_complete "$folder"; then
        fail "$1: $(error "$folder")"
        grep -E 'Error|error|stopped|too small|memory' "$folder/output" | head -n 5
    elif [ "$count" -lt "$(cat "$folder/minimum")" ]; then
        fail "$1: fewer than $(cat "$folder/minimum") states"
    else
        pass
    fi
}

# ---- one fault at a time -------------------------------------------------------------------------

# fault NAME CONFIGURATION FILE SED-SCRIPT
fault()
{
    faults=$((faults + 1))
    folder=$build/fault-$1
    mkdir -p "$folder" && cp "$here"/*.pml "$folder" || return
    sed "$4" "$here/$3" >"$folder/$3"
    printf '%s %s\n' "$1" "$2" >>"$build/faults"
    if cmp -s "$here/$3" "$folder/$3"; then
        printf 'its patch no longer applies to %s\n' "$3" >"$folder/output"
    else
        job "$folder" "$(cat "$build/$2/definitions")"
    fi
}

judge_fault() # NAME CONFIGURATION
{
    folder=$build/fault-$1
    found=$(error "$folder")
    if [ -n "$found" ] && grep -q 'errors: 1$' "$folder/output"; then
        pass
        printf '  %-28s %-14s %8d states   %s\n' "$1" "$2" "$(stored "$folder")" "$found"
    else
        fail "fault $1: $2 did not find it: $(grep -vE '^ *$' "$folder/output" | head -n 2)"
    fi
}

# ---- all of it -----------------------------------------------------------------------------------

# shellcheck source=configurations.sh disable=SC1091
. "$here/configurations.sh"
run_jobs
printf 'the model of biased counts: %s\n' "$(spin -V)"
for name in $configurations; do judge_configuration "$name"; done

: >"$build/faults"
# shellcheck source=faults.sh disable=SC1091
. "$here/faults.sh"
run_jobs
printf 'faults, and the states until each was found\n'
while read -r name where; do judge_fault "$name" "$where"; done <"$build/faults"

printf '%d states, %d faults\n' "$states" "$faults"
printf 'model: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
