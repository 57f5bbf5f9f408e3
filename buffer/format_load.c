/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Items taken apart into values: a walk over the leaves, and what each one says. */
#include <float.h>

#include "format_layout.h"

struct walk {
    enum rc_status (*visit)(const struct rc__leaf *leaf, void *context);
    void *context;
    size_t place;
};

static enum rc_status walk_fields(struct walk *walk, const rc_format *format, unsigned char *item);

static enum rc_status walk_field(struct walk *walk, const struct rc_format_field *field,
                                 unsigned char *bytes)
{
    struct rc__leaf leaf = {.field = field, .class = rc__format_class_of(field)};
    size_t elements = rc__format_elements(field);
    enum rc_status status = RC_OK;
    for (size_t i = 0; i < elements && status == RC_OK; i++, bytes += field->size) {
        if (leaf.class == RC__CLASS_RECORD) {
            if (field->record->value_count == 0) break;
            status = walk_fields(walk, field->record, bytes);
            continue;
        }
        leaf.bytes = bytes;
        leaf.place = walk->place++;
        status = walk->visit(&leaf, walk->context);
    }
    return status;
}

static enum rc_status walk_fields(struct walk *walk, const rc_format *format, unsigned char *item)
{
    enum rc_status status = RC_OK;
    for (size_t i = 0; i < format->field_count && status == RC_OK; i++)
        status = walk_field(walk, &format->fields[i], item + format->fields[i].offset);
    return status;
}

enum rc_status rc__format_walk(const rc_format *format, unsigned char *item,
                               enum rc_status (*visit)(const struct rc__leaf *leaf, void *context),
                               void *context)
{
    struct walk walk = {.visit = visit, .context = context};
    return walk_fields(&walk, format, item);
}

enum rc_status rc__format_check_call(const char *call, const rc_format *format, const void *item,
                                     const struct rc_value *values, size_t count)
{
    if (!format || !item || (!values && count))
        return rc_error_set(RC_INVALID, "%s: the %s NULL", call,
                            !format ? "format is"
                            : !item ? "item is"
                                    : "values are");
    if (count == format->value_count) return RC_OK;
    return rc_error_set(RC_RANGE, "%s: %zu values for an item of \"%.60s\", which has %zu", call,
                        count, format->text, format->value_count);
}

/* ---- bytes and numbers ----------------------------------------------------------------------- */

static uint64_t load_unsigned(const struct rc__leaf *leaf)
{
    uint64_t number = 0;
    rc__copy_number(rc__low_bytes(&number, leaf->field->size), leaf->bytes, leaf->field->size,
                    leaf->field->swapped);
    return number;
}

static int64_t load_signed(const struct rc__leaf *leaf)
{
    uint64_t number = load_unsigned(leaf), sign = UINT64_C(1) << (8 * leaf->field->size - 1);
    if (number & sign) number |= ~(sign | (sign - 1));
    return (int64_t)number;
}

/* IEEE 754 binary16. */
static double half_to_double(uint16_t half)
{
    unsigned exponent = half >> 10 & 31, fraction = half & 0x3ff;
    uint64_t bits = (uint64_t)(half >> 15) << 63;
    if (exponent == 31)
        bits |= UINT64_C(0x7ff) << 52 | (uint64_t)fraction << 42;
    else if (exponent)
        bits |= (uint64_t)(exponent + 1008) << 52 | (uint64_t)fraction << 42;
    double number;
    memcpy(&number, &bits, sizeof number);
    if (exponent) return number;
    double small = (double)fraction / 16777216.0; /* 2^24 */
    return half >> 15 ? -small : small;
}

static long double load_real(const struct rc__leaf *leaf, size_t part, size_t size)
{
    const unsigned char *bytes = leaf->bytes + part * size;
    bool swapped = leaf->field->swapped;
    if (leaf->field->code == 'e') {
        uint16_t half;
        rc__copy_number(&half, bytes, sizeof half, swapped);
        return half_to_double(half);
    }
    if (leaf->field->code == 'f' || leaf->field->code == 'F') {
        float number;
        rc__copy_number(&number, bytes, sizeof number, swapped);
        return number;
    }
    if (leaf->field->code == 'd' || leaf->field->code == 'D') {
        double number;
        rc__copy_number(&number, bytes, sizeof number, swapped);
        return number;
    }
    long double number = 0;
    memcpy(&number, bytes, RC__LONG_DOUBLE_BYTES);
    return number;
}

/* ---- take apart ------------------------------------------------------------------------------ */

static struct rc_value bytes_of(const struct rc__leaf *leaf)
{
    struct rc_value value = {.kind = RC_VALUE_BYTES};
    value.as.bytes.data = leaf->bytes;
    value.as.bytes.size = leaf->field->size;
    if (leaf->class == RC__CLASS_PASCAL && leaf->field->size) {
        size_t length = leaf->bytes[0], room = leaf->field->size - 1;
        value.as.bytes.data = leaf->bytes + 1;
        value.as.bytes.size = length < room ? length : room;
    }
    value.as.bytes.swapped = leaf->class == RC__CLASS_WIDE && leaf->field->swapped;
    return value;
}

struct rc_value rc__leaf_load(const struct rc__leaf *leaf)
{
    struct rc_value value = {.kind = RC_VALUE_NONE};
    size_t half = leaf->field->size / 2;
    switch (leaf->class) {
    case RC__CLASS_BOOL:
        value.kind = RC_VALUE_BOOL;
        value.as.unsigned_integer = load_unsigned(leaf) != 0;
        return value;
    case RC__CLASS_SIGNED:
        value.kind = RC_VALUE_SIGNED;
        value.as.signed_integer = load_signed(leaf);
        return value;
    case RC__CLASS_UNSIGNED:
    case RC__CLASS_POINTER:
        value.kind = RC_VALUE_UNSIGNED;
        value.as.unsigned_integer = load_unsigned(leaf);
        return value;
    case RC__CLASS_REAL:
        value.kind = RC_VALUE_REAL;
        value.as.real = load_real(leaf, 0, leaf->field->size);
        return value;
    case RC__CLASS_COMPLEX:
        value.kind = RC_VALUE_COMPLEX;
        value.as.complex_number.real = load_real(leaf, 0, half);
        value.as.complex_number.imaginary = load_real(leaf, 1, half);
        return value;
    default:
        return bytes_of(leaf);
    }
}

static enum rc_status take(const struct rc__leaf *leaf, void *values)
{
    ((struct rc_value *)values)[leaf->place] = rc__leaf_load(leaf);
    return RC_OK;
}

enum rc_status rc_format_unpack(const rc_format *format, const void *item, struct rc_value *values,
                                size_t count)
{
    enum rc_status status = rc__format_check_call("rc_format_unpack", format, item, values, count);
    if (status != RC_OK) return status;
    return rc__format_walk(format, (unsigned char *)(uintptr_t)item, take, values);
}
