/* SPDX-License-Identifier: MIT */
/* The end of each kind of buffer, in bytes: what was counted in is counted out, and not more. */
#include <pthread.h>

#include "buffer/array.h"
#include "buffer/pool.h"
#include "rc/memory.h"
#include "rc/weak.h"
#include "tests/buffer/support.h"

static size_t live_bytes(void)
{
    struct rc_account now;
    rc_account_read(&now);
    return now.live_bytes;
}

START_TEST(the_end_of_a_buffer_takes_exactly_its_bytes_off_the_account)
{
    static const size_t sizes[] = {0, 1, 64, 4096, 4097, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (unsigned flags = 0; flags <= RC_BUFFER_WIPE; flags++) {
            size_t before = live_bytes();
            rc_buffer *buffer = rc_buffer_new_with(NULL, sizes[i], 0, flags);
            size_t made = live_bytes();
            ck_assert_uint_ge(made, before + sizes[i]);
            ck_assert_int_eq(rc_buffer_reserve(buffer, sizes[i] + 5000), RC_OK);
            ck_assert_uint_ge(live_bytes(), before + sizes[i] + 5000);
            rc_release(buffer);
            ck_assert_uint_eq(live_bytes(), before);
        }
}
END_TEST

START_TEST(what_idles_in_a_pool_is_neither_told_nor_given_back_with_what_idles_elsewhere)
{
    rc_pool *pool = rc_pool_new(10000, 0, 16);
    (void)rc_memory_trim();
    struct rc_memory_statistics before, after;
    struct rc_pool_statistics idle;
    rc_memory_statistics_read(&before);
    rc_buffer *taken[16];
    for (size_t i = 0; i < 16; i++) taken[i] = rc_pool_take(pool);
    for (size_t i = 0; i < 16; i++) rc_release(taken[i]);
    rc_memory_statistics_read(&after);
    ck_assert_uint_eq(after.idle_bytes, before.idle_bytes);
    (void)rc_memory_trim();
    ASSERT_OK(rc_pool_read(pool, &idle));
    ck_assert_uint_eq(idle.idle, 16);
    ASSERT_OK(rc_pool_trim(pool, 0));
    ASSERT_OK(rc_pool_read(pool, &idle));
    ck_assert_uint_eq(idle.idle, 0);
    rc_release(pool);
}
END_TEST

/* As rc/account.h says. */
START_TEST(what_a_buffer_was_made_with_counts_beside_the_block_that_it_grew_to)
{
    size_t before = live_bytes();
    rc_buffer *buffer = rc_buffer_new(100);
    ck_assert_uint_eq(live_bytes(), before + 32 + 100);
    ASSERT_OK(rc_buffer_resize(buffer, 1000));
    ck_assert_uint_eq(live_bytes(), before + 32 + 100 + 1000);
    ASSERT_OK(rc_buffer_resize(buffer, 50));
    ASSERT_OK(rc_buffer_shrink(buffer));
    ck_assert_uint_eq(live_bytes(), before + 32 + 100);
    rc_release(buffer);
    buffer = rc_buffer_new(5000);
    ck_assert_uint_eq(live_bytes(), before + 32 + 5000);
    ASSERT_OK(rc_buffer_resize(buffer, 10));
    ASSERT_OK(rc_buffer_shrink(buffer));
    ck_assert_uint_eq(live_bytes(), before + 32 + 10);
    rc_release(buffer);
}
END_TEST

START_TEST(the_end_of_a_slice_takes_exactly_its_bytes_off_the_account)
{
    rc_buffer *buffer = rc_buffer_new(64);
    size_t before = live_bytes();
    for (size_t size = 0; size <= 64; size += 32) {
        rc_buffer *slice = rc_buffer_slice(buffer, 0, size);
        ck_assert_uint_gt(live_bytes(), before);
        rc_release(slice);
        ck_assert_uint_eq(live_bytes(), before);
    }
    rc_release(buffer);
}
END_TEST

static void give_back(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size, (void)context;
}

START_TEST(the_end_of_foreign_bytes_takes_exactly_the_object_off_the_account)
{
    char bytes[16] = "";
    size_t before = live_bytes();
    rc_buffer *adopted = rc_buffer_adopt(bytes, sizeof bytes, give_back, NULL);
    rc_buffer *borrowed = rc_buffer_borrow(bytes, sizeof bytes);
    ck_assert_uint_gt(live_bytes(), before);
    rc_release(adopted);
    rc_release(borrowed);
    ck_assert_uint_eq(live_bytes(), before);
}
END_TEST

START_TEST(the_end_of_a_buffer_with_a_weak_reference_takes_exactly_both_off_the_account)
{
    size_t before = live_bytes();
    rc_buffer *buffer = rc_buffer_new(100);
    rc_weak *weak = rc_weak_new(buffer);
    rc_release(buffer);
    ck_assert(rc_weak_is_dead(weak));
    rc_release(weak);
    ck_assert_uint_eq(live_bytes(), before);
}
END_TEST

START_TEST(an_immortal_buffer_takes_its_bytes_out_of_the_account)
{
    static const size_t sizes[] = {10, 10000};
    static rc_buffer *kept[2]; /* so that the leak checker finds them */
    for (size_t i = 0; i < 2; i++) {
        struct rc_account before, after;
        rc_account_read(&before);
        kept[i] = rc_buffer_new(sizes[i]);
        rc_make_immortal(kept[i]);
        rc_account_read(&after);
        ck_assert_uint_eq(after.live_bytes, before.live_bytes);
        ck_assert_uint_eq(after.live_objects, before.live_objects);
        ck_assert_uint_ge(after.immortal_bytes, before.immortal_bytes + sizes[i]);
    }
}
END_TEST

/* What has changed since @p before is what is immortal: so many bytes. */
static void assert_immortal(const struct rc_account *before, ptrdiff_t bytes)
{
    struct rc_account now;
    rc_account_read(&now);
    struct rc_account_difference more = rc_account_subtract(&now, before);
    ck_assert_int_eq(more.live_bytes, 0);
    ck_assert_int_eq(more.immortal_bytes, bytes);
    ck_assert_int_eq(rc_account_check_nothing_new(before), RC_OK);
}

START_TEST(an_immortal_buffer_grows_and_shrinks_outside_of_what_is_alive)
{
    static rc_buffer *kept;
    struct rc_account before;
    const ptrdiff_t own = 32;
    char *bytes = calloc(200000, 1);
    rc_account_read(&before);
    kept = rc_buffer_new(100000);
    rc_make_immortal(kept);
    assert_immortal(&before, own + 100000);
    ASSERT_OK(rc_buffer_resize(kept, 10));
    assert_immortal(&before, own + 100000);
    ASSERT_OK(rc_buffer_shrink(kept));
    assert_immortal(&before, own + 10);
    ASSERT_OK(rc_buffer_reserve(kept, 200000));
    assert_immortal(&before, own + 200000);
    ASSERT_OK(rc_buffer_shrink(kept));
    ASSERT_OK(rc_buffer_resize(kept, 1000));
    assert_immortal(&before, own + 1000);
    ASSERT_OK(rc_buffer_append(kept, bytes, 200000));
    struct rc_account now;
    rc_account_read(&now);
    ck_assert_uint_ge(now.immortal_bytes, before.immortal_bytes + 201000);
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_OK);
    ASSERT_OK(rc_buffer_resize(kept, 0));
    ASSERT_OK(rc_buffer_shrink(kept));
    free(bytes);
}
END_TEST

START_TEST(an_immortal_buffer_that_began_inline_leaves_its_room_and_comes_back)
{
    static rc_buffer *kept;
    struct rc_account before;
    const ptrdiff_t own = 32;
    rc_account_read(&before);
    kept = rc_buffer_new_with(NULL, 100, 0, RC_BUFFER_WIPE);
    rc_make_immortal(kept);
    assert_immortal(&before, own + 100);
    ASSERT_OK(rc_buffer_resize(kept, 1000));
    assert_immortal(&before, own + 100 + 1000);
    ASSERT_OK(rc_buffer_resize(kept, 100));
    ASSERT_OK(rc_buffer_shrink(kept));
    assert_immortal(&before, own + 100);
}
END_TEST

static void *shrink(void *buffer)
{
    bool done = rc_buffer_resize(buffer, 0) == RC_OK && rc_buffer_shrink(buffer) == RC_OK;
    return done ? buffer : NULL;
}

/* The thread's record is below zero then, and the sum is right. */
START_TEST(what_another_thread_takes_off_an_immortal_buffer_is_taken_off)
{
    static rc_buffer *kept;
    struct rc_account before;
    rc_account_read(&before);
    kept = rc_buffer_new(100000);
    rc_make_immortal(kept);
    pthread_t thread;
    void *done;
    ck_assert_int_eq(pthread_create(&thread, NULL, shrink, kept), 0);
    ck_assert_int_eq(pthread_join(thread, &done), 0);
    ck_assert_ptr_nonnull(done);
    assert_immortal(&before, 32);
}
END_TEST

START_TEST(a_leak_is_seen_beside_an_immortal_buffer_that_has_shrunk)
{
    static rc_buffer *kept;
    kept = rc_buffer_new(100000);
    rc_make_immortal(kept);
    struct rc_account before;
    rc_account_read(&before);
    ASSERT_OK(rc_buffer_resize(kept, 0));
    ASSERT_OK(rc_buffer_shrink(kept));
    void *block = rc_memory_allocate(50000);
    struct rc_account now;
    rc_account_read(&now);
    ck_assert_uint_eq(now.live_bytes, before.live_bytes + 50000);
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_INVALID);
    rc_memory_free(block);
}
END_TEST

/* An array's buffer is an object of its own, and made immortal as such. */
START_TEST(an_immortal_array_grows_outside_of_what_is_alive_if_its_buffer_is_immortal)
{
    static rc_array *kept;
    struct rc_account before;
    rc_account_read(&before);
    kept = rc_array_new('d');
    rc_make_immortal(kept);
    struct rc_account now;
    rc_account_read(&now);
    ck_assert_uint_eq(now.live_objects, before.live_objects + 1);
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_INVALID);
    rc_make_immortal(kept->buffer);
    assert_immortal(&before, (ptrdiff_t)sizeof(rc_array) + 32);
    ASSERT_OK(rc_array_extend(kept, (const double[]){1, 2, 3}, 3));
    ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_OK);
    while (kept->length > 0) ASSERT_OK(rc_array_pop(kept, -1, NULL));
    ASSERT_OK(rc_buffer_shrink(kept->buffer));
    assert_immortal(&before, (ptrdiff_t)sizeof(rc_array) + 32);
}
END_TEST

HARNESS_MAIN("buffer/buffer_account", an_immortal_buffer_takes_its_bytes_out_of_the_account,
             an_immortal_buffer_grows_and_shrinks_outside_of_what_is_alive,
             an_immortal_buffer_that_began_inline_leaves_its_room_and_comes_back,
             what_another_thread_takes_off_an_immortal_buffer_is_taken_off,
             a_leak_is_seen_beside_an_immortal_buffer_that_has_shrunk,
             an_immortal_array_grows_outside_of_what_is_alive_if_its_buffer_is_immortal,
             the_end_of_a_buffer_takes_exactly_its_bytes_off_the_account,
             what_idles_in_a_pool_is_neither_told_nor_given_back_with_what_idles_elsewhere,
             what_a_buffer_was_made_with_counts_beside_the_block_that_it_grew_to,
             the_end_of_a_slice_takes_exactly_its_bytes_off_the_account,
             the_end_of_foreign_bytes_takes_exactly_the_object_off_the_account,
             the_end_of_a_buffer_with_a_weak_reference_takes_exactly_both_off_the_account)
