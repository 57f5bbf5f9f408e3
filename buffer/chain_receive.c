/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Chains that read from descriptors, into their rooms and new buffers. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <errno.h>
#include <sys/socket.h>

#include "../rc/scope.h"
#include "chain_io.h"
#include "chain_layout.h"
#include "map_layout.h"

/* Vectors for which the stack has room in any program. */
enum { FEW = 64 };

/* Where the bytes come from, and how. */
struct source {
    const char *call;
    int descriptor;
    bool is_socket; /* by recvmsg(), with these flags */
    int flags;
    bool is_cut; /* the message that came was longer */
};

/* ---- where they go --------------------------------------------------------------------------- */

/* A buffer to read into, all of it, becomes the last piece of @p rooms. */
static enum rc_status add_buffer(rc_chain *rooms, rc_pool *pool, size_t size, const char *call)
{
    RC_AUTO(rc_buffer, buffer) = pool ? rc_pool_take(pool) : rc_buffer_new(size);
    if (!buffer) return rc_error_status();
    if (buffer->size == 0)
        return rc_error_set(RC_INVALID, "%s: the pool's buffers have no bytes", call);
    return rc_chain_append(rooms, buffer);
}

/* So many bytes to read into, in @p rooms, or as many as the vectors reach: those of the chain's
 * room, then whole buffers, the last of which may have more. */
static enum rc_status add_rooms(const struct rc__chain *chain, rc_chain *rooms, rc_pool *pool,
                                size_t size, const char *call)
{
    const struct rc__room *room = &chain->rooms[RC__CHAIN_BACK];
    size_t left = rc__room_left(room, RC__CHAIN_BACK);
    if (left > 0) {
        const struct rc__piece piece = {
            .root = room->root, .data = room->edge, .size = left < size ? left : size};
        if (!rc__exports_add(room->root)) return rc__chain_refuse_export(room->root, call);
        rc__chain_store(rc__chain_of(rooms), RC__CHAIN_BACK, &piece);
    }
    while (rooms->size < size && rooms->count < RC_CHAIN_VECTORS_MAX) {
        enum rc_status status = add_buffer(rooms, pool, size, call);
        if (status != RC_OK) return status;
    }
    return rooms->size > size ? rc_chain_drop_back(rooms, rooms->size - size) : RC_OK;
}

static rc_chain *make_rooms(const struct rc__chain *chain, rc_pool *pool, size_t size,
                            const char *call)
{
    RC_AUTO(rc_chain, rooms) = rc_chain_new();
    return rooms && add_rooms(chain, rooms, pool, size, call) == RC_OK ? rc_steal(&rooms) : NULL;
}

/* The first @p size bytes of the rooms; what follows the last of them is the chain's room. */
static void take_in(struct rc__chain *chain, struct rc__chain *rooms, size_t size)
{
    while (size > 0) {
        struct rc__piece piece = rc__chain_take(rooms, RC__CHAIN_FRONT);
        if (piece.size > size) piece.size = size;
        size -= piece.size;
        rc__chain_put(chain, RC__CHAIN_BACK, &piece);
        rc__chain_set_room(chain, RC__CHAIN_BACK, piece.root, piece.data + piece.size);
    }
}

/* ---- one call of the system ------------------------------------------------------------------ */

static ssize_t read_once(struct source *source, struct iovec *vectors, size_t count)
{
    if (!source->is_socket) return readv(source->descriptor, vectors, (int)count);
    struct msghdr message = {.msg_iov = vectors, .msg_iovlen = count};
    ssize_t size = recvmsg(source->descriptor, &message, source->flags);
    source->is_cut = size >= 0 && (message.msg_flags & MSG_TRUNC);
    return size;
}

static ssize_t read_vectors(struct source *source, struct iovec *vectors, size_t count)
{
    ssize_t size;
    do {
        size = read_once(source, vectors, count);
    } while (size < 0 && errno == EINTR);
    return size;
}

/* ---- what is refused ------------------------------------------------------------------------- */

static bool is_stream(int descriptor)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

static enum rc_status check_reading(const rc_chain *chain, const struct source *source, size_t size,
                                    const size_t *received)
{
    if (rc__chain_check(chain, source->call) != RC_OK) return RC_INVALID;
    if (!received)
        return rc_error_set(RC_INVALID, "%s: there is no place for how many of %zu byte%s came",
                            source->call, size, rc__plural(size));
    if (size == 0)
        return rc_error_set(RC_INVALID, "%s: at most 0 bytes cannot be told from the end",
                            source->call);
    if (!(source->flags & MSG_TRUNC) || !is_stream(source->descriptor)) return RC_OK;
    return rc_error_set(RC_UNSUPPORTED,
                        "%s: with MSG_TRUNC the stream of socket %d would say that up to %zu "
                        "byte%s came, and throw them away",
                        source->call, source->descriptor, size, rc__plural(size));
}

/* None of the bytes came, or not all of a message that has no more. */
static enum rc_status refuse_reading(const struct source *source, size_t size, ssize_t came)
{
    if (came < 0)
        return rc__map_error("%s: cannot read up to %zu byte%s from descriptor %d", source->call,
                             size, rc__plural(size), source->descriptor);
    return rc_error_set(RC_RANGE, "%s: the message at socket %d is longer than %zu byte%s, and %s",
                        source->call, source->descriptor, size, rc__plural(size),
                        source->flags & MSG_PEEK ? "still there" : "gone");
}

/* ---- read ------------------------------------------------------------------------------------ */

/* Whatever fails, fails before the first byte is read; but for a message that is too long. A thread
 * that is cancelled while it waits for one gives back what is scoped; the vectors are in the same
 * frame, since AddressSanitizer takes the remains of one that was left for what lies there next. */
static enum rc_status receive(rc_chain *head, struct source source, rc_pool *pool, size_t size,
                              size_t *received)
{
    enum rc_status status = check_reading(head, &source, size, received);
    if (status != RC_OK) return status;
    struct rc__chain *chain = rc__chain_of(head);
    struct iovec few[FEW], *vectors = few;
    RC_AUTO(rc_chain, rooms) = make_rooms(chain, pool, size, source.call);
    if (!rooms) return rc_error_status();
    size_t count = rooms->count, room = rooms->size;
    RC_AUTO(rc_buffer, many) = count > FEW ? rc_buffer_new(count * sizeof *vectors) : NULL;
    if (many) vectors = rc_buffer_edit(many);
    if (count > FEW && !many) return RC_NO_MEMORY;
    status = rc__chain_prepare(chain, room, count);
    if (status != RC_OK) return status;
    count = rc_chain_vectors(rooms, 0, vectors, count, NULL);
    ssize_t came = read_vectors(&source, vectors, count);
    bool is_lost = source.is_cut && !(source.flags & MSG_TRUNC);
    if (came < 0 || is_lost) return refuse_reading(&source, is_lost ? room : size, came);
    take_in(chain, rc__chain_of(rooms), (size_t)came < room ? (size_t)came : room);
    *received = (size_t)came;
    return RC_OK;
}

enum rc_status rc_chain_receive(rc_chain *chain, int descriptor, rc_pool *pool, size_t size,
                                size_t *received)
{
    const struct source source = {.call = "rc_chain_receive", .descriptor = descriptor};
    return receive(chain, source, pool, size, received);
}

enum rc_status rc_chain_receive_flags(rc_chain *chain, int socket, int flags, rc_pool *pool,
                                      size_t size, size_t *received)
{
    const struct source source = {
        .call = "rc_chain_receive_flags", .descriptor = socket, .is_socket = true, .flags = flags};
    return receive(chain, source, pool, size, received);
}
