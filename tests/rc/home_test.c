/* SPDX-License-Identifier: MIT */
#include "tests/rc/home_support.h"

#include "rc/allocator.h"
#include "rc/weak.h"

/* ---- where finalizers run -------------------------------------------------------------------- */

START_TEST(a_last_release_at_home_finalizes_there_and_then)
{
    rc_home *home = home_new();
    struct thing *thing = thing_new(home, 1);
    ck_assert_uint_eq(rc_home_alive(home), 1);
    rc_release(rc_retain(thing));
    ck_assert_int_eq(finalized, 0);
    rc_release(thing);
    ck_assert_int_eq(finalized, 1);
    ck_assert_uint_eq(rc_home_alive(home), 0);
    ck_assert_uint_eq(rc_home_run(home), 0);
    rc_release(home);
}
END_TEST

START_TEST(a_last_release_elsewhere_waits_for_home)
{
    rc_home *home = home_new();
    struct thing *things[] = {thing_new(home, 1), thing_new(home, 2), thing_new(home, 3), NULL};
    release_elsewhere(things);
    ck_assert_int_eq(finalized, 0);
    ck_assert_uint_eq(rc_home_waiting(home), 3);
    ck_assert_uint_eq(rc_home_alive(home), 3);
    ck_assert_uint_eq(rc_home_run(home), 3);
    ck_assert_int_eq(finalized, 3);
    ck_assert_int_eq(last_id, 3); /* in the order in which they came */
    ck_assert(pthread_equal(finalized_by, pthread_self()));
    ck_assert_uint_eq(rc_home_waiting(home) + rc_home_alive(home), 0);
    rc_release(home);
}
END_TEST

START_TEST(objects_keep_their_home)
{
    rc_home *home = home_new();
    struct thing *things[] = {thing_new(home, 1), NULL};
    ck_assert_uint_eq(rc_count(home), 2);
    release_elsewhere(things);
    ck_assert_uint_eq(rc_count(home), 2);
    ck_assert_uint_eq(rc_home_run(home), 1);
    ck_assert_uint_eq(rc_count(home), 1);
    struct thing *last = thing_new(home, 2);
    rc_release(home);
    rc_release(last); /* and the home with it */
    ck_assert_int_eq(finalized, 2);
}
END_TEST

START_TEST(running_the_last_object_may_end_the_home)
{
    rc_home *home = home_new();
    struct thing *things[] = {thing_new(home, 1), NULL};
    release_elsewhere(things);
    rc_home *borrowed = home;
    rc_release(home);
    ck_assert_uint_eq(rc_home_run(borrowed), 1);
    ck_assert_int_eq(finalized, 1);
}
END_TEST

START_TEST(what_a_finalizer_releases_ends_as_it_must)
{
    rc_home *home = home_new();
    struct thing *things[] = {thing_new(home, 1), NULL};
    things[0]->next = thing_new(home, 2);
    things[0]->next->next = rc_new(struct thing, &thing_type); /* has no home */
    release_elsewhere(things);
    ck_assert_int_eq(finalized, 0);
    ck_assert_uint_eq(rc_home_run(home), 1);
    ck_assert_int_eq(finalized, 3);
    rc_release(home);
}
END_TEST

START_TEST(a_long_chain_with_a_home_ends)
{
    rc_home *home = home_new();
    struct thing *head = NULL;
    for (int i = 0; i < 100000; i++) {
        struct thing *thing = thing_new(home, i);
        thing->next = head;
        head = thing;
    }
    struct thing *things[] = {head, NULL};
    release_elsewhere(things);
    ck_assert_uint_eq(rc_home_waiting(home), 1);
    ck_assert_uint_eq(rc_home_run(home), 1);
    ck_assert_int_eq(finalized, 100000);
    rc_release(home);
}
END_TEST

static void chain_elsewhere(void *self)
{
    rc_release(((struct thing *)self)->next);
}

static const rc_type link_type = {
    .name = "link", .size = sizeof(struct thing), .finalize = chain_elsewhere};

START_TEST(objects_with_a_home_in_a_chain_that_ends_elsewhere_wait)
{
    rc_home *home = home_new();
    struct thing *head = NULL;
    for (int i = 0; i < 300; i++) {
        struct thing *link = rc_new(struct thing, &link_type);
        link->next = i % 3 ? head : thing_new(home, i);
        if (i % 3 == 0) link->next->next = head;
        head = link;
    }
    struct thing *things[] = {head, NULL};
    release_elsewhere(things);
    size_t runs = 0;
    while (rc_home_run(home)) runs++;
    ck_assert_uint_ge(runs, 1);
    ck_assert_int_eq(finalized, 100);
    ck_assert_uint_eq(rc_account_read_type(&link_type).live_objects, 0);
    rc_release(home);
}
END_TEST

static void come_back(void *self)
{
    struct thing *thing = self;
    finalized++;
    thing->next = rc_retain(thing);
}

START_TEST(an_object_that_is_saved_waits_again_but_is_finalized_once)
{
    static const rc_type saved_type = {
        .name = "saved", .size = sizeof(struct thing), .finalize = come_back};
    rc_home *home = home_new();
    struct thing *thing = RC_HOME_NEW(home, struct thing, &saved_type);
    struct thing *things[] = {thing, NULL};
    release_elsewhere(things);
    ck_assert_uint_eq(rc_home_run(home), 1);
    ck_assert_uint_eq(rc_home_alive(home), 1);
    release_elsewhere(things); /* the reference that it has to itself */
    ck_assert_uint_eq(rc_home_run(home), 1);
    ck_assert_int_eq(finalized, 1);
    ck_assert_uint_eq(rc_home_alive(home), 0);
    rc_release(home);
}
END_TEST

static void note_thread(rc_weak *weak, void *context)
{
    (void)weak;
    *(pthread_t *)context = pthread_self();
}

START_TEST(weak_references_to_what_waits_give_nothing)
{
    rc_home *home = home_new();
    struct thing *things[] = {thing_new(home, 1), NULL};
    rc_weak *weak = rc_weak_new(things[0]);
    pthread_t called_by = 0;
    rc_weak_on_death(weak, note_thread, &called_by);
    release_elsewhere(things);
    ck_assert_ptr_null(rc_weak_lock(weak));
    ck_assert(called_by == 0);
    rc_home_run(home);
    ck_assert(pthread_equal(called_by, pthread_self()));
    rc_release(weak);
    rc_release(home);
}
END_TEST

START_TEST(objects_with_extra_bytes_and_alignment_have_homes)
{
    static const rc_type wide_type = {
        .name = "wide", .size = sizeof(struct thing), .finalize = finalize, .alignment = 128};
    rc_home *home = home_new();
    struct thing *wide = rc_home_object_new(home, &wide_type, 500);
    struct thing *extra = rc_home_object_new(home, &thing_type, 5000);
    ck_assert_uint_eq((uintptr_t)wide % 128, 0);
    for (size_t i = 0; i < 5000; i++) ck_assert_int_eq(((char *)(extra + 1))[i], 0);
    memset(wide + 1, 1, 500);
    memset(extra + 1, 1, 5000);
    struct thing *things[] = {wide, extra, NULL};
    release_elsewhere(things);
    ck_assert_uint_eq(rc_home_run(home), 2);
    rc_release(home);
}
END_TEST

static void write_past_the_end(void *unused)
{
    (void)unused;
    static struct rc_guarding_allocator guarding;
    rc_guarding_allocator_init(&guarding, NULL);
    rc_allocator_set_default(&guarding.allocator);
    struct thing *thing = thing_new(rc_home_new(), 1);
    memset(thing, 0, sizeof *thing + 1);
    rc_release(thing);
}

START_TEST(the_guarding_allocator_knows_objects_with_homes)
{
    CHILD_ASSERT_STOPS(write_past_the_end, NULL, "of the object of type thing at");
}
END_TEST

/* ---- the hook -------------------------------------------------------------------------------- */

static int wakes;

static void wake(void *context)
{
    ck_assert_ptr_eq(context, &wakes);
    wakes++;
}

START_TEST(the_hook_is_called_when_objects_begin_to_wait)
{
    rc_home *home = home_new();
    ck_assert_int_eq(rc_home_set_wake(home, wake, &wakes), RC_OK);
    struct thing *things[] = {thing_new(home, 1), thing_new(home, 2), NULL};
    release_elsewhere(things);
    ck_assert_int_eq(wakes, 1);
    rc_home_run(home);
    rc_release(thing_new(home, 3)); /* at home nothing waits */
    ck_assert_int_eq(wakes, 1);
    struct thing *more[] = {thing_new(home, 4), NULL};
    release_elsewhere(more);
    ck_assert_int_eq(wakes, 2);
    rc_home_run(home);
    ck_assert_int_eq(rc_home_set_wake(home, NULL, NULL), RC_OK);
    struct thing *silent[] = {thing_new(home, 5), NULL};
    release_elsewhere(silent);
    ck_assert_int_eq(wakes, 2);
    ck_assert_int_eq(rc_home_set_wake(home, wake, &wakes), RC_OK);
    ck_assert_int_eq(wakes, 3); /* one waits already */
    rc_home_run(home);
    rc_release(home);
}
END_TEST

HARNESS_MAIN("rc/home", a_last_release_at_home_finalizes_there_and_then,
             a_last_release_elsewhere_waits_for_home, objects_keep_their_home,
             running_the_last_object_may_end_the_home, what_a_finalizer_releases_ends_as_it_must,
             a_long_chain_with_a_home_ends, objects_with_a_home_in_a_chain_that_ends_elsewhere_wait,
             an_object_that_is_saved_waits_again_but_is_finalized_once,
             weak_references_to_what_waits_give_nothing,
             objects_with_extra_bytes_and_alignment_have_homes,
             the_guarding_allocator_knows_objects_with_homes,
             the_hook_is_called_when_objects_begin_to_wait)
