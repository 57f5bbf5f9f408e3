/* SPDX-License-Identifier: MIT */
/**
 * @file rc/tally.h
 * Private (not installed): one thread's record of what it made and freed; rc/account.c sums them.
 *
 * Invariants. A record is written by its thread alone, with relaxed stores, and read by anybody
 * with relaxed loads; only rc__tally_reset_peak() writes another's `high`. Records are never freed:
 * when a thread ends, its record, counts and all, passes to the next thread that starts counting,
 * so sums stay right. What one thread made another may free, so a single record's numbers may be
 * below zero; unsigned arithmetic wraps and the sum is right.
 *
 * The peak. `published` is the part of `bytes` that the record has added to the total, without what lies
 * in cells, and `high` the most of that since then. A record publishes when bytes leaves what they were +-
 * RC_ACCOUNT_PEAK_SLACK, and when its thread ends. The sum before, plus high - published, is then a
 * candidate for the peak: exact if no other thread's bytes moved. With n threads, the sum differs
 * from the truth by at most n slacks, and high - published, if it is not what crosses the line
 * right now, by one more.
 *
 * Cells. A dead object in a cell is still counted in made and bytes, and its life before in freed only
 * when the cell takes objects of another type: readers subtract what lies in cells. `high` is never
 * raised by what does, and not at once by what is taken out either.
 */
#ifndef RC_TALLY_H
#define RC_TALLY_H

#include "account.h"
#include "cell_inline.h"
#include "magazine.h"

/* Places for types; those that find none of theirs free share one more, after the last. */
#define RC__TALLY_TYPES 256

struct rc__tally_count {
    size_t made, freed;
};

/* What a thread may touch without holding a reference to it: rc/weak_pin.h. */
struct rc__pin {
    uintptr_t object; /* 0: nothing; bit 0: it is dead, and its memory was left to this thread */
};
enum { RC__PINS = 4 }; /* of a thread */

struct rc__tally {
    _Alignas(64) size_t bytes; /* net */
    size_t high;               /* the most that bytes was since the last publication */
    size_t ceiling, floor;     /* bytes when it published, +- RC_ACCOUNT_PEAK_SLACK */
    size_t published;
    size_t blocks_made, blocks_freed;
    size_t failures;
    size_t immortal_objects, immortal_bytes;
    struct rc__tally *next; /* in the list of all records */
    bool taken;             /* a thread counts in it; under the list's lock */
    size_t recycled;        /* by cells, before their types were set */
    struct rc__cell cells[RC__CELLS];
    struct rc__tally_count types[RC__TALLY_TYPES + 1];
    struct rc__magazine magazines[RC__MAGAZINE_CLASSES];
    _Alignas(64) struct rc__pin pins[RC__PINS];
};

/* For threads that have none of their own; not in the list. Publishes each change. */
extern RC_HIDDEN struct rc__tally rc__tally_shared;

/* This thread's record; until it counts something, and where there is none for it, nobody's: all
 * zero, and never written. */
extern RC_HIDDEN RC_HOT_THREAD_LOCAL struct rc__tally *rc__tally_mine;
extern RC_HIDDEN struct rc__tally rc__tally_nobody;

/* Which type has which place, the same in all records; set once and never changed. */
extern RC_HIDDEN const struct rc_type *rc__tally_types[RC__TALLY_TYPES];

/* Places that are taken, a bit for each: most programs have few types, and readers many places. */
extern RC_HIDDEN uint32_t rc__tally_taken[RC__TALLY_TYPES / 32];

/* ---- what is done once in a while ------------------------------------------------------------ */

/* The place of a type, which the type takes when it is first asked for. Never fails. */
RC_HIDDEN RC_COLD size_t rc__tally_find_type(const struct rc_type *type);

/* Tell the others: the record's bytes have left published +- slack. */
RC_HIDDEN RC_COLD void rc__tally_publish(struct rc__tally *tally);
/* The same, and no timeline is told. Returns: the most that was alive, which it might be told. */
RC_HIDDEN RC_COLD size_t rc__tally_publish_quietly(struct rc__tally *tally);

/* The record's bytes are above high, unless some of them lie in cells. */
RC_HIDDEN RC_COLD void rc__tally_raise(struct rc__tally *tally);

/* The objects that a cell takes; its members of the same names. */
struct rc__cell_like {
    const struct rc_type *type;
    size_t size;
    uint64_t key;
    uintptr_t by;
    size_t bytes;
    size_t *hits;
    void (*discard)(void *object, size_t size);
    bool is_single; /* nothing may lie behind the first */
};

/* What lies in the cell is counted out and discarded. From now on it takes objects as @p like says;
 * NULL: none. */
RC_HIDDEN RC_COLD void rc__cell_set(struct rc__tally *tally, struct rc__cell *cell,
                                    const struct rc__cell_like *like);
/* The same for all of the first @p cells, which are for nobody then. */
RC_HIDDEN void rc__cells_empty(struct rc__tally *tally, size_t cells);
/* The default allocator, for rc/allocator.c; and whether all threads' cells offer what lies in them, as they do
 * at first: never while the default is another than the system's. */
RC_HIDDEN void rc__tally_set_default(const struct rc_allocator *allocator, bool cells_offer);
/* Bytes of dead objects in a record's cells. */
RC_HIDDEN size_t rc__tally_idle_bytes(const struct rc__tally *tally);
/* The same without the cell of a pool, which tells itself what idles there. */
RC_HIDDEN size_t rc__tally_kept_bytes(const struct rc__tally *tally);
/* This thread keeps nothing but for pools: cells and magazines are emptied. Returns: bytes. */
RC_HIDDEN size_t rc__tally_trim(void);

/* Set by rc/weak_pin.c once anything may be pinned: the record's thread pins nothing any more. */
extern RC_HIDDEN void (*rc__tally_unpin)(struct rc__tally *tally);

/* The fork handlers, and what tells that a thread ends. Early, and once. */
RC_HIDDEN void rc__tally_prepare(void);

/* A record for this thread to count one thing in, and the end of that. Releases allocate nothing:
 * with may_allocate false a thread that finds no record counts in one that all share, under a lock,
 * until it makes something. So does a thread whose record cannot be allocated. */
RC_HIDDEN RC_COLD struct rc__tally *rc__tally_enter(bool may_allocate);
RC_HIDDEN RC_COLD void rc__tally_leave(struct rc__tally *tally);

/* A type's name, "?" if it has none: the first member of an rc_type (rc/object.h). */
RC_HIDDEN const char *rc__type_name(const struct rc_type *type);

/* For rc/account.c: every record, under the list's lock, which the second wants to be held. */
RC_HIDDEN void rc__tally_each(void (*each)(struct rc__tally *tally, void *context), void *context);
RC_HIDDEN void rc__tally_each_locked(void (*each)(struct rc__tally *tally, void *context),
                                     void *context);
/* All but the peak and the size (rc/account.c). */
RC_HIDDEN struct rc_account rc__account_sum_locked(void);
/* The lock of the list of records: for rc/cell.c and rc/timeline.c. Under it nothing is published. */
RC_HIDDEN void rc__tally_lock(void);
RC_HIDDEN void rc__tally_unlock(void);
/* The records that threads have, without a lock: the first; the rest by `next`. */
RC_HIDDEN struct rc__tally *rc__tally_first(void);
/* Records that exist. */
RC_HIDDEN size_t rc__tally_records(void);

/* The peak (rc/tally_peak.c). */
RC_HIDDEN size_t rc__tally_peak(void);
/* It starts again at what is alive now. */
RC_HIDDEN void rc__tally_reset_peak(void);
/* Under the lock: what is alive, and the most that a record was above its part of that since it
 * published; and the same begins at what is alive now, while the peak stays. */
RC_HIDDEN size_t rc__tally_high_locked(void);
RC_HIDDEN void rc__tally_settle_high_locked(void);
/* Records publish when they leave what they published by so many bytes; RC_ACCOUNT_PEAK_SLACK at most
 * and at first. One that did already does so once more as before. */
RC_HIDDEN void rc__tally_set_slack(size_t bytes);
/* A new record has published nothing. */
RC_HIDDEN void rc__tally_begin(struct rc__tally *tally);

/* ---- who watches (rc/timeline.c) --------------------------------------------------------------- */

/* True while a timeline runs; under the lock of the list. */
extern RC_HIDDEN bool rc__tally_watched;

/* Something changed that was not told under the lock. */
RC_HIDDEN void rc__tally_tell(void);

/* So many bytes were alive a moment ago. */
RC_HIDDEN void rc__timeline_raise(size_t bytes);
/* A good moment for a sample: takes the lock, or leaves the sample to a thread that is at it. */
RC_HIDDEN RC_COLD void rc__timeline_sample(void);
/* In the child of a fork, under the lock: none runs there. */
RC_HIDDEN void rc__timeline_forget(void);

/* ---- one number of a record ------------------------------------------------------------------ */

static inline size_t rc__tally_get(const size_t *number)
{
    return __atomic_load_n(number, __ATOMIC_RELAXED);
}

static inline void rc__tally_put(size_t *number, size_t value)
{
    __atomic_store_n(number, value, __ATOMIC_RELAXED);
}

static inline void rc__tally_add(size_t *number, size_t change)
{
    rc__tally_put(number, rc__tally_get(number) + change);
}

/* How many dead objects lie in the cell. */
static inline size_t rc__cell_content(const struct rc__cell *cell)
{
    size_t first = __atomic_load_n(&cell->object, __ATOMIC_RELAXED) ? 1 : 0;
    return first + __atomic_load_n(&cell->behind, __ATOMIC_RELAXED);
}

/* a > b, for numbers that wrap and are less than half the range apart. */
static inline bool rc__tally_above(size_t a, size_t b)
{
    return (ptrdiff_t)(b - a) < 0;
}

static inline void rc__tally_bytes_up(struct rc__tally *tally, size_t bytes)
{
    size_t now = rc__tally_get(&tally->bytes) + bytes;
    rc__tally_put(&tally->bytes, now);
    if (RC_UNLIKELY(rc__tally_above(now, rc__tally_get(&tally->high)))) rc__tally_raise(tally);
}

static inline void rc__tally_bytes_down(struct rc__tally *tally, size_t bytes)
{
    size_t now = rc__tally_get(&tally->bytes) - bytes;
    rc__tally_put(&tally->bytes, now);
    if (RC_UNLIKELY(rc__tally_above(tally->floor, now))) rc__tally_publish(tally);
}

static inline size_t rc__tally_hash(const struct rc_type *type)
{
    uintptr_t address = (uintptr_t)type;
    return (address >> 4) % RC__TALLY_TYPES;
}

static inline struct rc__tally_count *rc__tally_type(struct rc__tally *tally,
                                                     const struct rc_type *type)
{
    return &tally->types[rc__tally_find_type(type)];
}

/* ---- what the library counts ------------------------------------------------------------------
 * A handful of plain instructions each. They never fail. bytes are payload bytes. */

/* Run statements with `tally` as this thread's record; twice, so that the usual case is straight.
 */
#define RC__TALLY(may_allocate, ...)                                                               \
    do {                                                                                           \
        struct rc__tally *tally = rc__tally_mine;                                                  \
        if (RC_LIKELY(tally != &rc__tally_nobody)) {                                               \
            __VA_ARGS__;                                                                           \
        } else {                                                                                   \
            tally = rc__tally_enter(may_allocate);                                                 \
            __VA_ARGS__;                                                                           \
            rc__tally_leave(tally);                                                                \
        }                                                                                          \
    } while (0)

/* The two below where the thread has no record yet, or the type does not stand where its hash says.
 */
RC_HIDDEN RC_COLD void rc__tally_object_made_rare(const struct rc_type *type, size_t bytes);
RC_HIDDEN RC_COLD void rc__tally_object_freed_rare(const struct rc_type *type, size_t bytes);

static inline bool rc__tally_knows(size_t place, const struct rc_type *type)
{
    return RC_LIKELY(__atomic_load_n(&rc__tally_types[place], __ATOMIC_RELAXED) == type);
}

static inline void rc__tally_object_made(const struct rc_type *type, size_t bytes)
{
    struct rc__tally *tally = rc__tally_mine;
    size_t place = rc__tally_hash(type);
    if (RC_UNLIKELY(tally == &rc__tally_nobody) || !rc__tally_knows(place, type)) {
        rc__tally_object_made_rare(type, bytes);
        return;
    }
    rc__tally_add(&tally->types[place].made, 1);
    rc__tally_bytes_up(tally, bytes);
}

static inline void rc__tally_object_freed(const struct rc_type *type, size_t bytes)
{
    struct rc__tally *tally = rc__tally_mine;
    size_t place = rc__tally_hash(type);
    if (RC_UNLIKELY(tally == &rc__tally_nobody) || !rc__tally_knows(place, type)) {
        rc__tally_object_freed_rare(type, bytes);
        return;
    }
    rc__tally_add(&tally->types[place].freed, 1);
    rc__tally_bytes_down(tally, bytes);
}

/* No longer a live object of its type, though not freed. */
static inline void rc__tally_object_immortal(const struct rc_type *type, size_t bytes)
{
    RC__TALLY(true, rc__tally_add(&rc__tally_type(tally, type)->freed, 1);
              rc__tally_add(&tally->immortal_objects, 1);
              rc__tally_add(&tally->immortal_bytes, bytes); rc__tally_bytes_down(tally, bytes));
}

static inline void rc__tally_block_made(size_t bytes)
{
    RC__TALLY(true, rc__tally_add(&tally->blocks_made, 1); rc__tally_bytes_up(tally, bytes));
}

static inline void rc__tally_block_freed(size_t bytes)
{
    RC__TALLY(false, rc__tally_add(&tally->blocks_freed, 1); rc__tally_bytes_down(tally, bytes));
}

/* Bytes that came or went without an object or block: a buffer that grew. */
static inline void rc__tally_bytes_more(size_t bytes)
{
    RC__TALLY(true, rc__tally_bytes_up(tally, bytes));
}

static inline void rc__tally_bytes_less(size_t bytes)
{
    RC__TALLY(false, rc__tally_bytes_down(tally, bytes));
}

/* The same of an immortal buffer, whose bytes are not among those that are alive. */
static inline void rc__tally_immortal_more(size_t bytes)
{
    RC__TALLY(true,
              rc__tally_put(&tally->immortal_bytes, rc__tally_get(&tally->immortal_bytes) + bytes));
}

static inline void rc__tally_immortal_less(size_t bytes)
{
    RC__TALLY(false,
              rc__tally_put(&tally->immortal_bytes, rc__tally_get(&tally->immortal_bytes) - bytes));
}

/* A request was refused: no time to allocate a record. */
static inline void rc__tally_failure(void)
{
    RC__TALLY(false, rc__tally_add(&tally->failures, 1));
}

#endif
