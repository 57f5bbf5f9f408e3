#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The out-of-memory sweep (oom.h tells what it does), built with AddressSanitizer and UBSan. Its list
# of functions is read from the public headers: one that no scenario calls fails, by name. Then the
# sweep is given a function that nobody calls, and libraries with a fault, which it has to notice.
# A minute on two cores; each run is stopped after five.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/oom
cc=${CC:-gcc}
wrapped="malloc calloc realloc posix_memalign aligned_alloc mmap mmap64 munmap"
passed=0
failed=0

cd "$root" || exit 1
rm -rf "$build" && mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1
link_options=-pthread
for function in $wrapped; do link_options="$link_options -Wl,--wrap=$function"; done
flags='-std=gnu11 -g -Og -fexceptions -fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer -Wall -Wextra -Wconversion -Wshadow -Werror'

give_up()
{
    printf 'failed: %s\n' "$*"
    printf 'oom: 0 passed, 1 failed, 0 skipped\n'
    exit 1
}

check() # WHAT COMMAND...
{
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'failed: %s\n' "$what"
    fi
}

# compile FLAGS: each source on standard input; only the library's functions report their calls.
# shellcheck disable=SC2016
compile()
{
    while read -r source; do
        printf '%s\0%s\0' "$source" "$build/$(printf '%s' "$source" | tr / _).o"
    done | xargs -0 -n 2 -P 2 sh -c '$0 -I. -c "$1" -o "$2"' "$cc $flags $1"
}

# run PROGRAM: its output goes to a file of its name.
run()
{
    RCBUF_FORCE=bias ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 \
        timeout 300 "$build/$1" list >"$build/$1.out" 2>&1
}

# ---- the sweep -----------------------------------------------------------------------------------

headers=$(grep -L 'Private (not installed)' rc/*.h buffer/*.h)
# shellcheck disable=SC2086
awk -f tests/oom/functions.awk $headers >"$build/functions.c"
# shellcheck disable=SC2012,SC2086
{
    ls rc/*.c buffer/*.c | compile -finstrument-functions &&
        ls tests/oom/*.c | compile '' &&
        $cc $flags -I. -c "$build/functions.c" -o "$build/functions.o" &&
        $cc $flags "$build"/*.o $link_options -o "$build/sweep"
} >"$build/log" 2>&1 ||
    give_up "the sweep does not build: $(grep -m 3 -E 'error|undefined' "$build/log")"

run sweep
status=$?
tail -n 60 "$build/sweep.out"
functions=$(sed -n 's/^\([0-9]*\) public functions, 0 of them never called$/\1/p' "$build/sweep.out")
scenarios=$(sed -n 's/^\([0-9]*\) scenarios, .*, 0 leaks, 0 wrong$/\1/p' "$build/sweep.out")
[ "$status" -ne 124 ] || give_up 'the sweep was stopped after five minutes'
if [ "$status" -ne 0 ] || [ -z "$functions" ] || [ -z "$scenarios" ]; then
    give_up "the sweep ended with status $status"
fi
passed=$((functions + scenarios))

# What is inline cannot be seen to be called; a scenario of what asks for nothing has to name it.
# shellcheck disable=SC2013,SC2086
for function in $(sed -n 's/^static inline [^(]*[ *]\(rc_[a-z0-9][a-z0-9_]*\)(.*/\1/p' $headers |
    sort -u); do
    check "$function is inline, and in no scenario" \
        grep -qw "$function" tests/oom/quiet_scenarios.c tests/oom/cycle_scenarios.c
done

# ---- the sweep notices ---------------------------------------------------------------------------

# notices PROGRAM TEXT: it fails, and its output has the text.
notices()
{
    ! run "$1" && grep -q -- "$2" "$build/$1.out"
}

# Every object file but this one.
without() # OBJECT
{
    for object in "$build"/*.o; do
        [ "$object" = "$1" ] || printf '%s\n' "$object"
    done
}

misses_a_function()
{
    printf '#include "rc/config.h"\nRC_API void rc_nobody_calls(void);\n' >"$build/more.h"
    # shellcheck disable=SC2046,SC2086
    awk -f tests/oom/functions.awk $headers "$build/more.h" >"$build/missing.c" &&
        printf 'void rc_nobody_calls(void)\n{\n}\n' >>"$build/missing.c" &&
        $cc $flags -I. "$build/missing.c" $(without "$build/functions.o") \
            $link_options -o "$build/missing" || return
    notices missing rc_nobody_calls
}

# finds FILE SED-SCRIPT TEXT: with the file so changed the sweep reports what the text says.
finds()
{
    fault="$build/fault_$(basename "$1")"
    replaced="$build/$(printf '%s' "$1" | tr / _).o"
    sed "$2" "$1" >"$fault"
    ! cmp -s "$1" "$fault" || return
    # shellcheck disable=SC2046,SC2086
    $cc $flags -Wno-error -iquote "$(dirname "$1")" -I. -finstrument-functions "$fault" \
        $(without "$replaced") $link_options -o "$build/fault" \
        >"$build/log" 2>&1 || return
    notices fault "$3"
}

check 'a function that no scenario calls is not reported' misses_a_function
check 'a block left behind is not noticed' finds buffer/buffer.c \
    '/if (!owner) {/,/}/s/rc__block_free.*/(void)alignment;/' 'something leaked'
check 'a map left behind is not noticed' finds buffer/map.c \
    '/MAP_FAILED/,/}/s/rc_release(map);//' 'left something alive'
check 'a buffer left behind by an array is not noticed' finds buffer/array.c \
    '/^rc_array \*rc_array_new/,/^}/s/rc_release(buffer);//' 'left something alive'
check 'an export left behind by a cut is not noticed' finds buffer/chain_cut.c \
    '/^static rc_buffer \*cut_part/,/^}/s/rc__exports_drop(first->root);/;/' 'not as it was'
check 'a format left behind by a view is not noticed' finds buffer/view_reshape.c \
    's/rc__format_release(format);//' 'left something alive'
check 'spare bytes without poison are not noticed' finds buffer/buffer_grow.c \
    '/^static enum rc_status set_capacity/,/^}/s/^    use_size/    if (status == RC_OK) use_size/' \
    'not as it was'
check 'an old block that was given up is not noticed' finds rc/memory.c \
    '/^void \*rc_memory_reallocate(/,/^}/s/mark_live(head);//' 'rcbuf: '

printf 'oom: %d passed, %d failed, 0 skipped\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
