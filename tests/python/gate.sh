#!/bin/sh
# SPDX-License-Identifier: MIT
#
# examples/python against CPython and NumPy: builds rcbuf.abi3.so as CMake does, and once more with
# AddressSanitizer, and prints a table of
#
#     CPython's own tests     cases.py, with RCBUF_SEED (20); at least 60 must pass
#     the README's sessions   readme.py: what they print
#     lifetimes               lifetimes.py: NumPy, cycles, threads, fork, the interpreter's end
#     memory                  memory.py: tracemalloc, and that nothing is left behind
#     embedding               embed.c: interpreters that begin and end in a C program
#     the ABI                 abi.py: nothing but the stable ABI is taken from Python
#     under AddressSanitizer  the same, with gcc's runtime preloaded into a Python that is not
#                             instrumented and takes each object from malloc
#     under a debug build     the same in python3.11-dbg, which checks itself, where it is installed
#
# Wants /usr/bin/python3 (PYTHON says another one) with python3-dev, libpython3.11-testsuite and
# python3-numpy; says what it skips without them. A minute and a half. Last line: python: N passed, N failed, N skipped.
# shellcheck disable=SC2086 # flags, which are words
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
cd "$root" || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/python
cc=${CC:-gcc}
python=${PYTHON:-/usr/bin/python3}
tests=$root/tests/python
limit='timeout -k 5 300' # a deadlock is a failure
floor=60
passed=0 failed=0 skipped=0
rm -rf "$build" && mkdir -p "$build/plain" "$build/asan" &&
    build=$(CDPATH='' cd -- "$build" && pwd) || exit 1
export PYTHONDONTWRITEBYTECODE=1
unset PYTHONPATH PYTHONHOME LD_PRELOAD PYTHONMALLOC
ulimit -c 0

finish()
{
    printf 'python: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
    exit
}

skip() # WHAT REASON
{
    skipped=$((skipped + 1))
    printf 'skipped: %s: %s\n' "$1" "$2"
}

now()
{
    date +%s.%N
}

line() # SECONDS-SINCE RESULT WHAT
{
    now | awk -v start="$1" -v result="$2" -v what="$3" \
        '{ printf "%6.2f s  %-40s  %s\n", $1 - start, result, what }'
}

# row WHAT COMMAND...: one check. Its output is shown if it fails.
row()
{
    what=$1
    shift
    started=$(now)
    if "$@" >"$build/log" 2>&1; then
        passed=$((passed + 1))
        line "$started" ok "$what"
    else
        failed=$((failed + 1))
        line "$started" FAILED "$what"
        tail -n 60 "$build/log"
    fi
}

# counted WHAT LEAST COMMAND...: tests whose last line is "N run, N passed, N failed, N skipped"; at
# least LEAST pass. What they skip is shown, and counted, once: in the first build.
counted()
{
    what=$1 least=$2
    shift 2
    started=$(now)
    status=0
    $limit "$@" >"$build/log" 2>&1 || status=$?
    counts=$(grep -E '^[0-9]+ run, [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$build/log" |
        tail -n 1)
    line "$started" "${counts:-came to no end, status $status}" "$what"
    if [ "$show_skips" = yes ]; then
        grep '^skipped: ' "$build/log"
        skipped=$((skipped + $(printf '%s\n' "$counts" | awk '{ print $7 + 0 }')))
    fi
    good=$(printf '%s\n' "$counts" | awk '{ print $3 + 0 }')
    passed=$((passed + good))
    [ "$status" -eq 0 ] && [ "$good" -ge "$least" ] && return
    failed=$((failed + 1))
    [ "$status" -ne 0 ] || printf 'failed: %s: %d passed, and %d must\n' "$what" "$good" "$least"
    grep -vE '^skipped: |AddressSanitizer failed to allocate' "$build/log" | tail -n 60
}

# ---- building ------------------------------------------------------------------------------------

# compile FOLDER FLAG...: the module with its library, the module with threads, the program.
compile()
{
    to=$1
    shift
    mkdir -p "$to/objects"
    for source in rc/*.c buffer/*.c; do
        printf '%s\0%s\0' "$source" "$to/objects/$(printf '%s' "$source" | tr / _).o"
    done | xargs -0 -n 2 -P 2 sh -c '$0 -c "$1" -o "$2"' \
        "$cc -std=gnu11 -fPIC -fexceptions -g -I. $*" || return
    ar rcs "$to/librcbuf.a" "$to"/objects/*.o &&
        $cc $module_flags "$@" -I. examples/python/*.c "$to/librcbuf.a" -Wl,--exclude-libs,ALL \
            -pthread -o "$to/rcbuf.abi3.so" &&
        $cc $module_flags "$@" tests/python/threads.c -pthread -o "$to/rcbuf_threads.abi3.so"
}

compile_embed() # FOLDER FLAG...
{
    to=$1
    shift
    $cc -std=gnu11 -g $includes "$@" tests/python/embed.c $embedding -pthread -o "$to/embed"
}

check_abi()
{
    $cc -E -DPY_SSIZE_T_CLEAN -DPy_LIMITED_API=0x030b0000 $includes -include Python.h -x c /dev/null \
        >"$build/limited.h" && nm -D "$build/plain/rcbuf.abi3.so" >"$build/symbols" &&
        "$python" "$tests/abi.py" "$build/limited.h" <"$build/symbols"
}

# It tells a symbol that is not of the limited API.
abi_is_noticed()
{
    sed 's/U PyMem_Free$/U PyGILState_Check/' "$build/symbols" >"$build/wrong"
    ! cmp -s "$build/symbols" "$build/wrong" &&
        ! "$python" "$tests/abi.py" "$build/limited.h" <"$build/wrong"
}

# ---- running -------------------------------------------------------------------------------------

# all_of KIND COMMAND...: every test, by that Python.
all_of()
{
    kind=$1
    shift
    if [ "$has_cases" = yes ]; then
        counted "CPython's own tests, $kind" $floor "$@" "$tests/cases.py" "${RCBUF_SEED:-20}"
    fi
    counted "lifetimes, $kind" 15 "$@" "$tests/lifetimes.py"
    counted "memory, $kind" 12 "$@" "$tests/memory.py"
}

embed_all() # KIND FOLDER VARIABLE...
{
    kind=$1 folder=$2
    shift 2
    for scenario in held after during again; do
        row "embedding: $scenario, $kind" $limit env PYTHONPATH="$folder" "$@" "$folder/embed" $scenario
    done
}

plain()
{
    show_skips=yes
    row 'the example' $limit sh examples/python/test.sh "$build/plain" "$python"
    if "$python" -c 'import numpy' 2>/dev/null; then
        row "the README's sessions" $limit env PYTHONPATH="$build/plain" "$python" \
            "$tests/readme.py" README.md
    else
        skip "the README's sessions" 'they use NumPy'
    fi
    all_of plain env PYTHONPATH="$build/plain" "$python" -X dev
    show_skips=no
    row 'the stable ABI' check_abi
    row 'a symbol outside of it is noticed' abi_is_noticed
    if $cc -shared -fPIC tests/python/hide.c -o "$build/hide.so" 2>"$build/log"; then
        row "without tracemalloc's functions" $limit env PYTHONPATH="$build/plain" \
            LD_PRELOAD="$build/hide.so" "$python" "$tests/memory.py" untraced
    else
        skip "without tracemalloc's functions" "there is no dlvsym() to hide them with"
    fi
    if [ "$can_embed" = yes ]; then
        embed_all plain "$build/plain"
    else
        skip embedding 'there is no shared libpython (libpython3-dev)'
    fi
}

asan()
{
    sanitize='-O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
    if $cc --version | grep -q clang; then cc=gcc; fi # whose runtime is found and preloaded
    runtime=$($cc -print-file-name=libasan.so 2>"$build/log")
    case $runtime in
    /*) ;;
    *)
        skip 'AddressSanitizer' "$cc has no libasan.so to preload"
        return
        ;;
    esac
    row 'build with AddressSanitizer and UBSan' compile "$build/asan" $sanitize
    [ -e "$build/asan/rcbuf.abi3.so" ] || return
    export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    all_of AddressSanitizer env PYTHONPATH="$build/asan" PYTHONMALLOC=malloc \
        LD_PRELOAD="$runtime $($cc -print-file-name=libubsan.so)" "$python"
    if [ "$can_embed" = yes ]; then
        row 'build the program' compile_embed "$build/asan" $sanitize
        embed_all AddressSanitizer "$build/asan" PYTHONMALLOC=malloc
    fi
    row 'it sees what Python does to freed bytes' asan_notices
}

# It finds a view's bytes that are read after their end: the preloaded runtime is at work.
asan_notices()
{
    printf '%s\n' 'import ctypes, rcbuf' 'b = rcbuf.Buffer(100000)' 'a = b.address' 'del b' \
        'ctypes.string_at(a, 16)' >"$build/wrong.py"
    ! $limit env PYTHONPATH="$build/asan" PYTHONMALLOC=malloc LD_PRELOAD="$runtime" "$python" \
        "$build/wrong.py" 2>"$build/found" && grep -q 'heap-use-after-free' "$build/found"
}

debug_build()
{
    debug=${PYTHON_DEBUG:-$(command -v "$("$python" -c \
        'import sys; print("python%d.%d-dbg" % sys.version_info[:2])')")}
    if [ -z "$debug" ]; then
        skip "a debug build of Python" 'it is not installed (python3.11-dbg)'
        return
    fi
    all_of 'a debug build' env PYTHONPATH="$build/plain" "$debug"
}

# ---- all of it -----------------------------------------------------------------------------------

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>"$build/log" ||
    { skip "all of it" "there is no Python 3.11 or later as $python"; finish; }
includes=$("$python" -c 'import sysconfig as s
print(*{"-isystem " + s.get_path(p) for p in ("include", "platinclude")})')
printf '#include <Python.h>\n' | $cc -E $includes - >/dev/null 2>&1 ||
    { skip "all of it" "Python's headers are not here (python3-dev)"; finish; }
module_flags="-std=gnu11 -fPIC -shared -fvisibility=hidden -g $includes
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Werror"
embedding=$("$python" -c 'import sysconfig as s
v = s.get_config_var
print("-L" + v("LIBDIR"), "-lpython" + v("LDVERSION"), v("LIBS"), v("SYSLIBS"), "-Wl,-rpath," + v("LIBDIR"))')
has_cases=yes
"$python" -c 'import _testbuffer, test.test_buffer, test.test_memoryview' 2>"$build/log" || {
    has_cases=no
    skip "CPython's own tests" "the test package is not here (libpython3.11-testsuite)"
}

"$python" -c 'import sys; print("python:", sys.version.split()[0], sys.executable)'
row build compile "$build/plain" -O2
[ "$failed" -eq 0 ] || finish
can_embed=no
compile_embed "$build/plain" 2>"$build/log" && can_embed=yes
plain
asan
debug_build
finish
