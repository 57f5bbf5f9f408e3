#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   sh tests/bench/baseline.sh    counts anew what the gate compares with, baseline.csv; a minute
#
# CC chooses the compiler (gcc, as in the gate), RCBUF_BUILD where to build.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=${RCBUF_BUILD:-$root/build}
export CC="${CC:-gcc}" RCBUF_BUILD="$build"
sh "$root/tests/bench/run.sh" --list >/dev/null
sh "$root/tests/bench/instructions.sh" "$build/bench/bench" >"$build/bench/baseline.csv"
cp "$build/bench/baseline.csv" "$root/tests/bench/baseline.csv"
printf 'tests/bench/baseline.csv has %s contestants\n' "$(grep -c '^[^#].*[0-9]$' "$build/bench/baseline.csv")"
