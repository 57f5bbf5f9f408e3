/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What programs call of domains. The entries are in cycle_domain.c, the collection in cycle_collect.c. */
#include "bias.h"
#include "cycle_domain.h"

/* ---- tracking -------------------------------------------------------------------------------- */

static bool is_queued(const struct rc__header *header)
{
    return __atomic_load_n(&header->shared, __ATOMIC_ACQUIRE) & RC__COUNT_QUEUED;
}

/* Gives its bias up: the prefix has room for an owner's queue or a place in a domain. */
static enum rc_status make_ordinary(const void *object)
{
    const struct rc__header *header = rc__header_of(object);
    if (!rc__owner_of(header) && !is_queued(header)) return RC_OK;
    rc_bias_share(object);
    if (is_queued(header)) rc_bias_drain();
    if (!rc__owner_of(header) && !is_queued(header)) return RC_OK;
    return rc_error_set(RC_BUSY,
                        "rc_cycle_track: the object at %p of type %s is biased to another thread",
                        object, header->type->name);
}

static enum rc_status refuse_tracked(const void *object)
{
    return rc_error_set(RC_BUSY, "rc_cycle_track: the object at %p of type %s is tracked", object,
                        rc_type_of(object)->name);
}

/* Finalizers may run meanwhile, and track the object. */
static enum rc_status check_object(const void *object)
{
    const struct rc__header *header = rc__header_of(object);
    const rc_type *type = header->type;
    if (!type->traverse || !rc__type_may_cycle(type))
        return rc_error_set(RC_INVALID,
                            "rc_cycle_track: objects of type %s are not traversed by programs",
                            type->name);
    if (rc__domain_of(header)) return refuse_tracked(object);
    enum rc_status status = make_ordinary(object);
    if (status != RC_OK) return status;
    if (rc__domain_of(header)) return refuse_tracked(object);
    if (rc__header_flags(header) & RC__FLAG_FINALIZING || !rc__cycle_references(header))
        return rc_error_set(RC_INVALID, "rc_cycle_track: the object at %p of type %s is dead",
                            object, type->name);
    return RC_OK;
}

static enum rc_status track(rc_cycle_domain *domain, const void *object)
{
    enum rc_status status = check_object(object);
    if (status != RC_OK) return status;
    status = rc__cycle_make_room(domain);
    if (status != RC_OK) return status;
    rc__cycle_add(domain, rc__header_of(object));
    return RC_OK;
}

static bool is_time(const rc_cycle_domain *domain)
{
    size_t threshold = __atomic_load_n(&domain->threshold, __ATOMIC_RELAXED);
    return threshold && domain->recent >= threshold && domain->recent >= domain->left / 4;
}

enum rc_status rc_cycle_track(rc_cycle_domain *domain, const void *object)
{
    if (!domain || !object)
        return rc_error_set(RC_INVALID, "rc_cycle_track: the %s is NULL",
                            domain ? "object" : "domain");
    if (rc__cycle_is_user(domain)) return track(domain, object); /* a finalizer of a collection */
    if (!rc__cycle_enter(domain, "rc_cycle_track")) return RC_BUSY;
    rc_retain(domain); /* a finalizer may release it */
    if (RC_UNLIKELY(is_time(domain))) rc__cycle_collect(domain);
    enum rc_status status = track(domain, object);
    if (status == RC_OK) domain->recent++;
    rc__cycle_leave(domain);
    rc_release(domain);
    return status;
}

void *rc_cycle_new_checked(rc_cycle_domain *domain, const rc_type *type, size_t size_of_t)
{
    void *object = rc_object_new_checked_slow(type, size_of_t);
    if (!object || rc_cycle_track(domain, object) == RC_OK) return object;
    rc_release(object);
    return NULL;
}

enum rc_status rc_cycle_untrack(const void *object)
{
    if (!object) return rc_error_set(RC_INVALID, "rc_cycle_untrack: the object is NULL");
    return rc__cycle_untrack(rc__header_of(object));
}

/* ---- the other public calls ------------------------------------------------------------------ */

size_t rc_cycle_collect(rc_cycle_domain *domain)
{
    if (!domain) {
        rc_error_set(RC_INVALID, "rc_cycle_collect: the domain is NULL");
        return 0;
    }
    if (!rc__cycle_enter(domain, "rc_cycle_collect")) return 0;
    rc_retain(domain); /* a finalizer may release it */
    size_t freed = rc__cycle_collect(domain);
    rc__cycle_leave(domain);
    rc_release(domain);
    return freed;
}

enum rc_status rc_cycle_domain_set_threshold(rc_cycle_domain *domain, size_t objects)
{
    if (!domain)
        return rc_error_set(RC_INVALID, "rc_cycle_domain_set_threshold: the domain is NULL");
    __atomic_store_n(&domain->threshold, objects, __ATOMIC_RELAXED);
    return RC_OK;
}

bool rc_cycle_is_tracked(const void *object)
{
    return rc__domain_of(rc__header_of(object)) != NULL;
}

void rc_cycle_statistics_read_sized(const rc_cycle_domain *domain, struct rc_cycle_statistics *now,
                                    size_t struct_size)
{
    if (!domain || !now) return;
    size_t size = struct_size < sizeof *now ? struct_size : sizeof *now;
    const struct rc_cycle_statistics read = {
        .struct_size = size,
        .tracked = rc__tally_get(&domain->tracked),
        .collections = rc__tally_get(&domain->collections),
        .freed = rc__tally_get(&domain->freed),
        .resurrected = rc__tally_get(&domain->resurrected),
        .stuck = rc__tally_get(&domain->stuck),
    };
    memcpy(now, &read, size);
}
