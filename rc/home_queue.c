/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * What waits in a home: dead objects that wait for a thread.
 *
 * What waits is a list through the objects themselves. Anybody puts an object in front, by compare
 * and swap, and the home's thread takes the whole list at once: so an address that comes back does
 * no harm. What was taken stands in the home, too, until its turn comes: so a finalizer may run or
 * close the home that it is run by. Whoever found the list empty calls the hook.
 *
 * The list begins with the last that came, and is turned round when it is taken. Another thread may
 * fork at any moment of that, and the child has the writes that were made until then. So where the
 * list is stands in the home before it is taken out of `first`; each object that is turned round is
 * `in_hand` from before it leaves the one list until after it has come to the other; and what is
 * taken is found there, or in `reversed`, or in both. From each of these states the child goes on.
 *
 * Between putting the object there and calling the hook, the home's thread may have ended the
 * object, closed the home and dropped what the hook needs. So a thread counts in `visitors` before
 * it looks at the state and until it has called the hook, with a reference of its own; and whoever
 * closes the home waits, when the state says so, until no visitor is left. A visitor that came
 * first has put its object there when the closing thread looks for the last time; one that came
 * later sees that the home is closed. Few come later, since who sees it closed from the start is
 * none: so that wait has an end.
 *
 * Who changes the hook waits for `callers` alone: visitors that found the list empty, of which
 * there can be few while the home's thread takes nothing. One that counts itself there after the
 * wait finds no hook or the new one; and where it finds none, its object is in the list when the
 * hook's thread looks at that, after the new one is there. All of this is in one order,
 * sequentially consistent.
 */
#include "home_queue.h"

#include "callback.h"
#include "object_end.h"

/* ---- threads --------------------------------------------------------------------------------- */

size_t rc__home_thread(void)
{
    static size_t last;
    static RC_HOT_THREAD_LOCAL size_t number;
    if (RC_UNLIKELY(!number)) number = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
    return number;
}

/* ---- the list of what waits ------------------------------------------------------------------ */

/* True: nothing waited before. The object says that it is gone, whichever way its last reference
 * went: another release shows, and a weak reference gives nothing. */
static bool put(rc_home *home, struct rc__header *header)
{
    struct rc__header *seen = __atomic_load_n(&home->first, __ATOMIC_RELAXED);
    __atomic_store_n(&header->shared, RC__COUNT_GONE, __ATOMIC_RELAXED);
    __atomic_fetch_add(&home->waiting, 1, __ATOMIC_RELAXED);
    do {
        rc__homed_of(header)->next = seen;
    } while (!__atomic_compare_exchange_n(&home->first, &seen, header, true, __ATOMIC_SEQ_CST,
                                          __ATOMIC_RELAXED));
    return !seen; /* the object may be gone */
}

/* A write that a child of fork() has only with all that were made before it. */
static void set(struct rc__header **place, struct rc__header *header)
{
    __atomic_store_n(place, header, __ATOMIC_RELEASE);
}

/* False: nothing waits. Else what waited begins at `grabbed`, with the one that came last. */
static bool grab(rc_home *home)
{
    struct rc__header *last = __atomic_load_n(&home->first, __ATOMIC_RELAXED);
    if (!last) return false;
    do {
        set(&home->grabbed, last);
    } while (!__atomic_compare_exchange_n(&home->first, &last, NULL, true, __ATOMIC_ACQUIRE,
                                          __ATOMIC_RELAXED));
    return true;
}

/* From `grabbed` to `reversed`, one by one. Returns: how many. */
static size_t reverse(rc_home *home)
{
    size_t count = 0;
    for (struct rc__header *header; (header = home->grabbed); count++) {
        set(&home->in_hand, header);
        set(&home->grabbed, rc__homed_of(header)->next);
        set(&rc__homed_of(header)->next, home->reversed);
        set(&home->reversed, header);
    }
    return count;
}

/* All of it, behind what was taken before. Returns: how many. */
static size_t take_all(rc_home *home)
{
    if (!grab(home)) return 0;
    struct rc__header **end = &rc__homed_of(home->grabbed)->next;
    size_t count = reverse(home);
    set(home->end, home->reversed);
    home->end = end;
    set(&home->in_hand, NULL);
    set(&home->reversed, NULL);
    return count;
}

/* False: nothing was taken that is not ended. */
static bool end_first(rc_home *home)
{
    struct rc__header *header = home->taken;
    if (!header) return false;
    home->taken = rc__homed_of(header)->next;
    if (!home->taken) home->end = &home->taken;
    __atomic_fetch_sub(&home->waiting, 1, __ATOMIC_RELAXED);
    rc__object_end_here(header);
    rc__end_deferred();
    return true;
}

/* In a finalizer only as many as came since the call that it is in: what that has taken is in good
 * hands, and finalizers that all run the home do not run inside each other; and none where they are
 * nested as deep as they may be. @p all: nevertheless. */
size_t rc__home_end_waiting(rc_home *home, bool all)
{
    size_t ended = 0, came = take_all(home);
    bool inside = home->running++ && !all;
    if (inside && rc__calling.room == 0) came = 0;
    while ((!inside || ended < came) && end_first(home)) ended++;
    home->running--;
    return ended;
}

/* ---- the hooks of rc/object_end.c ------------------------------------------------------------ */

static void wake_up(rc_home *home)
{
    __atomic_fetch_add(&home->callers, 1, __ATOMIC_SEQ_CST);
    void (*wake)(void *context) = __atomic_load_n(&home->wake, __ATOMIC_SEQ_CST);
    if (wake) RC__CALLBACK("wake-up hook", "rc_home", wake(home->context));
    __atomic_fetch_sub(&home->callers, 1, __ATOMIC_RELEASE);
}

static bool is_closed(enum rc__home_state state)
{
    return state == RC__HOME_ANYWHERE || state == RC__HOME_NOWHERE;
}

/* It ends where it is. */
static void give_up_finalizer(struct rc__header *header, enum rc__home_state state)
{
    if (state == RC__HOME_NOWHERE)
        __atomic_fetch_or(&header->flags, RC__FLAG_FINALIZED | RC__FLAG_CLEARED, __ATOMIC_RELAXED);
}

/* By a visitor. */
static bool put_unless_closed(rc_home *home, struct rc__header *header)
{
    enum rc__home_state state = rc__home_state_of(home);
    if (RC_UNLIKELY(is_closed(state))) {
        give_up_finalizer(header, state);
        return false;
    }
    if (put(home, header)) wake_up(home);
    return true;
}

/* What this thread is, in each home whose hook it calls: each in the hook of the one before. */
struct visitor {
    rc_home *home;
    struct visitor *outer;
};

static RC_HOT_THREAD_LOCAL struct visitor *innermost;

bool rc__home_is_in_hook(const rc_home *home)
{
    for (const struct visitor *it = innermost; it; it = it->outer)
        if (!home || it->home == home) return true;
    return false;
}

static void come(struct visitor *own, rc_home *home)
{
    *own = (struct visitor){rc_retain(home), innermost};
    innermost = own;
    __atomic_fetch_add(&home->visitors, 1, __ATOMIC_SEQ_CST);
}

static void go(const struct visitor *own)
{
    __atomic_fetch_sub(&own->home->visitors, 1, __ATOMIC_RELEASE);
    innermost = own->outer;
    rc_release(own->home);
}

/* The last of the object's references may have kept the home, and its end anything else. */
static bool put_as_visitor(rc_home *home, struct rc__header *header)
{
    struct visitor own;
    come(&own, home);
    bool waits = put_unless_closed(home, header);
    go(&own);
    return waits;
}

void rc__home_wake_now(rc_home *home)
{
    struct visitor own;
    come(&own, home);
    wake_up(home);
    go(&own);
}

static bool send_home(struct rc__header *header)
{
    if (RC_UNLIKELY(rc__header_flags(header) & RC__FLAG_FINALIZING)) return false; /* a mistake */
    rc_home *home = rc__homed_of(header)->home;
    enum rc__home_state state = rc__home_state_of(home);
    if (rc__home_is_mine(home) && (!is_closed(state) || home->closing)) return false;
    if (!is_closed(state)) return put_as_visitor(home, header);
    give_up_finalizer(header, state);
    return false;
}

static bool may_end_here(const struct rc__header *header)
{
    const rc_home *home = rc__homed_of(header)->home;
    enum rc__home_state state = rc__home_state_of(home);
    return is_closed(state) ? state == RC__HOME_ANYWHERE : rc__home_is_mine(home);
}

/* Whoever reads of none that are alive sees what their finalizers did. */
static void count_out(rc_home *home)
{
    __atomic_fetch_sub(&home->alive, 1, __ATOMIC_RELEASE);
    rc_release(home);
}

const struct rc__home_hooks rc__home_hooks_here = {
    .send_home = send_home, .may_end_here = may_end_here, .count_out = count_out};

/* ---- fork ------------------------------------------------------------------------------------ */

static bool leads_to(const struct rc__header *from, const struct rc__header *to)
{
    while (from != to && from) from = rc__homed_of(from)->next;
    return from == to;
}

/* Whatever of take_all() was done is done to its end. */
static void finish_taking(rc_home *home)
{
    struct rc__header *header = home->in_hand;
    if (header && header != home->grabbed && header != home->reversed) {
        rc__homed_of(header)->next = home->reversed;
        home->reversed = header;
    }
    if (leads_to(home->first, home->grabbed)) home->grabbed = NULL; /* it waits as before */
    (void)reverse(home);
    if (!leads_to(home->taken, home->reversed)) *home->end = home->reversed;
    home->in_hand = home->reversed = NULL;
}

static void find_end(rc_home *home)
{
    home->end = &home->taken;
    while (*home->end) home->end = &rc__homed_of(*home->end)->next;
}

/* Where they left the lists is found again. */
static void find_waiting(rc_home *home)
{
    find_end(home);
    finish_taking(home);
    find_end(home);
    home->waiting = 0;
    for (struct rc__header *it = home->first; it; it = rc__homed_of(it)->next) home->waiting++;
    for (struct rc__header *it = home->taken; it; it = rc__homed_of(it)->next) home->waiting++;
}

void rc__home_forget_others(rc_home *home)
{
    home->visitors = home->callers = 0;
    find_waiting(home);
    if (rc__home_is_mine(home)) return;
    home->running = 0;
    if (home->closing) home->state = RC__HOME_OPEN;
    home->closing = false;
}

/* The fork may have been called by a hook. */
void rc__home_remember_own(void)
{
    for (struct visitor *it = innermost; it; it = it->outer) {
        it->home->visitors++;
        it->home->callers++;
    }
}
