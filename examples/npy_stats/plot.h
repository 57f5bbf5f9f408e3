/* SPDX-License-Identifier: MIT */
/* Histograms of the columns, drawn by gnuplot. */
#ifndef NPY_STATS_PLOT_H
#define NPY_STATS_PLOT_H

#include "table.h"

#define PLOT_MOST_COLUMNS 64

/**
 * Draw the first PLOT_MOST_COLUMNS columns of numbers to the file at @p path, whose name ends in
 * .svg or .png. The file appears, or is replaced, when it is complete. Summaries are there.
 *
 * Errors:  RC_UNSUPPORTED if gnuplot is not installed; RC_SYSTEM if it fails, with what it says;
 *          RC_INVALID if there is nothing to draw.
 */
enum rc_status plot_table(const char *path, const struct table *table, size_t threads);

#endif
