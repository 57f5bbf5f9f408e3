# SPDX-License-Identifier: MIT
"""
The elements of views and arrays, taken out of their bytes as an rc_format says: from the fields
that the library has parsed, not from the text.
"""
import math
import struct

import gdb

from . import layout, memory

FIELDS_MAX = 64  # of one record that are shown
PARTS_MAX = 256  # of one item, since a format that was spoiled may be a part of itself
NESTED_MAX = 16  # records inside of each other, for the same reason
SIGNED, UNSIGNED, REAL, COMPLEX = "bhilqn", "BHILQN", "efdg", "FDG"


def letter_of(code):
    """A format's letter, or what people can read of what is none."""
    return chr(code) if 32 <= code < 127 else f"\\{code:03o}"


class Field:
    """One place of an item."""

    def __init__(self, address):
        record = layout.Record("rc_format_field", address)
        self.name = memory.text(record.name, 64) if record.name else ""
        self.offset = record.offset
        self.size = record.size
        self.shape = memory.words(record.shape, min(record.ndim, 64)) if record.ndim else []
        self.record = record.record
        self.code = letter_of(record.code)
        self.swapped = bool(record.swapped)


class Format:
    """An rc_format; also one of a record, which is no object."""

    def __init__(self, address):
        record = layout.Record("rc_format", address)
        self.address = address
        self.text = memory.text(record.text) if record.text else ""
        self.itemsize = record.itemsize
        size = layout.size_of("rc_format_field")
        count = min(record.field_count, FIELDS_MAX)
        self.is_cut = count < record.field_count
        self.fields = [Field(record.fields + place * size) for place in range(count)]

    def show(self, item, room=None):
        """One item, as bytes, for people."""
        room = room or Room()
        if len(self.fields) == 1 and not self.is_cut and not self.fields[0].name:
            return _show_field(self.fields[0], item, room)
        parts = [_named(field, item, room) for field in self.fields]
        return "{" + ", ".join(parts + (["..."] if self.is_cut else [])) + "}"


class Room:
    """For so many parts of one item."""

    def __init__(self):
        self.left = PARTS_MAX
        self.depth = 0
        self.records = {}

    def take(self):
        """False: there is none."""
        self.left -= 1
        return self.left >= 0

    def show_record(self, address, content):
        """A record in the item."""
        if self.depth == NESTED_MAX:
            return "..."
        if address not in self.records:
            self.records[address] = Format(address)
        self.depth += 1
        said = self.records[address].show(content, self)
        self.depth -= 1
        return said


def _named(field, item, room):
    text = _show_field(field, item, room)
    return f"{field.name} = {text}" if field.name else text


def _show_field(field, item, room):
    """All elements of a field."""
    return _show_elements(field, item, (field.offset, field.shape), room)[0]


def _show_elements(field, item, place, room):
    """What lies at the place, an offset and a shape, and the offset behind it."""
    offset, shape = place
    if not room.take():
        return "...", offset
    if not shape:
        return show_value(field, item[offset:offset + field.size], room), offset + field.size
    parts = []
    for _ in range(min(shape[0], FIELDS_MAX)):
        part, offset = _show_elements(field, item, (offset, shape[1:]), room)
        parts.append(part)
        if room.left <= 0:
            break
    if shape[0] > len(parts):
        parts.append("...")
    return "[" + ", ".join(parts) + "]", offset


def show_value(field, content, room=None):
    """One element."""
    order = memory.byte_order()
    if field.swapped:
        order = "<" if order == ">" else ">"
    if field.code == "T":
        return (room or Room()).show_record(field.record, content)
    if field.code == "?":
        return "true" if any(content) else "false"
    if field.code in COMPLEX:
        half = len(content) // 2
        return f"{_real(content[:half], order)}{_real(content[half:], order):+}j"
    if field.code in REAL:
        return _show_real(content, order)
    return _show_other(field.code, content, order)


def _show_other(code, content, order):
    endian = "little" if order == "<" else "big"
    if code in SIGNED or code in UNSIGNED:
        return str(int.from_bytes(content, endian, signed=code in SIGNED))
    if code == "P":
        return hex(int.from_bytes(content, endian))
    if code == "w":
        whole = content[:len(content) // 4 * 4]
        decoded = whole.decode("utf-32-le" if order == "<" else "utf-32-be", "replace")
        return quoted(decoded.rstrip("\0").encode())
    if code == "p":
        content = content[1:1 + content[0]] if content else b""
    return quoted(content.rstrip(b"\0") if code in "sp" else content)


def _show_real(content, order):
    value = _real(content, order)
    if len(content) <= 4 and math.isfinite(value):
        return shortest(value, "<f" if len(content) == 4 else "<e")
    return repr(value)


def shortest(value, code):
    """As few digits as lead back to the same number."""
    for digits in range(1, 10):
        found = f"{value:.{digits}g}"
        if _packed(code, float(found)) == _packed(code, value):
            return repr(float(found))
    return repr(value)


def _packed(code, value):
    """Its bytes; None: it is larger than such a number can be."""
    try:
        return struct.pack(code, value)
    except OverflowError:
        return None


def _real(content, order):
    code = {2: "e", 4: "f", 8: "d"}.get(len(content))
    if code:
        return struct.unpack(order + code, content)[0]
    return _long_double(content if order == "<" else content[::-1])


def _long_double(content):
    """x86's of 80 bits, or IEEE's of 128, little end first; as near as a double is."""
    if "i386" in gdb.selected_inferior().architecture().name():
        mantissa, bits = int.from_bytes(content[:8], "little"), 63
        head = int.from_bytes(content[8:10], "little")
    else:
        mantissa, bits = int.from_bytes(content[:14], "little") | 1 << 112, 112
        head = int.from_bytes(content[14:16], "little")
    exponent = head & 0x7FFF
    if exponent == 0x7FFF:
        return math.nan if mantissa & ((1 << bits) - 1) else math.copysign(math.inf, 0x8000 - head)
    if exponent == 0:
        return 0.0
    try:
        value = math.ldexp(mantissa, exponent - 16383 - bits)
    except OverflowError:
        value = math.inf
    return -value if head & 0x8000 else value


ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(content):
    """Bytes as C writes them in a string; UTF-8 stays as it is, where GDB can write it."""
    charset = memory.host_charset()
    letters = content.decode("utf-8", "surrogateescape")
    return '"' + "".join(_letter(letter, charset) for letter in letters) + '"'


def _letter(letter, charset):
    if letter in ESCAPES:
        return ESCAPES[letter]
    try:
        letter.encode(charset)
        if letter.isprintable():
            return letter
    except UnicodeEncodeError:
        pass
    return "".join(f"\\{byte:03o}" for byte in letter.encode("utf-8", "surrogateescape"))


def is_text(content):
    """Whether people can read it."""
    try:
        decoded = content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            return False
        decoded = content[:error.start].decode("utf-8")  # cut in the middle of a letter
    return all(letter.isprintable() or letter in "\n\r\t" for letter in decoded)


def show_bytes(content):
    """A string where it is one, else numbers in hexadecimal."""
    return quoted(content) if is_text(content) else content.hex(" ")
