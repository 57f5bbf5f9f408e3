#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   sh tests/words/gate.sh    examples/word_count against the shell, at size
#
# Generates 110 MB and 10 MB of text (generate.c; RCBUF_SEED chooses the seed, which is printed) and
# compares word by word with tr, sort and uniq: the large text with one thread and two; the small
# one also under AddressSanitizer, ThreadSanitizer and valgrind, which must be silent. The accounts
# end at zero, a seeded leak is told, a file beyond 4 GiB is counted, memory may run out, and the
# progress bar appears and goes. Needs CC (gcc) and 5 GB of address space; five minutes at most.
# Last line: words: N passed, N failed, N skipped.
set -eu
export LC_ALL=C
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
case ${RCBUF_BUILD:-build/ci} in
/*) build=$RCBUF_BUILD/words ;;
*) build=$root/${RCBUF_BUILD:-build/ci}/words ;;
esac
cc=${CC:-gcc}
seed=${RCBUF_SEED:-20}
large_size=110000000
small_size=10000000
passed=0 failed=0 skipped=0
rm -rf "$build"
mkdir -p "$build"
trap 'rm -f "$build"/*.txt "$build"/huge' EXIT

now()
{
    date +%s.%N
}

# row WHAT COMMAND...: a check, and a line of the table with the seconds that it took.
row()
{
    what=$1
    shift
    started=$(now)
    if "$@" >"$build/log" 2>&1; then result=ok passed=$((passed + 1)); else result=FAILED failed=$((failed + 1)); fi
    now | awk -v start="$started" -v what="$what" -v result="$result" \
        '{ printf "%7.2f s  %-6s  %s\n", $1 - start, result, what }'
    [ "$result" = ok ] || head -n 20 "$build/log"
}

skip() # WHAT REASON
{
    skipped=$((skipped + 1))
    printf 'skipped: %s: %s\n' "$1" "$2"
}

# compile NAME FOLDER FLAG...: word_count as one program with all of the library
compile()
{
    name=$1 folder=$2
    shift 2
    # shellcheck disable=SC2086 # CC may have flags
    $cc -std=gnu11 -fexceptions -I. "$@" "$folder"/*.c rc/*.c buffer/*.c -pthread -o "$build/$name"
}

# The same by other means.
# shellcheck disable=SC2018,SC2019 # ASCII letters alone
pipeline()
{
    for file; do
        cat "$file"
        echo
    done | tr 'A-Z' 'a-z' | tr -cs 'a-z\200-\377' '\n' | grep -a . |
        sort -S 1G --parallel=2 -T "$build" | uniq -c | sort -k1,1nr -k2 -T "$build"
}

generate()
{
    "$build/generate" "$1" "$seed"
}

pipeline_to() # FILE...: the last one is written
{
    pipeline "$1" >"$2"
}

# agrees WANT COMMAND...: prints all words as WANT has them, nothing is alive at the end, and
# standard error has no line but word_count's own.
agrees()
{
    want=$1
    shift
    "$@" --all --account >"$build/got.txt" 2>"$build/err" || {
        cat "$build/err"
        return 1
    }
    cmp "$build/got.txt" "$want" &&
        grep -qx 'account: at the end 0 bytes in 0 blocks and 0 objects' "$build/err" &&
        ! grep -vE '^(account|files) ?' "$build/err"
}

million()
{
    [ "$(wc -l <"$build/large.want.txt")" -ge 1000000 ]
}

# A word runs over every place where word_count may cut the file.
across_every_cut()
{
    cut=262144
    while [ $cut -lt $large_size ]; do
        tail -c +$cut "$build/large.txt" | head -c 2
        cut=$((cut + 262144))
    done >"$build/cuts.txt"
    [ "$(wc -c <"$build/cuts.txt")" -ge 800 ] && ! grep -aq '[^a-zA-Z]' "$build/cuts.txt"
}

# Each slice is released by RC_AUTO; without it the program tells what is left, and fails.
leak_is_told()
{
    mkdir -p "$build/leaking"
    cp examples/word_count/*.[ch] "$build/leaking"
    sed 's/RC_AUTO(rc_buffer, slice) = queue_pop/rc_buffer *slice = queue_pop/' \
        examples/word_count/crew.c >"$build/leaking/crew.c"
    ! cmp -s examples/word_count/crew.c "$build/leaking/crew.c" || return 1
    compile leaking.program "$build/leaking" -O1 || return 1
    code=0
    "$build/leaking.program" -j 2 --account "$build/small.txt" >/dev/null 2>"$build/err" || code=$?
    cat "$build/err"
    [ "$code" -eq 1 ] && ! grep -q 'account: at the end 0 bytes in 0 blocks and 0 objects' "$build/err" &&
        grep -q '^word_count: ' "$build/err"
}

# Bytes 0 but for a word on each side of 4 GiB.
huge()
{
    printf 'first' >"$build/huge"
    printf ' Second third' | dd of="$build/huge" bs=1 seek=4400000000 conv=notrunc 2>/dev/null
    "$build/word_count" -j 2 --account "$build/huge" >"$build/got.txt" 2>"$build/err" || return 1
    cat "$build/err"
    printf '%7d %s\n' 1 first 1 second 1 third | cmp - "$build/got.txt" &&
        grep -qx 'files 1, bytes 4400000013, words 3, distinct 3' "$build/err"
}

# The tables need more than that, so each thread fails somewhere in the middle.
out_of_memory()
{
    for threads in 1 2 5; do
        code=0
        "$build/asan" -j $threads --account --limit 20000000 "$build/large.txt" \
            >"$build/got.txt" 2>"$build/err" || code=$?
        cat "$build/err"
        [ $code -eq 1 ] && [ ! -s "$build/got.txt" ] && grep -q '^word_count: no room for [0-9]* bytes' "$build/err" &&
            grep -qx 'account: at the end 0 bytes in 0 blocks and 0 objects' "$build/err" || return 1
    done
}

# On a terminal: four times the text takes longer than half a second.
bar()
{
    text="$build/large.txt $build/large.txt $build/large.txt $build/large.txt"
    script -qec "$build/word_count -j 1 $* $text" /dev/null </dev/null >"$build/terminal"
}

bar_comes_and_goes()
{
    bar && grep -aqE '\[#+ +\] +[0-9]+%' "$build/terminal" &&
        tr '\r' '\n' <"$build/terminal" | grep -aqE '^ {40,}$' &&
        tr '\r' '\n' <"$build/terminal" | grep -aE '^\[|^ +$|^ +[0-9]+ ' | grep -a -A1 '\[' |
        tail -n 1 | grep -aqE '^ +$'
}

bar_stays_away()
{
    bar --no-progress && ! grep -aq '\[#' "$build/terminal" || return 1
    "$build/word_count" -j 1 "$build/large.txt" "$build/large.txt" 2>"$build/err" >/dev/null
    ! grep -aq '\[' "$build/err"
}

printf 'words: %s, seed %s\n' "$cc" "$seed"
row 'build the generator' "$cc" -std=gnu11 -O2 tests/words/generate.c -lm -o "$build/generate"
row 'build word_count' compile word_count examples/word_count -O2 -g
row 'build it with AddressSanitizer and UBSan' compile asan examples/word_count -O1 -g \
    -fsanitize=address,undefined -fno-sanitize-recover=all
row 'build it with ThreadSanitizer' compile tsan examples/word_count -O1 -g -fsanitize=thread
generate $large_size >"$build/large.txt" 2>"$build/err" || failed=$((failed + 1))
generate $small_size >"$build/small.txt" 2>>"$build/err" || failed=$((failed + 1))
sort -u "$build/err"

row "tr, sort, uniq: $large_size bytes" pipeline_to "$build/large.txt" "$build/large.want.txt"
row "tr, sort, uniq: $small_size bytes" pipeline_to "$build/small.txt" "$build/small.want.txt"
row 'a million distinct words' million
row 'a word across every cut' across_every_cut
row 'word_count -j 1' agrees "$build/large.want.txt" "$build/word_count" -j 1 "$build/large.txt"
row 'word_count -j 2' agrees "$build/large.want.txt" "$build/word_count" -j 2 "$build/large.txt"
row 'word_count -j 1, the 10 most frequent' "$build/word_count" -j 1 "$build/large.txt"
row 'word_count -j 2, the 10 most frequent' "$build/word_count" -j 2 "$build/large.txt"
for threads in 1 2 8; do
    row "AddressSanitizer, -j $threads" agrees "$build/small.want.txt" \
        "$build/asan" -j $threads "$build/small.txt"
done
for threads in 2 8; do
    row "ThreadSanitizer, -j $threads" agrees "$build/small.want.txt" \
        "$build/tsan" -j $threads "$build/small.txt"
done
if command -v valgrind >/dev/null 2>&1; then
    row 'valgrind, -j 2' agrees "$build/small.want.txt" valgrind -q --error-exitcode=9 \
        --leak-check=full --show-leak-kinds=all "$build/word_count" -j 2 "$build/small.txt"
else
    skip 'valgrind' 'it is not there'
fi
row 'a leak is told' leak_is_told
row 'out of memory in every thread' out_of_memory
row 'a file beyond 4 GiB' huge
if command -v script >/dev/null 2>&1; then
    row 'a progress bar on a terminal, erased' bar_comes_and_goes
    row 'no bar when it is not wanted' bar_stays_away
else
    skip 'progress bar' 'there is no script(1) to make a terminal'
fi
printf 'words: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
