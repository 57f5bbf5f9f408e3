/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* A chain's pieces, in a ring that grows by doubling. */
#include "chain_layout.h"

#include "../rc/block.h"
#include "../rc/tally.h"

/* ---- the ring -------------------------------------------------------------------------------- */

static bool is_inline(const struct rc__chain *chain)
{
    return chain->pieces == chain->inline_pieces;
}

size_t rc__chain_ring_bytes(const void *chain)
{
    const struct rc__chain *it = chain;
    return is_inline(it) ? 0 : it->capacity * sizeof(struct rc__piece);
}

static void free_ring(struct rc__chain *chain)
{
    size_t bytes = rc__chain_ring_bytes(chain);
    if (bytes == 0) return;
    rc__tally_bytes_less(bytes);
    rc__block_free(rc__object_allocator(chain), chain->pieces, bytes, RC_ALIGNMENT_DEFAULT);
}

void rc__chain_free_ring(struct rc__chain *chain)
{
    free_ring(chain);
    chain->pieces = chain->inline_pieces;
    chain->capacity = RC__CHAIN_INLINE;
    chain->first = 0;
}

/* The pieces in their order, the first one first. */
static void unroll(const struct rc__chain *chain, struct rc__piece *pieces)
{
    size_t behind = chain->capacity - chain->first, count = chain->head.count;
    if (behind > count) behind = count;
    memcpy(pieces, chain->pieces + chain->first, behind * sizeof *pieces);
    memcpy(pieces + behind, chain->pieces, (count - behind) * sizeof *pieces);
}

static __attribute__((noinline)) enum rc_status grow_ring(struct rc__chain *chain, size_t needed)
{
    size_t capacity = 2 * chain->capacity, bytes;
    while (capacity < needed) capacity *= 2;
    if (!rc__size_multiply(capacity, sizeof(struct rc__piece), &bytes)) return RC_OVERFLOW;
    struct rc__piece *pieces =
        rc__block_allocate(rc__object_allocator(chain), bytes, RC_ALIGNMENT_DEFAULT);
    if (!pieces) return RC_NO_MEMORY;
    rc__tally_bytes_more(bytes);
    unroll(chain, pieces);
    free_ring(chain);
    chain->pieces = pieces;
    chain->capacity = capacity;
    chain->first = 0;
    return RC_OK;
}

/* Pieces are in memory, so that twice as many are no more than size_t counts. */
enum rc_status rc__chain_reserve(struct rc__chain *chain, size_t more)
{
    if (RC_LIKELY(more <= chain->capacity - chain->head.count)) return RC_OK;
    return grow_ring(chain, chain->head.count + more);
}

void rc__chain_swap(struct rc__chain *chain, struct rc__chain *other)
{
    rc_chain head = chain->head;
    size_t most = head.count > other->head.count ? head.count : other->head.count;
    for (size_t i = 0; i < most; i++) {
        struct rc__piece piece = *rc__chain_piece(chain, i);
        *rc__chain_piece(chain, i) = *rc__chain_piece(other, i);
        *rc__chain_piece(other, i) = piece;
    }
    chain->head = other->head;
    other->head = head;
}

/* ---- pieces ---------------------------------------------------------------------------------- */

/* The piece that it is joined to has an export too, so that this one is not the last. */
void rc__chain_put(struct rc__chain *chain, enum rc__chain_end end, const struct rc__piece *piece)
{
    if (rc__chain_join(chain, end, piece))
        rc__exports_drop(piece->root);
    else
        rc__chain_store(chain, end, piece);
}

void rc__chain_let_go(struct rc__chain *chain, size_t size)
{
    while (size > 0 && chain->head.count > 0) {
        size_t first = rc__chain_piece(chain, 0)->size;
        if (size < first) {
            rc__chain_trim_front(chain, size);
            return;
        }
        size -= first;
        struct rc__piece piece = rc__chain_take(chain, RC__CHAIN_FRONT);
        rc__exports_drop(piece.root);
    }
}

enum rc_status rc__chain_prepare(struct rc__chain *chain, size_t more, size_t places)
{
    size_t sum;
    if (!rc__size_add(chain->head.size, more, &sum)) return RC_OVERFLOW;
    return rc__chain_reserve(chain, places);
}
