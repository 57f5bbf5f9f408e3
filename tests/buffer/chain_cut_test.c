/* SPDX-License-Identifier: MIT */
#include "buffer/chain.h"

#include "chain_support.h"

/* ---- let go of ------------------------------------------------------------------------------- */

START_TEST(any_number_of_bytes_is_dropped_in_front)
{
    static const char text[] = "abcdefghij";
    for (size_t size = 0; size < sizeof text; size++) {
        rc_chain *chain = chain_of("abc d ef ghij");
        ASSERT_OK(rc_chain_drop(chain, size));
        assert_text(chain, text + size);
        rc_release(chain);
    }
}
END_TEST

START_TEST(any_number_of_bytes_is_dropped_at_the_back)
{
    static const char text[] = "abcdefghij";
    for (size_t size = 0; size < sizeof text; size++) {
        rc_chain *chain = chain_of("abc d ef ghij");
        ASSERT_OK(rc_chain_drop_back(chain, size));
        assert_bytes(chain, text, sizeof text - 1 - size);
        rc_release(chain);
    }
}
END_TEST

START_TEST(what_is_dropped_is_no_longer_held)
{
    rc_chain *chain = new_chain();
    rc_buffer *first = buffer_of("abc"), *last = buffer_of("def");
    ASSERT_OK(rc_chain_append(chain, first));
    ASSERT_OK(rc_chain_append(chain, last));
    ASSERT_OK(rc_chain_drop(chain, 4));
    ck_assert(rc_is_unique(first));
    ck_assert_uint_eq(rc_buffer_exports(last), 1);
    ASSERT_OK(rc_chain_drop_back(chain, 2));
    ck_assert(rc_is_unique(last));
    rc_release(first);
    rc_release(last);
    rc_release(chain);
}
END_TEST

START_TEST(more_than_there_is_cannot_be_taken_away)
{
    rc_chain *chain = chain_of("abc de");
    ASSERT_REFUSED(rc_chain_drop(chain, 6), RC_RANGE,
                   "rc_chain_drop: 6 bytes at 0 pass the end of a chain of 5 bytes");
    ASSERT_REFUSED(rc_chain_drop(chain, SIZE_MAX), RC_RANGE, "rc_chain_drop: ");
    ASSERT_REFUSED(rc_chain_drop_back(chain, 6), RC_RANGE,
                   "rc_chain_drop_back: the last 6 bytes: the chain has 5");
    ASSERT_NULL(rc_chain_cut(chain, 6), RC_RANGE, "rc_chain_cut: 6 bytes");
    ASSERT_NULL(rc_chain_cut_slice(chain, 6), RC_RANGE, "rc_chain_cut_slice: 6 bytes");
    assert_text(chain, "abcde");
    ASSERT_REFUSED(rc_chain_drop(NULL, 0), RC_INVALID, "rc_chain_drop: the chain is NULL");
    ASSERT_REFUSED(rc_chain_drop_back(NULL, 0), RC_INVALID, "rc_chain_drop_back: the chain");
    ASSERT_NULL(rc_chain_cut(NULL, 0), RC_INVALID, "rc_chain_cut: the chain is NULL");
    ASSERT_NULL(rc_chain_cut_slice(NULL, 0), RC_INVALID, "rc_chain_cut_slice: the chain is NULL");
    rc_release(chain);
}
END_TEST

/* ---- as a chain ------------------------------------------------------------------------------ */

START_TEST(a_chain_is_cut_anywhere)
{
    static const char text[] = "abcdefghij";
    for (size_t size = 0; size < sizeof text; size++) {
        rc_chain *chain = chain_of("abc d ef ghij");
        rc_chain *front = rc_chain_cut(chain, size);
        assert_bytes(front, text, size);
        assert_text(chain, text + size);
        rc_release(chain);
        assert_bytes(front, text, size);
        rc_release(front);
    }
}
END_TEST

START_TEST(only_the_piece_that_is_cut_through_gets_an_export_more)
{
    rc_chain *chain = new_chain();
    rc_buffer *first = buffer_of("abc"), *second = buffer_of("def"), *third = buffer_of("ghi");
    ASSERT_OK(rc_chain_append(chain, first));
    ASSERT_OK(rc_chain_append(chain, second));
    ASSERT_OK(rc_chain_append(chain, third));
    rc_chain *front = rc_chain_cut(chain, 4);
    ck_assert_uint_eq(rc_buffer_exports(first), 1);
    ck_assert_uint_eq(rc_buffer_exports(second), 2);
    ck_assert_uint_eq(rc_buffer_exports(third), 1);
    rc_release(chain);
    ck_assert_uint_eq(rc_buffer_exports(first), 1);
    ck_assert_uint_eq(rc_buffer_exports(second), 1);
    ck_assert_uint_eq(rc_buffer_exports(third), 0);
    rc_release(front);
    rc_release(first);
    rc_release(second);
    rc_release(third);
}
END_TEST

START_TEST(a_cut_of_many_pieces_has_them_all)
{
    enum { MANY = 500 };
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(MANY, 3);
    unsigned char expected[MANY];
    for (size_t i = 0; i < MANY; i++) {
        append_part(chain, buffer, MANY - 1 - i, 1);
        expected[i] = buffer->data[MANY - 1 - i];
    }
    for (size_t done = 0; done < MANY; done += 125) {
        rc_chain *front = rc_chain_cut(chain, 125);
        ck_assert_uint_eq(front->count, 125);
        assert_bytes(front, expected + done, 125);
        rc_release(front);
    }
    ck_assert(rc_is_unique(buffer));
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

/* ---- as one buffer --------------------------------------------------------------------------- */

START_TEST(bytes_of_one_piece_are_cut_without_a_copy)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(100, 1);
    append_part(chain, buffer, 10, 50);
    rc_buffer *part = rc_chain_cut_slice(chain, 20);
    ck_assert_str_eq(rc_type_of(part)->name, "rc_buffer slice");
    ck_assert_ptr_eq(part->data, buffer->data + 10);
    ck_assert_uint_eq(part->size, 20);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 2);
    rc_buffer *rest = rc_chain_cut_slice(chain, 30);
    ck_assert_ptr_eq(rest->data, buffer->data + 30);
    ck_assert_uint_eq(rest->size, 30);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 2);
    ck_assert_uint_eq(chain->size + chain->count, 0);
    rc_release(chain);
    rc_release(part);
    rc_release(rest);
    ck_assert(rc_is_unique(buffer));
    rc_release(buffer);
}
END_TEST

START_TEST(bytes_of_several_pieces_are_cut_as_a_copy)
{
    static const char text[] = "abcdefghij";
    for (size_t size = 4; size < sizeof text; size++) {
        rc_chain *chain = chain_of("abc d ef ghij");
        rc_buffer *cut = rc_chain_cut_slice(chain, size);
        ck_assert_str_eq(rc_type_of(cut)->name, "rc_buffer");
        ck_assert_uint_eq(cut->size, size);
        ck_assert(memcmp(cut->data, text, size) == 0);
        assert_text(chain, text + size);
        rc_release(chain);
        ASSERT_OK(rc_buffer_resize(cut, 20));
        rc_release(cut);
    }
}
END_TEST

START_TEST(no_bytes_are_cut_as_an_empty_buffer)
{
    rc_chain *chain = new_chain();
    rc_buffer *none = rc_chain_cut_slice(chain, 0);
    assert_buffer_text(none, "");
    rc_release(none);
    rc_chain *front = rc_chain_cut(chain, 0);
    assert_text(front, "");
    rc_release(front);
    rc_release(chain);
}
END_TEST

START_TEST(a_cut_slice_is_as_writable_as_what_was_added)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = buffer_of("abcdef"), *frozen = slice_of(buffer, 3, 3);
    ASSERT_OK(rc_buffer_freeze(frozen));
    append_part(chain, buffer, 0, 3);
    ASSERT_OK(rc_chain_append(chain, frozen));
    append_part(chain, frozen, 0, 2);
    rc_release(frozen);
    rc_buffer *writable = rc_chain_cut_slice(chain, 3);
    ck_assert_ptr_eq(rc_buffer_edit(writable), buffer->data);
    for (int i = 0; i < 3; i++) { /* part of a piece, all of one, and one of a slice of a slice */
        rc_buffer *slice = rc_chain_cut_slice(chain, i == 0 ? 1 : 2);
        ASSERT_NULL(rc_buffer_edit(slice), RC_READ_ONLY, "bytes is frozen");
        rc_release(slice);
    }
    ASSERT_OK(rc_buffer_freeze(buffer)); /* the root is asked when it is written to */
    ASSERT_NULL(rc_buffer_edit(writable), RC_READ_ONLY, "a slice of a buffer of 6 bytes that is");
    rc_release(writable);
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

START_TEST(a_tiny_slice_is_unpinned_by_a_copy)
{
    struct rc_account before, now;
    rc_chain *chain = new_chain();
    rc_account_read(&before);
    rc_buffer *huge = support_buffer((size_t)1 << 20, 1);
    ASSERT_OK(rc_chain_append(chain, huge));
    rc_release(huge);
    rc_buffer *tiny = rc_chain_cut_slice(chain, 10);
    ASSERT_OK(rc_chain_drop(chain, chain->size));
    ASSERT_OK(rc_buffer_make_unique(&tiny));
    rc_account_read(&now);
    ck_assert_uint_lt(now.live_bytes, before.live_bytes + 1000);
    ck_assert_uint_eq(support_count_same(tiny->data, 10, 1, 0), 10);
    rc_release(tiny);
    rc_release(chain);
}
END_TEST

START_TEST(a_copy_of_what_is_wiped_is_wiped)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    rc_chain *chain = chain_of("ab cd");
    rc_buffer *secret = rc_buffer_new_with(NULL, 6000, 0, RC_BUFFER_WIPE);
    memset(rc_buffer_edit(secret), SUPPORT_SECRET, 6000);
    ASSERT_OK(rc_chain_append(chain, secret));
    ASSERT_OK(rc_chain_append(chain, secret));
    rc_buffer *plain, *copy;
    ASSERT_OK(rc_allocator_set_default(&inspector.allocator));
    plain = rc_chain_cut_slice(chain, 3);
    copy = rc_chain_cut_slice(chain, 6001);
    ASSERT_OK(rc_allocator_set_default(NULL));
    ck_assert_uint_eq(plain->rc__state & RC__STATE_WIPE, 0);
    ck_assert_uint_eq(copy->data[4000], SUPPORT_SECRET);
    rc_release(copy);
    rc_release(plain);
    ck_assert_uint_eq(inspector.secrets, 0);
    ck_assert_uint_eq(inspector.blocks, 0);
    rc_release(secret);
    rc_release(chain);
}
END_TEST

/* ---- refusals -------------------------------------------------------------------------------- */

static bool cut(rc_chain *chain, void *size)
{
    rc_chain *front = rc_chain_cut(chain, *(size_t *)size);
    rc_release(front);
    return front != NULL;
}

static bool cut_slice(rc_chain *chain, void *size)
{
    rc_buffer *slice = rc_chain_cut_slice(chain, *(size_t *)size);
    rc_release(slice);
    return slice != NULL;
}

START_TEST(a_cut_without_memory_changes_nothing)
{
    static const struct {
        bool (*call)(rc_chain *chain, void *size);
        size_t size, failures;
    } cuts[] = {{cut, 0, 1},       {cut, 1, 1},       {cut, 9, 2},       {cut, 10, 2},
                {cut_slice, 0, 1}, {cut_slice, 1, 1}, {cut_slice, 2, 1}, {cut_slice, 3, 1}};
    support_fail_from_here();
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        size_t size = cuts[i].size;
        rc_chain *chain = chain_of("ab cd e f ghi j");
        ck_assert_uint_eq(support_fail_each(cuts[i].call, chain, &size), cuts[i].failures);
        assert_text(chain, &"abcdefghij"[size]);
        rc_release(chain);
    }
    support_fail_none();
}
END_TEST

START_TEST(a_cut_through_a_buffer_with_too_many_slices_changes_nothing)
{
    rc_chain *chain = chain_of("ab");
    rc_buffer *buffer = buffer_of("cdef");
    ASSERT_OK(rc_chain_append(chain, buffer));
    buffer->rc__exports = RC__EXPORTS_MAX;
    ASSERT_NULL(rc_chain_cut(chain, 4), RC_OVERFLOW,
                "rc_chain_cut: 2147483648 slices of a buffer of 4 bytes live already");
    assert_text(chain, "abcdef");
    ASSERT_OK(rc_chain_drop(chain, 2));
    ASSERT_NULL(rc_chain_cut_slice(chain, 2), RC_OVERFLOW, "rc_chain_cut_slice: 2147483648");
    assert_text(chain, "cdef");
    rc_buffer *whole = rc_chain_cut_slice(chain, 4); /* takes the piece's over */
    buffer->rc__exports = 1;
    assert_buffer_text(whole, "cdef");
    rc_release(whole);
    ck_assert(rc_is_unique(buffer));
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

HARNESS_MAIN("buffer/chain_cut", any_number_of_bytes_is_dropped_in_front,
             any_number_of_bytes_is_dropped_at_the_back, what_is_dropped_is_no_longer_held,
             more_than_there_is_cannot_be_taken_away, a_chain_is_cut_anywhere,
             only_the_piece_that_is_cut_through_gets_an_export_more,
             a_cut_of_many_pieces_has_them_all, bytes_of_one_piece_are_cut_without_a_copy,
             bytes_of_several_pieces_are_cut_as_a_copy, no_bytes_are_cut_as_an_empty_buffer,
             a_cut_slice_is_as_writable_as_what_was_added, a_tiny_slice_is_unpinned_by_a_copy,
             a_copy_of_what_is_wiped_is_wiped, a_cut_without_memory_changes_nothing,
             a_cut_through_a_buffer_with_too_many_slices_changes_nothing)
