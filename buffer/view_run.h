/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/view_run.h
 * Private (not installed): two sets of elements of one shape, walked side by side in the order in
 * which their memory lies.
 *
 * What is walked is normalised: dimensions of 1 are gone, the strides of the first are not negative,
 * they fall from the first dimension to the last, and dimensions that lie without a gap in each
 * other in both are one. So the last dimension is contiguous where memory is. The order of the
 * elements is another than that of their indices: only what does not depend on it is done so.
 */
#ifndef BUFFER_VIEW_RUN_H
#define BUFFER_VIEW_RUN_H

#include "view_layout.h"

/* One of both. The bytes of a destination may be written. */
struct rc__side {
    unsigned char *data;
    const ptrdiff_t *strides;
};

struct rc__run {
    size_t ndim;
    size_t itemsize;
    unsigned char *first, *second;
    size_t shape[RC_VIEW_DIMENSIONS_MAX]; /* each at least 2 */
    ptrdiff_t first_strides[RC_VIEW_DIMENSIONS_MAX];
    ptrdiff_t second_strides[RC_VIEW_DIMENSIONS_MAX];
};

/* The elements of a view without suboffsets. */
static inline struct rc__side rc__side_of(const rc_view *view)
{
    return (struct rc__side){(unsigned char *)(uintptr_t)view->data, view->strides};
}

/* For a shape without 0. */
RC_HIDDEN void rc__run_start(struct rc__run *run, size_t ndim, const size_t *shape, size_t itemsize,
                             struct rc__side first, struct rc__side second);

/* Everything is one piece without a gap, in both. */
static inline bool rc__run_is_flat(const struct rc__run *run)
{
    return run->ndim == 0 || (run->ndim == 1 && run->first_strides[0] == (ptrdiff_t)run->itemsize &&
                              run->second_strides[0] == (ptrdiff_t)run->itemsize);
}

/* Elements of a flat run. */
static inline size_t rc__run_flat_count(const struct rc__run *run)
{
    return run->ndim ? run->shape[0] : 1;
}

/* The places of one row of elements, or of the top left corner of a plane of them. */
struct rc__row {
    unsigned char *first, *second;
    size_t count;
    ptrdiff_t first_stride, second_stride;
};

/* The dimensions of a run but its last @p inner: the places that they lead to, one by one. */
struct rc__steps {
    const struct rc__run *run;
    size_t ndim;
    unsigned char *first, *second;
    size_t index[RC_VIEW_DIMENSIONS_MAX];
};

RC_HIDDEN void rc__steps_start(struct rc__steps *steps, const struct rc__run *run, size_t inner);

/* To the next place. False: there was none any more. */
static inline bool rc__steps_next(struct rc__steps *steps)
{
    const struct rc__run *run = steps->run;
    for (size_t left = steps->ndim; left > 0; left--) {
        size_t i = left - 1;
        if (++steps->index[i] < run->shape[i]) {
            steps->first += run->first_strides[i];
            steps->second += run->second_strides[i];
            return true;
        }
        ptrdiff_t back = (ptrdiff_t)steps->index[i] - 1;
        steps->first -= run->first_strides[i] * back;
        steps->second -= run->second_strides[i] * back;
        steps->index[i] = 0;
    }
    return false;
}

#endif
