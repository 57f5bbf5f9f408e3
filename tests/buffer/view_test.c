/* SPDX-License-Identifier: MIT */
#include "buffer/view.h"

#include <pthread.h>

#include "view_model.h"

static rc_view *view_with(rc_buffer *buffer, struct rc_view_layout layout)
{
    layout.struct_size = sizeof layout;
    return rc_view_new_with(buffer, &layout);
}

/* ---- create ---------------------------------------------------------------------------------- */

START_TEST(a_view_of_a_whole_buffer_is_a_row_of_its_elements)
{
    rc_buffer *buffer = support_buffer(48, 1);
    rc_view *view = rc_view_new(buffer, "d");
    ck_assert_ptr_eq(view->data, buffer->data);
    ck_assert_ptr_eq(view->base, buffer);
    ck_assert_str_eq(view->format->text, "d");
    ck_assert_uint_eq(view->itemsize, 8);
    ck_assert_uint_eq(view->size, 6);
    ck_assert_ptr_null(view->suboffsets);
    model_assert_dimensions(view, 1, SHAPE(6), STRIDES(8));
    ck_assert_str_eq(rc_type_of(view)->name, "rc_view");
    rc_release(view);
    rc_release(buffer);
}
END_TEST

START_TEST(without_a_format_elements_are_bytes)
{
    rc_buffer *buffer = support_buffer(5, 1);
    rc_view *view = rc_view_new(buffer, NULL);
    ck_assert_str_eq(view->format->text, "B");
    ck_assert_uint_eq(view->size, 5);
    rc_release(view);
    view = view_with(buffer, (struct rc_view_layout){.ndim = 1});
    ck_assert_str_eq(view->format->text, "B");
    model_assert_dimensions(view, 1, SHAPE(5), STRIDES(1));
    rc_release(view);
    rc_release(buffer);
}
END_TEST

START_TEST(a_buffer_of_no_multiple_of_the_itemsize_is_refused)
{
    rc_buffer *buffer = support_buffer(47, 1);
    ASSERT_NULL(rc_view_new(buffer, "d"), RC_RANGE,
                "a buffer of 47 bytes is no multiple of items of 8");
    ASSERT_NULL(rc_view_new(buffer, "0x"), RC_INVALID, "\"0x\" has no bytes");
    ASSERT_NULL(rc_view_new(buffer, "O"), RC_UNSUPPORTED, "position 0");
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    rc_release(buffer);
}
END_TEST

START_TEST(an_empty_buffer_has_a_view_without_elements)
{
    rc_buffer *buffer = rc_buffer_new(0);
    rc_view *view = rc_view_new(buffer, "d");
    model_assert_dimensions(view, 1, SHAPE(0), STRIDES(8));
    ck_assert_uint_eq(view->size, 0);
    ck_assert_ptr_nonnull(view->data);
    ASSERT_REFUSED(rc_buffer_resize(buffer, 8), RC_BUSY, "");
    rc_release(view);
    rc_release(buffer);
}
END_TEST

START_TEST(a_layout_finds_its_elements)
{
    rc_buffer *buffer = support_buffer(200, 1);
    rc_view *view = view_with(buffer, (struct rc_view_layout){.format = "h",
                                                              .offset = 150,
                                                              .ndim = 3,
                                                              .shape = SHAPE(2, 3, 4),
                                                              .strides = STRIDES(-70, 11, -2)});
    model_assert_dimensions(view, 3, SHAPE(2, 3, 4), STRIDES(-70, 11, -2));
    ck_assert_uint_eq(view->size, 24);
    model_check(view);
    rc_release(view);
    rc_release(buffer);
}
END_TEST

START_TEST(without_strides_elements_lie_in_c_order)
{
    rc_buffer *buffer = support_buffer(100, 1);
    rc_view *view = view_with(
        buffer,
        (struct rc_view_layout){.format = "i", .offset = 4, .ndim = 3, .shape = SHAPE(2, 3, 4)});
    model_assert_dimensions(view, 3, SHAPE(2, 3, 4), STRIDES(48, 16, 4));
    ck_assert_ptr_eq(view->data, buffer->data + 4);
    model_check(view);
    rc_release(view);
    rc_release(buffer);
}
END_TEST

START_TEST(without_a_shape_as_many_elements_as_fit)
{
    static const struct {
        size_t offset, count;
        ptrdiff_t stride;
    } cases[] = {{0, 12, 8},   {3, 12, 8},           {4, 12, 8},          {5, 11, 8},
                 {96, 0, 8},   {100, 0, 8},          {0, 6, 16},          {92, 12, -8},
                 {91, 4, -30}, {92, 1, PTRDIFF_MAX}, {92, 1, PTRDIFF_MIN}};
    rc_buffer *buffer = support_buffer(99 + 1, 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        rc_view *view = view_with(buffer, (struct rc_view_layout){.format = "d",
                                                                  .offset = cases[i].offset,
                                                                  .ndim = 1,
                                                                  .strides = &cases[i].stride});
        ck_assert_ptr_nonnull(view);
        ck_assert_uint_eq(view->size, cases[i].count);
        model_check(view);
        rc_release(view);
    }
    ASSERT_NULL(view_with(buffer, (struct rc_view_layout){.offset = 101, .ndim = 1}), RC_RANGE,
                "offset 101 passes the end of a buffer of 100 bytes");
    ASSERT_NULL(view_with(buffer, (struct rc_view_layout){.ndim = 1, .strides = STRIDES(0)}),
                RC_INVALID, "does not tell how many");
    ASSERT_NULL(view_with(buffer, (struct rc_view_layout){.ndim = 1, .format = "0s"}), RC_INVALID,
                "does not tell how many");
    ASSERT_NULL(view_with(buffer, (struct rc_view_layout){.ndim = 2}), RC_INVALID,
                "the shape of 2 dimensions is NULL");
    rc_release(buffer);
}
END_TEST

START_TEST(an_element_outside_is_refused_with_its_index_and_place)
{
    rc_buffer *buffer = support_buffer(100, 1);
    struct rc_view_layout layout = {
        .format = "d", .ndim = 2, .shape = SHAPE(3, 4), .strides = STRIDES(32, 8)};
    layout.offset = 4;
    rc_view *view = view_with(buffer, layout);
    model_check(view);
    rc_release(view);
    layout.offset = 5;
    ASSERT_NULL(view_with(buffer, layout), RC_RANGE,
                "element (2, 3), bytes [93, 101), passes the end of a buffer of 100");
    layout.strides = STRIDES(-32, 8);
    layout.offset = 63;
    ASSERT_NULL(view_with(buffer, layout), RC_RANGE,
                "element (2, 0) lies 1 bytes before the first of a buffer");
    layout.offset = 64;
    view = view_with(buffer, layout);
    model_check(view);
    rc_release(view);
    layout.offset = 69;
    ASSERT_NULL(view_with(buffer, layout), RC_RANGE, "element (0, 3), bytes [93, 101), passes");
    rc_release(buffer);
}
END_TEST

/* ---- dimensions ------------------------------------------------------------------------------ */

START_TEST(no_dimension_is_one_element)
{
    rc_buffer *buffer = support_buffer(10, 1);
    rc_view *view = view_with(buffer, (struct rc_view_layout){.format = "d", .offset = 2});
    ck_assert_uint_eq(view->ndim, 0);
    ck_assert_uint_eq(view->size, 1);
    ck_assert_uint_eq(rc_view_byte_count(view), 8);
    ck_assert_ptr_eq(rc_view_at(view, NULL), buffer->data + 2);
    ck_assert(rc_view_is_contiguous(view, 'C') && rc_view_is_contiguous(view, 'F'));
    rc_release(view);
    ASSERT_NULL(view_with(buffer, (struct rc_view_layout){.format = "d", .offset = 3}), RC_RANGE,
                "element (), bytes [3, 11), passes the end");
    rc_release(buffer);
}
END_TEST

START_TEST(there_may_be_64_dimensions_and_not_65)
{
    size_t shape[65], index[65] = {0};
    for (size_t i = 0; i < 65; i++) shape[i] = i % 16 == 0 ? 2 : 1;
    rc_view *view = rc_view_new_zeroed("d", 64, shape);
    ck_assert_uint_eq(view->size, 16);
    ck_assert_uint_eq(view->ndim, 64);
    index[0] = index[16] = index[32] = index[48] = 1;
    ck_assert_ptr_eq(rc_view_at(view, index), view->data + 15 * 8);
    model_check(view);
    rc_release(view);
    ASSERT_NULL(rc_view_new_zeroed("d", 65, shape), RC_INVALID,
                "65 dimensions, and 64 are the most");
    ASSERT_NULL(rc_view_new_zeroed("d", SIZE_MAX, shape), RC_INVALID, "dimensions");
}
END_TEST

START_TEST(a_shape_that_is_too_large_is_refused)
{
    static const size_t half = (size_t)1 << (sizeof(size_t) * 4);
    ASSERT_NULL(rc_view_new_zeroed("B", 1, SHAPE((size_t)-1)), RC_INVALID, "is negative");
    ASSERT_NULL(rc_view_new_zeroed("B", 1, SHAPE((size_t)PTRDIFF_MAX + 1)), RC_INVALID, "negative");
    ASSERT_NULL(rc_view_new_zeroed("h", 1, SHAPE(PTRDIFF_MAX)), RC_OVERFLOW, "elements of 2 bytes");
    ASSERT_NULL(rc_view_new_zeroed("B", 2, SHAPE(half, half)), RC_OVERFLOW, "more than");
    ASSERT_NULL(rc_view_new_zeroed("B", 2, SHAPE(half, half / 2)), RC_OVERFLOW, "more than");
    ASSERT_NULL(rc_view_new_zeroed("B", 3, SHAPE(0, half, half)), RC_OVERFLOW, "more than");
    ASSERT_NULL(rc_view_new_zeroed("B", 2, SHAPE(0, (size_t)-5)), RC_INVALID, "is negative");
    rc_view *view = rc_view_new_zeroed("B", 2, SHAPE(0, PTRDIFF_MAX));
    ck_assert_uint_eq(view->size, 0);
    rc_release(view);
}
END_TEST

/* Whether it lies in [0, size), in numbers that are exact where that is in doubt. */
static bool lies_inside(const size_t shape[2], const ptrdiff_t strides[2], size_t offset,
                        size_t size)
{
    long double low = (long double)offset, high = low + 8;
    if (shape[0] == 0 || shape[1] == 0) return offset <= size;
    for (size_t i = 0; i < 2; i++) {
        long double extent = (long double)(shape[i] - 1) * (long double)strides[i];
        low += extent < 0 ? extent : 0;
        high += extent > 0 ? extent : 0;
    }
    return low >= 0 && high <= (long double)size;
}

static bool is_countable(const size_t shape[2])
{
    long double bytes = 8;
    for (size_t i = 0; i < 2; i++) {
        if (shape[i] > PTRDIFF_MAX) return false;
        bytes *= shape[i] ? (long double)shape[i] : 1;
    }
    return bytes < (long double)PTRDIFF_MAX;
}

START_TEST(no_boundary_of_shape_stride_and_offset_reaches_outside)
{
    static const size_t lengths[] = {0, 1, 2, 3, 9, PTRDIFF_MAX / 8, PTRDIFF_MAX, SIZE_MAX};
    static const ptrdiff_t strides[] = {
        0, 1, -1, 8, -8, 31, -31, PTRDIFF_MAX / 2, PTRDIFF_MAX, PTRDIFF_MIN, PTRDIFF_MIN + 1};
    static const size_t offsets[] = {0, 1, 31, 32, 39, 40, 41, PTRDIFF_MAX, SIZE_MAX - 7, SIZE_MAX};
    rc_buffer *buffer = support_buffer(40, 1);
    size_t accepted = 0;
    for (size_t n = 0; n < 7744 * COUNT_OF(offsets); n++) {
        size_t shape[2] = {lengths[n % 8], lengths[n / 8 % 8]}, offset = offsets[n / 7744];
        ptrdiff_t stride[2] = {strides[n / 64 % 11], strides[n / 704 % 11]};
        rc_view *view = view_with(
            buffer,
            (struct rc_view_layout){
                .format = "d", .offset = offset, .ndim = 2, .shape = shape, .strides = stride});
        bool expected = is_countable(shape) && lies_inside(shape, stride, offset, 40);
        ck_assert_msg((view != NULL) == expected, "shape %zu, %zu strides %td, %td offset %zu: %s",
                      shape[0], shape[1], stride[0], stride[1], offset, rc_error_message());
        if (view) accepted++;
        rc_release(view);
    }
    ck_assert_uint_ge(accepted, 1000);
    rc_release(buffer);
}
END_TEST

START_TEST(no_elements_have_a_place_inside_too)
{
    rc_buffer *buffer = support_buffer(16, 1);
    struct rc_view_layout layout = {.format = "d", .offset = 16, .ndim = 2, .shape = SHAPE(3, 0)};
    rc_view *view = view_with(buffer, layout);
    ck_assert_ptr_eq(view->data, buffer->data + 16);
    rc_release(view);
    layout.offset = 17;
    ASSERT_NULL(view_with(buffer, layout), RC_RANGE,
                "offset 17 passes the end of a buffer of 16 bytes");
    layout.strides = STRIDES(8, 8);
    layout.offset = SIZE_MAX;
    ASSERT_NULL(view_with(buffer, layout), RC_RANGE, "passes the end of a buffer of 16 bytes");
    rc_release(buffer);
}
END_TEST

START_TEST(no_elements_reach_nothing)
{
    rc_buffer *buffer = support_buffer(16, 1);
    rc_view *view =
        view_with(buffer, (struct rc_view_layout){.format = "d",
                                                  .ndim = 2,
                                                  .shape = SHAPE(3, 0),
                                                  .strides = STRIDES(PTRDIFF_MIN, PTRDIFF_MAX)});
    ck_assert_uint_eq(view->size, 0);
    ck_assert_ptr_eq(view->data, buffer->data);
    rc_view *flipped = rc_view_slice(view, 0, RC_VIEW_OPEN, RC_VIEW_OPEN, -1);
    rc_view *row = rc_view_index(view, 0, 2);
    ck_assert_ptr_eq(flipped->data, buffer->data);
    ck_assert_ptr_eq(row->data, buffer->data);
    ck_assert_uint_eq(row->size, 0);
    ck_assert_ptr_null(rc_view_at(row, SHAPE(0)));
    ASSERT_LAST_ERROR(RC_RANGE, "index 0 of dimension 0, which has 0");
    rc_release(row);
    rc_release(flipped);
    rc_release(view);
    rc_release(buffer);
}
END_TEST

START_TEST(items_without_bytes_have_places_too)
{
    rc_view *view = rc_view_new_zeroed("0s", 2, SHAPE(3, 4));
    ck_assert_uint_eq(view->size, 12);
    ck_assert_uint_eq(rc_view_byte_count(view), 0);
    model_check(view);
    rc_release(view);
    ASSERT_NULL(rc_view_new_zeroed("0s", 2, SHAPE(PTRDIFF_MAX, 2)), RC_OVERFLOW, "more than");
}
END_TEST

/* ---- ask ------------------------------------------------------------------------------------- */

START_TEST(contiguity_has_an_order)
{
    static const struct {
        size_t shape[2];
        ptrdiff_t strides[2];
        bool c, f;
    } cases[] = {
        {{3, 4}, {16, 4}, true, false},  {{3, 4}, {4, 12}, false, true},
        {{3, 1}, {4, 99}, true, true},   {{1, 4}, {99, 4}, true, true},
        {{3, 4}, {20, 4}, false, false}, {{3, 4}, {16, -4}, false, false},
        {{0, 4}, {99, 7}, true, true},   {{1, 1}, {0, 0}, true, true},
        {{3, 4}, {0, 4}, false, false},  {{2, 0}, {-8, -8}, true, true},
    };
    rc_buffer *buffer = support_buffer(400, 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        rc_view *view = view_with(buffer, (struct rc_view_layout){.format = "i",
                                                                  .offset = 200,
                                                                  .ndim = 2,
                                                                  .shape = cases[i].shape,
                                                                  .strides = cases[i].strides});
        ck_assert_int_eq(rc_view_is_contiguous(view, 'C'), cases[i].c);
        ck_assert_int_eq(rc_view_is_contiguous(view, 'F'), cases[i].f);
        ck_assert_int_eq(rc_view_is_contiguous(view, 'A'), cases[i].c || cases[i].f);
        rc_release(view);
    }
    rc_view *view = rc_view_new(buffer, NULL);
    ck_assert(!rc_view_is_contiguous(view, 'c'));
    ASSERT_LAST_ERROR(RC_INVALID, "the order 'c' (99) is none of the characters of \"CFA\"");
    static const char unprintable[] = {'\0', ' ', 127};
    for (size_t i = 0; i < sizeof unprintable; i++) {
        ck_assert(!rc_view_is_contiguous(view, unprintable[i]));
        ASSERT_LAST_ERROR(RC_INVALID, "the order '?' (");
    }
    rc_release(view);
    rc_release(buffer);
}
END_TEST

START_TEST(an_index_has_to_be_below_the_shape)
{
    rc_view *view = rc_view_new_zeroed("i", 2, SHAPE(2, 3));
    ck_assert_ptr_eq(rc_view_at(view, SHAPE(1, 2)), view->data + 20);
    ck_assert_ptr_eq(rc_view_edit_at(view, SHAPE(1, 0)), view->data + 12);
    ck_assert_ptr_null(rc_view_at(view, SHAPE(2, 0)));
    ASSERT_LAST_ERROR(RC_RANGE, "rc_view_at: index 2 of dimension 0, which has 2 elements");
    ck_assert_ptr_null(rc_view_edit_at(view, SHAPE(0, SIZE_MAX)));
    ASSERT_LAST_ERROR(RC_RANGE, "dimension 1, which has 3 elements");
    ck_assert_ptr_null(rc_view_at(view, NULL));
    ASSERT_LAST_ERROR(RC_INVALID, "the index is NULL");
    rc_release(view);
}
END_TEST

/* Their strides may be anything, and must not be stepped by. */
START_TEST(no_elements_are_looked_up_nowhere)
{
    rc_buffer *buffer = support_buffer(8, 1);
    rc_view *view =
        view_with(buffer, (struct rc_view_layout){.ndim = 3,
                                                  .shape = SHAPE(3, 3, 0),
                                                  .strides = STRIDES(PTRDIFF_MAX, PTRDIFF_MIN, 1)});
    ck_assert_ptr_null(rc_view_at(view, SHAPE(2, 2, 0)));
    ASSERT_LAST_ERROR(RC_RANGE, "index 0 of dimension 2, which has 0 elements");
    ck_assert_ptr_null(rc_view_edit_at(view, SHAPE(2, 2, 0)));
    rc_view *row = rc_view_index(view, 0, 2), *part = rc_view_slice(view, 1, 2, RC_VIEW_OPEN, -1);
    ck_assert_ptr_eq(row->data, view->data);
    ck_assert_ptr_eq(part->data, view->data);
    rc_release(row);
    rc_release(part);
    rc_release(view);
    rc_release(buffer);
}
END_TEST

START_TEST(null_is_refused_by_every_call)
{
    struct rc_view_layout layout = {.struct_size = sizeof layout};
    rc_buffer *buffer = support_buffer(8, 1);
    ASSERT_NULL(rc_view_new(NULL, "d"), RC_INVALID, "rc_view_new: the buffer is NULL");
    ASSERT_NULL(rc_view_new_with(NULL, &layout), RC_INVALID, "the buffer is NULL");
    ASSERT_NULL(rc_view_new_with(buffer, NULL), RC_INVALID, "the layout is NULL");
    layout.struct_size--;
    ASSERT_NULL(rc_view_new_with(buffer, &layout), RC_INVALID, "struct_size is");
    ASSERT_NULL(rc_view_edit(NULL), RC_INVALID, "rc_view_edit: the view is NULL");
    ASSERT_NULL((void *)(uintptr_t)rc_view_at(NULL, NULL), RC_INVALID, "rc_view_at: the view");
    ASSERT_NULL(rc_view_edit_at(NULL, NULL), RC_INVALID, "rc_view_edit_at: the view is NULL");
    ck_assert(rc_view_is_read_only(NULL));
    ASSERT_LAST_ERROR(RC_INVALID, "rc_view_is_read_only: the view is NULL");
    ck_assert_uint_eq(rc_view_byte_count(NULL), 0);
    ASSERT_LAST_ERROR(RC_INVALID, "rc_view_byte_count: the view is NULL");
    ck_assert(!rc_view_is_contiguous(NULL, 'C'));
    ASSERT_LAST_ERROR(RC_INVALID, "rc_view_is_contiguous: the view is NULL");
    rc_release(buffer);
}
END_TEST

/* ---- write access ---------------------------------------------------------------------------- */

START_TEST(whether_elements_can_be_written_is_asked_at_the_time)
{
    rc_buffer *buffer = support_buffer(16, 1);
    rc_view *view = rc_view_new(buffer, "q");
    ck_assert_ptr_eq(rc_view_edit(view), buffer->data);
    ck_assert(!rc_view_is_read_only(view));
    rc_buffer_freeze(buffer);
    ck_assert(rc_view_is_read_only(view));
    ASSERT_NULL(rc_view_edit(view), RC_READ_ONLY, "rc_view_edit: a buffer of 16 bytes is");
    ASSERT_NULL(rc_view_edit_at(view, SHAPE(0)), RC_READ_ONLY, "rc_view_edit_at: a buffer");
    ASSERT_REFUSED(rc_buffer_thaw(buffer), RC_BUSY, "2 references");
    rc_release(view);
    ASSERT_OK(rc_buffer_thaw(buffer));
    rc_release(buffer);
}
END_TEST

START_TEST(a_read_only_view_leaves_its_buffer_writable)
{
    rc_buffer *buffer = support_buffer(16, 1);
    rc_view *view = view_with(buffer, (struct rc_view_layout){.ndim = 1, .read_only = true});
    ck_assert(rc_view_is_read_only(view));
    ASSERT_NULL(rc_view_edit(view), RC_READ_ONLY, "the view of 16 bytes is read-only");
    ck_assert_ptr_nonnull(rc_buffer_edit(buffer));
    rc_view *part = rc_view_slice(view, 0, 2, 5, 1);
    ck_assert(rc_view_is_read_only(part));
    rc_release(part);
    rc_release(view);
    view = rc_view_new(buffer, NULL);
    part = rc_view_to_read_only(view);
    ck_assert(rc_view_is_read_only(part) && !rc_view_is_read_only(view));
    ck_assert_ptr_eq(part->data, view->data);
    rc_release(part);
    rc_release(view);
    rc_release(buffer);
}
END_TEST

/* ---- life ------------------------------------------------------------------------------------ */

START_TEST(a_view_is_an_export_of_its_buffer)
{
    rc_buffer *buffer = support_buffer(80, 1);
    rc_view *view = rc_view_new(buffer, "d"), *part = rc_view_slice(view, 0, 1, 5, 1);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 2);
    ck_assert_uint_eq(rc_count(buffer), 2);
    ck_assert_ptr_eq(part->base, buffer);
    ck_assert(rc_is_unique(view));
    ASSERT_REFUSED(rc_buffer_resize(buffer, 100), RC_BUSY, "");
    ASSERT_REFUSED(rc_buffer_reserve(buffer, 1000), RC_BUSY, "");
    ASSERT_REFUSED(rc_buffer_append(buffer, "x", 1), RC_BUSY, "");
    rc_release(view);
    ASSERT_REFUSED(rc_buffer_shrink(buffer), RC_BUSY, "");
    rc_release(part);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    ASSERT_OK(rc_buffer_resize(buffer, 100));
    rc_release(buffer);
}
END_TEST

START_TEST(a_view_over_a_slice_hangs_on_the_slice)
{
    rc_buffer *buffer = support_buffer(80, 1), *slice = rc_buffer_slice(buffer, 8, 40);
    rc_view *view = rc_view_new(slice, "d");
    ck_assert_ptr_eq(view->base, slice);
    ck_assert_ptr_eq(view->data, buffer->data + 8);
    ck_assert_uint_eq(view->size, 5);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
    rc_release(slice);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
    ASSERT_REFUSED(rc_buffer_resize(buffer, 100), RC_BUSY, "");
    rc_buffer_freeze(view->base);
    ck_assert(rc_view_is_read_only(view));
    rc_release(view);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    rc_release(buffer);
}
END_TEST

static unsigned given_back;

static void give_back(void *bytes, size_t size, void *context)
{
    (void)size, (void)context;
    given_back++;
    free(bytes);
}

START_TEST(the_last_view_ends_its_buffer)
{
    rc_buffer *buffer = rc_buffer_adopt(calloc(1, 64), 64, give_back, NULL);
    rc_view *view = rc_view_new(buffer, "T{i:a:f:b:}"), *other = rc_view_index(view, 0, 3);
    rc_release(buffer);
    rc_release(view);
    ck_assert_uint_eq(given_back, 0);
    ck_assert_str_eq(other->format->text, "T{i:a:f:b:}");
    rc_release(other);
    ck_assert_uint_eq(given_back, 1);
}
END_TEST

static void count_visit(void *object, void *argument)
{
    ((const void **)argument)[0] = ((const void **)argument)[1];
    ((const void **)argument)[1] = object;
}

START_TEST(a_view_shows_what_it_holds)
{
    const void *seen[2] = {NULL, NULL};
    rc_buffer *buffer = support_buffer(64, 1);
    rc_view *plain = rc_view_new(buffer, "d"), *record = rc_view_new(buffer, "2d");
    rc_type_of(plain)->traverse(plain, count_visit, seen);
    ck_assert_ptr_eq(seen[1], buffer);
    ck_assert_ptr_null(seen[0]);
    rc_type_of(record)->traverse(record, count_visit, seen);
    ck_assert_ptr_eq(seen[0], buffer);
    ck_assert_ptr_eq(seen[1], record->format);
    rc_release(plain);
    rc_release(record);
    rc_release(buffer);
}
END_TEST

enum { ROUNDS = 3000 };

static void *derive_and_release(void *argument)
{
    rc_view *view = argument;
    for (size_t i = 0; i < ROUNDS; i++) {
        rc_view *row = rc_view_index(view, 0, (ptrdiff_t)(i % 4));
        rc_view *part = rc_view_slice(row, 0, 1, RC_VIEW_OPEN, 2);
        rc_view *again = rc_view_new(view->base, i % 2 ? "d" : "2d");
        rc_release(row);
        if (!part || !again || part->base != view->base) return argument;
        rc_release(part);
        rc_release(again);
    }
    return NULL;
}

START_TEST(two_threads_make_views_of_one_buffer)
{
    rc_buffer *buffer = support_buffer(4 * 6 * 8, 1);
    rc_view *view =
        view_with(buffer, (struct rc_view_layout){.format = "d", .ndim = 2, .shape = SHAPE(4, 6)});
    pthread_t threads[2];
    void *failed;
    for (size_t i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, derive_and_release, view), 0);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
        ck_assert_ptr_null(failed);
    }
    ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
    rc_release(view);
    ck_assert(rc_is_unique(buffer));
    rc_release(buffer);
}
END_TEST

HARNESS_MAIN("buffer/view", a_view_of_a_whole_buffer_is_a_row_of_its_elements,
             without_a_format_elements_are_bytes,
             a_buffer_of_no_multiple_of_the_itemsize_is_refused,
             an_empty_buffer_has_a_view_without_elements, a_layout_finds_its_elements,
             without_strides_elements_lie_in_c_order, without_a_shape_as_many_elements_as_fit,
             an_element_outside_is_refused_with_its_index_and_place, no_dimension_is_one_element,
             there_may_be_64_dimensions_and_not_65, a_shape_that_is_too_large_is_refused,
             no_boundary_of_shape_stride_and_offset_reaches_outside,
             no_elements_have_a_place_inside_too, no_elements_reach_nothing,
             items_without_bytes_have_places_too, contiguity_has_an_order,
             an_index_has_to_be_below_the_shape, no_elements_are_looked_up_nowhere,
             null_is_refused_by_every_call, whether_elements_can_be_written_is_asked_at_the_time,
             a_read_only_view_leaves_its_buffer_writable, a_view_is_an_export_of_its_buffer,
             a_view_over_a_slice_hangs_on_the_slice, the_last_view_ends_its_buffer,
             a_view_shows_what_it_holds, two_threads_make_views_of_one_buffer)
