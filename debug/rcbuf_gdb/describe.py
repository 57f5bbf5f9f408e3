# SPDX-License-Identifier: MIT
"""
Objects in words. A description is a headline for one line of output, and facts, (name, text) each,
for those who want to know all.
"""
import gdb

from . import layout
from .formats import Format, quoted
from .memory import Unreadable
from .objects import NoObject, Object, plural

DEPTH_MAX = 2  # objects inside of each other's headlines
BEYOND = "is beyond these printers"  # a fault of theirs, which no memory should bring about


class Description:
    """A headline and facts."""

    def __init__(self, headline, facts=()):
        self.headline = headline
        self.facts = list(facts)


OWN = ("rc_pool",)  # structs that would print as this very object

DESCRIBERS = {}  # by the first word of a type's name


def describes(name):
    """A function (object, depth) for the objects of the library's own types."""

    def add(function):
        DESCRIBERS[name] = function
        return function

    return add


_around = []  # the addresses of objects in whose description the next one stands


def describe(address, depth=0, expected=None):
    """
    What is at the address; a word where that is no live object. expected: the first word of its
    type's name.
    """
    try:
        return _describe(address, depth, expected)
    except NoObject as error:
        return Description(str(error))
    except Unreadable as error:
        return Description(f"not all of it is there: {error}")
    except gdb.error as error:
        return Description(f"not all of it can be shown: {error}")
    except Exception as error:  # pylint: disable=broad-except
        return Description(f"what is there {BEYOND} ({type(error).__name__}: {error})")


def _describe(address, depth, expected):
    found = Object(address)
    kind = found.type.kind
    if expected and kind != expected:
        raise NoObject(f"no {expected}: an object of type {found.type.name}")
    # Members lead back to what they are members of, by weak references and slots.
    if address in _around or len(_around) > DEPTH_MAX:
        return Description(f"{found.type.name}, {found.count_text()}")
    _around.append(address)
    try:
        description = DESCRIBERS.get(kind, _describe_other)(found, depth)
        if depth == 0:
            description.facts += header_facts(found)
        return description
    finally:
        _around.pop()


def headline(address, depth=0):
    """Address and headline, for one object in another's facts."""
    said = describe(address, depth).headline
    return said if address == 0 else f"0x{address:x} {said}"


def header_facts(found):
    """What stands before every object."""
    facts = [("count", found.count_text()), ("flags", found.flag_names())]
    if found.home():
        facts.append(("home", f"0x{found.home():x}"))
    finalize = symbol(found.type.finalize)
    size = plural(found.type.size, "byte") + (f" and {found.extra()} more" if found.extra() else "")
    facts.append(("type", f"{found.type.name}, {size}"
                          + (f", finalized by {finalize}" if finalize else "")))
    return facts


def symbol(address):
    """A function's name, or its address; "" for NULL."""
    if not address:
        return ""
    said = gdb.execute(f"info symbol {address}", to_string=True)
    return f"0x{address:x}" if said.startswith("No symbol") else said.split()[0]


def limit_of_elements():
    """As many as `set print elements` says, and no more than fit on a line or two."""
    most = gdb.parameter("print elements")
    return min(most, 32) if most else 32


def _describe_other(found, depth):
    said = f"{found.type.name}, {found.count_text()}"
    try:
        payload = found.payload()
        shown = payload.format_string(
            max_elements=limit_of_elements(), raw=found.type.name in OWN) if payload else None
    except gdb.error as error:
        shown = f"({error})"
    if shown is None:
        return Description(said, [("payload", plural(found.type.size + found.extra(), "byte"))])
    return Description(said, [("payload", shown)])


@describes("rc_weak")
def _describe_weak(found, depth):
    weak = layout.Record("rc_weak", found.address)
    if not weak.alive:
        target = f"what is dead (0x{weak.target:x})"
    elif depth < DEPTH_MAX:
        target = headline(weak.target, depth + 1)
    else:
        target = f"0x{weak.target:x}"
    callback = symbol(weak.callback)
    facts = [("callback", f"{callback}(context 0x{weak.context:x})")] if callback else []
    return Description(f"rc_weak, {found.count_text()}, to {target}", facts)


@describes("rc_format")
def _describe_format(found, depth):
    shown = Format(found.address)
    said = f"rc_format {quoted(shown.text.encode())}, {plural(shown.itemsize, 'byte')} an item, "
    facts = [(field.name or f"field {place}",
              f"{field.code}{_dimensions(field.shape)} at {field.offset}, "
              f"{plural(field.size, 'byte')} an element")
             for place, field in enumerate(shown.fields)]
    return Description(said + found.count_text(), facts)


def _dimensions(shape):
    return "[" + "][".join(str(count) for count in shape) + "]" if shape else ""

