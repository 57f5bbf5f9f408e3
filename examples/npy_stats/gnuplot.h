/* SPDX-License-Identifier: MIT */
/* Running gnuplot. */
#ifndef NPY_STATS_GNUPLOT_H
#define NPY_STATS_GNUPLOT_H

#include <rc/status.h>
#include <stdio.h>

/**
 * Let gnuplot read @p script from its start, and write what it draws to the file at @p path, which
 * appears, or is replaced, when it is complete.
 *
 * Errors:  RC_UNSUPPORTED if there is no gnuplot; RC_SYSTEM if it fails, with its own words, or a
 *          file cannot be written.
 */
enum rc_status gnuplot_draw(FILE *script, const char *path);

#endif
