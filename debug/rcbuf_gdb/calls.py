# SPDX-License-Identifier: MIT
"""
Whether the program can run a function of the library now. One that was stopped while it takes or
gives back memory, or inside the library, may hold the very locks that the function waits for, and
nobody would ever give them back.
"""
import os
import re

import gdb

FRAMES_MAX = 1000  # that are looked at

# Of C libraries and of what stands in for their malloc: what takes their locks.
LOCKS = re.compile(
    r"(_*(libc|GI|interceptor|interceptor_trampoline|asan|je|mi|tc)_)*_*"
    r"(malloc|calloc|realloc|reallocarray|free|cfree|aligned_alloc|posix_memalign|memalign|valloc"
    r"|int_malloc|int_free\w*|int_realloc|int_memalign|malloc_\w+|mallopt|mallinfo2?|sysmalloc\w*"
    r"|systrim\w*|unlink_chunk\w*|arena_get\w*|tcache_\w+|ptmalloc_\w+|new_heap|heap_trim\w*"
    r"|fopen(64)?|fdopen|freopen|fclose|fflush\w*|f?open_internal|IO_\w+"
    r"|fork)([.@].*)?|operator (new|delete)\b.*")
SYSTEMS = re.compile(r"(lib(c|pthread|dl|m|[atu]b?san|stdc\+\+|gcc_s|jemalloc|mimalloc|tcmalloc)\b"
                     r"|ld[-.]|linux-vdso|linux-gate).*")
INLINE = re.compile(r".*_inline\.h$")


def reason():
    """Why not, in words; "": it can."""
    here, frame = gdb.selected_thread(), gdb.selected_frame()
    try:
        for thread in _threads(here):
            if thread.num != here.num:
                thread.switch()
            said = _reason_of_thread()
            if said:
                return f"the thread is {said}" if thread.num == here.num \
                    else f"thread {thread.num} is {said}"
    finally:
        here.switch()
        frame.select()
    return ""


def _threads(here):
    """Those that would not go on while the call runs, but keep what they have: the one that runs
    it, and where GDB leaves others stopped these as well."""
    alone = gdb.parameter("scheduler-locking") == "on" or gdb.parameter("non-stop")
    return gdb.selected_inferior().threads() if alone else [here]


def _reason_of_thread():
    """What the frames tell, the innermost first. Callbacks run without the library's locks: what
    lies behind a frame of the program is not looked at for these, but where a signal came in."""
    frame, is_outside, newest, count = gdb.newest_frame(), False, True, 0
    sources = _sources()
    while frame is not None and count < FRAMES_MAX:
        name = frame.name() or ""
        if LOCKS.fullmatch(name):
            return f"inside {name}()"
        if frame.type() == gdb.SIGTRAMP_FRAME:
            is_outside = False
        elif not is_outside and _is_library(frame, name, sources):
            if not (newest and _is_at_entry(frame, name)):
                return f"inside the library, in {name or 'a function without a name'}()"
        elif _is_programs(frame):
            is_outside = True
        frame, newest, count = frame.older(), False, count + 1
    return ""


def _file_of(frame):
    table = frame.find_sal().symtab
    return table.filename if table is not None else ""


def _sources():
    """The folders of the library's own files, as debug information spells them; none: there is
    none."""
    known = gdb.lookup_global_symbol("rc_graph_save")
    if known is None:
        return ()
    root = os.path.dirname(os.path.dirname(known.symtab.filename))
    return os.path.join(root, "rc", ""), os.path.join(root, "buffer", "")


def _is_library(frame, name, sources):
    """A function of rcbuf, and no inline one of its headers, which wait for nobody."""
    file = _file_of(frame)
    if frame.type() == gdb.INLINE_FRAME or INLINE.match(file):
        return False
    if _module_of(frame).startswith("librcbuf") or name.startswith("rc_"):
        return True
    return bool(sources) and file.startswith(sources)


def _module_of(frame):
    return os.path.basename(gdb.solib_name(frame.pc()) or "")


def _is_programs(frame):
    """Of a known source, and none of the system's."""
    return bool(_file_of(frame)) and not SYSTEMS.match(_module_of(frame))


def _is_at_entry(frame, name):
    """Where a breakpoint on the function stops, before it did anything."""
    try:
        places = gdb.decode_line(name)[1] or ()
    except gdb.error:
        return False
    return any(place.pc == frame.pc() for place in places)
