#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Frama-C proves that the functions of buffer/view_geometry do what contracts.h says, for every input,
# with addresses of 64 and of 32 bits; and that none of their arithmetic overflows, wraps, divides by
# zero or reads outside. Then each is given a fault, which must not be proved.
#
# Its memory model takes what is behind different parameters for different memory. Two minutes on
# two cores. Last line: proof: N passed, N failed, N skipped.
# shellcheck disable=SC2086 # options are words
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/proof
room=buffer/view_geometry # its header and its source
passed=0 failed=0 skipped=0
cd "$root" || exit 1
rm -rf "$build" && mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1
export HOME="$build" # where why3 writes down what provers there are

fail() # WHAT
{
    failed=$((failed + 1))
    printf 'failed: %s\n' "$1"
}

finish()
{
    printf 'proof: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
    exit
}

for tool in frama-c why3 cvc4 z3; do
    command -v "$tool" >/dev/null 2>&1 && continue
    skipped=$((skipped + 1))
    printf 'skipped: there is no %s (packages frama-c-base, why3, cvc4, z3)\n' "$tool"
done
[ "$skipped" -eq 0 ] || finish
why3 config detect >"$build/provers" 2>&1

all=grow,clamp
for name in multiply magnitude scale has_negative count reach is_inside fill_up index slice; do
    all=$all,rc__geometry_$name
done

# prove TREE MACHINE SECONDS FUNCTIONS: what it says goes to $build/output.
prove()
{
    (cd "$1" && timeout 400 frama-c -machdep "$2" \
        -cpp-extra-args="-I. -include $root/tests/proof/contracts.h" \
        -warn-unsigned-overflow -wp -wp-rte -wp-model Typed+ref -wp-prover cvc4,z3 \
        -wp-timeout "$3" -wp-par 2 -wp-fct "$4" "$room.c") >"$build/output" 2>&1
}

goals() { sed -n 's/^\[wp\] Proved goals: *\([0-9]*\) \/ *\([0-9]*\)$/\1 \2/p' "$build/output"; }

# What was not proved, one a line.
open_goals() { sed -n 's/^\[wp\] \[Failed\] Goal typed_ref_//p' "$build/output"; }

on() # MACHINE BITS
{
    prove "$root" "$1" 20 "$all"
    counts=$(goals)
    proved=${counts% *}
    if [ -n "$counts" ] && [ "$proved" -gt 200 ] && [ "$proved" -eq "${counts#* }" ]; then
        passed=$((passed + 1))
        printf '%s bits: all of %d goals proved\n' "$2" "$proved"
    else
        fail "$2 bits: proved ${counts:-nothing}: $(open_goals | head -n 3; grep -m 2 rror "$build/output")"
    fi
}

# fault FUNCTION SED-SCRIPT: a change in that function, and a goal of it is open.
fault()
{
    mkdir -p "$build/tree/buffer" "$build/tree/rc"
    cp rc/config.h "$build/tree/rc"
    for file in "$room.h" "$room.c"; do
        sed "/rc__geometry_$1(.*[^;]\$/,/^}/ $2" "$file" >"$build/tree/$file"
    done
    if cmp -s "$room.h" "$build/tree/$room.h" && cmp -s "$room.c" "$build/tree/$room.c"; then
        fail "$1: its fault no longer applies"
        return
    fi
    prove "$build/tree" gcc_x86_64 3 "rc__geometry_$1"
    if [ -n "$(goals)" ] && [ -n "$(open_goals)" ]; then
        passed=$((passed + 1))
        printf '  %-12s not proved with a fault: %s\n' "$1" "$(open_goals | head -n 1)"
    else
        fail "$1 is proved with a fault in it: $(goals) $(grep -m 1 rror "$build/output")"
    fi
}

on gcc_x86_64 64
on gcc_x86_32 32
fault multiply 's/ && a > limit \/ b//'
fault scale 's/is_negative ? RC__GEOMETRY_MOST + 1 : RC__GEOMETRY_MOST/RC__GEOMETRY_MOST/'
fault has_negative 's/return false/return true/'
fault count 's/return rc__geometry_multiply/return true || rc__geometry_multiply/'
fault reach 's/if (before > RC__GEOMETRY_MOST - after) return false;//'
fault is_inside 's/itemsize <= room - reach->after/itemsize <= room/'
fault fill_up 's/steps < RC__GEOMETRY_MOST ? steps + 1 : RC__GEOMETRY_MOST/steps + 1/'
fault index 's/if (from_end > length) return false;//'
fault slice 's/(distance - 1) \/ stride + 1/distance \/ stride + 1/'
finish
