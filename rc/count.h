/* SPDX-License-Identifier: MIT */
/**
 * @file rc/count.h
 * The count alone: one 32-bit word, inline, with the rules on memory order and saturation; and the
 * second, plain word of objects that are biased to a thread.
 *
 * The word. The number of references lives in the upper 30 bits, less one; the two lowest bits are
 * the flags of a biased object. A lone reference reads 0; the release that gives the last one back
 * makes the word negative, and so does the reference after number 2^29. So both fast paths are one
 * addition and one test of the sign that it left behind: add first, then look at what came out,
 * because a load before the addition waits for the one before it. Where that cannot be (rc/object.h)
 * a release looks first: a word of 0, and no flags, is a reference that nobody else can add to, and
 * stays as it is where the object is kept for the next (rc/cell_inline.h).
 *
 *     0x7ffffffc ... 0x00000000   2^29 ... 1 references
 *     0xfffffffc ... 0xe0000000   none left: the object is being finalized, or its end was misused
 *     0xdffffffc ... 0x80000000   saturated: stuck here, an overflow leaks and never frees
 *
 * Saturation. Whoever sees a word in the lowest range puts it back to its middle,
 * RC__COUNT_SATURATED. Between the addition that crosses the line and that store, others may add
 * and subtract: up to 2^29 of them either way stay inside the range, so the object is never freed.
 * Immortal objects hold the same value. As in Linux refcount_t, and as PEP 683 does for immortals.
 *
 * Memory order. A retain is relaxed: whoever retains has a reference already, which some earlier
 * synchronisation gave to it. A release has release order, so that all this thread did to the
 * object is visible to the one that finalizes it; that one reads the word once more with an acquire
 * load, which synchronises with every release before (they form one release sequence). It is a load
 * and not a fence because ThreadSanitizer does not see fences. A weak lock is increment-if-not-gone
 * by compare and swap, never a plain addition: a count that has reached zero stays there.
 *
 * One thread. While the process has one thread (RC_SINGLE_THREADED) all of it is plain arithmetic.
 * The C library clears that flag before a second thread runs, and the start of a thread
 * synchronises.
 *
 * Biased objects (PEP 703) have an owner, the thread that made them, and a second count of the same
 * form, `local`, which the owner alone changes, plainly. There are as many references as local says,
 * and n more: what others retained less what they released, in the upper bits of the shared word. n
 * falls below zero only under RC__COUNT_QUEUED: the release that finds n at zero sets that flag
 * instead of subtracting, and gives its reference to the owner's queue, which keeps the object until
 * the owner drains it.
 *
 * Merging makes it an ordinary object: one addition of local + RC__COUNT_MERGED to the shared word,
 * on which others may count before and after it alike. It has release order, for the owner's plain
 * releases. Only the owner merges, or, once that thread has ended, whoever holds the lock under
 * which its index could be taken again. A merger that keeps a reference then takes the owner's index
 * out of the header; one that gives its last away has marked the index before (RC__OWNER_GIVES), so
 * that the owner goes by it no more, and may not touch the object any more: the next that comes with
 * a reference and sees MERGED takes the index out. The index is read with acquire, so whoever finds
 * none counts after the merge.
 *
 * local is as wide as a pointer: where that is 64 bits no retain overflows it, and so none looks; a
 * merge that finds more than the shared word holds makes that stick. It is read and written plainly:
 * a missing order between two threads that do so is a race that tools see.
 */
#ifndef RC_COUNT_H
#define RC_COUNT_H

#include "config.h"

RC_BEGIN_DECLS

#define RC__COUNT_ONE        4
#define RC__COUNT_MERGED     1 /* of an object that was biased: there is no local count any more */
#define RC__COUNT_QUEUED     2 /* the owner's queue holds a reference */
#define RC__COUNT_GONE_FLOOR ((int32_t)-0x20000000)
/* Written at the end: a retain shows too, and nobody takes it for an n below zero. */
#define RC__COUNT_GONE      ((int32_t)-0x10000000 + RC__COUNT_MERGED)
#define RC__COUNT_SATURATED ((int32_t)-0x60000000)
/* 2^61 references: nobody counts so far, in a hundred years. */
#define RC__COUNT_LOCAL_IS_ENDLESS (sizeof(intptr_t) > sizeof(int32_t))

/* What a negative word says. */
static inline bool rc__count_is_saturated(int32_t word)
{
    return word < RC__COUNT_GONE_FLOOR;
}

static inline bool rc__count_is_gone(int32_t word)
{
    return word < 0 && word >= RC__COUNT_GONE_FLOOR;
}

/* The same of an object that was seen to be biased: until it is merged, the queue may keep it. */
static inline bool rc__count_is_dead(int32_t word, bool biased)
{
    return rc__count_is_gone(word) && (!biased || word & RC__COUNT_MERGED);
}

/* A release left this behind: it was the last. */
static inline bool rc__count_was_last(int32_t word)
{
    return (word | RC__COUNT_MERGED) == -RC__COUNT_ONE + RC__COUNT_MERGED;
}

/* Arithmetic that wraps, as atomic arithmetic does. */
static inline int32_t rc__count_plus(int32_t word, int32_t change)
{
    return (int32_t)((uint32_t)word + (uint32_t)change);
}

/* One more reference, while other threads may count too. False: look at the word. */
static inline bool rc__count_up(int32_t *word)
{
    return RC_LIKELY(__atomic_add_fetch(word, RC__COUNT_ONE, __ATOMIC_RELAXED) >= 0);
}

/* One fewer. False: it was the last, or the word is not an ordinary count: look at it. */
static inline bool rc__count_down(int32_t *word)
{
    return RC_LIKELY(__atomic_sub_fetch(word, RC__COUNT_ONE, __ATOMIC_RELEASE) >= 0);
}

/* The same in a process with one thread. Where they say false they have changed nothing. */
static inline bool rc__count_up_plain(int32_t *word)
{
    int32_t next = rc__count_plus(*word, RC__COUNT_ONE);
    if (RC_UNLIKELY(next < 0)) return false;
    *word = next;
    return true;
}

static inline bool rc__count_down_plain(int32_t *word)
{
    int32_t next = rc__count_plus(*word, -RC__COUNT_ONE);
    if (RC_PERHAPS_NOT(next < 0)) return false;
    *word = next;
    return true;
}

/* One more unless there is none: the lock of a weak reference. True for a saturated word too.
 * biased: the object was seen to be, by a read before. */
static inline bool rc__count_up_unless_gone(int32_t *word, bool biased)
{
    int32_t seen = __atomic_load_n(word, __ATOMIC_RELAXED);
    while (!rc__count_is_dead(seen, biased)) {
        if (rc__count_is_saturated(seen)) return true;
        int32_t next = rc__count_plus(seen, RC__COUNT_ONE);
        if (next < 0 && seen >= 0) next = RC__COUNT_SATURATED;
        if (__atomic_compare_exchange_n(word, &seen, next, true, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
            return true;
    }
    return false;
}

/* References as a number, for people: SIZE_MAX when saturated, 0 when gone. */
static inline size_t rc__count_read(const int32_t *word)
{
    int32_t seen = __atomic_load_n(word, __ATOMIC_ACQUIRE);
    if (rc__count_is_saturated(seen)) return SIZE_MAX;
    return seen < 0 ? 0 : ((size_t)(uint32_t)seen >> 2) + 1;
}

/* Exactly one reference, and everything that earlier owners did is visible. */
static inline bool rc__count_is_one(const int32_t *word)
{
    return (uint32_t)__atomic_load_n(word, __ATOMIC_ACQUIRE) < RC__COUNT_ONE;
}

static inline intptr_t rc__count_plus_local(intptr_t local, int32_t change)
{
    return (intptr_t)((uintptr_t)local + (uintptr_t)(intptr_t)change);
}

/* A local count, by the owner. False: take it back, and look; never where a word has 64 bits, so that
 * the test is not there. */
static inline bool rc__count_up_local(intptr_t *local)
{
    *local = rc__count_plus_local(*local, RC__COUNT_ONE);
    return RC__COUNT_LOCAL_IS_ENDLESS || RC_LIKELY(*local >= 0);
}

static inline bool rc__count_down_local(intptr_t *local)
{
    *local = rc__count_plus_local(*local, -RC__COUNT_ONE);
    return RC_LIKELY(*local >= 0);
}

/* The same that changes nothing where it says false. @p change: plus or minus RC__COUNT_ONE. */
static inline bool rc__count_try_local(intptr_t *local, int32_t change)
{
    intptr_t next = rc__count_plus_local(*local, change);
    if (RC_LIKELY(next >= 0)) *local = next;
    return next >= 0;
}

RC_END_DECLS

#endif
