/* SPDX-License-Identifier: MIT */
#include "crew.h"

#include <pthread.h>
#include <rc/scope.h>
#include <string.h>

#define WAITING 8 /* frames, at most */

struct crew {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct frame *waiting[WAITING];
    size_t first, count;
    bool closed, joined;
    size_t started;
    pthread_t threads[];
};

RC_DEFINE_SCOPED(locked, pthread_mutex_t *, NULL, pthread_mutex_unlock(_v));

static pthread_mutex_t *lock(struct crew *self)
{
    pthread_mutex_lock(&self->mutex);
    return &self->mutex;
}

/* Returns: a reference; NULL once there are no more frames, and none will come. */
static struct frame *take_frame(struct crew *self)
{
    RC_SCOPED(locked, held) = lock(self);
    while (self->count == 0 && !self->closed) pthread_cond_wait(&self->changed, &self->mutex);
    if (self->count == 0) return NULL;
    struct frame *frame = self->waiting[self->first];
    self->first = (self->first + 1) % WAITING;
    self->count--;
    pthread_cond_broadcast(&self->changed);
    return frame;
}

/* A thread's life. When it ends, the buffers that it keeps at hand go back to the pool by
 * themselves. */
static void *work(void *argument)
{
    struct crew *self = argument;
    for (;;) {
        RC_AUTO(struct frame, frame) = take_frame(self);
        if (!frame) return NULL;
        frame_sum(frame);
    }
}

static void finalize(void *object)
{
    struct crew *self = object;
    crew_finish(self);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->mutex);
}

static const rc_type crew_type = {
    .name = "pool.crew",
    .size = sizeof(struct crew),
    .finalize = finalize,
};

struct crew *crew_new(size_t threads)
{
    RC_AUTO(struct crew, self) = rc_object_new(&crew_type, threads * sizeof(pthread_t));
    if (!self) return NULL;
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->changed, NULL);
    int error = 0;
    while (self->started < threads && !error) {
        error = pthread_create(&self->threads[self->started], NULL, work, self);
        if (!error) self->started++;
    }
    if (self->started > 0) return rc_steal(&self);
    rc_error_set(RC_SYSTEM, "no thread can be started: %s", strerror(error));
    return NULL;
}

void crew_hand(struct crew *self, struct frame *frame)
{
    RC_SCOPED(locked, held) = lock(self);
    while (self->count == WAITING) pthread_cond_wait(&self->changed, &self->mutex);
    self->waiting[(self->first + self->count++) % WAITING] = rc_retain(frame);
    pthread_cond_broadcast(&self->changed);
}

static void close_crew(struct crew *self)
{
    RC_SCOPED(locked, held) = lock(self);
    self->closed = true;
    pthread_cond_broadcast(&self->changed);
}

void crew_finish(struct crew *self)
{
    if (self->joined) return;
    close_crew(self);
    for (size_t i = 0; i < self->started; i++) pthread_join(self->threads[i], NULL);
    self->joined = true;
}
