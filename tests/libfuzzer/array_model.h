/* SPDX-License-Identifier: MIT */
/**
 * @file tests/libfuzzer/array_model.h
 * What arrays have to be: a plain list of items, and whether their length may change. For
 * array_target.c.
 */
#ifndef TESTS_LIBFUZZER_ARRAY_MODEL_H
#define TESTS_LIBFUZZER_ARRAY_MODEL_H

#include "tests/libfuzzer/fuzz.h"

#include <wchar.h>

#include "buffer/array.h"

enum { SLOTS = 4, VIEWS = 3, ITEM_MAX = 8, BYTES_MAX = 4096 };

struct list {
    rc_array *array; /* NULL: this slot is free */
    char typecode;
    size_t itemsize, length; /* in bytes; in items */
    rc_view *views[VIEWS];   /* or NULL; each keeps the length */
    bool frozen;
    unsigned char bytes[BYTES_MAX]; /* of the items */
};

static struct list lists[SLOTS];

static const char typecodes[] = "bBuwhHiIlLqQfd";

static size_t itemsize_of(char typecode)
{
    switch (typecode) {
    case 'u':
        return sizeof(wchar_t);
    case 'l':
    case 'L':
        return sizeof(long);
    default:
        return strchr("bB", typecode)     ? 1
               : strchr("hH", typecode)   ? 2
               : strchr("wiIf", typecode) ? 4
                                          : 8;
    }
}

static unsigned char *item_at(struct list *list, size_t place)
{
    return list->bytes + place * list->itemsize;
}

static size_t size_of(const struct list *list)
{
    return list->length * list->itemsize;
}

/* ---- items ----------------------------------------------------------------------------------- */

/* By value, as C compares numbers. */
static bool same_item(const struct list *list, const void *a, const void *b)
{
    double d[2];
    float f[2];
    switch (list->typecode) {
    case 'd':
        memcpy(&d[0], a, sizeof d[0]);
        memcpy(&d[1], b, sizeof d[1]);
        return d[0] >= d[1] && d[0] <= d[1];
    case 'f':
        memcpy(&f[0], a, sizeof f[0]);
        memcpy(&f[1], b, sizeof f[1]);
        return f[0] >= f[1] && f[0] <= f[1];
    default:
        return memcmp(a, b, list->itemsize) == 0;
    }
}

/* The length if none from @p from on equals the item. */
static size_t find(struct list *list, size_t from, const void *item)
{
    while (from < list->length && !same_item(list, item_at(list, from), item)) from++;
    return from;
}

/* Python's index: from the end if negative. False: there is no such item. */
static bool locate(const struct list *list, ptrdiff_t index, size_t *place)
{
    ptrdiff_t length = (ptrdiff_t)list->length;
    if (index >= length || index < -length) return false;
    *place = (size_t)(index < 0 ? index + length : index);
    return true;
}

static void put_in(struct list *list, size_t place, const void *items, size_t count)
{
    unsigned char *at = item_at(list, place);
    memmove(at + count * list->itemsize, at, (list->length - place) * list->itemsize);
    memcpy(at, items, count * list->itemsize);
    list->length += count;
}

static void take_out(struct list *list, size_t place)
{
    unsigned char *at = item_at(list, place);
    list->length--;
    memmove(at, at + list->itemsize, (list->length - place) * list->itemsize);
}

/* ---- answers --------------------------------------------------------------------------------- */

static bool is_exported(const struct list *list)
{
    for (size_t i = 0; i < VIEWS; i++)
        if (list->views[i]) return true;
    return false;
}

static unsigned answers_to_writing(const struct list *list)
{
    return list->frozen ? BIT(RC_READ_ONLY) : BIT(RC_OK);
}

/* To what changes the length, or fails with @p refusals. */
static unsigned answers_to_resizing(const struct list *list, unsigned refusals)
{
    if (list->frozen) refusals |= BIT(RC_READ_ONLY);
    if (is_exported(list)) refusals |= BIT(RC_BUSY);
    return refusals ? refusals : BIT(RC_OK);
}

/* ---- comparing ------------------------------------------------------------------------------- */

static void compare(const struct list *list)
{
    const rc_array *array = list->array;
    const void *address;
    size_t length;
    FUZZ_CHECK(array->typecode == list->typecode && array->itemsize == list->itemsize,
               "items of '%c', %zu bytes", array->typecode, array->itemsize);
    FUZZ_CHECK(array->length == list->length, "%zu items, not %zu", array->length, list->length);
    FUZZ_CHECK(array->buffer->size == size_of(list), "%zu bytes", array->buffer->size);
    FUZZ_CHECK(array->data == array->buffer->data, "the address is an old one");
    FUZZ_CHECK(!list->length || !memcmp(array->data, list->bytes, size_of(list)),
               "%zu items of '%c' differ", list->length, list->typecode);
    FUZZ_CHECK(rc_array_buffer_info(array, &address, &length) == RC_OK && address == array->data &&
                   length == list->length,
               "address and length are others");
    for (size_t i = 0; i < VIEWS; i++)
        FUZZ_CHECK(!list->views[i] || (list->views[i]->data == array->data &&
                                       list->views[i]->size == list->length),
                   "a view shows other items");
}

#endif
