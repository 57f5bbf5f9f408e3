#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The schedule explorer (main.c tells what it is): tried on itself, then every scenario over the
# library as it is, then the library with one fault at a time (judge.sh), which a scenario must find. A
# fault whose patch changes nothing any more fails, before anything is built. What is not judged within
# RCBUF_EXPLORER_MINUTES (11) fails.
# shellcheck disable=SC2034,SC2154 # judge.sh reads and sets some
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/explorer
cc=${CC:-gcc}
here=$root/tests/explorer
passed=0 failed=0 skipped=0
deadline=$(($(date +%s) + ${RCBUF_EXPLORER_MINUTES:-11} * 60))
RCBUF_FORCE=bias # which is off where code was compiled for ThreadSanitizer
export RCBUF_FORCE

rm -rf "$build" && mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1

wrapped="malloc calloc realloc free posix_memalign aligned_alloc memcpy memmove memset memcmp abort
    pthread_mutex_lock pthread_mutex_unlock pthread_mutex_trylock sched_yield"
link_options=-no-pie
for function in $wrapped; do link_options="$link_options -Wl,--wrap=$function"; done

pass() { passed=$((passed + 1)); }
fail() # WHAT
{
    failed=$((failed + 1))
    printf 'failed: %s\n' "$1"
}

# ---- building ------------------------------------------------------------------------------------

library_sources() { (cd "$root" && ls rc/*.c buffer/*.c); }
scenario_sources() { (cd "$root" && ls tests/explorer/*_scenarios.c); }
object_of() { printf '%s.o\n' "$1" | tr / _; }

# compile OUTPUT TREE COMPILER SOURCES...: unchanged code, instrumented. Only sources under TREE are
# taken from there; the scenarios are the project's.
compile_jobs=2
# shellcheck disable=SC2016
compile()
{
    compile_to=$1 compile_tree=$2 compile_with=$3
    shift 3
    mkdir -p "$compile_to"
    for source in "$@"; do
        from=$compile_tree/$source
        [ -f "$from" ] || from=$root/$source
        printf '%s\0%s\0' "$from" "$compile_to/$(object_of "$source")"
    done | xargs -0 -n 2 -P "$compile_jobs" sh -c '
        "$0" -std=gnu11 -O1 -g -fno-pie -fno-builtin -fexceptions -fsanitize=thread -w -MMD \
            -I"$1" -c "$2" -o "$3"' "$compile_with" "$compile_tree"
}

# shellcheck disable=SC2016
compile_runtime()
{
    for room in main schedule trace fiber clocks heap mutex tsan_entry; do
        printf '%s\0%s\0' "$here/$room.c" "$build/runtime/$room.o"
    done | xargs -0 -n 2 -P 2 sh -c '
        "$0" -std=gnu11 -O2 -g -fno-pie -fno-builtin -Wall -Wextra -Werror -c "$1" -o "$2"' "$cc"
}

link_explorer() # OUTPUT OBJECTS...
{
    linked=$1
    shift
    # shellcheck disable=SC2086
    "$cc" "$build"/runtime/*.o "$@" $link_options -pthread -o "$linked"
}

# ---- lines: name|threads|schedules|pruned|distinct|result ----------------------------------------

field() { printf '%s\n' "$1" | cut -d '|' -f "$2"; }
total=0
count_schedules() # LINE
{
    total=$((total + $(field "$1" 3)))
}

show() # LINE
{
    printf '  %-32s %2d threads %9d schedules   %s\n' "$(field "$1" 1)" "$(field "$1" 2)" \
        "$(field "$1" 3)" "$(field "$1" 6)"
}

# Functions and lines in the place of the addresses of code in a report.
with_names() # EXPLORER
{
    while IFS= read -r report_line; do
        for address in $(printf '%s\n' "$report_line" | grep -oE 'by 0x[0-9a-f]+' | cut -c 4-); do
            name=$(addr2line -s -f -e "$1" "$address" | paste -s -d ' ' -)
            report_line=$(printf '%s\n' "$report_line" | sed "s|$address|$name|")
        done
        printf '%s\n' "$report_line"
    done
}

explore() # RUN EXPLORER OPTIONS...: all scenarios, and what they print is kept for tell_of
{
    explored=$build/runs/$1 explorer=$2
    shift 2
    mkdir -p "$explored"
    timeout 600 "$explorer" "$@" >"$explored/lines" 2>"$explored/reports"
}

tell_of() # RUN EXPLORER TITLE SHOW-EACH
{
    title=$3 each=$4 before=$passed before_total=$total
    [ "$each" = no ] || printf '%s\n' "$title"
    while IFS= read -r line; do
        [ "$each" = no ] || show "$line"
        count_schedules "$line"
        case $(field "$line" 6) in
        passed | limit) pass ;;
        *) fail "$title: $(field "$line" 1)" ;;
        esac
    done <"$build/runs/$1/lines"
    [ "$(wc -l <"$build/runs/$1/lines")" -eq "$scenarios" ] ||
        fail "$title: not every scenario came to an end"
    head -n 60 "$build/runs/$1/reports" | with_names "$2"
    printf '%s: %d of %d scenarios passed, %d schedules\n' "$title" $((passed - before)) \
        "$scenarios" $((total - before_total))
}

# ---- the explorer on itself ----------------------------------------------------------------------

self() # NAME RESULT REPORT: what it must answer, and say where it is wrong
{
    line=$(timeout 150 "$build/explorer" "$1" 2>"$build/reports")
    report=$(head -n 1 "$build/reports")
    if [ "$(field "$line" 6)" = "$2" ] && printf '%s\n' "$report" | grep -q "$3"; then
        pass
    else
        fail "the explorer on itself: $1: $line, not $2 ($3); $report"
    fi
}

# With and without reduction there are as many different schedules, and reduction runs each once.
reduction() # NAME
{
    reduced=$(timeout 150 "$build/explorer" "$1" 2>/dev/null)
    all=$(timeout 150 "$build/explorer" --all "$1" 2>/dev/null)
    if [ "$(field "$all" 6)" = passed ] && [ "$(field "$reduced" 3)" = "$(field "$all" 5)" ] &&
        [ "$(field "$reduced" 5)" = "$(field "$all" 5)" ]; then
        printf '  %-32s %9d interleavings, %d different, %d run\n' "$1" "$(field "$all" 3)" \
            "$(field "$all" 5)" "$(field "$reduced" 3)"
        count_schedules "$all"
        pass
    else
        fail "reduction: $1: all $all, reduced $reduced"
    fi
}

# The same where a thread stops: what is run once is run for each step after which it does.
reduction_with_stops() # NAME
{
    reduced=$(timeout 150 "$build/explorer" "$1" 2>/dev/null)
    all=$(timeout 150 "$build/explorer" --all "$1" 2>/dev/null)
    if [ "$(field "$all" 6)" = passed ] && [ "$(field "$reduced" 5)" = "$(field "$all" 5)" ]; then
        pass
    else
        fail "reduction: $1: all $all, reduced $reduced"
    fi
}

try_itself()
{
    for name in message_released message_fenced message_carried_on turns_at_once turns_locked \
        locks_in_order freed_once thread_locals; do
        self "$name" passed ''
    done
    for name in message_sent_relaxed message_received_relaxed message_overwritten; do
        self "$name" violation 'data race .* read by'
    done
    self turns_in_two_steps violation 'not true: turns == 2'
    self locks_crossed violation 'deadlock'
    self stops passed ''
    self stops_with_a_lock violation 'wait for thread 1, which is stopped after 1 steps'
    self yields_until_it_is_sent passed ''
    self yields_for_ever violation 'deadlock'
    self stops_and_is_waited_for violation 'needs more than 10 steps while thread 1 is stopped after 0'
    self freed_twice violation 'double free\|data race'
    self freed_too_early violation 'data race\|use after free'
    self leaked violation 'leak: 4 bytes'
    self past_the_end violation 'access outside every block'
    self forbidden_write violation 'must not be written'
    printf 'reduction leaves nothing out\n'
    for name in reduced thread_locals release_by_three retain_beside_release write_if_unique \
        write_if_unique_of_three; do
        reduction "$name"
    done
    reduction_with_stops stops
}

# ---- all of it -----------------------------------------------------------------------------------

# Only what is modelled may be used: a lock that the explorer does not see would hide races.
check_modelled()
{
    unmodelled=$(nm -u "$build"/objects/rc_*.o "$build"/objects/buffer_*.o |
        grep -oE '\<(pthread_(rwlock|cond|spin|barrier)|sem_|mtx_|cnd_|call_once)[a-z_]*' | sort -u)
    if [ -z "$unmodelled" ]; then pass; else fail "not modelled: $unmodelled"; fi
}

# The name of the clang that the scenarios were built with, or nothing.
build_with_clang()
{
    for clang in clang-19 clang; do
        command -v "$clang" >/dev/null || continue
        # shellcheck disable=SC2046
        compile "$build/clang" "$root" "$clang" $(library_sources) $(scenario_sources) &&
            link_explorer "$build/explorer-clang" "$build"/clang/*.o && return
        fail "the explorer with $clang"
        return 1
    done
    clang=
    skipped=$((skipped + 1))
    printf 'skipped: scenarios built by clang: no clang here\n'
    return 1
}

explore_all()
{
    explore plain "$build/explorer" &
    explore preemptions "$build/explorer" --all --preemptions 2 --limit 16000 &
    build_with_clang && explore clang "$build/explorer-clang"
    wait
    tell_of plain "$build/explorer" 'the library as it is' yes
    tell_of preemptions "$build/explorer" 'again, unreduced, at most 2 preemptions' no
    [ ! -x "$build/explorer-clang" ] ||
        tell_of clang "$build/explorer-clang" "the library built by $clang" no
}

mkdir -p "$build/runtime"
scenarios=$(cd "$root" && scenario_sources | grep -v /self_ | xargs cat | grep -cE '^    \{"')
# shellcheck source=judge.sh disable=SC1091
. "$here/judge.sh"
# shellcheck source=faults.sh disable=SC1091
. "$here/faults.sh"
# shellcheck disable=SC2046
if compile_runtime && compile "$build/objects" "$root" "$cc" $(library_sources) $(scenario_sources) &&
    link_explorer "$build/explorer" "$build"/objects/*.o; then
    check_modelled
    try_itself
    explore_all
    judge_faults
else
    fail 'the explorer does not build'
fi

printf '%d schedules, %d faults\n' "$total" "$faults"
printf 'explorer: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
