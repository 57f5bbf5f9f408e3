/* SPDX-License-Identifier: MIT */
#include "crew.h"

#include <pthread.h>
#include <rc/scope.h>
#include <rc/timeline.h>
#include <stdio.h>

#include "counter.h"
#include "queue.h"

#define WAITING_PER_THREAD 4 /* slices in the queue */

struct worker {
    pthread_t thread;
    struct crew *crew; /* borrowed: the crew joins the thread before it ends itself */
    struct table *table;
    enum rc_status status; /* written by the thread, read when it has been joined */
    char message[RC_ERROR_MESSAGE_SIZE];
};

struct crew {
    struct progress *progress;
    struct table *table; /* of the calling thread, if it counts; of all at the end */
    struct queue *queue; /* NULL unless threads were asked for */
    size_t started;
    bool joined;
    struct worker workers[]; /* the first `started` of them */
};

/* End the threads that are still there: they count what is in the queue first. */
static void join(struct crew *self)
{
    if (self->joined) return;
    if (self->queue) queue_close(self->queue);
    for (size_t i = 0; i < self->started; i++) pthread_join(self->workers[i].thread, NULL);
    self->joined = true;
}

static void finalize(void *object)
{
    struct crew *self = object;
    if (self->queue) queue_abandon(self->queue);
    join(self);
    for (size_t i = 0; i < self->started; i++) rc_release(self->workers[i].table);
    rc_release(self->table);
    rc_release(self->queue);
}

static const rc_type crew_type = {
    .name = "word_count.crew",
    .size = sizeof(struct crew),
    .finalize = finalize,
};

static enum rc_status count(struct crew *self, struct table *table, rc_buffer *slice)
{
    if (count_words(table, slice)) return rc_error_status();
    progress_add(self->progress, slice->size);
    return RC_OK;
}

/* A thread's life. Where it fails it leaves why, and nobody hands or takes slices any more. */
static void *work(void *argument)
{
    struct worker *self = argument;
    for (;;) {
        RC_AUTO(rc_buffer, slice) = queue_pop(self->crew->queue);
        if (!slice) return NULL;
        self->status = count(self->crew, self->table, slice);
        if (self->status) {
            snprintf(self->message, sizeof self->message, "%s", rc_error_message());
            queue_abandon(self->crew->queue);
            return NULL;
        }
    }
}

static bool start_worker(struct crew *self)
{
    struct worker *worker = &self->workers[self->started];
    worker->crew = self;
    worker->table = table_new();
    if (!worker->table) return false;
    if (pthread_create(&worker->thread, NULL, work, worker)) {
        rc_clear(&worker->table);
        return false;
    }
    self->started++;
    return true;
}

struct crew *crew_new(size_t threads, struct progress *progress)
{
    size_t workers = threads > 1 ? threads : 0;
    RC_AUTO(struct crew, self) = rc_object_new(&crew_type, workers * sizeof(struct worker));
    if (!self) return NULL;
    self->progress = progress;
    self->table = table_new();
    if (!self->table) return NULL;
    if (workers) {
        self->queue = queue_new(workers * WAITING_PER_THREAD);
        if (!self->queue) return NULL;
    }
    while (self->started < workers && start_worker(self)) continue;
    return rc_steal(&self);
}

size_t crew_size(const struct crew *self)
{
    return self->started ? self->started : 1;
}

/* What the first thread that failed left becomes this thread's last error. */
static enum rc_status join_and_tell(struct crew *self)
{
    join(self);
    for (size_t i = 0; i < self->started; i++)
        if (self->workers[i].status)
            return rc_error_set(self->workers[i].status, "%s", self->workers[i].message);
    return RC_OK;
}

enum rc_status crew_hand(struct crew *self, rc_buffer *slice)
{
    if (self->started == 0) return count(self, self->table, slice);
    return queue_push(self->queue, slice) ? RC_OK : join_and_tell(self);
}

/* Small tables are merged into larger ones. */
static enum rc_status merge(struct crew *self, struct worker *worker)
{
    if (worker->table->used > self->table->used) {
        struct table *larger = worker->table;
        worker->table = self->table;
        self->table = larger;
    }
    return table_merge(self->table, worker->table);
}

struct table *crew_finish(struct crew *self)
{
    if (join_and_tell(self)) return NULL;
    rc_timeline_mark("counted");
    for (size_t i = 0; i < self->started; i++) {
        if (merge(self, &self->workers[i])) return NULL;
        rc_clear(&self->workers[i].table);
    }
    rc_timeline_mark("merged");
    return rc_retain(self->table);
}
