/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/array_layout.h
 * Private (not installed): what the rooms of buffer/array.h share.
 *
 * Invariant: data and length are those of the buffer; whoever changes the buffer calls
 * rc__array_refresh().
 */
#ifndef BUFFER_ARRAY_LAYOUT_H
#define BUFFER_ARRAY_LAYOUT_H

#include "array.h"
#include "view_layout.h"

/* No element has more bytes. */
#define RC__ARRAY_ITEM_MAX 8

RC_HIDDEN void rc__array_describe(const void *self, struct rc__description *description);

static inline void rc__array_refresh(rc_array *array)
{
    array->data = array->buffer->data;
    array->length = array->buffer->size / array->itemsize;
}

/* RC_INVALID and a sentence that begins with @p call, for NULL. */
static inline enum rc_status rc__array_check(const rc_array *array, const char *call)
{
    if (RC_LIKELY(array != NULL)) return RC_OK;
    return rc_error_set(RC_INVALID, "%s: the array is NULL", call);
}

/* The same for an array and for items that must be there. */
static inline enum rc_status rc__array_check_items(const rc_array *array, const void *items,
                                                   const char *call)
{
    if (rc__array_check(array, call) != RC_OK) return RC_INVALID;
    if (RC_LIKELY(items != NULL)) return RC_OK;
    return rc_error_set(RC_INVALID, "%s: the items are NULL", call);
}

/* Where @p index is, counted from the start. False: RC_RANGE is set, there is no such element. */
RC_HIDDEN bool rc__array_locate(const rc_array *array, ptrdiff_t index, const char *call,
                                size_t *place);

#endif
