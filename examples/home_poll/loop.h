/* SPDX-License-Identifier: MIT */
/**
 * @file examples/home_poll/loop.h
 * An event loop over poll(), and its connections. They may be held by any thread; their finalizer
 * takes them out of the loop's table, which no lock protects, and so they have the loop's home.
 */
#ifndef EXAMPLES_HOME_POLL_LOOP_H
#define EXAMPLES_HOME_POLL_LOOP_H

#include <rc/home.h>

struct connection;

/* A line that came through a connection, without its newline. Borrows: both. */
typedef void loop_request(struct connection *connection, const char *line, void *context);

enum { LINE_MOST = 80 };

struct connection {
    int socket;        /* to be written to by whoever holds the connection */
    struct loop *loop; /* not owned: it is there as long as its table is not empty */
    size_t place;      /* in that table */
    size_t length;     /* of the line that is not complete */
    char line[LINE_MOST];
};

struct loop;

/* A loop of the calling thread, for @p most connections. Returns: owned, NULL with an error. */
struct loop *loop_new(size_t most, loop_request *request, void *context);

/* Takes: socket, also on failure. The loop holds the connection until the other side hangs up. */
enum rc_status loop_connect(struct loop *loop, int socket);

/* Until every connection has ended, whoever held it last. Returns: how many ended elsewhere. */
enum rc_status loop_run(struct loop *loop, size_t *elsewhere);

#endif
