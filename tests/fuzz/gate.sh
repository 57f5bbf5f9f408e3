# SPDX-License-Identifier: MIT
#
# Differential fuzz of rc/scope.h and rc/try.h: generated functions (nested tries, loops, scoped
# variables, deferred calls, protected blocks, every way out) must leave the trace that a simulator
# predicts, with gcc and clang at -Og, -O2 and -O3. Then the same functions must find macros that
# were broken on purpose. About five minutes of processor time.
#
#     sh tests/fuzz/gate.sh         from the project's root
#     RCBUF_BUILD   where to build     RCBUF_FUZZ_SEED   the seed (printed)
#     RCBUF_FUZZ_COUNT   functions per configuration, 5000

set -u
build=${RCBUF_BUILD:-build/ci}/fuzz
seed=${RCBUF_FUZZ_SEED:-20260101}
count=${RCBUF_FUZZ_COUNT:-5000}
files=10
passed=0 failed=0 skipped=0
compilers="gcc clang-14 clang-19"
present=""
rm -rf "$build" && mkdir -p "$build" || exit 1

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "failed: $*"; }
skip() { skipped=$((skipped + 1)); echo "skipped: $*"; }
family_of() { echo "${1%%-*}"; }

# objects COMPILER "FLAGS" ROOT INTO SOURCE...: two at a time; the headers are ROOT's.
objects() {
    compiler=$1 flags=$2 root=$3 into=$4
    shift 4
    mkdir -p "$into" &&
        for source in "$@"; do echo "$source"; done |
        xargs -P 2 -I '{}' sh -c "$compiler -std=gnu11 -w $flags -I $root -I . -fexceptions \
            -c '{}' -o $into/\$(basename '{}' .c).o"
}

# run COMPILER "FLAGS" ROOT NAME SOURCES: the last line says how many functions differ
run() {
    objects "$1" "$2" "$3" "$build/$4" "$build/$5"_*.c "$3"/rc/*.c tests/fuzz/try_run.c \
        >"$build/$4.log" 2>&1 &&
        $1 "$build/$4"/*.o -pthread -o "$build/$4/run" >>"$build/$4.log" 2>&1 ||
        { echo "does not build: $(head -1 "$build/$4.log")"; return 2; }
    (ulimit -c 0; exec 2>"$build/$4.errors"; timeout 150 "$build/$4/run"; exit $?) >"$build/$4.out"
    status=$?
    rm -f "$build/$4"/*.o
    tail -1 "$build/$4.out"
    head -1 "$build/$4.errors"
    return $status
}

cc=${CC:-cc}
$cc -std=gnu11 -O1 -I . tests/fuzz/try_generate.c tests/fuzz/try_emit.c tests/fuzz/try_simulate.c \
    -o "$build/try_generate" || { echo "fuzz: 0 passed, 1 failed, 0 skipped"; exit 1; }
for family in gcc clang; do
    "$build/try_generate" $family "$seed" "$count" $files "$build/$family" &&
        "$build/try_generate" $family "$seed" 400 1 "$build/few-$family" || exit 1
done
echo "seed $seed, $count functions of $(cat "$build"/gcc_?.c | wc -l) lines, each run 6 times"

for compiler in $compilers; do
    if ! command -v "$compiler" >/dev/null 2>&1; then
        skip "fuzz with $compiler: it is not installed"
        continue
    fi
    present="$present $compiler"
    for level in -Og "-O2 -DNDEBUG" "-O3 -DNDEBUG"; do
        name=$compiler${level%% *}
        if said=$(run "$compiler" "$level" . "$name" "$(family_of "$compiler")"); then
            pass
            echo "$name: $said"
        else
            fail "$name: $said (seed $seed)"
        fi
    done
done

# broken NAME FILE SED-SCRIPT: a copy of rc/ with one macro or function broken must be found out.
broken() {
    root=$build/broken-$1
    mkdir -p "$root" && cp -r rc "$root/" && sed "$3" "rc/$2" >"$root/rc/$2"
    if cmp -s "rc/$2" "$root/rc/$2"; then
        fail "$1: nothing was broken in rc/$2"
        return
    fi
    for compiler in $present; do
        said=$(run "$compiler" -O2 "$root" "broken-$1-$compiler" "few-$(family_of "$compiler")")
        case $? in
        0) ;;
        2) fail "$1 with $compiler: $said"; return ;;
        *) pass; echo "$1: found by $compiler: $(echo "$said" | tr '\n' ' ')"; return ;;
        esac
    done
    fail "$1: not found"
}

broken locals-not-kept guard.h 's/__asm__ volatile("" : : "r"(&(local)) : "memory")/((void)0)/'
broken scoped-cleanup-dropped scope.h 's/cleanup(rc__scoped_end_##kind)/unused/'
broken guard-not-popped try.c '/^    rc__chain = guard->outer;/d'
broken dismissed-call-runs scope.h 's/((void)((name).armed = false))/((void)(name).armed)/'
broken steal-keeps scope.h '/^        \*variable = (empty); /d'

echo "fuzz: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
