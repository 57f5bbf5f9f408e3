/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/chain_io.h
 * Chains and descriptors, where rc_chain_write(), rc_chain_send() and rc_chain_receive() of
 * buffer/chain.h do not say enough: with a bound, with flags, and with messages that are too long.
 *
 * @code
 * RC_AUTO(rc_chain, arrived) = rc_chain_new();
 * int ends[2];
 * if (arrived && socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0) {
 *     size_t received;
 *     enum rc_status status =
 *         rc_chain_receive_flags(arrived, ends[0], MSG_DONTWAIT, NULL, 1500, &received);
 *     if (status == RC_SYSTEM && errno == EAGAIN) puts("nothing yet");
 *     if (status == RC_RANGE) puts(rc_error_message()); // a message of more than 1500 bytes
 * }
 * @endcode
 *
 * Threads and errors: as of all calls of a chain (buffer/chain.h).
 */
#ifndef BUFFER_CHAIN_IO_H
#define BUFFER_CHAIN_IO_H

#include <errno.h>
#include <sys/socket.h>

#include "chain.h"

RC_BEGIN_DECLS

/**
 * As rc_chain_write(), and at most the first @p most bytes: for a share of what a connection may
 * take, or for the part of a stream that is due.
 *
 * Returns:  RC_OK also where most is 0. Through @p written, unless NULL, how many bytes went.
 */
RC_API enum rc_status rc_chain_write_most(rc_chain *chain, int descriptor, size_t most,
                                          size_t *written);

/** As rc_chain_send(), and at most the first @p most bytes: on a datagram socket one message of so
 * many, of at most RC_CHAIN_VECTORS_MAX pieces. */
RC_API enum rc_status rc_chain_send_most(rc_chain *chain, int socket, int flags, size_t most,
                                         size_t *written);

/**
 * As rc_chain_receive(), by recvmsg() and its flags: MSG_DONTWAIT, MSG_PEEK (the bytes come, and
 * stay), MSG_WAITALL and others. What it would say in control data, descriptors among it, is lost.
 *
 * A message is received whole or not at all: of one that is longer than @p size (or than what
 * RC_CHAIN_VECTORS_MAX buffers of the pool hold) not one byte comes, and it is gone from the
 * socket, as the system does it, unless MSG_PEEK is set. With MSG_TRUNC its first bytes come, and
 * *received says how many it had.
 *
 * Borrows:  socket; pool, or NULL, as rc_chain_receive() does.
 * Returns:  through @p received how many bytes came: 0 is the end of a stream, or an empty message.
 * Errors:   as rc_chain_receive(); RC_RANGE for a message that is too long; RC_UNSUPPORTED for
 *           MSG_TRUNC on a stream, where the system would count bytes and throw them away;
 *           RC_SYSTEM with ENOTSOCK for what is no socket.
 */
RC_API enum rc_status rc_chain_receive_flags(rc_chain *chain, int socket, int flags, rc_pool *pool,
                                             size_t size, size_t *received);

RC_END_DECLS

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_CHAIN_IO
#include "ledger_calls.h"
#endif

#endif
