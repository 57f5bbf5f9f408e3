/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * The last release, where the inline bodies leave it to the library: most objects that die go whole
 * into a cell of the thread (rc/plain.h), and the rest end as rc/object_end.c says.
 */
#include "object_end.h"
#include "plain.h"

#define INLINE static inline __attribute__((always_inline))

INLINE void keep(struct rc__cell *cell, void *object, bool alone)
{
    RC__PROBE_FINALIZE(object);
    if (alone)
        rc__cell_keep_alone(cell, object);
    else
        rc__cell_keep(cell, object);
}

/* Dead objects that nobody has to look at go whole into a cell of the thread, which says of what type they
 * are, and by its key that they own nothing. One test for all that remains to be seen, since that is what
 * takes the time. False: not this one. */
INLINE bool end_buffer_in_cell(struct rc__cell *cell, void *object, bool alone)
{
    uint64_t against = rc__cell_first_word(object) | (uintptr_t)cell->object |
                       (rc__cell_key_of(object) ^ cell->key);
    if (RC_PERHAPS_NOT(against)) return false;
    keep(cell, object, alone);
    return true;
}

/* Where the cell's type was another may stand by now. */
INLINE bool end_object_in_cell(struct rc__cell *cell, void *object, bool alone)
{
    const rc_type *type = rc_type_of(object);
    uint64_t against = rc__cell_first_word(object) | (uintptr_t)cell->object |
                       (uintptr_t)type->finalize | (type->size ^ cell->size);
    if (RC_PERHAPS_NOT(against)) return false;
    keep(cell, object, alone);
    return true;
}

INLINE bool end_pooled_in_cell(struct rc__cell *cell, void *object)
{
    uint64_t against = (uintptr_t)cell->object | (rc__cell_key_of(object) ^ cell->key) |
                       (rc__cell_watched(object) ^ cell->size);
    if (RC_UNLIKELY(against)) return false;
    RC__PROBE_FINALIZE(object);
    rc__cell_keep_pooled(cell, object);
    return true;
}

/* By a type's own end. */
INLINE void end_sized_plainly(void *object, const rc_type *type)
{
    RC__PROBE_FINALIZE(object);
    ((const struct rc__sized_type *)type)->end_plain(object);
}

/* One of several references to an object that is biased to this thread. */
INLINE bool release_own(void *object)
{
    struct rc__header *header = rc__header_of(object);
    return rc__owner_of(header) == rc_bias_self &&
           rc__count_try_local(rc__local_of(header), -RC__COUNT_ONE);
}

static __attribute__((noinline)) void release_alone_marked(void *object)
{
    if (rc__prefixed_is_lone(object))
        rc__prefixed_end(object);
    else if (!rc__count_down(&rc__header_of(object)->shared))
        rc_object_release_slow(object, true);
}

/* Of an object with flags, an owner, or a count that is no lone one. */
INLINE void release_marked(void *object, bool alone)
{
    if (!alone)
        release_alone_marked(object);
    else if (release_own(object))
        return;
    else if (rc__prefixed_is_lone(object))
        rc__prefixed_end(object);
    else
        rc_object_release_slow(object, false);
}

/* In the order of what programs make most. False: nothing was done; it never is for a leaf, to which a
 * table still leads. The type of one that is dead already is not to be looked at, so its word is asked
 * before. alone: the process has one thread. */
INLINE bool end_shortly(void *object, bool alone)
{
    const rc_type *type = rc_type_of(object);
    struct rc__cell *cells = rc_object_cells;
    if (RC_LIKELY(type == cells[RC__CELL_OBJECT].type))
        return end_object_in_cell(&cells[RC__CELL_OBJECT], object, alone);
    if (RC_LIKELY(type == cells[RC__CELL_BUFFER].type))
        return end_buffer_in_cell(&cells[RC__CELL_BUFFER], object, alone);
    if (RC_UNLIKELY(rc__cell_first_word(object))) {
        release_marked(object, alone);
        return true;
    }
    if (RC_LIKELY(type == cells[RC__CELL_POOLED].type) &&
        RC_LIKELY(end_pooled_in_cell(&cells[RC__CELL_POOLED], object)))
        return true;
    if ((type->flags & (RC__TYPE_SIZED | RC__TYPE_LEAF)) != RC__TYPE_SIZED) return false;
    end_sized_plainly(object, type);
    return true;
}

/* The same where the cell has one already. The first word is 0. */
INLINE bool end_behind(void *object)
{
    const rc_type *type = rc_type_of(object);
    struct rc__cell *cells = rc_object_cells;
    struct rc__cell *cell = &cells[RC__CELL_OBJECT];
    uint64_t against = (uintptr_t)type->finalize | (type->size ^ cell->size);
    if (type != cell->type) {
        cell = &cells[RC__CELL_BUFFER];
        if (type != cell->type) return false;
        against = rc__cell_key_of(object) ^ cell->key;
    }
    if (against || object == cell->object || !rc__cell_keep_behind(cell, object)) return false;
    RC__PROBE_FINALIZE(object);
    return true;
}

/* What rc__cell_keep_alone() put there looks alive. */
static bool lies_in_cell(const void *object)
{
    return object == rc_object_cells[RC__CELL_OBJECT].object ||
           object == rc_object_cells[RC__CELL_BUFFER].object;
}

/* With a finalizer of the program's. No prefix, no weak references; the first word is 0. */
static __attribute__((noinline)) void end_finalizing(void *object, const rc_type *type)
{
    RC__PROBE_FINALIZE(object);
    if (RC_UNLIKELY(!rc__end_begin(object))) {
        rc__object_end(rc__header_of(object));
        return;
    }
    RC__CALLBACK("finalizer", type->name, rc__end_enter(); type->finalize(object));
    rc__end_leave();
    if (RC_UNLIKELY(!rc__end_is_plain(object)))
        rc__end_rest(rc__header_of(object));
    else if (!rc__cell_put(&rc_object_cells[RC__CELL_OBJECT], object, type, type->size))
        rc__plain_end(rc__header_of(object), type->size, RC__CELL_OBJECT);
}

/* No prefix, no weak references. Not counted as nested: what a sized type's end releases is no chain,
 * or passes a finalizer that is counted. */
static __attribute__((noinline)) void end_quickly(void *object)
{
    if (RC_UNLIKELY(lies_in_cell(object))) rc__object_stop_dead(object, "rc_release");
    const rc_type *type = rc_type_of(object);
    if (RC_LIKELY(type->flags & RC__TYPE_SIZED)) {
        end_sized_plainly(object, type);
    } else if (RC_LIKELY(!type->finalize)) {
        RC__PROBE_FINALIZE(object);
        rc__plain_end(rc__header_of(object), type->size, RC__CELL_OBJECT);
    } else {
        end_finalizing(object, type);
    }
}

/* Uncounted releases leave the word to us. */
static inline bool was_last(int32_t word, bool counted)
{
    return rc__count_was_last(RC_LIKELY(!counted) ? rc__count_plus(word, -RC__COUNT_ONE) : word);
}

/* Without weak references, and after the last release: nobody else looks at the count, but for a
 * leaf's, to which a table still leads. */
static void end_unmarked(struct rc__header *header)
{
    void *object = rc__payload_of(header);
    bool is_leaf = header->type->flags & RC__TYPE_LEAF;
    if (!is_leaf) __atomic_store_n(&header->shared, 0, __ATOMIC_RELAXED);
    if (is_leaf || (!end_shortly(object, false) && !end_behind(object))) end_quickly(object);
}

/* The same for whatever was counted. */
static inline void end_counted(struct rc__header *header)
{
    unsigned flags = rc__header_flags(header);
    if (RC_LIKELY(RC__MALLOC_IS_ENOUGH && flags == 0)) {
        end_unmarked(header);
    } else if (RC_LIKELY(RC__MALLOC_IS_ENOUGH && flags == RC__FLAG_PREFIX)) {
        rc__prefixed_end(rc__payload_of(header));
    } else {
        RC__PROBE_FINALIZE(rc__payload_of(header));
        rc__object_end(header);
    }
}

void rc_object_release_slow(void *object, bool counted)
{
    struct rc__header *header = rc__header_of(object);
    /* The acquire load that the essay in count.h speaks of. */
    int32_t word = __atomic_load_n(&header->shared, __ATOMIC_ACQUIRE);
    if (RC_UNLIKELY(rc__owner_of(header))) /* and the process has one thread */
        rc_bias_release_slow(object, false);
    else if (RC_UNLIKELY(!was_last(word, counted)))
        rc__object_release_rare(header, word);
    else
        end_counted(header);
}

static __attribute__((noinline)) void release_alone_rarely(void *object)
{
    bool is_leaf = rc_type_of(object)->flags & RC__TYPE_LEAF;
    if (RC_LIKELY(RC__MALLOC_IS_ENOUGH && rc__cell_first_word(object) == 0 && !is_leaf)) {
        if (!end_behind(object)) end_quickly(object);
    } else if (!rc__count_down(&rc__header_of(object)->shared)) {
        rc_object_release_slow(object, true);
    }
}

/* Without weak references nobody else can come to the object, so nothing has to be subtracted; but
 * for a leaf. */
void rc_object_release_alone(void *object)
{
    if (!RC__MALLOC_IS_ENOUGH || RC_UNLIKELY(!end_shortly(object, false)))
        release_alone_rarely(object);
}

/* Large buffers first, none of which lies behind another by this. */
static __attribute__((noinline)) void release_plain_rarely(void *object)
{
    const struct rc__cell *cell = &rc_object_cells[RC__CELL_BUFFER];
    bool is_lone = RC__MALLOC_IS_ENOUGH && rc__cell_first_word(object) == 0;
    bool is_buffer = is_lone && rc_type_of(object) == cell->type && object != cell->object;
    if (RC_LIKELY(is_buffer && cell->key == RC__CELL_KEY_NONE))
        end_sized_plainly(object, rc_type_of(object));
    else if (RC_LIKELY(is_lone && end_behind(object)))
        return;
    else if (RC_LIKELY(is_lone))
        end_quickly(object);
    else if (!release_own(object))
        rc_object_release_slow(object, false);
}

void rc_object_release_plain(void *object)
{
    if (!RC__MALLOC_IS_ENOUGH || RC_UNLIKELY(!end_shortly(object, true)))
        release_plain_rarely(object);
}
