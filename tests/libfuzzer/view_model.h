/* SPDX-License-Identifier: MIT */
/**
 * @file tests/libfuzzer/view_model.h
 * What a view has to be: for each of its elements, in C order, the place of its bytes in the buffer.
 * All rules about shapes and strides come down to lists of places. For view_target.c.
 */
#ifndef TESTS_LIBFUZZER_VIEW_MODEL_H
#define TESTS_LIBFUZZER_VIEW_MODEL_H

#include "tests/libfuzzer/format_model.h"
#include "tests/libfuzzer/fuzz.h"

#include "buffer/view.h"

enum { STORES = 6, STORE_BYTES = 768, SLOTS = 6, PLACES = 768, DIMENSIONS = 6 };

/* A buffer, and what its bytes have to be. */
struct store {
    rc_buffer *buffer; /* NULL: this place is free */
    size_t size;
    unsigned views;
    bool frozen;
    unsigned char bytes[STORE_BYTES];
};

struct shown {
    rc_view *view; /* NULL: this slot is free */
    struct store *store;
    const char *text; /* the format */
    struct model_format format;
    size_t ndim, shape[DIMENSIONS];
    size_t count;          /* of elements */
    size_t places[PLACES]; /* of their first bytes, in the buffer */
    bool read_only;
};

static struct store stores[STORES];
static struct shown slots[SLOTS];

/* ---- index tuples ---------------------------------------------------------------------------- */

static size_t product(const size_t *shape, size_t ndim)
{
    size_t count = 1;
    for (size_t i = 0; i < ndim; i++)
        if (shape[i] == 0) return 0;
    for (size_t i = 0; i < ndim; i++) {
        if (shape[i] > PLACES) return shape[i];
        count *= shape[i];
        if (count > PLACES) break;
    }
    return count;
}

/* The tuple of the element that comes @p at-th in C order, or in F order. */
static void tuple_of(const size_t *shape, size_t ndim, size_t at, char order, size_t *index)
{
    for (size_t i = 0; i < ndim; i++) {
        size_t dimension = order == 'F' ? i : ndim - 1 - i;
        index[dimension] = at % shape[dimension];
        at /= shape[dimension];
    }
}

static size_t rank_of(const size_t *shape, size_t ndim, const size_t *index)
{
    size_t rank = 0;
    for (size_t i = 0; i < ndim; i++) rank = rank * shape[i] + index[i];
    return rank;
}

/* The place of the element that comes @p at-th in that order. */
static size_t place_of(const struct shown *shown, size_t at, char order)
{
    size_t index[DIMENSIONS];
    tuple_of(shown->shape, shown->ndim, at, order, index);
    return shown->places[rank_of(shown->shape, shown->ndim, index)];
}

/* ---- questions that are answered by the places ----------------------------------------------- */

static size_t itemsize_of(const struct shown *shown)
{
    return shown->format.itemsize;
}

static bool is_contiguous(const struct shown *shown, char order)
{
    if (order == 'A') return is_contiguous(shown, 'C') || is_contiguous(shown, 'F');
    for (size_t i = 1; i < shown->count; i++)
        if (place_of(shown, i, order) != shown->places[0] + i * itemsize_of(shown)) return false;
    return true;
}

static char resolve(const struct shown *shown, char order)
{
    if (order != 'A') return order;
    return is_contiguous(shown, 'F') && !is_contiguous(shown, 'C') ? 'F' : 'C';
}

static bool is_read_only(const struct shown *shown)
{
    return shown->read_only || shown->store->frozen;
}

/* Whether two elements share a byte. */
static bool overlaps_itself(const struct shown *shown)
{
    bool taken[STORE_BYTES] = {false};
    for (size_t i = 0; i < shown->count; i++)
        for (size_t k = 0; k < itemsize_of(shown); k++) {
            if (taken[shown->places[i] + k]) return true;
            taken[shown->places[i] + k] = true;
        }
    return false;
}

/* Whether strides could lead to these places, which are in C order of the shape. */
static bool has_strides(const size_t *places, size_t count, const size_t *shape, size_t ndim)
{
    ptrdiff_t strides[DIMENSIONS] = {0};
    if (count == 0) return true;
    for (size_t i = 0, apart = count; i < ndim; i++) {
        apart /= shape[i];
        if (shape[i] > 1) strides[i] = (ptrdiff_t)places[apart] - (ptrdiff_t)places[0];
    }
    for (size_t at = 0; at < count; at++) {
        size_t index[DIMENSIONS];
        tuple_of(shape, ndim, at, 'C', index);
        ptrdiff_t place = (ptrdiff_t)places[0];
        for (size_t i = 0; i < ndim; i++) place += (ptrdiff_t)index[i] * strides[i];
        if (place != (ptrdiff_t)places[at]) return false;
    }
    return true;
}

/* ---- formats --------------------------------------------------------------------------------- */

static const char *const texts[] = {
    "B", "b",  "c", "h",  ">h", "i", "<i",          ">i",
    "q", "<Q", "d", ">d", "f",  "?", "T{h:a:i:b:}", "T{<h:a:>i:b:}",
};
enum { TEXTS = sizeof texts / sizeof *texts, RECORD = TEXTS - 2 };

static char class_of(const struct model_leaf *leaf)
{
    static const char classes[][8] = {"?", "bhilqn", "BHILQNP", "efdg", "FDG", "c"};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strchr(classes[i], leaf->code)) return classes[i][0];
    return leaf->code;
}

static bool same_format(const struct model_format *a, const struct model_format *b)
{
    if (a->itemsize != b->itemsize || a->leaf_count != b->leaf_count) return false;
    for (size_t i = 0; i < a->leaf_count; i++) {
        const struct model_leaf *x = &a->leaves[i], *y = &b->leaves[i];
        if (x->offset != y->offset || x->size != y->size || x->swapped != y->swapped ||
            class_of(x) != class_of(y))
            return false;
    }
    return true;
}

/* The number that a leaf's bytes are; a long double holds all of them exactly. */
static long double number_at(const unsigned char *item, const struct model_leaf *leaf)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < leaf->size; i++)
        bytes[i] = item[leaf->offset + (leaf->swapped ? leaf->size - 1 - i : i)];
    int16_t h;
    int32_t i;
    int64_t q;
    uint64_t unsigned_q;
    double d;
    float f;
    switch (leaf->code) {
    case 'b':
        return (signed char)bytes[0];
    case '?':
        return bytes[0] != 0;
    case 'h':
        return memcpy(&h, bytes, sizeof h), h;
    case 'i':
        return memcpy(&i, bytes, sizeof i), i;
    case 'q':
        return memcpy(&q, bytes, sizeof q), q;
    case 'Q':
        return memcpy(&unsigned_q, bytes, sizeof unsigned_q), unsigned_q;
    case 'd':
        return memcpy(&d, bytes, sizeof d), d;
    case 'f':
        return memcpy(&f, bytes, sizeof f), f;
    default:
        return bytes[0];
    }
}

/* Whether the elements at two places are equal, as Python compares numbers, bytes and tuples. */
static bool same_element(const struct shown *a, size_t i, const struct shown *b, size_t k)
{
    const unsigned char *left = a->store->bytes + a->places[i];
    const unsigned char *right = b->store->bytes + b->places[k];
    if (a->format.leaf_count != b->format.leaf_count) return false;
    for (size_t leaf = 0; leaf < a->format.leaf_count; leaf++) {
        const struct model_leaf *x = &a->format.leaves[leaf], *y = &b->format.leaves[leaf];
        if ((x->code == 'c') != (y->code == 'c')) return false;
        if (number_at(left, x) != number_at(right, y)) return false;
    }
    return true;
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* The view's own account of itself, and the place of each element. */
static void compare_view(const struct shown *shown)
{
    const rc_view *view = shown->view;
    const unsigned char *bytes = shown->store->buffer->data;
    FUZZ_CHECK(view->ndim == shown->ndim, "%zu dimensions, not %zu", view->ndim, shown->ndim);
    for (size_t i = 0; i < shown->ndim; i++)
        FUZZ_CHECK(view->shape[i] == shown->shape[i], "dimension %zu has %zu, not %zu", i,
                   view->shape[i], shown->shape[i]);
    FUZZ_CHECK(view->itemsize == itemsize_of(shown), "%zu bytes each", view->itemsize);
    FUZZ_CHECK(view->size == shown->count, "%zu elements, not %zu", view->size, shown->count);
    FUZZ_CHECK(rc_view_byte_count(view) == shown->count * itemsize_of(shown), "bytes of them");
    FUZZ_CHECK(view->base == shown->store->buffer, "it hangs on another buffer");
    for (size_t at = 0; at < shown->count; at++) {
        size_t index[DIMENSIONS];
        tuple_of(shown->shape, shown->ndim, at, 'C', index);
        ptrdiff_t offset = view->data - bytes;
        for (size_t i = 0; i < shown->ndim; i++) offset += (ptrdiff_t)index[i] * view->strides[i];
        FUZZ_CHECK(offset == (ptrdiff_t)shown->places[at], "element %zu is at %td, not at %zu", at,
                   offset, shown->places[at]);
        FUZZ_CHECK(rc_view_at(view, index) == bytes + offset, "rc_view_at: element %zu", at);
    }
    for (const char *order = "CFA"; *order; order++)
        FUZZ_CHECK(rc_view_is_contiguous(view, *order) == is_contiguous(shown, *order),
                   "contiguous in order %c?", *order);
}

static void compare_stores(void)
{
    for (size_t i = 0; i < STORES; i++) {
        struct store *store = &stores[i];
        if (!store->buffer) continue;
        FUZZ_CHECK(store->buffer->size == store->size, "a buffer changed its size");
        FUZZ_CHECK(!store->size || !memcmp(store->buffer->data, store->bytes, store->size),
                   "buffer %zu has other bytes", i);
    }
    for (size_t i = 0; i < SLOTS; i++)
        if (slots[i].view)
            FUZZ_CHECK(rc_view_is_read_only(slots[i].view) == is_read_only(&slots[i]),
                       "view %zu: read-only?", i);
}

#endif
