/* SPDX-License-Identifier: MIT */
/* What the ledger is told: references that are taken and given back, objects that begin and end. */
#define RC__LIBRARY 1
#include "ledger.h"

#include "ledger_site.h"

#include "ledger_hooks.h"
#include "ledger_table.h"
#include "ledger_tags.h"

/* In every library, since units of the program may be compiled with RCBUF_LEDGER all the same. */
int rc_ledger_on;
RC_HOT_THREAD_LOCAL const struct rc_site *rc_ledger_here;
RC_HOT_THREAD_LOCAL const struct rc_site *rc_ledger_ending;

#ifdef RCBUF_LEDGER

#include "environment.h"
#include "ledger_exit.h"
#include "ledger_suppress.h"

/* ---- pairing --------------------------------------------------------------------------------- */

enum { SAME_TAG = 16, NO_TAG = 8, SAME_HOLDER = 32, SAME_KIND = 64 };

/* How well a release fits a reference: by what holds it, its tag, its function, its file. On one
 * line stand RC_AUTO(), which releases, and what is put in it. Equal texts have one address. */
static unsigned likeness(const struct rc__ledger_reference *held,
                         const struct rc__ledger_reference *released)
{
    bool is_kept = held->kind == RC__LEDGER_KEPT, wants_kept = released->kind == RC__LEDGER_KEPT;
    return (is_kept == wants_kept ? SAME_KIND : 0u) +
           (is_kept && held->holder == released->holder ? SAME_HOLDER : 0u) +
           (held->tag == released->tag ? SAME_TAG
            : !held->tag               ? NO_TAG
                                       : 0u) +
           rc__ledger_site_likeness(held->site, released->site);
}

/* No reference fits it better. Few releases stand on a line where something is taken. */
static unsigned likeness_max(const struct rc__ledger_reference *released)
{
    return SAME_KIND + SAME_TAG + (released->kind == RC__LEDGER_KEPT ? SAME_HOLDER : 0u) +
           rc__ledger_site_likeness_max(released->site);
}

/* So many of an object's references are compared with a release, the latest ones. */
#define COMPARED_MAX 512

/* The latest of those that fit best: one, if there is any, so that as many are left as are held. */
static struct rc__ledger_reference *find_pair(struct rc__ledger_entry *entry,
                                              const struct rc__ledger_reference *released)
{
    struct rc__ledger_reference *best = NULL, *held = entry->latest;
    unsigned best_likeness = 0, most = 1 + likeness_max(released);
    for (unsigned left = COMPARED_MAX; held && left && best_likeness < most;
         held = held->older, left--) {
        unsigned this_likeness = 1 + likeness(held, released);
        if (this_likeness <= best_likeness) continue;
        best = held;
        best_likeness = this_likeness;
    }
    return best;
}

/* No reference of the object has its tag, as far as all of them were seen and are compared. */
static bool has_unknown_tag(const struct rc__ledger_entry *entry,
                            const struct rc__ledger_reference *released,
                            const struct rc__ledger_reference *pair)
{
    if (!released->tag || (pair && pair->tag == released->tag)) return false;
    const struct rc__ledger_reference *held = entry->latest;
    size_t seen = 0;
    for (; held && seen < COMPARED_MAX; held = held->older) seen++;
    return !held && seen >= rc_count(entry->object);
}

/* ---- what is told ---------------------------------------------------------------------------- */

static void hold(const void *object, struct rc__ledger_reference like)
{
    struct rc__ledger_stack stack;
    if (!object) return;
    if (rc__ledger.with_stacks) like.stack = rc__ledger_stack_here(&stack);
    if (!rc__ledger_lock()) return;
    like.site = rc__ledger_site_of(like.site);
    like.tag = rc__ledger_text_of(like.tag);
    if (like.kind != RC__LEDGER_EXPORT) rc__ledger_site_takes(like.site);
    struct rc__ledger_entry *entry = rc__ledger_find_or_add(object);
    if (entry && rc__ledger_hold(entry, &like) && like.kind != RC__LEDGER_EXPORT) entry->retains++;
    if (entry && like.kind == RC__LEDGER_MADE) entry->made = like.site;
    rc__ledger_unlock();
}

static void drop(const void *object, struct rc__ledger_reference like)
{
    if (!object || !rc__ledger_lock()) return;
    like.site = rc__ledger_site_of(like.site);
    like.tag = rc__ledger_text_of(like.tag);
    struct rc__ledger_entry *entry = rc__ledger_find(object);
    struct rc__ledger_reference *pair = entry ? find_pair(entry, &like) : NULL;
    if (entry && has_unknown_tag(entry, &like, pair)) rc__ledger_tags_note(entry, &like);
    if (pair) rc__ledger_drop(entry, pair);
    if (entry) entry->releases++;
    rc__ledger_unlock();
}

void rc_ledger_retained(const void *object, const struct rc_site *site, const char *tag)
{
    hold(object,
         (struct rc__ledger_reference){.site = site, .tag = tag, .kind = RC__LEDGER_RETAINED});
}

void rc_ledger_released(const void *object, const struct rc_site *site, const char *tag)
{
    drop(object,
         (struct rc__ledger_reference){.site = site, .tag = tag, .kind = RC__LEDGER_RETAINED});
}

void rc__ledger_note_kept(const void *object, const void *holder)
{
    hold(object, (struct rc__ledger_reference){
                     .site = rc_ledger_here, .holder = holder, .kind = RC__LEDGER_KEPT});
}

void rc__ledger_note_left(const void *object, const void *holder)
{
    drop(object, (struct rc__ledger_reference){
                     .site = rc_ledger_here, .holder = holder, .kind = RC__LEDGER_KEPT});
}

void rc__ledger_note_given(const void *object)
{
    rc_ledger_retained(object, rc_ledger_here, NULL);
}

void rc__ledger_note_exported(const void *object, const void *holder)
{
    hold(object, (struct rc__ledger_reference){
                     .site = rc_ledger_here, .holder = holder, .kind = RC__LEDGER_EXPORT});
}

void rc__ledger_note_unexported(const void *object, const void *holder)
{
    if (!rc__ledger_lock()) return;
    struct rc__ledger_reference *exported = rc__ledger_find_export(object, holder);
    if (exported) rc__ledger_drop(rc__ledger_find(object), exported);
    rc__ledger_unlock();
}

void rc__ledger_note_passed_on(const void *object, const void *holder)
{
    if (!rc__ledger_lock()) return;
    struct rc__ledger_reference *exported = rc__ledger_find_export(object, NULL);
    if (exported) rc__ledger_pass_on(exported, holder);
    rc__ledger_unlock();
}

void rc__ledger_note_made(const void *object)
{
    hold(object, (struct rc__ledger_reference){.site = rc_ledger_here, .kind = RC__LEDGER_MADE});
}

void rc__ledger_note_immortal(const void *object)
{
    if (!rc__ledger_lock()) return;
    struct rc__ledger_entry *entry = rc__ledger_find(object);
    if (entry) entry->immortal = true;
    rc__ledger_unlock();
}

void rc__ledger_note_ended(const void *object)
{
    rc__ledger_retire(object);
}

/* ---- the process ----------------------------------------------------------------------------- */

/* Before the first object, and before the program registers what it does at a fork. */
static __attribute__((constructor(101))) void start(void)
{
    struct rc__ledger_options options = rc__ledger_options_read(rc__trace_list());
    if (!options.is_on) return;
    rc__ledger.with_stacks = options.stacks;
    if (options.suppressions[0]) rc__ledger_suppressions_read(options.suppressions);
    rc__ledger_prepare();
    if (options.stacks) rc__ledger_stack_prepare();
    rc__ledger_exit_prepare(&options);
    __atomic_store_n(&rc_ledger_on, 1, __ATOMIC_RELAXED);
}

bool rc_ledger_is_on(void)
{
    return __atomic_load_n(&rc_ledger_on, __ATOMIC_RELAXED);
}

#else

void rc_ledger_retained(const void *object, const struct rc_site *site, const char *tag)
{
    (void)object, (void)site, (void)tag;
}

void rc_ledger_released(const void *object, const struct rc_site *site, const char *tag)
{
    (void)object, (void)site, (void)tag;
}

bool rc_ledger_is_on(void)
{
    return false;
}

#endif
