/* SPDX-License-Identifier: MIT */
/* Biased objects among threads that make, hand over, share, lock, and end: nothing is left. */
#include "rc/bias.h"

#include "rc/weak.h"
#include "tests/rc/bias_support.h"

enum { THREADS = 4, PLACES = 8, LIVES = 40, STEPS = 400 };

/* Each holds a reference, or NULL; taken out and put in by exchanges. */
static void *places[PLACES];
static rc_weak *weak_places[PLACES];
static size_t made, locked_alive, fast;

struct worker_state {
    uint64_t random;
    struct item *held[4];
};

static unsigned draw(struct worker_state *state, unsigned below)
{
    state->random ^= state->random << 13;
    state->random ^= state->random >> 7;
    state->random ^= state->random << 17;
    return (unsigned)(state->random >> 33) % below;
}

static void *swap(void **place, void *value)
{
    return __atomic_exchange_n(place, value, __ATOMIC_ACQ_REL);
}

static struct item **hand(struct worker_state *state)
{
    return &state->held[draw(state, 4)];
}

static void make_one(struct worker_state *state)
{
    struct item *item = item_new();
    item->number = 7;
    __atomic_fetch_add(&made, 1, __ATOMIC_RELAXED);
    if (draw(state, 4) == 0) item->held = rc_steal(hand(state));
    struct item **mine = hand(state);
    rc_release(*mine);
    *mine = item;
}

static void exchange(struct worker_state *state)
{
    struct item **mine = hand(state);
    *mine = swap(&places[draw(state, PLACES)], *mine);
    if (*mine) need((*mine)->number == 7);
}

static void spread(struct worker_state *state)
{
    rc_assign(hand(state), *hand(state));
}

static void count(struct worker_state *state)
{
    struct item *item = *hand(state);
    if (!item) return;
    __atomic_fetch_add(&fast, owner_of(item) == rc_bias_self, __ATOMIC_RELAXED);
    for (int i = 0; i < 3; i++) (void)rc_retain(item);
    need(rc_count(item) >= 1 && item->number == 7);
    if (rc_is_unique(item)) abort();
    for (int i = 0; i < 3; i++) rc_release(item);
}

static void weaken(struct worker_state *state)
{
    struct item *item = *hand(state);
    if (!item) return;
    rc_weak *weak = rc_weak_new(item);
    need(weak != NULL);
    rc_release((rc_weak *)swap((void **)&weak_places[draw(state, PLACES)], weak));
}

static void lock_one(struct worker_state *state)
{
    void **place = (void **)&weak_places[draw(state, PLACES)];
    rc_weak *weak = swap(place, NULL);
    if (!weak) return;
    struct item *item = rc_weak_lock(weak);
    if (item) need(item->number == 7);
    __atomic_fetch_add(&locked_alive, item != NULL, __ATOMIC_RELAXED);
    rc_release(item);
    rc_release((rc_weak *)swap(place, weak));
}

static void step(struct worker_state *state)
{
    switch (draw(state, 12)) {
    case 0:
    case 1:
        make_one(state);
        break;
    case 2:
    case 3:
    case 4:
        exchange(state);
        break;
    case 5:
    case 6:
        spread(state);
        break;
    case 7:
        weaken(state);
        break;
    case 8:
        lock_one(state);
        break;
    case 9:
        rc_clear(hand(state));
        break;
    case 10:
        draw(state, 4) ? rc_bias_drain() : (void)rc_share(*hand(state));
        break;
    default:
        count(state);
    }
}

static void *live(void *seed)
{
    struct worker_state state = {.random = (uintptr_t)seed};
    for (int i = 0; i < STEPS; i++) step(&state);
    for (size_t i = 0; i < 4; i++) rc_release(state.held[i]);
    return NULL;
}

static void run_threads(uintptr_t seed)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        void *own_seed =
            (void *)(uintptr_t)((seed * THREADS + i + 1) * UINT64_C(0x9e3779b97f4a7c15));
        need(pthread_create(&threads[i], NULL, live, own_seed) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) need(pthread_join(threads[i], NULL) == 0);
}

START_TEST(four_threads_that_do_everything_and_end_leave_nothing)
{
    for (uintptr_t life = 1; life <= LIVES; life++) run_threads(life);
    for (size_t i = 0; i < PLACES; i++) {
        rc_release((struct item *)places[i]);
        rc_release(weak_places[i]);
    }
    rc_bias_drain();
    ck_assert_uint_eq(finalized_now(), made);
    ck_assert_uint_gt(locked_alive, 0);
    ck_assert_uint_gt(fast, 0); /* some of it was biased counting */
}
END_TEST

/* ---- two that pass everything they make to each other ---------------------------------------- */

enum { PASSED = 6000 };

static struct item *ring[64];

static void *produce(void *unused)
{
    for (size_t i = 0; i < PASSED; i++) {
        struct item *item = item_new();
        item->number = (int)i;
        struct item *none = NULL;
        while (!__atomic_compare_exchange_n(&ring[i % 64], &none, item, false, __ATOMIC_RELEASE,
                                            __ATOMIC_RELAXED))
            none = NULL;
    }
    return unused;
}

static void *consume(void *unused)
{
    for (size_t i = 0; i < PASSED; i++) {
        struct item *item = NULL;
        while (!(item = __atomic_exchange_n(&ring[i % 64], NULL, __ATOMIC_ACQUIRE))) sched_yield();
        need(item->number == (int)i);
        rc_release(item);
    }
    return unused;
}

START_TEST(what_one_thread_makes_and_another_releases_does_not_pile_up)
{
    pthread_t producer, consumer;
    ck_assert_int_eq(pthread_create(&consumer, NULL, consume, NULL), 0);
    ck_assert_int_eq(pthread_create(&producer, NULL, produce, NULL), 0);
    ck_assert_int_eq(pthread_join(producer, NULL), 0);
    ck_assert_int_eq(pthread_join(consumer, NULL), 0);
    ck_assert_uint_eq(finalized_now(), PASSED); /* its maker has ended, too */
}
END_TEST

HARNESS_MAIN("rc/bias_stress", four_threads_that_do_everything_and_end_leave_nothing,
             what_one_thread_makes_and_another_releases_does_not_pile_up)
