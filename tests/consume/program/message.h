/* SPDX-License-Identifier: MIT */
/* A received message, "topic: body": both parts are slices of the bytes that came in. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <buffer/buffer.h>
#include <rc/object.h>

struct message {
    rc_buffer *topic, *body;
};

/* Borrows bytes. Returns one new reference; NULL and RC_FORMAT where no colon stands. */
struct message *message_parse(rc_buffer *bytes);

/* Give the message another body, copied from @p bytes; on failure it keeps the old one. */
enum rc_status message_replace_body(struct message *message, const void *bytes, size_t size);

#endif
