/* SPDX-License-Identifier: MIT */
/* Weak references to biased objects, from owners and from others. */
#include "rc/weak.h"

#include "tests/rc/bias_support.h"

static rc_weak *weak_of(const void *object)
{
    rc_weak *weak = rc_weak_new(object);
    need(weak != NULL);
    return weak;
}

static void *do_weak(void *object)
{
    return weak_of(object);
}

static void *do_lock(void *weak)
{
    return rc_weak_lock(weak);
}

static void *lock_and_release(void *weak)
{
    rc_release(rc_weak_lock(weak));
    return NULL;
}

static void check_dead(rc_weak *weak)
{
    ck_assert(rc_weak_is_dead(weak));
    ck_assert_ptr_null(rc_weak_lock(weak));
    rc_release(weak);
}

START_TEST(the_owner_locks_in_its_own_word)
{
    start_a_second_thread();
    struct item *item = item_new();
    rc_weak *weak = weak_of(item);
    struct item *locked = RC_WEAK_LOCK(struct item, weak);
    ck_assert_ptr_eq(locked, item);
    ck_assert_int_eq(local_of(item), 2);
    ck_assert_int_eq(word_of(item), 0);
    rc_release(locked);
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
    check_dead(weak);
}
END_TEST

START_TEST(others_lock_in_the_shared_word)
{
    struct item *item = item_new();
    rc_weak *weak = weak_of(item);
    elsewhere(do_lock, weak);
    ck_assert_int_eq(word_of(item), word(1, 0));
    ck_assert_int_eq(local_of(item), 1);
    elsewhere(do_release, item);
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
    check_dead(weak);
}
END_TEST

/* The owner cannot tell by that one when it merges, so it locks it as others do. */
START_TEST(the_owner_locks_what_others_made_as_others_do)
{
    struct worker worker;
    worker_start(&worker);
    struct item *item = item_new();
    rc_weak *weak = worker_run(&worker, do_weak, item);
    struct item *locked = rc_weak_lock(weak);
    ck_assert_ptr_eq(locked, item);
    ck_assert_int_eq(word_of(item), word(1, 0));
    rc_release(locked);
    worker_run(&worker, do_release, item);
    worker_end(&worker);
    rc_bias_drain();
    ck_assert_uint_eq(finalized, 1);
    check_dead(weak);
}
END_TEST

START_TEST(after_a_merge_the_owner_locks_as_others_do)
{
    start_a_second_thread();
    struct item *item = item_new();
    rc_weak *first = weak_of(item), *second = weak_of(item);
    rc_share(item);
    struct item *locked = rc_weak_lock(first);
    ck_assert_ptr_eq(locked, item);
    ck_assert_int_eq(local_of(item), 0);
    ck_assert_int_eq(word_of(item), word(1, RC__COUNT_MERGED));
    rc_weak *late = weak_of(item);
    ck_assert_ptr_eq(rc_weak_lock(late), item);
    ck_assert_int_eq(local_of(item), 0);
    rc_release(locked);
    rc_release(locked);
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
    check_dead(first);
    check_dead(second);
    check_dead(late);
}
END_TEST

START_TEST(after_the_owners_last_release_a_lock_keeps_what_others_hold)
{
    struct item *item = item_new();
    rc_weak *weak = weak_of(item);
    elsewhere(do_retain, item);
    rc_release(item);
    ck_assert_uint_eq(finalized, 0);
    struct item *locked = rc_weak_lock(weak);
    ck_assert_ptr_eq(locked, item);
    ck_assert_int_eq(local_of(item), 0);
    elsewhere(do_release, item);
    ck_assert_uint_eq(finalized, 0);
    rc_release(locked);
    ck_assert_uint_eq(finalized, 1);
    check_dead(weak);
}
END_TEST

/* Nobody but the queue holds it; it is not finalized yet, so it can still be had. */
START_TEST(an_object_in_the_queue_can_be_locked)
{
    struct item *item = item_new();
    rc_weak *weak = weak_of(item);
    elsewhere(do_release, item);
    ck_assert(!rc_weak_is_dead(weak));
    elsewhere(do_lock, weak);
    ck_assert_int_eq(word_of(item), word(1, RC__COUNT_QUEUED));
    rc_bias_drain();
    ck_assert_uint_eq(finalized, 0);
    ck_assert(!is_biased(item));
    ck_assert(rc_is_unique(item));
    elsewhere(do_release, item);
    ck_assert_uint_eq(finalized, 1);
    check_dead(weak);
}
END_TEST

START_TEST(the_owner_can_lock_what_is_in_its_queue)
{
    struct item *item = item_new();
    rc_weak *weak = weak_of(item);
    start_a_second_thread();
    elsewhere(do_release, item);
    struct item *locked = rc_weak_lock(weak);
    ck_assert_ptr_eq(locked, item);
    ck_assert_int_eq(local_of(item), 2);
    rc_bias_drain();
    ck_assert_uint_eq(finalized, 0);
    ck_assert(rc_is_unique(locked));
    rc_release(locked);
    ck_assert_uint_eq(finalized, 1);
    check_dead(weak);
}
END_TEST

/* n below zero reads like an object that is gone. */
START_TEST(a_weak_reference_made_while_others_released_more_is_alive)
{
    struct item *item = item_new();
    start_a_second_thread();
    for (int i = 0; i < 3; i++) (void)rc_retain(item);
    for (int i = 0; i < 3; i++) elsewhere(do_release, item);
    ck_assert_int_eq(word_of(item), word(-2, RC__COUNT_QUEUED));
    rc_weak *weak = weak_of(item);
    ck_assert(!rc_weak_is_dead(weak));
    elsewhere(lock_and_release, weak);
    ck_assert_int_eq(word_of(item), word(-2, RC__COUNT_QUEUED));
    rc_bias_drain();
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
    check_dead(weak);
}
END_TEST

START_TEST(a_full_local_count_is_locked_in_the_shared_word)
{
    if (RC__COUNT_LOCAL_IS_ENDLESS) return;
    start_a_second_thread();
    struct item *item = item_new();
    rc_weak *weak = weak_of(item);
    *rc__local_of(rc__header_of(item)) = INTPTR_MAX - 3;
    struct item *locked = rc_weak_lock(weak);
    ck_assert_ptr_eq(locked, item);
    ck_assert_int_eq(*rc__local_of(rc__header_of(item)), INTPTR_MAX - 3);
    ck_assert_int_eq(word_of(item), word(1, 0));
    *rc__local_of(rc__header_of(item)) = 0;
    rc_release(item);
    rc_release(locked);
    ck_assert_uint_eq(finalized, 1);
    check_dead(weak);
}
END_TEST

static void *make_with_weak(void *made)
{
    struct item *item = item_new();
    item->held = weak_of(item);
    *(struct item **)made = item;
    return NULL;
}

START_TEST(an_heir_locks_as_the_owner_did)
{
    struct item *item = NULL;
    elsewhere(make_with_weak, &item);
    struct worker heir;
    worker_start(&heir);
    struct item *own = worker_run(&heir, do_make, NULL);
    ck_assert_uint_eq(owner_of(own), owner_of(item));
    ck_assert_ptr_eq(worker_run(&heir, do_lock, item->held), item);
    ck_assert_int_eq(local_of(item), 2);
    ck_assert_int_eq(word_of(item), 0);
    worker_run(&heir, do_release, item);
    worker_run(&heir, do_release, own);
    worker_end(&heir);
    rc_release(item);
    ck_assert_uint_eq(finalized, 2);
}
END_TEST

START_TEST(after_the_owners_end_a_merge_reaches_its_weak_references)
{
    struct item *item = NULL;
    elsewhere(make_with_weak, &item);
    unsigned owner = owner_of(item);
    rc_share(item);
    struct worker heir;
    worker_start(&heir);
    struct item *own = worker_run(&heir, do_make, NULL);
    ck_assert_uint_eq(owner_of(own), owner);
    ck_assert_ptr_eq(worker_run(&heir, do_lock, item->held), item);
    ck_assert_int_eq(local_of(item), 0);
    ck_assert_int_eq(word_of(item), word(1, RC__COUNT_MERGED));
    rc_release(item);
    rc_release(item);
    worker_run(&heir, do_release, own);
    worker_end(&heir);
    ck_assert_uint_eq(finalized, 2);
}
END_TEST

static int heard;

static void hear(rc_weak *weak, void *context)
{
    ck_assert_ptr_eq(context, &heard);
    ck_assert(rc_weak_is_dead(weak));
    ck_assert_uint_eq(finalized, 0);
    heard++;
}

START_TEST(callbacks_run_where_the_object_is_finalized)
{
    struct item *item = item_new();
    rc_weak *weak = weak_of(item);
    ck_assert_int_eq(rc_weak_on_death(weak, hear, &heard), RC_OK);
    elsewhere(do_release, item);
    ck_assert_int_eq(heard, 0);
    rc_bias_drain();
    ck_assert_int_eq(heard, 1);
    ck_assert(pthread_equal(finalized_on, pthread_self()));
    check_dead(weak);
}
END_TEST

static rc_weak *weak_of_self;
static struct item *kept;

static void keep_and_weaken(void *self)
{
    finalized++;
    weak_of_self = weak_of(self);
    ck_assert_ptr_null(rc_weak_lock(weak_of_self)); /* as long as the finalizer runs */
    kept = rc_retain((struct item *)self);
}

static const rc_type keeping_type = {.name = "keeping",
                                     .size = sizeof(struct item),
                                     .finalize = keep_and_weaken,
                                     .flags = RC_TYPE_BIASED};

START_TEST(a_resurrected_object_is_locked_as_an_ordinary_one)
{
    struct item *item = rc_new(struct item, &keeping_type);
    rc_weak *old = weak_of(item);
    start_a_second_thread();
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
    ck_assert_ptr_null(rc_weak_lock(old));
    ck_assert_ptr_eq(rc_weak_lock(weak_of_self), kept);
    ck_assert_uint_eq(rc_count(kept), 2);
    rc_release(kept);
    elsewhere(do_release, kept);
    check_dead(weak_of_self);
    check_dead(old);
}
END_TEST

/* A word that reads as if nobody held it, before any finalization: the chain puts that off. */
START_TEST(objects_put_off_in_a_chain_cannot_be_locked)
{
    enum { LENGTH = 40 };
    rc_weak *weak[LENGTH];
    struct item *head = NULL;
    start_a_second_thread();
    for (int i = 0; i < LENGTH; i++) {
        struct item *item = item_new();
        item->held = head;
        head = item;
        weak[i] = weak_of(item);
    }
    rc_release(head);
    ck_assert_uint_eq(finalized, LENGTH);
    for (int i = 0; i < LENGTH; i++) check_dead(weak[i]);
}
END_TEST

HARNESS_MAIN("rc/bias_weak", the_owner_locks_in_its_own_word, others_lock_in_the_shared_word,
             the_owner_locks_what_others_made_as_others_do,
             after_a_merge_the_owner_locks_as_others_do,
             after_the_owners_last_release_a_lock_keeps_what_others_hold,
             an_object_in_the_queue_can_be_locked, the_owner_can_lock_what_is_in_its_queue,
             a_weak_reference_made_while_others_released_more_is_alive,
             a_full_local_count_is_locked_in_the_shared_word, an_heir_locks_as_the_owner_did,
             after_the_owners_end_a_merge_reaches_its_weak_references,
             callbacks_run_where_the_object_is_finalized,
             a_resurrected_object_is_locked_as_an_ordinary_one,
             objects_put_off_in_a_chain_cannot_be_locked)
