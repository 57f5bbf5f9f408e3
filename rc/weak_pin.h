/* SPDX-License-Identifier: MIT */
/**
 * @file rc/weak_pin.h
 * Private (not installed): memory that a thread may touch without a reference to the object in it.
 *
 * A pin names an object. While it does, and once its thread has seen a weak reference to the object
 * alive after the pin was set, the memory stays: whoever frees the object's block looks at all pins
 * first, and leaves the block to a thread that pins it, by setting bit 0 there (hazard pointers, but
 * for who waits: nobody does). That thread frees it when it takes the pin away, if no further pin
 * names it. So a thread that is stopped or slow keeps nobody from ending objects.
 *
 * Pins stay set, so that a thread that locks the same few objects again and again sets them once:
 * then a lock is one compare and swap. A thread's pins may so keep the blocks of RC__PINS dead
 * objects, none larger than RC__MAGAZINE_BLOCK_MAX, until it locks others, trims or ends. Where
 * magazines are off no pin stays, and none keeps a block for longer than a lock takes.
 *
 * Order. Setting a pin, then reading `alive`; and clearing `alive`, then reading the records' list
 * and the pins: these are sequentially consistent. So either the lock finds the object dead, or who
 * ends it finds the pin. A pin's thread changes it with release order, and who ends the object reads
 * it with acquire: what the lock did to the object comes before its block is free.
 *
 * The swap. A pin keeps memory and not life: between the look at `alive` and the swap, the object may
 * die, or be finalized and resurrected. So its count then has other forms for ever (rc/object_end.c).
 * In its first life the two lowest bits are clear. While it waits for its end in a chain the word is
 * a part of a link, whose lowest bit is set; while it is finalized, and if it is resurrected, it says
 * MERGED, as if it had been biased. What the swap expects has neither bit.
 */
#ifndef RC_WEAK_PIN_H
#define RC_WEAK_PIN_H

#include "header.h"

#define RC__PIN_LEFT ((uintptr_t)1)

/* Pins are left set; decided once, before the first is. */
extern RC_HIDDEN bool rc__pins_stay;

/* The one of a thread that may name the object. */
static inline struct rc__pin *rc__pin_of(struct rc__tally *tally, const void *object)
{
    return &tally->pins[((uintptr_t)object >> 6) % RC__PINS];
}

/* By the pin's thread. An object's memory is left to it once, and so the name differs then. */
static inline bool rc__pin_names(const struct rc__pin *pin, const void *object)
{
    return __atomic_load_n(&pin->object, __ATOMIC_RELAXED) == (uintptr_t)object;
}

/* What a pin of this thread names, so that a lock need not look at the pin; NULL: look. Whoever leaves
 * memory to a pin has killed the weak references before, so that does not change it. */
extern RC_HIDDEN RC_HOT_THREAD_LOCAL const void *rc__pin_latest;

/* The count that this thread last found in such an object. */
extern RC_HIDDEN RC_HOT_THREAD_LOCAL int32_t rc__pin_seen;

/* One more reference, if the count is that one again. It is not read before, since that takes as long
 * as counting. */
static inline bool rc__pin_count_up(struct rc__header *header)
{
    int32_t seen = rc__pin_seen;
    return RC_LIKELY(__atomic_compare_exchange_n(&header->shared, &seen, seen + RC__COUNT_ONE,
                                                 false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
}

/* The same whatever the count is, while *alive. False: nothing has changed, and another way has to
 * tell why. */
RC_HIDDEN bool rc__pin_count_up_rarely(struct rc__header *header, const bool *alive);

/* Pins may name an object with this header, and it may be marked so. */
RC_HIDDEN bool rc__pin_suits(const struct rc__header *header);

/* By the pin's thread: it names the object from now on, or nothing. */
RC_HIDDEN void rc__pin_set(struct rc__pin *pin, const void *object);
RC_HIDDEN void rc__pin_clear(struct rc__pin *pin);

/* rc__tally_unpin, and the hook `bury`. */
RC_HIDDEN void rc__pins_clear(struct rc__tally *tally);
RC_HIDDEN void rc__pin_bury(struct rc__header *header, size_t size);

/* In a forked child: other threads' pins are nobody's. What was left to them is freed by the next
 * thread that has the record. */
RC_HIDDEN void rc__pins_fork(void);

#endif
