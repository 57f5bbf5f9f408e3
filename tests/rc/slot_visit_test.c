/* SPDX-License-Identifier: MIT */
/* Slots that stand in tracked objects, and what a collection sees of them. */
#include <pthread.h>

#include "rc/cycle.h"
#include "rc/graph.h"
#include "rc/slot.h"
#include "tests/harness.h"

struct node {
    rc_slot next, other;
};

static int finalized;

static void node_traverse(void *self, rc_visit *visit, void *argument)
{
    struct node *node = self;
    rc_slot_visit(&node->next, visit, argument);
    rc_slot_visit(&node->other, visit, argument);
}

static void node_clear(void *self)
{
    struct node *node = self;
    rc_slot_clear(&node->next);
    rc_slot_clear(&node->other);
}

static void node_finalize(void *self)
{
    finalized++;
    node_clear(self);
}

static const rc_type node_type = {.name = "node",
                                  .size = sizeof(struct node),
                                  .finalize = node_finalize,
                                  .traverse = node_traverse,
                                  .clear = node_clear};

static rc_cycle_domain *domain;

static void begin(void)
{
    finalized = 0;
    domain = rc_cycle_domain_new();
    ck_assert_ptr_nonnull(domain);
}

static struct node *node_new(void)
{
    struct node *node = RC_CYCLE_NEW(domain, struct node, &node_type);
    ck_assert_ptr_nonnull(node);
    return node;
}

/* Two that hold each other. Returns: the first, with a reference. */
static struct node *pair_new(void)
{
    struct node *first = node_new(), *second = node_new();
    ck_assert_int_eq(rc_slot_store(&first->next, second), RC_OK);
    ck_assert_int_eq(rc_slot_store(&second->next, first), RC_OK);
    rc_release(second);
    return first;
}

static void *end_at_once(void *unused)
{
    return unused;
}

static void start_a_thread(void)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, end_at_once, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

/* ---- what is visited ------------------------------------------------------------------------- */

static void count_visit(void *object, void *argument)
{
    void **seen = argument;
    ck_assert_ptr_null(seen[0]);
    seen[0] = object;
}

START_TEST(a_visit_tells_of_what_the_slot_holds)
{
    void *seen[1] = {NULL};
    rc_slot slot = RC_SLOT_INIT;
    rc_slot_visit(NULL, count_visit, seen);
    rc_slot_visit(&slot, count_visit, seen);
    ck_assert_ptr_null(seen[0]);
    begin();
    struct node *node = node_new();
    ck_assert_int_eq(rc_slot_store(&slot, node), RC_OK);
    rc_slot_visit(&slot, count_visit, seen);
    ck_assert_ptr_eq(seen[0], node);
    ck_assert_uint_eq(rc_count(node), 2);
    rc_slot_clear(&slot);
    rc_release(node);
    rc_release(domain);
}
END_TEST

/* ---- collections ----------------------------------------------------------------------------- */

/* First while the process has one thread, then with two. */
START_TEST(a_cycle_through_slots_is_collected)
{
    for (int turn = 0; turn < 2; turn++) {
        begin();
        struct node *first = pair_new();
        ck_assert_uint_eq(rc_cycle_collect(domain), 0);
        rc_release(first);
        ck_assert_int_eq(finalized, 0);
        ck_assert_uint_eq(rc_cycle_collect(domain), 2);
        ck_assert_int_eq(finalized, 2);
        rc_release(domain);
        start_a_thread();
    }
}
END_TEST

START_TEST(a_slot_outside_keeps_what_it_leads_to)
{
    rc_slot outside = RC_SLOT_INIT;
    begin();
    struct node *first = pair_new();
    ck_assert_int_eq(rc_slot_store(&outside, first), RC_OK);
    rc_release(first);
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    rc_slot_clear(&outside);
    ck_assert_uint_eq(rc_cycle_collect(domain), 2);
    rc_release(domain);
}
END_TEST

START_TEST(a_node_in_its_own_slot_twice_is_collected)
{
    begin();
    struct node *node = node_new();
    ck_assert_int_eq(rc_slot_store(&node->next, node), RC_OK);
    ck_assert_int_eq(rc_slot_store(&node->other, node), RC_OK);
    rc_release(node);
    ck_assert_uint_eq(rc_cycle_collect(domain), 1);
    rc_release(domain);
}
END_TEST

/* One arrow from the root, and one for each slot. */
START_TEST(a_graph_shows_what_slots_hold)
{
    char *text = NULL;
    size_t size;
    begin();
    struct node *first = pair_new();
    FILE *stream = open_memstream(&text, &size);
    const void *roots[] = {first};
    ck_assert_int_eq(rc_graph_write(stream, roots, 1, NULL), RC_OK);
    fclose(stream);
    int arrows = 0;
    for (const char *at = text; (at = strstr(at, "->")); at++) arrows++;
    ck_assert_int_eq(arrows, 3);
    free(text);
    rc_release(first);
    ck_assert_uint_eq(rc_cycle_collect(domain), 2);
    rc_release(domain);
}
END_TEST

/* ---- beside other threads -------------------------------------------------------------------- */

enum { ROUNDS = 2000, COLLECTIONS = 200 };

static int stop;

/* It has kept the node since before the collections. */
static void *load_until_stopped(void *argument)
{
    struct node *node = argument;
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        struct node *next = RC_SLOT_LOAD(struct node, &node->next);
        if (!next) return "nothing";
        rc_release(next);
    }
    rc_release(node);
    return NULL;
}

START_TEST(loads_beside_collections_find_what_is_there)
{
    begin();
    stop = 0;
    pthread_t thread;
    void *answer;
    ck_assert_int_eq(pthread_create(&thread, NULL, load_until_stopped, pair_new()), 0);
    for (int i = 0; i < COLLECTIONS; i++) ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    pthread_join(thread, &answer);
    ck_assert_ptr_null(answer);
    ck_assert_uint_eq(rc_cycle_collect(domain), 2);
    rc_release(domain);
}
END_TEST

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Objects that no domain tracks, too: they are freed by the store. */
static void *store_under_the_lock(void *argument)
{
    static const rc_type plain_type = {.name = "plain", .size = 8};
    struct node *node = argument;
    for (int i = 0; i < ROUNDS; i++) {
        void *plain = rc_object_new(&plain_type, 0);
        if (!plain) return "no memory";
        pthread_mutex_lock(&lock);
        bool good = rc_slot_store(&node->other, i % 3 ? plain : node) == RC_OK;
        pthread_mutex_unlock(&lock);
        rc_release(plain);
        if (!good) return "not stored";
    }
    pthread_mutex_lock(&lock);
    rc_slot_clear(&node->other);
    pthread_mutex_unlock(&lock);
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    return NULL;
}

START_TEST(stores_and_collections_that_have_a_lock_keep_all)
{
    begin();
    stop = 0;
    pthread_t thread;
    void *answer;
    struct node *node = pair_new();
    ck_assert_int_eq(pthread_create(&thread, NULL, store_under_the_lock, node), 0);
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        pthread_mutex_lock(&lock);
        ck_assert_uint_eq(rc_cycle_collect(domain), 0);
        pthread_mutex_unlock(&lock);
    }
    pthread_join(thread, &answer);
    ck_assert_ptr_null(answer);
    rc_release(node);
    ck_assert_uint_eq(rc_cycle_collect(domain), 2);
    ck_assert_int_eq(finalized, 2);
    rc_release(domain);
}
END_TEST

HARNESS_MAIN("rc/slot_visit", a_visit_tells_of_what_the_slot_holds,
             a_cycle_through_slots_is_collected, a_slot_outside_keeps_what_it_leads_to,
             a_node_in_its_own_slot_twice_is_collected, a_graph_shows_what_slots_hold,
             loads_beside_collections_find_what_is_there,
             stores_and_collections_that_have_a_lock_keep_all)
