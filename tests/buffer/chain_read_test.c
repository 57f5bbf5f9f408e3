/* SPDX-License-Identifier: MIT */
#include "buffer/chain.h"

#include "chain_support.h"

/* ---- places ---------------------------------------------------------------------------------- */

START_TEST(peek_tells_where_bytes_lie_and_how_far)
{
    static const char text[] = "abcdefghij";
    static const size_t runs[] = {3, 2, 1, 1, 2, 1, 4, 3, 2, 1, 0};
    rc_chain *chain = chain_of("abc d ef ghij");
    for (size_t offset = 0; offset < sizeof text; offset++) {
        size_t run = 99;
        const unsigned char *bytes = rc_chain_peek(chain, offset, &run);
        ck_assert_ptr_nonnull(bytes);
        ck_assert_uint_eq(run, runs[offset]);
        ck_assert(memcmp(bytes, text + offset, run) == 0);
    }
    rc_release(chain);
}
END_TEST

START_TEST(peek_of_an_empty_chain_has_no_bytes)
{
    rc_chain *chain = new_chain();
    size_t run = 99;
    ck_assert_ptr_nonnull(rc_chain_peek(chain, 0, &run));
    ck_assert_uint_eq(run, 0);
    rc_release(chain);
}
END_TEST

START_TEST(peek_past_the_end_is_refused)
{
    rc_chain *chain = chain_of("abc de");
    size_t run = 99;
    ASSERT_NULL(rc_chain_peek(chain, 6, &run), RC_RANGE,
                "rc_chain_peek: 0 bytes at 6 pass the end of a chain of 5 bytes");
    ASSERT_NULL(rc_chain_peek(chain, SIZE_MAX, &run), RC_RANGE, "rc_chain_peek: 0 bytes at ");
    ck_assert_uint_eq(run, 99);
    ASSERT_NULL(rc_chain_peek(NULL, 0, &run), RC_INVALID, "rc_chain_peek: the chain is NULL");
    ASSERT_NULL(rc_chain_peek(chain, 2, NULL), RC_INVALID, "no place for how many bytes lie at 2");
    rc_release(chain);
}
END_TEST

/* ---- copies ---------------------------------------------------------------------------------- */

START_TEST(any_range_is_copied_out)
{
    static const char text[] = "abcdefghij";
    enum { SIZE = sizeof text - 1 };
    rc_chain *chain = chain_of("abc d ef ghij");
    for (size_t from = 0; from <= SIZE; from++)
        for (size_t size = 0; size <= SIZE - from; size++) {
            char bytes[SIZE + 1];
            memset(bytes, '.', sizeof bytes);
            ASSERT_OK(rc_chain_copy_out(chain, from, bytes, size));
            ck_assert(memcmp(bytes, text + from, size) == 0);
            ck_assert_int_eq(bytes[size], '.');
        }
    rc_release(chain);
}
END_TEST

START_TEST(a_copy_past_the_end_is_refused)
{
    rc_chain *chain = chain_of("abc de");
    char bytes[8] = "unwrit.";
    ASSERT_REFUSED(rc_chain_copy_out(chain, 3, bytes, 3), RC_RANGE,
                   "rc_chain_copy_out: 3 bytes at 3 pass the end of a chain of 5 bytes");
    ASSERT_REFUSED(rc_chain_copy_out(chain, 6, bytes, 0), RC_RANGE, "0 bytes at 6");
    ASSERT_REFUSED(rc_chain_copy_out(chain, 2, bytes, SIZE_MAX), RC_RANGE, "bytes at 2 pass");
    ASSERT_REFUSED(rc_chain_copy_out(chain, SIZE_MAX, bytes, 2), RC_RANGE, "2 bytes at ");
    ASSERT_REFUSED(rc_chain_copy_out(chain, 0, NULL, 1), RC_INVALID, "the 1 byte is NULL");
    ASSERT_REFUSED(rc_chain_copy_out(NULL, 0, bytes, 1), RC_INVALID, "the chain is NULL");
    ASSERT_OK(rc_chain_copy_out(chain, 5, NULL, 0));
    ck_assert_str_eq(bytes, "unwrit.");
    rc_release(chain);
}
END_TEST

/* ---- search ---------------------------------------------------------------------------------- */

/* As slowly as it can be said. */
static size_t find_slowly(const char *text, size_t size, const char *what, size_t length,
                          size_t from)
{
    for (size_t at = from; at <= size && length <= size - at; at++)
        if (memcmp(text + at, what, length) == 0) return at;
    return RC_CHAIN_NOT_FOUND;
}

/* Texts of two letters, so that much looks alike; each is cut at each set of places. */
START_TEST(bytes_are_found_however_the_chain_is_cut)
{
    enum { SIZE = 6 };
    for (unsigned letters = 0; letters < 1u << SIZE; letters++)
        for (unsigned cuts = 0; cuts < 1u << (SIZE - 1); cuts += 1 + letters % 3) {
            char text[SIZE], what[] = "abab";
            rc_chain *chain = new_chain();
            for (size_t i = 0; i < SIZE; i++) text[i] = letters >> i & 1 ? 'b' : 'a';
            for (size_t i = 0, from = 0; i < SIZE; i++) {
                if (i + 1 < SIZE && !(cuts >> i & 1)) continue;
                rc_buffer *piece = rc_buffer_copy(text + from, i + 1 - from);
                ASSERT_OK(rc_chain_append(chain, piece));
                rc_release(piece);
                from = i + 1;
            }
            size_t wrong = 0;
            for (size_t length = 0; length < sizeof what; length++)
                for (size_t from = 0; from <= SIZE + 1; from++) {
                    what[3] = letters & 1 ? 'a' : 'b';
                    wrong += rc_chain_find(chain, what, length, from) !=
                             find_slowly(text, SIZE, what, length, from);
                }
            ck_assert_uint_eq(wrong, 0);
            rc_release(chain);
        }
}
END_TEST

START_TEST(what_is_not_there_is_no_error)
{
    rc_chain *chain = chain_of("abc de");
    rc_error_clear();
    ck_assert_uint_eq(rc_chain_find(chain, "x", 1, 0), RC_CHAIN_NOT_FOUND);
    ck_assert_uint_eq(rc_chain_find(chain, "abcdef", 6, 0), RC_CHAIN_NOT_FOUND);
    ck_assert_uint_eq(rc_chain_find(chain, "e", 1, 5), RC_CHAIN_NOT_FOUND);
    ck_assert_uint_eq(rc_chain_find(chain, "", 0, 6), RC_CHAIN_NOT_FOUND);
    ck_assert_uint_eq(rc_chain_find(chain, "a", SIZE_MAX, 1), RC_CHAIN_NOT_FOUND);
    ck_assert_uint_eq(rc_chain_find(chain, "a", 1, SIZE_MAX), RC_CHAIN_NOT_FOUND);
    ck_assert_uint_eq(rc_chain_find(chain, NULL, 0, 5), 5);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_uint_eq(rc_chain_find(chain, NULL, 1, 0), RC_CHAIN_NOT_FOUND);
    ASSERT_LAST_ERROR(RC_INVALID, "rc_chain_find: the 1 byte is NULL");
    ck_assert_uint_eq(rc_chain_find(NULL, "a", 1, 0), RC_CHAIN_NOT_FOUND);
    ASSERT_LAST_ERROR(RC_INVALID, "rc_chain_find: the chain is NULL");
    rc_release(chain);
}
END_TEST

START_TEST(a_line_is_found_again_from_where_the_last_one_ended)
{
    rc_chain *chain = chain_of("one\r \ntw o\r\n\r\n th ree\r\n");
    static const size_t ends[] = {3, 8, 10, 17, RC_CHAIN_NOT_FOUND};
    size_t from = 0;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t end = rc_chain_find(chain, "\r\n", 2, from);
        ck_assert_uint_eq(end, ends[i]);
        if (end != RC_CHAIN_NOT_FOUND) from = end + 2;
    }
    rc_release(chain);
}
END_TEST

/* ---- comparisons ----------------------------------------------------------------------------- */

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

START_TEST(chains_compare_as_strings_do)
{
    static const char *const texts[] = {"",    "a",      "ab", "aba",  "abc",  "abcd",
                                        "abd", "ab\x80", "b",  "\xff", "abcc", "abce"};
    size_t wrong = 0, count = sizeof texts / sizeof *texts;
    rc_chain *chain = chain_of("ab c d");
    for (size_t i = 0; i < count; i++)
        wrong += sign(rc_chain_compare(chain, texts[i], strlen(texts[i]))) !=
                 sign(strcmp("abcd", texts[i]));
    ck_assert_uint_eq(wrong, 0);
    ASSERT_OK(rc_chain_drop(chain, 4));
    ck_assert_int_eq(rc_chain_compare(chain, NULL, 0), 0);
    ck_assert_int_lt(rc_chain_compare(chain, "a", 1), 0);
    rc_error_clear();
    ck_assert_int_eq(rc_chain_compare(chain, NULL, 1), -1);
    ASSERT_LAST_ERROR(RC_INVALID, "rc_chain_compare: the 1 byte is NULL");
    ck_assert_int_eq(rc_chain_compare(NULL, "a", 1), -1);
    ASSERT_LAST_ERROR(RC_INVALID, "rc_chain_compare: the chain is NULL");
    rc_release(chain);
}
END_TEST

START_TEST(bytes_are_equal_at_their_offset_alone)
{
    static const char text[] = "abcdefghij";
    enum { SIZE = sizeof text - 1 };
    rc_chain *chain = chain_of("abc d ef ghij");
    size_t wrong = 0;
    for (size_t at = 0; at <= SIZE; at++)
        for (size_t from = 0; from <= SIZE; from++)
            for (size_t size = 0; size <= SIZE - from; size++) {
                bool equal = size == 0 || at == from;
                equal = equal && size <= SIZE - at;
                wrong += rc_chain_equal(chain, at, text + from, size) != equal;
            }
    ck_assert_uint_eq(wrong, 0);
    rc_error_clear();
    ck_assert(!rc_chain_equal(chain, 9, "jk", 2));
    ck_assert(!rc_chain_equal(chain, 11, "", 0));
    ck_assert(!rc_chain_equal(chain, 2, "c", SIZE_MAX));
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert(!rc_chain_equal(chain, 0, NULL, 1));
    ASSERT_LAST_ERROR(RC_INVALID, "rc_chain_equal: the 1 byte is NULL");
    ck_assert(!rc_chain_equal(NULL, 0, "a", 1));
    ASSERT_LAST_ERROR(RC_INVALID, "rc_chain_equal: the chain is NULL");
    rc_release(chain);
}
END_TEST

/* ---- vectors --------------------------------------------------------------------------------- */

START_TEST(vectors_point_at_the_pieces_from_any_offset_on)
{
    static const char text[] = "abcdefghij";
    rc_chain *chain = chain_of("abc d ef ghij");
    for (size_t offset = 0; offset < sizeof text; offset++)
        for (size_t most = 0; most <= 5; most++) {
            struct iovec vectors[5];
            size_t bytes = 99, at = offset;
            size_t count = rc_chain_vectors(chain, offset, vectors, most, &bytes);
            ck_assert_uint_le(count, most);
            for (size_t i = 0; i < count; at += vectors[i++].iov_len) {
                ck_assert_uint_gt(vectors[i].iov_len, 0);
                ck_assert(memcmp(vectors[i].iov_base, text + at, vectors[i].iov_len) == 0);
            }
            ck_assert_uint_eq(at, offset + bytes);
            ck_assert(at == sizeof text - 1 || count == most);
        }
    ck_assert_uint_eq(rc_chain_vectors(chain, 4, NULL, 0, NULL), 0);
    rc_release(chain);
}
END_TEST

START_TEST(vectors_past_the_end_are_refused)
{
    rc_chain *chain = chain_of("abc de");
    struct iovec vector;
    size_t bytes = 99;
    rc_error_clear();
    ck_assert_uint_eq(rc_chain_vectors(chain, 5, &vector, 1, &bytes), 0);
    ck_assert_uint_eq(bytes, 0);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_uint_eq(rc_chain_vectors(chain, 6, &vector, 1, &bytes), 0);
    ASSERT_LAST_ERROR(RC_RANGE, "rc_chain_vectors: 0 bytes at 6 pass the end of a chain of 5");
    ck_assert_uint_eq(rc_chain_vectors(chain, 0, NULL, 2, &bytes), 0);
    ASSERT_LAST_ERROR(RC_INVALID, "rc_chain_vectors: the 2 vectors are NULL");
    ck_assert_uint_eq(rc_chain_vectors(NULL, 0, &vector, 1, &bytes), 0);
    ASSERT_LAST_ERROR(RC_INVALID, "rc_chain_vectors: the chain is NULL");
    rc_release(chain);
}
END_TEST

START_TEST(no_more_vectors_come_than_the_system_takes)
{
    enum { MANY = 3000 };
    static struct iovec vectors[MANY];
    rc_chain *chain = new_chain();
    rc_buffer *buffer = support_buffer(MANY, 1);
    for (size_t i = 0; i < MANY; i++) append_part(chain, buffer, MANY - 1 - i, 1);
    size_t offset = 0, bytes, turns = 0;
    while (rc_chain_vectors(chain, offset, vectors, MANY, &bytes) > 0) {
        ck_assert_uint_eq(bytes, turns < 2 ? 1024 : MANY - 2048);
        ck_assert_ptr_eq(vectors[0].iov_base, buffer->data + MANY - 1 - offset);
        offset += bytes;
        turns++;
    }
    ck_assert_uint_eq(turns, 3);
    ck_assert_uint_eq(offset, MANY);
    ck_assert_int_le(RC_CHAIN_VECTORS_MAX, sysconf(_SC_IOV_MAX));
    rc_release(chain);
    rc_release(buffer);
}
END_TEST

HARNESS_MAIN("buffer/chain_read", peek_tells_where_bytes_lie_and_how_far,
             peek_of_an_empty_chain_has_no_bytes, peek_past_the_end_is_refused,
             any_range_is_copied_out, a_copy_past_the_end_is_refused,
             bytes_are_found_however_the_chain_is_cut, what_is_not_there_is_no_error,
             a_line_is_found_again_from_where_the_last_one_ended, chains_compare_as_strings_do,
             bytes_are_equal_at_their_offset_alone, vectors_point_at_the_pieces_from_any_offset_on,
             vectors_past_the_end_are_refused, no_more_vectors_come_than_the_system_takes)
