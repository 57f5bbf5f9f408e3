/* SPDX-License-Identifier: MIT */
#include "buffer/view.h"

#include <float.h>
#include <math.h>

#include "view_model.h"

static struct rc_value sum_of(const rc_view *view)
{
    struct rc_value value = {.kind = RC_VALUE_NONE};
    ASSERT_OK(rc_view_sum(view, &value));
    return value;
}

static bool same_real(long double a, long double b)
{
    return (a == b && signbit(a) == signbit(b)) || (isnan(a) && isnan(b));
}

/* ---- integers -------------------------------------------------------------------------------- */

/* The sum as the model has it, by taking each element apart. */
static uint64_t model_sum(const rc_view *view)
{
    size_t index[8] = {0};
    uint64_t total = 0;
    for (size_t i = 0; i < view->size; i++) {
        struct rc_value value;
        ASSERT_OK(rc_format_unpack(view->format, model_at(view, index), &value, 1));
        uint64_t number = value.as.unsigned_integer;
        total = total > UINT64_MAX - number ? total - (UINT64_MAX - number) - 1 : total + number;
        model_next(view->ndim, view->shape, 'C', index);
    }
    return total;
}

START_TEST(integers_of_every_size_and_order_are_added)
{
    static const char *const formats[] = {"b",  "B",  "h",  "H",  "i",  "I",   "l",    "L",
                                          "q",  "Q",  "n",  "N",  ">h", ">H",  ">i",   ">I",
                                          ">q", ">Q", "<i", "<q", "?",  "x<h", "3xB2x"};
    struct model_random random = {12345};
    for (size_t n = 0; n < COUNT_OF(formats) * 20; n++) {
        rc_view *view = model_random_view(&random, formats[n % COUNT_OF(formats)], n % 4, 19);
        struct rc_value sum = sum_of(view);
        bool is_signed = strchr("bhilqn", view->format->fields->code) != NULL;
        ck_assert_int_eq(sum.kind, is_signed ? RC_VALUE_SIGNED : RC_VALUE_UNSIGNED);
        ck_assert_uint_eq(sum.as.unsigned_integer, model_sum(view));
        rc_release(view);
    }
}
END_TEST

START_TEST(integers_wrap_at_64_bits)
{
    static const int64_t numbers[] = {INT64_MAX, INT64_MAX, 5, -1};
    rc_buffer *buffer = rc_buffer_copy(numbers, sizeof numbers);
    rc_view *view = rc_view_new(buffer, "q"), *same = rc_view_new(buffer, "Q");
    ck_assert_int_eq(sum_of(view).as.signed_integer, 2);
    ck_assert_uint_eq(sum_of(same).as.unsigned_integer, 2);
    rc_release(same);
    rc_release(view);
    rc_release(buffer);
}
END_TEST

/* ---- reals ----------------------------------------------------------------------------------- */

/* Small integers, so that every order of adding gives the same. */
START_TEST(reals_of_every_size_and_order_are_added)
{
    static const char *const formats[] = {"d",  "f",  "e",  "g",  ">d", ">f",  ">e",  "<d",
                                          "<f", "<e", "Zd", "Zf", "Zg", ">Zd", "<Zf", "x^d"};
    struct model_random random = {999};
    for (size_t n = 0; n < COUNT_OF(formats) * 20; n++) {
        const char *format = formats[n % COUNT_OF(formats)];
        rc_view *view = model_random_view(&random, format, n % 4, n % 7 ? 9 : 60);
        size_t index[8] = {0};
        long double real = 0, imaginary = 0;
        bool is_complex = strchr(format, 'Z') != NULL;
        for (size_t i = 0; i < view->size; i++) {
            struct rc_value value = {.kind = RC_VALUE_COMPLEX};
            value.as.complex_number.real = (long double)model_below(&random, 9) - 4;
            value.as.complex_number.imaginary = (long double)model_below(&random, 9) - 4;
            real += value.as.complex_number.real;
            if (is_complex) imaginary += value.as.complex_number.imaginary;
            if (!is_complex) {
                value.kind = RC_VALUE_REAL;
                value.as.real = value.as.complex_number.real;
            }
            ASSERT_OK(rc_format_pack(view->format, rc_view_edit_at(view, index), &value, 1));
            model_next(view->ndim, view->shape, 'C', index);
        }
        struct rc_value sum = sum_of(view);
        ck_assert_int_eq(sum.kind, is_complex ? RC_VALUE_COMPLEX : RC_VALUE_REAL);
        ck_assert(is_complex ? sum.as.complex_number.real == real &&
                                   sum.as.complex_number.imaginary == imaginary
                             : sum.as.real == real);
        rc_release(view);
    }
}
END_TEST

START_TEST(every_half_is_read_as_it_is_taken_apart)
{
    rc_buffer *buffer = rc_buffer_new(2);
    rc_view *view = rc_view_new(buffer, "e");
    uint16_t *half = rc_buffer_edit(buffer);
    for (unsigned bits = 0; bits < 65536; bits++) {
        *half = (uint16_t)bits;
        struct rc_value value;
        ASSERT_OK(rc_format_unpack(view->format, half, &value, 1));
        struct rc_value sum = sum_of(view);
        ck_assert_msg(same_real(sum.as.real, value.as.real), "half %04x", bits);
    }
    rc_release(view);
    rc_release(buffer);
}
END_TEST

/* Integers of 52 bits, whose sum the model has exactly, in two halves. One after the other they would
 * be wrong by hundreds of times the last digit. */
START_TEST(many_reals_are_added_pairwise)
{
    enum { COUNT = 1000000 };
    struct model_random random = {1};
    rc_view *view = rc_view_new_zeroed("d", 1, SHAPE(COUNT));
    double *numbers = rc_view_edit(view);
    uint64_t upper[2] = {0, 0}, lower[2] = {0, 0};
    for (size_t i = 0; i < COUNT; i++) {
        size_t high = model_below(&random, 1 << 26), low = model_below(&random, 1 << 26);
        numbers[i] = (double)high * (1 << 26) + (double)low;
        upper[i % 2] += high;
        lower[i % 2] += low;
    }
    long double odd_exact = (long double)upper[1] * (1 << 26) + (long double)lower[1];
    long double exact = (long double)upper[0] * (1 << 26) + (long double)lower[0] + odd_exact;
    rc_view *odd = rc_view_slice(view, 0, 1, RC_VIEW_OPEN, 2);
    ck_assert(fabsl(sum_of(view).as.real - exact) <= 20 * DBL_EPSILON * exact);
    ck_assert(fabsl(sum_of(odd).as.real - odd_exact) <= 80 * DBL_EPSILON * odd_exact);
    rc_release(odd);
    rc_release(view);
    view = rc_view_new_zeroed("f", 2, SHAPE(1001, 333));
    for (size_t i = 0; i < view->size; i++) ((float *)rc_view_edit(view))[i] = 0.1f;
    exact = 333333 * (long double)0.1f;
    ck_assert(fabsl(sum_of(view).as.real - exact) <= 20 * DBL_EPSILON * exact);
    rc_release(view);
}
END_TEST

START_TEST(all_layouts_of_the_same_numbers_have_one_sum)
{
    rc_view *view = rc_view_new_zeroed("d", 3, SHAPE(17, 23, 29));
    double *numbers = rc_view_edit(view);
    for (size_t i = 0; i < view->size; i++) numbers[i] = (double)(i % 1000) - 300;
    long double sum = sum_of(view).as.real;
    rc_view *turned = rc_view_transpose(view), *mixed = rc_view_permute(view, SHAPE(1, 2, 0));
    rc_view *back = rc_view_slice(mixed, 1, RC_VIEW_OPEN, RC_VIEW_OPEN, -1);
    ck_assert(sum_of(turned).as.real == sum);
    ck_assert(sum_of(back).as.real == sum);
    rc_view *wide = rc_view_broadcast(view, 4, SHAPE(3, 17, 23, 29));
    ck_assert(sum_of(wide).as.real == 3 * sum);
    rc_release(wide);
    rc_release(back);
    rc_release(mixed);
    rc_release(turned);
    rc_release(view);
}
END_TEST

START_TEST(unaligned_reals_are_added)
{
    rc_buffer *buffer = rc_buffer_new(8 * 100 + 1);
    for (size_t i = 0; i < 100; i++) {
        double number = (double)i;
        memcpy((unsigned char *)rc_buffer_edit(buffer) + 1 + 8 * i, &number, 8);
    }
    const struct rc_view_layout layout = {
        .struct_size = sizeof layout, .format = "d", .offset = 1, .ndim = 1};
    rc_view *view = rc_view_new_with(buffer, &layout);
    ck_assert(sum_of(view).as.real == 4950);
    rc_release(view);
    rc_release(buffer);
}
END_TEST

/* ---- edges ----------------------------------------------------------------------------------- */

START_TEST(no_elements_add_up_to_0)
{
    rc_view *view = rc_view_new_zeroed("d", 2, SHAPE(3, 0));
    struct rc_value sum = sum_of(view);
    ck_assert_int_eq(sum.kind, RC_VALUE_REAL);
    ck_assert(sum.as.real == 0 && !signbit(sum.as.real));
    rc_release(view);
    view = rc_view_new_zeroed("b", 1, SHAPE(0));
    sum = sum_of(view);
    ck_assert_int_eq(sum.kind, RC_VALUE_SIGNED);
    ck_assert_int_eq(sum.as.signed_integer, 0);
    rc_release(view);
}
END_TEST

START_TEST(zeros_keep_their_sign_and_infinities_stay)
{
    for (size_t count = 1; count < 70; count++) {
        rc_view *view = rc_view_new_zeroed(count % 2 ? "d" : "f", 1, &count);
        for (size_t i = 0; i < count; i++) {
            if (count % 2)
                ((double *)rc_view_edit(view))[i] = -0.0;
            else
                ((float *)rc_view_edit(view))[i] = -0.0f;
        }
        long double sum = sum_of(view).as.real;
        ck_assert(sum == 0 && signbit(sum));
        rc_release(view);
    }
    rc_view *view = rc_view_new_zeroed("d", 1, SHAPE(40));
    double *numbers = rc_view_edit(view);
    numbers[7] = INFINITY;
    ck_assert(isinf(sum_of(view).as.real));
    numbers[33] = -INFINITY;
    ck_assert(isnan(sum_of(view).as.real));
    rc_release(view);
}
END_TEST

START_TEST(what_is_no_number_is_refused)
{
    static const char *const formats[] = {"c", "s", "4p", "w", "2i", "T{i:a:}", "P", "ii", "x"};
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        rc_view *view = rc_view_new_zeroed(formats[i], 1, SHAPE(2));
        struct rc_value sum = {.kind = RC_VALUE_BOOL};
        ASSERT_REFUSED(rc_view_sum(view, &sum), RC_FORMAT, "are no numbers to be added");
        ck_assert_int_eq(sum.kind, RC_VALUE_BOOL);
        rc_release(view);
    }
    rc_view *view = rc_view_new_zeroed("d", 0, NULL);
    struct rc_value sum;
    ASSERT_REFUSED(rc_view_sum(view, NULL), RC_INVALID, "place for the sum is NULL");
    ASSERT_REFUSED(rc_view_sum(NULL, &sum), RC_INVALID, "rc_view_sum: the view is NULL");
    rc_release(view);
}
END_TEST

START_TEST(numbers_in_rows_that_lie_apart_are_added)
{
    static const int rows[2][3] = {{1, 2, 3}, {40, 50, 60}};
    rc_buffer *addresses = rc_buffer_new(2 * sizeof(void *));
    for (size_t i = 0; i < 2; i++) ((const void **)rc_buffer_edit(addresses))[i] = rows[i];
    const struct rc_view_layout layout = {.struct_size = sizeof layout,
                                          .format = "i",
                                          .ndim = 2,
                                          .shape = SHAPE(2, 3),
                                          .strides = STRIDES(sizeof(void *), sizeof(int)),
                                          .suboffsets = STRIDES(0, -1)};
    rc_view *view = rc_view_new_with(addresses, &layout);
    ck_assert_int_eq(sum_of(view).as.signed_integer, 156);
    rc_release(view);
    rc_release(addresses);
}
END_TEST

HARNESS_MAIN("buffer/view_sum", integers_of_every_size_and_order_are_added,
             integers_wrap_at_64_bits, reals_of_every_size_and_order_are_added,
             every_half_is_read_as_it_is_taken_apart, many_reals_are_added_pairwise,
             all_layouts_of_the_same_numbers_have_one_sum, unaligned_reals_are_added,
             no_elements_add_up_to_0, zeros_keep_their_sign_and_infinities_stay,
             what_is_no_number_is_refused, numbers_in_rows_that_lie_apart_are_added)
