#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The README's C programs and the headers' examples, compiled and run. A block of README.md that
# contains main() is a program: what it prints is compared with the ```text block that follows it, if
# one does. After <!-- wrong: asan --> a program must die under AddressSanitizer, and its report must
# have each line of that text. Any other C block is compiled as the body of a function. In headers the
# examples are the lines between @code and @endcode.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root" || exit 1
build=${RCBUF_BUILD:-build/ci}/readme
cc=${CC:-gcc}
rm -rf "$build"
mkdir -p "$build"
passed=0 failed=0

good()
{
    passed=$((passed + 1))
}

bad() # MESSAGE
{
    failed=$((failed + 1))
    echo "readme: $1"
}

# One file for each block: NUMBER.c, its expected NUMBER.text, and NUMBER.wrong for a wrong program.
awk -v to="$build" '
    /^<!-- wrong: asan -->/ { wrong = 1 }
    /^```/ && inside { inside = ""; ended = NR; next }
    /^```c$/ {
        number++
        inside = "c"
        file = to "/" number ".c"
        printf "#line %d \"README.md\"\n", NR + 1 > file
        if (wrong) print "" > (to "/" number ".wrong")
        wrong = 0
        next
    }
    /^```text$/ && ended == NR - 1 && was == "c" { inside = "text"; file = to "/" number ".text" }
    /^```/ { if (inside == "") { inside = "other"; file = "/dev/null" } was = inside; next }
    inside { print > file; was = inside }
' README.md

for header in rc/*.h buffer/*.h; do
    awk -v to="$build/$(echo "$header" | tr / _)" -v name="$header" '
        /@code/ {
            number++
            file = to "_" number ".c"
            printf "#line %d \"%s\"\n", NR + 1, name > file
            inside = 1
            next
        }
        /@endcode/ { inside = 0 }
        inside { sub(/^ *\* ?/, ""); print > file }
    ' "$header"
done

objects=$build/objects
mkdir -p "$objects"
for source in rc/*.c buffer/*.c; do
    "$cc" -std=gnu11 -g -Og -fsanitize=address,undefined -fexceptions -I. -c "$source" \
        -o "$objects/$(echo "$source" | tr / _).o" || exit 1
done

warnings='-Wall -Wextra -Wpedantic -Werror'

# A body's own includes go first, and every public header before them.
wrap() # FILE
{
    for header in rc/status.h rc/memory.h rc/object.h rc/weak.h rc/try.h buffer/map.h; do
        echo "#include <$header>"
    done
    echo '#include <stdio.h>'
    grep '^#include' "$1"
    echo 'void example(void);'
    echo 'void example(void) {'
    grep -v '^#include' "$1"
    echo '}'
}

run_program() # NAME
{
    name=$1
    if ! "$cc" -std=gnu11 $warnings -g -Og -fsanitize=address,undefined -fexceptions -I. \
        "$build/$name.c" "$objects"/*.o -pthread -o "$build/$name" 2>"$build/$name.err"; then
        bad "block $name does not compile: $(head -n 3 "$build/$name.err")"
        return
    fi
    status=0
    "$build/$name" >"$build/$name.out" 2>"$build/$name.err" || status=$?
    if [ -e "$build/$name.wrong" ]; then
        check_report "$name" "$status"
    elif [ "$status" != 0 ]; then
        bad "block $name exits with $status: $(head -n 3 "$build/$name.err")"
    elif [ -e "$build/$name.text" ] && ! cmp -s "$build/$name.text" "$build/$name.out"; then
        bad "block $name prints something else: $(diff "$build/$name.text" "$build/$name.out")"
    else
        good
    fi
}

check_report() # NAME STATUS
{
    if [ "$2" = 0 ]; then
        bad "block $1 is wrong and exits with 0"
        return
    fi
    while IFS= read -r line; do
        if [ -n "$line" ] && ! grep -qF -- "$line" "$build/$1.err"; then
            bad "block $1: the report lacks: $line"
            return
        fi
    done <"$build/$1.text"
    good
}

for file in "$build"/*.c; do
    name=$(basename "$file" .c)
    if grep -q 'main(' "$file"; then
        run_program "$name"
    else
        wrap "$file" >"$build/$name.wrapped.c.in"
        if "$cc" -std=gnu11 $warnings -Wno-unused -fexceptions -I. -x c -fsyntax-only \
            "$build/$name.wrapped.c.in" 2>"$build/$name.err"; then
            good
        else
            bad "block $name does not compile: $(head -n 3 "$build/$name.err")"
        fi
    fi
done

with_output=$(ls "$build"/*.text 2>/dev/null | wc -l)
programs=$(grep -l 'main(' "$build"/*.c | wc -l)
[ "$programs" -ge 3 ] && [ "$with_output" -ge 3 ] ||
    bad "only $programs programs and $with_output outputs were found in README.md"
echo "readme: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
