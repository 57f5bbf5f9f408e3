#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the library says of itself, read by programs that are not ours: an account as JSON by Python and
# jq, as Prometheus text by promtool and Prometheus's own client, each value held against the snapshot,
# with names of types that need escapes; a timeline by Python, and drawn by gnuplot. Programs that were
# compiled against an older header than their library's, and a newer one. word_count's timeline, whose
# peak is the one that its account tells. Then faults that have to be found. What is not installed
# (Debian: python3, jq, prometheus, python3-prometheus-client, gnuplot-nox) is skipped, and said.
# Half a minute on two cores. Last line: figures: N passed, N failed, N skipped.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/figures
cc=${CC:-gcc}
here=$root/tests/figures
python=/usr/bin/python3 # Debian's, for which it has packages
[ -x "$python" ] || python=python3
passed=0 failed=0 skipped=0
unset RCBUF_TIMELINE
cd "$root" || exit 1
rm -rf "$build" && mkdir -p "$build" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 1

skip() # WHAT
{
    skipped=$((skipped + 1))
    printf 'skipped: %s\n' "$1"
}

check() # WHAT COMMAND...: what failed is shown
{
    what=$1
    shift
    if "$@" >"$build/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'failed: %s\n' "$what"
        head -n 6 "$build/log"
    fi
}

has() { command -v "$1" >/dev/null 2>&1; }

give_up()
{
    printf 'failed: %s\n' "$*"
    printf 'figures: %d passed, %d failed, %d skipped\n' "$passed" $((failed + 1)) "$skipped"
    exit 1
}

# ---- building ------------------------------------------------------------------------------------

flags='-std=gnu11 -g -O1 -fexceptions -fPIC -Wall -Wextra'

# objects TREE FOLDER SOURCE...
# shellcheck disable=SC2016
objects()
{
    tree=$1 to=$2
    shift 2
    mkdir -p "$to"
    for source; do
        printf '%s\0%s\0' "$tree/$source" "$to/$(printf '%s' "$source" | tr / _).o"
    done | xargs -0 -n 2 -P 2 sh -c '$0 -c "$1" -o "$2"' "$cc $flags -I$tree"
}

# link PROGRAM FOLDER SOURCE...: with the objects of FOLDER
link()
{
    program=$1 from=$2
    shift 2
    # shellcheck disable=SC2086 # flags, which are words
    "$cc" $flags -I. "$@" "$from"/*.o -pthread -o "$program"
}

# ---- what the program wrote ----------------------------------------------------------------------

# The account's members by jq, and how many types of each name there are.
jq_agrees() # FOLDER
{
    while read -r member value rest; do
        [ "$member" = type ] && continue
        jq -e --argjson value "$value" ".$member == \$value" "$1/account.json" || return
    done <"$1/expected.txt"
    jq -e --argjson count "$(grep -c '^type' "$1/expected.txt")" '.types | length == $count' \
        "$1/account.json" &&
        jq -e '[.types[] | select(.name == "plain")] | map(.live_objects) | sort == [1, 9]' \
            "$1/account.json" &&
        jq -e '.types[] | select(.name == "a quote \" and two \"\"") | .live_objects == 2' \
            "$1/account.json"
}

# promtool also complains of what is against the conventions, and then says so.
promtool_agrees() # FOLDER
{
    promtool check metrics <"$1/account.prom" >"$build/promtool.log" 2>&1 || return
    cat "$build/promtool.log"
    [ ! -s "$build/promtool.log" ]
}

is_svg() # FILE TEXT...: is well-formed, and has each of the texts
{
    svg=$1
    shift
    "$python" -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$svg" || return
    for text; do
        grep -q ">$text<" "$svg" || {
            echo "$svg lacks $text"
            return 1
        }
    done
}

# ---- versions ------------------------------------------------------------------------------------

# A tree with the next version of the snapshot, which has a member more.
make_later() # FOLDER
{
    cp -R rc "$1"
    sed -i 's/^#define RC_ACCOUNT_VERSION 1/#define RC_ACCOUNT_VERSION 2/
        s/^\( *size_t immortal_bytes;\).*/\1 size_t later_member;/
        s/failures, immortal_objects, immortal_bytes;/failures, immortal_objects, immortal_bytes, later_member;/' \
        "$1/rc/account.h"
    sed -i 's/^\( *X(immortal_bytes,.*)\)$/\1 X(later_member, "later_member", "gauge", "later")/' \
        "$1/rc/account_table.h"
    sed -i 's/^    sum\.struct_size = size;/&\n    static size_t reads = 4711; sum.later_member = reads++;/' \
        "$1/rc/account.c"
    [ "$(cat "$1/rc/account.h" "$1/rc/account_table.h" "$1/rc/account.c" | grep -c later_member)" -eq 4 ]
}

library() # FOLDER OBJECTS: librc.so there
{
    "$cc" -shared "$2"/rc_*.o -pthread -o "$1/librc.so"
}

versions_build() # HEADERS LIBRARY PROGRAM FLAG...
{
    headers=$1 library=$2 program=$3
    shift 3
    # shellcheck disable=SC2086
    "$cc" $flags "$@" -I"$headers" "$here/versions.c" -L"$library" -lrc -pthread -o "$program"
}

versions_run() # PROGRAM LIBRARY VERSION SIZE
{
    LD_LIBRARY_PATH=$2 "$1" "$3" "$4"
}

# Each program with each library: the size of the smaller of both.
versions()
{
    later=$build/later now=$build/so-now
    mkdir -p "$later" "$now" "$build/so-later"
    # shellcheck disable=SC2046 # sources have plain names
    if ! { make_later "$later" && objects "$later" "$build/later-objects" $(ls rc/*.c) &&
        library "$now" "$build/now" && library "$build/so-later" "$build/later-objects" &&
        versions_build . "$now" "$build/older" &&
        versions_build "$later" "$build/so-later" "$build/newer" -DLATER; } >"$build/log" 2>&1; then
        cat "$build/log"
        give_up 'the versions do not build'
    fi
    small=$(LD_LIBRARY_PATH=$now "$build/older")
    large=$(LD_LIBRARY_PATH=$build/so-later "$build/newer")
    check "a snapshot of $large bytes is larger than one of $small" [ "$large" -gt "$small" ]
    check 'a program and its own library' versions_run "$build/older" "$now" 1 "$small"
    check 'a newer program and its own library' versions_run "$build/newer" "$build/so-later" 2 "$large"
    check 'an older program and a newer library' versions_run "$build/older" "$build/so-later" 2 "$large"
    check 'a newer program and an older library' versions_run "$build/newer" "$now" 1 "$small"
}

# ---- word_count ----------------------------------------------------------------------------------

peak_of() # TIMELINE
{
    awk -F, 'NR > 1 && $3 > most { most = $3 } END { printf "%d\n", most }' "$1"
}

marks_of() # TIMELINE
{
    sed -n 's/.*,"\(..*\)"$/\1/p' "$1" | tr '\n' ' '
}

# Its account and its timeline are of the same run. With threads both are sums of moments.
count_words() # THREADS
{
    RCBUF_TIMELINE="$build/words.csv" "$build/word_count" -j "$1" -n 1 --account rc/*.[ch] buffer/*.[ch] \
        tests/rc/*.c tests/buffer/*.c >"$build/words.out" 2>&1 || return
    told=$(sed -n 's/^account: at the peak \([0-9]*\) bytes$/\1/p' "$build/words.out")
    drawn=$(peak_of "$build/words.csv")
    echo "the account tells of $told bytes, the timeline of $drawn; marks: $(marks_of "$build/words.csv")"
    if [ "$1" -eq 1 ]; then [ "$told" -eq "$drawn" ]; else [ "$told" -le "$drawn" ]; fi &&
        [ "$told" -gt 100000 ] && [ "$(marks_of "$build/words.csv")" = 'counted merged reported ' ]
}

draws() # TIMELINE TEXT...
{
    sh examples/word_count/timeline.sh "$1" "$build/drawn.svg" || return
    shift
    is_svg "$build/drawn.svg" "$@"
}

# What is no timeline is refused in a sentence.
refuses()
{
    printf 'a,b\n1,2\n' >"$build/other.csv"
    ! sh examples/word_count/timeline.sh "$build/other.csv" "$build/other.svg" 2>"$build/refused" &&
        grep -q 'is no timeline' "$build/refused" && [ ! -e "$build/other.svg" ]
}

# ---- faults --------------------------------------------------------------------------------------

# A library with the file changed so, and what the program then writes.
fault_build() # FILE SED-EXPRESSION
{
    rm -rf "$build/fault" && mkdir -p "$build/fault/out" "$build/fault/so" && cp -R rc "$build/fault" &&
        cp -R "$build/now" "$build/fault/objects" || return
    sed "$2" "$1" >"$build/fault/$1"
    ! cmp -s "$1" "$build/fault/$1" || return
    # shellcheck disable=SC2086
    "$cc" $flags -w -I"$build/fault" -c "$build/fault/$1" \
        -o "$build/fault/objects/$(printf '%s' "$1" | tr / _).o" || return
    library "$build/fault/so" "$build/fault/objects" &&
        link "$build/fault/program" "$build/fault/objects" "$here/program.c" &&
        "$build/fault/program" "$build/fault/out"
}

# fault WHAT FILE SED-EXPRESSION COMMAND...: with the file changed so, the command has to fail.
fault()
{
    what=$1 file=$2 expression=$3
    shift 3
    if ! fault_build "$file" "$expression" >"$build/log" 2>&1; then
        failed=$((failed + 1))
        printf 'failed: the fault "%s" changes nothing any more, or does not build: %s\n' "$what" \
            "$(grep -m 1 -E 'error|undefined' "$build/log")"
        return
    fi
    if "$@" >"$build/log" 2>&1; then
        failed=$((failed + 1))
        printf 'failed: the fault "%s" is not found\n' "$what"
    else
        passed=$((passed + 1))
    fi
}

faults()
{
    reader="$python $here/check.py"
    # shellcheck disable=SC2086
    {
        fault 'backslashes as they are' rc/account_write.c "s/ || \*character == '..')/)/" \
            $reader json "$build/fault/out"
        fault 'what is no UTF-8 is let through' rc/account_write.c \
            's/\*length = 3;/*length = 1; return character;/' \
            $reader json "$build/fault/out"
        fault 'domains that have ended are forgotten' rc/cycle_account.c \
            's/add_domain(domain, &ended);/(void)domain;/' $reader json "$build/fault/out"
        fault 'a mark ends at its quote' rc/timeline_write.c "s/if (\*words == '\"') putc/if (0) putc/" \
            $reader csv "$build/fault/out"
        fault 'a peak of samples alone' rc/timeline.c 's/high = larger(high, .*/high = sum.live_bytes;/' \
            $reader csv "$build/fault/out"
    }
    fault 'a difference of its own size' rc/account.c \
        's/memcpy(difference, \&whole, .*/memcpy(difference, \&whole, sizeof whole + 8);/' \
        versions_run "$build/older" "$build/fault/so" 1 "$small"
    if "$python" -c 'import prometheus_client' 2>/dev/null; then
        # shellcheck disable=SC2086
        fault 'names that read the same, twice' rc/account_write.c \
            's/^        if (length != other_length || .*/        if (character != other) return false;/' \
            $reader prometheus "$build/fault/out"
    fi
}

# ---- all of it -----------------------------------------------------------------------------------

# shellcheck disable=SC2046 # sources have plain names
objects . "$build/now" $(ls rc/*.c buffer/*.c) 2>"$build/log" ||
    give_up "the library does not build: $(grep -m 3 error "$build/log")"
link "$build/program" "$build/now" "$here/program.c" 2>"$build/log" ||
    give_up "the program does not build: $(head -n 3 "$build/log")"
link "$build/word_count" "$build/now" examples/word_count/*.c 2>"$build/log" ||
    give_up "word_count does not build: $(head -n 3 "$build/log")"
mkdir -p "$build/out"
check 'the program writes everything' "$build/program" "$build/out"

if has "$python"; then
    check 'JSON, by Python' "$python" "$here/check.py" json "$build/out"
    check 'a timeline, by Python' "$python" "$here/check.py" csv "$build/out"
    "$python" "$here/check.py" prometheus "$build/out" >"$build/log" 2>&1
    if [ $? -eq 3 ]; then
        skip 'Prometheus text, by its client: there is no python3-prometheus-client'
    else
        check 'Prometheus text, by its client' "$python" "$here/check.py" prometheus "$build/out"
    fi
else
    skip 'JSON, timelines and faults: there is no python3'
fi
if has jq; then
    check 'JSON, by jq' jq_agrees "$build/out"
else
    skip 'JSON, by jq: there is none'
fi
if has promtool; then
    check 'Prometheus text, by promtool' promtool_agrees "$build/out"
else
    skip 'Prometheus text, by promtool: there is no Debian package prometheus'
fi
versions
if has "$python"; then faults; fi
check "word_count's timeline, one thread" count_words 1
check "word_count's timeline, several threads" count_words 3
check 'what is no timeline is not drawn' refuses
if has gnuplot && has "$python"; then
    check "word_count's timeline is drawn" draws "$build/words.csv" counted merged reported alive
    check 'a timeline with marks of all kinds is drawn' draws "$build/out/timeline.csv" plain
    check "the README's picture is one" is_svg examples/word_count/timeline.svg counted merged reported alive
else
    skip 'pictures: there is no gnuplot, or no python3'
fi
printf 'figures: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
