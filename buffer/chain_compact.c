/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * What a chain pins, told and lessened.
 *
 * A buffer may have pieces here and there in the chain, so both calls first add up, in a table by
 * address, what the chain has of each.
 */
#include "chain_layout.h"

#include "../rc/block.h"

/* ---- what the chain has of each buffer ------------------------------------------------------- */

struct use {
    rc_buffer *root;
    size_t bytes; /* of it, in pieces */
};

/* Open addressing; at most half of it is taken. */
struct uses {
    struct use *places;
    size_t capacity; /* a power of two */
    const struct rc_allocator *allocator;
};

/* The root's place, or the one that it is to have. */
static struct use *find_use(const struct uses *uses, const rc_buffer *root)
{
    uintptr_t address = (uintptr_t)root;
    size_t at = (size_t)(address >> 4 ^ address >> 9 ^ address >> 17) & (uses->capacity - 1);
    while (uses->places[at].root && uses->places[at].root != root)
        at = (at + 1) & (uses->capacity - 1);
    return &uses->places[at];
}

static void add_use(const struct uses *uses, rc_buffer *root, size_t bytes)
{
    struct use *use = find_use(uses, root);
    use->root = root;
    use->bytes += bytes;
}

static enum rc_status make_uses(const struct rc__chain *chain, struct uses *uses)
{
    size_t most = 2 * (chain->head.count + 2), bytes;
    uses->capacity = 8;
    while (uses->capacity < most) uses->capacity *= 2;
    if (!rc__size_multiply(uses->capacity, sizeof(struct use), &bytes)) return RC_OVERFLOW;
    uses->allocator = rc__object_allocator(chain);
    uses->places = rc__block_allocate_zeroed(uses->allocator, bytes, RC_ALIGNMENT_DEFAULT);
    if (!uses->places) return RC_NO_MEMORY;
    for (size_t i = 0; i < chain->head.count; i++) {
        const struct rc__piece *piece = rc__chain_piece(chain, i);
        add_use(uses, piece->root, piece->size);
    }
    return RC_OK;
}

static void free_uses(const struct uses *uses)
{
    rc__block_free(uses->allocator, uses->places, uses->capacity * sizeof(struct use),
                   RC_ALIGNMENT_DEFAULT);
}

/* Bytes that live as long as the root does, and go with it. */
static size_t bytes_of(const rc_buffer *root)
{
    if (rc__buffer_kind(root) == RC__BUFFER_BORROWED) return 0;
    if (rc__buffer_kind(root) != RC__BUFFER_OWNER) return root->size;
    const struct rc__owner *owner = (const struct rc__owner *)root;
    size_t inside = root->rc__state & RC__STATE_APART ? rc__owner_room(owner) : 0;
    return owner->capacity + inside;
}

/* ---- told ------------------------------------------------------------------------------------ */

enum rc_status rc_chain_pinned(const rc_chain *head, size_t *pinned)
{
    static const char call[] = "rc_chain_pinned";
    if (rc__chain_check(head, call) != RC_OK) return RC_INVALID;
    if (!pinned)
        return rc_error_set(RC_INVALID, "%s: there is no place for what %zu byte%s", call,
                            head->size, head->size == 1 ? " pins" : "s pin");
    const struct rc__chain *chain = rc__chain_of(head);
    struct uses uses;
    enum rc_status status = make_uses(chain, &uses);
    if (status != RC_OK) return status;
    for (size_t end = 0; end < 2; end++)
        if (chain->rooms[end].root) add_use(&uses, chain->rooms[end].root, 0);
    size_t sum = 0;
    for (size_t i = 0; i < uses.capacity; i++)
        if (uses.places[i].root) sum += bytes_of(uses.places[i].root);
    free_uses(&uses);
    *pinned = sum;
    return RC_OK;
}

/* ---- lessened -------------------------------------------------------------------------------- */

/* More than @p times as large as what the chain has of it. */
static bool is_pinned(const struct uses *uses, const rc_buffer *root, size_t times)
{
    size_t bytes = bytes_of(root);
    return bytes > 0 && find_use(uses, root)->bytes <= (bytes - 1) / times;
}

/* Pieces from @p index on, one at least, that are all pinned or all not: how many, and their
 * bytes. */
static size_t alike(const struct rc__chain *chain, const struct uses *uses, size_t times,
                    size_t index, size_t *bytes)
{
    bool first = is_pinned(uses, rc__chain_piece(chain, index)->root, times);
    size_t i = index;
    *bytes = 0;
    for (; i < chain->head.count; i++) {
        const struct rc__piece *piece = rc__chain_piece(chain, i);
        if (is_pinned(uses, piece->root, times) != first) break;
        *bytes += piece->size;
    }
    return i - index;
}

static enum rc_status add_copy(const struct rc__chain *chain, rc_chain *to, size_t index,
                               size_t bytes)
{
    rc_buffer *copy = rc__chain_copy(chain, index, bytes);
    if (!copy) return RC_NO_MEMORY;
    enum rc_status status = rc_chain_append(to, copy);
    rc_release(copy);
    return status;
}

static enum rc_status add_shared(const struct rc__chain *chain, struct rc__chain *to, size_t index,
                                 size_t count)
{
    for (size_t i = index; i < index + count; i++) {
        struct rc__piece piece = *rc__chain_piece(chain, i);
        if (!rc__exports_add(piece.root))
            return rc__chain_refuse_export(piece.root, "rc_chain_compact");
        rc__chain_put(to, RC__CHAIN_BACK, &piece);
    }
    return RC_OK;
}

/* What the chain is to be. */
static enum rc_status add_compacted(const struct rc__chain *chain, rc_chain *to, size_t times,
                                    const struct uses *uses)
{
    enum rc_status status = rc__chain_reserve(rc__chain_of(to), chain->head.count);
    for (size_t i = 0, count, bytes; status == RC_OK && i < chain->head.count; i += count) {
        count = alike(chain, uses, times, i, &bytes);
        status = is_pinned(uses, rc__chain_piece(chain, i)->root, times)
                     ? add_copy(chain, to, i, bytes)
                     : add_shared(chain, rc__chain_of(to), i, count);
    }
    return status;
}

static bool has_pinned(const struct uses *uses, size_t times)
{
    for (size_t i = 0; i < uses->capacity; i++)
        if (uses->places[i].root && is_pinned(uses, uses->places[i].root, times)) return true;
    return false;
}

/* The old pieces go last, with what was the new chain. */
static enum rc_status compact(struct rc__chain *chain, size_t times, const struct uses *uses)
{
    rc_chain *fresh = rc_chain_new();
    if (!fresh) return RC_NO_MEMORY;
    enum rc_status status = add_compacted(chain, fresh, times, uses);
    if (status == RC_OK) rc__chain_swap(chain, rc__chain_of(fresh));
    rc_release(fresh);
    return status;
}

enum rc_status rc_chain_compact(rc_chain *head, size_t times)
{
    static const char call[] = "rc_chain_compact";
    if (rc__chain_check(head, call) != RC_OK) return RC_INVALID;
    if (times == 0)
        return rc_error_set(RC_INVALID, "%s: a chain of %zu byte%s cannot pin 0 times as many",
                            call, head->size, rc__plural(head->size));
    struct rc__chain *chain = rc__chain_of(head);
    struct uses uses;
    enum rc_status status = make_uses(chain, &uses);
    if (status != RC_OK) return status;
    if (has_pinned(&uses, times)) status = compact(chain, times, &uses);
    free_uses(&uses);
    if (status == RC_OK) rc__chain_drop_rooms(chain);
    return status;
}
