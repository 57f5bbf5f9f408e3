/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#include "slot_debt.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* Beside the first: cells for which nobody has to be asked. */
enum { SPARES = 63 };

struct rc__debt rc__debts;
RC_HOT_THREAD_LOCAL struct rc__debt *rc__debt_latest = &rc__debts;

static struct rc__debt spares[SPARES];
static size_t spares_taken;

static struct rc__debt *next_of(const struct rc__debt *debt)
{
    return __atomic_load_n(&debt->next, __ATOMIC_SEQ_CST);
}

/* ---- more cells ------------------------------------------------------------------------------ */

/* NULL: there is none left. Looked at first, so that it does not wrap however often it is asked. */
static struct rc__debt *take_spare(void)
{
    if (__atomic_load_n(&spares_taken, __ATOMIC_RELAXED) >= SPARES) return NULL;
    size_t place = __atomic_fetch_add(&spares_taken, 1, __ATOMIC_RELAXED);
    return place < SPARES ? &spares[place] : NULL;
}

static struct rc__debt *new_cell(void)
{
    struct rc__debt *spare = take_spare();
    if (spare) return spare;
    void *block;
    int number = errno;
    bool made = posix_memalign(&block, _Alignof(struct rc__debt), sizeof(struct rc__debt)) == 0;
    errno = number;
    return made ? memset(block, 0, sizeof(struct rc__debt)) : NULL;
}

/* One more at the end of the list; NULL: no memory. */
static struct rc__debt *append(void)
{
    struct rc__debt *fresh = new_cell(), *last = &rc__debts, *next = NULL;
    if (!fresh) return NULL;
    while (!__atomic_compare_exchange_n(&last->next, &next, fresh, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST)) {
        last = next;
        next = NULL;
    }
    return fresh;
}

/* ---- claiming, paying ------------------------------------------------------------------------ */

/* Once round the list, beginning with @p start; NULL: all were taken. A look first, since an
 * attempt takes the line away from whoever has the cell. */
static struct rc__debt *claim_from(struct rc__debt *start, const void *object)
{
    struct rc__debt *debt = start;
    do {
        bool is_free = !__atomic_load_n(&debt->object, __ATOMIC_RELAXED);
        if (is_free && rc__debt_claim(debt, object)) return debt;
        debt = next_of(debt);
        if (!debt) debt = &rc__debts;
    } while (debt != start);
    return NULL;
}

/* Goes round for ever only while there is no memory and each cell is that of a load in its middle,
 * which the processor is left to. */
struct rc__debt *rc__debt_claim_another(const void *object)
{
    struct rc__debt *debt;
    while (!(debt = claim_from(rc__debt_latest, object))) {
        struct rc__debt *fresh = append();
        if (fresh)
            rc__debt_latest = fresh;
        else
            sched_yield();
    }
    rc__debt_latest = debt;
    return debt;
}

/* This debt and those after it. */
static RC_COLD void pay_from(struct rc__debt *debt, const void *object)
{
    bool spare = false; /* a reference that is to be given away */
    for (; debt; debt = next_of(debt)) {
        const void *seen = __atomic_load_n(&debt->object, __ATOMIC_SEQ_CST);
        if (seen != object) continue;
        if (!spare) (void)rc_retain(object);
        spare = !__atomic_compare_exchange_n(&debt->object, &seen, NULL, false, __ATOMIC_ACQ_REL,
                                             __ATOMIC_ACQUIRE);
    }
    if (spare) rc_release(object);
}

bool rc__debts_pay(const void *object)
{
    for (struct rc__debt *debt = &rc__debts; debt; debt = next_of(debt)) {
        if (RC_LIKELY(__atomic_load_n(&debt->object, __ATOMIC_SEQ_CST) != object)) continue;
        pay_from(debt, object);
        return true;
    }
    return false;
}

size_t rc__debts_count(void)
{
    size_t count = 0;
    for (const struct rc__debt *debt = &rc__debts; debt; debt = next_of(debt)) count++;
    return count;
}

/* ---- fork ------------------------------------------------------------------------------------ */

/* The other threads do not exist here, and what they owed is nobody's debt. */
static void after_fork_in_child(void)
{
    for (struct rc__debt *debt = &rc__debts; debt; debt = next_of(debt))
        __atomic_store_n(&debt->object, NULL, __ATOMIC_RELAXED);
}

/* Before main(), so that handlers of the program's own run after it in the child. */
static __attribute__((constructor(105))) void set_up(void)
{
    pthread_atfork(NULL, NULL, after_fork_in_child);
}
