/* SPDX-License-Identifier: MIT */
/* Numbers as text. */
#ifndef NPY_STATS_NUMBER_H
#define NPY_STATS_NUMBER_H

#include "table.h"

#define NUMBER_SIZE 48

/* One of a column's own numbers: as many digits as tell it from the other numbers of its type, at
 * most 17, or 21 of long double. */
void number_exact(const struct series *series, const union number *number, char text[NUMBER_SIZE]);

/* A number that was computed: 15 digits, or 18 where the column is long double. */
void number_computed(const struct series *series, long double number, char text[NUMBER_SIZE]);

#endif
