/* SPDX-License-Identifier: MIT */
/* What a column is called: "value", "[2]", "pos[0,1]", "[2].pos.x", "real". */
#ifndef NPY_STATS_NAME_H
#define NPY_STATS_NAME_H

#include "table.h"

/* Long enough for nearly all names; longer ones are cut. */
#define NAME_SIZE 200

/* Write the name of a column of @p series to @p name, in UTF-8 and without control characters. */
void name_column(const struct series *series, size_t column, char name[NAME_SIZE]);

/* The same without the indices: of all its columns. */
void name_series(const struct series *series, char name[NAME_SIZE]);

/* Characters of a text in UTF-8. */
size_t name_width(const char *text);

#endif
