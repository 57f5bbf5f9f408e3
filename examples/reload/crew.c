/* SPDX-License-Identifier: MIT */
#include "crew.h"

#include <pthread.h>
#include <rc/scope.h>
#include <sched.h>
#include <string.h>

#include "prices.h"

struct worker {
    pthread_t thread;
    const struct crew *crew;
    size_t version; /* of the list that it used last; atomic */
    size_t found;   /* by it alone, until it has ended */
};

struct crew {
    const rc_slot *prices;
    bool over; /* atomic */
    size_t started;
    struct worker workers[];
};

/* What was loaded before serves until there is something newer: one look at a word mostly. */
static void refresh(struct prices **mine, const rc_slot *slot)
{
    if (rc_slot_holds(slot, *mine)) return;
    rc_release(*mine);
    *mine = RC_SLOT_LOAD(struct prices, slot);
}

/* A thread's life. What it uses stays as it is, whatever is stored meanwhile. */
static void *work(void *argument)
{
    struct worker *self = argument;
    RC_AUTO(struct prices, prices) = NULL;
    for (size_t i = 0; !__atomic_load_n(&self->crew->over, __ATOMIC_RELAXED); i++) {
        refresh(&prices, self->crew->prices);
        if (prices->count) {
            const struct price *wanted = &prices->list[i % prices->count];
            self->found += prices_find(prices, wanted->name) == wanted;
        }
        __atomic_store_n(&self->version, prices->version, __ATOMIC_RELEASE);
    }
    return NULL;
}

static void finalize(void *object)
{
    (void)crew_finish(object);
}

static const rc_type crew_type = {
    .name = "reload.crew",
    .size = sizeof(struct crew),
    .finalize = finalize,
};

struct crew *crew_new(size_t threads, const rc_slot *prices)
{
    RC_AUTO(struct crew, self) = rc_object_new(&crew_type, threads * sizeof(struct worker));
    if (!self) return NULL;
    self->prices = prices;
    for (; self->started < threads; self->started++) {
        struct worker *worker = &self->workers[self->started];
        worker->crew = self;
        int error = pthread_create(&worker->thread, NULL, work, worker);
        if (!error) continue;
        rc_error_set(RC_SYSTEM, "no thread can be started: %s", strerror(error));
        return NULL; /* those that were started end */
    }
    return rc_steal(&self);
}

void crew_wait(struct crew *self, size_t version)
{
    for (size_t i = 0; i < self->started; i++)
        while (__atomic_load_n(&self->workers[i].version, __ATOMIC_ACQUIRE) < version)
            sched_yield();
}

size_t crew_finish(struct crew *self)
{
    size_t found = 0;
    __atomic_store_n(&self->over, true, __ATOMIC_RELAXED);
    while (self->started > 0) {
        struct worker *worker = &self->workers[--self->started];
        pthread_join(worker->thread, NULL);
        found += worker->found;
    }
    return found;
}
