# SPDX-License-Identifier: MIT
#
# Pretty-printers and commands for GDB: `source debug/rcbuf-gdb.py`, or that line in ~/.gdbinit.
# An installed shared library brings a file that GDB loads by itself; the README says more.
import os
import sys

import gdb


def rcbuf_import():
    """The modules beside this file, whose folder is not written to."""
    kept = sys.path[:], sys.dont_write_bytecode
    # Not __file__, which in a script that another one sources is the other's.
    sys.path.insert(0, os.path.dirname(os.path.realpath(rcbuf_import.__code__.co_filename)))
    sys.dont_write_bytecode = True
    try:
        import rcbuf_gdb
    finally:
        sys.path[:], sys.dont_write_bytecode = kept
    return rcbuf_gdb


rcbuf_import().register(gdb.current_objfile())
