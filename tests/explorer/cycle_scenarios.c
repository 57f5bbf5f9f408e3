/* SPDX-License-Identifier: MIT */
/* Scenarios of rc/cycle.h: a thread collects its domain, and others do meanwhile what they may with
 * objects of it that they have references to. Nothing that is held ends, and in the end all does, once. */
#include "explorer.h"

#include "rc/cycle.h"
#include "rc/weak.h"

struct node {
    struct node *next;  /* owned */
    struct node *other; /* owned */
    bool ended;
};

enum { RING = 2 };

static rc_cycle_domain *domain, *second_domain;
static struct node *node, *second; /* of the second domain */
static rc_weak *weak;
static int finalized;
static size_t freed, second_freed;

static void traverse(void *self, rc_visit *visit, void *argument)
{
    visit(((struct node *)self)->next, argument);
    visit(((struct node *)self)->other, argument);
}

static void clear(void *self)
{
    rc_clear(&((struct node *)self)->next);
    rc_clear(&((struct node *)self)->other);
}

/* As the clear of its type it leaves whole what is saved. */
static void finalize(void *self)
{
    __atomic_fetch_add(&finalized, 1, __ATOMIC_RELAXED);
    ((struct node *)self)->ended = true;
    clear(self);
}

static const rc_type node_type = {.name = "node",
                                  .size = sizeof(struct node),
                                  .finalize = finalize,
                                  .traverse = traverse,
                                  .clear = finalize};

/* Its finalizer leaves all to clear: it runs while a weak reference can still be locked. */
static void count_end(void *self)
{
    (void)self;
    __atomic_fetch_add(&finalized, 1, __ATOMIC_RELAXED);
}

static const rc_type lazy_type = {.name = "lazy node",
                                  .size = sizeof(struct node),
                                  .finalize = count_end,
                                  .traverse = traverse,
                                  .clear = clear,
                                  .flags = RC_TYPE_CLEARED};

static struct node *new_of(rc_cycle_domain *tracker, const rc_type *type)
{
    struct node *made = RC_CYCLE_NEW(tracker, struct node, type);
    CHECK(made);
    return made;
}

static struct node *node_of(rc_cycle_domain *tracker)
{
    return new_of(tracker, &node_type);
}

static struct node *ring_of(rc_cycle_domain *tracker, const rc_type *type)
{
    struct node *first = new_of(tracker, type), *last = first;
    for (int i = 1; i < RING; i++) last = last->next = new_of(tracker, type);
    last->next = rc_retain(first);
    return first;
}

static void make_domain(void)
{
    finalized = 0, freed = second_freed = 0;
    weak = NULL;
    second = NULL;
    second_domain = NULL;
    domain = rc_cycle_domain_new();
    CHECK(domain);
}

/* The second thread holds the first of them. */
static void make_ring(void)
{
    make_domain();
    node = ring_of(domain, &node_type);
}

static void make_weak_ring(void)
{
    make_ring();
    weak = rc_weak_new(node);
    CHECK(weak);
}

static void make_garbage(void)
{
    make_weak_ring();
    rc_release(node);
}

static void make_lazy_garbage(void)
{
    make_domain();
    node = ring_of(domain, &lazy_type);
    weak = rc_weak_new(node);
    CHECK(weak);
    rc_release(node);
}

static bool is_whole(const struct node *first)
{
    return !first->ended && !first->next->ended && first->next->next == first;
}

static void collect(void)
{
    freed = rc_cycle_collect(domain);
}

static void check_all_ended(int count)
{
    freed += rc_cycle_collect(domain);
    struct rc_cycle_statistics now;
    rc_cycle_statistics_read(domain, &now);
    CHECK(now.tracked == 0 && now.stuck == 0 && now.refused == 0 && finalized == count);
    rc_release(domain);
}

/* ---- what is held from outside --------------------------------------------------------------- */

static void retain_and_release(void)
{
    struct node *mine = rc_retain(node);
    CHECK(is_whole(mine));
    rc_release(mine);
    CHECK(is_whole(node));
}

static void check_held(void)
{
    CHECK(freed == 0 && finalized == 0 && rc_count(node) == 2);
    rc_release(node);
    check_all_ended(RING);
    CHECK(freed == RING);
}

static void release_node(void)
{
    CHECK(is_whole(node));
    rc_release(node);
}

static void check_ring_ended(void)
{
    CHECK(freed == 0 || freed == RING);
    CHECK(finalized == (int)freed);
    check_all_ended(RING);
    CHECK(freed == RING);
}

/* ---- weak references ------------------------------------------------------------------------- */

/* It has held nothing before, so it does not follow what the object owns. */
static void lock_and_release(void)
{
    struct node *locked = rc_weak_lock(weak);
    if (locked) CHECK(!locked->ended && locked->next);
    rc_release(locked);
}

static void check_lazy_ring_ended(void)
{
    CHECK(freed == 0 || freed == RING);
    CHECK(freed == 0 || rc_weak_is_dead(weak));
    rc_release(weak);
    check_all_ended(RING);
    CHECK(freed == RING);
}

static void check_weak_ring_ended(void)
{
    CHECK(freed == 0 || rc_weak_is_dead(weak));
    rc_release(weak);
    check_ring_ended();
}

/* ---- objects that their count ends ----------------------------------------------------------- */

/* A ring that a list holds: it is garbage when the list has ended. */
static void make_list(void)
{
    make_domain();
    node = node_of(domain);
    node->next = ring_of(domain, &node_type);
}

static void release_list(void)
{
    CHECK(!node->ended && !node->next->ended);
    rc_release(node);
}

static void check_list_ended(void)
{
    CHECK(freed == 0 || freed == RING);
    check_all_ended(RING + 1);
}

static void end_domain(void)
{
    rc_release(domain);
}

static void make_one(void)
{
    make_domain();
    node = node_of(domain);
}

static void release_one(void)
{
    CHECK(!node->ended);
    rc_release(node);
}

static void check_one_ended(void)
{
    CHECK(finalized == 1);
}

/* ---- two domains ----------------------------------------------------------------------------- */

/* The first one's ring holds the second one's. */
static void make_two_rings(void)
{
    make_ring();
    second_domain = rc_cycle_domain_new();
    CHECK(second_domain);
    second = ring_of(second_domain, &node_type);
    node->other = second;
    rc_release(node);
}

static void collect_second(void)
{
    second_freed = rc_cycle_collect(second_domain);
}

static void check_both_ended(void)
{
    CHECK(freed == RING && (second_freed == 0 || second_freed == RING));
    second_freed += rc_cycle_collect(second_domain);
    CHECK(second_freed == RING);
    rc_release(second_domain);
    check_all_ended(2 * RING);
}

/* ---- an object that leaves ------------------------------------------------------------------- */

/* Whoever has it tracked again finds the ring. */
static void untrack_node(void)
{
    enum rc_status status = rc_cycle_untrack(node);
    CHECK(status == RC_OK || status == RC_BUSY);
    CHECK(rc_cycle_is_tracked(node) == (status == RC_BUSY));
    CHECK(is_whole(node));
    rc_error_clear();
}

static void check_untracked(void)
{
    CHECK(freed == 0 && finalized == 0);
    if (!rc_cycle_is_tracked(node)) CHECK(rc_cycle_track(domain, node) == RC_OK);
    rc_release(node);
    check_all_ended(RING);
}

/* ---- one domain ------------------------------------------------------------------------------ */

static void collect_too(void)
{
    second_freed = rc_cycle_collect(domain);
    CHECK(second_freed == RING || second_freed == 0);
    rc_error_clear();
}

static void drop_weak(void)
{
    rc_release(weak);
    CHECK(freed + second_freed == RING);
    check_all_ended(RING);
}

const struct scenario cycle_scenarios[] = {
    {"cycle_held_beside_collection", make_ring, {collect, retain_and_release}, check_held},
    {"cycle_let_go_beside_collection", make_ring, {collect, release_node}, check_ring_ended},
    {"cycle_locked_beside_collection",
     make_garbage,
     {collect, lock_and_release},
     check_weak_ring_ended},
    {"cycle_locked_beside_finalizers",
     make_lazy_garbage,
     {collect, lock_and_release},
     check_lazy_ring_ended},
    {"cycle_locked_and_let_go",
     make_weak_ring,
     {collect, release_node, lock_and_release},
     check_weak_ring_ended},
    {"cycle_list_ends_beside_collection", make_list, {collect, release_list}, check_list_ended},
    {"cycle_domain_ends_beside_object", make_one, {end_domain, release_one}, check_one_ended},
    {"cycle_two_domains_collect", make_two_rings, {collect, collect_second}, check_both_ended},
    {"cycle_untracked_beside_collection", make_ring, {collect, untrack_node}, check_untracked},
    {"cycle_collected_by_two", make_garbage, {collect, collect_too}, drop_weak},
    {0},
};
