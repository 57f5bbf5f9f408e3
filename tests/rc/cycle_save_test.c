/* SPDX-License-Identifier: MIT */
/* Finalizers that save objects in a collection, and the ends that come later: PEP 442. */
#include "tests/rc/cycle_support.h"

#include "rc/home.h"

#include <pthread.h>

START_TEST(a_ring_that_a_finalizer_saves_lives_on_whole)
{
    rc_cycle_domain *domain = domain_new();
    struct node *first = ring_new(domain, &lazy_type, 4);
    struct node *saving = node_new(domain, &saving_type);
    saving->to[0] = rc_retain(first);
    first->to[0]->to[1] = saving;
    rc_release(first);
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    ck_assert_ptr_eq(saved, saving);
    ck_assert_uint_eq(finalized, 5); /* each of them has run */
    ck_assert_uint_eq(cleared, 0);
    ck_assert_uint_eq(statistics_of(domain).resurrected, 5);
    ck_assert_int_eq(saved->to[0]->to[0]->to[0]->id, 2);
    ck_assert_uint_eq(rc_count(saved), 2);

    ck_assert_uint_eq(rc_cycle_collect(domain), 0); /* it is held */
    rc_clear(&saved);
    ck_assert_uint_eq(rc_cycle_collect(domain), 5);
    ck_assert_uint_eq(finalized, 5); /* and does not run again */
    ck_assert_uint_eq(cleared, 5);
    rc_release(domain);
}
END_TEST

START_TEST(what_is_not_saved_is_freed_in_the_same_collection)
{
    rc_cycle_domain *domain = domain_new();
    rc_release(ring_new(domain, &tidy_type, 10));
    rc_release(ring_new(domain, &saving_type, 1));
    rc_release(ring_new(domain, &plain_type, 10));
    ck_assert_uint_eq(rc_cycle_collect(domain), 20);
    ck_assert_uint_eq(live(&saving_type), 1);
    rc_clear(&saved);
    ck_assert_uint_eq(rc_cycle_collect(domain), 1);
    rc_release(domain);
}
END_TEST

static void save_neighbour(void *self)
{
    struct node *node = self;
    finalized++;
    rc_assign(&saved, node->to[0]);
    drop(node);
}

START_TEST(a_neighbour_may_be_saved)
{
    static const rc_type friendly_type = NODE_TYPE("friendly", save_neighbour);
    rc_cycle_domain *domain = domain_new();
    struct node *friendly = node_new(domain, &friendly_type);
    friendly->to[0] = node_new(domain, &lazy_type);
    friendly->to[0]->to[0] = rc_retain(friendly);
    friendly->to[0]->id = 77;
    rc_release(friendly);
    /* The neighbour holds the one that saved it, so both live. */
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    ck_assert_int_eq(saved->id, 77);
    ck_assert_ptr_eq(saved->to[0], friendly);
    ck_assert_ptr_null(friendly->to[0]);
    rc_clear(&saved); /* no cycle any more: their counts end them */
    ck_assert_uint_eq(live(&friendly_type) + live(&lazy_type), 0);
    ck_assert_uint_eq(finalized, 2);
    rc_release(domain);
}
END_TEST

START_TEST(an_object_that_was_saved_is_cleared_at_its_last_release)
{
    rc_cycle_domain *domain = domain_new();
    struct node *node = node_new(domain, &saving_type);
    node->to[0] = node_new(domain, &tidy_type);
    rc_release(node); /* no cycle: the last release */
    ck_assert_ptr_eq(saved, node);
    ck_assert(rc_cycle_is_tracked(saved));
    ck_assert_uint_eq(finalized, 1);
    rc_clear(&saved);
    ck_assert_uint_eq(cleared, 1);
    ck_assert_uint_eq(finalized, 2); /* the other's */
    ck_assert_uint_eq(statistics_of(domain).tracked, 0);
    rc_release(domain);
}
END_TEST

START_TEST(a_type_that_says_so_is_cleared_after_its_finalizer)
{
    rc_cycle_domain *domain = domain_new();
    struct node *lazy = node_new(domain, &lazy_type), *untracked = rc_new(struct node, &lazy_type);
    lazy->to[0] = node_new(domain, &tidy_type);
    untracked->to[1] = rc_retain(lazy->to[0]);
    rc_release(lazy);
    ck_assert_uint_eq(finalized, 1);
    ck_assert_uint_eq(cleared, 1);
    rc_release(untracked);
    ck_assert_uint_eq(finalized, 3);
    ck_assert_uint_eq(cleared, 2);
    rc_release(domain);
}
END_TEST

START_TEST(an_object_without_a_finalizer_is_cleared_at_its_last_release)
{
    rc_release(domain_new()); /* only for the counters */
    struct node *node = rc_new(struct node, &bare_type);
    node->to[0] = rc_new(struct node, &tidy_type);
    rc_release(node);
    ck_assert_uint_eq(cleared, 1);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(an_object_that_was_saved_may_close_another_cycle)
{
    rc_cycle_domain *domain = domain_new();
    rc_release(ring_new(domain, &saving_type, 1));
    rc_cycle_collect(domain);
    struct node *other = node_new(domain, &plain_type);
    other->to[0] = rc_retain(saved);
    saved->to[1] = other;
    rc_clear(&saved);
    ck_assert_uint_eq(rc_cycle_collect(domain), 2);
    ck_assert_uint_eq(finalized, 2);
    rc_release(domain);
}
END_TEST

/* ---- weak references ------------------------------------------------------------------------- */

static rc_weak *weak;

static void save_by_lock(void *self)
{
    (void)self;
    finalized++;
    if (!saved) saved = rc_weak_lock(weak);
}

START_TEST(a_weak_reference_that_a_finalizer_locks_saves_too)
{
    static const rc_type locking_type = CLEARED_TYPE("locking", save_by_lock);
    rc_cycle_domain *domain = domain_new();
    struct node *first = ring_new(domain, &locking_type, 3);
    weak = rc_weak_new(first->to[0]);
    rc_release(first);
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    ck_assert_ptr_nonnull(saved);
    ck_assert(!rc_weak_is_dead(weak)); /* it has no callback, and its object lives */
    rc_clear(&saved);
    ck_assert_uint_eq(rc_cycle_collect(domain), 3);
    ck_assert(rc_weak_is_dead(weak));
    rc_release(weak);
    rc_release(domain);
}
END_TEST

static void count_call(rc_weak *dead, void *context)
{
    (void)dead;
    ++*(int *)context;
}

START_TEST(a_weak_reference_whose_callback_ran_stays_dead_if_its_object_is_saved)
{
    rc_cycle_domain *domain = domain_new();
    int calls = 0;
    struct node *first = ring_new(domain, &saving_type, 1);
    weak = rc_weak_new(first);
    rc_weak_on_death(weak, count_call, &calls);
    rc_release(first);
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    ck_assert_int_eq(calls, 1);
    ck_assert(rc_weak_is_dead(weak));
    ck_assert_ptr_null(rc_weak_lock(weak));
    rc_release(weak);
    weak = rc_weak_new(saved);
    rc_weak_on_death(weak, count_call, &calls);
    rc_clear(&saved);
    ck_assert_uint_eq(rc_cycle_collect(domain), 1);
    ck_assert_int_eq(calls, 2);
    rc_release(weak);
    rc_release(domain);
}
END_TEST

/* ---- homes and threads ----------------------------------------------------------------------- */

static const rc_type *const homed = &tidy_type;

static void *collect_elsewhere(void *domain)
{
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    return NULL;
}

START_TEST(a_ring_with_a_home_waits_for_a_collection_at_home)
{
    rc_cycle_domain *domain = domain_new();
    rc_home *home = rc_home_new();
    struct node *first = ring_new(domain, &tidy_type, 2);
    first->to[1] = RC_HOME_NEW(home, struct node, homed);
    first->to[1]->to[0] = rc_retain(first);
    ck_assert_int_eq(rc_cycle_track(domain, first->to[1]), RC_OK);
    rc_release(first);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, collect_elsewhere, domain), 0);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(finalized, 0);
    ck_assert_uint_eq(rc_cycle_collect(domain), 3);
    ck_assert_uint_eq(rc_home_alive(home), 0);
    rc_release(home);
    rc_release(domain);
}
END_TEST

/* ---- callbacks in a row ------------------------------------------------------------------------ */

static size_t began_with_error;

static void leave_an_error(void *self)
{
    began_with_error += rc_error_status() != RC_OK;
    tidy_finalize(self);
    rc_error_set(RC_INVALID, "the finalizer's own");
}

static const rc_type erring_type = CLEARED_TYPE("erring", leave_an_error);

START_TEST(each_finalizer_starts_without_an_error_and_none_is_left)
{
    rc_cycle_domain *domain = domain_new();
    began_with_error = 0;
    rc_release(ring_new(domain, &erring_type, 4));
    ck_assert_uint_eq(rc_cycle_collect(domain), 4);
    ck_assert_uint_eq(finalized, 4);
    ck_assert_uint_eq(began_with_error, 0);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    rc_release(domain);
}
END_TEST

HARNESS_MAIN("rc/cycle_save", a_ring_that_a_finalizer_saves_lives_on_whole,
             what_is_not_saved_is_freed_in_the_same_collection, a_neighbour_may_be_saved,
             an_object_that_was_saved_is_cleared_at_its_last_release,
             a_type_that_says_so_is_cleared_after_its_finalizer,
             an_object_without_a_finalizer_is_cleared_at_its_last_release,
             an_object_that_was_saved_may_close_another_cycle,
             a_weak_reference_that_a_finalizer_locks_saves_too,
             a_weak_reference_whose_callback_ran_stays_dead_if_its_object_is_saved,
             a_ring_with_a_home_waits_for_a_collection_at_home,
             each_finalizer_starts_without_an_error_and_none_is_left)
