#!/bin/sh
# SPDX-License-Identifier: MIT
#
# word_count under valgrind's memcheck, with one thread and with two, on this project's own sources,
# an empty file and a binary one: no error, nothing lost, and the result of a run without valgrind.
# Two minutes at most. Last line: valgrind: N passed, N failed, N skipped.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/tests/setup.sh"
mkdir -p "${RCBUF_BUILD:-$root/build/ci}/valgrind"
build=$(CDPATH='' cd -- "${RCBUF_BUILD:-$root/build/ci}/valgrind" && pwd)
if ! command -v valgrind >/dev/null 2>&1; then
    say 'skipped: valgrind is not there'
    say 'valgrind: 0 passed, 0 failed, 1 skipped'
    exit 0
fi
setup_build "$build/build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DRCBUF_SHARED=OFF -DRCBUF_TESTS=OFF
word_count=$build/build/examples/word_count
: >"$build/empty"
passed=0
failed=0

same_and_clean() # FLAG...
{
    set -- "$@" "$build/empty" "$word_count" "$root"/rc/*.[ch] "$root"/buffer/*.[ch]
    "$word_count" "$@" >"$build/plain" 2>"$build/plain.errors" || return 1
    valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite,indirect,possible \
        --errors-for-leak-kinds=definite,indirect,possible "$word_count" "$@" \
        >"$build/watched" 2>"$build/log" || return 1
    cmp "$build/plain" "$build/watched" >>"$build/log"
}

for threads in 1 2; do
    if same_and_clean -j "$threads"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        say "failed: word_count -j $threads"
        tail -n 30 "$build/log"
    fi
done
say "valgrind: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
