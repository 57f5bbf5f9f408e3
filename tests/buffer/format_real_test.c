/* SPDX-License-Identifier: MIT */
/* Reals and complex numbers in items: rounding, limits, orders. */
#include <float.h>
#include <math.h>

#include "format_support.h"

static struct rc_value real(long double value)
{
    struct rc_value result = {.kind = RC_VALUE_REAL};
    result.as.real = value;
    return result;
}

static enum rc_status pack_one(const char *text, struct rc_value value, void *item)
{
    rc_format *format = parsed(text);
    enum rc_status status = rc_format_pack(format, item, &value, 1);
    rc_release(format);
    return status;
}

static struct rc_value unpack_one(const char *text, const void *item)
{
    struct rc_value value;
    rc_format *format = parsed(text);
    ck_assert_int_eq(rc_format_unpack(format, item, &value, 1), RC_OK);
    rc_release(format);
    return value;
}

/* ---- halves ---------------------------------------------------------------------------------- */

/* By the definition of IEEE 754 binary16; for what is finite. */
static long double half_by_definition(unsigned half)
{
    int exponent = half >> 10 & 31;
    long double fraction = half & 0x3ff;
    long double magnitude =
        exponent ? ldexpl(1024 + fraction, exponent - 25) : ldexpl(fraction, -24);
    return half & 0x8000 ? -magnitude : magnitude;
}

START_TEST(every_half_is_itself_again)
{
    rc_format *format = parsed("e"), *swapped = parsed(IS_LITTLE ? ">e" : "<e");
    for (unsigned bits = 0; bits < 0x10000; bits++) {
        uint16_t half = (uint16_t)bits, again, turned;
        struct rc_value value;
        ck_assert_int_eq(rc_format_unpack(format, &half, &value, 1), RC_OK);
        if ((bits >> 10 & 31) != 31)
            ck_assert(value.as.real == half_by_definition(bits) &&
                      !signbit(value.as.real) == !(bits & 0x8000));
        else
            ck_assert(bits & 0x3ff ? isnan(value.as.real) : isinf(value.as.real));
        ck_assert_int_eq(rc_format_pack(format, &again, &value, 1), RC_OK);
        ck_assert_int_eq(rc_format_pack(swapped, &turned, &value, 1), RC_OK);
        bool is_nan = (bits & 0x7c00) == 0x7c00 && bits & 0x3ff;
        ck_assert_uint_eq(again, is_nan ? (again & 0x8000) | 0x7e00 | (bits & 0x1ff) : bits);
        ck_assert_uint_eq(turned, (uint16_t)(again << 8 | again >> 8));
    }
    rc_release(format), rc_release(swapped);
}
END_TEST

/* Between two halves the nearer one, at the middle the even one. */
START_TEST(halves_round_to_the_nearest_and_ties_to_even)
{
    rc_format *format = parsed("e");
    for (unsigned bits = 0; bits < 0x7bff; bits++) {
        long double low = half_by_definition(bits), high = half_by_definition(bits + 1);
        long double middle = (low + high) / 2, little = (high - low) / 1048576;
        const long double points[] = {low + little, middle - little, middle, middle + little,
                                      middle + (middle - low) * 4 * LDBL_EPSILON};
        const unsigned wanted[] = {bits, bits, bits + (bits & 1), bits + 1, bits + 1};
        for (size_t i = 0; i < 5; i++) {
            struct rc_value value = real(-points[i]);
            uint16_t half;
            if (i == 4 && points[i] == middle) continue;
            ck_assert_int_eq(rc_format_pack(format, &half, &value, 1), RC_OK);
            ck_assert_msg(half == (wanted[i] | 0x8000), "%La becomes %04x", value.as.real, half);
        }
    }
    rc_release(format);
}
END_TEST

START_TEST(a_number_too_large_for_a_half_is_refused)
{
    uint16_t half = 7;
    ck_assert_int_eq(pack_one("e", real(65519.999L), &half), RC_OK);
    ck_assert_uint_eq(half, 0x7bff);
    ck_assert_int_eq(pack_one("e", real(-65520.0L), &half), RC_RANGE);
    ck_assert_str_eq(rc_error_message(),
                     "rc_format_pack: value 0, for 'e' of 2 bytes: the number is too large");
    ck_assert_int_eq(pack_one("e", real(LDBL_MAX), &half), RC_RANGE);
    ck_assert_uint_eq(half, 0x7bff);
    ck_assert_int_eq(pack_one("e", real(-INFINITY), &half), RC_OK);
    ck_assert_uint_eq(half, 0xfc00);
    ck_assert_int_eq(pack_one("e", real(LDBL_MIN), &half), RC_OK);
    ck_assert_uint_eq(half, 0);
}
END_TEST

/* ---- floats, doubles, long doubles ----------------------------------------------------------- */

START_TEST(floats_and_doubles_of_both_orders)
{
    unsigned char item[8];
    ck_assert_int_eq(pack_one(">f", real(-1.5L), item), RC_OK);
    ck_assert_mem_eq(item, "\xbf\xc0\0\0", 4);
    ck_assert(unpack_one(">f", item).as.real == -1.5L);
    ck_assert_int_eq(pack_one("<d", real(0.1), item), RC_OK);
    ck_assert_mem_eq(item, "\x9a\x99\x99\x99\x99\x99\xb9\x3f", 8);
    ck_assert(unpack_one("<d", item).as.real == (long double)0.1);
    ck_assert_int_eq(pack_one("!d", real(-0.0L), item), RC_OK);
    ck_assert_mem_eq(item, "\x80\0\0\0\0\0\0\0", 8);
    ck_assert(signbit(unpack_one("!d", item).as.real));
    ck_assert_int_eq(unpack_one("!d", item).kind, RC_VALUE_REAL);
}
END_TEST

START_TEST(a_number_too_large_for_a_float_is_refused)
{
    float number;
    ck_assert_int_eq(pack_one("f", real(FLT_MAX), &number), RC_OK);
    ck_assert(number == FLT_MAX);
    ck_assert_int_eq(pack_one("f", real(FLT_MAX * (1 + (long double)FLT_EPSILON / 5)), &number),
                     RC_OK);
    ck_assert(number == FLT_MAX);
    ck_assert_int_eq(pack_one("f", real(FLT_MAX * (1 + (long double)FLT_EPSILON)), &number),
                     RC_RANGE);
    ck_assert_int_eq(pack_one("<f", real(-1e300L), &number), RC_RANGE);
    ck_assert_int_eq(pack_one("f", real(INFINITY), &number), RC_OK);
    ck_assert(isinf(number));
    ck_assert_int_eq(pack_one(">f", real(NAN), &number), RC_OK);
    ck_assert_int_eq(pack_one("f", real(1e-60L), &number), RC_OK);
    ck_assert(number == 0);
}
END_TEST

START_TEST(a_number_too_large_for_a_double_is_refused)
{
    double number = 3;
    ck_assert_int_eq(pack_one("d", real(DBL_MAX), &number), RC_OK);
    if (LDBL_MAX_EXP > DBL_MAX_EXP)
        ck_assert_int_eq(pack_one("d", real((long double)DBL_MAX * 2), &number), RC_RANGE);
    ck_assert(number == DBL_MAX);
    ck_assert_int_eq(pack_one("d", real(NAN), &number), RC_OK);
    ck_assert(isnan(number));
}
END_TEST

START_TEST(a_long_double_keeps_all_its_bits)
{
    struct {
        char before;
        unsigned char item[sizeof(long double)];
    } odd;
    long double third = 1.0L / 3, number = 0;
    ck_assert_int_eq(pack_one("g", real(third), odd.item), RC_OK);
    ck_assert(unpack_one("g", odd.item).as.real == third);
    memcpy(&number, odd.item, sizeof number);
    ck_assert(number == third);
    if (LDBL_MANT_DIG == 64)
        for (size_t i = 10; i < sizeof number; i++) ck_assert_uint_eq(odd.item[i], 0);
    ck_assert_int_eq(pack_one("^g", real(LDBL_MAX), odd.item), RC_OK);
    ck_assert(unpack_one("^g", odd.item).as.real == LDBL_MAX);
}
END_TEST

START_TEST(integers_become_doubles_first)
{
    struct rc_value value = {.kind = RC_VALUE_SIGNED};
    double number;
    float narrow;
    value.as.signed_integer = -((INT64_C(1) << 53) + 1);
    ck_assert_int_eq(pack_one("d", value, &number), RC_OK);
    ck_assert(number == -0x1p53);
    /* 2^63 + 2^39 + 1: as a double the 1 is lost, and a tie is left. */
    value.kind = RC_VALUE_UNSIGNED;
    value.as.unsigned_integer = (UINT64_C(1) << 63) + (UINT64_C(1) << 39) + 1;
    ck_assert_int_eq(pack_one("f", value, &narrow), RC_OK);
    ck_assert(narrow == 0x1p63f);
    value.as.unsigned_integer = UINT64_MAX;
    ck_assert_int_eq(pack_one("e", value, &narrow), RC_RANGE);
    long double wide;
    ck_assert_int_eq(pack_one("g", value, &wide), RC_OK);
    ck_assert(unpack_one("g", &wide).as.real == (long double)UINT64_MAX);
}
END_TEST

/* ---- complex numbers ------------------------------------------------------------------------- */

START_TEST(each_part_of_a_complex_number_is_swapped_alone)
{
    unsigned char item[16];
    struct rc_value value = {.kind = RC_VALUE_COMPLEX};
    value.as.complex_number.real = 1;
    value.as.complex_number.imaginary = -2;
    ck_assert_int_eq(pack_one(">Zf", value, item), RC_OK);
    ck_assert_mem_eq(item, "\x3f\x80\0\0\xc0\0\0\0", 8);
    ck_assert_int_eq(pack_one("<Zd", value, item), RC_OK);
    ck_assert_mem_eq(item, "\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\xc0", 16);
    struct rc_value again = unpack_one("<Zd", item);
    ck_assert_int_eq(again.kind, RC_VALUE_COMPLEX);
    ck_assert(again.as.complex_number.real == 1 && again.as.complex_number.imaginary == -2);
}
END_TEST

START_TEST(either_part_of_a_complex_number_may_be_too_large)
{
    unsigned char item[8];
    struct rc_value value = {.kind = RC_VALUE_COMPLEX};
    value.as.complex_number.real = 1;
    value.as.complex_number.imaginary = 1e39L;
    ck_assert_int_eq(pack_one("Zf", value, item), RC_RANGE);
    ck_assert_str_eq(rc_error_message(),
                     "rc_format_pack: value 0, for 'Zf' of 8 bytes: the number is too large");
    value.as.complex_number.real = -1e39L;
    value.as.complex_number.imaginary = 0;
    ck_assert_int_eq(pack_one("Zf", value, item), RC_RANGE);
    ck_assert_int_eq(pack_one("Zf", real(1e39L), item), RC_RANGE);
    ck_assert_int_eq(pack_one("Zf", real(2), item), RC_OK);
    ck_assert(unpack_one("Zf", item).as.complex_number.real == 2);
    ck_assert(unpack_one("Zf", item).as.complex_number.imaginary == 0);
}
END_TEST

START_TEST(long_complex_numbers_keep_all_their_bits)
{
    unsigned char item[2 * sizeof(long double)];
    struct rc_value value = {.kind = RC_VALUE_COMPLEX};
    value.as.complex_number.real = 1.0L / 3;
    value.as.complex_number.imaginary = -LDBL_MAX;
    ck_assert_int_eq(pack_one("Zg", value, item), RC_OK);
    struct rc_value again = unpack_one("Zg", item);
    ck_assert(again.as.complex_number.real == 1.0L / 3);
    ck_assert(again.as.complex_number.imaginary == -LDBL_MAX);
}
END_TEST

HARNESS_MAIN("buffer/format_real", every_half_is_itself_again,
             halves_round_to_the_nearest_and_ties_to_even, a_number_too_large_for_a_half_is_refused,
             floats_and_doubles_of_both_orders, a_number_too_large_for_a_float_is_refused,
             a_number_too_large_for_a_double_is_refused, a_long_double_keeps_all_its_bits,
             integers_become_doubles_first, each_part_of_a_complex_number_is_swapped_alone,
             either_part_of_a_complex_number_may_be_too_large,
             long_complex_numbers_keep_all_their_bits)
