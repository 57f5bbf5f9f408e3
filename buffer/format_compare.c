/* SPDX-License-Identifier: MIT */
/* Items compared by their values. */
#include "format_layout.h"

/* ---- two values ------------------------------------------------------------------------------ */

static bool is_integer(const struct rc_value *value)
{
    return value->kind == RC_VALUE_BOOL || value->kind == RC_VALUE_SIGNED ||
           value->kind == RC_VALUE_UNSIGNED;
}

static bool is_negative(const struct rc_value *value)
{
    return value->kind == RC_VALUE_SIGNED && value->as.signed_integer < 0;
}

static long double real_of(const struct rc_value *value)
{
    if (value->kind == RC_VALUE_COMPLEX) return value->as.complex_number.real;
    if (value->kind == RC_VALUE_REAL) return value->as.real;
    if (value->kind == RC_VALUE_SIGNED) return (long double)value->as.signed_integer;
    return (long double)value->as.unsigned_integer;
}

static long double imaginary_of(const struct rc_value *value)
{
    return value->kind == RC_VALUE_COMPLEX ? value->as.complex_number.imaginary : 0;
}

static bool bytes_are_equal(const struct rc_value *a, const struct rc_value *b)
{
    size_t size = a->as.bytes.size;
    if (size != b->as.bytes.size) return false;
    if (a->as.bytes.swapped == b->as.bytes.swapped)
        return size == 0 || memcmp(a->as.bytes.data, b->as.bytes.data, size) == 0;
    for (size_t i = 0; i < size; i++)
        if (a->as.bytes.data[i] != b->as.bytes.data[i ^ 3]) return false;
    return true;
}

/* A long double holds every integer of 64 bits, where it is wider than a double. */
static bool values_are_equal(const struct rc_value *a, const struct rc_value *b)
{
    if (a->kind == RC_VALUE_BYTES || b->kind == RC_VALUE_BYTES)
        return a->kind == b->kind && bytes_are_equal(a, b);
    if (is_integer(a) && is_integer(b))
        return is_negative(a) == is_negative(b) && a->as.unsigned_integer == b->as.unsigned_integer;
    return real_of(a) == real_of(b) && imaginary_of(a) == imaginary_of(b);
}

/* ---- two items of equal formats -------------------------------------------------------------- */

struct pair {
    const unsigned char *a, *b;
};

/* The leaf of the other item lies at the same place. */
static enum rc_status compare_leaf(const struct rc__leaf *leaf, void *context)
{
    const struct pair *pair = context;
    struct rc__leaf other = *leaf;
    other.bytes = (unsigned char *)(uintptr_t)(pair->b + (leaf->bytes - pair->a));
    struct rc_value a = rc__leaf_load(leaf), b = rc__leaf_load(&other);
    return values_are_equal(&a, &b) ? RC_OK : RC_FORMAT;
}

/* ---- two items of any formats ---------------------------------------------------------------- */

/* As many values at a time, so that no memory is needed. */
enum { WINDOW = 32 };

struct window {
    size_t first;
    struct rc_value values[WINDOW];
};

static enum rc_status keep(const struct rc__leaf *leaf, void *context)
{
    struct window *window = context;
    if (leaf->place < window->first) return RC_OK;
    if (leaf->place - window->first >= WINDOW) return RC_RANGE; /* full */
    window->values[leaf->place - window->first] = rc__leaf_load(leaf);
    return RC_OK;
}

static bool window_is_equal(const rc_format *a, const unsigned char *item_a, const rc_format *b,
                            const unsigned char *item_b, size_t first)
{
    struct window left = {.first = first}, right = {.first = first};
    size_t count = a->value_count - first < WINDOW ? a->value_count - first : WINDOW;
    (void)rc__format_walk(a, (unsigned char *)(uintptr_t)item_a, keep, &left);
    (void)rc__format_walk(b, (unsigned char *)(uintptr_t)item_b, keep, &right);
    for (size_t i = 0; i < count; i++)
        if (!values_are_equal(&left.values[i], &right.values[i])) return false;
    return true;
}

bool rc__items_are_equal(const rc_format *a, const unsigned char *item_a, const rc_format *b,
                         const unsigned char *item_b)
{
    if (rc_format_equal(a, b)) {
        struct pair pair = {item_a, item_b};
        return rc__format_walk(a, (unsigned char *)(uintptr_t)item_a, compare_leaf, &pair) == RC_OK;
    }
    if (a->value_count != b->value_count) return false;
    for (size_t first = 0; first < a->value_count; first += WINDOW)
        if (!window_is_equal(a, item_a, b, item_b, first)) return false;
    return true;
}
