/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/npy_cursor.h
 * Private (not installed): reading the Python literal that a .npy header is.
 *
 * What is read stands in [at, end). A function that answers false has left the error; one that
 * answers true has moved behind what it read.
 */
#ifndef BUFFER_NPY_CURSOR_H
#define BUFFER_NPY_CURSOR_H

#include "buffer.h"

struct rc__npy_cursor {
    const unsigned char *bytes; /* of the whole file: places are counted from here */
    size_t at, end;
    const char *call; /* for sentences */
    const char *path; /* NULL: not from a file */
    bool is_utf8;     /* else Latin-1 */
};

/* The error, with where it is: "rc_npy_map: a.npy: byte 17: ...". Returns: false. */
RC_HIDDEN RC_COLD bool rc__npy_fault(const struct rc__npy_cursor *cursor, size_t at,
                                     enum rc_status status, const char *format, ...)
    RC_PRINTF(4, 5);

/* What a sentence calls the byte at @p at: "'x'", "byte 0x07" or "the end". Returns: room. */
#define RC__NPY_SHOWN 16
RC_HIDDEN const char *rc__npy_show(const struct rc__npy_cursor *cursor, size_t at,
                                   char room[RC__NPY_SHOWN]);

/* The next byte that is no blank, without moving behind it; '\0' at the end. */
RC_HIDDEN char rc__npy_peek(struct rc__npy_cursor *cursor);

/* Move behind @p wanted if it is next. Leaves no error. */
RC_HIDDEN bool rc__npy_take(struct rc__npy_cursor *cursor, char wanted);

/* It has to be next; @p where is for the sentence: "after the shape". */
RC_HIDDEN bool rc__npy_expect(struct rc__npy_cursor *cursor, char wanted, const char *where);

/* True or False. */
RC_HIDDEN bool rc__npy_boolean(struct rc__npy_cursor *cursor, bool *value);

/* A number of a shape: decimal, from 0 to PTRDIFF_MAX; in Latin-1, before version 3.0, Python 2's L may
 * stand behind it. */
RC_HIDDEN bool rc__npy_count(struct rc__npy_cursor *cursor, size_t *value);

/* A tuple of such numbers, at most @p most of them. */
RC_HIDDEN bool rc__npy_tuple(struct rc__npy_cursor *cursor, size_t most, size_t *values,
                             size_t *count);

/* A string without escapes, as it stands: @p size bytes at bytes + *start. */
RC_HIDDEN bool rc__npy_plain(struct rc__npy_cursor *cursor, size_t *start, size_t *size);

/* A string, whose characters are appended to @p text in UTF-8. */
RC_HIDDEN bool rc__npy_string(struct rc__npy_cursor *cursor, rc_buffer *text);

/* Whether all of @p text is. May leave an error. */
RC_HIDDEN bool rc__npy_is_utf8(const char *text);

#endif
