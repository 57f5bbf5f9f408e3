# SPDX-License-Identifier: MIT
"""The library's side: a process of exchange.c, and what its answers mean. And how two dtypes are
compared: by what their bytes are, and where."""

import io
import subprocess

import numpy


class Refused(Exception):
    """The status and the sentence."""


class Library:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _ask(self, line, content=b""):
        self.process.stdin.write(line.encode() + b"\n" + content)
        self.process.stdin.flush()
        answer = self.process.stdout.readline().decode("utf-8", "replace").rstrip("\n")
        if not answer:
            raise SystemExit("failed: the library's process ended at: %s" % line)
        if not answer.startswith("ok"):
            raise Refused(answer)
        size = int(answer[3:] or 0)
        return self.process.stdout.read(size)

    def map(self, path, saved, written, version):
        """Map one file, save it to another, and write it to a third in that version."""
        self._ask("map %s %s %s %d" % (path, saved, written, version))

    def create(self, path, text, order, shape):
        self._ask("create %s %s %s %s" % (path, text, order, " ".join(map(str, shape))))

    def read(self, content):
        """The array of a file's bytes, written again."""
        return self._ask("read %d" % len(content), content)

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


def describe(dtype, exact=True):
    """All that elements of a dtype are: kind, order, size, offsets. Titles are left out. Not exact:
    in a record '|V4' is the same as '|u1' four times, and a sub-array of sub-arrays the same as one
    of all their dimensions."""
    if dtype.names is None:
        return dtype.str
    return "record", dtype.itemsize, tuple(
        (name, dtype.fields[name][1], _field(dtype.fields[name][0], exact)) for name in dtype.names)


def _field(dtype, exact):
    shape = []
    while dtype.subdtype is not None:
        dtype, inner = dtype.subdtype
        shape += inner if not exact else [inner]
    if not exact and dtype.kind == "V" and dtype.names is None:
        return "|u1", tuple(shape) + (dtype.itemsize,)
    return describe(dtype, exact), tuple(shape)


class Loaded:
    """A file as NumPy reads it: the array, and its bytes as the file has them. (Reading leaves what
    lies between the fields of a record as memory was.)"""

    def __init__(self, content):
        file = io.BytesIO(content)
        self.array = numpy.lib.format.read_array(file, max_header_size=1 << 30)
        self.bytes = content[file.tell() - self.array.nbytes:file.tell()]


def differs(ours, theirs, exact=True):
    """What is not the same in two files, or None."""
    ours, theirs = Loaded(ours), Loaded(theirs)
    if describe(ours.array.dtype, exact) != describe(theirs.array.dtype, exact):
        return "dtype %r, not %r" % (ours.array.dtype, theirs.array.dtype)
    if ours.array.shape != theirs.array.shape:
        return "shape %r, not %r" % (ours.array.shape, theirs.array.shape)
    if ours.array.itemsize and numpy.isfortran(ours.array) != numpy.isfortran(theirs.array):
        return "the other order of elements"
    if ours.bytes != theirs.bytes:
        return "other bytes"
    return None
