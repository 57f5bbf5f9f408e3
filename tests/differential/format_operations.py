# SPDX-License-Identifier: MIT
"""Operations on formats: read a text, where its leaves are, pack, unpack, compare, find."""

import re

import ours

import format_side
import numpy_side
import struct_side
import texts
import values
from judge import Refusal, attempt, refusal_among
from struct_side import KINDS

POSITION = re.compile(r"position (\d+)")
LARGEST_ITEM = 4096


class Read:
    """A text that the library and a reference have read."""

    def __init__(self, text, format_, reading):
        self.text, self.format, self.reading = text, format_, reading
        self.itemsize = reading.itemsize
        self.is_plain = False  # the reading is that of other words
        self.leaves = our_leaves(format_.fields()) if self.is_small() else None

    def is_small(self):
        return self.itemsize <= LARGEST_ITEM and self.reading.leaves is not None

    def codes(self):
        return [code for _, code, _, _ in self.leaves]


def our_leaves(fields, offset=0):
    """[(offset, code, size, swapped)] of all leaves, in their order."""
    leaves = []
    for _, at, size, shape, code, swapped, record in fields:
        count = 1
        for extent in shape:
            count *= extent
        for i in range(count):
            place = offset + at + i * size
            if record is None:
                leaves.append((place, code, size, swapped))
            elif not (inner := our_leaves(record, place)):
                break
            else:
                leaves += inner
    return leaves


# ---- read --------------------------------------------------------------------------------------

def other_side(judge, text, accepted):
    """The Reading to compare with, or None. What only one of the sides reads is a difference."""
    by_struct = struct_side.read(text)
    if not by_struct and numpy_side.is_large(text):
        if accepted:
            judge.same("format: read", True, False, text=text, changes=["large"])
        return None
    by_numpy = None if numpy_side.is_large(text) else numpy_side.read(text)
    if by_struct and by_numpy:
        judge.same("format: struct's size and NumPy's", by_struct.itemsize, by_numpy.itemsize,
                   text=text, alignment=by_numpy.alignment)
        judge.same("format: struct's layout and NumPy's", by_struct.layout, by_numpy.layout, text=text)
        judge.same("format: struct's alignment and NumPy's", by_struct.alignment, by_numpy.alignment,
                   text=text)
    return by_struct or by_numpy


def plainly(judge, text):
    """The library reads what neither reference does: NumPy has to read its plain spelling."""
    plain = texts.Plain(text)
    by_numpy = numpy_side.read(plain.text)
    judge.same("format: read", True, False, text=text, changes=sorted(plain.changes) or ["names"],
               plain=by_numpy and plain.text, refusal=numpy_side.why(plain.text))
    return by_numpy


def tells_position(refusal, size):
    """Where the fault lies, as far as the text goes."""
    told = POSITION.search(refusal.args[1])
    return told is not None and int(told[1]) <= size


def parse(judge, text):
    """A Read, or None."""
    judge.begin("format: parse")
    judge.texts.add(text)
    accepted, answer = attempt(ours.Refused, ours.Format, text)
    judge.note(accepted)
    if not accepted:
        judge.same("format: position told", tells_position(answer, len(text)), True, text=text,
                   refusal=answer.args)
    reading, is_plain = other_side(judge, text, accepted), False
    if reading is None and not numpy_side.is_large(text) and accepted:
        reading, is_plain = plainly(judge, text), True
    elif not accepted and reading:
        judge.same("format: read", False, True, text=text, refusal=answer.args, source=reading.source)
    if not accepted or reading is None or reading.source == "object":
        return None
    if text != answer.text():
        judge.same("format: text", answer.text(), text)
    read = Read(text, answer, reading)
    read.is_plain = is_plain
    itemsize, alignment, count = answer.sizes()
    judge.same("format: itemsize", itemsize, reading.itemsize, text=text, source=reading.source,
               alignment=reading.alignment)
    judge.same("format: alignment", alignment, reading.alignment, text=text)
    read.itemsize = itemsize
    if reading.leaves is not None:
        judge.same("format: number of values", count, len(reading.leaves), text=text)
    return read


def layout(judge, read):
    """Where each leaf lies and what it is."""
    judge.begin("format: layout")
    judge.note(True)
    mine = [(offset, KINDS[code], size, swapped) for offset, code, size, swapped in read.leaves]
    theirs = [(offset, "u" if kind == "P" else kind, size, swapped)
              for offset, kind, size, swapped in read.reading.leaves]
    same_kinds = {"P": "u", "p": "S"} if read.reading.source == "numpy" else {"P": "u"}
    mine = [(offset, same_kinds.get(kind, kind), size, swapped) for offset, kind, size, swapped in mine]
    judge.same("format: layout", mine, theirs, text=read.text)


# ---- items -------------------------------------------------------------------------------------

def padded(read, item):
    """The item with as many bytes as NumPy has for it, which may pad its end."""
    return item.ljust(read.reading.itemsize, b"\0")


def unpack(judge, random, read):
    judge.begin("format: unpack")
    item = values.item(random, read.itemsize, read.reading.leaves)
    count = len(read.reading.leaves)
    if random.random() < 0.02:
        count += random.choice([-1, 1]) if count else 1
    accepted, mine = attempt(ours.Refused, read.format.unpack, item, count)
    judge.note(accepted)
    judge.same("format: unpack accepted", accepted, count == len(read.reading.leaves), text=read.text)
    if not accepted:
        return
    theirs = format_side.unpack(read.reading, padded(read, item))
    theirs = pascals(read, item, theirs)
    for leaf, one, other in zip(read.leaves, mine, theirs):
        if not values.same(one, other):
            judge.same("format: unpacked value", (one,), (other,), code=leaf[1], text=read.text,
                       item=item)


def pascals(read, item, theirs):
    """NumPy has read a Pascal string as bytes: struct's answer for these."""
    if read.reading.struct or "p" not in read.codes():
        return theirs
    return tuple(struct_side.read(b"%dp" % size).struct.unpack(item[offset:offset + size])[0]
                 if code == "p" and size else value
                 for (offset, code, size, _), value in zip(read.leaves, theirs))


def pack(judge, random, read):
    judge.begin("format: pack")
    chosen = tuple(values.value(random, code, size) for _, code, size, _ in read.leaves)
    if random.random() < 0.02:
        chosen = chosen[:-1] if chosen and random.random() < 0.5 else chosen + (1,)
    accepted, mine = attempt(ours.Refused, read.format.pack, chosen)
    judge.note(accepted)
    known, theirs = attempt(format_side.REFUSALS + (Refusal,), format_side.pack, read.reading,
                            read.codes(), chosen)
    if judge.same("format: packed", accepted, known, text=read.text, values=chosen,
                  source=read.reading.source,
                  refusal=refusal_among(mine, theirs)) and accepted:
        theirs = theirs[:read.itemsize]
        if mine != theirs:
            compare_leaves(judge, read, chosen, mine, theirs)


def compare_leaves(judge, read, chosen, mine, theirs):
    """Which leaf it is; where it is none, the padding."""
    rest = bytearray(mine)
    for (offset, code, size, swapped), value in zip(read.leaves, chosen):
        one, other = mine[offset:offset + size], theirs[offset:offset + size]
        rest[offset:offset + size] = other
        if one != other:
            judge.same("format: packed value", one, other, code=code, swapped=swapped, value=value,
                       text=read.text)
    judge.same("format: padding", bytes(rest), theirs, text=read.text, values=chosen)


# ---- compare -----------------------------------------------------------------------------------

def canonical(read):
    leaves = [leaf for leaf in read.reading.layout]
    return (read.itemsize, len(read.reading.leaves), leaves)


RESPELLED = [(b"l", b"q"), (b"q", b"l"), (b"c", b"1s"), (b"s", b"c"), (b"i", b"=i"), (b"i", b"<i"),
             (b"i", b">i"), (b"d", b"(1)d"), (b"2", b"3"), (b"@", b"^"), (b"B", b"b"), (b"H", b"h"),
             (b"f", b"e"), (b"a", b"bb"), (b"x", b"B"), (b"<", b"="), (b"i", b"I"), (b"2i", b"ii")]


def respelled(random, text):
    """The same in other words, or nearly the same."""
    way = random.random()
    if way < 0.2:
        return b"T{" + text + b"}"
    if way < 0.3:
        return text + b"0x"
    old, new = random.choice(RESPELLED)
    return text.replace(old, new, 1)


def equal(judge, random, read):
    text = respelled(random, read.text) if random.random() < 0.9 else texts.text(random)
    other = parse(judge, text)
    if other is None or not other.is_small() or read.is_plain or other.is_plain:
        return
    judge.begin("format: equal")
    judge.note(True)
    mine = read.format.equal(other.format)
    judge.same("format: equal both ways", mine, other.format.equal(read.format), a=read.text, b=text)
    judge.same("format: equal", mine, canonical(read) == canonical(other), a=read.text, b=text)


NAME = re.compile(rb":([^:]+):")
MADE_UP = re.compile(rb"f\d+")  # by NumPy, for fields without a name


def has_empty_name(text):
    """T{...}::, which is a name to NumPy."""
    parts, depth = texts.tokens(text), 0
    for part, following in zip(parts, parts[1:]):
        depth += {b"T{": 1, b"}": -1}.get(part, 0)
        if part == b"}" and depth == 0 and following == b"::":
            return True
    return False


def is_numpys_record(text, format_, reading):
    """T{...} and nothing else: NumPy's dtype is that record."""
    fields = format_.fields()
    if len(fields) != 1 or reading.dtype is None or has_empty_name(text):
        return False
    name, offset, size, shape, _, _, record = fields[0]
    return name == b"" and offset == 0 and shape == () and record is not None and \
        size == reading.itemsize


def fields_by_name(read):
    """Where the library looks: in the one record that the item is, and in the item itself."""
    fields = dict(read.reading.dtype.fields)
    mine = read.format.fields()
    if len(mine) == 1 and mine[0][3] == () and mine[0][6] is not None and \
            not is_numpys_record(read.text, read.format, read.reading):
        for field in list(fields.values()):
            fields.update(field[0].fields or {})
    return fields


def find(judge, random, read):
    """NumPy's fields by their names."""
    dtype = read.reading.dtype
    if dtype is None or dtype.names is None or read.is_plain:
        return
    judge.begin("format: find")
    name = random.choice([name for name in NAME.findall(read.text) if not MADE_UP.fullmatch(name)] +
                         [b"nobody"])
    mine = read.format.find(name)
    judge.note(mine is not None)
    theirs = fields_by_name(read).get(name.decode("latin-1"))
    if mine is None or theirs is None:
        judge.same("format: find", mine is not None, theirs is not None, text=read.text, name=name,
                   kind=theirs and numpy_side.base_of(theirs[0])[0].char)
    else:
        judge.same("format: field's place", mine[1], theirs[1], text=read.text, name=name)


def play(judge, random):
    """A round: one text, and what can be done with it."""
    read = parse(judge, texts.text(random))
    if read is None or not read.is_small():
        return
    layout(judge, read)
    for _ in range(random.randrange(1, 4)):
        unpack(judge, random, read)
    for _ in range(random.randrange(1, 4)):
        pack(judge, random, read)
    equal(judge, random, read)
    find(judge, random, read)
