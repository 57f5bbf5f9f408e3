/* SPDX-License-Identifier: MIT */
/**
 * @file tests/buffer/chain_io_support.h
 * What the suites of chains that go through descriptors share: both ends of a connection, and
 * chains of many pieces.
 */
#ifndef TESTS_BUFFER_CHAIN_IO_SUPPORT_H
#define TESTS_BUFFER_CHAIN_IO_SUPPORT_H

#include <sys/socket.h>

#include "chain_support.h"

struct ends {
    int from, to; /* what is written to `to` is read from `from` */
};

static inline struct ends make_pair(int type)
{
    int sockets[2];
    ck_assert_int_eq(socketpair(AF_UNIX, type, 0, sockets), 0);
    return (struct ends){sockets[0], sockets[1]};
}

static inline void close_ends(struct ends ends)
{
    close(ends.from);
    close(ends.to);
}

static inline void fill_pipe(int pipe_ends[2], const char *text)
{
    ck_assert_int_eq(write(pipe_ends[1], text, strlen(text)), (ssize_t)strlen(text));
}

/* Pieces of one byte to a few hundred; each buffer of them is followed by the next one in it only
 * now and then. */
static inline rc_chain *make_pieces(size_t count)
{
    rc_chain *chain = new_chain();
    for (size_t i = 0; i < count; i++) {
        size_t size = i % 7 == 0 ? 1 + i % 300 : 1 + i % 5;
        rc_buffer *buffer = support_buffer(size + 3, (unsigned)i);
        append_part(chain, buffer, i % 3, size);
        rc_release(buffer);
    }
    ck_assert_uint_eq(chain->count, count);
    return chain;
}

#endif
