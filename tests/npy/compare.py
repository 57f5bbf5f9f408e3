# SPDX-License-Identifier: MIT
"""compare.py FOLDER PROGRAM: files of NumPy through the library and back, and files of the library
in NumPy. Prints what differs, and "N files, N dtypes and formats, N wrong"."""

import io
import itertools
import os
import sys
import warnings

import numpy as np
from numpy.lib import format as npy

from library import Library, Loaded, Refused, describe, differs

# How NumPy pads: room for a shape that grows came with 1.23.
PADS = hasattr(npy, "GROWTH_AXIS_MAX_DIGITS")

NUMBERS = ["?", "b", "B", "<h", ">h", "<H", ">H", "<i", ">i", "<I", ">I", "<q", ">q", "<Q", ">Q",
           "<e", ">e", "<f", ">f", "<d", ">d", "g", "<F", ">F", "<D", ">D", "G"]
STRINGS = ["S1", "S7", "S0", "<U1", ">U3", "<U0", "V1", "V9", "V0"]
RECORDS = {
    "packed": [("a", "<i4"), ("b", ">f8"), ("c", "S3")],
    "aligned": np.dtype([("a", "i1"), ("b", "f8"), ("c", "i2")], align=True),
    "gaps": {"names": ["a", "b"], "formats": ["<i2", ">u4"], "offsets": [3, 9], "itemsize": 20},
    "nested": [("a", [("x", "<f4"), ("y", [("z", ">c16"), ("w", "?")])]), ("b", "i1")],
    "nested and aligned": np.dtype(
        [("a", np.dtype([("x", "i1"), ("y", "i8")], align=True)), ("b", "i1")], align=True),
    "sub-arrays": [("m", "<f8", (2, 3)), ("n", ">i2", (4,)), ("o", [("p", "u1", (2,))], (2, 2))],
    "sub-arrays of one": [("m", "<f8", (1,)), ("n", "S2", (1, 1))],
    "an empty sub-array": [("m", "<f8", (0,)), ("n", ">i2", (2, 0, 3)), ("o", "u1")],
    "long doubles": [("a", "g"), ("b", "u1"), ("c", "G")],
    "strings": [("a", "S5"), ("b", "<U2"), ("c", ">U3"), ("d", "S0")],
    "no field": [],
    "one field": [("only", "<i8")],
    "quotes": [("it's", "u1"), ('say "hi"', "u1"), ("both ' and \"", "u1"), ("back\\slash", "u1")],
    "controls": [("a\nb", "u1"), ("tab\there", "u1"), ("return\r", "u1"), ("bell\a", "u1")],
    "brackets": [("a}", "u1"), ("{b", "u1"), ("[(", "u1"), (")]", "u1"), ("c,d", "u1"), (" ", "u1")],
    "Latin-1": [("\u00e9t\u00e9", "<f4"), ("\u00df", "<i2")],
    "Unicode": [("\u6f22\u5b57", "<f4"), ("\u00e9", "u1"), ("\U0001f40d", ">i2")],
    "many": [("field%d" % i, "<i2") for i in range(150)],
    "more than version 1.0 holds": [("a_rather_long_name_of_a_field_%05d" % i, "|u1")
                                    for i in range(1400)],
    "made-up names": [("f0", "u1"), ("f1", "<i2")],
}
# Records that come back as others of the same bytes, for these reasons.
CHANGED = {
    "titles": [(("a title", "a"), "<i4"), ("b", "<f8")],               # are dropped
    "bytes of no kind": [("a", "V4"), ("b", "<i4"), ("c", "V2", (3,))],  # are u1, so many
    "sub-arrays of sub-arrays": [("a", (("<i4", (2,)), (3,)))],        # are one, of all dimensions
}
SHAPES = [(), (0,), (1,), (7,), (3, 4), (2, 0, 3), (2, 3, 4), (1, 5, 1), (1,) * 32]
VERSIONED = [(), (3, 4)]  # shapes that are tried in all versions
FORMATS = ["?", "b", "c", "3s", "5w", "i", "<i", ">i", "l", "q", ">Q", "e", ">d", "g", "Zf",
           ">Zd", "Zg", "bxi", "T{b:a:i:b:}", "T{=b:a:=i:b:}", "T{>h:x:3x<d:y:}:r:",
           "T{i:a:T{b:b:d:c:}:d:}", "T{(2,3)f:m:4s:s:}", "T{^g:a:^i:b:}", "T{b:a:2xi:b:5x}",
           "2T{h:a:}", "(2,3)d", "3i", "^bi", "ii:b:"]
# Those that NumPy's own parser takes for something else: bytes for a record without fields, padding
# to the alignment that struct does not have, another name for what has none.
OTHER_FORMATS = {
    "12x": "V12",
    "ix": {"names": ["f0"], "formats": ["<i4"], "offsets": [0], "itemsize": 5},
    "T{i:f1:i}": [("f1", "<i4"), ("f1_", "<i4")],
}

wrong = set()  # dtypes and formats
files = 0


def fail(name, what, why):
    wrong.add(name)
    if len(wrong) <= 20:
        print("failed: %s, %s: %s" % (name, what, why))


def array_of(dtype, shape, order):
    """An array with bytes that are told apart; those of a NaN and of padding, too."""
    count = int(np.prod(shape, dtype=int))
    content = bytes((i * 7 + 3) % 251 for i in range(count * dtype.itemsize))
    array = np.ndarray(shape, dtype, buffer=bytearray(content), order=order)
    return array


def file_of(array, version):
    """NumPy's file; the version that it chooses for 0. None if NumPy cannot write it so."""
    file = io.BytesIO()
    try:
        npy.write_array(file, array, version=(version, 0) if version else None)
    except (ValueError, UnicodeError):
        return None
    return file.getvalue()


def check_file(library, folder, name, array, order, exact):
    """Through the library, in every version; NumPy reads the same, and it is the same file, but for
    elements of no bytes, whose order the library does not know."""
    global files
    paths = [os.path.join(folder, part) for part in ("in.npy", "saved.npy", "written.npy")]
    has_order = array.itemsize > 0 or array.flags.c_contiguous
    for version in range(4) if array.shape in VERSIONED else [0]:
        content = file_of(array, version)
        if content is None:
            continue
        files += 1
        what = "%r, order %s, version %d" % (array.shape, order, version)
        with open(paths[0], "wb") as file:
            file.write(content)
        try:
            library.map(*paths, version)
        except Refused as refusal:
            fail(name, what, refusal)
            continue
        saved, written = (open(path, "rb").read() for path in paths[1:])
        for ours, theirs in (saved, file_of(array, 0)), (written, content):
            try:
                difference = differs(ours, content, exact)
            except ValueError as error:
                difference = "NumPy refuses it: %s" % error
            if difference:
                fail(name, what, difference)
            elif exact and PADS and has_order and ours != theirs:
                fail(name, what, "other bytes in the file: %r, not %r" % (ours[:200], theirs[:200]))


def check_files(library, folder):
    records = [(name, np.dtype(of), True) for name, of in RECORDS.items()]
    records += [(name, np.dtype(of), False) for name, of in CHANGED.items()]
    for name, dtype, exact in [(of, np.dtype(of), True) for of in NUMBERS + STRINGS] + records:
        for shape, order in itertools.product(SHAPES, "CF"):
            check_file(library, folder, name, array_of(dtype, shape, order), order, exact)
    return len(NUMBERS) + len(STRINGS) + len(records)


def dtype_of_format(text):
    """What NumPy makes of a format, and the dimensions of an element that is a sub-array."""
    if text in OTHER_FORMATS:
        dtype = np.dtype(OTHER_FORMATS[text])
    else:
        dtype = np.core._internal._dtype_from_pep3118(text)
    return dtype.subdtype if dtype.subdtype is not None else (dtype, ())


def check_created(library, folder):
    """Files of the library, of formats that NumPy can read, too."""
    global files
    path = os.path.join(folder, "created.npy")
    formats = FORMATS + list(OTHER_FORMATS)
    for text, shape, order in itertools.product(formats, [(), (3,), (2, 3), (0, 2)], "CF"):
        files += 1
        name, what = "format \"%s\"" % text, "%r, order %s" % (shape, order)
        dtype, inner = dtype_of_format(text)
        try:
            library.create(path, text, order, shape)
        except Refused as refusal:
            if not (inner and order == "F" and len(shape) > 1 and "no header says" in str(refusal)):
                fail(name, what, refusal)
            continue
        with open(path, "rb") as file:
            loaded = Loaded(file.read())
        array = loaded.array
        if describe(array.dtype, False) != describe(dtype, False) or array.shape != shape + inner:
            fail(name, what, "%r %r, not %r %r" % (array.dtype, array.shape, dtype, shape + inner))
        elif loaded.bytes != bytes((i + 1) & 255 for i in range(array.nbytes)):
            fail(name, what, "other bytes")
        elif len(shape) > 1 and array.size and np.isfortran(array) != (order == "F"):
            fail(name, what, "the other order")
    return len(formats)


def main(folder, program):
    warnings.simplefilter("ignore")
    library = Library(program)
    names = check_files(library, folder) + check_created(library, folder)
    if library.close() != 0:
        fail("the library's process", "at its end", "its exit status")
    print("%d files, %d dtypes and formats, %d wrong" % (files, names, len(wrong)))
    return len(wrong) != 0


sys.exit(main(*sys.argv[1:]))
