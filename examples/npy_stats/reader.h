/* SPDX-License-Identifier: MIT */
/*
 * Takes numbers out of a view of two dimensions, a patch of rows and columns at a time. A view whose
 * elements are aligned and in this machine's order is read through a lens of their type; others
 * element by element by rc_format_unpack().
 */
#ifndef NPY_STATS_READER_H
#define NPY_STATS_READER_H

#include <buffer/lens.h>
#include <stdint.h>

#include "summary.h"

#define PATCH_ROWS    128 /* a power of two */
#define PATCH_COLUMNS 16

/* A patch: its numbers, each column without gaps. Which member is told by the kind. */
union patch {
    int64_t integers[PATCH_COLUMNS][PATCH_ROWS];
    double reals[PATCH_COLUMNS][PATCH_ROWS];
    long double long_reals[PATCH_COLUMNS][PATCH_ROWS];
};

struct window {
    size_t row, rows;       /* at most PATCH_ROWS */
    size_t column, columns; /* at most PATCH_COLUMNS */
};

/* Lenses: name, type of the elements, member of a patch, what is stored of x. */
#define READER_LENSES(X)                                                                           \
    X(u8, uint8_t, integers, x)                                                                    \
    X(i8, int8_t, integers, x)                                                                     \
    X(u16, uint16_t, integers, x)                                                                  \
    X(i16, int16_t, integers, x)                                                                   \
    X(u32, uint32_t, integers, x)                                                                  \
    X(i32, int32_t, integers, x)                                                                   \
    X(u64, uint64_t, integers, reader_bias(x))                                                     \
    X(i64, int64_t, integers, x)                                                                   \
    X(f32, float, reals, (double)x)                                                                \
    X(f64, double, reals, x)                                                                       \
    X(long_double, long double, long_reals, x)

#define READER_TYPE(name, type, member, expression) typedef RC_LENS(const type, 2) lens_##name;
READER_LENSES(READER_TYPE)
#undef READER_TYPE

struct reader {
    const rc_view *view; /* borrowed */
    void (*load)(const struct reader *self, const struct window *window, union patch *patch);
    enum kind kind;
    bool by_columns; /* a column's numbers lie closer together than a row's */
    union {
#define READER_MEMBER(name, type, member, expression) lens_##name name;
        READER_LENSES(READER_MEMBER)
#undef READER_MEMBER
    } lens;
};

/* Begin to read @p view, which is borrowed; its elements are numbers of @p kind. */
void reader_open(struct reader *self, const rc_view *view, enum kind kind);

/* Fill @p patch with what is in the window, from its first row and column on. */
static inline void reader_load(const struct reader *self, const struct window *window,
                               union patch *patch)
{
    self->load(self, window, patch);
}

/* KIND_UNSIGNED: 0 becomes the least number, and the order stays. And back. */
static inline int64_t reader_bias(uint64_t number)
{
    return (int64_t)(number ^ (uint64_t)1 << 63);
}

static inline uint64_t reader_unbias(int64_t number)
{
    return (uint64_t)number ^ (uint64_t)1 << 63;
}

#endif
