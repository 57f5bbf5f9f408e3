/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* The magazines of threads: found, settled when the pool calls, given back when the thread ends. */
#include <pthread.h>

#include "pool_layout.h"

/* Magazines that a thread has given back and that wait for another. */
enum { SPARES_MOST = 2 };

RC_HOT_THREAD_LOCAL struct rc__pool_magazine *rc__pool_magazines[RC__POOL_SLOTS];

static RC_HOT_THREAD_LOCAL bool enrolled; /* its end will be told */
static RC_HOT_THREAD_LOCAL bool ended;    /* it was, and nothing would tell it again */
static RC_HOT_THREAD_LOCAL size_t calls_heard;
static size_t calls;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

/* ---- this thread's table --------------------------------------------------------------------- */

/* The pool's magazine, which stands first from then on. */
static struct rc__pool_magazine *look_up(const struct rc__pool_core *core)
{
    struct rc__pool_magazine **first = &rc__pool_magazines[core->slot];
    for (struct rc__pool_magazine **link = first; *link; link = &(*link)->next_here) {
        struct rc__pool_magazine *found = *link;
        if (found->core != core || found->orphaned) continue;
        *link = found->next_here;
        found->next_here = *first;
        *first = found;
        return found;
    }
    return NULL;
}

static void put_in_table(struct rc__pool_magazine *magazine)
{
    struct rc__pool_magazine **first = &rc__pool_magazines[magazine->core->slot];
    magazine->next_here = *first;
    *first = magazine;
}

static void take_out_of_table(struct rc__pool_magazine *magazine)
{
    struct rc__pool_magazine **link = &rc__pool_magazines[magazine->core->slot];
    while (*link != magazine) link = &(*link)->next_here;
    *link = magazine->next_here;
}

/* ---- under the lock -------------------------------------------------------------------------- */

static void unlink_magazine(struct rc__pool_magazine *magazine)
{
    struct rc__pool_magazine **link = &magazine->core->magazines;
    while (*link != magazine) link = &(*link)->next;
    *link = magazine->next;
}

/* For the next thread, unless enough of them wait. */
static void keep_spare(struct rc__pool_magazine *magazine, struct rc__pool_surplus *surplus)
{
    struct rc__pool_core *core = magazine->core;
    size_t spares = 0;
    for (struct rc__pool_magazine *spare = core->spares; spare; spare = spare->next) spares++;
    magazine->orphaned = false;
    magazine->next = core->spares;
    if (spares < SPARES_MOST)
        core->spares = magazine;
    else
        surplus->magazine = magazine;
}

/* How many may idle while this magazine puts its buffers into the depot: what a trim that it has
 * not seen said, else any number, within the pool's bounds. */
static size_t may_idle(const struct rc__pool_magazine *magazine)
{
    const struct rc__pool_core *core = magazine->core;
    bool missed = magazine->key != core->key && magazine->key != RC__KEY_SETTLED;
    return missed ? core->trim_to : SIZE_MAX;
}

static void put_all(struct rc__pool_magazine *magazine, struct rc__pool_surplus *surplus)
{
    struct rc__pool_core *core = magazine->core;
    size_t keep = may_idle(magazine);
    core->reserved -= magazine->capacity;
    magazine->capacity = 0;
    while (magazine->count) {
        struct rc__pooled *buffer = rc__pool_magazine_pop(magazine);
        bool enough = keep < SIZE_MAX && rc__pool_idle(core) >= keep;
        if (enough || !rc__depot_put(core, buffer)) rc__surplus_add(surplus, buffer);
    }
    core->hits += magazine->hits;
    rc__pool_put(&magazine->hits, 0);
    magazine->key = RC__KEY_SETTLED;
}

/* What the depot has to give up takes no more than the capacity that it is given up for. */
static void reserve(struct rc__pool_magazine *magazine)
{
    struct rc__pool_core *core = magazine->core;
    if (core->key == RC__KEY_NONE || core->gathered) return;
    magazine->capacity = rc__pool_share_beside(core, core->reserved);
    core->reserved += magazine->capacity;
    while (core->depot_count > core->limit - core->reserved)
        rc__pool_magazine_push(magazine, rc__depot_take(core));
    magazine->key = core->key;
}

/* ---- settle ---------------------------------------------------------------------------------- */

static void settle(struct rc__pool_magazine *magazine)
{
    struct rc__pool_surplus surplus;
    rc__pool_cell_leave(magazine);
    rc__pool_lock(magazine->core);
    rc__surplus_begin(&surplus, magazine->core);
    put_all(magazine, &surplus);
    rc__surplus_end(magazine->core, &surplus);
}

static void leave(struct rc__pool_magazine *magazine)
{
    struct rc__pool_core *core = magazine->core;
    struct rc__pool_surplus surplus;
    take_out_of_table(magazine);
    rc__pool_cell_leave(magazine);
    rc__pool_lock(core);
    rc__surplus_begin(&surplus, core);
    put_all(magazine, &surplus);
    unlink_magazine(magazine);
    keep_spare(magazine, &surplus);
    rc__surplus_end(core, &surplus);
}

/* Pools have ended, or a fork has left this thread the magazines of others. */
static RC_COLD void answer_call(void)
{
    calls_heard = __atomic_load_n(&calls, __ATOMIC_RELAXED);
    for (unsigned slot = 0; slot < RC__POOL_SLOTS; slot++)
        for (struct rc__pool_magazine *magazine = rc__pool_magazines[slot], *next; magazine;
             magazine = next) {
            next = magazine->next_here;
            if (magazine->orphaned || rc__pool_get(&magazine->core->key) == RC__KEY_NONE)
                leave(magazine);
        }
}

static void listen(void)
{
    if (RC_UNLIKELY(calls_heard != __atomic_load_n(&calls, __ATOMIC_RELAXED))) answer_call();
}

void rc__pool_magazines_call(void)
{
    __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
}

void rc__pool_magazine_settle(struct rc__pool_core *core)
{
    listen();
    struct rc__pool_magazine *magazine = look_up(core);
    if (magazine) settle(magazine);
}

void rc__pool_magazine_leave(struct rc__pool_core *core)
{
    struct rc__pool_magazine *magazine = look_up(core);
    if (magazine) leave(magazine);
}

/* ---- find ------------------------------------------------------------------------------------ */

static bool enroll(void)
{
    if (!enrolled && !ended && has_key) enrolled = pthread_setspecific(key, &enrolled) == 0;
    return enrolled;
}

/* A spare one becomes this thread's. */
static struct rc__pool_magazine *take_spare(struct rc__pool_core *core)
{
    if (!enroll()) return NULL;
    rc__pool_lock(core);
    struct rc__pool_magazine *magazine = core->key == RC__KEY_NONE ? NULL : core->spares;
    if (magazine) {
        core->spares = magazine->next;
        magazine->next = core->magazines;
        core->magazines = magazine;
        reserve(magazine);
    }
    rc__pool_unlock(core);
    if (!magazine) return NULL;
    put_in_table(magazine);
    rc__pool_cell_enter_if_free(magazine);
    return magazine;
}

/* A magazine of a gathered pool has no places, and is what it has to be. */
static bool is_settled(const struct rc__pool_magazine *magazine)
{
    const struct rc__pool_core *core = magazine->core;
    if (rc__pool_is_gathered(core)) return magazine->key == RC__KEY_SETTLED;
    return magazine->key == rc__pool_get(&core->key) && magazine->capacity;
}

/* Its key is another, or it has got no share of the bounds yet. */
static struct rc__pool_magazine *renew(struct rc__pool_magazine *magazine)
{
    struct rc__pool_core *core = magazine->core;
    struct rc__pool_surplus surplus;
    rc__pool_cell_leave(magazine);
    rc__pool_lock(core);
    rc__surplus_begin(&surplus, core);
    put_all(magazine, &surplus);
    reserve(magazine);
    rc__surplus_end(core, &surplus);
    rc__pool_cell_enter_if_free(magazine);
    return magazine;
}

struct rc__pool_magazine *rc__pool_magazine_find(struct rc__pool_core *core)
{
    listen();
    if (!core->magazine_most || rc__pool_get(&core->key) == RC__KEY_NONE) return NULL;
    struct rc__pool_magazine *magazine = look_up(core);
    if (!magazine) return take_spare(core);
    return RC_LIKELY(is_settled(magazine)) ? magazine : renew(magazine);
}

/* ---- the end of a thread, and fork ----------------------------------------------------------- */

void rc__pool_magazines_end(void)
{
    for (unsigned slot = 0; slot < RC__POOL_SLOTS; slot++)
        while (rc__pool_magazines[slot]) leave(rc__pool_magazines[slot]);
}

/* Destructors that run after this one and release buffers find no magazine. */
static void thread_ends(void *value)
{
    (void)value;
    enrolled = false;
    ended = true;
    rc__pool_magazines_end();
}

static bool is_ours(const struct rc__pool_magazine *magazine)
{
    const struct rc__pool_magazine *here = rc__pool_magazines[magazine->core->slot];
    while (here && here != magazine) here = here->next_here;
    return here;
}

/* The magazines of threads that do not exist here become this thread's, which settles them at its
 * next visit to any pool: a fork handler calls no allocator. */
static void inherit(struct rc__pool_core *core)
{
    for (struct rc__pool_magazine *magazine = core->magazines; magazine;
         magazine = magazine->next) {
        if (is_ours(magazine)) continue;
        rc__pool_cell_inherit(magazine);
        magazine->orphaned = true;
        magazine->key = RC__KEY_SETTLED; /* not to be used as this thread's own */
        put_in_table(magazine);
    }
}

static void after_fork_in_child(void)
{
    for (unsigned slot = 0; slot < RC__POOL_SLOTS; slot++)
        for (struct rc__pool_core *core = rc__pool_cores(slot); core; core = core->next)
            inherit(core);
    enroll();
    rc__pool_magazines_call();
    rc__pool_unlock_all();
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static void set_up(void)
{
    rc__tally_prepare(); /* whose lock is the last that a fork takes */
    has_key = pthread_key_create(&key, thread_ends) == 0;
    pthread_atfork(rc__pool_lock_all, rc__pool_unlock_all, after_fork_in_child);
}

void rc__pool_magazines_prepare(void)
{
    pthread_once(&once, set_up);
}

/* Before main(), so that the key is one of the first, whose values need no memory. */
static __attribute__((constructor(103))) void prepare_early(void)
{
    rc__pool_magazines_prepare();
}

/* A plugin that contains the library may be unloaded before its threads end. */
static __attribute__((destructor(103))) void forget_threads(void)
{
    if (has_key) pthread_key_delete(key);
    has_key = false;
}
