/* SPDX-License-Identifier: MIT */
/* The input is a program of calls on homes and their objects, whose finalizers release others, save
 * themselves, run and close their homes. Beside it the model of home_model.h takes the same steps. */
#include "tests/libfuzzer/home_model.h"

/* One of those that the target holds; NONE: there is none. */
static int pick_held(struct fuzz_input *input)
{
    size_t first = fuzz_below(input, THINGS);
    for (size_t i = 0; i < THINGS; i++) {
        size_t id = (first + i) % THINGS;
        if (things[id].real && things[id].held) return (int)id;
    }
    return NONE;
}

/* One that exists. */
static struct known_home *pick_home(struct fuzz_input *input)
{
    size_t first = fuzz_below(input, HOMES);
    for (size_t i = 0; i < HOMES; i++)
        if (homes[(first + i) % HOMES].real) return &homes[(first + i) % HOMES];
    return NULL;
}

/* ---- references ------------------------------------------------------------------------------ */

static void release(int id)
{
    struct thing *real = things[id].real;
    things[id].held--;
    model_release(id);
    rc_release(real);
    compare_events("rc_release");
}

/* What was saved, and what nobody owns any more, is the target's. */
static void settle(void)
{
    while (saved_count > 0) things[saved[--saved_count]].held = 1;
    while (orphan_count > 0) {
        int id = orphans[--orphan_count];
        things[id].held++;
        release(id);
        while (saved_count > 0) things[saved[--saved_count]].held = 1;
    }
}

static void do_release(struct fuzz_input *input)
{
    int id = pick_held(input);
    if (id != NONE) release(id);
}

static void do_retain(struct fuzz_input *input)
{
    int id = pick_held(input);
    if (id == NONE) return;
    (void)rc_retain(things[id].real);
    things[id].references++;
    things[id].held++;
}

static void do_watch(struct fuzz_input *input)
{
    int id = pick_held(input);
    if (id == NONE || things[id].weak) return;
    rc_weak *weak = rc_weak_new(things[id].real);
    if (!returns("rc_weak_new", weak, BIT(RC_OK))) return;
    things[id].weak = weak;
    things[id].weak_is_alive = true;
}

/* ---- things ---------------------------------------------------------------------------------- */

/* A free place, from which no weak reference leads elsewhere. */
static int find_place(void)
{
    for (int i = 0; i < THINGS; i++)
        if (!things[i].real) return i;
    return NONE;
}

static void know_thing(int id, struct thing *real, struct known_home *home, unsigned habits)
{
    rc_release(things[id].weak);
    things[id] = (struct known_thing){.real = real,
                                      .home = home ? (int)(home - homes) : NONE,
                                      .next = NONE,
                                      .habits = habits,
                                      .references = 1,
                                      .held = 1};
    *real = (struct thing){.id = id, .home = things[id].home, .habits = habits};
    if (home) home->alive++;
}

static void do_make(struct fuzz_input *input)
{
    unsigned how = fuzz_byte(input);
    struct known_home *home = how < 40 ? NULL : pick_home(input);
    int id = find_place(), next = how & 1 ? pick_held(input) : NONE;
    if (id == NONE) return;
    unsigned allowed = home && (home->closed || home->closing) ? BIT(RC_INVALID) : BIT(RC_OK);
    struct thing *real = home ? rc_home_object_new(home->real, &thing_type, how % 7)
                              : rc_new(struct thing, &thing_type);
    if (!returns("rc_home_object_new", real, allowed)) return;
    know_thing(id, real, home, how / 8 % HABITS);
    if (next == NONE) return;
    things[next].held--; /* which is the new one's from here on */
    things[id].next = next;
    real->next = things[next].real;
}

/* ---- homes ----------------------------------------------------------------------------------- */

static void do_home(struct fuzz_input *input)
{
    struct known_home *home = &homes[fuzz_below(input, HOMES)];
    if (home->real) return;
    rc_home *real = rc_home_new();
    if (returns("rc_home_new", real, BIT(RC_OK)))
        *home = (struct known_home){.real = real, .bound = true};
}

/* Of one that is closed, and has no object. */
static void do_leave_home(struct fuzz_input *input)
{
    struct known_home *home = pick_home(input);
    if (!home || home->alive > 0) return;
    rc_clear(&home->real);
}

static void do_bind(struct fuzz_input *input)
{
    struct known_home *home = pick_home(input);
    if (!home) return;
    unsigned allowed = home->closed ? BIT(RC_INVALID) : BIT(RC_OK);
    if (answers("rc_home_bind", rc_home_bind(home->real), allowed)) home->bound = true;
}

static void do_unbind(struct fuzz_input *input)
{
    struct known_home *home = pick_home(input);
    if (!home) return;
    unsigned allowed = home->closed || !home->bound ? BIT(RC_INVALID) : BIT(RC_OK);
    if (answers("rc_home_unbind", rc_home_unbind(home->real), allowed)) home->bound = false;
}

static void do_set_wake(struct fuzz_input *input)
{
    struct known_home *home = pick_home(input);
    bool rings = fuzz_byte(input) & 1;
    if (!home) return;
    bool good = home->bound && !home->closed;
    if (good) home->rings = rings;
    if (good && rings && home->first_count > 0) expect(RANG, (int)(home - homes));
    enum rc_status status = rc_home_set_wake(home->real, rings ? ring : NULL, home);
    answers("rc_home_set_wake", status, good ? BIT(RC_OK) : BIT(RC_INVALID));
    compare_events("rc_home_set_wake");
}

static void do_run(struct fuzz_input *input)
{
    struct known_home *home = pick_home(input);
    if (!home) return;
    size_t wanted = home->bound ? model_end_waiting(home, false) : 0;
    size_t ended = rc_home_run(home->real);
    FUZZ_CHECK(ended == wanted, "rc_home_run ends %zu, not %zu", ended, wanted);
    compare_events("rc_home_run");
}

static void do_close(struct fuzz_input *input)
{
    struct known_home *home = pick_home(input);
    unsigned how = fuzz_byte(input);
    if (!home) return;
    enum rc_home_rest rest = how & 1 ? RC_HOME_NOWHERE : RC_HOME_ANYWHERE;
    int wanted = model_close(home, rest);
    int left = (int)(ptrdiff_t)rc_home_close(home->real, rest);
    FUZZ_CHECK(left == wanted, "rc_home_close leaves %d, not %d", left, wanted);
    compare_events("rc_home_close");
}

/* ---- the program ----------------------------------------------------------------------------- */

static void step(struct fuzz_input *input)
{
    static void (*const calls[])(struct fuzz_input *) = {
        do_make,    do_release,  do_home, do_run,     do_bind,   do_unbind,
        do_retain,  do_set_wake, do_make, do_release, do_make,   do_close,
        do_release, do_watch,    do_run,  do_unbind,  do_unbind, do_leave_home,
    };
    rc_error_clear();
    unsigned code = fuzz_byte(input), memory = fuzz_byte(input);
    if (memory >= 240) fuzz_fail_memory(memory % 2);
    calls[code % (sizeof calls / sizeof *calls)](input);
    (void)fuzz_memory_has_failed();
    settle();
}

static bool any_is_left(void)
{
    for (int i = 0; i < THINGS; i++)
        if (things[i].real) return true;
    return false;
}

static void end_home(struct known_home *home)
{
    if (!home->real) return;
    if (!home->closed && rc_home_bind(home->real) == RC_OK) home->bound = true;
    size_t wanted = home->bound ? model_end_waiting(home, false) : 0;
    FUZZ_CHECK(rc_home_run(home->real) == wanted, "not %zu", wanted);
    compare_events("rc_home_run");
    settle();
}

static void end(void)
{
    while (any_is_left()) {
        for (int i = 0; i < THINGS; i++)
            while (things[i].real && things[i].held) {
                release(i);
                settle();
            }
        for (int i = 0; i < HOMES; i++) end_home(&homes[i]);
    }
    compare_all();
    for (int i = 0; i < THINGS; i++) rc_clear(&things[i].weak);
    for (int i = 0; i < HOMES; i++) rc_clear(&homes[i].real);
}

static void run(struct fuzz_input *input)
{
    memset(things, 0, sizeof things);
    memset(homes, 0, sizeof homes);
    expected_count = happened_count = 0;
    orphan_count = saved_count = 0;
    while (input->left > 0) {
        step(input);
        compare_all();
    }
    end();
}

FUZZ_TARGET(run)
