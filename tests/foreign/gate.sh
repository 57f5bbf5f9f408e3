#!/bin/sh
# SPDX-License-Identifier: MIT
#
# All suites on other machines: i686, where a size has 32 bits, and s390x, which is big-endian.
#
#   i686     under AddressSanitizer and UBSan, run by this kernel; where it cannot, under qemu-i386,
#            and then without a sanitizer
#   s390x    under UBSan, linked statically, under qemu-s390x
#
# With them wide_test.c: files that are larger than such a machine's memory; and the inputs of the fuzz
# targets (tests/libfuzzer), with what libFuzzer has learnt if its gate ran before. Then faults that only such a machine shows,
# which the suites have to find there, though they find nothing wrong with them on this machine.
#
# Cross compilers bring the C library; Check is Debian's own for that architecture, downloaded with
# settings of apt's own and unpacked into the build folder: this machine's packages stay as they are.
# What an emulator cannot do is listed below, by the name of the test, and is skipped if it fails.
# Two minutes on two cores; each suite is stopped after five. Last line: foreign: N passed, ...
# shellcheck disable=SC1090,SC2010,SC2015,SC2086,SC3045 # commands are words; sources have plain names
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/foreign
passed=0 failed=0 skipped=0
cd "$root" || exit 1
mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1
ulimit -c 0
export TMPDIR="$build/files" # what a test that is stopped leaves behind
rm -rf "$TMPDIR" && mkdir "$TMPDIR" || exit 1
for variable in $(env | sed -n 's/^\(CK_[A-Z_]*\)=.*/\1/p'); do unset "$variable"; done
export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Werror'

# RUNNER SUITE TEST REASON: may fail there.
known="
qemu rc/callback a_stop_is_one_line_and_an_abort qemu-user says on standard error that a signal ended the program
qemu rc/callback a_long_stop_is_cut_and_still_one_line qemu-user says on standard error that a signal ended the program
qemu rc/callback a_stop_of_any_length_ends_with_its_newline qemu-user says on standard error that a signal ended the program
qemu buffer/map_pages what_the_system_refuses_is_told_with_its_figures qemu-user answers msync() and madvise() of what is not mapped with success
qemu foreign/wide the_end_of_a_file_of_5_gib_can_be_mapped qemu-user cuts a 32-bit program's offsets off at 32 bits
qemu foreign/wide what_is_written_beyond_4_gib_reaches_the_file qemu-user cuts a 32-bit program's offsets off at 32 bits
"

# Left out there: qemu-user may stop, or wait for ever, in a child that was forked beside threads.
without_by_qemu=,a_forked_child_keeps_the_sums_and_takes_over_the_records,\
a_child_goes_on_with_what_it_has,a_child_of_a_busy_process_counts_on,\
the_child_of_an_owner_takes_over_the_queues_of_other_threads,\
the_child_of_any_thread_takes_over_the_queues_of_other_threads,\
a_hook_may_fork,a_child_goes_on_with_what_another_thread_had_taken,\
children_of_busy_homes_lose_nothing,

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

# ---- what there is to run on ---------------------------------------------------------------------

# settings ARCHITECTURE: apt's, for a state of its own. The source is this machine's.
settings()
{
    folder=$build/apt/$1
    mkdir -p "$folder/state/lists/partial" "$folder/cache/archives/partial" || return
    : >"$folder/status"
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    option=
    [ -r "$keys" ] && option="[signed-by=$keys] "
    codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
    # shellcheck disable=SC2016 # apt-get's own notation
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        awk -v codename="$codename" -v option="$option" \
            '$1 == codename && $2 == "main" { print "deb " option $3, $1, $2; exit }' \
            >"$folder/sources.list"
    [ -s "$folder/sources.list" ] || return
    cat >"$folder/apt.conf" <<-END
		APT::Architecture "$1";
		APT::Architectures { "$1"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Dir::State "$folder/state";
		Dir::State::status "$folder/status";
		Dir::Cache "$folder/cache";
		Dir::Etc::sourcelist "$folder/sources.list";
		Dir::Etc::sourceparts "-";
	END
}

# fetch_check ARCHITECTURE: into $build/apt/ARCHITECTURE/root, unless it is there.
fetch_check()
{
    library=$(find "$build/apt/$1/root" -name libcheck.a 2>/dev/null)
    if [ -z "$library" ]; then
        (
            settings "$1" && cd "$folder" && export APT_CONFIG="$folder/apt.conf" || exit
            timeout 120 apt-get -q update && timeout 120 apt-get -q download check libsubunit-dev &&
                for package in ./*.deb; do dpkg-deb -x "$package" root || exit; done
            rm -rf state cache
        ) >"$build/fetch.log" 2>&1
        library=$(find "$build/apt/$1/root" -name libcheck.a 2>/dev/null)
    fi
    [ -n "$library" ] && library=$(dirname "$library")
}

# runs COMMAND...: compiles a program with it, and the program runs by $run.
runs()
{
    printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' >"$build/probe.c"
    "$@" "$build/probe.c" -o "$build/probe" >/dev/null 2>&1 && $run "$build/probe" >/dev/null 2>&1
}

# machine NAME: sets $cc, $flags, $libraries, $run (the emulator), $runner; or says why not.
machine()
{
    name=$1 run='' runner=native
    case $name in
    i686)
        cc=i686-linux-gnu-gcc architecture=i386 libraries=/usr/i686-linux-gnu/lib
        flags='-fsanitize=address,undefined'
        link="-Wl,--dynamic-linker=$libraries/ld-linux.so.2 -Wl,-rpath,$libraries"
            if command -v "$cc" >/dev/null 2>&1 && ! runs "$cc" $flags $link; then
            printf '%s: not run by this kernel: under qemu-i386, and without a sanitizer\n' "$name"
            flags='' link=-static run=qemu-i386
        fi
        ;;
    s390x)
        cc=s390x-linux-gnu-gcc architecture=s390x run=qemu-s390x link=-static
        flags='-fsanitize=undefined'
        ;;
    esac
    flags="${flags:+$flags }-fno-sanitize-recover=all -fno-omit-frame-pointer"
    if ! command -v "$cc" >/dev/null 2>&1; then
        skip "$name: there is no $cc (package gcc-$name-linux-gnu)"
    elif [ -n "$run" ] && ! command -v "$run" >/dev/null 2>&1; then
        skip "$name: there is no $run (package qemu-user)"
    elif ! runs "$cc" $flags $link; then
        skip "$name: what $cc $flags $link makes of a program does not run"
    elif ! fetch_check "$architecture"; then
        skip "$name: Check for it cannot be had: $(tail -n 1 "$build/fetch.log")"
    else
        [ -n "$run" ] && runner=qemu
        return 0
    fi
    return 1
}

# ---- building ------------------------------------------------------------------------------------

object_of() { printf '%s.o\n' "$1" | tr / _; }

# compile OUTPUT TREE COMMAND SOURCES...: a source that the tree lacks is the project's.
# shellcheck disable=SC2016
compile()
{
    compile_to=$1 compile_tree=$2 compile_command=$3
    shift 3
    mkdir -p "$compile_to"
    for source in "$@"; do
        from=$compile_tree/$source
        [ -f "$from" ] || from=$source
        printf '%s\0%s\0' "$from" "$compile_to/$(object_of "$source")"
    done | xargs -0 -n 2 -P 2 sh -c '$0 -c "$1" -o "$2"' "$compile_command"
}

# link_suite OBJECT OUTPUT OBJECTS
link_suite()
{
    $cc $flags $link "$1" $3 -L"$library" -lcheck -lsubunit -lm -lrt -pthread -o "$2"
}

# shellcheck disable=SC2046
build_suites()
{
    command="$cc -std=gnu11 -Og -g -fexceptions $flags $warnings -I. -isystem $library/../../include"
    compile "$build/$name/library" . "$command" rc/*.c buffer/*.c &&
        compile "$build/$name/suites" . "$command" $suites || return
    for source in $suites; do
        suite=$(printf '%s' "${source#tests/}" | sed 's/_test\.c$//' | tr / _)
        link_suite "$build/$name/suites/$(object_of "$source")" "$build/$name/$suite.run" \
            "$build/$name/library/*.o" || return
    done
}

# ---- running -------------------------------------------------------------------------------------

# The tests that failed, from the lines "file:line: test: message".
failures_in() # OUTPUT
{
    sed -n 's/^[^ :]*:-\{0,1\}[0-9]*: \([a-z][A-Za-z0-9_]*\): .*/\1/p' "$1" | sort -u
}

reason_of() # SUITE TEST
{
    printf '%s\n' "$known" | sed -n "s|^$runner $1 $2 ||p"
}

# What one suite printed: its tests passed, are known to fail here, or have failed.
judge() # SUITE OUTPUT
{
    counts=$(sed -n 's/^[^ ]*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$2")
    if [ -z "$counts" ]; then
        fail "$name: $1 came to no end: $(tail -n 3 "$2")"
        return
    fi
    within=$(grep -c '^skipped: ' "$2")
    passed=$((passed + ${counts% *} - within)) skipped=$((skipped + within))
    sed -n "s/^skipped: /skipped: $name: /p" "$2"
    named=0
    for test in $(failures_in "$2"); do
        named=$((named + 1))
        reason=$(reason_of "$1" "$test")
        if [ -n "$reason" ]; then
            skip "$name: $test: $reason"
        else
            fail "$name: $1: $test"
            grep -A 12 -m 1 ": $test: " "$2"
        fi
    done
    [ "$named" -eq "${counts#* }" ] || fail "$name: $1: ${counts#* } failed, and $named have a name"
}

# shellcheck disable=SC2016
run_suites()
{
    HARNESS_WITHOUT=
    [ "$runner" != qemu ] || HARNESS_WITHOUT=$without_by_qemu
    export HARNESS_WITHOUT
    for program in "$build/$name"/*.run; do printf '%s\0' "$program"; done |
        xargs -0 -n 1 -P 2 sh -c 'timeout 300 $0 "$1" >"$1.out" 2>&1 </dev/null; :' "$run"
    for source in $suites; do
        suite=${source#tests/}
        suite=${suite%_test.c}
        judge "$suite" "$build/$name/$(printf '%s' "$suite" | tr / _).run.out"
    done
}

# ---- what libFuzzer found out --------------------------------------------------------------------

# The seeds of tests/libfuzzer, and, where its gate ran before, what it learnt since.
write_inputs()
{
    inputs=$build/inputs seeds=0
    rm -rf "$inputs"
    learnt=${RCBUF_BUILD:-$root/build/ci}/libfuzzer
    seed() # TARGET TEXT
    {
        mkdir -p "$inputs/$1"
        # shellcheck disable=SC2059 # the text is a format
        seeds=$((seeds + 1))
        # shellcheck disable=SC2059 # the text is a format
        printf "$2" >"$inputs/$1/seed-$seeds"
    }
    . "$root/tests/libfuzzer/seeds.sh"
    for folder in "$learnt"/*.corpus; do
        target=$(basename "$folder" .corpus)
        [ -d "$inputs/$target" ] && find "$folder" -type f -exec cp {} "$inputs/$target" \;
    done
}

# Each target's inputs go through its checks once more, on this machine.
replay_inputs()
{
    for folder in "$inputs"/*; do
        target=$(basename "$folder")
        [ -e "buffer/$target.h" ] || [ -e "rc/$target.h" ] || continue
        if ! $command tests/foreign/replay.c "tests/libfuzzer/${target}_target.c" \
            "$build/$name"/library/*.o $link -lm -pthread -o "$build/replay" 2>"$build/log"; then
            fail "$name: the target $target does not build: $(grep -m 3 error "$build/log")"
        elif find "$folder" -type f -print0 |
            xargs -0 -x timeout 300 $run "$build/replay" >"$build/replay.out" 2>&1; then
            pass
            printf '%s: the target %s agrees on %d inputs\n' "$name" "$target" \
                "$(awk '/^[0-9]+ inputs$/ { total += $1 } END { print total }' "$build/replay.out")"
        else
            fail "$name: the target $target: $(grep -a -m 1 -E '^wrong|[Ee]rror:|^rcbuf: ' "$build/replay.out")"
            input=$(grep -a "^$folder" "$build/replay.out" | tail -n 1)
            printf 'input: %s\n' "$(od -An -v -tx1 "$input" | tr -d ' \n')"
        fi
    done
}

# ---- faults that only such a machine shows -------------------------------------------------------

# What failed: a test, or a check of a fuzz target.
finding_in() # OUTPUT
{
    { failures_in "$1" && sed -n 's/^wrong: [^ ]*: //p' "$1"; } | head -n 1 | cut -c 1-90
}

# A suite, or libfuzzer/TARGET, with these objects as the library.
link_test() # TEST OBJECTS OUTPUT
{
    case $1 in
    libfuzzer/*)
        $command -w tests/foreign/replay.c "tests/${1}_target.c" $2 $link -lm -pthread -o "$3"
        ;;
    *) link_suite "$build/$name/suites/$(object_of "tests/$1_test.c")" "$3" "$2" ;;
    esac
}

run_test() # TEST PROGRAM RUNNER
{
    case $1 in
    libfuzzer/*) find "$inputs/${1#*/}" -name 'seed-*' -exec timeout 300 $3 "$2" {} + ;;
    *) timeout 300 $3 "$2" ;;
    esac
}

# fault NAME TEST FILE SED-SCRIPT: only the changed file is compiled anew.
fault()
{
    tree=$build/faults/$name-$1
    mkdir -p "$tree/$(dirname "$3")" && sed "$4" "$3" >"$tree/$3" || return
    if cmp -s "$3" "$tree/$3"; then
        fail "$name: fault $1: its patch no longer applies to $3"
        return
    fi
    changed=$(object_of "$3")
    if ! compile "$tree" "$tree" "$command -iquote $(dirname "$3") -w" "$3" 2>"$build/log"; then
        fail "$name: fault $1 does not compile: $(head -n 3 "$build/log")"
        return
    fi
    objects="$tree/$changed $(ls "$build/$name"/library/*.o | grep -v "/$changed\$")"
    : >"$build/fault.out"
    link_test "$2" "$objects" "$build/fault.run" 2>"$build/log" &&
        run_test "$2" "$build/fault.run" "$run" >"$build/fault.out" 2>&1
    if [ -z "$(finding_in "$build/fault.out")" ]; then
        fail "$name: fault $1: $2 does not find it: $(tail -n 2 "$build/log" "$build/fault.out")"
    elif seen_here "$2" "$3" "$tree/$3"; then
        fail "$name: fault $1: $2 finds it on this machine too: $(tail -n 2 "$build/here.out")"
    else
        pass
        printf '  %-6s %-28s found by %s: %s\n' "$name" "$1" "$2" \
            "$(finding_in "$build/fault.out")"
    fi
}

# The same fault on the machine that compiles.
# shellcheck disable=SC2046
seen_here() # TEST FILE CHANGED
{
    case $1 in
    libfuzzer/*) sources="tests/foreign/replay.c tests/${1}_target.c" ;;
    *) sources=tests/$1_test.c ;;
    esac
    ! { ${CC:-gcc} -std=gnu11 -O1 -fexceptions -w -I. -iquote "$(dirname "$2")" $sources "$3" \
        $(ls rc/*.c buffer/*.c | grep -vx "$2") $(pkg-config --cflags --libs check) -pthread -lm \
        -o "$build/here.run" && run_test "$1" "$build/here.run" ''; } >"$build/here.out" 2>&1
}

faults_of_i686()
{
    fault product_of_64_bits rc/block rc/size.c 's|SIZE_MAX / b|UINT64_MAX / b|'
    fault sum_of_64_bits rc/block rc/size.c 's|SIZE_MAX - a|UINT64_MAX - a|'
    fault offsets_of_32_bits foreign/wide buffer/map.c '/define _FILE_OFFSET_BITS/d'
    fault entries_of_64_bits buffer/view buffer/view_geometry.c \
        's/shape\[i\] > RC__GEOMETRY_MOST/(int64_t)shape[i] < 0/'
    fault items_of_64_bits buffer/format_fault buffer/format_parse.c \
        '/^static bool \(multiply\|add\)/,/^}/ s/PTRDIFF_MAX/INT64_MAX/'
    fault file_size_cut_off foreign/wide buffer/map.c 's/size > [A-Z]*_MAX/false/'
}

faults_of_s390x()
{
    fault frozen_in_the_low_byte buffer/buffer_write buffer/buffer_write.c \
        '/^enum rc_status rc_buffer_freeze/,/^}/ s/buffer->rc__state |=/*(unsigned char *)\&buffer->rc__state |=/'
    fault order_taken_for_little libfuzzer/format buffer/format_parse.c \
        's/#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__/#if 1/'
    fault pairs_taken_for_little buffer/view_copy buffer/view_transpose.c \
        's/bool is_little = .*/bool is_little = true;/'
}

# ---- all of it -----------------------------------------------------------------------------------

on() # MACHINE
{
    machine "$1" || return
    rm -rf "${build:?}/$1" && mkdir -p "$build/$1" || return
    if ! build_suites 2>"$build/log"; then
        fail "$1: it does not build: $(grep -m 5 -E 'error|undefined' "$build/log")"
        return
    fi
    before=$passed
    run_suites
    printf '%s: %d tests passed in %d suites (%s%s)\n' "$1" $((passed - before)) \
        "$(printf '%s\n' "$suites" | wc -l)" "$cc" "${flags:+ $flags}${run:+, $run}"
    replay_inputs
    pkg-config --exists check 2>/dev/null || {
        skip "$1: faults: there is no Check for this machine to compare with"
        return
    }
    "faults_of_$1"
}

suites=$(ls tests/rc/*_test.c tests/buffer/*_test.c tests/foreign/*_test.c)
rm -rf "$build/faults"
write_inputs
if ! command -v apt-get >/dev/null 2>&1 || [ "${RCBUF_NO_INSTALL:-}" = 1 ]; then
    skip 'Check for other machines comes by apt-get, which is not there or not to be used'
else
    on i686
    on s390x
fi
printf 'foreign: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
