# SPDX-License-Identifier: MIT
"""
GDB's pretty-printers: a pointer to one of the library's objects prints as one line, the object
itself with all that is known of it. `print/r` prints either raw.
"""
import gdb
import gdb.printing

from .describe import describe

TAGS = ("rc_buffer", "rc_view", "rc_array", "rc_chain", "rc_weak", "rc_format")


class PointerPrinter:
    """An rc_buffer *, and so on."""

    def __init__(self, tag, value):
        self.tag = tag
        self.address = int(value)

    def to_string(self):
        """What print shows."""
        if self.address == 0:
            return "NULL"
        return f"0x{self.address:x} {describe(self.address, 1, self.tag).headline}"


class ObjectPrinter:
    """An rc_buffer, and so on, where it lies."""

    def __init__(self, tag, value):
        self.value = value
        self.address = int(value.address) if value.address is not None else 0
        self.description = describe(self.address, 0, tag)

    def to_string(self):
        """The headline."""
        if self.address == 0:
            return "no object, but a copy of one"
        return self.description.headline

    def children(self):
        """The facts; of what is no object the members, raw."""
        if self.description.facts:
            return iter(self.description.facts)
        return ((field.name, self.value[field]) for field in self.value.type.fields())


def _target(value):
    """The tag that the value or what it points to has, and whether it is a pointer."""
    plain = value.type.strip_typedefs()
    is_pointer = plain.code == gdb.TYPE_CODE_PTR
    if is_pointer:
        plain = plain.target().strip_typedefs()
    tag = plain.unqualified().tag if plain.code == gdb.TYPE_CODE_STRUCT else None
    return tag, is_pointer


class Printers(gdb.printing.PrettyPrinter):
    """All of them, for `info pretty-printer` and `disable pretty-printer`."""

    def __init__(self):
        super().__init__("rcbuf", [gdb.printing.SubPrettyPrinter(tag) for tag in TAGS])

    def __call__(self, value):
        tag, is_pointer = _target(value)
        if tag not in TAGS or not self._is_enabled(tag):
            return None
        return PointerPrinter(tag, value) if is_pointer else ObjectPrinter(tag, value)

    def _is_enabled(self, tag):
        return any(each.name == tag and each.enabled for each in self.subprinters)


def register(objfile):
    """objfile: whose file made GDB load this; None: the user did."""
    gdb.printing.register_pretty_printer(objfile, Printers(), replace=True)
