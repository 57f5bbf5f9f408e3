#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The ledger (rc/ledger.h) as a program meets it: a seeded leak of each kind is named by type, holder and
# line; the words of RCBUF_TRACE; units and libraries with and without RCBUF_LEDGER; no leak in the
# examples; and no trace of it in what is compiled without. Two minutes at most. Last line:
# ledger: N passed, N failed, N skipped.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
build=${RCBUF_BUILD:-$root/build/ci}/ledger
cc=${CC:-gcc}
passed=0 failed=0 skipped=0
cd "$root" || exit 1
rm -rf "$build" && mkdir -p "$build/with" "$build/without" && build=$(cd "$build" && pwd) || exit 1
unset RCBUF_TRACE RCBUF_FORCE
# Programs without sanitizers, so that LeakSanitizer does not speak first.
flags='-std=gnu11 -g -O1 -fno-omit-frame-pointer -fexceptions -fPIC -fvisibility=hidden -Wall -Wextra
    -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Werror -I.'

good()
{
    passed=$((passed + 1))
}

bad() # MESSAGE
{
    failed=$((failed + 1))
    printf 'failed: %s\n' "$1"
}

# run STATUS TRACE COMMAND...: what it prints goes to "said", and it exits with STATUS.
run()
{
    wanted=$1 trace=$2
    shift 2
    shown="RCBUF_TRACE=$trace ${1##*/}"
    [ $# -lt 2 ] || shown="$shown $2"
    RCBUF_TRACE=$trace "$@" >"$build/said" 2>&1
    status=$?
    if [ "$status" -eq "$wanted" ]; then
        good
    else
        bad "$shown exits with $status, not $wanted"
        cat "$build/said"
    fi
}

says() # EXTENDED-REGULAR-EXPRESSION
{
    if grep -qE "$1" "$build/said"; then
        good
    else
        bad "$shown does not say: $1"
        cat "$build/said"
    fi
}

says_not() # EXTENDED-REGULAR-EXPRESSION
{
    if grep -qE "$1" "$build/said"; then
        bad "$shown says: $1"
        cat "$build/said"
    else
        good
    fi
}

# The line of a text in a source, as reports name it.
line_of() # FILE TEXT
{
    printf '%s:%s in' "$1" "$(grep -nF "$2" "$1" | head -n 1 | cut -d: -f1)"
}

# ---- the builds ----------------------------------------------------------------------------------

compile() # FOLDER FLAGS...
{
    folder=$1
    shift
    for source in rc/*.c buffer/*.c; do
        # shellcheck disable=SC2086 # flags are words
        $cc $flags "$@" -c "$source" -o "$build/$folder/$(basename "$source" .c).o" || return 1
    done
}

link() # PROGRAM FOLDER FLAGS-AND-SOURCES...
{
    program=$1 folder=$2
    shift 2
    # shellcheck disable=SC2086
    $cc $flags "$@" "$build/$folder"/*.o -pthread -lm -o "$build/$program"
}

mixed()
{
    # shellcheck disable=SC2086
    $cc $flags -c tests/ledger/unseen.c -o "$build/unseen.o" &&
        link mixed with -DRCBUF_LEDGER tests/ledger/mixed.c "$build/unseen.o"
}

shared()
{
    # shellcheck disable=SC2086
    $cc -shared "$build"/with/*.o -pthread -o "$build/librcbuf.so" &&
        $cc $flags -DRCBUF_LEDGER examples/leaks/main.c -L"$build" -lrcbuf -Wl,-rpath,"$build" \
            -pthread -o "$build/leaks_shared"
}

compile with -DRCBUF_LEDGER && good || bad 'the library is not compiled with RCBUF_LEDGER'
compile without && good || bad 'the library is not compiled without RCBUF_LEDGER'
link leaks with -DRCBUF_LEDGER examples/leaks/main.c && good || bad 'examples/leaks is not built'
link leaks_without without examples/leaks/main.c && good ||
    bad 'examples/leaks is not built without RCBUF_LEDGER'
link leaks_unheard without -DRCBUF_LEDGER examples/leaks/main.c && good ||
    bad 'a program with RCBUF_LEDGER does not link to a library without'
mixed && good || bad 'units of both kinds do not make a program'
shared && good || bad 'the shared library is not built'

# ---- seeded leaks --------------------------------------------------------------------------------

leaks=examples/leaks/main.c
retained=$(line_of $leaks 'return rc_retain_tagged(session, "session")')
viewed=$(line_of $leaks 'rc_view *view = rc_view_new')
down=$(line_of $leaks 'rc_assign(&parent->child, child)')
up=$(line_of $leaks 'rc_assign(&child->parent, parent)')
made=$(line_of $leaks 'table = rc_buffer_new_zeroed')

for program in leaks leaks_shared; do
    run 23 leaks "$build/$program" release
    says 'ERROR: rcbuf: objects are leaked'
    says "^Direct leak of 4 bytes in 1 object of type session: \\+2 -1, one held since $retained accept_one \"session\"\$"
    says 'SUMMARY: rcbuf: 4 bytes leaked in 1 object\.$'

    run 23 leaks "$build/$program" view
    says "^Direct leak of [0-9]+ bytes in 1 object of type rc_view: \\+1 -0, one held since $viewed forget_view, where it was made\$"
    says "^Indirect leak of [0-9]+ bytes in 1 object of type rc_buffer: \\+2 -1, exported since $viewed forget_view by the rc_view at 0x"
    says "exported: 1 slice or view of them lives: a view made at main.c:[0-9]+ in forget_view\$"

    run 23 leaks "$build/$program" cycle
    says '^Cycle of 2 objects, [0-9]+ bytes in all, held by nothing but each other:$'
    says "^  node at 0x[0-9a-f]+: \\+2 -1, one held since $down adopt\$"
    says "^  node at 0x[0-9a-f]+: \\+2 -1, one held since $up adopt\$"
    says '^    held by the node at 0x'

    run 0 leaks "$build/$program" static
    says 'rcbuf: no object is leaked'
    says "^Still reachable: [0-9]+ bytes in 1 object of type rc_buffer: \\+1 -0, one held since $made make_table, where it was made\$"
    says "^    held by the static variable table of $program\$"
done

# ---- RCBUF_TRACE ---------------------------------------------------------------------------------

run 23 reachable "$build/leaks" static
run 0 leaks "$build/leaks" none
says_not rcbuf
run 0 holders "$build/leaks" none
says 'no object is leaked'
run 0 holders "$build/leaks" release
says 'Direct leak of 4 bytes'
run 0 record "$build/leaks" release
says_not rcbuf
run 0 '' "$build/leaks"
says_not 'rcbuf:'
run 7 leaks,exitcode=7 "$build/leaks" release
run 0 leaks,exitcode=0 "$build/leaks" release
says 'Direct leak'
run 23 leek,,leaks,exitcode=300 "$build/leaks" release
says "^rcbuf: RCBUF_TRACE: 'leek' is none of leaks, holders,"
says "^rcbuf: RCBUF_TRACE: 'exitcode=300' is none of"
run 23 "leaks,log=$build/log.%p" "$build/leaks" release
says_not 'Direct leak'
cat "$build"/log.[0-9]* >"$build/said"
says 'Direct leak'
run 23 leaks,log=/nowhere/at/all "$build/leaks" release
says '^rcbuf: RCBUF_TRACE: the log /nowhere/at/all cannot be written: No such file or directory; the report goes here$'
says 'Direct leak'
if [ -c /dev/full ]; then
    run 23 leaks,log=/dev/full "$build/leaks" release
    says '^rcbuf: RCBUF_TRACE: the report could not be written in full to /dev/full: No space left on device$'
else
    skipped=$((skipped + 1))
    echo 'skipped: a log that is full: there is no /dev/full'
fi
run 9 exitcode=9 "$build/leaks" release
says 'Direct leak'

# Words that say how a report is made ask for one; what it passes over is counted.
known=$build/known
printf '# what is known\n\ntype:sess*\nsite:adopt\r\nsite:%s\n' '*/main.c:1' >"$known"
run 23 "leaks,suppressions=$known" "$build/leaks"
says '^Direct leak of [0-9]+ bytes in 1 object of type rc_view'
says_not '(type session|Cycle)'
says '^Suppressed by type:sess\*: 4 bytes in 1 object$'
says '^Suppressed by site:adopt: [0-9]+ bytes in 2 objects$'
says '^SUMMARY: .* leaked in 2 objects; [0-9]+ in 1 still reachable; [0-9]+ in 3 suppressed\.$'
printf 'type:session\nsite:*/main.c:%s' "$(printf %s "$viewed" | sed 's/.*:\([0-9]*\) in$/\1/')" >"$known"
run 0 "suppressions=$known" "$build/leaks" view
says 'no object is leaked'
says '^Suppressed by site:\*/main.c:[0-9]+: [0-9]+ bytes in 2 objects$'
printf 'site:make_table\n' >"$known"
run 0 "reachable,suppressions=$known" "$build/leaks" static
printf 'leak:session\ntype:\n%0600d\ntype:session\n' 0 >"$known"
run 0 "leaks,suppressions=$known" "$build/leaks" release
says "^rcbuf: RCBUF_TRACE: suppressions $known:1: neither type:PATTERN nor site:PATTERN\$"
says "^rcbuf: RCBUF_TRACE: suppressions $known:2: neither"
says "^rcbuf: RCBUF_TRACE: suppressions $known:3: the line is too long\$"
run 23 leaks,suppressions=/nowhere/known "$build/leaks" release
says '^rcbuf: RCBUF_TRACE: the suppressions /nowhere/known cannot be read: No such file or directory$'

if printf '#include <execinfo.h>\n' | $cc -E -x c - >/dev/null 2>&1; then
    run 23 stacks "$build/leaks" release
    says '^ +#[0-9] 0x[0-9a-f]+ in (accept_one|forget_release) '
    says '^ +#[0-9] 0x[0-9a-f]+ in main '
    if command -v addr2line >/dev/null 2>&1; then
        says ' in main .*examples/leaks/main\.c:[0-9]+'
    else
        skipped=$((skipped + 1))
        echo 'skipped: lines of stacks: there is no addr2line'
    fi
    run 23 stacks env PATH=/nowhere "$build/leaks" release
    says ' in main .*/leaks$'
else
    skipped=$((skipped + 1))
    echo 'skipped: stacks: there is no execinfo.h'
fi

# ---- one object alone, and one that holds another ------------------------------------------------

link alone with -DRCBUF_LEDGER tests/ledger/alone.c && good || bad 'tests/ledger/alone.c is not built'
programs=alone
if link alone_static with -static -DRCBUF_LEDGER tests/ledger/alone.c 2>"$build/said"; then
    programs='alone alone_static'
else
    skipped=$((skipped + 1))
    echo 'skipped: a program that is linked statically: there is no C library for it'
fi
for program in $programs; do
    for size in 4 8 16 24 48; do
        run 23 leaks "$build/$program" $size
        says "^Direct leak of $size bytes in 1 object of type alone: \\+1 -0"
    done
done
run 23 leaks "$build/alone" parent
says '^Direct leak of [0-9]+ bytes in 1 object of type parent: \+1 -0'
says '^Indirect leak of 16 bytes in 1 object of type child: \+1 -0'
says "^    held by the parent at 0x[0-9a-f]+, made at $(line_of tests/ledger/alone.c 'lost = rc_new') forget_parent\$"
printf 'type:parent\n' >"$known"
run 0 "leaks,suppressions=$known" "$build/alone" parent
says '^Suppressed by type:parent: [0-9]+ bytes in 2 objects$'

# ---- two kinds of units --------------------------------------------------------------------------

run 23 leaks "$build/mixed" retained
says '\+1 -1, one held of which no retain was seen'
says 'no retain was seen for 1 of the references'
run 23 leaks "$build/mixed" made
says "\\+2 -0, one held since $(line_of tests/ledger/mixed.c 'rc_retain_tagged(unseen_new(16)') make_unseen \"kept\"\$"
says 'one held since a line of C\+\+, or of a unit without RCBUF_LEDGER, where it was made'
run 0 leaks "$build/mixed" balanced
says_not rcbuf
run 0 leaks "$build/mixed" address
says_not rcbuf
run 0 leaks "$build/mixed" fork
says 'the child exited with 0'
says_not leaked
run 0 leaks,children "$build/mixed" fork
says 'the child exited with 23'
says '\+2 -0, one held since tests/ledger/mixed.c:[0-9]+ in fork_child$'
run 0 record "$build/mixed" report
says '^1 leaked$'
says '^1 held$'
says '^rc_buffer at 0x[0-9a-f]+: \+1 -0, one held since tests/ledger/mixed.c:[0-9]+ in report, where'
run 0 '' "$build/mixed" report
says 'no ledger is kept: RCBUF_TRACE asks for none'

run 0 leaks "$build/mixed" home
says "^Waiting: 1000 bytes in 1 object of type handle: \\+1 -1, waits for rc_home_run\\(\\) of the home made at $(line_of tests/ledger/mixed.c '= home = rc_home_new()') wait_at_home\$"
says 'held by the static variable home of mixed$'
run 23 reachable "$build/mixed" home
run 0 leaks "$build/mixed" tags
says 'rcbuf: no object is leaked'
says '^No reference had the tag "sesion" of 1 release of type rc_buffer at tests/ledger/mixed.c:[0-9]+ in mistype$'

# A release does not look at all references where the latest fits as well as any can.
if command -v valgrind >/dev/null 2>&1; then
    run 0 record valgrind --tool=callgrind --callgrind-out-file=/dev/null "$build/mixed" pairs
    instructions=$(sed -n 's/.*Collected : //p' "$build/said")
    [ "${instructions:-999999999}" -lt 20000000 ] && good ||
        bad "5000 releases of 1000 references take ${instructions:-no} instructions"
else
    skipped=$((skipped + 1))
    echo 'skipped: the cost of a release: there is no valgrind'
fi

# ---- static variables of functions ---------------------------------------------------------------

# gcc does not say whose they are, clang does.
for compiler in "$cc" clang clang-19; do
    if ! command -v "$compiler" >/dev/null 2>&1; then
        skipped=$((skipped + 1))
        echo "skipped: static variables of functions: there is no $compiler"
        continue
    fi
    # shellcheck disable=SC2086
    $compiler $flags -DRCBUF_LEDGER tests/ledger/statics.c "$build"/with/*.o -pthread -lm \
        -o "$build/statics" && good || bad "tests/ledger/statics.c is not built by $compiler"
    run 0 leaks "$build/statics"
    says '^    held by the static variable answers (in main )?of statics$'
    says '^    held by the static variable cache (in look_up )?of statics$'
    case $compiler in clang*) says 'variable cache in look_up of' ;; esac
done

# ---- what it has to live with --------------------------------------------------------------------

# Verbs and members of the program are found by the plug-in in the program.
link rough with -DRCBUF_LEDGER -rdynamic tests/ledger/rough.c -ldl && good || bad 'tests/ledger/rough.c is not built'
# shellcheck disable=SC2086
$cc $flags -DRCBUF_LEDGER -shared tests/ledger/plugin.c -o "$build/plugin.so" && good || bad 'no plug-in is built'
# shellcheck disable=SC2086
$cc $flags -DRCBUF_LEDGER -DRC_LEDGER_VERBS_ONLY -c tests/ledger/plugin.c -o "$build/members.o" && good ||
    bad 'members of the names of calls do not compile'

run 0 leaks timeout 60 "$build/rough" unreadable
says 'no object is leaked'
run 0 record timeout 60 "$build/rough" untouched
says '^passed over$'
run 0 leaks timeout 60 "$build/rough" thread
says '^rcbuf: other threads run: '
run 0 record timeout 60 "$build/rough" stream
says '^0 leaked$'
run 0 record timeout 60 "$build/rough" fork
says '^joined$'
run 0 record timeout 60 "$build/rough" canceled
says '^goes on$'
run 0 record timeout 60 "$build/rough" plugin "$build/plugin.so"
says '2 held since tests/ledger/plugin.c:[0-9]+ in plugin_take$'
run 23 leaks timeout 60 "$build/rough" unload "$build/librcbuf.so"
says '^unloaded$'
run 23 leaks timeout 60 "$build/rough" destroyed
says '^handled$'
says '^destroyed$'
run 0 leaks timeout 60 "$build/rough" inside
says '^rcbuf: inside of a callback: '
# shellcheck disable=SC2016 # $0 is the inner shell's
run 23 leaks,log=elsewhere.log sh -c 'cd "${0%/*}" && exec "$0" elsewhere' "$build/rough"
grep -q 'Direct leak' "$build/elsewhere.log" && good || bad 'a log is elsewhere when the program is'
run 0 "leaks,log=$build/none.log" "$build/leaks" none
[ ! -e "$build/none.log" ] && good || bad 'there is a log of nothing'

# addr2line that hangs, and one that writes long lines.
mkdir -p "$build/hangs" "$build/writes"
printf '#!/bin/sh\nexec sleep 100\n' >"$build/hangs/addr2line"
printf '#!/bin/sh\nshift 2\nfor a; do printf "%%01000d\\n" 1; done\n' >"$build/writes/addr2line"
chmod +x "$build/hangs/addr2line" "$build/writes/addr2line"
run 23 stacks env PATH="$build/hangs:$PATH" timeout 30 "$build/leaks" release
says ' in main .*/leaks$'
run 23 stacks env PATH="$build/writes:$PATH" timeout 30 "$build/leaks" release
says ' in main 0{255}$'

# shellcheck disable=SC2016 # $0 is the inner shell's
run 0 leaks sh -c 'ulimit -v 100000 && exec "$0" many' "$build/mixed"
says '^rcbuf: the ledger has no memory for more than [0-9]+ references, and is given up$'
says '^1 left$'
says_not leaked

run 0 leaks "$build/leaks_without" release
says '^rcbuf: RCBUF_TRACE=leaks traces nothing: this library was compiled without RCBUF_LEDGER$'
says_not leaked
[ "$(grep -c rcbuf "$build/said")" -eq 1 ] && good || bad 'that is more than one line'
run 0 leaks "$build/leaks_unheard" release
says '^rcbuf: RCBUF_TRACE=leaks traces nothing'

# ---- what is compiled without has nothing of it --------------------------------------------------

no_trace()
{
    for object in "$build"/without/*.o; do
        case ${object##*/} in ledger*) continue ;; esac
        ! nm "$object" | grep -E ' U .*ledger|rc__?site' || return 1
    done
}

# Verbs in a unit of the program, compiled by themselves.
same_verbs()
{
    printf '#include "rc/object.h"\nvoid *up(void *p) { return rc_retain(p); }\nvoid down(void *p) { rc_release(p); }\n' |
        tee "$build/plain.c" | sed 's/rc_retain(p)/rc_retain_tagged(p, "a")/; s/rc_release(p)/rc_release_tagged(p, "a")/' \
        >"$build/tagged.c"
    for kind in plain tagged; do
        # shellcheck disable=SC2086
        $cc $flags -Wno-missing-prototypes -g0 -O2 -S "$build/$kind.c" -o - |
            grep -v '^[[:space:]]*\.file' >"$build/$kind.s" || return 1
    done
    ! grep ledger "$build/plain.s" && cmp "$build/plain.s" "$build/tagged.s"
}

no_trace && good || bad 'the library without RCBUF_LEDGER speaks of a ledger'
same_verbs && good || bad 'tagged verbs without RCBUF_LEDGER are not the plain ones'

# ---- the README ----------------------------------------------------------------------------------

# What it shows is what is written, but for the process, the addresses and the order of output and errors.
shown_report()
{
    awk '/^\$ RCBUF_TRACE=leaks .\/leaks$/ { inside = 1; next } /^\$/ { inside = 0 } inside' README.md
}
anonymous()
{
    sed 's/0x[0-9a-f]*/0x/g; s/^==[0-9]*==/====/' | sort
}
$cc -std=gnu11 -Og -g -fexceptions -DRCBUF_LEDGER -I. -c examples/leaks/main.c -o "$build/shown.o" &&
    $cc "$build/shown.o" "$build"/with/*.o -pthread -o "$build/shown"
RCBUF_TRACE=leaks "$build/shown" 2>&1 | sed 's/ of shown$/ of leaks/' | anonymous >"$build/written"
shown_report | anonymous >"$build/readme"
diff "$build/readme" "$build/written" && good || bad 'the README shows another report'

# ---- no leak where there is none -----------------------------------------------------------------

for example in some_memory scoped_resources pool reload messages word_count random_noise; do
    link "$example" with -DRCBUF_LEDGER examples/$example/*.c || { bad "$example is not built"; continue; }
    RCBUF_TRACE=leaks,log=$build/$example.log sh examples/$example/test.sh "$build/$example" \
        >"$build/said" 2>&1
    status=$?
    shown="RCBUF_TRACE=leaks $example"
    if [ "$status" -eq 0 ] && ! grep -q 'ERROR' "$build/$example.log" 2>/dev/null; then
        good
    else
        bad "$shown: $status"
        cat "$build/said" "$build/$example.log"
    fi
done

printf 'ledger: %s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
