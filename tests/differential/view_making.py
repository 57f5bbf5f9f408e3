# SPDX-License-Identifier: MIT
"""Views of a memory, many of them beside it: the library has to refuse what NumPy refuses."""

import numpy

import elements
import ours
import values
from judge import attempt, refusal_among
from view_side import REFUSALS, Memory, Pair, check, memory_of

HUGE = [1 << 31, 1 << 32, 1 << 40, 1 << 61, 1 << 62, (1 << 63) - 1]


class Layout:
    """Where elements are to lie."""

    def __init__(self, random, itemsize):
        self.itemsize, self.offset = itemsize, 0
        self.shape = shape(random)
        self.strides = self.choose_strides(random)

    def choose_strides(self, random):
        axes, strides = list(range(len(self.shape))), [0] * len(self.shape)
        if random.random() < 0.5:
            random.shuffle(axes)
        step = self.itemsize + random.choice([0, 0, 0, 1, 3, 8])
        for axis in reversed(axes):
            strides[axis] = step
            step *= max(self.shape[axis], 1)
            if random.random() < 0.1:
                step *= 2
            if random.random() < 0.2:
                strides[axis] = -strides[axis]
            if random.random() < 0.07:
                strides[axis] = random.choice([0, 0, 1, -1, random.randrange(-20, 20)])
        return strides

    def reach(self):
        """(bytes before the first element, bytes from it to behind the last); exactly."""
        if 0 in self.shape:
            return 0, 0
        ends = [(length - 1) * stride for length, stride in zip(self.shape, self.strides)]
        return -sum(end for end in ends if end < 0), self.itemsize + sum(
            end for end in ends if end > 0
        )

    def is_inside(self, size):
        before, after = self.reach()
        return (
            all(length >= 0 for length in self.shape)
            and 0 <= self.offset <= size
            and self.offset - before >= 0
            and self.offset + after <= size
        )

    def spoil(self, random):
        """One number that is a little off, or far."""
        way = random.randrange(5)
        axis = random.randrange(len(self.shape)) if self.shape else 0
        if way == 0:
            self.offset += random.choice([-1, 1, 1, self.itemsize, 40])
        elif not self.shape:
            self.offset = max(self.offset - 1, 0)
        elif way == 1:
            self.shape[axis] += 1
        elif way == 2:
            self.strides[axis] += random.choice([-1, 1])
        elif way == 3:
            self.shape[axis] = random.choice(HUGE + [-1, -(1 << 63)])
        else:
            self.strides[axis] = random.choice(HUGE + [-(1 << 62), -(1 << 63), 1 << 60])


def shape(random):
    chance = random.random()
    if chance < 0.02:
        return [random.choice([1, 1, 1, 1, 1, 2]) for _ in range(random.randrange(6, 33))][:32]
    ndim = random.choice([0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5])
    lengths = [random.choice([1, 2, 2, 3, 3, 4, 5]) for _ in range(ndim)]
    if ndim == 1 and random.random() < 0.5:
        lengths = [random.randrange(0, 40)]
    elif ndim == 2 and random.random() < 0.15:
        lengths = [random.randrange(1, 14), random.randrange(1, 14)]
    return [0 if random.random() < 0.02 else length for length in lengths]


def content(random, element, size):
    """Bytes that mean something to the element in most places."""
    one = [values.item(random, element.itemsize, element.reading.leaves) for _ in range(3)]
    bytes_ = b"".join(random.choice(one) for _ in range(size // element.itemsize + 1))
    shift = random.choice([0, 0, 0, 1, 4])
    return (bytes(shift) + bytes_)[:size].ljust(size, b"\1")


# ---- the first view, with its memory -----------------------------------------------------------


def first(judge, random):
    """A view in a memory that has little room beside it."""
    element = elements.any_element(random)
    layout = Layout(random, element.itemsize)
    before, after = layout.reach()
    slack = random.choice([0, 0, 0, 1, 8, 40])
    layout.offset = before + random.randrange(slack + 1)
    memory = memory_of(content(random, element, before + after + slack))
    if random.random() < 0.15:
        layout.spoil(random)
    return memory, create(judge, random, memory, element, layout)


def create(judge, random, memory, element, layout):
    judge.begin("view: create")
    strides = layout.strides if random.random() < 0.85 else None
    read_only = random.random() < 0.05
    accepted, mine = attempt(
        ours.Refused,
        ours.view_with,
        memory.mine,
        element.text.decode(),
        layout.offset,
        layout.shape,
        strides,
        None,
        read_only,
    )
    judge.note(accepted)
    known, raw = array_of(memory, element, layout, strides)
    if strides is None:
        layout.strides = in_c_order(layout.shape, element.itemsize)
    inside = layout.is_inside(len(memory.bytes))
    facts = {
        "format": element.text,
        "shape": layout.shape,
        "strides": strides,
        "offset": layout.offset,
        "size": len(memory.bytes),
        "refusal": refusal_among(mine, raw),
    }
    judge.same("view: outside", accepted and not inside, False, **facts)
    if not judge.same("view: create", accepted, known, inside=inside, **facts) or not accepted:
        return None
    if read_only:
        raw.flags.writeable = False
    pair = Pair(mine, raw, element, memory)
    check(judge, pair)
    return pair


def in_c_order(lengths, step):
    strides = []
    for length in reversed(lengths):
        strides.insert(0, step)
        step *= max(length, 1)
    return strides


def array_of(memory, element, layout, strides):
    return attempt(
        REFUSALS,
        lambda: numpy.ndarray(
            tuple(layout.shape),
            element.void,
            memory.bytes,
            layout.offset,
            strides and tuple(strides),
        ),
    )


def another(judge, random, memory):
    """One more view of the same memory."""
    element = elements.any_element(random)
    layout = Layout(random, element.itemsize)
    before, after = layout.reach()
    room = max(len(memory.bytes) - before - after, 0)
    layout.offset = before + random.randrange(room + 1)
    if random.random() < 0.1:
        layout.spoil(random)
    return create(judge, random, memory, element, layout)


def nothing(judge, random, memory):
    """A view that can be made of any memory: no elements."""
    layout = Layout(random, 1)
    layout.offset, layout.shape, layout.strides = 0, [0], [1]
    return create(judge, random, memory, elements.read(b"B"), layout)


# ---- simpler ways ------------------------------------------------------------------------------


def whole(judge, random, memory):
    """All of the memory as a row."""
    judge.begin("view: of all")
    element = elements.any_element(random)
    accepted, mine = attempt(ours.Refused, ours.view, memory.mine, element.text.decode())
    judge.note(accepted)
    known, raw = attempt(REFUSALS, numpy.frombuffer, memory.bytes, element.void)
    if (
        not judge.same("view: of all", accepted, known, format=element.text, size=len(memory.bytes))
        or not accepted
    ):
        return None
    pair = Pair(mine, raw, element, memory)
    check(judge, pair)
    return pair


def as_many(judge, random, memory):
    """The shape left out: as many elements as fit, which Python's range counts."""
    judge.begin("view: as many as fit")
    element = elements.any_element(random)
    size, itemsize = len(memory.bytes), element.itemsize
    offset = random.randrange(size + 2)
    stride = random.choice([None, itemsize, itemsize + 1, -itemsize, 1, -1, 7, -30])
    accepted, mine = attempt(
        ours.Refused,
        ours.view_with,
        memory.mine,
        element.text.decode(),
        offset,
        None,
        None if stride is None else [stride],
        None,
        False,
    )
    judge.note(accepted)
    facts = {"format": element.text, "offset": offset, "stride": stride, "size": size}
    judge.same("view: as many as fit", accepted, offset <= size, **facts)
    if not accepted:
        return None
    step = stride or itemsize
    fits = offset + itemsize <= size
    places = range(offset, size - itemsize + 1 if step > 0 else -1, step) if fits else range(0)
    raw = numpy.ndarray((len(places),), element.void, memory.bytes, offset, (step,))
    pair = Pair(mine, raw, element, memory)
    check(judge, pair)
    return pair


def zeroed(judge, random):
    judge.begin("view: zeroed")
    element = elements.any_element(random)
    lengths = shape(random)
    if random.random() < 0.05:
        lengths.append(random.choice([-1, 1 << 61, 1 << 62]))
    accepted, mine = attempt(ours.Refused, ours.zeroed, element.text, lengths)
    judge.note(accepted)
    known, raw = attempt(REFUSALS, numpy.zeros, tuple(lengths), element.void)
    if (
        not judge.same("view: zeroed", accepted, known, format=element.text, shape=lengths)
        or not accepted
    ):
        return None
    memory = Memory(mine.base(), bytes(raw.nbytes))
    pair = Pair(mine, numpy.ndarray(tuple(lengths), element.void, memory.bytes), element, memory)
    check(judge, pair)
    memory.check(judge)
    return pair
