# SPDX-License-Identifier: MIT
"""The tables of rc/ledger_table.h, read by the library's debug information."""
import gdb

from . import memory

KINDS = {"RC__LEDGER_MADE": "made", "RC__LEDGER_RETAINED": "retained", "RC__LEDGER_KEPT": "kept",
         "RC__LEDGER_EXPORT": "exported"}

NEEDED = ("recorded where library and program are compiled with -DRCBUF_LEDGER and the program "
          "runs with RCBUF_TRACE=record")


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


def entries():
    """A struct rc__ledger_entry for each object that is alive, the first made first."""
    table = _table()
    if table is None:
        return []
    buckets = memory.words(int(table["buckets"]), int(table["bucket_count"]))
    kind = gdb.lookup_type("struct rc__ledger_entry").pointer()
    found = []
    for address in filter(None, buckets):
        while address:
            entry = gdb.Value(address).cast(kind).dereference()
            found.append(entry)
            address = int(entry["next"])
    return sorted(found, key=lambda entry: int(entry["order"]))


def find(address):
    """The entry of one object, or None."""
    return next((entry for entry in entries() if int(entry["object"]) == address), None)


class Reference:
    """One that is held."""

    def __init__(self, record):
        self.kind = KINDS.get(str(record["kind"]), "held")
        self.holder = int(record["holder"])
        self.tag = _string(record["tag"])
        self.stack = _stack(record["stack"])
        self.site = ""
        if int(record["site"]):
            site = record["site"].dereference()
            place = f"{_string(site['file'])}:{int(site['line'])}"
            self.site = f"{place} in {_string(site['function'])}"


def references_of(entry):
    """What holds an object, the first that was taken first."""
    found, record = [], entry["held"]
    while int(record):
        found.append(Reference(record.dereference()))
        record = record["next"]
    return found[::-1]


def _string(pointer):
    return memory.text(int(pointer)) if int(pointer) else ""


def _stack(pointer):
    if not int(pointer):
        return []
    depth = int(pointer["depth"])
    return [int(pointer["frames"][place]) for place in range(depth)]
