/* SPDX-License-Identifier: MIT */
#include "parser.h"

#include <rc/scope.h>

static void finalize(void *object)
{
    struct parser *self = object;
    rc_release(self->chain);
}

static const rc_type parser_type = {
    .name = "messages.parser",
    .size = sizeof(struct parser),
    .finalize = finalize,
};

struct parser *parser_new(void)
{
    RC_AUTO(struct parser, self) = rc_new(struct parser, &parser_type);
    if (self) self->chain = rc_chain_new();
    return self && self->chain ? rc_steal(&self) : NULL;
}

static enum rc_status cut_message(struct parser *self, size_t size, rc_buffer **message)
{
    size_t run;
    enum rc_status status = rc_chain_drop(self->chain, MESSAGE_HEAD);
    if (status != RC_OK) return status;
    if (!rc_chain_peek(self->chain, 0, &run)) return rc_error_status();
    *(run < size ? &self->copied : &self->sliced) += 1;
    *message = rc_chain_cut_slice(self->chain, size);
    return *message ? RC_OK : rc_error_status();
}

enum rc_status parser_next(struct parser *self, rc_buffer **message)
{
    unsigned char head[MESSAGE_HEAD];
    size_t size = 0, there = self->chain->size;
    *message = NULL;
    if (there < sizeof head) return RC_OK;
    enum rc_status status = rc_chain_copy_out(self->chain, 0, head, sizeof head);
    if (status != RC_OK) return status;
    for (size_t i = 0; i < sizeof head; i++) size = size << 8 | head[i];
    if (size > MESSAGE_MOST)
        return rc_error_set(RC_INVALID, "a message of %zu bytes is larger than %zu", size,
                            MESSAGE_MOST);
    return there - sizeof head < size ? RC_OK : cut_message(self, size, message);
}

enum rc_status parser_end(const struct parser *self)
{
    if (self->chain->size == 0) return RC_OK;
    return rc_error_set(RC_INVALID, "the last message ends after %zu bytes", self->chain->size);
}
