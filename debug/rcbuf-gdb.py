# SPDX-License-Identifier: MIT
#
# Pretty-printers and commands for GDB: `source debug/rcbuf-gdb.py`, or a line of that in ~/.gdbinit.
# An installed shared library brings a file that GDB loads by itself; the README says more.
import os
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
try:
    import rcbuf_gdb
finally:
    del sys.path[0]

rcbuf_gdb.register(gdb.current_objfile())
