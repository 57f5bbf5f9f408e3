/* SPDX-License-Identifier: MIT */
/*
 * Items: taken apart into values, and put together.
 *
 * A walk goes over the leaves of an item in the order of their offsets and shows each one to a
 * function. Putting together walks twice: first all values are checked, then they are written.
 */
#include <float.h>

#include "format_layout.h"

/* What a walk shows: a field, one element of it, and the value that belongs to it. */
struct leaf {
    const struct rc_format_field *field;
    enum rc__format_class class;
    unsigned char *bytes;
    size_t place; /* of the value */
};

struct walk {
    enum rc_status (*visit)(const struct leaf *leaf, void *context);
    void *context;
    size_t place;
};

static enum rc_status walk_fields(struct walk *walk, const rc_format *format, unsigned char *item);

static enum rc_status walk_field(struct walk *walk, const struct rc_format_field *field,
                                 unsigned char *bytes)
{
    struct leaf leaf = {.field = field, .class = rc__format_class_of(field)};
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

static enum rc_status check(const char *call, const rc_format *format, const void *item,
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

/* @p size bytes, at most 16, to @p to; the other way round if @p swapped. */
static void copy_number(void *to, const void *from, size_t size, bool swapped)
{
    unsigned char *out = to;
    const unsigned char *in = from;
    for (size_t i = 0; i < size; i++) out[i] = in[swapped ? size - 1 - i : i];
}

/* Where an integer of @p size bytes lies in a uint64_t of this machine. */
static unsigned char *low_bytes(uint64_t *number, size_t size)
{
    bool is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    return (unsigned char *)number + (is_little ? 0 : sizeof *number - size);
}

static uint64_t load_unsigned(const struct leaf *leaf)
{
    uint64_t number = 0;
    copy_number(low_bytes(&number, leaf->field->size), leaf->bytes, leaf->field->size,
                leaf->field->swapped);
    return number;
}

static int64_t load_signed(const struct leaf *leaf)
{
    uint64_t number = load_unsigned(leaf), sign = UINT64_C(1) << (8 * leaf->field->size - 1);
    if (number & sign) number |= ~(sign | (sign - 1));
    return (int64_t)number;
}

static void store_integer(const struct leaf *leaf, uint64_t number)
{
    copy_number(leaf->bytes, low_bytes(&number, leaf->field->size), leaf->field->size,
                leaf->field->swapped);
}

/* The value bytes of a long double: x86's has 10, and padding. */
static size_t value_size_of_long_double(void)
{
    return LDBL_MANT_DIG == 64 ? 10 : sizeof(long double);
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

static long double load_real(const struct leaf *leaf, size_t part, size_t size)
{
    const unsigned char *bytes = leaf->bytes + part * size;
    bool swapped = leaf->field->swapped;
    if (leaf->field->code == 'e') {
        uint16_t half;
        copy_number(&half, bytes, sizeof half, swapped);
        return half_to_double(half);
    }
    if (leaf->field->code == 'f' || leaf->field->code == 'F') {
        float number;
        copy_number(&number, bytes, sizeof number, swapped);
        return number;
    }
    if (leaf->field->code == 'd' || leaf->field->code == 'D') {
        double number;
        copy_number(&number, bytes, sizeof number, swapped);
        return number;
    }
    long double number = 0;
    memcpy(&number, bytes, value_size_of_long_double());
    return number;
}

/* ---- take apart ------------------------------------------------------------------------------ */

static struct rc_value bytes_of(const struct leaf *leaf)
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

static struct rc_value load(const struct leaf *leaf)
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

static enum rc_status take(const struct leaf *leaf, void *values)
{
    ((struct rc_value *)values)[leaf->place] = load(leaf);
    return RC_OK;
}

enum rc_status rc_format_unpack(const rc_format *format, const void *item, struct rc_value *values,
                                size_t count)
{
    enum rc_status status = check("rc_format_unpack", format, item, values, count);
    if (status != RC_OK) return status;
    struct walk walk = {.visit = take, .context = values};
    return walk_fields(&walk, format, (unsigned char *)(uintptr_t)item);
}

/* ---- put together: what fits ----------------------------------------------------------------- */

struct packing {
    const rc_format *format;
    const unsigned char *item;
    const struct rc_value *values;
};

static enum rc_status refuse(const struct leaf *leaf, enum rc_status status, const char *why)
{
    return rc_error_set(status, "rc_format_pack: value %zu, for '%s%c' of %zu bytes: %s",
                        leaf->place, leaf->class == RC__CLASS_COMPLEX ? "Z" : "",
                        leaf->class == RC__CLASS_COMPLEX ? (char)(leaf->field->code - 'A' + 'a')
                                                         : leaf->field->code,
                        leaf->field->size, why);
}

static bool is_integer(const struct rc_value *value)
{
    return value->kind == RC_VALUE_SIGNED || value->kind == RC_VALUE_UNSIGNED ||
           value->kind == RC_VALUE_BOOL;
}

static bool is_number(const struct rc_value *value)
{
    return is_integer(value) || value->kind == RC_VALUE_REAL;
}

static bool is_negative(const struct rc_value *value)
{
    return value->kind == RC_VALUE_SIGNED && value->as.signed_integer < 0;
}

static bool fits_unsigned(const struct leaf *leaf, const struct rc_value *value)
{
    unsigned bits = 8 * (unsigned)leaf->field->size;
    if (is_negative(value)) return false;
    return bits == 64 || value->as.unsigned_integer >> bits == 0;
}

static bool fits_signed(const struct leaf *leaf, const struct rc_value *value)
{
    uint64_t most = (UINT64_C(1) << (8 * leaf->field->size - 1)) - 1;
    if (is_negative(value)) return value->as.signed_integer >= -(int64_t)most - 1;
    return value->as.unsigned_integer <= most;
}

static long double as_real(const struct rc_value *value)
{
    if (value->kind == RC_VALUE_REAL) return value->as.real;
    if (value->kind == RC_VALUE_SIGNED) return (long double)value->as.signed_integer;
    return (long double)value->as.unsigned_integer;
}

static bool is_finite(long double number)
{
    return number - number == 0;
}

/* A double that rounds to the same half as the number does: what is cut off sets the last bit. */
static uint64_t bits_rounded_to_odd(long double number)
{
    double near = (double)number;
    uint64_t bits;
    if (!is_finite(near)) near = number < 0 ? -DBL_MAX : DBL_MAX;
    memcpy(&bits, &near, sizeof bits);
    if ((long double)near == number) return bits;
    bool is_beyond = number < 0 ? (long double)near < number : (long double)near > number;
    return (is_beyond ? bits - 1 : bits) | 1;
}

/* A half's bits without the sign, 0x7c00 and above for too large. A tie goes to even. */
static unsigned half_magnitude(uint64_t bits)
{
    unsigned exponent = (unsigned)(bits >> 52 & 0x7ff);
    uint64_t fraction = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    if (exponent < 1023 - 25) return 0;
    if (exponent > 1023 + 15) return 0x7c00;
    bool is_normal = exponent >= 1023 - 14;
    unsigned cut = is_normal ? 42 : 42 + (1023 - 14 - exponent);
    uint64_t kept = fraction >> cut, rest = fraction & ((UINT64_C(1) << cut) - 1);
    uint64_t tie = UINT64_C(1) << (cut - 1);
    if (rest > tie || (rest == tie && kept & 1)) kept++;
    return (unsigned)kept + (is_normal ? (exponent - 1009) << 10 : 0);
}

static uint16_t half_of(long double number)
{
    unsigned sign = __builtin_signbit(number) ? 0x8000 : 0;
    if (number != number) return (uint16_t)(sign | 0x7e00);
    if (!is_finite(number)) return (uint16_t)(sign | 0x7c00);
    unsigned magnitude = half_magnitude(bits_rounded_to_odd(number));
    return (uint16_t)(sign | (magnitude > 0x7c00 ? 0x7c00 : magnitude));
}

/* Infinities and NaN fit; what would become infinite does not. */
static bool fits_real(const struct leaf *leaf, long double number)
{
    if (!is_finite(number)) return true;
    switch (leaf->field->code) {
    case 'e':
        return (half_of(number) & 0x7fff) < 0x7c00;
    case 'f':
    case 'F':
        return is_finite((float)number);
    case 'd':
    case 'D':
        return is_finite((double)number);
    default:
        return true;
    }
}

static enum rc_status check_real(const struct leaf *leaf, const struct rc_value *value)
{
    static const char why[] = "the number is too large";
    if (leaf->class == RC__CLASS_COMPLEX && value->kind == RC_VALUE_COMPLEX) {
        bool fits = fits_real(leaf, value->as.complex_number.real) &&
                    fits_real(leaf, value->as.complex_number.imaginary);
        return fits ? RC_OK : refuse(leaf, RC_RANGE, why);
    }
    if (!is_number(value)) return refuse(leaf, RC_INVALID, "the value is no such number");
    return fits_real(leaf, as_real(value)) ? RC_OK : refuse(leaf, RC_RANGE, why);
}

static enum rc_status check_bytes(const struct leaf *leaf, const struct packing *packing,
                                  const struct rc_value *value)
{
    if (value->kind != RC_VALUE_BYTES) return refuse(leaf, RC_INVALID, "the value is no bytes");
    size_t size = value->as.bytes.size;
    if (size && !value->as.bytes.data) return refuse(leaf, RC_INVALID, "the bytes are NULL");
    if (leaf->class == RC__CLASS_CHARACTER && size != 1)
        return refuse(leaf, RC_INVALID, "the value has not one byte");
    if (leaf->class == RC__CLASS_WIDE && size % 4 != 0)
        return refuse(leaf, RC_INVALID, "the bytes are no characters of 4 each");
    uintptr_t bytes = (uintptr_t)value->as.bytes.data, item = (uintptr_t)packing->item;
    if (size && bytes < item + packing->format->itemsize && item < bytes + size)
        return refuse(leaf, RC_INVALID, "the bytes lie in the item");
    return RC_OK;
}

static enum rc_status check_value(const struct leaf *leaf, void *context)
{
    const struct packing *packing = context;
    const struct rc_value *value = &packing->values[leaf->place];
    switch (leaf->class) {
    case RC__CLASS_BOOL:
        return is_number(value) ? RC_OK : refuse(leaf, RC_INVALID, "the value is no number");
    case RC__CLASS_SIGNED:
        if (!is_integer(value)) return refuse(leaf, RC_INVALID, "the value is no integer");
        return fits_signed(leaf, value) ? RC_OK : refuse(leaf, RC_RANGE, "it does not fit");
    case RC__CLASS_UNSIGNED:
    case RC__CLASS_POINTER:
        if (!is_integer(value)) return refuse(leaf, RC_INVALID, "the value is no integer");
        return fits_unsigned(leaf, value) ? RC_OK : refuse(leaf, RC_RANGE, "it does not fit");
    case RC__CLASS_REAL:
    case RC__CLASS_COMPLEX:
        return check_real(leaf, value);
    default:
        return check_bytes(leaf, packing, value);
    }
}

/* ---- put together: written ------------------------------------------------------------------- */

static void store_real(const struct leaf *leaf, size_t part, size_t size, long double number)
{
    unsigned char *bytes = leaf->bytes + part * size;
    bool swapped = leaf->field->swapped;
    if (leaf->field->code == 'e') {
        uint16_t half = half_of(number);
        copy_number(bytes, &half, sizeof half, swapped);
    } else if (leaf->field->code == 'f' || leaf->field->code == 'F') {
        float narrow = (float)number;
        copy_number(bytes, &narrow, sizeof narrow, swapped);
    } else if (leaf->field->code == 'd' || leaf->field->code == 'D') {
        double narrow = (double)number;
        copy_number(bytes, &narrow, sizeof narrow, swapped);
    } else {
        memcpy(bytes, &number, value_size_of_long_double());
    }
}

static void store_complex(const struct leaf *leaf, const struct rc_value *value)
{
    bool is_complex = value->kind == RC_VALUE_COMPLEX;
    size_t half = leaf->field->size / 2;
    store_real(leaf, 0, half, is_complex ? value->as.complex_number.real : as_real(value));
    store_real(leaf, 1, half, is_complex ? value->as.complex_number.imaginary : 0);
}

/* The item's bytes are zero already. */
static void store_bytes(const struct leaf *leaf, const struct rc_value *value)
{
    unsigned char *bytes = leaf->bytes;
    size_t room = leaf->field->size, size = value->as.bytes.size;
    if (leaf->class == RC__CLASS_PASCAL && room) {
        room = room - 1 < 255 ? room - 1 : 255;
        *bytes++ = (unsigned char)(size < room ? size : room);
    }
    if (size > room) size = room;
    bool swapped = leaf->class == RC__CLASS_WIDE && leaf->field->swapped != value->as.bytes.swapped;
    for (size_t i = 0; swapped && i < size; i += 4)
        copy_number(bytes + i, value->as.bytes.data + i, 4, true);
    if (!swapped && size) memcpy(bytes, value->as.bytes.data, size);
}

static enum rc_status put(const struct leaf *leaf, void *context)
{
    const struct packing *packing = context;
    const struct rc_value *value = &packing->values[leaf->place];
    switch (leaf->class) {
    case RC__CLASS_BOOL:
        store_integer(leaf, as_real(value) != 0);
        break;
    case RC__CLASS_SIGNED:
    case RC__CLASS_UNSIGNED:
    case RC__CLASS_POINTER:
        store_integer(leaf, value->as.unsigned_integer);
        break;
    case RC__CLASS_REAL:
        store_real(leaf, 0, leaf->field->size, as_real(value));
        break;
    case RC__CLASS_COMPLEX:
        store_complex(leaf, value);
        break;
    default:
        store_bytes(leaf, value);
    }
    return RC_OK;
}

enum rc_status rc_format_pack(const rc_format *format, void *item, const struct rc_value *values,
                              size_t count)
{
    enum rc_status status = check("rc_format_pack", format, item, values, count);
    if (status != RC_OK) return status;
    struct packing packing = {.format = format, .item = item, .values = values};
    struct walk walk = {.visit = check_value, .context = &packing};
    status = walk_fields(&walk, format, item);
    if (status != RC_OK) return status;
    memset(item, 0, format->itemsize);
    walk = (struct walk){.visit = put, .context = &packing};
    return walk_fields(&walk, format, item);
}
