/* SPDX-License-Identifier: MIT */
/*
 * A home for each of eight threads, which make objects with any of them, hand them on through places
 * that all share, release them, run their own home, change its hook and at last close it, beside
 * releases by all others. Every object is finalized exactly once, by the thread of its home as long
 * as that is open; of a home that closes so, none is any more. Where objects wait the hook was called,
 * and it never finds what it needs gone.
 */
#include "storm.h"

#include <string.h>

#include "rc/home.h"
#include "rc/weak.h"

enum { PLACES = 16, STEPS = 300, MADE_MAX = STORM_THREADS * STEPS * 4 };

struct bell {
    bool is_there;
    bool rings; /* since the home ran */
};

struct house {
    rc_home *home;
    enum rc_home_rest rest;
    struct bell bells[2];
    unsigned bell; /* which of them the hook has; 2: there is none */
    bool closed;   /* or about to be, so that finalizers may run anywhere */
};

struct thing {
    unsigned number;
    struct house *house;
    struct thing *next; /* with any home; owned. NULL where the finalizer may be lost */
};

static struct house houses[STORM_THREADS];
static struct thing *places[PLACES];
static struct {
    unsigned times;
    bool may_be_lost; /* its home closes so */
} ended[MADE_MAX];
static unsigned made;
static pthread_barrier_t quiet;
static __thread struct house *own;

static void thing_finalize(void *self)
{
    struct thing *it = self;
    bool here = it->house == own;
    CHECK(here || __atomic_load_n(&it->house->closed, __ATOMIC_RELAXED));
    CHECK(__atomic_fetch_add(&ended[it->number].times, 1, __ATOMIC_RELAXED) == 0);
    rc_release(it->next);
    if (here && storm_random() % 32 == 0) (void)rc_home_run(own->home);
}

static const rc_type thing_type = {
    .name = "thing", .size = sizeof(struct thing), .finalize = thing_finalize};

static void ring(void *context)
{
    struct bell *bell = context;
    CHECK(__atomic_load_n(&bell->is_there, __ATOMIC_RELAXED));
    __atomic_store_n(&bell->rings, true, __ATOMIC_RELEASE);
    CHECK(__atomic_load_n(&bell->is_there, __ATOMIC_RELAXED));
}

/* NULL: that home is closed. */
static struct thing *thing_new(struct house *house)
{
    struct thing *thing = RC_HOME_NEW(house->home, struct thing, &thing_type);
    if (!thing) {
        CHECK(rc_error_status() == RC_INVALID);
        rc_error_clear();
        return NULL;
    }
    thing->number = __atomic_fetch_add(&made, 1, __ATOMIC_RELAXED);
    thing->house = house;
    ended[thing->number].may_be_lost = house->rest == RC_HOME_NOWHERE;
    return thing;
}

static void make_one(void)
{
    struct thing *thing = thing_new(&houses[storm_random() % STORM_THREADS]);
    if (!thing) return;
    if (thing->house->rest == RC_HOME_ANYWHERE && storm_random() % 4 == 0)
        thing->next = thing_new(&houses[storm_random() % STORM_THREADS]);
    struct thing **place = &places[storm_random() % PLACES];
    rc_release(__atomic_exchange_n(place, thing, __ATOMIC_ACQ_REL));
}

static void release_one(void)
{
    struct thing **place = &places[storm_random() % PLACES];
    struct thing *thing = __atomic_exchange_n(place, NULL, __ATOMIC_ACQ_REL);
    if (!thing) return;
    rc_weak *weak = rc_weak_new(thing);
    CHECK(weak);
    rc_release(thing);
    CHECK(!rc_weak_lock(weak)); /* whether it waits or not */
    rc_release(weak);
}

static void change_hook(void)
{
    unsigned before = own->bell;
    own->bell = (unsigned)(storm_random() % 3);
    if (own->bell < 2) __atomic_store_n(&own->bells[own->bell].is_there, true, __ATOMIC_RELAXED);
    struct bell *bell = own->bell < 2 ? &own->bells[own->bell] : NULL;
    CHECK(rc_home_set_wake(own->home, bell ? ring : NULL, bell) == RC_OK);
    if (before < 2 && before != own->bell)
        __atomic_store_n(&own->bells[before].is_there, false, __ATOMIC_RELAXED);
}

/* Until nothing wakes up any more: then nothing waits that was put there before. */
static void run_own(void)
{
    if (own->bell == 2) {
        (void)rc_home_run(own->home);
        return;
    }
    while (__atomic_exchange_n(&own->bells[own->bell].rings, false, __ATOMIC_ACQ_REL))
        (void)rc_home_run(own->home);
}

/* What wakes nobody up would be left. Twice, since what the first turn ends releases more. */
static void run_all(void)
{
    for (int i = 0; i < 2; i++) {
        pthread_barrier_wait(&quiet);
        run_own();
    }
    pthread_barrier_wait(&quiet);
    CHECK(rc_home_waiting(own->home) == 0);
    pthread_barrier_wait(&quiet);
}

static void close_own(void)
{
    __atomic_store_n(&own->closed, own->rest == RC_HOME_ANYWHERE, __ATOMIC_RELAXED);
    CHECK(rc_home_close(own->home, own->rest) != SIZE_MAX);
    for (unsigned i = 0; i < 2; i++)
        __atomic_store_n(&own->bells[i].is_there, false, __ATOMIC_RELAXED);
}

static void make_release_and_run(void)
{
    for (unsigned i = 0; i < STEPS; i++) {
        unsigned choice = storm_random() % 16;
        if (choice < 7)
            make_one();
        else if (choice < 12)
            release_one();
        else if (choice < 15)
            run_own();
        else
            change_hook();
    }
}

static void storm_homes(unsigned thread)
{
    own = &houses[thread];
    CHECK(rc_home_bind(own->home) == RC_OK);
    make_release_and_run();
    run_all();
    make_release_and_run();
    close_own();
    for (unsigned i = 0; i < STEPS / 8; i++) release_one(); /* while others still run */
    own = NULL;
}

static void one_round(void)
{
    made = 0;
    memset(ended, 0, sizeof ended);
    for (unsigned i = 0; i < STORM_THREADS; i++) {
        houses[i] = (struct house){
            .home = rc_home_new(), .rest = i % 2 ? RC_HOME_NOWHERE : RC_HOME_ANYWHERE, .bell = 2};
        CHECK(houses[i].home);
    }
    CHECK(pthread_barrier_init(&quiet, NULL, STORM_THREADS) == 0);
    storm(storm_homes);
    pthread_barrier_destroy(&quiet);
    for (unsigned i = 0; i < PLACES; i++) rc_clear(&places[i]);
    for (unsigned i = 0; i < made; i++) CHECK(ended[i].times == 1 || ended[i].may_be_lost);
    for (unsigned i = 0; i < STORM_THREADS; i++) {
        CHECK(rc_home_alive(houses[i].home) + rc_home_waiting(houses[i].home) == 0);
        rc_release(houses[i].home);
    }
}

int main(int count, char **arguments)
{
    return storm_rounds(count, arguments, one_round);
}
