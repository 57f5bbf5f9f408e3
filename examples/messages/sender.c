/* SPDX-License-Identifier: MIT */
#include "sender.h"

#include <pthread.h>
#include <rc/scope.h>
#include <string.h>
#include <sys/socket.h>

#include "parser.h"

/* Bytes that wait to be sent, from some on. */
#define WAITING_MOST ((size_t)1 << 16)

struct sender {
    rc_buffer *file;
    int socket;
    uint64_t random;
    pthread_t thread;
    bool started;
    enum rc_status status; /* written by the thread, read when it has been joined */
    char message[RC_ERROR_MESSAGE_SIZE];
};

/* ---- the thread ------------------------------------------------------------------------------ */

static size_t pick(struct sender *self, size_t most)
{
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    return 1 + (size_t)(self->random >> 11) % most;
}

/* The length is copied into a room of the chain's, and the line is a slice of the file. */
static enum rc_status add_message(rc_chain *chain, rc_buffer *file, size_t offset, size_t size)
{
    unsigned char head[MESSAGE_HEAD];
    if (size > UINT32_MAX)
        return rc_error_set(RC_OVERFLOW, "a line of %zu bytes has no length in %zu", size,
                            sizeof head);
    for (size_t i = 0; i < sizeof head; i++)
        head[i] = (unsigned char)(size >> 8 * (sizeof head - 1 - i));
    RC_AUTO(rc_buffer, line) = rc_buffer_slice(file, offset, size);
    enum rc_status status = line ? rc_chain_append_bytes(chain, head, sizeof head) : RC_NO_MEMORY;
    return status == RC_OK ? rc_chain_append(chain, line) : status;
}

/* In pieces of a few bytes, or of some hundreds, until at most @p left wait. */
static enum rc_status send_pieces(struct sender *self, rc_chain *chain, size_t left)
{
    while (chain->size > left) {
        size_t size = pick(self, pick(self, 8) == 1 ? 7 : 5000);
        RC_AUTO(rc_chain, piece) = rc_chain_cut(chain, size < chain->size ? size : chain->size);
        enum rc_status status = piece ? rc_chain_send(piece, self->socket, 0) : RC_NO_MEMORY;
        if (status != RC_OK) return status;
    }
    return RC_OK;
}

static enum rc_status send_lines(struct sender *self)
{
    RC_AUTO(rc_chain, chain) = rc_chain_new();
    const rc_buffer *file = self->file;
    for (size_t at = 0, size; chain && at < file->size; at += size + 1) {
        const unsigned char *end = memchr(file->data + at, '\n', file->size - at);
        size = end ? (size_t)(end - file->data) - at : file->size - at;
        enum rc_status status = add_message(chain, self->file, at, size);
        if (status == RC_OK && chain->size > WAITING_MOST)
            status = send_pieces(self, chain, WAITING_MOST / 2);
        if (status != RC_OK) return status;
    }
    return chain ? send_pieces(self, chain, 0) : RC_NO_MEMORY;
}

static void *run(void *argument)
{
    struct sender *self = argument;
    self->status = send_lines(self);
    memcpy(self->message, rc_error_message(), strlen(rc_error_message()) + 1);
    shutdown(self->socket, SHUT_WR);
    return NULL;
}

/* ---- from outside ---------------------------------------------------------------------------- */

enum rc_status sender_join(struct sender *self)
{
    if (self->started) pthread_join(self->thread, NULL);
    self->started = false;
    return self->status == RC_OK ? RC_OK : rc_error_set(self->status, "%s", self->message);
}

static void finalize(void *object)
{
    struct sender *self = object;
    if (self->started) pthread_join(self->thread, NULL);
    rc_release(self->file);
}

static const rc_type sender_type = {
    .name = "messages.sender",
    .size = sizeof(struct sender),
    .finalize = finalize,
};

struct sender *sender_start(rc_buffer *file, int socket, size_t seed)
{
    RC_AUTO(struct sender, self) = rc_new(struct sender, &sender_type);
    if (!self) return NULL;
    self->file = rc_retain(file);
    self->socket = socket;
    self->random = seed;
    int number = pthread_create(&self->thread, NULL, run, self);
    self->started = number == 0;
    if (self->started) return rc_steal(&self);
    rc_error_set(RC_SYSTEM, "a thread cannot be started: %s", strerror(number));
    return NULL;
}
