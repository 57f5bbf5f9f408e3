/* SPDX-License-Identifier: MIT */
/*
 * A thread that needs a record of its own to count in (rc/tally.h) when there is no memory for one:
 * its counting goes on, in a record that such threads share. The library has room for 64 threads
 * that it needs not ask for, so as many live on, each with its record, until the end.
 */
#include <pthread.h>

#include "oom.h"

enum { THREADS = 64 };

static const rc_type thing_type = {.name = "thing of a thread", .size = 48};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t threads[THREADS];
static unsigned counted;
static bool leave;

static void *count_and_wait(void *unused)
{
    rc_release(rc_object_new(&thing_type, 0));
    pthread_mutex_lock(&lock);
    counted++;
    pthread_cond_broadcast(&changed);
    while (!leave) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return unused;
}

static void prepare_threads(struct stage *stage)
{
    (void)stage;
    counted = 0;
    leave = false;
    for (int i = 0; i < THREADS; i++)
        expect(pthread_create(&threads[i], NULL, count_and_wait, NULL) == 0, "no thread");
    pthread_mutex_lock(&lock);
    while (counted < THREADS) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void end_threads(struct stage *stage)
{
    pthread_mutex_lock(&lock);
    leave = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    rc_clear(&stage->made);
}

/* Hands its error on to the thread that asks. */
static void *make_thing(void *unused)
{
    (void)unused;
    return rc_object_new(&thing_type, 0);
}

static bool make_in_thread(struct stage *stage)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, make_thing, NULL) != 0) return false;
    pthread_join(thread, &stage->made);
    if (!stage->made) rc_error_set(RC_NO_MEMORY, "the other thread had none");
    return stage->made != NULL;
}

/* With several threads, a reference that nobody shares. */
static bool make_and_release(struct stage *stage)
{
    (void)stage;
    void *thing = rc_object_new(&thing_type, 0);
    if (!thing) return false;
    rc_release(thing);
    return true;
}

static const struct scenario list[] = {
    {.name = "an object of one more thread",
     .prepare = prepare_threads,
     .act = make_in_thread,
     .end = end_threads,
     .absorbs = true},
    {.name = "an object that nobody shares", .act = make_and_release},
};

const struct scenarios thread_scenarios = {list, sizeof list / sizeof list[0]};
