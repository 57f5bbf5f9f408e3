/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * How an object ends that is not kept in a cell: rc/object_release.c.
 *
 * Order, as in CPython: weak references die, their callbacks run, the finalizer runs, the memory
 * goes back. While the finalizer runs the object has one reference, which is ours; if it has more
 * afterwards it was resurrected, lives on, and is marked so that its finalizer does not run again
 * (PEP 442).
 *
 * Long chains. A finalizer that releases the next object runs that one's finalizer inside its own,
 * as deep as RC__NESTING_MAX. From there on dead objects are put on a list of this thread, which the
 * deepest finalizer's frame works off. A release must not allocate, so the list is threaded through
 * the objects' own headers: an object that is dead and has no weak references left is reachable for
 * nobody, so its count and flags (8 bytes) can hold the link, whose low bits keep the flags that
 * matter.
 */
#include "object_end.h"

#include "callback.h"

#define LINK_PINNED    ((uintptr_t)1) /* RC__FLAG_PINNED; the lowest bit: rc/weak_pin.h says why */
#define LINK_WEAK      ((uintptr_t)2) /* RC__FLAG_WEAK: callbacks are still to run */
#define LINK_PREFIX    ((uintptr_t)4) /* RC__FLAG_PREFIX */
#define LINK_FINALIZED ((uintptr_t)8) /* RC__FLAG_FINALIZED */
#define LINK_FLAGS     ((uintptr_t)15)

_Static_assert(sizeof(uintptr_t) <= offsetof(struct rc__header, type),
               "a link fits before the type");
_Static_assert(RC_ALIGNMENT_DEFAULT > LINK_FLAGS, "a link has room for flags");

const struct rc__weak_hooks *rc__weak_hooks;
const struct rc__cycle_hooks *rc__cycle_hooks;
const struct rc__home_hooks *rc__home_hooks;

static RC_HOT_THREAD_LOCAL struct rc__header *deferred;

typedef uintptr_t __attribute__((may_alias)) link_word;

static unsigned flags_of(const struct rc__header *header)
{
    return __atomic_load_n(&header->flags, __ATOMIC_RELAXED);
}

/* ---- the list of deferred objects ------------------------------------------------------------ */

static void defer(struct rc__header *header)
{
    unsigned flags = flags_of(header);
    if (rc__domain_of(header)) rc__cycle_hooks->begin(header);
    if (flags & RC__FLAG_WEAK) rc__weak_hooks->kill(rc__payload_of(header));
    if (header->type->flags & RC__TYPE_LEAF) { /* a table may still lead to it */
        header->type->finalize(rc__payload_of(header));
        flags |= RC__FLAG_FINALIZED;
    }
    uintptr_t link = (uintptr_t)deferred;
    if (flags & RC__FLAG_PREFIX) {
        link |= LINK_PREFIX;
        rc__prefix_of(header)->flags = flags & RC__FLAGS_MAX;
    }
    if (flags & RC__FLAG_WEAK) link |= LINK_WEAK;
    if (flags & RC__FLAG_FINALIZED) link |= LINK_FINALIZED;
    if (flags & RC__FLAG_PINNED) link |= LINK_PINNED;
    __atomic_store_n((link_word *)header, link, __ATOMIC_RELAXED); /* a pin's thread may look */
    deferred = header;
}

static struct rc__header *take_deferred(void)
{
    struct rc__header *header = deferred;
    uintptr_t link = __atomic_load_n((link_word *)header, __ATOMIC_RELAXED);
    deferred = (struct rc__header *)(link & ~LINK_FLAGS);
    unsigned flags = 0;
    if (link & LINK_PREFIX) flags = rc__prefix_of(header)->flags;
    if (link & LINK_WEAK) flags |= RC__FLAG_WEAK;
    if (link & LINK_FINALIZED) flags |= RC__FLAG_FINALIZED;
    if (link & LINK_PINNED) flags |= RC__FLAG_PINNED;
    __atomic_store_n(&header->shared, -RC__COUNT_ONE, __ATOMIC_RELAXED);
    __atomic_store_n(&header->owner, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&header->flags, (uint16_t)flags, __ATOMIC_RELAXED);
    return header;
}

void rc__end_exchange(void **waiting, unsigned *depth)
{
    struct rc__header *kept = deferred;
    unsigned kept_depth = (unsigned)(RC__NESTING_MAX - rc__calling.room);
    deferred = *waiting;
    rc__calling.room = RC__NESTING_MAX - (int)*depth;
    *waiting = kept;
    *depth = kept_depth;
}

/* ---- one object ------------------------------------------------------------------------------ */

static void clear_weak_references(struct rc__header *header)
{
    if (RC_LIKELY(!(flags_of(header) & RC__FLAG_WEAK))) return;
    const struct rc__weak_hooks *hooks = __atomic_load_n(&rc__weak_hooks, __ATOMIC_ACQUIRE);
    hooks->kill(rc__payload_of(header));
    hooks->notify(rc__payload_of(header));
}

__attribute__((noinline)) void rc__object_run_finalizer(struct rc__header *header)
{
    const rc_type *type = header->type;
    RC__CALLBACK("finalizer", type->name, type->finalize(rc__payload_of(header)));
}

void rc__object_run_clear(struct rc__header *header)
{
    const rc_type *type = header->type;
    RC__CALLBACK("clear", type->name, type->clear(rc__payload_of(header)));
}

static bool is_finalized(const struct rc__header *header)
{
    return !header->type->finalize || flags_of(header) & RC__FLAG_FINALIZED;
}

/* What no finalizer releases: there is none, or it has run before. */
static bool is_cleared(const struct rc__header *header)
{
    return !header->type->clear || !rc__type_may_cycle(header->type) ||
           flags_of(header) & (RC__FLAG_CLEARED | RC__FLAG_LOOSE);
}

/* The library's own finalizers frame what they call themselves. */
static void run_finalizer(struct rc__header *header)
{
    if (header->type->flags & RC__TYPE_SIZED)
        header->type->finalize(rc__payload_of(header));
    else
        rc__object_run_finalizer(header);
}

/* Others hold the object now: mark it before our own reference goes, because theirs may go first.
 */
static void let_live(struct rc__header *header)
{
    if (RC_UNLIKELY(rc__domain_of(header))) rc__cycle_hooks->revive(header);
    __atomic_fetch_or(&header->flags, RC__FLAG_FINALIZED, __ATOMIC_RELAXED);
    __atomic_fetch_and(&header->flags, (uint16_t)~RC__FLAG_FINALIZING, __ATOMIC_RELEASE);
    rc_release(rc__payload_of(header));
}

/* The count while the finalizer runs: one reference, and for pins that have not seen the death yet, a
 * word that they do not know. */
static int32_t one_reference(const struct rc__header *header)
{
    return RC_UNLIKELY(flags_of(header) & RC__FLAG_PINNED) ? RC__COUNT_MERGED : 0;
}

/* Of an object whose finalizer has run: true if it is still dead. */
static bool stayed_dead(struct rc__header *header)
{
    int32_t word = __atomic_load_n(&header->shared, __ATOMIC_ACQUIRE);
    if (RC_LIKELY(word == one_reference(header))) return true;
    let_live(header);
    return false;
}

/* @p run: the finalizer, or clear. */
static bool finalize(struct rc__header *header, void (*run)(struct rc__header *header))
{
    unsigned flags = flags_of(header);
    /* From here on nobody locks a weak reference, also not one that the finalizer makes. */
    __atomic_store_n(&header->flags, (uint16_t)(flags | RC__FLAG_FINALIZING), __ATOMIC_RELAXED);
    __atomic_store_n(&header->owner, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&header->shared, RC__COUNT_GONE, __ATOMIC_RELAXED); /* for weak callbacks */
    clear_weak_references(header);
    __atomic_store_n(&header->shared, one_reference(header), __ATOMIC_RELAXED);
    run(header);
    return stayed_dead(header);
}

/* A type's finalizer runs once, and its clear when that has released nothing: it leaves it to clear, or
 * ran before, or there is none. False: somebody holds the object again. */
static inline __attribute__((always_inline)) bool finalize_and_clear(struct rc__header *header)
{
    if (!is_finalized(header)) {
        if (!finalize(header, run_finalizer)) return false;
        if (RC_LIKELY(!(header->type->flags & RC_TYPE_CLEARED))) return true;
        __atomic_fetch_or(&header->flags, RC__FLAG_FINALIZED, __ATOMIC_RELAXED);
    }
    return is_cleared(header) || finalize(header, rc__object_run_clear);
}

/* What end() gives back of an object of its own type, or zero. */
static size_t end_sized(struct rc__header *header)
{
    if (!(header->type->flags & RC__TYPE_SIZED)) return 0;
    const struct rc__sized_type *sized = (const struct rc__sized_type *)header->type;
    return sized->end ? sized->end(rc__payload_of(header)) : sized->extra(rc__payload_of(header));
}

static void give_back_prefixed(struct rc__header *header, size_t payload)
{
    struct rc__prefix prefix = *rc__prefix_of(header);
    struct rc_home *home = flags_of(header) & RC__FLAG_HOMED ? rc__homed_of(header)->home : NULL;
    size_t alignment = (size_t)1 << prefix.alignment_log2;
    size_t offset = rc__prefixed_offset(alignment, home != NULL);
    unsigned char *block = (unsigned char *)rc__payload_of(header) - offset;
    rc__block_free(prefix.allocator, block, offset + payload, alignment);
    if (home) rc__home_hooks->count_out(home);
}

/* False: no pin ever named the object. */
static bool bury(struct rc__header *header, size_t size)
{
    if (RC_LIKELY(!(flags_of(header) & RC__FLAG_PINNED))) return false;
    const struct rc__weak_hooks *hooks = __atomic_load_n(&rc__weak_hooks, __ATOMIC_ACQUIRE);
    if (hooks) hooks->bury(header, size);
    return hooks;
}

/* Count the object out and return its block to its allocator. */
static inline void give_back(struct rc__header *header, size_t extra)
{
    size_t payload = header->type->size + extra;
    __atomic_store_n(&header->shared, RC__COUNT_GONE, __ATOMIC_RELAXED);
    rc__ledger_ended(rc__payload_of(header));
    rc__tally_object_freed(header->type, payload);
    if (RC_UNLIKELY(flags_of(header) & RC__FLAG_PREFIX))
        give_back_prefixed(header, payload);
    else if (!bury(header, sizeof *header + payload))
        rc__object_free_block(header, sizeof *header + payload);
}

/* Nobody else reaches the object: its callers' mistakes show, and calls on it are refused. */
static void announce(struct rc__header *header)
{
    unsigned flags = flags_of(header) | RC__FLAG_FINALIZING;
    __atomic_store_n(&header->flags, (uint16_t)flags, __ATOMIC_RELAXED);
    __atomic_store_n(&header->owner, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&header->shared, RC__COUNT_GONE, __ATOMIC_RELAXED);
}

static void end_finalized(struct rc__header *header)
{
    announce(header);
    clear_weak_references(header);
    size_t extra = end_sized(header);
    if (extra == RC__END_KEPT) return;
    if (RC_UNLIKELY(rc__domain_of(header))) rc__cycle_hooks->forget(header);
    if (flags_of(header) & RC__FLAG_PREFIX) extra = (size_t)rc__prefix_of(header)->extra;
    give_back(header, extra);
}

static void end_one(struct rc__header *header)
{
    if (RC_UNLIKELY(rc__domain_of(header))) rc__cycle_hooks->begin(header);
    /* A leaf's count says gone all the while, so that nobody revives it through its table. */
    if (header->type->flags & RC__TYPE_LEAF) {
        if (!is_finalized(header)) header->type->finalize(rc__payload_of(header));
    } else if (!finalize_and_clear(header)) {
        return;
    }
    end_finalized(header);
}

void rc__end_rest(struct rc__header *header)
{
    if (!stayed_dead(header)) return;
    bool was_marked = flags_of(header) & RC__FLAG_FINALIZED; /* clear has run, too */
    if (!was_marked && header->type->flags & RC_TYPE_CLEARED) {
        __atomic_fetch_or(&header->flags, RC__FLAG_FINALIZED, __ATOMIC_RELAXED);
        if (!finalize_and_clear(header)) return;
    }
    end_finalized(header);
}

void rc__object_end(struct rc__header *header)
{
    if (RC_UNLIKELY(flags_of(header) & RC__FLAG_HOMED) && rc__home_hooks->send_home(header)) return;
    rc__object_end_here(header);
}

/* What its home has lost to another thread, or to none, since it was put off, waits there. */
static void end_deferred_one(void)
{
    struct rc__header *header = take_deferred();
    if (RC_UNLIKELY(flags_of(header) & RC__FLAG_HOMED) && rc__home_hooks->send_home(header)) return;
    end_one(header);
}

void rc__end_deferred(void)
{
    while (RC_UNLIKELY(deferred != NULL)) end_deferred_one();
}

void rc__object_end_here(struct rc__header *header)
{
    if (RC_UNLIKELY(flags_of(header) & RC__FLAG_FINALIZING))
        rc__stop("rc_release: the finalizer of type %s released its own object, at %p",
                 header->type->name, rc__payload_of(header));
    if (RC_UNLIKELY(rc__calling.room == 0)) {
        defer(header);
        return;
    }
    rc__calling.room--;
    end_one(header);
    while (RC_UNLIKELY(deferred != NULL) && rc__calling.room == 0) end_deferred_one();
    rc__calling.room++;
}

void rc__object_end_self(void *self)
{
    rc__object_end(rc__header_of(self));
}
