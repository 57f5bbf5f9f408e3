# SPDX-License-Identifier: MIT
"""Formats on the other side: struct where it knows the text, NumPy where it does, and leaf by leaf.

An item of a format that only NumPy knows is put together from struct's bytes for each leaf, at the
place that NumPy tells; a long double is NumPy's.
"""

import re
import struct

import numpy

import numpy_side
import struct_side
from judge import Refusal
from values import LITTLE, LONG_BYTES, REALS, SIGNED, from_long, from_long_complex, swap

REFUSALS = (struct.error, OverflowError, ValueError, TypeError)


def read(text):
    """A Reading by struct, or else by NumPy; None."""
    return struct_side.read(text) or (None if numpy_side.is_large(text) else numpy_side.read(text))


# ---- take apart --------------------------------------------------------------------------------

# CPython cannot read a Pascal string without bytes, and writes the byte in front of it: it is not
# asked for these, which have no bytes and no alignment.
EMPTY_PASCAL = re.compile(rb"(?<![0-9])0+p")


def without_empty(reading):
    return struct.Struct(EMPTY_PASCAL.sub(b"", reading.struct.format.encode()))


def is_empty_pascal(leaf):
    return leaf[1] == "p" and leaf[2] == 0


def unpack(reading, item):
    if not reading.struct:
        return tuple(unpack_leaf(item, leaf) for leaf in reading.leaves)
    values = iter(without_empty(reading).unpack(item))
    return tuple(b"" if is_empty_pascal(leaf) else next(values) for leaf in reading.leaves)


def dtype_of(kind, size, swapped):
    return numpy.dtype(("<" if LITTLE == (not swapped) else ">") + kind + str(size))


def unpack_leaf(item, leaf):
    offset, kind, size, swapped = leaf
    if kind in "SU":
        raw = item[offset : offset + size]
        return swap(kind, raw) if swapped else raw
    number = numpy.ndarray((), dtype_of(kind, size, swapped), item, offset)[()]
    if kind == "f" and size == 16:
        return from_long(number)
    if kind == "c" and size == 32:
        return from_long_complex(number)
    return number.item()


# ---- put together ------------------------------------------------------------------------------


def pack(reading, codes, values):
    """The item. `codes`: the library's for each leaf, since c and 1s are one to NumPy."""
    if len(values) != len(reading.leaves):
        raise Refusal("another number of values")
    if reading.struct:
        for leaf, value in zip(reading.leaves, values):
            if is_empty_pascal(leaf) and not isinstance(value, bytes):
                raise Refusal("no bytes")
        return without_empty(reading).pack(
            *[value for leaf, value in zip(reading.leaves, values) if not is_empty_pascal(leaf)]
        )
    item = bytearray(reading.itemsize)
    for leaf, code, value in zip(reading.leaves, codes, values):
        offset, kind, size, swapped = leaf
        bytes_ = pack_leaf(code, size, value)
        item[offset : offset + size] = swap(kind, bytes_) if swapped else bytes_
    return bytes(item)


def pack_leaf(code, size, value):
    """Of this machine's order."""
    if code in "FD":
        return pack_complex(REALS[size // 2], value)
    if code in "gG":
        return pack_long(code, value)
    if code == "w":
        return pack_characters(size, value)
    if code == "s" or code == "p" and size:
        return struct.pack(f"{size}{code}", value)
    if code == "p" and isinstance(value, bytes):
        return b""
    if code in "bhilqn":
        return struct.pack("=" + SIGNED[size], value)
    if code in "BHILQN":
        return struct.pack("=" + SIGNED[size].upper(), value)
    return struct.pack(code if code in "Pp" else "=" + code, value)


def pack_characters(size, value):
    """Characters, or their bytes."""
    if isinstance(value, bytes) and len(value) % 4 == 0:
        return value[:size].ljust(size, b"\0")
    if not isinstance(value, str):
        raise Refusal("no characters")
    return value.encode("utf-32-" + ("le" if LITTLE else "be"))[:size].ljust(size, b"\0")


def pack_complex(code, value):
    if not isinstance(value, complex):
        return struct.pack("=" + code * 2, value, 0.0)
    return struct.pack("=" + code * 2, value.real, value.imag)


def long_of(value):
    if isinstance(value, tuple):
        return numpy.frombuffer(value[0], numpy.longdouble)[0]
    if isinstance(value, (int, float)):
        return numpy.longdouble(value if isinstance(value, float) else str(int(value)))
    raise Refusal("no real number")


def pack_long(code, value):
    """Padding is not compared; the library's is zero."""
    if code == "G" and isinstance(value, tuple) and len(value) == 2:
        return b"".join(value)
    if code == "G" and isinstance(value, complex):
        parts = [long_of(value.real), long_of(value.imag)]
    else:
        if isinstance(value, tuple) and len(value) == 2:
            raise Refusal("no real number")
        parts = [long_of(value)] + ([numpy.longdouble(0)] if code == "G" else [])
    return b"".join(part.tobytes()[:LONG_BYTES].ljust(16, b"\0") for part in parts)
