/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * From NumPy's description of a dtype to the text of a format.
 *
 * A dtype is a string as '<f8', a list of fields [('name', dtype), ('name', dtype, shape)], or, in a
 * field, (dtype, shape). Records become T{...} in which each number says its order, so that nothing
 * is aligned: where NumPy has padding, the description has it, too.
 */
#include <stdio.h>

#include "npy_layout.h"

bool rc__npy_print(rc_buffer *text, const char *format, ...)
{
    char room[101];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(room, sizeof room, format, arguments);
    va_end(arguments);
    return rc_buffer_append(text, room, (size_t)size) == RC_OK;
}

/* ---- one number or string -------------------------------------------------------------------- */

struct scalar {
    size_t at;    /* where its text begins */
    char order;   /* '<', '>', '=' or '|' */
    char kind;    /* 'f', ... */
    size_t count; /* what stands behind the kind */
};

static const char *code_of(const struct scalar *scalar)
{
#define CASE(kind_, size_, code_)                                                                  \
    if (scalar->kind == (kind_) && scalar->count == (size_)) return (code_);
    RC__NPY_NUMBERS(CASE)
#undef CASE
    return NULL;
}

/* The digits behind the kind, which are the rest of the string. */
static bool read_digits(const struct rc__npy_cursor *cursor, const unsigned char *digits,
                        size_t size, struct scalar *scalar)
{
    scalar->count = 0;
    for (size_t i = 0; i < size; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return rc__npy_fault(cursor, scalar->at, RC_FORMAT,
                                 "a dtype of kind '%c' with 0x%02x where its size is wanted",
                                 scalar->kind, digits[i]);
        size_t digit = digits[i] - (size_t)'0';
        if (scalar->count > ((size_t)PTRDIFF_MAX - digit) / 10)
            return rc__npy_fault(cursor, scalar->at, RC_OVERFLOW,
                                 "a dtype of kind '%c' with a size of %zu digits", scalar->kind,
                                 size);
        scalar->count = scalar->count * 10 + digit;
    }
    return true;
}

static bool refuse_kind(const struct rc__npy_cursor *cursor, const struct scalar *scalar)
{
    if (scalar->kind == 'O')
        return rc__npy_fault(cursor, scalar->at, RC_UNSUPPORTED,
                             "a dtype of Python objects, whose elements are pickled");
    if (scalar->kind == 'M' || scalar->kind == 'm')
        return rc__npy_fault(cursor, scalar->at, RC_UNSUPPORTED,
                             "a dtype of dates ('%c'), which has no PEP 3118 format", scalar->kind);
    return rc__npy_fault(cursor, scalar->at, RC_FORMAT, "there is no dtype of kind '%c'",
                         scalar->kind > ' ' && scalar->kind < 127 ? scalar->kind : '?');
}

static bool read_scalar(struct rc__npy_cursor *cursor, struct scalar *scalar)
{
    size_t start, size;
    if (!rc__npy_plain(cursor, &start, &size)) return false;
    const unsigned char *text = cursor->bytes + start, *end = text + size;
    scalar->at = start;
    scalar->order = '=';
    if (text < end && memchr("<>=|", *text, 4)) scalar->order = (char)*text++;
    if (text == end) return rc__npy_fault(cursor, start, RC_FORMAT, "a dtype without a kind");
    scalar->kind = (char)*text++;
    if (!memchr("biufcSUV", scalar->kind, 8)) return refuse_kind(cursor, scalar);
    if (text == end)
        return rc__npy_fault(cursor, start, RC_FORMAT, "a dtype of kind '%c' without a size",
                             scalar->kind);
    return read_digits(cursor, text, (size_t)(end - text), scalar);
}

static bool is_swapped(const struct scalar *scalar)
{
    return scalar->order == (rc__npy_is_little() ? '>' : '<');
}

/* S U V: a length. NumPy's characters are those of w. */
static bool put_string(const struct rc__npy_cursor *cursor, const struct scalar *scalar,
                       bool in_record, rc_buffer *text)
{
    if (scalar->kind == 'U' && scalar->count > (size_t)PTRDIFF_MAX / 4)
        return rc__npy_fault(cursor, scalar->at, RC_OVERFLOW, "a dtype of %zu characters",
                             scalar->count);
    if (scalar->kind == 'S') return rc__npy_print(text, "%zus", scalar->count);
    if (scalar->kind == 'V')
        return in_record ? rc__npy_print(text, "(%zu)B", scalar->count)
                         : rc__npy_print(text, "%zux", scalar->count);
    if (is_swapped(scalar)) return rc__npy_print(text, "%c%zuw", scalar->order, scalar->count);
    return rc__npy_print(text, "%s%zuw", in_record ? "=" : "", scalar->count);
}

static bool put_scalar(const struct rc__npy_cursor *cursor, const struct scalar *scalar,
                       bool in_record, rc_buffer *text)
{
    if (memchr("SUV", scalar->kind, 3)) return put_string(cursor, scalar, in_record, text);
    const char *code = code_of(scalar);
    if (!code)
        return rc__npy_fault(cursor, scalar->at, RC_UNSUPPORTED,
                             "there is no dtype of kind '%c' with %zu bytes here", scalar->kind,
                             scalar->count);
    bool is_long_double = code[strlen(code) - 1] == 'g';
    if (is_swapped(scalar) && is_long_double)
        return rc__npy_fault(cursor, scalar->at, RC_UNSUPPORTED,
                             "a long double of %zu bytes in the other machine's order",
                             scalar->count);
    if (is_swapped(scalar) && scalar->count > 1)
        return rc__npy_print(text, "%c%s", scalar->order, code);
    return rc__npy_print(text, "%s%s", !in_record ? "" : is_long_double ? "^" : "=", code);
}

/* ---- records --------------------------------------------------------------------------------- */

static bool read_dtype(struct rc__npy_cursor *cursor, size_t depth, rc_buffer *text);

/* "(2,3)" before what is repeated. */
static bool put_shape(size_t ndim, const size_t *shape, rc_buffer *text)
{
    for (size_t i = 0; i < ndim; i++)
        if (!rc__npy_print(text, "%s%zu", i == 0 ? "(" : ",", shape[i])) return false;
    return ndim == 0 || rc__npy_print(text, ")");
}

/* The shape stands behind the dtype and belongs before it: what comes last is moved. */
static bool move_before(rc_buffer *text, size_t place, size_t moved)
{
    unsigned char *bytes = rc_buffer_edit(text);
    if (!bytes) return false;
    size_t size = text->size;
    for (size_t turned = 0; turned < 3; turned++) {
        size_t from = turned == 0 ? place : turned == 1 ? moved : place;
        size_t to = turned == 0 ? moved : size;
        for (; from + 1 < to; from++, to--) {
            unsigned char kept = bytes[from];
            bytes[from] = bytes[to - 1];
            bytes[to - 1] = kept;
        }
    }
    return true;
}

/* A shape, for the dtype whose text begins at @p place. */
static bool read_shape_of(struct rc__npy_cursor *cursor, size_t place, rc_buffer *text)
{
    size_t shape[RC__FORMAT_DIMENSIONS_MAX], ndim, moved = text->size;
    if (!rc__npy_tuple(cursor, RC__FORMAT_DIMENSIONS_MAX, shape, &ndim)) return false;
    if (!put_shape(ndim, shape, text)) return false;
    /* In reverse twice, parts and whole: the parts have changed places. */
    return ndim == 0 || move_before(text, place, moved);
}

/* (dtype, shape), behind its '('. */
static bool read_sub_array(struct rc__npy_cursor *cursor, size_t depth, rc_buffer *text)
{
    size_t place = text->size;
    return read_dtype(cursor, depth + 1, text) &&
           rc__npy_expect(cursor, ',', "after the dtype of a sub-array") &&
           read_shape_of(cursor, place, text) && rc__npy_expect(cursor, ')', "after a sub-array");
}

/* A name, or (title, name), where only padding has none. */
static bool read_name(struct rc__npy_cursor *cursor, rc_buffer *name)
{
    size_t at = (rc__npy_peek(cursor), cursor->at);
    if (!rc__npy_take(cursor, '(')) return rc__npy_string(cursor, name);
    if (!rc__npy_string(cursor, name)) return false;
    size_t title = name->size;
    if (rc_buffer_resize(name, 0) != RC_OK || !rc__npy_expect(cursor, ',', "after a title") ||
        !rc__npy_string(cursor, name) || !rc__npy_expect(cursor, ')', "after a title and a name"))
        return false;
    if (name->size > 0) return true;
    return rc__npy_fault(cursor, at, RC_UNSUPPORTED,
                         "a field with a title of %zu bytes and without a name", title);
}

/* ":name:", or nothing for the name of padding. */
static bool put_name(const struct rc__npy_cursor *cursor, size_t at, const rc_buffer *name,
                     rc_buffer *text)
{
    const unsigned char *colon = name->size ? memchr(name->data, ':', name->size) : NULL;
    if (colon)
        return rc__npy_fault(cursor, at, RC_UNSUPPORTED,
                             "a name with a ':' at its place %td, which no format can say",
                             colon - name->data);
    if (name->size && memchr(name->data, '\0', name->size))
        return rc__npy_fault(cursor, at, RC_UNSUPPORTED, "a name of %zu bytes, one of them 0",
                             name->size);
    return rc__npy_print(text, ":") && rc_buffer_append(text, name->data, name->size) == RC_OK &&
           rc__npy_print(text, ":");
}

/* ('', '|V4'): four bytes of nothing. */
static bool read_padding(struct rc__npy_cursor *cursor, size_t at, rc_buffer *text)
{
    struct scalar scalar;
    char next = rc__npy_peek(cursor);
    if (next != '\'' && next != '"')
        return rc__npy_fault(cursor, at, RC_UNSUPPORTED, "a field without a name is no padding");
    if (!read_scalar(cursor, &scalar)) return false;
    if (scalar.kind != 'V')
        return rc__npy_fault(cursor, at, RC_UNSUPPORTED,
                             "a field of kind '%c' without a name: padding is of kind 'V'",
                             scalar.kind);
    return rc__npy_print(text, "%zux", scalar.count);
}

/* dtype and shape of a field, then its name. */
static bool read_field_type(struct rc__npy_cursor *cursor, size_t depth, size_t at,
                            const rc_buffer *name, rc_buffer *text)
{
    size_t place = text->size;
    if (name->size == 0) return read_padding(cursor, at, text);
    if (!read_dtype(cursor, depth + 1, text)) return false;
    if (rc__npy_take(cursor, ',') && rc__npy_peek(cursor) != ')' &&
        !read_shape_of(cursor, place, text))
        return false;
    return put_name(cursor, at, name, text);
}

/* ('name', dtype) or ('name', dtype, shape). */
static bool read_field(struct rc__npy_cursor *cursor, size_t depth, rc_buffer *text)
{
    if (!rc__npy_expect(cursor, '(', "at the start of a field")) return false;
    size_t at = (rc__npy_peek(cursor), cursor->at);
    rc_buffer *name = rc_buffer_new(0);
    bool is_good = name && read_name(cursor, name) &&
                   rc__npy_expect(cursor, ',', "after the name of a field") &&
                   read_field_type(cursor, depth, at, name, text);
    rc_release(name);
    if (!is_good) return false;
    (void)rc__npy_take(cursor, ',');
    return rc__npy_expect(cursor, ')', "at the end of a field");
}

/* Behind the '['. */
static bool read_record(struct rc__npy_cursor *cursor, size_t depth, rc_buffer *text)
{
    if (!rc__npy_print(text, "T{")) return false;
    while (!rc__npy_take(cursor, ']')) {
        if (!read_field(cursor, depth, text)) return false;
        if (rc__npy_take(cursor, ',')) continue;
        if (!rc__npy_expect(cursor, ']', "after a field")) return false;
        break;
    }
    return rc__npy_print(text, "}");
}

static bool read_dtype(struct rc__npy_cursor *cursor, size_t depth, rc_buffer *text)
{
    struct scalar scalar;
    char next = rc__npy_peek(cursor);
    if (depth > RC__NPY_DEPTH_MAX)
        return rc__npy_fault(cursor, cursor->at, RC_UNSUPPORTED,
                             "dtypes are nested more than %d deep", RC__NPY_DEPTH_MAX);
    if (rc__npy_take(cursor, '[')) return read_record(cursor, depth, text);
    if (depth > 0 && rc__npy_take(cursor, '(')) return read_sub_array(cursor, depth, text);
    if (next == '\'' || next == '"')
        return read_scalar(cursor, &scalar) && put_scalar(cursor, &scalar, depth > 0, text);
    char room[RC__NPY_SHOWN];
    return rc__npy_fault(cursor, cursor->at, RC_FORMAT, "%s where a dtype is wanted",
                         rc__npy_show(cursor, cursor->at, room));
}

bool rc__npy_read_descr(struct rc__npy_cursor *cursor, rc_buffer *text)
{
    return read_dtype(cursor, 0, text);
}
