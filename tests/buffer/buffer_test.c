/* SPDX-License-Identifier: MIT */
#include "buffer/buffer.h"

#include <errno.h>

#include "rc/weak.h"
#include "support.h"

/* ---- creation -------------------------------------------------------------------------------- */

static const size_t sizes[] = {0, 1, 15, 16, 17, 64, 4047, 4048, 4049, 4096, 4097, 65536, 1 << 20};
#define SIZES (sizeof sizes / sizeof *sizes)

START_TEST(a_new_buffer_has_its_size_and_aligned_bytes_that_can_all_be_written)
{
    for (size_t i = 0; i < SIZES; i++) {
        rc_buffer *buffer = support_buffer(sizes[i], (unsigned)i);
        ck_assert_uint_eq(buffer->size, sizes[i]);
        ck_assert_ptr_nonnull(buffer->data);
        ck_assert_uint_eq((uintptr_t)buffer->data % RC_ALIGNMENT_DEFAULT, 0);
        support_assert_filled(buffer, (unsigned)i, sizes[i]);
        rc_release(buffer);
    }
}
END_TEST

START_TEST(a_new_buffer_is_unique_and_has_no_exports)
{
    rc_buffer *buffer = rc_buffer_new(10);
    ck_assert(rc_is_unique(buffer));
    ck_assert_uint_eq(rc_count(buffer), 1);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    ck_assert_str_eq(rc_type_of(buffer)->name, "rc_buffer");
    rc_release(buffer);
}
END_TEST

START_TEST(a_zeroed_buffer_is_zero_also_where_memory_was_used_before)
{
    for (size_t i = 0; i < SIZES; i++) {
        rc_release(support_buffer(sizes[i], 3));
        rc_buffer *buffer = rc_buffer_new_zeroed(sizes[i]);
        ck_assert_uint_eq(buffer->size, sizes[i]);
        ck_assert(support_is_all(buffer->data, sizes[i], 0));
        rc_release(buffer);
    }
}
END_TEST

START_TEST(a_copy_has_the_bytes_and_not_the_address)
{
    const char text[] = "the quick brown fox";
    rc_buffer *copy = rc_buffer_copy(text, sizeof text);
    ck_assert_mem_eq(copy->data, text, sizeof text);
    ck_assert_ptr_ne(copy->data, text);
    rc_release(copy);
}
END_TEST

START_TEST(a_copy_of_nothing_is_an_empty_buffer)
{
    rc_buffer *copy = rc_buffer_copy(NULL, 0);
    ck_assert_ptr_nonnull(copy);
    ck_assert_uint_eq(copy->size, 0);
    ck_assert_ptr_nonnull(copy->data);
    rc_release(copy);
    ASSERT_NULL(rc_buffer_copy(NULL, 7), RC_INVALID, "rc_buffer_copy: the 7 bytes are NULL");
}
END_TEST

START_TEST(every_alignment_up_to_the_largest_is_kept)
{
    for (size_t alignment = 1; alignment <= RC_ALIGNMENT_MAX; alignment *= 2)
        for (size_t size = 0; size <= 100; size += 50) {
            rc_buffer *buffer = rc_buffer_new_aligned(size, alignment);
            ck_assert_ptr_nonnull(buffer);
            ck_assert_uint_eq((uintptr_t)buffer->data % alignment, 0);
            ck_assert_uint_eq((uintptr_t)buffer->data % RC_ALIGNMENT_DEFAULT, 0);
            support_fill(buffer, 9, 0);
            rc_release(buffer);
        }
}
END_TEST

START_TEST(alignment_zero_means_the_default)
{
    rc_buffer *buffer = rc_buffer_new_aligned(5, 0);
    ck_assert_uint_eq((uintptr_t)buffer->data % RC_ALIGNMENT_DEFAULT, 0);
    rc_release(buffer);
}
END_TEST

START_TEST(an_alignment_that_is_none_is_refused_with_its_figure)
{
    ASSERT_NULL(rc_buffer_new_aligned(8, 3), RC_INVALID, "3 bytes is no power of two");
    ASSERT_NULL(rc_buffer_new_aligned(8, 48), RC_INVALID, "48 bytes is no power of two");
    ASSERT_NULL(rc_buffer_new_aligned(8, 2 * RC_ALIGNMENT_MAX), RC_INVALID, "4194304");
}
END_TEST

START_TEST(an_unknown_flag_and_an_allocator_without_functions_are_refused)
{
    ASSERT_NULL(rc_buffer_new_with(NULL, 8, 0, 8), RC_INVALID, "no flag in 0x8");
    struct rc_allocator none = {.name = "none"};
    ASSERT_NULL(rc_buffer_new_with(&none, 8, 0, 0), RC_INVALID, "none");
}
END_TEST

START_TEST(the_biased_flag_is_accepted)
{
    rc_buffer *buffer = rc_buffer_new_with(NULL, 8, 0, RC_BUFFER_BIASED | RC_BUFFER_WIPE);
    ck_assert_ptr_nonnull(buffer);
    ck_assert_uint_eq(buffer->size, 8);
    rc_release(buffer);
}
END_TEST

START_TEST(sizes_that_memory_cannot_have_are_refused_as_no_memory)
{
    const size_t absurd[] = {SIZE_MAX, SIZE_MAX - 31, SIZE_MAX - 47, SIZE_MAX / 2 + 1};
    for (size_t i = 0; i < sizeof absurd / sizeof *absurd; i++) {
        ASSERT_NULL(rc_buffer_new(absurd[i]), RC_NO_MEMORY, "bytes");
        ASSERT_NULL(rc_buffer_new_zeroed(absurd[i]), RC_NO_MEMORY, "bytes");
        ASSERT_NULL(rc_buffer_new_aligned(absurd[i], 4096), RC_NO_MEMORY, "bytes");
    }
}
END_TEST

/* ---- allocators ------------------------------------------------------------------------------ */

START_TEST(a_small_buffer_is_one_block_and_a_large_one_two)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    rc_buffer *small = rc_buffer_new_with(&inspector.allocator, 64, 0, 0);
    ck_assert_uint_eq(inspector.blocks, 1);
    rc_buffer *large = rc_buffer_new_with(&inspector.allocator, 100000, 0, 0);
    ck_assert_uint_eq(inspector.blocks, 3);
    rc_release(small);
    rc_release(large);
    ck_assert_uint_eq(inspector.blocks, 0);
}
END_TEST

START_TEST(a_buffer_ends_with_the_allocator_that_made_it_after_the_default_has_changed)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    ASSERT_OK(rc_allocator_set_default(&inspector.allocator));
    rc_buffer *buffer = rc_buffer_new(100000);
    ASSERT_OK(rc_allocator_set_default(NULL));
    ck_assert_uint_eq(inspector.blocks, 2);
    ASSERT_OK(rc_buffer_resize(buffer, 200000));
    ck_assert_uint_eq(inspector.resized, 1);
    rc_release(buffer);
    ck_assert_uint_eq(inspector.blocks, 0);
}
END_TEST

START_TEST(each_refused_request_of_a_creation_is_an_answer_and_leaks_nothing)
{
    struct rc_failing_allocator failing;
    static const struct {
        size_t size, alignment, requests;
    } cases[] = {{0, 0, 1}, {64, 0, 1}, {64, 64, 2}, {0, 4096, 2}, {100000, 0, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int for_ever = 0; for_ever < 2; for_ever++)
            for (size_t fail_at = 1; fail_at <= cases[i].requests + 1; fail_at++) {
                rc_failing_allocator_init(&failing, NULL, fail_at, for_ever);
                rc_error_clear();
                rc_buffer *buffer = rc_buffer_new_with(&failing.allocator, cases[i].size,
                                                       cases[i].alignment, RC_BUFFER_WIPE);
                if (fail_at > cases[i].requests) {
                    ck_assert_ptr_nonnull(buffer);
                    ck_assert_int_eq(rc_error_status(), RC_OK);
                    rc_release(buffer);
                } else {
                    ck_assert_ptr_null(buffer);
                    ASSERT_LAST_ERROR(RC_NO_MEMORY, "no room for");
                    ck_assert_uint_eq(failing.failed, 1);
                }
            }
}
END_TEST

START_TEST(a_refused_zeroed_buffer_and_copy_answer_no_memory)
{
    struct rc_failing_allocator failing;
    rc_failing_allocator_init(&failing, NULL, 1, true);
    ASSERT_OK(rc_allocator_set_default(&failing.allocator));
    ASSERT_NULL(rc_buffer_new(8), RC_NO_MEMORY, "no room for");
    ASSERT_NULL(rc_buffer_new_zeroed(8), RC_NO_MEMORY, "no room for");
    ASSERT_NULL(rc_buffer_new_zeroed(80000), RC_NO_MEMORY, "no room for 80000 bytes");
    ASSERT_NULL(rc_buffer_copy("12345678", 8), RC_NO_MEMORY, "no room for");
    ASSERT_OK(rc_allocator_set_default(NULL));
}
END_TEST

/* ---- the account ----------------------------------------------------------------------------- */

static size_t live_bytes(void)
{
    struct rc_account now;
    rc_account_read(&now);
    return now.live_bytes;
}

START_TEST(a_buffer_is_accounted_with_its_capacity_until_its_end)
{
    size_t before = live_bytes();
    for (size_t i = 0; i < SIZES; i++) {
        rc_buffer *buffer = rc_buffer_new(sizes[i]);
        size_t around = live_bytes() - before - sizes[i];
        ck_assert_uint_le(around, 40);
        ASSERT_OK(rc_buffer_reserve(buffer, 3000000));
        ck_assert_uint_ge(live_bytes() - before, 3000000 + around);
        ck_assert_uint_le(live_bytes() - before, 3000000 + around + sizes[i]);
        ASSERT_OK(rc_buffer_shrink(buffer));
        rc_release(buffer);
        ck_assert_uint_eq(live_bytes(), before);
    }
}
END_TEST

/* ---- wiping ---------------------------------------------------------------------------------- */

static void check_wiped(size_t size, size_t alignment)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    rc_buffer *secret = rc_buffer_new_with(&inspector.allocator, size, alignment, RC_BUFFER_WIPE);
    memset(rc_buffer_edit(secret), SUPPORT_SECRET, size);
    ASSERT_OK(rc_buffer_resize(secret, size / 2)); /* the rest is spare, and still secret */
    rc_release(secret);
    ck_assert_uint_eq(inspector.blocks, 0);
    ck_assert_uint_eq(inspector.secrets, 0);
}

START_TEST(a_wiping_buffer_gives_back_zeroes_spare_capacity_included)
{
    check_wiped(100, 0);
    check_wiped(100, 256);
    check_wiped(100000, 0);
}
END_TEST

START_TEST(the_inspector_would_see_a_secret_that_is_not_wiped)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    rc_buffer *buffer = rc_buffer_new_with(&inspector.allocator, 100, 0, 0);
    memset(rc_buffer_edit(buffer), SUPPORT_SECRET, 100);
    rc_release(buffer);
    ck_assert_uint_ge(inspector.secrets, 97);
}
END_TEST

/* ---- dead and missing buffers ---------------------------------------------------------------- */

static void assert_all_calls_refuse(rc_buffer *buffer, const char *text)
{
    ASSERT_NULL(rc_buffer_edit(buffer), RC_INVALID, text);
    ASSERT_NULL(rc_buffer_slice(buffer, 0, 0), RC_INVALID, text);
    ASSERT_REFUSED(rc_buffer_resize(buffer, 1), RC_INVALID, text);
    ASSERT_REFUSED(rc_buffer_resize(buffer, buffer ? buffer->size : 0), RC_INVALID, text);
    ASSERT_REFUSED(rc_buffer_reserve(buffer, 1), RC_INVALID, text);
    ASSERT_REFUSED(rc_buffer_append(buffer, "x", 1), RC_INVALID, text);
    ASSERT_REFUSED(rc_buffer_append(buffer, "x", 0), RC_INVALID, text);
    ASSERT_REFUSED(rc_buffer_shrink(buffer), RC_INVALID, text);
    ASSERT_REFUSED(rc_buffer_freeze(buffer), RC_INVALID, text);
    ASSERT_REFUSED(rc_buffer_thaw(buffer), RC_INVALID, text);
    ASSERT_REFUSED(rc_buffer_make_unique(&buffer), RC_INVALID, text);
    rc_error_clear();
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    ASSERT_LAST_ERROR(RC_INVALID, text);
}

START_TEST(every_call_on_null_is_invalid_and_names_itself)
{
    assert_all_calls_refuse(NULL, "the buffer is NULL");
    ASSERT_REFUSED(rc_buffer_make_unique(NULL), RC_INVALID, "rc_buffer_make_unique: the address");
    ASSERT_REFUSED(rc_buffer_resize(NULL, 1), RC_INVALID, "rc_buffer_resize: the buffer is NULL");
}
END_TEST

static size_t calls;

static void give_back(void *bytes, size_t size, void *context)
{
    rc_buffer **buffer = context;
    ck_assert_uint_eq(size, 4);
    ck_assert_ptr_nonnull(bytes);
    assert_all_calls_refuse(*buffer, "is being finalized");
    calls++;
}

START_TEST(every_call_on_a_buffer_in_its_own_release_function_is_invalid)
{
    static unsigned char bytes[4];
    rc_buffer *buffer = NULL;
    buffer = rc_buffer_adopt(bytes, sizeof bytes, give_back, &buffer);
    rc_release(buffer);
    ck_assert_uint_eq(calls, 1);
}
END_TEST

static void when_dead(rc_weak *weak, void *context)
{
    rc_buffer *buffer = context;
    ck_assert_ptr_null(rc_weak_lock(weak));
    assert_all_calls_refuse(buffer, "is being finalized");
    calls++;
}

static void check_death_of(rc_buffer *buffer)
{
    rc_weak *weak = rc_weak_new(buffer);
    ASSERT_OK(rc_weak_on_death(weak, when_dead, buffer));
    size_t before = calls;
    rc_release(buffer);
    ck_assert_uint_eq(calls, before + 1);
    ck_assert(rc_weak_is_dead(weak));
    rc_release(weak);
}

START_TEST(every_call_on_a_buffer_in_a_weak_callback_is_invalid)
{
    rc_buffer *root = rc_buffer_new(30);
    check_death_of(rc_buffer_slice(root, 3, 4));
    check_death_of(root);
    check_death_of(rc_buffer_borrow("text", 4));
    check_death_of(rc_buffer_new(100000));
}
END_TEST

START_TEST(success_and_release_leave_the_last_error_and_errno_alone)
{
    rc_error_set(RC_RANGE, "an older error");
    errno = 77;
    rc_buffer *buffer = rc_buffer_new(64);
    ASSERT_OK(rc_buffer_resize(buffer, 100000));
    ASSERT_OK(rc_buffer_append(buffer, "x", 1));
    rc_buffer *slice = rc_buffer_slice(buffer, 1, 2);
    ck_assert_ptr_nonnull(rc_buffer_edit(slice));
    rc_release(slice);
    rc_release(buffer);
    ck_assert_int_eq(errno, 77);
    ASSERT_LAST_ERROR(RC_RANGE, "an older error");
}
END_TEST

HARNESS_MAIN("buffer/buffer", a_new_buffer_has_its_size_and_aligned_bytes_that_can_all_be_written,
             a_new_buffer_is_unique_and_has_no_exports,
             a_zeroed_buffer_is_zero_also_where_memory_was_used_before,
             a_copy_has_the_bytes_and_not_the_address, a_copy_of_nothing_is_an_empty_buffer,
             every_alignment_up_to_the_largest_is_kept, alignment_zero_means_the_default,
             an_alignment_that_is_none_is_refused_with_its_figure,
             an_unknown_flag_and_an_allocator_without_functions_are_refused,
             the_biased_flag_is_accepted, sizes_that_memory_cannot_have_are_refused_as_no_memory,
             a_small_buffer_is_one_block_and_a_large_one_two,
             a_buffer_ends_with_the_allocator_that_made_it_after_the_default_has_changed,
             each_refused_request_of_a_creation_is_an_answer_and_leaks_nothing,
             a_refused_zeroed_buffer_and_copy_answer_no_memory,
             a_buffer_is_accounted_with_its_capacity_until_its_end,
             a_wiping_buffer_gives_back_zeroes_spare_capacity_included,
             the_inspector_would_see_a_secret_that_is_not_wiped,
             every_call_on_null_is_invalid_and_names_itself,
             every_call_on_a_buffer_in_its_own_release_function_is_invalid,
             every_call_on_a_buffer_in_a_weak_callback_is_invalid,
             success_and_release_leave_the_last_error_and_errno_alone)
