/* SPDX-License-Identifier: MIT */
#include "buffer/chain.h"

#include "chain_support.h"

START_TEST(a_new_chain_is_empty)
{
    rc_chain *chain = new_chain();
    ck_assert_uint_eq(chain->count, 0);
    assert_text(chain, "");
    ck_assert_str_eq(rc_type_of(chain)->name, "rc_chain");
    rc_release(chain);
}
END_TEST

START_TEST(appended_buffers_read_as_one_string)
{
    rc_chain *chain = new_chain();
    rc_buffer *first = buffer_of("hello, "), *second = buffer_of("world");
    ASSERT_OK(rc_chain_append(chain, first));
    ASSERT_OK(rc_chain_append(chain, second));
    ck_assert_uint_eq(chain->count, 2);
    assert_text(chain, "hello, world");
    rc_release(first);
    rc_release(second);
    assert_text(chain, "hello, world");
    rc_release(chain);
}
END_TEST

START_TEST(prepended_buffers_come_first)
{
    rc_chain *chain = chain_of("c d");
    rc_buffer *b = buffer_of("b"), *a = buffer_of("a");
    ASSERT_OK(rc_chain_prepend(chain, b));
    ASSERT_OK(rc_chain_prepend(chain, a));
    assert_text(chain, "abcd");
    ck_assert_uint_eq(chain->count, 4);
    rc_release(a);
    rc_release(b);
    rc_release(chain);
}
END_TEST

/* At both ends, so that the ring grows while its first piece is anywhere in it. */
START_TEST(a_chain_grows_at_both_ends)
{
    enum { MANY = 1000 };
    unsigned char expected[2 * MANY];
    for (size_t turn = 0; turn < 5; turn++) {
        rc_chain *chain = new_chain();
        size_t from = MANY, to = MANY;
        for (size_t i = 0; i < MANY; i++) {
            unsigned char byte = support_byte((unsigned)turn, i);
            rc_buffer *buffer = rc_buffer_copy(&byte, 1);
            bool in_front = i % 5 < turn;
            expected[in_front ? --from : to++] = byte;
            ASSERT_OK((in_front ? rc_chain_prepend : rc_chain_append)(chain, buffer));
            rc_release(buffer);
        }
        ck_assert_uint_eq(chain->count, MANY);
        assert_bytes(chain, expected + from, to - from);
        rc_release(chain);
    }
}
END_TEST

START_TEST(a_chain_shares_the_bytes_and_copies_none)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(5000, 1);
    append_part(chain, buffer, 100, 3000);
    size_t run;
    ck_assert_ptr_eq(rc_chain_peek(chain, 0, &run), buffer->data + 100);
    ck_assert_uint_eq(run, 3000);
    unsigned char *bytes = rc_buffer_edit(buffer);
    bytes[100] = 'X';
    ck_assert(rc_chain_equal(chain, 0, "X", 1));
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

START_TEST(an_empty_buffer_is_not_held)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(10, 1), *slice = slice_of(buffer, 5, 0);
    rc_buffer *empty = rc_buffer_new(0);
    ASSERT_OK(rc_chain_append(chain, slice));
    ASSERT_OK(rc_chain_prepend(chain, empty));
    ck_assert_uint_eq(chain->count, 0);
    ck_assert(rc_is_unique(slice) && rc_is_unique(empty) && rc_is_unique(buffer));
    rc_release(slice);
    rc_release(empty);
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

START_TEST(a_buffer_in_a_chain_keeps_its_place_and_size)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(100, 1);
    ASSERT_OK(rc_chain_append(chain, buffer));
    ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
    ASSERT_REFUSED(rc_buffer_resize(buffer, 200), RC_BUSY, "1 slice or view of them lives");
    ASSERT_REFUSED(rc_buffer_append(buffer, "x", 1), RC_BUSY, "exported");
    ASSERT_OK(rc_chain_drop(chain, 99));
    ASSERT_REFUSED(rc_buffer_resize(buffer, 200), RC_BUSY, "exported");
    ASSERT_OK(rc_chain_drop(chain, 1));
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    ASSERT_OK(rc_buffer_resize(buffer, 200));
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

START_TEST(a_slice_in_a_chain_is_held_by_its_root)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(100, 1), *slice = slice_of(buffer, 10, 20);
    ASSERT_OK(rc_chain_append(chain, slice));
    ck_assert(rc_is_unique(slice));
    ck_assert_uint_eq(rc_buffer_exports(buffer), 2);
    rc_release(slice);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
    rc_release(buffer);
    ck_assert(chain->size == 20);
    size_t run;
    const unsigned char *bytes = rc_chain_peek(chain, 0, &run);
    ck_assert_uint_eq(support_count_same(bytes, run, 1, 10), 20);
    rc_release(chain);
}
END_TEST

/* ---- side by side ---------------------------------------------------------------------------- */

START_TEST(slices_that_follow_each_other_are_one_piece)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(100, 1);
    append_part(chain, buffer, 20, 30);
    append_part(chain, buffer, 50, 10);
    ck_assert_uint_eq(chain->count, 1);
    rc_buffer *before = slice_of(buffer, 5, 15);
    ASSERT_OK(rc_chain_prepend(chain, before));
    ck_assert_uint_eq(chain->count, 1);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 2);
    rc_release(before);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
    assert_bytes(chain, buffer->data + 5, 55);
    rc_release(chain);
    ck_assert(rc_is_unique(buffer));
    rc_release(buffer);
}
END_TEST

START_TEST(slices_with_a_gap_or_in_another_order_stay_apart)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(100, 1), *other = support_buffer(100, 1);
    append_part(chain, buffer, 20, 10);
    append_part(chain, buffer, 31, 10); /* a byte is left out */
    append_part(chain, buffer, 21, 10); /* backwards */
    append_part(chain, other, 31, 10);  /* of another buffer */
    append_part(chain, buffer, 31, 10);
    ck_assert_uint_eq(chain->count, 5);
    ck_assert_uint_eq(chain->size, 50);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 4);
    rc_release(chain);
    rc_release(buffer);
    rc_release(other);
}
END_TEST

START_TEST(what_is_cut_and_put_back_is_one_piece_again)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(100, 1);
    ASSERT_OK(rc_chain_append(chain, buffer));
    rc_buffer *slice = rc_chain_cut_slice(chain, 40);
    ck_assert_uint_eq(chain->size, 60);
    ASSERT_OK(rc_chain_prepend(chain, slice));
    ck_assert_uint_eq(chain->count, 1);
    rc_release(slice);
    rc_chain *front = rc_chain_cut(chain, 70);
    ASSERT_OK(rc_chain_move(front, chain));
    ck_assert_uint_eq(front->count, 1);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
    assert_bytes(front, buffer->data, 100);
    rc_release(front);
    rc_release(chain);
    rc_release(buffer);
}
END_TEST

START_TEST(what_may_be_written_is_not_joined_with_what_may_not)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(100, 1), *frozen = slice_of(buffer, 50, 50);
    ASSERT_OK(rc_buffer_freeze(frozen));
    append_part(chain, buffer, 0, 50);
    ASSERT_OK(rc_chain_append(chain, frozen));
    ck_assert_uint_eq(chain->count, 2);
    append_part(chain, frozen, 10, 10);
    append_part(chain, frozen, 20, 10);
    ck_assert_uint_eq(chain->count, 3);
    rc_release(frozen);
    rc_release(chain);
    rc_release(buffer);
}
END_TEST

/* ---- chains ---------------------------------------------------------------------------------- */

START_TEST(a_chain_shares_all_bytes_of_another)
{
    rc_chain *chain = chain_of("ab cd"), *other = chain_of("e fg h i jk l");
    ASSERT_OK(rc_chain_append_chain(chain, other));
    assert_text(chain, "abcdefghijkl");
    assert_text(other, "efghijkl");
    ck_assert_uint_eq(chain->count, 8);
    size_t mine, others;
    ck_assert_ptr_eq(rc_chain_peek(chain, 4, &mine), rc_chain_peek(other, 0, &others));
    rc_release(other);
    assert_text(chain, "abcdefghijkl");
    rc_release(chain);
}
END_TEST

START_TEST(a_chain_can_be_added_to_itself)
{
    rc_chain *chain = chain_of("a bc d");
    ASSERT_OK(rc_chain_append_chain(chain, chain));
    assert_text(chain, "abcdabcd");
    ASSERT_OK(rc_chain_append_chain(chain, chain));
    assert_text(chain, "abcdabcdabcdabcd");
    ck_assert_uint_eq(chain->count, 12);
    rc_release(chain);
}
END_TEST

/* The last piece grows by the first one that is put behind it, and is still added as it was. */
START_TEST(a_chain_that_follows_itself_in_its_buffer_can_be_added_to_itself)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = buffer_of("abcdefgh");
    append_part(chain, buffer, 4, 4);
    append_part(chain, buffer, 0, 4);
    ASSERT_OK(rc_chain_append_chain(chain, chain));
    assert_text(chain, "efghabcdefghabcd");
    ck_assert_uint_eq(chain->count, 3);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 3);
    rc_release(chain);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    rc_release(buffer);
}
END_TEST

START_TEST(a_move_leaves_the_other_chain_empty)
{
    rc_chain *chain = chain_of("ab cd"), *other = chain_of("e fg h i jk l");
    ASSERT_OK(rc_chain_move(chain, other));
    assert_text(chain, "abcdefghijkl");
    assert_text(other, "");
    ck_assert_uint_eq(other->count, 0);
    ASSERT_OK(rc_chain_move(chain, other));
    ASSERT_OK(rc_chain_move(other, chain));
    assert_text(other, "abcdefghijkl");
    assert_text(chain, "");
    rc_release(other);
    rc_release(chain);
}
END_TEST

START_TEST(a_move_to_itself_does_nothing)
{
    rc_chain *chain = chain_of("ab cd");
    ASSERT_OK(rc_chain_move(chain, chain));
    assert_text(chain, "abcd");
    rc_release(chain);
}
END_TEST

START_TEST(a_moved_piece_keeps_its_export)
{
    rc_chain *chain = new_chain(), *other = new_chain();
    rc_buffer *buffer = support_buffer(100, 1);
    append_part(chain, buffer, 0, 40);
    append_part(other, buffer, 40, 60); /* is joined, and its export is given back */
    append_part(other, buffer, 0, 100);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 3);
    ASSERT_OK(rc_chain_move(chain, other));
    ck_assert_uint_eq(chain->count, 2);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 2);
    rc_release(chain);
    rc_release(other);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    rc_release(buffer);
}
END_TEST

/* A ring belongs to the allocator that its chain came from, whichever is the default. */
START_TEST(chains_of_different_allocators_exchange_pieces)
{
    struct rc_guarding_allocator guarding;
    rc_guarding_allocator_init(&guarding, NULL);
    rc_chain *plain = chain_of("a b c d e f g h i");
    ASSERT_OK(rc_allocator_set_default(&guarding.allocator));
    rc_chain *guarded = chain_of("j k l m n o p");
    ASSERT_OK(rc_allocator_set_default(NULL));
    ASSERT_OK(rc_chain_append_chain(guarded, guarded));
    ASSERT_OK(rc_chain_move(plain, guarded));
    ASSERT_OK(rc_chain_compact(plain, 1));
    ASSERT_OK(rc_chain_move(guarded, plain));
    assert_text(guarded, "abcdefghijklmnopjklmnop");
    rc_release(plain);
    rc_release(guarded);
    ck_assert_uint_eq(rc_guarding_allocator_live_blocks(&guarding), 0);
}
END_TEST

HARNESS_MAIN("buffer/chain", a_new_chain_is_empty, appended_buffers_read_as_one_string,
             prepended_buffers_come_first, a_chain_grows_at_both_ends,
             a_chain_shares_the_bytes_and_copies_none, an_empty_buffer_is_not_held,
             a_buffer_in_a_chain_keeps_its_place_and_size, a_slice_in_a_chain_is_held_by_its_root,
             slices_that_follow_each_other_are_one_piece,
             slices_with_a_gap_or_in_another_order_stay_apart,
             what_is_cut_and_put_back_is_one_piece_again,
             what_may_be_written_is_not_joined_with_what_may_not,
             a_chain_shares_all_bytes_of_another, a_chain_can_be_added_to_itself,
             a_chain_that_follows_itself_in_its_buffer_can_be_added_to_itself,
             a_move_leaves_the_other_chain_empty, a_move_to_itself_does_nothing,
             a_moved_piece_keeps_its_export, chains_of_different_allocators_exchange_pieces)
