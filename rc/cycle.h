/* SPDX-License-Identifier: MIT */
/**
 * @file rc/cycle.h
 * Finding and ending what only cycles keep alive.
 *
 * Counts never end a cycle: two objects that hold each other have a reference each for ever. A domain
 * is told of the objects that may be part of one, and a collection ends those that nobody outside holds.
 * Tracked objects hold no reference to their domain, nor it to them: an object that ends is forgotten.
 *
 *     static void node_traverse(void *self, rc_visit *visit, void *argument)
 *     {
 *         visit(((struct node *)self)->next, argument);
 *     }
 *     static void node_clear(void *self) { rc_clear(&((struct node *)self)->next); }
 *     static const rc_type node_type = {.name = "node", .size = sizeof(struct node),
 *         .finalize = node_clear, .traverse = node_traverse, .clear = node_clear};
 *
 * What a type has to keep to. `traverse` calls visit for each reference that the object owns, once per
 * reference, rc_slot_visit() for each slot (rc/slot.h), for none that it borrows, and nothing else of the
 * library. `clear` drops references that may close a cycle, and sets them to NULL (rc_clear). `finalize`
 * releases all that the object owns, as ever, or nothing of it, and the type is RC_TYPE_CLEARED; in a
 * collection it runs before any of the objects around is freed. What
 * it gives to others who keep it, it sets to NULL; and all that it releases, where the object may be saved
 * by another's finalizer, or by another thread that locks a weak reference: it then lives on as its own
 * finalizer left it. A finalizer that is the clear of its type as well is the quickest, and leaves whole
 * what is saved: a collection runs it once, with the others' clear.
 *
 * Threads: one call on a domain at a time, or it answers RC_BUSY: threads that share one have a mutex of
 * theirs around all calls. Any thread may release what is tracked, which waits while a collection looks
 * for garbage. During a collection no other thread may change the references that tracked objects own; nor
 * follow them, unless it has kept a reference to the object in which they stand since before the
 * collection, and keeps it until after. `traverse` takes no lock that a thread may hold while it releases,
 * and does not fork.
 * Limits:  cycles through objects of two domains, or through one that is not tracked, are never found.
 * Source:  gcmodule.c in CPython; PEP 442.
 */
#ifndef RC_CYCLE_H
#define RC_CYCLE_H

#include "object.h"

RC_BEGIN_DECLS

/** A set of tracked objects, and itself an object. Its last release collects once more, and from then on
 * its objects are tracked by nobody. A finalizer that this collection runs may not keep the domain. */
typedef struct rc_cycle_domain rc_cycle_domain;

/* ---- create ---------------------------------------------------------------------------------- */

/** Returns: one new reference, or NULL. Errors: RC_NO_MEMORY. */
RC_API RC_MUST_USE rc_cycle_domain *rc_cycle_domain_new(void);

/**
 * The domain looks after @p object from now on. Where a threshold is set this may collect first.
 *
 * Borrows:  both, not NULL. The object's type has a traverse; a biased object gives its bias up.
 * Errors:   RC_INVALID for NULL, a type without traverse, or an object that is dead or whose last
 *           release has begun; RC_BUSY if a domain tracks it already, another thread uses this one, or the
 *           object is biased to another thread; RC_NO_MEMORY. Nothing has changed, and the object is the caller's still.
 */
RC_API enum rc_status rc_cycle_track(rc_cycle_domain *domain, const void *object);

/**
 * `T *RC_CYCLE_NEW(domain, T, &type)`: rc_new, and tracked.
 *
 * Returns:  one new reference, or NULL.
 * Errors:   as rc_new and rc_cycle_track; nothing has changed.
 */
#define RC_CYCLE_NEW(domain, T, type) ((T *)rc_cycle_new_checked((domain), (type), sizeof(T)))
RC_API RC_MUST_USE void *rc_cycle_new_checked(rc_cycle_domain *domain, const rc_type *type,
                                              size_t size_of_t);

/**
 * No domain looks after @p object any more. That of objects which are not tracked is no error.
 *
 * Errors:   RC_INVALID for NULL; RC_BUSY while its domain is in use by a call. Nothing has changed.
 */
RC_API enum rc_status rc_cycle_untrack(const void *object);

/* ---- collect --------------------------------------------------------------------------------- */

/**
 * End what is tracked and held by nothing but tracked objects that are held so, too.
 *
 * Weak references with a callback to such objects die, and the callbacks run; each finalizer runs that
 * has not run before; who is held from outside now, and what it holds, lives on. Of the rest all weak
 * references die, its types' clear is called, and what nobody holds then is freed. Takes time in
 * proportion to the objects tracked and the references they hold, constant stack, and allocates nothing.
 *
 * Returns:  how many objects were freed.
 * Errors:   0 with RC_INVALID for NULL, and with RC_BUSY while the domain is in use: by another thread,
 *           or because a finalizer, callback or clear of this very collection calls it. 0 with RC_INVALID
 *           where traverses tell of more references to an object than it has. In these cases nothing has
 *           changed. RC_INVALID, with how many were freed, where some were cleared and are stuck: a type
 *           among them releases nothing; or they are held from outside, and a traverse told of references
 *           that its object only borrows. The sentences name types. A collection that rc_cycle_track() or
 *           a domain's end starts leaves no error: its statistics have `stuck` and `refused`.
 */
RC_API size_t rc_cycle_collect(rc_cycle_domain *domain);

/**
 * Have rc_cycle_track() collect when so many objects came to be tracked since the last collection, and
 * at least a quarter of those that it left. 0, as at first: never.
 *
 * Errors:   RC_INVALID for NULL.
 */
RC_API enum rc_status rc_cycle_domain_set_threshold(rc_cycle_domain *domain, size_t objects);

/* ---- ask ------------------------------------------------------------------------------------- */

/** True if some domain tracks the object. Borrows: object, not NULL. */
RC_API bool rc_cycle_is_tracked(const void *object);

struct rc_cycle_statistics {
    size_t struct_size; /**< bytes that are filled in */
    size_t tracked;     /**< objects, now */
    size_t collections; /**< that have ended */
    size_t freed;       /**< objects, by all of them */
    size_t resurrected; /**< objects that finalizers, or locks of weak references, saved */
    size_t stuck;       /**< objects that the last collection cleared and could not free */
    size_t refused;     /**< collections, since traverses told of references that are not there */
};

/** For callers built against another version: writes at most @p struct_size bytes of *now. Nothing
 * through NULL. */
RC_API void rc_cycle_statistics_read_sized(const rc_cycle_domain *domain,
                                           struct rc_cycle_statistics *now, size_t struct_size);

/** Borrows: domain, not NULL. Threads: safe from any, each number for itself. */
static inline void rc_cycle_statistics_read(const rc_cycle_domain *domain,
                                            struct rc_cycle_statistics *now)
{
    rc_cycle_statistics_read_sized(domain, now, sizeof *now);
}

RC_END_DECLS

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_CYCLE
#include "ledger_calls.h"
#endif

#endif
