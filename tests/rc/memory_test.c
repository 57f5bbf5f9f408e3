/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>

#include "rc/memory.h"
#include "rc/object.h"
#include "tests/child.h"
#include "tests/harness.h"
#include "tests/rc/arena.h"

/* ThreadSanitizer brings a free() that believes any address, and blocks at the start of a mapping.
 */
#if defined(__SANITIZE_THREAD__)
#define HAS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAS_TSAN 1
#endif
#endif
#ifndef HAS_TSAN
#define HAS_TSAN 0
#endif

static struct arena arena;

static struct rc_account_difference since(const struct rc_account *before)
{
    struct rc_account now;
    rc_account_read(&now);
    return rc_account_subtract(&now, before);
}

/* ---- the family ------------------------------------------------------------------------------ */

START_TEST(a_block_is_aligned_writable_and_knows_its_size)
{
    for (size_t size = 0; size < 70; size++) {
        unsigned char *block = rc_memory_allocate(size);
        ck_assert_uint_eq((uintptr_t)block % RC_ALIGNMENT_DEFAULT, 0);
        ck_assert_uint_eq(rc_memory_size(block), size);
        memset(block, 0xff, size);
        ck_assert_uint_eq(rc_memory_size(block), size);
        rc_memory_free(block);
    }
}
END_TEST

START_TEST(size_zero_gives_a_unique_pointer)
{
    void *first = rc_memory_allocate(0), *second = rc_memory_allocate(0);
    void *third = rc_memory_allocate_zeroed(0, 8), *fourth = rc_memory_allocate_zeroed(8, 0);
    ck_assert(first && second && third && fourth);
    ck_assert(first != second && second != third && third != fourth);
    ck_assert_uint_eq(rc_memory_size(fourth), 0);
    rc_memory_free(first);
    rc_memory_free(second);
    rc_memory_free(third);
    rc_memory_free(fourth);
}
END_TEST

START_TEST(zeroed_blocks_are_zero_also_when_memory_is_reused)
{
    for (int round = 0; round < 20; round++) {
        unsigned char *block = rc_memory_allocate_zeroed(30, 10);
        for (int i = 0; i < 300; i++) ck_assert_int_eq(block[i], 0);
        memset(block, 0xee, 300);
        rc_memory_free(block);
    }
}
END_TEST

START_TEST(a_resize_keeps_the_content_up_to_the_smaller_size)
{
    char *block = rc_memory_allocate(6);
    memcpy(block, "hello", 6);
    block = rc_memory_reallocate(block, 1 << 20);
    ck_assert_str_eq(block, "hello");
    ck_assert_uint_eq(rc_memory_size(block), 1 << 20);
    memset(block + 6, 1, (1 << 20) - 6);
    block = rc_memory_reallocate(block, 3);
    ck_assert_int_eq(memcmp(block, "hel", 3), 0);
    ck_assert_uint_eq(rc_memory_size(block), 3);
    block = rc_memory_reallocate(block, 0);
    ck_assert_ptr_nonnull(block);
    ck_assert_uint_eq(rc_memory_size(block), 0);
    block = rc_memory_reallocate_array(block, 5, 4);
    ck_assert_uint_eq(rc_memory_size(block), 20);
    rc_memory_free(block);
}
END_TEST

START_TEST(resizing_null_allocates)
{
    void *block = rc_memory_reallocate(NULL, 12);
    ck_assert_uint_eq(rc_memory_size(block), 12);
    rc_memory_free(block);
    block = rc_memory_reallocate_array(NULL, 3, 12);
    ck_assert_uint_eq(rc_memory_size(block), 36);
    rc_memory_free(block);
}
END_TEST

START_TEST(freeing_null_does_nothing)
{
    struct rc_account before;
    rc_account_read(&before);
    rc_memory_free(NULL);
    ck_assert_int_eq(since(&before).live_blocks, 0);
}
END_TEST

START_TEST(freeing_keeps_errno_and_the_last_error)
{
    void *block = rc_memory_allocate(100);
    rc_error_set(RC_BUSY, "kept");
    errno = 33;
    rc_memory_free(block);
    ck_assert_int_eq(errno, 33);
    ck_assert_str_eq(rc_error_message(), "kept");
}
END_TEST

static void *free_elsewhere(void *block)
{
    rc_memory_free(block);
    return NULL;
}

START_TEST(another_thread_may_free)
{
    struct rc_account before;
    rc_account_read(&before);
    pthread_t thread;
    pthread_create(&thread, NULL, free_elsewhere, rc_memory_allocate(100));
    pthread_join(thread, NULL);
    ck_assert_int_eq(since(&before).live_blocks, 0);
    ck_assert_int_eq(since(&before).live_bytes, 0);
    ck_assert_int_eq(since(&before).total_blocks, 1);
}
END_TEST

/* ---- counted --------------------------------------------------------------------------------- */

START_TEST(blocks_and_bytes_are_counted_as_asked_for)
{
    struct rc_account before;
    rc_account_read(&before);
    void *first = rc_memory_allocate(100), *second = rc_memory_allocate_zeroed(5, 10);
    ck_assert_int_eq(since(&before).live_blocks, 2);
    ck_assert_int_eq(since(&before).live_bytes, 150);
    first = rc_memory_reallocate(first, 1000);
    ck_assert_int_eq(since(&before).live_bytes, 1050);
    first = rc_memory_reallocate(first, 1);
    ck_assert_int_eq(since(&before).live_bytes, 51);
    ck_assert_int_eq(since(&before).live_blocks, 2);
    rc_memory_free(first);
    rc_memory_free(second);
    ck_assert_int_eq(since(&before).live_blocks, 0);
    ck_assert_int_eq(since(&before).live_bytes, 0);
    ck_assert_int_eq(since(&before).total_blocks, 2);
    ck_assert_int_eq(since(&before).live_objects, 0);
}
END_TEST

/* ---- refused --------------------------------------------------------------------------------- */

START_TEST(sizes_that_overflow_are_refused)
{
    struct rc_account before;
    rc_account_read(&before);
    ck_assert_ptr_null(rc_memory_allocate(SIZE_MAX));
    ck_assert_int_eq(rc_error_status(), RC_OVERFLOW);
    ck_assert_ptr_null(rc_memory_allocate(SIZE_MAX - 31));
    ck_assert_int_eq(rc_error_status(), RC_OVERFLOW);
    ck_assert_ptr_null(rc_memory_allocate_zeroed(SIZE_MAX / 2, 3));
    ck_assert_int_eq(rc_error_status(), RC_OVERFLOW);
    char text[100];
    snprintf(text, sizeof text, "%zu * 3 bytes overflow a size", SIZE_MAX / 2);
    ck_assert_str_eq(rc_error_message(), text);
    ck_assert_int_eq(since(&before).failures, 3);
    ck_assert_int_eq(since(&before).total_blocks, 0);
}
END_TEST

START_TEST(sizes_beyond_what_an_object_can_have_are_no_memory)
{
    ck_assert_ptr_null(rc_memory_allocate(SIZE_MAX - 32));
    ck_assert_int_eq(rc_error_status(), RC_NO_MEMORY);
    ck_assert_ptr_null(rc_memory_allocate(PTRDIFF_MAX));
    ck_assert_int_eq(rc_error_status(), RC_NO_MEMORY);
    ck_assert_ptr_null(rc_memory_allocate_zeroed(1, PTRDIFF_MAX));
    ck_assert_int_eq(rc_error_status(), RC_NO_MEMORY);
}
END_TEST

START_TEST(a_resize_that_fails_leaves_the_block_as_it_was)
{
    struct rc_failing_allocator failing;
    rc_failing_allocator_init(&failing, NULL, 2, true);
    rc_allocator_set_default(&failing.allocator);
    char *block = rc_memory_allocate(5);
    rc_allocator_set_default(NULL);
    memcpy(block, "kept", 5);
    struct rc_account before;
    rc_account_read(&before);

    ck_assert_ptr_null(rc_memory_reallocate(block, 500));
    ck_assert_int_eq(rc_error_status(), RC_NO_MEMORY);
    ck_assert_str_eq(rc_error_message(), "no room for 532 bytes (allocator failing)");
    ck_assert_ptr_null(rc_memory_reallocate(block, SIZE_MAX));
    ck_assert_int_eq(rc_error_status(), RC_OVERFLOW);
    ck_assert_ptr_null(rc_memory_reallocate_array(block, SIZE_MAX / 4, 5));
    ck_assert_int_eq(rc_error_status(), RC_OVERFLOW);

    ck_assert_str_eq(block, "kept");
    ck_assert_uint_eq(rc_memory_size(block), 5);
    ck_assert_int_eq(since(&before).live_bytes, 0);
    ck_assert_int_eq(since(&before).failures, 3);
    rc_memory_free(block);
}
END_TEST

START_TEST(a_refused_allocation_counts_nothing_but_the_failure)
{
    struct rc_failing_allocator failing;
    struct rc_account before;
    rc_failing_allocator_init(&failing, NULL, 1, true);
    rc_allocator_set_default(&failing.allocator);
    rc_account_read(&before);
    ck_assert_ptr_null(rc_memory_allocate(10));
    ck_assert_ptr_null(rc_memory_allocate_zeroed(1, 10));
    struct rc_account_difference more = since(&before);
    ck_assert_int_eq(more.total_blocks, 0);
    ck_assert_int_eq(more.live_bytes, 0);
    ck_assert_int_eq(more.failures, 2);
    rc_allocator_set_default(NULL);
}
END_TEST

/* ---- freed wrongly; the arena takes nothing back, so every sanitizer lets us look --------------
 */

static char *block_of_the_arena(size_t size)
{
    arena_init(&arena);
    rc_allocator_set_default(&arena.allocator);
    return rc_memory_allocate(size);
}

static void free_twice(void *unused)
{
    (void)unused;
    void *block = block_of_the_arena(10);
    rc_memory_free(block);
    rc_memory_free(block);
}

static void resize_what_was_freed(void *unused)
{
    (void)unused;
    void *block = block_of_the_arena(10);
    rc_memory_free(block);
    (void)!rc_memory_reallocate(block, 20);
}

static void free_what_a_resize_left(void *unused)
{
    (void)unused;
    void *block = block_of_the_arena(10);
    (void)!rc_memory_reallocate(block, 1000);
    rc_memory_free(block);
}

START_TEST(a_second_free_stops_the_program)
{
    CHILD_ASSERT_STOPS(free_twice, NULL, "rcbuf: rc_memory_free: the block at 0x");
    CHILD_ASSERT_STOPS(free_twice, NULL, "was freed already");
    CHILD_ASSERT_STOPS(resize_what_was_freed, NULL, "rc_memory_reallocate: the block at 0x");
    CHILD_ASSERT_STOPS(free_what_a_resize_left, NULL, "was freed already");
}
END_TEST

static void free_an_object(void *unused)
{
    (void)unused;
    static const rc_type type = {.name = "node", .size = 64};
    block_of_the_arena(64);
    rc_memory_free(rc_object_new(&type, 0));
}

static void free_the_inside(void *unused)
{
    (void)unused;
    rc_memory_free(block_of_the_arena(100) + 48);
}

static void free_an_odd_address(void *unused)
{
    (void)unused;
    rc_memory_free(block_of_the_arena(100) + 1);
}

START_TEST(freeing_what_is_no_block_stops_the_program)
{
    CHILD_ASSERT_STOPS(free_an_object, NULL, "is not a block of rc_memory_allocate()");
    CHILD_ASSERT_STOPS(free_the_inside, NULL, "is not a block of rc_memory_allocate()");
    CHILD_ASSERT_STOPS(free_an_odd_address, NULL, "is not a block of rc_memory_allocate()");
}
END_TEST

/* offset: of a byte of the head, counted back from the block. */
static void damage(void *offset)
{
    char *block = block_of_the_arena(100);
    block[-*(ptrdiff_t *)offset] ^= 1;
    rc_memory_free(block);
}

START_TEST(a_damaged_head_stops_the_program)
{
    ptrdiff_t first_end = 32 - 2 * (ptrdiff_t)sizeof(void *); /* of size and allocator */
    for (ptrdiff_t offset = 9; offset <= 32; offset++)
        if (offset <= 16 || offset > first_end)
            CHILD_ASSERT_STOPS(damage, &offset, "something wrote before its start");
    ptrdiff_t in_the_mark = 8;
    CHILD_ASSERT_STOPS(damage, &in_the_mark, "is not a block of rc_memory_allocate()");
}
END_TEST

static void release_a_block(void *unused)
{
    (void)unused;
    rc_release(block_of_the_arena(10));
}

static void retain_a_block(void *unused)
{
    (void)unused;
    rc_retain(block_of_the_arena(10));
}

static void retain_a_freed_block(void *unused)
{
    (void)unused;
    void *block = block_of_the_arena(10);
    rc_memory_free(block);
    rc_retain(block);
}

static void *do_nothing(void *unused)
{
    return unused;
}

/* Once a second thread was started, counting is atomic. */
static void release_a_block_among_threads(void *unused)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, do_nothing, NULL) == 0) pthread_join(thread, NULL);
    release_a_block(unused);
}

START_TEST(releasing_a_block_as_an_object_stops_the_program)
{
    ck_assert_uint_eq(offsetof(rc_type, name), 0); /* what a mark relies on */
    static const char and_no_object[] =
        " is a block of rc_memory_allocate() and no object: it has no references, and "
        "rc_memory_free() gives it back";
    CHILD_ASSERT_STOPS(release_a_block, NULL, "rc_release: what is at 0x");
    CHILD_ASSERT_STOPS(release_a_block, NULL, and_no_object);
    CHILD_ASSERT_STOPS(release_a_block_among_threads, NULL, and_no_object);
    CHILD_ASSERT_STOPS(retain_a_block, NULL, "rc_retain: what is at 0x");
    CHILD_ASSERT_STOPS(retain_a_block, NULL, and_no_object);
    CHILD_ASSERT_STOPS(retain_a_freed_block, NULL,
                       " is a freed block of rc_memory_allocate() and no object\n");
}
END_TEST

static void free_with_free(void *unused)
{
    (void)unused;
    free(rc_memory_allocate(100));
}

static void free_a_malloced_block(void *unused)
{
    (void)unused;
    rc_memory_free(calloc(1, 100));
}

START_TEST(the_wrong_functions_on_the_systems_memory_end_the_program)
{
    if (!HAS_TSAN) CHILD_ASSERT_DIES(free_with_free, NULL, CHILD_HAS_ASAN ? "bad-free" : "");
    CHILD_ASSERT_DIES(free_a_malloced_block, NULL,
                      CHILD_HAS_ASAN ? "heap-buffer-overflow"
                      : HAS_TSAN     ? ""
                                     : "is not a block of");
}
END_TEST

static void free_the_systems_twice(void *unused)
{
    (void)unused;
    void *block = rc_memory_allocate(100);
    rc_memory_free(block);
    rc_memory_free(block);
}

START_TEST(a_second_free_of_the_systems_memory_ends_the_program)
{
    CHILD_ASSERT_DIES(free_the_systems_twice, NULL,
                      (CHILD_HAS_ASAN || HAS_TSAN) && child_frees_at_once() ? "heap-use-after-free"
                                                                            : "was freed already");
}
END_TEST

HARNESS_MAIN("rc/memory", a_block_is_aligned_writable_and_knows_its_size,
             size_zero_gives_a_unique_pointer, zeroed_blocks_are_zero_also_when_memory_is_reused,
             a_resize_keeps_the_content_up_to_the_smaller_size, resizing_null_allocates,
             freeing_null_does_nothing, freeing_keeps_errno_and_the_last_error,
             another_thread_may_free, blocks_and_bytes_are_counted_as_asked_for,
             sizes_that_overflow_are_refused, sizes_beyond_what_an_object_can_have_are_no_memory,
             a_resize_that_fails_leaves_the_block_as_it_was,
             a_refused_allocation_counts_nothing_but_the_failure, a_second_free_stops_the_program,
             freeing_what_is_no_block_stops_the_program, a_damaged_head_stops_the_program,
             releasing_a_block_as_an_object_stops_the_program,
             the_wrong_functions_on_the_systems_memory_end_the_program,
             a_second_free_of_the_systems_memory_ends_the_program)
