/* SPDX-License-Identifier: MIT */
#include "crew.h"

#include <ctype.h>
#include <pthread.h>
#include <rc/memory.h>
#include <rc/scope.h>
#include <string.h>
#include <sys/socket.h>

struct request {
    struct request *next;
    struct connection *connection; /* owned */
    char line[LINE_MOST];
};

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct request *first, **last;
    bool over;
    size_t started;
    pthread_t threads[];
};

RC_DEFINE_DEFER(pthread_mutex_unlock, pthread_mutex_t *);

/* NULL: it is over, and all is answered. */
static struct request *take(struct crew *self)
{
    pthread_mutex_lock(&self->lock);
    RC_DEFER(pthread_mutex_unlock, &self->lock);
    while (!self->first && !self->over) pthread_cond_wait(&self->changed, &self->lock);
    struct request *taken = self->first;
    if (!taken) return NULL;
    self->first = taken->next;
    if (!self->first) self->last = &self->first;
    return taken;
}

/* The line in capitals. Who has hung up does not want it. */
static void answer(struct request *request)
{
    size_t length = strlen(request->line);
    for (size_t i = 0; i < length; i++)
        request->line[i] = (char)toupper((unsigned char)request->line[i]);
    request->line[length] = '\n';
    (void)!send(request->connection->socket, request->line, length + 1, MSG_NOSIGNAL);
}

/* A thread's life. Whose reference to a connection is the last is nobody's concern. */
static void *work(void *argument)
{
    struct request *request;
    while ((request = take(argument))) {
        answer(request);
        rc_release(request->connection);
        rc_memory_free(request);
    }
    return NULL;
}

static void crew_finalize(void *object)
{
    struct crew *self = object;
    pthread_mutex_lock(&self->lock);
    self->over = true;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
    while (self->started > 0) pthread_join(self->threads[--self->started], NULL);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
}

static const rc_type crew_type = {
    .name = "home_poll.crew", .size = sizeof(struct crew), .finalize = crew_finalize};

struct crew *crew_new(size_t threads)
{
    RC_AUTO(struct crew, self) = rc_object_new(&crew_type, threads * sizeof(pthread_t));
    if (!self) return NULL;
    self->last = &self->first;
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->changed, NULL);
    for (; self->started < threads; self->started++) {
        int error = pthread_create(&self->threads[self->started], NULL, work, self);
        if (!error) continue;
        rc_error_set(RC_SYSTEM, "no thread can be started: %s", strerror(error));
        return NULL; /* those that were started end */
    }
    return rc_steal(&self);
}

enum rc_status crew_ask(struct crew *self, struct connection *connection, const char *line)
{
    struct request *request = rc_memory_allocate(sizeof *request);
    if (!request) return RC_NO_MEMORY;
    *request = (struct request){.connection = rc_retain(connection)};
    strcpy(request->line, line);
    pthread_mutex_lock(&self->lock);
    RC_DEFER(pthread_mutex_unlock, &self->lock);
    *self->last = request;
    self->last = &request->next;
    pthread_cond_signal(&self->changed);
    return RC_OK;
}
