/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/chain_layout.h
 * Private (not installed): what a chain is made of.
 *
 *     [ header 16 | rc_chain | ring, rooms | 4 pieces ]     one block; the ring is these, or
 *                                                           a block of its own
 *
 * Invariants. Each piece, and each room, holds one export of its root, which therefore keeps its
 * bytes where they are. Pieces are not empty; head.size is the sum of theirs. A room's free bytes,
 * before its edge in front and from its edge on at the back, are reached by nobody but the chain:
 * no piece, and so no slice of one, lies there, and nobody has the room's root itself, which is
 * handed out only where a piece is all of it. There is no room without free bytes.
 *
 * What is let go of may run the program's code, which may use the chain: a piece has left the chain
 * before its export is dropped, and nothing that was read before is believed afterwards.
 */
#ifndef BUFFER_CHAIN_LAYOUT_H
#define BUFFER_CHAIN_LAYOUT_H

#include "chain.h"
#include "exports.h"

struct rc__piece {
    rc_buffer *root;
    const unsigned char *data; /* inside of it */
    size_t size;
    uint32_t
        state; /* RC__STATE_UNWRITABLE of the slice it came from: for slices that are made of it */
};

enum rc__chain_end { RC__CHAIN_FRONT, RC__CHAIN_BACK };

struct rc__room {
    rc_buffer *root; /* NULL: there is no room */
    const unsigned char *edge;
};

#define RC__CHAIN_INLINE 4u

/* A ring of more pieces is given back when the chain is empty. */
#define RC__CHAIN_KEPT 256u

struct rc__chain {
    rc_chain head;
    struct rc__piece *pieces; /* a ring: inline_pieces, or a block */
    size_t first;
    size_t capacity;          /* a power of two */
    struct rc__room rooms[2]; /* by the end that they are for */
    struct rc__piece inline_pieces[RC__CHAIN_INLINE];
};

_Static_assert((RC__CHAIN_INLINE & (RC__CHAIN_INLINE - 1)) == 0, "a ring is a power of two");

RC_HIDDEN void rc__chain_describe(const void *self, struct rc__description *description);

/* ---- checks ---------------------------------------------------------------------------------- */

/* For sentences: what follows "byte" where there are so many. */
static inline const char *rc__plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* RC_INVALID and a sentence that begins with @p call. */
RC_HIDDEN RC_COLD enum rc_status rc__chain_not_alive(const rc_chain *chain, const char *call);

static inline enum rc_status rc__chain_check(const rc_chain *chain, const char *call)
{
    if (RC_LIKELY(chain && !rc__object_is_finalizing(chain))) return RC_OK;
    return rc__chain_not_alive(chain, call);
}

/* The same, and RC_INVALID for @p bytes that are NULL and not none. */
RC_HIDDEN enum rc_status rc__chain_check_bytes(const rc_chain *chain, const void *bytes,
                                               size_t size, const char *call);

/* RC_INVALID or RC_RANGE. */
RC_HIDDEN RC_COLD enum rc_status rc__chain_refuse_range(const rc_chain *chain, size_t offset,
                                                        size_t size, const char *call);

/* Whether the chain has @p size bytes at @p offset. */
static inline bool rc__chain_has(const rc_chain *chain, size_t offset, size_t size)
{
    return offset <= chain->size && size <= chain->size - offset;
}

static inline enum rc_status rc__chain_check_range(const rc_chain *chain, size_t offset,
                                                   size_t size, const char *call)
{
    if (RC_LIKELY(chain && !rc__object_is_finalizing(chain) && rc__chain_has(chain, offset, size)))
        return RC_OK;
    return rc__chain_refuse_range(chain, offset, size, call);
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static inline struct rc__chain *rc__chain_of(const rc_chain *chain)
{
    return (struct rc__chain *)(uintptr_t)chain;
}

static inline struct rc__piece *rc__chain_piece(const struct rc__chain *chain, size_t index)
{
    return &chain->pieces[(chain->first + index) & (chain->capacity - 1)];
}

/* Places for so many more pieces. */
RC_HIDDEN enum rc_status rc__chain_reserve(struct rc__chain *chain, size_t more);

/* Bytes of a ring that is a block of its own; else 0. */
RC_HIDDEN size_t rc__chain_ring_bytes(const void *chain);

/* The ring becomes inline_pieces. The chain has no pieces. */
RC_HIDDEN void rc__chain_free_ring(struct rc__chain *chain);

static inline bool rc__piece_is_before(const struct rc__piece *piece, const struct rc__piece *next)
{
    return piece->root == next->root && piece->data + piece->size == next->data &&
           piece->state == next->state;
}

/* Makes one of the piece and the outermost one if they lie side by side; it needs no export
 * then. */
static inline bool rc__chain_join(struct rc__chain *chain, enum rc__chain_end end,
                                  const struct rc__piece *piece)
{
    size_t count = chain->head.count;
    bool in_front = end == RC__CHAIN_FRONT;
    if (count == 0) return false;
    struct rc__piece *outer = rc__chain_piece(chain, in_front ? 0 : count - 1);
    if (!(in_front ? rc__piece_is_before(piece, outer) : rc__piece_is_before(outer, piece)))
        return false;
    if (in_front) outer->data = piece->data;
    outer->size += piece->size;
    chain->head.size += piece->size;
    return true;
}

/* Takes the piece's export. There is a place for it. */
static inline void rc__chain_store(struct rc__chain *chain, enum rc__chain_end end,
                                   const struct rc__piece *piece)
{
    size_t count = chain->head.count, last = chain->capacity - 1;
    if (end == RC__CHAIN_FRONT) chain->first = (chain->first + last) & last;
    *rc__chain_piece(chain, end == RC__CHAIN_FRONT ? 0 : count) = *piece;
    chain->head.count = count + 1;
    chain->head.size += piece->size;
}

/* Takes the piece's export. There is a place for it, and the sum of sizes was checked. */
RC_HIDDEN void rc__chain_put(struct rc__chain *chain, enum rc__chain_end end,
                             const struct rc__piece *piece);

/* The outermost piece, with its export. There is one. */
static inline struct rc__piece rc__chain_take(struct rc__chain *chain, enum rc__chain_end end)
{
    size_t count = chain->head.count - 1;
    struct rc__piece piece = *rc__chain_piece(chain, end == RC__CHAIN_FRONT ? 0 : count);
    if (end == RC__CHAIN_FRONT) chain->first = (chain->first + 1) & (chain->capacity - 1);
    chain->head.count = count;
    chain->head.size -= piece.size;
    if (RC_UNLIKELY(count == 0 && chain->capacity > RC__CHAIN_KEPT)) rc__chain_free_ring(chain);
    return piece;
}

/* The first @p size bytes of the first piece, which has more, are no longer part of it. */
static inline void rc__chain_trim_front(struct rc__chain *chain, size_t size)
{
    struct rc__piece *piece = rc__chain_piece(chain, 0);
    piece->data += size;
    piece->size -= size;
    chain->head.size -= size;
}

/* Each other's pieces, for which both have places. Rings and rooms stay where they are. */
RC_HIDDEN void rc__chain_swap(struct rc__chain *chain, struct rc__chain *other);

/* Let go of the first @p size bytes, or of as many as there are. */
RC_HIDDEN void rc__chain_let_go(struct rc__chain *chain, size_t size);

/* @p more bytes in one more piece are not too many, and there are the places. */
RC_HIDDEN enum rc_status rc__chain_prepare(struct rc__chain *chain, size_t more, size_t places);

/* RC_OVERFLOW. */
RC_HIDDEN RC_COLD enum rc_status rc__chain_refuse_export(const rc_buffer *root, const char *call);

/* ---- places ---------------------------------------------------------------------------------- */

struct rc__chain_place {
    size_t index;  /* of the piece; their count at the end of the chain */
    size_t within; /* the piece, in bytes; less than its size */
};

/* offset: up to the size. */
RC_HIDDEN struct rc__chain_place rc__chain_locate(const struct rc__chain *chain, size_t offset);

/* The bytes from there to the end of their piece, one at least; there is a piece. */
static inline const unsigned char *rc__chain_run(const struct rc__chain *chain,
                                                 struct rc__chain_place place, size_t *run)
{
    const struct rc__piece *piece = rc__chain_piece(chain, place.index);
    *run = piece->size - place.within;
    return piece->data + place.within;
}

/* The place @p size bytes further on; at most a run. */
static inline struct rc__chain_place rc__chain_next(const struct rc__chain *chain,
                                                    struct rc__chain_place place, size_t size)
{
    place.within += size;
    if (place.within < rc__chain_piece(chain, place.index)->size) return place;
    return (struct rc__chain_place){place.index + 1, 0};
}

/* ---- copies ---------------------------------------------------------------------------------- */

/* The chain has so many bytes there. */
RC_HIDDEN void rc__chain_gather(const struct rc__chain *chain, struct rc__chain_place place,
                                unsigned char *bytes, size_t size);

/* A buffer with a copy of @p size bytes from the beginning of a piece on; it wipes its bytes if one
 * of the roots does that they come from. */
RC_HIDDEN rc_buffer *rc__chain_copy(const struct rc__chain *chain, size_t index, size_t size);

/* A slice with the first @p size bytes of a piece. Takes: an export of its root, on success. */
RC_HIDDEN rc_buffer *rc__chain_slice(const struct rc__piece *piece, size_t size);

/* ---- rooms ----------------------------------------------------------------------------------- */

/* What is free; 0 where there is no room. */
static inline size_t rc__room_left(const struct rc__room *room, enum rc__chain_end end)
{
    if (!room->root) return 0;
    const unsigned char *begin = room->root->data;
    return (size_t)(end == RC__CHAIN_FRONT ? room->edge - begin
                                           : begin + room->root->size - room->edge);
}

/* The room at that end is what is free of @p root at @p edge; none where nothing is. It is the room
 * that there is, or one that nobody else holds by then, of the many exports that it can have. */
RC_HIDDEN void rc__chain_set_room(struct rc__chain *chain, enum rc__chain_end end, rc_buffer *root,
                                  const unsigned char *edge);

/* A buffer to be one: of @p needed bytes at least, with some to spare where these are few. */
RC_HIDDEN rc_buffer *rc__chain_new_room(const struct rc__chain *chain, size_t needed);

RC_HIDDEN void rc__chain_drop_rooms(struct rc__chain *chain);

#endif
