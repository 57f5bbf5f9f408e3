/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "rc/block.h"
#include "rc/callback.h"
#include "tests/harness.h"
#include "tests/rc/arena.h"

static struct arena arena;

static size_t failures(void)
{
    struct rc_account now;
    rc_account_read(&now);
    return now.failures;
}

START_TEST(a_request_the_allocator_refuses_is_no_memory_with_the_figures)
{
    arena_init(&arena);
    size_t before = failures();
    ck_assert_ptr_null(rc__block_allocate(&arena.allocator, 100000, 16));
    ck_assert_int_eq(rc_error_status(), RC_NO_MEMORY);
    ck_assert_str_eq(rc_error_message(), "no room for 100000 bytes (allocator arena)");
    ck_assert_ptr_null(rc__block_allocate_zeroed(&arena.allocator, 100001, 16));
    ck_assert_str_eq(rc_error_message(), "no room for 100001 bytes (allocator arena)");
    void *block = rc__block_allocate(&arena.allocator, 64, 16);
    ck_assert_ptr_null(rc__block_reallocate(&arena.allocator, block, 64, 100002, 16));
    ck_assert_str_eq(rc_error_message(), "no room for 100002 bytes (allocator arena)");
    ck_assert_uint_eq(arena.deallocated, 0);
    ck_assert_uint_eq(failures() - before, 3);
}
END_TEST

START_TEST(an_allocator_without_a_name_is_called_a_question_mark)
{
    arena_init(&arena);
    arena.allocator.name = NULL;
    ck_assert_ptr_null(rc__block_allocate(&arena.allocator, 100000, 16));
    ck_assert_str_eq(rc_error_message(), "no room for 100000 bytes (allocator ?)");
}
END_TEST

START_TEST(sizes_that_no_object_can_have_are_not_asked_for)
{
    const struct rc_allocator *system = rc_allocator_system();
    size_t size = (size_t)PTRDIFF_MAX + 1;
    ck_assert_ptr_null(rc__block_allocate(system, size, 16));
    ck_assert_int_eq(rc_error_status(), RC_NO_MEMORY);
    ck_assert_ptr_null(rc__block_allocate_zeroed(system, SIZE_MAX, 16));
    ck_assert_ptr_null(rc__block_allocate(system, SIZE_MAX, 4096));
    char *block = rc__block_allocate(system, 8, 16);
    block[0] = 'k';
    ck_assert_ptr_null(rc__block_reallocate(system, block, 8, size, 16));
    ck_assert_int_eq(block[0], 'k');
    rc__block_free(system, block, 8, 16);
}
END_TEST

START_TEST(success_leaves_the_last_error_alone)
{
    arena_init(&arena);
    rc_error_set(RC_BUSY, "from before");
    void *block = rc__block_allocate(&arena.allocator, 10, 16);
    block = rc__block_reallocate(&arena.allocator, block, 10, 20, 16);
    rc__block_free(&arena.allocator, block, 20, 16);
    block = rc__block_allocate_zeroed(rc_allocator_system(), 10, 16);
    rc__block_free(rc_allocator_system(), block, 10, 16);
    ck_assert_int_eq(rc_error_status(), RC_BUSY);
    ck_assert_str_eq(rc_error_message(), "from before");
}
END_TEST

START_TEST(without_a_reallocate_the_content_is_copied)
{
    arena_init(&arena);
    char *block = rc__block_allocate(&arena.allocator, 4, 64);
    memcpy(block, "abc", 4);
    char *larger = rc__block_reallocate(&arena.allocator, block, 4, 400, 64);
    ck_assert_ptr_ne(larger, block);
    ck_assert_str_eq(larger, "abc");
    ck_assert_uint_eq((uintptr_t)larger % 64, 0);
    ck_assert_uint_eq(arena.deallocated, 1);
    ck_assert_uint_eq(arena.last_size, 4);
    ck_assert_uint_eq(arena.last_alignment, 64);

    char *smaller = rc__block_reallocate(&arena.allocator, larger, 400, 2, 64);
    ck_assert_int_eq(memcmp(smaller, "ab\xa5", 3), 0); /* not a byte more */
    ck_assert_uint_eq(arena.last_size, 400);
    rc__block_free(&arena.allocator, smaller, 2, 64);
    ck_assert_uint_eq(arena.deallocated, arena.allocated);
}
END_TEST

static bool is_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i]) return false;
    return true;
}

START_TEST(without_an_allocate_zeroed_the_bytes_are_zeroed_here)
{
    arena_init(&arena);
    unsigned char *block = rc__block_allocate_zeroed(&arena.allocator, 100, 16);
    ck_assert(is_zero(block, 100));
    ck_assert_int_eq(block[100], 0xa5);
}
END_TEST

static void *zeroed_marker(void *context, size_t size, size_t alignment)
{
    char *block = arena_allocate(context, size, alignment);
    return block ? memcpy(block, "own", 4) : NULL;
}

START_TEST(allocate_zeroed_is_read_only_if_struct_size_covers_it)
{
    size_t needed = offsetof(struct rc_allocator, allocate_zeroed) + sizeof(void *);
    const struct {
        size_t struct_size;
        bool used;
    } cases[] = {{0, false}, {needed - 1, false}, {needed, true}, {needed + 64, true}};
    for (size_t i = 0; i < 4; i++) {
        arena_init(&arena);
        arena.allocator.allocate_zeroed = zeroed_marker;
        arena.allocator.struct_size = cases[i].struct_size;
        char *block = rc__block_allocate_zeroed(&arena.allocator, 8, 16);
        ck_assert_str_eq(block, cases[i].used ? "own" : "");
    }
}
END_TEST

static const struct rc__callback *seen;

static void *spying_allocate(void *context, size_t size, size_t alignment)
{
    seen = rc__calling.current;
    ck_assert_str_eq(seen->kind->what, "allocator");
    ck_assert_str_eq(seen->kind->name, "arena");
    errno = 77;
    rc_error_set(RC_FORMAT, "the allocator's own");
    return arena_allocate(context, size, alignment);
}

START_TEST(a_foreign_allocator_runs_inside_a_callback_frame)
{
    arena_init(&arena);
    arena.allocator.allocate = spying_allocate;
    errno = 5;
    ck_assert_ptr_nonnull(rc__block_allocate(&arena.allocator, 8, 16));
    ck_assert_ptr_nonnull(seen);
    ck_assert_ptr_null(rc__calling.current);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_int_eq(errno, 5);
}
END_TEST

START_TEST(freeing_keeps_errno_and_the_last_error)
{
    errno = 6;
    rc_error_set(RC_RANGE, "kept");
    rc__block_free(rc_allocator_system(), rc__block_allocate(rc_allocator_system(), 1 << 20, 16),
                   1 << 20, 16);
    ck_assert_int_eq(errno, 6);
    ck_assert_str_eq(rc_error_message(), "kept");
}
END_TEST

START_TEST(alignments_are_powers_of_two_up_to_the_maximum)
{
    for (size_t alignment = 1; alignment <= RC_ALIGNMENT_MAX; alignment *= 2)
        ck_assert_int_eq(rc__alignment_check(alignment), RC_OK);
    ck_assert_int_eq(rc__alignment_check(0), RC_OK);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_int_eq(rc__alignment_check(48), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "an alignment of 48 bytes is no power of two");
    ck_assert_int_eq(rc__alignment_check(RC_ALIGNMENT_MAX * 2), RC_INVALID);
    ck_assert_str_eq(rc_error_message(),
                     "an alignment of 4194304 bytes is above the maximum, 2097152");
    ck_assert_int_eq(rc__alignment_check(SIZE_MAX), RC_INVALID);
}
END_TEST

START_TEST(sums_fit_up_to_the_last_size_and_not_beyond)
{
    size_t sum = 7;
    ck_assert(rc__size_add(SIZE_MAX - 5, 5, &sum));
    ck_assert_uint_eq(sum, SIZE_MAX);
    ck_assert(rc__size_add(0, 0, &sum));
    ck_assert_uint_eq(sum, 0);
    ck_assert(rc__size_add(0, SIZE_MAX, &sum));
    ck_assert_uint_eq(sum, SIZE_MAX);

    size_t before = failures();
    sum = 7;
    ck_assert(!rc__size_add(SIZE_MAX - 5, 6, &sum));
    ck_assert(!rc__size_add(SIZE_MAX, SIZE_MAX, &sum));
    ck_assert(!rc__size_add(1, SIZE_MAX, &sum));
    ck_assert_uint_eq(sum, 7);
    ck_assert_int_eq(rc_error_status(), RC_OVERFLOW);
    ck_assert_uint_eq(failures() - before, 3);
    char text[100];
    snprintf(text, sizeof text, "1 + %zu bytes overflow a size", SIZE_MAX);
    ck_assert_str_eq(rc_error_message(), text);
}
END_TEST

START_TEST(products_fit_up_to_the_last_size_and_not_beyond)
{
    size_t product = 7;
    ck_assert(rc__size_multiply(SIZE_MAX / 3, 3, &product));
    ck_assert_uint_eq(product, SIZE_MAX / 3 * 3);
    ck_assert(rc__size_multiply(SIZE_MAX, 1, &product));
    ck_assert_uint_eq(product, SIZE_MAX);
    ck_assert(rc__size_multiply(SIZE_MAX, 0, &product));
    ck_assert_uint_eq(product, 0);
    ck_assert(rc__size_multiply(0, SIZE_MAX, &product));
    ck_assert_uint_eq(product, 0);

    product = 7;
    size_t half = (size_t)1 << (sizeof(size_t) * 4);
    ck_assert(!rc__size_multiply(half, half, &product));
    ck_assert(!rc__size_multiply(SIZE_MAX / 3 + 1, 3, &product));
    ck_assert(!rc__size_multiply(2, SIZE_MAX, &product));
    ck_assert_uint_eq(product, 7);
    ck_assert_int_eq(rc_error_status(), RC_OVERFLOW);
    char text[100];
    snprintf(text, sizeof text, "2 * %zu bytes overflow a size", SIZE_MAX);
    ck_assert_str_eq(rc_error_message(), text);
}
END_TEST

START_TEST(no_allocator_is_an_invalid_one)
{
    ck_assert_int_eq(rc__allocator_check(NULL), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "the allocator is NULL");
}
END_TEST

HARNESS_MAIN("rc/block", no_allocator_is_an_invalid_one,
             a_request_the_allocator_refuses_is_no_memory_with_the_figures,
             an_allocator_without_a_name_is_called_a_question_mark,
             sizes_that_no_object_can_have_are_not_asked_for, success_leaves_the_last_error_alone,
             without_a_reallocate_the_content_is_copied,
             without_an_allocate_zeroed_the_bytes_are_zeroed_here,
             allocate_zeroed_is_read_only_if_struct_size_covers_it,
             a_foreign_allocator_runs_inside_a_callback_frame,
             freeing_keeps_errno_and_the_last_error, alignments_are_powers_of_two_up_to_the_maximum,
             sums_fit_up_to_the_last_size_and_not_beyond,
             products_fit_up_to_the_last_size_and_not_beyond)
