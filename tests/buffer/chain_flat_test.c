/* SPDX-License-Identifier: MIT */
#include "buffer/chain.h"

#include "chain_support.h"

/* ---- flatten --------------------------------------------------------------------------------- */

START_TEST(several_pieces_are_flattened_into_a_copy)
{
    rc_chain *chain = chain_of("abc d ef ghij");
    rc_buffer *flat = rc_chain_flatten(chain);
    assert_buffer_text(flat, "abcdefghij");
    assert_text(chain, "abcdefghij");
    ck_assert_uint_eq(chain->count, 4);
    ASSERT_OK(rc_buffer_resize(flat, 1));
    rc_release(flat);
    rc_release(chain);
}
END_TEST

START_TEST(a_whole_buffer_is_flattened_to_itself)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = buffer_of("abc");
    ASSERT_OK(rc_chain_append(chain, buffer));
    rc_buffer *flat = rc_chain_flatten(chain);
    ck_assert_ptr_eq(flat, buffer);
    ck_assert_uint_eq(rc_count(buffer), 3); /* the test's, the exports', and the answer's */
    rc_release(flat);
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

/* Also when it came in pieces, and not in one that is frozen. */
START_TEST(what_was_cut_up_and_put_together_is_the_whole_buffer_again)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = buffer_of("abcdef");
    append_part(chain, buffer, 0, 2);
    append_part(chain, buffer, 2, 4);
    rc_buffer *flat = rc_chain_flatten(chain);
    ck_assert_ptr_eq(flat, buffer);
    rc_release(flat);
    ASSERT_OK(rc_chain_drop(chain, 6));
    rc_buffer *frozen = slice_of(buffer, 0, 6);
    ASSERT_OK(rc_buffer_freeze(frozen));
    ASSERT_OK(rc_chain_append(chain, frozen));
    rc_release(frozen);
    flat = rc_chain_flatten(chain);
    ck_assert_ptr_ne(flat, buffer);
    ASSERT_NULL(rc_buffer_edit(flat), RC_READ_ONLY, "a slice of 6 bytes is frozen");
    rc_release(flat);
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

START_TEST(a_part_of_a_buffer_is_flattened_to_a_slice)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(100, 1);
    append_part(chain, buffer, 1, 99);
    rc_buffer *flat = rc_chain_flatten(chain);
    ck_assert_ptr_eq(flat->data, buffer->data + 1);
    ck_assert_uint_eq(flat->size, 99);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 2);
    rc_release(chain);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
    rc_release(flat);
    rc_release(buffer);
}
END_TEST

START_TEST(an_empty_chain_is_flattened_to_an_empty_buffer)
{
    rc_chain *chain = new_chain();
    rc_buffer *flat = rc_chain_flatten(chain);
    assert_buffer_text(flat, "");
    rc_release(flat);
    rc_release(chain);
}
END_TEST

/* ---- contiguous ------------------------------------------------------------------------------ */

START_TEST(any_number_of_bytes_is_made_contiguous)
{
    static const char text[] = "abcdefghij";
    for (size_t size = 0; size < sizeof text; size++) {
        rc_chain *chain = chain_of("abc d ef ghij");
        const unsigned char *bytes = rc_chain_make_contiguous(chain, size);
        ck_assert_ptr_nonnull(bytes);
        ck_assert(memcmp(bytes, text, size) == 0);
        size_t run;
        ck_assert_ptr_eq(rc_chain_peek(chain, 0, &run), bytes);
        ck_assert_uint_ge(run, size);
        assert_text(chain, text);
        rc_release(chain);
    }
}
END_TEST

START_TEST(bytes_of_one_piece_stay_where_they_are)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(100, 1);
    append_part(chain, buffer, 10, 50);
    ASSERT_OK(rc_chain_append_bytes(chain, "x", 1));
    ck_assert_ptr_eq(rc_chain_make_contiguous(chain, 0), buffer->data + 10);
    ck_assert_ptr_eq(rc_chain_make_contiguous(chain, 50), buffer->data + 10);
    ck_assert_ptr_ne(rc_chain_make_contiguous(chain, 51), buffer->data + 10);
    ck_assert(rc_is_unique(buffer));
    ck_assert_uint_eq(chain->count, 1);
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

START_TEST(only_what_was_asked_for_is_copied)
{
    rc_chain *chain = new_chain();
    rc_buffer *first = buffer_of("ab"), *second = buffer_of("cdef");
    ASSERT_OK(rc_chain_append(chain, first));
    ASSERT_OK(rc_chain_append(chain, second));
    ck_assert_ptr_nonnull(rc_chain_make_contiguous(chain, 3));
    ck_assert_uint_eq(chain->count, 2);
    size_t run;
    ck_assert_ptr_eq(rc_chain_peek(chain, 3, &run), second->data + 1);
    ck_assert_uint_eq(run, 3);
    ck_assert(rc_is_unique(first));
    ck_assert_uint_eq(rc_buffer_exports(second), 1);
    assert_text(chain, "abcdef");
    rc_release(first);
    rc_release(second);
    rc_release(chain);
}
END_TEST

/* The pieces of a large ring, all of which go. */
START_TEST(a_chain_of_very_many_pieces_becomes_one)
{
    enum { MANY = 3000 };
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(MANY, 1);
    unsigned char expected[MANY];
    for (size_t i = 0; i < MANY; i++) {
        append_part(chain, buffer, MANY - 1 - i, 1);
        expected[i] = buffer->data[MANY - 1 - i];
    }
    ck_assert_ptr_nonnull(rc_chain_make_contiguous(chain, MANY));
    ck_assert_uint_eq(chain->count, 1);
    assert_bytes(chain, expected, MANY);
    ck_assert(rc_is_unique(buffer));
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

START_TEST(an_empty_chain_has_a_place_for_no_bytes)
{
    rc_chain *chain = new_chain();
    ck_assert_ptr_nonnull(rc_chain_make_contiguous(chain, 0));
    rc_release(chain);
}
END_TEST

/* ---- a chain that changes meanwhile ---------------------------------------------------------- */

static rc_chain *changing;
static int changes; /* that are left to make */

static void put_in_front(void *data, size_t size, void *unused)
{
    (void)size, (void)unused;
    free(data);
    if (changes-- > 0) ASSERT_OK(rc_chain_prepend_bytes(changing, "xyz", 3));
}

static void drop_all(void *data, size_t size, void *unused)
{
    (void)size, (void)unused;
    free(data);
    ASSERT_OK(rc_chain_drop(changing, changing->size));
}

/* "abcd", which calls when it goes, and "efgh". */
static void make_changing(void (*release)(void *data, size_t size, void *context))
{
    char *bytes = memcpy(malloc(4), "abcd", 4);
    rc_buffer *first = rc_buffer_adopt(bytes, 4, release, NULL), *second = buffer_of("efgh");
    changing = new_chain();
    ASSERT_OK(rc_chain_append(changing, first));
    ASSERT_OK(rc_chain_append(changing, second));
    rc_release(first);
    rc_release(second);
}

START_TEST(bytes_that_come_in_front_meanwhile_are_in_the_one_piece_too)
{
    changes = 1;
    make_changing(put_in_front);
    const unsigned char *bytes = rc_chain_make_contiguous(changing, 8);
    ck_assert_ptr_nonnull(bytes);
    ck_assert(memcmp(bytes, "xyzabcde", 8) == 0);
    size_t run;
    ck_assert_ptr_eq(rc_chain_peek(changing, 0, &run), bytes);
    ck_assert_uint_ge(run, 8);
    assert_text(changing, "xyzabcdefgh");
    rc_release(changing);
}
END_TEST

START_TEST(bytes_that_leave_meanwhile_are_an_error)
{
    make_changing(drop_all);
    ASSERT_NULL(rc_chain_make_contiguous(changing, 8), RC_RANGE,
                "rc_chain_make_contiguous: 8 bytes at 0 pass the end of a chain of 0 bytes");
    assert_text(changing, "");
    rc_release(changing);
}
END_TEST

/* ---- refusals -------------------------------------------------------------------------------- */

START_TEST(what_is_not_there_cannot_be_in_one_piece)
{
    rc_chain *chain = chain_of("abc de");
    ASSERT_NULL(rc_chain_make_contiguous(chain, 6), RC_RANGE,
                "rc_chain_make_contiguous: 6 bytes at 0 pass the end of a chain of 5 bytes");
    ASSERT_NULL(rc_chain_make_contiguous(NULL, 0), RC_INVALID, "contiguous: the chain is NULL");
    ASSERT_NULL(rc_chain_flatten(NULL), RC_INVALID, "rc_chain_flatten: the chain is NULL");
    ck_assert_uint_eq(chain->count, 2);
    rc_release(chain);
}
END_TEST

static bool flatten(rc_chain *chain, void *unused)
{
    (void)unused;
    rc_buffer *flat = rc_chain_flatten(chain);
    rc_release(flat);
    return flat != NULL;
}

static bool make_contiguous(rc_chain *chain, void *size)
{
    return rc_chain_make_contiguous(chain, *(size_t *)size) != NULL;
}

/* The copy, the chain of what it replaces, and that one's ring. */
START_TEST(without_memory_the_pieces_stay_apart)
{
    support_fail_from_here();
    rc_chain *chain = chain_of("a b c d e f");
    size_t some = 3, most = 6;
    ck_assert_uint_eq(support_fail_each(flatten, chain, NULL), 1);
    ck_assert_uint_eq(support_fail_each(make_contiguous, chain, &some), 2);
    ck_assert_uint_eq(chain->count, 4);
    rc_release(chain);
    chain = chain_of("a b c d e f");
    ck_assert_uint_eq(support_fail_each(make_contiguous, chain, &most), 3);
    ck_assert_uint_eq(chain->count, 1);
    assert_text(chain, "abcdef");
    rc_release(chain);
    rc_buffer *buffer = buffer_of("abc");
    chain = new_chain();
    append_part(chain, buffer, 0, 2);
    ck_assert_uint_eq(support_fail_each(flatten, chain, NULL), 1);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
    rc_release(buffer);
    rc_release(chain);
    support_fail_none();
}
END_TEST

START_TEST(a_buffer_with_too_many_slices_gives_no_further_one)
{
    rc_chain *chain = new_chain();
    rc_buffer *buffer = buffer_of("abcd"), *other = buffer_of("-");
    append_part(chain, buffer, 0, 3);
    buffer->rc__exports = RC__EXPORTS_MAX;
    ASSERT_NULL(rc_chain_flatten(chain), RC_OVERFLOW,
                "rc_chain_flatten: 2147483648 slices of a buffer of 4 bytes live already");
    ASSERT_OK(rc_chain_prepend(chain, other));
    ASSERT_NULL(rc_chain_make_contiguous(chain, 2), RC_OVERFLOW, "2147483648 slices");
    assert_text(chain, "-abc");
    buffer->rc__exports = 1;
    rc_release(other);
    rc_release(buffer);
    rc_release(chain);
}
END_TEST

HARNESS_MAIN("buffer/chain_flat", several_pieces_are_flattened_into_a_copy,
             a_whole_buffer_is_flattened_to_itself,
             what_was_cut_up_and_put_together_is_the_whole_buffer_again,
             a_part_of_a_buffer_is_flattened_to_a_slice,
             an_empty_chain_is_flattened_to_an_empty_buffer, any_number_of_bytes_is_made_contiguous,
             bytes_of_one_piece_stay_where_they_are, only_what_was_asked_for_is_copied,
             a_chain_of_very_many_pieces_becomes_one, an_empty_chain_has_a_place_for_no_bytes,
             bytes_that_come_in_front_meanwhile_are_in_the_one_piece_too,
             bytes_that_leave_meanwhile_are_an_error, what_is_not_there_cannot_be_in_one_piece,
             without_memory_the_pieces_stay_apart,
             a_buffer_with_too_many_slices_gives_no_further_one)
