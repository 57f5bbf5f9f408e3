/* SPDX-License-Identifier: MIT */
/**
 * @file tests/rc/bias_support.h
 * What the suites of biased objects share: bias is on whatever sanitizer there is, a type whose
 * finalizer counts, and threads that are told what to do.
 */
#ifndef TESTS_RC_BIAS_SUPPORT_H
#define TESTS_RC_BIAS_SUPPORT_H

#include <pthread.h>

#include "rc/bias.h"
#include "rc/header.h"
#include "tests/harness.h"

HARNESS_EARLY
{
    setenv("RCBUF_FORCE", "bias", 1);
}

/* As an assertion, on any thread. */
static inline void need(bool condition)
{
    if (!condition) abort();
}

static inline bool runs_on_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return preloaded && strstr(preloaded, "vgpreload") != NULL;
}

struct item {
    void *held; /* released by the finalizer */
    int number;
};

static size_t finalized;
static pthread_t finalized_on; /* the last */

static inline void item_finalize(void *self)
{
    struct item *item = self;
    __atomic_fetch_add(&finalized, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&finalized_on, pthread_self(), __ATOMIC_RELAXED);
    rc_clear(&item->held);
}

static const rc_type item_type = {.name = "biased item",
                                  .size = sizeof(struct item),
                                  .finalize = item_finalize,
                                  .flags = RC_TYPE_BIASED};

static inline struct item *item_new(void)
{
    struct item *item = rc_new(struct item, &item_type);
    need(item != NULL);
    return item;
}

static inline size_t finalized_now(void)
{
    return __atomic_load_n(&finalized, __ATOMIC_RELAXED);
}

/* ---- what the header says -------------------------------------------------------------------- */

static inline bool is_biased(const void *object)
{
    return rc__owner_of(rc__header_of(object)) != 0;
}

static inline unsigned owner_of(const void *object)
{
    return rc__owner_of(rc__header_of(object));
}

/* The references of a biased object that its owner counts; 0 for an ordinary one. */
static inline int local_of(const void *object)
{
    const struct rc__header *header = rc__header_of(object);
    bool counts = is_biased(object) && !(rc__owner_of(header) & RC__OWNER_GIVES);
    return counts ? (int)(*rc__local_of(header) / RC__COUNT_ONE) + 1 : 0;
}

static inline int32_t word_of(const void *object)
{
    return __atomic_load_n(&rc__header_of(object)->shared, __ATOMIC_RELAXED);
}

/* n references of others, with flags. */
static inline int32_t word(int32_t n, int32_t flags)
{
    return n * RC__COUNT_ONE + flags;
}

/* ---- threads --------------------------------------------------------------------------------- */

/* Run @p body(argument) on a thread of its own, to its end. */
static inline void elsewhere(void *(*body)(void *argument), void *argument)
{
    pthread_t thread;
    need(pthread_create(&thread, NULL, body, argument) == 0);
    need(pthread_join(thread, NULL) == 0);
}

static inline void *do_nothing(void *unused)
{
    return unused;
}

/* From here on the process counts as one that has threads. */
static inline void start_a_second_thread(void)
{
    elsewhere(do_nothing, NULL);
}

static inline void *do_retain(void *object)
{
    return rc_retain(object);
}

static inline void *do_release(void *object)
{
    rc_release(object);
    return NULL;
}

/* A thread that waits for orders, so that it lives, and owns, as long as a test likes. */
struct worker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    void *(*order)(void *argument);
    void *argument, *result;
    bool busy, ends;
};

static inline void *worker_body(void *self)
{
    struct worker *worker = self;
    pthread_mutex_lock(&worker->lock);
    for (;;) {
        while (!worker->busy && !worker->ends) pthread_cond_wait(&worker->changed, &worker->lock);
        if (!worker->busy) break;
        pthread_mutex_unlock(&worker->lock);
        void *result = worker->order(worker->argument);
        pthread_mutex_lock(&worker->lock);
        worker->result = result;
        worker->busy = false;
        pthread_cond_broadcast(&worker->changed);
    }
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

static inline void worker_start(struct worker *worker)
{
    *worker =
        (struct worker){.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    ck_assert_int_eq(pthread_create(&worker->thread, NULL, worker_body, worker), 0);
}

/* Have it run @p order(argument), and wait for the result. */
static inline void *worker_run(struct worker *worker, void *(*order)(void *argument),
                               void *argument)
{
    pthread_mutex_lock(&worker->lock);
    worker->order = order;
    worker->argument = argument;
    worker->busy = true;
    pthread_cond_broadcast(&worker->changed);
    while (worker->busy) pthread_cond_wait(&worker->changed, &worker->lock);
    void *result = worker->result;
    pthread_mutex_unlock(&worker->lock);
    return result;
}

static inline void worker_end(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    worker->ends = true;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    ck_assert_int_eq(pthread_join(worker->thread, NULL), 0);
}

/* Orders. */
static inline void *do_make(void *unused)
{
    (void)unused;
    return rc_new(struct item, &item_type);
}

static inline void *do_drain(void *unused)
{
    rc_bias_drain();
    return unused;
}

#endif
