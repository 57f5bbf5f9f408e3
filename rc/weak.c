/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Weak references: found through a striped side table, so that objects without any pay nothing.
 *
 * Invariants. A weak reference that is linked is in the bucket of its target's address, and linked
 * as long as it is alive or its callback is due. Everything in a stripe is read and written under
 * that stripe's lock, but for `alive`, which anybody may read. An object whose weak references were
 * never all cleared has RC__FLAG_WEAK set; whoever ends it takes the stripe's lock before the
 * memory goes. So under that lock, an alive weak reference's target can be touched, and its count
 * incremented if it is not gone. While the process has one thread, no lock is taken.
 *
 * Locks do without the stripe's from the second one on: by pins, whose protocol weak_pin.h tells. The
 * first lock of an object under its stripe's lock sets RC__FLAG_PINNED, and from then on whoever frees
 * the object looks at the pins, after its weak references are dead. An object that is locked once, or
 * never, is ended without that. `pinned` of a weak reference says that the flag is set.
 *
 * One that the owner of a biased object makes remembers that owner until the object is merged. Since
 * nobody else merges, the owner finds it alive without the lock. One that another thread makes does
 * not: a merge could pass unseen between its look at the object and its entry in the table.
 *
 * A bucket's newest registration stands first; notify() reverses that. Buckets grow when a weak
 * reference is made, never on a release, and a table that cannot grow only gets slower.
 *
 * Here are the end, creation and callbacks; weak_lock.c has the lock, weak_table.h what both need.
 */
#include "weak.h"

#include <stdlib.h>

#include "callback.h"
#include "describe.h"
#include "guarded.h"
#include "object_end.h"
#include "plain.h"
#include "weak_pin.h"
#include "weak_table.h"

RC__LEDGER_BLIND struct rc__stripe rc__stripes[STRIPES];
static pthread_once_t stripes_once = PTHREAD_ONCE_INIT;

/* ---- the table ------------------------------------------------------------------------------- */

static struct rc_weak **bucket_of(struct rc__stripe *stripe, const void *target)
{
    return &stripe->buckets[(hash_of(target) / STRIPES) & (stripe->bucket_count - 1)];
}

static void push(struct rc_weak **head, struct rc_weak *weak)
{
    weak->next = *head;
    weak->link = head;
    if (weak->next) weak->next->link = &weak->next;
    *head = weak;
}

static void unlink_weak(struct rc_weak *weak)
{
    *weak->link = weak->next;
    if (weak->next) weak->next->link = weak->link;
    weak->next = NULL;
    weak->link = NULL;
}

/* Move everything to twice the buckets, keeping the order within each; no memory: stay as we are.
 */
static void grow(struct rc__stripe *stripe)
{
    size_t old_count = stripe->bucket_count;
    struct rc_weak **old = stripe->buckets;
    struct rc_weak **buckets = calloc(old_count * 2, sizeof(struct rc_weak *));
    if (!buckets) return;
    stripe->buckets = buckets;
    stripe->bucket_count = old_count * 2;
    for (size_t i = 0; i < old_count; i++) {
        struct rc_weak *reversed = NULL;
        while (old[i]) {
            struct rc_weak *weak = old[i];
            unlink_weak(weak);
            push(&reversed, weak);
        }
        while (reversed) {
            struct rc_weak *weak = reversed;
            unlink_weak(weak);
            push(bucket_of(stripe, weak->target), weak);
        }
    }
    if (old != stripe->first_buckets) free(old);
}

/* ---- the end of an object -------------------------------------------------------------------- */

static void kill_one(struct rc__stripe *stripe, struct rc_weak *weak)
{
    __atomic_store_n(&weak->alive, false, __ATOMIC_SEQ_CST); /* before the pins are looked at */
    /* A weak reference that is being released this moment gets no callback any more. */
    weak->due = weak->callback && rc__count_up_unless_gone(&rc__header_of(weak)->shared, false);
    if (weak->due) return;
    unlink_weak(weak);
    stripe->linked--;
}

/* but_uncalled: not those without a callback. */
static void kill_some(void *object, bool but_uncalled)
{
    struct rc__stripe *stripe = lock_stripe(object);
    struct rc_weak *next;
    for (struct rc_weak *weak = *bucket_of(stripe, object); weak; weak = next) {
        next = weak->next;
        if (weak->target == object && weak->alive && (weak->callback || !but_uncalled))
            kill_one(stripe, weak);
    }
    unlock_stripe(stripe);
}

static void kill_all(void *object)
{
    kill_some(object, false);
}

static void kill_called(void *object)
{
    kill_some(object, true);
}

static void disown_all(void *object)
{
    struct rc__stripe *stripe = lock_stripe(object);
    for (struct rc_weak *weak = *bucket_of(stripe, object); weak; weak = weak->next)
        if (weak->target == object) __atomic_store_n(&weak->owner, 0, __ATOMIC_RELAXED);
    unlock_stripe(stripe);
}

static struct rc_weak *take_due(void *object)
{
    struct rc_weak *due = NULL, *next;
    bool others = false; /* are alive */
    struct rc__stripe *stripe = lock_stripe(object);
    for (struct rc_weak *weak = *bucket_of(stripe, object); weak; weak = next) {
        next = weak->next;
        others |= weak->target == object && !weak->due;
        if (weak->target != object || !weak->due) continue;
        unlink_weak(weak);
        stripe->linked--;
        weak->due = false;
        weak->next = due;
        due = weak;
    }
    if (!others)
        __atomic_fetch_and(&rc__header_of(object)->flags, (uint16_t)~RC__FLAG_WEAK,
                           __ATOMIC_RELAXED);
    unlock_stripe(stripe);
    return due;
}

static void notify_all(void *object)
{
    const char *name = rc_type_of(object)->name;
    struct rc_weak *weak = take_due(object);
    while (weak) {
        struct rc_weak *next = weak->next;
        weak->next = NULL;
        /* Ours is the last reference if its owner has released it meanwhile. */
        if (!rc_is_unique(weak))
            RC__CALLBACK("weak callback", name, weak->callback(weak, weak->context));
        rc_release(weak);
        weak = next;
    }
}

/* ---- set-up, and fork ------------------------------------------------------------------------ */

static void lock_all(void)
{
    for (size_t i = 0; i < STRIPES; i++) pthread_mutex_lock(&rc__stripes[i].lock);
}

static void unlock_all(void)
{
    for (size_t i = STRIPES; i-- > 0;) pthread_mutex_unlock(&rc__stripes[i].lock);
}

static void after_fork_in_child(void)
{
    unlock_all();
    rc__pins_fork();
}

static void set_up(void)
{
    rc__tally_prepare(); /* whose lock is the last that a fork takes */
    static const struct rc__weak_hooks hooks = {.disown = disown_all,
                                                .kill = kill_all,
                                                .kill_called = kill_called,
                                                .notify = notify_all,
                                                .bury = rc__pin_bury};
    for (size_t i = 0; i < STRIPES; i++) {
        pthread_mutex_init(&rc__stripes[i].lock, NULL);
        rc__stripes[i].buckets = rc__stripes[i].first_buckets;
        rc__stripes[i].bucket_count = FIRST_BUCKETS;
    }
    pthread_atfork(lock_all, unlock_all, after_fork_in_child);
    rc__pins_stay = rc__magazines_are_on();
    __atomic_store_n(&rc__tally_unpin, rc__pins_clear, __ATOMIC_RELEASE);
    __atomic_store_n(&rc__weak_hooks, &hooks, __ATOMIC_RELEASE);
}

/* Before main(), so that handlers of the program's own are registered later: those run before ours
 * take the locks, and after ours have given them back. */
static __attribute__((constructor(102))) void set_up_early(void)
{
    pthread_once(&stripes_once, set_up);
}

/* ---- the public calls ------------------------------------------------------------------------ */

static void weak_finalize(void *self)
{
    struct rc_weak *weak = self;
    if (!weak->target) return;
    struct rc__stripe *stripe = lock_stripe(weak->target);
    if (weak->link) {
        unlink_weak(weak);
        stripe->linked--;
    }
    unlock_stripe(stripe);
}

static size_t weak_extra(const void *self)
{
    (void)self;
    return 0;
}

static void weak_end_plain(void *self)
{
    weak_finalize(self);
    rc__object_give_back_plain(self, rc_type_of(self), 0, RC__CELL_OTHER);
}

/* It leads to what it does not hold. */
static void weak_describe(const void *self, struct rc__description *description)
{
    const struct rc_weak *weak = self;
    bool is_dead = rc_weak_is_dead(weak);
    rc__describe(description, "%s", is_dead ? "dead" : "");
    description->kin = is_dead ? NULL : weak->target;
    description->kinship = "weak";
}

static const struct rc__sized_type weak_type = {
    .base = {.name = "rc_weak",
             .size = sizeof(struct rc_weak),
             .finalize = weak_finalize,
             .flags = RC__TYPE_LEAF | RC__TYPE_SIZED},
    .extra = weak_extra,
    .end_plain = weak_end_plain,
    .describe = weak_describe,
    .only_word = offsetof(struct rc_weak, context),
};

rc_weak *rc_weak_new(const void *object)
{
    if (!object) {
        rc_error_set(RC_INVALID, "rc_weak_new needs an object; it is NULL");
        return NULL;
    }
    struct rc__header *header = rc__header_of(object);
    if (RC_UNLIKELY((uintptr_t)header->type == RC__GUARD_FREED_WORD))
        rc__object_stop_dead(object, "rc_weak_new");
    if (RC_UNLIKELY(!__atomic_load_n(&rc__weak_hooks, __ATOMIC_ACQUIRE)))
        pthread_once(&stripes_once, set_up);
    rc_weak *weak = rc__object_new_sized(NULL, &weak_type, 0, RC__CELL_OTHER);
    if (!weak) return NULL;
    *weak = (struct rc_weak){.target = NULL};
    /* In a weak callback the object is gone: a weak reference to it is dead from the start. */
    bool biased = rc__owner_of(header);
    if (rc__count_is_dead(__atomic_load_n(&header->shared, __ATOMIC_RELAXED), biased)) return weak;
    weak->target = rc__unconst(object);
    weak->owner = biased && rc__owns(header) ? rc_bias_self : 0;
    weak->alive = true;

    struct rc__stripe *stripe = lock_stripe(object);
    if (stripe->linked++ >= stripe->bucket_count) grow(stripe);
    push(bucket_of(stripe, object), weak);
    unsigned flags = rc__header_flags(header);
    weak->pinned = flags & RC__FLAG_PINNED;
    if (!(flags & RC__FLAG_WEAK))
        __atomic_fetch_or(&header->flags, RC__FLAG_WEAK, __ATOMIC_RELAXED);
    unlock_stripe(stripe);
    return weak;
}

bool rc_weak_is_dead(const rc_weak *weak)
{
    return !weak || !__atomic_load_n(&weak->alive, __ATOMIC_ACQUIRE);
}

enum rc_status rc_weak_on_death(rc_weak *weak, void (*callback)(rc_weak *weak, void *context),
                                void *context)
{
    if (!weak || !callback)
        return rc_error_set(RC_INVALID,
                            "rc_weak_on_death needs a weak reference and a callback; "
                            "the %s is NULL",
                            weak ? "callback" : "weak reference");
    if (!weak->target) /* made when the object was gone */
        return rc_error_set(RC_INVALID, "rc_weak_on_death: the object is dead already");
    struct rc__stripe *stripe = lock_stripe(weak->target);
    bool alive = weak->alive;
    if (alive) {
        weak->callback = callback;
        weak->context = context;
        unlink_weak(weak);
        push(bucket_of(stripe, weak->target), weak);
    }
    unlock_stripe(stripe);
    if (alive) return RC_OK;
    return rc_error_set(RC_INVALID, "rc_weak_on_death: the object is dead already");
}
