/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Homes: dead objects that wait for a thread.
 *
 * What waits is a list through the objects themselves. Anybody puts an object in front, by compare and
 * swap, and the home's thread takes the whole list at once: so an address that comes back does no harm.
 * Whoever found the list empty calls the hook.
 *
 * Between putting the object there and calling the hook, the home's thread may have ended the object,
 * closed the home and dropped what the hook needs. So a thread counts in `visitors` before it looks at the
 * home and until it has called the hook, with a reference of its own; and whoever closes the home, or
 * changes the hook, waits until no visitor is left. A visitor that came first has put its object there when
 * the closing thread looks for the last time; one that came later sees that the home is closed.
 */
#include "home.h"

#include <pthread.h>
#include <sched.h>

#include "callback.h"
#include "plain.h"

enum state { OPEN, CLOSED_ANYWHERE, CLOSED_NOWHERE };

struct rc_home {
    uint64_t thread;
    struct rc__header *first; /* that waits; the last that came */
    size_t alive, waiting;
    size_t visitors;
    enum state state;
    void (*wake)(void *context);
    void *context;
    struct rc_home *next, **link; /* in the list of all */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static RC__LEDGER_BLIND rc_home *list;

/* ---- threads --------------------------------------------------------------------------------- */

/* A number that no other thread has, nor had. */
static uint64_t this_thread(void)
{
    static uint64_t last;
    static RC_HOT_THREAD_LOCAL uint64_t number;
    if (RC_UNLIKELY(!number)) number = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
    return number;
}

static bool is_here(const rc_home *home)
{
    return __atomic_load_n(&home->thread, __ATOMIC_RELAXED) == this_thread();
}

static enum state state_of(const rc_home *home)
{
    return __atomic_load_n(&home->state, __ATOMIC_SEQ_CST);
}

/* ---- the list of what waits ------------------------------------------------------------------ */

/* True: nothing waited before. */
static bool put(rc_home *home, struct rc__header *header)
{
    struct rc__header *seen = __atomic_load_n(&home->first, __ATOMIC_RELAXED);
    __atomic_fetch_add(&home->waiting, 1, __ATOMIC_RELAXED);
    do
        rc__homed_of(header)->next = seen;
    while (!__atomic_compare_exchange_n(&home->first, &seen, header, true, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED));
    return !seen; /* the object may be gone */
}

/* All of it, the first that came first. */
static struct rc__header *take_all(rc_home *home)
{
    struct rc__header *last = __atomic_exchange_n(&home->first, NULL, __ATOMIC_ACQUIRE);
    struct rc__header *first = NULL;
    while (last) {
        struct rc__header *before = rc__homed_of(last)->next;
        rc__homed_of(last)->next = first;
        first = last;
        last = before;
    }
    return first;
}

static size_t end_all(rc_home *home)
{
    size_t ended = 0;
    struct rc__header *header = take_all(home);
    while (header) {
        struct rc__header *next = rc__homed_of(header)->next;
        __atomic_fetch_sub(&home->waiting, 1, __ATOMIC_RELAXED);
        rc__object_end_here(header);
        header = next;
        ended++;
    }
    return ended;
}

/* ---- the hooks of rc/object_end.c ------------------------------------------------------------ */

static void call_wake(rc_home *home)
{
    void (*wake)(void *context) = __atomic_load_n(&home->wake, __ATOMIC_SEQ_CST);
    if (wake) RC__CALLBACK("wake-up hook", "rc_home", wake(home->context));
}

static void give_up_finalizer(struct rc__header *header)
{
    __atomic_fetch_or(&header->flags, RC__FLAG_FINALIZED | RC__FLAG_CLEARED, __ATOMIC_RELAXED);
}

/* By a visitor. */
static bool let_wait(rc_home *home, struct rc__header *header)
{
    enum state state = state_of(home);
    if (RC_UNLIKELY(state != OPEN)) {
        if (state == CLOSED_NOWHERE) give_up_finalizer(header);
        return false;
    }
    if (put(home, header)) call_wake(home);
    return true;
}

static bool take(struct rc__header *header)
{
    rc_home *home = rc__homed_of(header)->home;
    if (is_here(home) && state_of(home) == OPEN) return false;
    rc_retain(home);
    __atomic_fetch_add(&home->visitors, 1, __ATOMIC_SEQ_CST);
    bool waits = let_wait(home, header);
    __atomic_fetch_sub(&home->visitors, 1, __ATOMIC_RELEASE);
    rc_release(home);
    return waits;
}

static bool object_is_here(const struct rc__header *header)
{
    const rc_home *home = rc__homed_of(header)->home;
    enum state state = state_of(home);
    return state == OPEN ? is_here(home) : state == CLOSED_ANYWHERE;
}

static void leave(rc_home *home)
{
    __atomic_fetch_sub(&home->alive, 1, __ATOMIC_RELAXED);
    rc_release(home);
}

/* ---- set-up, and fork ------------------------------------------------------------------------ */

static void before_fork(void)
{
    pthread_mutex_lock(&list_lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&list_lock);
}

/* Other threads' visits do not end here. */
static void after_fork_in_child(void)
{
    for (rc_home *home = list; home; home = home->next) home->visitors = 0;
    after_fork();
}

static void set_up(void)
{
    static const struct rc__home_hooks hooks = {
        .take = take, .is_here = object_is_here, .leave = leave};
    rc__tally_prepare(); /* whose lock is the last that a fork takes */
    pthread_atfork(before_fork, after_fork, after_fork_in_child);
    __atomic_store_n(&rc__home_hooks, &hooks, __ATOMIC_RELEASE);
}

/* Before main(), for the same reason as in rc/weak.c. */
static __attribute__((constructor(103))) void set_up_early(void)
{
    pthread_once(&once, set_up);
}

static void enlist(rc_home *home)
{
    pthread_mutex_lock(&list_lock);
    home->next = list;
    home->link = &list;
    if (list) list->link = &home->next;
    list = home;
    pthread_mutex_unlock(&list_lock);
}

static void home_finalize(void *self)
{
    rc_home *home = self;
    pthread_mutex_lock(&list_lock);
    *home->link = home->next;
    if (home->next) home->next->link = home->link;
    pthread_mutex_unlock(&list_lock);
}

static size_t no_extra(const void *self)
{
    (void)self;
    return 0;
}

static const struct rc__sized_type home_type = {
    .base = {.name = "rc_home",
             .size = sizeof(rc_home),
             .finalize = home_finalize,
             .flags = RC__TYPE_SIZED},
    .extra = no_extra,
    .end_plain = rc__object_end_self,
};

/* ---- create ---------------------------------------------------------------------------------- */

rc_home *rc_home_new(void)
{
    pthread_once(&once, set_up);
    rc_home *home = rc__object_new_sized(NULL, &home_type, 0, RC__CELL_OTHER);
    if (!home) return NULL;
    *home = (rc_home){.thread = this_thread()};
    enlist(home);
    return home;
}

/* Inline, so that the compiler knows what is not NULL from there on. */
static inline __attribute__((always_inline)) bool is_open(const rc_home *home, const char *call)
{
    if (home && state_of(home) == OPEN) return true;
    rc_error_set(RC_INVALID, "%s: the home is %s", call, home ? "closed" : "NULL");
    return false;
}

static inline __attribute__((always_inline)) bool is_ours(const rc_home *home, const char *call)
{
    if (home && is_here(home)) return true;
    rc_error_set(RC_INVALID, "%s: the home is %s", call, home ? "another thread's" : "NULL");
    return false;
}

void *rc_home_object_new(rc_home *home, const rc_type *type, size_t extra_bytes)
{
    if (!is_open(home, "rc_home_object_new")) return NULL;
    void *object = rc__object_make_homed(NULL, type, extra_bytes, home);
    if (!object) return NULL;
    rc_retain(home);
    __atomic_fetch_add(&home->alive, 1, __ATOMIC_RELAXED);
    return object;
}

void *rc_home_object_new_checked(rc_home *home, const rc_type *type, size_t size_of_t)
{
    if (type && size_of_t > type->size) return rc_object_new_checked_slow(type, size_of_t);
    return rc_home_object_new(home, type, 0);
}

/* ---- run, bind, close ------------------------------------------------------------------------ */

static void await_visitors(const rc_home *home)
{
    while (__atomic_load_n(&home->visitors, __ATOMIC_SEQ_CST)) sched_yield();
}

size_t rc_home_run(rc_home *home)
{
    if (!is_ours(home, "rc_home_run")) return 0;
    rc_retain(home); /* the last object may hold the last reference */
    size_t ended = end_all(home);
    rc_release(home);
    return ended;
}

enum rc_status rc_home_set_wake(rc_home *home, void (*wake)(void *context), void *context)
{
    if (!is_ours(home, "rc_home_set_wake") || !is_open(home, "rc_home_set_wake")) return RC_INVALID;
    __atomic_store_n(&home->wake, NULL, __ATOMIC_SEQ_CST);
    await_visitors(home);
    home->context = context;
    __atomic_store_n(&home->wake, wake, __ATOMIC_SEQ_CST);
    if (wake && __atomic_load_n(&home->first, __ATOMIC_SEQ_CST)) call_wake(home);
    return RC_OK;
}

enum rc_status rc_home_bind(rc_home *home)
{
    if (!is_open(home, "rc_home_bind")) return RC_INVALID;
    __atomic_store_n(&home->thread, this_thread(), __ATOMIC_RELAXED);
    return RC_OK;
}

size_t rc_home_close(rc_home *home, enum rc_home_rest rest)
{
    if (!is_ours(home, "rc_home_close")) return SIZE_MAX;
    rc_retain(home);
    if (state_of(home) == OPEN) {
        enum state state = rest == RC_HOME_NOWHERE ? CLOSED_NOWHERE : CLOSED_ANYWHERE;
        while (end_all(home)) continue; /* while its finalizers may still let others wait */
        __atomic_store_n(&home->state, state, __ATOMIC_SEQ_CST);
        await_visitors(home);
        end_all(home);
        __atomic_store_n(&home->wake, NULL, __ATOMIC_RELAXED);
    }
    size_t left = rc_home_alive(home);
    rc_release(home);
    return left;
}

/* ---- ask ------------------------------------------------------------------------------------- */

size_t rc_home_alive(const rc_home *home)
{
    return home ? __atomic_load_n(&home->alive, __ATOMIC_RELAXED) : 0;
}

size_t rc_home_waiting(const rc_home *home)
{
    return home ? __atomic_load_n(&home->waiting, __ATOMIC_RELAXED) : 0;
}
