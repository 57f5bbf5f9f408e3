/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* From a format to NumPy's description of the same dtype, as repr() in Python would write it. */
#include <stdlib.h>

#include "../rc/memory.h"
#include "npy_layout.h"

/* ---- numbers and strings --------------------------------------------------------------------- */

/* NumPy's kind of a code; 0: it has none. */
static char kind_of(char code)
{
    static const char codes[] = "?bhilqnBHILQNefdgFDGscw", kinds[] = "biiiiiiuuuuuuffffcccSSU";
    const char *found = strchr(codes, code);
    return found ? kinds[found - codes] : '\0';
}

static bool put_scalar(const struct rc_format_field *field, const char *call, rc_buffer *text)
{
    char kind = kind_of(field->code);
    if (!kind) {
        rc_error_set(RC_UNSUPPORTED, "%s: there is no dtype for elements of code '%c'", call,
                     field->code);
        return false;
    }
    bool is_little = rc__npy_is_little() != field->swapped;
    bool has_order = kind == 'U' || (kind != 'S' && field->size > 1);
    return rc__npy_print(text, "'%c%c%zu'",
                         !has_order  ? '|'
                         : is_little ? '<'
                                     : '>',
                         kind, kind == 'U' ? field->size / 4 : field->size);
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool put_byte(unsigned char byte, char quote, rc_buffer *text)
{
    if (byte == (unsigned char)quote || byte == '\\') return rc__npy_print(text, "\\%c", byte);
    if (byte == '\n') return rc__npy_print(text, "\\n");
    if (byte == '\r') return rc__npy_print(text, "\\r");
    if (byte == '\t') return rc__npy_print(text, "\\t");
    if (byte < ' ' || byte == 127) return rc__npy_print(text, "\\x%02x", byte);
    return rc_buffer_append(text, &byte, 1) == RC_OK;
}

/* As repr(): in '' unless there are ' and no " in it. */
static bool put_string(const char *string, rc_buffer *text)
{
    char quote = strchr(string, '\'') && !strchr(string, '"') ? '"' : '\'';
    if (!rc__npy_print(text, "%c", quote)) return false;
    for (const char *byte = string; *byte; byte++)
        if (!put_byte((unsigned char)*byte, quote, text)) return false;
    return rc__npy_print(text, "%c", quote);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **rc__npy_sort_names(const rc_format *format, const char **twice)
{
    size_t count = format->field_count;
    const char **names = rc_memory_allocate_zeroed(count, sizeof *names);
    *twice = NULL;
    if (!names) return NULL;
    for (size_t i = 0; i < count; i++) names[i] = format->fields[i].name;
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count && !*twice; i++)
        if (*names[i] && strcmp(names[i - 1], names[i]) == 0) *twice = names[i];
    return names;
}

/* A name that no other field has: "f" and the place of the field, as NumPy does, and dashes. */
static bool find_name(const char *const *sorted, size_t count, size_t place, rc_buffer *name)
{
    if (rc_buffer_resize(name, 0) != RC_OK || !rc__npy_print(name, "f%zu", place)) return false;
    for (;;) {
        if (rc_buffer_append(name, "", 1) != RC_OK) return false;
        const char *text = (const char *)name->data;
        if (!bsearch(&text, sorted, count, sizeof *sorted, compare_names)) return true;
        if (rc_buffer_resize(name, name->size - 1) != RC_OK || !rc__npy_print(name, "_"))
            return false;
    }
}

/* ---- records --------------------------------------------------------------------------------- */

/* What a record is while it is written. */
struct record {
    const rc_format *format;
    const char **names; /* of all fields, sorted */
    const char *call;
    rc_buffer *text;
    rc_buffer *made; /* a name that was made up */
};

static bool put_record(const rc_format *format, const char *call, rc_buffer *text);

/* What lies between fields and behind the last. */
static bool put_gap(const struct record *record, size_t from, size_t to)
{
    return from == to || rc__npy_print(record->text, "('', '|V%zu'), ", to - from);
}

/* " (2, 3)" or " (2,)". */
static bool put_shape(size_t ndim, const size_t *shape, rc_buffer *text)
{
    for (size_t i = 0; i < ndim; i++)
        if (!rc__npy_print(text, "%s%zu", i == 0 ? "(" : ", ", shape[i])) return false;
    return rc__npy_print(text, ndim == 1 ? ",)" : ")");
}

static bool put_field(const struct record *record, size_t place)
{
    const struct rc_format_field *field = &record->format->fields[place];
    rc_buffer *text = record->text;
    const char *name = field->name;
    if (!*name) {
        if (!find_name(record->names, record->format->field_count, place, record->made))
            return false;
        name = (const char *)record->made->data;
    }
    if (!rc__npy_is_utf8(name)) {
        rc_error_set(RC_UNSUPPORTED, "%s: the name of field %zu is not in UTF-8", record->call,
                     place);
        return false;
    }
    if (!rc__npy_print(text, "(") || !put_string(name, text) || !rc__npy_print(text, ", "))
        return false;
    if (!(field->record ? put_record(field->record, record->call, text)
                        : put_scalar(field, record->call, text)))
        return false;
    if (field->ndim && !(rc__npy_print(text, ", ") && put_shape(field->ndim, field->shape, text)))
        return false;
    return rc__npy_print(text, "), ");
}

static bool put_fields(const struct record *record)
{
    const rc_format *format = record->format;
    size_t end = 0;
    for (size_t i = 0; i < format->field_count; i++) {
        const struct rc_format_field *field = &format->fields[i];
        if (!put_gap(record, end, field->offset) || !put_field(record, i)) return false;
        end = field->offset + field->size * rc__format_elements(field);
    }
    return put_gap(record, end, format->itemsize);
}

static bool put_named_fields(struct record *record)
{
    const char *twice;
    record->names = rc__npy_sort_names(record->format, &twice);
    if (record->names && twice)
        rc_error_set(RC_UNSUPPORTED, "%s: two of %zu fields are named '%.40s'", record->call,
                     record->format->field_count, twice);
    bool is_good = record->names && !twice && put_fields(record);
    rc_memory_free(record->names);
    return is_good;
}

/* "[('a', '<i4'), ('b', '<f8')]": what stands between two ends with ", ", which is cut. */
static bool put_record(const rc_format *format, const char *call, rc_buffer *text)
{
    if (!rc__npy_print(text, "[")) return false;
    size_t start = text->size;
    struct record record = {.format = format, .call = call, .text = text};
    record.made = rc_buffer_new(0);
    bool is_good = record.made && put_named_fields(&record);
    rc_release(record.made);
    if (!is_good) return false;
    if (text->size > start && rc_buffer_resize(text, text->size - 2) != RC_OK) return false;
    return rc__npy_print(text, "]");
}

/* ---- the whole ------------------------------------------------------------------------------- */

bool rc__npy_write_descr(const rc_format *format, const char *call, rc_buffer *text, size_t *inner,
                         size_t *inner_count)
{
    const struct rc_format_field *field = format->fields;
    *inner_count = 0;
    if (format->field_count == 0 && format->value_count == 0 && format->alignment == 1)
        return rc__npy_print(text, "'|V%zu'", format->itemsize);
    bool is_one = format->field_count == 1 && !*field->name && field->offset == 0 &&
                  field->size * rc__format_elements(field) == format->itemsize;
    if (!is_one) return put_record(format, call, text);
    for (size_t i = 0; i < field->ndim; i++) inner[i] = field->shape[i];
    *inner_count = field->ndim;
    return field->record ? put_record(field->record, call, text) : put_scalar(field, call, text);
}
