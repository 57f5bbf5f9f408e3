/* SPDX-License-Identifier: MIT */
/*
 * Weak references made, locked, given callbacks and dropped by eight threads while the objects'
 * last references go. Each object ends once; a callback runs at most once for each registration.
 */
#include "storm.h"

#include "rc/object.h"
#include "rc/weak.h"

enum { OBJECTS = 24 };

struct page {
    unsigned number;
    bool ended;
};

static struct page *pages[OBJECTS];
static rc_weak *weaks[OBJECTS]; /* one reference for each thread */
static unsigned finalized[OBJECTS], called[OBJECTS];

static void page_finalize(void *self)
{
    struct page *it = self;
    CHECK(!it->ended);
    it->ended = true;
    __atomic_fetch_add(&finalized[it->number], 1, __ATOMIC_RELAXED);
}

static const rc_type page_type = {
    .name = "page", .size = sizeof(struct page), .finalize = page_finalize};

static void on_death(rc_weak *weak, void *context)
{
    CHECK(rc_weak_is_dead(weak) && rc_weak_lock(weak) == NULL);
    __atomic_fetch_add((unsigned *)context, 1, __ATOMIC_RELAXED);
}

static void lock_and_release(rc_weak *weak)
{
    struct page *locked = rc_weak_lock(weak);
    CHECK(!locked || !locked->ended);
    rc_release(locked);
}

/* Its own weak reference, with a callback or without, dropped before or after its reference. */
static void leave(unsigned number)
{
    rc_weak *mine = rc_weak_new(pages[number]);
    CHECK(mine && !rc_weak_is_dead(mine));
    uint64_t choice = storm_random();
    if (choice & 1) CHECK(rc_weak_on_death(mine, on_death, &called[number]) == RC_OK);
    if (choice & 2) rc_clear(&mine);
    rc_release(pages[number]);
    if (!mine) return;
    lock_and_release(mine);
    if (choice & 4) (void)rc_weak_on_death(mine, on_death, &called[number]);
    rc_release(mine);
}

static void storm_all(unsigned thread)
{
    uint64_t offset = storm_random();
    for (unsigned i = 0; i < OBJECTS; i++) {
        unsigned number = (unsigned)((i + offset) % OBJECTS);
        if (storm_random() % 2) lock_and_release(weaks[number]);
        leave(number);
        lock_and_release(weaks[number]);
        if (thread % 2) lock_and_release(weaks[(number + 1) % OBJECTS]);
    }
    for (unsigned i = 0; i < OBJECTS; i++) rc_release(weaks[i]);
}

static void one_round(void)
{
    for (unsigned i = 0; i < OBJECTS; i++) {
        finalized[i] = called[i] = 0;
        pages[i] = rc_new(struct page, &page_type);
        weaks[i] = rc_weak_new(pages[i]);
        CHECK(pages[i] && weaks[i]);
        pages[i]->number = i;
        for (int thread = 1; thread < STORM_THREADS; thread++) {
            (void)rc_retain(pages[i]);
            (void)rc_retain(weaks[i]);
        }
        (void)rc_retain(weaks[i]); /* to look at it afterwards */
    }
    storm(storm_all);
    for (unsigned i = 0; i < OBJECTS; i++) {
        CHECK(finalized[i] == 1 && called[i] <= STORM_THREADS);
        CHECK(rc_weak_is_dead(weaks[i]));
        rc_release(weaks[i]);
    }
}

int main(int count, char **arguments)
{
    return storm_rounds(count, arguments, one_round);
}
