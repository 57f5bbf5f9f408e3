/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_tags.h
 * Private (not installed): releases by a tag that no reference of the object had, as one that is
 * mistyped, or released twice: each line of them is told in a report.
 */
#ifndef RC_LEDGER_TAGS_H
#define RC_LEDGER_TAGS_H

#include <stdio.h>

#include "ledger_table.h"

/* Under the ledger's lock. released: with copies of its line and tag. */
RC_HIDDEN void rc__ledger_tags_note(const struct rc__ledger_entry *entry,
                                    const struct rc__ledger_reference *released);

/* Not under the lock. False: there was none. */
RC_HIDDEN bool rc__ledger_tags_any(void);
RC_HIDDEN void rc__ledger_tags_write(FILE *file);

#endif
