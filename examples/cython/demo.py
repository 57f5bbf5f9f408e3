# SPDX-License-Identifier: MIT
"""What some_memory.pyx promises, shown: one memory for Cython, Python and NumPy, and no copy."""

import kernels
from some_memory import SomeMemory, alive

try:
    import numpy as np
except ImportError:
    np = None


def refused(what, call, *arguments):
    try:
        call(*arguments)
    except (BufferError, MemoryError) as error:
        print(f"{what}: {type(error).__name__}: {error}")
    else:
        raise AssertionError(f"{what}: was not refused")


def main():
    memory = SomeMemory(12)
    kernels.fill(memory, 0.5)
    print("written through double[::1]:", memory[0], memory[1], memory[11])

    window = kernels.Window(memory)
    refused("resize while that lives", memory.resize, 1000)
    window.close()
    memory.resize(1000)
    print("resized afterwards, content kept:", len(memory), memory[0], memory[11])
    refused("resize beyond all memory", memory.resize, 2**61)

    grid = memory.view(3, 4)
    kernels.number_rows(grid)
    print("written through double[:, ::1]:", [memory[i] for i in range(12)])
    columns = grid.transposed()
    print("strides, and transposed:", kernels.strides_of(grid), kernels.strides_of(columns))
    del columns
    refused("double[:] of a read-only view", kernels.add, memory.view().read_only(), 1)
    print("const double[:] of it:", kernels.total(memory.view(12).read_only()))

    if np is None:
        print("skipped: np.asarray: NumPy is not installed")
    else:
        array = np.asarray(grid)
        array[2, 3] = 99
        print("np.asarray:", array.shape, "same address:", array.ctypes.data == memory.address,
              "written by NumPy:", memory[11])
        del array

    del memory, window
    print("the view keeps the bytes:", kernels.element(grid, 1, 2), alive()[0], "objects are alive")
    del grid
    print("after all:", alive()[0], "objects,", alive()[1], "bytes are alive")


main()
