# SPDX-License-Identifier: MIT
"""What is written through views. Each operation takes (judge, random, pair, pool)."""

import numpy

import elements
import ours
import values
from judge import attempt, refusal_among
from view_reading import any_index, copy_of
from view_side import REFUSALS, Pair


def written(judge, pair, accepted, theirs, **facts):
    """Both have written, or neither; then all bytes are the same. Where elements of the destination
    share bytes, which write was last is not said: then all other bytes are."""
    if accepted:
        before = bytes(pair.memory.bytes)
        theirs()
        if pair.raw.size and pair.shares_bytes_with_itself():
            spread_out(judge, pair, before, **facts)
    pair.memory.check(judge, view=pair.told(), **facts)


def spread_out(judge, pair, before, **facts):
    mine, itemsize = pair.memory.mine.bytes(), pair.raw.itemsize
    touched = bytearray(len(before))
    for place in pair.offsets():
        touched[place : place + itemsize] = b"\1" * itemsize
    judge.same(
        "view: bytes beside",
        [i for i, byte in enumerate(mine) if byte != before[i] and not touched[i]],
        [],
        view=pair.told(),
        **facts
    )
    pair.memory.follow()


def copy(judge, random, pair, pool):
    source = random.choice(
        [
            lambda: random.choice(pool),
            lambda: random.choice(pool),
            lambda: shaped_alike(random, pair, pool),
            lambda: copy_of(pair),
            lambda: respelled(random, copy_of(pair)),
            lambda: pair,
        ]
    )()
    judge.begin("view: copy")
    accepted, mine = attempt(ours.Refused, ours.copy, pair.mine, source.mine)
    judge.note(accepted)
    alike = (
        pair.raw.shape == source.raw.shape and pair.element.meaning() == source.element.meaning()
    )
    facts = {"source": source.told(), "refusal": refusal_among(mine)}
    judge.same(
        "view: copy", accepted, alike and pair.raw.flags.writeable, view=pair.told(), **facts
    )
    if pair.raw.ndim == 1 and not pair.raw.size:
        judge.same(
            "view: copy to memoryview",
            accepted,
            memoryview_takes(pair, source),
            view=pair.told(),
            alike=alike,
            **facts
        )
    elif pair.raw.ndim == 1:
        before = bytes(pair.memory.bytes)
        judge.same(
            "view: copy to memoryview",
            accepted,
            memoryview_takes(pair, source),
            view=pair.told(),
            alike=alike,
            **facts
        )
        by_memoryview = bytes(pair.memory.bytes)
        pair.memory.bytes[:] = before
        if accepted and by_memoryview != before and not pair.shares_bytes_with_itself():
            judge.same(
                "view: memory of memoryview",
                pair.memory.mine.bytes(),
                by_memoryview,
                view=pair.told(),
                **facts
            )

    def theirs():
        pair.raw[...] = source.raw

    written(judge, pair, accepted, theirs, **facts)


def memoryview_takes(pair, source):
    """Whether m[:] = n is taken, which is done."""

    def assign():
        pair.memoryview()[:] = source.memoryview()

    return attempt(REFUSALS, assign)[0]


def shaped_alike(random, pair, pool):
    """One of the same shape, if there is; overlapping mostly."""
    alike = [
        other
        for other in pool
        if other.raw.shape == pair.raw.shape and other.raw.itemsize == pair.raw.itemsize
    ]
    return random.choice(alike or pool)


def respelled(random, pair):
    """The same bytes under a format that says the same in other words, or nearly."""
    text = random.choice(
        [
            b"@" + pair.element.text,
            b"T{" + pair.element.text + b"}",
            pair.element.text.replace(b"l", b"q"),
            b"<" + pair.element.text,
            pair.element.text.replace(b"c", b"s"),
        ]
    )
    element = elements.read(text)
    if element is None or element.itemsize != pair.element.itemsize:
        return pair
    mine = ours.view_with(pair.memory.mine, text.decode(), 0, pair.raw.shape, None, None, False)
    return Pair(mine, pair.raw, element, pair.memory)


def fill(judge, random, pair, pool):
    judge.begin("view: fill")
    item = values.item(random, pair.element.itemsize, pair.element.reading.leaves)
    own = pair.raw.size and random.random() < 0.4
    if own:
        index = any_index(random, pair, 0)
        item = pair.item(index)
        accepted, _ = attempt(ours.Refused, ours.fill_from, pair.mine, index)
    else:
        accepted, _ = attempt(ours.Refused, ours.fill, pair.mine, item)
    judge.note(accepted)
    judge.same("view: fill", accepted, bool(pair.raw.flags.writeable), view=pair.told())

    def theirs():
        pair.raw[...] = numpy.frombuffer(item, pair.raw.dtype)[0]

    written(judge, pair, accepted, theirs, item=item)


def from_bytes(judge, random, pair, pool):
    judge.begin("view: from_bytes")
    order = random.choice("CFA")
    bytes_ = random.randbytes(
        max(pair.raw.nbytes + (random.random() < 0.05) - (random.random() < 0.05), 0)
    )
    accepted, _ = attempt(ours.Refused, ours.from_bytes, pair.mine, bytes_, order)
    judge.note(accepted)
    judge.same(
        "view: from_bytes",
        accepted,
        len(bytes_) == pair.raw.nbytes and bool(pair.raw.flags.writeable),
        view=pair.told(),
        order=order,
    )
    flags = pair.raw.flags
    real = order if order != "A" else "F" if flags.f_contiguous and not flags.c_contiguous else "C"

    def theirs():
        pair.raw[...] = numpy.frombuffer(bytes_, pair.raw.dtype).reshape(pair.raw.shape, order=real)

    written(judge, pair, accepted, theirs, order=order)
