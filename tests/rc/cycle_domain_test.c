/* SPDX-License-Identifier: MIT */
/* What domains track and refuse, and when they collect. Mistakes: cycle_mistakes_test.c. */
#include <pthread.h>

#include "tests/rc/cycle_support.h"

#include "rc/bias.h"
#include "rc/header.h"
#include "rc/scope.h"

/* ---- domains --------------------------------------------------------------------------------- */

START_TEST(what_cannot_be_tracked_is_refused)
{
    static const rc_type flat_type = {.name = "flat", .size = 8};
    rc_cycle_domain *domain = domain_new(), *other = domain_new();
    void *flat = rc_object_new(&flat_type, 0);
    struct node *node = node_new(domain, &tidy_type);
    ck_assert_int_eq(rc_cycle_track(NULL, node), RC_INVALID);
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "the domain is NULL"));
    ck_assert_int_eq(rc_cycle_track(domain, NULL), RC_INVALID);
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "the object is NULL"));
    ck_assert_int_eq(rc_cycle_track(domain, flat), RC_INVALID);
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "flat"));
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "give it one that calls visit"));
    ck_assert_int_eq(rc_cycle_track(domain, domain), RC_INVALID);
    ck_assert_ptr_nonnull(
        strstr(rc_error_message(), "rc_cycle_domain is one of the library's own"));
    ck_assert_int_eq(rc_cycle_track(domain, node), RC_BUSY);
    ck_assert_int_eq(rc_cycle_track(other, node), RC_BUSY);
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "is tracked"));
    ck_assert_int_eq(rc_cycle_untrack(NULL), RC_INVALID);
    ck_assert_int_eq(rc_cycle_untrack(flat), RC_OK);
    ck_assert_uint_eq(rc_cycle_collect(NULL), 0);
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_int_eq(rc_cycle_domain_set_threshold(NULL, 1), RC_INVALID);
    ck_assert_ptr_null(RC_CYCLE_NEW(domain, struct node, &flat_type));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_uint_eq(statistics_of(domain).tracked, 1);
    rc_release(node);
    rc_release(flat);
    rc_release(domain);
    rc_release(other);
}
END_TEST

START_TEST(a_creation_that_is_refused_makes_nothing)
{
    static const rc_type type = {
        .name = "untraversed", .size = sizeof(struct node), .finalize = tidy_finalize};
    rc_cycle_domain *domain = domain_new();
    ck_assert_ptr_null(RC_CYCLE_NEW(domain, struct node, &type));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_ptr_null(RC_CYCLE_NEW(NULL, struct node, &tidy_type));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_uint_eq(finalized, 0);
    rc_error_clear();
    rc_release(domain);
}
END_TEST

static rc_cycle_domain *domain_at_work;

static void use_domain(void *self)
{
    ck_assert_uint_eq(rc_cycle_collect(domain_at_work), 0);
    ck_assert_int_eq(rc_error_status(), RC_BUSY);
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "is being collected"));
    ck_assert_int_eq(rc_cycle_untrack(self), RC_BUSY);
    ck_assert_ptr_nonnull(
        strstr(rc_error_message(), "of type using is in a domain that this thread"));
    struct node *made = RC_CYCLE_NEW(domain_at_work, struct node, &bare_type);
    ck_assert_ptr_nonnull(made);
    rc_release(made);
    tidy_finalize(self);
}

START_TEST(a_finalizer_may_track_but_not_collect)
{
    static const rc_type using_type = NODE_TYPE("using", use_domain);
    domain_at_work = domain_new();
    rc_release(ring_new(domain_at_work, &using_type, 100));
    ck_assert_uint_eq(rc_cycle_collect(domain_at_work), 100);
    ck_assert_int_eq(rc_error_status(), RC_OK); /* a success leaves it untouched */
    rc_release(domain_at_work);
}
END_TEST

static void release_domain(void *self)
{
    rc_clear(&domain_at_work);
    tidy_finalize(self);
}

START_TEST(a_finalizer_may_release_the_domain)
{
    static const rc_type releasing_type = NODE_TYPE("releasing", release_domain);
    domain_at_work = domain_new();
    rc_release(ring_new(domain_at_work, &releasing_type, 3));
    ck_assert_uint_eq(rc_cycle_collect(domain_at_work), 3);
    ck_assert_ptr_null(domain_at_work);
}
END_TEST

START_TEST(the_last_release_of_a_domain_collects_and_lets_the_rest_live)
{
    rc_cycle_domain *domain = domain_new();
    rc_release(ring_new(domain, &tidy_type, 6));
    struct node *held = ring_new(domain, &tidy_type, 2);
    rc_release(domain);
    ck_assert_uint_eq(live(&tidy_type), 2);
    ck_assert(!rc_cycle_is_tracked(held));
    struct node *next = rc_steal(&held->to[0]);
    ck_assert_uint_eq(rc_count(held), 2);
    rc_release(held);
    rc_release(next);
    ck_assert_uint_eq(finalized, 8);
}
END_TEST

START_TEST(a_threshold_collects_when_enough_were_tracked)
{
    rc_cycle_domain *domain = domain_new();
    ck_assert_int_eq(rc_cycle_domain_set_threshold(domain, 100), RC_OK);
    for (int i = 0; i < 1000; i++) rc_release(ring_new(domain, &tidy_type, 1));
    struct rc_cycle_statistics now = statistics_of(domain);
    ck_assert_uint_ge(now.collections, 9);
    ck_assert_uint_le(now.collections, 10);
    ck_assert_uint_ge(now.freed, 900);
    ck_assert_uint_eq(now.freed + now.tracked, 1000);
    ck_assert_int_eq(rc_cycle_domain_set_threshold(domain, 0), RC_OK);
    rc_release(domain);
}
END_TEST

START_TEST(a_threshold_waits_for_a_quarter_of_what_was_left)
{
    enum { HELD = 4000 };
    static struct node *held[HELD];
    rc_cycle_domain *domain = domain_new();
    for (int i = 0; i < HELD; i++) held[i] = node_new(domain, &bare_type);
    rc_cycle_collect(domain);
    rc_cycle_domain_set_threshold(domain, 10);
    for (int i = 0; i < HELD / 4 - 1; i++) rc_release(ring_new(domain, &bare_type, 1));
    ck_assert_uint_eq(statistics_of(domain).collections, 1);
    for (int i = 0; i < 3; i++) rc_release(ring_new(domain, &bare_type, 1));
    ck_assert_uint_eq(statistics_of(domain).collections, 2);
    for (int i = 0; i < HELD; i++) rc_release(held[i]);
    rc_release(domain);
}
END_TEST

START_TEST(statistics_tell_what_became_of_the_objects)
{
    rc_cycle_domain *domain = domain_new();
    struct node *held = ring_new(domain, &tidy_type, 3);
    rc_release(ring_new(domain, &tidy_type, 4));
    rc_cycle_collect(domain);
    struct rc_cycle_statistics now = statistics_of(domain), part;
    ck_assert_uint_eq(now.struct_size, sizeof now);
    ck_assert_uint_eq(now.tracked, 3);
    ck_assert_uint_eq(now.collections, 1);
    ck_assert_uint_eq(now.freed, 4);
    ck_assert_uint_eq(now.resurrected, 0);
    ck_assert_uint_eq(now.stuck, 0);
    memset(&part, 0x55, sizeof part);
    rc_cycle_statistics_read_sized(domain, &part, 2 * sizeof(size_t));
    ck_assert_uint_eq(part.struct_size, 2 * sizeof(size_t));
    ck_assert_uint_eq(part.tracked, 3);
    ck_assert_int_eq(((unsigned char *)&part.collections)[0], 0x55);
    rc_cycle_statistics_read(domain, NULL);
    rc_cycle_statistics_read(NULL, &part);
    rc_release(held);
    rc_release(domain);
}
END_TEST

START_TEST(biased_objects_give_their_bias_up)
{
    static const rc_type biased_type = {.name = "biased node",
                                        .size = sizeof(struct node),
                                        .finalize = tidy_finalize,
                                        .traverse = node_traverse,
                                        .clear = node_clear,
                                        .flags = RC_TYPE_BIASED};
    rc_cycle_domain *domain = domain_new();
    struct node *first = ring_new(domain, &biased_type, 4);
    ck_assert_uint_eq(rc_count(first), 2);
    ck_assert_uint_eq(rc__owner_of(rc__header_of(first)), 0);
    rc_release(first);
    ck_assert_uint_eq(rc_cycle_collect(domain), 4);
    rc_release(domain);
}
END_TEST

START_TEST(objects_with_extra_bytes_and_alignment_are_tracked)
{
    static const rc_type wide_type = {.name = "wide",
                                      .size = sizeof(struct node),
                                      .finalize = tidy_finalize,
                                      .traverse = node_traverse,
                                      .clear = node_clear,
                                      .alignment = 256};
    rc_cycle_domain *domain = domain_new();
    struct node *node = rc_object_new(&wide_type, 1000);
    ck_assert_uint_eq((uintptr_t)node % 256, 0);
    ck_assert_int_eq(rc_cycle_track(domain, node), RC_OK);
    node->to[2] = rc_retain(node);
    rc_release(node);
    ck_assert_uint_eq(rc_cycle_collect(domain), 1);
    rc_release(domain);
}
END_TEST

/* ---- what dies meanwhile --------------------------------------------------------------------- */

/* What it held is gone, and its pointers are not. */
static void collect_amid(void *self)
{
    plain_finalize(self);
    ck_assert_uint_eq(rc_cycle_collect(domain_at_work), 0);
}

static const rc_type amid_type = NODE_TYPE("amid", collect_amid);

START_TEST(a_collection_in_a_finalizer_does_not_look_at_the_dying)
{
    domain_at_work = domain_new();
    struct node *dying = node_new(domain_at_work, &amid_type);
    dying->to[0] = node_new(domain_at_work, &bare_type);
    dying->to[1] = rc_retain(dying->to[0]);
    rc_release(dying);
    ck_assert_uint_eq(finalized, 1);
    ck_assert_uint_eq(live(&amid_type) + live(&bare_type), 0);
    rc_release(domain_at_work);
}
END_TEST

/* ---- the domain's own end --------------------------------------------------------------------- */

/* Finalizers nest 32 deep; what the rest of the list waits for ends the domain meanwhile. */
START_TEST(a_domain_that_ends_amid_a_long_list_forgets_what_waits)
{
    rc_cycle_domain *domain = domain_new();
    struct node *first = node_new(domain, &tidy_type), *last = first;
    for (int i = 1; i < 60; i++) {
        last = last->to[0] = node_new(domain, &tidy_type);
        if (i == 31) last->other = domain;
    }
    rc_release(first);
    ck_assert_uint_eq(finalized, 60);
    ck_assert_uint_eq(live(&tidy_type), 0);
}
END_TEST

static void keep_domain(void *self)
{
    tidy_finalize(self);
    (void)rc_retain(domain_at_work);
}

static const rc_type keeping_type = CLEARED_TYPE("keeping", keep_domain);

static void end_a_domain_that_is_kept(void *unused)
{
    (void)unused;
    domain_at_work = domain_new();
    rc_release(ring_new(domain_at_work, &keeping_type, 1));
    rc_release(domain_at_work);
}

START_TEST(a_finalizer_that_keeps_the_ending_domain_stops_the_program)
{
    CHILD_ASSERT_STOPS(end_a_domain_that_is_kept, NULL, "a finalizer keeps the domain");
}
END_TEST

static void *release_twice(void *object)
{
    rc_release(object);
    rc_release(object);
    return NULL;
}

START_TEST(an_object_whose_owner_has_not_counted_yet_is_tracked)
{
    static const rc_type type = {.name = "owned",
                                 .size = sizeof(struct node),
                                 .finalize = tidy_finalize,
                                 .traverse = node_traverse,
                                 .clear = node_clear,
                                 .flags = RC_TYPE_BIASED};
    rc_cycle_domain *domain = domain_new();
    struct node *node = rc_new(struct node, &type);
    ck_assert_ptr_nonnull(node);
    (void)rc_retain(node);
    (void)rc_retain(node);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, release_twice, node), 0);
    pthread_join(thread, NULL);
    ck_assert_int_eq(rc_cycle_track(domain, node), RC_OK);
    ck_assert(rc_cycle_is_tracked(node));
    rc_release(node);
    ck_assert_uint_eq(finalized, 1);
    rc_release(domain);
}
END_TEST

HARNESS_MAIN("rc/cycle_domain", what_cannot_be_tracked_is_refused,
             a_creation_that_is_refused_makes_nothing, a_finalizer_may_track_but_not_collect,
             a_finalizer_may_release_the_domain,
             the_last_release_of_a_domain_collects_and_lets_the_rest_live,
             a_threshold_collects_when_enough_were_tracked,
             a_threshold_waits_for_a_quarter_of_what_was_left,
             statistics_tell_what_became_of_the_objects, biased_objects_give_their_bias_up,
             objects_with_extra_bytes_and_alignment_are_tracked,
             a_collection_in_a_finalizer_does_not_look_at_the_dying,
             a_domain_that_ends_amid_a_long_list_forgets_what_waits,
             a_finalizer_that_keeps_the_ending_domain_stops_the_program,
             an_object_whose_owner_has_not_counted_yet_is_tracked)
