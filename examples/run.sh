#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   sh examples/run.sh    build the examples, count the words of this machine's own text with
#                         word_count, compute a table's columns with npy_stats, then test every
#                         example; prints how long each step took
#
# Installs what is missing (RCBUF_NO_INSTALL=1 refuses) and works from any folder. Its last line is
# "N passed, N failed, N skipped". CC chooses the compiler, RCBUF_BUILD where to build.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/tests/setup.sh"

build=${RCBUF_BUILD:-$root/build}/examples

# step NAME COMMAND...: says how long it took.
step()
{
    name=$1
    shift
    started=$(now)
    status=0
    "$@" || status=$?
    say "-- $name: $(since "$started") s"
    return "$status"
}

# Text that every machine has: licences, the C headers, perl's and CMake's modules, and this
# project. In a fixed order; names with a blank in them are left out.
list_text()
{
    for folder in /usr/share/common-licenses /usr/include /usr/lib/gcc /usr/share/perl \
        /usr/share/perl5 /usr/lib/*/perl-base /usr/share/cmake-* \
        "$root/rc" "$root/buffer" "$root/tests" "$root/examples"; do
        [ -d "$folder" ] || continue
        find "$folder" -type f -readable ! -path '*[[:space:]]*' \( -path '*/common-licenses/*' -o -name '*.h' -o -name '*.c' \
            -o -name '*.p[lm]' -o -name '*.pod' -o -name '*.cmake' -o -name '*.sh' \)
    done | LC_ALL=C sort | head -n 8000 >"$build/text.list"
}

count_words()
{
    # shellcheck disable=SC2046 # a word is a file
    set -- $(cat "$build/text.list")
    bytes=$(cat -- "$@" | wc -c)
    say "word_count on $# files, $((bytes / 1000000)) MB, with $(cores) threads:"
    "$build/examples/word_count" -j "$(cores)" --account "$@"
}

# A table of a million rows that npy_stats makes itself, and its histograms where they can be drawn.
measure_columns()
{
    table=$build/measurements.npy
    "$build/examples/npy_stats" --make "$table" 1000000 || return
    set -- -j "$(cores)" "$table"
    if command -v gnuplot >/dev/null 2>&1; then set -- --plot "$build/measurements.svg" "$@"; fi
    say "npy_stats $*:"
    "$build/examples/npy_stats" "$@"
}

# Each example with a test, by CTest; what failed is shown.
test_examples()
{
    status=0
    ctest --test-dir "$build" -j "$(cores)" --output-on-failure >"$build/examples.log" 2>&1 ||
        status=$?
    grep -E '^ *[0-9]+/[0-9]+ Test' "$build/examples.log" | sed 's/^ *[0-9]*\/[0-9]* Test *#[0-9]*: *//'
    sed -n '/^skipped: /p' "$build/Testing/Temporary/LastTest.log"
    [ "$status" -eq 0 ] || cat "$build/examples.log"
    return "$status"
}

tested()
{
    grep -cE "^ *[0-9]+/[0-9]+ Test .*$1" "$build/examples.log" || :
}

step setup setup_need compiler make cmake
step build setup_build "$build" -DCMAKE_BUILD_TYPE=Release -DRCBUF_SANITIZE= \
    -DRCBUF_SHARED=OFF -DRCBUF_TESTS=OFF -DRCBUF_EXAMPLES=ON
step 'gathering text' list_text
failed=0
step word_count count_words || failed=1
step npy_stats measure_columns || failed=$((failed + 1))
step 'the examples' test_examples || :
passed=$(($(tested ' Passed ') + 2 - failed))
skipped=$(tested '\*\*\*Skipped')
total=$(tested '')
failed=$((total + 2 - passed - skipped))
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$total" -gt 0 ]
