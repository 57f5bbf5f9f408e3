/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/array.h
 * Growable arrays of numbers: what array.array is in Python, over an rc_buffer.
 *
 * An array is an object that owns a buffer. Its elements are read at `data`, typed access goes by
 * rc_array_view() and a lens. While a view or a slice of its buffer lives, the array keeps its
 * address and its length: what would change them answers RC_BUSY and changes nothing.
 *
 * Lengths and indices count elements. An item is the address of one element, itemsize bytes of the
 * array's own type, at any alignment; indices that are signed count from the end where negative.
 *
 * Threads: counting and making views are safe from any thread. Changing an array while another
 * thread uses that same array is the caller's race.
 * Errors: NULL where an array is needed is RC_INVALID, NULL for items too unless there are none;
 * RC_NO_MEMORY and RC_OVERFLOW where it grows. This is not repeated below. What fails has changed
 * nothing.
 * Source: the array module; Modules/arraymodule.c in CPython.
 */
#ifndef BUFFER_ARRAY_H
#define BUFFER_ARRAY_H

#include <stdio.h>

#include "view.h"

RC_BEGIN_DECLS

/** Only the library makes arrays, and only it writes the members. */
typedef struct rc_array {
    const unsigned char *data; /**< the elements; not to be read where length is 0 */
    size_t length;             /**< in elements */
    size_t itemsize;           /**< bytes of an element */
    char typecode;             /**< b B u w h H i I l L q Q f d */
    rc_buffer *buffer; /**< what has the bytes; retain it to keep them beyond the array, make it
                            immortal where the array is. Its size is the array's to change */
} rc_array;

/* ---- create: each returns one new reference, or NULL ----------------------------------------- */

/**
 * An empty array. The typecode says what an element is in C:
 *
 *     b B signed, unsigned char    h H short       i I int          l L long
 *     q Q long long                f d float, double                u wchar_t    w UCS-4, uint32_t
 *
 * Errors:   RC_FORMAT for another typecode.
 */
RC_API RC_MUST_USE rc_array *rc_array_new(char typecode);

/** An array of @p count elements, copied from @p items. */
RC_API RC_MUST_USE rc_array *rc_array_copy(char typecode, const void *items, size_t count);

/* ---- read and write -------------------------------------------------------------------------- */

/** Write access to the elements. Returns: borrowed, until the array changes. Errors: RC_READ_ONLY
 * if its buffer was frozen. */
RC_API RC_MUST_USE void *rc_array_edit(rc_array *array);

/** The element at @p index. Returns: borrowed, until the array changes; NULL: RC_RANGE. */
RC_API const void *rc_array_get(const rc_array *array, ptrdiff_t index);

/** The element at @p index becomes @p item. Errors: RC_RANGE, RC_READ_ONLY. */
RC_API enum rc_status rc_array_set(rc_array *array, ptrdiff_t index, const void *item);

/** All elements as a view of one dimension; the array does not change its length while it lives.
 * Returns: one new reference, or NULL. */
RC_API RC_MUST_USE rc_view *rc_array_view(rc_array *array);

/** Address and length in elements, for calls that take both: array.buffer_info(). */
RC_API enum rc_status rc_array_buffer_info(const rc_array *array, const void **address,
                                           size_t *length);

/* ---- grow and shrink --------------------------------------------------------------------------
 * The room grows by a factor, so that appending costs constant time in the long run. Errors, of
 * all that change the length: RC_BUSY while a view or slice lives, RC_READ_ONLY if frozen. */

/** One more element at the end. Borrows: item, which may be the array's own. */
RC_API enum rc_status rc_array_append(rc_array *array, const void *item);

/** @p count more at the end. Borrows: items, which may be the array's own. */
RC_API enum rc_status rc_array_extend(rc_array *array, const void *items, size_t count);

/** One more before the one at @p index; an index outside means the nearest end, as in Python.
 * Borrows: item, which may be the array's own. */
RC_API enum rc_status rc_array_insert(rc_array *array, ptrdiff_t index, const void *item);

/** Take the element at @p index out; -1 for the last. @p item: where it goes, or NULL. Errors:
 * RC_RANGE if it is not there. */
RC_API enum rc_status rc_array_pop(rc_array *array, ptrdiff_t index, void *item);

/** Take the first element that equals @p item out. Errors: RC_RANGE if there is none. */
RC_API enum rc_status rc_array_remove(rc_array *array, const void *item);

/** As many elements as @p size bytes have, at the end: array.frombytes(). Errors: RC_INVALID unless
 * size is a multiple of the itemsize. */
RC_API enum rc_status rc_array_from_bytes(rc_array *array, const void *bytes, size_t size);

/**
 * @p count elements from @p file, at the end: array.fromfile(). Where the file has fewer, those that
 * it has are appended, since they cannot go back, and the answer is RC_RANGE.
 *
 * Borrows:  file, open for reading bytes.
 * Errors:   RC_SYSTEM where reading fails, errno tells; what came before is appended then, too.
 */
RC_API enum rc_status rc_array_from_file(rc_array *array, FILE *file, size_t count);

/* ---- content --------------------------------------------------------------------------------- */

/** Where the first element equal to @p item is. By value: 0.0 equals -0.0, and a NaN nothing.
 * Errors: RC_RANGE if there is none; *index is as before. */
RC_API enum rc_status rc_array_index(const rc_array *array, const void *item, size_t *index);

/** How many elements equal @p item. */
RC_API size_t rc_array_count(const rc_array *array, const void *item);

/** The last becomes the first. Errors: RC_READ_ONLY. */
RC_API enum rc_status rc_array_reverse(rc_array *array);

/** The bytes of each element the other way round. Errors: RC_READ_ONLY. */
RC_API enum rc_status rc_array_byteswap(rc_array *array);

/** A copy of the elements' bytes. Returns: one new reference, or NULL. */
RC_API RC_MUST_USE rc_buffer *rc_array_to_bytes(const rc_array *array);

/** Write the elements' bytes to @p file. Errors: RC_SYSTEM, and part of them may be written. */
RC_API enum rc_status rc_array_to_file(const rc_array *array, FILE *file);

RC_END_DECLS

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_ARRAY
#include "ledger_calls.h"
#endif

#endif
