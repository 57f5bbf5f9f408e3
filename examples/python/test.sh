#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sh test.sh FOLDER PYTHON: what demo.py prints with the module in FOLDER is what it promises.
# sh test.sh '' '' REASON: there is no module, and why.
set -eu
if [ -z "$1" ]; then
    printf 'skipped: examples/python: %s\n' "$3"
    exit 77
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
output=$(PYTHONPATH=$1 PYTHONDONTWRITEBYTECODE=1 "$2" -X dev "$here/demo.py" 2>&1) || {
    printf '%s\n' "$output"
    exit 1
}
failures=0

expect()
{
    printf '%s\n' "$output" | grep -qE "^$1\$" && return
    printf 'no line "%s" in:\n%s\n' "$1" "$output"
    failures=$((failures + 1))
}

expect 'made: \[0.0, 0.0, 0.0\]'
expect 'exported: .*24 bytes are exported.*'
expect 'resized: \(6,\) \[0.0, 2.5, 0.0, 0.0, 0.0, 0.0\]'
expect 'frozen: True'
expect 'columns: \[\[0, 4, 8\], \[1, 5, 9\], \[2, 6, 10\], \[3, 7, 11\]\]'
expect 'backwards: \[\[11, 9\], \[7, 5\], \[3, 1\]\]'
expect 'repeated: \[\[0, 1, 2, 3\], \[0, 1, 2, 3\]\]'
expect 'the same bytes: 100 100 \(1,\)'
expect 'as numbers of 16 bits: \(2, 3\)'
if printf '%s\n' "$output" | grep -q '^skipped: '; then
    printf '%s\n' "$output" | grep '^skipped: '
else
    expect 'numpy has our address: True'
    expect 'numpy holds us: 1'
    expect 'numpy keeps us alive: True \[0.0, 0.0, 7.0\]'
    expect "we have numpy's address: True \\(-32, 16\\)"
    expect 'and its elements: \[\[-1.0, 10.0\], \[4.0, 6.0\], \[0.0, 2.0\]\]'
fi
expect 'traced: True'
expect 'traced at the end: 0'
expect 'alive at the end: 0 objects, 0 bytes'
exit "$failures"
