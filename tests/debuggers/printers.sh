# SPDX-License-Identifier: MIT
#
# Sourced by gate.sh: the printers' own files, how they are loaded, and what they print.
# shellcheck shell=sh disable=SC2154,SC2016 # gate.sh sets variables; those of GDB stay

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

# A member that is elsewhere, of another size, or new is told, and so is a struct that is not there.
layout_tells_differences() # FILE
{
    debug -ex "source $root/debug/rcbuf-gdb.py" -ex "python from rcbuf_gdb import layout
tables = layout.STRUCTS
tables['rc_home'] = tables['rc_home'][:-1]
tables['rc_view'] = tables['rc_view'][1:]
tables['rc_array'] = tuple((name, 8 if name == 'typecode' else kind)
                           for name, kind in tables['rc_array'])
tables['rc__none'] = (('first', 4),)
wrong, unknown = layout.differences()
print('unknown:', unknown)
for each in wrong: print(each)" "$1" >differing
    has differing "unknown: ['rc__none']" 'rc_home.closing: not here' 'rc_view.format: (8, 8) there' \
        'rc_array.typecode: (24, 1) there, (24, 8) here'
}

# The statuses, by their numbers.
statuses_are_those_of_the_header()
{
    debug -ex "source $root/debug/rcbuf-gdb.py" -ex "python from rcbuf_gdb import layout
for number, name in enumerate(layout.STATUSES): print(f'{name}, {-number},')" >statuses
    sed -n 's/^ *X(\(RC_[A-Z_]*, [-0-9]*,\).*/\1/p' "$root/rc/status.h" >statuses.there
    [ -s statuses.there ] && diff statuses.there statuses
}

small_layout()
{
    printf '#include <buffer/%s>\n' map_layout.h pool_layout.h view_layout.h array_layout.h \
        chain_layout.h >small.c
    printf '#include "%s"\n' "$root/rc/weak_table.h" "$root/rc/home_queue.h" \
        "$root/rc/cycle_domain.h" >>small.c
    printf '%s\n' 'struct rc__owner o; struct rc__slice s; struct rc__adopted a;' \
        'struct rc__map m; struct rc__pooled p; struct rc__chain c; struct rc_weak w;' \
        'rc_view v; rc_array r; struct rc_home z; struct rc_cycle_domain y;' \
        'struct rc__header h; struct rc__homed d; rc_format f; struct rc_format_field l;' >>small.c
    i686-linux-gnu-gcc -std=gnu11 -g -c -I "$root" small.c -o small.o && layout_is_that_of small.o
}

# ---- what the printers say -----------------------------------------------------------------------

# Without addresses, and what a core dump does not tell.
plain_text() # FILE
{
    sed -n '/^text = /,$p' "$1" |
        sed -E -e 's/0x[0-9a-f]{4,}/0x.../g' -e 's/: the selected thread$//'
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

# A library without debug information, for programs that look for theirs in that folder first.
strip_library()
{
    mkdir -p stripped && strip -o stripped/librcbuf.so.0.1 installed/lib/librcbuf.so
}

# Programs with debug information of their own, and none of the library's.
without_debug_information() # PROGRAM GDB-ARGUMENT...
{
    using=$1
    shift
    strip_library && debug -ex "source $root/debug/rcbuf-gdb.py" \
        -ex "set environment LD_LIBRARY_PATH $build/stripped" -ex 'break stop_here' -ex run "$@" \
        "./$using"
}

stripped_library_is_enough()
{
    without_debug_information objects-O0 -ex 'print all.b.part' -ex 'print all.v.matrix' \
        -ex 'print all.b.dead' -ex 'rc live' -ex 'rc show all.session' >bare
    has bare 'rc_buffer slice [9, 11) of' '[[0.5, 1.5, 2.5], [3.5, 4.5, 5.5]]' 'a dead rc_buffer' \
        "the library's debug information is needed" 'session, 1 reference'
}

all_were_looked_at() # FILE
{
    grep -qE '^looked [0-9]{4} times, 0 failures$' "$1" || { tail -n 20 "$1"; return 1; }
}

garbage_is_no_object()
{
    auto_load -ex 'break stop_here' -ex run -x "$here/garbage.gdb" ./objects-O0 >garbage
    all_were_looked_at garbage && ! grep 'Python Exception' garbage
}

strange_is_shown()
{
    auto_load -ex 'break stop_here' -ex run -ex 'print all.largest' -ex 'print all.halves' \
        -ex 'print all.floats' -ex 'rc show all.looped' -ex 'rc show all.blank' \
        -ex "rc graph -m -o $build/blank.dot all.blank" -ex 'rc show all.number' \
        ./strange >strange.said
    has strange.said '[3.4028235e+38, -3.4028235e+38, 1.1754944e-38]' '[65500.0, -65500.0, 6e-08]' \
        "rc_array 'f' of 3 elements, 1 reference: [3.4028235e+38" 'next = rc_slot of 0x' \
        'to 0x' 'looped, 2 references, next' 'wrote' 'int, 4 bytes' &&
        ! grep -E 'Python Exception|Traceback|beyond these' strange.said
}

# The first entry of the ledger, its first reference, and this thread's record follow themselves.
lists_that_lead_back_are_told()
{
    entry='python bucket = gdb.parse_and_eval("rc__ledger.buckets")
while not int(bucket[0]): bucket += 1
gdb.set_convenience_variable("entry", bucket[0])'
    set -- -ex "source $root/debug/rcbuf-gdb.py" -ex 'break stop_here'
    debug "$@" -ex 'set environment RCBUF_TRACE record' -ex run -ex "$entry" \
        -ex 'set var $entry->held->next = $entry->held' -ex 'rc live' \
        -ex 'set var $entry->held->next = 0' -ex 'set var $entry->next = $entry' -ex 'rc live int' \
        -ex 'set var $entry->next = 0' -ex 'set var rc__ledger.entry_count = 3' -ex 'rc live' \
        ./static-strange >back
    debug "$@" -ex run -ex 'set var rc__tally_mine->next = rc__tally_mine' -ex 'rc live' \
        ./static-strange >>back
    has back 'a list is longer than' "the threads' records are not whole: a list leads back to 0x" &&
        [ "$(grep -c "the ledger's tables are not whole: a list leads back to 0x" back)" -eq 2 ]
}

spoiled_memory_is_told() # [RCBUF_TRACE]
{
    debug -ex "source $root/debug/rcbuf-gdb.py" -ex "set environment RCBUF_TRACE ${1:-}" \
        -ex 'break stop_here' -ex run -x "$here/spoiled.gdb" ./static-strange >spoiled
    all_were_looked_at spoiled && has spoiled 'are not whole'
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

# In a finalizer that a run calls: what the run has taken, and what came since.
waiting_is_listed()
{
    without_debug_information members -ex continue -ex 'rc show all.home' >waiting
    has waiting '  waiting  4' '  taken 0  0x' '  taken 1  0x' '  waits 0  0x' '  waits 1  0x' &&
        ! grep -E '^  more|taken 2|waits 2' waiting &&
        auto_load -ex 'break stop_here' -ex run -ex 'rc show all.closed_home' \
            ./objects-O0 >whose
    has whose 'thread   number 1 of those that came to homes: the selected thread' || return 1
    auto_load -ex 'break release_last' -ex run -ex 'rc show all.home' -ex 'thread 1' \
        -ex 'rc show all.home' ./members >whose
    has whose 'came to homes: not the selected thread' 'came to homes: the selected thread'
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
