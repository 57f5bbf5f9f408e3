/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/view_geometry.h
 * Private (not installed): the arithmetic of shapes and strides, which cannot overflow.
 *
 * Its room is plain C, without builtins and without calls to other rooms, so that a prover can read
 * it: tests/proof has Frama-C prove it, and what begins with an @ is for that. Nothing here knows of
 * views or buffers, or leaves an error. What each new view is checked by is inline.
 *
 * Invariant of what passes rc__geometry_count() and rc__geometry_reach(): the sum of index * stride
 * over any of the dimensions, for indices below the shape, lies in [-before, after], and both are at
 * most PTRDIFF_MAX. So callers may add such products up in any order.
 */
#ifndef BUFFER_VIEW_GEOMETRY_H
#define BUFFER_VIEW_GEOMETRY_H

#include "../rc/config.h"

/* How far elements lie from the first one, in bytes. */
struct rc__geometry_reach {
    size_t before; /* from the element with the lowest place to the first one */
    size_t after;  /* from the first one to the element with the highest place */
};

/* What Python's slice.indices() gives. */
struct rc__geometry_range {
    size_t first; /* 0 where count is 0 */
    size_t count;
};

#define RC__GEOMETRY_MOST ((size_t)PTRDIFF_MAX)

/* ---- products -------------------------------------------------------------------------------- */

/* a * b where that is at most @p limit; else @p product has no meaning. Factors of half as many bits
 * as a size_t has need no division. */
static inline bool rc__geometry_multiply(size_t a, size_t b, size_t limit, size_t *product)
{
    const size_t half = (size_t)1 << (sizeof(size_t) * 4);
    if (!(a < half && b < half) && b != 0 && a > limit / b) return false;
    *product = a * b;
    return *product <= limit;
}

/* |stride|, also of PTRDIFF_MIN. */
static inline size_t rc__geometry_magnitude(ptrdiff_t stride)
{
    return stride < 0 ? (size_t) - (stride + 1) + 1 : (size_t)stride;
}

/* stride * factor where a ptrdiff_t holds it. */
RC_HIDDEN bool rc__geometry_scale(ptrdiff_t stride, ptrdiff_t factor, ptrdiff_t *product);

/* ---- shapes ---------------------------------------------------------------------------------- */

/* Whether an entry of the shape is above PTRDIFF_MAX: it was negative once. */
RC_HIDDEN bool rc__geometry_has_negative(size_t ndim, const size_t *shape);

/* The product of the shape, where the bytes of so many items are at most PTRDIFF_MAX; entries of 0
 * make it 0, but do not excuse the others. */
static inline bool rc__geometry_count(size_t ndim, const size_t *shape, size_t itemsize,
                                      size_t *count)
{
    size_t product = 1, bytes;
    bool is_empty = false;
    /*@ loop invariant 0 <= i <= ndim;
      @ loop invariant \forall integer k; 0 <= k < i ==> shape[k] <= RC__GEOMETRY_MOST;
      @ loop invariant 1 <= product == product(shape, i) <= RC__GEOMETRY_MOST;
      @ loop invariant is_empty <==> \exists integer k; 0 <= k < i && shape[k] == 0;
      @ loop assigns i, product, is_empty;
      @ loop variant ndim - i; */
    for (size_t i = 0; i < ndim; i++) {
        size_t entry = shape[i] ? shape[i] : 1;
        /*@ assert 1 <= entry == entry(shape[i]); */
        /*@ ghost grow(1, product, entry); */
        if (!rc__geometry_multiply(product, entry, RC__GEOMETRY_MOST, &product)) return false;
        is_empty |= shape[i] == 0;
    }
    *count = is_empty ? 0 : product;
    return rc__geometry_multiply(product, itemsize ? itemsize : 1, RC__GEOMETRY_MOST, &bytes);
}

/* Strides without gaps in order 'C' or 'F', for a shape that has been counted; an entry of 0 counts
 * as 1. */
RC_HIDDEN void rc__geometry_fill_strides(size_t ndim, const size_t *shape, size_t itemsize,
                                         char order, ptrdiff_t *strides);

/* ---- reach ----------------------------------------------------------------------------------- */

/* For a shape without 0. False: some element is further away than PTRDIFF_MAX. */
static inline bool rc__geometry_reach(size_t ndim, const size_t *shape, const ptrdiff_t *strides,
                                      struct rc__geometry_reach *reach)
{
    size_t before = 0, after = 0;
    /*@ loop invariant 0 <= i <= ndim;
      @ loop invariant before == back(shape, strides, i) && before <= RC__GEOMETRY_MOST;
      @ loop invariant after == ahead(shape, strides, i) && after <= RC__GEOMETRY_MOST;
      @ loop assigns i, before, after;
      @ loop variant ndim - i; */
    for (size_t i = 0; i < ndim; i++) {
        size_t extent;
        if (!rc__geometry_multiply(rc__geometry_magnitude(strides[i]), shape[i] - 1,
                                   RC__GEOMETRY_MOST, &extent))
            return false;
        if (extent > RC__GEOMETRY_MOST - (strides[i] < 0 ? before : after)) return false;
        if (strides[i] < 0)
            before += extent;
        else
            after += extent;
    }
    if (before > RC__GEOMETRY_MOST - after) return false;
    reach->before = before;
    reach->after = after;
    return true;
}

/* Whether all elements lie in [0, size), the first one being at @p offset. */
static inline bool rc__geometry_is_inside(size_t size, size_t offset, size_t itemsize,
                                          const struct rc__geometry_reach *reach)
{
    if (offset > size || reach->before > offset) return false;
    size_t room = size - offset;
    return reach->after <= room && itemsize <= room - reach->after;
}

/* Elements of @p stride, not 0, that lie in [0, size), the first one being at @p offset. */
RC_HIDDEN size_t rc__geometry_fill_up(size_t size, size_t offset, size_t itemsize,
                                      ptrdiff_t stride);

/* Whether elements lie without gaps in order 'C' or 'F'; those of no elements always do. */
RC_HIDDEN bool rc__geometry_is_contiguous(size_t ndim, const size_t *shape,
                                          const ptrdiff_t *strides, size_t itemsize, char order);

/* ---- one dimension, one element -------------------------------------------------------------- */

/* @p index, which counts from the end if negative, as a place below @p length. */
RC_HIDDEN bool rc__geometry_index(size_t length, ptrdiff_t index, size_t *place);

/* @p length at most PTRDIFF_MAX; step not 0; PTRDIFF_MIN is an end left out. */
RC_HIDDEN struct rc__geometry_range rc__geometry_slice(size_t length, ptrdiff_t start,
                                                       ptrdiff_t stop, ptrdiff_t step);

/* From the first element to the one at @p index, in bytes. */
static inline ptrdiff_t rc__geometry_offset(size_t ndim, const ptrdiff_t *strides,
                                            const size_t *index)
{
    ptrdiff_t offset = 0;
    for (size_t i = 0; i < ndim; i++) offset += (ptrdiff_t)index[i] * strides[i];
    return offset;
}

#endif
