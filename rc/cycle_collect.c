/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * A collection, once it is known what only cycles keep alive.
 *
 * Order, as in CPython's later versions: callbacks of weak references, finalizers, another look at what
 * is held from outside, the end of all weak references to the rest, clear. All the while the domain
 * has a reference to each condemned object, so that none is freed before everybody has had his say.
 *
 * A finalizer here is a `__dealloc__`, which releases what its object owns, and not only CPython's
 * tp_finalize, which leaves that to tp_clear: RC_TYPE_CLEARED. Many do not set to NULL what they release.
 * What such an object still reports after its finalizer nobody may follow any more: it is neither traversed
 * nor cleared from then on.
 */
#include "callback.h"
#include "cycle_domain.h"
#include "object_end.h"

static struct rc__header *condemned_at(const rc_cycle_domain *domain, size_t place)
{
    return rc__entry_header(&domain->entries[place]);
}

static void set_flags(struct rc__header *header, unsigned flags)
{
    __atomic_fetch_or(&header->flags, (uint16_t)flags, __ATOMIC_RELAXED);
}

/* ---- weak references ------------------------------------------------------------------------- */

/* True: there were some. @p kill: the hook. All are dead before the first callback runs. */
static bool end_weak(rc_cycle_domain *domain, void (*kill)(void *object))
{
    bool any = false;
    for (size_t i = 0; i < domain->condemned; i++) {
        if (!(rc__header_flags(condemned_at(domain, i)) & RC__FLAG_WEAK)) continue;
        kill(rc__payload_of(condemned_at(domain, i)));
        any = true;
    }
    for (size_t i = 0; any && i < domain->condemned; i++)
        if (rc__header_flags(condemned_at(domain, i)) & RC__FLAG_WEAK)
            rc__weak_hooks->notify(rc__payload_of(condemned_at(domain, i)));
    return any;
}

/* ---- finalizers ------------------------------------------------------------------------------ */

static void count_reported(void *object, void *argument)
{
    if (object) ++*(size_t *)argument;
}

/* What its object still reports it has released, and nobody may follow any more. */
static void finalize_releasing(struct rc__header *header)
{
    const rc_type *type = header->type;
    size_t reported = 0;
    type->finalize(rc__payload_of(header));
    type->traverse(rc__payload_of(header), count_reported, &reported);
    if (reported) set_flags(header, RC__FLAG_LOOSE);
}

static void finalize(struct rc__header *header)
{
    set_flags(header, RC__FLAG_FINALIZED);
    if (header->type->flags & RC_TYPE_CLEARED)
        header->type->finalize(rc__payload_of(header));
    else
        finalize_releasing(header);
}

/* @p kind: says whose is at work. */
static void finalize_each(rc_cycle_domain *domain, struct rc__callback_kind *kind)
{
    for (size_t i = 0; i < domain->condemned; i++) {
        struct rc__header *header = condemned_at(domain, i);
        kind->name = header->type->name;
        if (rc__cycle_is_finalized(header) || !rc__cycle_is_at_home(header)) continue;
        if (rc_error_now != RC_OK) rc_error_clear(); /* the one before may have left it */
        finalize(header);
    }
}

static void finalize_all(rc_cycle_domain *domain)
{
    struct rc__callback_kind kind = {.what = "finalizer"};
    RC__CALLBACK_OF(&kind, finalize_each(domain, &kind)); /* one frame for all */
}

/* ---- the end --------------------------------------------------------------------------------- */

/* What is its type's finalizer as well does not run again. */
static void clear(struct rc__header *header)
{
    const rc_type *type = header->type;
    bool wanted = type->clear && !(rc__header_flags(header) & RC__FLAG_LOOSE);
    set_flags(header, type->clear == type->finalize ? RC__FLAG_CLEARED | RC__FLAG_FINALIZED
                                                    : RC__FLAG_CLEARED);
    if (wanted) type->clear(rc__payload_of(header));
}

static void clear_each(rc_cycle_domain *domain, struct rc__callback_kind *kind)
{
    for (size_t i = 0; i < domain->condemned; i++) {
        struct rc__header *header = condemned_at(domain, i);
        kind->name = header->type->name;
        if (rc_error_now != RC_OK) rc_error_clear();
        if (rc__cycle_is_at_home(header)) clear(header);
    }
}

static void clear_all(rc_cycle_domain *domain)
{
    struct rc__callback_kind kind = {.what = "clear"};
    RC__CALLBACK_OF(&kind, clear_each(domain, &kind));
}

/* Back to front: the last entries take the places of those that are freed. Most are held by the domain
 * alone, and nothing of the program's runs at their end. */
static void release_all(rc_cycle_domain *domain)
{
    for (size_t i = domain->condemned; i > 0; i--) {
        struct rc__header *header = condemned_at(domain, i - 1);
        if (RC_LIKELY(rc_is_unique(rc__payload_of(header)))) rc__cycle_forget(domain, header);
        rc_release(rc__payload_of(header));
    }
}

/* What weak references and finalizers can save. */
static void let_save(rc_cycle_domain *domain)
{
    const struct rc__weak_hooks *hooks = __atomic_load_n(&rc__weak_hooks, __ATOMIC_ACQUIRE);
    bool any_weak = domain->any_weak, any_ran = domain->any_finalizer;
    bool any_called = any_weak && end_weak(domain, hooks->kill_called);
    if (any_ran) finalize_all(domain);
    if (any_called || any_ran || (any_weak && !RC_SINGLE_THREADED)) rc__cycle_save(domain);
    /* Until now other threads could lock those without a callback. */
    if ((any_weak || any_ran) && hooks && end_weak(domain, hooks->kill)) rc__cycle_save(domain);
}

static size_t end_condemned(rc_cycle_domain *domain)
{
    let_save(domain);
    clear_all(domain);
    release_all(domain);
    return rc__cycle_leave_stuck(domain);
}

size_t rc__cycle_collect(rc_cycle_domain *domain)
{
    size_t freed = domain->freed;
    bool refused = !rc__cycle_condemn(domain);
    size_t stuck = domain->condemned ? end_condemned(domain) : 0;
    bool locked = rc__cycle_lock(domain);
    if (!refused) rc__tally_put(&domain->stuck, stuck);
    rc__tally_add(refused ? &domain->refused : &domain->collections, 1);
    domain->recent = 0;
    domain->left = domain->tracked;
    freed = domain->freed - freed;
    rc__cycle_unlock(domain, locked);
    rc__cycle_shrink(domain);
    return freed;
}
