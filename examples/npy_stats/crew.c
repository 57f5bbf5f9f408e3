/* SPDX-License-Identifier: MIT */
#include "crew.h"

#include <pthread.h>
#include <rc/memory.h>
#include <rc/scope.h>
#include <stdbool.h>
#include <stdio.h>

struct crew {
    crew_work *work;
    void *context;
    size_t tasks;
    size_t next;           /* atomic: the first task that nobody has */
    bool is_over;          /* atomic: somebody has failed */
    enum rc_status status; /* written by that one alone, read when all threads are joined */
    char message[RC_ERROR_MESSAGE_SIZE];
};

/* The threads that were started, to be joined on every way out. */
struct threads {
    pthread_t *started;
    size_t count;
};

static void join(struct threads *threads)
{
    for (size_t i = 0; i < threads->count; i++) pthread_join(threads->started[i], NULL);
}

RC_DEFINE_DEFER(join, struct threads *);
RC_DEFINE_SCOPED(thread_array, pthread_t *, NULL, rc_memory_free(_v));

static void fail(struct crew *self, enum rc_status status)
{
    if (__atomic_exchange_n(&self->is_over, true, __ATOMIC_RELAXED)) return;
    self->status = status;
    snprintf(self->message, sizeof self->message, "%s", rc_error_message());
}

static void *work(void *argument)
{
    struct crew *self = argument;
    while (!__atomic_load_n(&self->is_over, __ATOMIC_RELAXED)) {
        size_t task = __atomic_fetch_add(&self->next, 1, __ATOMIC_RELAXED);
        if (task >= self->tasks) break;
        enum rc_status status = self->work(self->context, task);
        if (status != RC_OK) fail(self, status);
    }
    return NULL;
}

static enum rc_status run(struct crew *self, size_t others)
{
    RC_SCOPED(thread_array, started) = NULL;
    if (others) {
        started = rc_memory_allocate_zeroed(others, sizeof *started);
        if (!started) return rc_error_status();
    }
    struct threads threads = {started, 0};
    RC_DEFER(join, &threads);
    while (threads.count < others && pthread_create(&started[threads.count], NULL, work, self) == 0)
        threads.count++;
    work(self);
    return RC_OK;
}

enum rc_status crew_run(size_t threads, size_t tasks, crew_work *task, void *context)
{
    struct crew crew = {.work = task, .context = context, .tasks = tasks};
    size_t most = threads < tasks ? threads : tasks;
    if (run(&crew, most > 1 ? most - 1 : 0) != RC_OK) return rc_error_status();
    return crew.status == RC_OK ? RC_OK : rc_error_set(crew.status, "%s", crew.message);
}
