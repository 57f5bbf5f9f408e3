# SPDX-License-Identifier: MIT
"""The arrays that npy_stats is tried on, by name, and the numbers of each of their columns."""
import numpy as np

CODES = "? i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 g c8 c16 G".split()


def numbers(random, dtype, shape):
    """All of the range of an integer; reals of a few magnitudes."""
    if dtype.kind == "b":
        return random.integers(0, 2, shape).astype(dtype)
    if dtype.kind in "iu":
        native = dtype.newbyteorder("=")
        about = np.iinfo(native)
        return random.integers(about.min, about.max, shape, native, endpoint=True).astype(dtype)
    reals = random.normal(3, 100, shape)
    if dtype.kind == "c":
        reals = reals + 1j * random.normal(-50, 0.01, shape)
    return reals.astype(dtype)


def plain(random):
    """Every type in both orders of bytes and of elements; each layout with some of them."""
    shapes = [(1000,), (257, 3), (300, 2, 4), (1, 5), (129,), ()]
    for place, code in enumerate(CODES):
        for order in "<>":
            dtype = np.dtype(code).newbyteorder(order)
            if dtype.itemsize == 1 and order == ">":
                continue
            if dtype.char in "gG" and order == ">":
                continue  # refused, as gate.sh sees
            for shape in (shapes[0], shapes[1], shapes[2], shapes[3 + place % 3]):
                array = numbers(random, dtype, shape)
                name = "%s%s-%s" % ("" if order == "<" else "swapped-", code.replace("?", "bool"),
                                    "x".join(map(str, shape)) or "0d")
                yield name, array
                if len(shape) > 1:
                    yield name + "-fortran", np.asfortranarray(array)


def hard(random):
    """Where sums lose digits, or have none."""
    yield "offset", random.normal(1e9, 1, 100000)
    yield "offset-f4", random.normal(1000, 0.1, (5000, 2)).astype("f4")
    yield "cancelling", random.normal(0, 1, 30001) * 10.0 ** random.integers(-8, 8, 30001)
    yield "constant", np.full((777, 2), 0.1)
    yield "constant-g", np.full(777, np.longdouble(1) / 3)
    yield "large", random.normal(0, 1e150, 999)
    yield "overflowing", np.full(300, 1.7e308)
    yield "small", random.random(500) * 5e-324 * 1000
    yield "zeros", np.array([0.0, -0.0, 0.0])
    yield "nan", np.array([[1, np.nan, 3], [np.nan, np.nan, 1], [2, 5, 4]], "f4")
    yield "nan-f2", np.where(random.random(600) < 0.3, np.nan, 1).astype("f2")
    yield "nan-g", np.array([np.nan, 1], "g")
    yield "nan-swapped", np.array([np.nan, -np.nan, 1], ">f8")
    yield "nan-complex", np.array([1 + 2j, complex(3, np.nan)])
    yield "infinite", np.array([[np.inf, -np.inf, np.inf], [1, 2, -np.inf]])
    yield "infinite-f2", np.array([1, np.inf], ">f2")
    yield "subnormal-f2", np.array([2.0 ** -24, 65504, -2.0 ** -14], "f2")
    yield "extremes-i8", np.array([[-2**63, 2**63 - 1, -1], [2**63 - 1, 2**63 - 1, -1]], "i8")
    yield "extremes-u8", np.array([2**64 - 1] * 1000 + [0, 2**63], "u8")
    yield "negative-i8", random.integers(-9, 0, 5000)
    yield "rows-1", random.normal(0, 1, (1, 4))
    yield "rows-2", random.normal(0, 1, (2, 4))
    for rows in (127, 128, 129, 255, 256, 257, 32768, 32769):
        yield "rows-%d" % rows, random.normal(1, 1, rows)


def large(random):
    """More rows than a block has, and more columns than a band."""
    yield "long", random.normal(5, 2, 3000000)
    yield "long-u1", random.integers(0, 255, 2500001, "u1")
    yield "long-2d", random.normal(5, 2, (200003, 7))
    yield "long-2d-fortran", np.asfortranarray(random.normal(5, 2, (200003, 7)))
    yield "wide", random.normal(5, 2, (150, 5000))
    yield "wide-fortran", np.asfortranarray(random.normal(5, 2, (150, 5000)))
    yield "deep-fortran", np.asfortranarray(random.integers(0, 99, (200, 5, 2, 3, 4), "i2"))


def records(random):
    def fill(dtype, shape):
        array = np.zeros(shape, dtype)
        for name in array.dtype.names:
            field = array[name]
            if field.dtype.names:
                array[name] = fill(field.dtype, field.shape)
            elif field.dtype.kind not in "SUV":
                array[name] = numbers(random, field.dtype, field.shape)
        return array

    flat = [("a", "i1"), ("b", "f8"), ("c", ">u4"), ("d", "?"), ("e", "f2")]
    yield "record-packed", fill(flat, 500)
    yield "record-aligned", fill(np.dtype(flat, align=True), 500)
    yield "record-2d", fill(np.dtype(flat, align=True), (130, 3))
    yield "record-2d-fortran", np.asfortranarray(fill(flat, (130, 3)))
    yield "record-0d", fill(flat, ())
    yield "record-sub", fill([("pos", "f4", (2, 3)), ("n", "<i8"), ("q", ">i2", (3,))], 400)
    inner = np.dtype([("x", "f8"), ("y", "u2", (2,))], align=True)
    yield "record-nested", fill(np.dtype([("k", "i1"), ("in", inner, (2,)), ("g", "g")], align=True), 300)
    yield "record-deep", fill([("a", [("b", [("c", ">f4"), ("d", "c8")])])], 200)
    yield "record-text", fill([("name", "S5"), ("value", "f8"), ("label", "U3", (2,))], 100)
    gaps = np.dtype({"names": ["u", "v"], "formats": ["<u8", ">f8"], "offsets": [3, 17], "itemsize": 40})
    yield "record-gaps", fill(gaps, 333)
    yield "record-names", fill([("two words", "f4"), ("a'\"b", "i2"), ("\u00e9t\u00e9", "i4")], 10)
    yield "record-utf8", fill([("\u6e29\u5ea6", "f4")], 10)
    yield "record-many", fill([("field_%d" % i, "<f4") for i in range(3000)], 20)
    whole = fill(np.dtype(flat, align=True), 600)
    yield "record-sliced", whole[1::3]


def sliced(random):
    whole = random.normal(0, 1, (400, 9))
    yield "sliced-steps", whole[::2, ::3]
    yield "sliced-reverse", whole[::-1, ::-1]
    yield "sliced-transposed", whole.T
    yield "sliced-column", whole[:, 4]


def empty(_):
    yield "empty", np.zeros(0)
    yield "empty-2d", np.zeros((0, 3), "i4")
    yield "empty-columns", np.zeros((3, 0), "u1")
    yield "empty-record", np.zeros(0, [("a", "i4"), ("b", "f8", (2,))])
    yield "text", np.array(["ab", "c"])
    yield "bytes", np.array([[b"ab", b"c"]])
    yield "void", np.zeros(4, "V7")


def all_arrays(seed):
    random = np.random.default_rng(seed)
    for make in (plain, hard, large, records, sliced, empty):
        yield from make(random)


def columns_of(array):
    """(name, all numbers of the column), in npy_stats's order; None for what are no numbers."""
    if array.ndim == 0:
        array = array.reshape(1)
    yield from parts_of(array, [(None, array.ndim - 1)])


def parts_of(array, path):
    dtype = array.dtype
    if dtype.names:
        for name in dtype.names:
            field = array[name]
            yield from parts_of(field, path + [(name, field.ndim - array.ndim)])
    elif dtype.kind == "c":
        yield from parts_of(array.real, path + [("real", 0)])
        yield from parts_of(array.imag, path + [("imag", 0)])
    elif dtype.kind in "SUV":
        yield spell(path, None), None
    else:
        for index in np.ndindex(array.shape[1:]):
            yield spell(path, index), array[(slice(None),) + index]


def spell(path, index):
    text, used = "", 0
    for name, ndim in path:
        if name is not None:
            text += ("." if text else "") + name
        if index is not None and ndim:
            text += "[%s]" % ",".join(map(str, index[used:used + ndim]))
            used += ndim
    return text or "value"
