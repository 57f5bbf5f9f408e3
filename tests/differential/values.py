# SPDX-License-Identifier: MIT
"""Numbers and bytes that are worth trying, and when two values are the same."""

import fractions
import math
import struct
import sys

import numpy

LITTLE = sys.byteorder == "little"
LONG_BYTES = 10  # of x86's long double; what follows is padding
SIGNED = {1: "b", 2: "h", 4: "i", 8: "q"}
REALS = {2: "e", 4: "f", 8: "d"}


def native(size, text, *values):
    return struct.pack("=" + text, *values)


def float_bits(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


REAL_BITS = {
    2: [0, 0x8000, 0x3C00, 0x7C00, 0xFC00, 0x7E00, 0x7C01, 0xFE55, 1, 0x3FF, 0x400, 0x7BFF, 0x8001],
    4: [
        0,
        1 << 31,
        0x3F800000,
        0x7F800000,
        0xFF800000,
        0x7FC00000,
        0x7F800001,
        0xFFC12345,
        1,
        0x7FFFFF,
        0x800000,
        0x7F7FFFFF,
        0x80000001,
    ],
    8: [
        0,
        1 << 63,
        0x3FF0000000000000,
        0x7FF0000000000000,
        0xFFF0000000000000,
        0x7FF8000000000000,
        0x7FF0000000000001,
        0xFFF8123456789ABC,
        1,
        0xFFFFFFFFFFFFF,
        0x10000000000000,
        0x7FEFFFFFFFFFFFFF,
        0x8000000000000001,
    ],
}
LONGS = [
    numpy.longdouble(text)
    for text in [
        "0",
        "-0.0",
        "1",
        "-1",
        "inf",
        "-inf",
        "nan",
        "18446744073709551617",
        "9223372036854775809",
        "0.1",
        "1e4932",
        "65504",
        "65519.99999999",
        "65520",
        "-1.5",
        "1e-8",
        "340282356779733661637539395458142568447.9",
        "9007199254740993",
    ]
]
LONGS.append(numpy.nextafter(numpy.longdouble(0), numpy.longdouble(1)))

# Ties of halves and floats, the ends of each kind, and what lies beside them.
FLOATS = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    math.inf,
    -math.inf,
    math.nan,
    -math.nan,
    2049.0,
    2051.0,
    65503.9,
    65504.0,
    65519.999,
    65520.0,
    -65520.0,
    2**-24,
    2**-25,
    2**-25 * 1.0000001,
    3 * 2**-25,
    2**-14 - 2**-25,
    6.097e-05,
    1e-8,
    16777217.0,
    16777219.0,
    3.4028235e38,
    3.4028235677973366e38,
    3.4028235677973362e38,
    -3.4028236e38,
    1e39,
    2**-149,
    2**-150,
    2**-150 * 1.0000001,
    5e-324,
    2.2250738585072014e-308,
    1.7976931348623157e308,
    9007199254740993.0,
    0.1,
    3.0,
    float_bits(0x7FF0000000000001),
    float_bits(0xFFF8123456789ABC),
    float_bits(0x7FF4000000000000),
    float_bits(0x7FFC040000000000),
]
INTS = sorted(
    {
        sign * (1 << bits) + more
        for bits in (0, 7, 8, 15, 16, 31, 32, 53, 63, 64)
        for sign in (1, -1)
        for more in (-1, 0, 1)
    }
)
INTS = [number for number in INTS if -(1 << 63) <= number < 1 << 64] + [16777217, 9007199254740993]


# ---- items -------------------------------------------------------------------------------------


def long_bytes(number):
    return numpy.longdouble(number).tobytes()[:LONG_BYTES].ljust(16, b"\0")


def random_long(random):
    if random.random() < 0.5:
        return random.choice(LONGS)
    return numpy.longdouble(random.getrandbits(64)) * numpy.longdouble(2.0) ** random.randrange(
        -70, 70
    )


def real_bytes(random, size):
    """Of this machine's order."""
    if size == 16:
        return long_bytes(random_long(random))
    if random.random() < 0.5:
        return random.choice(REAL_BITS[size]).to_bytes(size, sys.byteorder)
    return random.randbytes(size)


def integer_bytes(random, size):
    way = random.randrange(6)
    if way == 0:
        return bytes(size)
    if way == 1:
        return b"\xff" * size
    number = (1 << (8 * size - 1)) - (way == 2)
    return number.to_bytes(size, sys.byteorder) if way < 4 else random.randbytes(size)


def leaf_bytes(random, kind, size):
    """Bytes for a leaf, of this machine's order."""
    if kind == "f":
        return real_bytes(random, size)
    if kind == "c":
        return real_bytes(random, size // 2) + real_bytes(random, size // 2)
    if kind in "iuP":
        return integer_bytes(random, size)
    if kind == "b":
        return random.choice([b"\0", b"\1", b"\1"])
    if kind == "U":
        choices = "\0aé€\U0001f600\U0010ffff"
        characters = "".join(random.choice(choices) for _ in range(size // 4))
        return characters.encode("utf-32-le" if LITTLE else "utf-32-be")
    return random.choice([bytes(size), random.randbytes(size), b"ab\0".ljust(size, b"\0")[:size]])


def swap(kind, bytes_):
    """In the other order."""
    step = len(bytes_) // 2 if kind == "c" else 4 if kind == "U" else len(bytes_)
    if step == 0:
        return bytes_
    return b"".join(bytes_[at : at + step][::-1] for at in range(0, len(bytes_), step))


def item(random, itemsize, leaves):
    """An item: noise, and in most leaves something that is worth trying."""
    bytes_ = bytearray(random.randbytes(itemsize))
    for offset, kind, size, swapped in leaves:
        if kind not in "fcUb" and random.random() < 0.3:
            continue
        leaf = leaf_bytes(random, kind, size)
        bytes_[offset : offset + size] = swap(kind, leaf) if swapped else leaf
    return bytes(bytes_)


# ---- values to pack ----------------------------------------------------------------------------


def real(random):
    if random.random() < 0.6:
        return random.choice(FLOATS)
    return random.choice(
        [
            random.uniform(-1e6, 1e6),
            float_bits(random.getrandbits(64)),
            random.uniform(-7e4, 7e4),
            random.uniform(-1e-4, 1e-4),
        ]
    )


def integer(random, size, is_signed):
    bits = 8 * size - (1 if is_signed else 0)
    return random.choice(
        [0, 1, (1 << bits) - 1, -(1 << bits) if is_signed else 0, random.getrandbits(bits)]
    )


def any_value(random):
    """Of any kind, as far as the library has a value for it."""
    return random.choice(
        [
            lambda: random.choice(INTS),
            lambda: real(random),
            lambda: True,
            lambda: random.randbytes(random.randrange(4)),
            lambda: complex(1, -0.0),
        ]
    )()


def value(random, code, size):
    """For a leaf of that code, mostly one that it takes."""
    if random.random() < 0.03:
        return any_value(random)
    if code == "?":
        return random.choice([False, True, 0, 2, -1, 0.0, -0.0, math.nan, 1e-300, 0j, 1j])
    if code in "bhilqn":
        return integer(random, size, True) if random.random() < 0.95 else random.choice(INTS)
    if code in "BHILQNP":
        return integer(random, size, False) if random.random() < 0.95 else random.choice(INTS)
    if code in "efd":
        return real(random) if random.random() < 0.8 else random.choice(INTS)
    if code in "FD":
        return complex(real(random), real(random)) if random.random() < 0.8 else real(random)
    if code == "c":
        return random.randbytes(1 if random.random() < 0.97 else 2)
    if code in "sp":
        return random.randbytes(random.choice([0, size, size // 2, size + 1, 300]))
    if code == "w":
        return "".join(
            random.choice("aé€\U0001f600") for _ in range(random.randrange(size // 4 + 2))
        )
    return long_value(random, code)


def long_value(random, code):
    parts = [long_bytes(random_long(random)) for _ in range(2 if code == "G" else 1)]
    return random.choice([tuple(parts), real(random), random.choice(INTS)])


# ---- when two are the same ---------------------------------------------------------------------


def same_real(one, other):
    return struct.pack("<d", one) == struct.pack("<d", other)


def same(one, other):
    if type(one) != type(other):
        return False
    if isinstance(one, float):
        return same_real(one, other)
    if isinstance(one, complex):
        return same_real(one.real, other.real) and same_real(one.imag, other.imag)
    return one == other


def quiet(number):
    """A NaN whose payload begins with the bit that makes it quiet."""
    if isinstance(number, complex):
        return complex(quiet(number.real), quiet(number.imag))
    if not isinstance(number, float) or not math.isnan(number):
        return number
    return float_bits(struct.unpack("<Q", struct.pack("<d", number))[0] | 1 << 51)


def from_long(number):
    """As the module `ours` gives a long double: a float where that says all."""
    with numpy.errstate(all="ignore"):
        near = numpy.float64(number)
    if near == number or number != number:
        return float(near)
    return (long_bytes(number),)


def from_long_complex(number):
    parts = from_long(number.real), from_long(number.imag)
    if all(isinstance(part, float) for part in parts):
        return complex(*parts)
    return (long_bytes(number.real), long_bytes(number.imag))


def exact(value_):
    """A number that Python compares exactly: a long double becomes a fraction."""
    if isinstance(value_, tuple):
        parts = [numpy.frombuffer(part, numpy.longdouble)[0] for part in value_]
        parts = [
            fractions.Fraction(*part.as_integer_ratio()) if numpy.isfinite(part) else float(part)
            for part in parts
        ]
        return parts[0] if len(parts) == 1 or parts[1] == 0 else tuple(parts)
    return value_
