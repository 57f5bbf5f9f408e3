/* SPDX-License-Identifier: MIT */
#include "buffer/buffer.h"

#include <errno.h>

#include "support.h"

/* What the release functions saw. */
static struct seen {
    size_t calls, size;
    void *bytes, *context;
} seen;

static void note(void *bytes, size_t size, void *context)
{
    seen = (struct seen){seen.calls + 1, size, bytes, context};
}

START_TEST(an_adopted_buffer_is_released_exactly_once_with_what_was_handed_over)
{
    static unsigned char bytes[10] = "adopted";
    int context;
    rc_buffer *buffer = rc_buffer_adopt(bytes, sizeof bytes, note, &context);
    ck_assert_ptr_eq(buffer->data, bytes);
    ck_assert_uint_eq(buffer->size, 10);
    ck_assert_str_eq(rc_type_of(buffer)->name, "rc_buffer adopted");
    rc_buffer *slice = rc_buffer_slice(buffer, 2, 3);
    rc_release(buffer);
    ck_assert_uint_eq(seen.calls, 0);
    rc_release(slice);
    ck_assert_uint_eq(seen.calls, 1);
    ck_assert_uint_eq(seen.size, 10);
    ck_assert_ptr_eq(seen.bytes, bytes);
    ck_assert_ptr_eq(seen.context, &context);
}
END_TEST

START_TEST(adopted_bytes_are_writable_in_place)
{
    static unsigned char bytes[10];
    rc_buffer *buffer = rc_buffer_adopt(bytes, sizeof bytes, note, NULL);
    support_fill(buffer, 7, 0);
    ck_assert_uint_eq(bytes[9], support_byte(7, 9));
    rc_release(buffer);
}
END_TEST

START_TEST(adopting_nothing_runs_the_release_function_at_the_end)
{
    rc_buffer *buffer = rc_buffer_adopt(NULL, 0, note, &seen);
    ck_assert_ptr_nonnull(buffer->data);
    ck_assert_uint_eq(buffer->size, 0);
    rc_release(buffer);
    ck_assert_uint_eq(seen.calls, 1);
    ck_assert_ptr_null(seen.bytes);
    ck_assert_uint_eq(seen.size, 0);
    ck_assert_ptr_eq(seen.context, &seen);
}
END_TEST

START_TEST(adopting_no_bytes_at_an_address_gives_that_address_back)
{
    void *block = malloc(1);
    rc_buffer *buffer = rc_buffer_adopt(block, 0, note, NULL);
    rc_release(buffer);
    ck_assert_uint_eq(seen.calls, 1);
    ck_assert_ptr_eq(seen.bytes, block);
    free(block);
}
END_TEST

START_TEST(adopting_null_bytes_or_a_null_function_is_refused_and_releases_nothing)
{
    unsigned char bytes[4];
    ASSERT_NULL(rc_buffer_adopt(NULL, 4, note, NULL), RC_INVALID,
                "rc_buffer_adopt: the 4 bytes are NULL");
    ASSERT_NULL(rc_buffer_adopt(bytes, 4, NULL, NULL), RC_INVALID,
                "the release function for 4 bytes is NULL");
    ck_assert_uint_eq(seen.calls, 0);
}
END_TEST

START_TEST(a_failed_adoption_leaves_the_bytes_with_the_caller)
{
    unsigned char bytes[4];
    struct rc_failing_allocator failing;
    rc_failing_allocator_init(&failing, NULL, 1, true);
    ASSERT_OK(rc_allocator_set_default(&failing.allocator));
    ASSERT_NULL(rc_buffer_adopt(bytes, 4, note, NULL), RC_NO_MEMORY, "no room for");
    ASSERT_NULL(rc_buffer_borrow(bytes, 4), RC_NO_MEMORY, "no room for");
    ASSERT_OK(rc_allocator_set_default(NULL));
    ck_assert_uint_eq(seen.calls, 0);
}
END_TEST

static void fail_and_free(void *bytes, size_t size, void *context)
{
    (void)size, (void)context;
    ASSERT_NULL(rc_buffer_slice(NULL, 0, 0), RC_INVALID, "NULL");
    rc_error_set(RC_FORMAT, "of the release function");
    errno = 12;
    free(bytes);
}

START_TEST(a_release_function_may_call_the_library_and_leaves_error_and_errno_as_they_were)
{
    rc_buffer *buffer = rc_buffer_adopt(malloc(100), 100, fail_and_free, NULL);
    rc_error_set(RC_RANGE, "an older error");
    errno = 77;
    rc_release(buffer);
    ck_assert_int_eq(errno, 77);
    ASSERT_LAST_ERROR(RC_RANGE, "an older error");
}
END_TEST

static void release_next(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size;
    seen.calls++;
    rc_release((rc_buffer *)context);
}

START_TEST(a_chain_of_adopted_buffers_ends_in_constant_stack)
{
    enum { LENGTH = 120000 };
    static unsigned char byte;
    for (int null = 0; null < 2; null++) {
        rc_buffer *head = rc_buffer_new(1);
        for (size_t i = 0; i < LENGTH; i++)
            head = rc_buffer_adopt(null ? NULL : &byte, null ? 0 : 1, release_next, head);
        seen.calls = 0;
        rc_release(head);
        ck_assert_uint_eq(seen.calls, LENGTH);
    }
}
END_TEST

static rc_buffer *kept;

static void keep_buffer(void *bytes, size_t size, void *context)
{
    note(bytes, size, context);
    kept = rc_retain(*(rc_buffer **)context);
}

START_TEST(a_buffer_that_its_release_function_keeps_is_empty_and_ends_without_another_call)
{
    static unsigned char bytes[8];
    rc_buffer *buffer = NULL;
    buffer = rc_buffer_adopt(bytes, sizeof bytes, keep_buffer, &buffer);
    rc_release(buffer);
    ck_assert_uint_eq(seen.calls, 1);
    ck_assert_uint_eq(seen.size, 8);
    ck_assert_ptr_eq(kept, buffer);
    ck_assert_uint_eq(kept->size, 0);
    ck_assert_ptr_nonnull(kept->data);
    ck_assert_ptr_ne(kept->data, bytes);
    rc_clear(&kept);
    ck_assert_uint_eq(seen.calls, 1);
}
END_TEST

START_TEST(a_borrowed_buffer_is_read_only_and_frees_nothing)
{
    static const char text[] = "static text";
    rc_buffer *buffer = rc_buffer_borrow(text, sizeof text);
    ck_assert_ptr_eq(buffer->data, text);
    ck_assert_str_eq(rc_type_of(buffer)->name, "rc_buffer borrowed");
    ASSERT_NULL(rc_buffer_edit(buffer), RC_READ_ONLY,
                "rc_buffer_edit: a borrowed buffer of 12 bytes is read-only");
    rc_buffer *slice = rc_buffer_slice(buffer, 7, 4);
    ASSERT_NULL(rc_buffer_edit(slice), RC_READ_ONLY,
                "a slice of a borrowed buffer of 12 bytes that is read-only");
    rc_release(buffer);
    ck_assert_mem_eq(slice->data, "text", 4);
    rc_release(slice);
}
END_TEST

START_TEST(borrowing_nothing_is_an_empty_buffer_and_null_bytes_are_refused)
{
    rc_buffer *buffer = rc_buffer_borrow(NULL, 0);
    ck_assert_ptr_nonnull(buffer->data);
    ck_assert_uint_eq(buffer->size, 0);
    rc_release(buffer);
    ASSERT_NULL(rc_buffer_borrow(NULL, 3), RC_INVALID, "rc_buffer_borrow: the 3 bytes are NULL");
}
END_TEST

START_TEST(bytes_that_pass_the_end_of_memory_are_refused)
{
    static char bytes[1];
    ASSERT_NULL(rc_buffer_borrow(bytes, SIZE_MAX), RC_OVERFLOW, "pass the end of memory");
    ASSERT_NULL(rc_buffer_borrow(bytes, (size_t)PTRDIFF_MAX + 1), RC_OVERFLOW, "pass the end");
    ASSERT_NULL(rc_buffer_borrow((void *)(UINTPTR_MAX - 9), 11), RC_OVERFLOW, "11 bytes at");
    ASSERT_NULL(rc_buffer_adopt(bytes, SIZE_MAX, note, NULL), RC_OVERFLOW, "rc_buffer_adopt: ");
}
END_TEST

HARNESS_MAIN("buffer/buffer_foreign", bytes_that_pass_the_end_of_memory_are_refused,
             an_adopted_buffer_is_released_exactly_once_with_what_was_handed_over,
             adopted_bytes_are_writable_in_place,
             adopting_nothing_runs_the_release_function_at_the_end,
             adopting_no_bytes_at_an_address_gives_that_address_back,
             adopting_null_bytes_or_a_null_function_is_refused_and_releases_nothing,
             a_failed_adoption_leaves_the_bytes_with_the_caller,
             a_release_function_may_call_the_library_and_leaves_error_and_errno_as_they_were,
             a_chain_of_adopted_buffers_ends_in_constant_stack,
             a_buffer_that_its_release_function_keeps_is_empty_and_ends_without_another_call,
             a_borrowed_buffer_is_read_only_and_frees_nothing,
             borrowing_nothing_is_an_empty_buffer_and_null_bytes_are_refused)
