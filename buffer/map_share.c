/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Shared memory that goes to another process: 16 bytes and a descriptor over a Unix socket.
 *
 * The receiver believes nothing: the message must be of exactly this form with exactly one
 * descriptor, and what that is and how long is asked of the system.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#define _FILE_OFFSET_BITS 64
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "map_layout.h"

#if defined(MSG_NOSIGNAL) && defined(MSG_CMSG_CLOEXEC)

/* Both ends are on one machine: the size is in its byte order. */
struct message {
    char magic[8];
    uint64_t size;
};

static const char magic[8] = {'r', 'c', 'b', 'u', 'f', 'm', 'a', 'p'};

union control {
    struct cmsghdr header; /* for its alignment */
    char bytes[CMSG_SPACE(sizeof(int))];
};

/* A socket can be set to add its peer's credentials, which are shorter than this. */
union received_control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(64)];
};

/* ---- send ------------------------------------------------------------------------------------ */

static ssize_t send_message(int socket, struct message *message, int descriptor)
{
    union control control = {.bytes = {0}};
    struct iovec bytes = {.iov_base = message, .iov_len = sizeof *message};
    struct msghdr envelope = {.msg_iov = &bytes,
                              .msg_iovlen = 1,
                              .msg_control = control.bytes,
                              .msg_controllen = sizeof control.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&envelope);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    ssize_t sent;
    do {
        sent = sendmsg(socket, &envelope, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent;
}

enum rc_status rc_map_send(int socket, const rc_buffer *map)
{
    const struct rc__map *memory = rc__map_of_memory(map, "rc_map_send");
    if (!memory) return rc_error_status();
    struct message message = {.size = map->size};
    memcpy(message.magic, magic, sizeof magic);
    ssize_t sent = send_message(socket, &message, memory->descriptor);
    if (sent == (ssize_t)sizeof message) return RC_OK;
    if (sent >= 0) errno = EMSGSIZE; /* so small a message goes whole or not at all */
    return rc__map_error("rc_map_send: cannot pass %zu bytes of memory through socket %d",
                         map->size, socket);
}

/* ---- receive --------------------------------------------------------------------------------- */

struct received {
    struct message message;
    ssize_t size;
    int flags;
    int descriptor;  /* the last that came; -1: none */
    int descriptors; /* how many came; all but the last are closed */
};

/* A socket can be set to add a descriptor of its peer's process, too: Linux 6.5. */
#ifdef SCM_PIDFD
#define RC__SCM_PIDFD SCM_PIDFD
#else
#define RC__SCM_PIDFD 4
#endif

static void close_descriptor(struct cmsghdr *header)
{
    int descriptor;
    if (header->cmsg_len < CMSG_LEN(sizeof descriptor)) return;
    memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    if (descriptor >= 0) rc__map_close(descriptor);
}

static void take_descriptors(struct msghdr *envelope, struct received *received)
{
    struct cmsghdr *header = CMSG_FIRSTHDR(envelope);
    for (; header; header = CMSG_NXTHDR(envelope, header)) {
        if (header->cmsg_level != SOL_SOCKET) continue;
        if (header->cmsg_type == RC__SCM_PIDFD) close_descriptor(header);
        if (header->cmsg_type != SCM_RIGHTS) continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            if (received->descriptor >= 0) rc__map_close(received->descriptor);
            memcpy(&received->descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
            received->descriptors++;
        }
    }
}

static bool receive_message(int socket, struct received *received)
{
    union received_control control;
    *received = (struct received){.descriptor = -1};
    struct iovec bytes = {.iov_base = &received->message, .iov_len = sizeof received->message};
    struct msghdr envelope = {.msg_iov = &bytes,
                              .msg_iovlen = 1,
                              .msg_control = control.bytes,
                              .msg_controllen = sizeof control.bytes};
    do {
        received->size = recvmsg(socket, &envelope, MSG_CMSG_CLOEXEC);
    } while (received->size < 0 && errno == EINTR);
    if (received->size < 0) return false;
    received->flags = envelope.msg_flags;
    take_descriptors(&envelope, received);
    if (received->size > 0 || received->descriptors) return true;
    errno = ECONNRESET;
    return false;
}

static enum rc_status check_form(const struct received *received)
{
    if (received->size != (ssize_t)sizeof received->message || received->flags & MSG_TRUNC ||
        memcmp(received->message.magic, magic, sizeof magic) != 0)
        return rc_error_set(RC_INVALID,
                            "rc_map_receive: a message of %zd bytes that is none of rc_map_send()",
                            received->size);
    if (received->descriptors != 1 || received->flags & MSG_CTRUNC)
        return rc_error_set(RC_INVALID, "rc_map_receive: a message with %s%d descriptors, not 1",
                            received->flags & MSG_CTRUNC ? "more than " : "",
                            received->descriptors);
    return RC_OK;
}

static enum rc_status check_memory(const struct received *received)
{
    struct stat status;
    uint64_t size = received->message.size;
    if (fstat(received->descriptor, &status) != 0)
        return rc__map_error("rc_map_receive: cannot ask the size of the memory received");
    if (!S_ISREG(status.st_mode))
        return rc_error_set(RC_INVALID, "rc_map_receive: the descriptor is no memory but mode %o",
                            (unsigned)status.st_mode);
    if (size > (uint64_t)status.st_size || size > PTRDIFF_MAX)
        return rc_error_set(RC_RANGE,
                            "rc_map_receive: a message of %llu bytes with memory of %llu bytes",
                            (unsigned long long)size, (unsigned long long)status.st_size);
    return RC_OK;
}

rc_buffer *rc_map_receive(int socket, enum rc_map_mode mode)
{
    static const char call[] = "rc_map_receive";
    if (rc__map_check_mode(call, mode) != RC_OK) return NULL;
    struct received received;
    if (!receive_message(socket, &received)) {
        rc__map_error("rc_map_receive: cannot receive from socket %d", socket);
        return NULL;
    }
    struct rc__map *map = NULL;
    if (check_form(&received) == RC_OK && check_memory(&received) == RC_OK)
        map = rc__map_new(call, "the memory received", received.descriptor, 0,
                          (size_t)received.message.size, mode);
    if (map)
        map->descriptor = received.descriptor;
    else if (received.descriptor >= 0)
        rc__map_close(received.descriptor);
    return map ? &map->head : NULL;
}

#else

enum rc_status rc_map_send(int socket, const rc_buffer *map)
{
    if (!rc__map_of_memory(map, "rc_map_send")) return rc_error_status();
    return rc_error_set(RC_UNSUPPORTED, "rc_map_send: the system passes none through socket %d",
                        socket);
}

rc_buffer *rc_map_receive(int socket, enum rc_map_mode mode)
{
    (void)mode;
    rc_error_set(RC_UNSUPPORTED, "rc_map_receive: the system passes none through socket %d",
                 socket);
    return NULL;
}

#endif
