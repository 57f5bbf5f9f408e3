/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Chains that are written to descriptors and read from them, many pieces at a time. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <errno.h>
#include <sys/socket.h>

#include "../rc/scope.h"
#include "chain_layout.h"
#include "map_layout.h"

#if !defined(MSG_NOSIGNAL)
#define MSG_NOSIGNAL 0
#endif

/* Vectors for which the stack has room in any program. */
enum { FEW = 64 };

/* ---- write ----------------------------------------------------------------------------------- */

/* Where the bytes go, and how. */
struct target {
    const char *call;
    int descriptor;
    bool is_sent; /* by sendmsg(), with these flags */
    int flags;
};

static ssize_t write_vectors(const struct target *target, struct iovec *vectors, size_t count)
{
    if (!target->is_sent) return writev(target->descriptor, vectors, (int)count);
    const struct msghdr message = {.msg_iov = vectors, .msg_iovlen = count};
    return sendmsg(target->descriptor, &message, target->flags | MSG_NOSIGNAL);
}

static ssize_t write_front(const rc_chain *chain, const struct target *target,
                           struct iovec *vectors, size_t most)
{
    size_t count = rc_chain_vectors(chain, 0, vectors, most, NULL);
    ssize_t written;
    do {
        written = write_vectors(target, vectors, count);
    } while (written < 0 && errno == EINTR);
    return written;
}

static __attribute__((noinline)) ssize_t write_few(const rc_chain *chain,
                                                   const struct target *target)
{
    struct iovec vectors[FEW];
    return write_front(chain, target, vectors, FEW);
}

/* 16 KiB of stack. */
static __attribute__((noinline)) ssize_t write_many(const rc_chain *chain,
                                                    const struct target *target)
{
    struct iovec vectors[RC_CHAIN_VECTORS_MAX];
    return write_front(chain, target, vectors, RC_CHAIN_VECTORS_MAX);
}

/* Each call makes a message, which must not become two. */
static bool keeps_messages(int descriptor)
{
    int type = SOCK_STREAM;
    socklen_t size = sizeof type;
    bool is_socket = getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
    return is_socket && type != SOCK_STREAM;
}

/* With this flag pages are sent later, as they are by then. */
static bool is_sent_later(const struct target *target)
{
#if defined(MSG_ZEROCOPY)
    return target->flags & MSG_ZEROCOPY;
#else
    (void)target;
    return false;
#endif
}

static enum rc_status check_writing(const rc_chain *chain, const struct target *target)
{
    if (rc__chain_check(chain, target->call) != RC_OK) return RC_INVALID;
    if (is_sent_later(target))
        return rc_error_set(RC_UNSUPPORTED,
                            "%s: with MSG_ZEROCOPY the system would read %zu bytes after the chain "
                            "has let go of them",
                            target->call, chain->size);
    if (chain->count <= RC_CHAIN_VECTORS_MAX || !keeps_messages(target->descriptor)) return RC_OK;
    return rc_error_set(RC_UNSUPPORTED,
                        "%s: %zu pieces are too many for one message to socket %d, at most %d go; "
                        "rc_chain_make_contiguous() makes one of them",
                        target->call, chain->count, target->descriptor, RC_CHAIN_VECTORS_MAX);
}

/* None of the bytes went, and @p written says how. */
static enum rc_status refuse_writing(const rc_chain *chain, const struct target *target,
                                     ssize_t written)
{
    if (written == 0) errno = EIO;
    return rc__map_error("%s: cannot write %zu bytes to descriptor %d", target->call, chain->size,
                         target->descriptor);
}

/* What is dropped may run the program's code, which may use the chain. */
static enum rc_status write_all(rc_chain *chain, const struct target *target)
{
    enum rc_status status = check_writing(chain, target);
    if (status != RC_OK) return status;
    bool has_begun = false;
    while (chain->size > 0) {
        ssize_t written = (chain->count > FEW ? write_many : write_few)(chain, target);
        if (written <= 0) return has_begun ? RC_OK : refuse_writing(chain, target, written);
        has_begun = true;
        rc__chain_let_go(rc__chain_of(chain), (size_t)written);
    }
    return RC_OK;
}

enum rc_status rc_chain_write(rc_chain *chain, int descriptor)
{
    return write_all(chain, &(struct target){.call = "rc_chain_write", .descriptor = descriptor});
}

enum rc_status rc_chain_send(rc_chain *chain, int socket, int flags)
{
    return write_all(
        chain, &(struct target){
                   .call = "rc_chain_send", .descriptor = socket, .is_sent = true, .flags = flags});
}

/* ---- read ------------------------------------------------------------------------------------ */

/* A buffer to read into, all of it, becomes the last piece of @p rooms. */
static enum rc_status add_buffer(rc_chain *rooms, rc_pool *pool, size_t size)
{
    RC_AUTO(rc_buffer, buffer) = pool ? rc_pool_take(pool) : rc_buffer_new(size);
    if (!buffer) return rc_error_status();
    if (buffer->size == 0)
        return rc_error_set(RC_INVALID, "rc_chain_receive: the pool's buffers have no bytes");
    return rc_chain_append(rooms, buffer);
}

/* So many bytes to read into, in @p rooms, or as many as the vectors reach: those of the chain's
 * room, then whole buffers, the last of which may have more. */
static enum rc_status add_rooms(const struct rc__chain *chain, rc_chain *rooms, rc_pool *pool,
                                size_t size)
{
    const struct rc__room *room = &chain->rooms[RC__CHAIN_BACK];
    size_t left = rc__room_left(room, RC__CHAIN_BACK);
    if (left > 0) {
        const struct rc__piece piece = {
            .root = room->root, .data = room->edge, .size = left < size ? left : size};
        if (!rc__exports_add(room->root))
            return rc__chain_refuse_export(room->root, "rc_chain_receive");
        rc__chain_store(rc__chain_of(rooms), RC__CHAIN_BACK, &piece);
    }
    while (rooms->size < size && rooms->count < RC_CHAIN_VECTORS_MAX) {
        enum rc_status status = add_buffer(rooms, pool, size);
        if (status != RC_OK) return status;
    }
    return rooms->size > size ? rc_chain_drop_back(rooms, rooms->size - size) : RC_OK;
}

static rc_chain *make_rooms(const struct rc__chain *chain, rc_pool *pool, size_t size)
{
    RC_AUTO(rc_chain, rooms) = rc_chain_new();
    return rooms && add_rooms(chain, rooms, pool, size) == RC_OK ? rc_steal(&rooms) : NULL;
}

static ssize_t read_vectors(int descriptor, const struct iovec *vectors, size_t count)
{
    ssize_t size;
    do {
        size = readv(descriptor, vectors, (int)count);
    } while (size < 0 && errno == EINTR);
    return size;
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

static enum rc_status check_reading(const rc_chain *chain, size_t size, const size_t *received)
{
    static const char call[] = "rc_chain_receive";
    if (rc__chain_check(chain, call) != RC_OK) return RC_INVALID;
    if (size > 0 && received) return RC_OK;
    return rc_error_set(RC_INVALID,
                        received ? "%s: at most %zu bytes cannot be told from the end"
                                 : "%s: there is no place for how many of %zu bytes came",
                        call, size);
}

/* Whatever fails, fails before the first byte is read. A thread that is cancelled while it waits
 * for one gives back what is scoped; the vectors are in the same frame, since AddressSanitizer
 * takes the remains of one that was left for what lies there next. */
enum rc_status rc_chain_receive(rc_chain *head, int descriptor, rc_pool *pool, size_t size,
                                size_t *received)
{
    if (check_reading(head, size, received) != RC_OK) return RC_INVALID;
    struct rc__chain *chain = rc__chain_of(head);
    struct iovec few[FEW], *vectors = few;
    RC_AUTO(rc_chain, rooms) = make_rooms(chain, pool, size);
    if (!rooms) return rc_error_status();
    size_t count = rooms->count;
    RC_AUTO(rc_buffer, many) = count > FEW ? rc_buffer_new(count * sizeof *vectors) : NULL;
    if (many) vectors = rc_buffer_edit(many);
    if (count > FEW && !many) return RC_NO_MEMORY;
    enum rc_status status = rc__chain_prepare(chain, rooms->size, count);
    if (status != RC_OK) return status;
    count = rc_chain_vectors(rooms, 0, vectors, count, NULL);
    ssize_t came = read_vectors(descriptor, vectors, count);
    if (came < 0)
        return rc__map_error("rc_chain_receive: cannot read up to %zu bytes from descriptor %d",
                             size, descriptor);
    take_in(chain, rc__chain_of(rooms), (size_t)came);
    *received = (size_t)came;
    return RC_OK;
}
