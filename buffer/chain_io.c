/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Chains that are written to descriptors, many pieces at a time. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <errno.h>
#include <sys/socket.h>

#include "chain_io.h"
#include "chain_layout.h"
#include "map_layout.h"

#if !defined(MSG_NOSIGNAL)
#define MSG_NOSIGNAL 0
#endif

/* Vectors for which the stack has room in any program. */
enum { FEW = 64 };

/* ---- one call of the system ------------------------------------------------------------------ */

/* Where the bytes go, and how. */
struct target {
    const char *call;
    int descriptor;
    bool is_sent; /* by sendmsg(), with these flags */
    int flags;
    size_t most; /* bytes */
};

static size_t bytes_for(const struct target *target, const rc_chain *chain)
{
    return chain->size < target->most ? chain->size : target->most;
}

static ssize_t write_vectors(const struct target *target, struct iovec *vectors, size_t count)
{
    if (!target->is_sent) return writev(target->descriptor, vectors, (int)count);
    const struct msghdr message = {.msg_iov = vectors, .msg_iovlen = count};
    return sendmsg(target->descriptor, &message, target->flags | MSG_NOSIGNAL);
}

/* The vectors cover so many bytes, and are to cover no more than @p most, one at least. Returns:
 * how many do. */
static size_t shorten(struct iovec *vectors, size_t count, size_t bytes, size_t most)
{
    if (bytes <= most) return count;
    for (; bytes - vectors[count - 1].iov_len >= most; count--) bytes -= vectors[count - 1].iov_len;
    vectors[count - 1].iov_len -= bytes - most;
    return count;
}

static ssize_t write_front(const rc_chain *chain, const struct target *target,
                           struct iovec *vectors, size_t most)
{
    size_t bytes, count = rc_chain_vectors(chain, 0, vectors, most, &bytes);
    count = shorten(vectors, count, bytes, target->most);
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

/* ---- what does not go ------------------------------------------------------------------------ */

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

/* That the first of the bytes are in. */
static size_t pieces_for(const struct target *target, const rc_chain *chain)
{
    if (chain->size <= target->most) return chain->count;
    struct rc__chain_place end = rc__chain_locate(rc__chain_of(chain), target->most);
    return end.index + (end.within > 0);
}

static enum rc_status check_writing(const rc_chain *chain, const struct target *target)
{
    if (rc__chain_check(chain, target->call) != RC_OK) return RC_INVALID;
    size_t bytes = bytes_for(target, chain), pieces = pieces_for(target, chain);
    if (is_sent_later(target))
        return rc_error_set(
            RC_UNSUPPORTED,
            "%s: with MSG_ZEROCOPY the system would read %zu byte%s after the chain "
            "has let go of what was sent",
            target->call, bytes, rc__plural(bytes));
    if (pieces <= RC_CHAIN_VECTORS_MAX || !keeps_messages(target->descriptor)) return RC_OK;
    return rc_error_set(RC_UNSUPPORTED,
                        "%s: %zu pieces are too many for one message to socket %d, at most %d go; "
                        "rc_chain_make_contiguous() makes one of them",
                        target->call, pieces, target->descriptor, RC_CHAIN_VECTORS_MAX);
}

/* None of the bytes went, and @p written says how. */
static enum rc_status refuse_writing(const rc_chain *chain, const struct target *target,
                                     ssize_t written)
{
    size_t bytes = bytes_for(target, chain);
    if (written == 0) errno = EIO;
    return rc__map_error("%s: cannot write %zu byte%s to descriptor %d", target->call, bytes,
                         rc__plural(bytes), target->descriptor);
}

/* ---- write ----------------------------------------------------------------------------------- */

/* What is dropped may run the program's code, which may use the chain. */
static enum rc_status write_some(rc_chain *chain, struct target target, size_t *written)
{
    enum rc_status status = check_writing(chain, &target);
    if (status != RC_OK) return status;
    size_t sum = 0;
    while (bytes_for(&target, chain) > 0) {
        ssize_t went = (chain->count > FEW ? write_many : write_few)(chain, &target);
        if (went <= 0 && sum == 0) return refuse_writing(chain, &target, went);
        if (went <= 0) break;
        sum += (size_t)went;
        target.most -= (size_t)went;
        rc__chain_let_go(rc__chain_of(chain), (size_t)went);
    }
    if (written) *written = sum;
    return RC_OK;
}

enum rc_status rc_chain_write(rc_chain *chain, int descriptor)
{
    const struct target target = {
        .call = "rc_chain_write", .descriptor = descriptor, .most = SIZE_MAX};
    return write_some(chain, target, NULL);
}

enum rc_status rc_chain_write_most(rc_chain *chain, int descriptor, size_t most, size_t *written)
{
    const struct target target = {
        .call = "rc_chain_write_most", .descriptor = descriptor, .most = most};
    return write_some(chain, target, written);
}

enum rc_status rc_chain_send(rc_chain *chain, int socket, int flags)
{
    const struct target target = {.call = "rc_chain_send",
                                  .descriptor = socket,
                                  .is_sent = true,
                                  .flags = flags,
                                  .most = SIZE_MAX};
    return write_some(chain, target, NULL);
}

enum rc_status rc_chain_send_most(rc_chain *chain, int socket, int flags, size_t most,
                                  size_t *written)
{
    const struct target target = {.call = "rc_chain_send_most",
                                  .descriptor = socket,
                                  .is_sent = true,
                                  .flags = flags,
                                  .most = most};
    return write_some(chain, target, written);
}
