/* SPDX-License-Identifier: MIT */
/* Shapes and strides: plain C and nothing else. tests/proof has Frama-C prove it; what begins with an
 * @ is for that. */
#include "view_geometry.h"

#define MOST ((size_t)PTRDIFF_MAX)

/* ---- products and sums ----------------------------------------------------------------------- */

/* Factors of half as many bits as a size_t has need no division. */
bool rc__geometry_multiply(size_t a, size_t b, size_t limit, size_t *product)
{
    const size_t half = (size_t)1 << (sizeof(size_t) * 4);
    if (!(a < half && b < half) && b != 0 && a > limit / b) return false;
    *product = a * b;
    return *product <= limit;
}

bool rc__geometry_scale(ptrdiff_t stride, ptrdiff_t factor, ptrdiff_t *product)
{
    bool is_negative = (stride < 0) != (factor < 0);
    size_t magnitude;
    if (!rc__geometry_multiply(rc__geometry_magnitude(stride), rc__geometry_magnitude(factor),
                               is_negative ? MOST + 1 : MOST, &magnitude))
        return false;
    if (is_negative && magnitude != 0)
        *product = -(ptrdiff_t)(magnitude - 1) - 1;
    else
        *product = (ptrdiff_t)magnitude;
    return true;
}

/* ---- shapes ---------------------------------------------------------------------------------- */

enum rc__geometry_fault rc__geometry_count(size_t ndim, const size_t *shape, size_t itemsize,
                                           size_t *count)
{
    size_t bytes = itemsize ? itemsize : 1, product = 1;
    bool is_empty = false;
    /*@ loop invariant 0 <= i <= ndim;
      @ loop invariant \forall integer k; 0 <= k < i ==> shape[k] <= MOST;
      @ loop assigns i;
      @ loop variant ndim - i; */
    for (size_t i = 0; i < ndim; i++)
        if (shape[i] > MOST) return RC__GEOMETRY_NEGATIVE;
    /*@ loop invariant 0 <= i <= ndim;
      @ loop invariant product == product(shape, i);
      @ loop invariant product * entry(itemsize) <= bytes <= product * entry(itemsize);
      @ loop invariant 1 <= product <= bytes;
      @ loop invariant i > 0 ==> bytes <= MOST;
      @ loop invariant is_empty <==> \exists integer k; 0 <= k < i && shape[k] == 0;
      @ loop assigns i, bytes, product, is_empty;
      @ loop variant ndim - i; */
    for (size_t i = 0; i < ndim; i++) {
        size_t entry = shape[i] ? shape[i] : 1;
        /*@ assert 1 <= entry == entry(shape[i]); */
        /*@ ghost grow(1, product, entry); grow(product, bytes, entry); */
        if (!rc__geometry_multiply(bytes, entry, MOST, &bytes)) return RC__GEOMETRY_TOO_LARGE;
        product *= entry;
        if (shape[i] == 0) is_empty = true;
    }
    if (bytes > MOST) return RC__GEOMETRY_TOO_LARGE;
    *count = is_empty ? 0 : product;
    return RC__GEOMETRY_FITS;
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

/* ---- reach ----------------------------------------------------------------------------------- */

bool rc__geometry_reach(size_t ndim, const size_t *shape, const ptrdiff_t *strides,
                        struct rc__geometry_reach *reach)
{
    size_t before = 0, after = 0;
    /*@ loop invariant 0 <= i <= ndim;
      @ loop invariant before == back(shape, strides, i) && before <= MOST;
      @ loop invariant after == ahead(shape, strides, i) && after <= MOST;
      @ loop assigns i, before, after;
      @ loop variant ndim - i; */
    for (size_t i = 0; i < ndim; i++) {
        size_t extent;
        if (!rc__geometry_multiply(rc__geometry_magnitude(strides[i]), shape[i] - 1, MOST, &extent))
            return false;
        if (extent > MOST - (strides[i] < 0 ? before : after)) return false;
        if (strides[i] < 0)
            before += extent;
        else
            after += extent;
    }
    if (before > MOST - after) return false;
    reach->before = before;
    reach->after = after;
    return true;
}

bool rc__geometry_is_inside(size_t size, size_t offset, size_t itemsize,
                            const struct rc__geometry_reach *reach)
{
    if (offset > size || reach->before > offset) return false;
    size_t room = size - offset;
    return reach->after <= room && itemsize <= room - reach->after;
}

size_t rc__geometry_fill_up(size_t size, size_t offset, size_t itemsize, ptrdiff_t stride)
{
    if (offset > size || itemsize > size - offset) return 0;
    size_t room = stride < 0 ? offset : size - offset - itemsize;
    size_t steps = room / rc__geometry_magnitude(stride);
    return steps < MOST ? steps + 1 : MOST;
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
