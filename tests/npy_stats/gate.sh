#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   sh tests/npy_stats/gate.sh    examples/npy_stats against NumPy
#
# NumPy writes some 240 files (arrays.py; RCBUF_SEED chooses the seed, which is printed): what npy_stats
# prints of each is compared with NumPy's results and with exact ones, within what it promises
# (compare.py), and has the same bytes with 1, 2 and 8 threads, also under AddressSanitizer with UBSan,
# under ThreadSanitizer, and without the optimiser; valgrind is silent. Damaged files are refused in one
# line (damage.py); plots are what they should be (drawn.py); memory is that of the pages. Then faults are
# put into the program, each of which has to be found. Needs CC (gcc) and NumPy; plots need gnuplot. Two
# minutes on two cores. Last line: npy_stats: N passed, N failed, N skipped.
# shellcheck disable=SC2015,SC2086,SC2231,SC2317 # CC may have flags; row calls the functions
set -eu
export LC_ALL=C PYTHONDONTWRITEBYTECODE=1
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
build=${RCBUF_BUILD:-build/ci}/npy_stats
cc=${CC:-gcc}
seed=${RCBUF_SEED:-20}
here=tests/npy_stats
example=examples/npy_stats
passed=0 failed=0 skipped=0
rm -rf "$build"
mkdir -p "$build"
build=$(CDPATH='' cd -- "$build" && pwd)
files=$build/files
trap 'rm -rf "$files"' EXIT

now()
{
    date +%s.%N
}

# row WHAT COMMAND...: a check, and a line of the table with the seconds that it took; then the last
# line that it printed, or if it failed the first ones.
row()
{
    what=$1
    shift
    started=$(now)
    if "$@" >"$build/log" 2>&1; then result=ok passed=$((passed + 1)); else result=FAILED failed=$((failed + 1)); fi
    now | awk -v start="$started" -v what="$what" -v result="$result" -v said="$(tail -n 1 "$build/log")" \
        '{ printf "%7.2f s  %-6s  %s%s%s\n", $1 - start, result, what, said ? ": " : "", said }'
    [ "$result" = ok ] || head -n 20 "$build/log"
}

skip() # WHAT REASON
{
    skipped=$((skipped + 1))
    printf 'skipped: %s: %s\n' "$1" "$2"
}

finish()
{
    printf 'npy_stats: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}

# The Python that has NumPy: Debian's in preference.
find_python()
{
    for candidate in /usr/bin/python3 python3; do
        "$candidate" -c 'import numpy' >/dev/null 2>&1 && python=$candidate && return
    done
    return 1
}

# ---- building ------------------------------------------------------------------------------------

# compile NAME FLAG...: npy_stats and the library. Not every valgrind reads what clang writes in DWARF 5.
# shellcheck disable=SC2016
compile()
{
    name=$1
    shift
    mkdir -p "$build/$name.o"
    for source in rc/*.c buffer/*.c $example/*.c; do
        printf '%s\0%s\0' "$source" "$build/$name.o/$(printf '%s' "$source" | tr / _).o"
    done | xargs -0 -n 2 -P 2 sh -c '$0 -c "$1" -o "$2"' "$cc -std=gnu11 -gdwarf-4 -fexceptions -I. $*"
    $cc "$@" "$build/$name.o"/*.o -pthread -lm -o "$build/$name"
}

# The plain program with a change, which there must be: with_fault FILE SED
with_fault()
{
    mkdir -p "$build/fault"
    cp $example/*.[ch] "$build/fault"
    sed "$2" "$example/$1" >"$build/fault/$1"
    ! cmp -s "$example/$1" "$build/fault/$1" || { echo 'there is nothing to change'; return 1; }
    $cc -std=gnu11 -O1 -fexceptions -I. "$build/fault"/*.c "$build"/plain.o/rc_*.o "$build"/plain.o/buffer_*.o \
        -pthread -lm -o "$build/fault.program"
}

# ---- checks --------------------------------------------------------------------------------------

python_does() # SCRIPT ARGUMENT...
{
    script=$1
    shift
    "$python" "$here/$script" "$@"
}

keep_output()
{
    for file in "$files"/*.npy; do
        "$build/plain" -j 1 "$file" >"$file.out" || return
    done
}

# Of small files of each kind, and a plot; valgrind's long double has the digits of a double.
memcheck()
{
    for name in f8-1000 swapped-i4-257x3-fortran f2-300x2x4-fortran g-1000 c16-1000 record-nested record-text \
        empty-2d nan; do
        valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=all \
            "$build/plain" -j 2 "$files/$name.npy" >"$build/got" 2>"$build/err" &&
            grep -q '^order' "$build/got" && [ ! -s "$build/err" ] || { cat "$build/err"; return 1; }
    done
    valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=all \
        "$build/plain" --make "$files/valgrind" 200
}

# Of 1.6 GB no more is allocated than the sums of a block, and what 100 columns are called.
memory()
{
    "$python" -c "import numpy; numpy.lib.format.open_memmap('$files/sparse', 'w+', 'f8', (2000000, 100))" &&
        "$build/plain" -j 2 --limit 12000000 "$files/sparse" | tail -n 1 | tee "$build/got" &&
        grep -qE '^\[99\]( +0){4}$' "$build/got"
}

# A program that is wrong prints something else than NumPy.
is_found() # FILE SED
{
    with_fault "$1" "$2" && python_does compare.py differs "$build/fault.program" "$files"
}

# ---- all of it -----------------------------------------------------------------------------------

printf 'npy_stats: %s, seed %s\n' "$cc" "$seed"
row 'build it' compile plain -O2 -DNDEBUG
if ! find_python; then
    skip 'all comparisons' 'there is no Python with NumPy'
    finish
fi
row 'NumPy writes the files' python_does compare.py make "$files" "$seed"
row 'NumPy agrees' python_does compare.py compare "$build/plain" "$files"
row 'the files once more' keep_output
row 'build it without optimising' compile unoptimised -Og
row 'the same bytes' python_does compare.py same "$build/unoptimised" "$files"
row 'build it with AddressSanitizer and UBSan' compile asan -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
row 'the same bytes' python_does compare.py same "$build/asan" "$files"
row 'damaged files' python_does damage.py "$build/asan" "$files" "$seed"
row 'build it with ThreadSanitizer' compile tsan -O1 -fsanitize=thread
row 'the same bytes' python_does compare.py same "$build/tsan" "$files"
if command -v valgrind >/dev/null 2>&1; then
    row 'valgrind' memcheck
else
    skip 'valgrind' 'it is not there'
fi
row 'a file of 1.6 GB within 12 MB' memory
if command -v gnuplot >/dev/null 2>&1; then
    row 'plots' python_does drawn.py "$build/plain" "$files"
else
    skip 'plots' 'there is no gnuplot'
fi

# Of all files but the large ones.
rm -f "$files"/long* "$files"/wide* "$files"/sparse* "$files"/record-many* "$files"/offset.npy
row 'found: divided by n - 1' is_found scan.c 's|part->sum / (long double)scan->table->rows|part->sum / ((long double)scan->table->rows - 1)|'
row 'found: the mean in single precision' is_found reduce.c 's|return (double)(part->sum / |return (float)(part->sum / |'
row 'found: a long double is a double' is_found reduce.c 's|return part->sum / (long double)rows|return (double)(part->sum / (long double)rows)|'
row 'found: the mean of integers in single precision' is_found reduce.c 's|(double)(exact_value(total) |(float)(exact_value(total) |'
row 'found: no carry' is_found reduce.c 's|high + (int64_t)__builtin_add_overflow(total->low, low, &total->low)|high; total->low += low|'
row 'found: unsigned taken for signed' is_found table.c 's|return field->size == sizeof(uint64_t) ? KIND_UNSIGNED|return field->size == 0 ? KIND_UNSIGNED|'
row 'found: the last rows are left out' is_found reduce.c 's|i < count; i++) nans|i + 1 < count; i++) nans|'
row 'found: a lane is left out' is_found reduce.c 's|if (greatest\[k\] > part->greatest.real)|if (k != 3 \&\& greatest[k] > part->greatest.real)|'
row 'found: the ladder loses a row' is_found ladder.c 's|while (self->level > 1) step_down(self);||'
row 'found: imaginary parts are real' is_found table.c 's|field->size / 2|0|'
row 'found: fields in the wrong place' is_found name.c 's|index\[i - 1\] = column %|index[i - 1] = (column + 1) %|'
row 'found: too few digits' is_found number.c 's|FLT_DECIMAL_DIG|FLT_DIG|'
finish
