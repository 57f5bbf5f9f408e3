#!/bin/sh
# SPDX-License-Identifier: MIT
#
# buffer/npy.h beside NumPy. compare.py: files that NumPy writes go through the library (exchange.c,
# under AddressSanitizer and UBSan) and come back, the same bytes, and NumPy reads files that the
# library makes. mutate.py: headers with accidents; what NumPy refuses the library refuses, but for
# the reasons listed there, and what both read is the same array.
#
# RCBUF_SEED (1) chooses the accidents, RCBUF_NPY_RUNS (20000) how many. Python is
# /usr/bin/python3, or python3 where that has no NumPy. Half a minute on two cores. The gate has
# to find six faults in the library.
# Last line: npy: N passed, N failed, N skipped.
# shellcheck disable=SC2086,SC3045 # flags are words
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/npy
cc=${CC:-gcc}
seed=${RCBUF_SEED:-1}
passed=0 failed=0 skipped=0
cd "$root" || exit 1
rm -rf "$build" && mkdir -p "$build/files" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1
ulimit -c 0
export UBSAN_OPTIONS=print_stacktrace=1 PYTHONDONTWRITEBYTECODE=1
flags='-std=gnu11 -O1 -g -fexceptions -fsanitize=address,undefined -fno-sanitize-recover=all -I.'

fail() # WHAT
{
    failed=$((failed + 1))
    printf 'failed: %s\n' "$1"
}

finish()
{
    printf 'npy: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
    exit
}

# Each source on its own, two at a time.
# shellcheck disable=SC2016
build_exchange()
{
    for source in rc/*.c buffer/*.c tests/npy/exchange.c; do
        printf '%s\0%s\0' "$source" "$build/$(printf '%s' "$source" | tr / _).o"
    done | xargs -0 -n 2 -P 2 sh -c '$0 -c "$1" -o "$2"' \
        "$cc $flags" && $cc $flags "$build"/*.o -pthread -lm -o "$build/exchange"
}

# compare prints how many dtypes and formats are right, mutate is one check.
judge()
{
    cut -c 1-400 "$build/compare.out" "$build/mutate.out"
    counts=$(sed -n 's/^[0-9]* files, \([0-9]*\) dtypes and formats, \([0-9]*\) wrong$/\1 \2/p' \
        "$build/compare.out")
    if [ -z "$counts" ]; then
        fail "compare.py came to no end: $(tail -n 3 "$build/compare.err")"
    else
        passed=$((passed + ${counts% *} - ${counts#* })) failed=$((failed + ${counts#* }))
    fi
    if [ "$(cat "$build/mutate.status")" -eq 0 ]; then
        passed=$((passed + 1))
    else
        fail "mutate.py ended with $(cat "$build/mutate.status"): $(tail -n 3 "$build/mutate.err")"
    fi
}

run() # NAME ARGUMENT...
{
    name=$1
    shift
    timeout 180 "$python" "tests/npy/${name%-*}.py" "$@" >"$build/$name.out" 2>"$build/$name.err"
    printf '%s\n' "$?" >"$build/$name.status"
}

# fault FILE SED-SCRIPT PROGRAM: the library so changed is found to be wrong.
fault()
{
    sed "$2" "$1" >"$build/fault.c"
    if cmp -s "$1" "$build/fault.c"; then
        fail "a patch no longer applies to $1"
        return
    fi
    others=$(printf '%s\n' "$build"/*.o | grep -v "/$(printf '%s' "$1" | tr / _).o\$")
    if ! $cc $flags -w -iquote "${1%/*}" "$build/fault.c" $others -pthread -lm -o "$build/faulty" \
        2>"$build/log"; then
        fail "$1 with a fault does not build: $(grep -m 3 -E 'error|undefined' "$build/log")"
        return
    fi
    case $3 in
    compare) run compare-fault "$build/files" "$build/faulty" ;;
    mutate) run mutate-fault "$build/faulty" "$seed" 3000 ;;
    esac
    if grep -q '^failed: ' "$build/$3-fault.out" "$build/$3-fault.err"; then
        passed=$((passed + 1))
    else
        fail "a fault in $1 is not found: $2"
    fi
}

python=
for candidate in /usr/bin/python3 python3; do
    "$candidate" -c 'import numpy' 2>/dev/null && python=$candidate && break
done
if [ -z "$python" ]; then
    skipped=1
    printf 'skipped: there is no Python with NumPy (package python3-numpy)\n'
    finish
fi
if ! build_exchange 2>"$build/log"; then
    fail "it does not build: $(grep -m 5 -E 'error|undefined' "$build/log")"
    finish
fi
printf 'NumPy %s, seed %s\n' "$("$python" -c 'import numpy; print(numpy.__version__)')" "$seed"
run compare "$build/files" "$build/exchange" &
run mutate "$build/exchange" "$seed" "${RCBUF_NPY_RUNS:-20000}"
wait
judge
fault buffer/npy_descr.c '/^static bool put_gap/,/^}/ s/to - from/to - from + 1/' compare
fault buffer/npy_header.c 's/DIGITS_MAX   21/DIGITS_MAX   20/' compare
fault buffer/npy_dtype.c 's/if (is_swapped(scalar) \&\& scalar->count > 1)/if (false)/' compare
fault buffer/npy.c '/^static bool check_names/,/^}/ s/if (!twice) return true;/return true;/' mutate
fault buffer/npy.c 's/if (!header->is_there\[key\])/if (false)/' mutate
fault buffer/npy_cursor.c 's/if (\*count > 1) return true;/return true;/' mutate
finish
