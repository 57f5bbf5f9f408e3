#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The library's formats and views beside CPython's struct and memoryview and NumPy, in one process:
# random operations on the same bytes, each answered by both sides. What differs is either listed,
# with its reason (listed.py, at most 15), or stops the run with both answers. ours.c and its rooms
# are the Python module in which the library takes part; with exporter.c, memoryviews are made
# without it.
#
#   sh tests/differential/gate.sh              all of it: two minutes on two cores
#   sh tests/differential/gate.sh round N      the Nth round alone, as a failure names it
#
# The run has RCBUF_OPERATIONS (300000; 200000 at least) and prints its seed, RCBUF_SEED (20).
# A shorter one is under AddressSanitizer and UBSan. Both end with nothing alive by the library's
# own account. Then the list is altered, which the run has to notice, and the library is given one
# fault at a time (faults.sh), which a run has to find, and to find again in its round alone.
# Needs python3 with NumPy and its headers (Debian: python3-numpy, python3-dev).
# Last line: differential: N passed, N failed, N skipped.
# shellcheck disable=SC1090,SC2015,SC2016,SC2086,SC2125,SC2317,SC3045 # words; faults.sh calls
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/differential
here=tests/differential
cc=${CC:-gcc}
seed=${RCBUF_SEED:-20}
operations=${RCBUF_OPERATIONS:-300000}
asan_operations=150000
fault_operations=120000
passed=0 failed=0 skipped=0
cd "$root" || exit 1
mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1
ulimit -c 0
export PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0

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

finish()
{
    printf 'differential: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
    exit
}

# ---- building ------------------------------------------------------------------------------------

warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Werror'
object_of() { printf '%s.o\n' "$1" | tr / _; }

compile() # FOLDER FLAGS SOURCES...
{
    compile_to=$1 compile_command="$cc -std=gnu11 -g -fPIC -fvisibility=hidden -fexceptions -I. $2"
    shift 2
    mkdir -p "$compile_to"
    for source in "$@"; do
        printf '%s\0%s\0' "$source" "$compile_to/$(object_of "$source")"
    done | xargs -0 -n 2 -P 2 sh -c '$0 -c "$1" -o "$2"' "$compile_command"
}

# build_module FOLDER FLAGS: the module, in a folder of its own.
build_module()
{
    rm -rf "$1"
    compile "$1" "$2" rc/*.c buffer/*.c &&
        compile "$1" "$2 $warnings -isystem $include" $here/*.c &&
        $cc $2 -shared "$1"/*.o -pthread -o "$1/ours.so"
}

# ---- running -------------------------------------------------------------------------------------

play() # FOLDER ARGUMENTS...
{
    folder=$1
    shift
    PYTHONPATH=$folder timeout 400 "$python" "$here/run.py" "$@"
}

differential_run()
{
    play "$build/plain" all "$operations" "$seed" >"$build/plain.out" 2>&1
    printf '%s\n' "$?" >"$build/plain.status"
}

# Python's own blocks come from malloc, so that what passes them is seen.
sanitized_run()
{
    LD_PRELOAD="$($cc -print-file-name=libasan.so) $($cc -print-file-name=libubsan.so)" \
        ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=1:allocator_may_return_null=1 \
        UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 PYTHONMALLOC=malloc \
        play "$build/asan" few "$asan_operations" "$seed" >"$build/asan.out" 2>&1
    printf '%s\n' "$?" >"$build/asan.status"
}

judge_run() # NAME WHAT
{
    cat "$build/$1.out"
    if [ "$(cat "$build/$1.status")" -eq 0 ]; then pass; else fail "$2"; fi
}

enough()
{
    done_=$(sed -n 's/^\([0-9]*\) operations in .*/\1/p' "$build/plain.out")
    if [ "${done_:-0}" -ge 200000 ]; then pass; else fail "only ${done_:-0} operations"; fi
}

# ---- whether the list is held to ----------------------------------------------------------------

# altered NAME SED-SCRIPT TEXT: with another list the run fails, and says so.
altered()
{
    mkdir -p "$build/altered/$1"
    cp $here/*.py "$build/altered/$1"
    sed "$2" $here/listed.py >"$build/altered/$1/listed.py"
    PYTHONPATH=$build/plain timeout 400 "$python" "$build/altered/$1/run.py" all 60000 "$seed" \
        >"$build/altered/$1/out" 2>&1 &&
        fail "with $1 the run agrees"
    if grep -q "$3" "$build/altered/$1/out"; then
        pass
        printf '  %-36s %s\n' "$1" "$(grep -m 1 -o "$3.*" "$build/altered/$1/out")"
    else
        fail "with $1 the run says $(tail -n 3 "$build/altered/$1/out")"
    fi
}

check_the_list()
{
    printf 'the list, altered\n'
    altered 'a difference left out' 's/reads_more("names")/lambda *anything: False/' \
        'differs at operation [0-9]*, .*: format: read'
    altered 'one that never occurs' \
        's/^LISTED = \[/&Difference("nobody has seen it", {"none"}, None, ""),/' \
        'a listed difference never occurred: nobody has seen it'
    altered 'more than fifteen' \
        's/^LISTED = \[/&Difference("a", {"view: strides"}, steps_to_nothing, ""),/' \
        '16 differences are listed'
}

# ---- one fault at a time -------------------------------------------------------------------------

running=0
fault() # NAME FILES SED-SCRIPT
{
    faults="$faults $1"
    try_fault "$@" &
    running=$((running + 1))
    [ $((running % 2)) -ne 0 ] || wait
}

# Of the files, which may be a pattern, those are taken that the script changes.
try_fault()
{
    tree=$build/faults/$1 objects=''
    mkdir -p "$tree/rc" "$tree/buffer" || return
    others=$build/plain/*.o
    for file in $2; do
        sed "$3" "$file" >"$tree/$file"
        if cmp -s "$file" "$tree/$file"; then continue; fi
        object=$(object_of "$file")
        $cc -std=gnu11 -O1 -w -fPIC -fvisibility=hidden -fexceptions -I. -iquote "${file%/*}" -c \
            "$tree/$file" -o "$tree/$object" 2>"$tree/why" || return
        objects="$objects $tree/$object"
        others=$(printf '%s\n' $others | grep -v "/$object\$")
    done
    if [ -z "$objects" ]; then
        printf 'its patch no longer applies to %s\n' "$2" >"$tree/why"
        return
    fi
    $cc -shared $objects $others -pthread -o "$tree/ours.so" 2>"$tree/why" || return
    play "$tree" few "$fault_operations" "$seed" >"$tree/out" 2>&1
    printf '%s\n' "$?" >"$tree/status"
    round=$(sed -n 's/^differs at .* in round \([0-9]*\), .*/\1/p' "$tree/out")
    [ -z "$round" ] || play "$tree" round "$round" "$seed" >"$tree/alone" 2>&1
}

what_differs() { sed -n 's/^differs at operation .*, seed [^:]*: //p' "$1"; } # OUTPUT

# A difference, the same when its round is played alone; or a signal.
judge_fault() # NAME
{
    tree=$build/faults/$1
    if [ ! -e "$tree/status" ]; then
        fail "fault $1: $(head -n 3 "$tree/why")"
        return
    fi
    status=$(cat "$tree/status")
    what=$(what_differs "$tree/out")
    if [ "$status" -eq 1 ] && [ -n "$what" ] && ! grep -q '^Traceback' "$tree/out"; then
        [ "$what" = "$(what_differs "$tree/alone")" ] && pass || fail "fault $1: not alone"
        printf '  %-36s %6s   %s\n' "$1" \
            "$(sed -n 's/^differs at operation \([0-9]*\),.*/\1/p' "$tree/out")" "$what"
    elif [ "$status" -gt 128 ]; then
        pass
        printf '  %-36s          stopped by signal %s\n' "$1" $((status - 128))
    else
        fail "fault $1: not found in $fault_operations operations: $(tail -n 3 "$tree/out")"
    fi
}

# ---- all of it -----------------------------------------------------------------------------------

python=/usr/bin/python3
[ -x "$python" ] || python=$(command -v python3) || { skip 'there is no python3'; finish; }
"$python" -c 'import numpy' 2>/dev/null ||
    { skip "there is no NumPy for $python (package python3-numpy)"; finish; }
include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
[ -e "$include/Python.h" ] ||
    { skip "there are no headers for $python (package python3-dev)"; finish; }
if ! build_module "$build/plain" -O1 2>"$build/log"; then
    fail "the module does not build: $(grep -m 5 -E 'error|undefined' "$build/log")"
    finish
fi
if [ "${1:-}" = round ]; then
    play "$build/plain" round "$2" "$seed"
    exit
fi

printf 'seed %s; a round alone: RCBUF_SEED=%s sh %s/gate.sh round NUMBER\n' "$seed" "$seed" "$here"
differential_run &
if build_module "$build/asan" '-O1 -fno-omit-frame-pointer -fsanitize=address,undefined' \
    2>"$build/log"; then
    sanitized_run
else
    grep -m 5 -E 'error|undefined' "$build/log" >"$build/asan.out"
    printf '1\n' >"$build/asan.status"
fi
wait
judge_run plain 'the run'
enough
printf 'under AddressSanitizer and UBSan\n'
judge_run asan 'the run under AddressSanitizer and UBSan'

check_the_list
printf 'faults, and the operations until each was found\n'
rm -rf "$build/faults"
faults='' running=0
. "$root/$here/faults.sh"
wait
for name in $faults; do judge_fault "$name"; done
finish
