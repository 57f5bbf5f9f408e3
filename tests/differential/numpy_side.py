# SPDX-License-Identifier: MIT
"""What NumPy's reader of PEP 3118 says about a format, in the terms of struct_side.py."""

import functools
import re

import numpy
import numpy.core._internal as internal

from struct_side import Reading

parse = getattr(internal, "__dtype_from_pep3118")
KINDS = {"b": "b", "i": "i", "u": "u", "f": "f", "c": "c", "S": "S", "U": "U"}
ALL = 4096


def is_large(text):
    """NumPy's item sizes are a C int, and what passes it may wrap there unseen."""
    product = 16
    for number in re.findall(rb"\d+", text):
        product *= max(int(number), 1)
    return product >= 1 << 31


def base_of(dtype):
    """(dtype of an element, dimensions as (extent, stride))."""
    if dtype.subdtype is None:
        return dtype, ()
    base, shape = dtype.subdtype
    stride, dimensions = base.itemsize, []
    for extent in reversed(shape):
        dimensions.insert(0, (extent, stride))
        stride *= extent
    inner, more = base_of(base)
    return inner, tuple(dimensions) + more


def fields_of(dtype):
    return [dtype.fields[name][:2] for name in dtype.names]


def layout_of(dtype, offset=0, around=()):
    """Leaves with their dimensions; those with no element are left out."""
    dtype, own = base_of(dtype)
    dimensions = around + own
    if dtype.names is not None:
        return [
            leaf
            for inner, at in fields_of(dtype)
            for leaf in layout_of(inner, offset + at, dimensions)
        ]
    if dtype.kind == "V" or any(extent == 0 for extent, _ in dimensions):
        return []
    return [(offset, KINDS[dtype.kind], dtype.itemsize, not dtype.isnative, dimensions)]


def spread(dtype, offset, leaves):
    """Adds all leaves of an item; False: there are too many to look at."""
    base, dimensions = base_of(dtype)
    count = 1
    for extent, _ in dimensions:
        count *= extent
    if len(leaves) + count > ALL:
        return False
    if base.names is None:
        if base.kind != "V":
            leaves += [
                (offset + i * base.itemsize, KINDS[base.kind], base.itemsize, not base.isnative)
                for i in range(count)
            ]
        return True
    return all(
        spread(inner, offset + i * base.itemsize + at, leaves)
        for i in range(count)
        for inner, at in fields_of(base)
    )


@functools.lru_cache(4096)
def read(text):
    """A Reading, or None: NumPy refuses. Not to be asked where is_large()."""
    try:
        dtype, alignment = parse(internal._Stream(text.decode("latin-1")), is_subdtype=False)
    except Exception:
        return None
    if dtype.hasobject:
        reading = Reading("object", dtype.itemsize, alignment, [], None)
        return reading
    leaves = []
    known = spread(dtype, 0, leaves)
    reading = Reading(
        "numpy", dtype.itemsize, alignment, layout_of(dtype), leaves if known else None
    )
    reading.dtype = dtype
    return reading


def why(text):
    """What NumPy says when it refuses."""
    try:
        parse(internal._Stream(text.decode("latin-1")), is_subdtype=False)
    except Exception as error:
        return str(error)
    return None


def typed(dtype):
    """A dtype that an array keeps: a sub-array would become dimensions of the array."""
    return dtype if dtype.subdtype is None else numpy.dtype([("f0", dtype)])
