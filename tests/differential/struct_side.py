# SPDX-License-Identifier: MIT
"""What the struct module says about a format: its size, and where its leaves are.

A leaf is (offset, kind, size, swapped); the kinds are b(ool) i u f c(omplex) S(tring) U p(ascal)
P(ointer). A layout has the same with the dimensions before they are spread out.
"""

import functools
import re
import struct
import sys

ELEMENT = re.compile(rb"\s*(\d*)([xcbB?hHiIlLqQnNefdspP])")
KINDS = {
    **dict.fromkeys("bhilqn", "i"),
    **dict.fromkeys("BHILQN", "u"),
    **dict.fromkeys("efdg", "f"),
    **dict.fromkeys("FDG", "c"),
    "?": "b",
    "c": "S",
    "s": "S",
    "p": "p",
    "P": "P",
    "w": "U",
}
FOREIGN = b">!" if sys.byteorder == "little" else b"<"


class Reading:
    """A format as one of the two references reads it."""

    def __init__(self, source, itemsize, alignment, layout, leaves):
        self.source, self.itemsize, self.alignment = source, itemsize, alignment
        self.layout, self.leaves = layout, leaves
        self.struct = self.dtype = None


def order_of(text):
    return text[:1] if text[:1] in b"@=<>!" and text else b"@"


def elements_of(text):
    """[(what precedes it and itself, count, code)]: struct has accepted the text."""
    at = 1 if text[:1] and text[:1] in b"@=<>!" else 0
    elements = []
    while match := ELEMENT.match(text, at):
        at = match.end()
        elements.append((text[:at], int(match[1] or b"1"), chr(match[2][0])))
    return elements


def element_size(order, code):
    return struct.calcsize(order + code.encode())


def alignment_of(text):
    """Of the codes, by what struct puts before each of them."""
    if order_of(text) != b"@":
        return 1
    codes = {code for _, _, code in elements_of(text)}
    return max(
        (struct.calcsize(f"@b{code}") - struct.calcsize(f"@{code}") for code in codes), default=1
    )


def layout_of(text):
    order, layout = order_of(text), []
    for upto, count, code in elements_of(text):
        if code == "x":
            continue
        size, end = element_size(order, code), struct.calcsize(upto)
        swapped = order in FOREIGN and size > 1
        if code in "sp":
            layout.append((end - count, KINDS[code], count, False, ()))
        elif count:
            dimensions = ((count, size),) if count != 1 else ()
            layout.append((end - count * size, KINDS[code], size, swapped, dimensions))
    return layout


def spread(layout):
    """The leaves; None where there are too many to look at."""
    leaves = []
    for offset, kind, size, swapped, dimensions in layout:
        count = dimensions[0][0] if dimensions else 1
        if len(leaves) + count > 4096:
            return None
        leaves += [(offset + i * size, kind, size, swapped) for i in range(count)]
    return leaves


@functools.lru_cache(4096)
def read(text):
    """A Reading, or None: struct refuses."""
    try:
        known = struct.Struct(text)
    except struct.error:
        return None
    layout = layout_of(text)
    reading = Reading("struct", known.size, alignment_of(text), layout, spread(layout))
    reading.struct = known
    return reading
