#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   sh test.sh FOLDER PYTHON [LIBRARY]    the demonstration says what it should, and the tests pass
#   sh test.sh skipped REASON             why it could not be built, as exit status 77
#
# FOLDER has the extension modules. LIBRARY, a sanitizer's runtime, is loaded before all else, which
# a sanitized module needs in an interpreter that is not.
set -eu
if [ "$1" = skipped ]; then
    printf 'skipped: examples/cython: %s\n' "$2"
    exit 77
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$1 python=$2 runtime=${3:-}
failures=0

# What the interpreter itself still has at its end is no leak of ours, and what cannot be allocated
# is an answer. -B: nothing is written beside the sources.
run()
{
    env PYTHONPATH="$folder" ${runtime:+LD_PRELOAD="$runtime"} \
        ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 \
        TSAN_OPTIONS=allocator_may_return_null=1 "$python" -B "$@"
}

expect()
{
    printf '%s\n' "$output" | grep -qE "^$1\$" && return
    printf 'no line "%s" in:\n%s\n' "$1" "$output"
    failures=$((failures + 1))
}

output=$(run "$here/demo.py")
expect 'written through double\[::1\]: 0\.5 1\.5 11\.5'
expect 'resize while that lives: BufferError: .*96 bytes.*'
expect 'resized afterwards, content kept: 1000 0\.5 11\.5'
expect 'resize beyond all memory: MemoryError: 2305843009213693952 doubles .*'
expect 'written through double\[:, ::1\]: \[0\.0, 1\.0, 2\.0, 3\.0, 10\.0, .*, 23\.0\]'
expect 'strides, and transposed: \(32, 8\) \(8, 32\)'
expect 'double\[:\] of a read-only view: BufferError: .*read-only.*'
expect 'const double\[:\] of it: 138\.0'
expect '(np.asarray: \(3, 4\) same address: True written by NumPy: 99\.0|skipped: np.asarray: .*)'
expect 'the view keeps the bytes: 12\.0 2 objects are alive'
expect 'after all: 0 objects, 0 bytes are alive'
printf '%s\n' "$output" | grep '^skipped: ' || :
run "$here/test_some_memory.py" || failures=$((failures + 1))
exit "$failures"
