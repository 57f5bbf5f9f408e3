/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/lens_place.h
 * How RC_AT finds an element: an index times a stride for each dimension, by one macro for each
 * number of them. Programs include buffer/lens.h, which includes this.
 */
#ifndef BUFFER_LENS_PLACE_H
#define BUFFER_LENS_PLACE_H

#include "lens.h"

static inline ptrdiff_t rc__lens_index(ptrdiff_t index, size_t shape, size_t dimension,
                                       const char *file, int line)
{
    if (RC_BOUNDS_CHECK && RC_UNLIKELY((size_t)index >= shape))
        rc_lens_out_of_bounds(file, line, dimension, index, shape);
    return index;
}

#define RC__LENS_INDEX(lens, k, i)                                                                 \
    rc__lens_index((ptrdiff_t)(i), (lens).shape[k], k, __FILE__, __LINE__)
#define RC__LENS_STEP(lens, k, i) RC__LENS_INDEX(lens, k, i) * (lens).strides[k]
#define RC__LENS_LAST(lens, k, i)                                                                  \
    RC__LENS_INDEX(lens, k, i) *                                                                   \
        (sizeof((lens).rc__gap) == 1 ? (ptrdiff_t)sizeof(*(lens).data) : (lens).strides[k])

#define RC__LENS_1(l, a)       RC__LENS_LAST(l, 0, a)
#define RC__LENS_2(l, a, b)    RC__LENS_STEP(l, 0, a) + RC__LENS_LAST(l, 1, b)
#define RC__LENS_3(l, a, b, c) RC__LENS_FROM_0(l, a, b) + RC__LENS_LAST(l, 2, c)
#define RC__LENS_4(l, a, b, c, d)                                                                  \
    RC__LENS_FROM_0(l, a, b) + RC__LENS_STEP(l, 2, c) + RC__LENS_LAST(l, 3, d)
#define RC__LENS_5(l, a, b, c, d, e)                                                               \
    RC__LENS_FROM_0(l, a, b) + RC__LENS_FROM_2(l, c, d) + RC__LENS_LAST(l, 4, e)
#define RC__LENS_6(l, a, b, c, d, e, f)                                                            \
    RC__LENS_FROM_0(l, a, b) + RC__LENS_FROM_2(l, c, d) + RC__LENS_STEP(l, 4, e) +                 \
        RC__LENS_LAST(l, 5, f)
#define RC__LENS_7(l, a, b, c, d, e, f, g)                                                         \
    RC__LENS_FROM_0(l, a, b) + RC__LENS_FROM_2(l, c, d) + RC__LENS_FROM_4(l, e, f) +               \
        RC__LENS_LAST(l, 6, g)
#define RC__LENS_8(l, a, b, c, d, e, f, g, h)                                                      \
    RC__LENS_FROM_0(l, a, b) + RC__LENS_FROM_2(l, c, d) + RC__LENS_FROM_4(l, e, f) +               \
        RC__LENS_STEP(l, 6, g) + RC__LENS_LAST(l, 7, h)
#define RC__LENS_FROM_0(l, a, b) RC__LENS_STEP(l, 0, a) + RC__LENS_STEP(l, 1, b)
#define RC__LENS_FROM_2(l, a, b) RC__LENS_STEP(l, 2, a) + RC__LENS_STEP(l, 3, b)
#define RC__LENS_FROM_4(l, a, b) RC__LENS_STEP(l, 4, a) + RC__LENS_STEP(l, 5, b)

#define RC__LENS_COUNT(a, b, c, d, e, f, g, h, n, ...) n

/* A char[-1] here: the number of indices is not that of the dimensions. */
#define RC__LENS_SAME_COUNT(lens, n) (sizeof(char[RC__LENS_NDIM(lens) == (n) ? 1 : -1]) - 1)

#define RC__LENS_OFFSET(lens, n, ...)                                                              \
    ((ptrdiff_t)RC__LENS_SAME_COUNT(lens, n) + (RC__JOIN(RC__LENS_, n)(lens, __VA_ARGS__)))

#ifdef __cplusplus
template <class T> inline T *rc__lens_place(T *data, ptrdiff_t offset)
{
    void *start = const_cast<typename std::remove_cv<T>::type *>(data);
    return static_cast<T *>(static_cast<void *>(static_cast<char *>(start) + offset));
}
#define RC__LENS_PLACE(lens, n, ...)                                                               \
    rc__lens_place((lens).data, RC__LENS_OFFSET(lens, n, __VA_ARGS__))
#else
#define RC__LENS_PLACE(lens, n, ...)                                                               \
    ((__typeof__((lens).data))(void *)((char *)(lens).data + RC__LENS_OFFSET(lens, n, __VA_ARGS__)))
#endif

#endif
