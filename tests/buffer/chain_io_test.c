/* SPDX-License-Identifier: MIT */
/* Chains that go through sockets and pipes, in more pieces than the system takes at once. */
#include "buffer/chain.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>

#include "chain_io_support.h"

/* ---- both ends ------------------------------------------------------------------------------- */

/* A connection by TCP, over the loopback device. */
static struct ends make_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), to = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    ck_assert_int_eq(connect(to, (struct sockaddr *)&address, size), 0);
    int from = accept(listener, NULL, NULL);
    ck_assert_int_ge(from, 0);
    close(listener);
    return (struct ends){from, to};
}

/* Neither end waits, and little fits in between. */
static void make_narrow(struct ends ends)
{
    int least = 1;
    for (int i = 0; i < 2; i++) {
        int socket = i ? ends.to : ends.from;
        ck_assert_int_eq(fcntl(socket, F_SETFL, O_NONBLOCK), 0);
        ck_assert_int_eq(setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &least, sizeof least), 0);
        ck_assert_int_eq(setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &least, sizeof least), 0);
    }
}

typedef enum rc_status giver(rc_chain *chain, int descriptor);

static enum rc_status give_by_send(rc_chain *chain, int descriptor)
{
    return rc_chain_send(chain, descriptor, 0);
}

/* The other end does not take part: what is full is full. True if bytes went, or there are none. */
static bool gave(giver *give, rc_chain *chain, int descriptor)
{
    size_t before = chain->size;
    enum rc_status status = give(chain, descriptor);
    assert_chain_is_sound(chain);
    if (status == RC_OK) {
        ck_assert(chain->size < before || before == 0);
        return true;
    }
    ck_assert_int_eq(errno, EAGAIN);
    ASSERT_LAST_ERROR(RC_SYSTEM, "bytes to descriptor");
    ck_assert_uint_eq(chain->size, before);
    return false;
}

static bool received(rc_chain *chain, int descriptor, rc_pool *pool, size_t most)
{
    size_t before = chain->size, came = 99;
    enum rc_status status = rc_chain_receive(chain, descriptor, pool, most, &came);
    assert_chain_is_sound(chain);
    if (status == RC_OK) {
        ck_assert_uint_le(came, most);
        ck_assert_uint_eq(chain->size, before + came);
        return came > 0;
    }
    ck_assert_int_eq(errno, EAGAIN);
    ASSERT_LAST_ERROR(RC_SYSTEM, "rc_chain_receive: cannot read up to");
    ck_assert_uint_eq(came, 99);
    ck_assert_uint_eq(chain->size, before);
    return false;
}

/* Neither end could do anything: until one can. */
static void wait_for(struct ends ends)
{
    struct pollfd both[] = {{.fd = ends.from, .events = POLLIN},
                            {.fd = ends.to, .events = POLLOUT}};
    ck_assert_int_gt(poll(both, 2, 20000), 0);
}

/* All of it, in turns. Returns: how many. */
static size_t pass(struct ends ends, giver *give, rc_pool *pool, size_t most)
{
    rc_chain *chain = make_pieces(5000), *arrived = new_chain();
    rc_buffer *expected = rc_chain_flatten(chain);
    size_t turns = 0;
    for (; arrived->size < expected->size; turns++) {
        bool moves = chain->size > 0 && gave(give, chain, ends.to);
        while (received(arrived, ends.from, pool, most)) moves = true;
        if (!moves) wait_for(ends);
    }
    ck_assert_uint_eq(chain->size, 0);
    assert_bytes(arrived, expected->data, expected->size);
    rc_release(expected);
    rc_release(chain);
    rc_release(arrived);
    close_ends(ends);
    return turns;
}

START_TEST(thousands_of_pieces_are_written_to_a_socket_that_takes_few_bytes)
{
    struct ends ends = make_pair(SOCK_STREAM);
    make_narrow(ends);
    ck_assert_uint_gt(pass(ends, rc_chain_write, NULL, 1000), 3);
}
END_TEST

START_TEST(thousands_of_pieces_are_sent_through_a_socket_that_takes_few_bytes)
{
    struct ends ends = make_pair(SOCK_STREAM);
    make_narrow(ends);
    ck_assert_uint_gt(pass(ends, give_by_send, NULL, 100000), 3);
}
END_TEST

/* Into more buffers of the pool than there can be vectors. */
START_TEST(bytes_are_received_into_thousands_of_pooled_buffers)
{
    struct ends ends = make_loopback();
    make_narrow(ends);
    rc_pool *pool = rc_pool_new(16, 0, 100);
    ck_assert_uint_gt(pass(ends, give_by_send, pool, 100000), 0);
    struct rc_pool_statistics now;
    ASSERT_OK(rc_pool_read(pool, &now));
    ck_assert_uint_eq(now.out, 0);
    rc_release(pool);
}
END_TEST

static rc_chain *sent;
static struct ends through;

static void *write_all(void *give_it)
{
    giver *const *give = give_it;
    while (sent->size > 0 && (*give)(sent, through.to) == RC_OK) {
    }
    shutdown(through.to, SHUT_WR);
    return NULL;
}

/* Both ends wait for each other; the end of the stream is told. */
static void pass_waiting(giver *give, rc_pool *pool)
{
    sent = make_pieces(20000);
    rc_buffer *expected = rc_chain_flatten(sent);
    rc_chain *arrived = new_chain();
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, write_all, &give), 0);
    size_t came = 1;
    while (came > 0) ASSERT_OK(rc_chain_receive(arrived, through.from, pool, 7000, &came));
    pthread_join(thread, NULL);
    ck_assert_uint_eq(sent->size, 0);
    assert_bytes(arrived, expected->data, expected->size);
    rc_release(expected);
    rc_release(arrived);
    rc_release(sent);
    close_ends(through);
}

START_TEST(one_call_writes_all_pieces_to_a_descriptor_that_waits)
{
    through = make_pair(SOCK_STREAM);
    pass_waiting(rc_chain_write, NULL);
}
END_TEST

START_TEST(one_call_sends_all_pieces_through_a_connection_that_waits)
{
    through = make_loopback();
    rc_pool *pool = rc_pool_new(4096, 0, 8);
    pass_waiting(give_by_send, pool);
    rc_release(pool);
}
END_TEST

START_TEST(a_file_is_written_and_read_back)
{
    char path[SUPPORT_PATH];
    int file = support_file(path, 0, 0);
    rc_chain *chain = make_pieces(3000), *back = new_chain();
    rc_buffer *expected = rc_chain_flatten(chain);
    ASSERT_OK(rc_chain_write(chain, file));
    ck_assert_uint_eq(chain->size, 0);
    ASSERT_OK(rc_chain_write(chain, file)); /* nothing is left */
    ck_assert_int_eq(lseek(file, 0, SEEK_SET), 0);
    while (received(back, file, NULL, 4096)) {
    }
    assert_bytes(back, expected->data, expected->size);
    rc_release(expected);
    rc_release(chain);
    rc_release(back);
    close(file);
    unlink(path);
}
END_TEST

/* ---- rooms ----------------------------------------------------------------------------------- */

START_TEST(what_is_received_in_parts_lies_in_one_piece)
{
    int ends[2];
    size_t came;
    ck_assert_int_eq(pipe(ends), 0);
    rc_pool *pool = rc_pool_new(100, 0, 4);
    rc_chain *chain = new_chain();
    for (size_t i = 0; i < 10; i++) {
        fill_pipe(ends, "0123456789");
        ASSERT_OK(rc_chain_receive(chain, ends[0], pool, 100, &came));
        ck_assert_uint_eq(came, 10);
        ck_assert_uint_eq(chain->count, 1);
    }
    fill_pipe(ends, "abc");
    ASSERT_OK(rc_chain_receive(chain, ends[0], pool, 100, &came));
    ck_assert_uint_eq(chain->count, 2);
    struct rc_pool_statistics now;
    ASSERT_OK(rc_pool_read(pool, &now));
    ck_assert_uint_eq(now.out, 2); /* what no byte came into is back */
    rc_release(chain);
    rc_release(pool);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

/* Also while a slice of what came before lives. */
START_TEST(received_bytes_follow_what_was_cut_off_in_the_same_buffer)
{
    int ends[2];
    size_t came;
    ck_assert_int_eq(pipe(ends), 0);
    rc_pool *pool = rc_pool_new(1000, 0, 4);
    rc_chain *chain = new_chain();
    rc_buffer *slices[8];
    for (size_t i = 0; i < 8; i++) {
        fill_pipe(ends, "message");
        ASSERT_OK(rc_chain_receive(chain, ends[0], pool, 500, &came));
        slices[i] = rc_chain_cut_slice(chain, 7);
        if (i) ck_assert_ptr_eq(slices[i]->data, slices[i - 1]->data + 7);
    }
    for (size_t i = 0; i < 8; i++) {
        assert_buffer_text(slices[i], "message");
        rc_release(slices[i]);
    }
    rc_release(chain);
    rc_release(pool);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(bytes_are_received_behind_bytes_that_were_copied_in)
{
    int ends[2];
    size_t came;
    ck_assert_int_eq(pipe(ends), 0);
    rc_chain *chain = new_chain();
    ASSERT_OK(rc_chain_append_bytes(chain, "copied ", 7));
    fill_pipe(ends, "received ");
    ASSERT_OK(rc_chain_receive(chain, ends[0], NULL, 9, &came));
    ck_assert_uint_eq(chain->count, 1);
    ASSERT_OK(rc_chain_append_bytes(chain, "copied", 6));
    ck_assert_uint_eq(chain->count, 1);
    assert_text(chain, "copied received copied");
    fill_pipe(ends, " across");
    ASSERT_OK(rc_chain_receive(chain, ends[0], NULL, 5000, &came));
    ASSERT_OK(rc_chain_append_bytes(chain, "!", 1));
    assert_text(chain, "copied received copied across!");
    ck_assert_uint_eq(chain->count, 1);
    rc_release(chain);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(no_more_is_read_than_was_asked_for)
{
    int ends[2];
    size_t came;
    ck_assert_int_eq(pipe(ends), 0);
    rc_pool *pool = rc_pool_new(4, 0, 4);
    rc_chain *chain = new_chain();
    fill_pipe(ends, "abcdefghijklmnopqrstuvwxyz");
    for (size_t most = 1; most < 7; most++) {
        ASSERT_OK(rc_chain_receive(chain, ends[0], most % 2 ? pool : NULL, most, &came));
        ck_assert_uint_eq(came, most);
    }
    assert_text(chain, "abcdefghijklmnopqrstu");
    rc_release(chain);
    rc_release(pool);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

HARNESS_MAIN("buffer/chain_io", thousands_of_pieces_are_written_to_a_socket_that_takes_few_bytes,
             thousands_of_pieces_are_sent_through_a_socket_that_takes_few_bytes,
             bytes_are_received_into_thousands_of_pooled_buffers,
             one_call_writes_all_pieces_to_a_descriptor_that_waits,
             one_call_sends_all_pieces_through_a_connection_that_waits,
             a_file_is_written_and_read_back, what_is_received_in_parts_lies_in_one_piece,
             received_bytes_follow_what_was_cut_off_in_the_same_buffer,
             bytes_are_received_behind_bytes_that_were_copied_in,
             no_more_is_read_than_was_asked_for)
