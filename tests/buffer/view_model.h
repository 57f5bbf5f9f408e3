/* SPDX-License-Identifier: MIT */
/**
 * @file tests/buffer/view_model.h
 * What the suites of views share: a slow model of a view, element by element, and random views.
 *
 * The model shares nothing with the library but the public struct: it finds an element by its
 * index, from the shape, strides and suboffsets alone.
 */
#ifndef TESTS_BUFFER_VIEW_MODEL_H
#define TESTS_BUFFER_VIEW_MODEL_H

#include "buffer/view.h"
#include "support.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
#define SHAPE(...)      ((const size_t[]){__VA_ARGS__})
#define STRIDES(...)    ((const ptrdiff_t[]){__VA_ARGS__})

static inline const unsigned char *model_at(const rc_view *view, const size_t *index)
{
    const unsigned char *place = view->data;
    for (size_t i = 0; i < view->ndim; i++) {
        place += (ptrdiff_t)index[i] * view->strides[i];
        if (!view->suboffsets || view->suboffsets[i] < 0) continue;
        const unsigned char *const *address = (const unsigned char *const *)(const void *)place;
        place = *address + view->suboffsets[i];
    }
    return place;
}

/** The next index in order 'C' or 'F'. False: it was the last. */
static inline bool model_next(size_t ndim, const size_t *shape, char order, size_t *index)
{
    for (size_t i = 0; i < ndim; i++) {
        size_t place = order == 'F' ? i : ndim - 1 - i;
        if (++index[place] < shape[place]) return true;
        index[place] = 0;
    }
    return false;
}

/** The product of the shape. */
static inline size_t model_size(size_t ndim, const size_t *shape)
{
    size_t size = 1;
    for (size_t i = 0; i < ndim; i++) size *= shape[i];
    return size;
}

/** All elements in order 'C' or 'F' without gaps, for free(). */
static inline unsigned char *model_bytes(const rc_view *view, char order)
{
    size_t index[RC_VIEW_DIMENSIONS_MAX] = {0}, size = model_size(view->ndim, view->shape);
    unsigned char *bytes = malloc(size * view->itemsize + 1), *to = bytes;
    for (size_t i = 0; i < size; i++, to += view->itemsize) {
        memcpy(to, model_at(view, index), view->itemsize);
        model_next(view->ndim, view->shape, order, index);
    }
    return bytes;
}

/** Every element lies in the base, and the view says what it is. */
static inline void model_check(const rc_view *view)
{
    size_t index[RC_VIEW_DIMENSIONS_MAX] = {0}, size = model_size(view->ndim, view->shape);
    const unsigned char *first = view->base->data, *end = first + view->base->size;
    ck_assert_uint_eq(view->size, size);
    ck_assert_uint_eq(view->itemsize, view->format->itemsize);
    ck_assert_uint_eq(rc_view_byte_count(view), size * view->itemsize);
    for (size_t i = 0; i < size && !view->suboffsets; i++) {
        const unsigned char *place = model_at(view, index);
        ck_assert(place >= first && place + view->itemsize <= end);
        ck_assert_ptr_eq(rc_view_at(view, index), place);
        model_next(view->ndim, view->shape, 'C', index);
    }
}

static inline void model_assert_dimensions(const rc_view *view, size_t ndim, const size_t *shape,
                                           const ptrdiff_t *strides)
{
    ck_assert_uint_eq(view->ndim, ndim);
    for (size_t i = 0; i < ndim; i++) {
        ck_assert_uint_eq(view->shape[i], shape[i]);
        if (strides) ck_assert_int_eq(view->strides[i], strides[i]);
    }
}

/* ---- random ---------------------------------------------------------------------------------- */

struct model_random {
    uint64_t state;
};

/** A number below @p limit. */
static inline size_t model_below(struct model_random *random, size_t limit)
{
    uint64_t x = random->state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    random->state = x;
    return (size_t)(x >> 11) % limit;
}

/** A view as any chain of derivations makes it: permuted, sliced, flipped; of a new buffer that is
 * filled with different bytes. */
static inline rc_view *model_random_view(struct model_random *random, const char *format,
                                         size_t ndim, size_t longest)
{
    size_t shape[RC_VIEW_DIMENSIONS_MAX], axes[RC_VIEW_DIMENSIONS_MAX];
    for (size_t i = 0; i < ndim; i++) shape[i] = 1 + model_below(random, longest);
    rc_view *view = rc_view_new_zeroed(format, ndim, shape);
    ck_assert_ptr_nonnull(view);
    support_fill(view->base, (unsigned)model_below(random, 1000), 0);
    for (size_t i = 0; i < ndim; i++) axes[i] = i;
    for (size_t i = ndim; i > 1; i--) {
        size_t other = model_below(random, i), kept = axes[i - 1];
        axes[i - 1] = axes[other];
        axes[other] = kept;
    }
    rc_view *next = rc_view_permute(view, axes);
    rc_release(view);
    for (size_t i = 0; i < ndim; i++) {
        view = next;
        static const ptrdiff_t steps[] = {1, 1, 1, -1, 2, -2, 3};
        next = rc_view_slice(view, i, RC_VIEW_OPEN, RC_VIEW_OPEN,
                             steps[model_below(random, COUNT_OF(steps))]);
        rc_release(view);
    }
    ck_assert_ptr_nonnull(next);
    return next;
}

#endif
