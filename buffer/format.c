/* SPDX-License-Identifier: MIT */
/*
 * Parsing. A text is read twice: the first time counts what there is room for to make, the second
 * one fills it in. All of a format lies in one object:
 *
 *     [ rc_format | fields, those of one record together | records | shapes | text | names ]
 *
 * Where the fields of a record begin is known only when those before it are counted: so in the
 * second reading each record is counted once more before it is read, as often as it is deep.
 */
#include "format_layout.h"

#include <stdarg.h>
#include <stdio.h>

#include "../rc/block.h"

/* What the second reading fills in. In the first one the addresses are NULL, and counts move. */
struct room {
    struct rc_format_field *fields;
    rc_format *records;
    size_t *shapes;
    char *names;
    size_t field_count, record_count, shape_count, name_size;
};

struct parser {
    const char *text, *at;
    char order; /* of @ = < > ! ^ */
    size_t depth;
    enum rc_status status; /* of the first fault */
    struct room *room;
};

/* What has been read of one record. */
struct extent {
    size_t offset, alignment, value_count, field_count;
};

struct element {
    struct rc_format_field field;
    size_t alignment; /* 1: where it falls */
    size_t product;   /* of the shape's entries, a 0 not counted */
    size_t values;    /* leaves of one element */
    bool is_empty;    /* an entry is 0 */
    bool is_padding;
};

static const size_t no_shape[1] = {0};

/* ---- faults ---------------------------------------------------------------------------------- */

static RC_COLD bool fail_at(struct parser *parser, const char *at, enum rc_status status,
                            const char *sentence, ...) RC_PRINTF(4, 5);

/* False. */
static bool fail_at(struct parser *parser, const char *at, enum rc_status status,
                    const char *sentence, ...)
{
    char words[120];
    va_list arguments;
    va_start(arguments, sentence);
    vsnprintf(words, sizeof words, sentence, arguments);
    va_end(arguments);
    parser->status = rc_error_set(status, "format \"%.60s%s\", position %zu: %s", parser->text,
                                  strnlen(parser->text, 61) > 60 ? "..." : "",
                                  (size_t)(at - parser->text), words);
    return false;
}

static bool fail_too_large(struct parser *parser, const char *at)
{
    return fail_at(parser, at, RC_OVERFLOW, "an item would have more than %td bytes or values",
                   PTRDIFF_MAX);
}

/* False: the sum or product is no size that memory can have. */
static bool add(size_t a, size_t b, size_t *sum)
{
    return !__builtin_add_overflow(a, b, sum) && *sum <= PTRDIFF_MAX;
}

static bool multiply(size_t a, size_t b, size_t *product)
{
    return !__builtin_mul_overflow(a, b, product) && *product <= PTRDIFF_MAX;
}

/* ---- small parts ----------------------------------------------------------------------------- */

static void skip_blanks(struct parser *parser)
{
    while (*parser->at == ' ' || (*parser->at >= '\t' && *parser->at <= '\r')) parser->at++;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool read_number(struct parser *parser, size_t *number)
{
    const char *start = parser->at;
    *number = 0;
    for (; is_digit(*parser->at); parser->at++)
        if (!multiply(*number, 10, number) || !add(*number, (size_t)(*parser->at - '0'), number))
            return fail_at(parser, start, RC_OVERFLOW, "the number is too large");
    return true;
}

static void read_order(struct parser *parser)
{
    while (*parser->at && strchr("@=<>!^", *parser->at)) parser->order = *parser->at++;
}

static bool is_native(const struct parser *parser)
{
    return parser->order == '@' || parser->order == '^';
}

static bool is_swapped(const struct parser *parser)
{
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        return parser->order == '>' || parser->order == '!';
    return parser->order == '<';
}

/* ":name:", if there is one. Padding has a name that says nothing. */
static bool read_name(struct parser *parser, struct element *element)
{
    if (*parser->at != ':') return true;
    const char *name = parser->at + 1, *end = strchr(name, ':');
    if (!end) return fail_at(parser, parser->at, RC_FORMAT, "the name has no end");
    parser->at = end + 1;
    if (element->is_padding) return true;
    struct room *room = parser->room;
    size_t length = (size_t)(end - name);
    if (room->names) {
        char *place = room->names + room->name_size;
        memcpy(place, name, length);
        place[length] = '\0';
        element->field.name = place;
    }
    room->name_size += length + 1;
    return true;
}

/* ---- shapes ---------------------------------------------------------------------------------- */

static bool add_dimension(struct parser *parser, struct element *element, size_t entry,
                          const char *at)
{
    struct room *room = parser->room;
    struct rc_format_field *field = &element->field;
    if (field->ndim == RC__FORMAT_DEPTH_MAX)
        return fail_at(parser, at, RC_FORMAT, "a shape has at most %d dimensions",
                       RC__FORMAT_DEPTH_MAX);
    if (room->shapes) {
        if (field->ndim == 0) field->shape = &room->shapes[room->shape_count];
        room->shapes[room->shape_count] = entry;
    }
    room->shape_count++;
    field->ndim++;
    element->is_empty |= entry == 0;
    return multiply(element->product, entry ? entry : 1, &element->product) ||
           fail_too_large(parser, at);
}

/* "(2,3)" */
static bool read_shape(struct parser *parser, struct element *element)
{
    do {
        parser->at++;
        skip_blanks(parser);
        const char *start = parser->at;
        size_t entry;
        if (!is_digit(*start))
            return fail_at(parser, start, RC_FORMAT, "a shape has a number here");
        if (!read_number(parser, &entry) || !add_dimension(parser, element, entry, start))
            return false;
        skip_blanks(parser);
    } while (*parser->at == ',');
    if (*parser->at != ')')
        return fail_at(parser, parser->at, RC_FORMAT, "a shape goes on with , or )");
    parser->at++;
    return true;
}

/* ---- codes ----------------------------------------------------------------------------------- */

static bool refuse_code(struct parser *parser)
{
    char code = *parser->at;
    if (!code) return fail_at(parser, parser->at, RC_FORMAT, "a code is missing");
    if (strchr("O&tXu", code))
        return fail_at(parser, parser->at, RC_UNSUPPORTED, "'%c' is for Python alone", code);
    if (code == 'Z') return fail_at(parser, parser->at, RC_FORMAT, "after Z comes f, d or g");
    if (code > 32 && code < 127)
        return fail_at(parser, parser->at, RC_FORMAT, "there is no code '%c'", code);
    return fail_at(parser, parser->at, RC_FORMAT, "there is no code of byte %d",
                   (unsigned char)code);
}

/* A count is a length for s, p and w, and one more dimension of all others. */
static bool use_count(struct parser *parser, struct element *element,
                      const struct rc__format_code *code, size_t count, const char *at)
{
    bool is_length = code->class == RC__CLASS_STRING || code->class == RC__CLASS_PASCAL ||
                     code->class == RC__CLASS_WIDE;
    if (is_length)
        return multiply(element->field.size, count, &element->field.size) ||
               fail_too_large(parser, at);
    return count == 1 || add_dimension(parser, element, count, at);
}

static bool read_code(struct parser *parser, struct element *element, size_t count)
{
    const char *at = parser->at;
    bool is_complex = at[0] == 'Z';
    struct rc__format_code code = rc__format_code_of(at[is_complex], is_complex);
    if (!code.code) return refuse_code(parser);
    if (!is_native(parser) && !code.standard)
        return fail_at(parser, at, RC_FORMAT, "'%.*s' has a size in the orders @ and ^ alone",
                       1 + is_complex, at);
    parser->at += 1 + is_complex;
    element->field.code = code.code;
    element->field.size = is_native(parser) ? code.size : code.standard;
    element->alignment = parser->order == '@' ? code.alignment : 1;
    element->values = 1;
    element->is_padding = code.class == RC__CLASS_PAD;
    element->field.swapped = is_swapped(parser) && element->field.size > 1;
    return use_count(parser, element, &code, count, at);
}

/* ---- records --------------------------------------------------------------------------------- */

static bool read_fields(struct parser *parser, struct extent *extent,
                        struct rc_format_field *fields, char end);

/* Bytes from @p offset to the next multiple of the alignment. */
static size_t padding_at(size_t offset, size_t alignment)
{
    return (alignment - offset % alignment) % alignment;
}

/* Room for the fields of the record at this place, which the first reading has found in order. */
static struct rc_format_field *reserve_fields(const struct parser *parser)
{
    struct room counts = {0};
    struct parser counting = *parser;
    struct extent extent = {.alignment = 1};
    counting.room = &counts;
    (void)read_fields(&counting, &extent, NULL, '}');
    struct rc_format_field *fields = &parser->room->fields[parser->room->field_count];
    parser->room->field_count += extent.field_count;
    return fields;
}

static rc_format *add_record(struct parser *parser, const struct extent *extent,
                             const struct rc_format_field *fields)
{
    struct room *room = parser->room;
    if (!fields) {
        room->field_count += extent->field_count;
        room->record_count++;
        return NULL;
    }
    rc_format *record = &room->records[room->record_count++];
    *record = (rc_format){.text = "",
                          .itemsize = extent->offset,
                          .alignment = extent->alignment,
                          .field_count = extent->field_count,
                          .fields = fields,
                          .value_count = extent->value_count};
    return record;
}

/* From behind "T{" to behind "}". */
static bool read_record(struct parser *parser, struct element *element, size_t count,
                        const char *at)
{
    if (parser->depth == RC__FORMAT_DEPTH_MAX)
        return fail_at(parser, at, RC_FORMAT, "records nest at most %d deep", RC__FORMAT_DEPTH_MAX);
    struct extent extent = {.alignment = 1};
    struct rc_format_field *fields = parser->room->fields ? reserve_fields(parser) : NULL;
    parser->depth++;
    if (!read_fields(parser, &extent, fields, '}')) return false;
    parser->depth--;
    parser->at++;
    if (parser->order == '@') extent.offset += padding_at(extent.offset, extent.alignment);
    element->field.code = 'T';
    element->field.size = extent.offset;
    element->field.record = add_record(parser, &extent, fields);
    element->alignment = parser->order == '@' ? extent.alignment : 1;
    element->values = extent.value_count;
    return count == 1 || add_dimension(parser, element, count, at);
}

/* ---- elements -------------------------------------------------------------------------------- */

static bool read_count(struct parser *parser, size_t *count)
{
    *count = 1;
    if (!is_digit(*parser->at)) return true;
    if (!read_number(parser, count)) return false;
    if (*parser->at == '(')
        return fail_at(parser, parser->at, RC_FORMAT, "a shape stands before the count");
    return true;
}

static bool read_element(struct parser *parser, struct element *element)
{
    size_t count;
    if (*parser->at == '(' && !read_shape(parser, element)) return false;
    read_order(parser);
    const char *at = parser->at;
    if (!read_count(parser, &count)) return false;
    bool is_record = parser->at[0] == 'T' && parser->at[1] == '{';
    if (is_record) parser->at += 2;
    bool is_read =
        is_record ? read_record(parser, element, count, at) : read_code(parser, element, count);
    return is_read && read_name(parser, element);
}

/* Behind what is there, aligned. */
static bool place(struct extent *extent, struct element *element)
{
    size_t elements = element->is_empty ? 0 : element->product, bytes, values;
    size_t padding = padding_at(extent->offset, element->alignment);
    if (!add(extent->offset, padding, &extent->offset)) return false;
    element->field.offset = extent->offset;
    if (element->alignment > extent->alignment) extent->alignment = element->alignment;
    return multiply(element->field.size, elements, &bytes) &&
           add(extent->offset, bytes, &extent->offset) &&
           multiply(element->is_padding ? 0 : element->values, elements, &values) &&
           add(extent->value_count, values, &extent->value_count);
}

/* Up to @p end, which is left to be read. */
static bool read_fields(struct parser *parser, struct extent *extent,
                        struct rc_format_field *fields, char end)
{
    for (;;) {
        skip_blanks(parser);
        read_order(parser);
        skip_blanks(parser);
        const char *at = parser->at;
        if (*at == end) break;
        if (*at == '\0') return fail_at(parser, at, RC_FORMAT, "the record has no end");
        struct element element = {.field = {.name = "", .shape = no_shape}, .product = 1};
        if (!read_element(parser, &element)) return false;
        if (!place(extent, &element)) return fail_too_large(parser, at);
        if (element.is_padding) continue;
        if (fields) fields[extent->field_count] = element.field;
        extent->field_count++;
    }
    /* What is aligned to more than a byte may still pass the end of memory when it is padded. */
    return extent->offset <= PTRDIFF_MAX - extent->alignment || fail_too_large(parser, parser->at);
}

/* ---- the object ------------------------------------------------------------------------------ */

/* Bytes behind the rc_format, with the text. False: RC_OVERFLOW is set. */
static bool size_of_parts(const struct room *counts, size_t text_size, size_t *size)
{
    size_t fields, records, shapes;
    return rc__size_multiply(counts->field_count, sizeof(struct rc_format_field), &fields) &&
           rc__size_multiply(counts->record_count, sizeof(rc_format), &records) &&
           rc__size_multiply(counts->shape_count, sizeof(size_t), &shapes) &&
           rc__size_add(fields, records, size) && rc__size_add(*size, shapes, size) &&
           rc__size_add(*size, text_size, size) && rc__size_add(*size, counts->name_size, size);
}

/* The parts of a new object; its text is copied into it. */
static struct room divide(rc_format *format, const struct room *counts, const char *text,
                          size_t text_size)
{
    struct room room = {.fields = (struct rc_format_field *)(format + 1)};
    room.records = (rc_format *)(room.fields + counts->field_count);
    room.shapes = (size_t *)(room.records + counts->record_count);
    char *copy = (char *)(room.shapes + counts->shape_count);
    room.names = copy + text_size;
    memcpy(copy, text, text_size);
    format->text = copy;
    return room;
}

static rc_format *build(const char *text, const struct room *counts, const struct extent *extent)
{
    size_t text_size = strlen(text) + 1, extra;
    if (!size_of_parts(counts, text_size, &extra)) return NULL;
    rc_format *format = rc_object_new(&rc__format_type, extra);
    if (!format) return NULL;
    struct room room = divide(format, counts, text, text_size);
    struct parser parser = {.text = format->text, .at = format->text, .order = '@', .room = &room};
    struct extent again = {.alignment = 1};
    format->fields = room.fields;
    room.field_count = extent->field_count; /* those of the outermost record come first */
    (void)read_fields(&parser, &again, room.fields, '\0');
    format->itemsize = again.offset;
    format->alignment = again.alignment;
    format->field_count = again.field_count;
    format->value_count = again.value_count;
    return format;
}

rc_format *rc_format_new(const char *text)
{
    if (!text) {
        rc_error_set(RC_INVALID, "rc_format_new: the text is NULL");
        return NULL;
    }
    rc_format *builtin = rc__format_builtin(text);
    if (builtin) return rc__format_retain(builtin);
    struct room counts = {0};
    struct parser parser = {.text = text, .at = text, .order = '@', .room = &counts};
    struct extent extent = {.alignment = 1};
    if (!read_fields(&parser, &extent, NULL, '\0')) return NULL;
    counts.field_count += extent.field_count;
    return build(text, &counts, &extent);
}
