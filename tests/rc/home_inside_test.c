/* SPDX-License-Identifier: MIT */
/* Homes in the middle of something: finalizers and hooks that use the home that they are called
 * for, references that are released once too often. */
#include "tests/rc/home_support.h"

#include <errno.h>
#include <unistd.h>

#include "rc/weak.h"

/* ---- finalizers that use their home ---------------------------------------------------------- */

static rc_home *home;
static size_t ran_inside, still_bound, left_inside;

static void run_inside(void *self)
{
    char said[64];
    (void)self;
    finalized++;
    ran_inside += rc_home_run(home);
    still_bound += rc_home_unbind(home) == RC_BUSY;
    snprintf(said, sizeof said, "and %zu more wait", rc_home_waiting(home));
    ck_assert_ptr_nonnull(strstr(rc_error_message(), said));
}

static const rc_type running_type = {
    .name = "running", .size = sizeof(struct thing), .finalize = run_inside};

START_TEST(finalizers_that_run_their_home_do_not_pile_up)
{
    enum { MANY = 20000 };
    static struct thing *things[MANY + 1];
    home = home_new();
    ran_inside = still_bound = 0;
    for (int i = 0; i < MANY; i++) things[i] = RC_HOME_NEW(home, struct thing, &running_type);
    release_elsewhere(things);
    ck_assert_uint_eq(rc_home_run(home), MANY);
    ck_assert_int_eq(finalized, MANY);
    ck_assert_uint_eq(ran_inside + rc_home_waiting(home) + rc_home_alive(home), 0);
    ck_assert_uint_eq(still_bound, MANY);
    rc_release(home);
}
END_TEST

static void let_one_wait_and_run(void *self)
{
    struct thing *things[] = {((struct thing *)self)->next, NULL};
    finalized++;
    if (!things[0]) return;
    release_elsewhere(things);
    ran_inside += rc_home_run(home);
}

/* The one behind it is nearer than the one that came. */
START_TEST(a_finalizer_that_runs_its_home_keeps_the_order)
{
    static const rc_type waiting_type = {
        .name = "waiting", .size = sizeof(struct thing), .finalize = let_one_wait_and_run};
    home = home_new();
    ran_inside = 0;
    struct thing *things[] = {RC_HOME_NEW(home, struct thing, &waiting_type), thing_new(home, 2),
                              NULL};
    things[0]->next = thing_new(home, 3);
    release_elsewhere(things);
    ck_assert_uint_eq(rc_home_run(home), 2);
    ck_assert_uint_eq(ran_inside, 1);
    ck_assert_int_eq(finalized, 3);
    ck_assert_int_eq(last_id, 3);
    ck_assert_uint_eq(rc_home_waiting(home) + rc_home_alive(home), 0);
    rc_release(home);
}
END_TEST

static void close_inside(void *self)
{
    (void)self;
    finalized++;
    left_inside = rc_home_close(home, RC_HOME_NOWHERE);
    ck_assert_int_eq(finalized, 3); /* what waited behind it */
}

static const rc_type closing_type = {
    .name = "closing", .size = sizeof(struct thing), .finalize = close_inside};

START_TEST(a_finalizer_may_close_its_home)
{
    home = home_new();
    struct thing *things[] = {RC_HOME_NEW(home, struct thing, &closing_type), thing_new(home, 1),
                              thing_new(home, 2), NULL};
    struct thing *left = thing_new(home, 3);
    release_elsewhere(things);
    ck_assert_uint_eq(rc_home_run(home), 1);
    ck_assert_uint_eq(left_inside, 2); /* itself, and the one that is left */
    rc_release(left);
    ck_assert_int_eq(finalized, 3);
    ck_assert_uint_eq(rc_home_alive(home), 0);
    rc_release(home);
}
END_TEST

static void make_inside(void *self)
{
    (void)self;
    finalized++;
    ck_assert_ptr_null(RC_HOME_NEW(home, struct thing, &thing_type));
    ck_assert_int_eq(rc_home_bind(home), RC_INVALID);
    ck_assert_int_eq(rc_home_set_wake(home, NULL, NULL), RC_INVALID);
    ck_assert_uint_eq(rc_home_run(home), 0);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_ANYWHERE), 1); /* it is being closed */
}

START_TEST(a_home_that_closes_takes_nothing_new)
{
    static const rc_type making_type = {
        .name = "making", .size = sizeof(struct thing), .finalize = make_inside};
    home = home_new();
    struct thing *things[] = {RC_HOME_NEW(home, struct thing, &making_type), NULL};
    release_elsewhere(things);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_NOWHERE), 0);
    ck_assert_int_eq(finalized, 1);
    rc_release(home);
}
END_TEST

START_TEST(what_a_closing_homes_objects_own_is_finalized_with_them)
{
    home = home_new();
    struct thing *things[] = {thing_new(home, 1), NULL};
    things[0]->next = thing_new(home, 2);
    things[0]->next->next = thing_new(home, 3);
    release_elsewhere(things);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_NOWHERE), 0);
    ck_assert_int_eq(finalized, 3);
    rc_release(home);
}
END_TEST

/* In a child: what is immortal stays. */
static void leave_an_immortal_one(void *unused)
{
    (void)unused;
    home = home_new();
    rc_make_immortal(thing_new(home, 1));
    _exit(rc_home_close(home, RC_HOME_ANYWHERE) == 1 && !finalized ? 0 : 1);
}

START_TEST(immortal_objects_are_left)
{
    ck_assert_int_eq(child_run(leave_an_immortal_one, NULL).status, 0);
}
END_TEST

/* ---- hooks ----------------------------------------------------------------------------------- */

static void fail_inside(void *unused)
{
    (void)unused;
    errno = EAGAIN;
    ck_assert_uint_eq(rc_home_run(home), 0); /* another thread's */
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
}

static void *release_with_an_error(void *thing)
{
    rc_error_set(RC_RANGE, "before");
    errno = EDOM;
    rc_release(thing);
    if (errno != EDOM || rc_error_status() != RC_RANGE) return "not as before";
    return strcmp(rc_error_message(), "before") == 0 ? NULL : "another message";
}

START_TEST(a_release_that_wakes_up_keeps_the_last_error)
{
    home = home_new();
    ck_assert_int_eq(rc_home_set_wake(home, fail_inside, NULL), RC_OK);
    pthread_t thread;
    void *answer;
    pthread_create(&thread, NULL, release_with_an_error, thing_new(home, 1));
    pthread_join(thread, &answer);
    ck_assert_ptr_null(answer);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_ANYWHERE), 0);
    rc_release(home);
}
END_TEST

enum { ROUNDS = 2000, THREADS = 3 };

/* What a hook needs: it is there from before the hook is set until after it is not. */
struct bell {
    int is_there, calls;
};

static int threads_done;

static void ring(void *context)
{
    struct bell *bell = context;
    ck_assert_int_eq(__atomic_load_n(&bell->is_there, __ATOMIC_RELAXED), 1);
    __atomic_fetch_add(&bell->calls, 1, __ATOMIC_RELAXED); /* by several threads at once */
    ck_assert_int_eq(__atomic_load_n(&bell->is_there, __ATOMIC_RELAXED), 1);
}

static void *make_and_release(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        struct thing *thing = RC_HOME_NEW(home, struct thing, &thing_type);
        if (!thing) return "no memory";
        rc_release(thing);
    }
    __atomic_fetch_add(&threads_done, 1, __ATOMIC_RELEASE);
    return NULL;
}

START_TEST(no_hook_is_called_when_another_is_set)
{
    static struct bell bells[2];
    home = home_new();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, make_and_release, NULL), 0);
    size_t ran = 0;
    for (int turn = 0; __atomic_load_n(&threads_done, __ATOMIC_ACQUIRE) < THREADS; turn ^= 1) {
        __atomic_store_n(&bells[turn].is_there, 1, __ATOMIC_RELAXED);
        ck_assert_int_eq(rc_home_set_wake(home, ring, &bells[turn]), RC_OK);
        __atomic_store_n(&bells[turn ^ 1].is_there, 0, __ATOMIC_RELAXED);
        bells[turn ^ 1].calls = 0; /* plainly: no call of the old hook is under way */
        ran += rc_home_run(home);
        ck_assert_int_eq(rc_home_set_wake(home, NULL, NULL), RC_OK);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    ran += rc_home_run(home);
    ck_assert_uint_eq(ran, THREADS * ROUNDS);
    rc_release(home);
}
END_TEST

static rc_home *own; /* of the thread that releases */
static size_t refused;

static void count_busy(bool is_refused)
{
    if (is_refused && rc_error_status() == RC_BUSY) refused++;
    rc_error_clear();
}

static void try_all(void *unused)
{
    (void)unused;
    count_busy(rc_home_bind(home) == RC_BUSY);
    count_busy(rc_home_set_wake(own, try_all, NULL) == RC_BUSY);
    count_busy(rc_home_close(own, RC_HOME_ANYWHERE) == SIZE_MAX);
}

/* Another home, which it has bound, and runs. */
static void run_own(void *unused)
{
    if (rc_home_bind(own) == RC_OK && rc_home_run(own) == 1) try_all(unused);
}

static const rc_type trying_type = {
    .name = "trying", .size = sizeof(struct thing), .finalize = try_all};

static void *release_and_close(void *thing)
{
    own = rc_home_new();
    if (!own) return "no memory";
    void *waits = RC_HOME_NEW(own, struct thing, &trying_type);
    if (!waits || rc_home_unbind(own) != RC_OK) return "not unbound";
    rc_release(waits);
    rc_release(thing);
    if (refused != 6) return "not refused";
    if (rc_home_close(own, RC_HOME_ANYWHERE) != 0) return "not closed";
    rc_release(own);
    return NULL;
}

/* In the hook, and in a finalizer that it runs: two hooks would wait for each other. */
START_TEST(what_waits_for_hooks_is_refused_in_one)
{
    home = home_new();
    refused = 0;
    ck_assert_int_eq(rc_home_set_wake(home, run_own, NULL), RC_OK);
    pthread_t thread;
    void *answer;
    pthread_create(&thread, NULL, release_and_close, thing_new(home, 1));
    pthread_join(thread, &answer);
    ck_assert_ptr_null(answer);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_ANYWHERE), 0);
    rc_release(home);
}
END_TEST

/* In the hook that is called for what waited before it was there. */
START_TEST(what_waits_for_hooks_is_refused_in_one_that_is_being_set)
{
    home = own = home_new();
    refused = 0;
    struct thing *things[] = {thing_new(home, 1), NULL};
    release_elsewhere(things);
    ck_assert_int_eq(rc_home_set_wake(home, try_all, NULL), RC_OK);
    ck_assert_uint_eq(refused, 3);
    ck_assert_uint_eq(rc_home_close(home, RC_HOME_ANYWHERE), 0);
    rc_release(home);
}
END_TEST

/* ---- released once too often ----------------------------------------------------------------- */

static void release_twice(void *unused)
{
    (void)unused;
    home = home_new();
    struct thing *things[] = {thing_new(home, 1), NULL};
    release_elsewhere(things);
    release_elsewhere(things);
}

START_TEST(releasing_what_waits_is_told)
{
    CHILD_ASSERT_STOPS(release_twice, NULL, "released more often than retained");
}
END_TEST

static void release_self(void *self)
{
    struct thing *things[] = {self, NULL};
    release_elsewhere(things);
}

static void release_in_finalizer(void *unused)
{
    static const rc_type self_type = {
        .name = "self", .size = sizeof(struct thing), .finalize = release_self};
    (void)unused;
    home = home_new();
    rc_release(RC_HOME_NEW(home, struct thing, &self_type));
}

START_TEST(an_object_does_not_wait_while_its_finalizer_runs)
{
    CHILD_ASSERT_STOPS(release_in_finalizer, NULL,
                       "the finalizer of type self released its own object");
}
END_TEST

HARNESS_MAIN("rc/home_inside", finalizers_that_run_their_home_do_not_pile_up,
             a_finalizer_that_runs_its_home_keeps_the_order, a_finalizer_may_close_its_home,
             a_home_that_closes_takes_nothing_new,
             what_a_closing_homes_objects_own_is_finalized_with_them, immortal_objects_are_left,
             a_release_that_wakes_up_keeps_the_last_error, no_hook_is_called_when_another_is_set,
             what_waits_for_hooks_is_refused_in_one,
             what_waits_for_hooks_is_refused_in_one_that_is_being_set, releasing_what_waits_is_told,
             an_object_does_not_wait_while_its_finalizer_runs)
