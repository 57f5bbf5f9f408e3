/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#include "object_prefixed.h"

#include "object_end.h"
#include "plain.h"

#define BEFORE (sizeof(struct rc__prefix) + sizeof(struct rc__header))

/* Of RC_ALIGNMENT_DEFAULT. */
#define ALIGNMENT_LOG2 4

_Static_assert(1 << ALIGNMENT_LOG2 == RC_ALIGNMENT_DEFAULT, "what is written is what is meant");

/* ---- in -------------------------------------------------------------------------------------- */

/* All that stands before the payload but the type, whatever the block was before. */
static inline void fill_in(struct rc__header *header)
{
    const struct rc__header alive = {.flags = RC__FLAG_PREFIX};
    memcpy(header, &alive, offsetof(struct rc__header, type));
    *rc__prefix_of(header) =
        (struct rc__prefix){.allocator = &rc__allocator_system, .alignment_log2 = ALIGNMENT_LOG2};
}

void *rc__prefixed_take(const rc_type *type)
{
    struct rc__cell *cell = &rc_object_cells[RC__CELL_PREFIXED];
    void *object = rc__cell_take(cell, type, type->size);
    if (RC_LIKELY(object)) fill_in(rc__header_of(object));
    return object;
}

void *rc__prefixed_make(const rc_type *type)
{
    unsigned char *block = rc__small_allocate(rc__tally_mine, BEFORE + type->size);
    if (RC_UNLIKELY(!block)) return NULL;
    void *object = block + BEFORE;
    struct rc__header *header = rc__header_of(object);
    header->type = type;
    fill_in(header);
    rc__tally_object_made(type, type->size);
    rc__ledger_made(object);
    RC__PROBE_NEW(object);
    return object;
}

/* ---- out ------------------------------------------------------------------------------------- */

static void discard(void *object, size_t payload)
{
    rc__small_free(rc__tally_mine, rc__prefix_of(rc__header_of(object)), BEFORE + payload);
}

/* The cell did not take it: true if it is for others no more, and did. */
static __attribute__((noinline)) bool turn_to(struct rc__tally *tally, void *object,
                                              const rc_type *type)
{
    const struct rc__cell_like like = {.by = (uintptr_t)type,
                                       .type = type,
                                       .size = type->size,
                                       .bytes = type->size,
                                       .discard = discard};
    struct rc__cell *cell = &tally->cells[RC__CELL_PREFIXED];
    return type->size <= RC__PLAIN_MAX && rc__cell_turn(tally, cell, &like) &&
           rc__cell_put(cell, object, type, type->size);
}

static inline bool is_of(const struct rc__cell *cell, const rc_type *type)
{
    return cell->type == type && cell->size == type->size;
}

static __attribute__((noinline)) void give_back(void *object, const rc_type *type)
{
    struct rc__tally *tally = rc__tally_mine;
    if (!is_of(&tally->cells[RC__CELL_PREFIXED], type) && turn_to(tally, object, type)) return;
    __atomic_store_n(&rc__header_of(object)->shared, RC__COUNT_GONE, __ATOMIC_RELAXED);
    rc__ledger_ended(object);
    rc__tally_object_freed(type, type->size);
    discard(object, type->size);
}

/* What rc__prefixed_make() would make; and it may end here and now. */
static inline bool is_short(const void *object, const rc_type *type)
{
    const struct rc__prefix *prefix = rc__prefix_of(rc__header_of(object));
    return prefix->allocator == &rc__allocator_system && prefix->extra == 0 &&
           prefix->alignment_log2 == ALIGNMENT_LOG2 && prefix->flags == 0 &&
           !(type->flags & ~RC_TYPE_CLEARED) && rc__calling.room > 1;
}

/* Of the program's two functions one, as object_end.c calls it. False: the object was revived, or is known
 * to weak references or a domain. */
static inline __attribute__((always_inline)) bool call(void *object, const char *what,
                                                       void (*function)(void *self), unsigned flags)
{
    const struct rc__header ending = {.flags = flags & RC__FLAGS_MAX};
    memcpy(rc__header_of(object), &ending, offsetof(struct rc__header, type));
    RC__CALLBACK(what, rc_type_of(object)->name, rc__end_enter(); function(object));
    rc__end_leave();
    return RC_LIKELY(rc__header_reads(rc__header_of(object), flags));
}

static inline void keep(void *object, const rc_type *type)
{
    if (!rc__cell_put(&rc_object_cells[RC__CELL_PREFIXED], object, type, type->size))
        give_back(object, type);
}

static __attribute__((noinline)) void end_clearing(void *object, const rc_type *type)
{
    /* Marked as finalized, so that what is left to do is not to clear it. */
    const unsigned flags = RC__FLAG_PREFIX | RC__FLAG_FINALIZING | RC__FLAG_FINALIZED;
    if (call(object, "clear", type->clear, flags))
        keep(object, type);
    else
        rc__end_rest(rc__header_of(object));
}

static __attribute__((noinline)) void end_finalizing(void *object, const rc_type *type)
{
    const unsigned flags = RC__FLAG_PREFIX | RC__FLAG_FINALIZING;
    if (RC_UNLIKELY(!call(object, "finalizer", type->finalize, flags)))
        rc__end_rest(rc__header_of(object));
    else if (RC_UNLIKELY(type->flags & RC_TYPE_CLEARED && type->clear))
        end_clearing(object, type);
    else
        keep(object, type);
}

void rc__prefixed_end(void *object)
{
    const rc_type *type = rc_type_of(object);
    RC__PROBE_FINALIZE(object);
    if (RC_UNLIKELY(!is_short(object, type)))
        rc__object_end(rc__header_of(object));
    else if (RC_LIKELY(type->finalize))
        end_finalizing(object, type);
    else if (RC_LIKELY(type->clear))
        end_clearing(object, type);
    else
        keep(object, type);
}
