/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* A buffer of a pool: made, put to sleep when its last reference goes, woken when it is taken. */
#include "../rc/block.h"
#include "poison.h"
#include "pool_layout.h"

/* ---- sleep ----------------------------------------------------------------------------------- */

/* What is poisoned of the object itself. */
#define OBJECT_POISONED (sizeof(struct rc__header) + offsetof(struct rc__pooled, core))

_Static_assert(OBJECT_POISONED % 8 == 0, "poison is told in steps of 8 bytes");

static size_t block_size(const struct rc__pool_shape *shape)
{
    return shape->size ? shape->size : 1;
}

static size_t object_size(const struct rc__pool_shape *shape)
{
    size_t bytes = shape->inside ? block_size(shape) : sizeof(unsigned char *);
    return sizeof(struct rc__header) + offsetof(struct rc__pooled, bytes) + bytes;
}

static void fill_in(const struct rc__pool_shape *shape, struct rc__pooled *buffer)
{
    *rc__header_of(buffer) = (struct rc__header){.type = &rc__pooled_type.base};
    buffer->head = (rc_buffer){
        .data = rc__pooled_bytes(shape, buffer), .size = shape->size, .rc__state = shape->state};
}

static void poison(const struct rc__pool_shape *shape, struct rc__pooled *buffer)
{
    rc__poison_change(rc__pooled_bytes(shape, buffer), block_size(shape), block_size(shape), 0);
    rc__poison_change(rc__header_of(buffer), OBJECT_POISONED, OBJECT_POISONED, 0);
}

static void unpoison(const struct rc__pool_shape *shape, struct rc__pooled *buffer)
{
    rc__poison_change(rc__header_of(buffer), OBJECT_POISONED, 0, OBJECT_POISONED);
    rc__poison_change(rc__pooled_bytes(shape, buffer), block_size(shape), 0, block_size(shape));
}

void rc__pooled_sleep(const struct rc__pool_shape *shape, struct rc__pooled *buffer)
{
    if (shape->state & RC__STATE_WIPE)
        rc__buffer_wipe(rc__pooled_bytes(shape, buffer), block_size(shape));
    buffer->head.rc__state = shape->state; /* it may have been frozen */
    rc__pooled_mark_idle(buffer);
    if (shape->watched) poison(shape, buffer);
}

void rc__pooled_wake(const struct rc__pool_shape *shape, struct rc__pooled *buffer)
{
    if (shape->watched) {
        unpoison(shape, buffer);
        fill_in(shape, buffer); /* what was poisoned counts as not initialised */
    }
    rc__pooled_mark_taken(buffer);
}

/* ---- make and free --------------------------------------------------------------------------- */

/* Bytes that are apart; NULL: there is no memory for them. */
static void *new_bytes(const struct rc__pool_shape *shape)
{
    return rc__block_allocate(shape->allocator, block_size(shape), shape->alignment);
}

static void free_bytes(const struct rc__pool_shape *shape, void *bytes)
{
    if (!shape->inside)
        rc__block_free(shape->allocator, bytes, block_size(shape), shape->alignment);
}

struct rc__pooled *rc__pooled_new(struct rc__pool_core *core)
{
    const struct rc__pool_shape *shape = &core->shape;
    void *bytes = shape->inside ? NULL : new_bytes(shape);
    if (!shape->inside && !bytes) return NULL;
    struct rc__header *header =
        rc__block_allocate(shape->allocator, object_size(shape), RC_ALIGNMENT_DEFAULT);
    if (!header) {
        free_bytes(shape, bytes);
        return NULL;
    }
    struct rc__pooled *buffer = rc__payload_of(header);
    buffer->core = core;
    if (!shape->inside) buffer->bytes.apart = bytes;
    fill_in(shape, buffer);
    rc__pool_lock(core);
    core->blocks++;
    core->misses++;
    rc__pool_unlock(core);
    return buffer;
}

void rc__pooled_free(const struct rc__pool_shape *shape, struct rc__pooled **buffers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct rc__pooled *buffer = buffers[i];
        if (shape->watched) unpoison(shape, buffer);
        free_bytes(shape, rc__pooled_bytes(shape, buffer));
        rc__block_free(shape->allocator, rc__header_of(buffer), object_size(shape),
                       RC_ALIGNMENT_DEFAULT);
    }
}

/* ---- the last release ------------------------------------------------------------------------ */

/* Of a full magazine the oldest, as far as the depot has places, so that the hot ones stay. At the bound
 * it is one alone, which is freed. Under the lock. */
static void make_place(struct rc__pool_magazine *magazine, struct rc__pool_surplus *surplus)
{
    size_t count = magazine->count, load = rc__pool_load_of(count), moved = 0;
    while (moved < load && rc__depot_put(magazine->core, magazine->items[moved])) moved++;
    if (moved == 0) {
        rc__pool_note_early_end(magazine->core);
        rc__surplus_add(surplus, magazine->items[moved++]);
    }
    memmove(magazine->items, magazine->items + moved, (count - moved) * sizeof *magazine->items);
    rc__pool_put(&magazine->count, count - moved);
}

/* If that is the one which the magazine gave up for its cell, and nothing lies there, then the cell
 * has to go. */
static bool has_place(struct rc__pool_magazine *magazine)
{
    const struct rc__cell *cell = magazine->cell;
    if (magazine->count == magazine->capacity && cell && !rc__cell_content(cell))
        rc__pool_cell_leave(magazine);
    return magazine->count < magazine->capacity;
}

static __attribute__((noinline)) void give_back_slowly(struct rc__pooled *buffer)
{
    struct rc__pool_core *core = buffer->core;
    rc__buffer_check_end(&buffer->head);
    rc__ledger_ended(buffer);
    rc__tally_object_freed(&rc__pooled_type.base, rc__pooled_type.base.size + core->shape.size);
    rc__pooled_sleep(&core->shape, buffer);
    struct rc__pool_magazine *magazine = rc__pool_magazine_find(core);
    if (magazine && has_place(magazine)) {
        rc__pool_magazine_push(magazine, buffer);
        return;
    }
    struct rc__pool_surplus surplus;
    rc__pool_lock(core);
    rc__surplus_begin(&surplus, core);
    if (magazine && magazine->capacity) {
        make_place(magazine, &surplus);
        rc__pool_magazine_push(magazine, buffer);
    } else if (!rc__depot_put(core, buffer)) {
        rc__pool_note_early_end(core);
        rc__surplus_add(&surplus, buffer);
    }
    rc__surplus_end(core, &surplus);
}

/* This thread's magazine has a place. Counting comes last, so that nothing has to be kept for
 * afterwards. */
static __attribute__((noinline)) void give_to_magazine(struct rc__pooled *buffer)
{
    size_t key = rc__pool_get(&buffer->core->hot);
    struct rc__pool_magazine *magazine = rc__pool_magazines[key % RC__POOL_SLOTS];
    if (RC_UNLIKELY(!magazine || magazine->key != key ||
                    rc__cell_key_of(&buffer->head) != magazine->plain ||
                    rc__pool_get(&magazine->count) == magazine->capacity)) {
        give_back_slowly(buffer);
        return;
    }
    rc__ledger_ended(buffer);
    rc__pooled_mark_idle(buffer);
    rc__pool_magazine_push(magazine, buffer);
    rc__tally_object_freed(&rc__pooled_type.base, magazine->bytes);
}

/* One that the cell takes does not come here: rc/object_release.c. */
static void pooled_end_plain(void *self)
{
    give_to_magazine(self);
}

static size_t pooled_end(void *self)
{
    give_back_slowly(self);
    return RC__END_KEPT;
}

/* Accounted as if the bytes were a block of their own. */
static size_t pooled_apart(const void *self)
{
    return ((const struct rc__pooled *)self)->head.size;
}

/* Accounted as buffers that own their bytes are: with the 32 bytes of one. */
const struct rc__sized_type rc__pooled_type = {
    .base = {.name = "rc_buffer pooled", .size = sizeof(struct rc__owner), .flags = RC__TYPE_SIZED},
    .extra = rc__buffer_no_extra,
    .end = pooled_end,
    .end_plain = pooled_end_plain,
    .apart = pooled_apart,
    .describe = rc__pooled_describe,
};
