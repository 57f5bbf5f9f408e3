/* SPDX-License-Identifier: MIT */
#include "buffer/view.h"

#include "view_model.h"

/* ---- reshape --------------------------------------------------------------------------------- */

/* The same elements in the same order. */
static void assert_same_order(const rc_view *a, const rc_view *b, char order)
{
    unsigned char *bytes = model_bytes(a, order), *others = model_bytes(b, order);
    ck_assert_uint_eq(a->size * a->itemsize, b->size * b->itemsize);
    ck_assert_mem_eq(bytes, others, a->size * a->itemsize);
    free(bytes);
    free(others);
}

START_TEST(a_contiguous_view_takes_any_shape)
{
    rc_view *view = rc_view_new_zeroed("i", 2, SHAPE(4, 6));
    support_fill(view->base, 1, 0);
    rc_view *cube = rc_view_reshape(view, 4, SHAPE(2, 1, 3, 4), 'C');
    model_assert_dimensions(cube, 4, SHAPE(2, 1, 3, 4), STRIDES(48, 48, 16, 4));
    assert_same_order(view, cube, 'C');
    rc_view *row = rc_view_reshape(cube, 1, SHAPE(24), 'C');
    model_assert_dimensions(row, 1, SHAPE(24), STRIDES(4));
    rc_view *fortran = rc_view_reshape(row, 2, SHAPE(4, 6), 'F');
    model_assert_dimensions(fortran, 2, SHAPE(4, 6), STRIDES(4, 16));
    assert_same_order(row, fortran, 'F');
    rc_release(fortran);
    rc_release(row);
    rc_release(cube);
    rc_release(view);
}
END_TEST

START_TEST(one_element_and_none_take_any_shape_too)
{
    rc_view *view = rc_view_new_zeroed("d", 3, SHAPE(1, 1, 1));
    rc_view *none = rc_view_reshape(view, 0, NULL, 'C');
    ck_assert_uint_eq(none->ndim, 0);
    rc_view *many = rc_view_reshape(none, 2, SHAPE(1, 1), 'F');
    ck_assert_uint_eq(many->size, 1);
    rc_release(many);
    rc_release(none);
    rc_release(view);
    view = rc_view_new_zeroed("d", 2, SHAPE(0, 3));
    many = rc_view_reshape(view, 3, SHAPE(5, 0, 7), 'C');
    model_assert_dimensions(many, 3, SHAPE(5, 0, 7), STRIDES(56, 56, 8));
    rc_release(many);
    rc_release(view);
}
END_TEST

START_TEST(gaps_stay_where_a_dimension_ends)
{
    rc_view *view = rc_view_new_zeroed("i", 2, SHAPE(6, 8));
    support_fill(view->base, 2, 0);
    rc_view *part = rc_view_slice(view, 1, 0, 6, 1);
    rc_view *cube = rc_view_reshape(part, 4, SHAPE(2, 3, 1, 6), 'C');
    model_assert_dimensions(cube, 4, SHAPE(2, 3, 1, 6), STRIDES(96, 32, 32, 4));
    assert_same_order(part, cube, 'C');
    ASSERT_NULL(rc_view_reshape(part, 1, SHAPE(36), 'C'), RC_UNSUPPORTED,
                "only a copy of the elements can have the shape (36,) in order C");
    ASSERT_NULL(rc_view_reshape(part, 2, SHAPE(4, 9), 'C'), RC_UNSUPPORTED, "only a copy");
    rc_view *back = rc_view_slice(view, 0, RC_VIEW_OPEN, RC_VIEW_OPEN, -1);
    ASSERT_NULL(rc_view_reshape(back, 1, SHAPE(48), 'C'), RC_UNSUPPORTED, "only a copy");
    rc_view *pairs = rc_view_reshape(back, 3, SHAPE(3, 2, 8), 'C');
    model_assert_dimensions(pairs, 3, SHAPE(3, 2, 8), STRIDES(-64, -32, 4));
    rc_release(pairs);
    rc_release(back);
    rc_release(cube);
    rc_release(part);
    rc_release(view);
}
END_TEST

START_TEST(another_number_of_elements_is_refused)
{
    rc_view *view = rc_view_new_zeroed("i", 2, SHAPE(4, 6));
    ASSERT_NULL(rc_view_reshape(view, 2, SHAPE(5, 5), 'C'), RC_INVALID,
                "24 elements to the shape (5, 5) of 25");
    ASSERT_NULL(rc_view_reshape(view, 1, SHAPE((size_t)-1), 'C'), RC_INVALID, "(-1,) is negative");
    ASSERT_NULL(rc_view_reshape(view, 1, NULL, 'C'), RC_INVALID, "is NULL");
    ASSERT_NULL(rc_view_reshape(view, 1, SHAPE(24), 'A'), RC_INVALID, "characters of \"CF\"");
    ASSERT_NULL(rc_view_reshape(NULL, 1, SHAPE(24), 'C'), RC_INVALID, "rc_view_reshape: the view");
    rc_release(view);
}
END_TEST

/* Whether the elements of @p view, in the order, are where some strides of the shape could say: with
 * numbers of the model alone. */
static bool model_can_reshape(const rc_view *view, size_t ndim, const size_t *shape, char order)
{
    size_t index[8] = {0}, other[8] = {0};
    ptrdiff_t strides[8] = {0};
    const unsigned char *places[4096];
    for (size_t i = 0; i < view->size; i++) {
        places[i] = model_at(view, index);
        model_next(view->ndim, view->shape, order, index);
    }
    for (size_t i = 0, step = 1; i < ndim; i++) {
        size_t place = order == 'F' ? i : ndim - 1 - i;
        if (shape[place] > 1) strides[place] = places[step] - places[0];
        step *= shape[place];
    }
    for (size_t i = 0; i < view->size; i++) {
        const unsigned char *place = places[0];
        for (size_t j = 0; j < ndim; j++) place += (ptrdiff_t)other[j] * strides[j];
        if (place != places[i]) return false;
        model_next(ndim, shape, order, other);
    }
    return true;
}

/* A shape of @p size elements. */
static size_t random_shape(struct model_random *random, size_t size, size_t *shape)
{
    size_t ndim = 0;
    while (size > 1 && ndim < 5) {
        size_t factor = 1 + model_below(random, size);
        while (size % factor) factor--;
        shape[ndim++] = factor;
        size /= factor;
    }
    shape[ndim++] = size;
    return ndim;
}

START_TEST(a_view_is_reshaped_exactly_where_strides_can_say_so)
{
    struct model_random random = {0x9E3779B97F4A7C15u};
    size_t done = 0, refused = 0;
    for (size_t n = 0; n < 2000; n++) {
        rc_view *view = model_random_view(&random, "h", 1 + n % 4, 5);
        char order = n % 2 ? 'C' : 'F';
        size_t shape[8], ndim = random_shape(&random, view->size, shape);
        rc_view *other = rc_view_reshape(view, ndim, shape, order);
        ck_assert_int_eq(other != NULL, model_can_reshape(view, ndim, shape, order));
        if (other) {
            done++;
            model_check(other);
            assert_same_order(view, other, order);
        } else {
            refused++;
            ck_assert_int_eq(rc_error_status(), RC_UNSUPPORTED);
        }
        rc_release(other);
        rc_release(view);
    }
    ck_assert_uint_ge(done, 300);
    ck_assert_uint_ge(refused, 300);
}
END_TEST

/* ---- cast ------------------------------------------------------------------------------------ */

START_TEST(bytes_are_cast_to_elements_and_back)
{
    rc_buffer *buffer = support_buffer(48, 1);
    rc_view *bytes = rc_view_new(buffer, NULL);
    rc_view *doubles = rc_view_cast(bytes, "d", 0, NULL);
    model_assert_dimensions(doubles, 1, SHAPE(6), STRIDES(8));
    ck_assert_str_eq(doubles->format->text, "d");
    rc_view *cube = rc_view_cast(bytes, "i", 3, SHAPE(2, 3, 2));
    model_assert_dimensions(cube, 3, SHAPE(2, 3, 2), STRIDES(24, 8, 4));
    rc_view *back = rc_view_cast(cube, "c", 1, SHAPE(48));
    model_assert_dimensions(back, 1, SHAPE(48), STRIDES(1));
    rc_view *flat = rc_view_cast(cube, "=b", 0, NULL);
    model_assert_dimensions(flat, 1, SHAPE(48), STRIDES(1));
    rc_view *records = rc_view_cast(flat, "T{<i:a:>d:b:}", 2, SHAPE(2, 2));
    model_assert_dimensions(records, 2, SHAPE(2, 2), STRIDES(24, 12));
    rc_release(records);
    rc_release(flat);
    rc_release(back);
    rc_release(cube);
    rc_release(doubles);
    rc_release(bytes);
    rc_release(buffer);
}
END_TEST

START_TEST(a_cast_to_no_dimension_needs_one_element)
{
    rc_buffer *buffer = support_buffer(8, 1);
    rc_view *bytes = rc_view_new(buffer, NULL);
    rc_view *one = rc_view_cast(bytes, "d", 0, SHAPE(0));
    ck_assert_uint_eq(one->ndim, 0);
    rc_view *row = rc_view_cast(one, "B", 0, NULL);
    model_assert_dimensions(row, 1, SHAPE(8), STRIDES(1));
    ASSERT_NULL(rc_view_cast(bytes, "i", 0, SHAPE(0)), RC_RANGE, "8 bytes to the shape ()");
    rc_release(row);
    rc_release(one);
    rc_release(bytes);
    rc_release(buffer);
}
END_TEST

START_TEST(a_cast_keeps_the_rules_of_memoryview)
{
    rc_view *view = rc_view_new_zeroed("i", 2, SHAPE(3, 4)), *row = rc_view_index(view, 0, 0);
    rc_view *bytes = rc_view_cast(row, "B", 0, NULL), *odd = rc_view_slice(bytes, 0, 0, 16, 2);
    rc_view *none = rc_view_slice(bytes, 0, 0, 0, 1), *wide = rc_view_slice(view, 1, 0, 0, 1);
    ASSERT_NULL(rc_view_cast(view, "f", 0, NULL), RC_FORMAT,
                "neither \"i\" nor \"f\" is one of b, B and c");
    ASSERT_NULL(rc_view_cast(row, "?", 0, NULL), RC_FORMAT, "neither");
    ASSERT_NULL(rc_view_cast(odd, "h", 0, NULL), RC_INVALID, "not contiguous in order C");
    ASSERT_NULL(rc_view_cast(view, "B", 2, SHAPE(3, 16)), RC_INVALID,
                "2 dimensions to 2, and neither is 1");
    ASSERT_NULL(rc_view_cast(bytes, "3h", 0, NULL), RC_RANGE,
                "16 bytes are no multiple of items of 6");
    ASSERT_NULL(rc_view_cast(bytes, "h", 2, SHAPE(2, 3)), RC_RANGE,
                "16 bytes to the shape (2, 3) of items of 2");
    ASSERT_NULL(rc_view_cast(bytes, "h", 2, SHAPE(8, 0)), RC_INVALID, "the shape (8, 0) is 0");
    ASSERT_NULL(rc_view_cast(bytes, "h", 1, SHAPE((size_t)-1)), RC_INVALID, "is negative");
    ASSERT_NULL(rc_view_cast(bytes, "h", 2, SHAPE(PTRDIFF_MAX, 3)), RC_OVERFLOW, "more than");
    ASSERT_NULL(rc_view_cast(bytes, "h", 65, SHAPE(1)), RC_INVALID, "65 dimensions");
    ASSERT_NULL(rc_view_cast(bytes, "0s", 0, NULL), RC_INVALID, "\"0s\" has no bytes");
    ASSERT_NULL(rc_view_cast(bytes, "y", 0, NULL), RC_FORMAT, "position 0");
    ASSERT_NULL(rc_view_cast(bytes, NULL, 0, NULL), RC_INVALID, "text is NULL");
    ASSERT_NULL(rc_view_cast(NULL, "B", 0, NULL), RC_INVALID, "rc_view_cast: the view is NULL");
    ASSERT_NULL(rc_view_cast(none, "h", 1, SHAPE(0)), RC_INVALID, "without elements");
    ASSERT_NULL(rc_view_cast(wide, "B", 0, NULL), RC_INVALID, "without elements");
    rc_view *empty = rc_view_cast(none, "d", 0, NULL);
    ck_assert_uint_eq(empty->size, 0);
    rc_release(empty);
    rc_release(none);
    rc_release(wide);
    rc_release(odd);
    rc_release(bytes);
    rc_release(row);
    rc_release(view);
}
END_TEST

/* ---- fields ---------------------------------------------------------------------------------- */

START_TEST(a_field_of_each_record_is_a_view)
{
    rc_view *view = rc_view_new_zeroed("T{i:id:4xd:value:3h:rgb:}", 2, SHAPE(2, 3));
    ck_assert_uint_eq(view->itemsize, 24);
    rc_view *id = rc_view_field(view, "id"), *value = rc_view_field(view, "value");
    rc_view *rgb = rc_view_field(view, "rgb");
    ck_assert_str_eq(id->format->text, "i");
    model_assert_dimensions(id, 2, SHAPE(2, 3), STRIDES(72, 24));
    ck_assert_str_eq(value->format->text, "d");
    ck_assert_ptr_eq(value->data, view->data + 8);
    model_assert_dimensions(rgb, 3, SHAPE(2, 3, 3), STRIDES(72, 24, 2));
    ck_assert_uint_eq(rgb->size, 18);
    ck_assert_ptr_eq(rgb->data, view->data + 16);
    model_check(id);
    model_check(value);
    model_check(rgb);
    rc_release(id);
    rc_release(value);
    rc_release(rgb);
    rc_release(view);
}
END_TEST

START_TEST(the_format_of_a_field_means_what_it_meant_in_the_record)
{
    static const struct {
        const char *record, *text;
        size_t itemsize;
    } cases[] = {
        {"T{>d:f:}", ">d", 8},
        {"T{<l:f:}", "<l", 4},
        {"T{l:f:}", "l", sizeof(long)},
        {"T{Zd:f:}", "Zd", 16},
        {"T{>Zf:f:}", ">Zf", 8},
        {"T{12s:f:}", "12s", 12},
        {"T{>3w:f:}", ">3w", 12},
        {"T{w:f:}", "w", 4},
        {"T{5p:f:}", "5p", 5},
        {"T{n:f:}", "n", sizeof(size_t)},
        {"xxT{i:g:=h:f:}", "h", 2},
        {"T{T{c:a:i:b:}:f:}", "^T{^c:a:3x^i:b:}", 8},
        {"T{>T{c:a:(2,3)i:b:4x}:f:}", "^T{^c:a:>(2,3)i:b:4x}", 29},
        {"T{<T{T{d:x:}:a:2xq}:f:}", "^T{^T{<d:x:}:a:2x<q}", 18},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        rc_view *view = rc_view_new_zeroed(cases[i].record, 1, SHAPE(2));
        rc_view *field = rc_view_field(view, "f");
        ck_assert_msg(field != NULL, "%s: %s", cases[i].record, rc_error_message());
        rc_format *expected = rc_format_new(cases[i].text);
        ck_assert(rc_format_equal(field->format, expected));
        rc_release(expected);
        ck_assert_uint_eq(field->itemsize, cases[i].itemsize);
        model_check(field);
        rc_release(field);
        rc_release(view);
    }
}
END_TEST

static void check_fields_behind_padding(const char *record)
{
    rc_view *view = rc_view_new_zeroed(record, 1, SHAPE(3));
    rc_view *a = rc_view_field(view, "a"), *b = rc_view_field(view, "b");
    ck_assert_ptr_eq(a->data, view->data + 4);
    ck_assert_ptr_eq(b->data, view->data + 6);
    model_assert_dimensions(a, 1, SHAPE(3), STRIDES(8));
    model_assert_dimensions(b, 1, SHAPE(3), STRIDES(8));
    rc_release(b);
    rc_release(a);
    rc_release(view);
}

START_TEST(fields_behind_padding_begin_where_it_ends)
{
    check_fields_behind_padding("4xh:a:h:b:");
    check_fields_behind_padding("4xT{h:a:h:b:}");
}
END_TEST

START_TEST(a_field_is_aligned_behind_the_one_before)
{
    rc_view *view = rc_view_new_zeroed("i:a:h:b:", 1, SHAPE(3)), *b = rc_view_field(view, "b");
    ck_assert_ptr_eq(b->data, view->data + 4);
    rc_release(b);
    rc_release(view);
}
END_TEST

START_TEST(without_a_name_a_sub_array_becomes_dimensions)
{
    rc_view *view = rc_view_new_zeroed("(2,3)d", 1, SHAPE(5)), *flat = rc_view_field(view, "");
    model_assert_dimensions(flat, 3, SHAPE(5, 2, 3), STRIDES(48, 24, 8));
    rc_release(flat);
    rc_release(view);
}
END_TEST

START_TEST(a_field_that_is_not_there_is_refused)
{
    rc_view *view = rc_view_new_zeroed("T{i:id:}", 1, SHAPE(3));
    ASSERT_NULL(rc_view_field(view, "ID"), RC_FORMAT, "items of \"T{i:id:}\" have no field \"ID\"");
    ASSERT_NULL(rc_view_field(view, NULL), RC_INVALID, "the name is NULL");
    ASSERT_NULL(rc_view_field(NULL, "id"), RC_INVALID, "rc_view_field: the view is NULL");
    rc_release(view);
    size_t shape[60];
    for (size_t i = 0; i < 60; i++) shape[i] = 1;
    view = rc_view_new_zeroed("(1,1,1,1,1)d:a:(1,1,1,1)d:b:", 60, shape);
    ASSERT_NULL(rc_view_field(view, "a"), RC_INVALID, "65 dimensions");
    rc_view *field = rc_view_field(view, "b");
    ck_assert_uint_eq(field->ndim, 64);
    rc_release(field);
    rc_release(view);
}
END_TEST

HARNESS_MAIN("buffer/view_reshape", a_contiguous_view_takes_any_shape,
             one_element_and_none_take_any_shape_too, gaps_stay_where_a_dimension_ends,
             another_number_of_elements_is_refused,
             a_view_is_reshaped_exactly_where_strides_can_say_so,
             bytes_are_cast_to_elements_and_back, a_cast_to_no_dimension_needs_one_element,
             a_cast_keeps_the_rules_of_memoryview, a_field_of_each_record_is_a_view,
             the_format_of_a_field_means_what_it_meant_in_the_record,
             a_field_is_aligned_behind_the_one_before, fields_behind_padding_begin_where_it_ends,
             without_a_name_a_sub_array_becomes_dimensions, a_field_that_is_not_there_is_refused)
