/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Which objects only cycles keep alive: CPython's way, on our counts.
 *
 * Each tracked object's count is noted; then every reference that a tracked object owns is taken off
 * what it leads to. What is left above zero is held from outside, and so is all that it holds, and so on.
 * The rest holds itself. Objects that are still to be looked at form a list through their entries, so
 * there is no recursion, and each object is traversed twice.
 *
 * A traverse may tell of a reference that its object does not own. Where more are told than there are
 * nothing is known, and nothing done. One that stands for a holder outside looks like any other; it shows
 * when its object was cleared and has a reference left of which no object that is stuck, too, tells.
 */
#include "callback.h"
#include "cycle_domain.h"

/* How many objects ahead of the one at work the processor is told which will be wanted. */
#define AHEAD 8

struct scan {
    rc_cycle_domain *domain;
    struct rc__callback_kind kind; /* says whose traverse is at work */
    const void *overtold;          /* more references to it were told than there are; or NULL */
    const char *teller;            /* the type whose traverse told the first that is not there */
    const char *holder;            /* of stuck objects: of the first that still holds one */
};

/* ---- what is done with a reference ----------------------------------------------------------- */

/* The first of them is told of. */
static RC_COLD void note_overtold(struct scan *scan, const void *object)
{
    if (scan->overtold) return;
    scan->overtold = object;
    scan->teller = scan->kind.name;
}

static void take_off(void *object, void *argument)
{
    struct scan *scan = argument;
    if (!object) return;
    struct rc__cycle_entry *entry = rc__cycle_find(scan->domain, object);
    if (!entry || rc__entry_kind(entry) != RC__WORD_COUNTED) return;
    if (RC_UNLIKELY(entry->word < RC__WORD_ONE))
        note_overtold(scan, object);
    else
        entry->word -= RC__WORD_ONE;
}

/* Between objects that are stuck. */
static void take_off_stuck(void *object, void *argument)
{
    struct scan *scan = argument;
    if (!object) return;
    const struct rc__cycle_entry *entry = rc__cycle_find(scan->domain, object);
    if (!scan->holder && entry && rc__entry_kind(entry) == RC__WORD_COUNTED)
        scan->holder = scan->kind.name;
    take_off(object, argument);
}

static void wait_for(rc_cycle_domain *domain, struct rc__cycle_entry *entry)
{
    entry->word = domain->waiting * RC__WORD_ONE + RC__WORD_WAITING;
    domain->waiting = (size_t)(entry - domain->entries);
}

static void reach(void *object, void *argument)
{
    const struct scan *scan = argument;
    if (!object) return;
    struct rc__cycle_entry *entry = rc__cycle_find(scan->domain, object);
    if (entry && rc__entry_kind(entry) == RC__WORD_COUNTED) wait_for(scan->domain, entry);
}

/* ---- one object ------------------------------------------------------------------------------ */

static void traverse(struct scan *scan, const struct rc__cycle_entry *entry, rc_visit *visit)
{
    struct rc__header *header = rc__entry_header(entry);
    const rc_type *type = header->type;
    if (RC_UNLIKELY(rc__header_flags(header) & RC__FLAG_LOOSE)) return;
    scan->kind.name = type->name;
    type->traverse(rc__payload_of(header), visit, scan);
}

static bool is_dead(const struct rc__cycle_entry *entry, size_t references)
{
    return entry->header & RC__ENTRY_DEAD || references == 0; /* or is about to be marked so */
}

/* @p own: references that the domain has itself. */
static void note_count(struct rc__cycle_entry *entry, size_t own)
{
    const struct rc__header *header = rc__entry_header(entry);
    size_t references = rc__cycle_references(header);
    if (RC_UNLIKELY(is_dead(entry, references))) {
        entry->word = RC__WORD_OUTSIDE;
        return;
    }
    /* A finalizer that has to run elsewhere keeps its object, and what it holds. */
    size_t held_by_home = rc__cycle_is_at_home(header) ? 0 : 1;
    if (references == SIZE_MAX) references = RC__PLACE_NONE / 2;
    if (RC_UNLIKELY(references < own))
        rc__stop(
            "rc_cycle_collect: the object at %p of type %s was released more often than retained",
            rc__payload_of(header), header->type->name);
    entry->word = (references - own + held_by_home) * RC__WORD_ONE + RC__WORD_COUNTED;
}

static void fetch_ahead(const rc_cycle_domain *domain, size_t place)
{
    if (place + AHEAD < domain->tracked)
        __builtin_prefetch(rc__entry_header(&domain->entries[place + AHEAD]));
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void reach_all_from(struct scan *scan, struct rc__cycle_entry *entry)
{
    rc_cycle_domain *domain = scan->domain;
    wait_for(domain, entry);
    while (domain->waiting != RC__PLACE_NONE) {
        struct rc__cycle_entry *next = &domain->entries[domain->waiting];
        domain->waiting = next->word / RC__WORD_ONE;
        next->word = RC__WORD_OUTSIDE;
        traverse(scan, next, reach);
    }
}

static void traverse_counted(struct scan *scan, size_t count, rc_visit *visit)
{
    struct rc__cycle_entry *entries = scan->domain->entries;
    for (size_t i = 0; i < count; i++) {
        fetch_ahead(scan->domain, i);
        if (rc__entry_kind(&entries[i]) == RC__WORD_COUNTED) traverse(scan, &entries[i], visit);
    }
}

static void traverse_all(struct scan *scan, size_t count)
{
    struct rc__cycle_entry *entries = scan->domain->entries;
    traverse_counted(scan, count, take_off);
    if (RC_UNLIKELY(scan->overtold)) return;
    for (size_t i = 0; i < count; i++)
        if (rc__entry_kind(&entries[i]) == RC__WORD_COUNTED && entries[i].word >= RC__WORD_ONE)
            reach_all_from(scan, &entries[i]);
}

/* Of the first @p count entries those stay COUNTED that nothing outside them leads to. */
static struct scan scan_first(rc_cycle_domain *domain, size_t count, size_t own)
{
    struct scan scan = {.domain = domain, .kind = {.what = "traverse"}};
    for (size_t i = 0; i < count; i++) {
        fetch_ahead(domain, i);
        note_count(&domain->entries[i], own);
    }
    domain->scanning = &scan.kind;
    RC__CALLBACK_OF(&scan.kind, traverse_all(&scan, count)); /* one frame for all */
    domain->scanning = NULL;
    return scan;
}

/* ---- condemned and saved --------------------------------------------------------------------- */

static void condemn(rc_cycle_domain *domain, size_t place)
{
    const struct rc__header *header = rc__entry_header(&domain->entries[place]);
    domain->any_weak |= (rc__header_flags(header) & RC__FLAG_WEAK) != 0;
    domain->any_finalizer |= !rc__cycle_is_finalized(header);
    rc_retain(rc__payload_of(header));
    rc__cycle_swap(domain, place, domain->condemned++);
}

static void condemn_counted(rc_cycle_domain *domain)
{
    domain->any_weak = domain->any_finalizer = false;
    for (size_t i = 0; i < domain->tracked; i++) {
        fetch_ahead(domain, i);
        if (rc__entry_kind(&domain->entries[i]) == RC__WORD_COUNTED) condemn(domain, i);
    }
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* Nobody knows then who is held from outside. */
static RC_COLD void refuse(const struct scan *scan)
{
    rc_cycle_domain *domain = scan->domain;
    size_t references = rc_count(scan->overtold);
    for (size_t i = 0; i < domain->tracked; i++) domain->entries[i].word = RC__WORD_OUTSIDE;
    rc_error_set(
        RC_INVALID,
        "rc_cycle_collect: nothing is collected: traverse, of type %s among others, tells "
        "of more than the %zu reference%s to the object of type %s at %p; it may tell once "
        "of each that its object owns",
        scan->teller, references, plural(references), rc_type_of(scan->overtold)->name,
        scan->overtold);
}

bool rc__cycle_condemn(rc_cycle_domain *domain)
{
    bool locked = rc__cycle_lock(domain);
    struct scan scan = scan_first(domain, domain->tracked, 0);
    if (RC_UNLIKELY(scan.overtold))
        refuse(&scan);
    else
        condemn_counted(domain);
    rc__cycle_unlock(domain, locked);
    return !scan.overtold;
}

/* From here on it is an object as any other. */
static void pardon(rc_cycle_domain *domain, size_t place)
{
    rc__tally_add(&domain->resurrected, 1);
    rc__cycle_swap(domain, place, --domain->condemned);
}

/* Back to front, since the last that die take the places of those before. */
static void release_between(rc_cycle_domain *domain, size_t from, size_t to)
{
    while (to > from) rc_release(rc__payload_of(rc__entry_header(&domain->entries[--to])));
}

static RC_NORETURN RC_COLD void stop_for(const struct scan *scan)
{
    rc__stop("rc_cycle_collect: traverse, of type %s among others, tells of more references to the "
             "object at %p of type %s than there are after the finalizers: what a finalizer "
             "releases it sets to NULL",
             scan->teller, scan->overtold, rc_type_of(scan->overtold)->name);
}

void rc__cycle_save(rc_cycle_domain *domain)
{
    bool locked = rc__cycle_lock(domain);
    size_t before = domain->condemned;
    struct scan scan = scan_first(domain, before, 1);
    if (RC_UNLIKELY(scan.overtold))
        stop_for(&scan); /* finalizers have run: it is too late to refuse */
    for (size_t i = before; i > 0; i--)
        if (rc__entry_kind(&domain->entries[i - 1]) != RC__WORD_COUNTED) pardon(domain, i - 1);
    rc__cycle_unlock(domain, locked);
    release_between(domain, domain->condemned, before);
}

/* ---- stuck ----------------------------------------------------------------------------------- */

/* Of those at the front only who was condemned is COUNTED. Returns: how many of them are alive. */
static size_t count_stuck(rc_cycle_domain *domain, size_t front)
{
    size_t stuck = 0;
    for (size_t i = 0; i < front; i++) {
        struct rc__cycle_entry *entry = &domain->entries[i];
        if (rc__entry_kind(entry) != RC__WORD_COUNTED) continue;
        size_t references = rc__cycle_references(rc__entry_header(entry));
        if (references == SIZE_MAX) references = RC__PLACE_NONE / 2;
        entry->word = RC__WORD_OUTSIDE;
        if (is_dead(entry, references)) continue;
        entry->word = references * RC__WORD_ONE + RC__WORD_COUNTED;
        stuck++;
    }
    return stuck;
}

/* What stuck objects hold is what their traverse tells of still. Who has more references than that is
 * held by somebody else: his own was taken for one of theirs. Returns: how many, and the first. */
static size_t find_held(const rc_cycle_domain *domain, size_t front,
                        const struct rc__header **first)
{
    size_t held = 0;
    for (size_t i = 0; i < front; i++) {
        const struct rc__cycle_entry *entry = &domain->entries[i];
        if (rc__entry_kind(entry) != RC__WORD_COUNTED || entry->word < RC__WORD_ONE) continue;
        if (held++ == 0) *first = rc__entry_header(entry);
    }
    return held;
}

static void tell_stuck(const struct scan *scan, size_t front, size_t stuck)
{
    const struct rc__header *first = NULL;
    size_t held = find_held(scan->domain, front, &first);
    if (held)
        rc_error_set(RC_INVALID,
                     "rc_cycle_collect: %zu object%s cleared, but held from outside, the first of "
                     "type %s at %p: a traverse tells of a reference that its object does not own, "
                     "or a clear keeps one",
                     held, plural(held), first->type->name, rc__payload_of(rc__unconst(first)));
    else
        rc_error_set(
            RC_INVALID,
            "rc_cycle_collect: %zu object%s left that cycles still hold, the first to "
            "hold one of type %s: give it a clear that releases what its traverse tells of",
            stuck, plural(stuck), scan->holder);
}

static void leave(struct rc__cycle_entry *entry)
{
    if (rc__entry_kind(entry) != RC__WORD_COUNTED) return;
    __atomic_fetch_and(&rc__entry_header(entry)->flags, (uint16_t)~RC__FLAG_CLEARED,
                       __ATOMIC_RELAXED);
    entry->word = RC__WORD_OUTSIDE;
}

size_t rc__cycle_leave_stuck(rc_cycle_domain *domain)
{
    struct scan scan = {.domain = domain, .kind = {.what = "traverse"}};
    bool locked = rc__cycle_lock(domain);
    size_t front = domain->condemned < domain->tracked ? domain->condemned : domain->tracked;
    size_t stuck = count_stuck(domain, front);
    if (stuck) {
        domain->scanning = &scan.kind;
        RC__CALLBACK_OF(&scan.kind, traverse_counted(&scan, front, take_off_stuck));
        domain->scanning = NULL;
        tell_stuck(&scan, front, stuck);
    }
    for (size_t i = 0; i < front; i++) leave(&domain->entries[i]);
    domain->condemned = 0;
    rc__cycle_unlock(domain, locked);
    return stuck;
}
