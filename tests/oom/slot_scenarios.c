/* SPDX-License-Identifier: MIT */
/*
 * A load whose debt finds no free cell (rc/slot_debt.h), as if as many threads as there are cells were
 * in the middle of one: it asks for a cell more, and where there is no memory waits until another load
 * ends, which a second thread sees to.
 */
#include <pthread.h>
#include <sched.h>

#include "oom.h"
#include "rc/slot.h"
#include "rc/slot_debt.h"

enum { CELLS = 64, CELLS_MAX = 1024 };

static const rc_type thing_type = {.name = "thing in a slot", .size = 48};

static rc_slot slot;
static const char other[16]; /* what the other loads are about to count */
static struct rc__debt *taken[CELLS_MAX];
static size_t taken_count;
static pthread_t helper;
static bool leave;

/* Ends one of the other loads once a request has failed. */
static void *end_one_load(void *unused)
{
    while (!__atomic_load_n(&leave, __ATOMIC_ACQUIRE)) {
        if (fail_failed() > 0) {
            expect(rc__debt_take_back(taken[0], other), "a debt that nobody pays is no more");
            break;
        }
        sched_yield();
    }
    return unused;
}

static void take_all_cells(struct stage *stage)
{
    stage->object = rc_object_new(&thing_type, 0);
    rc_slot_store(&slot, stage->object);
    watch(stage, stage->object);
    for (taken_count = 0; taken_count < CELLS || taken_count < rc__debts_count(); taken_count++) {
        expect(taken_count < CELLS_MAX, "too many cells");
        taken[taken_count] = rc__debt_owe(other);
    }
    leave = false;
    expect(pthread_create(&helper, NULL, end_one_load, NULL) == 0, "no thread");
}

static bool load(struct stage *stage)
{
    stage->made = rc_slot_load(&slot);
    return stage->made != NULL;
}

static bool is_loaded(struct stage *stage)
{
    return stage->made == stage->object && rc_count(stage->object) == 3;
}

static void end_all_loads(struct stage *stage)
{
    __atomic_store_n(&leave, true, __ATOMIC_RELEASE);
    pthread_join(helper, NULL);
    for (size_t i = 0; i < taken_count; i++) (void)rc__debt_take_back(taken[i], other);
    rc_slot_clear(&slot);
    rc_clear(&stage->made);
    rc_clear(&stage->object);
}

static const struct scenario list[] = {
    {.name = "load where each cell is taken",
     .prepare = take_all_cells,
     .act = load,
     .holds = is_loaded,
     .end = end_all_loads,
     .absorbs = true},
};

const struct scenarios slot_scenarios = {list, sizeof list / sizeof list[0]};
