# SPDX-License-Identifier: MIT
"""What is alive: by type from the threads' records (rc/tally.h), single objects from the ledger."""
import gdb

from . import cells, ledger, memory
from .describe import headline
from .objects import NoObject, Type, Types, plural

NOTHING_KNOWN = ("rc live: the library's debug information is needed for what it counts "
                 "(compile rcbuf with -g)")


class Account:
    """The sums over all records, as rc_account_read() makes them."""

    def __init__(self, records):
        self.made, self.alive = {}, {}
        self.blocks = self.bytes = self.immortal = self.kept = 0
        self.types = [int(each) for each in _elements(gdb.parse_and_eval("rc__tally_types"))]
        for record in records:
            self._add(record)

    def _add(self, record):
        for place, count in enumerate(_elements(record["types"])):
            self._count(place, int(count["made"]), int(count["made"]) - int(count["freed"]))
        self.blocks += int(record["blocks_made"]) - int(record["blocks_freed"])
        self.bytes += int(record["bytes"])
        self.immortal += int(record["immortal_objects"])
        for cell in _elements(record["cells"]):
            self._add_cell(cell)

    def _count(self, place, made, alive):
        self.made[place] = self.made.get(place, 0) + made
        self.alive[place] = self.alive.get(place, 0) + alive

    def _add_cell(self, cell):
        address = int(cell["type"])
        if not address:
            return
        place = self.types.index(address) if address in self.types else len(self.types)
        content = int(bool(int(cell["object"]))) + int(cell["behind"])
        self._count(place, int(cell["recycled"]), -content)
        self.bytes -= content * int(cell["bytes"])
        self.kept += content

    def rows(self):
        """(alive, made, name) of each type that has live objects, most first."""
        mask = 2 ** (8 * memory.word_size()) - 1
        found = []
        for place, alive in self.alive.items():
            alive &= mask
            if 0 < alive <= mask >> 1:
                found.append((alive, self.made[place] & mask, self._name(place)))
        return sorted(found, key=lambda row: (-row[0], row[2]))

    def _name(self, place):
        if place >= len(self.types):
            return "(others)"
        try:
            return Type(self.types[place]).name
        except NoObject:
            return f"(a type at 0x{self.types[place]:x} that is gone)"


def _elements(array):
    first, last = array.type.range()
    return [array[place] for place in range(first, last + 1)]


def _signed(number):
    size = 8 * memory.word_size()
    number &= 2 ** size - 1
    return number - (1 << size) if number >> (size - 1) else number


def _account_table(wanted):
    """Lines of what the account says; of one type, if a name is given."""
    records = cells.Records()
    if not records.values:
        return [NOTHING_KNOWN]
    account = Account(records.values)
    rows = account.rows()
    lines = [f"{'alive':>8}  {'made':>8}  type"] if rows else []
    lines += [f"{alive:8}  {made:8}  {name}" for alive, made, name in rows if wanted in ("", name)]
    lines += [f"the threads' records are not whole: {records.said}"] if records.said else []
    return lines + (_sums(account, rows) if not wanted else [])


def _sums(account, rows):
    objects = sum(alive for alive, _, _ in rows)
    said = (f"{plural(objects, 'object')}, {plural(_signed(account.blocks), 'block')}, "
            f"{plural(_signed(account.bytes), 'byte')} alive")
    if account.immortal:
        said += f"; {account.immortal} immortal"
    if account.kept:
        said += f"; {account.kept} dead kept for the next"
    return [said]


# ---- from the ledger -----------------------------------------------------------------------------


def _name_of(entry, types):
    try:
        return types.of(entry.object).name
    except NoObject:
        return "(no object any more)"


def _ledger_table():
    """The same as above, of objects that the ledger has seen."""
    rows, types, seen = {}, Types(), ledger.Ledger()
    for entry in seen.entries:
        name = _name_of(entry, types)
        alive, held = rows.get(name, (0, 0))
        rows[name] = alive + 1, held + len(seen.references(entry))
    lines = [f"{'alive':>8}  {'holders':>8}  type"] if rows else []
    lines += [f"{alive:8}  {held:8}  {name}"
              for name, (alive, held) in sorted(rows.items(), key=lambda row: (-row[1][0], row[0]))]
    return lines + [f"{plural(len(seen.entries), 'object')} in the ledger"] + seen.fault_lines()


def _objects(name):
    """The live objects of a type, the oldest first."""
    types, seen = Types(), ledger.Ledger()
    found = [entry.object for entry in seen.entries if _name_of(entry, types) == name]
    lines = [headline(address) for address in found] or [f"no {name} is alive"]
    return lines + seen.fault_lines()


def report(name):
    """The lines of `rc live`, or of `rc live TYPE`."""
    if gdb.selected_thread() is None:
        raise gdb.GdbError("rc live: there is no process, and no core dump")
    if not ledger.is_on():
        return _account_table(name) + ([f"single objects are {ledger.why_not()}"] if name else [])
    return _objects(name) if name else _ledger_table()
