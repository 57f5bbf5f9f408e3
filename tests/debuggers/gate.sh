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
# information. Skipped is what there is no debugger, no right to trace, or no <sys/sdt.h> for. Two
# minutes on two cores. RCBUF_ACCEPT=1 writes look.expected anew. Last line: debuggers: N passed, N
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

# A program that is linked to the static library without debug information.
without_its_own() # COMMAND...
{
    library=$build/also/lib/librcbuf.a
    cp "$library" whole.a && strip -g "$library" && "$@"
    status=$?
    mv whole.a "$library"
    return "$status"
}

check 'the shared library is installed' install_shared
check 'the static library is installed' install_static
for level in -O0 -O2; do
    check "objects$level is built" program "objects$level" "$here/objects.c" "$level"
    check "static-probes$level is built" program "static-probes$level" "$here/probes.c" "$level"
done
check 'threads is built' program threads "$here/threads.c" -O1
check 'members is built' program members "$here/members.c" -O0
check 'static-members is built' without_its_own program static-members "$here/members.c" -O0
check 'static-objects is built' program static-objects "$here/objects.c" -O0
check 'strange is built' program strange "$here/strange.c" -O0
check 'static-strange is built' program static-strange "$here/strange.c" -O0
[ "$failed" -eq 0 ] || finish

# ---- what is checked -----------------------------------------------------------------------------

. "$here/printers.sh"
. "$here/commands.sh"

check 'scripts are short, narrow, and Python 3.9' scripts_read_well
check 'structs lie where the printers think' layout_is_that_of "$build/installed/lib/librcbuf.so"
check 'differences of structs are told' \
    layout_tells_differences "$build/installed/lib/librcbuf.so"
check 'statuses are those of the header' statuses_are_those_of_the_header
if command -v i686-linux-gnu-gcc >/dev/null 2>&1; then
    check 'structs of 32 bits lie where the printers think' small_layout
else
    skip 'structs of 32 bits' 'i686-linux-gnu-gcc is not there'
fi

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
    check 'objects that lead back, largest numbers and blanks are shown' strange_is_shown
    check 'spoiled objects are answered with words' spoiled_memory_is_told
    check "the ledger's spoiled tables are answered with words" spoiled_memory_is_told record,stacks
    check 'lists that lead back are told' lists_that_lead_back_are_told
    check 'objects being finalized are seen' finalizers_are_seen
    check 'what waits in homes is listed' waiting_is_listed
    check 'objects of several threads are seen' threads_are_seen
    check "the section of a static program loads the printers" section_tells_where_the_printers_are
    check 'a section without printers says nothing' section_of_nothing_says_nothing
    check 'mistakes in commands are told' mistakes_are_told
    check 'rc alone continues in reverse' short_for_reverse_continue
    check 'without a process commands say so' without_a_process_there_is_nothing
    check '$rc_object leads to members' functions_lead_to_members
    check 'graphs are drawn from memory' graph_is_drawn_from_memory
    check 'graphs are drawn by the library' graph_is_drawn_by_the_library
    check 'graphs that could not be written are told' failed_graphs_are_told
    check 'slots stand for what they hold' slots_stand_for_what_they_hold
    check 'what a domain tracks is drawn' domain_is_drawn
    check 'members are found without debug information' members_are_drawn members
    check 'members are found in a static program, too' members_are_drawn static-members
    check 'graphs without a name have new files' graphs_are_not_overwritten
    check 'graphs are saved by a call, as the README says' graph_is_saved_by_a_call
    check 'graphs are drawn of core dumps' graph_is_drawn_of_a_core_dump
    check 'a process inside malloc or the library is not asked to draw' locked_process_is_spared
    check 'a ledger of many objects is read' many_objects_are_listed
else
    skip 'running programs' 'gdb may not trace processes here'
fi

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
