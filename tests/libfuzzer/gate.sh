#!/bin/sh
# SPDX-License-Identifier: MIT
#
# libFuzzer: each NAME_target.c makes an input into calls on the library, beside a model that says what
# they have to answer, under AddressSanitizer, UBSan and -fsanitize=integer (wraps.txt: where unsigned
# arithmetic is meant to wrap). Each target runs for RCBUF_FUZZ_SECONDS (20), two at a time, from the
# few inputs of seeds.sh; then the library is given one fault at a time (faults.sh), which the target
# has to find within seconds.
#
#   sh tests/libfuzzer/gate.sh                    all of it: four minutes on two cores
#   sh tests/libfuzzer/gate.sh TARGET...          these targets alone
#   sh tests/libfuzzer/gate.sh replay TARGET HEX  one input, as a failure prints it
#
# RCBUF_SEED (1) is the fuzzer's seed. Last line: libfuzzer: N passed, N failed, N skipped.
# shellcheck disable=SC1090,SC2015,SC2086,SC2317,SC3045 # flags are words; faults.sh calls functions
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/libfuzzer
seconds=${RCBUF_FUZZ_SECONDS:-20}
seed=${RCBUF_SEED:-1}
fault_seconds=20 # within which a fault is found
here=tests/libfuzzer
cc=clang-19
passed=0 failed=0 skipped=0
cd "$root" || exit 1
mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1
ulimit -c 0
export UBSAN_OPTIONS=print_stacktrace=1
for symbolizer in llvm-symbolizer-19 llvm-symbolizer; do
    command -v "$symbolizer" >/dev/null 2>&1 || continue
    ASAN_SYMBOLIZER_PATH=$(command -v "$symbolizer")
    export ASAN_SYMBOLIZER_PATH
    break
done

flags="-std=gnu11 -O1 -g -fexceptions -fno-omit-frame-pointer
    -fsanitize=fuzzer-no-link,address,undefined,integer -fno-sanitize-recover=all
    -fsanitize-ignorelist=$here/wraps.txt"
warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Werror'

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
    printf 'libfuzzer: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
    exit
}

# ---- building ------------------------------------------------------------------------------------

object_of() { printf '%s.o\n' "$1" | tr / _; }

# shellcheck disable=SC2016
compile() # OUTPUT COMMAND SOURCES...
{
    compile_to=$1 compile_command=$2
    shift 2
    mkdir -p "$compile_to"
    for source in "$@"; do
        printf '%s\0%s\0' "$source" "$compile_to/$(object_of "$source")"
    done | xargs -0 -n 2 -P 2 sh -c '$0 -c "$1" -o "$2"' "$compile_command"
}

link() # OUTPUT OBJECTS...
{
    linked=$1
    shift
    "$cc" $flags -fsanitize=fuzzer "$@" -lm -pthread -o "$linked"
}

build_targets() # TARGETS
{
    rm -rf "$build/library"
    compile "$build/library" "$cc $flags -I." rc/*.c buffer/*.c || return
    for target in $1; do
        compile "$build" "$cc $flags $warnings -I." "$here/${target}_target.c" &&
            link "$build/$target" "$build/$(object_of "$here/${target}_target.c")" \
                "$build"/library/*.o || return
    done
}

# ---- fuzzing -------------------------------------------------------------------------------------

# The inputs to begin with, from seeds.sh.
seed() # TARGET TEXT
{
    seeds=$((seeds + 1))
    mkdir -p "$build/seeds/$1"
    # shellcheck disable=SC2059 # the text is a format
    printf "$2" >"$build/seeds/$1/$seeds"
}

# fuzz PROGRAM TARGET SECONDS: what it prints goes to PROGRAM.out, an input that stops it to
# PROGRAM.stop-..., what it learnt to PROGRAM.corpus.
fuzz()
{
    rm -rf "$1.corpus" "$1".stop-*
    mkdir -p "$1.corpus"
    timeout $(($3 + 60)) "$1" -seed="$seed" -max_total_time="$3" -max_len=600 -timeout=20 \
        -rss_limit_mb=2000 -print_final_stats=1 -artifact_prefix="$1.stop-" "$1.corpus" \
        "$build/seeds/$2" >"$1.out" 2>&1 </dev/null
    printf '%s\n' "$?" >"$1.status"
}

stat() { sed -n "s/^stat::$2: *//p" "$1.out"; }             # PROGRAM NAME
stopped_by() { find "${1%/*}" -name "${1##*/}.stop-*" | head -n 1; } # PROGRAM: the input
seen() { grep -a -o "$2: [0-9]*" "$1.out" | tail -n 1; }       # PROGRAM cov|ft

# What the report says first: the target's own check, or the sanitizer's.
report() # PROGRAM
{
    grep -a -m 1 -E '^wrong: |runtime error: |ERROR: [A-Za-z]*Sanitizer|ERROR: libFuzzer|^rcbuf: ' \
        "$1.out" | sed "s/^==[0-9]*==//; s|[^ ]*/faults/[a-z]*/[a-z_]*/||; s|$root/||g; s|\./tests/|tests/|; s/0x[0-9a-f]*/0x.../g" |
        LC_ALL=C tr -c '[:print:]\n' '?' | cut -c 1-150
}

hex() { od -An -v -tx1 "$1" | tr -d ' \n'; } # FILE

judge_target() # TARGET
{
    input=$(stopped_by "$build/$1")
    if [ -n "$input" ] || [ "$(cat "$build/$1.status")" -ne 0 ]; then
        fail "$1: $(report "$build/$1")"
        grep -a -E '^ +#[0-9]+ .* [^ ]*(rc|buffer|tests/libfuzzer)/[a-z_]*\.[ch]:' "$build/$1.out" |
            sed 's/0x[0-9a-f]* //' | head -n 12
        [ -z "$input" ] || printf 'to replay: sh %s/gate.sh replay %s %s\n' "$here" "$1" \
            "$(hex "$input")"
    elif [ "$(stat "$build/$1" number_of_executed_units)" -lt $((seconds * 100)) ]; then
        fail "$1: only $(stat "$build/$1" number_of_executed_units) runs in $seconds s"
    else
        pass
        printf '  %-8s %9d runs, %6d a second   %s of coverage, %s features   %d inputs kept\n' \
            "$1" "$(stat "$build/$1" number_of_executed_units)" \
            "$(stat "$build/$1" average_exec_per_sec)" "$(seen "$build/$1" cov | tr -dc 0-9)" \
            "$(seen "$build/$1" ft | tr -dc 0-9)" "$(find "$build/$1.corpus" -type f | wc -l)"
    fi
}

# Two at a time.
running=0
in_background() # COMMAND...
{
    "$@" &
    running=$((running + 1))
    [ $((running % 2)) -ne 0 ] || wait
}

# ---- one fault at a time -------------------------------------------------------------------------

# Builds and fuzzes in the background; judge_faults says what came of it.
fault() # NAME TARGET FILES SED-SCRIPT
{
    case " $targets " in *" $2 "*) ;; *) return ;; esac
    faults="$faults $2/$1"
    in_background try_fault "$@"
}

# Of the files, which may be a pattern, those are taken that the script changes.
try_fault()
{
    tree=$build/faults/$2/$1 objects=''
    mkdir -p "$tree/rc" "$tree/buffer" || return
    others=$build/library/*.o
    for file in $3; do
        sed "$4" "$file" >"$tree/$file"
        if cmp -s "$file" "$tree/$file"; then continue; fi
        object=$(object_of "$file")
        "$cc" $flags -w -I. -iquote "${file%/*}" -c "$tree/$file" -o "$tree/$object" \
            2>"$tree/why" || return
        objects="$objects $tree/$object"
        others=$(printf '%s\n' $others | grep -v "/$object\$")
    done
    if [ -z "$objects" ]; then
        printf 'its patch no longer applies to %s\n' "$3" >"$tree/why"
        return
    fi
    link "$tree/target" "$build/$(object_of "$here/$2_target.c")" $objects $others \
        2>"$tree/why" || return
    fuzz "$tree/target" "$2" "$fault_seconds"
}

judge_faults()
{
    for tried in $faults; do
        tree=$build/faults/$tried
        if [ ! -e "$tree/target.status" ]; then
            fail "fault $tried: $(head -n 3 "$tree/why")"
        elif [ -z "$(stopped_by "$tree/target")" ]; then
            fail "fault $tried: not found in $fault_seconds s"
        else
            pass
            printf '  %-42s %8d runs   %s\n' "$tried" \
                "$(stat "$tree/target" number_of_executed_units)" "$(report "$tree/target")"
        fi
    done
}

# ---- all of it -----------------------------------------------------------------------------------

printf '#include <stdint.h>\n#include <stddef.h>\nint LLVMFuzzerTestOneInput(const uint8_t *, size_t);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return data && size > 9999; }\n' \
    >"$build/probe.c"
if ! command -v "$cc" >/dev/null 2>&1 ||
    ! "$cc" -fsanitize=fuzzer,address "$build/probe.c" -o "$build/probe" >/dev/null 2>&1; then
    skip "there is no $cc with libFuzzer (packages clang-19, libclang-rt-19-dev)"
    finish
fi

replay='' wanted=''
if [ "${1:-}" = replay ]; then
    [ $# -eq 3 ] || { printf 'usage: gate.sh replay TARGET HEX\n' >&2; exit 2; }
    replay=$3 wanted=$2
else
    wanted=${*:-buffer format view npy array chain home}
fi
targets=
for target in $wanted; do
    if [ ! -e "$here/${target}_target.c" ]; then
        fail "there is no target $target"
    elif [ -e "buffer/$target.h" ] || [ -e "rc/$target.h" ]; then
        targets="$targets $target"
    else
        skip "$target: there is no $target.h in rc/ or buffer/"
    fi
done
build_targets "$targets" 2>"$build/log" || {
    fail "the targets do not build: $(grep -m 5 -E 'error|undefined' "$build/log")"
    finish
}
if [ -n "$replay" ]; then
    # shellcheck disable=SC2059 # octal escapes, made here
    printf "$(printf '%s' "$replay" | sed 's/../ &/g' | tr ' ' '\n' | sed '/^$/d' |
        while read -r byte; do printf '\\%03o' "0x$byte"; done)" >"$build/replay"
    exec "$build/$wanted" "$build/replay"
fi

rm -rf "$build/seeds" "$build/faults"
seeds=0
. "$root/$here/seeds.sh"
printf 'seed %s, %s s for each target; replay: sh %s/gate.sh replay TARGET HEX\n' "$seed" "$seconds" \
    "$here"
for target in $targets; do in_background fuzz "$build/$target" "$target" "$seconds"; done
wait
for target in $targets; do judge_target "$target"; done

printf 'faults, and the runs until each was found\n'
faults='' running=0
. "$root/$here/faults.sh"
wait
judge_faults
finish
