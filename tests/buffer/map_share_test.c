/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "buffer/map.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

static int ends[2];

static void open_pair(int type)
{
    ck_assert_int_eq(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
}

static void close_pair(void)
{
    close(ends[0]);
    close(ends[1]);
}

/* The next descriptor that the system would give: the same before and after, if none stays open. */
static int next_descriptor(void)
{
    int next = dup(0);
    close(next);
    return next;
}

/* Sends what rc_map_send() would not: these bytes with these descriptors. */
static void send_raw(const void *bytes, size_t size, const int *descriptors, size_t count)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(8 * sizeof(int))];
    } control = {.bytes = {0}};
    struct iovec vector = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
    struct msghdr envelope = {.msg_iov = &vector, .msg_iovlen = 1};
    if (count) {
        envelope.msg_control = control.bytes;
        envelope.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&envelope);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
    }
    ck_assert_int_eq(sendmsg(ends[0], &envelope, 0), (ssize_t)size);
}

/* The form of a message, written down once more: it is a protocol. */
static void make_message(unsigned char message[16], uint64_t size)
{
    memcpy(message, "rcbufmap", 8);
    memcpy(message + 8, &size, 8);
}

/* ---- two processes --------------------------------------------------------------------------- */

/* The other process: takes the memory, checks it, answers through it. */
static void other_process(void)
{
    close(ends[0]);
    rc_buffer *map = rc_map_receive(ends[1], RC_MAP_SHARED);
    if (!map || map->size != 20000) _exit(1);
    for (size_t i = 0; i < map->size; i++)
        if (map->data[i] != support_byte(1, i)) _exit(2);
    unsigned char *bytes = rc_buffer_edit(map);
    for (size_t i = 0; i < map->size; i++) bytes[i] = support_byte(2, i);
    rc_release(map);
    _exit(0);
}

static void check_two_processes(int type)
{
    open_pair(type);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) other_process();
    close(ends[1]);
    rc_buffer *map = rc_map_memory("shared", 20000);
    support_fill(map, 1, 0);
    ASSERT_OK(rc_map_send(ends[0], map));
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    support_assert_filled(map, 2, 20000);
    rc_release(map);
    close(ends[0]);
}

START_TEST(another_process_maps_what_it_is_sent_and_writes_for_both)
{
    check_two_processes(SOCK_STREAM);
    check_two_processes(SOCK_SEQPACKET);
    check_two_processes(SOCK_DGRAM);
}
END_TEST

START_TEST(received_memory_is_the_receivers_own_and_can_be_sent_on)
{
    int before = next_descriptor();
    open_pair(SOCK_STREAM);
    rc_buffer *map = rc_map_memory(NULL, 100);
    support_fill(map, 1, 0);
    ASSERT_OK(rc_map_send(ends[0], map));
    ASSERT_OK(rc_map_send(ends[0], map));
    rc_release(map);
    rc_buffer *first = rc_map_receive(ends[1], RC_MAP_SHARED);
    rc_buffer *second = rc_map_receive(ends[1], RC_MAP_READ);
    ASSERT_OK(rc_map_send(ends[0], second));
    rc_buffer *third = rc_map_receive(ends[1], RC_MAP_PRIVATE);
    support_fill(first, 2, 0);
    support_assert_filled(second, 2, 100);
    support_assert_filled(third, 2, 100);
    ASSERT_NULL(rc_buffer_edit(second), RC_READ_ONLY, "is read-only");
    support_fill(third, 3, 0);
    support_assert_filled(first, 2, 100);
    ck_assert_int_ne(fcntl(rc_map_memory_descriptor(third), F_GETFD) & FD_CLOEXEC, 0);
    rc_release(first);
    rc_release(second);
    rc_release(third);
    close_pair();
    ck_assert_int_eq(next_descriptor(), before);
}
END_TEST

START_TEST(a_receiver_sees_the_seals_and_cannot_write_to_sealed_memory)
{
    open_pair(SOCK_STREAM);
    rc_buffer *map = rc_map_memory(NULL, 100);
    ASSERT_OK(rc_map_seal(map, RC_MAP_SEAL_WRITE | RC_MAP_SEAL_SHRINK));
    ASSERT_OK(rc_map_send(ends[0], map));
    ASSERT_OK(rc_map_send(ends[0], map));
    int before = next_descriptor();
    ASSERT_NULL(rc_map_receive(ends[1], RC_MAP_SHARED), RC_SYSTEM, "Operation not permitted");
    ck_assert_int_eq(next_descriptor(), before);
    rc_buffer *received = rc_map_receive(ends[1], RC_MAP_READ);
    unsigned seals = 0;
    ASSERT_OK(rc_map_seals(received, &seals));
    ck_assert_uint_eq(seals, RC_MAP_SEAL_WRITE | RC_MAP_SEAL_SHRINK);
    rc_release(received);
    rc_release(map);
    close_pair();
}
END_TEST

START_TEST(empty_memory_can_be_passed)
{
    open_pair(SOCK_STREAM);
    rc_buffer *map = rc_map_memory(NULL, 0);
    ASSERT_OK(rc_map_send(ends[0], map));
    rc_buffer *received = rc_map_receive(ends[1], RC_MAP_SHARED);
    ck_assert_uint_eq(received->size, 0);
    rc_release(received);
    rc_release(map);
    close_pair();
}
END_TEST

/* ---- the other end is gone, or has sent something else ----------------------------------------
 */

START_TEST(sending_to_a_closed_end_is_an_error_and_no_signal)
{
    open_pair(SOCK_STREAM);
    close(ends[1]);
    rc_buffer *map = rc_map_memory(NULL, 100);
    ASSERT_REFUSED(rc_map_send(ends[0], map), RC_SYSTEM,
                   "rc_map_send: cannot pass 100 bytes of memory through socket");
    ck_assert_int_eq(errno, EPIPE);
    close(ends[0]);
    ASSERT_REFUSED(rc_map_send(-1, map), RC_SYSTEM, "socket -1: Bad file descriptor");
    rc_release(map);
}
END_TEST

START_TEST(receiving_from_a_closed_end_is_an_error)
{
    open_pair(SOCK_STREAM);
    close(ends[0]);
    ASSERT_NULL(rc_map_receive(ends[1], RC_MAP_READ), RC_SYSTEM, "rc_map_receive: cannot receive");
    ck_assert_int_eq(errno, ECONNRESET);
    close(ends[1]);
    ASSERT_NULL(rc_map_receive(-1, RC_MAP_READ), RC_SYSTEM, "Bad file descriptor");
    ASSERT_NULL(rc_map_receive(0, (enum rc_map_mode)4), RC_INVALID, "there is no mode 4");
}
END_TEST

START_TEST(a_socket_that_does_not_block_says_that_nothing_is_there)
{
    open_pair(SOCK_STREAM | SOCK_NONBLOCK);
    ASSERT_NULL(rc_map_receive(ends[1], RC_MAP_READ), RC_SYSTEM, "cannot receive from socket");
    ck_assert(errno == EAGAIN || errno == EWOULDBLOCK);
    close_pair();
}
END_TEST

static void close_sending_end(int number)
{
    (void)number;
    close(ends[0]);
}

START_TEST(a_signal_does_not_end_the_waiting)
{
    open_pair(SOCK_STREAM);
    struct sigaction action = {.sa_handler = close_sending_end}; /* without SA_RESTART */
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    struct itimerval soon = {.it_value = {.tv_usec = 20000}};
    ck_assert_int_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
    ASSERT_NULL(rc_map_receive(ends[1], RC_MAP_READ), RC_SYSTEM, "cannot receive from socket");
    ck_assert_int_eq(errno, ECONNRESET); /* and not EINTR */
    close(ends[1]);
}
END_TEST

/* The message is refused, and its descriptors are closed. */
static void check_refused(const void *bytes, size_t size, const int *descriptors, size_t count,
                          enum rc_status status, const char *text)
{
    int types[] = {SOCK_STREAM, SOCK_SEQPACKET};
    for (size_t i = 0; i < 2; i++) {
        open_pair(types[i]);
        int before = next_descriptor();
        send_raw(bytes, size, descriptors, count);
        ASSERT_NULL(rc_map_receive(ends[1], RC_MAP_READ), status, text);
        ck_assert_int_eq(next_descriptor(), before);
        close_pair();
    }
}

START_TEST(messages_of_another_form_are_refused_and_leave_no_descriptor_open)
{
    rc_buffer *map = rc_map_memory(NULL, 100);
    int file = rc_map_memory_descriptor(map), files[] = {file, file, file, file, file};
    unsigned char message[17] = {0};
    make_message(message, 100);
    check_refused(message, 15, files, 1, RC_INVALID, "a message of 15 bytes that is none");
    check_refused(message, 16, NULL, 0, RC_INVALID, "a message with 0 descriptors, not 1");
    check_refused(message, 16, files, 2, RC_INVALID, "2 descriptors, not 1");
    check_refused(message, 16, files, 5, RC_INVALID, "descriptors, not 1");
    message[3] = '?';
    check_refused(message, 16, files, 1, RC_INVALID, "a message of 16 bytes that is none");
    rc_release(map);
}
END_TEST

START_TEST(a_packet_that_is_too_long_is_refused)
{
    open_pair(SOCK_SEQPACKET);
    rc_buffer *map = rc_map_memory(NULL, 100);
    int file = rc_map_memory_descriptor(map), before = next_descriptor();
    unsigned char message[17] = {0};
    make_message(message, 100);
    send_raw(message, 17, &file, 1);
    ASSERT_NULL(rc_map_receive(ends[1], RC_MAP_READ), RC_INVALID, "that is none of rc_map_send()");
    ck_assert_int_eq(next_descriptor(), before);
    rc_release(map);
    close_pair();
}
END_TEST

START_TEST(memory_shorter_than_the_message_says_is_refused)
{
    rc_buffer *map = rc_map_memory(NULL, 100);
    int file = rc_map_memory_descriptor(map);
    unsigned char message[16];
    make_message(message, 101);
    check_refused(message, 16, &file, 1, RC_RANGE, "of 101 bytes with memory of 100 bytes");
    make_message(message, UINT64_MAX);
    check_refused(message, 16, &file, 1, RC_RANGE, "with memory of 100 bytes");
    rc_release(map);
}
END_TEST

START_TEST(a_descriptor_that_is_no_memory_is_refused)
{
    int pipes[2];
    ck_assert_int_eq(pipe(pipes), 0);
    unsigned char message[16];
    make_message(message, 0);
    check_refused(message, 16, pipes, 1, RC_INVALID, "the descriptor is no memory");
    close(pipes[0]);
    close(pipes[1]);
}
END_TEST

START_TEST(a_file_that_another_program_sent_is_mapped_and_takes_no_seals)
{
    char path[SUPPORT_PATH];
    int file = support_file(path, 100, 5);
    unlink(path);
    unsigned char message[16];
    make_message(message, 60);
    open_pair(SOCK_STREAM);
    send_raw(message, 16, &file, 1);
    close(file);
    rc_buffer *map = rc_map_receive(ends[1], RC_MAP_READ);
    ck_assert_uint_eq(map->size, 60);
    support_assert_filled(map, 5, 60);
    unsigned seals = 77;
    enum rc_status status = rc_map_seals(map, &seals); /* some file systems have seals */
    if (status != RC_OK) ASSERT_LAST_ERROR(RC_UNSUPPORTED, "takes no seals");
    ck_assert_int_eq(seals, status == RC_OK ? 0 : 77);
    if (status != RC_OK)
        ASSERT_REFUSED(rc_map_seal(map, RC_MAP_SEAL_SHRINK), RC_UNSUPPORTED,
                       "the system has no seals 0x1 for descriptor");
    rc_release(map);
    close_pair();
}
END_TEST

START_TEST(a_receiver_without_memory_for_the_object_closes_the_descriptor)
{
    open_pair(SOCK_STREAM);
    rc_buffer *map = rc_map_memory(NULL, 100);
    ASSERT_OK(rc_map_send(ends[0], map));
    int before = next_descriptor();
    struct rc_failing_allocator failing;
    rc_failing_allocator_init(&failing, NULL, 1, true);
    ASSERT_OK(rc_allocator_set_default(&failing.allocator));
    ASSERT_NULL(rc_map_receive(ends[1], RC_MAP_READ), RC_NO_MEMORY, "no room for");
    ASSERT_OK(rc_allocator_set_default(NULL));
    ck_assert_int_eq(next_descriptor(), before);
    rc_release(map);
    close_pair();
}
END_TEST

/* As sockets of system services are set: the peer's credentials come with each message. */
START_TEST(credentials_that_come_with_the_message_are_no_descriptors)
{
    int before = next_descriptor(), on = 1;
    open_pair(SOCK_SEQPACKET);
    ck_assert_int_eq(setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);
    rc_buffer *map = rc_map_memory("shared", 100);
    support_fill(map, 1, 0);
    ASSERT_OK(rc_map_send(ends[0], map));
    rc_buffer *received = rc_map_receive(ends[1], RC_MAP_READ);
    ck_assert_ptr_nonnull(received);
    support_assert_filled(received, 1, 100);
    rc_release(received);
    unsigned char message[16];
    make_message(message, 100);
    send_raw(message, sizeof message, NULL, 0);
    ASSERT_NULL(rc_map_receive(ends[1], RC_MAP_READ), RC_INVALID, "with 0 descriptors, not 1");
    rc_release(map);
    close_pair();
    ck_assert_int_eq(next_descriptor(), before);
}
END_TEST

HARNESS_MAIN("buffer/map_share", another_process_maps_what_it_is_sent_and_writes_for_both,
             received_memory_is_the_receivers_own_and_can_be_sent_on,
             a_receiver_sees_the_seals_and_cannot_write_to_sealed_memory,
             empty_memory_can_be_passed, sending_to_a_closed_end_is_an_error_and_no_signal,
             receiving_from_a_closed_end_is_an_error,
             a_socket_that_does_not_block_says_that_nothing_is_there,
             a_signal_does_not_end_the_waiting,
             messages_of_another_form_are_refused_and_leave_no_descriptor_open,
             a_packet_that_is_too_long_is_refused, memory_shorter_than_the_message_says_is_refused,
             a_descriptor_that_is_no_memory_is_refused,
             a_file_that_another_program_sent_is_mapped_and_takes_no_seals,
             credentials_that_come_with_the_message_are_no_descriptors,
             a_receiver_without_memory_for_the_object_closes_the_descriptor)
