/* SPDX-License-Identifier: MIT */
#include "buffer/chain.h"

#include "buffer/map.h"
#include "chain_support.h"

static size_t pinned_by(const rc_chain *chain)
{
    size_t pinned = SIZE_MAX;
    ASSERT_OK(rc_chain_pinned(chain, &pinned));
    return pinned;
}

/* A piece of @p size bytes that pins a buffer of @p all. */
static void append_pinning(rc_chain *chain, size_t all, size_t offset, size_t size)
{
    rc_buffer *buffer = support_buffer(all, (unsigned)all);
    append_part(chain, buffer, offset, size);
    rc_release(buffer);
}

/* ---- told ------------------------------------------------------------------------------------ */

START_TEST(a_tiny_piece_pins_its_whole_buffer)
{
    rc_chain *chain = new_chain();
    ck_assert_uint_eq(pinned_by(chain), 0);
    append_pinning(chain, 1000, 0, 10);
    ck_assert_uint_eq(pinned_by(chain), 1000);
    append_pinning(chain, 100000, 0, 10);
    ck_assert_uint_eq(pinned_by(chain), 101000);
    ck_assert_uint_eq(chain->size, 20);
    rc_release(chain);
}
END_TEST

START_TEST(a_buffer_is_pinned_once_however_many_pieces_it_has)
{
    rc_chain *chain = new_chain();
    rc_buffer *first = support_buffer(1000, 1), *second = support_buffer(500, 2);
    for (size_t i = 0; i < 300; i++) append_part(chain, i % 2 ? first : second, i, 1);
    ck_assert_uint_eq(chain->count, 300);
    ck_assert_uint_eq(pinned_by(chain), 1500);
    rc_release(first);
    rc_release(second);
    ck_assert_uint_eq(pinned_by(chain), 1500);
    rc_release(chain);
}
END_TEST

START_TEST(spare_capacity_is_pinned_too)
{
    rc_chain *chain = new_chain();
    rc_buffer *grown = support_buffer(100, 1); /* its first place stays in its object */
    ASSERT_OK(rc_buffer_reserve(grown, 10000));
    ASSERT_OK(rc_chain_append(chain, grown));
    rc_release(grown);
    ck_assert_uint_eq(pinned_by(chain), 10100);
    rc_release(chain);
}
END_TEST

START_TEST(rooms_are_pinned_also_by_an_empty_chain)
{
    rc_chain *chain = new_chain();
    ASSERT_OK(rc_chain_append_bytes(chain, "a", 1));
    ck_assert_uint_eq(pinned_by(chain), 256);
    ASSERT_OK(rc_chain_prepend_bytes(chain, "a", 1));
    ck_assert_uint_eq(pinned_by(chain), 512);
    ASSERT_OK(rc_chain_drop(chain, 2));
    ck_assert_uint_eq(pinned_by(chain), 512);
    ASSERT_OK(rc_chain_compact(chain, 1));
    ck_assert_uint_eq(pinned_by(chain), 0);
    rc_release(chain);
}
END_TEST

static void keep(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size, (void)context;
}

START_TEST(what_other_kinds_of_buffers_pin_is_told)
{
    static char bytes[700];
    rc_chain *chain = new_chain();
    rc_buffer *buffers[] = {rc_buffer_borrow(bytes, 700), rc_buffer_adopt(bytes, 700, keep, NULL),
                            rc_map_memory(NULL, 5000)};
    static const size_t pinned[] = {0, 700, 5700};
    rc_pool *pool = rc_pool_new(900, 0, 1);
    for (size_t i = 0; i < 3; i++) {
        append_part(chain, buffers[i], 3, 4);
        rc_release(buffers[i]);
        ck_assert_uint_eq(pinned_by(chain), pinned[i]);
    }
    rc_buffer *pooled = rc_pool_take(pool);
    append_part(chain, pooled, 3, 4);
    rc_release(pooled);
    ck_assert_uint_eq(pinned_by(chain), 6600);
    rc_release(chain);
    rc_release(pool);
}
END_TEST

/* ---- lessened -------------------------------------------------------------------------------- */

START_TEST(small_pieces_of_large_buffers_are_copied)
{
    struct rc_account before, now;
    rc_chain *chain = new_chain();
    rc_account_read(&before);
    append_pinning(chain, 100000, 7, 10);
    append_pinning(chain, 200000, 9, 20);
    unsigned char expected[30];
    ASSERT_OK(rc_chain_copy_out(chain, 0, expected, 30));
    ASSERT_OK(rc_chain_compact(chain, 100));
    ck_assert_uint_eq(pinned_by(chain), 30);
    ck_assert_uint_eq(chain->count, 1); /* neighbours go into one copy */
    assert_bytes(chain, expected, 30);
    rc_account_read(&now);
    ck_assert_uint_lt(now.live_bytes, before.live_bytes + 1000);
    rc_release(chain);
}
END_TEST

START_TEST(what_uses_enough_of_its_buffer_stays)
{
    rc_chain *chain = new_chain();
    rc_buffer *well = support_buffer(100, 1);
    append_part(chain, well, 0, 25);
    append_pinning(chain, 100, 0, 24);
    append_part(chain, well, 50, 25);
    ASSERT_OK(rc_chain_compact(chain, 5)); /* 100 are not more than five times 24 */
    ck_assert_uint_eq(pinned_by(chain), 200);
    ASSERT_OK(rc_chain_compact(chain, 4)); /* but than four times */
    ck_assert_uint_eq(pinned_by(chain), 124);
    ck_assert_uint_eq(chain->count, 3);
    size_t run;
    ck_assert_ptr_eq(rc_chain_peek(chain, 0, &run), well->data);
    ck_assert_uint_eq(rc_buffer_exports(well), 2);
    ASSERT_OK(rc_chain_compact(chain, 2));
    ck_assert_uint_eq(pinned_by(chain), 124);
    ASSERT_OK(rc_chain_compact(chain, 1));
    ck_assert_uint_eq(pinned_by(chain), 74);
    ck_assert(rc_is_unique(well));
    rc_release(well);
    rc_release(chain);
}
END_TEST

START_TEST(pieces_of_one_buffer_count_together)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(100, 1), *between = buffer_of("-");
    for (size_t i = 0; i < 10; i++) { /* half of it, in ten pieces */
        append_part(chain, buffer, i * 10, 5);
        ASSERT_OK(rc_chain_append(chain, between));
    }
    rc_release(between);
    rc_release(buffer);
    ASSERT_OK(rc_chain_compact(chain, 2));
    ck_assert_uint_eq(chain->count, 20);
    ck_assert_uint_eq(pinned_by(chain), 101);
    ASSERT_OK(rc_chain_drop(chain, 6));
    ASSERT_OK(rc_chain_compact(chain, 2));
    ck_assert_uint_eq(pinned_by(chain), 46);
    rc_release(chain);
}
END_TEST

START_TEST(borrowed_bytes_are_never_copied)
{
    static const char text[] = "for as long as the program runs";
    rc_chain *chain = new_chain();
    rc_buffer *borrowed = rc_buffer_borrow(text, sizeof text);
    append_part(chain, borrowed, 4, 2);
    rc_release(borrowed);
    ASSERT_OK(rc_chain_compact(chain, 1));
    size_t run;
    ck_assert_ptr_eq(rc_chain_peek(chain, 0, &run), text + 4);
    rc_release(chain);
}
END_TEST

START_TEST(the_bound_holds_for_any_chain)
{
    for (size_t times = 1; times < 6; times++)
        for (unsigned seed = 0; seed < 40; seed++) {
            rc_chain *chain = new_chain();
            for (unsigned i = 0; i < 30; i++) {
                size_t all = 1 + (seed * 7 + i * 13) % 300, size = 1 + (seed + i * 5) % all;
                append_pinning(chain, all, (all - size) / 2, size);
            }
            rc_buffer *before = rc_chain_flatten(chain);
            ASSERT_OK(rc_chain_compact(chain, times));
            assert_bytes(chain, before->data, before->size);
            ck_assert_uint_le(pinned_by(chain), times * chain->size);
            rc_release(before);
            rc_release(chain);
        }
}
END_TEST

START_TEST(a_chain_of_very_many_pieces_is_compacted)
{
    enum { MANY = 20000 };
    rc_chain *chain = new_chain();
    unsigned char *expected = malloc(MANY);
    for (size_t i = 0; i < MANY; i++) {
        append_pinning(chain, 10 + i % 3, i % 5, 1);
        expected[i] = support_byte((unsigned)(10 + i % 3), i % 5);
    }
    ck_assert_uint_gt(pinned_by(chain), 10 * MANY);
    ASSERT_OK(rc_chain_compact(chain, 1));
    ck_assert_uint_eq(pinned_by(chain), MANY);
    ck_assert_uint_eq(chain->count, 1);
    assert_bytes(chain, expected, MANY);
    free(expected);
    rc_release(chain);
}
END_TEST

START_TEST(copies_of_what_is_wiped_are_wiped)
{
    rc_chain *chain = new_chain();
    rc_buffer *secret = rc_buffer_new_with(NULL, 100, 0, RC_BUFFER_WIPE);
    memset(rc_buffer_edit(secret), 1, 100);
    append_part(chain, secret, 0, 10);
    rc_release(secret);
    ASSERT_OK(rc_chain_compact(chain, 2));
    ck_assert_uint_eq(pinned_by(chain), 10);
    rc_buffer *flat = rc_chain_flatten(chain);
    ck_assert_uint_eq(flat->rc__state & RC__STATE_WIPE, RC__STATE_WIPE);
    rc_release(flat);
    rc_release(chain);
}
END_TEST

/* ---- refusals -------------------------------------------------------------------------------- */

START_TEST(null_and_no_times_are_refused)
{
    rc_chain *chain = chain_of("ab cd");
    size_t pinned = 99;
    ASSERT_REFUSED(rc_chain_pinned(NULL, &pinned), RC_INVALID, "rc_chain_pinned: the chain is");
    ASSERT_REFUSED(rc_chain_pinned(chain, NULL), RC_INVALID, "no place for what 4 bytes pin");
    ASSERT_REFUSED(rc_chain_compact(NULL, 1), RC_INVALID, "rc_chain_compact: the chain is NULL");
    ASSERT_REFUSED(rc_chain_compact(chain, 0), RC_INVALID, "chain of 4 bytes cannot pin 0 times");
    ck_assert_uint_eq(pinned, 99);
    rc_release(chain);
}
END_TEST

static bool ask_pinned(rc_chain *chain, void *pinned)
{
    return rc_chain_pinned(chain, pinned) == RC_OK;
}

static bool compact(rc_chain *chain, void *times)
{
    return rc_chain_compact(chain, *(size_t *)times) == RC_OK;
}

/* The table, the new chain, its ring, and each copy. */
START_TEST(without_memory_a_chain_pins_what_it_did)
{
    support_fail_from_here();
    rc_chain *chain = new_chain();
    rc_buffer *between = buffer_of("-");
    size_t pinned = 99, times = 2;
    for (size_t i = 0; i < 3; i++) {
        append_pinning(chain, 100, 0, 10);
        ASSERT_OK(rc_chain_append(chain, between));
    }
    ck_assert_uint_eq(support_fail_each(ask_pinned, chain, &pinned), 1);
    ck_assert_uint_eq(pinned, 301);
    ck_assert_uint_eq(support_fail_each(compact, chain, &times), 6);
    ck_assert_uint_eq(pinned_by(chain), 31);
    ck_assert_uint_eq(chain->count, 6);
    rc_release(between);
    rc_release(chain);
    support_fail_none();
}
END_TEST

START_TEST(a_buffer_with_too_many_slices_stops_a_compaction)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = buffer_of("abcd");
    append_pinning(chain, 100, 0, 10);
    ASSERT_OK(rc_chain_append(chain, buffer));
    buffer->rc__exports = RC__EXPORTS_MAX;
    ASSERT_REFUSED(rc_chain_compact(chain, 1), RC_OVERFLOW, "rc_chain_compact: 2147483648 slices");
    buffer->rc__exports = 1;
    ck_assert_uint_eq(pinned_by(chain), 104);
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

HARNESS_MAIN("buffer/chain_compact", a_tiny_piece_pins_its_whole_buffer,
             a_buffer_is_pinned_once_however_many_pieces_it_has, spare_capacity_is_pinned_too,
             rooms_are_pinned_also_by_an_empty_chain, what_other_kinds_of_buffers_pin_is_told,
             small_pieces_of_large_buffers_are_copied, what_uses_enough_of_its_buffer_stays,
             pieces_of_one_buffer_count_together, borrowed_bytes_are_never_copied,
             the_bound_holds_for_any_chain, a_chain_of_very_many_pieces_is_compacted,
             copies_of_what_is_wiped_are_wiped, null_and_no_times_are_refused,
             without_memory_a_chain_pins_what_it_did,
             a_buffer_with_too_many_slices_stops_a_compaction)
