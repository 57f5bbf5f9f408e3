/* SPDX-License-Identifier: MIT */
/**
 * @file rc/slot_debt.h
 * Private (not installed): what loads of slots owe while they are under way. slot.c tells why.
 *
 * A debt is a cell that names an object. Whoever loads from a slot claims a free cell for the
 * object that it saw there, and takes the debt back when it has counted; whoever took an object out
 * of a slot pays each debt that names it, before releasing it. A cell is nobody's: it is claimed
 * for one load. Each thread starts at the cell that it had last, and goes on to the next where that
 * is taken, so that threads that load often come to have cells of their own.
 *
 * The cells are a list that only grows, when all of them are taken at the same moment, and which is
 * never freed: there are as many as loads were ever under way at once. Nothing here takes a lock.
 */
#ifndef RC_SLOT_DEBT_H
#define RC_SLOT_DEBT_H

#include "object.h"

struct rc__debt {
    _Alignas(64) const void *object; /* NULL: the cell is free */
    struct rc__debt *next;           /* set once */
};

/* The first of all. */
extern RC_HIDDEN struct rc__debt rc__debts;

/* The one that this thread claimed last. */
extern RC_HIDDEN RC_HOT_THREAD_LOCAL struct rc__debt *rc__debt_latest;

/* False: it is another's. @p object: not NULL. */
static inline bool rc__debt_claim(struct rc__debt *debt, const void *object)
{
    const void *none = NULL;
    return __atomic_compare_exchange_n(&debt->object, &none, object, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_RELAXED);
}

/* Another one than this thread's latest, which was taken. */
RC_HIDDEN RC_COLD struct rc__debt *rc__debt_claim_another(const void *object);

static inline struct rc__debt *rc__debt_owe(const void *object)
{
    struct rc__debt *latest = rc__debt_latest;
    return RC_LIKELY(rc__debt_claim(latest, object)) ? latest : rc__debt_claim_another(object);
}

/* The same cell says @p next from now on, which is not NULL. False: a debt was paid instead, as
 * below. */
static inline bool rc__debt_change(struct rc__debt *debt, const void *object, const void *next)
{
    return __atomic_compare_exchange_n(&debt->object, &object, next, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_ACQUIRE);
}

/* True: the debt, or another one to the same object, is no more. False: one was paid instead, and
 * the caller has a reference to the object. */
static inline bool rc__debt_take_back(struct rc__debt *debt, const void *object)
{
    return RC_LIKELY(__atomic_compare_exchange_n(&debt->object, &object, NULL, false,
                                                 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
}

/* Give a reference to each that owes one to @p object. The caller has a reference, which stays, and
 * took the object out of a slot. Returns: there was one. */
RC_HIDDEN bool rc__debts_pay(const void *object);

/* How many cells there are. */
RC_HIDDEN size_t rc__debts_count(void);

#endif
