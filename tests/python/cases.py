# SPDX-License-Identifier: MIT
"""CPython's own test_memoryview and test_buffer, from the installed test package, against rcbuf.

    PYTHONPATH=<the folder of rcbuf.abi3.so> python3 cases.py [SEED]

test_memoryview runs three times: with Buffers as what memoryviews are of, with Views in the place of
memoryviews of CPython's own objects, and with Views of Buffers. In test_buffer the exporter `ndarray`
is replaced by a View that is made with ndarray's arguments; what takes a buffer with certain flags
there is CPython's ndarray, as a consumer. A test that passes without an object of ours is not
counted. Each test that is skipped has its reason here; a reason that no test needs is a failure.
Last line: "N run, N passed, N failed, N skipped".
"""
import array
import random
import struct
import sys
import unittest

import rcbuf
import runner

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 20
random.seed(seed)  # test_buffer draws its formats when it is imported

import _testbuffer
from test import test_buffer, test_memoryview

made = 0  # objects of ours


def count_one():
    global made
    made += 1


# ---- test_memoryview -----------------------------------------------------------------------------


class Writable(rcbuf.Buffer):
    def __new__(cls, source, format="B"):
        count_one()
        return super().__new__(cls, source, format)


class Frozen(rcbuf.Buffer):
    def __new__(cls, source):
        count_one()
        return super().__new__(cls, source, readonly=True)


def integers(self, values):
    return Writable(array.array("i", list(values)), "i")


def integer_bytes(self, values):
    return bytes(integers(self, values))


def wrap(source):
    count_one()
    return rcbuf.wrap(source)


def view_of_all(self, source):
    return wrap(source)


def view_of_slice(self, source):
    return wrap(source)[1:7]


def view_of_slice_of_slice(self, source):
    return wrap(source)[:7][1:]


BYTES = {"ro_type": Frozen, "rw_type": Writable}
ARRAYS = {"ro_type": None, "rw_type": integers, "getitem_type": integer_bytes}
VIEWS = {
    "": view_of_all,
    "Slice": view_of_slice,
    "SliceSlice": view_of_slice_of_slice,
}


def memoryview_classes():
    for kind, types in ("Bytes", BYTES), ("Array", ARRAYS):
        for depth, view in VIEWS.items():
            suffix = f"Memory{depth}Test" if depth else "MemoryviewTest"
            base = getattr(test_memoryview, kind + suffix)
            yield type(f"memoryview of Buffer, {kind}{depth}", (base,), dict(types))
            yield type(f"View of CPython's, {kind}{depth}", (base,), {"_view": view})
            yield type(f"View of Buffer, {kind}{depth}", (base,), {"_view": view, **types})


# ---- test_buffer ---------------------------------------------------------------------------------

C_ORDER, WRITABLE, FORTRAN = 0, _testbuffer.ND_WRITABLE, _testbuffer.ND_FORTRAN
POINTERS = _testbuffer.ND_PIL
FAILING = _testbuffer.ND_GETBUF_FAIL | _testbuffer.ND_GETBUF_UNDEFINED


def pack(items, format, ndim):
    """The bytes of a list of items, as _testbuffer.ndarray has them."""
    if ndim == 0 and not isinstance(items, list):
        items = [items]
    if not isinstance(items, (list, tuple)):
        raise TypeError("the items are no list")
    one = struct.Struct(format)
    return b"".join(one.pack(*i) if isinstance(i, tuple) else one.pack(i) for i in items)


def strides_of(shape, itemsize, flags):
    strides, size = [0] * len(shape), itemsize
    order = range(len(shape)) if flags & FORTRAN else reversed(range(len(shape)))
    for i in order:
        strides[i] = size
        size *= shape[i]
    return strides


def by_pointers(data, shape, strides, offset):
    """The same elements, the first dimension by a table of addresses in front of them: the memory,
    strides, suboffsets and the offset."""
    table = 8 * max(shape[0], 1)
    buffer = rcbuf.Buffer(table + len(data))
    memoryview(buffer)[table:] = data
    lowest = 0
    for length, stride in zip(shape[1:], strides[1:]):
        if length == 0:
            break
        lowest += max(-stride, 0) * (length - 1)
    if 0 not in shape[1:]:
        start = buffer.address + table + offset - lowest
        rows = [start + i * strides[0] for i in range(shape[0])]
        if strides[0] < 0:
            rows.reverse()
        struct.pack_into(f"{len(rows)}P", buffer, 0, *rows)
    first = -8 if strides[0] < 0 else 8
    begin = 8 * (shape[0] - 1) if strides[0] < 0 and shape[0] else 0
    return buffer, [first, *strides[1:]], [lowest] + [-1] * (len(shape) - 1), begin


class EitherNdarray(type):
    def __instancecheck__(cls, instance):
        return type.__instancecheck__(cls, instance) or isinstance(
            instance, (_testbuffer.ndarray, rcbuf.View)
        )


class Ndarray(rcbuf.View, metaclass=EitherNdarray):
    """_testbuffer.ndarray's arguments; rcbuf's memory."""

    obj = None

    def __new__(cls, items, shape=None, strides=None, offset=0, format="B", flags=0, getbuf=None):
        if flags & FAILING:
            return _testbuffer.ndarray(items, shape, format=format, flags=flags)
        if getbuf is not None:
            return _testbuffer.ndarray(items, getbuf=getbuf, flags=flags)
        if shape is None:
            return _testbuffer.ndarray(items, flags=flags)
        count_one()
        data, itemsize = pack(items, format, len(shape)), struct.calcsize(format)
        steps = list(strides) if strides else strides_of(shape, itemsize, flags)
        suboffsets, begin = None, offset
        buffer = rcbuf.Buffer(data)
        buffer.view(format, tuple(shape), steps, offset)  # refuses what lies outside
        if flags & POINTERS:
            buffer, steps, suboffsets, begin = by_pointers(data, shape, steps, offset)
        if not flags & WRITABLE:
            buffer.freeze()
        self = super().__new__(
            cls, buffer, format, tuple(shape), steps, begin, not flags & WRITABLE, suboffsets
        )
        self.offset = offset
        return self

    def memoryview_from_buffer(self):
        return memoryview(self)


def distinct(structure):
    """rand_structure(), but where two indices lead to one element and a shape is given, so that
    somebody writes there, another one: which value is written last is not said."""

    def draw(*arguments, shape=(), **keywords):
        while True:
            drawn = structure(*arguments, shape=shape, **keywords)
            if not shape or 0 in shape or not test_buffer.is_overlapping(drawn):
                return drawn

    return draw


def buffer_class():
    test_buffer.ndarray = Ndarray
    test_buffer.rand_structure = distinct(test_buffer.rand_structure)
    return type("test_buffer", (test_buffer.TestBufferProtocol,), {})


# ---- what cannot apply ---------------------------------------------------------------------------

STACK = "push() and pop(): several buffers in one exporter"
AROUND = "memoryview_from_buffer(): ndarray's own way round the exporter"
SKIPPED = {
    ("View", "test_setitem_writable"): "memoryview's refusal of slices in several dimensions, "
    "which a View takes",
    ("test_buffer", "test_memoryview_construction"): AROUND,
    ("test_buffer", "test_ndarray_index_getitem_single"): AROUND,
    ("test_buffer", "test_ndarray_multidim"): AROUND,
    ("test_buffer", "test_memoryview_release"): STACK,
    ("test_buffer", "test_ndarray_exceptions"): STACK,
    ("test_buffer", "test_ndarray_linked_list"): STACK,
    ("test_buffer", "test_ndarray_hash"): "a hash for formats other than B, b and c, which "
    "memoryview does not have either",
    ("test_buffer", "test_ndarray_index_invalid"): "ndarray's own exceptions for indices and "
    "values; ours are memoryview's",
    ("test_buffer", "test_ndarray_slice_invalid"): "add_suboffsets()",
    ("test_buffer", "test_ndarray_slice_redundant_suboffsets"): "suboffsets of which none is "
    "followed, which rc_view leaves out",
    ("test_buffer", "test_ndarray_slice_assign_multidim"): "assignment row by row between parts "
    "that share elements; ours is as through a copy, as NumPy's",
}
OF_CPYTHON = {
    "no read-only type to test": "array.array has no read-only twin",
    "XXX test should be adapted for non-byte buffers": "str() of items that are no bytes",
    "XXX NotImplementedError: tolist() only supports byte views": "tolist() of the test's bytes",
}


def reason_of(test):
    return SKIPPED.get((type(test).__name__.split()[0], test._testMethodName))


class Result(runner.Result):
    foreign = before = 0

    def startTest(self, test):
        super().startTest(test)
        self.before = made

    def addSuccess(self, test):
        super().addSuccess(test)
        if made == self.before:
            self.passed -= 1
            self.foreign += 1


def tests():
    loader = unittest.defaultTestLoader
    for case in [*memoryview_classes(), buffer_class()]:
        for name in loader.getTestCaseNames(case):
            yield case(name)


def report_skips(skipped):
    """One line for each test and reason, with the number of classes that skip it."""
    times = {}
    for test, reason in skipped:
        line = f"{test._testMethodName}: {OF_CPYTHON.get(reason, reason)}"
        times[line] = times.get(line, 0) + 1
    for line, count in times.items():
        print(f"skipped: {line}" + (f" ({count} classes)" if count > 1 else ""))


def main():
    suite, skipped, used = unittest.TestSuite(), [], set()
    for test in tests():
        if reason_of(test):
            skipped.append((test, reason_of(test)))
            used.add((type(test).__name__.split()[0], test._testMethodName))
        else:
            suite.addTest(test)
    result = runner.run(suite, Result)
    skipped += result.skipped
    report_skips(skipped)
    failed = runner.failures(result)
    for unused in SKIPPED.keys() - used:
        print("failed: no such test:", *unused)
        failed += 1
    print(f"{result.foreign} passed without an object of ours, and are not counted; seed {seed}")
    runner.close(result.passed, failed, len(skipped))


if __name__ == "__main__":
    main()
