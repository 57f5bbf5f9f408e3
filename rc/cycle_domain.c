/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * A domain's entries, and how objects leave them.
 *
 * An object that dies on a thread finds its domain by its prefix, which may be ended by another thread at
 * that moment. So who comes from an object announces itself first, in a counter, and then looks which
 * domain it has; who ends a domain takes it out of all its objects' prefixes first, and then waits until
 * every counter was seen at zero: there are 16 for all domains, so it waits for a moment's ends of other
 * domains' objects, too. The header's flag says only that there may be a domain: it is never taken
 * away, since an object that ends has its flags written, and a deferred one's header is a link.
 */
#include "account_more.h"
#include "cycle_domain.h"

#include "await.h"
#include "plain.h"
#include "scope.h"

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static RC__LEDGER_BLIND rc_cycle_domain *list;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* ---- one call at a time ---------------------------------------------------------------------- */

uintptr_t rc__cycle_self(void)
{
    static uintptr_t last;
    static RC_HOT_THREAD_LOCAL uintptr_t number;
    if (RC_UNLIKELY(!number)) number = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
    return number;
}

static bool try_to_enter(rc_cycle_domain *domain)
{
    uintptr_t nobody = 0;
    return __atomic_compare_exchange_n(&domain->user, &nobody, rc__cycle_self(), false,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

bool rc__cycle_enter(rc_cycle_domain *domain, const char *call)
{
    if (RC_LIKELY(try_to_enter(domain))) return true;
    rc_error_set(RC_BUSY,
                 rc__cycle_is_user(domain)
                     ? "%s: the domain of %zu objects is being collected by this thread; call it "
                       "when the collection is over"
                     : "%s: another thread uses the domain of %zu objects; let a mutex of yours go "
                       "around all calls on it",
                 call, rc__tally_get(&domain->tracked));
    return false;
}

void rc__cycle_leave(rc_cycle_domain *domain)
{
    __atomic_store_n(&domain->user, 0, __ATOMIC_RELEASE);
}

bool rc__cycle_lock(rc_cycle_domain *domain)
{
    if (RC_UNLIKELY(rc__cycle_is_user(domain) && domain->scanning))
        rc__stop("rc_cycle_collect: of type %s, traverse releases, tracks or untracks objects; it "
                 "may only call visit",
                 domain->scanning->name);
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

static void free_entries(const rc_cycle_domain *domain, struct rc__cycle_entry *entries,
                         size_t capacity)
{
    if (!entries) return;
    rc__block_free(rc__object_allocator(domain), entries, bytes_of(capacity), RC_ALIGNMENT_DEFAULT);
}

/* The allocator, which may be the program's, is called without the lock: only who is in the domain comes
 * here, and ends elsewhere change entries but not where they stand. */
static void replace(rc_cycle_domain *domain, struct rc__cycle_entry *entries, size_t capacity)
{
    bool locked = rc__cycle_lock(domain);
    struct rc__cycle_entry *old = domain->entries;
    size_t old_capacity = domain->capacity;
    if (entries && domain->tracked) memcpy(entries, old, bytes_of(domain->tracked));
    domain->entries = entries;
    domain->capacity = capacity;
    rc__cycle_unlock(domain, locked);
    free_entries(domain, old, old_capacity);
}

static enum rc_status resize(rc_cycle_domain *domain, size_t capacity)
{
    size_t bytes;
    if (!rc__size_multiply(capacity, sizeof *domain->entries, &bytes)) return RC_OVERFLOW;
    struct rc__cycle_entry *entries =
        rc__block_allocate(rc__object_allocator(domain), bytes, RC_ALIGNMENT_DEFAULT);
    if (!entries) return RC_NO_MEMORY;
    replace(domain, entries, capacity);
    return RC_OK;
}

#define FIRST_CAPACITY ((size_t)64)

enum rc_status rc__cycle_make_room(rc_cycle_domain *domain)
{
    size_t tracked = rc__tally_get(&domain->tracked), capacity = domain->capacity;
    if (RC_UNLIKELY(domain->recent == 0 && capacity > FIRST_CAPACITY && tracked < capacity / 8))
        RC__PRESERVING((void)resize(domain, capacity / 4)); /* or it stays as it is */
    if (RC_LIKELY(tracked < domain->capacity)) return RC_OK;
    return resize(domain, domain->capacity ? domain->capacity * 2 : FIRST_CAPACITY);
}

void rc__cycle_shrink(rc_cycle_domain *domain)
{
    if (rc__tally_get(&domain->tracked) == 0 && domain->capacity > FIRST_CAPACITY)
        replace(domain, NULL, 0);
}

void rc__cycle_add(rc_cycle_domain *domain, struct rc__header *header)
{
    struct rc__prefix *prefix = rc__prefix_of(header);
    bool locked = rc__cycle_lock(domain);
    set_place(domain, domain->tracked, (struct rc__cycle_entry){.header = (uintptr_t)header});
    __atomic_store_n(&domain->tracked, domain->tracked + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&prefix->domain, domain, __ATOMIC_RELEASE);
    __atomic_fetch_or(&header->flags, RC__FLAG_TRACKED, __ATOMIC_RELEASE);
    rc__cycle_unlock(domain, locked);
}

static void unset_domain(struct rc__header *header)
{
    __atomic_store_n(&rc__prefix_of(header)->domain, NULL, __ATOMIC_SEQ_CST);
}

/* The last entry takes the place. */
static void forget(rc_cycle_domain *domain, struct rc__header *header)
{
    size_t place = rc__prefix_of(header)->place, last = domain->tracked - 1;
    if (domain->entries[place].word & RC__WORD_COUNTED) rc__tally_add(&domain->freed, 1);
    __atomic_store_n(&domain->tracked, last, __ATOMIC_RELAXED);
    if (place != last) set_place(domain, place, domain->entries[last]);
    unset_domain(header);
}

void rc__cycle_forget(rc_cycle_domain *domain, struct rc__header *header)
{
    bool locked = rc__cycle_lock(domain);
    forget(domain, header);
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

/* Between these no domain ends that has the object. */
static bool announce(const struct rc__header *header)
{
    if (RC_SINGLE_THREADED) return false;
    __atomic_fetch_add(calls_for(header), 1, __ATOMIC_SEQ_CST);
    return true;
}

static void withdraw(const struct rc__header *header, bool announced)
{
    if (announced) __atomic_fetch_sub(calls_for(header), 1, __ATOMIC_RELEASE);
}

static void call_for(struct rc__header *header,
                     void (*change)(rc_cycle_domain *domain, struct rc__header *header))
{
    bool announced = announce(header);
    rc_cycle_domain *domain = rc__domain_of(header);
    if (domain) {
        bool locked = rc__cycle_lock(domain);
        if (rc__domain_of(header) == domain) change(domain, header);
        rc__cycle_unlock(domain, locked);
    }
    withdraw(header, announced);
}

static RC_COLD enum rc_status refuse_to_untrack(const rc_cycle_domain *domain,
                                                const struct rc__header *header)
{
    return rc_error_set(RC_BUSY,
                        "rc_cycle_untrack: the object at %p of type %s is in a domain that %s; it "
                        "stays tracked: call again when that is over",
                        rc__payload_of(rc__unconst(header)), header->type->name,
                        rc__cycle_is_user(domain) ? "this thread collects" : "another thread uses");
}

enum rc_status rc__cycle_untrack(struct rc__header *header)
{
    enum rc_status status = RC_OK;
    bool announced = announce(header);
    rc_cycle_domain *domain = rc__domain_of(header);
    if (domain && !try_to_enter(domain)) {
        status = refuse_to_untrack(domain, header);
    } else if (domain) {
        bool locked = rc__cycle_lock(domain);
        if (rc__domain_of(header) == domain) forget(domain, header);
        rc__cycle_unlock(domain, locked);
        rc__cycle_leave(domain);
    }
    withdraw(header, announced);
    return status;
}

static void mark_dead(rc_cycle_domain *domain, struct rc__header *header)
{
    domain->entries[rc__prefix_of(header)->place].header |= RC__ENTRY_DEAD;
}

static void mark_alive(rc_cycle_domain *domain, struct rc__header *header)
{
    domain->entries[rc__prefix_of(header)->place].header &= ~RC__ENTRY_DEAD;
}

static void begin(struct rc__header *header)
{
    call_for(header, mark_dead);
}

static void revive(struct rc__header *header)
{
    call_for(header, mark_alive);
}

static void forget_ended(struct rc__header *header)
{
    call_for(header, forget);
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
        if (rc__cycle_is_user(it)) continue;
        it->user = 0;
        for (size_t i = 0; i < it->condemned; i++) it->entries[i].word = RC__WORD_OUTSIDE;
        it->condemned = 0;
        it->waiting = RC__PLACE_NONE;
    }
    after_fork();
}

/* For accounts that are written. */
static void tell(struct rc__account_more *more)
{
    pthread_mutex_lock(&list_lock);
    rc__cycle_account(list, more);
    pthread_mutex_unlock(&list_lock);
}

static void set_up(void)
{
    static const struct rc__cycle_hooks hooks = {
        .begin = begin, .revive = revive, .forget = forget_ended};
    static struct rc__account_source source = {.tell = tell};
    rc__account_add_source(&source);
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
    rc__cycle_account_end(domain);
    *domain->link = domain->next;
    if (domain->next) domain->next->link = domain->link;
    pthread_mutex_unlock(&list_lock);
}

static void forget_all(rc_cycle_domain *domain)
{
    bool locked = rc__cycle_lock(domain);
    for (size_t i = 0; i < domain->tracked; i++)
        unset_domain(rc__entry_header(&domain->entries[i]));
    rc__tally_put(&domain->tracked, 0);
    rc__cycle_unlock(domain, locked);
}

static void await_calls(void)
{
    if (RC_SINGLE_THREADED) return;
    for (size_t i = 0; i < STRIPES; i++) rc__await_none(&under_way[i].calls);
}

/* What its finalizers release is its own affair; the domain is not to be kept by them. */
static void collect_at_last(rc_cycle_domain *domain)
{
    for (unsigned round = 0; !try_to_enter(domain); round = rc__await_next(round))
        rc__await_moment(round); /* somebody stops tracking an object */
    RC__PRESERVING(rc__cycle_collect(domain));
    if (RC_UNLIKELY(rc__count_read(&rc__header_of(domain)->shared) != 1))
        rc__stop("rc_release: a finalizer keeps the domain whose last release collects");
}

static void domain_finalize(void *object)
{
    rc_cycle_domain *domain = object;
    collect_at_last(domain);
    forget_all(domain);
    await_calls();
    delist(domain);
    free_entries(domain, domain->entries, domain->capacity);
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
    .only_word = RC__NO_WORD,
};

rc_cycle_domain *rc_cycle_domain_new(void)
{
    pthread_once(&once, set_up);
    rc_cycle_domain *domain = rc__object_new_sized(NULL, &domain_type, 0, RC__CELL_OTHER);
    if (!domain) return NULL;
    *domain = (rc_cycle_domain){.waiting = RC__PLACE_NONE};
    pthread_mutex_init(&domain->lock, NULL);
    enlist(domain);
    return domain;
}
