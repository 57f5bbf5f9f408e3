/* SPDX-License-Identifier: MIT */
#include "buffer/view.h"

#include <math.h>

#include "view_model.h"

/* A row of one element. */
static rc_view *item_of(const char *format, const void *item)
{
    rc_view *view = rc_view_new_zeroed(format, 1, SHAPE(1));
    ck_assert_msg(view != NULL, "%s: %s", format, rc_error_message());
    memcpy(rc_view_edit(view), item, view->itemsize);
    return view;
}

static bool items_equal(const char *a_format, const void *a, const char *b_format, const void *b)
{
    rc_view *a_view = item_of(a_format, a), *b_view = item_of(b_format, b);
    bool equal = rc_view_equal(a_view, b_view);
    ck_assert_int_eq(rc_view_equal(b_view, a_view), equal);
    rc_release(a_view);
    rc_release(b_view);
    return equal;
}

/* @p value as an item of that format. */
static rc_view *packed(const char *format, struct rc_value value)
{
    rc_view *view = rc_view_new_zeroed(format, 1, SHAPE(1));
    ASSERT_OK(rc_format_pack(view->format, rc_view_edit(view), &value, 1));
    return view;
}

static struct rc_value integer(int64_t number)
{
    struct rc_value value = {.kind = RC_VALUE_SIGNED};
    value.as.signed_integer = number;
    return value;
}

/* ---- values ---------------------------------------------------------------------------------- */

START_TEST(a_number_equals_itself_in_every_format)
{
    static const char *const formats[] = {"b",  "B",  "h",  "H",  "i",  "I",  "q",   "Q",
                                          ">h", ">i", ">q", ">Q", "e",  "f",  "d",   "g",
                                          ">e", ">f", ">d", "Zf", "Zd", "Zg", ">Zd", "T{>i:x:}"};
    for (size_t n = 0; n < COUNT_OF(formats) * COUNT_OF(formats); n++) {
        const char *a_format = formats[n % COUNT_OF(formats)];
        const char *b_format = formats[n / COUNT_OF(formats)];
        rc_view *a = packed(a_format, integer(100)), *b = packed(b_format, integer(100));
        rc_view *c = packed(b_format, integer(101));
        ck_assert_msg(rc_view_equal(a, b), "100 in %s and %s", a_format, b_format);
        ck_assert_msg(!rc_view_equal(a, c), "100 in %s and 101 in %s", a_format, b_format);
        rc_release(a);
        rc_release(b);
        rc_release(c);
    }
}
END_TEST

START_TEST(large_integers_equal_reals_exactly)
{
    static const int64_t odd = ((int64_t)1 << 53) + 1, least = INT64_MIN, most = INT64_MAX;
    static const uint64_t top = UINT64_MAX, half = (uint64_t)1 << 63;
    double near = 9007199254740992.0, low = -9223372036854775808.0, high = 9223372036854775808.0;
    double all = 18446744073709551616.0, minus = -1.0, inf = INFINITY, part = 0.5;
    static const int64_t none = 0, one = -1;
    ck_assert(!items_equal("q", &odd, "d", &near));
    ck_assert(items_equal("q", &least, "d", &low));
    ck_assert(!items_equal("q", &most, "d", &high));
    ck_assert(items_equal("Q", &half, "d", &high));
    ck_assert(!items_equal("Q", &top, "d", &all));
    ck_assert(!items_equal("Q", &top, "d", &minus));
    ck_assert(!items_equal("Q", &top, "q", &one));
    ck_assert(items_equal("q", &one, "d", &minus));
    ck_assert(!items_equal("q", &least, "d", &inf));
    ck_assert(!items_equal("q", &none, "d", &part));
    ck_assert(!items_equal("Q", &half, "q", &least));
}
END_TEST

START_TEST(nan_equals_nothing_and_zeros_are_equal)
{
    double nan = NAN, zero = 0.0, minus = -0.0, complex_nan[2] = {0, NAN};
    float float_nan = NAN;
    static const int none = 0;
    ck_assert(!items_equal("d", &nan, "d", &nan));
    ck_assert(!items_equal("f", &float_nan, "f", &float_nan));
    ck_assert(!items_equal("Zd", complex_nan, "Zd", complex_nan));
    ck_assert(!items_equal("T{d:x:}", &nan, "T{d:x:}", &nan));
    ck_assert(items_equal("d", &zero, "d", &minus));
    ck_assert(items_equal("i", &none, "d", &minus));
    rc_view *view = item_of("d", &nan);
    ck_assert(!rc_view_equal(view, view));
    rc_release(view);
}
END_TEST

START_TEST(complex_numbers_have_two_parts)
{
    static const double number[2] = {3, 0}, other[2] = {3, 1}, real = 3;
    static const int three = 3;
    ck_assert(items_equal("Zd", number, "d", &real));
    ck_assert(items_equal("Zd", number, "i", &three));
    ck_assert(!items_equal("Zd", other, "d", &real));
    ck_assert(!items_equal("Zd", other, "i", &three));
    ck_assert(!items_equal("Zd", other, "Zd", number));
}
END_TEST

START_TEST(a_complex_number_is_true_unless_both_parts_are_0)
{
    for (int n = 0; n < 4; n++) {
        struct rc_value value = {.kind = RC_VALUE_COMPLEX};
        value.as.complex_number.real = n % 2;
        value.as.complex_number.imaginary = n / 2;
        rc_view *truth = packed("?", value), *expected = packed("B", integer(n != 0));
        ck_assert(rc_view_equal(truth, expected));
        rc_release(truth);
        rc_release(expected);
    }
}
END_TEST

START_TEST(every_truth_is_1)
{
    static const unsigned char one = 1, two = 2, none = 0;
    ck_assert(items_equal("?", &one, "?", &two));
    ck_assert(items_equal("?", &two, "B", &one));
    ck_assert(!items_equal("?", &two, "B", &two));
    ck_assert(!items_equal("?", &none, "?", &one));
}
END_TEST

START_TEST(bytes_are_equal_by_content)
{
    ck_assert(items_equal("3s", "abc", "3s", "abc"));
    ck_assert(!items_equal("3s", "abc", "3s", "abd"));
    ck_assert(!items_equal("3s", "abc", "4s", "abc"));
    ck_assert(items_equal("4p", "\2abx", "5p", "\2abyz"));
    ck_assert(items_equal("4p", "\2abx", "2s", "ab"));
    ck_assert(items_equal("c", "a", "s", "a"));
    ck_assert(!items_equal("c", "a", "s", "b"));
    ck_assert(!items_equal("2s", "ab", "3p", "\2ac"));
    ck_assert(!items_equal("c", "a", "B", "a"));
    ck_assert(items_equal("0s", "", "p", "\0"));
}
END_TEST

START_TEST(elements_without_bytes_are_compared_one_by_one_with_others)
{
    static const char *const others[] = {"\0x\0x", "\0x\1x"}; /* two of "2p": the lengths */
    for (size_t i = 0; i < 2; i++) {
        rc_view *none = rc_view_new_zeroed("0s", 1, SHAPE(2));
        rc_view *other = rc_view_new_zeroed("2p", 1, SHAPE(2));
        memcpy(rc_view_edit(other), others[i], 4);
        ck_assert_int_eq(rc_view_equal(none, other), i == 0);
        ck_assert_int_eq(rc_view_equal(other, none), i == 0);
        ck_assert(rc_view_equal(none, none));
        rc_release(none);
        rc_release(other);
    }
}
END_TEST

START_TEST(characters_are_equal_in_either_order)
{
    static const unsigned char little[] = {0x41, 0, 0, 0, 0x42, 1, 0, 0};
    static const unsigned char big[] = {0, 0, 0, 0x41, 0, 0, 1, 0x42};
    static const unsigned char first[] = {0, 0, 0, 0x40, 0, 0, 1, 0x42};
    static const unsigned char last[] = {0, 0, 0, 0x41, 0, 0, 1, 0x43};
    ck_assert(items_equal("<2w", little, ">2w", big));
    ck_assert(!items_equal("<2w", little, ">2w", first));
    ck_assert(!items_equal("<2w", little, ">2w", last));
    ck_assert(!items_equal("<2w", little, "<2w", big));
    ck_assert(!items_equal("<w", little, "<2w", little));
    ck_assert(!items_equal("<w", little, "4s", little));
}
END_TEST

START_TEST(records_are_equal_leaf_by_leaf)
{
    static const struct {
        int id;
        double value;
    } record = {7, 1.5};
    static const struct {
        double value, id;
    } turned = {1.5, 7};
    static const int three[] = {1, 2, 3};
    static const double reals[] = {1, 2, 3};
    ck_assert(items_equal("T{i:id:d:value:}", &record, "T{i:a:d:b:}", &record));
    ck_assert(!items_equal("T{i:id:d:value:}", &record, "T{d:value:d:id:}", &turned));
    ck_assert(items_equal("3i", three, "T{d:a:T{2d:b:}:c:}", reals));
    ck_assert(items_equal("(1,3)i", three, "ddd", reals));
    ck_assert(!items_equal("3i", three, "2d", reals));
    ck_assert(items_equal("3iT{}", three, "^8x0i3d", (const double[]){0, 1, 2, 3}));
    ck_assert(items_equal("2x", "ab", "3x", "cde"));
    ck_assert(!items_equal("2x", "ab", "B", "c"));
    rc_view *empty = rc_view_new_zeroed("1000000000T{}", 1, SHAPE(2));
    ck_assert(rc_view_equal(empty, empty));
    rc_release(empty);
}
END_TEST

START_TEST(padding_does_not_count)
{
    struct padded {
        char a;
        int b;
    } one, two;
    memset(&one, 0, sizeof one);
    memset(&two, 0xFF, sizeof two);
    one.a = two.a = 1;
    one.b = two.b = 2;
    ck_assert(items_equal("T{b:a:i:b:}", &one, "T{b:a:i:b:}", &two));
    two.b = 3;
    ck_assert(!items_equal("T{b:a:i:b:}", &one, "T{b:a:i:b:}", &two));
}
END_TEST

/* ---- views ----------------------------------------------------------------------------------- */

START_TEST(shapes_have_to_be_equal)
{
    rc_view *view = rc_view_new_zeroed("i", 2, SHAPE(2, 6));
    rc_view *other = rc_view_reshape(view, 2, SHAPE(3, 4), 'C');
    rc_view *flat = rc_view_reshape(view, 1, SHAPE(12), 'C');
    ck_assert(!rc_view_equal(view, other) && !rc_view_equal(view, flat));
    ck_assert(rc_view_equal(view, view));
    rc_view *none = rc_view_slice(view, 0, 0, 0, 1),
            *bytes = rc_view_new_zeroed("3s", 2, none->shape);
    ck_assert(rc_view_equal(none, bytes));
    rc_view *scalar = rc_view_new_zeroed("i", 0, NULL), *zero = rc_view_new_zeroed("d", 0, NULL);
    ck_assert(rc_view_equal(scalar, zero));
    rc_release(zero);
    rc_release(scalar);
    rc_release(bytes);
    rc_release(none);
    rc_release(flat);
    rc_release(other);
    rc_release(view);
    rc_error_clear();
    ck_assert(!rc_view_equal(NULL, NULL));
    ASSERT_LAST_ERROR(RC_INVALID, "rc_view_equal: the view is NULL");
}
END_TEST

/* Copies of any layout are equal, and not any more once one element is changed. */
START_TEST(every_layout_is_compared_at_every_place)
{
    static const char *const formats[] = {"B", "h", "i", "d", "f", "3B", "T{h:a:B:b:}", ">q", "?"};
    struct model_random random = {0xABCDEF12345u};
    for (size_t n = 0; n < 900; n++) {
        rc_view *view = model_random_view(&random, formats[n % 9], n / 9 % 5, 5);
        memset(rc_buffer_edit(view->base), 1, view->base->size);
        rc_view *copy = rc_view_copy_new(view, n % 2 ? 'C' : 'F');
        rc_view *turned = rc_view_permute(copy, (const size_t[]){0, 1, 2, 3});
        ck_assert(rc_view_equal(view, turned));
        size_t index[8];
        for (size_t i = 0; i < view->ndim; i++) index[i] = model_below(&random, view->shape[i]);
        unsigned char *place = rc_view_edit_at(copy, index);
        place[0] = 0;
        ck_assert(!rc_view_equal(view, turned));
        ck_assert(!rc_view_equal(turned, view));
        rc_release(turned);
        rc_release(copy);
        rc_release(view);
    }
}
END_TEST

START_TEST(rows_that_lie_apart_are_compared)
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
    rc_view *view = rc_view_new_with(addresses, &layout), *copy = rc_view_copy_new(view, 'C');
    ck_assert(rc_view_equal(view, copy) && rc_view_equal(copy, view) && rc_view_equal(view, view));
    *(int *)rc_view_edit_at(copy, SHAPE(1, 2)) = 61;
    ck_assert(!rc_view_equal(view, copy) && !rc_view_equal(copy, view));
    rc_release(copy);
    rc_release(view);
    rc_release(addresses);
}
END_TEST

HARNESS_MAIN("buffer/view_equal", a_number_equals_itself_in_every_format,
             large_integers_equal_reals_exactly, nan_equals_nothing_and_zeros_are_equal,
             complex_numbers_have_two_parts, a_complex_number_is_true_unless_both_parts_are_0,
             every_truth_is_1, bytes_are_equal_by_content,
             elements_without_bytes_are_compared_one_by_one_with_others,
             characters_are_equal_in_either_order, records_are_equal_leaf_by_leaf,
             padding_does_not_count, shapes_have_to_be_equal,
             every_layout_is_compared_at_every_place, rows_that_lie_apart_are_compared)
