# SPDX-License-Identifier: MIT
"""
Dead objects that a thread keeps for its next request (rc/cell_inline.h). Those that died while the
process had one thread look alive, so who wants to know whether an object lives has to look here.
"""
import gdb

from . import memory

CELLS = 6


class _Layout:
    """Where the members of a struct rc__cell lie, which the program's debug information has."""

    def __init__(self):
        kind = gdb.lookup_type("struct rc__cell")
        self.size = kind.sizeof
        fields = {field.name: field for field in kind.fields()}
        self.offsets = {name: field.bitpos // 8 for name, field in fields.items()}
        self.most = fields["others"].type.range()[1] + 1

    def content(self, cell):
        """The addresses of what lies in a cell."""
        behind = memory.number(cell + self.offsets["behind"], 4)
        first = memory.word(cell + self.offsets["object"])
        others = cell + self.offsets["others"]
        found = memory.words(others, min(behind, self.most)) if behind else []
        return [first] + found if first else found


def static_of(function, name):
    """A static variable of the unit that has the function; None: no debug information."""
    symbol = gdb.lookup_global_symbol(function)
    if symbol is None:
        return None
    found = gdb.lookup_symbol(name, symbol.symtab.static_block())[0]
    return found.value() if found is not None and found.type.code != gdb.TYPE_CODE_FUNC else None


def records():
    """The records of all threads (rc/tally.h), the shared one last; none where nothing is known."""
    first = static_of("rc__tally_each", "all")
    if first is None:
        return []
    found, shared = [], gdb.parse_and_eval("rc__tally_shared")
    while int(first):
        found.append(first.dereference())
        first = first["next"]
    return found + [shared]


def _cells():
    """The addresses of all threads' cells; where only the program is known, of this thread's."""
    all_cells = [int(record["cells"].address) for record in records()]
    return all_cells or [int(gdb.parse_and_eval("rc_object_cells"))]


def holds(address):
    """True if the object there is dead, and lies in a cell."""
    try:
        layout = _Layout()
        return any(address in layout.content(cells + place * layout.size)
                   for cells in _cells() for place in range(CELLS))
    except (gdb.error, memory.Unreadable):
        return False
