# SPDX-License-Identifier: MIT
"""What views are views of: formats that a reference reads too, small ones mostly."""

import functools
import re

import numpy

import format_side
import ours
import texts
from format_operations import MADE_UP, NAME, canonical, is_numpys_record
from values import exact

CODES = [
    b"B",
    b"b",
    b"c",
    b"?",
    b"h",
    b"H",
    b"i",
    b"I",
    b"l",
    b"L",
    b"q",
    b"Q",
    b"n",
    b"N",
    b"e",
    b"f",
    b"d",
    b"P",
    b"g",
    b"Zf",
    b"Zd",
    b"Zg",
    b"3s",
    b"5p",
    b"2w",
    b"@i",
    b"@B",
]
ORDERED = [
    order + code
    for order in (b"<", b">", b"=", b"!")
    for code in (b"B", b"h", b"H", b"i", b"I", b"q", b"Q", b"e", b"f", b"d", b"Zf", b"Zd", b"w")
]
NATIVE = re.compile(rb"@?[cbB?hHiIlLqQnNfdP]")
LARGEST = 72


class Element:
    """A format on both sides; the two agree on it, or None was read."""

    def __init__(self, text, format_, reading):
        self.text, self.format, self.reading = text, format_, reading
        self.itemsize = reading.itemsize
        self.dtype = reading.dtype or self.single_dtype()
        self.void = numpy.dtype(f"V{self.itemsize}")
        self.is_native = NATIVE.fullmatch(text) is not None
        self.is_plain = False

    def single_dtype(self):
        """NumPy's, for one number that struct has read."""
        if len(self.reading.leaves) != 1 or self.reading.leaves[0][1] not in "biufcP":
            return None
        _, kind, size, swapped = self.reading.leaves[0]
        if size != self.itemsize:
            return None
        return format_side.dtype_of("u" if kind == "P" else kind, size, swapped)

    def is_byte(self):
        return self.itemsize == 1 and self.is_native and self.text[-1:] in b"bBc"

    def values(self, item):
        return format_side.unpack(self.reading, item)

    def comparable(self, item):
        """The values as Python compares them: characters equal no bytes."""
        return [
            ("U", value) if leaf[1] == "U" else exact(value)
            for leaf, value in zip(self.reading.leaves, self.values(item))
        ]

    def is_one_leaf(self):
        fields = self.format.fields()
        return len(fields) == 1 and fields[0][3] == () and fields[0][6] is None

    def meaning(self):
        return canonical(self)

    def names(self):
        """Fields by name, where the item is one record: NumPy's."""
        if self.reading.dtype is None or not is_numpys_record(self.text, self.format, self.reading):
            return []
        known = set(self.reading.dtype.names or ())
        return [
            name
            for name in NAME.findall(self.text)
            if not MADE_UP.fullmatch(name) and name.decode() in known
        ]


@functools.lru_cache(8192)
def read(text):
    """An Element, or None: the sides do not read it alike, or it is too large for a view here."""
    reading = format_side.read(text) if text.isascii() else None
    if (
        reading is None
        or reading.source == "object"
        or not reading.leaves
        or any(map(format_side.is_empty_pascal, reading.leaves))
    ):
        return None
    try:
        format_ = ours.Format(text)
    except ours.Refused:
        return None
    if format_.sizes()[0] != reading.itemsize or not 1 <= reading.itemsize <= LARGEST:
        return None
    return Element(text, format_, reading)


def any_element(random):
    if random.random() < 0.5:
        return read(random.choice(CODES))
    if random.random() < 0.4:
        return read(random.choice(ORDERED))
    for _ in range(40):
        text = random.choice([texts.struct_text, texts.pep_text, record_text])(random).encode()
        if element := read(text):
            return element
    return read(b"B")


def record_text(random):
    """One record with names."""
    pep = texts.Pep(random)
    names = random.sample(["a", "b", "c", "id", "x y"], random.randrange(1, 5))
    return "T{" + "".join(pep.element(1, ["-"]).split(":")[0] + f":{name}:" for name in names) + "}"
