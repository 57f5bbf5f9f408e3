/* SPDX-License-Identifier: MIT */
/**
 * @file rc/slot.h
 * A place that many threads load a reference from and store one to: what replaces a global
 * configuration under a mutex.
 *
 * A slot is empty or holds one reference. Whoever loads gets a reference of its own to what is
 * there; whoever stores puts another object there, and the slot's reference to the one before is
 * released there and then. A slot is a static variable, or stands in a struct or an object; one
 * that is all zero is empty, RC_SLOT_INIT or not. It ends by rc_slot_clear(), in the finalizer of
 * what it stands in; a copy of the struct is no slot.
 *
 * Threads: everything here is safe from any thread at any time, and happens in one order for all:
 *          what a thread did before it stored is seen by whoever loads that. Nobody waits for
 *          anybody: a thread that is stopped in the middle of a call keeps no other from ending its
 *          own, and a load begins anew only where another thread has stored meanwhile. One thing is
 *          waited for: a load beside 64 others that are in their middle, where there is no memory
 *          for one more, yields until one of them is over. Not for signal handlers.
 * Errors:  RC_INVALID where a slot is needed and NULL is given; nothing fails for lack of memory.
 * Source:  the debts of the Rust crate arc-swap; hazard pointers, by Michael (2004).
 */
#ifndef RC_SLOT_H
#define RC_SLOT_H

#include "object.h"

RC_BEGIN_DECLS

/** A slot. Its member is the library's own. */
typedef struct rc_slot {
    void *rc__object;
} rc_slot;

/** `static rc_slot current = RC_SLOT_INIT;`: an empty one. */
#define RC_SLOT_INIT                                                                               \
    {                                                                                              \
        NULL                                                                                       \
    }

/* ---- load ------------------------------------------------------------------------------------ */

/**
 * A reference to what the slot holds.
 *
 * Borrows:  slot, not NULL.
 * Returns:  one new reference, the caller's to release; NULL: the slot is empty, which is no error.
 * Threads:  where another thread stores at that moment, this may turn out to have the last
 *           reference to what was there before, and ends it.
 */
RC_API RC_MUST_USE void *rc_slot_load(const rc_slot *slot);

/** `T *RC_SLOT_LOAD(T, slot)`: the load with a type; debug builds verify that it fits the object. */
#define RC_SLOT_LOAD(T, slot) ((T *)rc_slot_load_checked((slot), RC_DEBUG ? sizeof(T) : 0, #T))
RC_API RC_MUST_USE void *rc_slot_load_checked(const rc_slot *slot, size_t size_of_t,
                                              const char *type_name);

/**
 * True if the slot holds @p object at this moment: whether what a thread loaded before is still
 * what it would load now, for the price of reading a word.
 *
 * Borrows:  slot, not NULL; object, to which the caller has a reference, or NULL: is it empty?
 */
static inline bool rc_slot_holds(const rc_slot *slot, const void *object);

/* ---- visit ----------------------------------------------------------------------------------- */

/**
 * Visit the slot's reference, in the `traverse` of the type whose objects the slot stands in: then
 * cycles through it are found (rc/cycle.h), and graphs show it. `clear` empties the slot:
 *
 *     static void node_traverse(void *self, rc_visit *visit, void *argument)
 *     {
 *         rc_slot_visit(&((struct node *)self)->next, visit, argument);
 *     }
 *     static void node_clear(void *self) { rc_slot_clear(&((struct node *)self)->next); }
 *
 * Borrows:  slot; NULL is a no-op; visit and argument, as traverse was given them.
 * Threads:  others may load from the slot meanwhile, that have kept the object in which it stands
 *           since before. But none may store to it from the beginning of a collection or a graph to
 *           its end, as it may not change other references: what is in the slot is looked at
 *           without a reference, so a store could free it at that moment, and what a store moves
 *           between two looks is taken for garbage. A lock of the program's around such stores and
 *           around the collection sees to that.
 */
static inline void rc_slot_visit(const rc_slot *slot, rc_visit *visit, void *argument);

/* ---- store ----------------------------------------------------------------------------------- */

/**
 * Put @p object there; the slot's reference to what was there is released.
 *
 * Borrows:  slot, not NULL; object, which the slot retains: a biased one should have been given to
 *           rc_share() (rc/bias.h) where it is to end with its last reference. NULL empties the
 *           slot.
 * Errors:   RC_INVALID if slot is NULL.
 * Threads:  a store that met a load in its middle gives way to others for a microsecond or two.
 */
RC_API enum rc_status rc_slot_store(rc_slot *slot, const void *object);

/** Empty the slot, as rc_slot_store() does with NULL. A NULL slot is a no-op. */
RC_API void rc_slot_clear(rc_slot *slot);

/**
 * Put @p object there, and take what was there out.
 *
 * Borrows:  slot, not NULL; object, which the slot retains; NULL empties it.
 * Returns:  the slot's reference, the caller's to release from here on; NULL: it was empty, or
 *           RC_INVALID.
 */
RC_API RC_MUST_USE void *rc_slot_exchange(rc_slot *slot, const void *object);

/**
 * Put @p desired there if the slot holds @p expected: to change what others may change at the same
 * moment, load, make the next, and do it again if this says false.
 *
 * Borrows:  slot, not NULL; desired, which the slot retains, or NULL; expected, to which the caller
 *           has a reference, so that nothing else can stand at its address meanwhile, or NULL.
 * Returns:  true if it did: the slot's reference to expected is released, the caller's stays.
 *           False: nothing has changed. It never says false without reason.
 */
RC_API bool rc_slot_compare_exchange(rc_slot *slot, const void *expected, const void *desired);

/* ---- inline bodies --------------------------------------------------------------------------- */

static inline bool rc_slot_holds(const rc_slot *slot, const void *object)
{
    return __atomic_load_n(&slot->rc__object, __ATOMIC_SEQ_CST) == object;
}

static inline void rc_slot_visit(const rc_slot *slot, rc_visit *visit, void *argument)
{
    void *object = slot ? __atomic_load_n(&slot->rc__object, __ATOMIC_SEQ_CST) : NULL;
    if (object) visit(object, argument);
}

RC_END_DECLS

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_SLOT
#include "ledger_calls.h"
#endif

#endif
