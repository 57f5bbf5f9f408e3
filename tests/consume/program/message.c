/* SPDX-License-Identifier: MIT */
#include "message.h"

#include <rc/scope.h>
#include <string.h>

static void message_finalize(void *self)
{
    struct message *message = self;
    rc_clear(&message->topic);
    rc_clear(&message->body);
}

static const rc_type message_type = {
    .name = "message", .size = sizeof(struct message), .finalize = message_finalize};

struct message *message_parse(rc_buffer *bytes)
{
    const unsigned char *colon = memchr(bytes->data, ':', bytes->size);
    if (!colon) {
        rc_error_set(RC_FORMAT, "no colon in a message of %zu bytes", bytes->size);
        return NULL;
    }
    size_t length = (size_t)(colon - bytes->data);
    RC_AUTO(struct message, message) = rc_new(struct message, &message_type);
    if (!message) return NULL;
    message->topic = rc_buffer_slice(bytes, 0, length);
    message->body = rc_buffer_slice(bytes, length + 1, bytes->size - length - 1);
    if (!message->topic || !message->body) return NULL;
    return rc_steal(&message);
}

enum rc_status message_replace_body(struct message *message, const void *bytes, size_t size)
{
    RC_AUTO(rc_buffer, fresh) = rc_buffer_copy(bytes, size);
    if (!fresh) return rc_error_status();
#ifdef SEED_LEAK
    message->body = rc_steal(&fresh); /* the mistake: who releases the old one? */
#else
    rc_assign(&message->body, fresh);
#endif
    return RC_OK;
}
