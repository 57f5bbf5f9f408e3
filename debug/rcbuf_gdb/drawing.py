# SPDX-License-Identifier: MIT
"""Graphs that the library draws: by calls that the process runs."""
import os

import gdb

from . import layout, memory

SAVE, WRITE_DOMAIN = "rc_graph_save", "rc_graph_write_domain"


def writer_of(found):
    """What draws the object, a function (address, path); None: nothing there can."""
    is_domain = found.type.kind == "rc_cycle_domain"
    needs = (WRITE_DOMAIN, "fopen", "fclose") if is_domain else (SAVE,)
    if not _is_alive() or not all(_has(name) for name in needs):
        return None
    return _write_domain if is_domain else _save


def escape(text):
    """As C and DOT have it between quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _is_alive():
    """A process that can run code: no core dump, and no file alone."""
    thread = gdb.selected_thread()
    connection = getattr(gdb.selected_inferior(), "connection", None)
    return thread is not None and (connection is None or connection.type != "core")


def _has(name):
    try:
        return int(gdb.parse_and_eval(f"(long)&{name}")) != 0
    except gdb.error:
        return False


def _call(name, prototype, *arguments):
    """What the function answers, whatever debug information says of it, or does not."""
    said = ", ".join(str(each) for each in arguments)
    return gdb.parse_and_eval(f"(({prototype})&{name})({said})")


def _full(path):
    return os.path.abspath(path)  # the program may be in another folder than GDB


def _quoted(path):
    return f'"{escape(_full(path))}"'


def _check(name, status, path):
    """The command ends with the status and the sentence of the call that failed."""
    if status == 0:
        return
    known = 0 < -status < len(layout.STATUSES)
    said = f"rc graph: {name}() answered {layout.STATUSES[-status] if known else status}"
    raise gdb.GdbError(f"{said}, and {_full(path)} is not whole{_sentence()}")


def _sentence():
    """The thread's last error, which is that of the call."""
    try:
        address = int(_call("rc_error_message", "const char *(*)(void)"))
        said = memory.text(address, 256)
    except (gdb.error, memory.Unreadable):
        return ""
    return f": {said}" if said else ""


def _save(address, path):
    status = _call(SAVE, "int (*)(const char *, const void *)", _quoted(path), address)
    _check(SAVE, int(status), path)


def _write_domain(address, path):
    stream = int(_call("fopen", "void *(*)(const char *, const char *)", _quoted(path), '"we"'))
    if not stream:
        raise gdb.GdbError(f"rc graph: the process cannot write {_full(path)}")
    status = int(_call(WRITE_DOMAIN, "int (*)(void *, void *, void *)", stream, address, 0))
    is_closed = int(_call("fclose", "int (*)(void *)", stream)) == 0
    _check(WRITE_DOMAIN, status, path)
    if not is_closed:
        raise gdb.GdbError(f"rc graph: the process could not write all of {_full(path)}")
