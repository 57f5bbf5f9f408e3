/* SPDX-License-Identifier: MIT */
#define RC_BOUNDS_CHECK 1
#include "buffer/lens.h"

#include <complex.h>

#include "tests/child.h"

#include "support.h"

typedef RC_LENS(double, 2) grid;
typedef RC_LENS(const double, 2) read_grid;
typedef RC_LENS_CONTIGUOUS(double, 2) rows;
typedef RC_LENS_CONTIGUOUS(const double, 1) row;

/* 3 by 4, element (i, j) is 10 i + j. */
static rc_view *new_grid(void)
{
    rc_view *view = rc_view_new_zeroed("d", 2, (size_t[]){3, 4});
    ck_assert_ptr_nonnull(view);
    double *data = rc_view_edit(view);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++) data[i * 4 + j] = 10 * i + j;
    return view;
}

#define ASSERT_NO_LENS(kind, view, status, text)                                                   \
    do {                                                                                           \
        rc_error_clear();                                                                          \
        kind refused = RC_LENS_OF(kind, view);                                                     \
        ck_assert_ptr_null(refused.data);                                                          \
        ASSERT_LAST_ERROR(status, text);                                                           \
    } while (0)

START_TEST(a_lens_reads_and_writes_the_elements_of_its_view)
{
    rc_view *view = new_grid();
    grid g = RC_LENS_OF(grid, view);
    ck_assert_ptr_nonnull(g.data);
    ck_assert_uint_eq(g.shape[0], 3);
    ck_assert_uint_eq(g.shape[1], 4);
    for (size_t i = 0; i < g.shape[0]; i++)
        for (size_t j = 0; j < g.shape[1]; j++) ck_assert(RC_AT(g, i, j) == (double)(10 * i + j));
    RC_AT(g, 2, 1) += 0.5;
    ck_assert(*(const double *)rc_view_at(view, (size_t[]){2, 1}) == 21.5);
    *&RC_AT(g, 0, 0) = 7;
    ck_assert(*(const double *)(const void *)view->data == 7);
    rc_release(view);
}
END_TEST

START_TEST(a_lens_follows_any_strides)
{
    rc_view *view = new_grid(), *turned = rc_view_transpose(view);
    rc_view *backwards = rc_view_slice(turned, 0, RC_VIEW_OPEN, RC_VIEW_OPEN, -2);
    read_grid g = RC_LENS_OF(read_grid, backwards);
    ck_assert_ptr_nonnull(g.data);
    ck_assert_uint_eq(g.shape[0], 2);
    ck_assert_uint_eq(g.shape[1], 3);
    for (size_t j = 0; j < 2; j++)
        for (size_t i = 0; i < 3; i++) ck_assert(RC_AT(g, j, i) == (double)(10 * i + 3 - 2 * j));
    rc_release(backwards);
    rc_release(turned);
    rc_release(view);
}
END_TEST

START_TEST(a_contiguous_lens_wants_a_last_dimension_without_gaps)
{
    rc_view *view = new_grid(), *turned = rc_view_transpose(view);
    rc_view *each_second_row = rc_view_slice(view, 0, 0, 3, 2);
    rc_view *one_column = rc_view_slice(turned, 1, 1, 2, 1);
    rows r = RC_LENS_OF(rows, each_second_row);
    ck_assert_ptr_nonnull(r.data);
    ck_assert(RC_AT(r, 1, 3) == 23);
    r = RC_LENS_OF(rows, one_column); /* a dimension of 1 has no gaps */
    ck_assert_ptr_nonnull(r.data);
    ck_assert(RC_AT(r, 3, 0) == 13);
    ASSERT_NO_LENS(rows, turned, RC_INVALID, "a stride of 32 bytes, and elements of 8");
    rc_release(one_column);
    rc_release(each_second_row);
    rc_release(turned);
    rc_release(view);
}
END_TEST

START_TEST(a_lens_over_nothing_has_loops_of_no_turn)
{
    rc_view *view = rc_view_new_zeroed("d", 2, (size_t[]){0, 4});
    rows r = RC_LENS_OF(rows, view);
    ck_assert_ptr_nonnull(r.data);
    ck_assert_uint_eq(r.shape[0], 0);
    ck_assert_uint_eq(r.shape[1], 4);
    rc_release(view);
}
END_TEST

START_TEST(writing_needs_a_view_that_can_be_written)
{
    static const double known[2] = {1.5, 2.5};
    rc_buffer *buffer = rc_buffer_borrow(known, sizeof known);
    rc_view *view = rc_view_new(buffer, "d");
    row r = RC_LENS_OF(row, view);
    ck_assert_ptr_nonnull(r.data);
    ck_assert(RC_AT(r, 1) == 2.5);
    typedef RC_LENS(double, 1) writable;
    ASSERT_NO_LENS(writable, view, RC_READ_ONLY, "RC_LENS_OF: the view is read-only");
    rc_release(view);
    rc_release(buffer);
}
END_TEST

START_TEST(other_formats_orders_and_dimensions_are_refused_with_both_named)
{
    rc_view *view = new_grid();
    typedef RC_LENS(float, 2) floats;
    typedef RC_LENS(double, 3) cube;
    typedef RC_LENS(long, 2) longs;
    ASSERT_NO_LENS(floats, view, RC_FORMAT, "a view of \"d\" for a lens of \"f\"");
    ASSERT_NO_LENS(cube, view, RC_INVALID, "a view of 2 dimensions for a lens of 3");
    ASSERT_NO_LENS(longs, view, RC_FORMAT, "for a lens of \"l\"");
    ASSERT_NO_LENS(grid, NULL, RC_INVALID, "the view is NULL");
    rc_release(view);
    view = rc_view_new_zeroed(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ">d" : "<d", 2,
                              (size_t[]){1, 1});
    ASSERT_NO_LENS(grid, view, RC_FORMAT, "for a lens of \"d\"");
    rc_release(view);
}
END_TEST

START_TEST(a_sub_array_of_one_byte_is_no_byte)
{
    rc_view *view = rc_view_new_zeroed("(1)c", 2, (size_t[]){1, 1});
    typedef RC_LENS(unsigned char, 2) bytes;
    ASSERT_NO_LENS(bytes, view, RC_FORMAT, "a view of \"(1)c\" for a lens of \"B\"");
    ASSERT_NO_LENS(grid, view, RC_FORMAT, "for a lens of \"d\"");
    rc_release(view);
}
END_TEST

START_TEST(elements_that_are_not_aligned_are_refused)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(64);
    size_t shape[] = {2, 2};
    struct rc_view_layout layout = {
        .struct_size = sizeof layout, .format = "=d", .offset = 4, .ndim = 2, .shape = shape};
    rc_view *view = rc_view_new_with(buffer, &layout);
    ck_assert_ptr_nonnull(view);
    if (_Alignof(double) > 4) ASSERT_NO_LENS(grid, view, RC_INVALID, "not all aligned");
    rc_release(view);
    ptrdiff_t strides[] = {20, 8};
    layout.offset = 0;
    layout.strides = strides;
    view = rc_view_new_with(buffer, &layout);
    ck_assert_ptr_nonnull(view);
    if (_Alignof(double) > 4) ASSERT_NO_LENS(grid, view, RC_INVALID, "not all aligned");
    rc_release(view);
    layout.offset = 4;
    layout.strides = NULL;
    for (size_t length = 0; length < 2; length++) { /* one is an element, none has no place */
        layout.shape = (size_t[]){1, length};
        view = rc_view_new_with(buffer, &layout);
        ck_assert_ptr_nonnull(view);
        if (length && _Alignof(double) > 4)
            ASSERT_NO_LENS(grid, view, RC_INVALID, "not all aligned");
        else
            ck_assert_ptr_nonnull(RC_LENS_OF(grid, view).data);
        rc_release(view);
    }
    rc_release(buffer);
}
END_TEST

#define ASSERT_KIND(type, text)                                                                    \
    do {                                                                                           \
        typedef RC_LENS(type, 1) kind;                                                             \
        rc_view *of_text = rc_view_new_zeroed(text, 1, (size_t[]){3});                             \
        ck_assert_ptr_nonnull(of_text);                                                            \
        kind k = RC_LENS_OF(kind, of_text);                                                        \
        ck_assert_msg(k.data != NULL, "%s over %s: %s", #type, text, rc_error_message());          \
        RC_AT(k, 2) = (type)1;                                                                     \
        ck_assert(RC_AT(k, 2) == (type)1 && RC_AT(k, 0) == (type)0);                               \
        rc_release(of_text);                                                                       \
    } while (0)

START_TEST(each_arithmetic_type_has_its_format)
{
    ASSERT_KIND(_Bool, "?");
    ASSERT_KIND(char, "c");
    ASSERT_KIND(char, "b");
    ASSERT_KIND(signed char, "b");
    ASSERT_KIND(signed char, "c");
    ASSERT_KIND(unsigned char, "B");
    ASSERT_KIND(unsigned char, "c");
    ASSERT_KIND(unsigned char, "?");
    ASSERT_KIND(short, "h");
    ASSERT_KIND(unsigned short, "H");
    ASSERT_KIND(int, "i");
    ASSERT_KIND(int, "=i");
    ASSERT_KIND(unsigned, "I");
    ASSERT_KIND(long, "l");
    ASSERT_KIND(unsigned long, "L");
    ASSERT_KIND(long long, "q");
    ASSERT_KIND(unsigned long long, "Q");
    ASSERT_KIND(int64_t, "q");
    ASSERT_KIND(size_t, "N");
    ASSERT_KIND(float, "f");
    ASSERT_KIND(double, "d");
    ASSERT_KIND(long double, "g");
    ASSERT_KIND(float complex, "Zf");
    ASSERT_KIND(double complex, "Zd");
    ASSERT_KIND(long double complex, "Zg");
}
END_TEST

struct record {
    int32_t id;
    double value;
};
typedef RC_LENS(struct record, 1) records;

START_TEST(a_struct_has_a_lens_by_its_format)
{
    rc_view *view = rc_view_new_zeroed("T{i:id:d:value:}", 1, (size_t[]){3});
    records r = RC_LENS_OF_FORMAT(records, view, "T{i:id:d:value:}");
    ck_assert_ptr_nonnull(r.data);
    RC_AT(r, 1).value = 2.5;
    RC_AT(r, 1).id = 7;
    rc_view *values = rc_view_field(view, "value");
    ck_assert(*(const double *)rc_view_at(values, (size_t[]){1}) == 2.5);
    rc_release(values);

    rc_error_clear();
    ck_assert_ptr_null(RC_LENS_OF(records, view).data);
    ASSERT_LAST_ERROR(RC_FORMAT, "a type that has no format");
    ck_assert_ptr_null(RC_LENS_OF_FORMAT(records, view, "T{d:value:i:id:}").data);
    ASSERT_LAST_ERROR(RC_FORMAT, "for a lens of \"T{d:value:i:id:}\"");
    ck_assert_ptr_null(RC_LENS_OF_FORMAT(records, view, "T{i:id:}").data);
    ASSERT_LAST_ERROR(RC_INVALID, "items of \"T{i:id:}\" have 4 bytes");
    ck_assert_ptr_null(RC_LENS_OF_FORMAT(records, view, "T{").data);
    ASSERT_LAST_ERROR(RC_FORMAT, "");
    rc_release(view);
}
END_TEST

START_TEST(a_lens_has_up_to_eight_dimensions)
{
    typedef RC_LENS(int, 8) eight;
    rc_view *view = rc_view_new_zeroed("i", 8, (size_t[]){2, 2, 2, 2, 2, 2, 2, 2});
    int *data = rc_view_edit(view);
    for (int i = 0; i < 256; i++) data[i] = i;
    eight e = RC_LENS_OF(eight, view);
    for (int i = 0; i < 256; i++)
        ck_assert_int_eq(RC_AT(e, i >> 7 & 1, i >> 6 & 1, i >> 5 & 1, i >> 4 & 1, i >> 3 & 1,
                               i >> 2 & 1, i >> 1 & 1, i & 1),
                         i);
    rc_release(view);
}
END_TEST

static void read_beyond(void *view)
{
    grid g = RC_LENS_OF(grid, view);
    exit(RC_AT(g, 2, 4) > 0);
}

static void read_before(void *view)
{
    grid g = RC_LENS_OF(grid, view);
    int back = -1;
    exit(RC_AT(g, back, 0) > 0);
}

START_TEST(an_index_out_of_bounds_stops_with_file_line_and_figures)
{
    rc_view *view = new_grid();
    CHILD_ASSERT_STOPS(read_beyond, view, "RC_AT: index 4 of dimension 1, which has 4 elements");
    CHILD_ASSERT_STOPS(read_before, view, "index -1 of dimension 0, which has 3 elements");
    CHILD_ASSERT_STOPS(read_beyond, view, "lens_test.c:");
    rc_release(view);
}
END_TEST

HARNESS_MAIN("buffer/lens", a_lens_reads_and_writes_the_elements_of_its_view,
             a_lens_follows_any_strides, a_contiguous_lens_wants_a_last_dimension_without_gaps,
             a_lens_over_nothing_has_loops_of_no_turn, writing_needs_a_view_that_can_be_written,
             other_formats_orders_and_dimensions_are_refused_with_both_named,
             a_sub_array_of_one_byte_is_no_byte, elements_that_are_not_aligned_are_refused,
             each_arithmetic_type_has_its_format, a_struct_has_a_lens_by_its_format,
             a_lens_has_up_to_eight_dimensions,
             an_index_out_of_bounds_stops_with_file_line_and_figures)
