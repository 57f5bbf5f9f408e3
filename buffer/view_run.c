/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Normalised strides. */
#include "view_run.h"

struct dimension {
    size_t length;
    ptrdiff_t first, second;
};

/* Whether @p a belongs before @p b. */
static bool is_outside(const struct dimension *a, const struct dimension *b)
{
    if (a->first != b->first) return a->first > b->first;
    return rc__geometry_magnitude(a->second) > rc__geometry_magnitude(b->second);
}

static void put(struct rc__run *run, size_t at, const struct dimension *dimension)
{
    run->shape[at] = dimension->length;
    run->first_strides[at] = dimension->first;
    run->second_strides[at] = dimension->second;
}

static struct dimension get(const struct rc__run *run, size_t at)
{
    return (struct dimension){run->shape[at], run->first_strides[at], run->second_strides[at]};
}

/* Begin at the other end of a dimension that goes backwards. Where the first stands still, the
 * second says so. */
static void flip(struct rc__run *run, struct dimension *dimension)
{
    if (dimension->first > 0 || (dimension->first == 0 && dimension->second >= 0)) return;
    ptrdiff_t last = (ptrdiff_t)(dimension->length - 1);
    run->first += dimension->first * last;
    run->second += dimension->second * last;
    dimension->first = -dimension->first;
    dimension->second = -dimension->second;
}

/* Dimensions longer than 1, sorted as they come. */
static void sort_in(struct rc__run *run, const struct dimension *dimension)
{
    size_t at = run->ndim++;
    for (; at > 0; at--) {
        struct dimension before = get(run, at - 1);
        if (!is_outside(dimension, &before)) break;
        put(run, at, &before);
    }
    put(run, at, dimension);
}

/* Whether steps of @p outer go on where @p length steps of @p inner end. Differences of strides of
 * one sign, and steps within the reach, do not overflow. */
static bool continues(ptrdiff_t outer, ptrdiff_t inner, size_t length)
{
    if ((outer < 0) != (inner < 0)) return false;
    return outer - inner == inner * (ptrdiff_t)(length - 1);
}

static void join(struct rc__run *run)
{
    size_t ndim = 1;
    for (size_t i = 1; i < run->ndim; i++) {
        struct dimension inner = get(run, i), outer = get(run, ndim - 1);
        if (continues(outer.first, inner.first, inner.length) &&
            continues(outer.second, inner.second, inner.length)) {
            inner.length *= outer.length;
            ndim--;
        }
        put(run, ndim++, &inner);
    }
    if (run->ndim) run->ndim = ndim;
}

void rc__run_start(struct rc__run *run, size_t ndim, const size_t *shape, size_t itemsize,
                   struct rc__side first, struct rc__side second)
{
    run->ndim = 0;
    run->itemsize = itemsize;
    run->first = first.data;
    run->second = second.data;
    for (size_t i = 0; i < ndim; i++) {
        struct dimension dimension = {shape[i], first.strides[i], second.strides[i]};
        if (dimension.length == 1) continue;
        flip(run, &dimension);
        sort_in(run, &dimension);
    }
    join(run);
}

void rc__steps_start(struct rc__steps *steps, const struct rc__run *run, size_t inner)
{
    steps->run = run;
    steps->ndim = run->ndim - inner;
    steps->first = run->first;
    steps->second = run->second;
    for (size_t i = 0; i < steps->ndim; i++) steps->index[i] = 0;
}
