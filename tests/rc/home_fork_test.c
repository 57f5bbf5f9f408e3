/* SPDX-License-Identifier: MIT */
/* Homes of threads that have ended, and of the child of a fork. */
#include "tests/rc/home_support.h"

#include <sched.h>
#include <unistd.h>

#include "rc/home_queue.h"
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

static int woken;

static void count_woken(void *unused)
{
    (void)unused;
    woken++;
}

static void go_on_in_child(void *unused)
{
    (void)unused;
    if (rc_home_waiting(home) != 2 || rc_home_bind(home) != RC_OK) _exit(1);
    if (rc_home_set_wake(home, count_woken, NULL) != RC_OK || woken != 1) _exit(4);
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

/* ---- forks between two writes ---------------------------------------------------------------- */

/* What the home's thread writes when it takes three that wait, as rc/home_queue.c says: after each a
 * child may be made. Returns: false when there is no more. */
static bool take_a_step(int step)
{
    struct rc__header *header;
    switch (step) {
    case 0:
        home->grabbed = home->first;
        return true;
    case 1:
        home->first = NULL;
        return true;
    case 14:
        *home->end = home->reversed;
        return true;
    case 15:
        home->in_hand = NULL;
        return true;
    case 16:
        home->reversed = NULL;
        return true;
    case 17:
        return false;
    }
    header = home->in_hand;
    switch ((step - 2) % 4) {
    case 0:
        home->in_hand = home->grabbed;
        return true;
    case 1:
        home->grabbed = rc__homed_of(header)->next;
        return true;
    case 2:
        rc__homed_of(header)->next = home->reversed;
        return true;
    default:
        home->reversed = header;
        return true;
    }
}

static int ids[8];

static void note_id(void *self)
{
    ids[finalized++] = ((struct thing *)self)->id;
}

static const rc_type noting_type = {
    .name = "noting", .size = sizeof(struct thing), .finalize = note_id};

static struct thing *noting_new(int id)
{
    struct thing *thing = RC_HOME_NEW(home, struct thing, &noting_type);
    ck_assert_ptr_nonnull(thing);
    thing->id = id;
    return thing;
}

static int late_at; /* the step after which one more comes */

/* The home's own thread has ended; one that it had taken before is there. */
static void *leave_half_taken(void *steps)
{
    home = home_new();
    struct thing *things[4] = {noting_new(1), NULL}, *late[] = {noting_new(5), NULL};
    release_elsewhere(things);
    home->taken = home->first;
    home->first = NULL;
    home->end = &rc__homed_of(home->taken)->next;
    for (int i = 0; i < 3; i++) things[i] = noting_new(i + 2);
    release_elsewhere(things);
    for (int step = 0; step < *(int *)steps; step++) {
        take_a_step(step);
        if (step == late_at) release_elsewhere(late);
    }
    return late_at < *(int *)steps ? "came" : NULL;
}

static void expect_all_in_order(void *came)
{
    int count = came ? 5 : 4;
    if (rc_home_waiting(home) != (size_t)count || rc_home_bind(home) != RC_OK) _exit(1);
    if (rc_home_run(home) != (size_t)count || finalized != count) _exit(2);
    for (int i = 0; i < count; i++)
        if (ids[i] != i + 1) _exit(3);
    _exit(0);
}

static void leave_and_fork(void *steps)
{
    pthread_t thread;
    void *came;
    if (pthread_create(&thread, NULL, leave_half_taken, steps) != 0) _exit(10);
    pthread_join(thread, &came);
    int status = child_run(expect_all_in_order, came).status;
    _exit(status == 0 ? 0 : 1);
}

START_TEST(a_child_has_all_that_was_being_taken)
{
    enum { STEPS = 17 };
    for (late_at = 1; late_at < STEPS; late_at += 5)
        for (int steps = 0; steps <= STEPS; steps++)
            ck_assert_int_eq(child_run(leave_and_fork, &steps).status, 0);
}
END_TEST

enum { FORKS = 50 };

static int stop;

/* Not more than a child looks through in no time. */
static void *release_until_stopped(void *unused)
{
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
        if (rc_home_waiting(home) < 1000)
            for (int i = 0; i < 50; i++) rc_release(RC_HOME_NEW(home, struct thing, &thing_type));
        else
            sched_yield();
    return unused;
}

static void *run_until_stopped(void *unused)
{
    if (rc_home_bind(home) != RC_OK) return "not bound";
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) (void)rc_home_run(home);
    (void)rc_home_run(home);
    return unused;
}

/* One is being made or released, and one being ended, by threads that are not here. Nothing is freed:
 * AddressSanitizer's locks may be theirs. */
static void count_in_child(void *unused)
{
    (void)unused;
    size_t waiting = rc_home_waiting(home), alive = rc_home_alive(home), found = 0;
    if (waiting > alive || alive - waiting > 2) _exit(1);
    for (struct rc__header *it = home->first; it; it = rc__homed_of(it)->next) found++;
    for (struct rc__header *it = home->taken; it; it = rc__homed_of(it)->next) found++;
    _exit(found == waiting ? 0 : 2);
}

START_TEST(children_of_busy_homes_lose_nothing)
{
    home = home_new();
    stop = 0;
    pthread_t threads[2];
    void *answers[2];
    pthread_create(&threads[0], NULL, run_until_stopped, NULL);
    pthread_create(&threads[1], NULL, release_until_stopped, NULL);
    int lost = 0;
    for (int i = 0; i < FORKS; i++) lost += child_run(count_in_child, NULL).status != 0;
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], &answers[i]);
    ck_assert_int_eq(lost, 0);
    ck_assert_ptr_null(answers[0]);
    ck_assert_int_eq(rc_home_bind(home), RC_OK);
    (void)rc_home_run(home);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_ANYWHERE), 0);
    rc_release(home);
}
END_TEST

HARNESS_MAIN("rc/home_fork", a_home_whose_thread_has_ended_is_bound_anew,
             in_a_child_of_another_thread_objects_wait, a_hook_may_fork,
             a_child_goes_on_with_what_another_thread_had_taken, a_child_has_what_waited,
             a_child_has_all_that_was_being_taken, children_of_busy_homes_lose_nothing)
