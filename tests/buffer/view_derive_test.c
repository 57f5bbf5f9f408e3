/* SPDX-License-Identifier: MIT */
#include "buffer/view.h"

#include "view_model.h"

#define OPEN RC_VIEW_OPEN

/* ---- index ----------------------------------------------------------------------------------- */

START_TEST(an_index_takes_one_dimension_away)
{
    rc_view *view = rc_view_new_zeroed("i", 3, SHAPE(2, 3, 4));
    rc_view *first = rc_view_index(view, 0, 1), *middle = rc_view_index(view, 1, -1);
    rc_view *last = rc_view_index(view, 2, 0);
    model_assert_dimensions(first, 2, SHAPE(3, 4), STRIDES(16, 4));
    ck_assert_ptr_eq(first->data, view->data + 48);
    model_assert_dimensions(middle, 2, SHAPE(2, 4), STRIDES(48, 4));
    ck_assert_ptr_eq(middle->data, view->data + 32);
    model_assert_dimensions(last, 2, SHAPE(2, 3), STRIDES(48, 16));
    ck_assert_ptr_eq(last->data, view->data);
    model_check(first);
    model_check(middle);
    model_check(last);
    rc_release(first);
    rc_release(middle);
    rc_release(last);
    rc_release(view);
}
END_TEST

START_TEST(an_index_that_is_not_there_is_refused)
{
    rc_view *view = rc_view_new_zeroed("i", 2, SHAPE(2, 3));
    ASSERT_NULL(rc_view_index(view, 0, 2), RC_RANGE, "index 2 of dimension 0, which has 2");
    ASSERT_NULL(rc_view_index(view, 1, -4), RC_RANGE, "index -4 of dimension 1, which has 3");
    ASSERT_NULL(rc_view_index(view, 1, PTRDIFF_MIN), RC_RANGE, "of dimension 1");
    ASSERT_NULL(rc_view_index(view, 1, PTRDIFF_MAX), RC_RANGE, "of dimension 1");
    ASSERT_NULL(rc_view_index(view, 2, 0), RC_RANGE, "dimension 2 of a view that has 2");
    ASSERT_NULL(rc_view_index(NULL, 0, 0), RC_INVALID, "rc_view_index: the view is NULL");
    rc_release(view);
}
END_TEST

/* ---- slice ----------------------------------------------------------------------------------- */

/* Python's slice as its reference has it: which places does it name? */
static size_t model_slice(size_t length, ptrdiff_t start, ptrdiff_t stop, ptrdiff_t step,
                          size_t *places)
{
    long n = (long)length, from = start, to = stop, count = 0;
    if (start == OPEN)
        from = step > 0 ? 0 : n - 1;
    else if (from < 0)
        from = from + n < 0 ? (step > 0 ? 0 : -1) : from + n;
    else if (from >= n)
        from = step > 0 ? n : n - 1;
    if (stop == OPEN)
        to = step > 0 ? n : -1;
    else if (to < 0)
        to = to + n < 0 ? -1 : to + n;
    else if (to > n)
        to = n;
    for (long at = from; step > 0 ? at < to : at > to; at += step) places[count++] = (size_t)at;
    return (size_t)count;
}

START_TEST(a_slice_is_what_python_says)
{
    static const ptrdiff_t ends[] = {OPEN, -9, -8, -7, -4, -1, 0, 1, 3, 6, 7, 8, 9, 100, -100};
    static const ptrdiff_t steps[] = {1, -1, 2, -2, 3, -3, 7, -7, 8, -8, 50, -50};
    for (size_t length = 0; length <= 7; length++) {
        rc_view *view = rc_view_new_zeroed("h", 1, &length);
        for (size_t n = 0; n < 15 * 15 * 12; n++) {
            size_t places[8];
            ptrdiff_t start = ends[n % 15], stop = ends[n / 15 % 15], step = steps[n / 225];
            size_t count = model_slice(length, start, stop, step, places);
            rc_view *slice = rc_view_slice(view, 0, start, stop, step);
            ck_assert_uint_eq(slice->shape[0], count);
            ck_assert_uint_eq(slice->size, count);
            ck_assert_int_eq(slice->strides[0], 2 * step);
            for (size_t i = 0; i < count; i++)
                ck_assert_ptr_eq(rc_view_at(slice, &i), view->data + 2 * places[i]);
            rc_release(slice);
        }
        rc_release(view);
    }
}
END_TEST

START_TEST(the_largest_ends_and_steps_do_not_overflow)
{
    static const ptrdiff_t numbers[] = {
        PTRDIFF_MIN, PTRDIFF_MIN + 1, PTRDIFF_MAX - 1, PTRDIFF_MAX, 0, 1, -1};
    rc_view *view = rc_view_new_zeroed("d", 2, SHAPE(3, 5));
    for (size_t n = 0; n < 343; n++) {
        ptrdiff_t start = numbers[n % 7], stop = numbers[n / 7 % 7], step = numbers[n / 49];
        if (step == 0) continue;
        rc_view *slice = rc_view_slice(view, 1, start, stop, step);
        model_check(slice);
        rc_view *again = rc_view_slice(slice, 1, stop, start, step);
        model_check(again);
        rc_release(again);
        rc_release(slice);
    }
    rc_release(view);
}
END_TEST

START_TEST(a_slice_in_one_dimension_leaves_the_others)
{
    rc_view *view = rc_view_new_zeroed("d", 3, SHAPE(4, 5, 6));
    rc_view *slice = rc_view_slice(view, 1, 3, 0, -2);
    model_assert_dimensions(slice, 3, SHAPE(4, 2, 6), STRIDES(240, -96, 8));
    ck_assert_ptr_eq(slice->data, view->data + 3 * 48);
    model_check(slice);
    rc_release(slice);
    ASSERT_NULL(rc_view_slice(view, 1, 0, 1, 0), RC_INVALID, "the step in dimension 1 is 0");
    ASSERT_NULL(rc_view_slice(view, 3, 0, 1, 1), RC_RANGE, "dimension 3 of a view that has 3");
    ASSERT_NULL(rc_view_slice(NULL, 0, 0, 1, 1), RC_INVALID, "rc_view_slice: the view is NULL");
    rc_release(view);
}
END_TEST

/* ---- order ----------------------------------------------------------------------------------- */

START_TEST(a_transposed_view_has_its_dimensions_in_reverse)
{
    rc_view *view = rc_view_new_zeroed("d", 3, SHAPE(2, 3, 4));
    rc_view *transposed = rc_view_transpose(view);
    model_assert_dimensions(transposed, 3, SHAPE(4, 3, 2), STRIDES(8, 32, 96));
    ck_assert(rc_view_is_contiguous(transposed, 'F') && !rc_view_is_contiguous(transposed, 'C'));
    rc_view *permuted = rc_view_permute(view, SHAPE(1, 2, 0));
    model_assert_dimensions(permuted, 3, SHAPE(3, 4, 2), STRIDES(32, 8, 96));
    model_check(permuted);
    rc_view *none = rc_view_new_zeroed("d", 0, NULL), *same = rc_view_transpose(none);
    ck_assert_uint_eq(same->ndim, 0);
    rc_view *again = rc_view_permute(none, NULL);
    ck_assert_ptr_eq(again->data, none->data);
    rc_release(again);
    rc_release(same);
    rc_release(none);
    rc_release(permuted);
    rc_release(transposed);
    rc_release(view);
}
END_TEST

START_TEST(axes_name_each_dimension_once)
{
    rc_view *view = rc_view_new_zeroed("d", 3, SHAPE(2, 3, 4));
    ASSERT_NULL(rc_view_permute(view, SHAPE(0, 1, 3)), RC_INVALID, "axes[2] is 3, of a view of 3");
    ASSERT_NULL(rc_view_permute(view, SHAPE(0, 1, 0)), RC_INVALID, "axes[2] is 0, as one before");
    ASSERT_NULL(rc_view_permute(view, NULL), RC_INVALID, "the axes are NULL");
    ASSERT_NULL(rc_view_permute(NULL, SHAPE(0)), RC_INVALID, "rc_view_permute: the view is NULL");
    ASSERT_NULL(rc_view_transpose(NULL), RC_INVALID, "rc_view_transpose: the view is NULL");
    rc_release(view);
}
END_TEST

/* ---- broadcast ------------------------------------------------------------------------------- */

START_TEST(dimensions_of_one_and_missing_ones_are_repeated)
{
    rc_view *view = rc_view_new_zeroed("h", 3, SHAPE(4, 1, 3));
    rc_view *wide = rc_view_broadcast(view, 4, SHAPE(2, 4, 5, 3));
    model_assert_dimensions(wide, 4, SHAPE(2, 4, 5, 3), STRIDES(0, 6, 0, 2));
    ck_assert_uint_eq(wide->size, 120);
    ck_assert(rc_view_is_read_only(wide));
    model_check(wide);
    rc_release(wide);
    wide = rc_view_broadcast(view, 3, SHAPE(4, 0, 3));
    ck_assert_uint_eq(wide->size, 0);
    rc_release(wide);
    rc_release(view);
    view = rc_view_new_zeroed("h", 0, NULL);
    wide = rc_view_broadcast(view, 2, SHAPE(100, 100));
    ck_assert_uint_eq(wide->size, 10000);
    ck_assert_ptr_eq(rc_view_at(wide, SHAPE(99, 99)), view->data);
    rc_release(wide);
    rc_release(view);
}
END_TEST

START_TEST(what_cannot_be_repeated_is_refused_with_its_place)
{
    rc_view *view = rc_view_new_zeroed("d", 2, SHAPE(4, 3));
    ASSERT_NULL(rc_view_broadcast(view, 2, SHAPE(4, 6)), RC_INVALID,
                "dimension 1 has 3 elements, neither 1 nor 6");
    ASSERT_NULL(rc_view_broadcast(view, 3, SHAPE(4, 1, 3)), RC_INVALID,
                "dimension 0 has 4 elements, neither 1 nor 1");
    ASSERT_NULL(rc_view_broadcast(view, 1, SHAPE(3)), RC_INVALID,
                "a view of 2 dimensions to 1, which are fewer");
    ASSERT_NULL(rc_view_broadcast(view, 2, NULL), RC_INVALID, "shape of 2 dimensions is NULL");
    ASSERT_NULL(rc_view_broadcast(view, 65, SHAPE(1)), RC_INVALID, "65 dimensions");
    ASSERT_NULL(rc_view_broadcast(view, 3, SHAPE(PTRDIFF_MAX / 8, 4, 3)), RC_OVERFLOW, "more than");
    ASSERT_NULL(rc_view_broadcast(view, 3, SHAPE((size_t)-1, 4, 3)), RC_INVALID, "negative");
    ASSERT_NULL(rc_view_broadcast(NULL, 0, NULL), RC_INVALID, "rc_view_broadcast: the view");
    ASSERT_NULL(rc_view_to_read_only(NULL), RC_INVALID, "rc_view_to_read_only: the view");
    rc_release(view);
}
END_TEST

/* ---- suboffsets ------------------------------------------------------------------------------ */

enum { ROWS = 3, COLUMNS = 4 };

/* Rows that lie apart, each with 8 bytes before its elements, and a buffer of their addresses. */
struct rows {
    rc_buffer *apart[ROWS], *addresses;
    rc_view *view;
};

static struct rows rows_new(void)
{
    struct rows rows;
    rows.addresses = rc_buffer_new(ROWS * sizeof(void *));
    const void **addresses = rc_buffer_edit(rows.addresses);
    for (size_t i = 0; i < ROWS; i++) {
        rows.apart[i] = support_buffer(8 + COLUMNS * 2, (unsigned)i + 1);
        addresses[i] = rows.apart[i]->data;
    }
    const struct rc_view_layout layout = {.struct_size = sizeof layout,
                                          .format = "h",
                                          .ndim = 2,
                                          .shape = SHAPE(ROWS, COLUMNS),
                                          .strides = STRIDES(sizeof(void *), 2),
                                          .suboffsets = STRIDES(8, -1)};
    rows.view = rc_view_new_with(rows.addresses, &layout);
    ck_assert_ptr_nonnull(rows.view);
    return rows;
}

static void rows_end(struct rows *rows)
{
    rc_release(rows->view);
    rc_release(rows->addresses);
    for (size_t i = 0; i < ROWS; i++) rc_release(rows->apart[i]);
}

/* Which element of the rows is it that lies there? */
static void assert_element(const struct rows *rows, const rc_view *view, const size_t *index,
                           size_t row, size_t column)
{
    ck_assert_ptr_eq(rc_view_at(view, index), rows->apart[row]->data + 8 + 2 * column);
}

START_TEST(suboffsets_are_followed)
{
    struct rows rows = rows_new();
    ck_assert_ptr_nonnull(rows.view->suboffsets);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < COLUMNS; j++) assert_element(&rows, rows.view, SHAPE(i, j), i, j);
    ck_assert(!rc_view_is_contiguous(rows.view, 'A'));
    rows_end(&rows);
}
END_TEST

START_TEST(addresses_outside_of_the_buffer_are_refused)
{
    rc_buffer *buffer = support_buffer(3 * sizeof(void *), 1);
    struct rc_view_layout layout = {.struct_size = sizeof layout,
                                    .format = "h",
                                    .ndim = 2,
                                    .shape = SHAPE(4, 4),
                                    .strides = STRIDES(sizeof(void *), 2),
                                    .suboffsets = STRIDES(0, -1)};
    ASSERT_NULL(rc_view_new_with(buffer, &layout), RC_RANGE, "element (3,), bytes [");
    layout.shape = SHAPE(3, 4);
    layout.offset = 1;
    ASSERT_NULL(rc_view_new_with(buffer, &layout), RC_RANGE, "element (2,), bytes [");
    layout.offset = 0;
    layout.suboffsets = STRIDES(-1, 0);
    ASSERT_NULL(rc_view_new_with(buffer, &layout), RC_RANGE, "element (2, 3), bytes [");
    layout.suboffsets = STRIDES(-1, -5);
    layout.strides = STRIDES(sizeof(void *), 1);
    layout.format = "B";
    rc_view *view = rc_view_new_with(buffer, &layout);
    ck_assert_ptr_null(view->suboffsets);
    rc_release(view);
    rc_release(buffer);
}
END_TEST

START_TEST(rows_that_lie_apart_are_indexed_and_sliced)
{
    struct rows rows = rows_new();
    rc_view *row = rc_view_index(rows.view, 0, 1), *column = rc_view_index(rows.view, 1, 2);
    ck_assert_ptr_null(row->suboffsets);
    ck_assert_ptr_nonnull(column->suboffsets);
    for (size_t j = 0; j < COLUMNS; j++) assert_element(&rows, row, &j, 1, j);
    for (size_t i = 0; i < ROWS; i++) assert_element(&rows, column, &i, i, 2);
    rc_view *back = rc_view_slice(rows.view, 0, OPEN, OPEN, -2);
    rc_view *odd = rc_view_slice(back, 1, OPEN, 0, -2);
    ck_assert_uint_eq(odd->size, 4);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 2; j++)
            assert_element(&rows, odd, SHAPE(i, j), 2 - 2 * i, 3 - 2 * j);
    rc_view *none = rc_view_slice(odd, 1, 2, OPEN, 1);
    ck_assert_uint_eq(none->size, 0);
    rc_view *wide = rc_view_broadcast(rows.view, 3, SHAPE(2, ROWS, COLUMNS));
    assert_element(&rows, wide, SHAPE(1, 2, 3), 2, 3);
    rc_view *fixed = rc_view_to_read_only(wide);
    assert_element(&rows, fixed, SHAPE(0, 2, 1), 2, 1);
    rc_release(fixed);
    rc_release(wide);
    rc_release(none);
    rc_release(odd);
    rc_release(back);
    rc_release(column);
    rc_release(row);
    rows_end(&rows);
}
END_TEST

START_TEST(what_suboffsets_cannot_say_is_refused)
{
    struct rows rows = rows_new();
    ASSERT_NULL(rc_view_transpose(rows.view), RC_UNSUPPORTED, "rc_view_transpose: the suboffsets");
    /* Each row's first element is at its byte 0, and to begin 2 bytes before that there is no
     * suboffset. */
    const struct rc_view_layout layout = {.struct_size = sizeof layout,
                                          .format = "h",
                                          .ndim = 2,
                                          .shape = SHAPE(ROWS, 2),
                                          .strides = STRIDES(sizeof(void *), -2),
                                          .suboffsets = STRIDES(0, -1)};
    rc_view *backward = rc_view_new_with(rows.addresses, &layout);
    ASSERT_NULL(rc_view_slice(backward, 1, 1, OPEN, 1), RC_UNSUPPORTED, "rc_view_slice: the sub");
    ASSERT_NULL(rc_view_index(backward, 1, 1), RC_UNSUPPORTED, "rc_view_index: the suboffsets");
    rc_view *same = rc_view_slice(backward, 1, 0, OPEN, 1);
    ck_assert_int_eq(same->suboffsets[0], 0);
    rc_release(same);
    rc_release(backward);
    rows_end(&rows);
}
END_TEST

START_TEST(addresses_of_addresses_are_followed)
{
    struct rows rows = rows_new();
    rc_buffer *outer = rc_buffer_new(2 * sizeof(void *));
    const void **addresses = rc_buffer_edit(outer);
    addresses[0] = addresses[1] = rows.addresses->data;
    const struct rc_view_layout layout = {.struct_size = sizeof layout,
                                          .format = "h",
                                          .ndim = 3,
                                          .shape = SHAPE(2, ROWS, COLUMNS),
                                          .strides = STRIDES(sizeof(void *), sizeof(void *), 2),
                                          .suboffsets = STRIDES(0, 8, -1)};
    rc_view *view = rc_view_new_with(outer, &layout);
    assert_element(&rows, view, SHAPE(1, 2, 3), 2, 3);
    rc_view *inner = rc_view_index(view, 0, 1), *column = rc_view_index(view, 2, 1);
    assert_element(&rows, inner, SHAPE(1, 3), 1, 3);
    assert_element(&rows, column, SHAPE(0, 2), 2, 1);
    ASSERT_NULL(rc_view_index(view, 1, 0), RC_UNSUPPORTED, "rc_view_index: the suboffsets of 3");
    rc_release(column);
    rc_release(inner);
    rc_release(view);
    rc_release(outer);
    rows_end(&rows);
}
END_TEST

START_TEST(an_index_before_an_address_moves_to_the_dimension_before)
{
    struct rows rows = rows_new();
    const struct rc_view_layout layout = {.struct_size = sizeof layout,
                                          .format = "h",
                                          .ndim = 3,
                                          .shape = SHAPE(1, ROWS, COLUMNS),
                                          .strides = STRIDES(0, sizeof(void *), 2),
                                          .suboffsets = STRIDES(-1, 8, -1)};
    rc_view *view = rc_view_new_with(rows.addresses, &layout), *row = rc_view_index(view, 1, 2);
    ck_assert_int_eq(row->suboffsets[0], 8);
    for (size_t j = 0; j < COLUMNS; j++) assert_element(&rows, row, SHAPE(0, j), 2, j);
    rc_release(row);
    rc_release(view);
    rows_end(&rows);
}
END_TEST

/* ---- chains ---------------------------------------------------------------------------------- */

START_TEST(chains_of_derivations_stay_inside)
{
    struct model_random random = {88172645463325252u};
    for (size_t n = 0; n < 300; n++) {
        rc_view *view = model_random_view(&random, n % 2 ? "d" : "3B", 1 + n % 5, 4);
        model_check(view);
        while (view->ndim > 0) {
            size_t dimension = model_below(&random, view->ndim);
            size_t length = view->shape[dimension];
            if (length == 0) break;
            ptrdiff_t index = (ptrdiff_t)model_below(&random, 2 * length) - (ptrdiff_t)length;
            rc_view *next = rc_view_index(view, dimension, index);
            rc_release(view);
            view = next;
            model_check(view);
        }
        ck_assert_uint_eq(rc_buffer_exports(view->base), 1);
        rc_release(view);
    }
}
END_TEST

HARNESS_MAIN("buffer/view_derive", an_index_takes_one_dimension_away,
             an_index_that_is_not_there_is_refused, a_slice_is_what_python_says,
             the_largest_ends_and_steps_do_not_overflow, a_slice_in_one_dimension_leaves_the_others,
             a_transposed_view_has_its_dimensions_in_reverse, axes_name_each_dimension_once,
             dimensions_of_one_and_missing_ones_are_repeated,
             what_cannot_be_repeated_is_refused_with_its_place, suboffsets_are_followed,
             addresses_outside_of_the_buffer_are_refused,
             rows_that_lie_apart_are_indexed_and_sliced, what_suboffsets_cannot_say_is_refused,
             addresses_of_addresses_are_followed,
             an_index_before_an_address_moves_to_the_dimension_before,
             chains_of_derivations_stay_inside)
