/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Items put together, in two walks: first all values are checked, then they are written. */
#include <float.h>

#include "format_layout.h"

/* ---- what fits ------------------------------------------------------------------------------- */

struct packing {
    const rc_format *format;
    const unsigned char *item;
    const struct rc_value *values;
};

static enum rc_status refuse(const struct rc__leaf *leaf, enum rc_status status, const char *why)
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

static bool fits_signed(const struct rc__leaf *leaf, const struct rc_value *value)
{
    uint64_t most = (UINT64_C(1) << (8 * leaf->field->size - 1)) - 1;
    if (is_negative(value)) return value->as.signed_integer >= -(int64_t)most - 1;
    return value->as.unsigned_integer <= most;
}

/* As in struct, an address may be given as the negative number of the same bits. */
static bool fits_unsigned(const struct rc__leaf *leaf, const struct rc_value *value)
{
    unsigned bits = 8 * (unsigned)leaf->field->size;
    if (is_negative(value)) return leaf->class == RC__CLASS_POINTER && fits_signed(leaf, value);
    return bits == 64 || value->as.unsigned_integer >> bits == 0;
}

/* The number for a field of that code. Python's integers become doubles before all else, and so do
 * these, where a long double would round once less. */
static long double as_real(const struct rc_value *value, char code)
{
    bool is_long = code == 'g' || code == 'G';
    int64_t with_sign = value->as.signed_integer;
    uint64_t without = value->as.unsigned_integer;
    if (value->kind == RC_VALUE_REAL) return value->as.real;
    if (value->kind == RC_VALUE_SIGNED)
        return is_long ? (long double)with_sign : (long double)(double)with_sign;
    return is_long ? (long double)without : (long double)(double)without;
}

static bool is_true(const struct rc_value *value)
{
    if (value->kind == RC_VALUE_REAL) return value->as.real != 0;
    if (value->kind == RC_VALUE_COMPLEX)
        return value->as.complex_number.real != 0 || value->as.complex_number.imaginary != 0;
    return value->as.unsigned_integer != 0;
}

static bool is_finite(long double number)
{
    return number - number == 0;
}

static uint64_t bits_of(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* A double that rounds to the same half as the number does: what is cut off sets the last bit. */
static uint64_t bits_rounded_to_odd(long double number)
{
    double near = (double)number;
    if (!is_finite(near)) near = number < 0 ? -DBL_MAX : DBL_MAX;
    uint64_t bits = bits_of(near);
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
    if (number != number)
        return (uint16_t)(sign | 0x7e00 | (bits_of((double)number) >> 42 & 0x1ff));
    if (!is_finite(number)) return (uint16_t)(sign | 0x7c00);
    unsigned magnitude = half_magnitude(bits_rounded_to_odd(number));
    return (uint16_t)(sign | (magnitude > 0x7c00 ? 0x7c00 : magnitude));
}

/* Infinities and NaN fit; what would become infinite does not. */
static bool fits_real(const struct rc__leaf *leaf, long double number)
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

static enum rc_status check_real(const struct rc__leaf *leaf, const struct rc_value *value)
{
    static const char why[] = "the number is too large";
    if (leaf->class == RC__CLASS_COMPLEX && value->kind == RC_VALUE_COMPLEX) {
        bool fits = fits_real(leaf, value->as.complex_number.real) &&
                    fits_real(leaf, value->as.complex_number.imaginary);
        return fits ? RC_OK : refuse(leaf, RC_RANGE, why);
    }
    if (!is_number(value)) return refuse(leaf, RC_INVALID, "the value is no such number");
    return fits_real(leaf, as_real(value, leaf->field->code)) ? RC_OK : refuse(leaf, RC_RANGE, why);
}

static enum rc_status check_bytes(const struct rc__leaf *leaf, const struct packing *packing,
                                  const struct rc_value *value)
{
    if (value->kind != RC_VALUE_BYTES) return refuse(leaf, RC_INVALID, "the value is no bytes");
    size_t size = value->as.bytes.size;
    if (size && !value->as.bytes.data) return refuse(leaf, RC_INVALID, "the bytes are NULL");
    if (leaf->class == RC__CLASS_CHARACTER && size != 1)
        return refuse(leaf, RC_INVALID, "a character has one byte");
    if (leaf->class == RC__CLASS_WIDE && size % 4 != 0)
        return refuse(leaf, RC_INVALID, "the bytes are no characters of 4 each");
    uintptr_t bytes = (uintptr_t)value->as.bytes.data, item = (uintptr_t)packing->item;
    if (size && bytes < item + packing->format->itemsize && item < bytes + size)
        return refuse(leaf, RC_INVALID, "the bytes lie in the item");
    return RC_OK;
}

static enum rc_status check_value(const struct rc__leaf *leaf, void *context)
{
    const struct packing *packing = context;
    const struct rc_value *value = &packing->values[leaf->place];
    switch (leaf->class) {
    case RC__CLASS_BOOL:
        return is_number(value) || value->kind == RC_VALUE_COMPLEX
                   ? RC_OK
                   : refuse(leaf, RC_INVALID, "the value is no number");
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

/* ---- what is written ------------------------------------------------------------------------- */

static void store_integer(const struct rc__leaf *leaf, uint64_t number)
{
    rc__copy_number(leaf->bytes, rc__low_bytes(&number, leaf->field->size), leaf->field->size,
                    leaf->field->swapped);
}

static void store_real(const struct rc__leaf *leaf, size_t part, size_t size, long double number)
{
    unsigned char *bytes = leaf->bytes + part * size;
    bool swapped = leaf->field->swapped;
    if (leaf->field->code == 'e') {
        uint16_t half = half_of(number);
        rc__copy_number(bytes, &half, sizeof half, swapped);
    } else if (leaf->field->code == 'f' || leaf->field->code == 'F') {
        float narrow = (float)number;
        rc__copy_number(bytes, &narrow, sizeof narrow, swapped);
    } else if (leaf->field->code == 'd' || leaf->field->code == 'D') {
        double narrow = (double)number;
        rc__copy_number(bytes, &narrow, sizeof narrow, swapped);
    } else {
        memcpy(bytes, &number, RC__LONG_DOUBLE_BYTES);
    }
}

static void store_complex(const struct rc__leaf *leaf, const struct rc_value *value)
{
    bool is_complex = value->kind == RC_VALUE_COMPLEX;
    size_t half = leaf->field->size / 2;
    store_real(leaf, 0, half,
               is_complex ? value->as.complex_number.real : as_real(value, leaf->field->code));
    store_real(leaf, 1, half, is_complex ? value->as.complex_number.imaginary : 0);
}

/* The item's bytes are zero already. As in struct, a Pascal string holds what there is room for,
 * though its length says 255 at most. */
static void store_bytes(const struct rc__leaf *leaf, const struct rc_value *value)
{
    unsigned char *bytes = leaf->bytes;
    size_t room = leaf->field->size, size = value->as.bytes.size;
    if (leaf->class == RC__CLASS_PASCAL && room) {
        room--;
        size_t length = size < room ? size : room;
        *bytes++ = (unsigned char)(length < 255 ? length : 255);
    }
    if (size > room) size = room;
    bool swapped = leaf->class == RC__CLASS_WIDE && leaf->field->swapped != value->as.bytes.swapped;
    for (size_t i = 0; swapped && i < size; i += 4)
        rc__copy_number(bytes + i, value->as.bytes.data + i, 4, true);
    if (!swapped && size) memcpy(bytes, value->as.bytes.data, size);
}

static enum rc_status put(const struct rc__leaf *leaf, void *context)
{
    const struct packing *packing = context;
    const struct rc_value *value = &packing->values[leaf->place];
    switch (leaf->class) {
    case RC__CLASS_BOOL:
        store_integer(leaf, is_true(value));
        break;
    case RC__CLASS_SIGNED:
    case RC__CLASS_UNSIGNED:
    case RC__CLASS_POINTER:
        store_integer(leaf, value->as.unsigned_integer);
        break;
    case RC__CLASS_REAL:
        store_real(leaf, 0, leaf->field->size, as_real(value, leaf->field->code));
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
    enum rc_status status = rc__format_check_call("rc_format_pack", format, item, values, count);
    if (status != RC_OK) return status;
    struct packing packing = {.format = format, .item = item, .values = values};
    status = rc__format_walk(format, item, check_value, &packing);
    if (status != RC_OK) return status;
    memset(item, 0, format->itemsize);
    return rc__format_walk(format, item, put, &packing);
}
