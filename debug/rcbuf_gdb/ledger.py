# SPDX-License-Identifier: MIT
"""
The tables of rc/ledger_table.h, read by the library's debug information. They may be spoiled as any
memory: nothing is followed further than the tables say there is, and what is wrong is said.
"""
import gdb

from . import memory
from .layout import Known
from .memory import List, Unreadable
from .objects import plural

KINDS = {"RC__LEDGER_MADE": "made", "RC__LEDGER_RETAINED": "retained", "RC__LEDGER_KEPT": "kept",
         "RC__LEDGER_EXPORT": "exported"}

NEEDED = ("recorded where library and program are compiled with -DRCBUF_LEDGER and the program "
          "runs with RCBUF_TRACE=record")

BUCKETS_MAX = 1 << 28  # more is no table, but a number that is none
FAULTS_MAX = 3  # that are told one by one


def _table():
    """The struct rc__ledger; None: there is none, or it is empty because it is off."""
    try:
        table = gdb.parse_and_eval("rc__ledger")
        return table if int(table["bucket_count"]) else None
    except gdb.error:
        return None


def why_not():
    """What is missing where there are no records."""
    try:
        table = gdb.parse_and_eval("rc__ledger")
        if bool(table["out_of_room"]):
            return "not known: the ledger ran out of memory, and was given up"
    except gdb.error:
        pass
    return NEEDED


def is_on():
    """Whether there is anything to be read."""
    return _table() is not None


class Entry:
    """An object that the ledger knows."""

    def __init__(self, reader, address):
        content = memory.read(address, reader.entry.size)
        self.object, self.order, self.held, self.next = (
            reader.entry.member(address, name, content)
            for name in ("object", "order", "held", "next"))


class Ledger:
    """
    What the tables hold: entries, one for each object that is alive, the first made first; and
    faults, in words, where they are not whole.
    """

    def __init__(self):
        table = _table()
        self.entry, self.reference = (Known(f"struct rc__ledger_{name}")
                                      for name in ("entry", "reference"))
        known = {field.name for field in table.type.fields()}
        # As many references as are held; at least no more than were ever.
        self.held = int(table["reference_count" if "reference_count" in known else "order"])
        self.count = int(table["entry_count"])
        self.entries, self.faults, self.more = [], [], 0
        self.seen, self.seen_held = set(), set()
        self._read(int(table["buckets"]), int(table["bucket_count"]))
        self.entries.sort(key=lambda entry: entry.order)

    def _read(self, buckets, bucket_count):
        if bucket_count > BUCKETS_MAX or bucket_count & (bucket_count - 1):
            self._say(f"{bucket_count} is no number of buckets")
            return
        try:
            for first in memory.pointers(buckets, bucket_count):
                if not self._read_bucket(first):
                    return
        except Unreadable as error:
            self._say(f"not all buckets are there: {error}")
        if len(self.entries) != self.count and not self.faults:
            self._say(f"there should be {plural(self.count, 'object')}")

    def _read_bucket(self, first):
        """False: there is more than there should be."""
        left = self.count - len(self.entries)
        found = List(first, self._next_entry, left, self.seen)
        self._say(found.said)
        return len(found.addresses) < left or not found.said

    def _next_entry(self, address):
        self.entries.append(Entry(self, address))
        return self.entries[-1].next

    def _say(self, said):
        if not said or said in self.faults:
            return
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(said)
        else:
            self.more += 1

    def references(self, entry):
        """The addresses of the records of what holds an object, the first that was taken first. To
        be asked once of each entry."""
        found = List(entry.held, lambda address: self.reference.member(address, "next"), self.held,
                     self.seen_held)
        self._say(found.said)
        return found.addresses[::-1]

    def find(self, address):
        """The entry of one object, or None."""
        return next((entry for entry in self.entries if entry.object == address), None)

    def fault_lines(self):
        """What is to be said of the tables."""
        said = [f"the ledger's tables are not whole: {each}" for each in self.faults]
        return said + ([f"and {self.more} times more"] if self.more else [])


class Reference:
    """One that is held."""

    def __init__(self, address):
        kind = gdb.lookup_type("struct rc__ledger_reference").pointer()
        record = gdb.Value(address).cast(kind).dereference()
        self.kind = KINDS.get(str(record["kind"]), "held")
        self.holder = int(record["holder"])
        self.tag = _string(int(record["tag"]))
        self.stack = _told(lambda: _stack(record["stack"]), [])
        self.site = _told(lambda: _site(record["site"]), "what cannot be read") \
            if int(record["site"]) else ""


def _told(read, otherwise):
    """What the function reads, where that can be read."""
    try:
        return read()
    except (gdb.error, Unreadable):
        return otherwise


def _site(pointer):
    site = pointer.dereference()
    place = f"{_string(int(site['file']))}:{int(site['line'])}"
    return f"{place} in {_string(int(site['function']))}"


def _string(address):
    return _told(lambda: memory.text(address), f"0x{address:x}") if address else ""


def _stack(pointer):
    if not int(pointer):
        return []
    frames = pointer["frames"]
    depth = min(int(pointer["depth"]), frames.type.range()[1] + 1)
    return [int(frames[place]) for place in range(depth)]
