#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The benchmark program, built as a user's release build is, with the library linked statically:
#
#   sh tests/run.sh bench              all of it, all.sh: under ten minutes
#   sh tests/run.sh bench --quick      every row, roughly: under one
#   sh tests/run.sh bench --table      Markdown, for the README
#   sh tests/run.sh bench --csv FILE   the figures for programs, too
#   sh tests/run.sh bench --help       the rest
#
# tests/bench/readme.sh puts the Markdown into the README. Needs a C compiler alone: CC chooses it,
# CXX the C++ compiler, CFLAGS the optimisation (-O2), RCBUF_BUILD where to build. Other libraries are
# measured too where they are; those that are not are named, with the Debian package that has them:
#
#   libglib2.0-dev libtalloc-dev libapr1-dev libavutil-dev g++ libboost-dev python3-dev
#   libpython3.11 python3-numpy rustc libmimalloc2.0 libjemalloc2 pkg-config
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=${RCBUF_BUILD:-$root/build}/bench
cc=${CC:-cc}
optimise=${CFLAGS:--O2}
flags="-std=gnu11 $optimise -DNDEBUG -fexceptions -pthread"
warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow'
warnings_c="$warnings -Wstrict-prototypes"

mkdir -p "$build"
build=$(CDPATH='' cd -- "$build" && pwd)
. "$root/tests/bench/peers/build.sh"

# What a program was built by. What peers there are is a part of it.
command_now()
{
    printf '%s %s\n' "$cc" "$flags"
    peers_there
}

# A program that is newer than all sources, and was built by the same command, stays.
is_built()
{
    [ -x "$build/bench" ] && [ "$(cat "$build/command" 2>/dev/null)" = "$(command_now)" ] &&
        [ -z "$(find "$root/rc" "$root/buffer" "$root/tests/bench" -name '*.[chr]*' \
            ! -name '*.csv' -newer "$build/bench")" ]
}

# The object file of a source in $objects; names do not clash.
object_of()
{
    printf '%s/%s.o' "$objects" "$(printf '%s' "${1%.c}" | tr / _)"
}

# compile FOLDER FLAGS SOURCE...: several at once; stops if one does not compile.
compile()
{
    objects=$build/$1
    extra=$2
    shift 2
    mkdir -p "$objects"
    jobs=0
    for source in "$@"; do
        # shellcheck disable=SC2086 # flags, which are words
        "$cc" $flags $extra $warnings_c -I. "-DBENCH_FLAGS=\"$flags\"" "-DBENCH_PEERS=\"$build/peers\"" \
            -c "$source" -o "$(object_of "$source")" &
        jobs=$((jobs + 1))
        [ $((jobs % 4)) -ne 0 ] || wait
    done
    wait
    for source in "$@"; do
        [ -f "$(object_of "$source")" ] || exit 1
    done
}

if ! is_built; then
    rm -rf "$build/objects" "$build/pic" "$build/peers" "$build/librcbuf.a" "$build/bench"
    here=$PWD
    cd "$root"
    compile pic '-fPIC -fvisibility=hidden' rc/*.c buffer/*.c
    peers_build
    compile objects '' rc/*.c buffer/*.c tests/bench/*.c
    ar rcs "$build/librcbuf.a" "$objects"/rc_*.o "$objects"/buffer_*.o
    # shellcheck disable=SC2086 # flags, which are words
    "$cc" $flags "$objects"/tests_bench_*.o "$build/librcbuf.a" -ldl -o "$build/bench"
    command_now >"$build/command"
    cd "$here"
fi
exec sh "$root/tests/bench/all.sh" "$build/bench" "$@"
