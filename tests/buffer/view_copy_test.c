/* SPDX-License-Identifier: MIT */
#include "buffer/view.h"

#include "buffer/view_copy.h"
#include "view_model.h"

#define OPEN RC_VIEW_OPEN

/* What a copy has to leave: the elements of the source before it. */
static void assert_copies(const rc_view *destination, const rc_view *source)
{
    unsigned char *expected = model_bytes(source, 'C');
    ASSERT_OK(rc_view_copy(destination, source));
    unsigned char *found = model_bytes(destination, 'C');
    ck_assert_mem_eq(found, expected, source->size * source->itemsize);
    free(found);
    free(expected);
}

/* Another view of the same shape, whose memory lies in another way. */
static rc_view *random_twin(struct model_random *random, const rc_view *view)
{
    size_t shape[8], axes[8], back[8];
    for (size_t i = 0; i < view->ndim; i++) axes[i] = i;
    for (size_t i = view->ndim; i > 1; i--) {
        size_t other = model_below(random, i), kept = axes[i - 1];
        axes[i - 1] = axes[other];
        axes[other] = kept;
    }
    for (size_t i = 0; i < view->ndim; i++) {
        shape[i] = 2 * view->shape[axes[i]];
        back[axes[i]] = i;
    }
    rc_view *whole = rc_view_new_zeroed(view->format->text, view->ndim, shape);
    rc_view *twin = rc_view_permute(whole, back);
    rc_release(whole);
    for (size_t i = 0; i < view->ndim; i++) {
        ptrdiff_t length = (ptrdiff_t)view->shape[i];
        static const ptrdiff_t steps[] = {1, 1, -1, 2, -2};
        ptrdiff_t step = steps[model_below(random, 5)];
        whole = twin;
        twin = step == 1    ? rc_view_slice(whole, i, 0, length, 1)
               : step == -1 ? rc_view_slice(whole, i, -1, -1 - length, -1)
                            : rc_view_slice(whole, i, OPEN, OPEN, step);
        rc_release(whole);
    }
    return twin;
}

/* ---- apart ----------------------------------------------------------------------------------- */

START_TEST(elements_are_copied_between_any_two_layouts)
{
    static const char *const formats[] = {"B", "h", "i", "d", "Zd", "3B", "T{i:a:d:b:}", "40s"};
    struct model_random random = {0x2545F4914F6CDD1Du};
    for (size_t n = 0; n < 1200; n++) {
        rc_view *source = model_random_view(&random, formats[n % 8], n / 8 % 5, n % 3 ? 5 : 21);
        rc_view *destination = random_twin(&random, source);
        assert_copies(destination, source);
        rc_release(destination);
        rc_release(source);
    }
}
END_TEST

START_TEST(bytes_between_the_elements_stay)
{
    rc_view *whole = rc_view_new_zeroed("h", 2, SHAPE(9, 40));
    rc_view *rows = rc_view_slice(whole, 0, OPEN, OPEN, 2);
    rc_view *part = rc_view_slice(rows, 1, 1, 38, 3);
    rc_view *source = rc_view_new_zeroed("h", 2, part->shape);
    memset(rc_view_edit(source), 0xFF, source->base->size);
    ASSERT_OK(rc_view_copy(part, source));
    const int16_t *elements = (const int16_t *)(const void *)whole->data;
    size_t wrong = 0;
    for (size_t i = 0; i < 9; i++)
        for (size_t j = 0; j < 40; j++) {
            bool is_copied = i % 2 == 0 && j >= 1 && j < 38 && (j - 1) % 3 == 0;
            wrong += elements[i * 40 + j] != (is_copied ? -1 : 0);
        }
    ck_assert_uint_eq(wrong, 0);
    rc_release(source);
    rc_release(part);
    rc_release(rows);
    rc_release(whole);
}
END_TEST

/* Squares, what is left of them at both edges, planes large enough to fetch ahead. */
START_TEST(transposed_planes_of_every_size_are_copied)
{
    static const char *const formats[] = {"B", "h", "f", "d", "Zd", "3B"};
    static const size_t sizes[][2] = {{8, 8},   {16, 16}, {64, 64}, {17, 9},    {9, 17},  {65, 130},
                                      {3, 100}, {100, 3}, {7, 7},   {201, 203}, {2, 1000}};
    struct model_random random = {77};
    for (size_t n = 0; n < COUNT_OF(sizes) * 6; n++) {
        rc_view *view = rc_view_new_zeroed(formats[n % 6], 2, sizes[n / 6]);
        support_fill(view->base, (unsigned)n, 0);
        rc_view *source = rc_view_transpose(view);
        rc_view *destination = rc_view_new_zeroed(formats[n % 6], 2, source->shape);
        assert_copies(destination, source);
        rc_view *back = rc_view_slice(source, model_below(&random, 2), OPEN, OPEN, -1);
        assert_copies(destination, back);
        rc_release(back);
        rc_release(destination);
        rc_release(source);
        rc_release(view);
    }
}
END_TEST

/* A plane of elements that begin anywhere, also so that no whole one is on a line of the cache. */
static rc_view *plane_at(rc_buffer *bytes, const char *format, size_t offset, const size_t *shape)
{
    const struct rc_view_layout layout = {.struct_size = sizeof layout,
                                          .format = format,
                                          .offset = offset,
                                          .ndim = 2,
                                          .shape = shape};
    rc_view *view = rc_view_new_with(bytes, &layout);
    ck_assert_msg(view != NULL, "%s", rc_error_message());
    return view;
}

START_TEST(transposed_planes_are_copied_wherever_they_begin)
{
    static const char *const formats[] = {"B", "=h", "=f", "=d", "=Zd"};
    rc_buffer *bytes = support_buffer(64 + 70 * 67 * 16, 5),
              *others = support_buffer(bytes->size, 6);
    for (size_t n = 0; n < 64 * 5; n++) {
        rc_view *view = plane_at(bytes, formats[n % 5], n / 5, SHAPE(70, 67));
        rc_view *source = rc_view_transpose(view);
        rc_view *destination = plane_at(others, formats[n % 5], n * 7 % 64, source->shape);
        assert_copies(destination, source);
        rc_release(destination);
        rc_release(source);
        rc_release(view);
    }
    rc_release(others);
    rc_release(bytes);
}
END_TEST

/* Larger than a line of the cache. */
START_TEST(planes_of_large_elements_are_copied_too)
{
    static const size_t sizes[][2] = {{9, 17}, {17, 9}, {2, 3}};
    for (size_t n = 0; n < COUNT_OF(sizes); n++) {
        rc_view *view = rc_view_new_zeroed("100s", 2, sizes[n]);
        support_fill(view->base, (unsigned)n, 0);
        rc_view *source = rc_view_transpose(view);
        rc_view *destination = rc_view_new_zeroed("100s", 2, source->shape);
        assert_copies(destination, source);
        rc_release(destination);
        rc_release(source);
        rc_release(view);
    }
}
END_TEST

START_TEST(what_is_in_its_place_is_copied_without_memory)
{
    rc_view *view = rc_view_new_zeroed("i", 2, SHAPE(30, 30));
    rc_view *part = rc_view_slice(view, 1, 3, 20, 2), *same = rc_view_slice(view, 1, 3, 20, 2);
    struct rc_account before, after;
    rc_account_read(&before);
    ASSERT_OK(rc_view_copy(part, same));
    rc_account_read(&after);
    ck_assert_uint_eq(after.total_objects, before.total_objects);
    rc_release(part);
    rc_release(same);
    rc_release(view);
}
END_TEST

/* Elements of the source begin at each byte, or at each other one, or are all the same. */
START_TEST(elements_that_overlap_in_the_source_are_copied)
{
    static const char *const formats[] = {"B", "=h", "=i", "=q", "=Zd", "3B", "T{=i:a:B:b:}"};
    rc_buffer *bytes = support_buffer(200, 8);
    for (size_t n = 0; n < COUNT_OF(formats); n++)
        for (ptrdiff_t stride = 0; stride <= 17; stride++) {
            const struct rc_view_layout layout = {.struct_size = sizeof layout,
                                                  .format = formats[n],
                                                  .ndim = 1,
                                                  .shape = SHAPE(10),
                                                  .strides = &stride};
            rc_view *source = rc_view_new_with(bytes, &layout);
            ck_assert_msg(source != NULL, "%s", rc_error_message());
            rc_view *destination = rc_view_new_zeroed(formats[n], 1, SHAPE(10));
            assert_copies(destination, source);
            rc_release(destination);
            rc_release(source);
        }
    rc_release(bytes);
}
END_TEST

START_TEST(a_row_is_copied_to_every_row)
{
    rc_view *row = rc_view_new_zeroed("d", 1, SHAPE(50));
    support_fill(row->base, 3, 0);
    rc_view *wide = rc_view_broadcast(row, 3, SHAPE(4, 20, 50));
    rc_view *to = rc_view_new_zeroed("d", 3, SHAPE(4, 20, 50));
    assert_copies(to, wide);
    rc_view *column = rc_view_reshape(row, 2, SHAPE(50, 1), 'C');
    rc_release(wide);
    wide = rc_view_broadcast(column, 3, SHAPE(4, 50, 20));
    rc_view *other = rc_view_reshape(to, 3, SHAPE(4, 50, 20), 'C');
    assert_copies(other, wide);
    rc_release(other);
    rc_release(column);
    rc_release(to);
    rc_release(wide);
    rc_release(row);
}
END_TEST

/* ---- shared bytes ---------------------------------------------------------------------------- */

START_TEST(every_overlap_is_copied_as_if_the_source_were_elsewhere)
{
    static const ptrdiff_t strides[] = {8, 16, 24, -8, -16, 40, 4, 0, -12};
    rc_buffer *buffer = rc_buffer_new(400);
    size_t done = 0;
    for (size_t n = 0; n < 9 * 9 * 60; n++) {
        struct rc_view_layout layout = {
            .struct_size = sizeof layout, .format = "d", .ndim = 1, .shape = SHAPE(7)};
        layout.strides = &strides[n % 9];
        layout.offset = 120;
        rc_view *source = rc_view_new_with(buffer, &layout);
        layout.strides = &strides[n / 9 % 9];
        layout.offset = 90 + n / 81;
        if (layout.strides[0] == 0 || layout.strides[0] == 4) layout.strides = &strides[4];
        rc_view *destination = rc_view_new_with(buffer, &layout);
        if (source && destination) {
            support_fill(buffer, (unsigned)n, 0);
            assert_copies(destination, source);
            done++;
        }
        rc_release(destination);
        rc_release(source);
    }
    ck_assert_uint_ge(done, 3000);
    rc_release(buffer);
}
END_TEST

START_TEST(a_view_is_copied_onto_itself_in_any_order)
{
    rc_view *view = rc_view_new_zeroed("i", 2, SHAPE(30, 30));
    support_fill(view->base, 9, 0);
    rc_view *transposed = rc_view_transpose(view), *back = rc_view_slice(view, 0, OPEN, OPEN, -1);
    assert_copies(view, transposed);
    assert_copies(back, view);
    assert_copies(view, view);
    rc_view *up = rc_view_slice(view, 0, 1, OPEN, 1), *down = rc_view_slice(view, 0, 0, -1, 1);
    assert_copies(up, down);
    assert_copies(down, up);
    rc_view *left = rc_view_slice(view, 1, 1, OPEN, 1), *right = rc_view_slice(view, 1, 0, -1, 1);
    assert_copies(left, right);
    assert_copies(right, left);
    rc_release(left);
    rc_release(right);
    rc_release(up);
    rc_release(down);
    rc_release(back);
    rc_release(transposed);
    rc_release(view);
}
END_TEST

/* No memory is asked for where even and odd elements take turns. */
START_TEST(elements_that_take_turns_share_nothing)
{
    rc_view *view = rc_view_new_zeroed("d", 2, SHAPE(10, 10));
    support_fill(view->base, 9, 0);
    rc_view *even = rc_view_slice(view, 1, 0, OPEN, 2), *odd = rc_view_slice(view, 1, 1, OPEN, 2);
    unsigned char *expected = model_bytes(odd, 'C');
    struct rc_account before, after;
    rc_account_read(&before);
    ASSERT_OK(rc_view_copy(even, odd));
    rc_account_read(&after);
    ck_assert_uint_eq(after.total_objects, before.total_objects);
    unsigned char *found = model_bytes(even, 'C');
    ck_assert_mem_eq(found, expected, 400);
    free(found);
    free(expected);
    rc_release(even);
    rc_release(odd);
    rc_release(view);
}
END_TEST

START_TEST(elements_share_bytes_unless_they_stay_apart_at_each_step)
{
    unsigned char bytes[64];
    static const struct {
        size_t length, from;
        ptrdiff_t a, b;
        bool share;
    } cases[] = {{4, 4, 8, 8, false}, {4, 3, 8, 8, true},   {4, 5, 8, 8, true},
                 {4, 8, 8, 8, true},  {4, 4, 8, 16, false}, {4, 2, 4, 4, true},
                 {4, 4, 12, 8, true}, {2, 4, -8, 8, false}, {1, 0, 0, 0, true},
                 {1, 3, 0, 0, true},  {1, 4, 0, 0, false},  {3, 3, 0, 0, true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rc__side a = {bytes, &cases[i].a}, b = {bytes + cases[i].from, &cases[i].b};
        ck_assert_msg(rc__sides_may_share(1, &cases[i].length, 4, a, b) == cases[i].share, "%zu",
                      i);
        ck_assert_msg(rc__sides_may_share(1, &cases[i].length, 4, b, a) == cases[i].share, "%zu",
                      i);
    }
}
END_TEST

/* ---- refusals -------------------------------------------------------------------------------- */

START_TEST(a_copy_needs_equal_formats_and_shapes)
{
    rc_view *view = rc_view_new_zeroed("i", 2, SHAPE(3, 4));
    rc_view *other = rc_view_new_zeroed("f", 2, SHAPE(3, 4));
    rc_view *turned = rc_view_transpose(view), *flat = rc_view_reshape(view, 1, SHAPE(12), 'C');
    ASSERT_REFUSED(rc_view_copy(view, other), RC_FORMAT, "elements of \"f\" to elements of \"i\"");
    ASSERT_REFUSED(rc_view_copy(view, turned), RC_INVALID,
                   "elements of the shape (4, 3) to the shape (3, 4)");
    ASSERT_REFUSED(rc_view_copy(view, flat), RC_INVALID, "shape (12,) to the shape (3, 4)");
    ASSERT_REFUSED(rc_view_copy(NULL, view), RC_INVALID, "rc_view_copy: the view is NULL");
    ASSERT_REFUSED(rc_view_copy(view, NULL), RC_INVALID, "rc_view_copy: the view is NULL");
    rc_release(other);
    other = rc_view_new_zeroed("=i", 2, SHAPE(3, 4));
    ASSERT_OK(rc_view_copy(view, other));
    rc_release(flat);
    rc_release(turned);
    rc_release(other);
    rc_release(view);
}
END_TEST

START_TEST(what_is_read_only_stays_as_it_is)
{
    rc_view *view = rc_view_new_zeroed("i", 1, SHAPE(3)), *source = rc_view_copy_new(view, 'C');
    rc_view *fixed = rc_view_to_read_only(view), *empty = rc_view_slice(fixed, 0, 0, 0, 1);
    support_fill(source->base, 5, 0);
    ASSERT_REFUSED(rc_view_copy(fixed, source), RC_READ_ONLY, "rc_view_copy: the view of 12 bytes");
    ASSERT_REFUSED(rc_view_copy(empty, empty), RC_READ_ONLY, "rc_view_copy: the view of 0 bytes");
    ASSERT_REFUSED(rc_view_fill(fixed, "four"), RC_READ_ONLY, "rc_view_fill: the view");
    ASSERT_REFUSED(rc_view_from_bytes(fixed, "twelve bytes", 12, 'C'), RC_READ_ONLY,
                   "rc_view_from_bytes: the view");
    rc_buffer_freeze(view->base);
    ASSERT_REFUSED(rc_view_copy(view, source), RC_READ_ONLY, "a buffer of 12 bytes is read-only");
    ck_assert(support_is_all(view->data, 12, 0));
    rc_release(empty);
    rc_release(fixed);
    rc_release(source);
    rc_release(view);
}
END_TEST

START_TEST(no_elements_are_copied_without_a_look)
{
    rc_view *view = rc_view_new_zeroed("i", 2, SHAPE(3, 0)), *copy = rc_view_copy_new(view, 'F');
    ASSERT_OK(rc_view_copy(view, copy));
    ASSERT_OK(rc_view_fill(view, "four"));
    ASSERT_OK(rc_view_from_bytes(view, NULL, 0, 'C'));
    rc_buffer *bytes = rc_view_to_bytes(view, 'A');
    ck_assert_uint_eq(bytes->size, 0);
    rc_release(bytes);
    rc_release(copy);
    rc_release(view);
    view = rc_view_new_zeroed("0s", 1, SHAPE(5));
    copy = rc_view_copy_new(view, 'C');
    ASSERT_OK(rc_view_copy(view, copy));
    ASSERT_OK(rc_view_fill(view, ""));
    rc_release(copy);
    rc_release(view);
}
END_TEST

/* ---- fill ------------------------------------------------------------------------------------ */

START_TEST(every_element_becomes_the_item)
{
    static const char *const formats[] = {"B", "h", "i", "d", "Zd", "3B", "300s"};
    struct model_random random = {4711};
    unsigned char item[300];
    for (size_t i = 0; i < sizeof item; i++) item[i] = support_byte(50, i);
    for (size_t n = 0; n < 140; n++) {
        rc_view *view = model_random_view(&random, formats[n % 7], n / 7 % 4, 6);
        size_t index[8] = {0};
        ASSERT_OK(rc_view_fill(view, item));
        for (size_t i = 0; i < view->size; i++) {
            ck_assert_mem_eq(model_at(view, index), item, view->itemsize);
            model_next(view->ndim, view->shape, 'C', index);
        }
        rc_release(view);
    }
}
END_TEST

START_TEST(the_item_may_be_the_views_own)
{
    rc_view *view = rc_view_new_zeroed("10s", 1, SHAPE(9));
    support_fill(view->base, 4, 0);
    unsigned char item[10];
    memcpy(item, view->data + 33, 10); /* across two elements */
    ASSERT_OK(rc_view_fill(view, view->data + 33));
    for (size_t i = 0; i < 9; i++) ck_assert_mem_eq(view->data + 10 * i, item, 10);
    ASSERT_REFUSED(rc_view_fill(view, NULL), RC_INVALID, "the item is NULL");
    ASSERT_REFUSED(rc_view_fill(NULL, item), RC_INVALID, "rc_view_fill: the view is NULL");
    rc_release(view);
}
END_TEST

/* ---- bytes ----------------------------------------------------------------------------------- */

START_TEST(bytes_come_out_in_either_order_and_go_back)
{
    struct model_random random = {31337};
    for (size_t n = 0; n < 300; n++) {
        rc_view *view = model_random_view(&random, n % 2 ? "d" : "3B", n / 2 % 5, 5);
        char order = n % 3 ? 'C' : 'F';
        size_t size = view->size * view->itemsize;
        unsigned char *expected = model_bytes(view, order);
        rc_buffer *bytes = rc_view_to_bytes(view, order);
        ck_assert_uint_eq(bytes->size, size);
        ck_assert_mem_eq(bytes->data, expected, size);
        rc_view *copy = rc_view_copy_new(view, order);
        ck_assert_mem_eq(copy->data, expected, size);
        ck_assert(rc_view_is_contiguous(copy, order) && !rc_view_is_read_only(copy));
        ck_assert(rc_format_equal(copy->format, view->format));
        model_check(copy);
        support_fill(bytes, 99, 0);
        ASSERT_OK(rc_view_from_bytes(view, bytes->data, size, order));
        unsigned char *found = model_bytes(view, order);
        ck_assert_mem_eq(found, bytes->data, size);
        free(found);
        free(expected);
        rc_release(copy);
        rc_release(bytes);
        rc_release(view);
    }
}
END_TEST

START_TEST(order_a_is_that_of_the_view)
{
    rc_view *view = rc_view_new_zeroed("h", 2, SHAPE(3, 4)), *turned = rc_view_transpose(view);
    support_fill(view->base, 1, 0);
    rc_buffer *bytes = rc_view_to_bytes(turned, 'A');
    ck_assert_mem_eq(bytes->data, view->data, 24);
    rc_view *copy = rc_view_copy_new(turned, 'A'), *part = rc_view_slice(turned, 0, 1, 3, 1);
    ck_assert(rc_view_is_contiguous(copy, 'F') && !rc_view_is_contiguous(copy, 'C'));
    rc_release(copy);
    copy = rc_view_copy_new(part, 'A');
    ck_assert(rc_view_is_contiguous(copy, 'C'));
    memset(rc_view_edit(view), 0, 24);
    ASSERT_OK(rc_view_from_bytes(turned, bytes->data, 24, 'A'));
    ck_assert_mem_eq(bytes->data, view->data, 24);
    rc_release(part);
    rc_release(copy);
    rc_release(bytes);
    rc_release(turned);
    rc_release(view);
}
END_TEST

START_TEST(bytes_may_be_the_views_own)
{
    rc_view *view = rc_view_new_zeroed("h", 2, SHAPE(6, 6));
    support_fill(view->base, 8, 0);
    unsigned char *expected = model_bytes(view, 'C');
    ASSERT_OK(rc_view_from_bytes(view, view->data, 72, 'F'));
    unsigned char *found = model_bytes(view, 'F');
    ck_assert_mem_eq(found, expected, 72);
    free(found);
    free(expected);
    rc_release(view);
}
END_TEST

START_TEST(other_sizes_and_orders_are_refused)
{
    rc_view *view = rc_view_new_zeroed("h", 2, SHAPE(6, 6));
    ASSERT_REFUSED(rc_view_from_bytes(view, "x", 1, 'C'), RC_RANGE, "1 bytes for 36 elements of 2");
    ASSERT_REFUSED(rc_view_from_bytes(view, NULL, 72, 'C'), RC_INVALID, "the 72 bytes are NULL");
    ASSERT_REFUSED(rc_view_from_bytes(view, "x", 1, 'x'), RC_INVALID, "characters of \"CFA\"");
    ASSERT_REFUSED(rc_view_from_bytes(NULL, "x", 1, 'C'), RC_INVALID, "the view is NULL");
    ASSERT_NULL(rc_view_to_bytes(view, 'K'), RC_INVALID, "characters of \"CFA\"");
    ASSERT_NULL(rc_view_to_bytes(NULL, 'C'), RC_INVALID, "rc_view_to_bytes: the view is NULL");
    ASSERT_NULL(rc_view_copy_new(view, 'K'), RC_INVALID, "characters of \"CFA\"");
    ASSERT_NULL(rc_view_copy_new(NULL, 'C'), RC_INVALID, "rc_view_copy_new: the view is NULL");
    rc_release(view);
}
END_TEST

/* ---- suboffsets ------------------------------------------------------------------------------ */

START_TEST(rows_that_lie_apart_are_copied_both_ways)
{
    enum { ROWS = 3, COLUMNS = 4 };
    rc_buffer *apart[ROWS], *addresses = rc_buffer_new(ROWS * sizeof(void *));
    for (size_t i = 0; i < ROWS; i++) {
        apart[i] = support_buffer(COLUMNS * 2, (unsigned)i + 1);
        ((const void **)rc_buffer_edit(addresses))[i] = apart[i]->data;
    }
    const struct rc_view_layout layout = {.struct_size = sizeof layout,
                                          .format = "h",
                                          .ndim = 2,
                                          .shape = SHAPE(ROWS, COLUMNS),
                                          .strides = STRIDES(sizeof(void *), 2),
                                          .suboffsets = STRIDES(0, -1)};
    rc_view *view = rc_view_new_with(addresses, &layout);
    rc_view *copy = rc_view_copy_new(view, 'F');
    unsigned char *expected = model_bytes(view, 'C'), *found = model_bytes(copy, 'C');
    ck_assert_mem_eq(found, expected, 24);
    free(found);
    free(expected);
    support_fill(copy->base, 7, 0);
    assert_copies(view, copy);
    assert_copies(view, view);
    ASSERT_OK(rc_view_fill(view, apart[1]->data + 1));
    expected = model_bytes(view, 'C');
    for (size_t i = 1; i < ROWS * COLUMNS; i++) ck_assert_mem_eq(expected, expected + 2 * i, 2);
    free(expected);
    rc_release(copy);
    rc_release(view);
    rc_release(addresses);
    for (size_t i = 0; i < ROWS; i++) rc_release(apart[i]);
}
END_TEST

HARNESS_MAIN("buffer/view_copy", elements_are_copied_between_any_two_layouts,
             bytes_between_the_elements_stay, transposed_planes_of_every_size_are_copied,
             transposed_planes_are_copied_wherever_they_begin,
             planes_of_large_elements_are_copied_too, what_is_in_its_place_is_copied_without_memory,
             elements_that_overlap_in_the_source_are_copied, a_row_is_copied_to_every_row,
             every_overlap_is_copied_as_if_the_source_were_elsewhere,
             a_view_is_copied_onto_itself_in_any_order, elements_that_take_turns_share_nothing,
             elements_share_bytes_unless_they_stay_apart_at_each_step,
             a_copy_needs_equal_formats_and_shapes, what_is_read_only_stays_as_it_is,
             no_elements_are_copied_without_a_look, every_element_becomes_the_item,
             the_item_may_be_the_views_own, bytes_come_out_in_either_order_and_go_back,
             order_a_is_that_of_the_view, bytes_may_be_the_views_own,
             other_sizes_and_orders_are_refused, rows_that_lie_apart_are_copied_both_ways)
