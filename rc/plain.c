/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What the short way does once in a while. */
#include "plain.h"

/* Objects of others that a cell meets before it changes to them. */
enum { MISSES_MAX = 16 };

static void discard(void *object, size_t payload)
{
    rc__small_free(rc__tally_mine, rc__header_of(object), sizeof(struct rc__header) + payload);
}

/* It serves its own kind no less often than it meets others. */
static bool is_worth_it(struct rc__cell *cell)
{
    size_t served = cell->recycled - cell->judged;
    cell->judged = cell->recycled;
    cell->misses = 0;
    return served >= MISSES_MAX;
}

/* One that is full of its own kind stays as it is. */
bool rc__cell_turn(struct rc__tally *tally, struct rc__cell *cell, const struct rc__cell_like *like)
{
    if (tally == &rc__tally_nobody) return false;
    if (cell->type == like->type && cell->size == like->size && cell->key == like->key)
        return false;
    if (cell->type && (++cell->misses < MISSES_MAX || is_worth_it(cell))) return false;
    if (!rc__magazines_are_on()) return false;
    rc__cell_set(tally, cell, like);
    return true;
}

void *rc__plain_make(const rc_type *type, size_t payload)
{
    struct rc__header *header = rc__small_allocate(rc__tally_mine, sizeof *header + payload);
    if (RC_UNLIKELY(!header)) return NULL;
    *header = (struct rc__header){.type = type};
    rc__tally_object_made(type, payload);
    rc__ledger_made(rc__payload_of(header));
    RC__PROBE_NEW(rc__payload_of(header));
    return rc__payload_of(header);
}

static uintptr_t asked_by(const rc_type *type)
{
    uintptr_t special =
        type->flags & RC__TYPE_SIZED ? ((const struct rc__sized_type *)type)->by : 0;
    return special ? special : (uintptr_t)type;
}

/* The cell is for others: true if it is not any more. */
static __attribute__((noinline)) bool turn_to(struct rc__tally *tally, struct rc__cell *cell,
                                              const rc_type *type, size_t payload)
{
    const struct rc__cell_like like = {
        .by = asked_by(type),
        .type = type,
        .size = payload,
        .bytes = payload,
        .discard = discard,
        .is_single = asked_by(type) != (uintptr_t)type,
    };
    return payload <= RC__PLAIN_MAX && rc__cell_turn(tally, cell, &like);
}

void rc__plain_end(struct rc__header *header, size_t payload, enum rc__cell_kind kind)
{
    struct rc__tally *tally = rc__tally_mine;
    struct rc__cell *cell = &tally->cells[kind];
    const rc_type *type = header->type;
    void *object = rc__payload_of(header);
    bool is_own = cell->type == type && cell->size == payload;
    if (RC_LIKELY(is_own || turn_to(tally, cell, type, payload)) &&
        RC_LIKELY(rc__cell_put(cell, object, type, payload)))
        return;
    __atomic_store_n(&header->shared, RC__COUNT_GONE, __ATOMIC_RELAXED);
    rc__ledger_ended(object);
    rc__tally_object_freed(type, payload);
    rc__small_free(tally, header, sizeof *header + payload);
}
