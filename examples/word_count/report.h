/* SPDX-License-Identifier: MIT */
/* Writing what was counted. */
#ifndef WORD_COUNT_REPORT_H
#define WORD_COUNT_REPORT_H

#include <stdio.h>

#include "table.h"

/*
 * Write the @p top most frequent words, or all if there are fewer, as `uniq -c` does: the count in
 * seven columns or more, a blank, the word. Words of one count stand in byte order.
 *
 * Errors:   RC_NO_MEMORY: nothing was written; RC_SYSTEM: the stream does not take it.
 */
enum rc_status report_words(FILE *stream, const struct table *table, size_t top);

#endif
