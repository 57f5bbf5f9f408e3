/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/view.h
 * Typed, strided, n-dimensional views of a buffer's bytes: what memoryview and NumPy's arrays are.
 *
 * A view is an object. It holds its buffer and is an export of it: while a view lives, the buffer
 * keeps its address and its size. A view of a view hangs on the same buffer. Views never change;
 * what derives one returns another, and no bytes are copied unless the name says copy.
 *
 * Shapes count elements. Strides and offsets are in bytes; a stride may be negative, or 0 where one
 * element is repeated. The element at (i, j, ...) lies at data + i * strides[0] + j * strides[1] ...
 * Whatever a view can reach lies inside its buffer: that is checked when it is made.
 *
 * Threads: counting, asking and deriving are safe from any thread. Writing elements that another
 * thread reads or writes is the caller's race.
 * Errors: NULL where a view is needed is RC_INVALID; a negative or too large shape RC_INVALID or
 * RC_OVERFLOW; RC_NO_MEMORY. This is not repeated below. What fails has changed nothing.
 */
#ifndef BUFFER_VIEW_H
#define BUFFER_VIEW_H

#include "buffer.h"
#include "format.h"

RC_BEGIN_DECLS

/** As many dimensions as NumPy and memoryview have. */
#define RC_VIEW_DIMENSIONS_MAX 64

/** Only the library makes views. */
typedef struct rc_view {
    const unsigned char *data;   /**< the first element; not to be read where size is 0 */
    const rc_format *format;     /**< of an element */
    size_t itemsize;             /**< bytes of an element */
    size_t ndim;                 /**< 0 to RC_VIEW_DIMENSIONS_MAX; 0: one element */
    const size_t *shape;         /**< ndim entries, in elements */
    const ptrdiff_t *strides;    /**< ndim entries, in bytes */
    const ptrdiff_t *suboffsets; /**< ndim entries, as PEP 3118 has them; NULL: none */
    size_t size;                 /**< elements: the product of the shape */
    rc_buffer *base;             /**< the buffer that the bytes are of */
    uint32_t rc__state;          /**< private */
} rc_view;

/** Where elements lie in a buffer, for rc_view_new_with(). Start with
 * `= {.struct_size = sizeof layout}`. */
struct rc_view_layout {
    size_t struct_size; /**< sizeof(struct rc_view_layout) */
    const char *format; /**< NULL: "B" */
    size_t offset;      /**< of the first element, from buffer->data */
    size_t ndim;
    const size_t *shape;      /**< ndim entries; NULL with ndim 1: as many as fit */
    const ptrdiff_t *strides; /**< ndim entries; NULL: C order, without gaps */
    const ptrdiff_t
        *suboffsets; /**< NULL: none. Where given, bytes of the buffer are addresses that
                                      are followed, and the caller vouches for what they lead to */
    bool read_only;  /**< though the buffer may be writable */
};

/** For slices: this end is where a slice of that step naturally begins or ends. */
#define RC_VIEW_OPEN PTRDIFF_MIN

/* ---- create: each returns one new reference, or NULL ----------------------------------------- */

/**
 * All of @p buffer as a row of elements.
 *
 * Borrows:  buffer, format (a text, NULL for "B").
 * Errors:   RC_RANGE unless the buffer's size is a multiple of the itemsize; as rc_format_new.
 */
RC_API RC_MUST_USE rc_view *rc_view_new(rc_buffer *buffer, const char *format);

/**
 * Elements anywhere in @p buffer.
 *
 * Borrows:  buffer, layout and what it points to, for the call.
 * Errors:   RC_RANGE if an element lies outside of the buffer, with its index and its place; without
 *           elements, if the offset does.
 */
RC_API RC_MUST_USE rc_view *rc_view_new_with(rc_buffer *buffer,
                                             const struct rc_view_layout *layout);

/** A new buffer, its bytes zero, and a view of all of it in C order: numpy.zeros(). */
RC_API RC_MUST_USE rc_view *rc_view_new_zeroed(const char *format, size_t ndim,
                                               const size_t *shape);

/* ---- ask ------------------------------------------------------------------------------------- */

/**
 * Write access to the elements, from `data` on: rc_buffer_edit() of the base.
 *
 * Returns:  borrowed, as long as the view lives.
 * Errors:   RC_READ_ONLY.
 */
RC_API RC_MUST_USE void *rc_view_edit(const rc_view *view);

/** Whether elements can be written at this moment. */
RC_API bool rc_view_is_read_only(const rc_view *view);

/** Bytes of all elements without gaps: size * itemsize; memoryview.nbytes. */
RC_API size_t rc_view_byte_count(const rc_view *view);

/** Whether the elements lie without gaps in order 'C', 'F', or 'A' (either). */
RC_API bool rc_view_is_contiguous(const rc_view *view, char order);

/**
 * The element at @p index, ndim entries, each below its shape.
 *
 * Returns:  borrowed; NULL: RC_RANGE.
 */
RC_API const void *rc_view_at(const rc_view *view, const size_t *index);

/** The same, to be written. Errors: RC_RANGE, RC_READ_ONLY. */
RC_API void *rc_view_edit_at(const rc_view *view, const size_t *index);

/* ---- derive: each returns one new reference, or NULL ----------------------------------------- */

/**
 * One dimension fewer: what lies at @p index of @p dimension; a negative index counts from the end.
 *
 * Errors:   RC_RANGE for a dimension or an index that is not there.
 */
RC_API RC_MUST_USE rc_view *rc_view_index(const rc_view *view, size_t dimension, ptrdiff_t index);

/**
 * Python's view[start:stop:step] in one dimension: negative ends count from the end, ends outside
 * are moved to it, RC_VIEW_OPEN is an end left out.
 *
 * Errors:   RC_RANGE for the dimension, RC_INVALID for step 0.
 */
RC_API RC_MUST_USE rc_view *rc_view_slice(const rc_view *view, size_t dimension, ptrdiff_t start,
                                          ptrdiff_t stop, ptrdiff_t step);

/** The dimensions in reverse. */
RC_API RC_MUST_USE rc_view *rc_view_transpose(const rc_view *view);

/** Dimension i of the new view is dimension axes[i]. Errors: RC_INVALID unless axes has each once. */
RC_API RC_MUST_USE rc_view *rc_view_permute(const rc_view *view, const size_t *axes);

/**
 * Repeat to @p shape by NumPy's rule: dimensions are compared from the last one, one of 1 or that
 * is missing is repeated with stride 0. The result is read-only, since its elements coincide.
 *
 * Errors:   RC_INVALID where a dimension is neither equal nor 1, with its place.
 */
RC_API RC_MUST_USE rc_view *rc_view_broadcast(const rc_view *view, size_t ndim,
                                              const size_t *shape);

/**
 * The same elements in the same order 'C' or 'F', in another shape; never a copy.
 *
 * Errors:   RC_INVALID if the shape has another number of elements, RC_UNSUPPORTED where only a
 *           copy could (rc_view_copy_new() first).
 */
RC_API RC_MUST_USE rc_view *rc_view_reshape(const rc_view *view, size_t ndim, const size_t *shape,
                                            char order);

/**
 * The same bytes as elements of another format, by memoryview's rules: one of both formats is "B",
 * "b" or "c", the view is contiguous in C order, and one of both has one dimension.
 *
 * @p shape NULL: one dimension of as many elements as there are; else its entries are above 0 and
 * their bytes are exactly those of the view.
 * Errors:   RC_FORMAT, RC_INVALID, RC_RANGE: which of the rules is broken.
 * Source:   memoryview.cast; Objects/memoryobject.c in CPython.
 */
RC_API RC_MUST_USE rc_view *rc_view_cast(const rc_view *view, const char *format, size_t ndim,
                                         const size_t *shape);

/**
 * One field of each record, as NumPy's array["name"]; a sub-array's dimensions come last. "" is the
 * first field without a name: so elements that are sub-arrays, "(2,3)d", become two dimensions more.
 *
 * Errors:   RC_FORMAT if the elements are no records or have no such field.
 */
RC_API RC_MUST_USE rc_view *rc_view_field(const rc_view *view, const char *name);

/** The same elements, read-only: memoryview.toreadonly(). */
RC_API RC_MUST_USE rc_view *rc_view_to_read_only(const rc_view *view);

/* ---- content --------------------------------------------------------------------------------- */

/**
 * Copy elements; both may share bytes in any way.
 *
 * Errors:   RC_FORMAT unless the formats are equal, RC_INVALID unless the shapes are; RC_READ_ONLY;
 *           RC_NO_MEMORY where bytes are shared in a way that needs a second copy. Nothing is
 *           written then.
 */
RC_API enum rc_status rc_view_copy(const rc_view *destination, const rc_view *source);

/** Every element becomes @p item, view->itemsize bytes, which may be the view's own. */
RC_API enum rc_status rc_view_fill(const rc_view *view, const void *item);

/** A new buffer with the elements without gaps, in order 'C' or 'F', and a view of it. 'A': 'F' if
 * the view is contiguous so and not in C, else 'C'. */
RC_API RC_MUST_USE rc_view *rc_view_copy_new(const rc_view *view, char order);

/** The elements without gaps as bytes, in order 'C', 'F' or 'A': memoryview.tobytes(). */
RC_API RC_MUST_USE rc_buffer *rc_view_to_bytes(const rc_view *view, char order);

/** The reverse: elements out of @p bytes. Errors: RC_RANGE unless @p size is all elements' bytes. */
RC_API enum rc_status rc_view_from_bytes(const rc_view *view, const void *bytes, size_t size,
                                         char order);

/**
 * Equal shapes, and equal values at each place, whatever the formats: 1 in "b" equals 1.0 in ">d".
 * As in Python, a NaN equals nothing. Borrows: both, not NULL.
 */
RC_API bool rc_view_equal(const rc_view *a, const rc_view *b);

/**
 * The sum of all elements of an integer, real or complex format. Integers wrap at 64 bits; reals and
 * complex numbers are added pairwise in double (long double for g), with an error that grows with
 * the logarithm of their number.
 *
 * Errors:   RC_FORMAT for other formats.
 */
RC_API enum rc_status rc_view_sum(const rc_view *view, struct rc_value *sum);

RC_END_DECLS

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_VIEW
#include "ledger_calls.h"
#endif

#endif
