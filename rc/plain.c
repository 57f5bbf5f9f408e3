/* SPDX-License-Identifier: MIT */
/* What the short way does once in a while. */
#include "plain.h"

/* Objects of others that a cell meets before it changes to them. */
enum { MISSES_MAX = 16 };

static void discard(void *object, size_t payload)
{
    rc__small_free(rc__tally_mine, rc__header_of(object), sizeof(struct rc__header) + payload);
}

/* One that is taken by its own kind stays as it is. */
bool rc__cell_turn(struct rc__tally *tally, struct rc__cell *cell, const struct rc__cell *like)
{
    if (tally == &rc__tally_nobody) return false;
    if (cell->type == like->type && cell->size == like->size && cell->key == like->key)
        return false;
    if (cell->type && ++cell->misses < MISSES_MAX) return false;
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
    return rc__payload_of(header);
}

static uintptr_t asked_by(const rc_type *type)
{
    uintptr_t special =
        type->flags & RC__TYPE_SIZED ? ((const struct rc__sized_type *)type)->by : 0;
    return special ? special : (uintptr_t)type;
}

void rc__plain_end(struct rc__header *header, size_t payload, enum rc__cell_kind kind)
{
    struct rc__tally *tally = rc__tally_mine;
    const rc_type *type = header->type;
    const struct rc__cell like = {
        .by = asked_by(type), .type = type, .size = payload, .bytes = payload, .discard = discard};
    if (payload <= RC__PLAIN_MAX && rc__cell_turn(tally, &tally->cells[kind], &like) &&
        rc__cell_put(&tally->cells[kind], rc__payload_of(header), type, payload))
        return;
    __atomic_store_n(&header->shared, RC__COUNT_GONE, __ATOMIC_RELAXED);
    rc__tally_object_freed(type, payload);
    rc__small_free(tally, header, sizeof *header + payload);
}
