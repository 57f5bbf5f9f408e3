/* SPDX-License-Identifier: MIT */
/*
 * An array as columns of numbers. Its views become one series for each field that is a number: all
 * columns that have the same type and lie in the same view.
 *
 *     a[rows, 3] of T{d:time: (2,2)f:pos:}    series "time" with 3 columns, "pos" with 12:
 *                                             [0].time [1].time [2].time [0].pos[0,0] ...
 *
 * Tables, series and places are objects; a table owns its series, and these their places and views.
 */
#ifndef NPY_STATS_TABLE_H
#define NPY_STATS_TABLE_H

#include <buffer/view.h>

#include "summary.h"

/* A step from the array to a number: the array itself, then a field, a field of that ... */
struct place {
    struct place *outer; /* NULL: this is the array */
    rc_view *records;    /* what the field is of; NULL: it is none */
    const char *name;    /* of the field, in the format of the records; NULL: none */
    size_t ndim;         /* dimensions that begin here, but for the rows */
};

struct series {
    struct place *place;
    rc_view *view; /* the elements: rows first */
    rc_view *flat; /* the same as rows and columns; NULL: the strides do not allow that */
    enum kind kind;
    size_t columns;
    struct summary *summaries; /* of each column; NULL: not computed */
};

struct table {
    rc_view *view; /* the array, of one dimension or more */
    size_t rows;
    size_t columns; /* of all series that are numbers */
    size_t texts;   /* columns that are none */
    size_t series_count;
    struct series **series;
};

/* The columns of @p array. Returns: one new reference; NULL and why. */
struct table *table_new(const rc_view *array);

static inline bool series_is_number(const struct series *series)
{
    return series->kind != KIND_TEXT;
}

#endif
