/* SPDX-License-Identifier: MIT */
/**
 * @file tests/libfuzzer/home_model.h
 * What homes have to do, in plain lists: which finalizer runs when, which hook is called, what each
 * call answers. The model takes each step first and writes down what must happen; finalizers and
 * hooks write down what does. For home_target.c.
 *
 * There is one thread. A home that is unbound makes it another thread's than the home's.
 */
#ifndef TESTS_LIBFUZZER_HOME_MODEL_H
#define TESTS_LIBFUZZER_HOME_MODEL_H

#include "tests/libfuzzer/fuzz.h"

#include "rc/home.h"
#include "rc/weak.h"

enum { THINGS = 16, HOMES = 5, EVENTS = 400, NONE = -1 };

/* What a finalizer does, beside the release of the next. */
enum { RUNS = 1, CLOSES = 2, SAVES = 4, HABITS = 8 };

struct thing {
    int id, home;
    unsigned habits;
    struct thing *next; /* owned */
};

/* What has to be true of a thing, and of a home. */
struct known_thing {
    struct thing *real; /* NULL: there is none */
    int home, next;
    unsigned habits, references, held; /* of the references those of the target */
    bool waits, finalized;
    rc_weak *weak;
    bool weak_is_alive;
};

struct known_home {
    rc_home *real; /* NULL: there is none */
    bool bound, closing, closed, rings;
    enum rc_home_rest rest;
    int first[THINGS], first_count; /* that wait */
    int taken[THINGS], taken_count;
    unsigned running;
    size_t alive;
};

static struct known_thing things[THINGS];
static struct known_home homes[HOMES];
static int expected[EVENTS], happened[EVENTS];
static size_t expected_count, happened_count;
static int orphans[THINGS], orphan_count; /* owned by things that went without their finalizer */
static int saved[THINGS], saved_count;

/* An event: what it is of, times 10, and how many: a finalizer, a hook, an answer. */
enum { FINALIZED, RANG, RAN, CLOSED };

static int event(int kind, int number)
{
    return number * 10 + kind;
}

static void expect(int kind, int number)
{
    FUZZ_CHECK(expected_count < EVENTS, "too many events");
    expected[expected_count++] = event(kind, number);
}

static void happens(int kind, int number)
{
    FUZZ_CHECK(happened_count < EVENTS, "too many events");
    happened[happened_count++] = event(kind, number);
}

/* ---- the model ------------------------------------------------------------------------------- */

static void model_release(int id);

static size_t model_end_waiting(struct known_home *home, bool all);

static int model_left(const struct known_home *home)
{
    return (int)home->alive;
}

/* Returns: what rc_home_close() does; -1 for an error. */
static int model_close(struct known_home *home, enum rc_home_rest rest)
{
    if (!home->bound) return -1;
    if (home->closed || home->closing) return model_left(home);
    home->closing = true;
    while (model_end_waiting(home, true)) continue;
    home->closed = true;
    home->rest = rest;
    model_end_waiting(home, true);
    home->closing = home->rings = false;
    return model_left(home);
}

static void model_free(int id)
{
    struct known_thing *it = &things[id];
    if (it->next != NONE) orphans[orphan_count++] = it->next;
    if (it->home != NONE) homes[it->home].alive--;
    it->real = NULL;
}

static void model_finalize(int id)
{
    struct known_thing *it = &things[id];
    it->waits = false;
    if (it->finalized) {
        model_free(id);
        return;
    }
    it->references = 1;
    expect(FINALIZED, id);
    if (it->habits & SAVES) {
        saved[saved_count++] = id;
        it->finalized = true;
        return;
    }
    if (it->next != NONE) model_release(it->next);
    it->next = NONE;
    if (it->home != NONE && it->habits & RUNS) {
        bool bound = homes[it->home].bound;
        expect(RAN, bound ? (int)model_end_waiting(&homes[it->home], false) : 0);
    }
    if (it->home != NONE && it->habits & CLOSES)
        expect(CLOSED, model_close(&homes[it->home], RC_HOME_NOWHERE));
    it->references = 0;
    model_free(id);
}

static void model_put(int id, struct known_home *home)
{
    things[id].waits = true;
    home->first[home->first_count++] = id;
    if (home->first_count == 1 && home->rings) expect(RANG, (int)(home - homes));
}

static void model_end(int id)
{
    struct known_home *home = things[id].home == NONE ? NULL : &homes[things[id].home];
    if (!home || (home->bound && (!home->closed || home->closing))) {
        model_finalize(id);
    } else if (!home->closed) {
        model_put(id, home);
    } else {
        if (home->rest == RC_HOME_NOWHERE) things[id].finalized = true;
        model_finalize(id);
    }
}

static void model_release(int id)
{
    if (--things[id].references > 0) return;
    things[id].weak_is_alive = false;
    model_end(id);
}

static size_t model_end_waiting(struct known_home *home, bool all)
{
    size_t ended = 0, came = (size_t)home->first_count;
    for (int i = 0; i < home->first_count; i++) home->taken[home->taken_count++] = home->first[i];
    home->first_count = 0;
    bool inside = home->running++ > 0 && !all;
    while (home->taken_count > 0 && (!inside || ended < came)) {
        int id = home->taken[0];
        home->taken_count--;
        memmove(home->taken, home->taken + 1, (size_t)home->taken_count * sizeof home->taken[0]);
        model_finalize(id);
        ended++;
    }
    home->running--;
    return ended;
}

/* ---- what happens ---------------------------------------------------------------------------- */

static void thing_finalize(void *self)
{
    struct thing *it = self;
    happens(FINALIZED, it->id);
    if (it->habits & SAVES) {
        (void)rc_retain(it); /* the target's, from the end of the call on */
        return;
    }
    rc_release(it->next);
    if (it->home == NONE) return;
    rc_home *home = homes[it->home].real;
    if (it->habits & RUNS) happens(RAN, (int)rc_home_run(home));
    if (it->habits & CLOSES) happens(CLOSED, (int)(ptrdiff_t)rc_home_close(home, RC_HOME_NOWHERE));
}

static const rc_type thing_type = {
    .name = "thing", .size = sizeof(struct thing), .finalize = thing_finalize};

static void ring(void *context)
{
    happens(RANG, (int)((struct known_home *)context - homes));
}

/* ---- what must be true ----------------------------------------------------------------------- */

static void compare_events(const char *call)
{
    for (size_t i = 0; i < expected_count && i < happened_count; i++)
        FUZZ_CHECK(expected[i] == happened[i], "%s: event %zu is %d, not %d", call, i, happened[i],
                   expected[i]);
    FUZZ_CHECK(expected_count == happened_count, "%s: %zu events, not %zu", call, happened_count,
               expected_count);
    expected_count = happened_count = 0;
}

static void compare_thing(int id)
{
    struct known_thing *it = &things[id];
    if (it->weak) {
        void *locked = rc_weak_lock(it->weak);
        FUZZ_CHECK((locked != NULL) == it->weak_is_alive, "a weak reference to %d", id);
        rc_release(locked);
    }
    if (it->real && !it->waits)
        FUZZ_CHECK(rc_count(it->real) == it->references, "%zu references to %d, not %u",
                   rc_count(it->real), id, it->references);
}

static void compare_all(void)
{
    for (int i = 0; i < THINGS; i++) compare_thing(i);
    for (int i = 0; i < HOMES; i++) {
        const struct known_home *home = &homes[i];
        if (!home->real) continue;
        FUZZ_CHECK(rc_home_alive(home->real) == home->alive, "%zu are alive, not %zu",
                   rc_home_alive(home->real), home->alive);
        FUZZ_CHECK(rc_home_waiting(home->real) == (size_t)home->first_count, "%zu wait, not %d",
                   rc_home_waiting(home->real), home->first_count);
        FUZZ_CHECK(rc_count(home->real) == home->alive + 1, "%zu hold a home of %zu",
                   rc_count(home->real), home->alive);
    }
}

#endif
