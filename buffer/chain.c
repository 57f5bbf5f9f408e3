/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Chains: the object, its ring of pieces, and what is added without a copy. */
#include "chain_layout.h"

/* ---- checks ---------------------------------------------------------------------------------- */

enum rc_status rc__chain_not_alive(const rc_chain *chain, const char *call)
{
    if (!chain) return rc_error_set(RC_INVALID, "%s: the chain is NULL", call);
    return rc_error_set(RC_INVALID, "%s: a chain of %zu byte%s is being finalized", call,
                        chain->size, rc__plural(chain->size));
}

enum rc_status rc__chain_check_bytes(const rc_chain *chain, const void *bytes, size_t size,
                                     const char *call)
{
    if (rc__chain_check(chain, call) != RC_OK) return RC_INVALID;
    if (RC_LIKELY(bytes || !size)) return RC_OK;
    return rc_error_set(RC_INVALID, "%s: the %zu byte%s NULL", call, size,
                        size == 1 ? " is" : "s are");
}

enum rc_status rc__chain_refuse_range(const rc_chain *chain, size_t offset, size_t size,
                                      const char *call)
{
    if (rc__chain_check(chain, call) != RC_OK) return RC_INVALID;
    return rc_error_set(RC_RANGE, "%s: %zu byte%s at %zu %s the end of a chain of %zu byte%s", call,
                        size, rc__plural(size), offset, size == 1 ? "passes" : "pass", chain->size,
                        rc__plural(chain->size));
}

enum rc_status rc__chain_refuse_export(const rc_buffer *root, const char *call)
{
    return rc_error_set(RC_OVERFLOW, "%s: %u slices of a buffer of %zu byte%s live already", call,
                        RC__EXPORTS_MAX, root->size, rc__plural(root->size));
}

/* ---- the type -------------------------------------------------------------------------------- */

/* Empty and whole afterwards, for what may have kept it. */
static void finalize(void *self)
{
    struct rc__chain *chain = self;
    rc__chain_drop_rooms(chain);
    rc__chain_let_go(chain, chain->head.size);
    rc__chain_free_ring(chain);
}

static void traverse(void *self, rc_visit *visit, void *argument)
{
    struct rc__chain *chain = self;
    for (size_t i = 0; i < chain->head.count; i++) visit(rc__chain_piece(chain, i)->root, argument);
    for (size_t i = 0; i < 2; i++)
        if (chain->rooms[i].root) visit(chain->rooms[i].root, argument);
}

static const struct rc__sized_type chain_type = {
    .base = {.name = "rc_chain",
             .size = sizeof(struct rc__chain),
             .finalize = finalize,
             .traverse = traverse,
             .flags = RC__TYPE_SIZED},
    .extra = rc__buffer_no_extra,
    .end_plain = rc__object_end_self,
    .apart = rc__chain_ring_bytes,
    .describe = rc__chain_describe,
};

rc_chain *rc_chain_new(void)
{
    struct rc__chain *chain = rc__object_new_sized(NULL, &chain_type, 0, RC__CELL_OTHER);
    if (!chain) return NULL;
    *chain = (struct rc__chain){.pieces = chain->inline_pieces, .capacity = RC__CHAIN_INLINE};
    return &chain->head;
}

/* ---- add buffers ----------------------------------------------------------------------------- */

/* A slice of a slice is as frozen as that one is; a root is asked when it is written to. */
static inline struct rc__piece piece_of(const rc_buffer *buffer)
{
    bool is_slice = rc__buffer_kind(buffer) == RC__BUFFER_SLICE;
    return (struct rc__piece){.root = rc__buffer_root(buffer),
                              .data = buffer->data,
                              .size = buffer->size,
                              .state = is_slice ? buffer->rc__state & RC__STATE_UNWRITABLE : 0};
}

static inline __attribute__((always_inline)) enum rc_status
add(rc_chain *head, enum rc__chain_end end, rc_buffer *buffer, const char *call)
{
    if (rc__chain_check(head, call) != RC_OK) return RC_INVALID;
    if (rc__buffer_check(buffer, call) != RC_OK) return RC_INVALID;
    if (buffer->size == 0) return RC_OK;
    struct rc__chain *chain = rc__chain_of(head);
    struct rc__piece piece = piece_of(buffer);
    bool fits = piece.size <= SIZE_MAX - head->size;
    if (RC_LIKELY(fits) && rc__chain_join(chain, end, &piece)) return RC_OK;
    if (RC_UNLIKELY(!fits || head->count == chain->capacity)) {
        enum rc_status status = rc__chain_prepare(chain, piece.size, 1);
        if (status != RC_OK) return status;
    }
    if (RC_UNLIKELY(!rc__exports_add(piece.root))) return rc__chain_refuse_export(piece.root, call);
    rc__chain_store(chain, end, &piece);
    return RC_OK;
}

enum rc_status rc_chain_append(rc_chain *chain, rc_buffer *buffer)
{
    return add(chain, RC__CHAIN_BACK, buffer, "rc_chain_append");
}

enum rc_status rc_chain_prepend(rc_chain *chain, rc_buffer *buffer)
{
    return add(chain, RC__CHAIN_FRONT, buffer, "rc_chain_prepend");
}

/* ---- add chains ------------------------------------------------------------------------------ */

static enum rc_status prepare_for(rc_chain *chain, const rc_chain *other, const char *call)
{
    if (rc__chain_check(chain, call) != RC_OK) return RC_INVALID;
    if (rc__chain_check(other, call) != RC_OK) return RC_INVALID;
    return rc__chain_prepare(rc__chain_of(chain), other->size, other->count);
}

/* One export more for each of the first @p count pieces. The index of the first that could not have
 * one; their count: all have. */
static size_t export_pieces(const struct rc__chain *chain, size_t count)
{
    size_t i = 0;
    while (i < count && rc__exports_add(rc__chain_piece(chain, i)->root)) i++;
    return i;
}

/* What was exported a moment ago: none of these is the last. */
static void take_exports_back(const struct rc__chain *chain, size_t count)
{
    for (size_t i = 0; i < count; i++) rc__exports_drop(rc__chain_piece(chain, i)->root);
}

/* The last piece is read before it may grow by what is put behind it, in a chain that is added to
 * itself. */
enum rc_status rc_chain_append_chain(rc_chain *chain, const rc_chain *other)
{
    static const char call[] = "rc_chain_append_chain";
    enum rc_status status = prepare_for(chain, other, call);
    size_t count = status == RC_OK ? other->count : 0;
    if (count == 0) return status;
    struct rc__chain *from = rc__chain_of(other), *to = rc__chain_of(chain);
    size_t exported = export_pieces(from, count);
    if (RC_UNLIKELY(exported < count)) {
        take_exports_back(from, exported);
        return rc__chain_refuse_export(rc__chain_piece(from, exported)->root, call);
    }
    const struct rc__piece last = *rc__chain_piece(from, count - 1);
    for (size_t i = 0; i < count; i++) {
        struct rc__piece piece = i + 1 < count ? *rc__chain_piece(from, i) : last;
        rc__chain_put(to, RC__CHAIN_BACK, &piece);
    }
    return RC_OK;
}

enum rc_status rc_chain_move(rc_chain *chain, rc_chain *other)
{
    struct rc__chain *from = rc__chain_of(other), *to = rc__chain_of(chain);
    if (chain == other) return rc__chain_check(chain, "rc_chain_move");
    enum rc_status status = prepare_for(chain, other, "rc_chain_move");
    if (status != RC_OK) return status;
    while (other->count > 0) {
        struct rc__piece piece = rc__chain_take(from, RC__CHAIN_FRONT);
        rc__chain_put(to, RC__CHAIN_BACK, &piece);
    }
    return RC_OK;
}
