/* SPDX-License-Identifier: MIT */
#include "buffer/chain.h"

#include "chain_support.h"

static size_t room_left(const rc_chain *chain, enum rc__chain_end end)
{
    return rc__room_left(&rc__chain_of(chain)->rooms[end], end);
}

/* ---- where bytes go -------------------------------------------------------------------------- */

START_TEST(bytes_that_are_appended_follow_each_other_in_one_room)
{
    rc_chain *chain = new_chain();
    ASSERT_OK(rc_chain_append_bytes(chain, "hello, ", 7));
    ASSERT_OK(rc_chain_append_bytes(chain, "world", 5));
    ASSERT_OK(rc_chain_append_bytes(chain, "", 0));
    ck_assert_uint_eq(chain->count, 1);
    assert_text(chain, "hello, world");
    ck_assert_uint_eq(room_left(chain, RC__CHAIN_BACK), 256 - 12);
    rc_release(chain);
}
END_TEST

START_TEST(bytes_that_are_prepended_precede_each_other_in_one_room)
{
    rc_chain *chain = chain_of("body");
    ASSERT_OK(rc_chain_prepend_bytes(chain, "transport ", 10));
    ASSERT_OK(rc_chain_prepend_bytes(chain, "network ", 8));
    ASSERT_OK(rc_chain_prepend_bytes(chain, "link ", 5));
    ck_assert_uint_eq(chain->count, 2);
    assert_text(chain, "link network transport body");
    ck_assert_uint_eq(room_left(chain, RC__CHAIN_FRONT), 256 - 23);
    rc_release(chain);
}
END_TEST

START_TEST(rooms_at_both_ends_keep_out_of_each_others_way)
{
    char expected[2001];
    size_t from = 1000, to = 1000;
    rc_chain *chain = new_chain();
    for (size_t i = 0; i < 1000; i++) {
        char byte = (char)('a' + i % 26);
        expected[i % 3 ? --from : to++] = byte;
        ASSERT_OK((i % 3 ? rc_chain_prepend_bytes : rc_chain_append_bytes)(chain, &byte, 1));
    }
    assert_bytes(chain, expected + from, to - from);
    rc_release(chain);
}
END_TEST

/* What has no place in the room goes to a new one, at once; nothing of the old one is lost. */
START_TEST(bytes_fill_a_room_before_they_go_to_the_next)
{
    unsigned char bytes[10000];
    support_write(bytes, sizeof bytes, 1, 0);
    for (size_t first = 1; first < 300; first += 42)
        for (size_t second = 1; second < 9000; second += 1111) {
            rc_chain *chain = new_chain();
            ASSERT_OK(rc_chain_append_bytes(chain, bytes, first));
            ASSERT_OK(rc_chain_append_bytes(chain, bytes + first, second));
            ck_assert_uint_eq(chain->count, first + second > 256 ? 2 : 1);
            assert_bytes(chain, bytes, first + second);
            rc_release(chain);
            chain = new_chain();
            ASSERT_OK(rc_chain_prepend_bytes(chain, bytes + second, first));
            ASSERT_OK(rc_chain_prepend_bytes(chain, bytes, second));
            assert_bytes(chain, bytes, first + second);
            rc_release(chain);
        }
}
END_TEST

START_TEST(rooms_grow_with_the_chain_up_to_a_page)
{
    rc_chain *chain = new_chain();
    char byte = 'x';
    size_t sizes[64], count = 0;
    for (size_t i = 0; i < 30000; i++) {
        size_t before = room_left(chain, RC__CHAIN_BACK);
        ASSERT_OK(rc_chain_append_bytes(chain, &byte, 1));
        size_t after = room_left(chain, RC__CHAIN_BACK);
        if (before == 0) sizes[count++] = after + 1;
    }
    ck_assert_uint_eq(sizes[0], 256);
    ck_assert_uint_eq(sizes[2], 512);
    ck_assert_uint_eq(sizes[count - 1], 4096);
    ck_assert_uint_lt(count, 15);
    ck_assert_uint_eq(chain->count, count);
    rc_release(chain);
}
END_TEST

START_TEST(many_bytes_get_a_room_without_anything_to_spare)
{
    rc_buffer *large = support_buffer(100000, 2);
    rc_chain *chain = new_chain();
    ASSERT_OK(rc_chain_append_bytes(chain, large->data, large->size));
    ck_assert_uint_eq(chain->count, 1);
    ck_assert_uint_eq(room_left(chain, RC__CHAIN_BACK), 0);
    ck_assert_ptr_null(rc__chain_of(chain)->rooms[RC__CHAIN_BACK].root);
    assert_bytes(chain, large->data, large->size);
    rc_release(chain);
    rc_release(large);
}
END_TEST

/* Whoever holds what was cut off, what comes next lies behind it. */
START_TEST(a_room_goes_on_after_what_was_in_it_has_been_cut_off)
{
    rc_chain *chain = new_chain();
    rc_buffer *lines[20];
    const unsigned char *next = NULL;
    for (size_t i = 0; i < 20; i++) {
        char line[16];
        size_t size = (size_t)snprintf(line, sizeof line, "line %zu", i);
        ASSERT_OK(rc_chain_append_bytes(chain, line, size));
        lines[i] = rc_chain_cut_slice(chain, size);
        ck_assert_uint_eq(chain->count, 0);
        ck_assert(!next || lines[i]->data == next);
        next = lines[i]->data + size;
    }
    rc_release(chain);
    assert_buffer_text(lines[0], "line 0");
    assert_buffer_text(lines[19], "line 19");
    for (size_t i = 0; i < 20; i++) rc_release(lines[i]);
}
END_TEST

/* Dropped bytes are gone for good, since a slice of them may live. */
START_TEST(bytes_behind_which_others_were_dropped_are_not_written_again)
{
    rc_chain *chain = new_chain();
    ASSERT_OK(rc_chain_append_bytes(chain, "abcdef", 6));
    rc_chain *shared = new_chain();
    ASSERT_OK(rc_chain_append_chain(shared, chain));
    ASSERT_OK(rc_chain_drop_back(chain, 3));
    ASSERT_OK(rc_chain_append_bytes(chain, "XYZ", 3));
    assert_text(chain, "abcXYZ");
    assert_text(shared, "abcdef");
    ck_assert_uint_eq(chain->count, 2);
    rc_release(shared);
    ASSERT_OK(rc_chain_drop(chain, 2));
    ASSERT_OK(rc_chain_prepend_bytes(chain, "12", 2));
    assert_text(chain, "12cXYZ");
    rc_release(chain);
}
END_TEST

START_TEST(nobody_reaches_a_room_by_what_was_cut_out_of_it)
{
    rc_chain *chain = new_chain();
    ASSERT_OK(rc_chain_append_bytes(chain, "abc", 3));
    rc_buffer *flat = rc_chain_flatten(chain);
    ck_assert_uint_eq(flat->size, 3); /* a slice, not the room */
    ck_assert_str_eq(rc_type_of(flat)->name, "rc_buffer slice");
    ASSERT_OK(rc_buffer_freeze(flat));
    ASSERT_OK(rc_chain_append_bytes(chain, "def", 3));
    ck_assert_uint_eq(chain->count, 1);
    assert_text(chain, "abcdef");
    assert_buffer_text(flat, "abc");
    rc_release(flat);
    rc_release(chain);
}
END_TEST

START_TEST(bytes_of_a_chain_can_be_added_to_it)
{
    rc_chain *chain = new_chain();
    size_t run;
    ASSERT_OK(rc_chain_append_bytes(chain, "ab", 2));
    for (size_t i = 0; i < 20; i++) { /* across rooms */
        const unsigned char *own = rc_chain_peek(chain, 0, &run);
        ASSERT_OK(i % 2 ? rc_chain_append_bytes(chain, own, run)
                        : rc_chain_prepend_bytes(chain, own, run));
    }
    ck_assert_uint_gt(chain->count, 2);
    size_t size = chain->size;
    rc_buffer *flat = rc_chain_flatten(chain);
    size_t same = 0;
    while (same < size && flat->data[same] == "ab"[same % 2]) same++;
    ck_assert_uint_eq(same, size);
    rc_release(flat);
    rc_release(chain);
}
END_TEST

START_TEST(a_move_leaves_each_chain_its_room)
{
    rc_chain *chain = new_chain(), *other = new_chain();
    ASSERT_OK(rc_chain_append_bytes(chain, "ab", 2));
    ASSERT_OK(rc_chain_append_bytes(other, "cd", 2));
    ASSERT_OK(rc_chain_move(chain, other));
    ASSERT_OK(rc_chain_append_bytes(chain, "ef", 2));
    ASSERT_OK(rc_chain_append_bytes(other, "gh", 2));
    assert_text(chain, "abcdef");
    assert_text(other, "gh");
    rc_chain *front = rc_chain_cut(chain, 3);
    ASSERT_OK(rc_chain_append_bytes(front, "X", 1));
    ASSERT_OK(rc_chain_append_bytes(chain, "Y", 1));
    assert_text(front, "abcX");
    assert_text(chain, "defY");
    rc_release(front);
    rc_release(chain);
    rc_release(other);
}
END_TEST

START_TEST(an_empty_chain_gives_its_rooms_back_at_its_end)
{
    struct rc_account before;
    rc_account_read(&before);
    rc_chain *chain = new_chain();
    ASSERT_OK(rc_chain_append_bytes(chain, "ab", 2));
    ASSERT_OK(rc_chain_prepend_bytes(chain, "cd", 2));
    ASSERT_OK(rc_chain_drop(chain, 4));
    struct rc_account now;
    rc_account_read(&now);
    ck_assert_uint_ge(now.live_bytes, before.live_bytes + 512);
    rc_release(chain);
    ASSERT_OK(rc_account_check_nothing_new(&before));
}
END_TEST

/* ---- refusals -------------------------------------------------------------------------------- */

START_TEST(null_bytes_are_refused_unless_there_are_none)
{
    rc_chain *chain = new_chain();
    ASSERT_REFUSED(rc_chain_append_bytes(chain, NULL, 3), RC_INVALID,
                   "rc_chain_append_bytes: the 3 bytes are NULL");
    ASSERT_REFUSED(rc_chain_prepend_bytes(chain, NULL, 3), RC_INVALID,
                   "rc_chain_prepend_bytes: the 3 bytes are NULL");
    ASSERT_OK(rc_chain_append_bytes(chain, NULL, 0));
    ASSERT_OK(rc_chain_prepend_bytes(chain, NULL, 0));
    ck_assert_uint_eq(chain->count, 0);
    ASSERT_REFUSED(rc_chain_append_bytes(NULL, "a", 1), RC_INVALID, "the chain is NULL");
    ASSERT_REFUSED(rc_chain_prepend_bytes(NULL, "a", 1), RC_INVALID, "the chain is NULL");
    rc_release(chain);
}
END_TEST

struct bytes {
    bool in_front;
    size_t size;
};

static bool add(rc_chain *chain, void *argument)
{
    const struct bytes *bytes = argument;
    static const unsigned char many[5000];
    return (bytes->in_front ? rc_chain_prepend_bytes : rc_chain_append_bytes)(chain, many,
                                                                              bytes->size) == RC_OK;
}

/* A new room, which is an object and its block, and, where the ring is full, a new ring. */
START_TEST(bytes_without_memory_for_them_change_nothing)
{
    for (int in_front = 0; in_front < 2; in_front++)
        for (size_t pieces = 0; pieces < 2; pieces++) {
            struct bytes bytes = {in_front, 5000}, few = {in_front, 10};
            support_fail_from_here();
            rc_chain *chain = chain_of(pieces ? "ab cd e" : "ab");
            ck_assert(add(chain, &few));
            size_t failed = support_fail_each(add, chain, &bytes);
            ck_assert_uint_eq(failed, 2 + pieces);
            ck_assert_uint_eq(chain->size, (pieces ? 5 : 2) + 5010);
            rc_release(chain);
            support_fail_none();
        }
}
END_TEST

START_TEST(a_room_with_too_many_slices_refuses_a_new_piece)
{
    rc_chain *chain = new_chain();
    ASSERT_OK(rc_chain_append_bytes(chain, "abc", 3));
    rc_buffer *root = rc__chain_of(chain)->rooms[RC__CHAIN_BACK].root;
    uint32_t exports = root->rc__exports;
    root->rc__exports = RC__EXPORTS_MAX;
    ASSERT_OK(rc_chain_append_bytes(chain, "def", 3)); /* the same piece */
    rc_buffer *other = buffer_of("-");
    ASSERT_OK(rc_chain_append(chain, other));
    ASSERT_REFUSED(rc_chain_append_bytes(chain, "ghi", 3), RC_OVERFLOW,
                   "rc_chain_append_bytes: 2147483648 slices of a buffer of 256 bytes");
    assert_text(chain, "abcdef-");
    root->rc__exports = exports;
    ASSERT_OK(rc_chain_append_bytes(chain, "ghi", 3));
    ASSERT_OK(rc_chain_prepend_bytes(chain, "z", 1));
    root = rc__chain_of(chain)->rooms[RC__CHAIN_FRONT].root;
    exports = root->rc__exports;
    ASSERT_OK(rc_chain_prepend(chain, other));
    root->rc__exports = RC__EXPORTS_MAX;
    ASSERT_REFUSED(rc_chain_prepend_bytes(chain, "y", 1), RC_OVERFLOW, "rc_chain_prepend_bytes: ");
    root->rc__exports = exports;
    assert_text(chain, "-zabcdef-ghi");
    rc_release(other);
    rc_release(chain);
}
END_TEST

HARNESS_MAIN("buffer/chain_room", bytes_that_are_appended_follow_each_other_in_one_room,
             bytes_that_are_prepended_precede_each_other_in_one_room,
             rooms_at_both_ends_keep_out_of_each_others_way,
             bytes_fill_a_room_before_they_go_to_the_next, rooms_grow_with_the_chain_up_to_a_page,
             many_bytes_get_a_room_without_anything_to_spare,
             a_room_goes_on_after_what_was_in_it_has_been_cut_off,
             bytes_behind_which_others_were_dropped_are_not_written_again,
             nobody_reaches_a_room_by_what_was_cut_out_of_it, bytes_of_a_chain_can_be_added_to_it,
             a_move_leaves_each_chain_its_room, an_empty_chain_gives_its_rooms_back_at_its_end,
             null_bytes_are_refused_unless_there_are_none,
             bytes_without_memory_for_them_change_nothing,
             a_room_with_too_many_slices_refuses_a_new_piece)
