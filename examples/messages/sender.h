/* SPDX-License-Identifier: MIT */
/*
 * A thread that sends each line of a file as a message.
 *
 * Threads: start and join are for one thread.
 */
#ifndef MESSAGES_SENDER_H
#define MESSAGES_SENDER_H

#include <buffer/buffer.h>

struct sender;

/* Borrows: file, whose lines it sends; socket, until it is joined: by then nothing more is written
 * to it. seed: for the sizes of the pieces. Returns: one new reference; NULL: the error is set. */
struct sender *sender_start(rc_buffer *file, int socket, size_t seed);

/* Wait for its end. Returns: how it went; the error is set unless RC_OK. */
enum rc_status sender_join(struct sender *self);

#endif
