/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Sums of up to a block of elements.
 *
 * One sum waits for itself at each addition; four or more go on side by side. They begin at -0.0,
 * to which adding any number gives that number, -0.0 too.
 */
#include "view_sum.h"

/* ---- elements -------------------------------------------------------------------------------- */

#define DEFINE_LOAD(name, type, bits, expression)                                                  \
    static inline type load_##name(const unsigned char *place)                                     \
    {                                                                                              \
        bits raw;                                                                                  \
        memcpy(&raw, place, sizeof raw);                                                           \
        return expression;                                                                         \
    }

static inline double float_of(uint32_t bits)
{
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static inline double double_of(uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* IEEE 754 binary16: made a binary32 whose exponent is too small by 112, and scaled up. */
static inline double half_of(uint16_t bits)
{
    uint32_t sign = (uint32_t)(bits & 0x8000) << 16, magnitude = (uint32_t)(bits & 0x7fff) << 13;
    if (magnitude >= (uint32_t)0x7c00 << 13)
        return float_of(sign | (magnitude | (uint32_t)0x7f800000));
    return float_of(sign | magnitude) * 5192296858534827628530496329220096.0; /* 2^112 */
}

DEFINE_LOAD(e, double, uint16_t, half_of(raw))
DEFINE_LOAD(f, double, float, raw)
DEFINE_LOAD(d, double, double, raw)
DEFINE_LOAD(g, long double, long double, raw)
DEFINE_LOAD(swapped_e, double, uint16_t, half_of(__builtin_bswap16(raw)))
DEFINE_LOAD(swapped_f, double, uint32_t, float_of(__builtin_bswap32(raw)))
DEFINE_LOAD(swapped_d, double, uint64_t, double_of(__builtin_bswap64(raw)))

DEFINE_LOAD(bool, uint64_t, uint8_t, raw != 0)
DEFINE_LOAD(i8, uint64_t, int8_t, (uint64_t)(int64_t)raw)
DEFINE_LOAD(u8, uint64_t, uint8_t, raw)
DEFINE_LOAD(i16, uint64_t, int16_t, (uint64_t)(int64_t)raw)
DEFINE_LOAD(u16, uint64_t, uint16_t, raw)
DEFINE_LOAD(i32, uint64_t, int32_t, (uint64_t)(int64_t)raw)
DEFINE_LOAD(u32, uint64_t, uint32_t, raw)
DEFINE_LOAD(u64, uint64_t, uint64_t, raw)
DEFINE_LOAD(swapped_i16, uint64_t, uint16_t, (uint64_t)(int64_t)(int16_t)__builtin_bswap16(raw))
DEFINE_LOAD(swapped_u16, uint64_t, uint16_t, __builtin_bswap16(raw))
DEFINE_LOAD(swapped_i32, uint64_t, uint32_t, (uint64_t)(int64_t)(int32_t)__builtin_bswap32(raw))
DEFINE_LOAD(swapped_u32, uint64_t, uint32_t, __builtin_bswap32(raw))
DEFINE_LOAD(swapped_u64, uint64_t, uint64_t, __builtin_bswap64(raw))

/* ---- loops ----------------------------------------------------------------------------------- */

static inline long double add_reals(long double a, long double b)
{
    return a + b;
}

static inline double add_doubles(double a, double b)
{
    return a + b;
}

/* Wraps. */
static inline uint64_t add_integers(uint64_t a, uint64_t b)
{
    (void)__builtin_add_overflow(a, b, &a);
    return a;
}

#define DEFINE_SUM(name, result, type, zero, add)                                                  \
    static result sum_##name(const unsigned char *place, ptrdiff_t stride, size_t count)           \
    {                                                                                              \
        type a = (zero), b = (zero), c = (zero), d = (zero);                                       \
        for (; count >= 4; count -= 4, place += 4 * stride) {                                      \
            a = add(a, load_##name(place));                                                        \
            b = add(b, load_##name(place + stride));                                               \
            c = add(c, load_##name(place + 2 * stride));                                           \
            d = add(d, load_##name(place + 3 * stride));                                           \
        }                                                                                          \
        for (; count > 0; count--, place += stride) a = add(a, load_##name(place));                \
        return add(add(a, b), add(c, d));                                                          \
    }

DEFINE_SUM(e, long double, double, -0.0, add_doubles)
DEFINE_SUM(swapped_e, long double, double, -0.0, add_doubles)
DEFINE_SUM(swapped_f, long double, double, -0.0, add_doubles)
DEFINE_SUM(swapped_d, long double, double, -0.0, add_doubles)
DEFINE_SUM(f, long double, double, -0.0, add_doubles)
DEFINE_SUM(d, long double, double, -0.0, add_doubles)
DEFINE_SUM(g, long double, long double, -0.0L, add_reals)

DEFINE_SUM(bool, uint64_t, uint64_t, 0, add_integers)
DEFINE_SUM(i8, uint64_t, uint64_t, 0, add_integers)
DEFINE_SUM(u8, uint64_t, uint64_t, 0, add_integers)
DEFINE_SUM(i16, uint64_t, uint64_t, 0, add_integers)
DEFINE_SUM(u16, uint64_t, uint64_t, 0, add_integers)
DEFINE_SUM(i32, uint64_t, uint64_t, 0, add_integers)
DEFINE_SUM(u32, uint64_t, uint64_t, 0, add_integers)
DEFINE_SUM(u64, uint64_t, uint64_t, 0, add_integers)
DEFINE_SUM(swapped_i16, uint64_t, uint64_t, 0, add_integers)
DEFINE_SUM(swapped_u16, uint64_t, uint64_t, 0, add_integers)
DEFINE_SUM(swapped_i32, uint64_t, uint64_t, 0, add_integers)
DEFINE_SUM(swapped_u32, uint64_t, uint64_t, 0, add_integers)
DEFINE_SUM(swapped_u64, uint64_t, uint64_t, 0, add_integers)

/* ---- two side by side ------------------------------------------------------------------------ */

typedef double two __attribute__((vector_size(16)));
typedef double two_anywhere __attribute__((vector_size(16), aligned(1), may_alias));
typedef float two_floats __attribute__((vector_size(8)));
typedef double four __attribute__((vector_size(32)));
typedef float four_floats __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t two_integers __attribute__((vector_size(16)));
typedef uint64_t two_integers_anywhere __attribute__((vector_size(16), aligned(1), may_alias));

/* By pointer, since how a vector is passed depends on the processor. */
static inline void add_two_d(two *sum, const unsigned char *place)
{
    *sum += *(const two_anywhere *)(const void *)place;
}

static inline void add_two_f(two *sum, const unsigned char *place)
{
    two_floats floats;
    memcpy(&floats, place, sizeof floats);
    *sum += __builtin_convertvector(floats, two);
}

static inline void add_two_u64(two_integers *sum, const unsigned char *place)
{
    *sum += *(const two_integers_anywhere *)(const void *)place;
}

/* ---- without gaps ---------------------------------------------------------------------------- */

static inline void add_four_d(two *sums, const unsigned char *place)
{
    add_two_d(sums, place);
    add_two_d(sums + 1, place + 2 * sizeof(double));
}

/* Four floats at once are two conversions; two at once are two as well. */
static inline void add_four_f(two *sums, const unsigned char *place)
{
    four all = __builtin_convertvector(*(const four_floats *)(const void *)place, four);
    sums[0] += (two){all[0], all[1]};
    sums[1] += (two){all[2], all[3]};
}

static inline void add_four_u64(two_integers *sums, const unsigned char *place)
{
    add_two_u64(sums, place);
    add_two_u64(sums + 1, place + 2 * sizeof(uint64_t));
}

/* Sixteen sums. */
#define DEFINE_DENSE_SUM(name, result, type, pair, element, zero, add)                             \
    static result sum_dense_##name(const unsigned char *place, ptrdiff_t stride, size_t count)     \
    {                                                                                              \
        if (stride != sizeof(type)) return sum_##name(place, stride, count);                       \
        const pair none = {(zero), (zero)};                                                        \
        pair sums[8] = {none, none, none, none, none, none, none, none};                           \
        for (; count >= 16; count -= 16, place += 16 * sizeof(type)) {                             \
            add_four_##name(sums, place);                                                          \
            add_four_##name(sums + 2, place + 4 * sizeof(type));                                   \
            add_four_##name(sums + 4, place + 8 * sizeof(type));                                   \
            add_four_##name(sums + 6, place + 12 * sizeof(type));                                  \
        }                                                                                          \
        pair all = ((sums[0] + sums[1]) + (sums[2] + sums[3])) +                                   \
                   ((sums[4] + sums[5]) + (sums[6] + sums[7]));                                    \
        return add(add(all[0], all[1]), (element)sum_##name(place, sizeof(type), count));          \
    }

DEFINE_DENSE_SUM(d, long double, double, two, double, -0.0, add_doubles)
DEFINE_DENSE_SUM(f, long double, float, two, double, -0.0, add_doubles)
DEFINE_DENSE_SUM(u64, uint64_t, uint64_t, two_integers, uint64_t, 0, add_integers)

/* ---- complex numbers, both parts at once ----------------------------------------------------- */

#define DEFINE_COMPLEX_SUM(name, type)                                                             \
    static void sum_complex_##name(const unsigned char *place, ptrdiff_t stride, size_t count,     \
                                   long double sums[2])                                            \
    {                                                                                              \
        two a = {-0.0, -0.0}, b = a, c = a, d = a;                                                 \
        for (; count >= 4; count -= 4, place += 4 * stride) {                                      \
            add_two_##type(&a, place);                                                             \
            add_two_##type(&b, place + stride);                                                    \
            add_two_##type(&c, place + 2 * stride);                                                \
            add_two_##type(&d, place + 3 * stride);                                                \
        }                                                                                          \
        for (; count > 0; count--, place += stride) add_two_##type(&a, place);                     \
        a = (a + b) + (c + d);                                                                     \
        sums[0] = a[0];                                                                            \
        sums[1] = a[1];                                                                            \
    }

DEFINE_COMPLEX_SUM(F, f)
DEFINE_COMPLEX_SUM(D, d)

/* ---- which ----------------------------------------------------------------------------------- */

rc__sum_reals *rc__sum_reals_of(const struct rc_format_field *field)
{
    switch (field->code) {
    case 'e':
        return field->swapped ? sum_swapped_e : sum_e;
    case 'f':
    case 'F':
        return field->swapped ? sum_swapped_f : sum_dense_f;
    case 'd':
    case 'D':
        return field->swapped ? sum_swapped_d : sum_dense_d;
    case 'g':
    case 'G':
        return sum_g;
    default:
        return NULL;
    }
}

rc__sum_complex *rc__sum_complex_of(const struct rc_format_field *field)
{
    if (field->swapped) return NULL;
    return field->code == 'D' ? sum_complex_D : field->code == 'F' ? sum_complex_F : NULL;
}

static rc__sum_integers *sum_signed_of(size_t size, bool swapped)
{
    switch (size) {
    case 1:
        return sum_i8;
    case 2:
        return swapped ? sum_swapped_i16 : sum_i16;
    case 4:
        return swapped ? sum_swapped_i32 : sum_i32;
    default:
        return swapped ? sum_swapped_u64 : sum_dense_u64;
    }
}

static rc__sum_integers *sum_unsigned_of(size_t size, bool swapped)
{
    switch (size) {
    case 1:
        return sum_u8;
    case 2:
        return swapped ? sum_swapped_u16 : sum_u16;
    case 4:
        return swapped ? sum_swapped_u32 : sum_u32;
    default:
        return swapped ? sum_swapped_u64 : sum_dense_u64;
    }
}

rc__sum_integers *rc__sum_integers_of(const struct rc_format_field *field)
{
    switch (rc__format_class_of(field)) {
    case RC__CLASS_BOOL:
        return sum_bool;
    case RC__CLASS_SIGNED:
        return sum_signed_of(field->size, field->swapped);
    case RC__CLASS_UNSIGNED:
        return sum_unsigned_of(field->size, field->swapped);
    default:
        return NULL;
    }
}
