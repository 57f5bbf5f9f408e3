#!/bin/sh
# SPDX-License-Identifier: MIT
#
# All suites, built plainly, under valgrind's memcheck: reads of what was never written, which no
# other gate sees, invalid accesses, and leaks. Errors in the children that Check forks fail the test
# (suppressions.txt has what the tests do on purpose). What cannot be under valgrind is listed below,
# by the name of the test, and is skipped if it fails. Then faulty_suite.c, whose tests pass without
# valgrind, and must fail under it.
#
# A minute and a half on two cores. What was not begun after RCBUF_VALGRIND_MINUTES (4) is skipped, by
# name. Last line: valgrind: N passed, N failed, N skipped.
# shellcheck disable=SC2086,SC3045 # flags and sources, which are words
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/valgrind
cc=${CC:-gcc}
passed=0 failed=0 skipped=0
cd "$root" || exit 1
rm -rf "$build" && mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1
ulimit -c 0
export TMPDIR="$build/files" # what a test that is stopped leaves behind
mkdir "$TMPDIR" || exit 1
for variable in $(env | sed -n 's/^\(CK_[A-Z_]*\)=.*/\1/p'); do unset "$variable"; done

# SUITE TEST REASON: may fail here.
touched='valgrind reports the byte that is touched, as it should'
remapped='valgrind does not see the bytes that mremap() adds; pages are on here by force'
long_double='valgrind computes long doubles in 64 bits'
lost='a child has lost what the stacks of other threads held at the fork'
known="
buffer/format_real a_number_too_large_for_a_double_is_refused $long_double
buffer/format_real a_number_too_large_for_a_half_is_refused $long_double
buffer/format_real every_half_is_itself_again $long_double
buffer/format_real integers_become_doubles_first $long_double
buffer/view_sum zeros_keep_their_sign_and_infinities_stay $long_double
buffer/view no_boundary_of_shape_stride_and_offset_reaches_outside $long_double
buffer/map_memory sizes_and_names_that_the_system_cannot_have_are_refused valgrind answers a map beyond its own limit with EINVAL, not ENOMEM
buffer/poison reading_spare_bytes_in_the_object_is_reported $touched
buffer/poison writing_spare_bytes_of_a_block_is_reported $touched
buffer/poison writing_the_spare_bytes_of_a_moved_buffer_is_reported $touched
buffer/poison reading_through_the_address_from_before_the_move_is_reported $touched
buffer/pool touching_an_idle_buffer_is_reported $touched
buffer/pool an_idle_buffer_refuses_to_be_used $touched
buffer/pool_threads a_fork_while_others_take_and_release_finds_a_whole_pool $lost
rc/cycle_threads a_child_of_a_process_that_collects_may_use_the_domain $lost
rc/home_fork a_child_has_all_that_was_being_taken $lost
rc/home_fork children_of_busy_homes_lose_nothing $lost
rc/home_inside immortal_objects_are_left a child ends with an immortal object that nothing points to
rc/magazine a_child_goes_on_with_what_it_has a child has lost what the stacks of other threads held at the fork
rc/owner a_child_of_a_busy_process_counts_on a child has lost what the stacks of other threads held at the fork
rc/pages content_is_kept_over_every_change_of_size $remapped
rc/pages large_objects_and_blocks_of_all_kinds_come_and_go $remapped
rc/pages a_block_without_idle_pages_behind_it_grows_with_its_content $remapped
rc/pages_idle threads_pass_blocks_to_each_other $remapped
rc/pages_idle a_child_of_a_fork_in_the_middle_goes_on $remapped
rc/tally a_fork_while_others_hold_the_lists_lock_leaves_it_free a child has lost what the stacks of other threads held at the fork
"

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
    printf 'valgrind: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
    exit
}

# ---- building ------------------------------------------------------------------------------------

program_of() { printf '%s/%s\n' "$build" "$(printf '%s' "$1" | tr / _)"; } # SUITE

# shellcheck disable=SC2016
compile() # SOURCES...
{
    for source in "$@"; do
        printf '%s\0%s\0' "$source" "$(program_of "$source").o"
    done | xargs -0 -n 2 -P 2 sh -c '$0 -c "$1" -o "$2"' \
        "$cc -std=gnu11 -Og -g -fexceptions -I. $(pkg-config --cflags check)"
}

# shellcheck disable=SC2046
build_suites()
{
    compile rc/*.c buffer/*.c tests/valgrind/faulty_suite.c $suites || return
    for source in $suites tests/valgrind/faulty_suite.c; do
        $cc "$(program_of "$source").o" "$build"/rc_*.o "$build"/buffer_*.o \
            $(pkg-config --libs check) -pthread -o "$(program_of "$source").run" || return
    done
}

# ---- running -------------------------------------------------------------------------------------

# dot is another's program, and forgets what it took.
memcheck="valgrind -q --vgdb=no --trace-children=yes --trace-children-skip=*/dot
    --error-exitcode=99 --leak-check=full --num-callers=20 --show-leak-kinds=definite
    --errors-for-leak-kinds=definite
    --suppressions=$root/tests/valgrind/suppressions.txt"

# Two at a time; one that is not begun in time has no output.
# shellcheck disable=SC2016
run_suites() # SOURCES...
{
    for source in "$@"; do printf '%s\0' "$(program_of "$source").run"; done |
        deadline=$deadline xargs -0 -n 1 -P 2 sh -c '[ "$(date +%s)" -gt "$deadline" ] ||
            timeout 400 $0 "$1" >"$1.out" 2>&1 </dev/null; :' "$memcheck"
}

# The tests that failed, from the lines "file:line: test: message".
failures_in() # OUTPUT
{
    sed -n 's/^[^ :]*:-\{0,1\}[0-9]*: \([a-z][A-Za-z0-9_]*\): .*/\1/p' "$1" | sort -u
}

counts_in() # OUTPUT
{
    sed -n 's/^[^ ]*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$1"
}

# What one suite printed: its tests passed, are known to fail here, or have failed.
judge() # SUITE OUTPUT
{
    if [ ! -e "$2" ]; then
        skip "$1: the ${RCBUF_VALGRIND_MINUTES:-4} minutes were over"
        return
    fi
    counts=$(counts_in "$2")
    if [ -z "$counts" ]; then
        fail "$1 came to no end: $(tail -n 3 "$2")"
        return
    fi
    within=$(grep -c '^skipped: ' "$2")
    passed=$((passed + ${counts% *} - within)) skipped=$((skipped + within))
    grep '^skipped: ' "$2"
    named=0
    for test in $(failures_in "$2"); do
        named=$((named + 1))
        reason=$(printf '%s\n' "$known" | sed -n "s|^$1 $test ||p")
        if [ -n "$reason" ]; then
            skip "$test: $reason"
        else
            fail "$1: $test: $(grep -m 1 ": $test: " "$2")"
            grep '^==' "$2" | head -n 25
        fi
    done
    [ "$named" -eq "${counts#* }" ] || fail "$1: ${counts#* } failed, and $named have a name"
}

# ---- whether it notices --------------------------------------------------------------------------

# noticed TEST TEXT: it failed, by valgrind's exit code, and a report has the text.
noticed()
{
    if grep -q ": $1: Early exit with return value 99" "$faulty.out" &&
        grep -q -- "$2" "$faulty.out"; then
        pass
        printf '  %-42s %s\n' "$1" "$(grep -m 1 -o -- "$2.*" "$faulty.out")"
    else
        fail "$1 is not noticed"
    fi
}

check_that_it_notices()
{
    faulty=$(program_of tests/valgrind/faulty_suite.c).run
    "$faulty" >"$faulty.plain" 2>&1 || fail "the faulty suite without valgrind: $(cat "$faulty.plain")"
    run_suites tests/valgrind/faulty_suite.c
    noticed bytes_decide_that_were_never_written 'depends on uninitialised value'
    noticed bytes_decide_that_growing_added 'depends on uninitialised value'
    noticed a_block_is_forgotten '100 bytes in 1 blocks are definitely lost'
    noticed a_spare_byte_is_read 'Invalid read of size 1'
    noticed bytes_are_read_after_the_last_release "inside a block of size [0-9]* free'd"
    if [ "$(counts_in "$faulty.out")" = '1 5' ]; then
        pass
    else
        fail "of the faulty suite one test is right: $(tail -n 1 "$faulty.out")"
    fi
}

# The tests of tests/buffer/poison_test.c touch spare bytes in children.
check_spare_bytes()
{
    poison=$(program_of tests/buffer/poison_test.c).run.out
    [ -e "$poison" ] || return
    for access in read write; do
        if grep -A 1 "Invalid $access of size 1" "$poison" | grep -q touch_byte; then
            pass
        else
            fail "buffer/poison: the $access of a spare byte is not reported"
        fi
    done
}

# ---- all of it -----------------------------------------------------------------------------------

command -v valgrind >/dev/null 2>&1 || { skip 'there is no valgrind'; finish; }
pkg-config --exists check 2>/dev/null || { skip 'there is no Check to run the suites'; finish; }
printf '#include <valgrind/memcheck.h>\n' | $cc -E - >/dev/null 2>&1 ||
    { skip "valgrind's headers are not there, so the library tells it nothing"; finish; }
suites=$(ls tests/rc/*_test.c tests/buffer/*_test.c)
if ! build_suites 2>"$build/log"; then
    fail "the suites do not build: $(grep -m 5 -E 'error|undefined' "$build/log")"
    finish
fi
deadline=$(($(date +%s) + 180))
check_that_it_notices
deadline=$(($(date +%s) + ${RCBUF_VALGRIND_MINUTES:-4} * 60))
run_suites $suites
for source in $suites; do
    suite=${source#tests/}
    judge "${suite%_test.c}" "$(program_of "$source").run.out"
done
printf '%d tests passed in %d suites under %s\n' "$passed" "$(printf '%s\n' "$suites" | wc -l)" \
    "$(valgrind --version)"
check_spare_bytes
finish
