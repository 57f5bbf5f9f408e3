/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Arrays: made, read, grown. What looks at all elements is in array_content.c. */
#include "array_layout.h"

#include <errno.h>
#include <wchar.h>

#include "../rc/plain.h"

static void finalize(void *self)
{
    rc_array *array = self;
    rc_release(array->buffer);
}

static void traverse(void *self, rc_visit *visit, void *argument)
{
    rc_array *array = self;
    visit(array->buffer, argument);
}

static size_t no_extra(const void *self)
{
    (void)self;
    return 0;
}

static const struct rc__sized_type array_type = {
    .base = {.name = "rc_array",
             .size = sizeof(rc_array),
             .finalize = finalize,
             .traverse = traverse,
             .flags = RC__TYPE_SIZED},
    .extra = no_extra,
    .end_plain = rc__object_end_self,
    .describe = rc__array_describe,
};

/* ---- create ---------------------------------------------------------------------------------- */

/* 0: there is no such typecode. */
static size_t itemsize_of(char typecode)
{
    switch (typecode) {
    case 'b':
    case 'B':
        return sizeof(char);
    case 'h':
    case 'H':
        return sizeof(short);
    case 'i':
    case 'I':
        return sizeof(int);
    case 'l':
    case 'L':
        return sizeof(long);
    case 'q':
    case 'Q':
        return sizeof(long long);
    case 'u':
        return sizeof(wchar_t);
    case 'w':
        return sizeof(uint32_t);
    case 'f':
        return sizeof(float);
    case 'd':
        return sizeof(double);
    default:
        return 0;
    }
}

_Static_assert(sizeof(long long) <= RC__ARRAY_ITEM_MAX && sizeof(double) <= RC__ARRAY_ITEM_MAX,
               "an item fits a local variable");

rc_array *rc_array_new(char typecode)
{
    size_t itemsize = itemsize_of(typecode);
    if (itemsize == 0) {
        rc_error_set(RC_FORMAT, "rc_array_new: there is no typecode '%c' (%d)",
                     typecode > 32 && typecode < 127 ? typecode : '?', typecode);
        return NULL;
    }
    rc_buffer *buffer = rc_buffer_new(0);
    if (!buffer) return NULL;
    rc_array *array = rc__object_new_sized(NULL, &array_type, 0, RC__CELL_OTHER);
    if (!array) {
        rc_release(buffer);
        return NULL;
    }
    *array = (rc_array){.buffer = buffer, .itemsize = itemsize, .typecode = typecode};
    rc__array_refresh(array);
    return array;
}

rc_array *rc_array_copy(char typecode, const void *items, size_t count)
{
    rc_array *array = rc_array_new(typecode);
    if (!array || rc_array_extend(array, items, count) == RC_OK) return array;
    rc_release(array);
    return NULL;
}

/* ---- read and write -------------------------------------------------------------------------- */

bool rc__array_locate(const rc_array *array, ptrdiff_t index, const char *call, size_t *place)
{
    if (rc__geometry_index(array->length, index, place)) return true;
    rc_error_set(RC_RANGE, "%s: there is no element %td in an array of %zu", call, index,
                 array->length);
    return false;
}

void *rc_array_edit(rc_array *array)
{
    if (rc__array_check(array, "rc_array_edit") != RC_OK) return NULL;
    return rc_buffer_edit(array->buffer);
}

const void *rc_array_get(const rc_array *array, ptrdiff_t index)
{
    static const char call[] = "rc_array_get";
    size_t place;
    if (rc__array_check(array, call) != RC_OK) return NULL;
    if (!rc__array_locate(array, index, call, &place)) return NULL;
    return array->data + place * array->itemsize;
}

enum rc_status rc_array_set(rc_array *array, ptrdiff_t index, const void *item)
{
    static const char call[] = "rc_array_set";
    size_t place;
    if (rc__array_check_items(array, item, call) != RC_OK) return RC_INVALID;
    if (!rc__array_locate(array, index, call, &place)) return RC_RANGE;
    unsigned char *bytes = rc_buffer_edit(array->buffer);
    if (!bytes) return rc_error_status();
    memmove(bytes + place * array->itemsize, item, array->itemsize);
    return RC_OK;
}

rc_view *rc_array_view(rc_array *array)
{
    if (rc__array_check(array, "rc_array_view") != RC_OK) return NULL;
    /* Formats have no u: it is w or, where wchar_t has 16 bits, H. */
    char code = array->typecode;
    if (code == 'u') code = array->itemsize == 4 ? 'w' : 'H';
    return rc_view_new(array->buffer, (char[]){code, '\0'});
}

enum rc_status rc_array_buffer_info(const rc_array *array, const void **address, size_t *length)
{
    static const char call[] = "rc_array_buffer_info";
    if (rc__array_check(array, call) != RC_OK) return RC_INVALID;
    if (!address || !length)
        return rc_error_set(RC_INVALID, "%s: no place for address or length", call);
    *address = array->data;
    *length = array->length;
    return RC_OK;
}

/* ---- grow and shrink ------------------------------------------------------------------------- */

enum rc_status rc_array_extend(rc_array *array, const void *items, size_t count)
{
    if (rc__array_check(array, "rc_array_extend") != RC_OK) return RC_INVALID;
    size_t size;
    if (!rc__size_multiply(count, array->itemsize, &size)) return RC_OVERFLOW;
    enum rc_status status = rc_buffer_append(array->buffer, items, size);
    rc__array_refresh(array);
    return status;
}

enum rc_status rc_array_append(rc_array *array, const void *item)
{
    return rc_array_extend(array, item, 1);
}

enum rc_status rc_array_from_bytes(rc_array *array, const void *bytes, size_t size)
{
    if (rc__array_check(array, "rc_array_from_bytes") != RC_OK) return RC_INVALID;
    if (size % array->itemsize != 0)
        return rc_error_set(RC_INVALID,
                            "rc_array_from_bytes: %zu bytes are no multiple of items of %zu", size,
                            array->itemsize);
    return rc_array_extend(array, bytes, size / array->itemsize);
}

/* Python's rule for insert: beyond an end is that end. */
static size_t nearest(const rc_array *array, ptrdiff_t index)
{
    if (index >= 0) return (size_t)index < array->length ? (size_t)index : array->length;
    size_t back = rc__geometry_magnitude(index);
    return back < array->length ? array->length - back : 0;
}

enum rc_status rc_array_insert(rc_array *array, ptrdiff_t index, const void *item)
{
    enum rc_status status = rc__array_check_items(array, item, "rc_array_insert");
    if (status != RC_OK) return status;
    unsigned char kept[RC__ARRAY_ITEM_MAX];
    memcpy(kept, item, array->itemsize);
    size_t place = nearest(array, index), behind = array->length - place;
    status = rc_array_append(array, kept);
    if (status != RC_OK) return status;
    unsigned char *at = (unsigned char *)rc_buffer_edit(array->buffer) + place * array->itemsize;
    memmove(at + array->itemsize, at, behind * array->itemsize);
    memcpy(at, kept, array->itemsize);
    return RC_OK;
}

/* The one at @p place goes, into @p item unless that is NULL. A shorter size needs no memory. */
static enum rc_status take_out(rc_array *array, size_t place, void *item)
{
    unsigned char taken[RC__ARRAY_ITEM_MAX];
    size_t itemsize = array->itemsize, behind = array->length - place - 1;
    enum rc_status status = rc_buffer_reserve(array->buffer, 0); /* may it change? */
    unsigned char *bytes = status == RC_OK ? rc_buffer_edit(array->buffer) : NULL;
    if (!bytes) return rc_error_status();
    unsigned char *at = bytes + place * itemsize;
    memcpy(taken, at, itemsize);
    memmove(at, at + itemsize, behind * itemsize);
    status = rc_buffer_resize(array->buffer, array->buffer->size - itemsize);
    rc__array_refresh(array);
    if (item) memcpy(item, taken, itemsize);
    return status;
}

enum rc_status rc_array_pop(rc_array *array, ptrdiff_t index, void *item)
{
    static const char call[] = "rc_array_pop";
    size_t place;
    if (rc__array_check(array, call) != RC_OK) return RC_INVALID;
    if (!rc__array_locate(array, index, call, &place)) return RC_RANGE;
    return take_out(array, place, item);
}

enum rc_status rc_array_remove(rc_array *array, const void *item)
{
    size_t place;
    enum rc_status status = rc_array_index(array, item, &place);
    return status == RC_OK ? take_out(array, place, NULL) : status;
}
