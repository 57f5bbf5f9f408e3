/* SPDX-License-Identifier: MIT */
/* Pools and threads: buffers that change hands, threads that end, pools that end first, forks. */
#include <pthread.h>
#include <sys/wait.h>

#include "buffer/pool_layout.h"
#include "pool_support.h"
#include "tests/child.h"

/* Counts what is out of it, from all threads. */
static struct rc_limiting_allocator counting;

static rc_pool *counted_pool_of(size_t size, size_t keep)
{
    rc_limiting_allocator_init(&counting, NULL, SIZE_MAX);
    rc_pool *pool =
        rc_pool_new_with(&(struct rc_pool_options){.struct_size = sizeof(struct rc_pool_options),
                                                   .size = size,
                                                   .keep_at_most = keep,
                                                   .allocator = &counting.allocator});
    ck_assert_msg(pool != NULL, "%s", rc_error_message());
    return pool;
}

static void take_and_give_back(rc_pool *pool, size_t count)
{
    rc_buffer *buffers[100];
    for (size_t i = 0; i < count; i++) buffers[i] = take(pool);
    for (size_t i = 0; i < count; i++) rc_release(buffers[i]);
}

static pthread_t start(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, body, argument), 0);
    return thread;
}

static void run_thread(void *(*body)(void *), void *argument)
{
    pthread_join(start(body, argument), NULL);
}

/* Steps that two threads take in turns. */
static pthread_mutex_t step_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t step_changed = PTHREAD_COND_INITIALIZER;
static unsigned step_now;

static void step_to(unsigned step)
{
    pthread_mutex_lock(&step_lock);
    if (step > step_now) step_now = step;
    pthread_cond_broadcast(&step_changed);
    pthread_mutex_unlock(&step_lock);
}

static void step_await(unsigned step)
{
    pthread_mutex_lock(&step_lock);
    while (step_now < step) pthread_cond_wait(&step_changed, &step_lock);
    pthread_mutex_unlock(&step_lock);
}

/* ---- hand over ------------------------------------------------------------------------------- */

enum { HANDED = 20000, RING = 32 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    rc_buffer *places[RING];
    size_t put, got;
    size_t wrong;
} ring = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void ring_put(rc_buffer *buffer)
{
    pthread_mutex_lock(&ring.lock);
    while (ring.put - ring.got == RING) pthread_cond_wait(&ring.changed, &ring.lock);
    ring.places[ring.put++ % RING] = buffer;
    pthread_cond_broadcast(&ring.changed);
    pthread_mutex_unlock(&ring.lock);
}

static rc_buffer *ring_get(void)
{
    pthread_mutex_lock(&ring.lock);
    while (ring.put == ring.got) pthread_cond_wait(&ring.changed, &ring.lock);
    rc_buffer *buffer = ring.places[ring.got++ % RING];
    pthread_cond_broadcast(&ring.changed);
    pthread_mutex_unlock(&ring.lock);
    return buffer;
}

static void *consume(void *unused)
{
    for (unsigned i = 0; i < HANDED; i++) {
        rc_buffer *buffer = ring_get();
        ring.wrong += support_count_same(buffer->data, 64, i, 0) != 64;
        rc_release(buffer);
    }
    return unused;
}

START_TEST(buffers_taken_here_and_released_there_come_back)
{
    rc_pool *pool = counted_pool_of(64, 200);
    pthread_t consumer = start(consume, NULL);
    size_t most = 0;
    for (unsigned i = 0; i < HANDED; i++) {
        rc_buffer *buffer = take(pool);
        unsigned char *bytes = rc_buffer_edit(buffer);
        for (size_t b = 0; b < 64; b++) bytes[b] = support_byte(i, b);
        ring_put(buffer);
        if (i % 1000 == 0) {
            size_t used = rc_limiting_allocator_used(&counting);
            if (used > most) most = used;
        }
    }
    pthread_join(consumer, NULL);
    struct rc_pool_statistics now = read_pool(pool);
    ck_assert_uint_eq(ring.wrong, 0);
    ck_assert_uint_eq(now.out, 0);
    ck_assert_uint_eq(now.hits + now.misses, HANDED);
    ck_assert_uint_le(now.misses, 200); /* what is under way, and what waits */
    ck_assert_uint_le(now.idle, now.misses);
    ck_assert_uint_lt(most, 100000);
    rc_release(pool);
    ck_assert_uint_eq(rc_limiting_allocator_used(&counting), 0);
}
END_TEST

/* ---- threads that end ------------------------------------------------------------------------ */

static void *use_ten(void *pool)
{
    take_and_give_back(pool, 10);
    return NULL;
}

START_TEST(a_thread_that_ends_gives_its_magazine_back)
{
    rc_pool *pool = counted_pool_of(64, 200);
    run_thread(use_ten, pool);
    ck_assert_uint_eq(read_pool(pool).idle, 10);
    take_and_give_back(pool, 10);
    ck_assert_uint_eq(read_pool(pool).misses, 10);
    rc_release(pool);
    ck_assert_uint_eq(rc_limiting_allocator_used(&counting), 0);
}
END_TEST

START_TEST(a_thousand_short_lived_threads_leave_nothing)
{
    rc_pool *pool = counted_pool_of(64, 30);
    for (unsigned i = 0; i < 250; i++) {
        pthread_t threads[4];
        for (size_t t = 0; t < 4; t++) threads[t] = start(use_ten, pool);
        for (size_t t = 0; t < 4; t++) pthread_join(threads[t], NULL);
        ck_assert_uint_le(read_pool(pool).idle, 30);
    }
    ck_assert_uint_eq(read_pool(pool).out, 0);
    ck_assert_uint_lt(rc_limiting_allocator_used(&counting), 20000);
    rc_release(pool);
    ck_assert_uint_eq(rc_limiting_allocator_used(&counting), 0);
}
END_TEST

/* A key that is made later than the library's: its destructor runs when the magazines are gone. */
static pthread_key_t late_key;

static void release_late(void *buffer)
{
    rc_release(buffer);
}

static void *keep_until_the_end(void *pool)
{
    take_and_give_back(pool, 5);
    pthread_setspecific(late_key, take(pool));
    return NULL;
}

START_TEST(a_buffer_that_a_destructor_of_the_thread_releases_comes_back)
{
    rc_pool *pool = counted_pool_of(64, 100);
    ck_assert_int_eq(pthread_key_create(&late_key, release_late), 0);
    run_thread(keep_until_the_end, pool);
    ck_assert_uint_eq(read_pool(pool).out, 0);
    ck_assert_uint_eq(read_pool(pool).idle, 5);
    pthread_key_delete(late_key);
    rc_release(pool);
    ck_assert_uint_eq(rc_limiting_allocator_used(&counting), 0);
}
END_TEST

/* ---- pools that end first -------------------------------------------------------------------- */

static rc_buffer *left_over;

static void *release_left_over(void *unused)
{
    rc_release(left_over);
    return unused;
}

START_TEST(the_last_buffer_ends_on_another_thread_after_the_pool)
{
    rc_pool *pool = counted_pool_of(64, 100);
    take_and_give_back(pool, 5);
    left_over = take(pool);
    rc_release(pool);
    ck_assert_uint_gt(rc_limiting_allocator_used(&counting), 64);
    run_thread(release_left_over, NULL);
    ck_assert_uint_eq(rc_limiting_allocator_used(&counting), 0);
}
END_TEST

/* Fills its magazine; once the pool has ended it uses another pool, or none. */
static void *outlive_the_pool(void *pool)
{
    take_and_give_back(pool, 3);
    step_to(1);
    step_await(2);
    if (left_over) {
        rc_release(left_over); /* the last of the pool that has ended */
        left_over = NULL;
    }
    step_to(3);
    step_await(4);
    return NULL;
}

static void end_before_thread(bool with_buffer)
{
    step_now = 0;
    rc_pool *pool = counted_pool_of(64, 100);
    rc_pool *other = rc_pool_new(32, 0, 4);
    left_over = with_buffer ? take(pool) : take(other);
    pthread_t thread = start(outlive_the_pool, pool);
    step_await(1);
    rc_release(pool);
    ck_assert_uint_gt(rc_limiting_allocator_used(&counting), 3 * 64); /* its magazine's */
    step_to(2);
    step_await(3); /* it has visited a pool, and found that the other one has ended */
    ck_assert_uint_eq(rc_limiting_allocator_used(&counting), 0);
    step_to(4);
    pthread_join(thread, NULL);
    rc_release(other);
}

START_TEST(magazines_of_a_pool_that_has_ended_go_at_their_threads_next_visit_to_any_pool)
{
    end_before_thread(true);
    end_before_thread(false);
}
END_TEST

START_TEST(magazines_of_a_pool_that_has_ended_go_when_their_thread_ends)
{
    step_now = 0;
    left_over = NULL;
    rc_pool *pool = counted_pool_of(64, 100);
    pthread_t thread = start(outlive_the_pool, pool);
    step_await(1);
    rc_release(pool);
    step_to(4);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(rc_limiting_allocator_used(&counting), 0);
}
END_TEST

/* ---- trim ------------------------------------------------------------------------------------ */

static void *visit_twice(void *pool)
{
    take_and_give_back(pool, 10);
    step_to(1);
    step_await(2);
    rc_release(take(pool));
    step_to(3);
    step_await(4);
    return NULL;
}

START_TEST(trim_reaches_other_threads_at_their_next_visit)
{
    step_now = 0;
    rc_pool *pool = counted_pool_of(64, 400);
    pthread_t thread = start(visit_twice, pool);
    step_await(1);
    take_and_give_back(pool, 50);
    ck_assert_uint_gt(read_pool(pool).idle, 50);
    ASSERT_OK(rc_pool_trim(pool, 0));
    ck_assert_uint_le(read_pool(pool).idle, 10); /* what only the other thread reaches */
    ck_assert_uint_gt(read_pool(pool).idle, 0);
    step_to(2);
    step_await(3);
    ck_assert_uint_eq(read_pool(pool).idle, 1); /* that it has just used */
    step_to(4);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(read_pool(pool).idle, 1);
    rc_release(pool);
}
END_TEST

START_TEST(a_thread_that_ends_after_a_trim_leaves_no_more_than_was_to_be_kept)
{
    step_now = 0;
    rc_pool *pool = counted_pool_of(64, 400);
    pthread_t thread = start(visit_twice, pool);
    step_await(1);
    ASSERT_OK(rc_pool_trim(pool, 4));
    ck_assert_uint_eq(read_pool(pool).idle, 10);
    step_to(4);
    pthread_join(thread, NULL);
    ck_assert_uint_le(read_pool(pool).idle, 4);
    rc_release(pool);
}
END_TEST

/* ---- everything at once ---------------------------------------------------------------------- */

enum { STORMERS = 6, ROUNDS = 300, LIMIT = 24 };

static struct {
    rc_pool *pool;
    rc_buffer *places[16]; /* exchanged between the threads */
    size_t too_many;
    bool go_on; /* beyond the rounds */
} storm;

static void *be_a_storm(void *argument)
{
    uint64_t random = 1 + (uintptr_t)argument;
    for (unsigned i = 0; i < ROUNDS || __atomic_load_n(&storm.go_on, __ATOMIC_RELAXED); i++) {
        random = (random * 1103515245 + 12345) & 0x7fffffff;
        rc_buffer *buffer = rc_pool_take(storm.pool);
        memset(rc_buffer_edit(buffer), (int)(random >> 8 & 0xff), buffer->size);
        rc_buffer **place = &storm.places[random >> 16 & 15];
        rc_buffer *old = __atomic_exchange_n(place, buffer, __ATOMIC_ACQ_REL);
        rc_release(old);
        if (random >> 20 & 1) rc_release(rc_pool_take(storm.pool));
        struct rc_pool_statistics now;
        rc_pool_read(storm.pool, &now);
        if (now.most_idle != LIMIT || now.idle > LIMIT + STORMERS)
            __atomic_store_n(&storm.too_many, now.idle, __ATOMIC_RELAXED);
        if (i % 50 == 0) rc_pool_trim(storm.pool, random >> 24 & 15);
    }
    return NULL;
}

START_TEST(takes_releases_trims_and_readings_of_many_threads_keep_the_bounds)
{
    storm.pool = counted_pool_of(128, LIMIT);
    pthread_t threads[STORMERS];
    for (uintptr_t i = 0; i < STORMERS; i++) threads[i] = start(be_a_storm, (void *)i);
    for (size_t i = 0; i < STORMERS; i++) pthread_join(threads[i], NULL);
    for (size_t i = 0; i < 16; i++) rc_clear(&storm.places[i]);
    ck_assert_uint_eq(storm.too_many, 0);
    struct rc_pool_statistics now = read_pool(storm.pool);
    ck_assert_uint_eq(now.out, 0);
    ck_assert_uint_le(now.idle, LIMIT);
    ck_assert_uint_ge(now.hits + now.misses, STORMERS * ROUNDS);
    rc_release(storm.pool);
    ck_assert_uint_eq(rc_limiting_allocator_used(&counting), 0);
}
END_TEST

/* ---- fork ------------------------------------------------------------------------------------ */

/* In the child, where the threads whose magazines these were do not exist. */
static int look_in_child(rc_pool *pool, rc_buffer *held)
{
    struct rc_pool_statistics now;
    rc_pool_read(pool, &now);
    if (now.idle != 18 || now.out != 1) return 2;
    rc_buffer *buffers[18];
    for (size_t i = 0; i < 18; i++) buffers[i] = rc_pool_take(pool);
    rc_pool_read(pool, &now);
    if (now.idle != 0 || now.out != 19) return 3;
    for (size_t i = 0; i < 18; i++) rc_release(buffers[i]);
    rc_pool_trim(pool, 1);
    rc_pool_read(pool, &now);
    if (now.idle != 1) return 4;
    rc_release(held);
    rc_release(pool);
    return rc_limiting_allocator_used(&counting) == 0 ? 0 : 5;
}

START_TEST(a_forked_child_has_the_buffers_of_the_threads_that_it_lacks)
{
    step_now = 0;
    rc_pool *pool = counted_pool_of(64, 400);
    pthread_t thread = start(visit_twice, pool);
    step_await(1);
    rc_buffer *buffers[8], *held = take(pool);
    for (size_t i = 0; i < 8; i++) buffers[i] = take(pool);
    for (size_t i = 0; i < 8; i++) rc_release(buffers[i]);
    ck_assert_uint_eq(read_pool(pool).idle, 18);
    fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) _exit(look_in_child(pool, held));
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %#x",
                  (unsigned)status);
    step_to(2);
    step_to(4);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(read_pool(pool).idle, 18); /* nothing has changed here */
    rc_release(held);
    rc_release(pool);
    ck_assert_uint_eq(rc_limiting_allocator_used(&counting), 0);
}
END_TEST

/* The forking thread had none of the pool's buffers itself, and only trims. */
START_TEST(a_forked_child_can_trim_what_the_threads_that_it_lacks_had)
{
    step_now = 0;
    rc_pool *pool = counted_pool_of(64, 400);
    pthread_t thread = start(visit_twice, pool);
    step_await(1);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct rc_pool_statistics now;
        rc_pool_trim(pool, 3);
        rc_pool_read(pool, &now);
        _exit(now.idle == 3 ? 0 : 2);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %#x",
                  (unsigned)status);
    step_to(4);
    pthread_join(thread, NULL);
    rc_release(pool);
}
END_TEST

START_TEST(a_fork_while_others_take_and_release_finds_a_whole_pool)
{
    if (CHILD_HAS_ASAN) {
        puts("skipped: a fork beside takes: the sanitizer's own locks are held in the child");
        return;
    }
    storm.pool = counted_pool_of(128, LIMIT);
    pthread_t threads[2];
    storm.go_on = true;
    for (uintptr_t i = 0; i < 2; i++) threads[i] = start(be_a_storm, (void *)i);
    for (unsigned i = 0; i < 10; i++) {
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            for (unsigned turn = 0; turn < 50; turn++) rc_release(rc_pool_take(storm.pool));
            struct rc_pool_statistics now;
            rc_pool_trim(storm.pool, 0);
            rc_pool_read(storm.pool, &now);
            _exit(now.idle == 0 ? 0 : 3);
        }
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a child ended with %#x",
                      (unsigned)status);
    }
    __atomic_store_n(&storm.go_on, false, __ATOMIC_RELAXED);
    for (size_t i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    for (size_t i = 0; i < 16; i++) rc_clear(&storm.places[i]);
    rc_release(storm.pool);
    ck_assert_uint_eq(rc_limiting_allocator_used(&counting), 0);
}
END_TEST

/* What no child may find half done. */
static void *change_under_the_lock(void *core)
{
    rc__pool_lock(core);
    step_to(1);
    usleep(5000);
    step_to(2);
    rc__pool_unlock(core);
    step_await(3);
    return NULL;
}

START_TEST(a_fork_waits_for_the_lock_of_each_slot)
{
    for (unsigned slot = 0; slot < RC__POOL_SLOTS; slot++) {
        struct rc__pool_core core = {.slot = slot};
        step_now = 0;
        pthread_t thread = start(change_under_the_lock, &core);
        step_await(1);
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) _exit(step_now == 2 ? 0 : 1);
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "slot %u: %#x", slot,
                      (unsigned)status);
        step_to(3);
        pthread_join(thread, NULL);
    }
}
END_TEST

HARNESS_MAIN("buffer/pool_threads", buffers_taken_here_and_released_there_come_back,
             a_thread_that_ends_gives_its_magazine_back,
             a_thousand_short_lived_threads_leave_nothing,
             a_buffer_that_a_destructor_of_the_thread_releases_comes_back,
             the_last_buffer_ends_on_another_thread_after_the_pool,
             magazines_of_a_pool_that_has_ended_go_at_their_threads_next_visit_to_any_pool,
             magazines_of_a_pool_that_has_ended_go_when_their_thread_ends,
             trim_reaches_other_threads_at_their_next_visit,
             a_thread_that_ends_after_a_trim_leaves_no_more_than_was_to_be_kept,
             takes_releases_trims_and_readings_of_many_threads_keep_the_bounds,
             a_forked_child_has_the_buffers_of_the_threads_that_it_lacks,
             a_forked_child_can_trim_what_the_threads_that_it_lacks_had,
             a_fork_while_others_take_and_release_finds_a_whole_pool,
             a_fork_waits_for_the_lock_of_each_slot)
