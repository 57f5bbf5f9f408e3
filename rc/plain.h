/* SPDX-License-Identifier: MIT */
/**
 * @file rc/plain.h
 * Private (not installed): the short way in and out for plain objects.
 *
 * A plain object has neither prefix nor weak references, and its one block is the system allocator's
 * (rc/small.h). When it dies, and its finalizer has run, it is put whole into a cell of its thread (struct
 * rc__cell in rc/cell_inline.h), and the next object of the same type and size is taken out again: then
 * nothing is counted but that. What finds its cell full, or made for others, gives its block to a
 * magazine (rc/magazine.h); a cell that meets others more often than its own changes to them. Cells stay
 * empty where magazines do.
 */
#ifndef RC_PLAIN_H
#define RC_PLAIN_H

#include "header.h"
#include "small.h"

/* ---- cells ----------------------------------------------------------------------------------- */

/* Objects of the one type that comes into the cell of buffers tell what they are in the eight bytes
 * after their first two words. */
#define RC__CELL_KEY_OFFSET (2 * sizeof(size_t))
/* Of no object. */
#define RC__CELL_KEY_NONE UINT64_MAX
/* Objects of the one type that comes into the cell of pools have a pointer after that: to a word that
 * reads as the cell's size as long as the cell takes them. */
#define RC__CELL_WATCH_OFFSET (RC__CELL_KEY_OFFSET + sizeof(uint64_t))

/* The word of a header that counts. */
struct rc__count_word {
    int32_t shared;
    uint16_t owner, flags;
};

/* 0 for an object with one reference that has no owner and no flags. Atomic, since one with weak
 * references, which has a flag, may be counted on at the same time. */
static inline uint64_t rc__cell_first_word(const void *object)
{
    const struct rc__header *header = rc__header_of(object);
#if UINTPTR_MAX == UINT64_MAX
    typedef uint64_t word __attribute__((may_alias));
    return __atomic_load_n((const word *)(const void *)header, __ATOMIC_RELAXED);
#else
    uint32_t shared = (uint32_t)__atomic_load_n(&header->shared, __ATOMIC_RELAXED);
    return shared | __atomic_load_n(&header->owner, __ATOMIC_RELAXED) |
           __atomic_load_n(&header->flags, __ATOMIC_RELAXED);
#endif
}

static inline uint64_t rc__cell_key_of(const void *object)
{
    uint64_t key;
    memcpy(&key, (const char *)object + RC__CELL_KEY_OFFSET, sizeof key);
    return key;
}

/* What the object's watched word reads. */
static inline size_t rc__cell_watched(const void *object)
{
    const size_t *word;
    memcpy(&word, (const char *)object + RC__CELL_WATCH_OFFSET, sizeof word);
    return rc__tally_get(word);
}

/* In it the object's count says gone, where other threads may release it once more. */
static inline __attribute__((always_inline)) void rc__cell_keep(struct rc__cell *cell, void *object)
{
    __atomic_store_n(&rc__header_of(object)->shared, RC__COUNT_GONE, __ATOMIC_RELAXED);
    __atomic_store_n(&cell->object, object, __ATOMIC_RELAXED);
}

/* The same while the process has one thread, for what rc__cell_wake() takes out: the count stays as it
 * is. A second release by that thread finds the object in the cell, and a retain shows when it is taken
 * out; of a thread that starts later neither is seen. */
static inline __attribute__((always_inline)) void rc__cell_keep_alone(struct rc__cell *cell,
                                                                      void *object)
{
    __atomic_store_n(&cell->object, object, __ATOMIC_RELAXED);
}

/* The same for the cell of pools, in which whoever uses the object is told that it is gone, too. */
static inline void rc__cell_keep_pooled(struct rc__cell *cell, void *object)
{
    struct rc__count_word gone = {.shared = RC__COUNT_GONE, .flags = RC__FLAG_FINALIZING};
    memcpy(rc__header_of(object), &gone, sizeof gone);
    __atomic_store_n(&cell->object, object, __ATOMIC_RELAXED);
}

/* Behind the first, where it says gone whoever released it. False: there is no room. */
static inline __attribute__((always_inline)) bool rc__cell_keep_behind(struct rc__cell *cell,
                                                                       void *object)
{
    unsigned behind = cell->behind;
    if (RC_UNLIKELY(behind >= cell->room)) return false;
    __atomic_store_n(&rc__header_of(object)->shared, RC__COUNT_GONE, __ATOMIC_RELAXED);
    cell->others[behind] = object;
    __atomic_store_n(&cell->behind, behind + 1, __ATOMIC_RELEASE);
    return true;
}

/* One that lies behind the first, as rc__cell_look() finds the first; NULL: none. */
static inline void *rc__cell_look_behind(const struct rc__cell *cell, uintptr_t by)
{
    unsigned behind = cell->behind;
    if (RC_UNLIKELY(!behind || __atomic_load_n(&cell->offer, __ATOMIC_RELAXED) != by)) return NULL;
    return cell->others[behind - 1];
}

/* What that was, alive again. */
static inline void *rc__cell_wake_behind(struct rc__cell *cell, void *object)
{
    struct rc__header *header = rc__header_of(object);
    if (RC_UNLIKELY(header->shared != RC__COUNT_GONE)) rc_object_stop_retained(object);
    __atomic_store_n(&cell->behind, cell->behind - 1, __ATOMIC_RELAXED);
    rc__tally_add(&cell->recycled, 1);
    memset(header, 0, offsetof(struct rc__header, type));
    RC__PROBE_NEW(object);
    return object;
}

/* A dead object of this type and size that lies in the cell, alive again and as it was; NULL:
 * there is none. */
static inline void *rc__cell_take(struct rc__cell *cell, const rc_type *type, size_t size)
{
    void *object = rc__cell_look(cell, (uintptr_t)type);
    if (RC_LIKELY(object && cell->size == size)) return rc__cell_wake(cell, object);
    object = rc__cell_look_behind(cell, (uintptr_t)type);
    return RC_LIKELY(object && cell->size == size) ? rc__cell_wake_behind(cell, object) : NULL;
}

/* False: the cell is for others, or full. */
static inline bool rc__cell_put(struct rc__cell *cell, void *object, const rc_type *type,
                                size_t size)
{
    if (RC_UNLIKELY(cell->type != type || cell->size != size)) return false;
    if (cell->object) return rc__cell_keep_behind(cell, object);
    rc__cell_keep(cell, object);
    return true;
}

/* True if the cell, which did not take it, was changed to objects as @p like says. Cold: it takes a lock. */
RC_HIDDEN RC_COLD bool rc__cell_turn(struct rc__tally *tally, struct rc__cell *cell,
                                     const struct rc__cell_like *like);

/* ---- objects --------------------------------------------------------------------------------- */

/* Payloads up to this size take the short way. */
#define RC__PLAIN_MAX ((size_t)1 << 16)

/* allocator: NULL for the default. A payload from the system's, aligned as malloc aligns it, will
 * do. */
static inline bool rc__object_is_plain(const struct rc_allocator *allocator, const rc_type *type)
{
    bool is_system = allocator ? allocator == &rc__allocator_system : !rc__default_is_foreign();
    return RC_LIKELY(RC__MALLOC_IS_ENOUGH && type->alignment == 0 && is_system);
}

/* A new one, counted, its payload not initialised. NULL: no memory, and no error is left yet. */
RC_HIDDEN void *rc__plain_make(const rc_type *type, size_t payload);
/* Counts it out, and frees it or keeps it in the cell. */
RC_HIDDEN void rc__plain_end(struct rc__header *header, size_t payload, enum rc__cell_kind kind);

static inline void *rc__object_try_plain(const rc_type *type, size_t payload,
                                         enum rc__cell_kind kind)
{
    struct rc__tally *tally = rc__tally_mine;
    void *object = rc__cell_take(&tally->cells[kind], type, payload);
    return RC_LIKELY(object) ? object : rc__plain_make(type, payload);
}

/* The end of a plain object that has given back what it owned. kind: as it was made with. */
static inline void rc__object_give_back_plain(void *object, const rc_type *type, size_t extra,
                                              enum rc__cell_kind kind)
{
    struct rc__tally *tally = rc__tally_mine;
    size_t payload = type->size + extra;
    if (!rc__cell_put(&tally->cells[kind], object, type, payload))
        rc__plain_end(rc__header_of(object), payload, kind);
}

/* As rc_object_new_with, for a sized type. No byte of the payload is initialised: the caller fills
 * all of it before the first release. */
static inline void *rc__object_new_sized(const struct rc_allocator *allocator,
                                         const struct rc__sized_type *type, size_t extra,
                                         enum rc__cell_kind kind)
{
    if (RC_LIKELY(extra <= RC__PLAIN_MAX && rc__object_is_plain(allocator, &type->base))) {
        void *object = rc__object_try_plain(&type->base, type->base.size + extra, kind);
        if (RC_LIKELY(object)) return object;
    }
    return rc__object_make(allocator, &type->base, extra, 0, true);
}

#endif
