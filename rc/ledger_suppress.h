/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_suppress.h
 * Private (not installed): what a report passes over, since the program knows of it. A file has
 * lines of the form that LeakSanitizer's has, with words of our own, and patterns of fnmatch(3):
 *
 *     # a comment
 *     type:session*
 *     site:make_table            what was made or is held there, by file, function, or file:line
 */
#ifndef RC_LEDGER_SUPPRESS_H
#define RC_LEDGER_SUPPRESS_H

#include <stdio.h>

#include "ledger_picture.h"

/* Before main(). What cannot be read is told, each line by itself. */
RC_HIDDEN void rc__ledger_suppressions_read(const char *name);

/* Marks what is suppressed, and what that leads to, between roots and leaks. */
RC_HIDDEN void rc__ledger_suppress(struct rc__ledger_picture *picture);
RC_HIDDEN void rc__ledger_suppressions_write(const struct rc__ledger_picture *picture, FILE *file);

#endif
