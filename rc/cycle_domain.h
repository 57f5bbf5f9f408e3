/* SPDX-License-Identifier: MIT */
/**
 * @file rc/cycle_domain.h
 * Private (not installed): what the rooms of rc/cycle.h share, a domain and its entries.
 *
 * Invariants. A tracked object's prefix tells domain and place (rc__domain_of); the entry in
 * that place names it. What the domain holds is changed under its lock. A dead object's entry is marked
 * until the object is freed or lives again: what such an object holds is nobody's business but its
 * finalizer's, on whatever thread, so no collection looks at it; and its finalizer begins when it is
 * marked, which waits for a scan.
 *
 * A scan holds the lock from its first look at a count to its last. Counts change meanwhile, of what is
 * held from outside; who changed or followed references could hide an object from it: hence rc/cycle.h's
 * rule. `user` is the
 * thread that has the domain in use, so that a second one is refused; the lock is for releases, which
 * cannot be.
 *
 * The first `condemned` entries are of objects that a collection is about to end. It has a reference
 * to each, so they stay in their places, whatever is tracked and forgotten meanwhile.
 */
#ifndef RC_CYCLE_DOMAIN_H
#define RC_CYCLE_DOMAIN_H

#include <pthread.h>

#include "callback.h"
#include "cycle.h"
#include "header.h"

struct rc__cycle_entry {
    uintptr_t header; /* struct rc__header *, and RC__ENTRY_DEAD */
    uintptr_t word;   /* RC__WORD_... in its lowest bits: what a scan knows of the object */
    size_t floor;     /* its count, if all that the finalizer at work owns of it were released */
};

#define RC__ENTRY_DEAD ((uintptr_t)1)

#define RC__WORD_OUTSIDE ((uintptr_t)0) /* it is of no interest: reached, dead, or new */
#define RC__WORD_COUNTED                                                                           \
    ((uintptr_t)1)                      /* above: references that no tracked object was seen to own;
                                           of a condemned object it stays, whatever is above */
#define RC__WORD_WAITING ((uintptr_t)2) /* above: the place of the next that is reached, too */
#define RC__WORD_KIND    ((uintptr_t)3)
#define RC__WORD_ONE     ((uintptr_t)4)
/* After the last that waits. */
#define RC__PLACE_NONE (UINTPTR_MAX / RC__WORD_ONE)

/* What a debugger shows comes first (debug/rcbuf_gdb/layout.py); a lock is of any size. */
struct rc_cycle_domain {
    struct rc__cycle_entry *entries;
    size_t tracked, capacity;
    size_t condemned;
    size_t waiting; /* the first place whose word says so */
    uintptr_t user; /* the thread that is in a call; 0: none */
    const struct rc__callback_kind
        *scanning; /* by the user, under the lock: whose traverse; or NULL */
    bool any_weak,
        any_finalizer; /* of the condemned, when they were: to run, as rc__cycle_is_finalized */
    size_t threshold;  /* 0: no automatic collection */
    size_t recent;     /* tracked since the last collection */
    size_t left;       /* by the last collection */
    size_t collections, freed, resurrected, stuck, refused;
    struct rc_cycle_domain *next, **link; /* in the list of all */
    pthread_mutex_t lock;
};

/* ---- one call at a time ---------------------------------------------------------------------- */

/* A number of this thread's own, never 0. */
RC_HIDDEN uintptr_t rc__cycle_self(void);

static inline bool rc__cycle_is_user(const rc_cycle_domain *domain)
{
    return __atomic_load_n(&domain->user, __ATOMIC_RELAXED) == rc__cycle_self();
}

/* False, and RC_BUSY with a sentence: another call is under way. */
RC_HIDDEN bool rc__cycle_enter(rc_cycle_domain *domain, const char *call);
RC_HIDDEN void rc__cycle_leave(rc_cycle_domain *domain);

/* True: rc__cycle_unlock() has to unlock. */
RC_HIDDEN bool rc__cycle_lock(rc_cycle_domain *domain);

static inline void rc__cycle_unlock(rc_cycle_domain *domain, bool locked)
{
    if (locked) pthread_mutex_unlock(&domain->lock);
}

/* ---- entries --------------------------------------------------------------------------------- */

static inline struct rc__header *rc__entry_header(const struct rc__cycle_entry *entry)
{
    return (struct rc__header *)(entry->header & ~RC__ENTRY_DEAD);
}

static inline uintptr_t rc__entry_kind(const struct rc__cycle_entry *entry)
{
    return entry->word & RC__WORD_KIND;
}

/* The object's place in that domain; NULL: it has none there. */
static inline struct rc__cycle_entry *rc__cycle_find(const rc_cycle_domain *domain,
                                                     const void *object)
{
    const struct rc__header *header = rc__header_of(object);
    if (rc__domain_of(header) != domain) return NULL;
    return &domain->entries[rc__prefix_of(header)->place];
}

/* Two entries change places. */
RC_HIDDEN void rc__cycle_swap(rc_cycle_domain *domain, size_t a, size_t b);

/* By the domain's user. Room for one more; RC_NO_MEMORY, RC_OVERFLOW. */
RC_HIDDEN enum rc_status rc__cycle_make_room(rc_cycle_domain *domain);
RC_HIDDEN void rc__cycle_add(rc_cycle_domain *domain, struct rc__header *header);

/* rc_cycle_untrack(). */
RC_HIDDEN enum rc_status rc__cycle_untrack(struct rc__header *header);

/* By the domain's user: the domain forgets the object, which is not tracked any more, and counts as
 * freed if it was condemned. */
RC_HIDDEN void rc__cycle_forget(rc_cycle_domain *domain, struct rc__header *header);

/* Give back room that is no longer wanted. */
RC_HIDDEN void rc__cycle_shrink(rc_cycle_domain *domain);

/* ---- collecting ------------------------------------------------------------------------------ */

/* References to an object, SIZE_MAX for a count that sticks, 0 for what is dead. */
static inline size_t rc__cycle_references(const struct rc__header *header)
{
    return rc__count_read(&header->shared);
}

/* Its finalizer and its clear, if they run now, run where they have to: it has no home, or is there. */
static inline bool rc__cycle_is_at_home(const struct rc__header *header)
{
    return !(rc__header_flags(header) & RC__FLAG_HOMED) || rc__home_hooks->may_end_here(header);
}

/* A finalizer that is the type's clear as well is run with the others' clear, not before. */
static inline bool rc__cycle_is_finalized(const struct rc__header *header)
{
    const rc_type *type = header->type;
    return !type->finalize || type->finalize == type->clear ||
           rc__header_flags(header) & RC__FLAG_FINALIZED;
}

/* cycle_scan.c. Condemn what nobody holds from outside: see `condemned`. False, with a sentence, and
 * nothing has changed: traverses tell of references that are not there. */
RC_HIDDEN bool rc__cycle_condemn(rc_cycle_domain *domain);
/* Of the condemned, save those that are held from outside by now, and what they hold. */
RC_HIDDEN void rc__cycle_save(rc_cycle_domain *domain);
/* Of the condemned, those that were cleared and are alive are tracked as any other from here on.
 * Returns: how many, and there is a sentence. */
RC_HIDDEN size_t rc__cycle_leave_stuck(rc_cycle_domain *domain);

/* cycle_account.c. Under the lock of the list of domains: what these have, from the first on, and
 * what ended ones had; and one that ends. */
struct rc__account_more;
RC_HIDDEN void rc__cycle_account(const rc_cycle_domain *first, struct rc__account_more *more);
RC_HIDDEN void rc__cycle_account_end(const rc_cycle_domain *domain);

/* cycle_collect.c. rc_cycle_collect() for whoever is in the domain. Returns: how many were freed. Leaves
 * an error where it refused, or some are stuck. */
RC_HIDDEN size_t rc__cycle_collect(rc_cycle_domain *domain);

#endif
