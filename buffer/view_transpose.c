/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Planes that are contiguous in one dimension in the destination and in the other in the source.
 *
 * They are copied in squares as wide as a line of the cache: so a line is used up while it is there,
 * in both. The lines of the next squares are fetched ahead, since they lie too far apart for the
 * processor to see them coming.
 */
#include "view_copy.h"

enum { LINE_BYTES = 64 };

/* A part of a plane, to be transposed: its rows are contiguous in the destination, its columns in
 * the source. */
struct tile {
    unsigned char *to;
    const unsigned char *from;
    ptrdiff_t to_row, from_column; /* strides */
    size_t rows, columns;
};

/* The lines that tiles to come will use: of the destination the next ones in its rows, which must
 * be had before they can be written; of the source those of the tile after the next, where
 * there are such tiles in the row. */
static inline void fetch_ahead(const struct tile *tile, size_t columns_left)
{
    if (columns_left <= tile->columns) return;
    const unsigned char *to = tile->to + LINE_BYTES;
    for (size_t i = 0; i < tile->rows; i++)
        __builtin_prefetch(to + (ptrdiff_t)i * tile->to_row, 1, 3);
    if (columns_left < 3 * tile->columns) return;
    const unsigned char *from = tile->from + 2 * (ptrdiff_t)tile->columns * tile->from_column;
    for (size_t i = 0; i < tile->columns; i++)
        __builtin_prefetch(from + (ptrdiff_t)i * tile->from_column, 0, 3);
}

#define DEFINE_TRANSPOSE(name, type)                                                               \
    static void transpose_##name(const struct tile *tile)                                          \
    {                                                                                              \
        for (size_t i = 0; i < tile->rows; i++) {                                                  \
            unsigned char *to = tile->to + (ptrdiff_t)i * tile->to_row;                            \
            const unsigned char *from = tile->from + i * sizeof(type);                             \
            for (size_t j = 0; j < tile->columns; j++, to += sizeof(type)) {                       \
                type moved;                                                                        \
                memcpy(&moved, from, sizeof moved);                                                \
                memcpy(to, &moved, sizeof moved);                                                  \
                from += tile->from_column;                                                         \
            }                                                                                      \
        }                                                                                          \
    }

DEFINE_TRANSPOSE(1, uint8_t)
DEFINE_TRANSPOSE(2, uint16_t)
DEFINE_TRANSPOSE(single_4, uint32_t)
DEFINE_TRANSPOSE(single_8, uint64_t)
DEFINE_TRANSPOSE(16, rc__sixteen)

typedef uint64_t pair __attribute__((vector_size(16), aligned(1), may_alias));

/* Two by two elements of 8 bytes. */
static inline void transpose_four_8(unsigned char *to, ptrdiff_t to_row, const unsigned char *from,
                                    ptrdiff_t from_column)
{
    pair a = *(const pair *)(const void *)from;
    pair b = *(const pair *)(const void *)(from + from_column);
    *(pair *)(void *)to = (pair){a[0], b[0]};
    *(pair *)(void *)(to + to_row) = (pair){a[1], b[1]};
}

/* The same of 4 bytes: a and b are the columns, and then the rows. */
static inline void transpose_four_4(unsigned char *to, ptrdiff_t to_row, const unsigned char *from,
                                    ptrdiff_t from_column)
{
    const uint64_t half = UINT32_MAX;
    uint64_t a, b, upper, lower;
    memcpy(&a, from, sizeof a);
    memcpy(&b, from + from_column, sizeof b);
    bool is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    upper = is_little ? (a & half) | (b & half) << 32 : (a & ~half) | b >> 32;
    lower = is_little ? a >> 32 | (b & ~half) : (a & half) << 32 | (b & half);
    memcpy(to, &upper, sizeof upper);
    memcpy(to + to_row, &lower, sizeof lower);
}

/* Inlined for each size, and for that of a whole square. */
static inline __attribute__((always_inline)) void
transpose_pairs(const struct tile *tile, size_t rows, size_t columns, size_t itemsize)
{
    for (size_t i = 0; i + 2 <= rows; i += 2) {
        unsigned char *to = tile->to + (ptrdiff_t)i * tile->to_row;
        const unsigned char *from = tile->from + i * itemsize;
        for (size_t j = 0; j + 2 <= columns; j += 2)
            (itemsize == 8 ? transpose_four_8 : transpose_four_4)(
                to + j * itemsize, tile->to_row, from + (ptrdiff_t)j * tile->from_column,
                tile->from_column);
    }
}

/* What is left of odd sizes: the last column, and the last row. */
static void transpose_rest(const struct tile *tile, size_t itemsize)
{
    struct tile column = *tile, row = *tile;
    column.columns = tile->columns % 2;
    column.to += (tile->columns - column.columns) * itemsize;
    column.from += (ptrdiff_t)(tile->columns - column.columns) * tile->from_column;
    row.rows = tile->rows % 2;
    row.to += (ptrdiff_t)(tile->rows - row.rows) * tile->to_row;
    row.from += (tile->rows - row.rows) * itemsize;
    (itemsize == 8 ? transpose_single_8 : transpose_single_4)(&column);
    (itemsize == 8 ? transpose_single_8 : transpose_single_4)(&row);
}

static void transpose_8(const struct tile *tile)
{
    if (tile->rows == 8 && tile->columns == 8) {
        transpose_pairs(tile, 8, 8, 8);
        return;
    }
    transpose_pairs(tile, tile->rows, tile->columns, 8);
    transpose_rest(tile, 8);
}

static void transpose_4(const struct tile *tile)
{
    transpose_pairs(tile, tile->rows, tile->columns, 4);
    transpose_rest(tile, 4);
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

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many of @p length elements the first square has: up to the end of the line of @p place, if
 * others follow. */
static size_t first_side(const unsigned char *place, size_t length, size_t itemsize)
{
    size_t side = LINE_BYTES / itemsize;
    size_t rest = (LINE_BYTES - (uintptr_t)place % LINE_BYTES) / itemsize;
    return length <= side || rest == 0 ? side : rest;
}

/* The last two dimensions of a run, in squares as wide as a line of the cache; the first ones are
 * smaller where that lets the others begin with a line. */
void rc__transpose(const struct rc__run *run, unsigned char *to, const unsigned char *from)
{
    size_t outer = run->ndim - 2, inner = run->ndim - 1, itemsize = run->itemsize;
    size_t height = run->shape[outer], width = run->shape[inner], side = LINE_BYTES / itemsize;
    struct tile tile = {.to_row = run->first_strides[outer],
                        .from_column = run->second_strides[inner]};
    for (size_t i = 0; i < height; i += tile.rows) {
        tile.rows = least(height - i, i ? side : first_side(from, height, itemsize));
        for (size_t j = 0; j < width; j += tile.columns) {
            tile.columns = least(width - j, j ? side : first_side(to, width, itemsize));
            tile.to = to + (ptrdiff_t)i * tile.to_row + j * itemsize;
            tile.from = from + i * itemsize + (ptrdiff_t)j * tile.from_column;
            fetch_ahead(&tile, width - j);
            transpose(&tile, itemsize);
        }
    }
}

static bool is_small_power(size_t itemsize)
{
    return itemsize <= 16 && (itemsize & (itemsize - 1)) == 0;
}

bool rc__can_transpose(const struct rc__run *run)
{
    ptrdiff_t itemsize = (ptrdiff_t)run->itemsize;
    return is_small_power(run->itemsize) && run->first_strides[run->ndim - 1] == itemsize &&
           run->second_strides[run->ndim - 2] == itemsize;
}
