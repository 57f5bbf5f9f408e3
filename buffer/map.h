/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/map.h
 * Buffers over mapped files, and over shared memory that another process maps too.
 *
 * A map is an rc_buffer of kind "mapped": read it, slice it, edit it where its mode allows; slices
 * keep it alive, and the last release unmaps it. It cannot be resized, and is not in the account's
 * bytes.
 *
 * The library never truncates a file behind a map. Others can: touching a page that lies wholly
 * behind the file's new end raises SIGBUS, in this process and at that instruction. Map only files
 * that nobody shortens, and shared memory that is sealed against shrinking: rc_map_seals().
 *
 * Threads: as for every buffer; releasing and slicing are safe from any thread.
 * Errors: RC_SYSTEM keeps errno, and the message has the path, the figures and errno's text. Where
 * the system has no such call the answer is RC_UNSUPPORTED. What fails has changed nothing.
 */
#ifndef BUFFER_MAP_H
#define BUFFER_MAP_H

#include "buffer.h"

RC_BEGIN_DECLS

/** What the bytes are to the file that they come from. */
enum rc_map_mode {
    RC_MAP_READ,    /**< read-only; what others write shows */
    RC_MAP_PRIVATE, /**< writable; what is written stays here and never reaches the file */
    RC_MAP_SHARED   /**< writable; what is written reaches the file and everyone who maps it */
};

/* ---- files: each returns one new reference, or NULL ------------------------------------------ */

/**
 * The whole of a regular file, as long as it is now. An empty file gives an empty buffer; so does
 * one whose size the system gives as 0, as in /proc.
 *
 * Borrows:  path, not NULL.
 * Errors:   RC_SYSTEM, RC_UNSUPPORTED for a directory, FIFO, socket or device, RC_OVERFLOW for a
 *           file larger than memory can be, RC_NO_MEMORY.
 */
RC_API RC_MUST_USE rc_buffer *rc_map_file(const char *path, enum rc_map_mode mode);

/**
 * @p size bytes from @p offset on of a file that is open; the offset need not be a multiple of
 * anything.
 *
 * Borrows:  descriptor, for the call: it may be closed afterwards. It must be open for reading, and
 *           for writing too where the mode is RC_MAP_SHARED.
 * Errors:   RC_RANGE if the range passes the end of the file, else as rc_map_file.
 */
RC_API RC_MUST_USE rc_buffer *rc_map_descriptor(int descriptor, uint64_t offset, size_t size,
                                                enum rc_map_mode mode);

/**
 * Write to the file what was changed, and wait until it is there: msync(). For a slice of a map,
 * the pages that the slice touches.
 *
 * Borrows:  map, a map or a slice of one; an empty slice has no pages, and gets RC_OK.
 * Errors:   RC_SYSTEM; RC_UNSUPPORTED for a buffer that is not mapped.
 */
RC_API enum rc_status rc_map_flush(rc_buffer *map);

/** What the program is going to do with the bytes. */
enum rc_map_advice {
    RC_MAP_NORMAL,     /**< no more advice */
    RC_MAP_SEQUENTIAL, /**< read once, front to back */
    RC_MAP_RANDOM,     /**< read here and there: reading ahead is wasted */
    RC_MAP_WILL_NEED,  /**< soon: start reading now */
    RC_MAP_DONT_NEED   /**< not for a while: the pages may leave memory, the content stays */
};

/**
 * Advise the system: madvise(). For a slice of a map, the pages that the slice touches.
 *
 * Borrows:  map, a map or a slice of one; an empty slice has no pages, and gets RC_OK.
 * Errors:   RC_SYSTEM; RC_UNSUPPORTED for a buffer that is not mapped, and for RC_MAP_DONT_NEED on
 *           a private map, which would lose what was written; RC_INVALID for an unknown advice.
 */
RC_API enum rc_status rc_map_advise(rc_buffer *map, enum rc_map_advice advice);

/* ---- shared memory --------------------------------------------------------------------------- */

/**
 * New shared memory of @p size bytes, all zero, mapped RC_MAP_SHARED: memfd_create(). It has no
 * path; other processes get it by fork() or rc_map_send(). The buffer keeps the descriptor.
 *
 * Borrows:  name, up to 249 bytes, which /proc/self/maps shows; NULL: "rcbuf".
 * Returns:  one new reference, or NULL.
 */
RC_API RC_MUST_USE rc_buffer *rc_map_memory(const char *name, size_t size);

/**
 * The descriptor of shared memory that rc_map_memory() or rc_map_receive() made.
 *
 * Returns:  borrowed: the buffer closes it. -1: RC_UNSUPPORTED, there is none.
 */
RC_API int rc_map_memory_descriptor(const rc_buffer *map);

#define RC_MAP_SEAL_SHRINK 1u /**< nobody can make it smaller: no SIGBUS for whoever maps it */
#define RC_MAP_SEAL_GROW   2u /**< nobody can make it larger */
/** Nobody can map it for shared writing or write() to it from now on. Maps that are writable
 * already, the caller's among them, stay so until they are unmapped. */
#define RC_MAP_SEAL_WRITE 4u

/**
 * Add seals RC_MAP_SEAL_..., for every process and for good.
 *
 * Borrows:  map, shared memory; seals, one or more of the bits.
 * Errors:   RC_UNSUPPORTED if the buffer has no descriptor, or the system knows no such seal;
 *           RC_SYSTEM if the memory takes no more seals; RC_INVALID for other bits.
 */
RC_API enum rc_status rc_map_seal(rc_buffer *map, unsigned seals);

/** The seals that are on now, through @p seals. Errors: as rc_map_seal. */
RC_API enum rc_status rc_map_seals(const rc_buffer *map, unsigned *seals);

/**
 * Pass shared memory to the process at the other end of a Unix socket, as one message of 16 bytes
 * and the descriptor (SCM_RIGHTS). Stream, datagram and sequenced sockets all do. No SIGPIPE.
 *
 * Borrows:  socket; map, shared memory, the whole of it. The receiver has a reference of its own.
 * Errors:   RC_SYSTEM (EAGAIN if the socket does not block and is full), RC_UNSUPPORTED if the
 *           buffer has no descriptor.
 */
RC_API enum rc_status rc_map_send(int socket, const rc_buffer *map);

/**
 * Take what the other end passed with rc_map_send(), and map it. Waits for a message, unless the
 * socket does not block.
 *
 * Borrows:  socket.
 * Returns:  one new reference, which can be sent on; or NULL.
 * Errors:   RC_SYSTEM (ECONNRESET where the other end has closed); RC_INVALID for a message that is
 *           none of rc_map_send(), or came without exactly one descriptor; RC_RANGE if the memory
 *           is smaller than the message says. The descriptors of a refused message are closed; a
 *           message that was read is gone, also where the answer is RC_NO_MEMORY: send it again.
 */
RC_API RC_MUST_USE rc_buffer *rc_map_receive(int socket, enum rc_map_mode mode);

RC_END_DECLS

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_MAP
#include "ledger_calls.h"
#endif

#endif
