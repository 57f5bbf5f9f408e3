/* SPDX-License-Identifier: MIT */
/* The command line of npy_stats. */
#ifndef NPY_STATS_OPTIONS_H
#define NPY_STATS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define EXIT_USAGE   2
#define MOST_THREADS 1024

struct options {
    size_t threads;   /* 1 to MOST_THREADS */
    size_t limit;     /* bytes that may be allocated; SIZE_MAX: no limit */
    const char *plot; /* where histograms go; NULL: none. Its name ends in .svg or .png */
    const char *make; /* the file to be written instead; NULL: none */
    size_t make_rows;
    const char *file; /* to be read; NULL if one is made */
};

/* Read the command line. Returns: true: go on with @p options; false: everything has been said, and
 * the program ends with *exit_code. */
bool options_read(int argc, char **argv, struct options *options, int *exit_code);

/* Whether @p path ends in @p suffix, in small letters. */
bool options_ends_in(const char *path, const char *suffix);

#endif
