/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/npy_layout.h
 * Private (not installed): what a .npy header says, and both ways between that and its text.
 *
 *     \x93NUMPY | major | minor | size of what follows, 2 or 4 bytes | a dict | blanks | newline
 */
#ifndef BUFFER_NPY_LAYOUT_H
#define BUFFER_NPY_LAYOUT_H

#include "npy.h"
#include "npy_cursor.h"
#include "view_layout.h"

#define RC__NPY_MAGIC      "\x93NUMPY"
#define RC__NPY_MAGIC_SIZE ((size_t)6)
/* Magic and version. */
#define RC__NPY_PREFIX ((size_t)8)

/* How deep records and sub-arrays nest. */
#define RC__NPY_DEPTH_MAX RC__FORMAT_DEPTH_MAX

/* dtypes of numbers: NumPy's kind and size, and the code of the same in a format. */
#define RC__NPY_NUMBERS(X)                                                                         \
    X('b', 1, "?")                                                                                 \
    X('i', 1, "b")                                                                                 \
    X('i', 2, "h")                                                                                 \
    X('i', 4, "i")                                                                                 \
    X('i', 8, "q")                                                                                 \
    X('u', 1, "B")                                                                                 \
    X('u', 2, "H")                                                                                 \
    X('u', 4, "I")                                                                                 \
    X('u', 8, "Q")                                                                                 \
    X('f', 2, "e")                                                                                 \
    X('f', 4, "f")                                                                                 \
    X('f', 8, "d")                                                                                 \
    X('f', sizeof(long double), "g")                                                               \
    X('c', 8, "Zf")                                                                                \
    X('c', 16, "Zd")                                                                               \
    X('c', 2 * sizeof(long double), "Zg")

/* What an array is, as a header says it. */
struct rc__npy_array {
    const char *format;
    size_t ndim;
    size_t shape[RC_VIEW_DIMENSIONS_MAX];
    bool is_fortran;
};

static inline bool rc__npy_is_little(void)
{
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
}

/* A value of "descr": its format is appended to @p text. */
RC_HIDDEN bool rc__npy_read_descr(struct rc__npy_cursor *cursor, rc_buffer *text);

/* The reverse: the dtype of @p format. The dimensions of a format that is one sub-array are
 * appended to @p inner, which has room for RC__FORMAT_DIMENSIONS_MAX; elsewhere *inner_count
 * is 0. The text is UTF-8. */
RC_HIDDEN bool rc__npy_write_descr(const rc_format *format, const char *call, rc_buffer *text,
                                   size_t *inner, size_t *inner_count);

/* The names of all fields, sorted: a block for rc_memory_free(), or NULL. @p twice: a name that two
 * fields have, or NULL; having none is no name. */
RC_HIDDEN const char **rc__npy_sort_names(const rc_format *format, const char **twice);

/* printf() behind the bytes of @p text, at most 100 characters. */
RC_HIDDEN bool rc__npy_print(rc_buffer *text, const char *format, ...) RC_PRINTF(2, 3);

/* All that stands before the elements of such an array: one new reference, or NULL. */
RC_HIDDEN rc_buffer *rc__npy_header_of(const rc_format *format, size_t ndim, const size_t *shape,
                                       bool is_fortran, enum rc_npy_version version,
                                       const char *call);

#endif
