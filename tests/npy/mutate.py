# SPDX-License-Identifier: MIT
"""mutate.py PROGRAM SEED COUNT: headers with accidents, before NumPy and the library. What NumPy
refuses the library refuses; what it accepts NumPy reads as the same array. Prints what differs, how
often a listed difference came up, and "N headers, N wrong"."""

import collections
import io
import random
import resource
import struct
import sys
import warnings

import numpy as np
from numpy.lib import format as npy

from library import Library, Loaded, Refused, differs

DTYPES = ["?", "<i4", ">f8", "<c8", "S5", "<U2", "V6", [("a", "<i2"), ("b", ">f4")],
          [("a", [("x", "u1"), ("y", "<f8", (2, 2))]), ("b", "S3", (2,))],
          {"names": ["p", "q"], "formats": ["<i2", "<i4"], "offsets": [2, 8], "itemsize": 14},
          [(("title", "t"), "<i4"), ("u", "?")], [("it's", "u1"), ("\u00e9", ">i8")], [], "g"]
NUMBERS = ["|b1", "|i1", "|u1", "<i2", ">u2", "=i4", "<u4", ">i8", "<u8", "<f2", ">f4", "<f8", "<f16",
           ">c8", "<c16", "<c32", "|S0", "|S1", "|S3", "<U1", ">U2", "=U0", "|V1", "|V6", "|V0"]
PIECES = ["'", '"', "(", ")", "[", "]", "{", "}", ",", ":", " ", "\n", "\r", "\t", "\f", "\0", "\\",
          "0", "1", "2", "7", "00", "-", "-1", "+", "L", "_", ".", "e", "10L", "99999999999",
          "9223372036854775807", "9223372036854775808", "4294967296", "True", "False", "None", "#",
          "'|O'", "'<M8[ns]'", "'<i4'", "'>f8'", "'|S3'", "'<U1'", "'|V4'", "'|V0'", "'|S0'", "'|V3000000000'", "<",
          ">", "=", "|", "i", "f", "c", "u", "b", "S", "U", "V", "a", "()", "(1,)", "(2,)", "(0,)",
          "(2, 3)", "'descr': ", "'shape': ", "'fortran_order': ", "('', '|V4'), ", "('a', '<i4')",
          ", ('b', '<i4')", "(('t', 'n'), '<i2')", "'a'", "''", "\\n", "\\x41", "\\u00e9", "\\777",
          "\u00e9", "\u00a0", "\u0085", "\ufeff", "b'", "u'", "r'", "'' 'a'", "('<i4', (2,))"]


def invent_dtype(chance, depth):
    """A literal of a dtype; names come from a few, so that some come twice."""
    kind = chance.randrange(8 if depth < 4 else 5)
    if kind < 5 and chance.random() < 0.95:
        return "'%s'" % chance.choice(NUMBERS)
    if kind < 5:
        return "'%s%s%s'" % (chance.choice("<>|="), chance.choice("biufcSUVOMm"),
                             chance.choice(("1", "2", "4", "8", "16", "0", "3", "")))
    if kind == 5:
        return "(%s, %s)" % (invent_dtype(chance, depth + 1), invent_shape(chance, 2))
    fields = []
    for _ in range(chance.randrange(5)):
        name = repr(chance.choice(("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "", "\u00e9")))
        if chance.random() < 0.15:
            name = "(%r, %s)" % (chance.choice("aaabtu"), name)
        elif chance.random() < 0.2:
            fields.append("('', '|V%d')" % chance.randrange(5))
        shape = ", " + invent_shape(chance, 2) if chance.random() < 0.3 else ""
        fields.append("(%s, %s%s)" % (name, invent_dtype(chance, depth + 1), shape))
    return "[%s]" % ", ".join(fields)


def invent_shape(chance, most):
    sizes = [chance.choice((0, 1, 1, 2, 2, 3, 5)) for _ in range(chance.randrange(most + 1))]
    return "(%s%s)" % (", ".join(map(str, sizes)), "," if len(sizes) == 1 else "")


def invent(chance):
    items = ["'descr': " + invent_dtype(chance, 0),
             "'fortran_order': " + chance.choice(("True", "False")),
             "'shape': " + invent_shape(chance, chance.choice((2, 2, 2, 4, 40)))]
    chance.shuffle(items)
    return "{%s}\n" % ", ".join(items)


def split(text):
    """Where a header may be cut without cutting a word."""
    places = [0]
    for i in range(1, len(text)):
        if not (text[i].isalnum() and text[i - 1].isalnum()):
            places.append(i)
    return places + [len(text)]


def mutate_text(chance, text, others):
    places = split(text)
    a, b = sorted(chance.choices(places, k=2)) if chance.random() < 0.7 else \
        sorted(chance.choices(range(len(text) + 1), k=2))
    if b - a > 25 and chance.random() < 0.8:
        b = a + chance.randrange(12)
    kind = chance.randrange(7)
    if kind == 0:
        return text[:a] + text[b:]
    if kind == 1:
        return text[:a] + chance.choice(PIECES) + text[b:]
    if kind == 2:
        return text[:a] + chance.choice(PIECES) + text[a:]
    if kind == 3:
        return text[:b] + text[a:b] + text[b:]
    if kind == 4:
        other = chance.choice(others)
        c, d = sorted(chance.choices(split(other), k=2))
        return text[:a] + other[c:d] + text[b:]
    if kind == 5:
        c = chance.choice(places)
        return text[:a] + text[b:c] + text[a:b] + text[max(b, c):]
    a = min(a, len(text) - 1)
    return text[:a] + chr(ord(text[a]) ^ 1 << chance.randrange(7)) + text[a + 1:]


def mutate(chance, texts):
    """A file: a prefix that mostly tells the truth, a header with some accidents, some bytes."""
    text = chance.choice(texts) if chance.random() < 0.5 else invent(chance)
    for _ in range(chance.choice((0, 0, 1, 1, 1, 1, 1, 2, 2, 4))):
        text = mutate_text(chance, text or " ", texts)
    version = chance.choice((1, 1, 1, 2, 3, 3))
    header = text.encode("utf-8" if version == 3 else "latin-1", "replace")
    size = len(header) + (chance.choice((-1, 1, 7, 64)) if chance.random() < 0.05 else 0)
    content = b"\x93NUMPY" + bytes([version, 0])
    content += struct.pack("<H" if version == 1 else "<I", max(size, 0) & 0xffff) + header
    content += bytes((i * 7 + 3) % 251 for i in range(chance.choice((0, 60, 200, 1000, 1000))))
    if chance.random() < 0.05:
        place = chance.randrange(len(content))
        content = content[:place] + bytes([chance.randrange(256)]) + content[place + 1:]
    return content


# What NumPy says, and why the library reads it all the same. In none of these is a byte read that
# the file does not have.
REASONS = [
    ("maximum supported dimension", "NumPy 1 has 32 dimensions, the library and NumPy 2 have 64"),
    ("invalid itemsize in generic type tuple", "NumPy takes (elements of no bytes, shape) for another thing"),
    ("already used as a name or title", "titles are dropped, so two fields may have one"),
    ("fit into a C int", "NumPy 1 has no items of 2 GiB and more"),
]


def reason_of(why):
    return next((reason for part, reason in REASONS if part in why), None)


def check(library, content, tally):
    try:
        ours = library.read(content)
    except Refused as answer:
        if str(answer).startswith("read and not written"):
            return str(answer)
        ours = None
    try:
        Loaded(content)
        refusal = None
    except Exception as exception:  # NumPy refuses with many
        refusal = "%s: %s" % (type(exception).__name__, exception)
    tally["both read" if ours and not refusal else "the library alone refuses" if not refusal
          else "both refuse" if not ours else "NumPy alone refuses"] += 1
    if not ours:
        return None
    if not refusal:
        return differs(ours, content, exact=False)
    reason = reason_of(refusal)
    if reason:
        tally["for the reason: " + reason] += 1
        return None
    return "NumPy refuses it: " + refusal


def main(program, seed, count):
    warnings.simplefilter("ignore")
    chance = random.Random(int(seed))
    texts = []
    for dtype in DTYPES:
        for shape, order in ((), "C"), ((3,), "C"), ((2, 3), "F"), ((0, 4), "C"):
            file = io.BytesIO()
            npy.write_array_header_1_0(file, npy.header_data_from_array_1_0(
                np.zeros(shape, dtype, order)))
            texts.append(file.getvalue()[10:].decode("latin-1"))
    library, tally, wrong = Library(program), collections.Counter(), 0
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    for _ in range(int(count)):
        content = mutate(chance, texts)
        difference = check(library, content, tally)
        if difference:
            wrong += 1
            if wrong <= 20:
                print("failed: %s: %r" % (difference, content[:300]))
    wrong += library.close() != 0
    for what, times in sorted(tally.items()):
        print("%7d  %s" % (times, what))
    wrong += tally["both read"] * 10 < int(count)
    print("%d headers, %d wrong" % (int(count), wrong))
    return wrong != 0


sys.exit(main(*sys.argv[1:]))
