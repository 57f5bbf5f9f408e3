# SPDX-License-Identifier: MIT
"""
What an object holds, as Graphviz DOT: by the library where the process is alive (drawing.py); else
by what memory tells: roots, bases and formats of the library's objects, and of the program's each
member that points to an object, which it may own or not. Those arrows are dashed.
"""
import gdb

from . import calls, drawing, layout, memory
from .buffers import pieces_of, rooms_of
from .describe import describe
from .drawing import escape
from .homes import tracked_by
from .memory import Unreadable
from .objects import NoObject, Object, plural

NODES_MAX = 500
PAYLOAD_MAX = 1 << 16  # bytes of a payload that are looked at
WORDS_MAX = 1 << 17  # of all payloads together
NAMES_MAX = 1 << 10  # of a payload's members
STRUCTS = (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION)


def report(address, path, by_memory):
    """The lines of `rc graph`."""
    _check(address)
    writer = None if by_memory else drawing.writer_of(Object(address))
    if writer:
        _check_call()
        writer(address, path)
        return [f"wrote {path}"]
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
        """What stands there looks like an object, and its type had some; where that is not known,
        all of its payload is there."""
        if not address or address % 16:
            return False
        try:
            header = layout.Record("rc__header", address - layout.HEADER_SIZE)
        except Unreadable:
            return False
        if self.types is not None and header.type not in self.types:
            return False
        return _is_object(address) and (self.types is not None or _is_whole(Object(address)))

    def dot(self):
        """The text."""
        lines = ["digraph rcbuf {", '    node [shape=box, fontname="Helvetica"];']
        names = {address: f"n{place}" for place, address in enumerate(self.nodes)}
        for address, name in names.items():
            said = describe(address, 2).headline
            lines.append(f'    {name} [label="{escape(said)}\\n0x{address:x}"];')
        for address, links in self.links.items():
            for label, target, sure in links:
                style = "" if sure else ", style=dashed"
                if target in names:
                    lines.append(f'    {names[address]} -> {names[target]} '
                                 f'[label="{escape(label)}"{style}];')
        return "\n".join(lines + ["}", ""])


def _is_object(address):
    try:
        return bool(address) and Object(address) is not None
    except NoObject:
        return False


def _is_whole(found):
    """Its payload is memory to its end: what looks like a type by chance has any size."""
    try:
        size = found.type.size + found.extra()
        return size == 0 or bool(memory.read(found.address + size - 1, 1))
    except Unreadable:
        return False


def _known_types():
    """The addresses of types that had objects. None where no debug information tells: then what
    looks like an object is one."""
    try:
        table = gdb.parse_and_eval("rc__tally_types")
        first, last = table.type.range()
        return {int(table[place]) for place in range(first, last + 1)} - {0}
    except gdb.error:
        return None


def _member_names(found):
    """Names of the payload's members by their offsets, where its C type is known."""
    c_type, names = found.c_type(), {}
    if c_type:
        _add_names(names, c_type, 0, "")
    return names


def _add_names(names, c_type, offset, prefix):
    """Those of a struct that stands in the payload, and of what stands in that."""
    plain = c_type.strip_typedefs()
    if plain.code == gdb.TYPE_CODE_ARRAY and plain.target().sizeof:
        step, prefix = plain.target().sizeof, prefix.rstrip(".")
        for place in range(min(plain.sizeof // step, NAMES_MAX - len(names))):
            _add_names(names, plain.target(), offset + place * step, f"{prefix}[{place}].")
    elif plain.code in STRUCTS and plain.tag != "rc_slot":
        for field in plain.fields():
            if hasattr(field, "bitpos") and len(names) < NAMES_MAX:
                _add_names(names, field.type, offset + field.bitpos // 8,
                           f"{prefix}{field.name}." if field.name else prefix)
    else:
        names.setdefault(offset, prefix.rstrip("."))


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


def _links_of_domain(found):
    return [("tracks", address, False) for address in tracked_by(found.address, NODES_MAX)]


def _no_links(_):
    return []


OWN_LINKS = {"rc_buffer": _links_of_buffer, "rc_view": _links_of_view, "rc_array": _links_of_array,
             "rc_chain": _links_of_chain, "rc_weak": _links_of_weak, "rc_format": _no_links,
             "rc_cycle_domain": _links_of_domain, "rc_home": _no_links, "rc_pool": _no_links}
