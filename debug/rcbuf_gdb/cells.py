# SPDX-License-Identifier: MIT
"""
Dead objects that a thread keeps for its next request (rc/cell_inline.h). Those that died while the
process had one thread look alive, so who wants to know whether an object lives has to look here.
"""
import gdb

from . import memory
from .layout import Known

CELLS = 7
RECORDS_MAX = 1 << 16  # of threads: more are no records, but a list that was spoiled


class _Layout(Known):
    """Where the members of a struct rc__cell lie."""

    def __init__(self):
        super().__init__("struct rc__cell")
        self.most = self.types["others"].range()[1] + 1

    def content(self, cell):
        """The addresses of what lies in a cell."""
        behind = self.member(cell, "behind")
        first = self.member(cell, "object")
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


class Records:
    """The records of all threads (rc/tally.h): values, the shared one last; none where nothing is
    known. said: why the list of them is not whole, or ""."""

    def __init__(self):
        self.values, self.said = [], ""
        first = static_of("rc__tally_each", "all")
        if first is None:
            return
        layout = Known("struct rc__tally")
        found = memory.List(int(first), lambda address: layout.member(address, "next"), RECORDS_MAX)
        self.values = [gdb.Value(address).cast(first.type).dereference()
                       for address in found.addresses] + [gdb.parse_and_eval("rc__tally_shared")]
        self.said = found.said


def _cells():
    """The addresses of all threads' cells; where only the program is known, of this thread's."""
    all_cells = [int(record["cells"].address) for record in Records().values]
    return all_cells or [int(gdb.parse_and_eval("rc_object_cells"))]


def holds(address):
    """True if the object there is dead, and lies in a cell."""
    try:
        layout = _Layout()
        return any(address in layout.content(cells + place * layout.size)
                   for cells in _cells() for place in range(CELLS))
    except (gdb.error, memory.Unreadable):
        return False
