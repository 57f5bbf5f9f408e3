#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Stress: eight threads under ThreadSanitizer, built by gcc and by clang, with yields at seeded
# places and no suppression; a fault that must be reported, so that silence means something; forks
# in the middle of other threads' calls; ten million objects released with a stack of 256 KiB; what
# idles after ten million buffers, ten million hand-overs and ten thousand threads.
# Stays below three minutes: RCBUF_STRESS_SECONDS (default 100) is shared by the storms.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/stress
cc=${CC:-gcc}
here=$root/tests/stress
passed=0 failed=0 skipped=0
seconds=${RCBUF_STRESS_SECONDS:-100}
seed=${RCBUF_SEED:-$(date +%s)}

rm -rf "$build" && mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1

pass() { passed=$((passed + 1)); }
fail() # WHAT
{
    failed=$((failed + 1))
    printf 'failed: %s\n' "$1"
}
skip() # WHAT
{
    skipped=$((skipped + 1))
    printf 'skipped: %s\n' "$1"
}

now() { date +%s; }

# ---- building ------------------------------------------------------------------------------------

# build_all MODE TREE COMPILER "FLAGS": the library of TREE and every program, in a folder MODE.
# shellcheck disable=SC2016
build_all()
{
    to=$build/$1 tree=$2 compiler=$3 flags="-std=gnu11 -g -I$2 -I$root $4"
    mkdir -p "$to"
    (cd "$tree" && ls rc/*.c buffer/*.c) | while IFS= read -r source; do
        printf '%s\0%s\0' "$tree/$source" "$to/$(printf '%s' "$source" | tr / _).o"
    done | xargs -0 -n 2 -P 2 sh -c '$0 -c "$1" -o "$2"' "$compiler $flags" || return
    "$compiler" -std=gnu11 -O2 -c "$here/yield.c" -o "$to/yield.o" || return
    for program in count_storm weak_storm slot_storm home_storm buffer_storm chain_storm \
        account_storm fork_storm long_chain idle_memory; do
        printf '%s\0%s\0' "$here/$program.c" "$to/$program"
    done | xargs -0 -n 2 -P 2 sh -c '$0 "$1" '"'$to'"'/*.o -pthread -o "$2"' "$compiler $flags"
}

# ---- storms under ThreadSanitizer ----------------------------------------------------------------

# Some kernels place mappings where ThreadSanitizer of older compilers wants its own.
runner=
command -v setarch >/dev/null && setarch "$(uname -m)" -R true 2>/dev/null &&
    runner="setarch $(uname -m) -R"

run_storm() # MODE PROGRAM SEED ROUNDS
{
    # shellcheck disable=SC2086
    TSAN_OPTIONS="exitcode=66 halt_on_error=0 suppressions= second_deadlock_stack=1" \
        timeout 300 $runner "$build/$1/$2" "$3" "$4" >"$build/$1/$2.out" 2>&1
}

reports_of() { grep -c 'WARNING: ThreadSanitizer' "$build/$1/$2.out"; }

# Rounds of 8 threads, with a fresh seed for each turn, until this program's time is over.
storm() # MODE PROGRAM SECONDS
{
    turns=0 reports=0 until=$(($(now) + $3))
    while :; do
        turns=$((turns + 1))
        run_storm "$1" "$2" $((seed + turns)) 5
        status=$?
        reports=$((reports + $(reports_of "$1" "$2")))
        [ "$status" -eq 0 ] || break
        [ "$(now)" -lt "$until" ] || break
    done
    printf '  %-12s %-14s %4d turns of 5 rounds   %d reports   exit %d\n' "$1" "$2" "$turns" \
        "$reports" "$status"
    if [ "$status" -eq 0 ] && [ "$reports" -eq 0 ]; then
        pass
    else
        fail "$1 $2 with seed $((seed + turns))"
        head -n 60 "$build/$1/$2.out"
    fi
}

storms() # MODE COMPILER
{
    if ! build_all "$1" "$root" "$2" \
        '-O1 -fexceptions -fsanitize=thread -fsanitize-coverage=trace-pc -w' >"$build/log" 2>&1; then
        fail "$1 does not build: $(grep -m 3 error "$build/log")"
        return
    fi
    share=$((seconds / 16))
    for program in count_storm weak_storm slot_storm home_storm buffer_storm chain_storm \
        account_storm; do
        storm "$1" "$program" "$share"
    done
}

# A release without release order is what ThreadSanitizer has to see, or its silence is worth nothing.
seeded_fault()
{
    mkdir -p "$build/faulty-tree"
    cp -R "$root/rc" "$root/buffer" "$build/faulty-tree"
    sed '/rc__count_down(/,/^}/ s/__ATOMIC_RELEASE/__ATOMIC_RELAXED/' "$root/rc/count.h" \
        >"$build/faulty-tree/rc/count.h"
    if cmp -s "$root/rc/count.h" "$build/faulty-tree/rc/count.h"; then
        fail 'the seeded fault no longer applies to rc/count.h'
    elif ! build_all faulty "$build/faulty-tree" "$cc" \
        '-O1 -fexceptions -fsanitize=thread -fsanitize-coverage=trace-pc -w' >"$build/log" 2>&1; then
        fail "the seeded fault does not build: $(grep -m 3 error "$build/log")"
    else
        run_storm faulty count_storm "$seed" 5
        reports=$(reports_of faulty count_storm)
        printf '  %-12s %-14s release made relaxed     %d reports\n' faulty count_storm "$reports"
        if [ "$reports" -gt 0 ]; then pass; else fail 'the seeded fault was not reported'; fi
    fi
}

# ---- forks, long chains --------------------------------------------------------------------------

forks() # MODE
{
    if timeout 150 "$build/$1/fork_storm" "$seed" 20 >"$build/$1/fork_storm.out" 2>&1; then
        printf '  %-12s %-14s 400 children\n' "$1" fork_storm
        pass
    else
        fail "fork_storm ($1), seed $seed: $(head -n 5 "$build/$1/fork_storm.out")"
    fi
}

chain() # MODE
{
    started=$(now)
    # shellcheck disable=SC3045
    if (ulimit -s 256 && timeout 150 "$build/$1/long_chain") >"$build/$1/long_chain.out" 2>&1; then
        printf '  %-12s %-14s 10000000 objects, stack of 256 KiB, %d s\n' "$1" long_chain \
            $(($(now) - started))
        pass
    else
        fail "long_chain ($1): $(head -n 5 "$build/$1/long_chain.out")"
    fi
}

# What idles, and is given back: two GiB of memory, some ten seconds.
idle() # MODE
{
    for part in mixed hand threads; do
        if timeout 300 "$build/$1/idle_memory" "$part" >"$build/$1/idle.out" 2>&1; then
            printf '  %-12s %-14s %s\n' "$1" "idle, $part" "$(cat "$build/$1/idle.out")"
            pass
        else
            fail "idle_memory $part ($1): $(head -n 5 "$build/$1/idle.out")"
        fi
    done
}

plain() # MODE FLAGS
{
    if build_all "$1" "$root" "$cc" "$2 -w" >"$build/log" 2>&1; then
        chain "$1"
        forks "$1"
    else
        fail "$1 does not build: $(grep -m 3 error "$build/log")"
    fi
}

# ---- all of it -----------------------------------------------------------------------------------

has_tsan() # COMPILER
{
    command -v "$1" >/dev/null &&
        printf 'int main(void) { return 0; }\n' >"$build/probe.c" &&
        "$1" -fsanitize=thread "$build/probe.c" -o "$build/probe" 2>/dev/null &&
        $runner "$build/probe" 2>/dev/null
}

printf 'seed %s\n' "$seed"
plain O0 '-O0 -fexceptions -fnon-call-exceptions'
plain O2 '-O2 -fexceptions -fsanitize-coverage=trace-pc'
idle O0
if has_tsan "$cc"; then
    seeded_fault
    storms "tsan-gcc" "$cc"
else
    skip "storms built by $cc: it has no working ThreadSanitizer here"
fi
clang=
for candidate in clang-19 clang; do
    has_tsan "$candidate" && clang=$candidate && break
done
if [ -n "$clang" ]; then
    storms "tsan-clang" "$clang"
else
    skip 'storms built by clang: there is no clang with a working ThreadSanitizer here'
fi

printf 'stress: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
