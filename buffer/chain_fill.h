/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/chain_fill.h
 * Bytes that come into being at the end of a chain: what would be written to an array first, and
 * copied into the chain then, is written where it is to lie.
 *
 * @code
 * RC_AUTO(rc_chain, chain) = rc_chain_new();
 * size_t room;
 * unsigned char *place = chain ? rc_chain_reserve(chain, 100, &room) : NULL;
 * if (place) {
 *     size_t size = 0;
 *     while (size < 100) place[size++] = 'x'; // any function that fills memory
 *     if (rc_chain_commit(chain, place, size) != RC_OK) puts(rc_error_message());
 * }
 * if (chain && rc_chain_printf(chain, "%d bytes\r\n", 100) != RC_OK) puts(rc_error_message());
 * @endcode
 *
 * The room is the one that rc_chain_append_bytes() and rc_chain_receive() go on in, so that what
 * comes by any of them follows the rest in one piece while the room lasts.
 *
 * Threads and errors: as of all calls of a chain (buffer/chain.h).
 * Source: evbuffer_reserve_space(), evbuffer_commit_space() and evbuffer_add_printf() of libevent.
 */
#ifndef BUFFER_CHAIN_FILL_H
#define BUFFER_CHAIN_FILL_H

#include <stdarg.h>

#include "chain.h"

RC_BEGIN_DECLS

/**
 * Room for @p size bytes behind the last one, in one piece; for one byte where size is 0. Where the
 * room that there is has less, a new one takes its place. The bytes of the chain stay as they are.
 *
 * Returns:  where to write, borrowed; not initialised. It is the chain's to reuse as soon as
 *           another call is made that adds to its end, also one that fails or has nothing to
 *           add, or that gives rooms back (rc_chain_compact()), or the chain ends. NULL: an error. Through @p room, unless NULL, how many bytes there are, size at
 *           least.
 */
RC_API unsigned char *rc_chain_reserve(rc_chain *chain, size_t size, size_t *room);

/**
 * The first @p size bytes at @p place are the last of the chain from now on: up to as many as
 * rc_chain_reserve() said; the rest of the room is as before. Of 0 nothing is asked, and nothing is
 * done.
 *
 * Borrows:  place, as rc_chain_reserve() returned it.
 * Errors:   RC_INVALID if that is not where the room begins, because bytes were added since;
 *           RC_RANGE if the room has fewer. Where nothing was put at either end since the
 *           reservation, and no more is committed than it asked for, memory is not wanted, and
 *           not lacked.
 */
RC_API enum rc_status rc_chain_commit(rc_chain *chain, const void *place, size_t size);

/**
 * Text at the end, without the NUL: as by printf(), in one piece.
 *
 * Borrows:  format and what it refers to, which may be of this chain.
 * Errors:   RC_SYSTEM where vsnprintf() fails, errno tells (EOVERFLOW: INT_MAX bytes or more;
 *           EILSEQ: a wide character that the locale does not have).
 */
RC_API enum rc_status rc_chain_printf(rc_chain *chain, const char *format, ...) RC_PRINTF(2, 3);

/** The same with the arguments in a list, which is used up, as vprintf() does. */
RC_API enum rc_status rc_chain_vprintf(rc_chain *chain, const char *format, va_list arguments)
    RC_PRINTF(2, 0);

RC_END_DECLS

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_CHAIN_FILL
#include "ledger_calls.h"
#endif

#endif
