/* SPDX-License-Identifier: MIT */
/* Domains where there are several threads: who may do what meanwhile, and what is refused. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/rc/cycle_support.h"

enum { THREADS = 8, RINGS = 400, RING = 5, MEETINGS = 3000 };

static atomic_size_t ended; /* by finalizers, on whatever thread */
static atomic_int running;

static void node_end(void *self)
{
    atomic_fetch_add_explicit(&ended, 1, memory_order_relaxed);
    drop(self);
}

static void node_drop(void *self)
{
    drop(self);
}

static const rc_type shared_type = {.name = "shared",
                                    .size = sizeof(struct node),
                                    .finalize = node_end,
                                    .traverse = node_traverse,
                                    .clear = node_drop};

static void start(pthread_t *threads, int count, void *(*body)(void *), void **arguments)
{
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, body, arguments ? arguments[i] : NULL),
                         0);
}

static void join(const pthread_t *threads, int count)
{
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

/* ---- releases beside collections ------------------------------------------------------------- */

struct held {
    struct node *first[RINGS];
};

static void *release_all(void *argument)
{
    struct held *held = argument;
    for (int i = 0; i < RINGS; i++) rc_clear(&held->first[i]);
    atomic_fetch_sub(&running, 1);
    return NULL;
}

START_TEST(rings_that_eight_threads_release_beside_collections_are_freed)
{
    rc_cycle_domain *domain = domain_new();
    static struct held held[THREADS];
    void *arguments[THREADS];
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++) {
        arguments[t] = &held[t];
        for (int i = 0; i < RINGS; i++) held[t].first[i] = ring_new(domain, &shared_type, RING);
    }
    atomic_store(&running, THREADS);
    start(threads, THREADS, release_all, arguments);
    size_t freed = 0;
    do freed += rc_cycle_collect(domain);
    while (atomic_load(&running));
    join(threads, THREADS);
    freed += rc_cycle_collect(domain);
    ck_assert_uint_eq(freed, (size_t)THREADS * RINGS * RING);
    ck_assert_uint_eq(atomic_load(&ended), freed);
    ck_assert_uint_eq(live(&shared_type), 0);
    rc_release(domain);
}
END_TEST

/* No rings: each object ends by its count, on the thread that lets it go, and what it holds with it. */
START_TEST(lists_that_end_on_other_threads_beside_collections_leave_nothing)
{
    rc_cycle_domain *domain = domain_new();
    static struct held held[THREADS];
    void *arguments[THREADS];
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++) {
        arguments[t] = &held[t];
        for (int i = 0; i < RINGS; i++) {
            struct node *node = held[t].first[i] = node_new(domain, &shared_type);
            for (int j = 1; j < RING; j++) node = node->to[0] = node_new(domain, &shared_type);
        }
    }
    atomic_store(&running, THREADS);
    start(threads, THREADS, release_all, arguments);
    size_t freed = 0;
    do freed += rc_cycle_collect(domain);
    while (atomic_load(&running));
    join(threads, THREADS);
    freed += rc_cycle_collect(domain);
    ck_assert_uint_eq(freed, 0);
    ck_assert_uint_eq(atomic_load(&ended), (size_t)THREADS * RINGS * RING);
    ck_assert_uint_eq(statistics_of(domain).tracked, 0);
    ck_assert_uint_eq(live(&shared_type), 0);
    rc_release(domain);
}
END_TEST

START_TEST(a_domain_that_ends_while_others_release_its_objects_forgets_them)
{
    rc_cycle_domain *domain = domain_new();
    static struct held held[THREADS];
    void *arguments[THREADS];
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++) {
        arguments[t] = &held[t];
        for (int i = 0; i < RINGS; i++) held[t].first[i] = node_new(domain, &shared_type);
    }
    atomic_store(&running, THREADS);
    start(threads, THREADS, release_all, arguments);
    rc_release(domain);
    join(threads, THREADS);
    ck_assert_uint_eq(atomic_load(&ended), (size_t)THREADS * RINGS);
    ck_assert_uint_eq(live(&shared_type), 0);
}
END_TEST

/* Where the domain's end and its objects' meet. */
static struct node *passed;
static rc_cycle_domain *ending;
static pthread_barrier_t barrier;
static bool untracks;

static void *end_objects(void *unused)
{
    (void)unused;
    for (int i = 0; i < MEETINGS; i++) {
        pthread_barrier_wait(&barrier);
        struct node *node = passed;
        if (untracks) (void)rc_cycle_untrack(node);
        rc_error_clear();
        rc_release(node);
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

static void meet(bool with_untracking)
{
    pthread_t thread;
    untracks = with_untracking;
    pthread_barrier_init(&barrier, NULL, 2);
    start(&thread, 1, end_objects, NULL);
    for (int i = 0; i < MEETINGS; i++) {
        ending = domain_new();
        passed = node_new(ending, &shared_type);
        pthread_barrier_wait(&barrier);
        for (volatile int wait = 0; wait < i % 300; wait++) continue;
        rc_release(ending);
        ck_assert_int_eq(rc_error_status(), RC_OK);
        pthread_barrier_wait(&barrier);
    }
    join(&thread, 1);
    ck_assert_uint_eq(atomic_load(&ended), MEETINGS);
    ck_assert_uint_eq(live(&shared_type), 0);
}

START_TEST(a_domain_and_its_object_may_end_at_the_same_time)
{
    meet(false);
}
END_TEST

START_TEST(an_object_may_be_untracked_while_its_domain_ends)
{
    meet(true);
}
END_TEST

/* ---- weak references beside collections ------------------------------------------------------ */

/* Nothing of it runs before all weak references are dead. */
static const rc_type brief_type = {.name = "brief",
                                   .size = sizeof(struct node),
                                   .finalize = node_end,
                                   .traverse = node_traverse,
                                   .clear = node_end};

static rc_weak *weak[RINGS];
static struct node *locked[RINGS];

static void *lock_some(void *unused)
{
    (void)unused;
    for (int i = 0; i < RINGS; i++) locked[i] = rc_weak_lock(weak[i]);
    atomic_fetch_sub(&running, 1);
    return NULL;
}

START_TEST(a_ring_that_another_thread_locks_is_saved_whole_or_not_at_all)
{
    rc_cycle_domain *domain = domain_new();
    pthread_t thread;
    for (int i = 0; i < RINGS; i++) {
        struct node *first = ring_new(domain, &brief_type, RING);
        weak[i] = rc_weak_new(first);
        ck_assert_ptr_nonnull(weak[i]);
        rc_release(first);
    }
    atomic_store(&running, 1);
    start(&thread, 1, lock_some, NULL);
    do rc_cycle_collect(domain);
    while (atomic_load(&running));
    join(&thread, 1);
    rc_cycle_collect(domain);
    size_t alive = 0;
    for (int i = 0; i < RINGS; i++) {
        alive += locked[i] != NULL;
        if (!locked[i]) continue;
        struct node *node = locked[i];
        for (int j = 0; j < RING; j++) node = node->to[0];
        ck_assert_ptr_eq(node, locked[i]);
    }
    ck_assert_uint_eq(live(&brief_type), alive * RING);
    for (int i = 0; i < RINGS; i++) {
        rc_release(locked[i]);
        rc_release(weak[i]);
    }
    ck_assert_uint_eq(rc_cycle_collect(domain), alive * RING);
    ck_assert_uint_eq(live(&brief_type), 0);
    rc_release(domain);
}
END_TEST

/* ---- one call at a time ---------------------------------------------------------------------- */

static rc_cycle_domain *busy;
static enum rc_status refusals[3];

static void *call_busy(void *argument)
{
    refusals[0] = rc_cycle_track(busy, argument);
    refusals[1] = rc_cycle_collect(busy) == 0 ? rc_error_status() : RC_OK;
    rc_release(argument); /* which is allowed */
    rc_error_clear();
    return NULL;
}

static void finalize_beside_another(void *self)
{
    pthread_t thread;
    void *object = rc_new(struct node, &shared_type);
    (void)pthread_create(&thread, NULL, call_busy, object);
    pthread_join(thread, NULL);
    node_end(self);
}

static const rc_type busy_type = {.name = "busy",
                                  .size = sizeof(struct node),
                                  .finalize = finalize_beside_another,
                                  .traverse = node_traverse,
                                  .clear = node_drop};

START_TEST(a_domain_that_collects_refuses_other_threads_but_not_their_releases)
{
    busy = domain_new();
    rc_release(ring_new(busy, &busy_type, 1));
    ck_assert_uint_eq(rc_cycle_collect(busy), 1);
    ck_assert_int_eq(refusals[0], RC_BUSY);
    ck_assert_int_eq(refusals[1], RC_BUSY);
    ck_assert_uint_eq(atomic_load(&ended), 2);
    rc_release(busy);
}
END_TEST

/* ---- domains of different threads ------------------------------------------------------------ */

static void *work_alone(void *unused)
{
    (void)unused;
    rc_cycle_domain *domain = rc_cycle_domain_new();
    if (!domain) return NULL;
    size_t freed = 0;
    for (int i = 0; i < RINGS; i++) {
        rc_release(ring_new(domain, &shared_type, RING));
        if (i % 7 == 0) freed += rc_cycle_collect(domain);
    }
    freed += rc_cycle_collect(domain);
    rc_release(domain);
    return freed == (size_t)RINGS * RING ? domain : NULL;
}

START_TEST(domains_of_eight_threads_do_not_meet)
{
    pthread_t threads[THREADS];
    start(threads, THREADS, work_alone, NULL);
    for (int t = 0; t < THREADS; t++) {
        void *worked;
        pthread_join(threads[t], &worked);
        ck_assert_ptr_nonnull(worked);
    }
    ck_assert_uint_eq(atomic_load(&ended), (size_t)THREADS * RINGS * RING);
    ck_assert_uint_eq(live(&shared_type), 0);
}
END_TEST

/* ---- fork ------------------------------------------------------------------------------------ */

static rc_cycle_domain *forking;
static int status_of_child;

/* In the child the collection goes on. */
static void finalize_forking(void *self)
{
    pid_t child = fork();
    if (child > 0) waitpid(child, &status_of_child, 0);
    node_end(self);
    if (child != 0) return;
    rc_release(ring_new(forking, &shared_type, RING));
    _exit(atomic_load(&ended) == 1 && statistics_of(forking).tracked == RING + 1 ? 5 : 6);
}

static const rc_type forking_type = {.name = "forking",
                                     .size = sizeof(struct node),
                                     .finalize = finalize_forking,
                                     .traverse = node_traverse,
                                     .clear = node_drop};

START_TEST(a_finalizer_in_a_collection_may_fork)
{
    forking = domain_new();
    rc_release(ring_new(forking, &forking_type, 1));
    ck_assert_uint_eq(rc_cycle_collect(forking), 1);
    ck_assert(WIFEXITED(status_of_child));
    ck_assert_int_eq(WEXITSTATUS(status_of_child), 5);
    rc_release(forking);
}
END_TEST

static atomic_bool stop;

static void *collect_on(void *argument)
{
    while (!atomic_load(&stop)) {
        rc_release(ring_new(argument, &shared_type, RING));
        rc_cycle_collect(argument);
    }
    return NULL;
}

/* The thread that was in the domain does not exist there; what it had is this process's. */
static int use_after_fork(rc_cycle_domain *domain)
{
    size_t before = statistics_of(domain).tracked;
    struct node *ring = RC_CYCLE_NEW(domain, struct node, &shared_type);
    if (!ring) return 2;
    ring->to[0] = rc_retain(ring);
    rc_release(ring);
    (void)rc_cycle_collect(domain);
    return statistics_of(domain).tracked <= before ? 0 : 3;
}

START_TEST(a_child_of_a_process_that_collects_may_use_the_domain)
{
    if (CHILD_HAS_TSAN || CHILD_HAS_ASAN) {
        puts("skipped: a child of a process that collects: the sanitizer's own locks are held in "
             "it");
        return;
    }
    rc_cycle_domain *domain = domain_new();
    pthread_t thread;
    void *argument = domain;
    start(&thread, 1, collect_on, &argument);
    for (int i = 0; i < 50; i++) {
        pid_t child = fork();
        if (child == 0) _exit(use_after_fork(domain));
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFEXITED(status));
        ck_assert_int_eq(WEXITSTATUS(status), 0);
    }
    atomic_store(&stop, true);
    join(&thread, 1);
    rc_cycle_collect(domain);
    ck_assert_uint_eq(live(&shared_type), 0);
    rc_release(domain);
}
END_TEST

HARNESS_MAIN("rc/cycle_threads", rings_that_eight_threads_release_beside_collections_are_freed,
             lists_that_end_on_other_threads_beside_collections_leave_nothing,
             a_domain_that_ends_while_others_release_its_objects_forgets_them,
             a_domain_and_its_object_may_end_at_the_same_time,
             an_object_may_be_untracked_while_its_domain_ends,
             a_ring_that_another_thread_locks_is_saved_whole_or_not_at_all,
             a_domain_that_collects_refuses_other_threads_but_not_their_releases,
             domains_of_eight_threads_do_not_meet, a_finalizer_in_a_collection_may_fork,
             a_child_of_a_process_that_collects_may_use_the_domain)
