#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   sh tests/run.sh              build, and run all Check suites under AddressSanitizer and UBSan
#   sh tests/run.sh rc/object    one suite
#   sh tests/run.sh bench        the benchmark program, optimised; its arguments follow
#
# Installs what is missing (RCBUF_NO_INSTALL=1 refuses) and works from any folder. Prints failures
# and, last, "N passed, N failed, N skipped". CC chooses the compiler, RCBUF_BUILD where to build,
# RCBUF_SANITIZE other sanitizers than "address;undefined" (empty: none), RCBUF_BUILD_TYPE another
# kind of build than Debug.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/tests/setup.sh"

minimum=1450 # tests that there must be at least, so that none get lost unseen

# Variables by which Check would run something else than all tests, each in a process of its own.
for variable in $(env | sed -n 's/^\(CK_[A-Z_]*\)=.*/\1/p'); do
    unset "$variable"
done

# The names of the tests in the sources, one a line; one that stands in both branches of an #if once.
names()
{
    for source in "$@"; do
        sed -n 's/^START_TEST(\([A-Za-z0-9_]*\)).*/\1/p' "$source" | sort -u
    done
}

# The lines "suite: N passed, N failed" that the suites printed, summed by their column.
sum()
{
    sed -n 's/^[0-9]*: [^ ]*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log" |
        awk -v column="$1" '{ total += $column } END { print total + 0 }'
}

# What the failed suites printed, from ctest's log, where each line starts with the suite's number.
failures()
{
    sed -n 's/^ *[0-9]*\/[0-9]* Test *#\([0-9]*\): .*\*\*\*.*/\1/p' "$log" | while read -r number; do
        sed -n "s/^ *[0-9]*\/[0-9]* Test *#$number: /failed: /p; s/^$number: //p" "$log" |
            grep -Ev '^(Test command|Working Directory|Environment variables|Test timeout| [A-Z]*SAN_)'
    done
}

run_suites()
{
    one=${1:-}
    if [ -n "$one" ]; then
        [ -f "$root/tests/${one}_test.c" ] || give_up "there is no suite tests/${one}_test.c"
        set -- "$root/tests/${one}_test.c"
        minimum=1
    else
        set --
        for source in "$root"/tests/rc/*_test.c "$root"/tests/buffer/*_test.c; do
            [ -f "$source" ] && set -- "$@" "$source"
        done
    fi
    there=$(names "$@" | wc -l)
    log=$build/suites.log
    started=$(now)
    status=0
    ctest --test-dir "$build" -V -j "$(cores)" -R "^${one:-.*}\$" >"$log" 2>&1 || status=$?
    skipped=$(grep -c '^[0-9]*: skipped: ' "$log" || :)
    passed=$(($(sum 1) - skipped))
    failed=$(sum 2)
    if [ $((passed + skipped + failed)) -ne "$there" ]; then
        say "$there tests stand in the sources, but $((passed + skipped + failed)) were run"
        lost=$((there - passed - skipped))
        [ "$lost" -gt "$failed" ] && failed=$lost
        status=1
    fi
    if [ "$there" -lt "$minimum" ]; then
        say "$there tests are too few: there were $minimum"
        status=1
    fi
    [ "$status" -eq 0 ] || failures
    sed -n 's/^[0-9]*: \(skipped: .*\)/\1/p' "$log"
    [ "$status" -ne 0 ] && [ "$failed" -eq 0 ] && failed=1
    say "$there tests in $# suites took $(since "$started") s (${sanitize:-no sanitizer})"
    say "$passed passed, $failed failed, $skipped skipped"
    [ "$status" -eq 0 ] && [ "$passed" -gt 0 ]
}

if [ "${1:-}" = bench ]; then
    shift
    setup_need compiler
    exec sh "$root/tests/bench/run.sh" "$@"
fi
setup_need compiler make cmake check
sanitize=${RCBUF_SANITIZE-address;undefined}
build=${RCBUF_BUILD:-$root/build}/tests
started=$(now)
setup_build "$build" "-DCMAKE_BUILD_TYPE=${RCBUF_BUILD_TYPE:-Debug}" "-DRCBUF_SANITIZE=$sanitize" \
    -DRCBUF_SHARED=OFF -DRCBUF_EXAMPLES=OFF -DRCBUF_TESTS=ON
say "built in $(since "$started") s"
run_suites "$@"
