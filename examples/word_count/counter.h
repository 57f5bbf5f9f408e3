/* SPDX-License-Identifier: MIT */
/* Counting the words of one slice. */
#ifndef WORD_COUNT_COUNTER_H
#define WORD_COUNT_COUNTER_H

#include "table.h"

/*
 * Add the words of @p slice, which neither begins nor ends inside a word, to @p table.
 *
 * Borrows:  slice; the table retains it if it brought a word that was not there.
 * Errors:   RC_NO_MEMORY; some of the words may have been counted.
 */
enum rc_status count_words(struct table *table, rc_buffer *slice);

#endif
