/* SPDX-License-Identifier: MIT */
#include "buffer/buffer.h"

#include "support.h"

/* ---- resize ---------------------------------------------------------------------------------- */

START_TEST(growing_keeps_the_content_whatever_the_sizes)
{
    static const size_t sizes[] = {0, 1, 16, 63, 64, 4048, 4097, 10000, 300000, 3000000};
    enum { N = sizeof sizes / sizeof *sizes };
    for (size_t from = 0; from < N; from++)
        for (size_t to = from; to < N; to++) {
            rc_buffer *buffer = support_buffer(sizes[from], 5);
            ASSERT_OK(rc_buffer_resize(buffer, sizes[to]));
            ck_assert_uint_eq(buffer->size, sizes[to]);
            support_assert_filled(buffer, 5, sizes[from]);
            support_fill(buffer, 6, 0);
            ASSERT_OK(rc_buffer_resize(buffer, sizes[from]));
            ASSERT_OK(rc_buffer_shrink(buffer));
            support_assert_filled(buffer, 6, sizes[from]);
            rc_release(buffer);
        }
}
END_TEST

START_TEST(a_smaller_size_neither_moves_nor_fails_and_keeps_the_capacity)
{
    rc_buffer *buffer = support_buffer(50000, 2);
    const unsigned char *place = buffer->data;
    ASSERT_OK(rc_buffer_resize(buffer, 0));
    ck_assert_ptr_eq(buffer->data, place);
    ck_assert_uint_eq(buffer->size, 0);
    ASSERT_OK(rc_buffer_resize(buffer, 50000));
    ck_assert_ptr_eq(buffer->data, place);
    rc_release(buffer);
}
END_TEST

START_TEST(a_grown_buffer_keeps_its_alignment)
{
    rc_buffer *buffer = rc_buffer_new_aligned(10, 4096);
    support_fill(buffer, 1, 0);
    for (size_t size = 20; size < 1000000; size *= 3) {
        ASSERT_OK(rc_buffer_resize(buffer, size));
        ck_assert_uint_eq((uintptr_t)buffer->data % 4096, 0);
    }
    support_assert_filled(buffer, 1, 10);
    ASSERT_OK(rc_buffer_resize(buffer, 0));
    ASSERT_OK(rc_buffer_shrink(buffer));
    ck_assert_uint_eq((uintptr_t)buffer->data % 4096, 0);
    rc_release(buffer);
}
END_TEST

static size_t requests_for(size_t (*work)(rc_buffer *), size_t size)
{
    struct rc_failing_allocator counting;
    rc_failing_allocator_init(&counting, NULL, 0, false);
    rc_buffer *buffer = rc_buffer_new_with(&counting.allocator, size, 0, 0);
    size_t before = counting.requests, steps = work(buffer);
    ck_assert_uint_gt(steps, 0);
    size_t requests = counting.requests - before;
    rc_release(buffer);
    return requests;
}

static size_t resize_by_one(rc_buffer *buffer)
{
    size_t steps = 0;
    while (buffer->size < 1000000 && rc_buffer_resize(buffer, buffer->size + 1) == RC_OK) steps++;
    ck_assert_uint_eq(buffer->size, 1000000);
    return steps;
}

/* Ten at a time where they are many. */
static size_t append_bytewise(rc_buffer *buffer)
{
    size_t steps = 0;
    while (buffer->size < 300000 && rc_buffer_append(buffer, "x", 1) == RC_OK) steps++;
    while (buffer->size < 3000000 && rc_buffer_append(buffer, "xxxxxxxxxx", 10) == RC_OK) steps++;
    ck_assert_uint_eq(buffer->size, 3000000);
    return steps;
}

START_TEST(resizing_byte_by_byte_asks_for_memory_a_few_times_only)
{
    ck_assert_uint_le(requests_for(resize_by_one, 5000), 60);
}
END_TEST

START_TEST(appending_byte_by_byte_asks_for_memory_a_few_times_only)
{
    ck_assert_uint_le(requests_for(append_bytewise, 0), 20);
}
END_TEST

START_TEST(a_much_larger_size_is_taken_exactly)
{
    struct rc_limiting_allocator limiting;
    rc_limiting_allocator_init(&limiting, NULL, 1000000);
    rc_buffer *buffer = rc_buffer_new_with(&limiting.allocator, 5000, 0, 0);
    size_t around = rc_limiting_allocator_used(&limiting) - 5000;
    ASSERT_OK(rc_buffer_resize(buffer, 20000));
    ck_assert_uint_eq(rc_limiting_allocator_used(&limiting), 20000 + around);
    ASSERT_OK(rc_buffer_reserve(buffer, 30000));
    ck_assert_uint_eq(rc_limiting_allocator_used(&limiting), 30000 + around);
    ASSERT_OK(rc_buffer_shrink(buffer));
    ck_assert_uint_eq(rc_limiting_allocator_used(&limiting), 20000 + around);
    rc_release(buffer);
    ck_assert_uint_eq(rc_limiting_allocator_used(&limiting), 0);
}
END_TEST

/* How much an append of one byte takes at a full capacity. */
static size_t appended_capacity(size_t full)
{
    struct rc_limiting_allocator limiting;
    rc_limiting_allocator_init(&limiting, NULL, SIZE_MAX);
    rc_buffer *buffer = rc_buffer_new_with(&limiting.allocator, full, 64, 0);
    size_t around = rc_limiting_allocator_used(&limiting) - full;
    ASSERT_OK(rc_buffer_append(buffer, "x", 1));
    size_t capacity = rc_limiting_allocator_used(&limiting) - around;
    rc_release(buffer);
    return capacity;
}

START_TEST(appending_doubles_then_grows_by_half_then_by_an_eighth)
{
    const size_t mib = 1 << 20;
    ck_assert_uint_eq(appended_capacity(10), 74);
    ck_assert_uint_eq(appended_capacity(5000), 10000);
    ck_assert_uint_eq(appended_capacity(mib - 16), 2 * (mib - 16));
    ck_assert_uint_eq(appended_capacity(mib), mib + mib / 2);
    ck_assert_uint_eq(appended_capacity(64 * mib), 72 * mib);
}
END_TEST

/* ---- reserve and shrink ---------------------------------------------------------------------- */

START_TEST(growing_within_what_was_reserved_neither_moves_nor_asks_for_memory)
{
    struct rc_failing_allocator counting;
    rc_failing_allocator_init(&counting, NULL, 0, false);
    rc_buffer *buffer = rc_buffer_new_with(&counting.allocator, 10, 0, 0);
    ASSERT_OK(rc_buffer_reserve(buffer, 100000));
    ck_assert_uint_eq(buffer->size, 10);
    const unsigned char *place = buffer->data;
    size_t requests = counting.requests;
    ASSERT_OK(rc_buffer_reserve(buffer, 50000));
    while (buffer->size < 100000 && rc_buffer_append(buffer, "0123456789", 10) == RC_OK) continue;
    ck_assert_uint_eq(buffer->size, 100000);
    ck_assert_uint_eq(counting.requests, requests);
    ck_assert_ptr_eq(buffer->data, place);
    rc_release(buffer);
}
END_TEST

START_TEST(a_buffer_that_fits_again_shrinks_back_into_its_object)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    rc_buffer *buffer = rc_buffer_new_with(&inspector.allocator, 100, 0, 0);
    const unsigned char *place = buffer->data;
    support_fill(buffer, 4, 0);
    ASSERT_OK(rc_buffer_reserve(buffer, 1000));
    ck_assert_uint_eq(inspector.blocks, 2);
    ck_assert_ptr_ne(buffer->data, place);
    ASSERT_OK(rc_buffer_shrink(buffer));
    ck_assert_uint_eq(inspector.blocks, 1);
    ck_assert_ptr_eq(buffer->data, place);
    support_assert_filled(buffer, 4, 100);
    ASSERT_OK(rc_buffer_shrink(buffer));
    ck_assert_uint_eq(buffer->size, 100);
    rc_release(buffer);
}
END_TEST

/* ---- append ---------------------------------------------------------------------------------- */

START_TEST(appending_adds_the_bytes_at_the_end)
{
    rc_buffer *buffer = rc_buffer_copy("one", 3);
    ASSERT_OK(rc_buffer_append(buffer, " and two", 8));
    ck_assert_uint_eq(buffer->size, 11);
    ck_assert_mem_eq(buffer->data, "one and two", 11);
    ASSERT_OK(rc_buffer_append(buffer, NULL, 0));
    ck_assert_uint_eq(buffer->size, 11);
    rc_release(buffer);
}
END_TEST

START_TEST(a_buffer_appended_to_itself_has_its_bytes_twice_also_when_it_moves)
{
    for (size_t size = 1; size < 200000; size = size * 3 + 1)
        for (size_t alignment = 16; alignment <= 64; alignment *= 4) {
            rc_buffer *buffer = rc_buffer_new_aligned(size, alignment);
            support_fill(buffer, 8, 0);
            ASSERT_OK(rc_buffer_append(buffer, buffer->data, size));
            ck_assert_uint_eq(buffer->size, 2 * size);
            ck_assert_mem_eq(buffer->data, buffer->data + size, size);
            ASSERT_OK(rc_buffer_append(buffer, buffer->data + size - 1, 2));
            ck_assert_uint_eq(buffer->data[2 * size], buffer->data[size - 1]);
            ck_assert_uint_eq(buffer->data[2 * size + 1], buffer->data[0]);
            support_assert_filled(buffer, 8, size);
            rc_release(buffer);
        }
}
END_TEST

START_TEST(bytes_that_start_inside_and_pass_the_end_are_refused)
{
    rc_buffer *buffer = support_buffer(100, 8);
    ASSERT_REFUSED(rc_buffer_append(buffer, buffer->data + 90, 11), RC_RANGE,
                   "11 bytes at 90 pass the end of the buffer of 100 bytes");
    ASSERT_OK(rc_buffer_resize(buffer, 60));
    ASSERT_REFUSED(rc_buffer_append(buffer, buffer->data + 61, 1), RC_RANGE, "at 61");
    ASSERT_REFUSED(rc_buffer_append(buffer, buffer->data, SIZE_MAX - 60), RC_RANGE, "at 0");
    ck_assert_uint_eq(buffer->size, 60);
    rc_release(buffer);
}
END_TEST

START_TEST(appending_null_or_more_than_a_size_can_count_is_refused)
{
    rc_buffer *buffer = support_buffer(100, 8);
    ASSERT_REFUSED(rc_buffer_append(buffer, NULL, 9), RC_INVALID,
                   "rc_buffer_append: the 9 bytes are NULL");
    ASSERT_REFUSED(rc_buffer_append(buffer, "x", SIZE_MAX - 99), RC_OVERFLOW, "overflow");
    ASSERT_REFUSED(rc_buffer_append(buffer, "x", SIZE_MAX / 2), RC_NO_MEMORY, "no room");
    support_assert_filled(buffer, 8, 100);
    ck_assert_uint_eq(buffer->size, 100);
    rc_release(buffer);
}
END_TEST

/* ---- who may --------------------------------------------------------------------------------- */

static void give_back(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size, (void)context;
}

static void assert_size_is_fixed(rc_buffer *buffer, enum rc_status status, const char *text)
{
    const unsigned char *place = buffer->data;
    size_t size = buffer->size;
    ASSERT_OK(rc_buffer_resize(buffer, size));
    ASSERT_OK(rc_buffer_append(buffer, "x", 0));
    ASSERT_REFUSED(rc_buffer_resize(buffer, size + 1), status, text);
    ASSERT_REFUSED(rc_buffer_resize(buffer, size - 1), status, text);
    ASSERT_REFUSED(rc_buffer_reserve(buffer, size), status, text);
    ASSERT_REFUSED(rc_buffer_append(buffer, "x", 1), status, text);
    ASSERT_REFUSED(rc_buffer_shrink(buffer), status, text);
    ck_assert_ptr_eq(buffer->data, place);
    ck_assert_uint_eq(buffer->size, size);
}

START_TEST(what_does_not_own_its_bytes_keeps_its_size_and_is_named)
{
    static unsigned char bytes[20];
    rc_buffer *root = support_buffer(64, 1);
    rc_buffer *slice = rc_buffer_slice(root, 4, 20);
    rc_buffer *borrowed = rc_buffer_borrow(bytes, 20);
    rc_buffer *adopted = rc_buffer_adopt(bytes, 20, give_back, NULL);
    assert_size_is_fixed(slice, RC_UNSUPPORTED, "a slice of 20 bytes keeps its size; copy it");
    assert_size_is_fixed(borrowed, RC_UNSUPPORTED, "a borrowed buffer of 20 bytes");
    assert_size_is_fixed(adopted, RC_UNSUPPORTED, "an adopted buffer of 20 bytes");
    rc_release(slice);
    rc_release(borrowed);
    rc_release(adopted);
    rc_release(root);
}
END_TEST

START_TEST(a_buffer_with_slices_is_busy_until_the_last_is_gone)
{
    rc_buffer *buffer = support_buffer(64, 1);
    rc_buffer *one = rc_buffer_slice(buffer, 0, 64);
    assert_size_is_fixed(buffer, RC_BUSY,
                         "the 64 bytes are exported: 1 slice or view of them lives");
    rc_buffer *two = rc_buffer_slice(one, 1, 1);
    assert_size_is_fixed(buffer, RC_BUSY,
                         "the 64 bytes are exported: 2 slices or views of them live");
    rc_release(one);
    assert_size_is_fixed(buffer, RC_BUSY, "1 slice");
    rc_release(two);
    ASSERT_OK(rc_buffer_resize(buffer, 65));
    rc_release(buffer);
}
END_TEST

START_TEST(a_frozen_buffer_keeps_its_size)
{
    rc_buffer *buffer = support_buffer(64, 1);
    ASSERT_OK(rc_buffer_freeze(buffer));
    assert_size_is_fixed(buffer, RC_READ_ONLY, "a buffer of 64 bytes is frozen");
    ASSERT_OK(rc_buffer_thaw(buffer));
    ASSERT_OK(rc_buffer_resize(buffer, 1));
    rc_release(buffer);
}
END_TEST

HARNESS_MAIN("buffer/buffer_grow", growing_keeps_the_content_whatever_the_sizes,
             a_smaller_size_neither_moves_nor_fails_and_keeps_the_capacity,
             a_grown_buffer_keeps_its_alignment,
             resizing_byte_by_byte_asks_for_memory_a_few_times_only,
             appending_byte_by_byte_asks_for_memory_a_few_times_only,
             a_much_larger_size_is_taken_exactly,
             appending_doubles_then_grows_by_half_then_by_an_eighth,
             growing_within_what_was_reserved_neither_moves_nor_asks_for_memory,
             a_buffer_that_fits_again_shrinks_back_into_its_object,
             appending_adds_the_bytes_at_the_end,
             a_buffer_appended_to_itself_has_its_bytes_twice_also_when_it_moves,
             bytes_that_start_inside_and_pass_the_end_are_refused,
             appending_null_or_more_than_a_size_can_count_is_refused,
             what_does_not_own_its_bytes_keeps_its_size_and_is_named,
             a_buffer_with_slices_is_busy_until_the_last_is_gone, a_frozen_buffer_keeps_its_size)
