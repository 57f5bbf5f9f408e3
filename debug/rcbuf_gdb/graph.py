# SPDX-License-Identifier: MIT
"""
What an object holds, as Graphviz DOT: by the library's own rc_graph_save() where the process is
alive; else by what memory tells: roots, bases and formats of the library's objects, and of the
program's each member that points to an object, which it may own or not. Those arrows are dashed.
"""
import os

import gdb

from . import calls, layout, memory
from .buffers import pieces_of, rooms_of
from .describe import describe
from .memory import Unreadable
from .objects import NoObject, Object, plural

NODES_MAX = 500
PAYLOAD_MAX = 1 << 16  # bytes of a payload that are looked at
WORDS_MAX = 1 << 17  # of all payloads together


def report(address, path, by_memory):
    """The lines of `rc graph`."""
    _check(address)
    if not by_memory and _is_alive() and _has_writer():
        _check_call()
        return _by_the_library(address, path)
    graph = Graph()
    graph.follow(address)
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(graph.dot())
    except OSError as error:
        raise gdb.GdbError(f"rc graph: {error}") from error
    objects, links = len(graph.nodes), sum(len(each) for each in graph.links.values())
    return [f"wrote {path}: {plural(objects, 'object')}, {plural(links, 'link')}, from memory"
            + (", and not all there is" if graph.is_cut else "")]


def _check(address):
    """The command ends with a word where there is no object."""
    try:
        Object(address)
    except NoObject as error:
        raise gdb.GdbError(f"rc graph: 0x{address:x}: {error}") from error


def _check_call():
    """The command ends with a word where the process might wait for ever."""
    said = calls.reason()
    if said:
        raise gdb.GdbError(f"rc graph: {said}, where the process cannot be asked to draw: finish "
                           "that first, or say rc graph -m, which reads memory alone")


def _is_alive():
    """A process that can run code: no core dump, and no file alone."""
    thread = gdb.selected_thread()
    connection = getattr(gdb.selected_inferior(), "connection", None)
    return thread is not None and (connection is None or connection.type != "core")


def _has_writer():
    try:
        return int(gdb.parse_and_eval("(long)&rc_graph_save")) != 0
    except gdb.error:
        return False


def _by_the_library(address, path):
    full = os.path.abspath(path)  # the program may be in another folder than GDB
    call = f'((int (*)(const char *, const void *))&rc_graph_save)("{_escape(full)}", {address})'
    status = int(gdb.parse_and_eval(call))
    if status != 0:
        raise gdb.GdbError(f"rc graph: rc_graph_save() answered {status}, and {full} is not whole")
    return [f"wrote {path}"]


# ---- from memory ---------------------------------------------------------------------------------


class Graph:
    """Objects by address, and what each leads to: (label, address, is it sure)."""

    def __init__(self):
        self.nodes, self.links = {}, {}
        self.types = _known_types()
        self.left, self.is_cut = WORDS_MAX, False

    def follow(self, address):
        """All that can be reached, the nearest first."""
        waiting = [address]
        while waiting and len(self.nodes) < NODES_MAX:
            address = waiting.pop(0)
            if address in self.nodes:
                continue
            self.nodes[address] = found = Object(address)
            self.links[address] = self._links_of(found)
            waiting += [target for _, target, _ in self.links[address]]
        self.is_cut |= any(address not in self.nodes for address in waiting)

    def _links_of(self, found):
        try:
            own = OWN_LINKS.get(found.type.kind)
            links = own(found) if own else self._payload_links(found)
            links += [("home", found.home(), True)] if found.home() else []
        except Unreadable:
            return []
        return [link for link in links if _is_object(link[1])]

    def _payload_links(self, found):
        step = memory.word_size()
        there = (found.type.size + found.extra()) // step
        wanted = min(there, PAYLOAD_MAX // step, self.left)
        self.left -= wanted
        self.is_cut |= wanted < there
        words = memory.words(found.address, wanted)
        names = _member_names(found)
        return [(names.get(place * step, f"+{place * step}"), word, False)
                for place, word in enumerate(words) if self._leads_to_object(word)]

    def _leads_to_object(self, address):
        """What stands there looks like an object, and its type had some."""
        if not address or address % 16:
            return False
        try:
            header = layout.Record("rc__header", address - layout.HEADER_SIZE)
        except Unreadable:
            return False
        is_known = self.types is None or header.type in self.types
        return is_known and _is_object(address)

    def dot(self):
        """The text."""
        lines = ["digraph rcbuf {", '    node [shape=box, fontname="Helvetica"];']
        names = {address: f"n{place}" for place, address in enumerate(self.nodes)}
        for address, name in names.items():
            said = describe(address, 2).headline
            lines.append(f'    {name} [label="{_escape(said)}\\n0x{address:x}"];')
        for address, links in self.links.items():
            for label, target, sure in links:
                style = "" if sure else ", style=dashed"
                if target in names:
                    lines.append(f'    {names[address]} -> {names[target]} '
                                 f'[label="{_escape(label)}"{style}];')
        return "\n".join(lines + ["}", ""])


def _escape(text):
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _is_object(address):
    try:
        return bool(address) and Object(address) is not None
    except NoObject:
        return False


def _known_types():
    """The addresses of types that had objects. None where no debug information tells: then what looks
    like an object is one."""
    try:
        table = gdb.parse_and_eval("rc__tally_types")
        first, last = table.type.range()
        return {int(table[place]) for place in range(first, last + 1)} - {0}
    except gdb.error:
        return None


def _member_names(found):
    """Names of the payload's members by their offsets, where its C type is known."""
    c_type = found.c_type()
    names = {}
    for field in c_type.strip_typedefs().fields() if c_type else ():
        if field.name and hasattr(field, "bitpos"):
            names[field.bitpos // 8] = field.name
    return names


def _links_of_buffer(found):
    buffer = layout.Record("rc_buffer", found.address)
    if buffer.rc__state & layout.STATE_KIND != 1:
        return []
    return [("root", layout.Record("rc__slice", found.address).root, True)]


def _links_of_view(found):
    view = layout.Record("rc_view", found.address)
    return [("base", view.base, True), ("format", view.format, True)]


def _links_of_array(found):
    return [("buffer", layout.Record("rc_array", found.address).buffer, True)]


def _links_of_chain(found):
    links = [(f"piece {place}", piece.root, True)
             for place, piece in enumerate(pieces_of(found.address, NODES_MAX))]
    return links + [("room", root, True) for root in rooms_of(found.address) if root]


def _links_of_weak(found):
    weak = layout.Record("rc_weak", found.address)
    return [("weak", weak.target, False)] if weak.alive else []


OWN_LINKS = {"rc_buffer": _links_of_buffer, "rc_view": _links_of_view, "rc_array": _links_of_array,
             "rc_chain": _links_of_chain, "rc_weak": _links_of_weak, "rc_format": lambda found: []}
