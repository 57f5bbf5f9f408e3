#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The one line that needs no build system, cc -std=gnu11 -I. program.c rc/*.c buffer/*.c -pthread,
# with and without -fexceptions, with every compiler there is. Without it rc/try.c is an empty unit.
# Three minutes at most. Last line: plain: N passed, N failed, N skipped.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
build=${RCBUF_BUILD:-$root/build/ci}/plain
mkdir -p "$build"
passed=0
failed=0
skipped=0

check() # NAME COMMAND...
{
    name=$1
    shift
    if "$@" >"$build/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'failed: %s\n' "$name"
        head -n 20 "$build/log"
    fi
}

build_and_run() # COMPILER FLAG...
{
    "$@" -std=gnu11 -I. tests/plain/program.c rc/*.c buffer/*.c -pthread -o "$build/program" &&
        "$build/program"
}

# What rc/try.c defines or asks for, compiled without -fexceptions: nothing.
try_is_empty() # COMPILER
{
    "$1" -std=gnu11 -O2 -fno-exceptions -I. -c rc/try.c -o "$build/try.o" &&
        symbols=$(nm "$build/try.o") &&
        printf '%s\n' "$symbols" && [ -z "$symbols" ]
}

for compiler in gcc clang clang-19; do
    if ! command -v "$compiler" >/dev/null 2>&1; then
        printf 'skipped: %s is not there\n' "$compiler"
        skipped=$((skipped + 1))
        continue
    fi
    warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Werror'
    # shellcheck disable=SC2086 # flags, which are words
    {
        check "$compiler" build_and_run "$compiler"
        check "$compiler -fexceptions -Og" build_and_run "$compiler" -fexceptions -Og $warnings
        check "$compiler -O2" build_and_run "$compiler" -O2 $warnings
        check "$compiler -fexceptions -O2" build_and_run "$compiler" -fexceptions -O2 $warnings
    }
    check "$compiler: rc/try.c is empty without -fexceptions" try_is_empty "$compiler"
done
printf 'plain: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
