#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Each public header alone, included twice, as C11 and as C++17, with every compiler there is. The
# headers are read from a folder that holds the public ones only, as an installed tree does. One
# minute at most. Last line: headers: N passed, N failed, N skipped.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
build=${RCBUF_BUILD:-$root/build/ci}/headers
passed=0
failed=0
skipped=0

rm -rf "$build"
mkdir -p "$build/include/rc" "$build/include/buffer"
public=$(grep -L 'Private (not installed)' rc/*.h buffer/*.h 2>/dev/null || :)
for header in $public; do
    cp "$header" "$build/include/$header"
done

check() # NAME COMMAND...
{
    name=$1
    shift
    if "$@" >"$build/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'failed: %s\n' "$name"
        head -n 6 "$build/log"
    fi
}

# A header, alone, in each language that compiler $1 speaks: $2 is c or c++, the rest standards.
languages()
{
    compiler=$1
    language=$2
    shift 2
    if ! command -v "$compiler" >/dev/null 2>&1; then
        printf 'skipped: %s is not there\n' "$compiler"
        skipped=$((skipped + 1))
        return 0
    fi
    for standard in "$@"; do
        for header in $public; do
            printf '#include <%s>\n#include <%s>\n' "$header" "$header" >"$build/alone.$language"
            check "$header as $standard with $compiler" "$compiler" -x "$language" \
                "-std=$standard" -fexceptions -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion \
                -Wshadow -Werror -I "$build/include" "$build/alone.$language"
        done
    done
}

no_atomic()
{
    # shellcheck disable=SC2086 # names of headers, which are words
    ! grep -nE '\<_Atomic\>|stdatomic\.h' $public
}

# What lens.h's macros become in C++, by compiler $1.
lenses()
{
    command -v "$1" >/dev/null 2>&1 || return 0
    check "lenses in C++ with $1" "$1" -std=c++17 -O2 -c -Wall -Wextra -Wpedantic -Wconversion \
        -Wshadow -Wcast-qual -Werror -I "$build/include" -o "$build/lens.o" tests/headers/lens.cc
}

# rc/try.h needs -fexceptions in C, and says so in the one error that it gives.
try_refuses()
{
    printf '#include <rc/try.h>\n' >"$build/try.c"
    ! gcc -std=gnu11 -fno-exceptions -fsyntax-only -I "$build/include" "$build/try.c" \
        >"$build/try.log" 2>&1 || return 1
    cat "$build/try.log"
    [ "$(grep -c 'error:' "$build/try.log")" -eq 1 ] &&
        grep -q 'error:.*-fexceptions' "$build/try.log"
}

languages gcc c c11 gnu11
languages clang c c11 gnu11
languages clang-19 c c11 gnu11
languages g++ c++ c++17 gnu++17
languages clang++ c++ c++17 gnu++17
languages clang++-19 c++ c++17 gnu++17
lenses g++
lenses clang++
lenses clang++-19
check 'no _Atomic in a public header' no_atomic
check 'rc/try.h refuses a unit without -fexceptions' try_refuses

# shellcheck disable=SC2086
set -- $public
printf '%d public headers\n' "$#"
printf 'headers: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
