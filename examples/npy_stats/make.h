/* SPDX-License-Identifier: MIT */
/* A file to try npy_stats on. */
#ifndef NPY_STATS_MAKE_H
#define NPY_STATS_MAKE_H

#include <rc/status.h>
#include <stddef.h>

/* Write @p rows made-up measurements to the file at @p path, the same ones each time. */
enum rc_status make_file(const char *path, size_t rows);

#endif
