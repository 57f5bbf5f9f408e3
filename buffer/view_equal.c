/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Comparison by value. */
#include "view_equal.h"

#include "view_run.h"

/* ---- rows ------------------------------------------------------------------------------------ */

#define DEFINE_EQUAL(name, type)                                                                   \
    static bool rows_equal_##name(const struct rc__row *row)                                       \
    {                                                                                              \
        const unsigned char *first = row->first, *second = row->second;                            \
        bool equal = true;                                                                         \
        for (size_t i = 0; i < row->count && equal; i++) {                                         \
            type a, b;                                                                             \
            memcpy(&a, first, sizeof a);                                                           \
            memcpy(&b, second, sizeof b);                                                          \
            equal = a == b;                                                                        \
            first += row->first_stride;                                                            \
            second += row->second_stride;                                                          \
        }                                                                                          \
        return equal;                                                                              \
    }

DEFINE_EQUAL(f, float)
DEFINE_EQUAL(d, double)

static bool rows_equal(const struct rc__comparison *comparison, const struct rc__row *row)
{
    size_t itemsize = comparison->a->itemsize;
    bool is_dense =
        row->first_stride == (ptrdiff_t)itemsize && row->second_stride == (ptrdiff_t)itemsize;
    if (comparison->by_bytes && is_dense)
        return memcmp(row->first, row->second, row->count * itemsize) == 0;
    if (comparison->code == 'd') return rows_equal_d(row);
    if (comparison->code == 'f') return rows_equal_f(row);
    const unsigned char *first = row->first, *second = row->second;
    for (size_t i = 0; i < row->count; i++) {
        if (!rc__items_equal(comparison, first, second)) return false;
        first += row->first_stride;
        second += row->second_stride;
    }
    return true;
}

/* ---- views ----------------------------------------------------------------------------------- */

static bool shapes_equal(const rc_view *a, const rc_view *b)
{
    if (a->ndim != b->ndim) return false;
    for (size_t i = 0; i < a->ndim; i++)
        if (a->shape[i] != b->shape[i]) return false;
    return true;
}

/* One by one, where suboffsets lead to. */
static bool followed_equal(const struct rc__comparison *comparison, const rc_view *a,
                           const rc_view *b)
{
    size_t index[RC_VIEW_DIMENSIONS_MAX] = {0};
    for (size_t i = 0; i < a->size; i++) {
        if (!rc__items_equal(comparison, rc__view_place(a, index), rc__view_place(b, index)))
            return false;
        rc__view_advance(a, index);
    }
    return true;
}

bool rc_view_equal(const rc_view *a, const rc_view *b)
{
    static const char call[] = "rc_view_equal";
    if (rc__view_check(a, call) != RC_OK || rc__view_check(b, call) != RC_OK) return false;
    if (!shapes_equal(a, b)) return false;
    if (a->size == 0) return true;
    if (a->format->value_count != b->format->value_count) return false;
    const struct rc__comparison comparison = rc__comparison_of(a->format, b->format);
    if (a->suboffsets || b->suboffsets) return followed_equal(&comparison, a, b);
    /* Without bytes all are the same, and there may be more of them than anyone can count. */
    if (a->itemsize == 0 && b->itemsize == 0) return rc__items_equal(&comparison, a->data, b->data);

    struct rc__run run;
    struct rc__steps steps;
    rc__run_start(&run, a->ndim, a->shape, a->itemsize, rc__side_of(a), rc__side_of(b));
    struct rc__row row = {.count = 1};
    if (run.ndim)
        row = (struct rc__row){.count = run.shape[run.ndim - 1],
                               .first_stride = run.first_strides[run.ndim - 1],
                               .second_stride = run.second_strides[run.ndim - 1]};
    rc__steps_start(&steps, &run, run.ndim ? 1 : 0);
    do {
        row.first = steps.first;
        row.second = steps.second;
        if (!rows_equal(&comparison, &row)) return false;
    } while (rc__steps_next(&steps));
    return true;
}
