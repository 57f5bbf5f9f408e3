# SPDX-License-Identifier: MIT
"""Who holds an object: from the ledger's records."""
import re

import gdb

from . import ledger
from .describe import describe, headline
from .objects import NoObject, Object, plural

BEFORE_MAIN = re.compile(r"(__libc_start|_start|start_thread|__?clone)")
IN_LIBRARY = re.compile(r" at (.*/)?(rc|buffer)/[a-z_]+\.[ch]:[0-9]+$")


def report(address):
    """The lines of `rc holders`."""
    try:
        found = Object(address)
    except NoObject:
        return [headline(address)]
    lines = [headline(address)]
    if not ledger.is_on():
        return lines + [f"  holders are {ledger.why_not()}"]
    seen = ledger.Ledger()
    entry = seen.find(address)
    if entry is None:
        return lines + ["  the ledger has not seen this object"] + seen.fault_lines()
    references = [ledger.Reference(record) for record in seen.references(entry)]
    for reference in references:
        lines += _lines_of(reference)
    return lines + _rest(found, references) + seen.fault_lines()


def _lines_of(reference):
    said = f"  {reference.kind}"
    if reference.site:
        said += f" at {reference.site}"
    if reference.tag:
        said += f", tagged \"{reference.tag}\""
    if reference.holder:
        said += f" by {_holder(reference.holder)}"
    elif reference.kind == "kept":
        said += " by the library"
    return [said] + [f"      {place}" for place in _stack_of(reference)]


def _holder(address):
    try:
        Object(address)
    except NoObject:
        return f"0x{address:x}"
    return f"0x{address:x} {describe(address, 2).headline}"


def _stack_of(reference):
    """The calls that led to it, from the program's innermost one to main()."""
    places = [_place(address) for address in reference.stack]
    while len(places) > 1 and IN_LIBRARY.search(places[0]):
        places.pop(0)
    outside = [number for number, place in enumerate(places) if BEFORE_MAIN.match(place)]
    return places[:outside[0]] if outside else places


def _place(address):
    """A return address, as the line of the call."""
    try:
        line = gdb.find_pc_line(address - 1)
        block = gdb.block_for_pc(address - 1)
    except (RuntimeError, OverflowError):
        return f"0x{address:x}"
    while block is not None and block.function is None:
        block = block.superblock
    where = block.function.print_name if block is not None else f"0x{address:x}"
    return f"{where} at {line.symtab.filename}:{line.line}" if line.symtab else where


def _rest(found, references):
    """What the count says and no record does. All exports together hold one reference, which has a
    record of its own."""
    seen = sum(1 for each in references if each.kind != "exported")
    if found.references is None or found.references == seen:
        return []
    if found.references > seen:
        unseen = plural(found.references - seen, "reference")
        return [f"  and {unseen} that the ledger has not seen"]
    return [f"  {plural(seen - found.references, 'record')} more than there are references"]
