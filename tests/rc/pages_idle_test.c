/* SPDX-License-Identifier: MIT */
/* Pages that idle: who gets them, what bounds them, and threads and forks that come between. */
#define _GNU_SOURCE 1 /* mincore */
#include "rc/pages_idle.h"

#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pages_support.h"

/* ---- what idles ------------------------------------------------------------------------------ */

START_TEST(a_thread_gets_the_block_that_it_freed_last)
{
    void *one = rc__pages_allocate(MIB), *two = rc__pages_allocate(MIB + 5000);
    rc__pages_free(one, MIB);
    ck_assert_uint_eq(rc__pages_idle().mine, MIB);
    ck_assert_ptr_eq(rc__pages_allocate(MIB), one);
    ck_assert_uint_eq(rc__pages_idle().mine, 0);
    rc__pages_free(one, MIB);
    rc__pages_free(two, MIB + 5000);
    ck_assert_ptr_eq(rc__pages_allocate(MIB + 4097), two);
    ck_assert_uint_eq(rc__pages_idle().bytes, MIB);
    rc__pages_free(two, MIB + 4097);
}
END_TEST

START_TEST(neighbours_that_idle_become_one_range)
{
    static const int orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {0, 2, 1, 3}, {1, 3, 0, 2}};
    unsigned char *start = idle_range(12 * MIB);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 4; j++)
            ck_assert_ptr_eq(rc__pages_allocate(3 * MIB), start + j * 3 * MIB);
        ck_assert_uint_eq(rc__pages_idle().ranges, 0);
        for (size_t j = 0; j < 4; j++)
            rc__pages_free(start + (size_t)orders[i][j] * 3 * MIB, 3 * MIB);
        ck_assert_uint_eq(rc__pages_idle().ranges, 1);
        ck_assert_uint_eq(rc__pages_idle().bytes, 12 * MIB);
    }
}
END_TEST

START_TEST(the_range_that_fits_exactly_is_taken_else_the_longest)
{
    idle_range(13 * MIB + 3 * RC__PAGES_LEAST);
    static const size_t sizes[] = {3 * MIB, 6 * MIB, 4 * MIB};
    void *blocks[3], *between[3];
    for (size_t i = 0; i < 3; i++) {
        blocks[i] = rc__pages_allocate(sizes[i]);
        between[i] = rc__pages_allocate(RC__PAGES_LEAST);
    }
    for (size_t i = 0; i < 3; i++) rc__pages_free(blocks[i], sizes[i]);
    ck_assert_uint_eq(rc__pages_idle().ranges, 3);
    ck_assert_ptr_eq(rc__pages_allocate(3 * MIB), blocks[0]);
    ck_assert_ptr_eq(rc__pages_allocate(MIB), blocks[1]);
    ck_assert_ptr_eq(rc__pages_allocate(4 * MIB), blocks[2]);
    ck_assert_uint_eq(rc__pages_idle().bytes, 5 * MIB);
    rc__pages_free(blocks[0], 3 * MIB);
    rc__pages_free(blocks[1], MIB);
    rc__pages_free(blocks[2], 4 * MIB);
    for (size_t i = 0; i < 3; i++) rc__pages_free(between[i], RC__PAGES_LEAST);
}
END_TEST

START_TEST(bytes_that_idle_are_bounded_and_the_oldest_go_first)
{
    enum { COUNT = 9 };
    void *blocks[COUNT];
    rc__pages_trim();
    for (size_t i = 0; i < COUNT; i++) blocks[i] = rc__pages_allocate(40 * MIB);
    for (size_t i = 0; i < COUNT; i += 2) rc__pages_free(blocks[i], 40 * MIB);
    ck_assert_uint_eq(rc__pages_idle().bytes, 120 * MIB);
    ck_assert(!is_mapped(blocks[0]) && !is_mapped(blocks[2]));
    ck_assert(is_mapped(blocks[4]) && is_mapped(blocks[6]) && is_mapped(blocks[8]));
    for (size_t i = 1; i < COUNT; i += 2) rc__pages_free(blocks[i], 40 * MIB);
    ck_assert_uint_le(rc__pages_idle().bytes, RC__PAGES_IDLE_BYTES);
    rc__pages_trim();
    void *large = rc__pages_allocate(RC__PAGES_IDLE_BYTES + 1);
    rc__pages_free(large, RC__PAGES_IDLE_BYTES + 1);
    ck_assert_uint_eq(rc__pages_idle().bytes, 0);
    ck_assert(!is_mapped(large));
}
END_TEST

START_TEST(ranges_that_idle_are_bounded_in_number)
{
    enum { COUNT = 2 * RC__PAGES_IDLE_RANGES + 9 };
    void *blocks[COUNT];
    rc__pages_trim();
    for (size_t i = 0; i < COUNT; i++) blocks[i] = rc__pages_allocate(3 * MIB);
    for (size_t i = 0; i < COUNT; i += 2) rc__pages_free(blocks[i], 3 * MIB);
    ck_assert_uint_eq(rc__pages_idle().ranges, RC__PAGES_IDLE_RANGES);
    ck_assert(!is_mapped(blocks[0]));
    for (size_t i = 1; i < COUNT; i += 2) rc__pages_free(blocks[i], 3 * MIB);
    ck_assert_uint_le(rc__pages_idle().bytes, RC__PAGES_IDLE_BYTES);
}
END_TEST

START_TEST(trimming_gives_everything_back_and_keeps_errno)
{
    unsigned char *large = idle_range(6 * MIB);
    void *small = rc__pages_allocate(7 * MIB);
    rc__pages_free(small, 7 * MIB);
    void *mine = rc__pages_allocate(RC__PAGES_LEAST);
    errno = ENOTTY;
    rc__pages_free(mine, RC__PAGES_LEAST);
    rc__pages_trim();
    ck_assert_int_eq(errno, ENOTTY);
    ck_assert(!is_mapped(large) && !is_mapped(small) && !is_mapped(mine));
    ck_assert_uint_eq(rc__pages_idle().ranges, 0);
    rc__pages_trim();
    ck_assert_uint_eq(rc__pages_idle().bytes, 0);
}
END_TEST

/* ---- threads and forks ----------------------------------------------------------------------- */

static void *come_and_go(void *context)
{
    pthread_barrier_t *all_are_here = context;
    for (unsigned i = 0; i < 3; i++) {
        size_t size = RC__PAGES_LEAST + i * 4096;
        unsigned char *block = rc__pages_allocate(size);
        block[0] = block[size - 1] = (unsigned char)i;
        if (i == 0 && all_are_here) pthread_barrier_wait(all_are_here);
        if (block[0] != i || block[size - 1] != i) return block;
        rc__pages_free(block, size);
    }
    return NULL;
}

START_TEST(a_thread_that_ends_leaves_its_block_to_the_others)
{
    pthread_t thread;
    void *wrong;
    rc__pages_trim();
    ck_assert_int_eq(pthread_create(&thread, NULL, come_and_go, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, &wrong), 0);
    ck_assert_ptr_null(wrong);
    size_t whole = 3 * RC__PAGES_LEAST + 4096 + 8192;
    ck_assert_uint_eq(rc__pages_idle().bytes, whole);
}
END_TEST

START_TEST(more_threads_than_slots_share_what_idles)
{
    enum { THREADS = RC__PAGES_SLOTS + 10 };
    pthread_t threads[THREADS];
    pthread_barrier_t all_are_here;
    pthread_barrier_init(&all_are_here, NULL, THREADS);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < THREADS; i++)
            ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go, &all_are_here), 0);
        for (int i = 0; i < THREADS; i++) {
            void *wrong;
            pthread_join(threads[i], &wrong);
            ck_assert_ptr_null(wrong);
        }
    }
    pthread_barrier_destroy(&all_are_here);
    ck_assert_uint_le(rc__pages_idle().bytes, RC__PAGES_IDLE_BYTES);
    rc__pages_trim();
    ck_assert_uint_eq(rc__pages_idle().bytes, 0);
}
END_TEST

/* Blocks on a table, each with its size at both ends; whoever comes by changes one of them. */
enum { PLACES = 8, STEPS = 1500 };

static struct {
    pthread_mutex_t lock;
    size_t *blocks[PLACES];
    size_t wrong;
    bool stop;
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

static size_t *exchange(size_t place, size_t *block)
{
    pthread_mutex_lock(&table.lock);
    size_t *before = table.blocks[place];
    table.blocks[place] = block;
    pthread_mutex_unlock(&table.lock);
    return before;
}

static size_t *marked(size_t *block, size_t size)
{
    if (!block) abort();
    block[0] = block[size / sizeof(size_t) - 1] = size;
    return block;
}

static bool is_marked(const size_t *block)
{
    return block[block[0] / sizeof(size_t) - 1] == block[0];
}

static void change_one(unsigned *random)
{
    *random = *random * 1103515245u + 12345u;
    size_t size = RC__PAGES_LEAST + (*random >> 16) % 64 * 65536;
    size_t *block = exchange((*random >> 8) % PLACES, NULL);
    if (!block) {
        block = marked(rc__pages_allocate(size), size);
    } else if (!is_marked(block)) {
        __atomic_fetch_add(&table.wrong, 1, __ATOMIC_RELAXED);
    } else if (*random & 1u << 30) {
        size_t old_size = block[0];
        block = rc__pages_reallocate(block, old_size, size);
        if (old_size <= size && !is_marked(block)) abort();
        marked(block, size);
    }
    size_t *other = exchange(*random % PLACES, block);
    if (other) rc__pages_free(other, other[0]);
}

static void *change_many(void *seed)
{
    unsigned random = (unsigned)(uintptr_t)seed;
    for (int i = 0; i < STEPS; i++) change_one(&random);
    return NULL;
}

static void clear_table(void)
{
    for (size_t i = 0; i < PLACES; i++) {
        size_t *block = exchange(i, NULL);
        if (block) rc__pages_free(block, block[0]);
    }
}

START_TEST(threads_pass_blocks_to_each_other)
{
    pthread_t threads[4];
    for (uintptr_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, change_many, (void *)(i + 1)), 0);
    for (size_t i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    clear_table();
    ck_assert_uint_eq(table.wrong, 0);
    ck_assert_uint_le(rc__pages_idle().bytes, RC__PAGES_IDLE_BYTES);
    ck_assert_uint_le(rc__pages_idle().ranges, RC__PAGES_IDLE_RANGES);
    rc__pages_trim();
    ck_assert_uint_eq(rc__pages_idle().bytes, 0);
}
END_TEST

static void *change_until_told(void *seed)
{
    unsigned random = (unsigned)(uintptr_t)seed;
    while (!__atomic_load_n(&table.stop, __ATOMIC_RELAXED)) change_one(&random);
    return NULL;
}

/* In the child, where the others' blocks idle no more and the lock is free. */
static int use_all_in_child(void)
{
    for (size_t size = RC__PAGES_LEAST; size < 8 * MIB; size *= 2) {
        unsigned char *block = rc__pages_allocate(size);
        if (!block) return 1;
        block[0] = block[size - 1] = 1;
        rc__pages_free(block, size);
    }
    rc__pages_trim();
    return rc__pages_idle().bytes == 0 ? 0 : 2;
}

START_TEST(a_child_of_a_fork_in_the_middle_goes_on)
{
    pthread_t threads[2];
    for (uintptr_t i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, change_until_told, (void *)(i + 1)), 0);
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) _exit(use_all_in_child());
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFEXITED(status));
        ck_assert_int_eq(WEXITSTATUS(status), 0);
    }
    __atomic_store_n(&table.stop, true, __ATOMIC_RELAXED);
    for (size_t i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    clear_table();
    rc__pages_trim();
    ck_assert_uint_eq(rc__pages_idle().bytes, 0);
}
END_TEST

/* All slots are taken by threads that wait, each with a block in it. */
static struct {
    pthread_barrier_t are_here, may_go;
    void *blocks[RC__PAGES_SLOTS];
} holders;

static void *hold_slot(void *place)
{
    void **block = place;
    *block = rc__pages_allocate(RC__PAGES_LEAST);
    rc__pages_free(*block, RC__PAGES_LEAST);
    if (rc__pages_idle().mine != RC__PAGES_LEAST) *block = NULL;
    pthread_barrier_wait(&holders.are_here);
    pthread_barrier_wait(&holders.may_go);
    return NULL;
}

static int use_slot_in_child(void)
{
    for (size_t i = 0; i < RC__PAGES_SLOTS; i++)
        if (is_mapped(holders.blocks[i])) return 1;
    void *block = rc__pages_allocate(RC__PAGES_LEAST);
    rc__pages_free(block, RC__PAGES_LEAST);
    return rc__pages_idle().mine == RC__PAGES_LEAST && rc__pages_idle().bytes == 0 ? 0 : 2;
}

START_TEST(a_child_has_the_slots_of_the_threads_that_it_lacks)
{
    pthread_t threads[RC__PAGES_SLOTS];
    pthread_barrier_init(&holders.are_here, NULL, RC__PAGES_SLOTS + 1);
    pthread_barrier_init(&holders.may_go, NULL, RC__PAGES_SLOTS + 1);
    for (size_t i = 0; i < RC__PAGES_SLOTS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, hold_slot, &holders.blocks[i]), 0);
    pthread_barrier_wait(&holders.are_here);
    for (size_t i = 0; i < RC__PAGES_SLOTS; i++) ck_assert(is_mapped(holders.blocks[i]));
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) _exit(use_slot_in_child());
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    for (size_t i = 0; i < RC__PAGES_SLOTS; i++) ck_assert(is_mapped(holders.blocks[i]));

    /* Here there is none left for this thread. */
    void *block = rc__pages_allocate(RC__PAGES_LEAST);
    rc__pages_free(block, RC__PAGES_LEAST);
    ck_assert_uint_eq(rc__pages_idle().mine, 0);
    ck_assert_uint_eq(rc__pages_idle().bytes, RC__PAGES_LEAST);
    pthread_barrier_wait(&holders.may_go);
    for (size_t i = 0; i < RC__PAGES_SLOTS; i++) pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&holders.are_here);
    pthread_barrier_destroy(&holders.may_go);
}
END_TEST

HARNESS_MAIN("rc/pages_idle", a_thread_gets_the_block_that_it_freed_last,
             neighbours_that_idle_become_one_range,
             the_range_that_fits_exactly_is_taken_else_the_longest,
             bytes_that_idle_are_bounded_and_the_oldest_go_first,
             ranges_that_idle_are_bounded_in_number, trimming_gives_everything_back_and_keeps_errno,
             a_thread_that_ends_leaves_its_block_to_the_others,
             more_threads_than_slots_share_what_idles, threads_pass_blocks_to_each_other,
             a_child_of_a_fork_in_the_middle_goes_on,
             a_child_has_the_slots_of_the_threads_that_it_lacks)
