/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Which objects only cycles keep alive: CPython's way, on our counts.
 *
 * Each tracked object's count is noted; then every reference that a tracked object owns is taken off
 * what it leads to. What is left above zero is held from outside, and so is all that it holds, and so on.
 * The rest holds itself. Objects that are still to be looked at form a list through their entries, so
 * there is no recursion, and each object is traversed twice.
 */
#include "callback.h"
#include "cycle_domain.h"

/* How many objects ahead of the one at work the processor is told which will be wanted. */
#define AHEAD 8

struct scan {
    rc_cycle_domain *domain;
    struct rc__callback_kind kind; /* says whose traverse is at work */
};

/* ---- what is done with a reference ----------------------------------------------------------- */

static RC_NORETURN RC_COLD void stop_for(const struct scan *scan, const void *object)
{
    rc__stop(
        "rc_cycle_collect: the objects that own references to the one at %p of type %s, among them "
        "one of type %s, report more of them than there are",
        object, rc_type_of(object)->name, scan->kind.name);
}

static void take_off(void *object, void *argument)
{
    const struct scan *scan = argument;
    if (!object) return;
    struct rc__cycle_entry *entry = rc__cycle_find(scan->domain, object);
    if (!entry || rc__entry_kind(entry) != RC__WORD_COUNTED) return;
    if (RC_UNLIKELY(entry->word < RC__WORD_ONE)) stop_for(scan, object);
    entry->word -= RC__WORD_ONE;
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

/* @p own: references that the domain has itself. */
static void note_count(struct rc__cycle_entry *entry, size_t own)
{
    const struct rc__header *header = rc__entry_header(entry);
    size_t references = rc__cycle_references(header);
    if (RC_UNLIKELY(entry->object & RC__ENTRY_DEAD || references == 0)) {
        entry->word = RC__WORD_OUTSIDE; /* or is about to be marked so */
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

static void traverse_all(struct scan *scan, size_t count)
{
    struct rc__cycle_entry *entries = scan->domain->entries;
    for (size_t i = 0; i < count; i++) {
        fetch_ahead(scan->domain, i);
        if (rc__entry_kind(&entries[i]) == RC__WORD_COUNTED) traverse(scan, &entries[i], take_off);
    }
    for (size_t i = 0; i < count; i++)
        if (rc__entry_kind(&entries[i]) == RC__WORD_COUNTED && entries[i].word >= RC__WORD_ONE)
            reach_all_from(scan, &entries[i]);
}

/* Of the first @p count entries those stay COUNTED that nothing outside them leads to. */
static void scan_first(rc_cycle_domain *domain, size_t count, size_t own)
{
    struct scan scan = {.domain = domain, .kind = {.what = "traverse"}};
    for (size_t i = 0; i < count; i++) {
        fetch_ahead(domain, i);
        note_count(&domain->entries[i], own);
    }
    RC__CALLBACK_OF(&scan.kind, traverse_all(&scan, count)); /* one frame for all */
}

static void condemn(rc_cycle_domain *domain, size_t place)
{
    const struct rc__header *header = rc__entry_header(&domain->entries[place]);
    domain->any_weak |= (rc__header_flags(header) & RC__FLAG_WEAK) != 0;
    domain->any_finalizer |= !rc__cycle_is_finalized(header);
    rc_retain(rc__payload_of(header));
    rc__cycle_swap(domain, place, domain->condemned++);
}

void rc__cycle_condemn(rc_cycle_domain *domain)
{
    bool locked = rc__cycle_scan_begin(domain);
    scan_first(domain, domain->tracked, 0);
    domain->any_weak = domain->any_finalizer = false;
    for (size_t i = 0; i < domain->tracked; i++) {
        fetch_ahead(domain, i);
        if (rc__entry_kind(&domain->entries[i]) == RC__WORD_COUNTED) condemn(domain, i);
    }
    rc__cycle_scan_end(domain, locked);
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

void rc__cycle_save(rc_cycle_domain *domain)
{
    bool locked = rc__cycle_scan_begin(domain);
    size_t before = domain->condemned;
    scan_first(domain, before, 1);
    for (size_t i = before; i > 0; i--)
        if (rc__entry_kind(&domain->entries[i - 1]) != RC__WORD_COUNTED) pardon(domain, i - 1);
    rc__cycle_scan_end(domain, locked);
    release_between(domain, domain->condemned, before);
}
