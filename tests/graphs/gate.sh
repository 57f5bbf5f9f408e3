#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   sh tests/graphs/gate.sh    cycle collection over random graphs, against a model and CPython's gc
#
# 172,000 graphs of a seed that is printed (RCBUF_SEED chooses it): what rcbuf's collections end, save and
# call is what the model says (main.c), and, where CPython's objects can be made alike, in 100,000 of them
# at least, what its gc does in the same graphs (check.py, which asserts the differences that are known).
# Some of them again under AddressSanitizer, and by four threads at once under ThreadSanitizer. Then faults
# are put into the collector, one at a time, each of which must show. Three minutes at most. Last line:
# graphs: N passed, N failed, N skipped.
set -u
export LC_ALL=C
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
cd "$root" || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/graphs
cc=${CC:-gcc}
seed=${RCBUF_SEED:-$(date +%s)}
graphs=172000 shared=100000
passed=0 failed=0 skipped=0
rm -rf "$build" && mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1

pass() { passed=$((passed + 1)); }
fail() # WHAT [FILE]
{
    failed=$((failed + 1))
    printf 'failed: %s\n' "$1"
    [ -z "${2:-}" ] || tail -n 5 "$2"
}
skip() # WHAT
{
    skipped=$((skipped + 1))
    printf 'skipped: %s\n' "$1"
}

# build_program FOLDER TREE "FLAGS": graphs, over the library of TREE.
# shellcheck disable=SC2016,SC2086
build_program()
{
    mkdir -p "$1/objects"
    flags="-std=gnu11 -g -fexceptions -I$2 -I$root $3"
    (cd "$2" && ls rc/*.c buffer/*.c) | while IFS= read -r source; do
        printf '%s\0%s\0' "$2/$source" "$1/objects/$(printf '%s' "$source" | tr / _).o"
    done | xargs -0 -n 2 -P 2 sh -c '$0 -c "$1" -o "$2"' "$cc $flags" &&
        (cd "$1" && $cc $flags -I"$root" -Wall -Wextra -Werror -c "$root"/tests/graphs/*.c) &&
        $cc $flags "$1"/*.o "$1"/objects/*.o -pthread -o "$1/graphs"
}

# figure FILE WORDS: the number before the words, or after them, in what the program told.
figure() { sed -n "s/.*$2.*/\\1/p" "$1" | tail -n 1; }

# ---- all of them ---------------------------------------------------------------------------------

# What was tried is what was meant to be: enough, large enough, of all sorts.
judge_plans() # FILE
{
    tried=$(figure "$1" ' \([0-9]*\) tried') wrong=$(figure "$1" ' \([0-9]*\) wrong')
    median=$(figure "$1" 'median \([0-9]*\)') largest=$(figure "$1" 'largest \([0-9]*\)')
    holding=$(figure "$1" 'in \([0-9]*\) graphs a cycle') saving=$(figure "$1" 'in \([0-9]*\) finalizers saved')
    if [ "${wrong:-1}" -eq 0 ]; then pass; else fail "$wrong graphs end otherwise" "$1"; fi
    if [ "${tried:-0}" -ge "$graphs" ] && [ "$median" -ge 30 ] && [ "$largest" -ge 10000 ] &&
        [ "$holding" -ge $((tried / 2)) ] && [ "$saving" -ge $((tried / 4)) ]; then
        pass
    else
        fail 'the graphs are not as they should be' "$1"
    fi
}

compare_with_python()
{
    if ! command -v python3 >/dev/null 2>&1; then
        skip 'there is no python3, whose gc does the same'
        "$build/plain/graphs" "$seed" "$graphs" 2>"$build/told"
        return
    fi
    mkfifo "$build/pipe"
    "$build/plain/graphs" "$seed" "$graphs" --send >"$build/pipe" 2>"$build/told" &
    if python3 tests/graphs/check.py <"$build/pipe" >"$build/python"; then
        pass
    else
        fail "CPython's gc ends others" "$build/python"
    fi
    wait $!
    cat "$build/python"
    sent=$(figure "$build/told" ' \([0-9]*\) sent')
    if [ "${sent:-0}" -ge "$shared" ]; then pass; else fail "CPython had $sent graphs alone" "$build/told"; fi
}

# ---- faults --------------------------------------------------------------------------------------

# fault NAME FILE SED: with it, the model or a sanitizer says so. Only that file is compiled anew.
fault()
{
    tree=$build/fault
    rm -rf "$tree" && mkdir -p "$tree/${2%/*}"
    sed "$3" "$2" >"$tree/$2"
    cp -R "$build/asan/objects" "$tree"
    if cmp -s "$2" "$tree/$2"; then
        fail "the fault $1 changes nothing any more"
    elif ! $cc -std=gnu11 -g -fexceptions -O1 -fsanitize=address,undefined -iquote "${2%/*}" -I. \
        -c "$tree/$2" -o "$tree/objects/$(printf '%s' "$2" | tr / _).o" 2>"$build/log" ||
        ! $cc -fsanitize=address,undefined "$build"/asan/*.o "$tree"/objects/*.o -pthread -o "$tree/graphs" 2>>"$build/log"; then
        fail "with the fault $1 it does not build" "$build/log"
    elif timeout 60 "$tree/graphs" "$seed" 3000 >"$build/log" 2>&1; then
        fail "the fault $1 is not found"
    else
        [ $? != 124 ] || echo 'rcbuf: it never ends' >>"$build/log"
        pass
        printf '  %-32s found: %s\n' "$1" "$(grep -m 1 -oE 'seed [0-9]+[,:] .*|AddressSanitizer: [a-z-]+|runtime error:.*|rcbuf: .*' \
            "$build/log" | cut -c 1-100)"
    fi
}

printf 'seed %s\n' "$seed"
if build_program "$build/plain" "$root" -O2 2>"$build/log"; then
    compare_with_python
    cat "$build/told"
    judge_plans "$build/told"
else
    fail 'the program does not build' "$build/log"
fi

if build_program "$build/asan" "$root" '-O1 -fsanitize=address,undefined -fno-sanitize-recover=all' 2>"$build/log" &&
    "$build/asan/graphs" "$seed" 5000 2>"$build/told"; then
    pass
else
    fail 'under AddressSanitizer' "$build/told"
fi

# Domains of several threads at once, and threads that retain and release what is held.
if build_program "$build/tsan" "$root" '-O1 -fsanitize=thread' 2>"$build/log" &&
    timeout 60 "$build/tsan/graphs" "$seed" 2000 --threads 4 2>"$build/told" &&
    [ "$(figure "$build/told" '; \([0-9]*\) visits')" -ge 100 ]; then
    cat "$build/told"
    pass
else
    fail 'by four threads under ThreadSanitizer' "$build/told"
fi

echo 'faults'
fault references_not_taken_off rc/cycle_scan.c '/^static void take_off/,/^}/ s/entry->word -= RC__WORD_ONE;/(void)entry;/'
fault outside_is_not_followed rc/cycle_scan.c '/^static void reach_all_from/,/^}/ s/traverse(scan, next, reach);//'
fault not_looked_at_again rc/cycle_collect.c 's/if (any_called || any_ran || .*) rc__cycle_save(domain);//'
fault own_reference_forgotten rc/cycle_scan.c '/^void rc__cycle_save/,/^}/ s/scan_first(domain, before, 1)/scan_first(domain, before, 0)/'
fault finalizer_runs_again rc/cycle_collect.c '/^static void finalize(/,/^}/ s/set_flags(header, RC__FLAG_FINALIZED);//'
fault clear_runs_again rc/cycle_collect.c 's/RC__FLAG_CLEARED | RC__FLAG_FINALIZED/RC__FLAG_CLEARED/'
fault released_is_cleared_again rc/cycle_collect.c 's/if (reported) set_flags(header, RC__FLAG_LOOSE);//'
fault kept_is_not_cleared rc/cycle_collect.c '/^static void clear(/,/^}/ s/if (wanted).*//'
fault weak_lives_on rc/cycle_collect.c 's/ && hooks && end_weak(domain, hooks->kill)/ \&\& false/'
fault callbacks_late rc/cycle_collect.c 's/bool any_called = .*/bool any_called = false;/'

printf 'graphs: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
