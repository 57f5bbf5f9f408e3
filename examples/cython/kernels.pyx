# SPDX-License-Identifier: MIT
# cython: language_level=3, boundscheck=False, wraparound=False
"""
Loops over typed memoryviews. They know nothing of rcbuf: whatever exports doubles will do, without
a copy. All of them run without the interpreter's lock.
"""


def fill(double[::1] row, double first):
    """first, first + 1, ..."""
    cdef Py_ssize_t i
    with nogil:
        for i in range(row.shape[0]):
            row[i] = first + i


def total(const double[:] row):
    """Their sum, of whatever stride; const: read-only memory will do."""
    cdef double sum = 0
    cdef Py_ssize_t i
    with nogil:
        for i in range(row.shape[0]):
            sum += row[i]
    return sum


def add(double[:] row, double more):
    """More to each, of whatever stride."""
    cdef Py_ssize_t i
    with nogil:
        for i in range(row.shape[0]):
            row[i] += more


def number_rows(double[:, ::1] grid):
    """10 * row + column, in memory that is contiguous in C order."""
    cdef Py_ssize_t i, j
    with nogil:
        for i in range(grid.shape[0]):
            for j in range(grid.shape[1]):
                grid[i, j] = 10 * i + j


def sum_first(const double[::1, :] grid):
    """The sum over the first dimension's start, in memory that is contiguous in Fortran order."""
    cdef double sum = 0
    cdef Py_ssize_t j
    with nogil:
        for j in range(grid.shape[1]):
            sum += grid[0, j]
    return sum


def element(const double[:, :] grid, Py_ssize_t i, Py_ssize_t j):
    """The one at (i, j); IndexError outside."""
    if not (0 <= i < grid.shape[0] and 0 <= j < grid.shape[1]):
        raise IndexError(f"({i}, {j}) is outside of ({grid.shape[0]}, {grid.shape[1]})")
    return grid[i, j]


def strides_of(const double[:, :] grid):
    return grid.strides[0], grid.strides[1]


def address_of(const double[:] row):
    return <size_t>&row[0]


cdef class Window:
    """Has a typed memoryview of its own, until it is closed."""

    cdef double[::1] numbers

    def __cinit__(self, double[::1] numbers):
        self.numbers = numbers

    def write(self, Py_ssize_t index, double value):
        if not 0 <= index < self.numbers.shape[0]:
            raise IndexError(f"{index} is outside of {self.numbers.shape[0]} doubles")
        self.numbers[index] = value

    def close(self):
        self.numbers = None
