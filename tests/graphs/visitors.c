/* SPDX-License-Identifier: MIT */
/* Threads beside those that collect, which have references of their own to what these show them. */
#include "graphs.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include <rc/weak.h>

enum { PLACES = 16, VISITORS = 16, TAKEN = 8 };

/* What one thread shows. */
static struct place {
    pthread_mutex_t lock;
    pthread_cond_t left;
    const struct shown *shown;
    uint32_t count, visiting;
} places[PLACES];

static pthread_t visitors[VISITORS];
static int visitor_count;
static atomic_int placed;
static atomic_bool ended;
static atomic_ullong visits;

/* The place of this thread. */
static struct place *own_place(void)
{
    static _Thread_local struct place *own;
    if (!own) own = &places[atomic_fetch_add(&placed, 1) % PLACES];
    return own;
}

/* One more reference, by either way. */
static void hold(const struct shown *one)
{
    void *locked = rc_weak_lock(one->weak), *again = rc_retain(one->object);
    rc_release(again);
    rc_release(locked);
}

static void visit(struct place *place, uint32_t start)
{
    struct shown taken[TAKEN];
    uint32_t count = 0;
    pthread_mutex_lock(&place->lock);
    for (; count < TAKEN && count < place->count; count++) {
        taken[count] = place->shown[(start + count) % place->count];
        (void)rc_retain(taken[count].object);
    }
    place->visiting += count > 0;
    pthread_mutex_unlock(&place->lock);
    if (count == 0) return;
    atomic_fetch_add_explicit(&visits, count, memory_order_relaxed);
    for (uint32_t i = 0; i < count; i++) hold(&taken[i]);
    for (uint32_t i = 0; i < count; i++) rc_release(taken[i].object);
    pthread_mutex_lock(&place->lock);
    if (--place->visiting == 0) pthread_cond_signal(&place->left);
    pthread_mutex_unlock(&place->lock);
}

static void *visit_all(void *unused)
{
    (void)unused;
    for (uint32_t start = 0; !atomic_load(&ended); start += TAKEN) {
        for (int i = 0; i < PLACES; i++) visit(&places[i], start);
        sched_yield();
    }
    return NULL;
}

void visitors_start(int count)
{
    for (int i = 0; i < PLACES; i++) {
        pthread_mutex_init(&places[i].lock, NULL);
        pthread_cond_init(&places[i].left, NULL);
    }
    while (visitor_count < count && visitor_count < VISITORS &&
           pthread_create(&visitors[visitor_count], NULL, visit_all, NULL) == 0)
        visitor_count++;
}

uint64_t visitors_end(void)
{
    atomic_store(&ended, true);
    while (visitor_count > 0) pthread_join(visitors[--visitor_count], NULL);
    return atomic_load(&visits);
}

void visitors_show(const struct shown *shown, uint32_t count)
{
    if (visitor_count == 0) return;
    struct place *place = own_place();
    pthread_mutex_lock(&place->lock);
    place->shown = shown;
    place->count = count;
    pthread_mutex_unlock(&place->lock);
}

void visitors_hide(void)
{
    if (visitor_count == 0) return;
    struct place *place = own_place();
    pthread_mutex_lock(&place->lock);
    place->count = 0;
    while (place->visiting > 0) pthread_cond_wait(&place->left, &place->lock);
    pthread_mutex_unlock(&place->lock);
}
