# SPDX-License-Identifier: MIT
"""A text read by the library and by a reference: whether it is one, its sizes, and its leaves."""

import re

import numpy_side
import ours
import struct_side
import texts
from judge import attempt
from struct_side import KINDS

POSITION = re.compile(r"position (\d+)")
LARGEST_ITEM = 4096


class Read:
    """A text that the library and a reference have read."""

    def __init__(self, text, format_, reading):
        self.text, self.format, self.reading = text, format_, reading
        self.itemsize = reading.itemsize
        self.is_plain = False  # the reading is that of other words
        self.leaves = our_leaves(format_.fields()) if self.is_small() else None

    def is_small(self):
        return self.itemsize <= LARGEST_ITEM and self.reading.leaves is not None

    def codes(self):
        return [code for _, code, _, _ in self.leaves]


def our_leaves(fields, offset=0):
    """[(offset, code, size, swapped)] of all leaves, in their order."""
    leaves = []
    for _, at, size, shape, code, swapped, record in fields:
        count = 1
        for extent in shape:
            count *= extent
        for i in range(count):
            place = offset + at + i * size
            if record is None:
                leaves.append((place, code, size, swapped))
            elif not (inner := our_leaves(record, place)):
                break
            else:
                leaves += inner
    return leaves


# ---- read --------------------------------------------------------------------------------------


def other_side(judge, text, accepted):
    """The Reading to compare with, or None. What only one of the sides reads is a difference."""
    by_struct = struct_side.read(text)
    if not by_struct and numpy_side.is_large(text):
        if accepted:
            judge.same("format: read", True, False, text=text, changes=["large"])
        return None
    by_numpy = None if numpy_side.is_large(text) else numpy_side.read(text)
    if by_struct and by_numpy:
        judge.same(
            "format: struct's size and NumPy's",
            by_struct.itemsize,
            by_numpy.itemsize,
            text=text,
            alignment=by_numpy.alignment,
        )
        judge.same(
            "format: struct's layout and NumPy's", by_struct.layout, by_numpy.layout, text=text
        )
        judge.same(
            "format: struct's alignment and NumPy's",
            by_struct.alignment,
            by_numpy.alignment,
            text=text,
        )
    return by_struct or by_numpy


def plainly(judge, text):
    """The library reads what neither reference does: NumPy has to read its plain spelling."""
    plain = texts.Plain(text)
    by_numpy = numpy_side.read(plain.text)
    judge.same(
        "format: read",
        True,
        False,
        text=text,
        changes=sorted(plain.changes) or ["names"],
        plain=by_numpy and plain.text,
        refusal=numpy_side.why(plain.text),
    )
    return by_numpy


def tells_position(refusal, size):
    """Where the fault lies, as far as the text goes."""
    told = POSITION.search(refusal.args[1])
    return told is not None and int(told[1]) <= size


def parse(judge, text):
    """A Read, or None."""
    judge.begin("format: parse")
    judge.texts.add(text)
    accepted, answer = attempt(ours.Refused, ours.Format, text)
    judge.note(accepted)
    if not accepted:
        judge.same(
            "format: position told",
            tells_position(answer, len(text)),
            True,
            text=text,
            refusal=answer.args,
        )
    reading, is_plain = other_side(judge, text, accepted), False
    if reading is None and not numpy_side.is_large(text) and accepted:
        reading, is_plain = plainly(judge, text), True
    elif not accepted and reading:
        judge.same(
            "format: read", False, True, text=text, refusal=answer.args, source=reading.source
        )
    if not accepted or reading is None or reading.source == "object":
        return None
    if text != answer.text():
        judge.same("format: text", answer.text(), text)
    read = Read(text, answer, reading)
    read.is_plain = is_plain
    itemsize, alignment, count = answer.sizes()
    judge.same(
        "format: itemsize",
        itemsize,
        reading.itemsize,
        text=text,
        source=reading.source,
        alignment=reading.alignment,
    )
    judge.same("format: alignment", alignment, reading.alignment, text=text)
    read.itemsize = itemsize
    if reading.leaves is not None:
        judge.same("format: number of values", count, len(reading.leaves), text=text)
    return read


def layout(judge, read):
    """Where each leaf lies and what it is."""
    judge.begin("format: layout")
    judge.note(True)
    mine = [(offset, KINDS[code], size, swapped) for offset, code, size, swapped in read.leaves]
    theirs = [
        (offset, "u" if kind == "P" else kind, size, swapped)
        for offset, kind, size, swapped in read.reading.leaves
    ]
    same_kinds = {"P": "u", "p": "S"} if read.reading.source == "numpy" else {"P": "u"}
    mine = [
        (offset, same_kinds.get(kind, kind), size, swapped) for offset, kind, size, swapped in mine
    ]
    judge.same("format: layout", mine, theirs, text=read.text)
