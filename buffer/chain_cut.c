/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What leaves a chain: cut off, as a chain or as one buffer, or let go of. */
#include "chain_layout.h"

/* ---- let go of ------------------------------------------------------------------------------- */

enum rc_status rc_chain_drop(rc_chain *chain, size_t size)
{
    enum rc_status status = rc__chain_check_range(chain, 0, size, "rc_chain_drop");
    if (status == RC_OK) rc__chain_let_go(rc__chain_of(chain), size);
    return status;
}

static void let_go_back(struct rc__chain *chain, size_t size)
{
    while (size > 0 && chain->head.count > 0) {
        struct rc__piece *last = rc__chain_piece(chain, chain->head.count - 1);
        if (size < last->size) {
            last->size -= size;
            chain->head.size -= size;
            return;
        }
        size -= last->size;
        struct rc__piece piece = rc__chain_take(chain, RC__CHAIN_BACK);
        rc__exports_drop(piece.root);
    }
}

static RC_COLD enum rc_status refuse_back(const rc_chain *chain, size_t size, const char *call)
{
    return rc_error_set(RC_RANGE, "%s: the last %zu byte%s: the chain has %zu", call, size,
                        rc__plural(size), chain->size);
}

enum rc_status rc_chain_drop_back(rc_chain *chain, size_t size)
{
    static const char call[] = "rc_chain_drop_back";
    if (rc__chain_check(chain, call) != RC_OK) return RC_INVALID;
    if (size > chain->size) return refuse_back(chain, size, call);
    let_go_back(rc__chain_of(chain), size);
    return RC_OK;
}

/* ---- as a chain ------------------------------------------------------------------------------ */

/* Part of a piece goes to another chain, which has a place for it; its root is exported to both. */
static void share_front(struct rc__chain *from, struct rc__chain *to, size_t size)
{
    struct rc__piece part = *rc__chain_piece(from, 0);
    part.size = size;
    rc__chain_store(to, RC__CHAIN_BACK, &part);
    rc__chain_trim_front(from, size);
}

static enum rc_status move_front(struct rc__chain *from, struct rc__chain *to, size_t size)
{
    struct rc__chain_place end = rc__chain_locate(from, size);
    enum rc_status status = rc__chain_reserve(to, end.index + (end.within > 0));
    if (status != RC_OK) return status;
    rc_buffer *shared = end.within > 0 ? rc__chain_piece(from, end.index)->root : NULL;
    if (shared && RC_UNLIKELY(!rc__exports_add(shared)))
        return rc__chain_refuse_export(shared, "rc_chain_cut");
    for (; end.index > 0; end.index--) {
        struct rc__piece piece = rc__chain_take(from, RC__CHAIN_FRONT);
        rc__chain_store(to, RC__CHAIN_BACK, &piece);
    }
    if (shared) share_front(from, to, end.within);
    return RC_OK;
}

rc_chain *rc_chain_cut(rc_chain *chain, size_t size)
{
    if (rc__chain_check_range(chain, 0, size, "rc_chain_cut") != RC_OK) return NULL;
    rc_chain *front = rc_chain_new();
    if (!front || move_front(rc__chain_of(chain), rc__chain_of(front), size) == RC_OK) return front;
    rc_release(front);
    return NULL;
}

/* ---- as one buffer --------------------------------------------------------------------------- */

/* All of the first piece: its export becomes the slice's. */
static inline rc_buffer *cut_piece(struct rc__chain *chain)
{
    const struct rc__piece *first = rc__chain_piece(chain, 0);
    rc_buffer *slice = rc__chain_slice(first, first->size);
    if (RC_LIKELY(slice)) (void)rc__chain_take(chain, RC__CHAIN_FRONT);
    return slice;
}

static rc_buffer *cut_part(struct rc__chain *chain, size_t size)
{
    const struct rc__piece *first = rc__chain_piece(chain, 0);
    if (RC_UNLIKELY(!rc__exports_add(first->root))) {
        rc__chain_refuse_export(first->root, "rc_chain_cut_slice");
        return NULL;
    }
    rc_buffer *slice = rc__chain_slice(first, size);
    if (RC_LIKELY(slice))
        rc__chain_trim_front(chain, size);
    else
        rc__exports_drop(first->root);
    return slice;
}

static rc_buffer *cut_copy(struct rc__chain *chain, size_t size)
{
    rc_buffer *copy = rc__chain_copy(chain, 0, size);
    if (copy) rc__chain_let_go(chain, size);
    return copy;
}

rc_buffer *rc_chain_cut_slice(rc_chain *head, size_t size)
{
    if (rc__chain_check_range(head, 0, size, "rc_chain_cut_slice") != RC_OK) return NULL;
    struct rc__chain *chain = rc__chain_of(head);
    if (RC_UNLIKELY(size == 0)) return rc_buffer_new(0);
    size_t first = rc__chain_piece(chain, 0)->size;
    if (RC_LIKELY(size == first)) return cut_piece(chain);
    return size < first ? cut_part(chain, size) : cut_copy(chain, size);
}
