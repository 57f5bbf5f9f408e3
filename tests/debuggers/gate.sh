#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   sh tests/debuggers/gate.sh    what GDB shows of a program's objects, headless
#
# Builds the shared library as it is installed by default, and the static one with all that
# debuggers can use: ledger, probes, a section. Then gdb -batch looks at objects.c, alive and as a
# core dump, compiled by -O0 and -O2, and what it prints is compared with look.expected, addresses
# as "0x...".
# The probes are counted by breakpoints, the structs of the printers compared with the debug
# information. Skipped is what there is no debugger, no right to trace, or no <sys/sdt.h> for. One
# minute on two cores. RCBUF_ACCEPT=1 writes look.expected anew. Last line: debuggers: N passed, N
# failed, N skipped.
# shellcheck disable=SC2086 # flags, which are words
set -u
export LC_ALL=C.UTF-8
unset DEBUGINFOD_URLS || :
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
here=$root/tests/debuggers
mkdir -p "${RCBUF_BUILD:-$root/build/ci}"
build=$(CDPATH='' cd -- "${RCBUF_BUILD:-$root/build/ci}" && pwd)/debuggers
cc=${CC:-gcc}
warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Werror'
passed=0 failed=0 skipped=0
rm -rf "$build" && mkdir -p "$build/home" && cd "$build" || exit 1
ulimit -c 0

check() # WHAT COMMAND...
{
    what=$1
    shift
    if "$@" >"$build/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'failed: %s\n' "$what"
        tail -n 30 "$build/log"
    fi
}

skip() # WHAT REASON
{
    skipped=$((skipped + 1))
    printf 'skipped: %s: %s\n' "$1" "$2"
}

finish()
{
    printf 'debuggers: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ]
    exit
}

# Without the files of whoever runs this.
debug() # ARGUMENT...
{
    HOME=$build/home XDG_CONFIG_HOME=$build/home \
        timeout 60 gdb -nx -batch -ex 'set width 0' "$@" 2>&1
}

# Each of the lines stands in the file.
has() # FILE LINE...
{
    file=$1
    shift
    for line in "$@"; do
        grep -qF -- "$line" "$file" || {
            printf 'there is no "%s" in:\n' "$line"
            cat "$file"
            return 1
        }
    done
}

# ---- what is needed ------------------------------------------------------------------------------

if ! command -v gdb >/dev/null 2>&1 || ! debug -ex 'python print(6 * 7)' | grep -q '^42$'; then
    skip 'all of it' 'there is no gdb with Python'
    finish
fi
traces=yes
debug -ex run "$(command -v true)" | grep -q 'exited normally' || traces=
probes=
printf '#include <sys/sdt.h>\n' | $cc -fsyntax-only -x c - 2>/dev/null && probes=-DRCBUF_PROBES

# ---- build ---------------------------------------------------------------------------------------

library() # FOLDER CMAKE-ARGUMENT...
{
    folder=$1
    shift
    cmake -S "$root" -B "$folder" -DRCBUF_TESTS=OFF -DRCBUF_EXAMPLES=OFF \
        "-DCMAKE_C_COMPILER=$cc" "$@" &&
        cmake --build "$folder" --parallel 2
}

install_shared()
{
    library shared -DCMAKE_BUILD_TYPE=RelWithDebInfo -DRCBUF_STATIC=OFF \
        -DCMAKE_INSTALL_LIBDIR=lib &&
        cmake --install shared --prefix "$build/installed"
}

install_static()
{
    library static -DCMAKE_BUILD_TYPE=Debug '-DCMAKE_C_FLAGS=-O0' -DRCBUF_SHARED=OFF \
        ${probes:+-DRCBUF_PROBES=ON} -DRCBUF_LEDGER=ON -DRCBUF_GDB_SECTION=ON \
        -DCMAKE_INSTALL_LIBDIR=lib "-DCMAKE_INSTALL_PREFIX=$build/also" &&
        cmake --install static
}

# program NAME SOURCE FLAG...: with the shared library, or with the static one (NAME static-...)
program()
{
    name=$1 source=$2
    shift 2
    case $name in
    static-*) prefix=$build/also ;;
    *) prefix=$build/installed && set -- "$@" "-Wl,-rpath,$prefix/lib" ;;
    esac
    set -- $(grep -o -e '-DRCBUF_[A-Z]*' "$prefix/lib/pkgconfig/rcbuf.pc") "$@" \
        -I "$prefix/include/rcbuf" "$source" -L "$prefix/lib" -lrcbuf
    $cc -std=gnu11 -g -fexceptions $warnings "$@" -pthread -o "$build/$name"
}

check 'the shared library is installed' install_shared
check 'the static library is installed' install_static
for level in -O0 -O2; do
    check "objects$level is built" program "objects$level" "$here/objects.c" "$level"
    check "static-probes$level is built" program "static-probes$level" "$here/probes.c" "$level"
done
check 'threads is built' program threads "$here/threads.c" -O1
check 'static-objects is built' program static-objects "$here/objects.c" -O0
[ "$failed" -eq 0 ] || finish

# ---- the files -----------------------------------------------------------------------------------

scripts_read_well()
{
    for file in "$root"/debug/*.py "$root"/debug/*/*.py; do
        [ "$(wc -l <"$file")" -le 400 ] && ! grep -nE '.{101}' "$file" || return 1
    done
    debug -ex "python import ast, glob
for path in glob.glob('$root/debug/**/*.py', recursive=True):
    ast.parse(open(path).read(), feature_version=(3, 9))
print('all parsed')" >parsed
    has parsed 'all parsed'
}

# The printers' tables against the debug information of whatever was compiled.
layout_is_that_of() # FILE STRUCTS-THAT-MAY-BE-MISSING
{
    debug -ex "source $root/debug/rcbuf-gdb.py" -ex "python from rcbuf_gdb import layout
wrong, unknown = layout.differences()
print('wrong:', wrong, 'unknown:', unknown)" "$1" >layout
    has layout 'wrong: [] unknown: []'
}

small_layout()
{
    printf '#include <buffer/%s>\n' map_layout.h pool_layout.h view_layout.h array_layout.h \
        chain_layout.h >small.c
    printf '#include "%s"\n' "$root/rc/weak_table.h" >>small.c
    printf '%s\n' 'struct rc__owner o; struct rc__slice s; struct rc__adopted a;' \
        'struct rc__map m; struct rc__pooled p; struct rc__chain c; struct rc_weak w;' \
        'rc_view v; rc_array r;' \
        'struct rc__header h; struct rc__homed d; rc_format f; struct rc_format_field l;' >>small.c
    i686-linux-gnu-gcc -std=gnu11 -g -c -I "$root" small.c -o small.o && layout_is_that_of small.o
}

check 'scripts are short, narrow, and Python 3.9' scripts_read_well
check 'structs lie where the printers think' layout_is_that_of "$build/installed/lib/librcbuf.so"
if command -v i686-linux-gnu-gcc >/dev/null 2>&1; then
    check 'structs of 32 bits lie where the printers think' small_layout
else
    skip 'structs of 32 bits' 'i686-linux-gnu-gcc is not there'
fi

# ---- what the printers say -----------------------------------------------------------------------

plain_text() # FILE
{
    sed -n '/^text = /,$p' "$1" | sed -E 's/0x[0-9a-f]{4,}/0x.../g'
}

looks_as_expected() # FILE
{
    plain_text "$1" >plain
    [ -z "${RCBUF_ACCEPT:-}" ] || cp plain "$here/look.expected"
    diff "$here/look.expected" plain
}

# By the file that GDB finds for the shared library, and nothing else.
auto_load()
{
    set -- -iex "add-auto-load-scripts-directory $build/installed/share/gdb/auto-load" \
        -iex "add-auto-load-safe-path $build/installed/share/gdb/auto-load" "$@"
    debug "$@"
}

looks_alive() # PROGRAM
{
    auto_load -ex 'break stop_here' -ex run -x "$here/look.gdb" "./$1" >alive
    looks_as_expected alive
}

looks_in_core() # PROGRAM
{
    auto_load -ex 'break stop_here' -ex run -ex "generate-core-file $build/core" "./$1" >dumped &&
        auto_load -x "$here/look.gdb" "./$1" core >dead
    rm -f core
    looks_as_expected dead
}

# With the C library's charset, letters that it does not have are bytes.
looks_in_ascii()
{
    LC_ALL=C auto_load -ex 'break stop_here' -ex run -ex 'print all.letters' \
        -ex 'print all.v.words' ./objects-O0 >ascii
    has ascii '["a", "\342\202\254"]' '["h\303\251"]'
}

loads_only_where_allowed()
{
    debug -iex "add-auto-load-scripts-directory $build/installed/share/gdb/auto-load" \
        -ex 'break stop_here' -ex run -ex 'print all.b.text' ./objects-O0 >declined
    has declined 'auto-loading has been declined' '= (rc_buffer *) 0x'
}

stripped_library_is_enough()
{
    mkdir -p stripped && strip -o stripped/librcbuf.so.0.1 installed/lib/librcbuf.so &&
        debug -ex "source $root/debug/rcbuf-gdb.py" \
            -ex "set environment LD_LIBRARY_PATH $build/stripped" -ex 'break stop_here' -ex run \
            -ex 'print all.b.part' -ex 'print all.v.matrix' \
            -ex 'print all.b.dead' -ex 'rc live' -ex 'rc show all.session' ./objects-O0 >bare
    has bare 'rc_buffer slice [9, 11) of' '[[0.5, 1.5, 2.5], [3.5, 4.5, 5.5]]' 'a dead rc_buffer' \
        "the library's debug information is needed" 'session, 1 reference'
}

garbage_is_no_object()
{
    auto_load -ex 'break stop_here' -ex run -x "$here/garbage.gdb" ./objects-O0 >garbage
    grep -qE '^looked [0-9]{4} times, 0 failures$' garbage || { tail -n 20 garbage; return 1; }
}

finalizers_are_seen()
{
    auto_load -ex 'break stop_here' -ex run -ex continue -ex 'rc show all.finalized' \
        ./objects-O0 >ending
    has ending 'session, being finalized' 'finalized by session_finalize'
}

threads_are_seen()
{
    auto_load -ex 'break stop_here' -ex run -ex 'rc show own' -ex 'rc show theirs' \
        -ex 'rc show shared' -ex 'rc show dead' ./threads >threads.said
    has threads.said 'counter, 4 references (owner 1 has 2, others +2)' \
        'counter, 1 reference (owner 1 has 1, others +0, queued)' 'a dead rc_buffer: its last'
    grep -qE 'counter, 1 reference$' threads.said
}

section_tells_where_the_printers_are()
{
    debug -iex "add-auto-load-safe-path $build" -ex 'break stop_here' -ex run -x "$here/look.gdb" \
        ./static-objects >section
    looks_as_expected section
}

# A program whose printers were removed is debugged as ever, without a word.
section_of_nothing_says_nothing()
{
    mv also/share gone
    debug -iex "add-auto-load-safe-path $build" -ex 'break stop_here' -ex run \
        -ex 'print all.b.text' ./static-objects >missing
    mv gone also/share
    has missing '= (rc_buffer *) 0x' && ! grep -iE 'warning|error|rcbuf-gdb' missing
}

# ---- commands ------------------------------------------------------------------------------------

commands() # NAME COMMAND...: their output in a file of that name; each may fail
{
    output=$1
    shift
    for each in "$@"; do set -- "$@" -ex "$each"; shift; done
    auto_load -ex 'break stop_here' -ex run "$@" ./objects-O0 >"$output"
}

mistakes_are_told()
{
    commands mistakes 'rc show' 'rc show all.none' 'rc graph all.b.null' 'rc graph -o x' 'rc live'
    has mistakes 'Which object?' 'There is no member named none' 'rc graph: 0x0: NULL' \
        'objects, 0 blocks' && ! grep -q Traceback mistakes
}

without_a_process_there_is_nothing()
{
    debug -ex "source $root/debug/rcbuf-gdb.py" -ex 'rc live' -ex 'rc show 4096' \
        ./objects-O0 >nobody
    has nobody 'there is no process' && ! grep -q Traceback nobody
}

functions_lead_to_members()
{
    commands function 'print $rc_object((void *)all.session)->config->limit' \
        'print $rc_object(all.counter)' 'print $rc_object(all.b.dead)' 'help rc' 'help rc show' \
        'disable pretty-printer global rcbuf;rc_view' 'print all.v.matrix' 'print all.b.text'
    has function '= 30' 'there is no struct counter' '$rc_object: a dead rc_buffer' 'rc graph' \
        'all that is known of the object'
}

graph_is_drawn_from_memory()
{
    commands graph "rc graph -m -o $build/g.dot all.session" \
        "rc graph -o $build/chain.dot -m all.chain" "rc graph -m -o $build/view.dot all.v.record"
    has graph 'from memory' && cat g.dot chain.dot view.dot >dots &&
        has dots 'label="session' 'label="config' '[label="config", style=dashed]' \
            '[label="piece 0"]' '[label="base"]' 'digraph rcbuf {'
}

graph_is_drawn_by_the_library()
{
    commands graph "rc graph -o $build/whole.dot all.config" \
        'rc graph -o /nowhere/at/all all.config'
    has graph "wrote $build/whole.dot" 'rc_graph_save() answered' && ! grep 'from memory' graph &&
        has whole.dot 'config' 'rc_buffer' '->'
}

graph_is_drawn_of_a_core_dump()
{
    auto_load -ex 'break stop_here' -ex run -ex "generate-core-file $build/core" \
        ./objects-O0 >dumped
    auto_load -ex "rc graph -o $build/core.dot all.session" ./objects-O0 core >graph
    rm -f core
    has graph 'wrote' 'from memory' && has core.dot 'label="config'
}

with_ledger() # OPTIONS COMMAND...: their output, where the ledger is on
{
    options=$1
    shift
    for each in "$@"; do set -- "$@" -ex "$each"; shift; done
    debug -ex "source $root/debug/rcbuf-gdb.py" -ex "set environment RCBUF_TRACE $options" \
        -ex 'break stop_here' -ex run "$@" ./static-objects >recorded
}

line_of() # TEXT: where it stands in objects.c
{
    grep -nF -- "$1" "$here/objects.c" | head -n 1 | cut -d: -f1
}

holders_are_told()
{
    with_ledger record 'rc holders all.config' 'rc holders all.b.text' 'rc holders all.b.null'
    has recorded "objects.c:$(line_of 'all.config = rc_new') in make_others" \
        "retained at $here/objects.c:$(line_of 'rc_retain(all.config)') in make_others" \
        "exported at $here/objects.c:$(line_of 'all.b.slice = ') in make_buffers by 0x" \
        'rc_buffer slice [8, 13) of' 'NULL' && ! grep 'ledger has not seen' recorded
}

stacks_are_told()
{
    with_ledger record,stacks 'rc holders all.session->config->text'
    has recorded "      filled at $here/objects.c:" "      make_buffers at $here/objects.c:" \
        "      main at $here/objects.c:" && ! grep -E 'rc__ledger|libc_start' recorded
}

ledger_lists_objects()
{
    with_ledger record 'rc live' 'rc live config' 'rc live nothing'
    has recorded 'holders  type' 'objects in the ledger' 'config, 3 references' \
        'no nothing is alive' &&
        [ "$(grep -c '^0x.* config, ' recorded)" -eq 3 ]
}

# The README's sessions: the Nth block of its section, in its first program, at the call to append.
session() # N PROGRAM GDB-ARGUMENT...
{
    number=$1 using=$2
    shift 2
    awk -v number="$number" '/^## /{ section = /debugger/ } !section { next }
        /^```console$/ { inside = ++block == number; next } /^```$/ { inside = 0 } inside' \
        "$root/README.md" >session.shown
    sed -n 's/^(gdb) \(.*\)/echo (gdb) \1\\n\n\1/p' session.shown >session.gdb
    debug "$@" -ex 'break rc_buffer_append' -ex run -ex up -x session.gdb "./$using" |
        sed -n '/^(gdb) /,$p' >session.printed
    sed -E 's/0x[0-9a-f]{4,}/0x.../g' session.shown >session.expected
    sed -E 's/0x[0-9a-f]{4,}/0x.../g' session.printed >session.plain
    [ -s session.shown ] && diff session.expected session.plain
}

readme_tells_the_truth()
{
    awk '/^```c$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' \
        "$root/README.md" >hello.c
    program hello hello.c -O0 && program static-hello hello.c -O0 &&
        session 1 hello -ex "source $root/debug/rcbuf-gdb.py" &&
        session 2 static-hello -ex "source $root/debug/rcbuf-gdb.py" \
            -ex 'set environment RCBUF_TRACE record'
}

if [ -n "$traces" ]; then
    check "the README's sessions are what GDB prints" readme_tells_the_truth
    check 'holders are told by the ledger' holders_are_told
    check 'stacks are told by the ledger' stacks_are_told
    check 'the ledger lists objects' ledger_lists_objects
    check 'objects compiled by -O0 look as expected' looks_alive objects-O0
    check 'objects compiled by -O2 look as expected' looks_alive objects-O2
    check 'objects in a core dump look as expected' looks_in_core objects-O0
    check 'letters are written in ASCII' looks_in_ascii
    check 'printers load from safe paths only' loads_only_where_allowed
    check 'printers need no debug information of the library' stripped_library_is_enough
    check 'garbage is told from objects' garbage_is_no_object
    check 'objects being finalized are seen' finalizers_are_seen
    check 'objects of several threads are seen' threads_are_seen
    check "the section of a static program loads the printers" section_tells_where_the_printers_are
    check 'a section without printers says nothing' section_of_nothing_says_nothing
    check 'mistakes in commands are told' mistakes_are_told
    check 'without a process commands say so' without_a_process_there_is_nothing
    check '$rc_object leads to members' functions_lead_to_members
    check 'graphs are drawn from memory' graph_is_drawn_from_memory
    check 'graphs are drawn by the library' graph_is_drawn_by_the_library
    check 'graphs are drawn of core dumps' graph_is_drawn_of_a_core_dump
else
    skip 'running programs' 'gdb may not trace processes here'
fi

# ---- probes --------------------------------------------------------------------------------------

notes() # PROGRAM
{
    readelf -n "$1" >notes
    for name in new retain release finalize; do
        grep -A 3 'Provider: rcbuf' notes | grep -A 2 "Name: $name\$" | grep 'Arguments:' >arguments
        count=2
        case $name in retain | release) count=3 ;; esac
        [ -s arguments ] && awk -v count="$count" 'NF != count + 1 { exit 1 }' arguments || return 1
    done
}

no_notes()
{
    ! readelf -n "$1" | grep 'Provider: rcbuf'
}

# Each object that was made is finalized, and as many references are released as there were.
probes_are_balanced() # PROGRAM
{
    debug -x "$here/count.gdb" "./$1" >counted
    has counted 'exited normally' 'wrong counts: []' 'point: 160 new, 160 finalized, balanced' &&
        [ "$(grep -c ' balanced$' counted)" -ge 14 ] && ! grep 'NOT BALANCED' counted
}

probe_stops()
{
    debug -ex 'break -probe-stap rcbuf:retain' -ex run -ex 'print $_probe_argc' \
        -ex 'print *(rc_type *)$_probe_arg1' -ex 'print $_probe_arg2' -ex 'info probes stap rcbuf' \
        ./static-probes-O2 >stopped
    has stopped '= 3' 'name = 0x' '"point"' '= 2' 'finalize'
}

check 'the usual library has no probes' no_notes installed/lib/librcbuf.so
check 'the usual program has no probes' no_notes objects-O2
if [ -z "$probes" ]; then
    skip probes '<sys/sdt.h> is not there (systemtap-sdt-dev)'
else
    check 'probes tell their arguments at -O0' notes static-probes-O0
    check 'probes tell their arguments at -O2' notes static-probes-O2
    check 'pkg-config tells programs of probes' grep -q -e -DRCBUF_PROBES "$build/static/rcbuf.pc"
    if [ -n "$traces" ]; then
        check 'probes are balanced at -O0' probes_are_balanced static-probes-O0
        check 'probes are balanced at -O2' probes_are_balanced static-probes-O2
        check 'a breakpoint on a probe has its arguments' probe_stops
    fi
fi
finish
