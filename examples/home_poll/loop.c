/* SPDX-License-Identifier: MIT */
/*
 * The loop sleeps in poll() on its connections and on an eventfd. A worker that releases the last
 * reference to a connection cannot end it: the table belongs to this thread, which may be in poll()
 * with it. So the connection waits in the home, whose hook writes to the eventfd; poll() returns,
 * and rc_home_run() ends what waits.
 */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <rc/scope.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct loop {
    rc_home *home;
    int waker; /* an eventfd; -1: none */
    loop_request *request;
    void *context;
    size_t most, count; /* connections in the table */
    struct connection **connections;
    struct pollfd polled[]; /* of the same places; behind the last one the waker's */
};

/* ---- connections ----------------------------------------------------------------------------- */

/* On the loop's thread. The last one takes the place. */
static void connection_finalize(void *object)
{
    struct connection *self = object;
    struct loop *loop = self->loop;
    size_t last = --loop->count;
    loop->connections[self->place] = loop->connections[last];
    loop->connections[self->place]->place = self->place;
    loop->polled[self->place] = loop->polled[last];
    close(self->socket);
}

static const rc_type connection_type = {
    .name = "home_poll.connection",
    .size = sizeof(struct connection),
    .finalize = connection_finalize,
};

enum rc_status loop_connect(struct loop *loop, int socket)
{
    struct connection *connection = NULL;
    if (loop->count < loop->most)
        connection = RC_HOME_NEW(loop->home, struct connection, &connection_type);
    else
        rc_error_set(RC_RANGE, "the loop has its %zu connections already", loop->most);
    if (!connection) {
        close(socket);
        return rc_error_status();
    }
    connection->socket = socket;
    connection->loop = loop;
    connection->place = loop->count;
    loop->connections[loop->count] = connection;
    loop->polled[loop->count++] = (struct pollfd){.fd = socket, .events = POLLIN};
    return RC_OK;
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* The home's hook, on any thread. */
static void wake(void *context)
{
    const struct loop *self = context;
    (void)!eventfd_write(self->waker, 1);
}

/* A crew may still hold connections of a loop that gave up: those are closed by nobody. */
static void loop_finalize(void *object)
{
    struct loop *self = object;
    for (size_t i = self->count; i-- > 0;)
        if (self->polled[i].fd >= 0) rc_release(self->connections[i]);
    if (self->home) (void)rc_home_close(self->home, RC_HOME_NOWHERE);
    if (self->waker >= 0) close(self->waker);
    rc_release(self->home);
}

static const rc_type loop_type = {
    .name = "home_poll.loop", .size = sizeof(struct loop), .finalize = loop_finalize};

struct loop *loop_new(size_t most, loop_request *request, void *context)
{
    size_t pairs = (most + 1) * (sizeof(struct pollfd) + sizeof(struct connection *));
    RC_AUTO(struct loop, self) = rc_object_new(&loop_type, pairs);
    if (!self) return NULL;
    self->most = most;
    self->request = request;
    self->context = context;
    self->connections = (void *)&self->polled[most + 1];
    self->waker = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->waker < 0) {
        rc_error_set(RC_SYSTEM, "there is no eventfd: %s", strerror(errno));
        return NULL;
    }
    self->home = rc_home_new();
    if (!self->home || rc_home_set_wake(self->home, wake, self) != RC_OK) return NULL;
    return rc_steal(&self);
}

/* False: a line is longer than any may be. */
static bool add_byte(struct connection *connection, char byte)
{
    if (byte == '\n') {
        connection->line[connection->length] = '\0';
        connection->loop->request(connection, connection->line, connection->loop->context);
        connection->length = 0;
        return true;
    }
    if (connection->length == LINE_MOST - 1) return false;
    connection->line[connection->length++] = byte;
    return true;
}

/* False: there is nothing more to come. */
static bool receive(struct connection *connection)
{
    char bytes[4096];
    ssize_t got = read(connection->socket, bytes, sizeof bytes);
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    for (ssize_t i = 0; i < got; i++)
        if (!add_byte(connection, bytes[i])) return false;
    return got > 0;
}

/* Where a worker still has a reference the connection stays in the table, out of poll()'s sight. */
static void hang_up(struct loop *self, size_t place)
{
    self->polled[place].fd = -1;
    rc_release(self->connections[place]);
}

/* From the last one on, since what ends here gives its place to the last one. */
static void serve(struct loop *self)
{
    for (size_t i = self->count; i-- > 0;)
        if (self->polled[i].fd >= 0 && self->polled[i].revents && !receive(self->connections[i]))
            hang_up(self, i);
}

enum rc_status loop_run(struct loop *self, size_t *elsewhere)
{
    *elsewhere = 0;
    while (self->count > 0) {
        eventfd_t calls;
        self->polled[self->count] = (struct pollfd){.fd = self->waker, .events = POLLIN};
        if (poll(self->polled, self->count + 1, -1) < 0 && errno != EINTR)
            return rc_error_set(RC_SYSTEM, "poll: %s", strerror(errno));
        (void)!eventfd_read(self->waker, &calls); /* before the home runs: what comes later wakes */
        serve(self);
        *elsewhere += rc_home_run(self->home);
    }
    return RC_OK;
}
