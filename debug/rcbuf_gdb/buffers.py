# SPDX-License-Identifier: MIT
"""Buffers, slices and chains in words."""
from . import layout, memory
from .describe import Description, describes, headline, limit_of_elements, symbol
from .formats import show_bytes
from .objects import plural


def _bytes_at(address, size):
    """The first of them, as people read them."""
    if size == 0:
        return "no bytes"
    wanted = min(size, limit_of_elements())
    return show_bytes(memory.read(address, wanted)) + ("..." if size > wanted else "")


def _root_of(found, buffer):
    """The address of the buffer that a slice hangs on; 0: it is none, or an empty one."""
    if buffer.rc__state & layout.STATE_KIND != 1:
        return 0
    return layout.Record("rc__slice", found.address).root


def _state_names(buffer):
    names = [name for bit, name in layout.STATE_NAMES if buffer.rc__state & bit]
    return "".join(f", {name}" for name in names)


def _kind(buffer):
    kind = buffer.rc__state & layout.STATE_KIND
    return layout.BUFFER_KINDS[kind] if kind < len(layout.BUFFER_KINDS) else f"kind {kind}"


def _extent(found, buffer):
    """How large it is, and of what it is a part."""
    root = _root_of(found, buffer)
    if root:
        whole = layout.Record("rc_buffer", root)
        start = buffer.data - whole.data
        return (f"[{start}, {start + buffer.size}) of 0x{root:x} "
                f"({plural(whole.size, 'byte')}{_state_names(whole)}){_state_names(buffer)}")
    size = plural(buffer.size, "byte")
    if _kind(buffer) == "owned":
        size += f" of {layout.Record('rc__owner', found.address).capacity}"
    return size + _state_names(buffer)


@describes("rc_buffer")
def _describe_buffer(found, depth):
    buffer = layout.Record("rc_buffer", found.address)
    exports = f", {plural(buffer.rc__exports, 'export')}" if buffer.rc__exports else ""
    said = (f"rc_buffer {_kind(buffer)} {_extent(found, buffer)}, {found.count_text()}{exports}: "
            f"{_bytes_at(buffer.data, buffer.size)}")
    return Description(said, _buffer_facts(found, buffer, depth) if depth == 0 else ())


def _buffer_facts(found, buffer, depth):
    facts = [("data", f"0x{buffer.data:x}"), ("size", str(buffer.size)),
             ("exports", str(buffer.rc__exports)),
             ("alignment", str(1 << (buffer.rc__state >> 8 & 31)))]
    kind = _kind(buffer)
    if kind == "owned":
        owner = layout.Record("rc__owner", found.address)
        place = "a block of their own" if buffer.rc__state & layout.APART else "its own block"
        facts += [("capacity", f"{owner.capacity}"), ("bytes in", place)]
    elif kind == "slice":
        facts.append(("root", headline(_root_of(found, buffer), depth + 1)))
    elif kind == "adopted":
        adopted = layout.Record("rc__adopted", found.address)
        facts.append(("release", f"{symbol(adopted.release)}(context 0x{adopted.context:x})"))
    elif kind == "mapped":
        mapped = layout.Record("rc__map", found.address)
        mode = layout.MAP_MODES[mapped.mode] if mapped.mode < 3 else f"mode {mapped.mode}"
        facts.append(("mapping", f"{plural(mapped.length, 'byte')} at 0x{mapped.pages:x}, {mode}"))
    elif kind == "pooled":
        facts.append(("core", f"0x{layout.Record('rc__pooled', found.address).core:x}"))
    return facts


# ---- chains --------------------------------------------------------------------------------------


def pieces_of(address, limit):
    """A chain's pieces, the first ones."""
    chain = layout.Record("rc__chain", address)
    count = layout.Record("rc_chain", address).count
    size = layout.size_of("rc__piece")
    return [layout.Record("rc__piece",
                          chain.pieces + (chain.first + place) % max(chain.capacity, 1) * size)
            for place in range(min(count, limit))]


def rooms_of(address):
    """The roots of the two rooms, 0 where there is none: what is free in front, and at the back."""
    first = address + layout.offset_of("rc__chain", "rooms")
    size = layout.size_of("rc__room")
    return [layout.Record("rc__room", first + place * size).root for place in range(2)]


@describes("rc_chain")
def _describe_chain(found, depth):
    chain = layout.Record("rc_chain", found.address)
    limit = limit_of_elements()
    pieces = pieces_of(found.address, limit)
    said = (f"rc_chain of {plural(chain.size, 'byte')} in {plural(chain.count, 'piece')}, "
            f"{found.count_text()}: ")
    facts = [(f"piece {place}", _describe_piece(piece)) for place, piece in enumerate(pieces)]
    if chain.count > limit:
        facts.append(("more", plural(chain.count - limit, "piece")))
    for end, root in zip(("in front", "at the back"), rooms_of(found.address)):
        if root:
            facts.append((f"room {end}", headline(root, depth + 1)))
    return Description(said + _first_bytes(pieces, chain.size, limit), facts)


def _first_bytes(pieces, size, limit):
    content = b""
    for piece in pieces:
        content += memory.read(piece.data, min(piece.size, limit - len(content)))
    if not content:
        return "no bytes"
    return show_bytes(content) + ("..." if size > len(content) else "")


def _describe_piece(piece):
    root = layout.Record("rc_buffer", piece.root)
    start = piece.data - root.data
    return (f"[{start}, {start + piece.size}) of 0x{piece.root:x}: "
            f"{_bytes_at(piece.data, piece.size)}")
