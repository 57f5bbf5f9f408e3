/* SPDX-License-Identifier: MIT */
/*
 * A slot is one word: the address of an object, to which it has one reference.
 *
 * What is hard. Between reading that word and counting the object another thread may store, and release
 * the last reference. So who loads has to tell beforehand which object it is about to count, and who
 * stores must not let that object go. Hazard pointers would have it keep the object for later;
 * here it gives the reference that is wanted, on the reader's behalf, and is done.
 *
 *     load                                     store
 *     1  see p in the slot                     1  exchange p for the next
 *     2  owe: a free cell says p from now on   2  where a cell says p: retain p, then
 *     3  look again; another? take back, 1        compare and swap the cell to free: paid
 *     4  retain p                              3  release p
 *     5  take back: the cell is free again;
 *        was the debt paid? release one
 *
 * Why nobody is missed. 2 and 3 of a load, 1 and 2 of a store are sequentially consistent, so that they have one
 * order. If 3 finds p in the slot, it comes before the exchange that takes p out, and so 2 does: that
 * store's walk, which comes after its exchange, finds the debt, or that it is no more. A debt that is
 * made behind the walk's back finds another object in 3, and never touches p. A new cell is linked to the
 * list in the same order, before it says anything.
 *
 * Why it is the same p. From 3 on, p is held by the slot; then by whoever took it out, until its walk is
 * over; then by the reference that it gave. So p is no other object at the same address. In 1 it may have been, and
 * what a load that goes round from 3 finds paid may be a reference to an object that it never saw. It
 * releases that one, by the address alone, and does not return it: its slot may never have held it.
 *
 * Whose debt it is. A cell that was paid is free for the next load, before the one that it was paid for has
 * noticed: there may be several loads under way through one cell, of the same p. None of them minds
 * whose debt it takes back. Call a load that has claimed the cell c for p, and has not taken back, open;
 * and a payment in c for p that no load has found yet, outstanding. Then always
 *
 *     open loads of (c, p)  =  outstanding payments of (c, p)  +  (c says p ? 1 : 0)
 *
 * Claiming adds one to either side; so does paying take from one of those on the right and add to the other;
 * taking back takes one from either side, from the cell if it says p, else from the payments, which are
 * not none then. So each payment is found once, and nothing leaks. And while a load is open behind the walk of
 * whoever took p out, there is a payment outstanding: the walk found the cell free or other, or made it so,
 * and the last payment is found by the last open load. p is kept by that reference, whoever's it is.
 *
 * Orders. The slot's word: all of them sequentially consistent, which is acquire and release too: who loads
 * sees what was written to the object before it was stored. Cells: who takes back releases, and who walks
 * acquires, also where its compare and swap fails: it sees that the object was counted, and when it releases, may
 * decide by a look at the count (rc/count.h) that its own is the last. Who pays releases, and who takes back and
 * fails acquires, for the same reason the other way round. No fences: ThreadSanitizer does not see them.
 *
 * Who waits. A store never: each cell is one attempt, since a debt that was not there or is gone when it
 * fails is of a later load, and needs nothing. A load goes round from 3 only where another thread stored.
 * It finds a cell: there are 64, and one more is made when all are taken at the same moment. Where there is
 * no memory for it either, and only then, it waits for one of 64 loads to end.
 *
 * Finalizers, which may use this slot or another, run in releases: at these the thread has no cell.
 *
 * One thread. While the process has one thread no debts exist, and nothing of this is done. In a forked
 * child the other threads' debts are wiped out.
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
static RC_COLD struct rc__debt *owe_another(struct rc__debt *debt, void *object, void *next)
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
        debt = owe_another(debt, object, seen);
        object = seen;
    }
    (void)rc_retain(seen);
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
    if (RC_SINGLE_THREADED) return rc_retain(object);
    return RC_LIKELY(object) ? count(slot, object) : NULL;
}

void *rc_slot_load_checked(const rc_slot *slot, size_t size_of_t, const char *type_name)
{
    void *object = rc_slot_load(slot);
    if (object) rc__object_check_size(object, size_of_t, type_name, "RC_SLOT_LOAD");
    return object;
}

/* ---- store ----------------------------------------------------------------------------------- */

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
    if (old) rc__debts_pay(old);
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
    if (swapped && expected && !RC_SINGLE_THREADED) rc__debts_pay(expected);
    rc_release(rc__unconst(swapped ? expected : desired));
    return swapped;
}
