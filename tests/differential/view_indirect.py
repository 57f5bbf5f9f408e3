# SPDX-License-Identifier: MIT
"""Suboffsets: a buffer of addresses, each of a row elsewhere; memoryview knows them, NumPy not."""

import ctypes
import struct

import elements
import ours
from judge import attempt
from view_making import content


class Rows:
    """The rows, and on each side the addresses: of the same bytes, since they are only read."""

    def __init__(self, random):
        self.element = elements.any_element(random)
        self.count, self.length = random.randrange(0, 5), random.randrange(0, 5)
        itemsize = self.element.itemsize
        self.stride = itemsize * random.choice([1, 1, 2, -1])
        self.row_bytes = max(abs(self.stride) * self.length, itemsize) + 8
        self.bytes = ctypes.create_string_buffer(
            content(random, self.element, self.row_bytes * max(self.count, 1)),
            self.row_bytes * max(self.count, 1),
        )
        self.suboffset = random.randrange(0, 5)
        if self.stride < 0:
            self.suboffset += abs(self.stride) * max(self.length - 1, 0)
        start = ctypes.addressof(self.bytes)
        self.addresses = b"".join(
            struct.pack("P", start + i * self.row_bytes) for i in range(self.count)
        )

    def layout(self):
        """(shape, strides, suboffsets)"""
        return (self.count, self.length), (8, self.stride), (self.suboffset, -1)

    def mine(self):
        shape, strides, suboffsets = self.layout()
        return ours.view_with(
            ours.Buffer(self.addresses),
            self.element.text.decode(),
            0,
            shape,
            strides,
            suboffsets,
            True,
        )

    def theirs(self):
        return memoryview(
            ours.Exporter(
                self.addresses, self.element.text, self.element.itemsize, 0, *self.layout()
            )
        )


def compare(judge, mine, theirs, told):
    """All that both can say."""
    judge.same("indirect: shape", mine.geometry()[0], theirs.shape, rows=told)
    judge.same(
        "indirect: contiguous",
        mine.flags()[1:],
        (theirs.c_contiguous, theirs.f_contiguous, theirs.contiguous),
        rows=told,
    )
    for order in "CFA":
        judge.same(
            "indirect: to_bytes",
            ours.to_bytes(mine, order),
            theirs.tobytes(order),
            rows=told,
            order=order,
        )


def read(judge, random, rows, mine, told):
    judge.begin("indirect: read")
    judge.note(True)
    theirs = rows.theirs()
    compare(judge, mine, theirs, told)
    copy = ours.copy_new(mine, "C")
    by_value = mine.equal(copy)
    other = ours.view_with(
        copy.base(), rows.element.text.decode(), 0, theirs.shape, None, None, False
    )
    judge.same("indirect: equal", by_value, copy.equal(other), rows=told)


def slice_(judge, random, rows, mine, told):
    judge.begin("indirect: slice")
    what = slice(
        *[random.choice([None, random.randrange(-5, 6)]) for _ in range(2)],
        random.choice([1, 2, -1, -2]),
    )
    judge.note(True)
    compare(
        judge,
        ours.slice(mine, 0, what.start, what.stop, what.step),
        rows.theirs()[what],
        f"{told} {what}",
    )


def at(judge, random, rows, mine, told):
    judge.begin("indirect: element")
    index = (random.randrange(rows.count + 1), random.randrange(rows.length + 1))
    accepted, values = attempt(ours.Refused, mine.item, index)
    judge.note(accepted)
    inside = index[0] < rows.count and index[1] < rows.length
    if (
        judge.same("indirect: element there", accepted, inside, rows=told, index=index)
        and accepted
        and rows.element.is_native
    ):
        judge.same(
            "indirect: element", repr(values[0]), repr(rows.theirs()[index]), rows=told, index=index
        )


def index(judge, random, rows, mine, told):
    judge.begin("indirect: index")
    judge.note(True)
    if rows.count == 0:
        return
    row = random.randrange(-rows.count, rows.count)
    theirs = rows.theirs()[row:][:1]
    judge.same(
        "indirect: row",
        ours.to_bytes(ours.index(mine, 0, row), "C"),
        theirs.tobytes(),
        rows=told,
        index=row,
    )


def play(judge, random):
    rows = Rows(random)
    mine = rows.mine()
    told = f"{rows.element.text} {rows.layout()}"
    for _ in range(4):
        random.choice([read, slice_, at, index])(judge, random, rows, mine, told)
