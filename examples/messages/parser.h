/* SPDX-License-Identifier: MIT */
/*
 * Messages out of what arrives: four bytes with the length, the highest first, then as many bytes.
 *
 * Threads: one.
 */
#ifndef MESSAGES_PARSER_H
#define MESSAGES_PARSER_H

#include <buffer/chain.h>

#define MESSAGE_HEAD 4
#define MESSAGE_MOST ((size_t)1 << 20)

struct parser {
    rc_chain *chain; /* what has arrived, and is no message yet: the caller adds to it */
    size_t sliced;   /* messages that were cut off without a copy */
    size_t copied;   /* those that crossed from one buffer into another */
};

/* Returns: one new reference; NULL: RC_NO_MEMORY. */
struct parser *parser_new(void);

/* The next message, if all of it is there, through @p message: one new reference; NULL: not yet, or
 * an error. Returns: RC_INVALID where what arrives cannot be messages. */
enum rc_status parser_next(struct parser *self, rc_buffer **message);

/* Nothing arrives any more. Returns: RC_INVALID if half a message is left. */
enum rc_status parser_end(const struct parser *self);

#endif
