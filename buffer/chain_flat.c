/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* A chain's bytes in one piece: slices of a piece, and copies of several. */
#include "chain_layout.h"

/* ---- what others use ------------------------------------------------------------------------- */

rc_buffer *rc__chain_slice(const struct rc__piece *piece, size_t size)
{
    return rc__slice_of_export(piece->root, piece->data, size, piece->state);
}

/* RC__STATE_WIPE if one of the roots has it that bytes come from. */
static uint32_t wiping_of(const struct rc__chain *chain, size_t index, size_t size)
{
    uint32_t state = 0;
    for (size_t seen = 0; seen < size; index++) {
        const struct rc__piece *piece = rc__chain_piece(chain, index);
        state |= piece->root->rc__state;
        seen += piece->size;
    }
    return state & RC__STATE_WIPE;
}

rc_buffer *rc__chain_copy(const struct rc__chain *chain, size_t index, size_t size)
{
    uint32_t wiping = wiping_of(chain, index, size);
    rc_buffer *copy = rc__owner_new(NULL, size, RC_ALIGNMENT_DEFAULT, wiping);
    if (!copy) return NULL;
    const struct rc__chain_place place = {index, 0};
    rc__chain_gather(chain, place, (unsigned char *)(uintptr_t)copy->data, size);
    return copy;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static bool is_whole(const struct rc__piece *piece)
{
    return piece->size == piece->root->size && !piece->state;
}

static rc_buffer *share(const struct rc__piece *piece)
{
    if (is_whole(piece)) return rc__retain_for_caller(piece->root);
    if (RC_UNLIKELY(!rc__exports_add(piece->root))) {
        rc__chain_refuse_export(piece->root, "rc_chain_flatten");
        return NULL;
    }
    rc_buffer *slice = rc__chain_slice(piece, piece->size);
    if (RC_UNLIKELY(!slice)) rc__exports_drop(piece->root);
    return slice;
}

rc_buffer *rc_chain_flatten(rc_chain *head)
{
    if (rc__chain_check(head, "rc_chain_flatten") != RC_OK) return NULL;
    const struct rc__chain *chain = rc__chain_of(head);
    if (head->count == 1) return share(rc__chain_piece(chain, 0));
    return rc__chain_copy(chain, 0, head->size);
}

/* ---- the front of it ------------------------------------------------------------------------- */

/* The pieces go when the copy is in their place: who hears of it finds the chain as it is to be.
 * One that left whole has left a place. */
static bool replace_front(rc_chain *chain, size_t size)
{
    rc_buffer *copy = rc__chain_copy(rc__chain_of(chain), 0, size);
    rc_chain *front = copy ? rc_chain_cut(chain, size) : NULL;
    if (front) {
        const struct rc__piece piece = {.root = copy, .data = copy->data, .size = size};
        (void)rc__exports_add(copy); /* the first of it */
        rc__chain_store(rc__chain_of(chain), RC__CHAIN_FRONT, &piece);
    }
    rc_release(copy);
    rc_release(front);
    return front != NULL;
}

static bool is_contiguous(const rc_chain *chain, size_t size)
{
    return chain->count == 0 || size <= rc__chain_piece(rc__chain_of(chain), 0)->size;
}

/* What hears of the end of the old pieces may have put bytes in front of the copy, or let go of
 * it: the chain is looked at again. */
const unsigned char *rc_chain_make_contiguous(rc_chain *chain, size_t size)
{
    static const char call[] = "rc_chain_make_contiguous";
    do {
        if (rc__chain_check_range(chain, 0, size, call) != RC_OK) return NULL;
        if (is_contiguous(chain, size))
            return chain->count ? rc__chain_piece(rc__chain_of(chain), 0)->data
                                : rc__buffer_nothing;
    } while (replace_front(chain, size));
    return NULL;
}
