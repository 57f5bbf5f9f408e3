/* SPDX-License-Identifier: MIT */
/* Chains of several threads over the same bytes. */
#include "buffer/chain.h"

#include <pthread.h>
#include <sched.h>

#include "buffer/pool.h"
#include "chain_support.h"
#include "rc/bias.h"

enum { THREADS = 8, ROOTS = 4, SIZE = 4096, ROUNDS = 400 };

static rc_buffer *roots[ROOTS];
static unsigned char foreign[SIZE];
static unsigned taken_back;

static void take_back(void *bytes, size_t size, void *context)
{
    (void)context;
    taken_back++;
    memset(bytes, 0, size); /* nobody reads any more */
}

static void make_roots(rc_pool *pool)
{
    taken_back = 0;
    support_write(foreign, SIZE, 2, 0);
    roots[0] = support_buffer(SIZE, 0);
    roots[1] = rc_pool_take(pool);
    roots[2] = rc_buffer_adopt(foreign, SIZE, take_back, NULL);
    roots[3] = rc_buffer_new_with(NULL, SIZE, 0, RC_BUFFER_BIASED);
    support_fill(roots[1], 1, 0);
    support_fill(roots[3], 3, 0);
}

/* ---- over shared roots ----------------------------------------------------------------------- */

struct worker {
    uint64_t random;
    size_t wrong;
    rc_chain *chain;
};

static size_t pick(struct worker *worker, size_t below)
{
    worker->random ^= worker->random << 13;
    worker->random ^= worker->random >> 7;
    worker->random ^= worker->random << 17;
    return (size_t)(worker->random >> 11) % below;
}

/* Bytes of one root after the other, and what they are. */
static size_t add_pieces(struct worker *worker, unsigned char *expected)
{
    size_t size = 0;
    for (unsigned i = 0; i < 12; i++) {
        unsigned root = (unsigned)pick(worker, ROOTS);
        size_t offset = pick(worker, SIZE - 100), part = 1 + pick(worker, 100);
        rc_buffer *slice = rc_buffer_slice(roots[root], offset, part);
        worker->wrong += rc_chain_append(worker->chain, slice) != RC_OK;
        rc_release(slice);
        support_write(expected + size, part, root, offset);
        size += part;
    }
    return size;
}

static void cut_and_compare(struct worker *worker, const unsigned char *expected, size_t size)
{
    size_t half = pick(worker, size);
    rc_chain *front = rc_chain_cut(worker->chain, half);
    rc_buffer *slice = rc_chain_cut_slice(worker->chain, size - half);
    worker->wrong += rc_chain_compare(front, expected, half) != 0;
    worker->wrong += memcmp(slice->data, expected + half, slice->size) != 0;
    if (pick(worker, 4) == 0) worker->wrong += rc_chain_compact(front, 2) != RC_OK;
    worker->wrong += rc_chain_prepend(front, slice) != RC_OK;
    worker->wrong += rc_chain_append_chain(front, front) != RC_OK;
    worker->wrong += front->size != 2 * size;
    rc_release(slice);
    rc_release(front);
}

static void *use_roots(void *argument)
{
    struct worker *worker = argument;
    unsigned char *expected = malloc((size_t)12 * 100);
    for (size_t round = 0; round < ROUNDS; round++) {
        size_t size = add_pieces(worker, expected);
        worker->wrong += rc_chain_compare(worker->chain, expected, size) != 0;
        cut_and_compare(worker, expected, size);
        worker->wrong += worker->chain->size;
    }
    free(expected);
    rc_release(worker->chain);
    for (size_t i = 0; i < ROOTS; i++) rc_release(roots[i]);
    return NULL;
}

START_TEST(eight_threads_have_chains_over_the_same_buffers)
{
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    rc_pool *pool = rc_pool_new(SIZE, 0, 4);
    make_roots(pool);
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.random = i + 1, .chain = new_chain()};
        for (size_t j = 0; j < ROOTS; j++) (void)rc_retain(roots[j]);
    }
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, use_roots, &workers[i]), 0);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_uint_eq(workers[i].wrong, 0);
    }
    for (size_t i = 0; i < ROOTS; i++) {
        ck_assert_uint_eq(rc_buffer_exports(roots[i]), 0);
        rc_release(roots[i]);
    }
    ck_assert_uint_eq(taken_back, 1);
    rc_release(pool);
    rc_bias_drain();
}
END_TEST

/* ---- the last piece goes on another thread --------------------------------------------------- */

static void *release_chain(void *chain)
{
    size_t sum = 0;
    for (size_t offset = 0, run; offset < ((rc_chain *)chain)->size; offset += run) {
        const unsigned char *bytes = rc_chain_peek(chain, offset, &run);
        for (size_t i = 0; i < run; i++) sum += bytes[i];
    }
    rc_release(chain);
    return (void *)sum;
}

START_TEST(the_last_piece_gives_its_buffer_back_on_whichever_thread_it_goes)
{
    for (int round = 0; round < 25; round++) {
        rc_pool *pool = rc_pool_new(SIZE, 0, 4);
        pthread_t threads[THREADS];
        size_t sums[THREADS];
        make_roots(pool);
        for (size_t i = 0; i < THREADS; i++) {
            rc_chain *chain = new_chain();
            for (size_t j = 0; j < ROOTS; j++) append_part(chain, roots[j], i * 100, 200);
            sums[i] = 0;
            for (size_t j = 0; j < ROOTS; j++)
                for (size_t k = 0; k < 200; k++) sums[i] += roots[j]->data[i * 100 + k];
            ck_assert_int_eq(pthread_create(&threads[i], NULL, release_chain, chain), 0);
        }
        for (size_t i = 0; i < ROOTS; i++) rc_release(roots[i]);
        for (size_t i = 0; i < THREADS; i++) {
            void *sum;
            pthread_join(threads[i], &sum);
            ck_assert_uint_eq((size_t)sum, sums[i]);
        }
        ck_assert_uint_eq(taken_back, 1);
        rc_release(pool);
    }
    rc_bias_drain();
}
END_TEST

/* ---- a room is filled while others read what was cut out of it ------------------------------- */

enum { MESSAGES = 3000 };

static rc_buffer *handed[MESSAGES]; /* NULL: not yet */

static void *read_messages(void *first)
{
    size_t wrong = 0;
    for (size_t i = (size_t)(uintptr_t)first; i < MESSAGES; i += 2) {
        rc_buffer *message;
        while (!(message = __atomic_load_n(&handed[i], __ATOMIC_ACQUIRE))) sched_yield();
        wrong += support_count_same(message->data, message->size, (unsigned)i, 0) != message->size;
        rc_release(message);
    }
    return (void *)wrong;
}

START_TEST(messages_are_read_while_the_room_that_they_lie_in_is_filled)
{
    pthread_t readers[2];
    rc_chain *chain = new_chain();
    for (uintptr_t i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&readers[i], NULL, read_messages, (void *)i), 0);
    for (size_t i = 0; i < MESSAGES; i++) {
        unsigned char bytes[50];
        size_t size = 1 + i % 50;
        support_write(bytes, size, (unsigned)i, 0);
        ASSERT_OK(rc_chain_append_bytes(chain, bytes, size));
        __atomic_store_n(&handed[i], rc_chain_cut_slice(chain, size), __ATOMIC_RELEASE);
    }
    for (size_t i = 0; i < 2; i++) {
        void *wrong;
        pthread_join(readers[i], &wrong);
        ck_assert_uint_eq((size_t)wrong, 0);
    }
    rc_release(chain);
}
END_TEST

HARNESS_MAIN("buffer/chain_threads", eight_threads_have_chains_over_the_same_buffers,
             the_last_piece_gives_its_buffer_back_on_whichever_thread_it_goes,
             messages_are_read_while_the_room_that_they_lie_in_is_filled)
