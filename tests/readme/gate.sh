#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the README shows is compiled and run. A block of C that contains main() is a program: it ends
# well, and prints what the block of text that follows it says, if one does. After
# <!-- wrong: asan --> a program must die under AddressSanitizer instead, and its report have each line
# of that text. Any other C, and what stands between @code and @endcode in a header, is compiled as the
# body of a function. A block of sh runs in a folder that has rc/, buffer/ and the first program as
# program.c; what it builds as `program` runs too. Two minutes at most.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/readme
cc=${CC:-gcc}
readme=${RCBUF_README:-README.md}
passed=0 failed=0
cd "$root" || exit 1
rm -rf "$build" && mkdir -p "$build/objects" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1

good()
{
    passed=$((passed + 1))
}

bad() # MESSAGE
{
    failed=$((failed + 1))
    printf 'failed: %s\n' "$1"
}

# ---- the blocks ----------------------------------------------------------------------------------

# README.md: N.c or N.sh for the N-th block, N.text for the text after it, N.wrong for a wrong program.
cut_readme()
{
    awk -v to="$build" '
        function begin(kind) {
            number++
            file = to "/" number "." kind
            printf kind == "c" ? "#line %d \"README.md\"\n" : "# README.md, line %d\n", NR + 1 >file
            if (wrong) print "" >(to "/" number ".wrong")
            wrong = 0
        }
        /^<!-- wrong: asan -->$/ { wrong = 1 }
        /^```/ && inside {
            code_ended = inside == "c" ? NR : 0
            inside = ""
            next
        }
        /^```(c|sh)$/ { inside = substr($0, 4); begin(inside); next }
        /^```text$/ && code_ended == NR - 1 {
            inside = "text"
            file = to "/" number ".text"
            printf "" >file
            next
        }
        /^```/ { inside = "other"; next }
        inside && inside != "other" { print >file }
    ' "$readme"
}

# A header: HEADER_N.c for each of its examples.
cut_header() # HEADER
{
    awk -v to="$build/$(printf '%s' "$1" | tr / _)" -v name="$1" '
        /@endcode/ { inside = 0 }
        inside { sub(/^ *\* ?/, ""); print >file }
        /@code/ {
            inside = 1
            file = to "_" ++number ".c"
            printf "#line %d \"%s\"\n", NR + 1, name >file
        }
    ' "$1"
}

# ---- C -------------------------------------------------------------------------------------------

flags='-std=gnu11 -fexceptions -Wall -Wextra -Wpedantic -Werror -I.'
sanitize='-g -Og -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'

# shellcheck disable=SC2016
compile_library()
{
    for source in rc/*.c buffer/*.c; do
        printf '%s\0%s\0' "$source" "$build/objects/$(printf '%s' "$source" | tr / _).o"
    done | xargs -0 -n 2 -P 2 sh -c '$0 -c "$1" -o "$2"' "$cc $flags $sanitize"
}

# The body's own includes first, and every public header before them.
wrapped() # FILE
{
    grep -L 'Private (not installed)' rc/*.h buffer/*.h | sed 's/.*/#include <&>/'
    printf '#include <stdio.h>\n'
    grep '^#include' "$1"
    printf 'void example(void);\nvoid example(void)\n{\n'
    grep -v '^#include' "$1"
    printf '}\n'
}

check_body() # NAME
{
    wrapped "$build/$1.c" >"$build/$1.body"
    # shellcheck disable=SC2086
    if "$cc" $flags -Wno-unused -x c -fsyntax-only "$build/$1.body" 2>"$build/$1.err"; then
        good
    else
        bad "block $1 does not compile: $(head -n 3 "$build/$1.err")"
    fi
}

# Each line of the text is in the report.
check_report() # NAME
{
    if ! grep -q . "$build/$1.text" 2>/dev/null; then
        bad "block $1 is wrong, and no text says what its report is"
        return
    fi
    while IFS= read -r line; do
        if ! grep -qF -- "$line" "$build/$1.err"; then
            bad "block $1: the report lacks: $line"
            return
        fi
    done <"$build/$1.text"
    good
}

check_program() # NAME
{
    # shellcheck disable=SC2086
    if ! "$cc" $flags $sanitize "$build/$1.c" "$build"/objects/*.o -pthread -o "$build/$1" \
        2>"$build/$1.err"; then
        bad "block $1 does not compile: $(head -n 3 "$build/$1.err")"
        return
    fi
    status=0
    timeout 150 "$build/$1" >"$build/$1.out" 2>"$build/$1.err" </dev/null || status=$?
    if [ -e "$build/$1.wrong" ] && [ "$status" -eq 0 ]; then
        bad "block $1 is wrong and ends well"
    elif [ -e "$build/$1.wrong" ]; then
        check_report "$1"
    elif [ "$status" -ne 0 ] || [ -s "$build/$1.err" ]; then
        bad "block $1 ends with $status: $(head -n 3 "$build/$1.err")"
    elif [ -e "$build/$1.text" ] && ! cmp -s "$build/$1.text" "$build/$1.out"; then
        bad "block $1 prints something else: $(diff "$build/$1.text" "$build/$1.out")"
    else
        good
    fi
}

# ---- sh ------------------------------------------------------------------------------------------

check_commands() # NAME
{
    folder=$build/$1.folder
    mkdir -p "$folder"
    cp -R rc buffer "$folder"
    cp "$build/$first_program.c" "$folder/program.c"
    if ! (cd "$folder" && timeout 250 sh -e "$build/$1.sh") >"$build/$1.out" 2>&1 </dev/null; then
        bad "block $1 fails: $(head -n 3 "$build/$1.out")"
    elif [ -x "$folder/program" ] && ! "$folder/program" >"$build/$1.out" 2>&1; then
        bad "block $1 builds a program that fails: $(head -n 3 "$build/$1.out")"
    else
        good
    fi
}

# ---- all of them ---------------------------------------------------------------------------------

cut_readme
for header in rc/*.h buffer/*.h; do cut_header "$header"; done
compile_library 2>"$build/log" || bad "the library does not build: $(head -n 3 "$build/log")"

programs=0 outputs=0 bodies=0 commands=0 first_program=
for file in "$build"/*.c; do
    [ -f "$file" ] || continue
    name=$(basename "$file" .c)
    if grep -q 'main(' "$file"; then
        programs=$((programs + 1))
        [ -n "$first_program" ] || first_program=$name
        [ ! -e "$build/$name.text" ] || outputs=$((outputs + 1))
        check_program "$name"
    else
        bodies=$((bodies + 1))
        check_body "$name"
    fi
done
for file in "$build"/*.sh; do
    [ -f "$file" ] || continue
    commands=$((commands + 1))
    check_commands "$(basename "$file" .sh)"
done
printf '%d programs, %d of them with what they print; %d other blocks of C, %d of sh\n' "$programs" \
    "$outputs" "$bodies" "$commands"
[ "$programs" -ge 3 ] && [ "$outputs" -ge 2 ] ||
    bad "README.md has too few programs: three, two with what they print, must be there"
printf 'readme: %d passed, %d failed, 0 skipped\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
