# SPDX-License-Identifier: MIT
"""Views on both sides: the library's over a buffer, NumPy's over a bytearray of the same bytes, and
a memoryview of the latter where one is asked.

NumPy's arrays are of void: bytes that it moves and never reads. What elements mean is the matter of
elements.py.
"""

import numpy

import ours

REFUSALS = (
    ValueError,
    IndexError,
    TypeError,
    OverflowError,
    AttributeError,
    MemoryError,
    NotImplementedError,
)


def address_of(array):
    return array.__array_interface__["data"][0]


class Memory:
    """The same bytes twice."""

    def __init__(self, buffer, bytes_):
        self.mine, self.bytes = buffer, bytearray(bytes_)
        self.address = address_of(numpy.frombuffer(self.bytes, "B"))

    def check(self, judge, **facts):
        judge.same("view: memory", self.mine.bytes(), bytes(self.bytes), **facts)

    def follow(self):
        """The library's becomes as NumPy's, where both may differ."""
        self.mine.set(bytes(self.bytes))


def memory_of(bytes_):
    return Memory(ours.Buffer(bytes_), bytes_)


class Pair:
    """One view."""

    def __init__(self, mine, raw, element, memory):
        self.mine, self.raw, self.element, self.memory = mine, raw, element, memory

    def place(self):
        return address_of(self.raw) - self.memory.address if self.raw.size else 0

    def array(self, dtype):
        """NumPy's with a meaning; the item has as many bytes."""
        return numpy.ndarray(
            self.raw.shape, dtype, self.memory.bytes, self.place(), self.raw.strides
        )

    def memoryview(self):
        raw = self.raw
        exporter = ours.Exporter(
            self.memory.bytes,
            self.element.text,
            raw.itemsize,
            self.place(),
            raw.shape,
            raw.strides,
            None,
        )
        view = memoryview(exporter)
        return view if raw.flags.writeable else view.toreadonly()

    def item(self, index):
        """The bytes of an element."""
        return self.raw[index + (Ellipsis,)].tobytes()

    def items(self):
        """The bytes of all, in order C."""
        bytes_, size = self.raw.tobytes(), self.raw.itemsize
        return [bytes_[at : at + size] for at in range(0, len(bytes_), size)]

    def offsets(self):
        """Where each element begins."""
        places = numpy.full(self.raw.shape, self.place(), numpy.int64)
        for axis, (length, stride) in enumerate(zip(self.raw.shape, self.raw.strides)):
            steps = numpy.arange(length, dtype=numpy.int64) * stride
            places += steps.reshape([-1 if i == axis else 1 for i in range(self.raw.ndim)])
        return places.ravel()

    def can_be_walked(self):
        """memoryview walks through all dimensions before a 0, however long they are."""
        steps = 1
        for length in self.raw.shape:
            steps *= length
            if steps > 4096:
                return False
        return True

    def shares_bytes_with_itself(self):
        places = numpy.sort(self.offsets())
        return bool((numpy.diff(places) < self.raw.itemsize).any())

    def told(self):
        return (
            f"{self.element.text} {self.raw.shape} {self.raw.strides} at {self.place()} "
            f"of {len(self.memory.bytes)}"
        )


def check(judge, pair):
    """All that can be asked of a view without reading an element."""
    shape, strides, itemsize, ndim, size, nbytes, offset = pair.mine.geometry()
    raw, told = pair.raw, pair.told()
    judge.dimensions[ndim] += 1
    judge.same("view: shape", shape, raw.shape, view=told)
    judge.same(
        "view: sizes",
        (itemsize, ndim, size, nbytes),
        (raw.itemsize, raw.ndim, raw.size, raw.nbytes),
        view=told,
    )
    judge.same("view: strides", strides, raw.strides, view=told, shape=shape)
    if size:
        judge.same("view: place", offset, pair.place(), view=told)
    check_flags(judge, pair, told)


def check_flags(judge, pair, told):
    read_only, in_c, in_f, in_any = pair.mine.flags()
    flags, view = pair.raw.flags, pair.memoryview()
    judge.same("view: read-only", read_only, not flags.writeable, view=told)
    judge.same(
        "view: contiguous",
        (in_c, in_f, in_any),
        (flags.c_contiguous, flags.f_contiguous, flags.c_contiguous or flags.f_contiguous),
        view=told,
    )
    judge.same(
        "view: contiguous to memoryview",
        (in_c, in_f, in_any),
        (view.c_contiguous, view.f_contiguous, view.contiguous),
        view=told,
        shape=pair.raw.shape,
    )
