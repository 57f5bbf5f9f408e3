/* SPDX-License-Identifier: MIT */
/*
 * The loops that copy elements, where both sides share no byte.
 *
 * Rows are copied one after the other. Where the source is contiguous in another dimension than the
 * destination, squares are, as wide as a line of the cache: so a line is used up while it is there,
 * in both. The lines of the next squares are fetched ahead, since they lie too far apart for the
 * processor to see them coming.
 */
#include "view_copy.h"

/* ---- rows ------------------------------------------------------------------------------------ */

struct sixteen {
    uint64_t half[2];
};

/* Both sides may be unaligned, so that elements are moved as bytes; the compiler makes a load and a
 * store of it. */
#define MOVE(type, to, from)                                                                       \
    do {                                                                                           \
        type moved;                                                                                \
        memcpy(&moved, (from), sizeof moved);                                                      \
        memcpy((to), &moved, sizeof moved);                                                        \
    } while (0)

/* Four loads before four stores, which the compiler cannot know to be apart. */
#define DEFINE_MOVES(name, type)                                                                   \
    static void move_row_##name(unsigned char *to, ptrdiff_t to_stride, const unsigned char *from, \
                                ptrdiff_t from_stride, size_t count)                               \
    {                                                                                              \
        for (; count >= 4; count -= 4) {                                                           \
            type a, b, c, d;                                                                       \
            memcpy(&a, from, sizeof a);                                                            \
            memcpy(&b, from + from_stride, sizeof b);                                              \
            memcpy(&c, from + 2 * from_stride, sizeof c);                                          \
            memcpy(&d, from + 3 * from_stride, sizeof d);                                          \
            memcpy(to, &a, sizeof a);                                                              \
            memcpy(to + to_stride, &b, sizeof b);                                                  \
            memcpy(to + 2 * to_stride, &c, sizeof c);                                              \
            memcpy(to + 3 * to_stride, &d, sizeof d);                                              \
            from += 4 * from_stride;                                                               \
            to += 4 * to_stride;                                                                   \
        }                                                                                          \
        for (; count > 0; count--, to += to_stride, from += from_stride) MOVE(type, to, from);     \
    }

DEFINE_MOVES(1, uint8_t)
DEFINE_MOVES(2, uint16_t)
DEFINE_MOVES(4, uint32_t)
DEFINE_MOVES(8, uint64_t)
DEFINE_MOVES(16, struct sixteen)

static void move_row_any(unsigned char *to, ptrdiff_t to_stride, const unsigned char *from,
                         ptrdiff_t from_stride, size_t count, size_t itemsize)
{
    for (; count > 0; count--, to += to_stride, from += from_stride) memcpy(to, from, itemsize);
}

static void move_row(const struct rc__row *row, size_t itemsize)
{
    unsigned char *to = row->first;
    const unsigned char *from = row->second;
    switch (itemsize) {
    case 1:
        move_row_1(to, row->first_stride, from, row->second_stride, row->count);
        break;
    case 2:
        move_row_2(to, row->first_stride, from, row->second_stride, row->count);
        break;
    case 4:
        move_row_4(to, row->first_stride, from, row->second_stride, row->count);
        break;
    case 8:
        move_row_8(to, row->first_stride, from, row->second_stride, row->count);
        break;
    case 16:
        move_row_16(to, row->first_stride, from, row->second_stride, row->count);
        break;
    default:
        move_row_any(to, row->first_stride, from, row->second_stride, row->count, itemsize);
    }
}

static void move_rows(const struct rc__run *run)
{
    size_t inner = run->ndim - 1;
    struct rc__row row = {.count = run->shape[inner],
                          .first_stride = run->first_strides[inner],
                          .second_stride = run->second_strides[inner]};
    ptrdiff_t itemsize = (ptrdiff_t)run->itemsize;
    bool is_contiguous = row.first_stride == itemsize && row.second_stride == itemsize;
    struct rc__steps steps;
    rc__steps_start(&steps, run, 1);
    do {
        row.first = steps.first;
        row.second = steps.second;
        if (is_contiguous)
            memcpy(row.first, row.second, row.count * run->itemsize);
        else
            move_row(&row, run->itemsize);
    } while (rc__steps_next(&steps));
}

/* ---- tiles ----------------------------------------------------------------------------------- */

enum { LINE_BYTES = 64 };

/* A part of a plane, to be transposed: its rows are contiguous in the destination, its columns in
 * the source. */
struct tile {
    unsigned char *to;
    const unsigned char *from;
    ptrdiff_t to_row, from_column; /* strides */
    size_t rows, columns;
};

/* The lines that the next tile begins with: those of the source in the next rows, those of the
 * destination in the next columns. Whether there are any does not matter. */
static inline void fetch_next(const struct tile *tile)
{
    uintptr_t from = (uintptr_t)tile->from + LINE_BYTES, to = (uintptr_t)tile->to + LINE_BYTES;
    for (size_t i = 0; i < tile->columns; i++)
        __builtin_prefetch((const void *)(from + i * (size_t)tile->from_column), 0, 2);
    for (size_t i = 0; i < tile->rows; i++)
        __builtin_prefetch((const void *)(to + i * (size_t)tile->to_row), 1, 3);
}

#define DEFINE_TRANSPOSE(name, type)                                                               \
    static void transpose_##name(const struct tile *tile)                                          \
    {                                                                                              \
        for (size_t i = 0; i < tile->rows; i++) {                                                  \
            unsigned char *to = tile->to + (ptrdiff_t)i * tile->to_row;                            \
            const unsigned char *from = tile->from + i * sizeof(type);                             \
            for (size_t j = 0; j < tile->columns; j++, to += sizeof(type)) {                       \
                MOVE(type, to, from);                                                              \
                from += tile->from_column;                                                         \
            }                                                                                      \
        }                                                                                          \
    }

DEFINE_TRANSPOSE(1, uint8_t)
DEFINE_TRANSPOSE(2, uint16_t)
DEFINE_TRANSPOSE(4, uint32_t)
DEFINE_TRANSPOSE(one_by_one, uint64_t)
DEFINE_TRANSPOSE(16, struct sixteen)

typedef uint64_t pair __attribute__((vector_size(16), aligned(1), may_alias));

/* Two by two. */
static inline void transpose_four(unsigned char *to, ptrdiff_t to_row, const unsigned char *from,
                                  ptrdiff_t from_column)
{
    pair a = *(const pair *)(const void *)from;
    pair b = *(const pair *)(const void *)(from + from_column);
    *(pair *)(void *)to = (pair){a[0], b[0]};
    *(pair *)(void *)(to + to_row) = (pair){a[1], b[1]};
}

/* Inlined for the size of a whole square, which is known. */
static inline __attribute__((always_inline)) void transpose_pairs(const struct tile *tile,
                                                                  size_t rows, size_t columns)
{
    for (size_t i = 0; i + 2 <= rows; i += 2) {
        unsigned char *to = tile->to + (ptrdiff_t)i * tile->to_row;
        const unsigned char *from = tile->from + i * 8;
        for (size_t j = 0; j + 2 <= columns; j += 2)
            transpose_four(to + j * 8, tile->to_row, from + (ptrdiff_t)j * tile->from_column,
                           tile->from_column);
    }
}

/* What is left of odd sizes: the last column, and the last row. */
static void transpose_8(const struct tile *tile)
{
    size_t rows = tile->rows, columns = tile->columns;
    if (rows == 8 && columns == 8) {
        transpose_pairs(tile, 8, 8);
        return;
    }
    transpose_pairs(tile, rows, columns);
    struct tile rest = *tile;
    if (columns % 2) {
        rest.columns = 1;
        rest.to += (columns - 1) * 8;
        rest.from += (ptrdiff_t)(columns - 1) * tile->from_column;
        transpose_one_by_one(&rest);
    }
    if (rows % 2) {
        rest = *tile;
        rest.rows = 1;
        rest.to += (ptrdiff_t)(rows - 1) * tile->to_row;
        rest.from += (rows - 1) * 8;
        transpose_one_by_one(&rest);
    }
}

static void transpose(const struct tile *tile, size_t itemsize)
{
    if (itemsize == 8)
        transpose_8(tile);
    else if (itemsize == 4)
        transpose_4(tile);
    else if (itemsize == 2)
        transpose_2(tile);
    else if (itemsize == 1)
        transpose_1(tile);
    else
        transpose_16(tile);
}

/* The last two dimensions of a run, in squares as wide as a line of the cache. */
static void transpose_plane(const struct rc__run *run, unsigned char *to, const unsigned char *from)
{
    size_t outer = run->ndim - 2, inner = run->ndim - 1, side = LINE_BYTES / run->itemsize;
    struct tile tile = {.to_row = run->first_strides[outer],
                        .from_column = run->second_strides[inner]};
    for (size_t i = 0; i < run->shape[outer]; i += side) {
        size_t rows = run->shape[outer] - i;
        tile.rows = rows < side ? rows : side;
        for (size_t j = 0; j < run->shape[inner]; j += side) {
            size_t columns = run->shape[inner] - j;
            tile.columns = columns < side ? columns : side;
            tile.to = to + (ptrdiff_t)i * tile.to_row + j * run->itemsize;
            tile.from = from + i * run->itemsize + (ptrdiff_t)j * tile.from_column;
            fetch_next(&tile);
            transpose(&tile, run->itemsize);
        }
    }
}

static bool is_small_power(size_t itemsize)
{
    return itemsize <= 16 && (itemsize & (itemsize - 1)) == 0;
}

static bool can_transpose(const struct rc__run *run)
{
    ptrdiff_t itemsize = (ptrdiff_t)run->itemsize;
    return is_small_power(run->itemsize) && run->first_strides[run->ndim - 1] == itemsize &&
           run->second_strides[run->ndim - 2] == itemsize;
}

/* The same in the rows of one band after the other, for any strides and size. */
static void move_plane(const struct rc__run *run, unsigned char *to, const unsigned char *from)
{
    enum { BAND = 8 };
    size_t outer = run->ndim - 2, inner = run->ndim - 1;
    struct rc__row row = {.first_stride = run->first_strides[inner],
                          .second_stride = run->second_strides[inner]};
    for (size_t i = 0; i < run->shape[inner]; i += BAND) {
        size_t width = run->shape[inner] - i;
        row.count = width < BAND ? width : BAND;
        row.first = to + (ptrdiff_t)i * row.first_stride;
        row.second = (unsigned char *)(uintptr_t)from + (ptrdiff_t)i * row.second_stride;
        for (size_t j = 0; j < run->shape[outer]; j++) {
            move_row(&row, run->itemsize);
            row.first += run->first_strides[outer];
            row.second += run->second_strides[outer];
        }
    }
}

/* The dimension in which the source lies closest together, where that is worth tiles: not if the
 * rows use up a line of the cache anyway. */
static size_t closest_of_second(const struct rc__run *run)
{
    size_t inner = run->ndim - 1, closest = inner;
    if (rc__geometry_magnitude(run->second_strides[inner]) < LINE_BYTES) return inner;
    for (size_t i = inner; i-- > 0;) {
        size_t stride = rc__geometry_magnitude(run->second_strides[i]);
        if (stride && stride < rc__geometry_magnitude(run->second_strides[closest])) closest = i;
    }
    return closest;
}

/* Dimension @p at becomes the last but one. */
static void bring_next_to_last(struct rc__run *run, size_t at)
{
    size_t length = run->shape[at];
    ptrdiff_t first = run->first_strides[at], second = run->second_strides[at];
    for (; at + 2 < run->ndim; at++) {
        run->shape[at] = run->shape[at + 1];
        run->first_strides[at] = run->first_strides[at + 1];
        run->second_strides[at] = run->second_strides[at + 1];
    }
    run->shape[at] = length;
    run->first_strides[at] = first;
    run->second_strides[at] = second;
}

void rc__move(struct rc__run *run)
{
    if (run->itemsize == 0) return;
    if (rc__run_is_flat(run)) {
        memcpy(run->first, run->second, rc__run_flat_count(run) * run->itemsize);
        return;
    }
    size_t closest = closest_of_second(run);
    if (closest == run->ndim - 1) {
        move_rows(run);
        return;
    }
    bring_next_to_last(run, closest);
    struct rc__steps steps;
    rc__steps_start(&steps, run, 2);
    bool transposes = can_transpose(run);
    do {
        if (transposes)
            transpose_plane(run, steps.first, steps.second);
        else
            move_plane(run, steps.first, steps.second);
    } while (rc__steps_next(&steps));
}
