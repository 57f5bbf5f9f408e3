/* SPDX-License-Identifier: MIT */
#include "buffer/pool.h"

#include "buffer/poison.h"
#include "buffer/view.h"
#include "rc/memory.h"
#include "rc/weak.h"
#include "pool_support.h"
#include "tests/child.h"

/* @p count buffers at once, all of them given back. */
static void take_and_give_back(rc_pool *pool, size_t count)
{
    rc_buffer *buffers[400];
    ck_assert_uint_le(count, 400);
    for (size_t i = 0; i < count; i++) buffers[i] = take(pool);
    for (size_t i = 0; i < count; i++) rc_release(buffers[i]);
}

/* ---- what a taken buffer is like ------------------------------------------------------------- */

START_TEST(a_taken_buffer_has_the_pools_size_and_alignment_and_all_of_it_can_be_written)
{
    static const size_t sizes[] = {0, 1, 7, 64, 4096, 100001};
    static const size_t alignments[] = {0, 1, 8, 16, 64, 4096};
    for (size_t s = 0; s < 6; s++)
        for (size_t a = 0; a < 6; a++) {
            rc_pool *pool = rc_pool_new(sizes[s], alignments[a], 4);
            for (unsigned turn = 0; turn < 2; turn++) {
                rc_buffer *buffer = take(pool);
                ck_assert_uint_eq(buffer->size, sizes[s]);
                ck_assert_ptr_nonnull(buffer->data);
                size_t alignment = alignments[a] < 16 ? 16 : alignments[a];
                ck_assert_uint_eq((uintptr_t)buffer->data % alignment, 0);
                ck_assert_str_eq(rc_type_of(buffer)->name, "rc_buffer pooled");
                ck_assert(rc_is_unique(buffer));
                support_fill(buffer, turn, 0);
                support_assert_filled(buffer, turn, sizes[s]);
                rc_release(buffer);
            }
            rc_release(pool);
        }
}
END_TEST

START_TEST(a_pooled_buffer_keeps_its_size)
{
    rc_pool *pool = pool_of(100, 4);
    rc_buffer *buffer = take(pool);
    static const char text[] = "a pooled buffer of 100 bytes keeps its size; copy it first";
    ASSERT_OK(rc_buffer_resize(buffer, 100));
    ASSERT_REFUSED(rc_buffer_resize(buffer, 99), RC_UNSUPPORTED, text);
    ASSERT_REFUSED(rc_buffer_reserve(buffer, 10), RC_UNSUPPORTED, text);
    ASSERT_REFUSED(rc_buffer_append(buffer, "x", 1), RC_UNSUPPORTED, text);
    ASSERT_REFUSED(rc_buffer_shrink(buffer), RC_UNSUPPORTED, text);
    rc_release(buffer);
    rc_release(pool);
}
END_TEST

START_TEST(a_frozen_buffer_is_writable_when_it_is_taken_again)
{
    rc_pool *pool = pool_of(100, 4);
    rc_buffer *buffer = take(pool), *before = buffer;
    ASSERT_OK(rc_buffer_freeze(buffer));
    ASSERT_NULL(rc_buffer_edit(buffer), RC_READ_ONLY, "a pooled buffer of 100 bytes is frozen");
    rc_release(buffer);
    buffer = take(pool);
    ck_assert_ptr_eq(buffer, before);
    support_fill(buffer, 1, 0);
    ASSERT_OK(rc_buffer_freeze(buffer));
    ASSERT_OK(rc_buffer_thaw(buffer));
    ck_assert_ptr_nonnull(rc_buffer_edit(buffer));
    rc_release(buffer);
    rc_release(pool);
}
END_TEST

START_TEST(a_buffer_that_is_alone_stays_to_be_unique_and_a_shared_one_is_copied)
{
    rc_pool *pool = pool_of(100, 4);
    rc_buffer *buffer = take(pool), *first = buffer;
    support_fill(buffer, 1, 0);
    ASSERT_OK(rc_buffer_make_unique(&buffer));
    ck_assert_ptr_eq(buffer, first);
    rc_buffer *other = rc_retain(buffer);
    ASSERT_OK(rc_buffer_make_unique(&buffer));
    ck_assert_ptr_ne(buffer, first);
    support_assert_filled(buffer, 1, 100);
    ASSERT_OK(rc_buffer_append(buffer, "x", 1)); /* the copy is no pooled one */
    ck_assert_uint_eq(read_pool(pool).out, 1);
    rc_release(buffer);
    rc_release(other);
    ck_assert_uint_eq(read_pool(pool).out, 0);
    rc_release(pool);
}
END_TEST

/* ---- coming back ----------------------------------------------------------------------------- */

START_TEST(what_comes_back_is_taken_next)
{
    rc_pool *pool = pool_of(4096, 64);
    rc_buffer *first = take(pool);
    rc_release(first);
    for (unsigned i = 0; i < 100; i++) {
        rc_buffer *again = take(pool);
        ck_assert_ptr_eq(again, first);
        rc_release(again);
    }
    struct rc_pool_statistics now = read_pool(pool);
    ck_assert_uint_eq(now.misses, 1);
    ck_assert_uint_eq(now.hits, 100);
    rc_release(pool);
}
END_TEST

START_TEST(a_buffer_comes_back_with_its_last_reference_only)
{
    rc_pool *pool = pool_of(64, 4);
    rc_buffer *buffer = take(pool);
    for (unsigned i = 0; i < 5; i++) rc_retain(buffer);
    for (unsigned i = 0; i < 5; i++) {
        rc_release(buffer);
        ck_assert_uint_eq(read_pool(pool).out, 1);
    }
    rc_buffer *other = take(pool);
    ck_assert_ptr_ne(other, buffer);
    rc_release(buffer);
    ck_assert_uint_eq(read_pool(pool).idle, 1);
    rc_release(other);
    rc_release(pool);
}
END_TEST

START_TEST(slices_and_views_keep_their_buffer_out)
{
    rc_pool *pool = pool_of(64, 4);
    rc_buffer *buffer = take(pool);
    support_fill(buffer, 3, 0);
    rc_buffer *slice = rc_buffer_slice(buffer, 8, 16);
    rc_view *view = rc_view_new(buffer, "B");
    ck_assert_ptr_nonnull(view);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 2);
    rc_release(buffer);
    ck_assert_uint_eq(read_pool(pool).out, 1);
    ck_assert_uint_eq(slice->data[0], support_byte(3, 8));
    rc_release(slice);
    ck_assert_uint_eq(read_pool(pool).out, 1);
    rc_release(view);
    ck_assert_uint_eq(read_pool(pool).out, 0);
    ck_assert_uint_eq(read_pool(pool).idle, 1);
    rc_release(pool);
}
END_TEST

static void note_death(rc_weak *weak, void *context)
{
    (void)weak;
    ++*(unsigned *)context;
}

START_TEST(weak_references_die_when_a_buffer_comes_back_and_its_next_life_is_another)
{
    rc_pool *pool = pool_of(64, 4);
    unsigned deaths = 0;
    rc_buffer *buffer = take(pool), *before = buffer;
    rc_weak *weak = rc_weak_new(buffer);
    ASSERT_OK(rc_weak_on_death(weak, note_death, &deaths));
    rc_release(buffer);
    ck_assert_uint_eq(deaths, 1);
    ck_assert(rc_weak_is_dead(weak));
    ck_assert_uint_eq(read_pool(pool).idle, 1);

    buffer = take(pool);
    ck_assert_ptr_eq(buffer, before);
    ck_assert_ptr_null(rc_weak_lock(weak));
    rc_weak *another = rc_weak_new(buffer);
    rc_buffer *locked = rc_weak_lock(another);
    ck_assert_ptr_eq(locked, buffer);
    rc_release(locked);
    rc_release(buffer);
    ck_assert(rc_weak_is_dead(another));
    ck_assert_uint_eq(deaths, 1);
    rc_release(another);
    rc_release(weak);
    rc_release(pool);
}
END_TEST

/* Dead objects of a long chain wait for their end: buffers among them come back all the same. */
struct link {
    struct link *next;
    rc_buffer *buffer;
};

static void link_finalize(void *self)
{
    struct link *link = self;
    rc_release(link->buffer);
    rc_release(link->next);
}

static const rc_type link_type = {
    .name = "link", .size = sizeof(struct link), .finalize = link_finalize};

START_TEST(buffers_of_a_long_chain_of_objects_come_back)
{
    rc_pool *pool = pool_of(64, 200);
    struct link *chain = NULL;
    for (unsigned i = 0; i < 200; i++) {
        struct link *link = rc_new(struct link, &link_type);
        link->next = chain;
        link->buffer = take(pool);
        chain = link;
    }
    ck_assert_uint_eq(read_pool(pool).out, 200);
    rc_release(chain);
    ck_assert_uint_eq(read_pool(pool).out, 0);
    ck_assert_uint_eq(read_pool(pool).idle, 200);
    rc_release(pool);
}
END_TEST

START_TEST(success_leaves_the_last_error_and_errno_alone)
{
    rc_pool *pool = pool_of(64, 1);
    rc_error_set(RC_RANGE, "an error from before");
    errno = 77;
    take_and_give_back(pool, 3);
    ck_assert_int_eq(rc_pool_trim(pool, 0), RC_OK);
    rc_release(pool);
    ck_assert_int_eq(errno, 77);
    ASSERT_LAST_ERROR(RC_RANGE, "an error from before");
}
END_TEST

/* ---- bounds ---------------------------------------------------------------------------------- */

START_TEST(no_more_than_the_given_number_idle)
{
    static const size_t bounds[] = {0, 1, 2, 3, 7, 8, 16, 33, 64, 100, 300};
    for (size_t i = 0; i < 11; i++) {
        rc_pool *pool = pool_of(64, bounds[i]);
        ck_assert_uint_eq(read_pool(pool).most_idle, bounds[i]);
        for (unsigned turn = 0; turn < 3; turn++) {
            take_and_give_back(pool, 400);
            struct rc_pool_statistics now = read_pool(pool);
            ck_assert_uint_eq(now.out, 0);
            ck_assert_uint_eq(now.idle, bounds[i]);
            ck_assert_uint_eq(now.bytes_idle, 64 * now.idle);
        }
        rc_release(pool);
    }
}
END_TEST

START_TEST(no_more_than_the_given_bytes_idle)
{
    struct rc_pool_options options = {
        .struct_size = sizeof options, .size = 1000, .keep_at_most = 100, .keep_bytes = 20999};
    rc_pool *pool = rc_pool_new_with(&options);
    ck_assert_uint_eq(read_pool(pool).most_idle, 20);
    take_and_give_back(pool, 100);
    ck_assert_uint_eq(read_pool(pool).bytes_idle, 20000);
    rc_release(pool);

    options.keep_bytes = 999;
    pool = rc_pool_new_with(&options);
    take_and_give_back(pool, 10);
    ck_assert_uint_eq(read_pool(pool).idle, 0);
    ck_assert_uint_eq(read_pool(pool).misses, 10);
    rc_release(pool);
}
END_TEST

START_TEST(large_buffers_idle_in_the_depot_up_to_the_bound)
{
    rc_pool *pool = pool_of(1 << 20, 3);
    take_and_give_back(pool, 5);
    ck_assert_uint_eq(read_pool(pool).idle, 3);
    take_and_give_back(pool, 3);
    ck_assert_uint_eq(read_pool(pool).hits, 3);
    rc_release(pool);
}
END_TEST

/* ---- one block or two -------------------------------------------------------------------------- */

static size_t blocks_of_one(size_t size, size_t alignment)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    struct rc_pool_options options = {.struct_size = sizeof options,
                                      .size = size,
                                      .alignment = alignment,
                                      .keep_at_most = 1,
                                      .allocator = &inspector.allocator};
    rc_pool *pool = rc_pool_new_with(&options);
    rc_release(take(pool)); /* with what the pool needs itself */
    rc_buffer *first = take(pool);
    size_t before = inspector.blocks;
    rc_buffer *one = take(pool);
    size_t blocks = inspector.blocks - before;
    rc_release(first);
    ck_assert_uint_eq((uintptr_t)one->data % (alignment ? alignment : 16), 0);
    support_fill(one, 1, 0);
    support_assert_filled(one, 1, size);
    rc_release(pool);
    support_assert_filled(one, 1, size);
    rc_release(one);
    ck_assert_uint_eq(inspector.blocks, 0);
    return blocks;
}

START_TEST(small_bytes_stand_in_their_buffers_block_unless_idle_memory_is_poisoned)
{
    size_t small = RC__POISON_ASAN || rc__poison_valgrind ? 2 : 1;
    ck_assert_uint_eq(blocks_of_one(1, 0), small);
    ck_assert_uint_eq(blocks_of_one(4096, 16), small);
    ck_assert_uint_eq(blocks_of_one(4097, 16), 2);
    ck_assert_uint_eq(blocks_of_one(1, 32), 2);
}
END_TEST

/* ---- trim ------------------------------------------------------------------------------------ */

START_TEST(trim_frees_what_idles_too_many_and_leaves_what_is_out)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    struct rc_pool_options options = {.struct_size = sizeof options,
                                      .size = 500,
                                      .alignment = 32, /* so that the bytes are apart */
                                      .keep_at_most = 200,
                                      .allocator = &inspector.allocator};
    rc_pool *pool = rc_pool_new_with(&options);
    rc_buffer *out = take(pool), *slice = rc_buffer_slice(out, 100, 10);
    support_fill(out, 9, 0);
    take_and_give_back(pool, 150);
    size_t before = inspector.blocks, idle = read_pool(pool).idle;
    ck_assert_uint_eq(idle, 150);

    ASSERT_OK(rc_pool_trim(pool, 70));
    ck_assert_uint_eq(read_pool(pool).idle, 70);
    ck_assert_uint_eq(inspector.blocks, before - 2 * 80);
    ASSERT_OK(rc_pool_trim(pool, 71));
    ck_assert_uint_eq(read_pool(pool).idle, 70);
    ASSERT_OK(rc_pool_trim(pool, 0));
    ck_assert_uint_eq(read_pool(pool).idle, 0);
    ck_assert_uint_eq(read_pool(pool).out, 1);
    support_assert_filled(out, 9, 500);
    rc_release(slice);
    rc_release(out);
    ck_assert_uint_eq(read_pool(pool).idle, 1); /* the bounds are as they were */
    take_and_give_back(pool, 150);
    ck_assert_uint_eq(read_pool(pool).idle, 150);
    rc_release(pool);
    ck_assert_uint_eq(inspector.blocks, 0);
}
END_TEST

START_TEST(trim_again_and_again_goes_on_working)
{
    rc_pool *pool = pool_of(64, 64);
    for (size_t keep = 0; keep < 40; keep++) {
        take_and_give_back(pool, 40);
        ASSERT_OK(rc_pool_trim(pool, keep));
        ck_assert_uint_eq(read_pool(pool).idle, keep);
    }
    rc_release(pool);
}
END_TEST

/* ---- statistics and accounts ----------------------------------------------------------------- */

START_TEST(statistics_tell_what_is_out_and_idle_and_what_takes_found)
{
    rc_pool *pool = pool_of(4096, 64);
    struct rc_pool_statistics now = read_pool(pool);
    ck_assert_uint_eq(now.struct_size, sizeof now);
    ck_assert_uint_eq(now.out + now.idle + now.hits + now.misses + now.bytes_idle, 0);
    rc_buffer *buffers[10];
    for (size_t i = 0; i < 10; i++) buffers[i] = take(pool);
    now = read_pool(pool);
    ck_assert_uint_eq(now.out, 10);
    ck_assert_uint_eq(now.misses, 10);
    for (size_t i = 0; i < 10; i++) rc_release(buffers[i]);
    rc_buffer *another = take(pool);
    now = read_pool(pool);
    ck_assert_uint_eq(now.out, 1);
    ck_assert_uint_eq(now.idle, 9);
    ck_assert_uint_eq(now.hits, 1);
    ck_assert_uint_eq(now.bytes_idle, 9 * 4096);
    ASSERT_OK(rc_pool_trim(pool, 3));
    now = read_pool(pool);
    ck_assert_uint_eq(now.idle, 3);
    ck_assert_uint_eq(now.hits, 1);
    ck_assert_uint_eq(now.misses, 10);
    rc_release(another);
    rc_release(pool);
}
END_TEST

START_TEST(a_smaller_struct_gets_as_much_as_it_has_room_for)
{
    rc_pool *pool = pool_of(64, 4);
    rc_buffer *buffer = take(pool);
    struct rc_pool_statistics now;
    memset(&now, 0x55, sizeof now);
    size_t until_idle = offsetof(struct rc_pool_statistics, idle);
    ASSERT_OK(rc_pool_read_sized(pool, &now, until_idle));
    ck_assert_uint_eq(now.struct_size, until_idle);
    ck_assert_uint_eq(now.out, 1);
    ck_assert(support_is_all((unsigned char *)&now + until_idle, sizeof now - until_idle, 0x55));
    struct {
        struct rc_pool_statistics known;
        size_t later;
    } larger = {.later = 7};
    ASSERT_OK(rc_pool_read_sized(pool, &larger.known, sizeof larger));
    ck_assert_uint_eq(larger.known.struct_size, sizeof larger.known);
    ck_assert_uint_eq(larger.later, 7);
    rc_release(buffer);
    rc_release(pool);
}
END_TEST

START_TEST(buffers_are_live_from_take_to_last_release)
{
    struct rc_account before, taken, after;
    rc_pool *pool = pool_of(5000, 8);
    take_and_give_back(pool, 3);
    rc_account_read(&before);
    rc_buffer *one = take(pool), *two = take(pool);
    rc_account_read(&taken);
    ck_assert_uint_eq(taken.live_objects - before.live_objects, 2);
    ck_assert_uint_eq(taken.live_bytes - before.live_bytes, 2 * (5000 + 32));
    ck_assert_uint_eq(rc_account_read_type(rc_type_of(one)).live_objects, 2);
    rc_release(one);
    rc_release(two);
    rc_account_read(&after);
    ck_assert_uint_eq(after.live_objects, before.live_objects);
    ck_assert_uint_eq(after.live_bytes, before.live_bytes);
    ck_assert_uint_eq(after.total_objects - before.total_objects, 2);
    rc_release(pool);
}
END_TEST

static rc_buffer *kept_for_ever; /* reachable, so that it is no leak */

START_TEST(an_immortal_buffer_never_comes_back_and_is_counted_apart)
{
    struct rc_account before, after;
    rc_account_read(&before);
    rc_pool *pool = pool_of(100, 8);
    rc_buffer *buffer = kept_for_ever = take(pool);
    rc_make_immortal(buffer);
    rc_release(buffer);
    ck_assert_uint_eq(read_pool(pool).out, 1);
    rc_release(pool);
    support_fill(buffer, 1, 0);
    rc_account_read(&after);
    ck_assert_uint_eq(after.immortal_objects - before.immortal_objects, 1);
    ck_assert_uint_eq(after.immortal_bytes - before.immortal_bytes, 132);
    ck_assert_uint_eq(after.live_bytes, before.live_bytes);
}
END_TEST

/* ---- whose end comes first ------------------------------------------------------------------- */

START_TEST(buffers_outlive_their_pool_and_then_give_their_memory_back)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    struct rc_pool_options options = {.struct_size = sizeof options,
                                      .size = 300,
                                      .alignment = 32, /* so that the bytes are apart */
                                      .keep_at_most = 10,
                                      .allocator = &inspector.allocator};
    rc_pool *pool = rc_pool_new_with(&options);
    take_and_give_back(pool, 6);
    rc_buffer *one = take(pool), *two = take(pool), *slice = rc_buffer_slice(two, 10, 20);
    support_fill(one, 1, 0);
    support_fill(two, 2, 0);
    rc_release(pool);
    rc_release(two);
    support_assert_filled(one, 1, 300);
    ck_assert_uint_eq(slice->data[0], support_byte(2, 10));
    size_t blocks = inspector.blocks;
    rc_release(one);
    ck_assert_uint_eq(inspector.blocks, blocks - 2);
    rc_release(slice);
    ck_assert_uint_eq(inspector.blocks, 0);
}
END_TEST

START_TEST(a_retained_pool_lives_on)
{
    rc_pool *pool = pool_of(64, 4), *other = rc_retain(pool);
    take_and_give_back(pool, 1);
    rc_release(pool);
    ck_assert_uint_eq(read_pool(other).idle, 1);
    take_and_give_back(other, 1);
    ck_assert_uint_eq(read_pool(other).hits, 1);
    rc_weak *weak = rc_weak_new(other);
    rc_release(other);
    ck_assert(rc_weak_is_dead(weak));
    rc_release(weak);
}
END_TEST

/* More of them than a thread's table has places, used in turns, made and ended in between. */
START_TEST(many_pools_at_once_keep_their_buffers_apart)
{
    enum { POOLS = 40 };
    rc_pool *pools[POOLS];
    for (size_t i = 0; i < POOLS; i++) pools[i] = pool_of(100 + i, 32);
    for (unsigned turn = 0; turn < 20; turn++) {
        for (size_t i = 0; i < POOLS; i++) {
            rc_buffer *one = take(pools[i]), *two = take(pools[(i + 1) % POOLS]);
            ck_assert_uint_eq(one->size, 100 + i);
            ck_assert_uint_eq(two->size, 100 + (i + 1) % POOLS);
            rc_release(one);
            rc_release(two);
        }
        rc_release(pools[turn]);
        pools[turn] = pool_of(100 + turn, 32);
    }
    for (size_t i = 0; i < POOLS; i++) {
        struct rc_pool_statistics now = read_pool(pools[i]);
        ck_assert_uint_eq(now.out, 0);
        ck_assert_uint_le(now.misses, 2);
        rc_release(pools[i]);
    }
}
END_TEST

/* Both are hot in turns, for so long that each gets whatever is kept for the hottest. */
START_TEST(two_pools_in_turns_lose_no_buffer_and_no_hit)
{
    rc_pool *pools[2] = {pool_of(100, 32), pool_of(200, 32)};
    struct rc_account before, after;
    for (unsigned i = 0; i < 2; i++) take_and_give_back(pools[i], 3);
    rc_account_read(&before);
    size_t wrong = 0;
    for (unsigned turn = 0; turn < 40; turn++) {
        for (unsigned i = 0; i < 1500; i++) {
            rc_buffer *buffer = rc_pool_take(pools[turn % 2]);
            wrong += buffer->size != 100 * (turn % 2 + 1);
            rc_release(buffer);
        }
    }
    rc_account_read(&after);
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(after.live_objects, before.live_objects);
    ck_assert_uint_eq(after.live_bytes, before.live_bytes);
    ck_assert_uint_eq(after.peak_bytes, before.peak_bytes);
    ck_assert_uint_eq(after.total_objects - before.total_objects, 40 * 1500);
    for (unsigned i = 0; i < 2; i++) {
        struct rc_pool_statistics now = read_pool(pools[i]);
        ck_assert_uint_eq(now.idle, 3);
        ck_assert_uint_eq(now.misses, 3);
        ck_assert_uint_eq(now.hits, 20 * 1500);
        rc_release(pools[i]);
    }
}
END_TEST

START_TEST(a_thread_that_trims_its_memory_loses_no_buffer_of_a_pool)
{
    rc_pool *pool = pool_of(100, 32);
    take_and_give_back(pool, 20);
    for (unsigned turn = 0; turn < 5; turn++) {
        rc_memory_trim();
        ck_assert_uint_lt(rc_memory_trim(), 100); /* what pools keep is not in it */
        struct rc_pool_statistics now = read_pool(pool);
        ck_assert_uint_eq(now.idle, 20);
        ck_assert_uint_eq(now.misses, 20);
        ck_assert_uint_eq(now.hits, 20 * turn);
        take_and_give_back(pool, 20);
    }
    rc_release(pool);
}
END_TEST

START_TEST(ten_thousand_pools_one_after_another_leave_nothing)
{
    struct rc_limiting_allocator counting;
    rc_limiting_allocator_init(&counting, NULL, SIZE_MAX);
    struct rc_pool_options options = {.struct_size = sizeof options,
                                      .size = 64,
                                      .keep_at_most = 8,
                                      .allocator = &counting.allocator};
    size_t idle = 0;
    for (unsigned i = 0; i < 10000; i++) {
        rc_pool *pool = rc_pool_new_with(&options);
        take_and_give_back(pool, i % 10);
        idle += read_pool(pool).idle;
        rc_release(pool);
    }
    ck_assert_uint_gt(idle, 10000);
    ck_assert_uint_eq(rc_limiting_allocator_used(&counting), 0);
}
END_TEST

/* ---- wiping ---------------------------------------------------------------------------------- */

START_TEST(bytes_are_wiped_when_they_come_back_and_copies_of_them_too)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    struct rc_pool_options options = {.struct_size = sizeof options,
                                      .size = 256,
                                      .keep_at_most = 4,
                                      .allocator = &inspector.allocator,
                                      .flags = RC_BUFFER_WIPE};
    rc_pool *pool = rc_pool_new_with(&options);
    rc_buffer *buffers[8];
    for (size_t i = 0; i < 8; i++) {
        buffers[i] = take(pool);
        memset(rc_buffer_edit(buffers[i]), SUPPORT_SECRET, 256);
    }
    for (size_t i = 0; i < 8; i++) rc_release(buffers[i]);
    ck_assert_uint_gt(read_pool(pool).idle, 0);
    rc_buffer *late = take(pool);
    memset(rc_buffer_edit(late), SUPPORT_SECRET, 256);
    rc_release(pool);
    rc_release(late);
    ck_assert_uint_eq(inspector.secrets, 0);
    ck_assert_uint_eq(inspector.blocks, 0);

    options.flags = 0; /* the inspector does see what is not wiped */
    pool = rc_pool_new_with(&options);
    late = take(pool);
    memset(rc_buffer_edit(late), SUPPORT_SECRET, 256);
    rc_release(late);
    rc_release(pool);
    ck_assert_uint_gt(inspector.secrets, 0);
}
END_TEST

/* ---- refusals -------------------------------------------------------------------------------- */

START_TEST(what_is_no_pool_is_refused)
{
    struct rc_pool_statistics now;
    ASSERT_NULL(rc_pool_take(NULL), RC_INVALID, "rc_pool_take: the pool is NULL");
    ASSERT_REFUSED(rc_pool_trim(NULL, 0), RC_INVALID, "rc_pool_trim: the pool is NULL");
    ASSERT_REFUSED(rc_pool_read(NULL, &now), RC_INVALID, "rc_pool_read: the pool is NULL");
    rc_pool *pool = pool_of(1, 1);
    ASSERT_REFUSED(rc_pool_read(pool, NULL), RC_INVALID, "the place for the answer is NULL");
    rc_release(pool);
}
END_TEST

START_TEST(options_that_make_no_sense_are_refused)
{
    ASSERT_NULL(rc_pool_new(10, 3, 1), RC_INVALID, "an alignment of 3 bytes is no power of two");
    ASSERT_NULL(rc_pool_new(10, RC_ALIGNMENT_MAX * 2, 1), RC_INVALID, "above the maximum");
    ASSERT_NULL(rc_pool_new_with(NULL), RC_INVALID, "the options are NULL");
    struct rc_pool_options options = {.size = 10, .keep_at_most = 1};
    ASSERT_NULL(rc_pool_new_with(&options), RC_INVALID, "a struct_size of 0 bytes");
    options.struct_size = sizeof options;
    options.flags = RC_BUFFER_WIPE | RC_BUFFER_BIASED;
    ASSERT_NULL(rc_pool_new_with(&options), RC_INVALID, "there is no flag in 0x3 but 0x1");
    options.flags = 0;
    struct rc_allocator half = {.name = "half"};
    options.allocator = &half;
    ASSERT_NULL(rc_pool_new_with(&options), RC_INVALID, "allocator half has no allocate function");
}
END_TEST

START_TEST(options_of_other_versions_are_read_as_far_as_they_are_known)
{
    struct rc_pool_options options = {.size = 10, .keep_at_most = 3, .keep_bytes = 1, .flags = 77};
    options.struct_size = offsetof(struct rc_pool_options, keep_bytes);
    rc_pool *pool = rc_pool_new_with(&options); /* the last members were not there yet */
    ck_assert_uint_eq(read_pool(pool).most_idle, 3);
    rc_release(pool);

    struct {
        struct rc_pool_options known;
        size_t later;
    } larger = {.known = {.struct_size = sizeof larger, .size = 10, .keep_at_most = 3}};
    pool = rc_pool_new_with(&larger.known);
    ck_assert_ptr_nonnull(pool);
    rc_release(pool);
    larger.later = 1;
    ASSERT_NULL(rc_pool_new_with(&larger.known), RC_UNSUPPORTED, "is not zero");
}
END_TEST

START_TEST(a_size_that_no_memory_has_is_no_memory_when_a_buffer_is_taken)
{
    rc_pool *pool = pool_of(SIZE_MAX, 2);
    ASSERT_NULL(rc_pool_take(pool), RC_NO_MEMORY, "no room for");
    ck_assert_uint_eq(read_pool(pool).misses, 0);
    ASSERT_OK(rc_pool_trim(pool, 0));
    rc_release(pool);
}
END_TEST

/* A finalizer, or weak callback, may use the pool whose last reference is gone, but not keep it. */
static void take_from_dying(rc_weak *weak, void *context)
{
    (void)weak;
    rc_pool *pool = *(rc_pool **)context;
    rc_release(rc_pool_take(pool));
}

START_TEST(a_weak_callback_of_the_pool_may_take_from_it)
{
    rc_pool *pool = pool_of(64, 4);
    take_and_give_back(pool, 2);
    rc_weak *weak = rc_weak_new(pool);
    ASSERT_OK(rc_weak_on_death(weak, take_from_dying, &pool));
    rc_release(pool);
    ck_assert(rc_weak_is_dead(weak));
    rc_release(weak);
}
END_TEST

/* ---- misuse ---------------------------------------------------------------------------------- */

static volatile unsigned char sink;

static void release_twice(void *unused)
{
    (void)unused;
    rc_pool *pool = rc_pool_new(64, 0, 8);
    rc_buffer *buffer = rc_pool_take(pool);
    rc_release(buffer);
    rc_release(buffer);
}

static void retain_idle(void *unused)
{
    (void)unused;
    rc_pool *pool = rc_pool_new(64, 0, 8);
    rc_buffer *buffer = rc_pool_take(pool);
    rc_release(buffer);
    rc_retain(buffer);
}

static void release_exported(void *unused)
{
    (void)unused;
    rc_pool *pool = rc_pool_new(64, 0, 8);
    rc_buffer *buffer = rc_pool_take(pool), *slice = rc_buffer_slice(buffer, 0, 4);
    rc_release(buffer);
    rc_release(buffer);
    rc_release(slice);
}

START_TEST(releasing_or_retaining_an_idle_buffer_stops_the_program)
{
#if SUPPORT_ASAN
    CHILD_ASSERT_DIES(release_twice, NULL, "container-overflow");
    CHILD_ASSERT_DIES(retain_idle, NULL, "container-overflow");
#else
    CHILD_ASSERT_STOPS(release_twice, NULL, "of type rc_buffer pooled is dead");
    CHILD_ASSERT_STOPS(retain_idle, NULL, "of type rc_buffer pooled is dead");
#endif
    CHILD_ASSERT_STOPS(release_exported, NULL, "a pooled buffer of 64 bytes");
}
END_TEST

struct touch {
    size_t size, at;
    bool object; /* the rc_buffer, or else its bytes */
};

static void touch_idle(void *argument)
{
    const struct touch *touch = argument;
    rc_pool *pool = rc_pool_new(touch->size, 0, 8);
    rc_buffer *buffer = rc_pool_take(pool);
    const volatile unsigned char *bytes = buffer->data;
    rc_release(buffer);
    sink = touch->object ? (unsigned char)buffer->size : bytes[touch->at];
}

START_TEST(touching_an_idle_buffer_is_reported)
{
    static const struct touch touches[] = {
        {4096, 0, false}, {4096, 4095, false}, {16, 3, false}, {1 << 20, 77, false}, {64, 0, true}};
    for (size_t i = 0; i < 5; i++) {
        struct touch touch = touches[i];
#if SUPPORT_ASAN
        CHILD_ASSERT_DIES(touch_idle, &touch, "container-overflow");
#else
        struct child_result result = child_run(touch_idle, &touch);
        ck_assert_msg(child_was_quiet(&result), "%s", result.output);
#endif
    }
    if (!SUPPORT_ASAN) printf("skipped: touching an idle buffer: no AddressSanitizer\n");
}
END_TEST

START_TEST(an_idle_buffer_refuses_to_be_used)
{
#if SUPPORT_ASAN
    printf("skipped: calls on an idle buffer: AddressSanitizer reports them first\n");
    ck_assert_int_eq(SUPPORT_ASAN, 1);
#else
    rc_pool *pool = pool_of(64, 8);
    take_and_give_back(pool, 1);
    rc_buffer *buffer = take(pool);
    rc_release(buffer);
    ASSERT_NULL(rc_buffer_edit(buffer), RC_INVALID, "a pooled buffer of 64 bytes");
    ASSERT_NULL(rc_buffer_slice(buffer, 0, 1), RC_INVALID, "is being finalized");
    rc_release(pool);
#endif
}
END_TEST

/* An allocator is never asked for no bytes: rc/allocator.h. */
START_TEST(buffers_without_bytes_that_are_aligned_have_one_apart)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    struct rc_pool_options options = {.struct_size = sizeof options, .alignment = 64};
    options.keep_at_most = 1, options.allocator = &inspector.allocator;
    rc_pool *pool = rc_pool_new_with(&options);
    rc_buffer *buffer = take(pool);
    ck_assert_uint_eq(buffer->size, 0);
    ck_assert_uint_eq((uintptr_t)buffer->data % 64, 0);
    ck_assert_uint_eq(inspector.empty, 0);
    rc_release(buffer);
    rc_release(pool);
    ck_assert_uint_eq(inspector.blocks, 0);
}
END_TEST

HARNESS_MAIN(
    "buffer/pool", a_taken_buffer_has_the_pools_size_and_alignment_and_all_of_it_can_be_written,
    a_pooled_buffer_keeps_its_size, a_frozen_buffer_is_writable_when_it_is_taken_again,
    a_buffer_that_is_alone_stays_to_be_unique_and_a_shared_one_is_copied,
    what_comes_back_is_taken_next, a_buffer_comes_back_with_its_last_reference_only,
    slices_and_views_keep_their_buffer_out,
    weak_references_die_when_a_buffer_comes_back_and_its_next_life_is_another,
    buffers_of_a_long_chain_of_objects_come_back, success_leaves_the_last_error_and_errno_alone,
    no_more_than_the_given_number_idle, no_more_than_the_given_bytes_idle,
    large_buffers_idle_in_the_depot_up_to_the_bound,
    small_bytes_stand_in_their_buffers_block_unless_idle_memory_is_poisoned,
    trim_frees_what_idles_too_many_and_leaves_what_is_out, trim_again_and_again_goes_on_working,
    statistics_tell_what_is_out_and_idle_and_what_takes_found,
    a_smaller_struct_gets_as_much_as_it_has_room_for, buffers_are_live_from_take_to_last_release,
    an_immortal_buffer_never_comes_back_and_is_counted_apart,
    buffers_outlive_their_pool_and_then_give_their_memory_back, a_retained_pool_lives_on,
    many_pools_at_once_keep_their_buffers_apart, two_pools_in_turns_lose_no_buffer_and_no_hit,
    a_thread_that_trims_its_memory_loses_no_buffer_of_a_pool,
    ten_thousand_pools_one_after_another_leave_nothing,
    bytes_are_wiped_when_they_come_back_and_copies_of_them_too, what_is_no_pool_is_refused,
    options_that_make_no_sense_are_refused,
    options_of_other_versions_are_read_as_far_as_they_are_known,
    a_size_that_no_memory_has_is_no_memory_when_a_buffer_is_taken,
    a_weak_callback_of_the_pool_may_take_from_it,
    releasing_or_retaining_an_idle_buffer_stops_the_program, touching_an_idle_buffer_is_reported,
    an_idle_buffer_refuses_to_be_used, buffers_without_bytes_that_are_aligned_have_one_apart)
