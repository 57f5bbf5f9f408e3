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

/* All of it, behind what was taken before. Returns: how many. */
static size_t take_all(rc_home *home)
{
    struct rc__header *last = __atomic_exchange_n(&home->first, NULL, __ATOMIC_ACQUIRE);
    struct rc__header **end = last ? &rc__homed_of(last)->next : home->end, *first = NULL;
    size_t count = 0;
    for (; last; count++) {
        struct rc__header *before = rc__homed_of(last)->next;
        rc__homed_of(last)->next = first;
        first = last;
        last = before;
    }
    *home->end = first;
    home->end = end;
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
    return true;
}

/* In a finalizer only as many as came since the call that it is in: what that has taken is in good
 * hands, and finalizers that all run the home do not run inside each other. @p all: nevertheless.
 * */
size_t rc__home_end_waiting(rc_home *home, bool all)
{
    size_t ended = 0, came = take_all(home);
    bool inside = home->running++ && !all;
    while ((!inside || ended < came) && end_first(home)) ended++;
    home->running--;
    return ended;
}

/* ---- the hooks of rc/object_end.c ------------------------------------------------------------ */

void rc__home_call_wake(rc_home *home)
{
    void (*wake)(void *context) = __atomic_load_n(&home->wake, __ATOMIC_SEQ_CST);
    if (wake) RC__CALLBACK("wake-up hook", "rc_home", wake(home->context));
}

static void wake_up(rc_home *home)
{
    __atomic_fetch_add(&home->callers, 1, __ATOMIC_SEQ_CST);
    rc__home_call_wake(home);
    __atomic_fetch_sub(&home->callers, 1, __ATOMIC_RELEASE);
}

static bool is_closed(enum rc__home_state state)
{
    return state == RC__HOME_ANYWHERE || state == RC__HOME_NOWHERE;
}

/* It ends where it is. */
static void take_leave(struct rc__header *header, enum rc__home_state state)
{
    if (state == RC__HOME_NOWHERE)
        __atomic_fetch_or(&header->flags, RC__FLAG_FINALIZED | RC__FLAG_CLEARED, __ATOMIC_RELAXED);
}

/* By a visitor. */
static bool let_wait(rc_home *home, struct rc__header *header)
{
    enum rc__home_state state = rc__home_state_of(home);
    if (RC_UNLIKELY(is_closed(state))) {
        take_leave(header, state);
        return false;
    }
    if (put(home, header)) wake_up(home);
    return true;
}

/* Under way on this thread, each in the hook of the one before. */
struct visit {
    rc_home *home;
    struct visit *outer;
};

static RC_HOT_THREAD_LOCAL struct visit *visits;

/* The last of the object's references may have kept the home, and its end anything else. */
static bool visit(rc_home *home, struct rc__header *header)
{
    struct visit own = {rc_retain(home), visits};
    visits = &own;
    __atomic_fetch_add(&home->visitors, 1, __ATOMIC_SEQ_CST);
    bool waits = let_wait(home, header);
    __atomic_fetch_sub(&home->visitors, 1, __ATOMIC_RELEASE);
    visits = own.outer;
    rc_release(home);
    return waits;
}

static bool take(struct rc__header *header)
{
    if (RC_UNLIKELY(rc__header_flags(header) & RC__FLAG_FINALIZING)) return false; /* a mistake */
    rc_home *home = rc__homed_of(header)->home;
    enum rc__home_state state = rc__home_state_of(home);
    if (rc__home_is_here(home) && (!is_closed(state) || home->closing)) return false;
    if (!is_closed(state)) return visit(home, header);
    take_leave(header, state);
    return false;
}

static bool object_is_here(const struct rc__header *header)
{
    const rc_home *home = rc__homed_of(header)->home;
    enum rc__home_state state = rc__home_state_of(home);
    return is_closed(state) ? state == RC__HOME_ANYWHERE : rc__home_is_here(home);
}

/* Whoever reads of none that are alive sees what their finalizers did. */
static void leave(rc_home *home)
{
    __atomic_fetch_sub(&home->alive, 1, __ATOMIC_RELEASE);
    rc_release(home);
}

const struct rc__home_hooks rc__home_hooks_here = {
    .take = take, .is_here = object_is_here, .leave = leave};

/* ---- fork ------------------------------------------------------------------------------------ */

/* Where they left the lists is found again. */
static void find_waiting(rc_home *home)
{
    home->waiting = 0;
    for (struct rc__header *it = home->first; it; it = rc__homed_of(it)->next) home->waiting++;
    for (home->end = &home->taken; *home->end; home->end = &rc__homed_of(*home->end)->next)
        home->waiting++;
}

void rc__home_forget_others(rc_home *home)
{
    home->visitors = home->callers = 0;
    find_waiting(home);
    if (rc__home_is_here(home)) return;
    home->running = 0;
    if (home->closing) home->state = RC__HOME_OPEN;
    home->closing = false;
}

/* The fork may have been called by a hook. */
void rc__home_remember_own(void)
{
    for (struct visit *visit = visits; visit; visit = visit->outer) {
        visit->home->visitors++;
        visit->home->callers++;
    }
}
