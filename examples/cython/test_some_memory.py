# SPDX-License-Identifier: MIT
"""Tests of some_memory.pyx, each of which leaves nothing alive. NumPy's are skipped without it."""

import gc
import io
import threading
import unittest

import kernels
from some_memory import SomeMemory, View, alive

try:
    import numpy as np
except ImportError:
    np = None


class MemoryTest(unittest.TestCase):
    def setUp(self):
        self.before = alive()

    def tearDown(self):
        self.assertEqual(alive(), self.before, "objects and bytes alive")

    def filled(self, number):
        memory = SomeMemory(number)
        kernels.fill(memory, 0)
        return memory


class TheClass(MemoryTest):
    def test_dealloc_gives_the_memory_back(self):
        memory = SomeMemory(1000)
        self.assertEqual(alive()[0], self.before[0] + 1)
        self.assertGreaterEqual(alive()[1], self.before[1] + 8000)
        del memory
        self.assertEqual(alive(), self.before)

    def test_resize_keeps_the_content(self):
        memory = self.filled(10)
        memory.resize(100000)
        self.assertEqual(len(memory), 100000)
        self.assertEqual([memory[i] for i in range(10)], list(range(10)))
        memory.resize(3)
        self.assertEqual([memory[i] for i in range(3)], [0, 1, 2])
        self.assertRaises(IndexError, memory.__getitem__, 3)

    def test_no_doubles_are_a_memory_too(self):
        memory = SomeMemory(0)
        self.assertEqual((len(memory), memoryview(memory).nbytes), (0, 0))
        self.assertEqual(kernels.total(memory), 0)
        memory.resize(2)
        kernels.fill(memory, 7)
        self.assertEqual(memory[1], 8)

    def test_sizes_that_cannot_be_are_memory_errors(self):
        for number in (2**46, 2**60, 2**61, 2**61 + 1, 2**63, 2**64 - 1):
            with self.subTest(number=number):
                self.assertRaises(MemoryError, SomeMemory, number)
                self.assertEqual(alive(), self.before)

    def test_the_message_has_the_figures(self):
        with self.assertRaisesRegex(MemoryError, str(2**61)):
            SomeMemory(2**61)
        with self.assertRaisesRegex(MemoryError, str(2**60 - 1 << 3)):
            SomeMemory(2**60 - 1)

    def test_a_resize_that_fails_changes_nothing(self):
        memory = self.filled(10)
        address = memory.address
        for number in (2**46, 2**60 - 1, 2**61, 2**64 - 1):
            self.assertRaises(MemoryError, memory.resize, number)
        self.assertEqual((len(memory), memory.address), (10, address))
        self.assertEqual([memory[i] for i in range(10)], list(range(10)))

    def test_numbers_that_are_no_sizes_are_refused(self):
        for number in (-1, 2**64):
            self.assertRaises(OverflowError, SomeMemory, number)
        self.assertRaises(TypeError, SomeMemory, "ten")
        self.assertRaises(TypeError, SomeMemory)


class Sharing(MemoryTest):
    def test_what_a_typed_memoryview_writes_is_in_the_buffer(self):
        memory = SomeMemory(5)
        kernels.fill(memory, 0.25)
        self.assertEqual([memory[i] for i in range(5)], [0.25, 1.25, 2.25, 3.25, 4.25])
        self.assertEqual(kernels.address_of(memory), memory.address)

    def test_resize_is_refused_while_a_typed_memoryview_lives(self):
        memory = self.filled(4)
        address = memory.address
        window = kernels.Window(memory)
        with self.assertRaisesRegex(BufferError, "32 bytes"):
            memory.resize(1000)
        self.assertEqual((len(memory), memory.address, memory.exports), (4, address, 1))
        window.write(2, 42)
        window.close()
        memory.resize(1000)
        self.assertEqual([memory[i] for i in range(4)], [0, 1, 42, 3])

    def test_every_export_counts(self):
        memory = self.filled(4)
        exports = [memoryview(memory), kernels.Window(memory), memory.view(), memory.view(2, 2)]
        exports.append(memoryview(exports[3]))  # shares that view
        self.assertEqual(memory.exports, 4)
        while exports:
            self.assertRaises(BufferError, memory.resize, 5)
            exports.pop()
        memory.resize(5)
        self.assertEqual(memory.exports, 0)

    def test_resize_to_the_same_size_is_allowed_while_exported(self):
        memory = self.filled(4)
        window = kernels.Window(memory)
        memory.resize(4)
        window.close()

    def test_a_memoryview_keeps_the_memory(self):
        window = kernels.Window(self.filled(4))
        gc.collect()
        window.write(3, 1)
        self.assertEqual(alive()[0], self.before[0] + 2)
        window.close()

    def test_a_view_keeps_the_bytes_without_the_memory(self):
        view = self.filled(4).view(2, 2)
        gc.collect()
        self.assertEqual(kernels.element(view, 1, 1), 3)

    def test_a_refused_request_leaves_no_export(self):
        memory = self.filled(4)
        for refuse in (lambda: kernels.add(memory.view().read_only(), 1),
                       lambda: kernels.sum_first(memory.view(2, 2)),
                       lambda: kernels.number_rows(memory)):
            self.assertRaises((BufferError, ValueError), refuse)
            gc.collect()
            self.assertEqual(memory.exports, 0)

    def test_two_threads_write_halves_without_the_lock(self):
        memory = SomeMemory(20000)
        halves = [memory.view().sliced(0, 0, 10000), memory.view().sliced(0, 10000, 20000)]
        crew = [threading.Thread(target=kernels.fill, args=(half, 1)) for half in halves]
        for thread in crew:
            thread.start()
        for thread in crew:
            thread.join()
        self.assertEqual((memory[0], memory[9999], memory[10000], memory[19999]),
                         (1, 10000, 1, 10000))
        del thread, crew, halves
        memory.resize(1)


class Views(MemoryTest):
    def setUp(self):
        super().setUp()
        self.memory = self.filled(12)
        self.grid = self.memory.view(3, 4)
        kernels.number_rows(self.grid)

    def tearDown(self):
        del self.grid, self.memory
        super().tearDown()

    def test_a_grid_has_rows_in_c_order(self):
        self.assertEqual([self.memory[i] for i in range(12)],
                         [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23])
        self.assertEqual(kernels.strides_of(self.grid), (32, 8))

    def test_transposed_is_fortran_order_without_a_copy(self):
        columns = self.grid.transposed()
        self.assertEqual(kernels.strides_of(columns), (8, 32))
        self.assertEqual(kernels.element(columns, 3, 2), 23)
        self.assertEqual(kernels.sum_first(columns), 0 + 10 + 20)
        with self.assertRaisesRegex(BufferError, "contiguous"):
            kernels.number_rows(columns)
        with self.assertRaisesRegex(BufferError, "contiguous"):
            kernels.sum_first(self.grid)
        self.assertEqual(kernels.element(columns.transposed(), 2, 3), 23)

    def test_slices_have_strides(self):
        some = self.grid.sliced(0, None, None, 2).sliced(1, None, None, -1)
        self.assertEqual(kernels.strides_of(some), (64, -8))
        self.assertEqual([kernels.element(some, 1, j) for j in range(4)], [23, 22, 21, 20])

    def test_strided_elements_are_written_in_place(self):
        kernels.add(self.memory.view().sliced(0, 1, None, 4), 100)
        self.assertEqual([self.memory[i] for i in (0, 1, 2, 5, 9)], [0, 101, 2, 111, 121])

    def test_read_only_views_are_for_const_memoryviews_alone(self):
        row = self.memory.view().read_only()
        self.assertEqual(kernels.total(row), 3 * (0 + 1 + 2 + 3) + 4 * (10 + 20))
        with self.assertRaisesRegex(BufferError, "read-only"):
            kernels.add(row, 1)
        self.assertTrue(memoryview(row).readonly)
        self.assertFalse(memoryview(self.memory).readonly)

    def test_shapes_that_do_not_fit_are_refused(self):
        self.assertRaises(IndexError, self.memory.view, 4, 4)
        self.assertRaises(MemoryError, self.memory.view, 2**32, 2**32)
        self.assertRaises(ValueError, self.memory.view, *[1] * 65)
        self.assertRaises(OverflowError, self.memory.view, -1)
        self.assertRaises(IndexError, self.grid.sliced, 2)
        self.assertRaises(ValueError, self.grid.sliced, 0, None, None, 0)

    def test_memoryview_sees_what_the_view_is(self):
        seen = memoryview(self.grid.transposed())
        self.assertEqual((seen.format, seen.itemsize, seen.shape, seen.strides, seen.nbytes),
                         ("d", 8, (4, 3), (8, 32), 96))
        self.assertTrue(seen.f_contiguous and not seen.c_contiguous)
        self.assertEqual(seen[3, 2], 23)
        self.assertEqual(bytes(self.memory), memoryview(self.memory).tobytes())

    def test_contiguous_bytes_of_a_transposed_view_are_refused(self):
        with self.assertRaisesRegex(BufferError, "C order"):
            io.BytesIO().write(self.grid.transposed())

    def test_views_are_made_by_a_memory_alone(self):
        self.assertRaises(TypeError, View)
        empty = View.__new__(View)
        self.assertRaises(BufferError, memoryview, empty)
        self.assertRaises(ValueError, empty.transposed)


@unittest.skipIf(np is None, "NumPy is not installed")
class NumPy(MemoryTest):
    def test_asarray_shares_the_address(self):
        memory = self.filled(4)
        array = np.asarray(memory)
        self.assertEqual((array.ctypes.data, array.dtype, array.shape), (memory.address, "d", (4,)))
        array[1] = 17
        self.assertEqual(memory[1], 17)

    def test_asarray_blocks_resize_and_keeps_the_memory(self):
        memory = self.filled(4)
        array = np.asarray(memory)
        part = array[1:3]
        del array
        self.assertRaises(BufferError, memory.resize, 5)
        del memory
        self.assertEqual(part.tolist(), [1, 2])

    def test_asarray_of_views_has_their_strides(self):
        grid = self.filled(6).view(2, 3)
        columns = np.asarray(grid.transposed())
        self.assertEqual((columns.shape, columns.strides), ((3, 2), (8, 24)))
        self.assertEqual(columns.tolist(), [[0, 3], [1, 4], [2, 5]])

    def test_asarray_of_a_read_only_view_is_read_only(self):
        array = np.asarray(self.filled(2).view().read_only())
        self.assertFalse(array.flags.writeable)


if __name__ == "__main__":
    unittest.main()
