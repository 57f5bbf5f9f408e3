/* SPDX-License-Identifier: MIT */
/* Records of threads: their sums, their reuse, the peak with many threads, fork. */
#include <pthread.h>

#include "rc/memory.h"
#include "rc/object.h"
#include "rc/tally.h"
#include "tests/child.h"
#include "tests/harness.h"

/* ThreadSanitizer starts no threads in the child of a process that had some. */
#if defined(__SANITIZE_THREAD__)
#define HAS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAS_TSAN 1
#endif
#endif
#ifndef HAS_TSAN
#define HAS_TSAN 0
#endif

static const rc_type node_type = {.name = "node", .size = 64};

static struct rc_account taken(void)
{
    struct rc_account now;
    rc_account_read(&now);
    return now;
}

static struct rc_account_difference since(const struct rc_account *before)
{
    struct rc_account now = taken();
    return rc_account_subtract(&now, before);
}

static void run(size_t count, pthread_t *threads, void *(*function)(void *), void *argument)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, function, argument), 0);
}

static void join(size_t count, const pthread_t *threads)
{
    for (size_t i = 0; i < count; i++) ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}

/* ---- sums ------------------------------------------------------------------------------------ */

static void *make_and_free(void *unused)
{
    for (int i = 0; i < 1000; i++) {
        void *node = rc_object_new(&node_type, 0), *block = rc_memory_allocate(100);
        rc_release(node);
        rc_memory_free(block);
    }
    return unused;
}

START_TEST(sums_are_right_after_threads_have_ended)
{
    struct rc_account before = taken();
    pthread_t threads[8];
    run(8, threads, make_and_free, NULL);
    join(8, threads);
    struct rc_account_difference more = since(&before);
    ck_assert_int_eq(more.total_objects, 8000);
    ck_assert_int_eq(more.total_blocks, 8000);
    ck_assert_int_eq(more.live_objects, 0);
    ck_assert_int_eq(more.live_blocks, 0);
    ck_assert_int_eq(more.live_bytes, 0);
    ck_assert_uint_eq(rc_account_read_type(&node_type).total_objects, 8000);
}
END_TEST

static void *release(void *object)
{
    rc_release(object);
    return NULL;
}

START_TEST(what_one_thread_made_another_may_free)
{
    struct rc_account before = taken();
    pthread_t threads[40];
    for (int i = 0; i < 40; i++)
        pthread_create(&threads[i], NULL, release, rc_object_new(&node_type, 0));
    join(40, threads);
    ck_assert_int_eq(since(&before).live_objects, 0);
    ck_assert_int_eq(since(&before).live_bytes, 0);
    ck_assert_uint_eq(rc_account_read_type(&node_type).live_objects, 0);
    ck_assert_uint_eq(rc_account_read_type(&node_type).total_objects, 40);
}
END_TEST

START_TEST(threads_one_after_another_use_one_record)
{
    rc_memory_free(rc_memory_allocate(1));
    size_t records = rc__tally_records();
    for (int i = 0; i < 64; i++) {
        pthread_t thread;
        run(1, &thread, make_and_free, NULL);
        join(1, &thread);
    }
    ck_assert_uint_eq(rc__tally_records(), records + 1);
}
END_TEST

/* Everybody does its part before anybody ends. */
struct meeting {
    pthread_barrier_t all_in, all_done;
    void *objects[100];
    size_t next;
};

static void *make_one_at_the_meeting(void *context)
{
    struct meeting *meeting = context;
    void *node = rc_object_new(&node_type, 0);
    pthread_barrier_wait(&meeting->all_in);
    pthread_barrier_wait(&meeting->all_done);
    rc_release(node);
    return NULL;
}

START_TEST(a_hundred_threads_at_once_have_a_record_each)
{
    static struct meeting meeting;
    struct rc_account before = taken();
    pthread_t threads[100];
    pthread_barrier_init(&meeting.all_in, NULL, 101);
    pthread_barrier_init(&meeting.all_done, NULL, 101);
    run(100, threads, make_one_at_the_meeting, &meeting);
    pthread_barrier_wait(&meeting.all_in);
    ck_assert_int_eq(since(&before).live_objects, 100);
    ck_assert_uint_ge(rc__tally_records(), 100);
    size_t records = rc__tally_records();
    pthread_barrier_wait(&meeting.all_done);
    join(100, threads);
    ck_assert_int_eq(since(&before).live_objects, 0);
    ck_assert_uint_eq(rc__tally_records(), records);
}
END_TEST

static void *release_one_at_the_meeting(void *context)
{
    struct meeting *meeting = context;
    rc_release(meeting->objects[__atomic_fetch_add(&meeting->next, 1, __ATOMIC_RELAXED)]);
    pthread_barrier_wait(&meeting->all_in);
    pthread_barrier_wait(&meeting->all_done);
    return NULL;
}

/* More threads than there are records that need no allocation: the rest count in a shared one. */
START_TEST(threads_that_only_release_allocate_no_record)
{
    static struct meeting meeting;
    struct rc_account before = taken();
    pthread_t threads[100];
    for (int i = 0; i < 100; i++) meeting.objects[i] = rc_object_new(&node_type, 100000);
    pthread_barrier_init(&meeting.all_in, NULL, 101);
    pthread_barrier_init(&meeting.all_done, NULL, 101);
    run(100, threads, release_one_at_the_meeting, &meeting);
    pthread_barrier_wait(&meeting.all_in);
    ck_assert_uint_le(rc__tally_records(), 64);
    ck_assert_int_eq(since(&before).live_objects, 0);
    ck_assert_int_eq(since(&before).live_bytes, 0);
    pthread_barrier_wait(&meeting.all_done);
    join(100, threads);
}
END_TEST

/* ---- the ends of threads --------------------------------------------------------------------- */

static pthread_key_t late_key;

static void release_late(void *object)
{
    /* In the second round, after the record was handed on in the first. ThreadSanitizer ends its own
     * part of a thread in the fourth. */
    static __thread int rounds;
    if (++rounds < 2)
        pthread_setspecific(late_key, object);
    else
        rc_release(object);
}

static void *leave_a_late_release(void *unused)
{
    pthread_setspecific(late_key, rc_object_new(&node_type, 0));
    return unused;
}

START_TEST(a_thread_that_counts_in_its_last_destructors_counts_right)
{
    struct rc_account before = taken();
    pthread_t threads[20];
    ck_assert_int_eq(pthread_key_create(&late_key, release_late), 0);
    for (int i = 0; i < 20; i++) {
        run(1, &threads[i], leave_a_late_release, NULL);
        join(1, &threads[i]);
    }
    ck_assert_int_eq(since(&before).total_objects, 20);
    ck_assert_int_eq(since(&before).live_objects, 0);
    ck_assert_uint_le(rc__tally_records(), 3);
    pthread_key_delete(late_key);
}
END_TEST

/* ---- the peak -------------------------------------------------------------------------------- */

enum { THREADS = 4 };

struct tide {
    pthread_barrier_t high, low;
    size_t bytes, step;
};

/* Each takes bytes in steps; at `high` all hold all. */
static void *rise_and_fall(void *context)
{
    struct tide *tide = context;
    void **blocks = calloc(tide->bytes / tide->step, sizeof *blocks);
    for (size_t i = 0; i < tide->bytes / tide->step; i++)
        blocks[i] = rc_memory_allocate(tide->step);
    pthread_barrier_wait(&tide->high);
    pthread_barrier_wait(&tide->low);
    for (size_t i = 0; i < tide->bytes / tide->step; i++) rc_memory_free(blocks[i]);
    free(blocks);
    return NULL;
}

static size_t distance(size_t a, size_t b)
{
    return a > b ? a - b : b - a;
}

START_TEST(the_peak_of_four_threads_is_within_its_bound)
{
    const size_t bound = (THREADS + 1) * RC_ACCOUNT_PEAK_SLACK;
    const size_t sizes[] = {100000, 256 * 1024, 300000, 500000, 1000000, 5000000};
    for (size_t i = 0; i < 6; i++) {
        struct tide tide = {.bytes = sizes[i], .step = 1000};
        pthread_t threads[THREADS];
        pthread_barrier_init(&tide.high, NULL, THREADS + 1);
        pthread_barrier_init(&tide.low, NULL, THREADS + 1);
        rc_account_reset_peak();
        size_t start = taken().live_bytes;
        run(THREADS, threads, rise_and_fall, &tide);
        pthread_barrier_wait(&tide.high);
        size_t peak = taken().live_bytes;
        ck_assert_uint_eq(peak, start + THREADS * (sizes[i] / 1000) * 1000);
        pthread_barrier_wait(&tide.low);
        join(THREADS, threads);
        ck_assert_uint_le(distance(taken().peak_bytes, peak), bound);
        if (sizes[i] > 2 * bound) ck_assert_uint_gt(taken().peak_bytes, bound);
    }
}
END_TEST

/* One thread at a time, in turns: the others rest, with what they have not told. */
struct turns {
    pthread_mutex_t lock;
    pthread_cond_t begins[THREADS]; /* one for each */
    size_t turn, live, peak;
    unsigned seed;
};

enum { TURNS = 400, HELD = 8 };

static size_t next_size(struct turns *turns)
{
    turns->seed = turns->seed * 1103515245u + 12345u;
    return (turns->seed >> 8) % (2 * RC_ACCOUNT_PEAK_SLACK / 3);
}

static void change_one(struct turns *turns, void **held)
{
    if (*held) {
        turns->live -= rc_memory_size(*held);
        rc_memory_free(*held);
        *held = NULL;
    } else {
        size_t size = next_size(turns);
        *held = rc_memory_allocate(size);
        turns->live += size;
    }
    if (turns->live > turns->peak) turns->peak = turns->live;
}

static void *take_turns(void *context)
{
    struct turns *turns = context;
    void *held[HELD] = {0};
    static size_t numbers;
    size_t mine = __atomic_fetch_add(&numbers, 1, __ATOMIC_RELAXED) % THREADS;
    for (size_t i = 0; i < TURNS; i++) {
        pthread_mutex_lock(&turns->lock);
        while (turns->turn % THREADS != mine) pthread_cond_wait(&turns->begins[mine], &turns->lock);
        for (size_t k = 0; k < HELD; k++)
            if (next_size(turns) % 2) change_one(turns, &held[k]);
        size_t error = distance(taken().peak_bytes, turns->peak);
        ck_assert_uint_le(error, (THREADS + 1) * RC_ACCOUNT_PEAK_SLACK);
        ck_assert_uint_eq(taken().live_bytes, turns->live);
        turns->turn++;
        pthread_cond_signal(&turns->begins[turns->turn % THREADS]);
        pthread_mutex_unlock(&turns->lock);
    }
    pthread_mutex_lock(&turns->lock);
    for (size_t k = 0; k < HELD; k++)
        if (held[k]) change_one(turns, &held[k]);
    pthread_mutex_unlock(&turns->lock);
    return NULL;
}

START_TEST(the_peak_keeps_its_bound_at_every_moment_of_a_random_walk)
{
    static struct turns turns = {.lock = PTHREAD_MUTEX_INITIALIZER, .seed = 20261};
    for (size_t i = 0; i < THREADS; i++) pthread_cond_init(&turns.begins[i], NULL);
    rc_account_reset_peak();
    turns.live = turns.peak = taken().live_bytes;
    pthread_t threads[THREADS];
    run(THREADS, threads, take_turns, &turns);
    join(THREADS, threads);
    ck_assert_uint_gt(turns.peak, (THREADS + 1) * RC_ACCOUNT_PEAK_SLACK);
    ck_assert_uint_eq(turns.turn, THREADS * TURNS);
}
END_TEST

static void *allocate_and_free(void *size)
{
    rc_memory_free(rc_memory_allocate((size_t)size));
    return NULL;
}

START_TEST(threads_that_ended_leave_the_peak_of_one_thread_exact)
{
    const size_t sizes[] = {1000, 200000, 3000000};
    for (size_t i = 0; i < 3; i++) {
        pthread_t thread;
        rc_account_reset_peak();
        size_t start = taken().live_bytes;
        run(1, &thread, allocate_and_free, (void *)sizes[i]);
        join(1, &thread);
        ck_assert_uint_eq(taken().peak_bytes, start + sizes[i]);
        rc_memory_free(rc_memory_allocate(sizes[i] + 10));
        ck_assert_uint_eq(taken().peak_bytes, start + sizes[i] + 10);
    }
}
END_TEST

/* ---- reading while others write -------------------------------------------------------------- */

static void *read_until_told(void *stop)
{
    size_t reads = 0;
    while (!__atomic_load_n((bool *)stop, __ATOMIC_ACQUIRE) || reads == 0) {
        struct rc_account now = taken();
        ck_assert_uint_ge(now.peak_bytes, now.live_bytes);
        ck_assert_uint_le(now.live_objects, now.total_objects);
        rc_account_reset_peak();
        rc_account_each_type(NULL, NULL);
        reads++;
    }
    return NULL;
}

START_TEST(reading_and_resetting_while_others_allocate_is_safe)
{
    struct rc_account before = taken();
    bool stop = false;
    pthread_t reader, threads[2];
    run(1, &reader, read_until_told, &stop);
    run(2, threads, make_and_free, NULL);
    join(2, threads);
    __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
    join(1, &reader);
    ck_assert_int_eq(since(&before).total_objects, 2000);
    ck_assert_int_eq(since(&before).live_bytes, 0);
}
END_TEST

/* ---- fork ------------------------------------------------------------------------------------ */

static void *hold_at_the_meeting(void *context)
{
    struct meeting *meeting = context;
    void *block = rc_memory_allocate(100000);
    pthread_barrier_wait(&meeting->all_in);
    pthread_barrier_wait(&meeting->all_done);
    rc_memory_free(block);
    return NULL;
}

static void count_in_the_child(void *parent)
{
    struct rc_account *before = parent;
    struct rc_account_difference more = since(before);
    if (more.live_bytes != 0 || more.live_blocks != 0) fprintf(stderr, "not the parent's sums\n");
    size_t records = rc__tally_records();
    pthread_t thread;
    if (!HAS_TSAN && pthread_create(&thread, NULL, make_and_free, NULL) == 0)
        pthread_join(thread, NULL);
    else
        make_and_free(NULL);
    make_and_free(NULL);
    more = since(before);
    if (more.total_objects != 2000) fprintf(stderr, "%td objects\n", more.total_objects);
    if (more.live_bytes != 0) fprintf(stderr, "%td bytes\n", more.live_bytes);
    if (rc__tally_records() != records) fprintf(stderr, "records were not handed on\n");
}

START_TEST(a_forked_child_keeps_the_sums_and_takes_over_the_records)
{
    static struct meeting meeting;
    pthread_t threads[3];
    pthread_barrier_init(&meeting.all_in, NULL, 4);
    pthread_barrier_init(&meeting.all_done, NULL, 4);
    run(3, threads, hold_at_the_meeting, &meeting);
    pthread_barrier_wait(&meeting.all_in);
    struct rc_account before = taken();
    struct child_result result = child_run(count_in_the_child, &before);
    ck_assert_msg(child_was_quiet(&result), "status %#x: %s", (unsigned)result.status,
                  result.output);
    pthread_barrier_wait(&meeting.all_done);
    join(3, threads);
}
END_TEST

static void *come_and_go(void *stop)
{
    while (!__atomic_load_n((bool *)stop, __ATOMIC_ACQUIRE)) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, allocate_and_free, (void *)(size_t)10) == 0)
            pthread_join(thread, NULL);
        for (int i = 0; i < 200; i++) (void)taken(); /* most of the time under the lock */
    }
    return NULL;
}

/* Check and the sanitizers have locks of their own, which a fork may find held for ever: so the
 * child asserts nothing, allocates nothing, and is killed by an alarm if it hangs. */
static int status_of_a_counting_child(void)
{
    pid_t child = fork();
    if (child == 0) {
        alarm(10);
        rc__tally_block_made(10);
        rc__tally_block_freed(10);
        (void)taken();
        _exit(0);
    }
    int status = -1;
    if (child > 0) waitpid(child, &status, 0);
    return status;
}

START_TEST(a_fork_while_others_hold_the_lists_lock_leaves_it_free)
{
    bool stop = false;
    pthread_t thread;
    run(1, &thread, come_and_go, &stop);
    int status = 0;
    for (int i = 0; i < 30 && status == 0; i++) status = status_of_a_counting_child();
    __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
    join(1, &thread);
    ck_assert_int_eq(status, 0);
}
END_TEST

/* ---- the arithmetic -------------------------------------------------------------------------- */

START_TEST(numbers_that_wrap_are_compared_by_their_distance)
{
    ck_assert(rc__tally_above(1, 0));
    ck_assert(!rc__tally_above(0, 0));
    ck_assert(!rc__tally_above(0, 1));
    ck_assert(rc__tally_above(0, SIZE_MAX));
    ck_assert(!rc__tally_above(SIZE_MAX, 0));
    ck_assert(rc__tally_above(5, SIZE_MAX - 5));
}
END_TEST

START_TEST(a_record_fills_cache_lines_of_its_own)
{
    ck_assert_uint_eq(_Alignof(struct rc__tally), 64);
    ck_assert_uint_eq(sizeof(struct rc__tally) % 64, 0);
    rc_memory_free(rc_memory_allocate(1));
    ck_assert_uint_eq((uintptr_t)rc__tally_mine % 64, 0);
}
END_TEST

HARNESS_MAIN("rc/tally", sums_are_right_after_threads_have_ended,
             what_one_thread_made_another_may_free, threads_one_after_another_use_one_record,
             a_hundred_threads_at_once_have_a_record_each,
             threads_that_only_release_allocate_no_record,
             a_thread_that_counts_in_its_last_destructors_counts_right,
             the_peak_of_four_threads_is_within_its_bound,
             the_peak_keeps_its_bound_at_every_moment_of_a_random_walk,
             threads_that_ended_leave_the_peak_of_one_thread_exact,
             reading_and_resetting_while_others_allocate_is_safe,
             a_forked_child_keeps_the_sums_and_takes_over_the_records,
             a_fork_while_others_hold_the_lists_lock_leaves_it_free,
             numbers_that_wrap_are_compared_by_their_distance,
             a_record_fills_cache_lines_of_its_own)
