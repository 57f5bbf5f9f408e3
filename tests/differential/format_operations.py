# SPDX-License-Identifier: MIT
"""Operations on formats: read a text, where its leaves are, pack, unpack, compare, find."""

import re

import format_side
import numpy_side
import ours
import struct_side
import texts
import values
from format_reading import layout, parse
from judge import Refusal, attempt, refusal_among


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
    judge.same(
        "format: unpack accepted", accepted, count == len(read.reading.leaves), text=read.text
    )
    if not accepted:
        return
    theirs = format_side.unpack(read.reading, padded(read, item))
    theirs = pascals(read, item, theirs)
    for leaf, one, other in zip(read.leaves, mine, theirs):
        if not values.same(one, other):
            judge.same(
                "format: unpacked value", (one,), (other,), code=leaf[1], text=read.text, item=item
            )


def pascals(read, item, theirs):
    """NumPy has read a Pascal string as bytes: struct's answer for these."""
    if read.reading.struct or "p" not in read.codes():
        return theirs
    return tuple(
        struct_side.read(b"%dp" % size).struct.unpack(item[offset : offset + size])[0]
        if code == "p" and size
        else value
        for (offset, code, size, _), value in zip(read.leaves, theirs)
    )


def pack(judge, random, read):
    judge.begin("format: pack")
    chosen = tuple(values.value(random, code, size) for _, code, size, _ in read.leaves)
    if random.random() < 0.02:
        chosen = chosen[:-1] if chosen and random.random() < 0.5 else chosen + (1,)
    accepted, mine = attempt(ours.Refused, read.format.pack, chosen)
    judge.note(accepted)
    known, theirs = attempt(
        format_side.REFUSALS + (Refusal,), format_side.pack, read.reading, read.codes(), chosen
    )
    if (
        judge.same(
            "format: packed",
            accepted,
            known,
            text=read.text,
            values=chosen,
            source=read.reading.source,
            refusal=refusal_among(mine, theirs),
        )
        and accepted
    ):
        theirs = theirs[: read.itemsize]
        if mine != theirs:
            compare_leaves(judge, read, chosen, mine, theirs)


def compare_leaves(judge, read, chosen, mine, theirs):
    """Which leaf it is; where it is none, the padding."""
    rest = bytearray(mine)
    for (offset, code, size, swapped), value in zip(read.leaves, chosen):
        one, other = mine[offset : offset + size], theirs[offset : offset + size]
        rest[offset : offset + size] = other
        if one != other:
            judge.same(
                "format: packed value",
                one,
                other,
                code=code,
                swapped=swapped,
                value=value,
                text=read.text,
            )
    judge.same("format: padding", bytes(rest), theirs, text=read.text, values=chosen)


# ---- compare -----------------------------------------------------------------------------------


def canonical(read):
    leaves = [leaf for leaf in read.reading.layout]
    return (read.itemsize, len(read.reading.leaves), leaves)


RESPELLED = [
    (b"l", b"q"),
    (b"q", b"l"),
    (b"c", b"1s"),
    (b"s", b"c"),
    (b"i", b"=i"),
    (b"i", b"<i"),
    (b"i", b">i"),
    (b"d", b"(1)d"),
    (b"2", b"3"),
    (b"@", b"^"),
    (b"B", b"b"),
    (b"H", b"h"),
    (b"f", b"e"),
    (b"a", b"bb"),
    (b"x", b"B"),
    (b"<", b"="),
    (b"i", b"I"),
    (b"2i", b"ii"),
]


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
    judge.same(
        "format: equal both ways", mine, other.format.equal(read.format), a=read.text, b=text
    )
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
    return (
        name == b""
        and offset == 0
        and shape == ()
        and record is not None
        and size == reading.itemsize
    )


def fields_by_name(read):
    """Where the library looks: in the one record that the item is, and in the item itself."""
    fields = dict(read.reading.dtype.fields)
    mine = read.format.fields()
    if (
        len(mine) == 1
        and mine[0][3] == ()
        and mine[0][6] is not None
        and not is_numpys_record(read.text, read.format, read.reading)
    ):
        for field in list(fields.values()):
            for name, inner in (field[0].fields or {}).items():
                if name not in fields or not is_padding(inner):
                    fields[name] = inner
    return fields


def is_padding(field):
    """x:name:, which is a field to NumPy alone."""
    base = numpy_side.base_of(field[0])[0]
    return base.char == "V" and base.names is None


def find(judge, random, read):
    """NumPy's fields by their names."""
    dtype = read.reading.dtype
    if dtype is None or dtype.names is None or read.is_plain:
        return
    judge.begin("format: find")
    name = random.choice(
        [name for name in NAME.findall(read.text) if not MADE_UP.fullmatch(name)] + [b"nobody"]
    )
    mine = read.format.find(name)
    judge.note(mine is not None)
    theirs = fields_by_name(read).get(name.decode("latin-1"))
    if mine is None or theirs is None:
        judge.same(
            "format: find",
            mine is not None,
            theirs is not None,
            text=read.text,
            name=name,
            kind=theirs and numpy_side.base_of(theirs[0])[0].char,
        )
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
