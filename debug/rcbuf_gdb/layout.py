# SPDX-License-Identifier: MIT
"""
Where the members of rcbuf's structs lie.

The printers read memory by these tables and not by debug information, since a program has that for
what the public headers declare and mostly not for what the library keeps to itself. The layout is
ABI, tied to the SOVERSION, that these files are installed with. differences() compares it with the
debug information where there is some: that is how tests/debuggers keeps the two together.
"""
import gdb

from . import memory

# Of members: bytes, or WORD for a size_t or a pointer.
WORD = 0

STRUCTS = {
    "rc_type": (
        ("name", WORD), ("size", WORD), ("finalize", WORD), ("traverse", WORD), ("clear", WORD),
        ("flags", 4), ("alignment", 4)),
    "rc__header": (("shared", 4), ("owner", 2), ("flags", 2), ("type", WORD)),
    "rc_buffer": (("data", WORD), ("size", WORD), ("rc__exports", 4), ("rc__state", 4)),
    "rc__owner": (("head", "rc_buffer"), ("capacity", WORD)),
    "rc__slice": (("head", "rc_buffer"), ("root", WORD)),
    "rc__adopted": (("head", "rc_buffer"), ("release", WORD), ("context", WORD)),
    "rc__map": (
        ("head", "rc_buffer"), ("pages", WORD), ("length", WORD), ("descriptor", 4), ("mode", 4)),
    "rc__pooled": (("head", "rc_buffer"), ("core", WORD)),
    "rc_view": (
        ("data", WORD), ("format", WORD), ("itemsize", WORD), ("ndim", WORD), ("shape", WORD),
        ("strides", WORD), ("suboffsets", WORD), ("size", WORD), ("base", WORD), ("rc__state", 4)),
    "rc_array": (
        ("data", WORD), ("length", WORD), ("itemsize", WORD), ("typecode", 1), ("buffer", WORD)),
    "rc_chain": (("size", WORD), ("count", WORD)),
    "rc__room": (("root", WORD), ("edge", WORD)),
    "rc__piece": (("root", WORD), ("data", WORD), ("size", WORD), ("state", 4)),
    "rc__chain": (
        ("head", "rc_chain"), ("pieces", WORD), ("first", WORD), ("capacity", WORD),
        ("rooms", "rc__room")),
    "rc_format": (
        ("text", WORD), ("itemsize", WORD), ("alignment", WORD), ("field_count", WORD),
        ("fields", WORD), ("value_count", WORD)),
    "rc_format_field": (
        ("name", WORD), ("offset", WORD), ("size", WORD), ("ndim", WORD), ("shape", WORD),
        ("record", WORD), ("code", 1), ("swapped", 1)),
    "rc_weak": (
        ("target", WORD), ("next", WORD), ("link", WORD), ("callback", WORD), ("context", WORD),
        ("owner", 4), ("alive", 1), ("due", 1), ("pinned", 1)),
    "rc__homed": (("home", WORD), ("next", WORD)),
    "rc_home": (
        ("thread", WORD), ("first", WORD), ("alive", WORD), ("waiting", WORD), ("visitors", WORD),
        ("callers", WORD), ("state", 4), ("wake", WORD), ("context", WORD), ("next", WORD),
        ("link", WORD), ("taken", WORD), ("end", WORD), ("grabbed", WORD), ("in_hand", WORD),
        ("reversed", WORD), ("running", 4), ("closing", 1)),
    "rc__cycle_entry": (("header", WORD), ("word", WORD), ("floor", WORD)),
    "rc_cycle_domain": (
        ("entries", WORD), ("tracked", WORD), ("capacity", WORD), ("condemned", WORD),
        ("waiting", WORD), ("user", WORD), ("scanning", WORD), ("any_weak", 1),
        ("any_finalizer", 1), ("threshold", WORD), ("recent", WORD), ("left", WORD),
        ("collections", WORD), ("freed", WORD), ("resurrected", WORD), ("stuck", WORD),
        ("refused", WORD)),
}

# What the printers do not read: every other member stands above, or differences() tells.
UNREAD = {
    "rc__header": ("unused",), "rc__owner": ("inline_bytes",), "rc__pooled": ("bytes",),
    "rc__chain": ("inline_pieces",), "rc_cycle_domain": ("next", "link", "lock")}

# Their sizes where those are not what the members above make, because others follow.
HEADER_SIZE = 16
PREFIX_SIZE = 32
HOMED_SIZE = 16

# The header's flags: rc/object_inline.h, rc/header.h.
IMMORTAL, PREFIX, WEAK, FINALIZING = 0x0001, 0x0004, 0x0008, 0x0010
FINALIZED, TRACKED, PINNED, HOMED = 0x0020, 0x0040, 0x0080, 0x0400
FLAG_NAMES = (
    (IMMORTAL, "immortal"), (PREFIX, "prefix"), (WEAK, "weakly referenced"),
    (FINALIZING, "being finalized"), (FINALIZED, "finalized"), (TRACKED, "tracked by a domain"),
    (PINNED, "pinned"), (0x0100, "cleared"), (0x0200, "loose"), (HOMED, "homed"))

# The count: rc/count.h. Of the owner: rc/owner.h, rc/header.h.
COUNT_MERGED, COUNT_QUEUED, GONE_FLOOR = 1, 2, -0x20000000
OWNERS, OWNER_GIVES = 1024, 0xD000

# A buffer's state: buffer/layout.h.
BUFFER_KINDS = ("owned", "slice", "adopted", "borrowed", "mapped", "pooled")
STATE_KIND, READ_ONLY, FROZEN, WIPE, APART = 0x0007, 0x0008, 0x0010, 0x0020, 0x0040
STATE_NAMES = ((READ_ONLY, "read-only"), (FROZEN, "frozen"), (WIPE, "wiped at its end"))
VIEW_READ_ONLY = 1
HOME_STATES = ("open", "closing", "closed: its objects end anywhere",
               "closed: its objects' finalizers do not run")
ENTRY_DEAD = 1  # of an object that a domain tracks: it ends
MAP_MODES = ("read-only", "private", "shared")

# What calls answer, from 0 down: rc/status.h.
STATUSES = ("RC_OK", "RC_NO_MEMORY", "RC_INVALID", "RC_RANGE", "RC_OVERFLOW", "RC_BUSY",
            "RC_READ_ONLY", "RC_FORMAT", "RC_SYSTEM", "RC_UNSUPPORTED")


def _align(offset, alignment):
    return (offset + alignment - 1) // alignment * alignment


def _shape(name, word):
    """The offset of each member, the size and the alignment."""
    members, offset, most = {}, 0, 1
    for member, kind in STRUCTS[name]:
        if isinstance(kind, str):
            _, size, alignment = _shape(kind, word)
        else:
            size = alignment = kind or word
        offset = _align(offset, alignment)
        members[member] = (offset, size)
        offset += size
        most = max(most, alignment)
    return members, _align(offset, most), most


def size_of(name):
    """Bytes of a struct; of what its table has, where it goes on."""
    return _shape(name, memory.word_size())[1]


def offset_of(name, member):
    """Where a member lies in its struct."""
    return _shape(name, memory.word_size())[0][member][0]


class Record:
    """The members of a struct in memory, as numbers, read at once: Record("rc_view", a).ndim."""

    def __init__(self, name, address):
        members, size, _ = _shape(name, memory.word_size())
        self.address = address
        content = memory.read(address, size)
        order = "big" if memory.byte_order() == ">" else "little"
        for member, (offset, width) in members.items():
            self.__dict__[member] = int.from_bytes(content[offset:offset + width], order)


class Known:
    """A struct whose layout the program's debug information has: Known("struct rc__cell"). Raises
    gdb.error where it has none."""

    def __init__(self, name):
        kind = gdb.lookup_type(name)
        self.size = kind.sizeof
        self.types = {field.name: field.type for field in kind.fields()}
        self.offsets = {field.name: field.bitpos // 8 for field in kind.fields()}
        self.order = "big" if memory.byte_order() == ">" else "little"

    def member(self, address, name, content=None):
        """A number or pointer of the struct at the address."""
        offset, size = self.offsets[name], self.types[name].sizeof
        if content is None:
            content, offset = memory.read(address + offset, size), 0
        return int.from_bytes(content[offset:offset + size], self.order)


def _lookup(name):
    for spelled in (f"struct {name}", name):
        try:
            return gdb.lookup_type(spelled).strip_typedefs()
        except gdb.error:
            pass
    return None


def _differences_of(name, fields):
    """The same of one struct: a sentence for each member."""
    here, kinds = _shape(name, memory.word_size())[0], dict(STRUCTS[name])
    wrong = [f"{name}.{field.name}: not here" for field in fields
             if field.name not in here and field.name not in UNREAD.get(name, ())]
    there = {field.name: (field.bitpos // 8, field.type.sizeof) for field in fields}
    for member, (offset, size) in here.items():
        is_struct = isinstance(kinds[member], str)  # or an array of them
        found = there.get(member, (None, 0))
        if found[0] != offset or found[1] != size and not is_struct:
            wrong.append(f"{name}.{member}: {found} there, {(offset, size)} here")
    return wrong


def differences():
    """Where debug information says otherwise, and which structs it does not have."""
    wrong, unknown = [], []
    for name in STRUCTS:
        found = _lookup(name)
        if found is None or not found.fields():
            unknown.append(name)
        else:
            wrong += _differences_of(name, found.fields())
    return wrong, unknown
