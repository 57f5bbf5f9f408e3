/* SPDX-License-Identifier: MIT */
/* Threads with a domain each, which collect at once while they hold each other's objects. */
#include <pthread.h>
#include <stdatomic.h>

#include "tests/rc/cycle_support.h"

enum { THREADS = 6, ROUNDS = 60, RINGS = 20, RING = 5 };

static atomic_size_t ended;

static void node_end(void *self)
{
    atomic_fetch_add_explicit(&ended, 1, memory_order_relaxed);
    drop(self);
}

static void node_drop(void *self)
{
    drop(self);
}

static void node_leave(void *self)
{
    (void)self;
    atomic_fetch_add_explicit(&ended, 1, memory_order_relaxed);
}

/* As finalizers are written that run with the others' clear, before it, and leave all to it. */
static const rc_type apart_types[] = {
    {.name = "brief apart",
     .size = sizeof(struct node),
     .finalize = node_end,
     .traverse = node_traverse,
     .clear = node_end},
    {.name = "tidy apart",
     .size = sizeof(struct node),
     .finalize = node_end,
     .traverse = node_traverse,
     .clear = node_drop},
    {.name = "lazy apart",
     .size = sizeof(struct node),
     .finalize = node_leave,
     .traverse = node_traverse,
     .clear = node_drop,
     .flags = RC_TYPE_CLEARED},
};

static size_t live_apart(void)
{
    return live(&apart_types[0]) + live(&apart_types[1]) + live(&apart_types[2]);
}

static struct place {
    rc_cycle_domain *domain;
    struct node *first[RINGS]; /* held by its thread */
    size_t freed;
} places[THREADS];

static pthread_barrier_t barrier;

static void start(pthread_t *threads, void *(*body)(void *))
{
    for (int t = 0; t < THREADS; t++)
        ck_assert_int_eq(pthread_create(&threads[t], NULL, body, &places[t]), 0);
}

/* A thread for each place, and as many others; NULL: none. */
static void run(void *(*body)(void *), void *(*beside)(void *))
{
    pthread_t threads[2 * THREADS];
    int count = beside ? 2 * THREADS : THREADS;
    pthread_barrier_init(&barrier, NULL, (unsigned)count);
    start(threads, body);
    if (beside) start(threads + THREADS, beside);
    for (int t = 0; t < count; t++) pthread_join(threads[t], NULL);
    pthread_barrier_destroy(&barrier);
}

static void make_places(void)
{
    atomic_store(&ended, 0);
    for (int t = 0; t < THREADS; t++) {
        places[t].freed = 0;
        places[t].domain = domain_new();
        for (int i = 0; i < RINGS; i++)
            places[t].first[i] = ring_new(places[t].domain, &apart_types[(t + i) % 3], RING);
    }
}

static void end_places(void)
{
    for (int t = 0; t < THREADS; t++) {
        ck_assert_uint_eq(statistics_of(places[t].domain).tracked, 0);
        ck_assert_uint_eq(statistics_of(places[t].domain).stuck, 0);
        ck_assert_uint_eq(statistics_of(places[t].domain).refused, 0);
        rc_release(places[t].domain);
    }
    ck_assert_uint_eq(live_apart(), 0);
}

/* ---- held by what another thread collects ---------------------------------------------------- */

/* Each collection lets go of what the next thread's domain tracks, while that one collects. */
static void *collect_until_all_is_gone(void *argument)
{
    struct place *place = argument;
    for (int i = 0; i < RINGS; i++) rc_release(place->first[i]);
    pthread_barrier_wait(&barrier);
    while (place->freed < (size_t)RINGS * RING) place->freed += rc_cycle_collect(place->domain);
    return NULL;
}

START_TEST(domains_whose_rings_hold_the_next_ones_are_collected_at_once)
{
    for (int round = 0; round < ROUNDS; round++) {
        make_places();
        for (int t = 0; t + 1 < THREADS; t++)
            for (int i = 0; i < RINGS; i++)
                places[t].first[i]->to[1] = rc_retain(places[t + 1].first[i]->to[0]);
        run(collect_until_all_is_gone, NULL);
        ck_assert_uint_eq(atomic_load(&ended), (size_t)THREADS * RINGS * RING);
        end_places();
    }
}
END_TEST

static const rc_type common_type = {.name = "common", .size = 64, .finalize = node_leave};

START_TEST(what_the_rings_of_all_domains_hold_ends_once)
{
    for (int round = 0; round < ROUNDS; round++) {
        make_places();
        void *common = rc_object_new(&common_type, 0);
        ck_assert_ptr_nonnull(common);
        for (int t = 0; t < THREADS; t++)
            for (int i = 0; i < RINGS; i++) places[t].first[i]->other = rc_retain(common);
        rc_release(common);
        run(collect_until_all_is_gone, NULL);
        ck_assert_uint_eq(atomic_load(&ended), (size_t)THREADS * RINGS * RING + 1);
        ck_assert_uint_eq(live(&common_type), 0);
        end_places();
    }
}
END_TEST

/* ---- visited from outside -------------------------------------------------------------------- */

static rc_weak *weak[THREADS][RINGS];
static atomic_int collecting;

static void *collect_what_is_visited(void *argument)
{
    struct place *place = argument;
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < RINGS; i++) {
        rc_release(place->first[i]);
        place->freed += rc_cycle_collect(place->domain);
    }
    atomic_fetch_sub(&collecting, 1);
    return NULL;
}

/* What is got lives as long as it is held; what it owns may have been released. */
static void visit(rc_weak *one)
{
    struct node *locked = rc_weak_lock(one);
    if (!locked) return;
    struct node *mine = rc_retain(locked);
    rc_release(locked);
    ck_assert_int_eq(mine->id, 1);
    rc_release(mine);
}

static void *visit_all(void *unused)
{
    (void)unused;
    pthread_barrier_wait(&barrier);
    do
        for (int t = 0; t < THREADS; t++)
            for (int i = 0; i < RINGS; i++) visit(weak[t][i]);
    while (atomic_load(&collecting));
    return NULL;
}

START_TEST(domains_are_collected_at_once_while_others_lock_what_they_track)
{
    for (int round = 0; round < ROUNDS / 4; round++) {
        make_places();
        for (int t = 0; t < THREADS; t++)
            for (int i = 0; i < RINGS; i++) {
                weak[t][i] = rc_weak_new(places[t].first[i]->to[0]);
                ck_assert_ptr_nonnull(weak[t][i]);
            }
        atomic_store(&collecting, THREADS);
        run(collect_what_is_visited, visit_all);
        for (int t = 0; t < THREADS; t++) {
            places[t].freed += rc_cycle_collect(places[t].domain);
            ck_assert_uint_le(places[t].freed, RINGS * RING); /* or its count ended it */
            for (int i = 0; i < RINGS; i++) rc_release(weak[t][i]);
        }
        ck_assert_uint_eq(atomic_load(&ended), (size_t)THREADS * RINGS * RING);
        end_places();
    }
}
END_TEST

HARNESS_MAIN("rc/cycle_apart", domains_whose_rings_hold_the_next_ones_are_collected_at_once,
             what_the_rings_of_all_domains_hold_ends_once,
             domains_are_collected_at_once_while_others_lock_what_they_track)
