# SPDX-License-Identifier: MIT
"""How long memory lives that Python and rcbuf share, and who says no meanwhile.

    PYTHONPATH=<the folder of rcbuf.abi3.so and rcbuf_threads.abi3.so> python3 lifetimes.py
"""
import ctypes
import gc
import io
import os
import signal
import subprocess
import sys
import threading
import unittest
import weakref

import rcbuf
import rcbuf_threads
import runner

try:
    import numpy
except ImportError:
    numpy = None

needs_numpy = unittest.skipUnless(numpy, "NumPy is not here")


class Source(bytearray):
    """An exporter that can be watched."""


def watched(data=b"abc"):
    source = Source(data)
    return source, weakref.ref(source)


class Accounted(unittest.TestCase):
    """Nothing of the library is alive after a test that was not before."""

    def setUp(self):
        gc.collect()
        rcbuf.drain()
        self.before = rcbuf.account()

    def tearDown(self):
        gc.collect()
        rcbuf.drain()
        now = rcbuf.account()
        for what in "objects", "blocks", "bytes":
            self.assertEqual(now[what], self.before[what], what)


@needs_numpy
class WithNumpy(Accounted):
    def test_a_buffer_is_made_of_an_array_of_integers(self):
        items = numpy.arange(3)
        self.assertEqual(bytes(rcbuf.Buffer(items)), items.tobytes())

    def test_asarray_shares_the_address_and_the_bytes(self):
        buffer = rcbuf.Buffer(24, "d")
        shared = numpy.asarray(buffer)
        self.assertEqual(shared.ctypes.data, buffer.address)
        self.assertEqual(shared.dtype, numpy.float64)
        shared[1] = 2.5
        self.assertEqual(buffer[1], 2.5)

    def test_asarray_keeps_the_buffer_alive(self):
        buffer = rcbuf.Buffer(bytes(range(64)))
        watch = weakref.ref(buffer)
        shared = numpy.asarray(buffer)[8:16]
        del buffer
        gc.collect()
        self.assertIsNotNone(watch())
        self.assertEqual(shared.tolist(), list(range(8, 16)))
        del shared
        self.assertIsNone(watch())

    def test_asarray_blocks_what_would_move_or_lock_the_bytes(self):
        buffer = rcbuf.Buffer(16)
        shared = numpy.asarray(buffer)
        self.assertEqual(buffer.exports, 1)
        for change in (
            lambda: buffer.resize(32),
            lambda: buffer.append(b"x"),
            lambda: buffer.reserve(1000),
            buffer.shrink,
            buffer.freeze,
        ):
            with self.assertRaisesRegex(BufferError, "16 bytes are exported"):
                change()
        self.assertEqual(buffer.size, 16)
        del shared
        buffer.resize(32)
        self.assertEqual((buffer.size, buffer.exports), (32, 0))

    def test_asarray_of_a_view_has_its_strides(self):
        buffer = rcbuf.Buffer(bytes(range(24)))
        view = buffer.view("B", (4, 6))[::-1, 1::2]
        shared = numpy.asarray(view)
        self.assertEqual(shared.strides, (-6, 2))
        self.assertEqual(shared.tolist(), view.tolist())
        shared[0, 0] = 200
        self.assertEqual(buffer[19], 200)

    def test_asarray_of_what_is_frozen_is_read_only(self):
        buffer = rcbuf.Buffer(b"abc", readonly=True)
        self.assertFalse(numpy.asarray(buffer).flags.writeable)
        repeated = rcbuf.Buffer(b"ab").view().broadcast((3, 2))
        shared = numpy.asarray(repeated)
        self.assertEqual((shared.strides, shared.flags.writeable), ((0, 1), False))

    def test_wrap_shares_numpys_address_and_its_bytes(self):
        source = numpy.arange(12.0).reshape(3, 4)
        view = rcbuf.wrap(source)
        self.assertEqual(view.address, source.ctypes.data)
        view[1, 2] = -1
        self.assertEqual(source[1, 2], -1)
        source[0, 0] = 5
        self.assertEqual(view[0, 0], 5)
        self.assertIs(view.obj, source)

    def test_wrap_keeps_numpys_array_alive_until_its_last_view(self):
        source = numpy.arange(12.0)
        watch = weakref.ref(source)
        part = rcbuf.wrap(source)[2:4]
        del source
        gc.collect()
        self.assertEqual(part.tolist(), [2.0, 3.0])
        self.assertIsNotNone(watch())
        part.release()
        self.assertIsNone(watch())

    def test_wrap_has_the_elements_of_every_layout(self):
        cube = numpy.arange(60, dtype="i4").reshape(3, 4, 5)
        for layout in (
            cube,
            cube.T,
            cube[::-1, :, ::-2],
            cube[1, 2, 3:4],
            cube[:0],
            cube[1, 2, 3],
            numpy.asfortranarray(cube),
            numpy.broadcast_to(cube[0, 0], (2, 5)),
            cube.astype(">i8"),
            cube.astype("c16"),
            cube.astype("f2"),
            numpy.array(["ab", "c"]),
            numpy.array([b"ab", b"cd"]),
            numpy.zeros((2, 0, 3)),
        ):
            view = rcbuf.wrap(layout)
            self.assertEqual(view.tolist(), numpy.asarray(layout).tolist())
            self.assertEqual(view.strides, memoryview(layout).strides)
            self.assertEqual(view.readonly, not layout.flags.writeable)
            self.assertEqual(numpy.asarray(view).dtype, layout.dtype)

    def test_wrap_of_records_has_their_fields(self):
        source = numpy.zeros(3, dtype=[("id", "i4"), ("at", "f8", (2,))])
        source["id"] = [1, 2, 3]
        source["at"] = [[1, 2], [3, 4], [5, 6]]
        view = rcbuf.wrap(source)
        self.assertEqual(view.field("id").tolist(), [1, 2, 3])
        self.assertEqual(view.field("at").tolist(), source["at"].tolist())
        self.assertEqual(view[1], (2, 3.0, 4.0))
        with self.assertRaisesRegex(ValueError, "NUL"):
            view.field("id\0more")

    def test_wrap_refuses_python_objects_and_holds_nothing(self):
        source = numpy.array([None, 1])
        count = sys.getrefcount(source)
        with self.assertRaisesRegex(NotImplementedError, "O"):
            rcbuf.wrap(source)
        self.assertEqual(sys.getrefcount(source), count)


class Wrapping(Accounted):
    def test_what_is_wrapped_cannot_be_resized(self):
        source = bytearray(b"abc")
        view = rcbuf.wrap(source)
        with self.assertRaises(BufferError):
            source.append(1)
        view.release()
        source.append(1)

    def test_wrap_of_what_is_read_only_refuses_to_write(self):
        for view in rcbuf.wrap(b"abc"), rcbuf.wrap(bytearray(b"abc"), readonly=True):
            self.assertTrue(view.readonly)
            with self.assertRaises(TypeError):
                view[0] = 1
            with self.assertRaises(TypeError):
                memoryview(view)[0] = 1
            with self.assertRaises(TypeError):
                io.BytesIO(b"x").readinto(view)

    def test_slices_are_those_of_a_list_whatever_their_ends(self):
        view, items = rcbuf.wrap(b"abcde"), list(b"abcde")
        ends = None, 0, 2, 5, -1, -5, -6, 6, sys.maxsize, -sys.maxsize - 1, 10**30, -(10**30)
        steps = None, 1, -1, 2, -2, sys.maxsize, -sys.maxsize, 10**30, -(10**30)
        for start in ends:
            for stop in ends:
                for step in steps:
                    part = slice(start, stop, step)
                    self.assertEqual(view[part].tolist(), items[part], part)

    def test_a_view_cannot_be_released_while_it_is_exported(self):
        source, watch = watched()
        view = rcbuf.wrap(source)
        del source
        outer = memoryview(view)
        with self.assertRaises(BufferError):
            view.release()
        outer.release()
        view.release()
        self.assertIsNone(watch())
        with self.assertRaisesRegex(ValueError, "released"):
            view.tolist()

    def test_a_cycle_through_wrapped_memory_is_collected(self):
        source, watch = watched()
        source.view = rcbuf.wrap(source)
        source.parts = [source.view[1:], source.view.T]
        del source
        gc.collect()
        self.assertIsNone(watch())

    def test_a_cycle_that_c_code_holds_a_reference_into_stays(self):
        source, watch = watched()
        source.view = rcbuf.wrap(source)
        shared = rcbuf.share(source.view)
        del source
        gc.collect()
        self.assertIsNotNone(watch())
        del shared
        gc.collect()
        self.assertIsNone(watch())

    def test_a_pending_exception_outlives_a_release(self):
        source, watch = watched()

        def fail(view):
            raise KeyError("this one")

        with self.assertRaisesRegex(KeyError, "this one"):
            fail(rcbuf.wrap(source))
        del source
        self.assertIsNone(watch())

    def test_an_owner_that_uses_the_module_at_its_end_may(self):
        ended = []

        class Busy(bytearray):
            def __del__(self):
                ended.append(rcbuf.wrap(bytearray(b"xyz"))[:2].tolist())

        rcbuf.wrap(Busy(b"abc")).release()
        self.assertEqual(ended, [[120, 121]])

    def test_a_chain_of_wraps_is_given_back_one_after_the_other(self):
        source, watch = watched()
        for _ in range(200000):
            source = rcbuf.wrap(source)
        self.assertEqual(source.tolist(), [97, 98, 99])
        del source
        self.assertIsNone(watch())

    def test_all_of_a_view_is_a_view_of_its_own_for_the_collector(self):
        for key in ..., ():
            source, watch = watched()
            source.view = rcbuf.wrap(source)
            source.again = source.view[key]
            shared = rcbuf.share(source.view)
            del source
            gc.collect()
            self.assertIsNotNone(watch(), key)
            del shared
            gc.collect()
            self.assertIsNone(watch(), key)

    def test_a_bytearray_may_shrink_while_the_element_that_it_goes_into_is_made(self):
        data = bytearray(b"A" * 100000)

        class Index:
            def __index__(self):
                data.clear()
                self.junk = [b"B" * 100000 for _ in range(4)]
                return 1

        buffer = rcbuf.Buffer(100004, format="100000si")
        buffer[0] = (data, Index())
        self.assertEqual(bytes(buffer)[:100000], b"A" * 100000)

    def test_a_released_view_of_a_derived_type_says_so(self):
        class Derived(rcbuf.View):
            pass

        view = Derived(rcbuf.Buffer(8))
        view.release()
        with self.assertRaisesRegex(ValueError, "released"):
            view[0]
        with self.assertRaisesRegex(ValueError, "released"):
            view[0] = 1

    def test_ctypes_arrays_leave_out_their_strides(self):
        source = (ctypes.c_int * 3 * 2)((1, 2, 3), (4, 5, 6))
        view = rcbuf.wrap(source)
        self.assertEqual(view.tolist(), [[1, 2, 3], [4, 5, 6]])
        view[1, 2] = 7
        self.assertEqual(source[1][2], 7)

    def test_only_bytes_that_nobody_writes_have_a_hash(self):
        buffer = rcbuf.Buffer(b"abc")
        with self.assertRaises(ValueError):
            hash(buffer.view(readonly=True))
        with self.assertRaises(TypeError):
            hash(rcbuf.wrap(bytearray(b"abc"), readonly=True))
        self.assertEqual(hash(rcbuf.wrap(b"abc")), hash(b"abc"))
        part = buffer.slice(0, 2)
        part.freeze()
        with self.assertRaises(ValueError):
            hash(part)
        del part
        buffer.freeze()
        self.assertEqual(hash(buffer.view()), hash(b"abc"))
        self.assertEqual(hash(buffer.slice(0, 2)), hash(b"ab"))

    def test_the_bytes_of_a_read_only_exporter_are_never_thawed(self):
        data = bytes([1, 2, 3])
        view = rcbuf.wrap(data)
        owner, = [o for o in gc.get_referents(view) if isinstance(o, rcbuf.Buffer)]
        view.release()
        with self.assertRaises(BufferError):
            owner.thaw()
        self.assertTrue(owner.readonly)


class Threads(Accounted):
    def share(self, count):
        return [rcbuf.share(Source(b"a")) for _ in range(count)]

    def test_a_thread_releases_while_the_lock_is_held_for_it(self):
        source, watch = watched(b"a")
        capsules = [rcbuf.share(source)]
        del source
        self.assertEqual(rcbuf_threads.release(capsules, True), ord("a"))
        rcbuf.drain()  # unless a pending call was faster, as from 3.12 on
        self.assertIsNone(watch())

    def test_a_pending_call_gives_back_what_a_thread_released(self):
        source, watch = watched(b"a")
        capsules = [rcbuf.share(source)]
        del source
        rcbuf_threads.release(capsules, False)
        for _ in range(1000):
            pass
        self.assertIsNone(watch())
        self.assertEqual(rcbuf.waiting(), 0)

    def test_the_next_call_gives_back_what_a_thread_released(self):
        source, watch = watched(b"a")
        capsules = [rcbuf.share(source)]
        del source
        rcbuf_threads.release(capsules, True)
        rcbuf.wrap(b"").release()
        self.assertIsNone(watch())

    def test_many_threads_release_while_python_works(self):
        loads = [self.share(1000) for _ in range(4)]
        threads = [
            threading.Thread(target=rcbuf_threads.release, args=(load, False)) for load in loads
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            rcbuf.wrap(bytearray(100)).release()
        for thread in threads:
            thread.join()
        rcbuf.drain()
        self.assertEqual(rcbuf.waiting(), 0)

    def test_pythons_threads_share_one_buffer(self):
        buffer = rcbuf.Buffer(bytes(range(200)))

        def work():
            for i in range(500):
                part = buffer.view()[i % 100 : 100 + i % 100]
                assert part[0] == i % 100 and bytes(memoryview(part)[:2])[1] == i % 100 + 1

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(buffer.exports, 0)

    def test_a_forked_child_gives_back_what_it_inherits(self):
        source, watch = watched(b"a")
        capsules = [rcbuf.share(source)]
        del source
        child = os.fork()
        if child == 0:
            rcbuf_threads.release(capsules, True)
            rcbuf.drain()
            os._exit(0 if watch() is None else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertIsNotNone(watch())


    def test_a_child_that_is_forked_while_threads_release_can_go_on(self):
        loads = [self.share(20000) for _ in range(4)]
        threads = [
            threading.Thread(target=rcbuf_threads.release, args=(load, False)) for load in loads
        ]
        for thread in threads:
            thread.start()
        children = 0
        while children == 0 or any(thread.is_alive() for thread in threads):
            children += 1
            child = os.fork()
            if child == 0:
                signal.alarm(20)
                rcbuf.drain()
                os._exit(0 if rcbuf.waiting() == 0 else 1)
            self.assertEqual(os.waitpid(child, 0)[1], 0, f"child {children}")
        for thread in threads:
            thread.join()


SHARE = """
import rcbuf, rcbuf_threads, sys
class Source(bytearray):
    pass
def share(count):
    return [rcbuf.share(Source(b'a')) for _ in range(count)]
"""


def in_python(code):
    """What a Python of its own prints; it comes to its end in time, and without a word."""
    ran = subprocess.run(
        [sys.executable, "-X", "dev", "-c", SHARE + code],
        capture_output=True,
        text=True,
        timeout=120,
    )
    if ran.returncode or ran.stderr:
        raise AssertionError(f"status {ran.returncode}: {ran.stderr}")
    return ran.stdout


class Shutdown(unittest.TestCase):
    def test_references_are_released_after_the_interpreter(self):
        printed = in_python("rcbuf_threads.release_later(share(100))")
        self.assertEqual(printed, "after the interpreter: 100 released, sum 9700\n")

    def test_references_are_released_while_the_interpreter_ends(self):
        printed = in_python("rcbuf_threads.release_meanwhile(share(20000))")
        self.assertEqual(printed, "while it ended: 20000 released, sum 1940000\n")

    def test_views_and_buffers_that_nobody_released_go_with_the_interpreter(self):
        in_python(
            "b = rcbuf.Buffer(100); v = b.view(); m = memoryview(v[10:])\n"
            "w = rcbuf.wrap(bytearray(100)); w2 = w[::-1]; c = rcbuf.share(w)\n"
            "sys.kept = [b, v, m, w, w2, c]\n"
        )

    def test_daemon_threads_release_while_the_interpreter_ends(self):
        in_python(
            "import threading\n"
            "def work():\n"
            "    while True:\n"
            "        rcbuf_threads.release(share(50), False)\n"
            "        rcbuf.wrap(Source(b'abc'))[1:].tolist()\n"
            "threads = [threading.Thread(target=work, daemon=True) for _ in range(3)]\n"
            "for thread in threads: thread.start()\n"
            "rcbuf_threads.release(share(500), False)\n"
        )

    def test_the_module_can_be_imported_while_the_interpreter_ends(self):
        printed = in_python(
            "import atexit\n"
            "del sys.modules['rcbuf']\n"
            "def late():\n"
            "    import rcbuf\n"
            "    print(rcbuf.wrap(bytearray(b'abc'))[1:].tolist())\n"
            "atexit.register(late)\n"
        )
        self.assertEqual(printed, "[98, 99]\n")


if __name__ == "__main__":
    runner.main(WithNumpy, Wrapping, Threads, Shutdown)
