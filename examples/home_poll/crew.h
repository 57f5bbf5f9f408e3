/* SPDX-License-Identifier: MIT */
/**
 * @file examples/home_poll/crew.h
 * Threads that answer requests, and release the connection that each came through.
 */
#ifndef EXAMPLES_HOME_POLL_CREW_H
#define EXAMPLES_HOME_POLL_CREW_H

#include "loop.h"

struct crew;

/* Returns: owned; its last release waits until all is answered. NULL with an error. */
struct crew *crew_new(size_t threads);

/* Answer @p line when there is time for it. Borrows: both. */
enum rc_status crew_ask(struct crew *crew, struct connection *connection, const char *line);

#endif
