# SPDX-License-Identifier: MIT
#
# Installed as share/gdb/auto-load/<folder of the library>/librcbuf.so.<version>-gdb.py: GDB runs it
# when it sees that library. Finds share/rcbuf/gdb/rcbuf-gdb.py above itself, wherever share is.
import os

import gdb

RCBUF_SCRIPT = os.path.join("rcbuf", "gdb", "rcbuf-gdb.py")


def rcbuf_load(folder):
    """Load the printers of the first folder above this one that has them."""
    while not os.path.isfile(os.path.join(folder, RCBUF_SCRIPT)):
        if folder == os.path.dirname(folder):
            return
        folder = os.path.dirname(folder)
    gdb.execute("source " + os.path.join(folder, RCBUF_SCRIPT))


rcbuf_load(os.path.dirname(os.path.abspath(rcbuf_load.__code__.co_filename)))
