# SPDX-License-Identifier: MIT
"""Views and arrays in words: the shape, and the first elements as their format says."""
from . import layout, memory
from .describe import Description, describes, headline, limit_of_elements
from .formats import Format, letter_of, quoted, show_value
from .memory import Unreadable
from .objects import plural

DIMENSIONS_MAX = 64


class View:
    """What is needed of an rc_view to find its elements."""

    def __init__(self, address):
        view = layout.Record("rc_view", address)
        self.ndim = min(view.ndim, DIMENSIONS_MAX)
        self.data, self.itemsize, self.size = view.data, view.itemsize, view.size
        self.format_address, self.base = view.format, view.base
        self.is_read_only = bool(view.rc__state & layout.VIEW_READ_ONLY)
        self.shape = memory.words(view.shape, self.ndim) if self.ndim else []
        self.strides = memory.words(view.strides, self.ndim, signed=True) if self.ndim else []
        self.suboffsets = None
        if view.suboffsets and self.ndim:
            self.suboffsets = memory.words(view.suboffsets, self.ndim, signed=True)
        self.format = Format(view.format)

    def step(self, place, dimension, index):
        """Where the part with that index begins."""
        place += index * self.strides[dimension]
        if self.suboffsets and self.suboffsets[dimension] >= 0:
            place = memory.word(place) + self.suboffsets[dimension]
        return place


class Writer:
    """Writes nested lists of elements until so many are written."""

    def __init__(self, view, limit):
        self.view = view
        self.left = limit

    def write(self, place, dimension):
        """All that lies at the place from that dimension on."""
        if dimension == self.view.ndim:
            self.left -= 1
            return self.view.format.show(memory.read(place, self.view.itemsize))
        parts = []
        if self.view.shape[dimension] == 0:
            self.left -= 1
        for index in range(self.view.shape[dimension]):
            if self.left <= 0:
                parts.append("...")
                break
            parts.append(self.write(self.view.step(place, dimension, index), dimension + 1))
        return "[" + ", ".join(parts) + "]"


def show_elements(view, limit):
    """The first elements, nested as the shape is."""
    if view.size == 0:
        return "[]"
    try:
        return Writer(view, limit).write(view.data, 0)
    except Unreadable as error:
        return f"({error})"


def _tuple(numbers):
    return "(" + ", ".join(str(number) for number in numbers) + (",)" if len(numbers) == 1 else ")")


@describes("rc_view")
def _describe_view(found, depth):
    view = View(found.address)
    flags = ", read-only" if view.is_read_only else ""
    said = (f"rc_view {_tuple(view.shape)} of {quoted(view.format.text.encode())}{flags}, "
            f"{found.count_text()}: {show_elements(view, limit_of_elements())}")
    return Description(said, _view_facts(view, depth) if depth == 0 else ())


def _view_facts(view, depth):
    facts = [("shape", _tuple(view.shape)), ("strides", _tuple(view.strides))]
    if view.suboffsets:
        facts.append(("suboffsets", _tuple(view.suboffsets)))
    facts += [("itemsize", str(view.itemsize)), ("size", plural(view.size, "element")),
              ("data", f"0x{view.data:x}"),
              ("format", headline(view.format_address, depth + 1)),
              ("base", headline(view.base, depth + 1))]
    return facts


# ---- arrays --------------------------------------------------------------------------------------


class _Element:
    """What show_value() wants to know of an array's element."""

    swapped = False
    record = 0  # there is none

    def __init__(self, typecode, itemsize):
        self.code = "w" if typecode == "u" else typecode
        self.size = itemsize


def _show_row(typecode, data, length, itemsize):
    """The first elements of an array."""
    wanted = min(length, limit_of_elements())
    element = _Element(typecode, itemsize)
    content = memory.read(data, wanted * itemsize)
    parts = [show_value(element, content[place * itemsize:(place + 1) * itemsize])
             for place in range(wanted)]
    return "[" + ", ".join(parts + (["..."] if wanted < length else [])) + "]"


@describes("rc_array")
def _describe_array(found, depth):
    array = layout.Record("rc_array", found.address)
    typecode = letter_of(array.typecode)
    row = _show_row(typecode, array.data, array.length, array.itemsize)
    said = (f"rc_array '{typecode}' of {plural(array.length, 'element')}, "
            f"{found.count_text()}: {row}")
    return Description(said, [("buffer", headline(array.buffer, depth + 1))] if depth == 0 else ())
