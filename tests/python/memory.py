# SPDX-License-Identifier: MIT
"""What tracemalloc shows of rcbuf's memory; and that nothing is left behind.

    PYTHONPATH=<the folder of rcbuf.abi3.so and rcbuf_threads.abi3.so> python3 memory.py [untraced]

With the argument: in a process where tracemalloc's functions are not found, all else works.
"""
import array
import gc
import sys
import tracemalloc
import unittest

import rcbuf
import rcbuf_threads
import runner

MINE = tracemalloc.DomainFilter(True, rcbuf.TRACE_DOMAIN)


def traced():
    """Bytes of rcbuf that tracemalloc knows, and the lines that they come from."""
    traces = tracemalloc.take_snapshot().filter_traces([MINE]).traces
    return sum(trace.size for trace in traces), {trace.traceback[0].lineno for trace in traces}


def this_line():
    return sys._getframe(1).f_lineno


class Tracing(unittest.TestCase):
    def setUp(self):
        gc.collect()
        rcbuf.drain()
        tracemalloc.start()

    def tearDown(self):
        tracemalloc.stop()

    def test_a_buffer_is_shown_with_its_line_until_it_ends(self):
        buffer, line = rcbuf.Buffer(1 << 20), this_line()
        size, lines = traced()
        self.assertTrue(1 << 20 <= size < (1 << 20) + 1000)
        self.assertEqual(lines, {line})
        del buffer
        self.assertEqual(traced(), (0, set()))

    def test_all_that_the_account_knows_is_shown(self):
        before = rcbuf.account()["bytes"]
        kept = [rcbuf.Buffer(1000), rcbuf.wrap(b"abc"), rcbuf.Buffer(b"abc").view()[1:]]
        alive = rcbuf.account()["bytes"] - before
        self.assertGreater(alive, 1000)
        size = traced()[0]  # with what precedes objects and blocks, which the account leaves out
        self.assertTrue(alive <= size <= alive + 100 * 8, (alive, size))
        del kept
        self.assertEqual(traced()[0], 0)

    def test_resizing_moves_what_is_shown(self):
        buffer = rcbuf.Buffer(1000)
        for size in 100_000, 10_000_000, 50_000_000:
            buffer.resize(size)
            self.assertTrue(size <= traced()[0] <= size * 9 // 8 + 1000)
        buffer.resize(10)
        buffer.shrink()
        self.assertLess(traced()[0], 2000)

    def test_what_another_thread_releases_is_shown_no_more(self):
        before = traced()[0]
        buffer = rcbuf.Buffer(1 << 20)
        capsules = [rcbuf.share(buffer)]
        del buffer
        self.assertGreater(traced()[0] - before, 1 << 20)
        rcbuf_threads.release(capsules, True)
        del capsules
        rcbuf.drain()
        self.assertEqual(traced()[0], before)

    def test_what_was_made_before_tracing_is_not_shown_and_ends_well(self):
        tracemalloc.stop()
        buffer = rcbuf.Buffer(1 << 20)
        tracemalloc.start()
        self.assertEqual(traced()[0], 0)
        buffer.resize(2 << 20)
        self.assertGreaterEqual(traced()[0], 2 << 20)
        tracemalloc.stop()
        del buffer

    def test_what_ends_after_tracing_ends_well(self):
        buffer = rcbuf.Buffer(1 << 20)
        tracemalloc.stop()
        del buffer
        tracemalloc.start()
        self.assertEqual(traced()[0], 0)


class Untraced(unittest.TestCase):
    def test_without_tracemallocs_functions_all_else_works(self):
        tracemalloc.start()
        buffer = rcbuf.Buffer(1 << 20)
        buffer.resize(2 << 20)
        self.assertEqual(buffer.size, 2 << 20)
        self.assertEqual(traced(), (0, set()))
        del buffer
        tracemalloc.stop()
        self.assertEqual(rcbuf.account()["bytes"], 0)


# ---- nothing is left behind ----------------------------------------------------------------------


def refused(call, *arguments, **keywords):
    try:
        call(*arguments, **keywords)
    except (ArithmeticError, BufferError, LookupError, MemoryError, TypeError, ValueError):
        return
    except NotImplementedError:
        return
    raise AssertionError(f"{call} {arguments} {keywords} was not refused")


def make():
    rcbuf.Buffer(24, "d", (3,)), rcbuf.Buffer(b"abc", readonly=True), rcbuf.Buffer(0)
    rcbuf.Buffer(array.array("i", [1, 2]), "i", alignment=64, wipe=True)
    rcbuf.Buffer(b"abcd").slice(1, 2)
    for wrong in (
        ((), {}),
        ((-1,), {}),
        ((1 << 62,), {}),
        (("text",), {}),
        ((8, "no format"), {}),
        ((9, "d"), {}),
        ((8, "d", (2,)), {}),
        ((8, "d", (-1,)), {}),
        ((8, "d", ("1",)), {}),
        ((8, "d", (1,) * 65), {}),
        ((8,), {"alignment": 3}),
    ):
        refused(rcbuf.Buffer, *wrong[0], **wrong[1])


def grow():
    buffer = rcbuf.Buffer(8, "d")
    buffer.append(b"12345678")
    buffer.reserve(1000)
    buffer.shrink()
    buffer.freeze()
    refused(buffer.resize, 80)
    hash(rcbuf.Buffer(b"abc", readonly=True))
    refused(hash, buffer)
    buffer.thaw()
    refused(buffer.resize, 9)
    refused(buffer.resize, -8)
    refused(buffer.append, b"1")
    refused(buffer.append, 1)
    refused(buffer.slice, 8, 9)
    with memoryview(buffer):
        refused(buffer.resize, 80)
        refused(buffer.freeze)


def look():
    buffer = rcbuf.Buffer(bytes(range(24)))
    view = buffer.view("B", (2, 3, 4))
    view[0, 1:, ::-1], view[1, 2, 3], view[...], view.T, view.transpose(2, 0, 1)
    view.reshape((6, 4)), view.cast("b"), view.copy("F"), view.toreadonly(), view[0].tolist()
    view.tobytes("F"), view == view.copy(), view == b"abc", view != 5, repr(view), repr(buffer)
    view[0] = view[1]
    view[0, 0, 0] = 7
    view[0][0].broadcast((5, 4)).tolist()
    with view[1] as part:
        list(part[0])
    refused(part.tolist)
    for key in 2, (0, 0, 0, 0), "a", slice(0, 1, 0), 1 << 70, (0, 3):
        refused(view.__getitem__, key)
        refused(view.__setitem__, key, 1)
    for value in 256, b"ab", 1.5, (1, 2), 1 << 70, None:
        refused(view.__setitem__, (0, 0, 0), value)
    refused(view.__setitem__, slice(None), b"abc")
    refused(view.__setitem__, slice(None), 5)
    refused(view.transpose, 0, 1)
    refused(view.reshape, (5, 5))
    refused(view.T.reshape, (24,))
    refused(view.cast, "d", (5,))
    refused(view.field, "name")
    refused(view.broadcast, (7,))
    for wrong in ("x y",), ("d", (4,)), ("B", (2,), (100,)), ("B", (2,), (1, 1)), ("B", 1, 1, -1):
        refused(buffer.view, *wrong)


def items():
    for format, value in (
        ("?", True), ("c", b"x"), ("q", -1), ("Q", 1 << 63), ("e", 1.5), ("g", 1.5),
        ("Zd", 1 + 2j), ("4s", b"abcd"), ("3w", "abc"), (">3w", "abc"),
        ("T{i:a:d:b:}", (1, 2.0)), ("(2,3)h", (1, 2, 3, 4, 5, 6)), ("T{2w:a:c:b:}", ("ab", b"c")),
        ("20B", tuple(range(20))),
    ):
        size = rcbuf.Buffer(1000).view(format, (1,)).itemsize
        view = rcbuf.Buffer(size, format).view(format, ())
        view[()] = value
        assert view[()] == value and view.tolist() == value, (format, view[()])
        if format != "?":
            refused(view.__setitem__, (), object())
        refused(view.__setitem__, (), (value,) * 99)


def wrap():
    source = bytearray(b"abcdef")
    view = rcbuf.wrap(source)
    rcbuf.share(view), rcbuf.share(source), rcbuf.share(rcbuf.Buffer(5)), memoryview(view)[::2]
    rcbuf_threads.release([rcbuf.share(view)], False)
    refused(rcbuf.wrap, 5)
    refused(rcbuf.share, "text")
    refused(memoryview(rcbuf.wrap(b"abc")).__setitem__, 0, 1)
    refused(rcbuf_threads.release, [5], True)


class Leaks(unittest.TestCase):
    """Each repeated: the same objects and bytes are alive afterwards, ours and Python's."""

    def state(self):
        gc.collect()
        rcbuf.drain()
        account = rcbuf.account()
        return account["objects"], account["blocks"], account["bytes"]

    def growth(self, work, times):
        before = sys.getallocatedblocks()
        for _ in range(times):
            work()
        gc.collect()
        return sys.getallocatedblocks() - before

    def repeat(self, work):
        self.growth(work, 20)
        before = self.state()
        least = min(self.growth(work, 200) for _ in range(3))  # Python fills lists of free objects
        self.assertEqual(self.state(), before)
        self.assertLess(least, 50)

    def test_making_leaves_nothing(self):
        self.repeat(make)

    def test_growing_leaves_nothing(self):
        self.repeat(grow)

    def test_looking_leaves_nothing(self):
        self.repeat(look)

    def test_elements_leave_nothing(self):
        self.repeat(items)

    def test_wrapping_leaves_nothing(self):
        self.repeat(wrap)

    def test_the_counts_of_python_objects_come_back(self):
        source, key = bytearray(b"abc"), (slice(0, 2),)
        types = rcbuf.Buffer, rcbuf.View
        before = [sys.getrefcount(thing) for thing in (source, key, None, *types)]
        for _ in range(1000):
            view = rcbuf.wrap(source)
            view[key] = view[key]
            view[key].tolist(), memoryview(view), rcbuf.Buffer(source)
            del view
        after = [sys.getrefcount(thing) for thing in (source, key, None, *types)]
        for before, after in zip(before, after):
            self.assertLess(abs(after - before), 200)


if __name__ == "__main__":
    if "untraced" in sys.argv:
        runner.main(Untraced)
    runner.main(Tracing, Leaks)
