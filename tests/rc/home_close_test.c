/* SPDX-License-Identifier: MIT */
/* Binding and closing homes, mistakes, and several threads at once. */
#include "tests/rc/home_support.h"

#include <sched.h>
#include <semaphore.h>

#include "rc/weak.h"

static int hook_calls;

static void hook(void *context)
{
    (void)context;
    __atomic_fetch_add(&hook_calls, 1, __ATOMIC_RELAXED);
}

/* ---- binding and closing --------------------------------------------------------------------- */

static void *bind_and_run(void *home)
{
    if (rc_home_run(home) != 0 || rc_error_status() != RC_INVALID) return "ran";
    if (rc_home_bind(home) != RC_OK) return "did not bind";
    return rc_home_run(home) == 1 ? NULL : "did not run";
}

START_TEST(a_home_can_be_bound_to_another_thread)
{
    rc_home *home = home_new();
    struct thing *things[] = {thing_new(home, 1), NULL};
    release_elsewhere(things);
    pthread_t thread;
    void *answer;
    pthread_create(&thread, NULL, bind_and_run, home);
    pthread_join(thread, &answer);
    ck_assert_ptr_null(answer);
    ck_assert(pthread_equal(finalized_by, thread));
    rc_release(thing_new(home, 2)); /* elsewhere, by now */
    ck_assert_uint_eq(rc_home_waiting(home), 1);
    ck_assert_uint_eq(rc_home_run(home), 0);
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "another thread's"));
    ck_assert_int_eq(rc_home_bind(home), RC_OK);
    ck_assert_uint_eq(rc_home_run(home), 1);
    rc_release(home);
}
END_TEST

START_TEST(a_home_that_closes_says_what_is_left)
{
    rc_home *home = home_new();
    struct thing *things[] = {thing_new(home, 1), NULL}, *left = thing_new(home, 2);
    struct thing *late[] = {thing_new(home, 3), NULL};
    release_elsewhere(things);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_ANYWHERE), 2);
    ck_assert_int_eq(finalized, 1);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_NOWHERE), 2); /* changes nothing */
    release_elsewhere(late);
    ck_assert_int_eq(finalized, 2);
    ck_assert(!pthread_equal(finalized_by, pthread_self()));
    rc_release(left);
    ck_assert_int_eq(finalized, 3);
    ck_assert_uint_eq(rc_home_alive(home), 0);
    rc_release(home);
}
END_TEST

START_TEST(objects_that_outlive_a_home_may_lose_their_finalizer)
{
    rc_home *home = home_new();
    struct thing *here = thing_new(home, 1), *there[] = {thing_new(home, 2), NULL};
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_NOWHERE), 2);
    rc_release(here);
    release_elsewhere(there);
    ck_assert_int_eq(finalized, 0);
    ck_assert_uint_eq(rc_account_read_type(&thing_type).live_objects, 0);
    rc_release(home);
}
END_TEST

static void let_another_wait(void *self)
{
    finalized++;
    struct thing *things[] = {((struct thing *)self)->next, NULL};
    if (things[0]) release_elsewhere(things);
}

START_TEST(closing_finalizes_what_comes_meanwhile)
{
    static const rc_type trailing_type = {
        .name = "trailing", .size = sizeof(struct thing), .finalize = let_another_wait};
    rc_home *home = home_new();
    struct thing *things[] = {RC_HOME_NEW(home, struct thing, &trailing_type), NULL};
    things[0]->next = RC_HOME_NEW(home, struct thing, &trailing_type);
    things[0]->next->next = thing_new(home, 1);
    release_elsewhere(things);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_ANYWHERE), 0);
    ck_assert_int_eq(finalized, 3);
    rc_release(home);
}
END_TEST

START_TEST(mistakes_are_told)
{
    static const rc_type small_type = {.name = "small", .size = 1};
    static const rc_type odd_type = {
        .name = "odd", .size = sizeof(struct thing), .flags = 0x80000000u};
    rc_home *home = home_new();
    ck_assert_uint_eq(rc_home_run(NULL), 0);
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_ptr_null(RC_HOME_NEW(NULL, struct thing, &thing_type));
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "the home is NULL"));
    ck_assert_ptr_null(RC_HOME_NEW(home, struct thing, &small_type));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_ptr_null(RC_HOME_NEW(home, struct thing, NULL));
    ck_assert_int_eq(rc_home_bind(NULL), RC_INVALID);
    ck_assert_int_eq(rc_home_unbind(NULL), RC_INVALID);
    ck_assert_int_eq(rc_home_set_wake(NULL, hook, NULL), RC_INVALID);
    ck_assert(rc_home_close(NULL, RC_HOME_ANYWHERE) == SIZE_MAX);
    ck_assert(rc_home_close(home, (enum rc_home_rest)7) == SIZE_MAX);
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "7 says nothing"));
    ck_assert_ptr_null(RC_HOME_NEW(home, struct thing, &odd_type));
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "0x80000000"));
    ck_assert_uint_eq(rc_home_alive(NULL) + rc_home_waiting(NULL), 0);
    ck_assert_uint_eq(rc_home_alive(home), 0);
    ck_assert_uint_eq(rc_count(home), 1);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_ANYWHERE), 0);
    ck_assert_ptr_null(RC_HOME_NEW(home, struct thing, &thing_type));
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "the home is closed"));
    ck_assert_int_eq(rc_home_bind(home), RC_INVALID);
    ck_assert_int_eq(rc_home_unbind(home), RC_INVALID);
    ck_assert_int_eq(rc_home_set_wake(home, hook, NULL), RC_INVALID);
    ck_assert_uint_eq(rc_home_run(home), 0);
    rc_release(home);
}
END_TEST

/* ---- many threads ---------------------------------------------------------------------------- */

enum { THREADS = 4, ROUNDS = 2000 };

static rc_home *shared;
static int stop_running;

static void *make_and_release(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        struct thing *thing = RC_HOME_NEW(shared, struct thing, &thing_type);
        if (!thing) return "no memory";
        rc_release(rc_retain(thing));
        rc_release(thing);
    }
    __atomic_fetch_add(&stop_running, 1, __ATOMIC_RELEASE);
    return NULL;
}

START_TEST(many_threads_release_while_home_runs)
{
    shared = home_new();
    ck_assert_int_eq(rc_home_set_wake(shared, NULL, NULL), RC_OK);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, make_and_release, NULL), 0);
    size_t ran = 0;
    while (__atomic_load_n(&stop_running, __ATOMIC_ACQUIRE) < THREADS) ran += rc_home_run(shared);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    ran += rc_home_run(shared);
    ck_assert_uint_eq(ran, THREADS * ROUNDS);
    ck_assert_int_eq(finalized, THREADS * ROUNDS);
    ck_assert_uint_eq(rc_home_close(shared, RC_HOME_ANYWHERE), 0);
    rc_release(shared);
}
END_TEST

static void *make_and_release_closing(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) rc_release(RC_HOME_NEW(shared, struct thing, &thing_type));
    return NULL;
}

static int finalized_anywhere;

static void finalize_anywhere(void *self)
{
    (void)self;
    __atomic_fetch_add(&finalized_anywhere, 1, __ATOMIC_RELAXED);
}

static void *release_given(void *argument)
{
    struct thing **things = argument;
    for (int i = 0; i < ROUNDS; i++) rc_release(things[i]);
    return NULL;
}

START_TEST(closing_beside_releases_loses_nothing)
{
    static const rc_type anywhere_type = {
        .name = "anywhere", .size = sizeof(struct thing), .finalize = finalize_anywhere};
    static struct thing *things[THREADS][ROUNDS];
    shared = home_new();
    rc_home_set_wake(shared, hook, NULL);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        for (int j = 0; j < ROUNDS; j++) {
            things[i][j] = RC_HOME_NEW(shared, struct thing, &anywhere_type);
            ck_assert_ptr_nonnull(things[i][j]);
        }
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, release_given, things[i]), 0);
    size_t left = rc_home_close(shared, RC_HOME_ANYWHERE);
    ck_assert_uint_le(left, THREADS * ROUNDS);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    ck_assert_int_eq(finalized_anywhere, THREADS * ROUNDS);
    ck_assert_uint_eq(rc_home_alive(shared) + rc_home_waiting(shared), 0);
    make_and_release_closing(NULL); /* refused, all of them */
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    rc_release(shared);
}
END_TEST

/* ---- a home that goes with a lock ------------------------------------------------------------ */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* that finalizers need */
static size_t ran_with_lock;

/* While the process has one thread it counts without atomic operations, and a last release may not
 * even change the count. */
START_TEST(what_waits_in_an_unbound_home_is_gone)
{
    rc_home *home = home_new();
    struct thing *thing = thing_new(home, 1);
    rc_weak *weak = rc_weak_new(thing), *unlocked = rc_weak_new(thing);
    ck_assert_int_eq(rc_home_unbind(home), RC_OK);
    rc_release(rc_weak_lock(weak));
    rc_release(thing);
    ck_assert_uint_eq(rc_home_waiting(home), 1);
    ck_assert_ptr_null(rc_weak_lock(weak));
    ck_assert_ptr_null(rc_weak_lock(unlocked));
    ck_assert_int_eq(rc_home_bind(home), RC_OK);
    ck_assert_uint_eq(rc_home_run(home), 1);
    ck_assert_int_eq(finalized, 1);
    rc_release(weak);
    rc_release(unlocked);
    rc_release(home);
}
END_TEST

static void release_twice_unbound(void *unused)
{
    (void)unused;
    rc_home *home = home_new();
    struct thing *thing = thing_new(home, 1);
    rc_home_unbind(home);
    rc_release(thing);
    rc_release(thing);
}

START_TEST(a_second_release_of_what_waits_in_an_unbound_home_is_told)
{
    CHILD_ASSERT_STOPS(release_twice_unbound, NULL, "released more often than retained");
}
END_TEST

static void *release_with_and_without_lock(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        struct thing *first = RC_HOME_NEW(shared, struct thing, &thing_type);
        struct thing *second = RC_HOME_NEW(shared, struct thing, &thing_type);
        if (!first || !second) return "no memory";
        rc_release(first); /* waits */
        pthread_mutex_lock(&mutex);
        bool bound = rc_home_bind(shared) == RC_OK;
        rc_release(second); /* ends */
        ran_with_lock += rc_home_run(shared);
        bool unbound = rc_home_unbind(shared) == RC_OK;
        pthread_mutex_unlock(&mutex);
        if (!bound || !unbound) return "not bound";
    }
    return NULL;
}

START_TEST(a_home_goes_with_a_lock)
{
    shared = home_new();
    ran_with_lock = 0;
    ck_assert_int_eq(rc_home_unbind(shared), RC_OK);
    rc_release(thing_new(shared, 1));
    ck_assert_uint_eq(rc_home_waiting(shared), 1);
    ck_assert_uint_eq(rc_home_run(shared), 0);
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "no thread's: rc_home_bind()"));
    ck_assert_int_eq(rc_home_unbind(shared), RC_INVALID);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, release_with_and_without_lock, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        void *answer;
        pthread_join(threads[i], &answer);
        ck_assert_ptr_null(answer);
    }
    ck_assert_int_eq(rc_home_bind(shared), RC_OK);
    ran_with_lock += rc_home_run(shared);
    ck_assert_uint_eq(ran_with_lock, THREADS * ROUNDS + 1);
    ck_assert_int_eq(finalized, 2 * THREADS * ROUNDS + 1);
    ck_assert_uint_eq(rc_home_close(shared, RC_HOME_ANYWHERE), 0);
    rc_release(shared);
}
END_TEST

/* ---- cancellation ---------------------------------------------------------------------------- */

static sem_t in_hook, out_of_hook;
static bool has_closed;

static void stay_in_hook(void *unused)
{
    (void)unused;
    sem_post(&in_hook);
    while (sem_wait(&out_of_hook) != 0) continue;
}

/* A request to cancel it is pending while it waits for the hook. */
static void *close_cancelled(void *home)
{
    if (rc_home_bind(home) != RC_OK) return "not bound";
    pthread_cancel(pthread_self());
    (void)rc_home_close(home, RC_HOME_ANYWHERE);
    has_closed = true;
    pthread_testcancel();
    return "not cancelled";
}

/* When the closing thread has given the processor away as often as it does before it sleeps. */
static void *end_hook_later(void *unused)
{
    (void)unused;
    for (int i = 0; i < 5000; i++) sched_yield();
    sem_post(&out_of_hook);
    return NULL;
}

START_TEST(a_home_is_closed_to_the_end_in_a_cancelled_thread)
{
    pthread_t releasing, closing, later;
    void *answer;
    sem_init(&in_hook, 0, 0);
    sem_init(&out_of_hook, 0, 0);
    rc_home *home = home_new();
    ck_assert_int_eq(rc_home_set_wake(home, stay_in_hook, NULL), RC_OK);
    struct thing *things[] = {thing_new(home, 1), NULL};
    ck_assert_int_eq(rc_home_unbind(home), RC_OK);
    pthread_create(&releasing, NULL, release_all, things);
    while (sem_wait(&in_hook) != 0) continue;
    pthread_create(&later, NULL, end_hook_later, NULL);
    pthread_create(&closing, NULL, close_cancelled, home);
    pthread_join(closing, &answer);
    pthread_join(later, NULL);
    pthread_join(releasing, NULL);
    ck_assert(has_closed);
    ck_assert_ptr_eq(answer, PTHREAD_CANCELED);
    ck_assert_uint_eq(rc_home_alive(home), 0);
    rc_release(home);
}
END_TEST

HARNESS_MAIN("rc/home_close", a_home_can_be_bound_to_another_thread,
             a_home_that_closes_says_what_is_left,
             objects_that_outlive_a_home_may_lose_their_finalizer,
             closing_finalizes_what_comes_meanwhile, mistakes_are_told,
             many_threads_release_while_home_runs, closing_beside_releases_loses_nothing,
             what_waits_in_an_unbound_home_is_gone,
             a_second_release_of_what_waits_in_an_unbound_home_is_told, a_home_goes_with_a_lock,
             a_home_is_closed_to_the_end_in_a_cancelled_thread)
