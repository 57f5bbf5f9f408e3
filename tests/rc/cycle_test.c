/* SPDX-License-Identifier: MIT */
/* What a collection ends, and what it leaves alone. Finalizers that save objects: cycle_save_test.c. */
#include "tests/rc/cycle_support.h"

#include "rc/bias.h"
#include "rc/callback.h"
#include "rc/header.h"
#include "rc/scope.h"

static const rc_type *const types[] = {&tidy_type, &plain_type, &lazy_type, &bare_type};
#define EACH_TYPE(type)                                                                            \
    for (size_t type##_at = 0; type##_at < sizeof types / sizeof types[0]; type##_at++)            \
        for (const rc_type *type = types[type##_at]; type; type = NULL)

/* ---- cycles ---------------------------------------------------------------------------------- */

START_TEST(a_ring_that_nobody_holds_is_freed)
{
    EACH_TYPE(type)
    {
        rc_cycle_domain *domain = domain_new();
        rc_release(ring_new(domain, type, 10));
        ck_assert_uint_eq(live(type), 10);
        ck_assert_uint_eq(rc_cycle_collect(domain), 10);
        ck_assert_uint_eq(live(type), 0);
        ck_assert_uint_eq(finalized, type->finalize ? 10 : 0);
        ck_assert_uint_eq(rc_cycle_collect(domain), 0);
        rc_release(domain);
    }
}
END_TEST

START_TEST(a_ring_that_somebody_holds_is_left_alone)
{
    EACH_TYPE(type)
    {
        rc_cycle_domain *domain = domain_new();
        struct node *first = ring_new(domain, type, 5);
        ck_assert_uint_eq(rc_cycle_collect(domain), 0);
        ck_assert_uint_eq(live(type), 5);
        ck_assert_uint_eq(finalized + cleared, 0);
        ck_assert_int_eq(first->to[0]->to[0]->id, 2);
        ck_assert_uint_eq(rc_count(first), 2);
        rc_release(first);
        ck_assert_uint_eq(rc_cycle_collect(domain), 5);
        rc_release(domain);
    }
}
END_TEST

START_TEST(an_object_that_holds_itself_is_freed)
{
    EACH_TYPE(type)
    {
        rc_cycle_domain *domain = domain_new();
        struct node *node = node_new(domain, type);
        for (int i = 0; i < EDGES; i++) node->to[i] = rc_retain(node);
        rc_release(node);
        ck_assert_uint_eq(rc_cycle_collect(domain), 1);
        rc_release(domain);
    }
}
END_TEST

START_TEST(what_hangs_on_a_ring_goes_with_it)
{
    EACH_TYPE(type)
    {
        rc_cycle_domain *domain = domain_new();
        struct node *first = ring_new(domain, type, 3);
        first->to[1] = node_new(domain, type);
        first->to[1]->to[0] = node_new(domain, type);
        first->to[1]->to[1] = rc_retain(first->to[1]->to[0]);
        rc_release(first);
        ck_assert_uint_eq(rc_cycle_collect(domain), 5);
        ck_assert_uint_eq(finalized, type->finalize ? 5 : 0);
        rc_release(domain);
    }
}
END_TEST

START_TEST(what_a_held_object_reaches_is_left_alone)
{
    EACH_TYPE(type)
    {
        rc_cycle_domain *domain = domain_new();
        struct node *held = node_new(domain, type);
        held->to[0] = ring_new(domain, type, 4);
        held->to[0]->to[0]->to[1] = ring_new(domain, type, 4);
        rc_release(ring_new(domain, type, 7)); /* beside them */
        ck_assert_uint_eq(rc_cycle_collect(domain), 7);
        ck_assert_uint_eq(live(type), 9);
        rc_clear(&held->to[0]);
        ck_assert_uint_eq(rc_cycle_collect(domain), 8);
        rc_release(held);
        ck_assert_uint_eq(live(type), 0);
        rc_release(domain);
    }
}
END_TEST

START_TEST(untracked_objects_of_a_ring_are_released_once)
{
    EACH_TYPE(type)
    {
        static const rc_type other_type = {.name = "other", .size = 32};
        rc_cycle_domain *domain = domain_new();
        struct node *first = ring_new(domain, type, 3);
        void *other = rc_object_new(&other_type, 0);
        first->other = rc_retain(other);
        first->to[0]->other = rc_retain(other);
        rc_release(first);
        ck_assert_uint_eq(rc_count(other), 3);
        ck_assert_uint_eq(rc_cycle_collect(domain), 3);
        ck_assert_uint_eq(rc_count(other), 1);
        rc_release(other);
        rc_release(domain);
    }
}
END_TEST

START_TEST(a_ring_through_an_object_that_is_not_tracked_is_left_alone)
{
    rc_cycle_domain *domain = domain_new();
    struct node *first = ring_new(domain, &tidy_type, 2);
    ck_assert_int_eq(rc_cycle_untrack(first->to[0]), RC_OK);
    ck_assert(!rc_cycle_is_tracked(first->to[0]));
    rc_release(first);
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    ck_assert_int_eq(rc_cycle_track(domain, first->to[0]), RC_OK);
    ck_assert_uint_eq(rc_cycle_collect(domain), 2);
    rc_release(domain);
}
END_TEST

START_TEST(a_ring_through_two_domains_is_left_alone)
{
    rc_cycle_domain *one = domain_new(), *other = domain_new();
    struct node *first = node_new(one, &tidy_type), *second = node_new(other, &tidy_type);
    first->to[0] = second;
    second->to[0] = first;
    ck_assert_uint_eq(rc_cycle_collect(one) + rc_cycle_collect(other), 0);
    ck_assert_int_eq(rc_cycle_untrack(second), RC_OK);
    ck_assert_int_eq(rc_cycle_track(one, second), RC_OK);
    ck_assert_uint_eq(rc_cycle_collect(one), 2);
    rc_release(one);
    rc_release(other);
}
END_TEST

START_TEST(an_immortal_member_keeps_its_ring)
{
    rc_cycle_domain *domain = domain_new();
    struct node *first = ring_new(domain, &tidy_type, 3);
    static struct node *immortal; /* where a leak checker finds it */
    immortal = first->to[0];
    rc_make_immortal(immortal);
    rc_release(first);
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    ck_assert_uint_eq(finalized, 0);
    rc_clear(&immortal->to[0]); /* which ends the two others */
    ck_assert_uint_eq(finalized, 2);
    rc_release(domain);
}
END_TEST

START_TEST(many_rings_are_freed_in_constant_stack)
{
    rc_cycle_domain *domain = domain_new();
    rc_release(ring_new(domain, &plain_type, 100000));
    for (int i = 0; i < 10000; i++) rc_release(ring_new(domain, &tidy_type, 5));
    ck_assert_uint_eq(rc_cycle_collect(domain), 150000);
    ck_assert_uint_eq(finalized, 150000);
    ck_assert_uint_eq(statistics_of(domain).tracked, 0);
    rc_release(domain);
}
END_TEST

START_TEST(a_long_chain_of_tracked_objects_ends_by_its_count)
{
    rc_cycle_domain *domain = domain_new();
    struct node *head = NULL;
    for (int i = 0; i < 200000; i++) {
        struct node *node = node_new(domain, &plain_type);
        node->to[0] = head;
        head = node;
    }
    rc_release(head);
    ck_assert_uint_eq(finalized, 200000);
    ck_assert_uint_eq(statistics_of(domain).tracked, 0);
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    rc_release(domain);
}
END_TEST

/* ---- deeper than finalizers nest ------------------------------------------------------------- */

enum { DEEP = 100 }; /* more than RC__NESTING_MAX */

/* Returns: the first, which holds the next one twice. */
static struct node *chain_new(rc_cycle_domain *domain, const rc_type *type)
{
    struct node *head = NULL;
    for (int i = 0; i < DEEP; i++) {
        struct node *node = node_new(domain, type);
        node->to[0] = head;
        node->to[1] = rc_retain(head);
        head = node;
    }
    return head;
}

START_TEST(a_tracked_chain_deeper_than_finalizers_nest_is_released)
{
    EACH_TYPE(type)
    {
        rc_cycle_domain *domain = domain_new();
        struct node *chain = chain_new(domain, type), *deep = chain;
        for (int i = 0; i < RC__NESTING_MAX + 8; i++) deep = deep->to[0];
        rc_weak *weak = rc_weak_new(deep); /* of one that is put off */
        rc_release(chain);
        ck_assert(rc_weak_is_dead(weak));
        ck_assert_uint_eq(live(type), 0);
        ck_assert_uint_eq(statistics_of(domain).tracked, 0);
        ck_assert_uint_eq(finalized, type->finalize ? DEEP : 0);
        ck_assert_uint_eq(rc_cycle_collect(domain), 0);
        rc_release(weak);
        rc_release(domain);
    }
}
END_TEST

START_TEST(a_tracked_chain_deeper_than_finalizers_nest_is_collected)
{
    EACH_TYPE(type)
    {
        rc_cycle_domain *domain = domain_new();
        struct node *chain = chain_new(domain, type), *last = chain;
        while (last->to[0]) last = last->to[0];
        last->to[2] = chain;
        ck_assert_uint_eq(rc_cycle_collect(domain), DEEP);
        ck_assert_uint_eq(live(type), 0);
        ck_assert_uint_eq(finalized, type->finalize ? DEEP : 0);
        ck_assert_uint_eq(statistics_of(domain).stuck, 0);
        ck_assert_int_eq(rc_error_status(), RC_OK);
        rc_release(domain);
    }
}
END_TEST

/* Objects that nobody tracks, in the way of a ring: they end by their count, deeply, amid a collection. */
START_TEST(an_untracked_chain_that_a_ring_holds_is_released_by_its_collection)
{
    EACH_TYPE(type)
    {
        rc_cycle_domain *domain = domain_new();
        struct node *first = ring_new(domain, type, 2), *head = NULL;
        for (int i = 0; i < DEEP; i++) {
            struct node *node = rc_new(struct node, &tidy_type);
            ck_assert_ptr_nonnull(node);
            node->to[0] = head;
            if (i == DEEP / 2) node->to[1] = ring_new(domain, type, 3); /* which is held by it */
            head = node;
        }
        first->other = head;
        rc_release(first);
        ck_assert_uint_eq(rc_cycle_collect(domain), 2);
        ck_assert_uint_eq(rc_cycle_collect(domain), 3);
        ck_assert_uint_eq(live(type) + live(&tidy_type), 0);
        rc_release(domain);
    }
}
END_TEST

/* The deepest finalizer collects: what ends by that waits for the finalizer's own end. */
static rc_cycle_domain *domain_below;
static size_t freed_below;

static void link_finalize(void *self)
{
    struct node *node = self;
    if (!node->to[0]) freed_below = rc_cycle_collect(domain_below);
    drop(node);
}

static const rc_type link_type = {
    .name = "link", .size = sizeof(struct node), .finalize = link_finalize};

START_TEST(a_collection_in_the_deepest_finalizer_frees_all)
{
    EACH_TYPE(type)
    {
        for (int depth = RC__NESTING_MAX - 1; depth <= RC__NESTING_MAX + 1; depth++) {
            domain_below = domain_new();
            struct node *chain = chain_new(domain_below, type), *last = chain;
            while (last->to[0]) last = last->to[0];
            last->to[2] = chain;
            struct node *head = NULL;
            for (int i = 0; i < depth; i++) {
                struct node *node = rc_new(struct node, &link_type);
                ck_assert_ptr_nonnull(node);
                node->to[0] = head;
                head = node;
            }
            rc_release(head);
            ck_assert_uint_eq(freed_below, DEEP);
            ck_assert_uint_eq(live(type) + live(&link_type), 0);
            ck_assert_uint_eq(finalized, type->finalize ? DEEP : 0);
            ck_assert_uint_eq(statistics_of(domain_below).tracked, 0);
            ck_assert_uint_eq(statistics_of(domain_below).stuck, 0);
            rc_release(domain_below);
        }
    }
}
END_TEST

/* ---- types ----------------------------------------------------------------------------------- */

/* The finalizer is the clear as well. */
static const rc_type brief_type = {.name = "brief",
                                   .size = sizeof(struct node),
                                   .finalize = tidy_finalize,
                                   .traverse = node_traverse,
                                   .clear = tidy_finalize};

START_TEST(a_finalizer_that_is_the_clear_too_runs_once)
{
    rc_cycle_domain *domain = domain_new();
    struct node *ring = ring_new(domain, &brief_type, 3);
    rc_release(node_new(domain, &brief_type));
    ck_assert_uint_eq(finalized, 1);
    rc_release(ring);
    ck_assert_uint_eq(rc_cycle_collect(domain), 3);
    ck_assert_uint_eq(finalized, 4);
    ck_assert_uint_eq(live(&brief_type), 0);
    rc_release(domain);
}
END_TEST

HARNESS_MAIN("rc/cycle", a_ring_that_nobody_holds_is_freed,
             a_ring_that_somebody_holds_is_left_alone, an_object_that_holds_itself_is_freed,
             what_hangs_on_a_ring_goes_with_it, what_a_held_object_reaches_is_left_alone,
             untracked_objects_of_a_ring_are_released_once,
             a_ring_through_an_object_that_is_not_tracked_is_left_alone,
             a_ring_through_two_domains_is_left_alone, an_immortal_member_keeps_its_ring,
             many_rings_are_freed_in_constant_stack,
             a_long_chain_of_tracked_objects_ends_by_its_count,
             a_tracked_chain_deeper_than_finalizers_nest_is_released,
             a_tracked_chain_deeper_than_finalizers_nest_is_collected,
             an_untracked_chain_that_a_ring_holds_is_released_by_its_collection,
             a_collection_in_the_deepest_finalizer_frees_all,
             a_finalizer_that_is_the_clear_too_runs_once)
