/* SPDX-License-Identifier: MIT */
/* Homes of threads that have ended, and of the child of a fork. */
#include "tests/rc/home_support.h"

#include <unistd.h>

#include "rc/weak.h"

static rc_home *home;

/* ---- threads that end ------------------------------------------------------------------------ */

static struct thing *made[3];
static rc_weak *weak;

static void *make_three(void *unused)
{
    home = home_new();
    for (int i = 0; i < 3; i++) made[i] = thing_new(home, i + 1);
    weak = rc_weak_new(made[0]);
    return unused;
}

static void by_another_thread(void *(*body)(void *))
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, body, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

static void release_three(void)
{
    for (int i = 0; i < 3; i++) rc_release(made[i]);
}

START_TEST(a_home_whose_thread_has_ended_is_bound_anew)
{
    by_another_thread(make_three);
    release_three();
    ck_assert_uint_eq(rc_home_waiting(home), 3);
    ck_assert_int_eq(finalized, 0);
    ck_assert_ptr_null(rc_weak_lock(weak));
    ck_assert_uint_eq(rc_home_run(home), 0);
    ck_assert_int_eq(rc_home_bind(home), RC_OK);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_ANYWHERE), 0);
    ck_assert_int_eq(finalized, 3);
    rc_release(weak);
    rc_release(home);
}
END_TEST

/* ---- forks ----------------------------------------------------------------------------------- */

static void run_in_child(void *unused)
{
    (void)unused;
    if (rc_home_run(home) != 1 || finalized != 1) _exit(1);
    if (rc_home_close(home, RC_HOME_ANYWHERE) != 0) _exit(2);
    _exit(0);
}

START_TEST(a_child_has_what_waited)
{
    home = home_new();
    struct thing *things[] = {thing_new(home, 1), NULL};
    release_elsewhere(things);
    struct child_result result = child_run(run_in_child, NULL);
    ck_assert_int_eq(result.status, 0);
    ck_assert_uint_eq(rc_home_run(home), 1);
    rc_release(home);
}
END_TEST

/* Alone in its process it counts without atomic operations. */
static void wait_in_child(void *unused)
{
    (void)unused;
    rc_home_set_wake(home, NULL, NULL);
    release_three();
    if (finalized || rc_home_waiting(home) != 3) _exit(1);
    if (rc_weak_lock(weak)) _exit(2);
    if (rc_home_bind(home) != RC_OK || rc_home_run(home) != 3 || finalized != 3) _exit(3);
    _exit(0);
}

START_TEST(in_a_child_of_another_thread_objects_wait)
{
    by_another_thread(make_three);
    ck_assert_int_eq(child_run(wait_in_child, NULL).status, 0);
    ck_assert_int_eq(rc_home_bind(home), RC_OK);
    release_three();
    rc_release(weak);
    rc_release(home);
}
END_TEST

static pid_t child;

static void fork_inside(void *unused)
{
    (void)unused;
    child = fork();
}

/* In the child the hook that forked comes to its end as well. */
static void *release_and_fork(void *thing)
{
    rc_release(thing);
    if (child) return NULL;
    if (rc_home_bind(home) != RC_OK || rc_home_set_wake(home, NULL, NULL) != RC_OK) _exit(1);
    if (rc_home_waiting(home) != 1 || rc_home_close(home, RC_HOME_ANYWHERE) != 0) _exit(2);
    _exit(finalized == 1 ? 0 : 3);
}

START_TEST(a_hook_may_fork)
{
    int status = -1;
    home = home_new();
    rc_home_set_wake(home, fork_inside, NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, release_and_fork, thing_new(home, 1));
    pthread_join(thread, NULL);
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_ANYWHERE), 0);
    ck_assert_int_eq(finalized, 1);
    rc_release(home);
}
END_TEST

static pthread_barrier_t barrier;

static void wait_for_a_fork(void *self)
{
    (void)self;
    finalized++;
    if (finalized > 1) return;
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
}

static void *run_and_end(void *unused)
{
    (void)unused;
    return rc_home_bind(home) == RC_OK && rc_home_close(home, RC_HOME_NOWHERE) == 0 ? NULL : "left";
}

static void go_on_in_child(void *unused)
{
    (void)unused;
    if (rc_home_waiting(home) != 2 || rc_home_bind(home) != RC_OK) _exit(1);
    if (rc_home_run(home) != 2 || finalized != 3) _exit(2);
    if (rc_home_close(home, RC_HOME_NOWHERE) != 1) _exit(3); /* the one that was being finalized */
    _exit(0);
}

START_TEST(a_child_goes_on_with_what_another_thread_had_taken)
{
    static const rc_type slow_type = {
        .name = "slow", .size = sizeof(struct thing), .finalize = wait_for_a_fork};
    void *answer;
    home = home_new();
    struct thing *things[4] = {NULL};
    for (int i = 0; i < 3; i++) things[i] = RC_HOME_NEW(home, struct thing, &slow_type);
    release_elsewhere(things);
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_t thread;
    pthread_create(&thread, NULL, run_and_end, NULL);
    pthread_barrier_wait(&barrier);
    struct child_result result = child_run(go_on_in_child, NULL);
    pthread_barrier_wait(&barrier);
    pthread_join(thread, &answer);
    pthread_barrier_destroy(&barrier);
    ck_assert_int_eq(result.status, 0);
    ck_assert_ptr_null(answer);
    ck_assert_int_eq(finalized, 3);
    rc_release(home);
}
END_TEST

HARNESS_MAIN("rc/home_fork", a_home_whose_thread_has_ended_is_bound_anew,
             in_a_child_of_another_thread_objects_wait, a_hook_may_fork,
             a_child_goes_on_with_what_another_thread_had_taken, a_child_has_what_waited)
