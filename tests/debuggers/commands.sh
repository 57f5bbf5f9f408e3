# SPDX-License-Identifier: MIT
#
# Sourced by gate.sh: commands, the ledger, the README's sessions, and probes.
# shellcheck shell=sh disable=SC2154,SC2016 # gate.sh sets variables; those of GDB stay as they are

# ---- commands ------------------------------------------------------------------------------------

commands() # NAME COMMAND...: their output in a file of that name; each may fail
{
    output=$1
    shift
    for each in "$@"; do set -- "$@" -ex "$each"; shift; done
    auto_load -ex 'break stop_here' -ex run "$@" ./objects-O0 >"$output"
}

short_for_reverse_continue()
{
    commands reverse rc 'rc 2' 'rc nonsense'
    has reverse 'There is no rc nonsense' && [ "$(grep -c 'does not support' reverse)" -eq 2 ]
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
    commands graph "rc graph -o $build/whole.dot all.config"
    has graph "wrote $build/whole.dot" && ! grep 'from memory' graph &&
        has whole.dot 'config' 'rc_buffer' '->'
}

failed_graphs_are_told()
{
    commands graph 'rc graph -o /nowhere/at/all all.config' 'rc graph -o /nowhere/at/all all.domain'
    has graph 'rc_graph_save() answered RC_SYSTEM, and /nowhere/at/all is not whole' \
        'not whole: rc_graph_save: cannot write /nowhere/at/all: No such file' \
        'the process cannot write /nowhere/at/all'
}

# What stands in a slot, and what a domain tracks.
slots_stand_for_what_they_hold()
{
    commands slots 'rc show all.slot' 'rc show &all.slot' 'rc holders all.slot' \
        'rc show all.empty_slot' 'print $rc_object(all.slot)->limit' \
        "rc graph -o $build/slot.dot all.slot" "rc graph -m -o $build/slot-m.dot all.slot"
    [ "$(grep -c '^0x[0-9a-f]* config, 3 references' slots)" -eq 3 ] &&
        has slots 'NULL' '= 30' 'slot-m.dot: 3 objects, 2 links' && ! grep 'no object' slots &&
        has slot.dot 'config' && has slot-m.dot 'label="config, 3 references'
}

domain_is_drawn()
{
    commands graph "rc graph -o $build/domain.dot all.domain" \
        "rc graph -m -o $build/domain-m.dot all.domain"
    has graph 'wrote' 'domain-m.dot: 3 objects, 4 links' &&
        [ "$(grep -c 'label="pair' domain.dot)" -eq 2 ] &&
        [ "$(grep -c 'label="tracks"' domain-m.dot)" -eq 2 ]
}

# By memory: each member is there, and what no object is is not.
members_are_drawn() # PROGRAM
{
    without_debug_information "$1" -ex "rc graph -m -o $build/members.dot all.slot" \
        -ex "rc graph -m -o $build/noise.dot all.noise" -ex "generate-core-file $build/core" >drawn
    debug -ex "source $root/debug/rcbuf-gdb.py" -iex "set solib-search-path $build/stripped" \
        -ex "rc graph -o $build/dumped.dot all.slot" -ex "rc graph -o $build/noise.dot all.noise" \
        "./$1" core >>drawn
    rm -f core
    [ "$(grep -c '.dot: 9 objects, 10 links, from memory$' drawn)" -eq 2 ] &&
        [ "$(grep -c 'noise.dot: 1 object, 0 links, from memory$' drawn)" -eq 2 ] &&
        has members.dot '[label="slot", ' '[label="any", ' '[label="inner.deep", ' \
            '[label="inner.slots[1]", ' '[label="samples", ' '[label="view", ' '[label="chain", ' \
            '[label="other", ' && diff members.dot dumped.dot
}

# Without a name of its own each has a file that was not there.
graphs_are_not_overwritten()
{
    rm -rf unnamed && mkdir unnamed && printf 'mine\n' >unnamed/rcbuf-graph.dot &&
        ln -sf nowhere unnamed/rcbuf-graph-2.dot &&
        commands graph "cd $build/unnamed" 'rc graph all.config' 'rc graph -m all.config' \
            'rc graph -o rcbuf-graph-4.dot all.config' "cd $build" &&
        has graph 'wrote rcbuf-graph-3.dot' 'wrote rcbuf-graph-4.dot: ' &&
        [ "$(cat unnamed/rcbuf-graph.dot)" = mine ] && [ ! -e unnamed/nowhere ] &&
        has unnamed/rcbuf-graph-3.dot 'config' && has unnamed/rcbuf-graph-4.dot 'config' &&
        ! grep 'from memory' unnamed/rcbuf-graph-4.dot
}

# As the README says it: the call itself, where the library has no debug information either.
graph_is_saved_by_a_call()
{
    commands called "call (int)rc_graph_save(\"$build/called.dot\", all.config)"
    has called '= 0' && has called.dot 'config' && strip_library || return 1
    debug -ex "set environment LD_LIBRARY_PATH $build/stripped" -ex 'break stop_here' -ex run \
        -ex "call (int)rc_graph_save(\"$build/bare.dot\", all.config)" ./objects-O0 >called
    has called '= 0' && has bare.dot 'config'
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

# Where the process would wait for a lock of its own.
locked_process_is_spared()
{
    draw="rc graph -o $build/locked.dot all.looped"
    auto_load -ex 'break stop_here' -ex run -ex "$draw" -ex 'break malloc' -ex continue \
        -ex "$draw" -ex up -ex "$draw" -ex 'delete 2' -ex down -ex finish -ex "$draw" \
        -ex "rc graph -m -o $build/locked.dot all.looped" ./strange >locked
    has locked 'malloc(), where the process cannot be asked' 'is inside the library, in' \
        'rc graph -m, which reads memory alone' 'links, from memory' &&
        [ "$(grep -c 'cannot be asked to draw' locked)" -eq 3 ] &&
        [ "$(grep -c '^wrote.*locked.dot$' locked)" -eq 1 ] || return 1
    auto_load -ex 'break stop_here' -ex run -ex 'break rc_buffer_new' -ex continue -ex "$draw" \
        ./strange >entry
    has entry "wrote $build/locked.dot" || return 1
    auto_load -ex 'break work' -ex run -ex delete -ex 'break malloc thread 2' -ex continue \
        -ex delete -ex 'set scheduler-locking on' -ex 'thread 1' \
        -ex "rc graph -o $build/other.dot own" -ex 'set scheduler-locking off' \
        -ex "rc graph -o $build/other.dot own" ./threads >other
    has other 'rc graph: thread 2 is inside' "wrote $build/other.dot"
}

# More than there are words in one piece that is read.
many_objects_are_listed()
{
    debug -ex "source $root/debug/rcbuf-gdb.py" -ex 'set environment RCBUF_TRACE record' \
        -ex 'break stop_here' -ex 'run 132000' -ex 'rc live' -ex 'rc holders all.looped' \
        ./static-strange >listed
    has listed '132001  int' '132019 objects in the ledger' 'kept at' && ! grep 'not whole' listed
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
