# SPDX-License-Identifier: MIT
"""
Dead objects that a thread keeps for its next request (rc/cell_inline.h). Those that died while the
process had one thread look alive, so who wants to know whether an object lives has to look here.
"""
import gdb

CELLS = 6


def _from(cell):
    """What lies in one cell."""
    found = []
    if int(cell["object"]):
        found.append(int(cell["object"]))
    for place in range(min(int(cell["behind"]), cell["others"].type.range()[1] + 1)):
        found.append(int(cell["others"][place]))
    return found


def _of_this_thread():
    cells = gdb.parse_and_eval("rc_object_cells")
    return [cells[place] for place in range(CELLS)]


def static_of(function, name):
    """A static variable of the unit that has the function; None: no debug information."""
    symbol = gdb.lookup_global_symbol(function)
    if symbol is None:
        return None
    found = gdb.lookup_symbol(name, symbol.symtab.static_block())[0]
    return found.value() if found is not None and found.type.code != gdb.TYPE_CODE_FUNC else None


def records():
    """The records of all threads (rc/tally.h), the shared one last; none where nothing is known."""
    first, shared = static_of("rc__tally_each", "all"), static_of("rc__tally_each", "shared")
    if first is None or shared is None:
        return []
    found = []
    while int(first):
        found.append(first.dereference())
        first = first["next"]
    return found + [shared]


def kept():
    """The addresses of all dead objects that lie in cells, of all threads where that is known."""
    try:
        cells = [record["cells"][place] for record in records() for place in range(CELLS)]
        return {address for cell in cells or _of_this_thread() for address in _from(cell)}
    except gdb.error:
        return set()


def holds(address):
    """True if the object there lies in a cell."""
    return address in kept()
