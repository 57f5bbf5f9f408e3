/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Formats as objects: from a text to one block. */
#include "format.h"

#include <stdio.h>

#include "format_layout.h"

/* ---- the type -------------------------------------------------------------------------------- */

static size_t format_extra(const void *self)
{
    return ((const struct rc__format *)self)->extra;
}

static size_t format_end(void *self)
{
    return format_extra(self);
}

static void format_end_plain(void *self)
{
    size_t extra = format_extra(self);
    rc__object_give_back_plain(self, &rc__format_type.base, extra, RC__CELL_OTHER);
}

const struct rc__sized_type rc__format_type = {
    .base = {.name = "rc_format", .size = sizeof(struct rc__format), .flags = RC__TYPE_SIZED},
    .extra = format_extra,
    .end = format_end,
    .end_plain = format_end_plain,
    .describe = rc__format_describe,
};

/* ---- create ---------------------------------------------------------------------------------- */

static bool add_array(size_t *total, size_t count, size_t size)
{
    size_t bytes;
    return rc__size_multiply(count, size, &bytes) && rc__size_add(*total, bytes, total);
}

/* In the order in which lay_out() takes them. */
static bool bytes_needed(const struct rc__format_needs *needs, size_t text_size, size_t *bytes)
{
    *bytes = 0;
    return add_array(bytes, needs->records, sizeof(struct rc__record)) &&
           add_array(bytes, needs->fields, sizeof(struct rc_format_field)) &&
           add_array(bytes, needs->dimensions, sizeof(size_t)) && add_array(bytes, text_size, 1) &&
           add_array(bytes, needs->name_bytes, 1);
}

_Static_assert(sizeof(struct rc__format) % _Alignof(struct rc__record) == 0 &&
                   sizeof(struct rc__record) % _Alignof(struct rc_format_field) == 0 &&
                   sizeof(struct rc_format_field) % _Alignof(size_t) == 0,
               "each array ends where the next may begin");

/* Returns: where the text goes. */
static char *lay_out(struct rc__format *format, const struct rc__format_needs *needs,
                     size_t text_size, struct rc__format_room *room)
{
    room->records = (struct rc__record *)(format + 1);
    room->fields = (struct rc_format_field *)(room->records + needs->records);
    room->shapes = (size_t *)(room->fields + needs->fields);
    char *text = (char *)(room->shapes + needs->dimensions);
    room->names = text + text_size;
    return text;
}

/* The text of the new format is that of @p source, behind the order in force at its start unless
 * that is @. */
static rc_format *make(const struct rc__format_source *source)
{
    struct rc__format_needs needs;
    if (!rc__format_measure(source, &needs)) return NULL;
    size_t prefix = source->order != '@', extra;
    size_t text_size = prefix + source->size + 1;
    if (!bytes_needed(&needs, text_size, &extra)) return NULL;
    struct rc__format *format = rc__object_new_sized(NULL, &rc__format_type, extra, RC__CELL_OTHER);
    if (!format) return NULL;

    struct rc__format_room room;
    char *text = lay_out(format, &needs, text_size, &room);
    text[0] = source->order;
    memcpy(text + prefix, source->text, source->size);
    text[text_size - 1] = '\0';
    struct rc__format_source copy = {text + prefix, source->size, source->order};
    rc__format_build(&copy, &needs, &room, &format->head);
    format->head.text = text;
    format->extra = extra;
    return &format->head;
}

rc_format *rc_format_new(const char *text)
{
    if (!text) {
        rc_error_set(RC_INVALID, "rc_format_new: the text is NULL");
        return NULL;
    }
    size_t size = strlen(text), taken;
    enum rc__format_row row = rc__format_read_code(text, size, &taken);
    if (row != RC__ROW_NONE && taken == size) return rc__format_builtin(row);
    return make(&(struct rc__format_source){text, size, '@'});
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* "@10s", "<w", ">d": the order in which the code has that size. */
static rc_format *make_of_code(const struct rc_format_field *field)
{
    const struct rc__format_code *code = &rc__format_codes[rc__format_row_of(field->code)];
    bool has_length = rc__format_class_has_length((enum rc__format_class)code->class);
    bool is_complex = code->class == RC__CLASS_COMPLEX;
    bool is_native = !field->swapped && (has_length || field->size == code->size);
    bool is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    char text[48], count[24] = "";
    if (has_length) snprintf(count, sizeof count, "%zu", field->size / code->size);
    int size = snprintf(text, sizeof text, "%s%s%c", count, is_complex ? "Z" : "",
                        is_complex ? code->code - 'A' + 'a' : code->code);
    return make(&(struct rc__format_source){text, (size_t)size,
                                            is_native                     ? '@'
                                            : field->swapped == is_little ? '>'
                                                                          : '<'});
}

rc_format *rc__format_of_field(const struct rc_format_field *field)
{
    if (field->record) {
        const struct rc__record *record = (const struct rc__record *)field->record;
        return make(
            &(struct rc__format_source){record->source, record->source_size, record->order});
    }
    enum rc__format_row row = rc__format_row_of(field->code);
    if (!field->swapped && field->size == rc__format_codes[row].size)
        return rc__format_builtin(row);
    return make_of_code(field);
}
