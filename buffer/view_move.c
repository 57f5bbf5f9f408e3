/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * The loops that copy elements, where both sides share no byte.
 *
 * Rows are copied one after the other; where the source lies closer together in another dimension
 * than the destination does, parts of rows are, so that a line of the cache is used up while it is
 * there, in both.
 */
#include "view_copy.h"

/* ---- rows ------------------------------------------------------------------------------------ */

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
DEFINE_MOVES(16, rc__sixteen)

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

typedef uint64_t pair __attribute__((vector_size(16), aligned(1), may_alias));

/* Sixteen bytes of an element whose size, above 1, divides that. */
static void repeat_in_pair(pair *items, const unsigned char *item, size_t itemsize)
{
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (itemsize) {
    case 2:
        memcpy(&two, item, sizeof two);
        eight = two * (UINT64_MAX / UINT16_MAX);
        break;
    case 4:
        memcpy(&four, item, sizeof four);
        eight = four * (UINT64_MAX / UINT32_MAX);
        break;
    case 8:
        memcpy(&eight, item, sizeof eight);
        break;
    default:
        *items = *(const pair *)(const void *)item;
        return;
    }
    *items = (pair){eight, eight};
}

/* One element again and again, without gaps. */
static void repeat_item(unsigned char *to, const unsigned char *item, size_t count, size_t itemsize)
{
    if (itemsize == 1) {
        memset(to, *item, count);
        return;
    }
    pair all;
    repeat_in_pair(&all, item, itemsize);
    size_t bytes = count * itemsize;
    for (; bytes >= 4 * sizeof all; bytes -= 4 * sizeof all, to += 4 * sizeof all)
        for (size_t i = 0; i < 4; i++) *(pair *)(void *)(to + i * sizeof all) = all;
    for (; bytes >= sizeof all; bytes -= sizeof all, to += sizeof all) *(pair *)(void *)to = all;
    memcpy(to, &all, bytes);
}

enum row_kind { ROW_ANY, ROW_CONTIGUOUS, ROW_REPEATED };

static enum row_kind kind_of(const struct rc__row *row, size_t itemsize)
{
    if (row->first_stride != (ptrdiff_t)itemsize) return ROW_ANY;
    if (row->second_stride == (ptrdiff_t)itemsize) return ROW_CONTIGUOUS;
    return row->second_stride == 0 && sizeof(pair) % itemsize == 0 ? ROW_REPEATED : ROW_ANY;
}

static void move_rows(const struct rc__run *run)
{
    size_t inner = run->ndim - 1, itemsize = run->itemsize;
    struct rc__row row = {.count = run->shape[inner],
                          .first_stride = run->first_strides[inner],
                          .second_stride = run->second_strides[inner]};
    enum row_kind kind = kind_of(&row, itemsize);
    struct rc__steps steps;
    rc__steps_start(&steps, run, 1);
    do {
        row.first = steps.first;
        row.second = steps.second;
        if (kind == ROW_CONTIGUOUS)
            memcpy(row.first, row.second, row.count * itemsize);
        else if (kind == ROW_REPEATED)
            repeat_item(row.first, row.second, row.count, itemsize);
        else
            move_row(&row, itemsize);
    } while (rc__steps_next(&steps));
}

/* ---- planes ---------------------------------------------------------------------------------- */

enum { LINE_BYTES = 64, SIDE_LEAST = 8 };

/* Part of a plane, which begins with @p row. */
struct tile {
    struct rc__row row;
    size_t rows;
    ptrdiff_t first_pitch, second_pitch; /* from row to row */
};

/* Of tiles to come: the places of the next one in the rows of the destination, which must be had
 * before they can be written, and of the one after that in the source, if there is one. */
static void fetch_ahead(const struct tile *tile, size_t columns_left)
{
    const struct rc__row *row = &tile->row;
    if (columns_left < 3 * row->count) return;
    const unsigned char *to = row->first + (ptrdiff_t)row->count * row->first_stride;
    const unsigned char *from = row->second + 2 * (ptrdiff_t)row->count * row->second_stride;
    for (size_t i = 0; i < tile->rows; i++)
        __builtin_prefetch(to + (ptrdiff_t)i * tile->first_pitch, 1, 3);
    for (size_t i = 0; i < row->count; i++)
        __builtin_prefetch(from + (ptrdiff_t)i * row->second_stride, 0, 3);
}

static void move_tile(const struct tile *tile, size_t itemsize)
{
    struct rc__row row = tile->row;
    for (size_t i = 0; i < tile->rows; i++) {
        move_row(&row, itemsize);
        row.first += tile->first_pitch;
        row.second += tile->second_pitch;
    }
}

/* In squares, for any strides and size. */
static void move_plane(const struct rc__run *run, unsigned char *to, const unsigned char *from)
{
    size_t outer = run->ndim - 2, inner = run->ndim - 1, itemsize = run->itemsize;
    size_t height = run->shape[outer], width = run->shape[inner];
    size_t side = itemsize < LINE_BYTES / SIDE_LEAST ? LINE_BYTES / itemsize : SIDE_LEAST;
    struct tile tile = {.row = {.first_stride = run->first_strides[inner],
                                .second_stride = run->second_strides[inner]},
                        .first_pitch = run->first_strides[outer],
                        .second_pitch = run->second_strides[outer]};
    for (size_t i = 0; i < height; i += tile.rows) {
        tile.rows = height - i < side ? height - i : side;
        tile.row.first = to + (ptrdiff_t)i * tile.first_pitch;
        tile.row.second = (unsigned char *)(uintptr_t)from + (ptrdiff_t)i * tile.second_pitch;
        for (size_t j = 0; j < width; j += tile.row.count) {
            tile.row.count = width - j < side ? width - j : side;
            fetch_ahead(&tile, width - j);
            move_tile(&tile, itemsize);
            tile.row.first += (ptrdiff_t)tile.row.count * tile.row.first_stride;
            tile.row.second += (ptrdiff_t)tile.row.count * tile.row.second_stride;
        }
    }
}

/* The dimension in which the source lies closest together, where that is worth tiles: not if the
 * rows use up a line of the cache anyway. */
static size_t closest_of_second(const struct rc__run *run)
{
    size_t inner = run->ndim - 1, closest = inner;
    if (rc__geometry_magnitude(run->second_strides[inner]) < LINE_BYTES) return inner;
    for (size_t left = inner; left > 0; left--) {
        size_t i = left - 1, stride = rc__geometry_magnitude(run->second_strides[i]);
        if (stride && stride < rc__geometry_magnitude(run->second_strides[closest])) closest = i;
    }
    return closest;
}

/* Dimension @p at becomes the last but one, and forward in the source. */
static void bring_next_to_last(struct rc__run *run, size_t at)
{
    size_t length = run->shape[at];
    ptrdiff_t first = run->first_strides[at], second = run->second_strides[at];
    if (second < 0) {
        run->first += first * (ptrdiff_t)(length - 1);
        run->second += second * (ptrdiff_t)(length - 1);
        first = -first;
        second = -second;
    }
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
    bool transposes = rc__can_transpose(run);
    do {
        if (transposes)
            rc__transpose(run, steps.first, steps.second);
        else
            move_plane(run, steps.first, steps.second);
    } while (rc__steps_next(&steps));
}
