/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Domains: what they track, and how objects leave them. The collection is in cycle_collect.c.
 *
 * An object that dies on a thread finds its domain by its prefix, which may be ended by another thread at
 * that moment. So who comes from an object's end announces itself first, in a counter, and then looks
 * whether the object is tracked; who ends a domain takes the flag from all of its objects first, and then
 * waits until every counter was seen at zero.
 */
#include "cycle_domain.h"

#include <sched.h>

#include "bias.h"
#include "callback.h"
#include "plain.h"
#include "scope.h"

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static RC__LEDGER_BLIND rc_cycle_domain *list;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* ---- one call at a time ---------------------------------------------------------------------- */

/* A number of this thread's own. */
static uintptr_t self(void)
{
    return (uintptr_t)&rc__calling;
}

static bool is_user(const rc_cycle_domain *domain)
{
    return __atomic_load_n(&domain->user, __ATOMIC_RELAXED) == self();
}

bool rc__cycle_enter(rc_cycle_domain *domain, const char *call)
{
    uintptr_t nobody = 0;
    if (RC_LIKELY(__atomic_compare_exchange_n(&domain->user, &nobody, self(), false,
                                              __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)))
        return true;
    rc_error_set(RC_BUSY, nobody == self() ? "%s: the domain of %zu objects is being collected"
                                           : "%s: another thread uses the domain of %zu objects",
                 call, rc__tally_get(&domain->tracked));
    return false;
}

void rc__cycle_leave(rc_cycle_domain *domain)
{
    __atomic_store_n(&domain->user, 0, __ATOMIC_RELEASE);
}

bool rc__cycle_lock(rc_cycle_domain *domain)
{
    if (RC_UNLIKELY(is_user(domain) && domain->scanning))
        rc__stop("rc_cycle_collect: a type's traverse releases, tracks or untracks objects");
    if (RC_SINGLE_THREADED) return false;
    pthread_mutex_lock(&domain->lock);
    return true;
}

/* ---- entries --------------------------------------------------------------------------------- */

static void set_place(rc_cycle_domain *domain, size_t place, struct rc__cycle_entry entry)
{
    domain->entries[place] = entry;
    rc__prefix_of(rc__entry_header(&entry))->place = place;
}

void rc__cycle_swap(rc_cycle_domain *domain, size_t a, size_t b)
{
    if (a == b) return;
    struct rc__cycle_entry kept = domain->entries[a];
    set_place(domain, a, domain->entries[b]);
    set_place(domain, b, kept);
}

static size_t bytes_of(size_t capacity)
{
    return capacity * sizeof(struct rc__cycle_entry);
}

/* The allocator, which may be the program's, is called without the lock: only who is in the domain comes
 * here, and ends elsewhere change entries but not where they stand. */
static enum rc_status resize(rc_cycle_domain *domain, size_t capacity)
{
    size_t bytes, old_bytes = bytes_of(domain->capacity);
    const struct rc_allocator *allocator = rc__object_allocator(domain);
    if (!rc__size_multiply(capacity, sizeof *domain->entries, &bytes)) return RC_OVERFLOW;
    struct rc__cycle_entry *entries = rc__block_allocate(allocator, bytes, RC_ALIGNMENT_DEFAULT);
    if (!entries) return RC_NO_MEMORY;
    bool locked = rc__cycle_lock(domain);
    struct rc__cycle_entry *old = domain->entries;
    memcpy(entries, old, bytes_of(domain->tracked));
    domain->entries = entries;
    domain->capacity = capacity;
    rc__cycle_unlock(domain, locked);
    rc__block_free(allocator, old, old_bytes, RC_ALIGNMENT_DEFAULT);
    return RC_OK;
}

static enum rc_status make_room(rc_cycle_domain *domain)
{
    if (RC_LIKELY(rc__tally_get(&domain->tracked) < domain->capacity)) return RC_OK;
    return resize(domain, domain->capacity * 2);
}

#define FIRST_CAPACITY ((size_t)64)

void rc__cycle_shrink(rc_cycle_domain *domain)
{
    size_t wanted = rc__tally_get(&domain->tracked) * 2;
    if (wanted < FIRST_CAPACITY) wanted = FIRST_CAPACITY;
    if (domain->capacity / 4 < wanted) return;
    struct rc_scope_saved saved;
    rc_scope_save(&saved);
    (void)resize(domain, wanted); /* or it stays as it is */
    rc_scope_restore(&saved);
}

static void add(rc_cycle_domain *domain, struct rc__header *header)
{
    struct rc__prefix *prefix = rc__prefix_of(header);
    set_place(domain, domain->tracked, (struct rc__cycle_entry){.object = (uintptr_t)header});
    __atomic_store_n(&domain->tracked, domain->tracked + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&prefix->domain, domain, __ATOMIC_RELAXED);
    __atomic_fetch_or(&header->flags, RC__FLAG_TRACKED, __ATOMIC_RELEASE);
}

static void forget(struct rc__header *header)
{
    __atomic_fetch_and(&header->flags, (uint16_t)~RC__FLAG_TRACKED, __ATOMIC_RELAXED);
}

/* The last entry takes the place. */
static void take_out(rc_cycle_domain *domain, struct rc__header *header)
{
    size_t place = rc__prefix_of(header)->place, last = domain->tracked - 1;
    if (domain->entries[place].word & RC__WORD_COUNTED) rc__tally_add(&domain->freed, 1);
    __atomic_store_n(&domain->tracked, last, __ATOMIC_RELAXED);
    if (place != last) set_place(domain, place, domain->entries[last]);
    forget(header);
}

void rc__cycle_forget(rc_cycle_domain *domain, struct rc__header *header)
{
    bool locked = rc__cycle_lock(domain);
    take_out(domain, header);
    rc__cycle_unlock(domain, locked);
}

/* ---- objects that end, on whatever thread ---------------------------------------------------- */

enum { STRIPES = 16 };

static struct {
    _Alignas(64) size_t calls; /* under way, for objects whose addresses lead here */
} under_way[STRIPES];

static size_t *calls_for(const struct rc__header *header)
{
    return &under_way[((uintptr_t)header >> 6) % STRIPES].calls;
}

static void call_for(struct rc__header *header,
                     void (*change)(rc_cycle_domain *domain, struct rc__header *header))
{
    bool counted = !RC_SINGLE_THREADED;
    if (counted) __atomic_fetch_add(calls_for(header), 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&header->flags, __ATOMIC_SEQ_CST) & RC__FLAG_TRACKED) {
        rc_cycle_domain *domain = rc__unconst(rc__prefix_of(header)->domain);
        bool locked = rc__cycle_lock(domain);
        if (rc__header_flags(header) & RC__FLAG_TRACKED) change(domain, header);
        rc__cycle_unlock(domain, locked);
    }
    if (counted) __atomic_fetch_sub(calls_for(header), 1, __ATOMIC_RELEASE);
}

static void mark_dead(rc_cycle_domain *domain, struct rc__header *header)
{
    domain->entries[rc__prefix_of(header)->place].object |= RC__ENTRY_DEAD;
}

static void mark_alive(rc_cycle_domain *domain, struct rc__header *header)
{
    domain->entries[rc__prefix_of(header)->place].object &= ~RC__ENTRY_DEAD;
}

static void begin(struct rc__header *header)
{
    call_for(header, mark_dead);
}

static void revive(struct rc__header *header)
{
    call_for(header, mark_alive);
}

static void end(struct rc__header *header)
{
    call_for(header, take_out);
}

/* ---- set-up, and fork ------------------------------------------------------------------------ */

static void before_fork(void)
{
    pthread_mutex_lock(&list_lock);
    for (rc_cycle_domain *it = list; it; it = it->next) pthread_mutex_lock(&it->lock);
}

static void after_fork(void)
{
    for (rc_cycle_domain *it = list; it; it = it->next) pthread_mutex_unlock(&it->lock);
    pthread_mutex_unlock(&list_lock);
}

/* Another thread's call does not go on here. What it had condemned stays: it holds a reference to each. */
static void after_fork_in_child(void)
{
    for (size_t i = 0; i < STRIPES; i++) under_way[i].calls = 0;
    for (rc_cycle_domain *it = list; it; it = it->next) {
        if (is_user(it)) continue;
        it->user = 0;
        for (size_t i = 0; i < it->condemned; i++) it->entries[i].word = RC__WORD_OUTSIDE;
        it->condemned = 0;
    }
    after_fork();
}

static void set_up(void)
{
    static const struct rc__cycle_hooks hooks = {.begin = begin, .revive = revive, .end = end};
    rc__tally_prepare(); /* whose lock is the last that a fork takes */
    pthread_atfork(before_fork, after_fork, after_fork_in_child);
    __atomic_store_n(&rc__cycle_hooks, &hooks, __ATOMIC_RELEASE);
}

/* Before main(), for the same reason as in rc/weak.c. */
static __attribute__((constructor(103))) void set_up_early(void)
{
    pthread_once(&once, set_up);
}

/* ---- domains --------------------------------------------------------------------------------- */

static void enlist(rc_cycle_domain *domain)
{
    pthread_mutex_lock(&list_lock);
    domain->next = list;
    domain->link = &list;
    if (list) list->link = &domain->next;
    list = domain;
    pthread_mutex_unlock(&list_lock);
}

static void delist(rc_cycle_domain *domain)
{
    pthread_mutex_lock(&list_lock);
    *domain->link = domain->next;
    if (domain->next) domain->next->link = domain->link;
    pthread_mutex_unlock(&list_lock);
}

static void forget_all(rc_cycle_domain *domain)
{
    bool locked = rc__cycle_lock(domain);
    for (size_t i = 0; i < domain->tracked; i++) forget(rc__entry_header(&domain->entries[i]));
    domain->tracked = 0;
    rc__cycle_unlock(domain, locked);
}

static void await_calls(void)
{
    if (RC_SINGLE_THREADED) return;
    for (size_t i = 0; i < STRIPES; i++)
        while (__atomic_load_n(&under_way[i].calls, __ATOMIC_SEQ_CST)) sched_yield();
}

static void domain_finalize(void *object)
{
    rc_cycle_domain *domain = object;
    if (!domain->entries) return; /* half made */
    if (rc__cycle_enter(domain, "rc_release")) rc__cycle_collect(domain);
    forget_all(domain);
    await_calls();
    delist(domain);
    rc__block_free(rc__object_allocator(domain), domain->entries, bytes_of(domain->capacity),
                   RC_ALIGNMENT_DEFAULT);
    pthread_mutex_destroy(&domain->lock);
}

static size_t no_extra(const void *object)
{
    (void)object;
    return 0;
}

static const struct rc__sized_type domain_type = {
    .base = {.name = "rc_cycle_domain",
             .size = sizeof(rc_cycle_domain),
             .finalize = domain_finalize,
             .flags = RC__TYPE_SIZED},
    .extra = no_extra,
    .end_plain = rc__object_end_self,
};

rc_cycle_domain *rc_cycle_domain_new(void)
{
    pthread_once(&once, set_up);
    rc_cycle_domain *domain = rc__object_new_sized(NULL, &domain_type, 0, RC__CELL_OTHER);
    if (!domain) return NULL;
    *domain = (rc_cycle_domain){.waiting = RC__PLACE_NONE};
    domain->entries = rc__block_allocate(rc__object_allocator(domain), bytes_of(FIRST_CAPACITY),
                                         RC_ALIGNMENT_DEFAULT);
    if (!domain->entries) {
        rc_release(domain);
        return NULL;
    }
    domain->capacity = FIRST_CAPACITY;
    pthread_mutex_init(&domain->lock, NULL);
    enlist(domain);
    return domain;
}

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

static enum rc_status check_object(const void *object)
{
    const struct rc__header *header = rc__header_of(object);
    const rc_type *type = header->type;
    unsigned flags = rc__header_flags(header);
    if (!type->traverse || !rc__type_may_cycle(type))
        return rc_error_set(RC_INVALID,
                            "rc_cycle_track: objects of type %s are not traversed by programs",
                            type->name);
    if (flags & RC__FLAG_FINALIZING || !rc__cycle_references(header))
        return rc_error_set(RC_INVALID, "rc_cycle_track: the object at %p of type %s is dead",
                            object, type->name);
    if (flags & RC__FLAG_TRACKED)
        return rc_error_set(RC_BUSY, "rc_cycle_track: the object at %p of type %s is tracked",
                            object, type->name);
    return make_ordinary(object);
}

static enum rc_status track(rc_cycle_domain *domain, const void *object)
{
    enum rc_status status = check_object(object);
    if (status != RC_OK) return status;
    status = make_room(domain);
    if (status != RC_OK) return status;
    bool locked = rc__cycle_lock(domain);
    add(domain, rc__header_of(object));
    rc__cycle_unlock(domain, locked);
    return RC_OK;
}

static bool is_time(const rc_cycle_domain *domain)
{
    return domain->threshold && domain->recent >= domain->threshold &&
           domain->recent >= domain->left / 4;
}

enum rc_status rc_cycle_track(rc_cycle_domain *domain, const void *object)
{
    if (!domain || !object)
        return rc_error_set(RC_INVALID, "rc_cycle_track: the %s is NULL",
                            domain ? "object" : "domain");
    if (is_user(domain)) return track(domain, object); /* a finalizer of a collection */
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
    struct rc__header *header = rc__header_of(object);
    if (!(rc__header_flags(header) & RC__FLAG_TRACKED)) return RC_OK;
    rc_cycle_domain *domain = rc__unconst(rc__prefix_of(header)->domain);
    if (!rc__cycle_enter(domain, "rc_cycle_untrack")) return RC_BUSY;
    end(header);
    rc__cycle_leave(domain);
    return RC_OK;
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
    domain->threshold = objects;
    return RC_OK;
}

bool rc_cycle_is_tracked(const void *object)
{
    return rc__header_flags(rc__header_of(object)) & RC__FLAG_TRACKED;
}

void rc_cycle_statistics_read_sized(const rc_cycle_domain *domain,
                                    struct rc_cycle_statistics *now, size_t struct_size)
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
