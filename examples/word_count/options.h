/* SPDX-License-Identifier: MIT */
/* The command line of word_count. */
#ifndef WORD_COUNT_OPTIONS_H
#define WORD_COUNT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define EXIT_USAGE   2
#define MOST_THREADS 1024

struct options {
    size_t threads; /* 1 to MOST_THREADS */
    size_t top;     /* words to print; SIZE_MAX: all */
    size_t limit;   /* bytes that may be allocated; SIZE_MAX: no limit */
    bool account, progress;
    char **files; /* borrowed from argv, at least one */
    size_t file_count;
};

/* Read the command line. Returns: true: go on with @p options; false: everything has been said, and
 * the program ends with *exit_code. */
bool options_read(int argc, char **argv, struct options *options, int *exit_code);

#endif
