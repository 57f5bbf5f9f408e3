/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Items are equal if they have as many leaves, and each equals the other's by value, as in Python: a
 * number whatever its kind and size, bytes by their content, characters ('w') by theirs.
 */
#include "view_equal.h"

/* ---- leaves ---------------------------------------------------------------------------------- */

/* Fields of a record, or of the item, some of which have been seen. */
struct level {
    const rc_format *record;
    const unsigned char *bytes; /* of the record */
    size_t field, element;      /* the next ones */
};

/* The leaves of an item, one by one; records nest in the outermost fields. */
struct leaves {
    size_t depth;
    struct level levels[RC__FORMAT_DEPTH_MAX + 1];
};

static void enter(struct leaves *leaves, const rc_format *record, const unsigned char *bytes)
{
    leaves->levels[leaves->depth++] = (struct level){.record = record, .bytes = bytes};
}

/* The next element of this level with leaves, and its bytes; NULL: there is none any more. */
static const struct rc_format_field *next_element(struct level *level, const unsigned char **bytes)
{
    for (; level->field < level->record->field_count; level->field++, level->element = 0) {
        const struct rc_format_field *field = &level->record->fields[level->field];
        if (field->record && field->record->value_count == 0) continue;
        if (level->element == rc__format_elements(field)) continue;
        *bytes = level->bytes + field->offset + level->element++ * field->size;
        return field;
    }
    return NULL;
}

/* The next leaf and its bytes; NULL: there is none any more. */
static const struct rc_format_field *next_leaf(struct leaves *leaves, const unsigned char **bytes)
{
    while (leaves->depth > 0) {
        const struct rc_format_field *field =
            next_element(&leaves->levels[leaves->depth - 1], bytes);
        if (!field)
            leaves->depth--;
        else if (field->record)
            enter(leaves, field->record, *bytes);
        else
            return field;
    }
    return NULL;
}

static struct rc_value value_of(const struct rc_format_field *field, const unsigned char *bytes)
{
    const struct rc__leaf leaf = {.field = field,
                                  .class = rc__format_class_of(field),
                                  .bytes = (unsigned char *)(uintptr_t)bytes};
    return rc__leaf_load(&leaf);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static bool is_integer(const struct rc_value *value)
{
    return value->kind == RC_VALUE_BOOL || value->kind == RC_VALUE_SIGNED ||
           value->kind == RC_VALUE_UNSIGNED;
}

static bool is_negative(const struct rc_value *value)
{
    return value->kind == RC_VALUE_SIGNED && value->as.signed_integer < 0;
}

/* Below 0 the two are equal only if both are signed, and then their bits are, too. */
static bool integers_equal(const struct rc_value *a, const struct rc_value *b)
{
    return is_negative(a) == is_negative(b) && a->as.unsigned_integer == b->as.unsigned_integer;
}

/* Exactly, also where a real cannot hold the integer. */
static bool integer_equals_real(const struct rc_value *integer, long double real)
{
    const long double limit = 9223372036854775808.0L; /* 2^63 */
    if (is_negative(integer))
        return real >= -limit && real < 0 && (long double)(int64_t)real == real &&
               (int64_t)real == integer->as.signed_integer;
    return real >= 0 && real < 2 * limit && (long double)(uint64_t)real == real &&
           (uint64_t)real == integer->as.unsigned_integer;
}

static long double real_part(const struct rc_value *value)
{
    return value->kind == RC_VALUE_COMPLEX ? value->as.complex_number.real : value->as.real;
}

static long double imaginary_part(const struct rc_value *value)
{
    return value->kind == RC_VALUE_COMPLEX ? value->as.complex_number.imaginary : 0;
}

static bool numbers_equal(const struct rc_value *a, const struct rc_value *b)
{
    if (is_integer(a) && is_integer(b)) return integers_equal(a, b);
    if (is_integer(b)) return numbers_equal(b, a);
    if (is_integer(a)) return imaginary_part(b) == 0 && integer_equals_real(a, real_part(b));
    return real_part(a) == real_part(b) && imaginary_part(a) == imaginary_part(b);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* Character @p i, of 4 bytes, the other way round where they are swapped. */
static uint32_t character_at(const struct rc_value *value, size_t i)
{
    uint32_t character;
    memcpy(&character, value->as.bytes.data + i * 4, sizeof character);
    return value->as.bytes.swapped ? __builtin_bswap32(character) : character;
}

static bool bytes_equal(const struct rc_value *a, bool a_is_wide, const struct rc_value *b,
                        bool b_is_wide)
{
    size_t size = a->as.bytes.size;
    if (a_is_wide != b_is_wide || size != b->as.bytes.size) return false;
    if (a->as.bytes.swapped == b->as.bytes.swapped)
        return size == 0 || memcmp(a->as.bytes.data, b->as.bytes.data, size) == 0;
    for (size_t i = 0; i < size / 4; i++)
        if (character_at(a, i) != character_at(b, i)) return false;
    return true;
}

/* ---- items ----------------------------------------------------------------------------------- */

static bool leaves_equal(const struct rc_format_field *a_field, const unsigned char *a_bytes,
                         const struct rc_format_field *b_field, const unsigned char *b_bytes)
{
    struct rc_value a = value_of(a_field, a_bytes), b = value_of(b_field, b_bytes);
    if (a.kind != RC_VALUE_BYTES && b.kind != RC_VALUE_BYTES) return numbers_equal(&a, &b);
    if (a.kind != b.kind) return false;
    return bytes_equal(&a, a_field->code == 'w', &b, b_field->code == 'w');
}

/* The formats have as many leaves: the caller has compared their value_count. */
static bool all_leaves_equal(const struct rc__comparison *comparison, const void *a, const void *b)
{
    struct leaves a_leaves, b_leaves;
    const unsigned char *a_bytes, *b_bytes;
    a_leaves.depth = b_leaves.depth = 0;
    enter(&a_leaves, comparison->a, a);
    enter(&b_leaves, comparison->b, b);
    for (;;) {
        const struct rc_format_field *a_field = next_leaf(&a_leaves, &a_bytes);
        const struct rc_format_field *b_field = next_leaf(&b_leaves, &b_bytes);
        if (!a_field) return true;
        if (!leaves_equal(a_field, a_bytes, b_field, b_bytes)) return false;
    }
}

bool rc__items_equal(const struct rc__comparison *comparison, const void *a, const void *b)
{
    if (comparison->by_bytes) return memcmp(a, b, comparison->a->itemsize) == 0;
    if (!comparison->is_simple) return all_leaves_equal(comparison, a, b);
    const struct rc_format_field *a_field = comparison->a->fields, *b_field = comparison->b->fields;
    return leaves_equal(a_field, (const unsigned char *)a + a_field->offset, b_field,
                        (const unsigned char *)b + b_field->offset);
}

/* ---- what is known before -------------------------------------------------------------------- */

static bool is_one_leaf(const rc_format *format)
{
    return format->field_count == 1 && format->fields->ndim == 0 && !format->fields->record;
}

/* Whether a value has one spelling in bytes: not so reals, and truths other than 0 and 1. */
static bool has_one_spelling(const struct rc_format_field *field)
{
    switch (rc__format_class_of(field)) {
    case RC__CLASS_CHARACTER:
    case RC__CLASS_SIGNED:
    case RC__CLASS_UNSIGNED:
    case RC__CLASS_POINTER:
    case RC__CLASS_STRING:
    case RC__CLASS_WIDE:
        return true;
    default:
        return false;
    }
}

/* Nothing but such values, and no byte between them. As deep as records nest. */
static bool is_its_bytes(const rc_format *format)
{
    size_t at = 0;
    for (size_t i = 0; i < format->field_count; i++) {
        const struct rc_format_field *field = &format->fields[i];
        bool is_dense = field->record ? is_its_bytes(field->record) : has_one_spelling(field);
        if (!is_dense || field->offset != at) return false;
        at += field->size * rc__format_elements(field);
    }
    return at == format->itemsize;
}

/* 'f' or 'd', if that is all. */
static char real_code(const rc_format *format)
{
    const struct rc_format_field *field = format->fields;
    if (!is_one_leaf(format) || field->swapped || field->size != format->itemsize) return 0;
    return field->code == 'f' || field->code == 'd' ? field->code : '\0';
}

struct rc__comparison rc__comparison_of(const rc_format *a, const rc_format *b)
{
    char code = real_code(a);
    return (struct rc__comparison){.a = a,
                                   .b = b,
                                   .by_bytes = rc_format_equal(a, b) && is_its_bytes(a),
                                   .is_simple = is_one_leaf(a) && is_one_leaf(b),
                                   .code = code == real_code(b) ? code : '\0'};
}
