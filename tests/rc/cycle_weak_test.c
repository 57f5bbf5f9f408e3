/* SPDX-License-Identifier: MIT */
/* Weak references to what a collection ends. */
#include "tests/rc/cycle_support.h"

/* ---- weak references ------------------------------------------------------------------------- */

static int called;
static rc_weak *weak_one, *weak_two;

static void both_are_dead(rc_weak *weak, void *context)
{
    (void)weak, (void)context;
    ck_assert(rc_weak_is_dead(weak_one) && rc_weak_is_dead(weak_two));
    ck_assert_uint_eq(finalized, 0);
    called++;
}

START_TEST(callbacks_run_before_finalizers_when_all_of_them_are_dead)
{
    rc_cycle_domain *domain = domain_new();
    struct node *first = ring_new(domain, &tidy_type, 2);
    weak_one = rc_weak_new(first);
    weak_two = rc_weak_new(first->to[0]);
    rc_weak_on_death(weak_one, both_are_dead, NULL);
    rc_weak_on_death(weak_two, both_are_dead, NULL);
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    ck_assert(!rc_weak_is_dead(weak_one));
    rc_release(first);
    ck_assert_uint_eq(rc_cycle_collect(domain), 2);
    ck_assert_int_eq(called, 2);
    rc_release(weak_one);
    rc_release(weak_two);
    rc_release(domain);
}
END_TEST

static void *seen_by_finalizer;

static void look(void *self)
{
    seen_by_finalizer = rc_weak_lock(weak_one);
    rc_release(seen_by_finalizer);
    tidy_finalize(self);
}

/* CPython 3.11 clears it before; later versions, and we, so that caches find their objects. */
START_TEST(a_weak_reference_without_a_callback_lives_while_finalizers_run)
{
    static const rc_type looking_type = NODE_TYPE("looking", look);
    rc_cycle_domain *domain = domain_new();
    struct node *first = ring_new(domain, &looking_type, 2);
    weak_one = rc_weak_new(first);
    void *address = first;
    rc_release(first);
    ck_assert_uint_eq(rc_cycle_collect(domain), 2);
    ck_assert_ptr_eq(seen_by_finalizer, address);
    ck_assert(rc_weak_is_dead(weak_one));
    ck_assert_ptr_null(rc_weak_lock(weak_one));
    rc_release(weak_one);
    rc_release(domain);
}
END_TEST

static void note_call(rc_weak *weak, void *context)
{
    (void)weak;
    ++*(int *)context;
}

/* CPython does not call it, since the weak reference is garbage, too. */
START_TEST(the_callback_of_a_weak_reference_that_garbage_owns_runs)
{
    rc_cycle_domain *domain = domain_new();
    struct node *first = ring_new(domain, &tidy_type, 2);
    int calls = 0;
    rc_weak *weak = rc_weak_new(first);
    rc_weak_on_death(weak, note_call, &calls);
    first->to[0]->other = weak; /* owned by the ring */
    rc_release(first);
    ck_assert_uint_eq(rc_cycle_collect(domain), 2);
    ck_assert_int_eq(calls, 1);
    rc_release(domain);
}
END_TEST

static void make_weak(void *self)
{
    weak_one = rc_weak_new(self);
    rc_weak_on_death(weak_one, note_call, &called);
    tidy_finalize(self);
}

START_TEST(a_weak_reference_that_a_finalizer_makes_dies_with_its_object)
{
    static const rc_type making_type = NODE_TYPE("making", make_weak);
    rc_cycle_domain *domain = domain_new();
    rc_release(ring_new(domain, &making_type, 1));
    ck_assert_uint_eq(rc_cycle_collect(domain), 1);
    ck_assert(rc_weak_is_dead(weak_one));
    ck_assert_int_eq(called, 1);
    rc_release(weak_one);
    rc_release(domain);
}
END_TEST

HARNESS_MAIN("rc/cycle_weak", callbacks_run_before_finalizers_when_all_of_them_are_dead,
             a_weak_reference_without_a_callback_lives_while_finalizers_run,
             the_callback_of_a_weak_reference_that_garbage_owns_runs,
             a_weak_reference_that_a_finalizer_makes_dies_with_its_object)
