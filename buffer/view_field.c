/* SPDX-License-Identifier: MIT */
/*
 * A field of each record. Its format is an object of its own, whose text is written from what the
 * record's format says of the field: with every order and all padding spelled out, it means the
 * same wherever it stood.
 */
#include <stdarg.h>
#include <stdio.h>

#include "view_layout.h"

/* ---- text ------------------------------------------------------------------------------------ */

/* Counts characters, and writes them where there is room. */
struct writer {
    char *text; /* NULL: count alone */
    size_t length;
};

static void write_text(struct writer *writer, const char *text, size_t length)
{
    if (writer->text) memcpy(writer->text + writer->length, text, length);
    writer->length += length;
}

static void write_format(struct writer *writer, const char *format, ...) RC_PRINTF(2, 3);

/* Short ones. */
static void write_format(struct writer *writer, const char *format, ...)
{
    char text[64];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    write_text(writer, text, (size_t)length);
}

/* The order in which the field's code has this size, and is not aligned. */
static char order_of(const struct rc_format_field *field)
{
    bool is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    if (field->swapped) return is_little ? '>' : '<';
    bool is_complex = field->code == 'F' || field->code == 'D' || field->code == 'G';
    char code = is_complex ? (char)(field->code - 'A' + 'a') : field->code;
    struct rc__format_code native = rc__format_code_of(code, is_complex);
    bool has_length = code == 's' || code == 'p' || code == 'w' || code == 'T';
    return has_length || native.size == field->size ? '^' : '=';
}

static void write_code(struct writer *writer, const struct rc_format_field *field)
{
    switch (field->code) {
    case 'F':
    case 'D':
    case 'G':
        write_format(writer, "Z%c", field->code - 'A' + 'a');
        break;
    case 's':
    case 'p':
        write_format(writer, "%zu%c", field->size, field->code);
        break;
    case 'w':
        write_format(writer, field->size == 4 ? "w" : "%zuw", field->size / 4);
        break;
    default:
        write_format(writer, "%c", field->code);
    }
}

static void write_padding(struct writer *writer, size_t size)
{
    if (size) write_format(writer, "%zux", size);
}

static void write_record(struct writer *writer, const rc_format *record);

static void write_element(struct writer *writer, const struct rc_format_field *field)
{
    if (field->record)
        write_record(writer, field->record);
    else
        write_code(writer, field);
}

/* As deep as records nest. */
static void write_record(struct writer *writer, const rc_format *record)
{
    size_t at = 0;
    write_format(writer, "T{");
    for (size_t i = 0; i < record->field_count; i++) {
        const struct rc_format_field *field = &record->fields[i];
        write_padding(writer, field->offset - at);
        write_format(writer, "%c", order_of(field));
        for (size_t j = 0; j < field->ndim; j++)
            write_format(writer, "%s%zu", j ? "," : "(", field->shape[j]);
        if (field->ndim) write_format(writer, ")");
        write_element(writer, field);
        if (*field->name) {
            write_format(writer, ":");
            write_text(writer, field->name, strlen(field->name));
            write_format(writer, ":");
        }
        at = field->offset + field->size * rc__format_elements(field);
    }
    write_padding(writer, record->itemsize - at);
    write_format(writer, "}");
}

/* Of one element. What has this machine's size and order needs no more than its code. */
static void write_field(struct writer *writer, const struct rc_format_field *field)
{
    char order = order_of(field);
    if (order != '^' || field->record) write_format(writer, "%c", order);
    write_element(writer, field);
    write_text(writer, "", 1);
}

/* One new reference. */
static const rc_format *format_of(const struct rc_format_field *field)
{
    struct writer writer = {0};
    write_field(&writer, field);
    rc_buffer *text = rc_buffer_new(writer.length);
    if (!text) return NULL;
    writer = (struct writer){.text = rc_buffer_edit(text)};
    write_field(&writer, field);
    const rc_format *format = rc_format_new(writer.text);
    rc_release(text);
    return format;
}

/* ---- the view -------------------------------------------------------------------------------- */

/* A field, and where it is in the whole item. */
struct found {
    const struct rc_format_field *field;
    size_t offset;
};

static enum rc_status find_field(const rc_view *view, const char *name, struct found *found)
{
    static const char call[] = "rc_view_field";
    if (rc__view_check(view, call) != RC_OK) return RC_INVALID;
    if (!name) return rc_error_set(RC_INVALID, "%s: the name is NULL", call);
    found->field = rc_format_find(view->format, name);
    if (!found->field)
        return rc_error_set(RC_FORMAT, "%s: items of \"%.60s\" have no field \"%.60s\"", call,
                            view->format->text, name);
    const struct rc_format_field *outer = view->format->fields;
    bool is_of_item = found->field >= outer && found->field < outer + view->format->field_count;
    found->offset = found->field->offset + (is_of_item ? 0 : outer->offset);
    return RC_OK;
}

/* Where the bytes of an element begin is the matter of the last suboffset followed. */
static enum rc_status move_to(rc_view *view, size_t ndim, size_t offset)
{
    for (size_t i = view->suboffsets ? ndim : 0; i-- > 0;) {
        ptrdiff_t *suboffset = &rc__view_suboffsets(view)[i];
        if (*suboffset < 0) continue;
        if (!__builtin_add_overflow(*suboffset, (ptrdiff_t)offset, suboffset)) return RC_OK;
        return rc_error_set(RC_OVERFLOW, "rc_view_field: a suboffset and %zu are too large",
                            offset);
    }
    if (view->size) view->data += offset;
    return RC_OK;
}

static enum rc_status set_dimensions(rc_view *result, const rc_view *view,
                                     const struct found *found)
{
    const struct rc_format_field *field = found->field;
    size_t ndim = view->ndim;
    for (size_t i = 0; i < ndim; i++) {
        rc__view_shape(result)[i] = view->shape[i];
        rc__view_strides(result)[i] = view->strides[i];
        if (result->suboffsets) rc__view_suboffsets(result)[i] = view->suboffsets[i];
    }
    for (size_t i = 0; i < field->ndim; i++) {
        rc__view_shape(result)[ndim + i] = field->shape[i];
        if (result->suboffsets) rc__view_suboffsets(result)[ndim + i] = -1;
    }
    enum rc_status status = rc__view_count("rc_view_field", result->ndim, result->shape,
                                           result->itemsize, &result->size);
    if (status != RC_OK) return status;
    rc__geometry_fill_strides(field->ndim, field->shape, field->size, 'C',
                              rc__view_strides(result) + ndim);
    return move_to(result, ndim, found->offset);
}

static rc_view *make(const rc_view *view, const struct found *found, const rc_format *format)
{
    struct rc__view_parts parts = {.base = view->base,
                                   .format = format,
                                   .data = view->data,
                                   .ndim = view->ndim + found->field->ndim,
                                   .state = view->rc__state & RC__VIEW_READ_ONLY,
                                   .is_indirect = view->suboffsets != NULL};
    rc_view *result = rc__view_make_of(&parts);
    if (!result || set_dimensions(result, view, found) == RC_OK) return result;
    rc_release(result);
    return NULL;
}

rc_view *rc_view_field(const rc_view *view, const char *name)
{
    struct found found = {NULL, 0};
    if (find_field(view, name, &found) != RC_OK) return NULL;
    const rc_format *format = format_of(found.field);
    if (!format) return NULL;
    rc_view *result = make(view, &found, format);
    rc__format_release(format);
    return result;
}
