# SPDX-License-Identifier: MIT
"""
GDB's pretty-printers: a pointer to one of the library's objects prints as one line, the object
itself with all that is known of it. `print/r` prints either raw.
"""
import gdb
import gdb.printing

from .describe import describe, headline

TAGS = ("rc_buffer", "rc_view", "rc_array", "rc_chain", "rc_weak", "rc_format", "rc_pool",
        "rc_home", "rc_cycle_domain")


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


class SlotPrinter:
    """An rc_slot, which is no object but a place that holds one."""

    def __init__(self, value):
        self.address = int(value["rc__object"])

    def to_string(self):
        """What it holds."""
        return f"rc_slot of {headline(self.address, 1)}" if self.address else "an empty rc_slot"


def target(value):
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
        names = TAGS + ("rc_slot",)
        super().__init__("rcbuf", [gdb.printing.SubPrettyPrinter(name) for name in names])

    def __call__(self, value):
        try:
            return self._printer_of(value)
        except gdb.error:
            return None  # what GDB cannot read it tells itself

    def _printer_of(self, value):
        tag, is_pointer = target(value)
        if not self._is_enabled(tag) or tag == "rc_slot" and is_pointer:
            return None
        if tag == "rc_slot":
            return SlotPrinter(value)
        return PointerPrinter(tag, value) if is_pointer else ObjectPrinter(tag, value)

    def _is_enabled(self, tag):
        return any(each.name == tag and each.enabled for each in self.subprinters)


def register(objfile):
    """objfile: whose file made GDB load this; None: the user did."""
    gdb.printing.register_pretty_printer(objfile, Printers(), replace=True)
