/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What programs call of domains. The entries are in cycle_domain.c, the collection in cycle_collect.c. */
#include "bias.h"
#include "cycle_domain.h"
#include "scope.h"

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
    return rc_error_set(
        RC_BUSY,
        "rc_cycle_track: the object at %p of type %s is biased to another thread; track "
        "it there, or call rc_bias_share() there first",
        object, header->type->name);
}

static enum rc_status refuse_tracked(const void *object)
{
    return rc_error_set(RC_BUSY,
                        "rc_cycle_track: the object at %p of type %s is tracked already; for "
                        "another domain, untrack it first",
                        object, rc_type_of(object)->name);
}

static enum rc_status check_type(const rc_type *type)
{
    if (type->flags & RC__TYPE_SIZED)
        return rc_error_set(RC_INVALID,
                            "rc_cycle_track: type %s is one of the library's own; track the "
                            "objects of yours that hold it",
                            type->name);
    if (!type->traverse)
        return rc_error_set(RC_INVALID,
                            "rc_cycle_track: type %s has no traverse; give it one that calls "
                            "visit for each reference that its objects own",
                            type->name);
    return RC_OK;
}

/* Finalizers may run meanwhile, and track the object. */
static enum rc_status check_object(const void *object)
{
    const struct rc__header *header = rc__header_of(object);
    if (check_type(header->type) != RC_OK) return RC_INVALID;
    if (rc__domain_of(header)) return refuse_tracked(object);
    enum rc_status status = make_ordinary(object);
    if (status != RC_OK) return status;
    if (rc__domain_of(header)) return refuse_tracked(object);
    if (rc__header_flags(header) & RC__FLAG_FINALIZING || !rc__cycle_references(header))
        return rc_error_set(RC_INVALID,
                            "rc_cycle_track: the object at %p of type %s is dead; track it while "
                            "somebody holds it",
                            object, header->type->name);
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

/* A domain in use by one call that tracks. */
struct call {
    rc_cycle_domain *domain;
    bool nested; /* a finalizer of a collection calls */
};

/* False, and RC_BUSY: it is another thread's. */
static bool begin(struct call *call, rc_cycle_domain *domain)
{
    *call = (struct call){.domain = domain, .nested = rc__cycle_is_user(domain)};
    if (call->nested) return true;
    if (!rc__cycle_enter(domain, "rc_cycle_track")) return false;
    rc_retain(domain); /* a finalizer may release it */
    if (RC_UNLIKELY(is_time(domain))) RC__PRESERVING(rc__cycle_collect(domain));
    return true;
}

static void end(const struct call *call, bool tracked)
{
    if (call->nested) return;
    if (tracked) call->domain->recent++;
    rc__cycle_leave(call->domain);
    rc_release(call->domain);
}

enum rc_status rc_cycle_track(rc_cycle_domain *domain, const void *object)
{
    struct call call;
    if (!domain || !object)
        return rc_error_set(RC_INVALID, "rc_cycle_track: the %s is NULL",
                            domain ? "object" : "domain");
    if (!begin(&call, domain)) return RC_BUSY;
    enum rc_status status = track(domain, object);
    end(&call, status == RC_OK);
    return status;
}

/* What can be refused is refused before there is an object, whose finalizer would run. */
void *rc_cycle_new_checked(rc_cycle_domain *domain, const rc_type *type, size_t size_of_t)
{
    struct call call;
    if (!domain || !type) {
        rc_error_set(RC_INVALID, "rc_cycle_track: the %s is NULL", domain ? "type" : "domain");
        return NULL;
    }
    if (check_type(type) != RC_OK || !begin(&call, domain)) return NULL;
    void *object = NULL;
    if (rc__cycle_make_room(domain) == RC_OK) object = rc_object_new_checked_slow(type, size_of_t);
    bool tracked = object && track(domain, object) == RC_OK;
    end(&call, tracked);
    if (object && !tracked) rc_clear(&object);
    return object;
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
        .refused = rc__tally_get(&domain->refused),
    };
    memcpy(now, &read, size);
}
