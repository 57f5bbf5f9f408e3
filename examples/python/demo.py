# SPDX-License-Identifier: MIT
"""What rcbuf is to Python: memory with an owner, shared in both directions without a copy.

    PYTHONPATH=<the folder of rcbuf.abi3.so> python3 demo.py
"""
import gc
import tracemalloc

import rcbuf

try:
    import numpy
except ImportError:
    numpy = None


def say(what, *values):
    print(what + ":", *values)


def own():
    """A Buffer owns bytes, grows, and stays where it is while somebody lives on them."""
    buffer = rcbuf.Buffer(24, format="d", shape=(3,))
    say("made", memoryview(buffer).tolist())
    with memoryview(buffer) as view:
        view[1] = 2.5
        try:
            buffer.resize(48)
        except BufferError as error:
            say("exported", error)
    buffer.resize(48)
    say("resized", buffer.shape, buffer[:].tolist())
    buffer.freeze()
    try:
        memoryview(buffer)[0] = 1.0
    except TypeError:
        say("frozen", buffer.readonly)


def look():
    """Views of any shape and stride; none of them copies."""
    buffer = rcbuf.Buffer(bytes(range(12)))
    table = buffer.view(format="B", shape=(3, 4))
    say("rows", table.tolist())
    say("columns", table.T.tolist())
    say("backwards", table[::-1, ::-2].tolist())
    say("repeated", table[0].broadcast((2, 4)).tolist())
    row = table[1]
    row[0] = 100
    say("the same bytes", bytes(buffer)[4], table[1, 0], row.strides)
    say("as numbers of 16 bits", buffer.view().cast("H", (2, 3)).shape)


def share_with_numpy():
    """NumPy's array over our bytes, and our view over NumPy's."""
    buffer = rcbuf.Buffer(24, format="d")
    array = numpy.asarray(buffer)
    say("numpy has our address", array.ctypes.data == buffer.address)
    try:
        buffer.append(bytes(8))
    except BufferError:
        say("numpy holds us", buffer.exports)
    address = buffer.address
    del buffer
    gc.collect()
    array[2] = 7
    say("numpy keeps us alive", array.ctypes.data == address, array.tolist())

    array = numpy.arange(12.0).reshape(3, 4)
    view = rcbuf.wrap(array[::-1, ::2])
    say("we have numpy's address", view.address == array[2:].ctypes.data, view.strides)
    array[2, 0] = -1
    say("and its elements", view.tolist())


def trace():
    """tracemalloc tells what the library has, and from which line."""
    tracemalloc.start()
    buffer = rcbuf.Buffer(1 << 20)
    own = tracemalloc.DomainFilter(True, rcbuf.TRACE_DOMAIN)
    traced = sum(s.size for s in tracemalloc.take_snapshot().filter_traces([own]).traces)
    say("traced", traced >= 1 << 20)
    del buffer
    traced = sum(s.size for s in tracemalloc.take_snapshot().filter_traces([own]).traces)
    say("traced at the end", traced)
    tracemalloc.stop()


own()
look()
if numpy:
    share_with_numpy()
else:
    print("skipped: NumPy is not here")
trace()
alive = rcbuf.account()
say("alive at the end", alive["objects"], "objects,", alive["bytes"], "bytes")
