/* SPDX-License-Identifier: MIT */
/**
 * @file rc/gdb_section.h
 * Private (not installed): tells GDB where the pretty-printers are, in a section of the program
 * that no process loads. Included by rc/object.c, which is in every program that has objects.
 *
 * RCBUF_GDB_SCRIPT is the path of rcbuf-gdb.py as a string; without it nothing is there. A file
 * that is gone is no error. GDB runs what programs in folders of its auto-load safe-path say, no others.
 */
#ifndef RC_GDB_SECTION_H
#define RC_GDB_SECTION_H

#if defined(RCBUF_GDB_SCRIPT) && defined(__ELF__)
/* 4: Python, to be run as it is; its name, and the text. */
__asm__(".pushsection \".debug_gdb_scripts\", \"MS\", %progbits, 1\n"
        ".byte 4\n"
        ".ascii \"gdb.inlined-script-rcbuf\\n\"\n"
        ".ascii \"import os\\n\"\n"
        ".ascii \"rcbuf_gdb_script = '" RCBUF_GDB_SCRIPT "'\\n\"\n"
        ".ascii \"if os.path.isfile(rcbuf_gdb_script):\\n\"\n"
        ".asciz \"    gdb.execute('source ' + rcbuf_gdb_script)\\n\"\n"
        ".popsection\n");
#endif

#endif
