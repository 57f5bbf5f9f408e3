#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The sanitizer table: users' mistakes, a program each, which must die under AddressSanitizer with a
# report that has the line marked HERE and what the program's own "asan:" comment says; with gcc and
# with clang, with a sanitized library, a plain static one and a plain shared one. Compiled with
# -DRIGHT the same program is right, and must end well and in silence. Without a sanitizer it must
# stop with the line in its "plain:" comment, where it has one.
#
# Then the suites of tests/buffer with clang-19's -fsanitize=integer beside both, where arithmetic that
# wraps, or loses bits, fails a test unless tests/libfuzzer/wraps.txt has it; and a fault that only
# this finds. Three minutes at most.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/sanitizers
passed=0 failed=0 skipped=0
cd "$root" || exit 1
rm -rf "$build" && mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1
ulimit -c 0

options='-std=gnu11 -g -Og -fexceptions -fno-omit-frame-pointer -I.'
sanitize='-fsanitize=address,undefined -fno-sanitize-recover=all'
# A stop of the library's is an abort(), whose stack is to be shown; a plain library has no frame
# pointers for the quick unwinder.
asan_options=detect_leaks=1:handle_abort=1:detect_stack_use_after_return=1:fast_unwind_on_malloc=0

fail() # WHAT
{
    failed=$((failed + 1))
    printf 'failed: %s\n' "$1"
}

skip() # WHAT
{
    skipped=$((skipped + 1))
    printf 'skipped: %s\n' "$1"
}

# ---- libraries -----------------------------------------------------------------------------------

# shellcheck disable=SC2016
compile_library() # FOLDER COMMAND
{
    mkdir -p "$1"
    for source in rc/*.c buffer/*.c; do
        printf '%s\0%s\0' "$source" "$1/$(printf '%s' "$source" | tr / _).o"
    done | xargs -0 -n 2 -P 2 sh -c '$0 -c "$1" -o "$2"' "$2"
}

build_libraries() # COMPILER
{
    compile_library "$build/$1/asan" "$1 $options $sanitize" &&
        compile_library "$build/$1/plain" "$1 -std=gnu11 -O2 -fexceptions -I. -fPIC" &&
        "$1" -shared "$build/$1/plain"/*.o -pthread -o "$build/$1/librcbuf.so"
}

# ---- one program ---------------------------------------------------------------------------------

# What the comment "NAME: TEXT" of the program says; nothing if it has none.
said() # FILE NAME
{
    sed -n "s|^ \* $2: \(.*\)\$|\1|p" "$1" | sed 's| \*/$||'
}

# link FILE COMPILER LIBRARY OUTPUT FLAGS
link()
{
    case $3 in
    asan) set -- "$@" "$sanitize" "$build/$2/asan/*.o" ;;
    static) set -- "$@" "$sanitize" "$build/$2/plain/*.o" ;;
    shared) set -- "$@" "$sanitize" "$build/$2/librcbuf.so -Wl,-rpath,$build/$2" ;;
    none) set -- "$@" '' "$build/$2/plain/*.o" ;;
    esac
    # shellcheck disable=SC2086
    "$2" $options $6 $5 "$1" $7 -pthread -o "$4" 2>"$build/log"
}

run() # PROGRAM
{
    ASAN_OPTIONS=$asan_options timeout 150 "$1" >"$1.out" 2>&1 </dev/null
}

# 0: it died, and the report has the line and the text: the sanitizer's, or, where a plain library
# saw the fault first, the library's own. The reason is in $why.
dies_with_report() # FILE PROGRAM LIBRARY
{
    if run "$2"; then
        why='it ends as if nothing were wrong'
        return 1
    fi
    text=$(said "$1" asan)
    own=$(said "$1" plain)
    [ "$3" != asan ] && [ -n "$own" ] && grep -q '^rcbuf: ' "$2.out" && text=$own
    line=$(grep -n '/\* HERE \*/' "$1" | cut -d : -f 1)
    place=$(basename "$1"):$line
    why="the report does not say \"$text\" and $place"
    grep -qF -- "$text" "$2.out" && grep -qE "$place(:|\$|[^0-9])" "$2.out"
}

right_is_silent() # FILE COMPILER LIBRARY
{
    link "$1" "$2" "$3" "$build/right" -DRIGHT && run "$build/right" && [ ! -s "$build/right.out" ]
}

# One cell of the table, in $cell.
try() # FILE COMPILER LIBRARY
{
    name=$(basename "$1" .c)
    program=$build/$2/$name-$3
    if ! link "$1" "$2" "$3" "$program" ''; then
        cell=no
        fail "$name does not build with $2: $(head -n 3 "$build/log")"
    elif ! dies_with_report "$1" "$program" "$3"; then
        cell=no
        fail "$name ($2, $3 library): $why: $(grep -m 2 -E 'ERROR|rcbuf:' "$program.out")"
    elif ! right_is_silent "$1" "$2" "$3"; then
        cell=no
        fail "$name ($2, $3 library): the right program: $(head -n 3 "$build/right.out" "$build/log")"
    else
        cell=yes
        passed=$((passed + 1))
    fi
}

# ---- the tables ----------------------------------------------------------------------------------

row() # FILE
{
    cells=
    for compiler in $compilers; do
        for library in asan static shared; do
            try "$1" "$compiler" "$library"
            cells="$cells $(printf '%-4s' "$cell")"
        done
        cells="$cells |"
    done
    printf '%-28s |%s %s\n' "$name" "$cells" "$(said "$1" asan)"
}

# Without a sanitizer: what the library says, or the C library, or nobody.
plain_row() # FILE
{
    name=$(basename "$1" .c)
    program=$build/$first/$name-none
    text=$(said "$1" plain)
    if ! link "$1" "$first" none "$program" ''; then
        fail "$name does not build plainly: $(head -n 3 "$build/log")"
        return
    fi
    run "$program"
    status=$?
    line=$(grep -m 1 . "$program.out" | sed 's/0x[0-9a-f]*/0x.../' | cut -c 1-90)
    if [ -n "$text" ]; then
        if [ "$status" -eq 134 ] && grep -qF -- "$text" "$program.out" &&
            [ "$(grep -c '^rcbuf: ' "$program.out")" -eq 1 ]; then
            passed=$((passed + 1))
        else
            fail "$name without a sanitizer: not the one line \"$text\" and an abort, but $status: $line"
        fi
    fi
    printf '%-28s | %s\n' "$name" "${line:-nothing is seen}"
}

has_asan() # COMPILER
{
    command -v "$1" >/dev/null 2>&1 || return 1
    printf 'int main(void) { return 0; }\n' >"$build/probe.c"
    "$1" -fsanitize=address,undefined "$build/probe.c" -o "$build/probe" 2>/dev/null && "$build/probe"
}

# ---- arithmetic that wraps -----------------------------------------------------------------------

integer="-fsanitize=address,undefined,integer -fno-sanitize-recover=all
    -fsanitize-ignorelist=tests/libfuzzer/wraps.txt"

# shellcheck disable=SC2016,SC2046
build_suites() # FOLDER
{
    compile_library "$1" "clang-19 $options $integer" || return
    for source in tests/buffer/*_test.c; do
        printf '%s\0%s\0' "$source" "$1/$(basename "$source" _test.c)"
    done | xargs -0 -n 2 -P 2 sh -c '$0 "$1" '"$1/*.o $(pkg-config --libs check)"' -lm -o "$2"' \
        "clang-19 $options $integer $(pkg-config --cflags check) -pthread"
}

# The suite's closing line has nothing that failed, and no child reported anything.
judge_suite() # PROGRAM
{
    if grep -q ' passed, 0 failed$' "$1.out" && ! grep -aq 'runtime error' "$1.out"; then
        passed=$((passed + 1))
    else
        fail "$(basename "$1") with -fsanitize=integer: $(grep -a -m 3 -E 'runtime error|: [a-z_]*: ' "$1.out")"
    fi
}

# With products that are not checked, the suite of malformed formats has to fail.
finds_a_wrap() # FOLDER
{
    sed '/^static bool multiply/,/^}/ s/return .*/return *product = a * b, true;/' \
        buffer/format_parse.c >"$1/fault.c"
    # shellcheck disable=SC2046
    ! cmp -s buffer/format_parse.c "$1/fault.c" &&
        clang-19 -w $options $integer -iquote buffer $(pkg-config --cflags check) \
            "$1/fault.c" tests/buffer/format_fault_test.c \
            $(ls "$1"/*.o | grep -v buffer_format_parse) $(pkg-config --libs check) -lm -pthread \
            -o "$1/fault" 2>"$build/log" || return
    ! timeout 150 "$1/fault" >"$1/fault.out" 2>&1 &&
        grep -aq 'unsigned integer overflow' "$1/fault.out"
}

wrapping() # FOLDER
{
    if ! command -v clang-19 >/dev/null 2>&1; then
        skip 'there is no clang-19, for -fsanitize=integer'
    elif ! pkg-config --exists check; then
        skip 'there is no Check, for suites with -fsanitize=integer'
    elif ! build_suites "$1" 2>"$build/log"; then
        fail "the suites do not build with -fsanitize=integer: $(grep -m 3 -E 'error|undef' "$build/log")"
    else
        find "$1" -type f ! -name '*.o' -print0 |
            xargs -0 -n 1 -P 2 sh -c 'timeout 250 "$0" >"$0.out" 2>&1 </dev/null; :'
        before=$passed
        for source in tests/buffer/*_test.c; do judge_suite "$1/$(basename "$source" _test.c)"; done
        printf '%d of %d suites are silent with -fsanitize=integer\n' $((passed - before)) \
            "$(ls tests/buffer/*_test.c | wc -l)"
        if finds_a_wrap "$1"; then
            passed=$((passed + 1))
        else
            fail 'a product that wraps is not found with -fsanitize=integer'
        fi
    fi
}

# ---- all of it -----------------------------------------------------------------------------------

compilers=
for compiler in gcc clang clang-19; do
    if ! has_asan "$compiler"; then
        skip "$compiler with AddressSanitizer is not there"
    elif build_libraries "$compiler" >"$build/log" 2>&1; then
        compilers="$compilers $compiler"
    else
        fail "the library does not build with $compiler: $(head -n 3 "$build/log")"
    fi
done
first=${compilers# }
first=${first%% *}

# gcc's runtime knows lines by itself; clang's asks a program.
for symbolizer in llvm-symbolizer llvm-symbolizer-19 llvm-symbolizer-14; do
    command -v "$symbolizer" >/dev/null 2>&1 || continue
    ASAN_SYMBOLIZER_PATH=$(command -v "$symbolizer")
    export ASAN_SYMBOLIZER_PATH
    break
done
if [ -z "${ASAN_SYMBOLIZER_PATH:-}" ]; then
    case $compilers in
    *clang*)
        skip 'clang: there is no llvm-symbolizer, so its reports have no lines'
        compilers=$(printf '%s\n' $compilers | grep -v clang)
        ;;
    esac
fi

if [ -n "$compilers" ]; then
    printf 'each cell: a sanitized library, a plain static one, a plain shared one\n'
    header=
    for compiler in $compilers; do header="$header $(printf '%-14s' "$compiler") |"; done
    printf '%-28s |%s what the report says\n' fault "$header"
    for file in tests/sanitizers/*.c; do row "$file"; done
    printf '\nwithout a sanitizer (%s -Og)\n' "$first"
    for file in tests/sanitizers/*.c; do plain_row "$file"; done
fi
wrapping "$build/integer"
printf 'sanitizers: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
