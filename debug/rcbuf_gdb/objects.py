# SPDX-License-Identifier: MIT
"""
What stands before an object: its count, its flags, its type. An address may be anything, so
whatever does not look like an object is told by a word, and nothing is followed unseen.
"""
import gdb

from . import cells, layout, memory
from .memory import Unreadable

# rc_type.flags that mean something: RC_TYPE_BIASED, RC_TYPE_CLEARED, RC__TYPE_LEAF, RC__TYPE_SIZED.
TYPE_FLAGS = 0xC0000003
TYPE_SIZED = 0x80000000
ALIGNMENT_MAX = 1 << 21
HEADER_FLAGS_MAX = 0x07FF


class NoObject(Exception):
    """Why an address is no object that lives; the text is for people."""


class Type:
    """An rc_type. Raises NoObject where the memory does not look like one."""

    def __init__(self, address):
        try:
            record = layout.Record("rc_type", address)
            self.name = memory.text(record.name) if record.name else "?"
        except Unreadable as error:
            raise NoObject("no object") from error
        alignment = record.alignment
        is_alignment = alignment <= ALIGNMENT_MAX and alignment & (alignment - 1) == 0
        if not self.name.isprintable() or not self.name or not is_alignment:
            raise NoObject("no object")
        if record.flags & ~TYPE_FLAGS or record.size >= 1 << 48:
            raise NoObject("no object")
        self.address = address
        self.kind = (self.name.split() or [""])[0]  # which the library's own types are told by
        self.size = record.size
        self.flags = record.flags
        self.finalize = record.finalize


class Types:
    """Of many objects, each read once."""

    def __init__(self):
        self.known = {}
        self.place = layout.offset_of("rc__header", "type") - layout.HEADER_SIZE
        self.size = memory.word_size()

    def of(self, address):
        """The type that the header names. Raises NoObject."""
        try:
            there = memory.read(address + self.place, self.size)
        except Unreadable as error:
            raise NoObject("no object: its memory cannot be read") from error
        if there not in self.known:
            order = "big" if memory.byte_order() == ">" else "little"
            self.known[there] = Type(int.from_bytes(there, order))
        return self.known[there]


def signed(word):
    """A 32-bit number as the count is."""
    return word - (1 << 32) if word & 0x80000000 else word


def is_gone(word):
    """No references are left: rc__count_is_gone()."""
    return layout.GONE_FLOOR <= word < 0


class Object:
    """
    A live object, or one that is being finalized. Raises NoObject with a word for anything else.

    references: None for a count that is stuck, as that of immortal objects.
    """

    def __init__(self, address):
        self.address = address
        header = self._read_header()
        self.word = signed(header.shared)
        self.flags = header.flags
        self.owner = header.owner & (layout.OWNERS - 1)
        self.type = Type(header.type)
        self._check(header)
        self.local = self._read_local() if self.is_biased else None
        self.references = self._count()

    def _read_header(self):
        if self.address == 0:
            raise NoObject("NULL")
        if self.address % 16:
            raise NoObject("no object")
        try:
            return layout.Record("rc__header", self.address - layout.HEADER_SIZE)
        except Unreadable as error:
            raise NoObject("no object: its memory cannot be read") from error

    def _check(self, header):
        owner = header.owner
        is_owner = owner < layout.OWNERS or owner & ~(layout.OWNERS - 1) == layout.OWNER_GIVES
        if header.flags > HEADER_FLAGS_MAX or not is_owner:
            raise NoObject("no object")
        self.is_biased = self.owner != 0 and not self.word & layout.COUNT_MERGED
        self.gives = owner >= layout.OWNERS
        if self.is_finalizing:
            return
        if not self.is_biased and is_gone(self.word):
            where = ", and it ends at its home" if self.flags & layout.HOMED else ""
            raise NoObject(f"a dead {self.type.name}: its last reference is gone{where}")
        if self.word == 0 and not header.flags and cells.holds(self.address):
            raise NoObject(f"a dead {self.type.name}: its last reference is gone")

    @property
    def is_finalizing(self):
        """Its last reference is gone, and its finalizer runs, or its weak callbacks."""
        return bool(self.flags & layout.FINALIZING)

    @property
    def is_immortal(self):
        """It never ends."""
        return bool(self.flags & layout.IMMORTAL)

    @property
    def has_prefix(self):
        """A struct rc__prefix stands before the header."""
        return bool(self.flags & layout.PREFIX)

    def _read_local(self):
        size = memory.word_size()
        try:
            return memory.number(self.address - layout.HEADER_SIZE - size, size, signed=True)
        except Unreadable as error:
            raise NoObject("no object") from error

    def _count(self):
        if self.word < layout.GONE_FLOOR:
            return None
        if not self.is_biased:
            return 0 if self.word < 0 else (self.word >> 2) + 1
        return max(0, self.owners_part() + (self.word >> 2))

    def owners_part(self):
        """The references that a biased object's owner counts."""
        return 0 if self.gives else (self.local >> 2) + 1

    def extra(self):
        """Bytes of payload beyond the type's, where they are known."""
        if not self.has_prefix:
            return 0
        address = self.address - layout.HEADER_SIZE - layout.PREFIX_SIZE
        bits = memory.number(address + 2 * memory.word_size(), 8)
        return bits & ((1 << 48) - 1) if memory.byte_order() == "<" else bits >> 16

    def home(self):
        """The address of its home; 0: none."""
        if not self.flags & layout.HOMED:
            return 0
        before = layout.HEADER_SIZE + layout.PREFIX_SIZE + layout.HOMED_SIZE
        return memory.word(self.address - before)

    def count_text(self):
        """How often it is held, in words."""
        if self.is_finalizing:
            return "being finalized"
        if self.is_immortal:
            return "immortal"
        if self.references is None:
            return "its count is stuck"
        return plural(self.references, "reference") + self._bias_text()

    def _bias_text(self):
        if not self.is_biased:
            return ""
        others = self.word >> 2
        queued = ", queued" if self.word & layout.COUNT_QUEUED else ""
        return f" (owner {self.owner} has {self.owners_part()}, others {others:+d}{queued})"

    def flag_names(self):
        """The header's flags, in words."""
        names = [name for bit, name in layout.FLAG_NAMES if self.flags & bit]
        return ", ".join(names) or "none"

    def c_type(self):
        """The payload's type in C, where the type's name names a struct that fits; or None."""
        for name in (f"struct {self.type.name}", self.type.name):
            try:
                found = gdb.lookup_type(name)
            except gdb.error:
                continue
            if found.strip_typedefs().code not in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
                continue
            if found.fields() and found.sizeof <= self.type.size + self.extra():
                return found
        return None

    def payload(self):
        """The payload as a value of its C type, or None."""
        found = self.c_type()
        return gdb.Value(self.address).cast(found.pointer()).dereference() if found else None


def plural(number, noun):
    """1 byte, 2 bytes."""
    return f"{number} {noun}" + ("" if number == 1 else "s")
