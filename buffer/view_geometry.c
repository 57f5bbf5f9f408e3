/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* The arithmetic of shapes and strides that is not in the header. */
#include "view_geometry.h"

/* ---- products and sums ----------------------------------------------------------------------- */

bool rc__geometry_scale(ptrdiff_t stride, ptrdiff_t factor, ptrdiff_t *product)
{
    bool is_negative = (stride < 0) != (factor < 0);
    size_t magnitude;
    if (!rc__geometry_multiply(rc__geometry_magnitude(stride), rc__geometry_magnitude(factor),
                               is_negative ? RC__GEOMETRY_MOST + 1 : RC__GEOMETRY_MOST, &magnitude))
        return false;
    if (is_negative && magnitude != 0)
        *product = -(ptrdiff_t)(magnitude - 1) - 1;
    else
        *product = (ptrdiff_t)magnitude;
    return true;
}

/* ---- shapes ---------------------------------------------------------------------------------- */

bool rc__geometry_has_negative(size_t ndim, const size_t *shape)
{
    /*@ loop invariant 0 <= i <= ndim;
      @ loop invariant \forall integer k; 0 <= k < i ==> shape[k] <= RC__GEOMETRY_MOST;
      @ loop assigns i;
      @ loop variant ndim - i; */
    for (size_t i = 0; i < ndim; i++)
        if (shape[i] > RC__GEOMETRY_MOST) return true;
    return false;
}

void rc__geometry_fill_strides(size_t ndim, const size_t *shape, size_t itemsize, char order,
                               ptrdiff_t *strides)
{
    size_t bytes = itemsize;
    for (size_t i = 0; i < ndim; i++) {
        size_t place = order == 'F' ? i : ndim - 1 - i;
        strides[place] = (ptrdiff_t)bytes;
        bytes *= shape[place] ? shape[place] : 1;
    }
}

size_t rc__geometry_fill_up(size_t size, size_t offset, size_t itemsize, ptrdiff_t stride)
{
    if (offset > size || itemsize > size - offset) return 0;
    size_t room = stride < 0 ? offset : size - offset - itemsize;
    size_t steps = room / rc__geometry_magnitude(stride);
    return steps < RC__GEOMETRY_MOST ? steps + 1 : RC__GEOMETRY_MOST;
}

bool rc__geometry_is_contiguous(size_t ndim, const size_t *shape, const ptrdiff_t *strides,
                                size_t itemsize, char order)
{
    size_t expected = itemsize;
    bool is_contiguous = true;
    for (size_t i = 0; i < ndim; i++) {
        size_t place = order == 'F' ? i : ndim - 1 - i;
        if (shape[place] == 0) return true;
        if (shape[place] == 1) continue;
        if (strides[place] < 0 || (size_t)strides[place] != expected) is_contiguous = false;
        expected *= shape[place];
    }
    return is_contiguous;
}

/* ---- one dimension --------------------------------------------------------------------------- */

bool rc__geometry_index(size_t length, ptrdiff_t index, size_t *place)
{
    if (index >= 0) {
        *place = (size_t)index;
        return *place < length;
    }
    size_t from_end = rc__geometry_magnitude(index);
    if (from_end > length) return false;
    *place = length - from_end;
    return true;
}

/* An end of a slice as Python moves it: into [low, high]. */
static ptrdiff_t clamp(size_t length, ptrdiff_t end, ptrdiff_t low, ptrdiff_t high)
{
    if (end < 0) {
        size_t from_end = rc__geometry_magnitude(end);
        return from_end > length ? low : (ptrdiff_t)(length - from_end);
    }
    return end > high ? high : end;
}

struct rc__geometry_range rc__geometry_slice(size_t length, ptrdiff_t start, ptrdiff_t stop,
                                             ptrdiff_t step)
{
    struct rc__geometry_range range = {0, 0};
    ptrdiff_t low = step < 0 ? -1 : 0;
    ptrdiff_t high = step < 0 ? (ptrdiff_t)length - 1 : (ptrdiff_t)length;
    bool is_backward = step < 0;
    ptrdiff_t first = is_backward ? high : low, end = is_backward ? low : high;
    if (start != PTRDIFF_MIN) first = clamp(length, start, low, high);
    if (stop != PTRDIFF_MIN) end = clamp(length, stop, low, high);
    if (is_backward ? first <= end : first >= end) return range;
    size_t distance = is_backward ? (size_t)(first - end) : (size_t)(end - first);
    range.first = (size_t)first;
    size_t stride = rc__geometry_magnitude(step);
    range.count = stride == 1 ? distance : (distance - 1) / stride + 1;
    return range;
}
