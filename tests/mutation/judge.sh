# SPDX-License-Identifier: MIT
#
# For gate.sh: building the tests once, and judging one mutant after the other with what has to be
# built anew. Sourced, with $root, $build, $here, $cc and $deadline set.
# shellcheck shell=sh disable=SC2154,SC2086

plain='-std=gnu11 -O0 -fexceptions -fnon-call-exceptions -w'
asan='-std=gnu11 -O0 -fsanitize=address,undefined -fno-sanitize-recover=all -fexceptions
    -fnon-call-exceptions -w'
tsan='-std=gnu11 -O1 -fno-pie -fno-builtin -fexceptions -fsanitize=thread -w'
check_libraries=$(pkg-config --libs check)

export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=halt_on_error=1
export CK_TIMEOUT_MULTIPLIER=0.25

object_of() { printf '%s.o' "$1" | tr / _; }
suite_of() { printf '%s' "${1%.c}" | tr / _; }
library_sources() { ls rc/*.c buffer/*.c; }
suite_sources() { ls tests/rc/*_test.c tests/buffer/*_test.c; }
sweep_sources() { ls tests/oom/*.c 2>/dev/null; }
scenario_sources() { ls tests/explorer/*_scenarios.c; }

# The sources that go into the programs of a mode.
sources_of() # MODE
{
    library_sources
    case $1 in
    plain) suite_sources ;;
    asan) suite_sources && sweep_sources ;;
    tsan) scenario_sources ;;
    esac
}

flags_of() # MODE
{
    case $1 in
    plain) printf '%s' "$plain" ;;
    asan) printf '%s' "$asan" ;;
    tsan) printf '%s' "$tsan" ;;
    esac
}

# compile MODE TREE FOLDER JOBS: each source on standard input, the library's headers and sources
# from TREE. All suites go into one program, so each one's main() gets a name of its own.
compile()
{
    compile_flags=$(flags_of "$1")
    while read -r source; do
        from=$2/$source
        [ -f "$from" ] || from=$root/$source
        rename=-Drc__unused
        case $source in *_test.c) rename=-Dmain=$(suite_of "$source") ;; esac
        printf '%s\0%s\0%s\0' "$from" "$3/$(object_of "$source")" "$rename"
    done | xargs -0 -n 3 -P "$4" sh -c '
        flags=$0 cc=$1 tree=$2 root=$3
        $cc $flags $6 -MMD -I"$tree" -I"$root" -c "$4" -o "$5"' \
        "$compile_flags" "$cc" "$2" "$root"
}

# The sources of a mode whose objects depend on FILE.
touched_by() # MODE FILE
{
    sources_of "$1" | while read -r source; do
        depends=$build/$1/$(object_of "$source")
        grep -qE "(^|[ /])$2( |\$)" "${depends%.o}.d" && printf '%s\n' "$source"
    done
}

# ---- programs ------------------------------------------------------------------------------------

write_main()
{
    printf '#include <string.h>\n'
    suite_sources | while read -r source; do printf 'int %s(void);\n' "$(suite_of "$source")"; done
    printf 'int main(int count, char **arguments)\n{\n    if (count < 2) return 2;\n'
    suite_sources | while read -r source; do
        printf '    if (strcmp(arguments[1], "%s") == 0) return %s();\n' \
            "$(suite_of "$source")" "$(suite_of "$source")"
    done
    printf '    return 2;\n}\n'
}

# link_all MODE OBJECTS OUTPUT: OBJECTS is a folder that has all of them.
link_all()
{
    case $1 in
    plain | asan)
        "$cc" $(flags_of "$1") "$2"/rc_*.o "$2"/buffer_*.o "$2"/tests_rc_*.o \
            "$2"/tests_buffer_*.o "$build/main.o" -pthread $check_libraries -o "$3" || return
        ;;
    tsan)
        "$cc" "$2"/*.o "$build"/explorer/*.o $explorer_options -pthread -o "$3"
        ;;
    esac
}

link_sweep() # OBJECTS OUTPUT
{
    "$cc" $asan "$1"/rc_*.o "$1"/buffer_*.o "$1"/tests_oom_*.o $sweep_options -pthread -o "$2"
}

# What explorer and sweep wrap, as their gates say.
read_wrapped() # GATE
{
    awk '/^wrapped="/ { on = 1 } on { print } on && /"$/ { exit }' "$root/tests/$1/gate.sh" |
        sed 's/^wrapped=//' | tr -d '"' | tr -s ' ' '\n' | sed -n 's/..*/-Wl,--wrap=&/p' | tr '\n' ' '
}

build_base()
{
    explorer_options="-no-pie $(read_wrapped explorer)"
    sweep_options=$(read_wrapped oom)
    mkdir -p "$build/plain" "$build/asan" "$build/tsan" "$build/explorer"
    {
        write_main >"$build/main.c" && "$cc" -c "$build/main.c" -o "$build/main.o" &&
            for room in main schedule trace fiber clocks heap mutex tsan_entry; do
                "$cc" -std=gnu11 -O2 -fno-pie -fno-builtin -w -c "$root/tests/explorer/$room.c" \
                    -o "$build/explorer/$room.o" || return
            done
        for mode in plain asan tsan; do
            sources_of "$mode" | compile "$mode" "$root" "$build/$mode" 2 || return
            link_all "$mode" "$build/$mode" "$build/$mode/program" || return
        done
        [ -z "$(sweep_sources)" ] || link_sweep "$build/asan" "$build/asan/sweep" || return
    } >"$build/log" 2>&1
}

# ---- running -------------------------------------------------------------------------------------

# run MODE SUITE PROGRAM: with the time that it took without a mutant as measure.
run()
{
    limit=$(cat "$build/$1/$2.limit" 2>/dev/null || echo 120)
    HARNESS_SUITE=$(printf '%s.c' "$2" | sed 's|^tests_\([a-z]*\)_|tests/\1/|')
    export HARNESS_SUITE
    (cd "$scratch" && timeout -k 2 "$limit" "$3" "$2" >/dev/null 2>&1 </dev/null)
}

sweep() # PROGRAM
{
    RCBUF_FORCE=bias run asan sweep "$1"
}

# Bias is off where code was compiled for ThreadSanitizer. The explorer's own gate runs the longest
# scenarios to their end; a mutant is found early in one, or not at all.
explore() # PROGRAM
{
    RCBUF_FORCE=bias timeout 120 "$1" --limit 4000 >/dev/null 2>&1
}

# Each suite once, as it is: it must pass, and its time is the measure of what a mutant is given.
check_suites() # MODE
{
    for suite in $(suite_names); do
        before=$(date +%s)
        run "$1" "$suite" "$build/$1/program" || printf '%s (%s)\n' "$suite" "$1" >>"$build/failed"
        took=$(($(date +%s) - before))
        echo $((15 + 4 * took)) >"$build/$1/$suite.limit"
        echo "$took $suite"
    done | sort -n >"$build/$1/times"
    sed 's/.* //' "$build/$1/times" >"$build/$1/order"
}

check_base()
{
    scratch=$build/scratch
    mkdir -p "$scratch"
    check_suites plain &
    check_suites asan &
    { explore "$build/tsan/program" || echo 'the explorer' >>"$build/failed"; } &
    [ ! -x "$build/asan/sweep" ] || sweep "$build/asan/sweep" ||
        echo 'the sweep' >>"$build/failed"
    wait
    [ ! -f "$build/failed" ]
}

suite_names()
{
    suite_sources | while read -r source; do suite_of "$source" && echo; done
}

# The suites of the mutated file first, the others from the quickest to the slowest; the slow ones of
# other files only once, plainly.
in_order() # MODE FILE
{
    stem=tests_$(printf '%s' "${2%.*}" | tr / _)
    grep "^$stem" "$build/$1/order"
    if [ "$1" = plain ]; then
        grep -v "^$stem" "$build/$1/order"
    else
        awk '$1 <= 5 { print $2 }' "$build/$1/times" | grep -v "^$stem"
    fi
}

# ---- one mutant ----------------------------------------------------------------------------------

# rebuild MODE FILE FOLDER: objects and program of the mode with the mutant. 1: it does not compile.
rebuild()
{
    mkdir -p "$3/$1"
    touched_by "$1" "$2" | compile "$1" "$3/tree" "$3/$1" 1 2>/dev/null || return 1
    for object in "$build/$1"/*.o; do
        [ -f "$3/$1/${object##*/}" ] || ln -s "$object" "$3/$1"
    done
    link_all "$1" "$3/$1" "$3/$1/program" 2>/dev/null
}

# The optimiser makes the same code of it. Asked of the library's sources alone: a header may matter
# to other programs, and a memory order may look the same on this processor.
is_same_code() # FILE OPERATOR FOLDER
{
    case $1:$2 in *.h:* | *:order) return 1 ;; esac
    optimised "$root" "$1" "$3/before.o" && optimised "$3/tree" "$1" "$3/after.o" &&
        cmp -s "$3/before.o" "$3/after.o"
}

optimised() # TREE FILE OBJECT
{
    (cd "$1" && "$cc" -std=gnu11 -O2 -fexceptions -w -c "$2" -o "$3") 2>/dev/null
}

killed_by_suites() # MODE FILE FOLDER
{
    for suite in $(in_order "$1" "$2"); do
        run "$1" "$suite" "$3/$1/program" || return 0
    done
    return 1
}

killed_by_sweep() # FOLDER
{
    [ -x "$build/asan/sweep" ] && link_sweep "$1/asan" "$1/asan/sweep" 2>/dev/null &&
        ! sweep "$1/asan/sweep"
}

killed_by_explorer() # FOLDER
{
    ! explore "$1/tsan/program"
}

# Prints the verdict, and who gave it.
judge() # FILE OPERATOR FOLDER
{
    scratch=$3/scratch
    mkdir -p "$scratch"
    if [ "$2" = order ]; then
        rebuild tsan "$1" "$3" || { printf 'invalid\t-'; return; }
        killed_by_explorer "$3" && printf 'killed\texplorer' || printf 'survived\t-'
        return
    fi
    rebuild plain "$1" "$3" || { printf 'invalid\t-'; return; }
    is_same_code "$1" "$2" "$3" && { printf 'same\t-'; return; }
    killed_by_suites plain "$1" "$3" && { printf 'killed\tsuites'; return; }
    if rebuild asan "$1" "$3"; then
        killed_by_suites asan "$1" "$3" && { printf 'killed\tasan'; return; }
        killed_by_sweep "$3" && { printf 'killed\tsweep'; return; }
    fi
    rebuild tsan "$1" "$3" && killed_by_explorer "$3" && { printf 'killed\texplorer'; return; }
    printf 'survived\t-'
}

judged()
{
    cat "$build/results"/* 2>/dev/null | grep -cE '^(killed|survived)'
}

# Takes mutants from the list, each worker others, until enough are judged.
work() # FOLDER
{
    number=0
    tab=$(printf '\t')
    while IFS= read -r mutant; do
        number=$((number + 1))
        mkdir "$build/claims/$number" 2>/dev/null || continue
        [ "$(judged)" -lt "$wanted" ] && [ "$(date +%s)" -lt "$deadline" ] || return
        rm -rf "$1" && mkdir -p "$1/tree" && cp -R "$root/rc" "$root/buffer" "$1/tree" || return
        file=$(printf '%s' "$mutant" | cut -f 1)
        "$build/mutate" apply "$(printf '%s' "$mutant" | cut -f 2)" \
            "$(printf '%s' "$mutant" | cut -f 3)" "$(printf '%s' "$mutant" | cut -f 4)" \
            "$(printf '%s' "$mutant" | cut -f 6)" <"$root/$file" >"$1/tree/$file" || return
        verdict=$(judge "$file" "$(printf '%s' "$mutant" | cut -f 5)" "$1")
        printf '%s%s%s\n' "$verdict" "$tab" "$mutant" >"$build/results/$number"
    done <"$build/list"
}
