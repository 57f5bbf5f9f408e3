# SPDX-License-Identifier: MIT
"""Reading the debugged program's memory, alive or a core dump. Nothing here runs code in it."""
import locale
import struct

import gdb


class Unreadable(Exception):
    """There is no memory at the address, or the core dump does not have it."""

    def __init__(self, address):
        super().__init__(f"0x{address:x} cannot be read")
        self.address = address


def word_size():
    """Bytes of a pointer, which are those of a size_t."""
    return gdb.lookup_type("void").pointer().sizeof


def byte_order():
    """How the program's machine writes numbers, as the struct module says it."""
    return ">" if "big endian" in gdb.execute("show endian", to_string=True) else "<"


READ_MAX = 1 << 20  # bytes at once: more is no part of an object, but a number that is none


def read(address, size):
    """So many bytes."""
    if size == 0:
        return b""
    if size > READ_MAX:
        raise Unreadable(address)
    try:
        return gdb.selected_inferior().read_memory(address, size).tobytes()
    except (gdb.error, OverflowError, ValueError) as error:
        raise Unreadable(address) from error


def number(address, size, signed=False):
    """An integer."""
    order = "big" if byte_order() == ">" else "little"
    return int.from_bytes(read(address, size), order, signed=signed)


def word(address):
    """A size_t, or a pointer as a number."""
    return number(address, word_size())


def words(address, count, signed=False):
    """Several of them in one go."""
    size = word_size()
    code = {4: "i", 8: "q"}[size] if signed else {4: "I", 8: "Q"}[size]
    return list(struct.unpack(f"{byte_order()}{count}{code}", read(address, count * size)))


def pointers(address, count):
    """Those of a table that are not NULL; it may be longer than any object."""
    size = word_size()
    for first in range(0, count, READ_MAX // size):
        yield from filter(None, words(address + first * size, min(count - first, READ_MAX // size)))


class List:
    """The addresses in a linked list, as many as there should be, and in said why it was left
    before its end, or "". seen: what lists beside it have."""

    def __init__(self, first, next_of, most, seen=None):
        self.said = ""
        self.addresses = []
        seen, address = set() if seen is None else seen, first
        while address and not self.said:
            if address in seen:
                self.said = f"a list leads back to 0x{address:x}"
            elif len(self.addresses) >= most:
                self.said = f"a list is longer than the {most} that there are"
            else:
                seen.add(address)
                address = self._take(address, next_of)

    def _take(self, address, next_of):
        try:
            following = next_of(address)
        except Unreadable as error:
            self.said = f"a list leads to what cannot be read: {error}"
            return 0
        self.addresses.append(address)
        return following


def text(address, limit=200):
    """A C string, or as much of it as is wanted."""
    found = bytearray()
    while len(found) < limit:
        chunk = read_some(address + len(found), 32)
        end = chunk.find(b"\0")
        if end >= 0:
            return _writable(bytes(found) + chunk[:end])
        found += chunk
    return _writable(bytes(found[:limit])) + "..."


def host_charset():
    """What GDB writes in; a letter that is not in it would end the output."""
    known = getattr(gdb, "host_charset", None)
    name = known() if known else locale.getpreferredencoding(False)
    try:
        "".encode(name)
        return name
    except LookupError:
        return "ascii"


def _writable(content):
    charset = host_charset()
    return content.decode("utf-8", "replace").encode(charset, "backslashreplace").decode(charset)


def read_some(address, size):
    """Up to so many bytes, one at least: the rest may lie on a page that is not there."""
    try:
        return read(address, size)
    except Unreadable:
        return read(address, 1)
