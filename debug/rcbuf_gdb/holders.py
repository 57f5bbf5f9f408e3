# SPDX-License-Identifier: MIT
"""Who holds an object: from the ledger's records."""
import gdb

from . import ledger
from .describe import describe, headline
from .objects import NoObject, Object, plural


def report(address):
    """The lines of `rc holders`."""
    try:
        found = Object(address)
    except NoObject:
        return [headline(address)]
    lines = [headline(address)]
    if not ledger.is_on():
        return lines + [f"  holders are {ledger.why_not()}"]
    entry = ledger.find(address)
    if entry is None:
        return lines + ["  the ledger has not seen this object"]
    references = ledger.references_of(entry)
    for reference in references:
        lines += _lines_of(reference)
    return lines + _rest(found, references)


def _lines_of(reference):
    said = f"  {reference.kind}"
    if reference.site:
        said += f" at {reference.site}"
    if reference.tag:
        said += f", tagged \"{reference.tag}\""
    if reference.holder:
        said += f" by {_holder(reference.holder)}"
    return [said] + [f"      {_place(address)}" for address in reference.stack]


def _holder(address):
    try:
        Object(address)
    except NoObject:
        return f"0x{address:x}"
    return f"0x{address:x} {describe(address, 2).headline}"


def _place(address):
    """A return address, as the line of the call."""
    line = gdb.find_pc_line(address - 1)
    block = gdb.block_for_pc(address - 1)
    while block is not None and block.function is None:
        block = block.superblock
    where = block.function.print_name if block is not None else f"0x{address:x}"
    return f"{where} at {line.symtab.filename}:{line.line}" if line.symtab else where


def _rest(found, references):
    """What the count says and no record does; all exports together hold one reference."""
    exports = sum(1 for each in references if each.kind == "exported")
    seen = len(references) - exports + bool(exports)
    if found.references is None or found.references == seen:
        return []
    if found.references > seen:
        return [f"  and {plural(found.references - seen, 'reference')} that the ledger has not seen"]
    return [f"  {plural(seen - found.references, 'record')} more than there are references"]
