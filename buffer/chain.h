/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/chain.h
 * Several slices that read as one string of bytes: what comes and goes in pieces, without a copy.
 *
 * A chain is an object. It holds pieces, runs of bytes of any buffers, as slices would: a buffer
 * lives, and keeps its place and size (rc_buffer_resize() is RC_BUSY), until its last piece has
 * left. No piece is empty. Bytes of one buffer that come to lie side by side are one piece again,
 * so that what was cut off and is put back is whole.
 *
 * Bytes that are copied into a chain, written there (buffer/chain_fill.h) or received, lie in
 * rooms: buffers that it makes, or takes from a pool, and fills one after the other. What is left
 * of the last one stays with the chain; nobody else reaches it, whoever holds what came before.
 * Copies of bytes that are wiped at their end (RC_BUFFER_WIPE) are wiped, too.
 *
 * Threads: one chain is for one thread at a time; chains that share bytes may be in several.
 * Errors: RC_INVALID for NULL where an object is needed, and for NULL bytes unless there are none;
 * RC_RANGE for more than the chain has; RC_NO_MEMORY; RC_OVERFLOW for more bytes than size_t
 * counts, and for more than 2^31 slices of a buffer. None is repeated below. What fails has changed
 * nothing.
 * Source: BytesMut in Rust's bytes crate, libevent's evbuffer, sk_buff in Linux.
 */
#ifndef BUFFER_CHAIN_H
#define BUFFER_CHAIN_H

#include <sys/uio.h>

#include "pool.h"

RC_BEGIN_DECLS

/** Only the library makes chains, and only it writes the members. */
typedef struct rc_chain {
    size_t size;  /**< bytes of all pieces together */
    size_t count; /**< pieces */
} rc_chain;

/** An empty chain. Returns: one new reference, or NULL. */
RC_API RC_MUST_USE rc_chain *rc_chain_new(void);

/* ---- add ------------------------------------------------------------------------------------- */

/** The bytes of @p buffer, shared, at the end; those of an empty one are not held. Borrows: buffer,
 * which may be a slice. Of a frozen slice's bytes the chain makes frozen slices. */
RC_API enum rc_status rc_chain_append(rc_chain *chain, rc_buffer *buffer);

/** The same, in front. */
RC_API enum rc_status rc_chain_prepend(rc_chain *chain, rc_buffer *buffer);

/** A copy of @p size bytes, at the end: into what is left of the room there; what does not fit goes
 * to a new one with some to spare. Borrows: bytes, which may be of this chain. */
RC_API enum rc_status rc_chain_append_bytes(rc_chain *chain, const void *bytes, size_t size);

/** The same, in front, which has a room of its own: headers, layer by layer, are one piece. */
RC_API enum rc_status rc_chain_prepend_bytes(rc_chain *chain, const void *bytes, size_t size);

/** All bytes of @p other, shared, at the end. Borrows: other, which may be this chain too. */
RC_API enum rc_status rc_chain_append_chain(rc_chain *chain, const rc_chain *other);

/** Move all bytes of @p other to the end; it is empty then. To itself: nothing is done. */
RC_API enum rc_status rc_chain_move(rc_chain *chain, rc_chain *other);

/* ---- take away ------------------------------------------------------------------------------- */

/** The first @p size bytes as a chain of their own. Returns: one new reference, or NULL. */
RC_API RC_MUST_USE rc_chain *rc_chain_cut(rc_chain *chain, size_t size);

/**
 * The first @p size bytes as one buffer: a slice where they lie in one piece, as rc_chain_peek()
 * tells, else a copy. A slice pins all of its buffer; rc_buffer_make_unique() makes a copy of it.
 *
 * Returns:  one new reference, or NULL.
 */
RC_API RC_MUST_USE rc_buffer *rc_chain_cut_slice(rc_chain *chain, size_t size);

/** Let go of the first @p size bytes. */
RC_API enum rc_status rc_chain_drop(rc_chain *chain, size_t size);

/** Let go of the last @p size bytes. */
RC_API enum rc_status rc_chain_drop_back(rc_chain *chain, size_t size);

/* ---- read: offsets are found from the nearer end, in a step for each piece ------------------- */

/**
 * The bytes at @p offset, as far as they lie there in one piece: *run of them, 0 at the end.
 *
 * Returns:  borrowed, until they leave the chain; not to be read where *run is 0. NULL: an error.
 */
RC_API const unsigned char *rc_chain_peek(const rc_chain *chain, size_t offset, size_t *run);

/** Copy @p size bytes at @p offset to @p bytes. */
RC_API enum rc_status rc_chain_copy_out(const rc_chain *chain, size_t offset, void *bytes,
                                        size_t size);

/** What rc_chain_find() answers where there is nothing to be found. */
#define RC_CHAIN_NOT_FOUND SIZE_MAX

/**
 * Where these bytes stand first, at offset @p from or later, in one piece or across several. Where
 * size is 0 that is at from, up to the end.
 *
 * Returns:  the offset, or RC_CHAIN_NOT_FOUND; it leaves an error only where something is NULL.
 * Time:     that of memchr(), and up to @p size steps for each byte that equals the first one.
 */
RC_API size_t rc_chain_find(const rc_chain *chain, const void *bytes, size_t size, size_t from);

/** Whether the bytes at @p offset are these. False, and no error, where the chain ends before. */
RC_API bool rc_chain_equal(const rc_chain *chain, size_t offset, const void *bytes, size_t size);

/** The whole chain against these bytes: less than, equal to or greater than 0 as by memcmp(); where
 * one is the beginning of the other it comes first. -1 where there is an error. */
RC_API int rc_chain_compare(const rc_chain *chain, const void *bytes, size_t size);

/* ---- in one piece ---------------------------------------------------------------------------- */

/**
 * All bytes as one buffer; the chain stays as it is. A single piece is not copied: where it is all
 * of its buffer, that very buffer is returned, else a slice of it.
 *
 * Returns:  one new reference, or NULL.
 */
RC_API RC_MUST_USE rc_buffer *rc_chain_flatten(rc_chain *chain);

/** Have the first @p size bytes in one piece; they are copied unless they are. Where a release
 * callback of the old pieces changes the chain, that is what is then in front, and RC_RANGE if it
 * has no longer so many. Returns: where they lie, borrowed until they leave the chain; NULL: an
 * error. */
RC_API const unsigned char *rc_chain_make_contiguous(rc_chain *chain, size_t size);

/* ---- scatter and gather ---------------------------------------------------------------------- */

/** So many vectors Linux takes in one call (IOV_MAX); more are EINVAL. */
#define RC_CHAIN_VECTORS_MAX 1024

/**
 * Point vectors at the bytes from @p offset on: at most @p most, and at most RC_CHAIN_VECTORS_MAX.
 *
 * Returns:  how many; 0 at the end, and for an error. Through @p bytes, unless NULL, how many bytes
 *           they cover. What they point at is borrowed, as by rc_chain_peek().
 */
RC_API size_t rc_chain_vectors(const rc_chain *chain, size_t offset, struct iovec *vectors,
                               size_t most, size_t *bytes);

/**
 * Write the bytes, and let go of what was written: writev(), until the chain is empty or the
 * descriptor takes no more. What a signal interrupts goes on. A pipe that nobody reads raises
 * SIGPIPE. With more than 64 pieces it takes 16 KiB of stack.
 *
 * Borrows:  descriptor.
 * Returns:  RC_OK if some bytes were written, or there are none; chain->size is what is left. What
 *           went wrong behind them is for the next call to meet: as it was or, where the system
 *           tells it once (ECONNRESET), as what follows from it (EPIPE).
 * Errors:   RC_SYSTEM, errno tells (EAGAIN: it is full, and does not block; EIO: it took none, and
 *           gave no reason). RC_UNSUPPORTED for more than RC_CHAIN_VECTORS_MAX pieces where each
 *           call makes a message, as on datagram sockets. Other descriptors of that kind, as of a
 *           tun device, are not known to be any, and get a message for each so many pieces.
 */
RC_API enum rc_status rc_chain_write(rc_chain *chain, int descriptor);

/** The same by sendmsg() and its flags, MSG_DONTWAIT, MSG_MORE and others. No SIGPIPE.
 * RC_UNSUPPORTED for MSG_ZEROCOPY: the system would read bytes that the chain has let go of. */
RC_API enum rc_status rc_chain_send(rc_chain *chain, int socket, int flags);

/**
 * Read once, at most @p size bytes, to the end of the chain: readv() into what is left of the room
 * there and into buffers of @p pool, RC_CHAIN_VECTORS_MAX vectors at most. What follows the last
 * byte is the next room; buffers that got none go back. What a signal interrupts goes on.
 *
 * Borrows:  descriptor; pool, or NULL: where the room is too small, a buffer of size bytes is made.
 * Returns:  through @p received how many bytes came: 0 is the end of the stream.
 *           Of a message that is longer the rest is lost; buffer/chain_io.h tells, and has flags.
 * Errors:   RC_SYSTEM, errno tells (EAGAIN: there is nothing yet, and it does not block);
 *           RC_INVALID if size is 0 or the pool's buffers are empty. Not one byte was read then.
 */
RC_API enum rc_status rc_chain_receive(rc_chain *chain, int descriptor, rc_pool *pool, size_t size,
                                       size_t *received);

/* ---- what it pins ---------------------------------------------------------------------------- */

/** How many bytes the chain keeps alive, to compare with its size: all of each buffer that it has a
 * piece of, spare capacity too, and of its rooms; but borrowed buffers, which nobody frees. */
RC_API enum rc_status rc_chain_pinned(const rc_chain *chain, size_t *pinned);

/**
 * Copy small pieces that pin large buffers, and give the rooms back. Afterwards no buffer that the
 * chain keeps alive is more than @p times as large as what the chain has of it. A buffer that
 * others hold too lives on with them.
 *
 * Errors:   RC_INVALID if times is 0.
 */
RC_API enum rc_status rc_chain_compact(rc_chain *chain, size_t times);

RC_END_DECLS

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_CHAIN
#include "ledger_calls.h"
#endif

#endif
