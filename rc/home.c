/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Homes: their creation and end, and the calls of their threads. What waits is in home_queue.c. */
#include "home.h"

#include <pthread.h>

#include "account_more.h"
#include "await.h"
#include "home_queue.h"
#include "object_end.h"
#include "plain.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static RC__LEDGER_BLIND rc_home *list;

/* ---- set-up, and fork ------------------------------------------------------------------------ */

static void before_fork(void)
{
    pthread_mutex_lock(&list_lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&list_lock);
}

static void after_fork_in_child(void)
{
    for (rc_home *home = list; home; home = home->next) rc__home_forget_others(home);
    rc__home_remember_own();
    after_fork();
}

/* For accounts that are written. */
static void tell(struct rc__account_more *more)
{
    pthread_mutex_lock(&list_lock);
    for (const rc_home *home = list; home; home = home->next) {
        more->homes++;
        more->home_objects += rc_home_alive(home);
        more->home_waiting_objects += rc_home_waiting(home);
    }
    pthread_mutex_unlock(&list_lock);
}

static void set_up(void)
{
    static struct rc__account_source source = {.tell = tell};
    rc__account_add_source(&source);
    rc__tally_prepare(); /* whose lock is the last that a fork takes */
    pthread_atfork(before_fork, after_fork, after_fork_in_child);
    __atomic_store_n(&rc__home_hooks, &rc__home_hooks_here, __ATOMIC_RELEASE);
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
    .only_word = offsetof(rc_home, context),
};

/* ---- create ---------------------------------------------------------------------------------- */

rc_home *rc_home_new(void)
{
    pthread_once(&once, set_up);
    rc_home *home = rc__object_new_sized(NULL, &home_type, 0, RC__CELL_OTHER);
    if (!home) return NULL;
    *home = (rc_home){.thread = rc__home_thread(), .end = &home->taken};
    enlist(home);
    return home;
}

/* Inline, so that the compiler knows what is not NULL from there on. */
static inline __attribute__((always_inline)) bool is_open(const rc_home *home, const char *call)
{
    if (home && rc__home_state_of(home) == RC__HOME_OPEN) return true;
    rc_error_set(RC_INVALID, "%s: the home is %s", call, home ? "closed" : "NULL");
    return false;
}

static RC_COLD const char *whose_else(const rc_home *home)
{
    return __atomic_load_n(&home->thread, __ATOMIC_RELAXED)
               ? "another thread's"
               : "no thread's: rc_home_bind() makes it the caller's";
}

static inline __attribute__((always_inline)) bool is_ours(const rc_home *home, const char *call)
{
    if (home && rc__home_is_mine(home)) return true;
    rc_error_set(RC_INVALID, "%s: the home is %s", call, home ? whose_else(home) : "NULL");
    return false;
}

/* @p which: whose hook, as rc__home_is_in_hook(). */
static bool is_out_of_hooks(const rc_home *which, const char *call)
{
    if (RC_LIKELY(!rc__home_is_in_hook(which))) return true;
    rc_error_set(RC_BUSY,
                 "%s: a wake-up hook is under way on this thread, and this may not be in one",
                 call);
    return false;
}

/* Counted before the look at the state: what a closing home did not count is refused. */
void *rc_home_object_new(rc_home *home, const rc_type *type, size_t extra_bytes)
{
    void *object = NULL;
    if (home) __atomic_fetch_add(&home->alive, 1, __ATOMIC_SEQ_CST);
    if (is_open(home, "rc_home_object_new"))
        object = rc__object_make_homed(NULL, type, extra_bytes, home);
    if (object)
        rc_retain(home);
    else if (home)
        __atomic_fetch_sub(&home->alive, 1, __ATOMIC_RELEASE);
    return object;
}

void *rc_home_object_new_checked(rc_home *home, const rc_type *type, size_t size_of_t)
{
    if (type && size_of_t > type->size) return rc_object_new_checked_slow(type, size_of_t);
    return rc_home_object_new(home, type, 0);
}

/* ---- run, bind, close ------------------------------------------------------------------------ */

size_t rc_home_run(rc_home *home)
{
    if (!is_ours(home, "rc_home_run")) return 0;
    rc_retain(home); /* the last object may hold the last reference */
    size_t ended = rc__home_end_waiting(home, false);
    rc_release(home);
    return ended;
}

enum rc_status rc_home_set_wake(rc_home *home, void (*wake)(void *context), void *context)
{
    if (!is_ours(home, "rc_home_set_wake") || !is_open(home, "rc_home_set_wake")) return RC_INVALID;
    if (!is_out_of_hooks(NULL, "rc_home_set_wake")) return RC_BUSY;
    __atomic_store_n(&home->wake, NULL, __ATOMIC_SEQ_CST);
    rc__await_none(&home->callers);
    home->context = context;
    __atomic_store_n(&home->wake, wake, __ATOMIC_SEQ_CST);
    bool waits = __atomic_load_n(&home->first, __ATOMIC_SEQ_CST) || (home->taken && !home->running);
    if (waits) rc__home_wake_now(home);
    return RC_OK;
}

enum rc_status rc_home_bind(rc_home *home)
{
    if (!is_open(home, "rc_home_bind")) return RC_INVALID;
    if (!is_out_of_hooks(home, "rc_home_bind")) return RC_BUSY;
    __atomic_store_n(&home->thread, rc__home_thread(), __ATOMIC_RELAXED);
    return RC_OK;
}

enum rc_status rc_home_unbind(rc_home *home)
{
    if (!is_ours(home, "rc_home_unbind") || !is_open(home, "rc_home_unbind")) return RC_INVALID;
    if (home->running)
        return rc_error_set(RC_BUSY,
                            "rc_home_unbind: the home's objects are being ended around this call, "
                            "and %zu more wait",
                            rc_home_waiting(home));
    __atomic_store_n(&home->thread, 0, __ATOMIC_RELAXED);
    return RC_OK;
}

static void set_state(rc_home *home, enum rc__home_state state)
{
    __atomic_store_n(&home->state, state, __ATOMIC_SEQ_CST);
}

/* First as long as finalizers still let others wait, of which there are no new ones. */
static void close_as(rc_home *home, enum rc__home_state state)
{
    home->closing = true;
    set_state(home, RC__HOME_CLOSING);
    rc__end_deferred(); /* this thread's releases, objects of the home among them */
    while (rc__home_end_waiting(home, true)) continue;
    set_state(home, state);
    rc__await_none(&home->visitors);
    (void)rc__home_end_waiting(home, true);
    home->closing = false;
    __atomic_store_n(&home->wake, NULL, __ATOMIC_RELAXED);
}

size_t rc_home_close(rc_home *home, enum rc_home_rest rest)
{
    if (!is_ours(home, "rc_home_close")) return SIZE_MAX;
    if ((unsigned)rest > RC_HOME_NOWHERE) {
        rc_error_set(RC_INVALID, "rc_home_close: %d says nothing about what is left", (int)rest);
        return SIZE_MAX;
    }
    bool is_first = rc__home_state_of(home) == RC__HOME_OPEN;
    if (is_first && !is_out_of_hooks(NULL, "rc_home_close")) return SIZE_MAX;
    rc_retain(home);
    if (is_first) close_as(home, rest == RC_HOME_NOWHERE ? RC__HOME_NOWHERE : RC__HOME_ANYWHERE);
    size_t left = rc_home_alive(home);
    rc_release(home);
    return left;
}

/* ---- ask ------------------------------------------------------------------------------------- */

size_t rc_home_alive(const rc_home *home)
{
    return home ? __atomic_load_n(&home->alive, __ATOMIC_SEQ_CST) : 0;
}

size_t rc_home_waiting(const rc_home *home)
{
    return home ? __atomic_load_n(&home->waiting, __ATOMIC_RELAXED) : 0;
}
