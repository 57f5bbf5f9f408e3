/* SPDX-License-Identifier: MIT */
/* Homes that are run, closed and unbound as deep as finalizers may run inside each other, where what
 * is released is put off; and by finalizers that a collection runs. */
#include "tests/rc/home_support.h"

#include "rc/callback.h"
#include "rc/cycle.h"

static rc_home *home;
static struct thing *owned; /* released by the deepest finalizer, and NULL then */
static size_t answer, ended_inside;
static int finalized_inside;

/* ---- as deep as it goes ---------------------------------------------------------------------- */

/* A chain of them runs its finalizers inside each other; the last one's calls what is to be tried. */
struct step {
    struct step *next;
    void (*deepest)(void);
};

static void step_finalize(void *self)
{
    struct step *step = self;
    if (step->deepest) step->deepest();
    rc_release(step->next);
}

static const rc_type step_type = {
    .name = "step", .size = sizeof(struct step), .finalize = step_finalize};

static void call_at_depth(int depth, void (*deepest)(void))
{
    struct step *first = NULL;
    for (int i = 0; i < depth; i++) {
        struct step *step = rc_new(struct step, &step_type);
        ck_assert_ptr_nonnull(step);
        step->deepest = first ? NULL : deepest;
        step->next = first;
        first = step;
    }
    rc_release(first);
}

static void let_three_wait(void)
{
    struct thing *things[] = {thing_new(home, 1), thing_new(home, 2), thing_new(home, 3), NULL};
    release_elsewhere(things);
}

static void release_owned(void)
{
    struct thing *thing = owned;
    owned = NULL;
    rc_release(thing);
}

static void close_home(void)
{
    release_owned();
    answer = rc_home_close(home, RC_HOME_NOWHERE);
    finalized_inside = finalized;
}

START_TEST(a_home_that_is_closed_deep_inside_has_ended_what_waits)
{
    for (int depth = RC__NESTING_MAX - 1; depth <= RC__NESTING_MAX + 1; depth++) {
        home = home_new();
        let_three_wait();
        call_at_depth(depth, close_home);
        ck_assert_int_eq(finalized_inside, 3);
        ck_assert_int_eq(finalized, 3);
        ck_assert_int_eq(last_id, 3); /* in order */
        ck_assert_uint_eq(answer, 0);
        rc_release(home);
    }
}
END_TEST

/* There a release of the home's own thread is put off as well. */
START_TEST(a_home_that_is_closed_deep_inside_has_ended_what_was_put_off)
{
    home = home_new();
    owned = thing_new(home, 1);
    owned->next = thing_new(home, 2);
    call_at_depth(RC__NESTING_MAX, close_home);
    ck_assert_int_eq(finalized_inside, 2);
    ck_assert_uint_eq(answer, 0);
    rc_release(home);
}
END_TEST

static void run_home(void)
{
    ended_inside = rc_home_run(home);
    finalized_inside = finalized;
}

START_TEST(a_home_that_is_run_deep_inside_ends_what_waits)
{
    home = home_new();
    let_three_wait();
    call_at_depth(RC__NESTING_MAX, run_home);
    ck_assert_uint_eq(ended_inside, 3);
    ck_assert_int_eq(finalized_inside, 3);
    ck_assert_int_eq(last_id, 3);
    rc_release(home);
}
END_TEST

/* Each lets the next one wait and runs the home: no deeper than finalizers go. */
static int depth, deepest;

static void let_next_wait_and_run(void *self)
{
    struct thing *things[] = {((struct thing *)self)->next, NULL};
    finalized++;
    depth++;
    if (depth > deepest) deepest = depth;
    if (things[0]) release_elsewhere(things);
    (void)rc_home_run(home);
    depth--;
}

START_TEST(finalizers_that_run_their_home_go_no_deeper_than_others)
{
    enum { MANY = 200 };
    static const rc_type type = {
        .name = "running", .size = sizeof(struct thing), .finalize = let_next_wait_and_run};
    home = home_new();
    depth = deepest = 0;
    struct thing *things[] = {NULL, NULL};
    for (int i = 0; i < MANY; i++) {
        struct thing *thing = RC_HOME_NEW(home, struct thing, &type);
        thing->next = things[0];
        things[0] = thing;
    }
    release_elsewhere(things);
    (void)rc_home_run(home);
    ck_assert_int_eq(finalized, MANY);
    ck_assert_int_le(deepest, RC__NESTING_MAX + 1);
    ck_assert_uint_eq(rc_home_waiting(home) + rc_home_alive(home), 0);
    rc_release(home);
}
END_TEST

static enum rc_status unbound;

static void unbind_home(void)
{
    release_owned();
    unbound = rc_home_unbind(home);
    finalized_inside = finalized;
}

START_TEST(what_is_put_off_waits_if_its_home_is_unbound_meanwhile)
{
    home = home_new();
    owned = thing_new(home, 1);
    owned->next = thing_new(home, 2);
    call_at_depth(RC__NESTING_MAX, unbind_home);
    ck_assert_int_eq(unbound, RC_OK);
    ck_assert_int_eq(finalized, 0);
    ck_assert_uint_eq(rc_home_waiting(home), 1);
    ck_assert_int_eq(rc_home_bind(home), RC_OK);
    ck_assert_uint_eq(rc_home_run(home), 1);
    ck_assert_int_eq(finalized, 2);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_ANYWHERE), 0);
    rc_release(home);
}
END_TEST

/* ---- in a collection ------------------------------------------------------------------------- */

struct node {
    struct node *next;
};

static void node_traverse(void *self, rc_visit *visit, void *argument)
{
    visit(((struct node *)self)->next, argument);
}

static void node_clear(void *self)
{
    rc_clear(&((struct node *)self)->next);
}

static void (*first_finalizer)(void);

static void node_finalize(void *self)
{
    (void)self;
    if (finalized++ == 0) first_finalizer();
}

static const rc_type node_type = {.name = "node",
                                  .size = sizeof(struct node),
                                  .finalize = node_finalize,
                                  .traverse = node_traverse,
                                  .clear = node_clear,
                                  .flags = RC_TYPE_CLEARED};

enum { NODES = 5 };

/* Of the ring that only it keeps alive. */
static struct node *make_ring(rc_cycle_domain *domain)
{
    struct node *first = NULL, *last = NULL;
    for (int i = 0; i < NODES; i++) {
        struct node *node = RC_HOME_NEW(home, struct node, &node_type);
        ck_assert_ptr_nonnull(node);
        ck_assert_int_eq(rc_cycle_track(domain, node), RC_OK);
        if (last)
            last->next = node;
        else
            first = node;
        last = node;
    }
    last->next = first;
    return first;
}

/* What a closed home keeps alive for ever is given free by hand: nobody is finalized any more. */
START_TEST(a_collection_whose_finalizer_closes_the_home_finalizes_no_other)
{
    home = home_new();
    first_finalizer = close_home;
    rc_cycle_domain *domain = rc_cycle_domain_new();
    struct node *first = make_ring(domain);
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    ck_assert_int_eq(finalized, 1);
    ck_assert_uint_eq(answer, NODES);
    rc_release(domain);
    for (struct node *node = first, *next; node; node = next) {
        next = node->next == first ? NULL : node->next;
        rc_release(node);
    }
    ck_assert_int_eq(finalized, 1);
    ck_assert_uint_eq(rc_home_alive(home), 0);
    rc_release(home);
}
END_TEST

START_TEST(a_collection_whose_finalizer_unbinds_the_home_finalizes_no_other)
{
    home = home_new();
    first_finalizer = unbind_home;
    rc_cycle_domain *domain = rc_cycle_domain_new();
    (void)make_ring(domain);
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    ck_assert_int_eq(unbound, RC_OK);
    ck_assert_int_eq(finalized, 1);
    ck_assert_int_eq(rc_home_bind(home), RC_OK);
    ck_assert_uint_eq(rc_cycle_collect(domain), NODES);
    ck_assert_int_eq(finalized, NODES);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_ANYWHERE), 0);
    rc_release(domain);
    rc_release(home);
}
END_TEST

HARNESS_MAIN("rc/home_depth", a_home_that_is_closed_deep_inside_has_ended_what_waits,
             a_home_that_is_closed_deep_inside_has_ended_what_was_put_off,
             a_home_that_is_run_deep_inside_ends_what_waits,
             finalizers_that_run_their_home_go_no_deeper_than_others,
             what_is_put_off_waits_if_its_home_is_unbound_meanwhile,
             a_collection_whose_finalizer_closes_the_home_finalizes_no_other,
             a_collection_whose_finalizer_unbinds_the_home_finalizes_no_other)
