/* SPDX-License-Identifier: MIT */
/* What npy_stats prints. */
#ifndef NPY_STATS_REPORT_H
#define NPY_STATS_REPORT_H

#include <stdio.h>

#include "table.h"

/* The shape, the dtype and the order of @p array, as NumPy spells them. */
enum rc_status report_array(FILE *stream, const rc_view *array);

/* A line for each column, whose summaries have been computed unless the table is empty. */
enum rc_status report_table(FILE *stream, const struct table *table);

#endif
