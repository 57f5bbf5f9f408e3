/* SPDX-License-Identifier: MIT */
/* A ring under a mutex. The mutex is a scoped variable: each way out of a function unlocks it. */
#include "queue.h"

#include <pthread.h>
#include <rc/scope.h>

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t not_full, not_empty;
    size_t capacity, first, count;
    bool closed;
    rc_buffer *slots[];
};

RC_DEFINE_SCOPED(locked, pthread_mutex_t *, NULL, pthread_mutex_unlock(_v));

static pthread_mutex_t *lock(struct queue *self)
{
    pthread_mutex_lock(&self->mutex);
    return &self->mutex;
}

/* The oldest slice, out of the ring. The mutex is held, and the ring is not empty. */
static rc_buffer *take_first(struct queue *self)
{
    rc_buffer *slice = self->slots[self->first];
    self->first = (self->first + 1) % self->capacity;
    self->count--;
    return slice;
}

/* The mutex is held. */
static void close_and_wake(struct queue *self)
{
    self->closed = true;
    pthread_cond_broadcast(&self->not_full);
    pthread_cond_broadcast(&self->not_empty);
}

static void finalize(void *object)
{
    struct queue *self = object;
    while (self->count) rc_release(take_first(self));
    pthread_cond_destroy(&self->not_empty);
    pthread_cond_destroy(&self->not_full);
    pthread_mutex_destroy(&self->mutex);
}

static const rc_type queue_type = {
    .name = "word_count.queue",
    .size = sizeof(struct queue),
    .finalize = finalize,
};

struct queue *queue_new(size_t capacity)
{
    struct queue *self = rc_object_new(&queue_type, capacity * sizeof(rc_buffer *));
    if (!self) return NULL;
    self->mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    self->not_full = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    self->not_empty = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    self->capacity = capacity;
    return self;
}

bool queue_push(struct queue *self, rc_buffer *slice)
{
    RC_SCOPED(locked, held) = lock(self);
    while (self->count == self->capacity && !self->closed)
        pthread_cond_wait(&self->not_full, &self->mutex);
    if (self->closed) return false;
    self->slots[(self->first + self->count++) % self->capacity] = rc_retain(slice);
    pthread_cond_signal(&self->not_empty);
    return true;
}

rc_buffer *queue_pop(struct queue *self)
{
    RC_SCOPED(locked, held) = lock(self);
    while (self->count == 0 && !self->closed) pthread_cond_wait(&self->not_empty, &self->mutex);
    if (self->count == 0) return NULL;
    pthread_cond_signal(&self->not_full);
    return take_first(self);
}

void queue_close(struct queue *self)
{
    RC_SCOPED(locked, held) = lock(self);
    close_and_wake(self);
}

void queue_abandon(struct queue *self)
{
    RC_SCOPED(locked, held) = lock(self);
    while (self->count) rc_release(take_first(self));
    close_and_wake(self);
}
