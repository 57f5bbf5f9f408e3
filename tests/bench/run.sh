#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The benchmark program, built as a user's release build is, with the library linked statically:
#
#   sh tests/run.sh bench              the whole table: three minutes
#   sh tests/run.sh bench --quick      every row, roughly: seconds
#   sh tests/run.sh bench --table      Markdown, for the README
#   sh tests/run.sh bench --csv FILE   the figures for programs, too
#   sh tests/run.sh bench --help       the rest
#
# tests/bench/readme.sh puts the Markdown into the README. Needs a C compiler alone: CC chooses it,
# CFLAGS the optimisation (-O2), RCBUF_BUILD where to build. NumPy and CPython are measured too where
# /usr/bin/python3 and its shared library are there.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=${RCBUF_BUILD:-$root/build}/bench
cc=${CC:-cc}
flags="-std=gnu11 ${CFLAGS:--O2} -DNDEBUG -fexceptions -pthread"
warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes'

mkdir -p "$build"
build=$(CDPATH='' cd -- "$build" && pwd)

# A program that is newer than all sources, and was built by the same command, stays.
is_built()
{
    [ -x "$build/bench" ] && [ "$(cat "$build/command" 2>/dev/null)" = "$cc $flags" ] &&
        [ -z "$(find "$root/rc" "$root/buffer" "$root/tests/bench" -newer "$build/bench")" ]
}

# The object file of a source; names do not clash.
object_of()
{
    printf '%s/%s.o' "$build" "$(printf '%s' "${1%.c}" | tr / _)"
}

# compile SOURCE...: several at once; stops if one does not compile.
compile()
{
    jobs=0
    for source in "$@"; do
        # shellcheck disable=SC2086 # flags, which are words
        "$cc" $flags $warnings -I. "-DBENCH_FLAGS=\"$flags\"" -c "$source" \
            -o "$(object_of "$source")" &
        jobs=$((jobs + 1))
        [ $((jobs % 4)) -ne 0 ] || wait
    done
    wait
    for source in "$@"; do
        [ -f "$(object_of "$source")" ] || exit 1
    done
}

if ! is_built; then
    rm -f "$build"/*.o "$build/librcbuf.a" "$build/bench"
    here=$PWD
    cd "$root"
    compile rc/*.c buffer/*.c tests/bench/*.c
    ar rcs "$build/librcbuf.a" "$build"/rc_*.o "$build"/buffer_*.o
    # shellcheck disable=SC2086 # flags, which are words
    "$cc" $flags "$build"/tests_bench_*.o "$build/librcbuf.a" -ldl -o "$build/bench"
    printf '%s\n' "$cc $flags" >"$build/command"
    cd "$here"
fi
exec "$build/bench" "$@"
