# SPDX-License-Identifier: MIT
"""What GDB shows of rcbuf's objects; loaded by rcbuf-gdb.py. Some modules add to others."""
from . import buffers, commands, homes, printers, views  # noqa: F401


def register(objfile):
    """objfile: whose file made GDB load this; None: the user did."""
    printers.register(objfile)
    commands.register()
