# SPDX-License-Identifier: MIT
"""The commands `rc show`, `rc live`, `rc holders`, `rc graph`, and the function $rc_object()."""
import os

import gdb

from . import graph, holders, live
from .describe import BEYOND, describe
from .memory import Unreadable
from .objects import NoObject, Object
from .printers import target


def _held_by_slot(value):
    """What an rc_slot or a pointer to one holds; any other value as it is."""
    tag, is_pointer = target(value)
    if tag != "rc_slot" or is_pointer and int(value) == 0:
        return value
    return (value.dereference() if is_pointer else value)["rc__object"]


def _points_to(value):
    value = _held_by_slot(value)
    if value.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT and value.address is not None:
        value = value.address
    return int(value) & (2 ** (8 * gdb.lookup_type("void").pointer().sizeof) - 1)


def address_of(expression):
    """What an expression points to; a struct stands for its own address, a slot for what it
    holds."""
    if not expression.strip():
        raise gdb.GdbError("Which object? Say what points to it.")
    return _points_to(gdb.parse_and_eval(expression))


def _in_words(name, run):
    """What the function gives; whatever it meets instead is told in a sentence."""
    try:
        return run()
    except gdb.GdbError:
        raise
    except (gdb.error, Unreadable, NoObject) as error:
        raise gdb.GdbError(f"{name}: {error}") from error
    except Exception as error:  # pylint: disable=broad-except
        what = f"{type(error).__name__}: {error}"
        raise gdb.GdbError(f"{name}: what is there {BEYOND} ({what})") from error


class Prefix(gdb.Command):
    """Objects of rcbuf: what they are, what is alive, who holds what.

Without one of the words below `rc` is what it is to GDB: reverse-continue."""

    def __init__(self):
        super().__init__("rc", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)

    def invoke(self, argument, from_tty):
        if argument.strip() and not argument.strip().isdigit():
            raise gdb.GdbError(f"There is no rc {argument.split()[0]}; try help rc.")
        try:
            gdb.execute(f"reverse-continue {argument}", from_tty)
        except gdb.error as error:
            raise gdb.GdbError(str(error)) from error


class Command(gdb.Command):
    """One of them; each prints the lines that run() gives."""

    name = ""
    completes = gdb.COMPLETE_EXPRESSION

    def __init__(self):
        super().__init__(f"rc {self.name}", gdb.COMMAND_DATA, self.completes)

    def invoke(self, argument, from_tty):
        for line in _in_words(f"rc {self.name}", lambda: self.run(argument)):
            print(line)

    def run(self, argument):
        """The lines."""
        raise NotImplementedError


class Show(Command):
    """rc show EXPR: all that is known of the object that EXPR points to, or that an rc_slot holds.

Its type, count and flags, and its payload: what the library knows of its own, and a program's as
the struct that the type is named after, where there is one."""

    name = "show"

    def run(self, argument):
        address = address_of(argument)
        said = describe(address)
        lines = [said.headline if address == 0 else f"0x{address:x} {said.headline}"]
        width = max((len(name) for name, _ in said.facts), default=0)
        return lines + [f"  {name:{width}}  {text}" for name, text in said.facts]


class Live(Command):
    """rc live [TYPE]: what is alive, by type; with the name of a type its objects.

By type from the library's account. Single objects are known to programs with a ledger."""

    name = "live"
    completes = gdb.COMPLETE_NONE

    def run(self, argument):
        return live.report(argument.strip())


class Holders(Command):
    """rc holders EXPR: who holds the object that EXPR points to, and since where in the sources.

From the records of a program with a ledger; without one, what the object itself tells."""

    name = "holders"

    def run(self, argument):
        return holders.report(address_of(argument))


def _free_name():
    """Of a file that is not there yet: rcbuf-graph.dot, rcbuf-graph-2.dot, and so on."""
    path, number = "rcbuf-graph.dot", 1
    while os.path.lexists(path):
        number += 1
        path = f"rcbuf-graph-{number}.dot"
    return path


def _graph_options(argument):
    """The file, "" where none is named; whether memory alone is to be read; the expression."""
    path, by_memory = "", False
    while argument[:2] in ("-m", "-o"):
        option, _, argument = argument.partition(" ")
        if option == "-m":
            by_memory = True
        else:
            path, _, argument = argument.lstrip().partition(" ")
        argument = argument.lstrip()
    return path, by_memory, argument


class Graph(Command):
    """rc graph [-m] [-o FILE] EXPR: what the object holds, and what that holds, as Graphviz DOT.

Of a cycle domain: what it tracks.

Written to FILE, in place of what that was, or to a new one, rcbuf-graph.dot or, where that is
taken, rcbuf-graph-2.dot and so on; the answer says which. Where the process is alive and has
rc_graph_save(), or for a domain rc_graph_write_domain(), that is called, which asks the types'
traverse. In a core dump, or with -m, memory alone is read: then the members of a program's objects
that point to objects are dashed arrows, owned or not.

The call opens a file and takes memory in the process, while other threads run. So it is refused
where the thread was stopped inside malloc() and the like, or inside the library, whose locks it may
hold: there -m still answers. Locks that the types' own traverse takes nobody can see from here."""

    name = "graph"

    def run(self, argument):
        path, by_memory, expression = _graph_options(argument)
        return graph.report(address_of(expression), path or _free_name(), by_memory)


class ObjectFunction(gdb.Function):
    """$rc_object(POINTER): the pointer as one to the struct that the object's type is named after.

So that `print *$rc_object(p)` shows what a void * points to, and $rc_object(p)->member works."""

    def __init__(self):
        super().__init__("rc_object")

    def invoke(self, *pointers):
        if len(pointers) != 1:
            raise gdb.GdbError("$rc_object: it takes one pointer")
        return _in_words("$rc_object", lambda: self.cast(_points_to(pointers[0])))

    @staticmethod
    def cast(address):
        """The pointer."""
        found = Object(address)
        c_type = found.c_type()
        if c_type is None:
            raise gdb.GdbError(f"$rc_object: there is no struct {found.type.name}")
        return gdb.Value(found.address).cast(c_type.pointer())


def register():
    """GDB knows them from now on."""
    for each in (Prefix, Show, Live, Holders, Graph, ObjectFunction):
        each()
