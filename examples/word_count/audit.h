/* SPDX-License-Identifier: MIT */
/* What --account writes to standard error: rcbuf's own accounts of the program. */
#ifndef WORD_COUNT_AUDIT_H
#define WORD_COUNT_AUDIT_H

#include <rc/account.h>
#include <stdbool.h>

/* What is alive now, object types by name, and the most bytes that ever were. */
void audit_peak(void);

/* What is alive now that was not at @p before. Returns: false, and a sentence, if anything is. */
bool audit_end(const struct rc_account *before);

#endif
