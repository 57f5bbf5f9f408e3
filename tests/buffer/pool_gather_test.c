/* SPDX-License-Identifier: MIT */
/* Pools that keep as many as are out at once, and whose buffers other threads release than take
 * them: who misses, and when magazines lose their places and get them back. */
#include <pthread.h>
#include <sys/wait.h>

#include "buffer/pool_layout.h"
#include "pool_support.h"
#include "tests/child.h"

enum { BUFFERS_MOST = 128, CONSUMERS_MOST = 2 };

/* ---- rounds: this thread takes, others release ----------------------------------------------- */

struct relay;

struct consumer {
    struct relay *relay;
    unsigned number;
    pthread_t thread;
};

/* All of a round's buffers are out at once. The n-th consumer releases each n-th of them. */
struct relay {
    rc_pool *pool;
    unsigned consumers;
    size_t count; /* 0: it is over */
    rc_buffer *buffers[BUFFERS_MOST];
    struct consumer consumer[CONSUMERS_MOST];
    pthread_barrier_t turn;
};

static void *release_in_turn(void *argument)
{
    struct consumer *self = argument;
    struct relay *relay = self->relay;
    for (;;) {
        pthread_barrier_wait(&relay->turn);
        if (relay->count == 0) return NULL;
        for (size_t i = self->number; i < relay->count; i += relay->consumers)
            rc_release(relay->buffers[i]);
        pthread_barrier_wait(&relay->turn);
    }
}

static void begin_relay(struct relay *relay, rc_pool *pool, unsigned consumers)
{
    *relay = (struct relay){.pool = pool, .consumers = consumers};
    ck_assert_int_eq(pthread_barrier_init(&relay->turn, NULL, consumers + 1), 0);
    for (unsigned i = 0; i < consumers; i++) {
        struct consumer *consumer = &relay->consumer[i];
        *consumer = (struct consumer){.relay = relay, .number = i};
        ck_assert_int_eq(pthread_create(&consumer->thread, NULL, release_in_turn, consumer), 0);
    }
}

/* All are back afterwards, and no more idle than may. */
static struct rc_pool_statistics run_round(struct relay *relay, size_t count)
{
    relay->count = count;
    for (size_t i = 0; i < count; i++) relay->buffers[i] = take(relay->pool);
    pthread_barrier_wait(&relay->turn);
    pthread_barrier_wait(&relay->turn);
    struct rc_pool_statistics now = read_pool(relay->pool);
    ck_assert_uint_eq(now.out, 0);
    ck_assert_uint_le(now.idle, now.most_idle);
    return now;
}

static void end_relay(struct relay *relay)
{
    relay->count = 0;
    pthread_barrier_wait(&relay->turn);
    for (unsigned i = 0; i < relay->consumers; i++) pthread_join(relay->consumer[i].thread, NULL);
    pthread_barrier_destroy(&relay->turn);
}

/* ---- misses ---------------------------------------------------------------------------------- */

enum { FIRST_ROUNDS = 6, ROUNDS = 60 };

/* What pool.h promises: each buffer that may idle is made once, and half as many again. If more are
 * kept than are out, that may take more than the first rounds. */
static void hand_over(size_t size, size_t keep, size_t out, unsigned consumers)
{
    struct relay relay;
    size_t at_first = 0, misses = 0;
    rc_pool *pool = pool_of(size, keep);
    begin_relay(&relay, pool, consumers);
    for (unsigned i = 0; i < ROUNDS; i++) {
        misses = run_round(&relay, out).misses;
        if (i < FIRST_ROUNDS) at_first = misses;
    }
    ck_assert_msg(misses <= keep + keep / 2 && (misses == at_first || keep > out),
                  "%zu B, %zu kept, %zu out, %u consumers: %zu misses, %zu at first", size, keep,
                  out, consumers, misses, at_first);
    if (keep == out) ck_assert_uint_eq(read_pool(pool).idle, keep);
    end_relay(&relay);
    ck_assert_uint_le(read_pool(pool).idle, keep);
    rc_release(pool);
}

static const size_t sizes[] = {1000, 4096, 65536, 300000};

START_TEST(no_take_misses_for_long_where_as_many_are_kept_as_are_out)
{
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (size_t out = 1; out <= 64; out *= 2)
            for (unsigned consumers = 1; consumers <= CONSUMERS_MOST; consumers++)
                hand_over(sizes[s], out, out, consumers);
}
END_TEST

START_TEST(no_take_misses_for_long_where_more_are_kept_than_are_out)
{
    static const size_t outs[] = {1, 2, 3, 5, 8, 16, 31, 64};
    for (size_t i = 0; i < sizeof outs / sizeof outs[0]; i++)
        for (size_t more = 1; more <= outs[i]; more += 1 + more / 2)
            for (unsigned consumers = 1; consumers <= CONSUMERS_MOST; consumers++)
                hand_over(1000, outs[i] + more, outs[i], consumers);
}
END_TEST

/* Of those that are out too many, and of no others. */
START_TEST(where_more_are_out_than_are_kept_only_those_miss_that_have_to)
{
    struct relay relay;
    rc_pool *pool = pool_of(1000, 16);
    begin_relay(&relay, pool, 2);
    size_t before = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t misses = run_round(&relay, 20).misses;
        if (i > FIRST_ROUNDS) ck_assert_uint_eq(misses - before, 4);
        before = misses;
    }
    ck_assert_uint_eq(read_pool(pool).idle, 16);
    end_relay(&relay);
    rc_release(pool);
}
END_TEST

/* ---- places ---------------------------------------------------------------------------------- */

/* Rounds with as many as are kept: nothing is reserved any more, and all idles in the depot. */
static void gather(struct relay *relay)
{
    const struct rc__pool_core *core = relay->pool->core;
    for (unsigned i = 0; i < FIRST_ROUNDS; i++) (void)run_round(relay, core->limit);
    ck_assert(core->gathered);
    ck_assert_uint_eq(core->reserved, 0);
    ck_assert_uint_eq(core->depot_count, core->limit);
    for (const struct rc__pool_magazine *magazine = core->magazines; magazine;
         magazine = magazine->next) {
        ck_assert_uint_eq(magazine->key, RC__KEY_SETTLED);
        ck_assert_uint_eq(magazine->count + magazine->capacity, 0);
        ck_assert_ptr_null(magazine->cell);
    }
}

START_TEST(magazines_of_a_gathered_pool_have_no_places)
{
    struct relay relay;
    rc_pool *pool = pool_of(100, 40);
    begin_relay(&relay, pool, 2);
    gather(&relay);
    end_relay(&relay);
    rc_release(take(pool));
    ck_assert_uint_eq(pool->core->reserved, 0);
    ck_assert_uint_eq(read_pool(pool).idle, 40);
    rc_release(pool);
}
END_TEST

START_TEST(pools_of_one_thread_are_never_gathered)
{
    for (size_t keep = 1; keep <= 64; keep += 7)
        for (size_t out = 1; out < 100; out += 11) {
            rc_buffer *buffers[BUFFERS_MOST];
            rc_pool *pool = pool_of(64, keep);
            for (unsigned turn = 0; turn < 5; turn++) {
                for (size_t i = 0; i < out; i++) buffers[i] = take(pool);
                for (size_t i = 0; i < out; i++) rc_release(buffers[i]);
            }
            ck_assert(!pool->core->gathered);
            size_t idle = out < keep ? out : keep;
            ck_assert_uint_eq(read_pool(pool).hits, 4 * idle);
            rc_release(pool);
        }
}
END_TEST

/* Frozen ones pass the cell by, whose place is none for them. */
START_TEST(buffers_that_the_cell_does_not_take_find_places_all_the_same)
{
    rc_buffer *buffers[16];
    rc_pool *pool = pool_of(64, 16);
    size_t at_first = 0;
    for (unsigned turn = 0; turn < ROUNDS; turn++) {
        for (size_t i = 0; i < 16; i++) rc_buffer_freeze(buffers[i] = take(pool));
        for (size_t i = 0; i < 16; i++) rc_release(buffers[i]);
        if (turn < FIRST_ROUNDS) at_first = read_pool(pool).misses;
    }
    ck_assert_uint_eq(read_pool(pool).misses, at_first);
    ck_assert_uint_le(at_first, 17);
    rc_release(pool);
}
END_TEST

static void use(rc_pool *pool, size_t times)
{
    for (size_t i = 0; i < times; i++) rc_release(take(pool));
}

START_TEST(a_gathered_pool_with_room_gets_its_magazines_back)
{
    struct relay relay;
    rc_pool *pool = pool_of(100, 64);
    const struct rc__pool_core *core = pool->core;
    begin_relay(&relay, pool, 1);
    for (size_t watch = 1024; watch <= 4096; watch *= 2) {
        gather(&relay);
        ck_assert_uint_eq(core->watch, watch);
        while (core->watched) use(pool, 1); /* with all of them out, there was no room */
        ck_assert(core->gathered);
        use(pool, watch - 1);
        ck_assert(core->gathered);
        ck_assert_uint_eq(core->most_out, 1);
        use(pool, 1);
        ck_assert(!core->gathered);
        use(pool, 1);
        ck_assert_uint_eq(core->reserved, 8);
        ck_assert_uint_eq(read_pool(pool).idle, 64);
    }
    end_relay(&relay);
    rc_release(pool);
}
END_TEST

/* Two magazines would reserve 8 and 6: twice that and what is out is the bound. */
START_TEST(a_gathered_pool_stays_so_without_room_for_what_magazines_reserve_twice)
{
    for (size_t out = 36; out <= 37; out++) {
        struct relay relay;
        rc_pool *pool = pool_of(100, 64);
        const struct rc__pool_core *core = pool->core;
        begin_relay(&relay, pool, 1);
        gather(&relay);
        while (core->watched) use(pool, 1);
        for (size_t taken = 0; taken <= 1024; taken += out) (void)run_round(&relay, out);
        ck_assert_int_eq(core->gathered, out > 36);
        end_relay(&relay);
        rc_release(pool);
    }
}
END_TEST

/* ---- trim ------------------------------------------------------------------------------------ */

START_TEST(a_pool_that_gathers_is_not_trimmed_by_it)
{
    struct relay relay;
    rc_pool *pool = pool_of(100, 16);
    begin_relay(&relay, pool, 1);
    (void)run_round(&relay, 4);
    ASSERT_OK(rc_pool_trim(pool, 0));
    ck_assert_uint_gt(read_pool(pool).idle, 0);  /* in the consumer's magazine */
    size_t before = run_round(&relay, 1).misses; /* it has seen the trim */
    gather(&relay);
    ck_assert_uint_eq(pool->core->trim_to, SIZE_MAX);
    ck_assert_uint_le(read_pool(pool).misses, before + 16 + 16 / 2);
    end_relay(&relay);
    rc_release(pool);
}
END_TEST

START_TEST(a_trim_that_a_thread_has_not_seen_when_the_pool_gathers_is_seen_by_it)
{
    struct relay relay;
    rc_pool *pool = pool_of(100, 16);
    begin_relay(&relay, pool, 1);
    (void)run_round(&relay, 16);
    ASSERT_OK(rc_pool_trim(pool, 1));
    ck_assert_uint_eq(read_pool(pool).idle, 4);
    rc__pool_lock(pool->core);
    pool->core->freed_early = true;
    rc__pool_unlock(pool->core);
    rc_buffer *one = take(pool);
    ck_assert(pool->core->gathered);
    ck_assert_uint_eq(pool->core->trim_to, 1);
    rc_buffer *two = relay.buffers[0] = take(pool);
    relay.count = 1;
    pthread_barrier_wait(&relay.turn);
    pthread_barrier_wait(&relay.turn);
    ck_assert_uint_eq(read_pool(pool).idle, 2); /* what was to be left, and what it released */
    ck_assert_ptr_ne(one, two);
    rc_release(one);
    end_relay(&relay);
    rc_release(pool);
}
END_TEST

START_TEST(a_gathered_pool_is_trimmed_at_once)
{
    struct relay relay;
    rc_pool *pool = pool_of(100, 16);
    begin_relay(&relay, pool, 2);
    gather(&relay);
    ASSERT_OK(rc_pool_trim(pool, 3));
    ck_assert_uint_eq(read_pool(pool).idle, 3);
    gather(&relay);
    end_relay(&relay);
    rc_release(pool);
}
END_TEST

/* ---- the end --------------------------------------------------------------------------------- */

static void *take_one_and_wait(void *argument)
{
    struct relay *relay = argument;
    use(relay->pool, 1);
    pthread_barrier_wait(&relay->turn);
    pthread_barrier_wait(&relay->turn);
    return NULL;
}

/* What it had before the pool gathered goes where it can be taken. */
START_TEST(a_thread_that_ends_gives_a_gathered_pool_its_magazine_back)
{
    struct relay relay, idler = {0};
    pthread_t thread;
    rc_pool *pool = pool_of(100, 16);
    idler.pool = pool;
    ck_assert_int_eq(pthread_barrier_init(&idler.turn, NULL, 2), 0);
    use(pool, 1);
    ck_assert_int_eq(pthread_create(&thread, NULL, take_one_and_wait, &idler), 0);
    pthread_barrier_wait(&idler.turn);
    begin_relay(&relay, pool, 1);
    for (unsigned i = 0; i < FIRST_ROUNDS; i++) (void)run_round(&relay, 16);
    ck_assert(pool->core->gathered);
    ck_assert_uint_eq(pool->core->reserved, 4); /* the idle thread's */
    pthread_barrier_wait(&idler.turn);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(pool->core->reserved, 0);
    ck_assert_uint_le(read_pool(pool).idle, 16);
    size_t misses = run_round(&relay, 16).misses;
    ck_assert_uint_eq(run_round(&relay, 16).misses, misses);
    end_relay(&relay);
    rc_release(pool);
    pthread_barrier_destroy(&idler.turn);
}
END_TEST

START_TEST(a_forked_child_has_what_a_gathered_pool_had)
{
    struct relay relay;
    rc_pool *pool = pool_of(100, 16);
    begin_relay(&relay, pool, 2);
    gather(&relay);
    fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        size_t misses = read_pool(pool).misses;
        rc_buffer *buffers[16];
        for (size_t i = 0; i < 16; i++) buffers[i] = rc_pool_take(pool);
        for (size_t i = 0; i < 16; i++) rc_release(buffers[i]);
        struct rc_pool_statistics now = read_pool(pool);
        _exit(now.misses == misses && now.idle == 16 ? 0 : 2);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %#x",
                  (unsigned)status);
    end_relay(&relay);
    rc_release(pool);
}
END_TEST

/* ---- all at once ----------------------------------------------------------------------------- */

enum { TAKERS = 2, RELEASERS = 2, PLACES = 24, TAKEN_EACH = 10000 };

/* A stack of at most PLACES; one more is on its way with each thread. */
static struct {
    rc_pool *pool;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    rc_buffer *places[PLACES];
    size_t count, left, too_many;
} crowd = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* Buffers may move while they are counted: no magazine has more than its places all the same, and
 * those are together with the depot within the bound. */
static void note_idle(void)
{
    struct rc_pool_statistics now;
    rc_pool_read(crowd.pool, &now);
    if (now.idle > now.most_idle) __atomic_store_n(&crowd.too_many, now.idle, __ATOMIC_RELAXED);
}

static void *take_many(void *unused)
{
    for (unsigned i = 0; i < TAKEN_EACH; i++) {
        rc_buffer *buffer = rc_pool_take(crowd.pool);
        memset(rc_buffer_edit(buffer), (int)(i & 0xff), buffer->size);
        pthread_mutex_lock(&crowd.lock);
        while (crowd.count == PLACES) pthread_cond_wait(&crowd.changed, &crowd.lock);
        crowd.places[crowd.count++] = buffer;
        pthread_cond_broadcast(&crowd.changed);
        pthread_mutex_unlock(&crowd.lock);
        if (i % 64 == 0) note_idle();
    }
    return unused;
}

static rc_buffer *get_one(void)
{
    rc_buffer *buffer = NULL;
    pthread_mutex_lock(&crowd.lock);
    while (crowd.count == 0 && crowd.left) pthread_cond_wait(&crowd.changed, &crowd.lock);
    if (crowd.left) {
        buffer = crowd.places[--crowd.count];
        crowd.left--;
    }
    pthread_cond_broadcast(&crowd.changed);
    pthread_mutex_unlock(&crowd.lock);
    return buffer;
}

static void *release_many(void *unused)
{
    for (rc_buffer *buffer; (buffer = get_one()) != NULL; note_idle()) rc_release(buffer);
    return unused;
}

START_TEST(threads_that_take_and_others_that_release_at_any_time_miss_little_within_the_bound)
{
    enum { THREADS = TAKERS + RELEASERS, KEEP = PLACES + THREADS };
    pthread_t threads[THREADS];
    crowd.pool = pool_of(1000, KEEP);
    crowd.left = TAKERS * TAKEN_EACH;
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, i < TAKERS ? take_many : release_many, NULL), 0);
    for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    struct rc_pool_statistics now = read_pool(crowd.pool);
    ck_assert_uint_eq(crowd.too_many, 0);
    ck_assert_uint_eq(now.out, 0);
    ck_assert_uint_le(now.idle, KEEP);
    ck_assert_uint_eq(now.hits + now.misses, TAKERS * TAKEN_EACH);
    ck_assert_uint_le(now.misses, 4 * KEEP); /* it may gather, and have room again, three times */
    rc_release(crowd.pool);
}
END_TEST

HARNESS_MAIN("buffer/pool_gather", no_take_misses_for_long_where_as_many_are_kept_as_are_out,
             no_take_misses_for_long_where_more_are_kept_than_are_out,
             where_more_are_out_than_are_kept_only_those_miss_that_have_to,
             magazines_of_a_gathered_pool_have_no_places, pools_of_one_thread_are_never_gathered,
             buffers_that_the_cell_does_not_take_find_places_all_the_same,
             a_gathered_pool_with_room_gets_its_magazines_back,
             a_gathered_pool_stays_so_without_room_for_what_magazines_reserve_twice,
             a_pool_that_gathers_is_not_trimmed_by_it,
             a_trim_that_a_thread_has_not_seen_when_the_pool_gathers_is_seen_by_it,
             a_gathered_pool_is_trimmed_at_once,
             a_thread_that_ends_gives_a_gathered_pool_its_magazine_back,
             a_forked_child_has_what_a_gathered_pool_had,
             threads_that_take_and_others_that_release_at_any_time_miss_little_within_the_bound)
