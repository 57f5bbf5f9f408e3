/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * A slot is one word: the address of an object, to which it has one reference.
 *
 * What is hard. Between reading that word and counting the object another thread may store, and
 * release the last reference. So whoever loads has to tell beforehand which object it is about to
 * count, and whoever stores must not let that one go. Hazard pointers would have it keep the object
 * for later; here it gives the reference that is wanted, on the other's behalf, and is done with
 * it.
 *
 *     load                                       store
 *     1  see p in the slot                       1  exchange p for another
 *     2  owe: a free cell says p from now on     2  where a cell says p: retain p, then
 *     3  look again; not p: on from there           compare and swap the cell to free: paid
 *     4  retain p                                3  release p
 *     5  take back: the cell is free again;
 *        was the debt paid? release one
 *
 * Why nobody is missed. Steps 2 and 3 of a load and 1 and 2 of a store are sequentially consistent,
 * so there is one order of all of them. If 3 finds p in the slot, it stands before the exchange
 * that takes p out, and so does 2 of that load: the walk of that store, after its exchange, finds
 * the debt, or the cell as 5 left it. A debt that is made behind the walk finds in 3 that p is
 * gone, and p is never touched. A new cell is linked to the list in the same order, before it says
 * anything.
 *
 * Why it is the same p. From 3 on p is held by the slot; then by the store that took it out, until
 * its walk is over; then by the reference that it gave. So nothing else can stand at that address.
 * In 1 that may have been otherwise, and a debt that 3 finds to be to the wrong object may be paid
 * with a reference to one that this load never saw, by a store to another slot. Such a reference is
 * released and not returned.
 *
 * Whose debt it is. A cell that was paid is free for the next load, before the one that it was paid
 * for has noticed: several loads may be under way through one cell, with the same p. None of them
 * minds whose debt it takes back. Call a load open for (c, p) while it has made cell c say p and
 * has not taken that back; and a payment outstanding that no load has found yet. Then always
 *
 *     open loads of (c, p)  =  outstanding payments of (c, p)  +  (c says p ? 1 : 0)
 *
 * To owe adds one to the left and to the last term; to pay moves one from the last term to the
 * first on the right; to take back subtracts one on the left, and on the right from the last term
 * if c says p, else from the payments, of which there is one then. So each payment is found once,
 * and nothing leaks. And behind the walk that found c free, or freed it, the open loads of (c, p)
 * are all balanced by payments; the last of these is found by the last of those; so p is kept for
 * each of them, whoever it was paid for.
 *
 * Orders. The slot's word: all of it sequentially consistent, which is acquire and release too, so
 * that whoever loads sees what was written to the object before it was stored. Cells: to take back
 * is to release, and the walk acquires, also where its swap fails: it sees that the object was
 * counted, and may go by a look at the count when it releases (count.h). To pay is to release, and
 * whoever finds that it was paid acquires, for the same reason the other way round. There are no
 * fences, since ThreadSanitizer does not see them.
 *
 * Who waits. A store for nobody: it tries each cell once, since a debt that is gone when the swap
 * fails needs nothing, and one that has come since is behind the walk. A load goes round only if
 * another thread has stored between its 1 and 3. It finds a cell: there are 64, and one more is
 * made when all are taken at the same moment. Where there is no memory for that either, it has to
 * wait for one of 64 loads, and yields.
 *
 * Giving way. A thread that does nothing but store keeps the lines of slot, cells and counts to
 * itself, and others hardly get round between its stores. So a store that has paid lets a
 * microsecond or two pass: then a hundred loads are made from one cache. It is a number of
 * instructions, and no wait.
 *
 * Finalizers, which may use this slot or another, run in releases, and there this thread has no
 * debt. While the process has one thread there are none at all, and nothing of this is done. A load
 * is one call: compiled into the program it takes as long.
 */
#include "slot.h"

#include "header.h"
#include "slot_debt.h"

/* ---- load ------------------------------------------------------------------------------------ */

static inline void *look(const rc_slot *slot)
{
    return __atomic_load_n(&slot->rc__object, __ATOMIC_SEQ_CST);
}

/* Something else is there by now: the debt is to that. Returns: the cell. */
static RC_COLD struct rc__debt *owe_instead(struct rc__debt *debt, void *object, void *next)
{
    if (rc__debt_change(debt, object, next)) return debt;
    rc_release(object);
    return rc__debt_owe(next);
}

/* A reference to what the slot holds; a moment ago it was @p object, not NULL. */
static inline void *count(const rc_slot *slot, void *object)
{
    struct rc__debt *debt = rc__debt_owe(object);
    void *seen;
    while (RC_UNLIKELY((seen = look(slot)) != object) && seen) {
        debt = owe_instead(debt, object, seen);
        object = seen;
    }
    (void)rc__retain_for_caller(seen);
    if (!rc__debt_take_back(debt, object)) rc_release(object);
    return seen;
}

static RC_COLD void *refuse(const char *call)
{
    rc_error_set(RC_INVALID, "%s needs a slot; it is NULL", call);
    return NULL;
}

void *rc_slot_load(const rc_slot *slot)
{
    if (RC_UNLIKELY(!slot)) return refuse("rc_slot_load");
    void *object = look(slot);
    if (RC_SINGLE_THREADED) return rc__retain_for_caller(object);
    return RC_LIKELY(object) ? count(slot, object) : NULL;
}

void *rc_slot_load_checked(const rc_slot *slot, size_t size_of_t, const char *type_name)
{
    void *object = rc_slot_load(slot);
    if (object) rc__object_check_size(object, size_of_t, type_name, "RC_SLOT_LOAD");
    return object;
}

/* ---- store ----------------------------------------------------------------------------------- */

/* What keeps a processor busy for some ten nanoseconds, and leaves the other threads of its core
 * alone. */
static inline void rest(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" : : : "memory");
#else
    __asm__ volatile("" : : : "memory");
#endif
}

enum { PAUSES = 50 };

/* Pays what is owed to what was taken out of a slot. */
static void settle(const void *object)
{
    if (RC_LIKELY(!object || !rc__debts_pay(object))) return;
    for (int i = 0; i < PAUSES; i++) rest();
}

/* What was in the slot, and the slot's reference to it. */
static void *exchange(rc_slot *slot, const void *object)
{
    (void)rc_retain(object);
    if (RC_SINGLE_THREADED) {
        void *old = slot->rc__object;
        __atomic_store_n(&slot->rc__object, rc__unconst(object), __ATOMIC_RELAXED);
        return old;
    }
    void *old = __atomic_exchange_n(&slot->rc__object, rc__unconst(object), __ATOMIC_SEQ_CST);
    settle(old);
    return old;
}

enum rc_status rc_slot_store(rc_slot *slot, const void *object)
{
    if (RC_UNLIKELY(!slot)) return refuse("rc_slot_store"), RC_INVALID;
    rc_release(exchange(slot, object));
    return RC_OK;
}

void rc_slot_clear(rc_slot *slot)
{
    if (slot) rc_release(exchange(slot, NULL));
}

void *rc_slot_exchange(rc_slot *slot, const void *object)
{
    return RC_LIKELY(slot) ? exchange(slot, object) : refuse("rc_slot_exchange");
}

/* The caller's reference to expected keeps it from being another object. */
static bool swap(rc_slot *slot, void *expected, const void *desired)
{
    if (!RC_SINGLE_THREADED)
        return __atomic_compare_exchange_n(&slot->rc__object, &expected, rc__unconst(desired),
                                           false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    __atomic_store_n(&slot->rc__object, rc__unconst(desired), __ATOMIC_RELAXED);
    return true;
}

bool rc_slot_compare_exchange(rc_slot *slot, const void *expected, const void *desired)
{
    if (RC_UNLIKELY(!slot)) return refuse("rc_slot_compare_exchange");
    if (look(slot) != expected) return false;
    (void)rc_retain(desired);
    bool swapped = swap(slot, rc__unconst(expected), desired);
    if (swapped && !RC_SINGLE_THREADED) settle(expected);
    rc_release(rc__unconst(swapped ? expected : desired));
    return swapped;
}
