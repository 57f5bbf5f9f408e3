/* SPDX-License-Identifier: MIT */
/* Pools without memory: each request of each call fails once, and from then on. */
#include <pthread.h>

#include "buffer/pool.h"
#include "pool_support.h"

/* A pool whose requests can fail, and which tells what is out of its allocator. */
static struct support_inspector inspector;
static struct rc_failing_allocator failing;

static void set_up_allocators(void)
{
    support_inspector_init(&inspector);
    rc_failing_allocator_init(&failing, &inspector.allocator, 0, false);
}

/* From here on request number @p n fails, and the later ones too if for_ever. */
static void fail_at(size_t n, bool for_ever)
{
    rc_failing_allocator_init(&failing, &inspector.allocator, n, for_ever);
}

static rc_pool *new_pool(size_t size, size_t keep)
{
    return rc_pool_new_with(&(struct rc_pool_options){.struct_size = sizeof(struct rc_pool_options),
                                                      .size = size,
                                                      .keep_at_most = keep,
                                                      .allocator = &failing.allocator});
}

START_TEST(a_pool_that_cannot_be_made_leaves_nothing)
{
    set_up_allocators();
    size_t failures = 0;
    for (size_t n = 1;; n++) {
        fail_at(n, false);
        rc_pool *pool = new_pool(64, 8);
        if (pool) {
            ck_assert_uint_eq(rc_failing_allocator_failed(&failing), 0);
            rc_release(pool);
            break;
        }
        ASSERT_LAST_ERROR(RC_NO_MEMORY, "no room for");
        ck_assert_uint_eq(inspector.blocks, 0);
        failures++;
    }
    ck_assert_uint_eq(failures, 2);
    ck_assert_uint_eq(inspector.blocks, 0);
}
END_TEST

/* Takes one after another, each with a request that fails: it either answers RC_NO_MEMORY and has
 * changed nothing, or goes without, and says nothing of it. */
static void take_with_failures(rc_buffer **taken, rc_pool *pool, size_t count, bool for_ever)
{
    size_t n = 1;
    for (size_t i = 0; i < count;) {
        struct rc_pool_statistics before = read_pool(pool), after;
        size_t blocks = inspector.blocks;
        fail_at(n, for_ever);
        rc_error_clear();
        taken[i] = rc_pool_take(pool);
        bool failed = rc_failing_allocator_failed(&failing) > 0;
        after = read_pool(pool);
        ck_assert_uint_eq(after.misses + after.hits,
                          before.misses + before.hits + (taken[i] != NULL));
        if (taken[i]) {
            ck_assert_int_eq(rc_error_status(), RC_OK);
            support_fill(taken[i], (unsigned)i, 0);
            i++;
        } else {
            ck_assert(failed);
            ASSERT_LAST_ERROR(RC_NO_MEMORY, "no room for");
            ck_assert_uint_eq(after.out, before.out);
            ck_assert_uint_le(inspector.blocks, blocks + 2); /* a place for later, a magazine */
        }
        n = failed ? n + 1 : 1;
    }
    fail_at(0, false);
}

static void check_takes(bool for_ever)
{
    rc_buffer *taken[60];
    set_up_allocators();
    rc_pool *pool = new_pool(100, 30);
    take_with_failures(taken, pool, 60, for_ever);
    for (unsigned i = 0; i < 60; i++) support_assert_filled(taken[i], i, 100);
    for (unsigned i = 0; i < 60; i++) rc_release(taken[i]);
    ck_assert_uint_eq(read_pool(pool).out, 0);
    ck_assert_uint_eq(read_pool(pool).idle, 30);
    rc_release(pool);
    ck_assert_uint_eq(inspector.blocks, 0);
}

START_TEST(a_take_whose_requests_fail_answers_so_or_goes_without)
{
    check_takes(false);
    check_takes(true);
}
END_TEST

/* Without any memory but for the buffers themselves there is neither depot nor magazine. */
static size_t largest;

static void *refuse_bookkeeping(void *context, size_t size, size_t alignment)
{
    (void)context;
    const struct rc_allocator *system = rc_allocator_system();
    bool bookkeeping = size > largest && size != 4096;
    return bookkeeping ? NULL : system->allocate(system->context, size, alignment);
}

static void free_block(void *context, void *block, size_t size, size_t alignment)
{
    (void)context;
    const struct rc_allocator *system = rc_allocator_system();
    system->deallocate(system->context, block, size, alignment);
}

START_TEST(a_pool_without_room_for_idle_buffers_frees_them)
{
    struct rc_allocator tight = {
        .name = "tight", .allocate = refuse_bookkeeping, .deallocate = free_block};
    largest = SIZE_MAX;
    struct rc_pool_options options = {.struct_size = sizeof options,
                                      .size = 4096,
                                      .alignment = 64,
                                      .keep_at_most = 50,
                                      .allocator = &tight};
    rc_pool *pool = rc_pool_new_with(&options);
    largest = 60; /* objects, but neither a depot of 16 pointers nor a magazine */
    rc_error_set(RC_RANGE, "an error from before");
    rc_buffer *one = rc_pool_take(pool), *two = rc_pool_take(pool);
    ck_assert_ptr_nonnull(one);
    ck_assert_ptr_nonnull(two);
    rc_release(one);
    rc_release(two);
    ASSERT_LAST_ERROR(RC_RANGE, "an error from before");
    ck_assert_uint_eq(read_pool(pool).idle, 0);
    largest = SIZE_MAX;
    one = rc_pool_take(pool); /* there is memory again */
    rc_release(one);
    ck_assert_uint_eq(read_pool(pool).idle, 1);
    rc_release(pool);
}
END_TEST

/* ---- what needs no memory -------------------------------------------------------------------- */

static rc_pool *pool_with_idle(size_t idle)
{
    rc_buffer *buffers[40];
    set_up_allocators();
    rc_pool *pool = new_pool(64, 100);
    for (size_t i = 0; i < idle; i++) buffers[i] = rc_pool_take(pool);
    for (size_t i = 0; i < idle; i++) rc_release(buffers[i]);
    ck_assert_uint_eq(read_pool(pool).idle, idle);
    return pool;
}

START_TEST(a_take_of_an_idle_buffer_never_fails)
{
    rc_buffer *buffers[40];
    rc_pool *pool = pool_with_idle(40);
    fail_at(1, true);
    for (size_t i = 0; i < 40; i++) {
        buffers[i] = rc_pool_take(pool);
        ck_assert_ptr_nonnull(buffers[i]);
    }
    ASSERT_NULL(rc_pool_take(pool), RC_NO_MEMORY, "allocator failing");
    for (size_t i = 0; i < 40; i++) rc_release(buffers[i]);
    ck_assert_uint_eq(read_pool(pool).hits, 40);
    rc_release(pool);
    ck_assert_uint_eq(inspector.blocks, 0);
}
END_TEST

static rc_buffer *handed[30];

static void *release_handed(void *unused)
{
    for (size_t i = 0; i < 30; i++) rc_release(handed[i]);
    return unused;
}

START_TEST(no_release_asks_for_memory_on_no_thread)
{
    rc_pool *pool = pool_with_idle(40);
    for (unsigned turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < 30; i++) handed[i] = rc_pool_take(pool);
        fail_at(1, true);
        if (turn == 0) {
            release_handed(NULL);
        } else {
            pthread_t thread;
            ck_assert_int_eq(pthread_create(&thread, NULL, release_handed, NULL), 0);
            pthread_join(thread, NULL);
        }
        ck_assert_uint_eq(rc_failing_allocator_requests(&failing), 0);
        ck_assert_uint_eq(read_pool(pool).idle, 40);
    }
    ASSERT_OK(rc_pool_trim(pool, 3));
    rc_buffer *late = rc_pool_take(pool);
    rc_release(pool);
    rc_release(late);
    ck_assert_uint_eq(rc_failing_allocator_requests(&failing), 0);
    ck_assert_uint_eq(inspector.blocks, 0);
}
END_TEST

HARNESS_MAIN("buffer/pool_fault", a_pool_that_cannot_be_made_leaves_nothing,
             a_take_whose_requests_fail_answers_so_or_goes_without,
             a_pool_without_room_for_idle_buffers_frees_them, a_take_of_an_idle_buffer_never_fails,
             no_release_asks_for_memory_on_no_thread)
