/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * From text to fields, in one of two passes: the first checks and counts, the second fills.
 *
 * The parser holds a level for each T{ that is open, at most 64, and one for the item itself. The
 * fields of a record have to lie side by side, while those of the records inside it come between
 * them in the text. So they are stacked from the front of the room for fields, and when a record
 * closes, its fields, the topmost, move to the back of it. Each field moves once at most, and at
 * the end those of the item are left in front.
 */
#include "format_layout.h"
#include "format_scan.h"

/* What stands before a code, and the field that comes of it. */
struct element {
    struct rc_format_field field;
    size_t position;  /* where it begins in the text */
    size_t count;     /* the number before the code, or 1 */
    size_t elements;  /* product of the shape without its zeros */
    size_t values;    /* of one element */
    size_t alignment; /* in the order @ */
    bool is_empty;    /* a zero in the shape */
};

struct level {
    struct element element; /* what the next level is the record of */
    size_t offset, alignment, value_count, field_count;
    size_t ndim;        /* of the records around it */
    const char *source; /* its T */
    char source_order;
};

struct parser {
    struct rc__scanner scanner;
    bool is_filling; /* the second pass */
    struct rc__format_needs used;
    struct rc__format_room room;
    size_t stacked, settled; /* the room's fields [0, stacked) and [settled, all) are taken */
    size_t depth;
    struct level levels[RC__FORMAT_DEPTH_MAX + 1]; /* [0, depth] */
};

/* ---- sentences: each returns false ----------------------------------------------------------- */

static bool too_large(const struct element *element)
{
    return rc_error_set(RC_OVERFLOW,
                        "format: the element at position %zu makes an item of more than %td bytes "
                        "or values",
                        element->position, PTRDIFF_MAX) == RC_OK;
}

/* ---- arithmetic: nothing passes PTRDIFF_MAX, so that offsets can be subtracted ---------------- */

static bool multiply(size_t a, size_t b, size_t *product)
{
    return rc__size_multiply(a, b, product) && *product <= PTRDIFF_MAX;
}

static bool add(size_t a, size_t b, size_t *sum)
{
    return rc__size_add(a, b, sum) && *sum <= PTRDIFF_MAX;
}

/* alignment: a power of two. */
static bool round_up(size_t offset, size_t alignment, size_t *rounded)
{
    if (!add(offset, alignment - 1, rounded)) return false;
    *rounded &= ~(alignment - 1);
    return true;
}

/* ---- what stands before a code --------------------------------------------------------------- */

static bool add_dimension(struct parser *parser, struct element *element, size_t extent)
{
    if (parser->levels[parser->depth].ndim + element->field.ndim == RC__FORMAT_DIMENSIONS_MAX)
        return rc_error_set(RC_FORMAT,
                            "format: the element at position %zu has more than %d dimensions, "
                            "those of its records included",
                            element->position, RC__FORMAT_DIMENSIONS_MAX) == RC_OK;
    if (parser->is_filling) {
        size_t *place = &parser->room.shapes[parser->used.dimensions];
        if (element->field.ndim == 0) element->field.shape = place;
        *place = extent;
    }
    parser->used.dimensions++;
    element->field.ndim++;
    if (extent == 0)
        element->is_empty = true;
    else if (!multiply(element->elements, extent, &element->elements))
        return too_large(element);
    return true;
}

static bool parse_shape(struct parser *parser, struct element *element)
{
    struct rc__scanner *scanner = &parser->scanner;
    do {
        size_t extent;
        scanner->at++;
        rc__scan_spaces(scanner);
        if (!rc__scan_number(scanner, &extent) || !add_dimension(parser, element, extent))
            return false;
        rc__scan_spaces(scanner);
    } while (rc__scan_peek(scanner) == ',');
    if (rc__scan_peek(scanner) != ')') return rc__scan_unexpected(scanner, "',' or ')'");
    scanner->at++;
    return true;
}

static bool is_native(char order)
{
    return order == '@' || order == '^';
}

static bool is_foreign(char order)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return order == '>' || order == '!';
#else
    return order == '<';
#endif
}

/* ---- a field --------------------------------------------------------------------------------- */

/* Pad bytes are no field, and their name is forgotten. */
static bool parse_name(struct parser *parser, struct element *element)
{
    const char *start;
    size_t size;
    if (rc__scan_peek(&parser->scanner) != ':') return true;
    if (!rc__scan_name(&parser->scanner, &start, &size)) return false;
    if (size == 0 || element->field.code == 'x') return true;
    if (parser->is_filling) {
        char *name = &parser->room.names[parser->used.name_bytes];
        memcpy(name, start, size);
        name[size] = '\0';
        element->field.name = name;
    }
    parser->used.name_bytes += size + 1;
    return true;
}

/* Where the element lies, and how much of the level it takes. */
static bool place(struct parser *parser, struct element *element)
{
    struct level *level = &parser->levels[parser->depth];
    size_t alignment = parser->scanner.order == '@' ? element->alignment : 1, bytes, values;
    if (!round_up(level->offset, alignment, &element->field.offset) ||
        !multiply(element->elements, element->field.size, &bytes) ||
        !multiply(element->elements, element->values, &values))
        return too_large(element);
    if (element->is_empty) bytes = values = 0;
    if (!add(element->field.offset, bytes, &level->offset) ||
        !add(level->value_count, values, &level->value_count))
        return too_large(element);
    if (level->alignment < alignment) level->alignment = alignment;
    return true;
}

/* All but its place and its name is known. */
static bool add_field(struct parser *parser, struct element *element)
{
    if (!place(parser, element) || !parse_name(parser, element)) return false;
    if (element->field.code == 'x') return true;
    if (parser->is_filling) parser->room.fields[parser->stacked++] = element->field;
    parser->levels[parser->depth].field_count++;
    parser->used.fields++;
    return true;
}

/* The code at the scanner's place, and its size in the order there. NULL: an error is set. */
static const struct rc__format_code *read_code(struct rc__scanner *scanner, size_t *size)
{
    size_t left = (size_t)(scanner->end - scanner->at), taken;
    enum rc__format_row row = rc__format_read_code(scanner->at, left, &taken);
    const struct rc__format_code *code = &rc__format_codes[row];
    if (row == RC__ROW_NONE) {
        rc__scan_refuse_code(scanner);
        return NULL;
    }
    *size = is_native(scanner->order) ? code->size : code->standard;
    if (*size == 0) {
        rc_error_set(RC_FORMAT,
                     "format: '%.*s' at position %zu has a size in the orders @ and ^ "
                     "alone; the order there is %c",
                     (int)taken, scanner->at, rc__scan_position(scanner, scanner->at),
                     scanner->order);
        return NULL;
    }
    scanner->at += taken;
    return code;
}

static bool parse_code(struct parser *parser, struct element *element)
{
    size_t size;
    const struct rc__format_code *code = read_code(&parser->scanner, &size);
    if (!code) return false;
    element->field.code = code->code;
    element->field.swapped = is_foreign(parser->scanner.order) && size > 1;
    element->field.size = size;
    element->alignment = code->alignment;
    element->values = code->class != RC__CLASS_PAD;
    if (rc__format_class_has_length((enum rc__format_class)code->class)) {
        if (!multiply(size, element->count, &element->field.size)) return too_large(element);
    } else if (element->count != 1 && !add_dimension(parser, element, element->count)) {
        return false;
    }
    return add_field(parser, element);
}

/* ---- records --------------------------------------------------------------------------------- */

/* From behind its T{ on. */
static bool open_record(struct parser *parser, struct element *element)
{
    const char *source = parser->scanner.at - 2;
    if (parser->depth == RC__FORMAT_DEPTH_MAX)
        return rc_error_set(RC_FORMAT, "format: the T{ at position %zu is nested more than %d deep",
                            rc__scan_position(&parser->scanner, source),
                            RC__FORMAT_DEPTH_MAX) == RC_OK;
    if (element->count != 1 && !add_dimension(parser, element, element->count)) return false;
    struct level *level = &parser->levels[parser->depth++];
    level->element = *element;
    level[1] = (struct level){.alignment = 1,
                              .ndim = level->ndim + element->field.ndim,
                              .source = source,
                              .source_order = parser->scanner.order};
    return true;
}

/* The topmost fields of the stack become those of a record. */
static const rc_format *settle(struct parser *parser, const struct level *level)
{
    size_t count = level->field_count;
    parser->stacked -= count;
    parser->settled -= count;
    struct rc_format_field *fields = &parser->room.fields[parser->settled];
    memmove(fields, &parser->room.fields[parser->stacked], count * sizeof *fields);
    struct rc__record *record = &parser->room.records[parser->used.records];
    *record = (struct rc__record){
        .head = {.text = "",
                 .itemsize = level->offset,
                 .alignment = level->alignment,
                 .field_count = count,
                 .fields = fields,
                 .value_count = level->value_count},
        .source = level->source,
        .source_size = (size_t)(parser->scanner.at - level->source),
        .order = level->source_order,
    };
    return &record->head;
}

static bool close_record(struct parser *parser)
{
    if (parser->depth == 0)
        return rc__scan_unexpected(&parser->scanner, "an element outside of T{");
    struct level *level = &parser->levels[parser->depth], *outer = level - 1;
    struct element *element = &outer->element;
    if (parser->scanner.order == '@' && !round_up(level->offset, level->alignment, &level->offset))
        return too_large(element);
    parser->scanner.at++;
    element->field.code = 'T';
    element->field.size = level->offset;
    element->alignment = level->alignment;
    element->values = level->value_count;
    if (parser->is_filling) element->field.record = settle(parser, level);
    parser->used.records++;
    parser->depth--;
    return add_field(parser, element);
}

/* ---- the text -------------------------------------------------------------------------------- */

static bool parse_element(struct parser *parser)
{
    struct rc__scanner *scanner = &parser->scanner;
    struct element element = {.field.name = "",
                              .position = rc__scan_position(scanner, scanner->at),
                              .count = 1,
                              .elements = 1};
    while (rc__scan_peek(scanner) == '(') {
        if (!parse_shape(parser, &element)) return false;
        rc__scan_orders_and_spaces(scanner);
    }
    if (rc__scan_is_digit(scanner) && !rc__scan_number(scanner, &element.count)) return false;
    if (rc__scan_peek(scanner) != 'T') return parse_code(parser, &element);
    scanner->at++;
    if (rc__scan_peek(scanner) != '{') return rc__scan_unexpected(scanner, "'{' after T");
    scanner->at++;
    return open_record(parser, &element);
}

static bool parse(struct parser *parser, const struct rc__format_source *source)
{
    struct rc__scanner *scanner = &parser->scanner;
    *scanner = (struct rc__scanner){source->text, source->text, source->text + source->size,
                                    source->order};
    parser->used = (struct rc__format_needs){0};
    parser->depth = 0;
    parser->levels[0] = (struct level){.alignment = 1};
    for (;;) {
        rc__scan_orders_and_spaces(scanner);
        if (scanner->at == scanner->end) break;
        if (!(*scanner->at == '}' ? close_record(parser) : parse_element(parser))) return false;
    }
    if (parser->depth == 0) return true;
    size_t position = rc__scan_position(scanner, parser->levels[parser->depth].source);
    return rc_error_set(RC_FORMAT, "format: the T{ at position %zu has no } at its end",
                        position) == RC_OK;
}

bool rc__format_measure(const struct rc__format_source *source, struct rc__format_needs *needs)
{
    struct parser parser;
    parser.is_filling = false;
    if (!parse(&parser, source)) return false;
    *needs = parser.used;
    return true;
}

void rc__format_build(const struct rc__format_source *source, const struct rc__format_needs *needs,
                      const struct rc__format_room *room, rc_format *format)
{
    struct parser parser;
    parser.is_filling = true;
    parser.room = *room;
    parser.stacked = 0;
    parser.settled = needs->fields;
    if (!parse(&parser, source)) __builtin_unreachable();
    const struct level *item = &parser.levels[0];
    *format = (rc_format){.itemsize = item->offset,
                          .alignment = item->alignment,
                          .field_count = item->field_count,
                          .fields = room->fields,
                          .value_count = item->value_count};
}
