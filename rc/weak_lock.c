/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * The lock of a weak reference, by the cheapest way that is open: plainly where the process has one
 * thread, in the local count by the owner of a biased object, by a pin (weak_pin.h) if the object was
 * locked before, and under its stripe's lock in every case.
 */
#include "callback.h"
#include "weak_pin.h"
#include "weak_table.h"

/* Under the stripe's lock: one more reference to the target, if it is alive. */
static bool lock_target(const struct rc_weak *weak)
{
    if (!weak->alive) return false;
    struct rc__header *header = rc__header_of(weak->target);
    unsigned flags = __atomic_load_n(&header->flags, __ATOMIC_ACQUIRE);
    return !(flags & RC__FLAG_FINALIZING) &&
           rc__count_up_unless_gone(&header->shared, rc__owner_of(header));
}

/* The owner of a biased target, which is alive as long as the weak reference remembers that. */
static inline bool lock_own_target(const struct rc_weak *weak)
{
    if (__atomic_load_n(&weak->owner, __ATOMIC_RELAXED) != rc_bias_self) return false;
    intptr_t *local = rc__local_of(rc__header_of(weak->target));
    if (rc__count_up_local(local)) return true;
    (void)rc__count_down_local(local);
    return false;
}

/* Under the stripe's lock, by one who has a reference to the target: from now on whoever ends it looks
 * at the pins. */
static void let_pin(rc_weak *weak)
{
    struct rc__header *header = rc__header_of(weak->target);
    if (!rc__pin_suits(header)) return;
    __atomic_fetch_or(&header->flags, RC__FLAG_PINNED, __ATOMIC_RELAXED);
    __atomic_store_n(&weak->pinned, true, __ATOMIC_RELAXED);
}

/* The way that is always open. */
static __attribute__((noinline)) void *lock_in_stripe(rc_weak *weak)
{
    if (rc_weak_is_dead(weak)) return NULL;
    struct rc__stripe *stripe = lock_stripe(weak->target);
    bool locked = lock_target(weak);
    if (locked && !weak->pinned && !RC_SINGLE_THREADED) let_pin(weak);
    unlock_stripe(stripe);
    return locked ? weak->target : NULL;
}

/* Nobody can interfere, and the target is not this thread's own, or its count is full. */
static inline void *lock_alone(rc_weak *weak)
{
    if (!weak->alive) return NULL;
    struct rc__header *header = rc__header_of(weak->target);
    if (header->flags & RC__FLAG_FINALIZING || !rc__count_up_plain(&header->shared))
        return lock_in_stripe(weak);
    return weak->target;
}

/* This thread's record, which has the pins; nobody's, if it cannot have one. */
static struct rc__tally *record(void)
{
    if (RC_UNLIKELY(rc__tally_mine == &rc__tally_nobody)) rc__tally_leave(rc__tally_enter(false));
    return rc__tally_mine;
}

static bool lock_pinned(const rc_weak *weak, struct rc__pin *pin)
{
    rc__pin_set(pin, weak->target);
    bool locked = rc__pin_count_up_rarely(rc__header_of(weak->target), &weak->alive);
    if (locked && rc__pins_stay)
        rc__pin_latest = weak->target;
    else
        rc__pin_clear(pin);
    return locked;
}

/* The target was not the latest that was pinned, or does not look as that did. */
static __attribute__((noinline)) void *lock_rarely(rc_weak *weak)
{
    if (rc_weak_is_dead(weak)) return NULL;
    if (!__atomic_load_n(&weak->pinned, __ATOMIC_RELAXED)) return lock_in_stripe(weak);
    struct rc__tally *tally = record();
    if (tally == &rc__tally_nobody || !lock_pinned(weak, rc__pin_of(tally, weak->target)))
        return lock_in_stripe(weak);
    return weak->target;
}

void *rc_weak_lock(rc_weak *weak)
{
    if (RC_UNLIKELY(!weak)) return NULL;
    void *target = weak->target;
    if (lock_own_target(weak)) return RC__RETAINED(rc__ledger_give(target));
    if (RC_SINGLE_THREADED) return RC__RETAINED(rc__ledger_give(lock_alone(weak)));
    if (RC_UNLIKELY(target != rc__pin_latest || !__atomic_load_n(&weak->alive, __ATOMIC_SEQ_CST) ||
                    !rc__pin_count_up(rc__header_of(target))))
        return RC__RETAINED(rc__ledger_give(lock_rarely(weak)));
    if (RC_UNLIKELY(rc_object_last_retained != rc__header_of(target)))
        rc_object_last_retained = rc__header_of(target);
    return RC__RETAINED(rc__ledger_give(target));
}

void *rc_weak_lock_checked(rc_weak *weak, size_t size_of_t, const char *type_name)
{
    void *object = rc_weak_lock(weak);
    if (object) rc__object_check_size(object, size_of_t, type_name, "RC_WEAK_LOCK");
    return object;
}
