/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/format_layout.h
 * Private (not installed): the block that a format is, what parses texts into it, and the walk over
 * the leaves of an item.
 *
 *     [ header 16 | format | extra | records | fields | shapes | text | names ]
 *
 * All that a format points to lies behind it in its own block, but for "" and what is constant.
 * A text is parsed twice: first to check it and to count what it needs, then into the block.
 */
#ifndef BUFFER_FORMAT_LAYOUT_H
#define BUFFER_FORMAT_LAYOUT_H

#include "../rc/plain.h"
#include "format_code.h"

/* As deep as T{...} nests, and as many dimensions as a leaf has, those of its records included. */
#define RC__FORMAT_DEPTH_MAX      64
#define RC__FORMAT_DIMENSIONS_MAX 64

struct rc__format {
    rc_format head;
    size_t extra; /* bytes behind this struct */
};

extern RC_HIDDEN const struct rc__sized_type rc__format_type;
RC_HIDDEN void rc__format_describe(const void *self, struct rc__description *description);

/* What T{...} says. Its text is "", and the source is a part of the whole format's. */
struct rc__record {
    rc_format head;
    const char *source; /* from its T to behind its } */
    size_t source_size;
    char order; /* in force at its T */
};

/* ---- texts ----------------------------------------------------------------------------------- */

struct rc__format_source {
    const char *text;
    size_t size;
    char order; /* in force at its start */
};

/* What a text needs: how many of each. */
struct rc__format_needs {
    size_t records, fields, dimensions, name_bytes;
};

/* Where it goes: room for exactly that. */
struct rc__format_room {
    struct rc__record *records;
    struct rc_format_field *fields;
    size_t *shapes;
    char *names;
};

/* Check and count. Errors: those of rc_format_new() but for RC_NO_MEMORY, with the position. */
RC_HIDDEN bool rc__format_measure(const struct rc__format_source *source,
                                  struct rc__format_needs *needs);

/* The second pass: fills @p room, and all of @p format but its text. The source was measured, and
 * lives as long as the format. */
RC_HIDDEN void rc__format_build(const struct rc__format_source *source,
                                const struct rc__format_needs *needs,
                                const struct rc__format_room *room, rc_format *format);

/* The format of one element of a field: one new reference, or NULL. Its text is the part of the
 * whole text that says so, behind its order where that is not @. */
RC_HIDDEN rc_format *rc__format_of_field(const struct rc_format_field *field);

/* ---- items ----------------------------------------------------------------------------------- */

/* Elements of a field: the product of its shape. */
static inline size_t rc__format_elements(const struct rc_format_field *field)
{
    size_t elements = 1;
    for (size_t i = 0; i < field->ndim; i++) {
        if (field->shape[i] == 0) return 0;
        elements *= field->shape[i];
    }
    return elements;
}

/* What a walk over an item shows, in the order of offsets: a field, one element of it, and which
 * value that is. */
struct rc__leaf {
    const struct rc_format_field *field;
    enum rc__format_class class;
    unsigned char *bytes;
    size_t place;
};

/* Until one visit fails, whose status is the answer. */
RC_HIDDEN enum rc_status
rc__format_walk(const rc_format *format, unsigned char *item,
                enum rc_status (*visit)(const struct rc__leaf *leaf, void *context), void *context);

/* RC_INVALID and RC_RANGE, for rc_format_pack and rc_format_unpack. */
RC_HIDDEN enum rc_status rc__format_check_call(const char *call, const rc_format *format,
                                               const void *item, const struct rc_value *values,
                                               size_t count);

RC_HIDDEN struct rc_value rc__leaf_load(const struct rc__leaf *leaf);

/* @p size bytes, at most 16, to @p to; the other way round if @p swapped. */
static inline void rc__copy_number(void *to, const void *from, size_t size, bool swapped)
{
    unsigned char *out = to;
    const unsigned char *in = from;
    for (size_t i = 0; i < size; i++) out[i] = in[swapped ? size - 1 - i : i];
}

/* Where an integer of @p size bytes lies in a uint64_t of this machine. */
static inline unsigned char *rc__low_bytes(uint64_t *number, size_t size)
{
    bool is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    return (unsigned char *)number + (is_little ? 0 : sizeof *number - size);
}

/* The bytes of a long double that mean something: x86's has 10, and padding. */
#define RC__LONG_DOUBLE_BYTES (LDBL_MANT_DIG == 64 ? (size_t)10 : sizeof(long double))

#endif
