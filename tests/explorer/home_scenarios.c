/* SPDX-License-Identifier: MIT */
/* Scenarios of rc/home.h: every object ends once, by its home's thread as long as the home is open; where
 * something waits, the hook was called, and it finds what it needs; and no thread that is stopped
 * while it releases, at any step, keeps the home's from running it, nor the other way round. */
#include "explorer.h"

#include <pthread.h>
#include <string.h>

#include "rc/home.h"
#include "rc/home_queue.h"
#include "rc/tally.h"
#include "rc/weak.h"

/* Of running a home with one object, while another thread is stopped. */
enum { STEPS = 90 };

struct thing {
    int written; /* by whoever releases it */
    int number;  /* 1 for the first */
    bool ended;
    struct thing *next; /* owned */
};

/* What a hook needs. */
struct bell {
    int rang;
    bool is_there; /* plainly: who takes it away comes after all calls */
};

static rc_home *home;
static size_t owner; /* the number of the thread that has the home; 0 in the warm-up */
static struct thing *first, *second;
static rc_weak *weak;
static struct bell bells[2];
static pthread_mutex_t lock;
static int finalized, finalized_elsewhere;
static bool ended[3]; /* by their numbers, plainly: of homes that close */
static bool kept;     /* the first was made before */
static size_t left;

static void thing_finalize(void *self)
{
    struct thing *it = self;
    CHECK(!it->ended);
    it->ended = true;
    it->written++;
    finalized++;
}

static const rc_type thing_type = {
    .name = "thing", .size = sizeof(struct thing), .finalize = thing_finalize};

/* Of homes that close. */
static void thing_finalize_anywhere(void *self)
{
    struct thing *it = self;
    CHECK(!it->ended && !ended[it->number]);
    it->ended = ended[it->number] = true;
    rc_release(it->next);
    if (rc__home_is_mine(home))
        finalized++;
    else
        __atomic_fetch_add(&finalized_elsewhere, 1, __ATOMIC_RELAXED); /* two may end at once */
}

static const rc_type anywhere_type = {.name = "thing of a home that closes",
                                      .size = sizeof(struct thing),
                                      .finalize = thing_finalize_anywhere};

static void ring(void *context)
{
    struct bell *bell = context;
    CHECK(bell->is_there);
    __atomic_store_n(&bell->rang, 1, __ATOMIC_RELEASE);
}

static struct thing *thing_new(const rc_type *type)
{
    struct thing *made = RC_HOME_NEW(home, struct thing, type);
    CHECK(made);
    return made;
}

/* ---- before, and after ----------------------------------------------------------------------- */

static void have_record(void)
{
    if (rc__tally_mine == &rc__tally_nobody) rc__tally_leave(rc__tally_enter(false));
}

static void set_bell(int index)
{
    bells[index].is_there = true;
    CHECK(rc_home_set_wake(home, ring, &bells[index]) == RC_OK);
}

/* The home is the owner's from the start, but in the warm-up. */
static void make_home(void)
{
    have_record();
    finalized = finalized_elsewhere = 0;
    left = 0;
    kept = false;
    first = second = NULL;
    memset(ended, 0, sizeof ended);
    bells[0] = bells[1] = (struct bell){0};
    home = rc_home_new();
    CHECK(home);
    set_bell(0);
    if (owner) home->thread = owner;
}

static void make_one(void)
{
    make_home();
    first = thing_new(&thing_type);
}

static void make_two(void)
{
    make_one();
    second = thing_new(&thing_type);
}

static void make_one_to_close(void)
{
    make_home();
    first = thing_new(&anywhere_type);
    first->number = 1;
    kept = true;
}

static void let_second_wait(void)
{
    size_t thread = home->thread;
    home->thread = 0;
    rc_release(second);
    home->thread = thread;
}

static void make_two_of_which_one_waits(void)
{
    make_two();
    let_second_wait();
}

/* The second waits already. */
static void make_two_to_close(void)
{
    make_one_to_close();
    second = thing_new(&anywhere_type);
    second->number = 2;
    let_second_wait();
}

/* The first owns the second. */
static void make_pair_to_close(void)
{
    make_one_to_close();
    first->next = second = thing_new(&anywhere_type);
    second->number = 2;
}

static void make_shared_to_close(void)
{
    make_one_to_close();
    (void)rc_retain(first);
}

static void make_shared(void)
{
    make_one();
    second = rc_retain(first);
}

static void make_watched(void)
{
    make_one();
    weak = rc_weak_new(first);
    CHECK(weak);
}

static void make_unbound(void)
{
    make_one();
    home->thread = 0;
}

static void check_ended(int made)
{
    CHECK(bells[0].rang || bells[1].rang || rc_home_waiting(home) == 0);
    CHECK(rc_home_bind(home) == RC_OK);
    (void)rc_home_run(home);
    CHECK(finalized == made && rc_home_alive(home) == 0 && rc_home_waiting(home) == 0);
    CHECK(home->visitors == 0 && home->callers == 0);
    rc_release(home);
}

static void check_one(void)
{
    check_ended(1);
}

static void check_two(void)
{
    check_ended(2);
}

static void check_watched(void)
{
    rc_release(weak);
    check_one();
}

/* What the owner did not end another did. */
static void check_closed(int made)
{
    CHECK(finalized + finalized_elsewhere == made && rc_home_alive(home) == 0);
    CHECK(rc_home_waiting(home) == 0 && home->visitors == 0);
    rc_release(home);
}

static void check_one_closed(void)
{
    check_closed(1);
}

static void check_two_closed(void)
{
    check_closed(2);
}

/* One that came too late for its finalizer is freed all the same. */
static void check_two_lost(void)
{
    CHECK(finalized_elsewhere == 0 && finalized <= 2);
    finalized = 2;
    check_closed(2);
}

/* Who is finalized has what it owns finalized, too; who is not owns it for ever. */
static void check_pair(void)
{
    CHECK(finalized_elsewhere == 0 && ended[1] == ended[2]);
    if (!ended[1]) rc_release(second);
    finalized = 2;
    check_closed(2);
}

/* ---- what threads do ------------------------------------------------------------------------- */

/* First of all, by the thread that has the home. */
static void own(void)
{
    have_record();
    if (owner) return;
    owner = rc__home_thread();
    home->thread = owner;
}

/* Elsewhere; what was written before is seen by the finalizer. */
static void release(struct thing *thing)
{
    have_record();
    thing->written = 1;
    rc_release(thing);
}

static void release_first(void)
{
    release(first);
}

static void release_second(void)
{
    release(second);
}

/* One of several references. */
static void release_first_blindly(void)
{
    have_record();
    rc_release(first);
}

static void owner_releases_second(void)
{
    own();
    rc_release(second);
}

static void owner_runs(void)
{
    own();
    (void)rc_home_run(home);
}

/* As a loop does that sleeps until it is woken. */
static void owner_runs_if_woken(void)
{
    own();
    if (__atomic_exchange_n(&bells[0].rang, 0, __ATOMIC_ACQUIRE)) (void)rc_home_run(home);
}

static void owner_runs_and_leaves(void)
{
    own();
    (void)rc_home_run(home);
    rc_release(home);
}

/* After that nobody rings. */
static void owner_closes(enum rc_home_rest rest)
{
    own();
    left = rc_home_close(home, rest);
    CHECK(left <= 2);
    bells[0].is_there = false;
}

/* If none is left, what was done elsewhere is seen. */
static void owner_closes_for_anywhere(void)
{
    owner_closes(RC_HOME_ANYWHERE);
    if (left == 0 && kept) CHECK(ended[1] && (!second || ended[2]));
}

static void owner_closes_for_nowhere(void)
{
    owner_closes(RC_HOME_NOWHERE);
}

static void owner_changes_bells(void)
{
    own();
    set_bell(1);
    bells[0].is_there = false;
}

static void bind_and_run(void)
{
    have_record();
    CHECK(rc_home_bind(home) == RC_OK);
    (void)rc_home_run(home);
}

/* As threads do that have an interpreter's lock. */
static void run_with_lock(void)
{
    have_record();
    pthread_mutex_lock(&lock);
    CHECK(rc_home_bind(home) == RC_OK);
    (void)rc_home_run(home);
    CHECK(rc_home_unbind(home) == RC_OK);
    pthread_mutex_unlock(&lock);
}

static void lock_weak(void)
{
    have_record();
    struct thing *locked = rc_weak_lock(weak);
    if (!locked) return;
    CHECK(!locked->ended);
    rc_release(locked);
}

/* Somebody else makes what the owner refuses, or counts. */
static void make_and_release(void)
{
    have_record();
    first = RC_HOME_NEW(home, struct thing, &anywhere_type);
    if (first)
        rc_release(rc_retain(first));
    else
        rc_error_clear();
}

static void check_made(void)
{
    CHECK(!first || left == 1);
    rc_release(first);
    CHECK(rc_home_alive(home) == 0);
    rc_release(home);
}

/* Of a home that ended with its object, or has it still. */
static void check_left(void)
{
    if (finalized == 1) return;
    (void)rc_home_bind(home);
    CHECK(rc_home_run(home) == 1 && finalized == 1);
}

const struct scenario home_scenarios[] = {
    {"home_release_against_run", make_one, {owner_runs, release_first}, check_one},
    {"home_released_by_two", make_two, {release_first, release_second}, check_two},
    {"home_woken_by_two",
     make_two,
     {owner_runs_if_woken, release_first, release_second},
     check_two},
    {"home_last_reference_by_both",
     make_shared,
     {owner_releases_second, release_first_blindly},
     check_one},
    {"home_release_against_close",
     make_one_to_close,
     {owner_closes_for_anywhere, release_first},
     check_one_closed},
    {"home_close_beside_two",
     make_shared_to_close,
     {owner_closes_for_anywhere, release_first_blindly, release_first_blindly},
     check_one_closed},
    {"home_close_with_one_that_waits",
     make_two_to_close,
     {owner_closes_for_anywhere, release_first},
     check_two_closed},
    {"home_close_for_nowhere",
     make_two_to_close,
     {owner_closes_for_nowhere, release_first},
     check_two_lost},
    {"home_close_with_a_pair",
     make_pair_to_close,
     {owner_closes_for_nowhere, release_first},
     check_pair},
    {"home_made_beside_close",
     make_home,
     {owner_closes_for_anywhere, make_and_release},
     check_made},
    {"home_release_against_bind", make_unbound, {bind_and_run, release_first}, check_one},
    {"home_of_a_lock", make_unbound, {run_with_lock, run_with_lock, release_first}, check_one},
    {"home_hook_changed", make_one, {owner_changes_bells, release_first}, check_one},
    {"home_hook_changed_beside_two",
     make_two,
     {owner_changes_bells, release_first, release_second},
     check_two},
    {"home_gone_with_its_object", make_one, {owner_runs_and_leaves, release_first}, check_left},
    {"home_weak_lock_against_release", make_watched, {release_first, lock_weak}, check_watched},
    {"home_release_stops", make_one, {release_first, owner_runs}, check_one},
    {"home_release_stops_beside_two",
     make_shared,
     {release_first_blindly, owner_runs, release_first_blindly},
     check_one},
    {"home_run_stops", make_two_of_which_one_waits, {owner_runs, release_first}, check_two},
    {0},
};

const struct stop home_stops[] = {
    {.scenario = "home_release_stops", .thread = 1, .steps = STEPS},
    {.scenario = "home_release_stops_beside_two", .thread = 1, .steps = STEPS},
    {.scenario = "home_run_stops", .thread = 1, .steps = STEPS},
    {0},
};
