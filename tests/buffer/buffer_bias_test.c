/* SPDX-License-Identifier: MIT */
/* Buffers that are biased to the thread that makes them. */
#include "buffer/buffer.h"

#include "tests/buffer/support.h"
#include "tests/rc/bias_support.h"

static rc_buffer *biased_new(size_t size, size_t alignment)
{
    rc_buffer *buffer = rc_buffer_new_with(NULL, size, alignment, RC_BUFFER_BIASED);
    need(buffer && is_biased(buffer));
    memset(rc_buffer_edit(buffer), 7, size);
    return buffer;
}

static size_t live_buffers(void)
{
    struct rc_account account;
    rc_account_read(&account);
    return account.live_objects;
}

START_TEST(a_biased_buffer_is_any_size_and_alignment)
{
    static const size_t sizes[] = {0, 1, 100, 4096, 4097, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t alignment = 16; alignment <= 4096; alignment *= 16) {
            rc_buffer *buffer = biased_new(sizes[i], alignment);
            ck_assert_uint_eq((uintptr_t)buffer->data % alignment, 0);
            ck_assert_int_eq(rc_buffer_resize(buffer, sizes[i] * 2 + 1), RC_OK);
            ck_assert_int_eq(rc_buffer_append(buffer, "abc", 3), RC_OK);
            ck_assert_uint_eq(buffer->size, sizes[i] * 2 + 4);
            rc_release(buffer);
        }
    }
}
END_TEST

START_TEST(one_without_the_flag_is_ordinary)
{
    rc_buffer *buffer = rc_buffer_new_with(NULL, 8, 0, RC_BUFFER_WIPE);
    ck_assert(!is_biased(buffer));
    rc_release(buffer);
}
END_TEST

START_TEST(sliced_before_there_were_threads_it_stays_biased)
{
    rc_buffer *buffer = biased_new(100, 0);
    rc_buffer *slice = rc_buffer_slice(buffer, 10, 20);
    ck_assert_ptr_nonnull(slice);
    ck_assert_int_eq(local_of(buffer), 2);
    start_a_second_thread();
    rc_release(slice);
    ck_assert(is_biased(buffer));
    ck_assert_int_eq(local_of(buffer), 1);
    rc_release(buffer);
}
END_TEST

START_TEST(released_elsewhere_it_waits_for_its_maker)
{
    size_t before = live_buffers();
    elsewhere(do_release, biased_new(100, 0));
    elsewhere(do_release, biased_new(100000, 0)); /* whose creation drains */
    ck_assert_uint_eq(live_buffers(), before + 1);
    rc_bias_drain();
    ck_assert_uint_eq(live_buffers(), before);
}
END_TEST

static void *slice_and_release(void *buffer)
{
    rc_buffer *slice = rc_buffer_slice(buffer, 10, 20);
    need(slice && slice->data[0] == 7 && rc_buffer_exports(buffer) == 1);
    need(rc_buffer_resize(buffer, 5) == RC_BUSY);
    rc_release((rc_buffer *)buffer);
    return slice;
}

START_TEST(a_slice_made_elsewhere_keeps_it)
{
    struct worker worker;
    worker_start(&worker);
    rc_buffer *buffer = biased_new(100, 0);
    (void)rc_retain(buffer);
    rc_buffer *slice = worker_run(&worker, slice_and_release, buffer);
    rc_release(buffer);
    ck_assert_int_eq(slice->data[19], 7);
    worker_run(&worker, do_release, slice);
    worker_end(&worker);
    rc_bias_drain();
}
END_TEST

START_TEST(its_owner_may_know_it_unique_and_edit_it)
{
    rc_buffer *buffer = biased_new(100, 0), *same = buffer;
    ck_assert_int_eq(rc_buffer_make_unique(&buffer), RC_OK);
    ck_assert_ptr_eq(buffer, same);
    elsewhere(do_retain, buffer);
    ck_assert_int_eq(rc_buffer_make_unique(&buffer), RC_OK);
    ck_assert_ptr_ne(buffer, same);
    ck_assert_int_eq(buffer->data[99], 7);
    elsewhere(do_release, same);
    rc_release(buffer);
    rc_bias_drain();
}
END_TEST

static void *make_unique(void *buffer)
{
    rc_buffer *mine = buffer;
    need(rc_buffer_make_unique(&mine) == RC_OK);
    return mine;
}

START_TEST(another_that_holds_it_alone_copies_as_long_as_the_owner_lives)
{
    struct worker worker;
    worker_start(&worker);
    rc_buffer *buffer = biased_new(100, 0);
    rc_buffer *copy = worker_run(&worker, make_unique, buffer);
    ck_assert_ptr_ne(copy, buffer);
    rc_share(copy);
    ck_assert_ptr_eq(worker_run(&worker, make_unique, copy), copy);
    rc_release(copy);
    worker_end(&worker);
    rc_bias_drain();
}
END_TEST

static void *make_one(void *unused)
{
    need(!unused);
    return biased_new(100, 0);
}

static void *make_frozen(void *unused)
{
    rc_buffer *buffer = make_one(unused);
    need(rc_buffer_freeze(buffer) == RC_OK);
    return buffer;
}

/* Made by a thread that has ended by then. */
static rc_buffer *left(void *(*make)(void *unused))
{
    pthread_t thread;
    void *buffer;
    need(pthread_create(&thread, NULL, make, NULL) == 0);
    need(pthread_join(thread, &buffer) == 0);
    need(is_biased(buffer));
    return buffer;
}

START_TEST(what_an_owner_that_has_ended_left_thaws_if_it_is_held_once)
{
    rc_buffer *buffer = left(make_frozen);
    ck_assert_int_eq(rc_buffer_thaw(buffer), RC_OK);
    ck_assert(!is_biased(buffer));
    rc_release(buffer);
    buffer = left(make_frozen);
    (void)rc_retain(buffer);
    ASSERT_REFUSED(rc_buffer_thaw(buffer), RC_BUSY, "has 2 references and 0 slices or views");
    rc_release(buffer);
    ck_assert_int_eq(rc_buffer_thaw(buffer), RC_OK);
    rc_buffer *slice = rc_buffer_slice(buffer, 0, 1);
    ck_assert_int_eq(rc_buffer_freeze(buffer), RC_OK);
    ASSERT_REFUSED(rc_buffer_thaw(buffer), RC_BUSY, "has 2 references and 1 slice or view");
    rc_release(slice);
    rc_release(buffer);
}
END_TEST

START_TEST(what_an_owner_that_has_ended_left_stays_if_it_is_held_once)
{
    rc_buffer *buffer = left(make_one), *same = buffer;
    ck_assert_int_eq(rc_buffer_make_unique(&buffer), RC_OK);
    ck_assert_ptr_eq(buffer, same);
    rc_release(buffer);
    same = buffer = left(make_one);
    (void)rc_retain(same);
    ck_assert_int_eq(rc_buffer_make_unique(&buffer), RC_OK);
    ck_assert_ptr_ne(buffer, same);
    rc_release(buffer);
    rc_release(same);
}
END_TEST

static void *share_it(void *buffer)
{
    return rc_share(buffer);
}

START_TEST(while_the_owner_lives_thawing_elsewhere_says_what_helps)
{
    struct worker worker;
    worker_start(&worker);
    rc_buffer *buffer = worker_run(&worker, make_frozen, NULL);
    ASSERT_REFUSED(rc_buffer_thaw(buffer), RC_BUSY,
                   "rc_buffer_thaw: a buffer of 100 bytes is biased to another thread");
    rc_share(buffer); /* by this one: without effect */
    ASSERT_REFUSED(rc_buffer_thaw(buffer), RC_BUSY,
                   "rc_share() by that thread lets others thaw it");
    worker_run(&worker, share_it, buffer);
    ck_assert_int_eq(rc_buffer_thaw(buffer), RC_OK);
    rc_buffer *same = buffer;
    ck_assert_int_eq(rc_buffer_make_unique(&buffer), RC_OK);
    ck_assert_ptr_eq(buffer, same);
    rc_release(buffer);
    buffer = worker_run(&worker, make_frozen, NULL);
    (void)rc_retain(buffer);
    ASSERT_REFUSED(rc_buffer_thaw(buffer), RC_BUSY, "has 2 references and 0 slices or views");
    worker_run(&worker, do_release, buffer);
    ck_assert_int_eq(rc_buffer_thaw(buffer), RC_OK);
    rc_release(buffer);
    worker_end(&worker);
}
END_TEST

HARNESS_MAIN("buffer/buffer_bias", what_an_owner_that_has_ended_left_thaws_if_it_is_held_once,
             what_an_owner_that_has_ended_left_stays_if_it_is_held_once,
             while_the_owner_lives_thawing_elsewhere_says_what_helps,
             a_biased_buffer_is_any_size_and_alignment, one_without_the_flag_is_ordinary,
             sliced_before_there_were_threads_it_stays_biased,
             released_elsewhere_it_waits_for_its_maker, a_slice_made_elsewhere_keeps_it,
             its_owner_may_know_it_unique_and_edit_it,
             another_that_holds_it_alone_copies_as_long_as_the_owner_lives)
