/* SPDX-License-Identifier: MIT */
/*
 * Computes the summaries of a table in two passes: least, greatest and mean, then the deviation from
 * the mean. Each pass is cut into tiles, which threads take one after the other:
 *
 *     block: some of the rows, the same for all columns     so many that no more than 2^18 parts
 *     band:  up to 4096 columns of a series                 are kept at a time
 */
#ifndef NPY_STATS_SCAN_H
#define NPY_STATS_SCAN_H

#include "table.h"

/* Fill in the summaries of all series that are numbers; the table has at least one row. */
enum rc_status scan_table(struct table *table, size_t threads);

/* @p count columns of a series from @p first on, of one band: one new reference to a view of rows and
 * columns; NULL and why. */
rc_view *scan_columns(const struct series *series, size_t first, size_t count);

#endif
