/* SPDX-License-Identifier: MIT */
/* Chains that receive with flags, and messages that are longer than what there is for them. */
#include "buffer/chain_io.h"

#include "chain_io_support.h"

static void give(struct ends ends, const char *text)
{
    size_t size = strlen(text);
    ck_assert_int_eq(send(ends.to, text, size, 0), (ssize_t)size);
}

/* ---- flags ----------------------------------------------------------------------------------- */

START_TEST(a_socket_that_waits_is_asked_without_waiting)
{
    struct ends ends = make_pair(SOCK_STREAM);
    rc_chain *chain = chain_of("ab cd");
    size_t came = 99;
    ASSERT_REFUSED(rc_chain_receive_flags(chain, ends.from, MSG_DONTWAIT, NULL, 10, &came),
                   RC_SYSTEM,
                   "rc_chain_receive_flags: cannot read up to 10 bytes from descriptor ");
    ck_assert_int_eq(errno, EAGAIN);
    ck_assert_uint_eq(came, 99);
    assert_text(chain, "abcd");
    give(ends, "efgh");
    ASSERT_OK(rc_chain_receive_flags(chain, ends.from, MSG_DONTWAIT, NULL, 10, &came));
    ck_assert_uint_eq(came, 4);
    assert_text(chain, "abcdefgh");
    rc_release(chain);
    close_ends(ends);
}
END_TEST

START_TEST(bytes_that_are_peeked_at_come_again)
{
    struct ends ends = make_pair(SOCK_STREAM);
    rc_chain *chain = new_chain();
    size_t came;
    give(ends, "abcd");
    ASSERT_OK(rc_chain_receive_flags(chain, ends.from, MSG_PEEK, NULL, 100, &came));
    ck_assert_uint_eq(came, 4);
    ASSERT_OK(rc_chain_receive(chain, ends.from, NULL, 10, &came));
    ck_assert_uint_eq(came, 4);
    assert_text(chain, "abcdabcd");
    ck_assert_uint_eq(chain->count, 1); /* what came went on in the room */
    rc_release(chain);
    close_ends(ends);
}
END_TEST

/* Into the buffers of a pool, which are the pieces; no more is waited for than was asked for. */
START_TEST(all_bytes_are_waited_for_where_the_flags_say_so)
{
    struct ends ends = make_pair(SOCK_STREAM);
    rc_pool *pool = rc_pool_new(3, 0, 4);
    rc_chain *chain = new_chain();
    size_t came;
    give(ends, "abcdefghijk");
    ASSERT_OK(rc_chain_receive_flags(chain, ends.from, MSG_WAITALL, pool, 7, &came));
    ck_assert_uint_eq(came, 7);
    ck_assert_uint_eq(chain->count, 3);
    assert_text(chain, "abcdefg");
    shutdown(ends.to, SHUT_WR);
    ASSERT_OK(rc_chain_receive_flags(chain, ends.from, MSG_WAITALL, pool, 7, &came));
    ck_assert_uint_eq(came, 4);
    ASSERT_OK(rc_chain_receive_flags(chain, ends.from, 0, pool, 7, &came));
    ck_assert_uint_eq(came, 0);
    assert_text(chain, "abcdefghijk");
    rc_release(chain);
    rc_release(pool);
    close_ends(ends);
}
END_TEST

/* ---- messages -------------------------------------------------------------------------------- */

static void expect_whole_messages(int type)
{
    struct ends ends = make_pair(type);
    rc_chain *chain = chain_of("-");
    size_t came = 99;
    give(ends, "0123456789");
    give(ends, "abc");
    ASSERT_REFUSED(rc_chain_receive_flags(chain, ends.from, 0, NULL, 9, &came), RC_RANGE,
                   "is longer than 9 bytes, and gone");
    ck_assert_uint_eq(came, 99);
    assert_text(chain, "-");
    ASSERT_OK(rc_chain_receive_flags(chain, ends.from, 0, NULL, 3, &came));
    ck_assert_uint_eq(came, 3);
    assert_text(chain, "-abc");
    rc_release(chain);
    close_ends(ends);
}

START_TEST(a_message_comes_whole_or_is_told_to_be_longer)
{
    expect_whole_messages(SOCK_DGRAM);
    expect_whole_messages(SOCK_SEQPACKET);
}
END_TEST

START_TEST(a_message_that_is_peeked_at_and_longer_is_still_there)
{
    struct ends ends = make_pair(SOCK_DGRAM);
    rc_chain *chain = new_chain();
    size_t came;
    give(ends, "0123456789");
    ASSERT_REFUSED(rc_chain_receive_flags(chain, ends.from, MSG_PEEK, NULL, 1, &came), RC_RANGE,
                   "is longer than 1 byte, and still there");
    ASSERT_OK(rc_chain_receive_flags(chain, ends.from, 0, NULL, 10, &came));
    assert_text(chain, "0123456789");
    rc_release(chain);
    close_ends(ends);
}
END_TEST

/* What did not come lies nowhere, and is not written over what did. */
START_TEST(the_beginning_of_a_message_comes_with_its_length_where_that_is_asked_for)
{
    struct ends ends = make_pair(SOCK_DGRAM);
    rc_pool *pool = rc_pool_new(3, 0, 4);
    for (int i = 0; i < 2; i++) {
        rc_chain *chain = chain_of("-");
        size_t came;
        give(ends, "0123456789");
        give(ends, "abc");
        for (int j = 0; j < 2; j++)
            ASSERT_OK(
                rc_chain_receive_flags(chain, ends.from, MSG_TRUNC, i ? pool : NULL, 5, &came));
        ck_assert_uint_eq(came, 3);
        assert_text(chain, "-01234abc");
        give(ends, "0123456789");
        ASSERT_OK(rc_chain_receive_flags(chain, ends.from, MSG_TRUNC, NULL, 2, &came));
        ck_assert_uint_eq(came, 10);
        assert_text(chain, "-01234abc01");
        rc_release(chain);
    }
    rc_release(pool);
    close_ends(ends);
}
END_TEST

START_TEST(a_message_of_no_bytes_adds_none)
{
    struct ends ends = make_pair(SOCK_DGRAM);
    rc_chain *chain = chain_of("-");
    size_t came = 99;
    give(ends, "");
    ASSERT_OK(rc_chain_receive_flags(chain, ends.from, MSG_DONTWAIT, NULL, 5, &came));
    ck_assert_uint_eq(came, 0);
    assert_text(chain, "-");
    rc_release(chain);
    close_ends(ends);
}
END_TEST

/* A message in more vectors than the stack has room for, and one that these cannot hold. */
START_TEST(a_message_fills_many_buffers_of_a_pool)
{
    struct ends ends = make_pair(SOCK_DGRAM);
    rc_pool *pool = rc_pool_new(2, 0, 0);
    rc_chain *chain = new_chain();
    char text[3001] = "";
    size_t came;
    for (size_t i = 0; i < 3000; i++) text[i] = (char)('a' + i % 26);
    give(ends, text + 1000);
    give(ends, text);
    ASSERT_OK(rc_chain_receive_flags(chain, ends.from, 0, pool, 100000, &came));
    ck_assert_uint_eq(came, 2000);
    assert_text(chain, text + 1000);
    ASSERT_REFUSED(rc_chain_receive_flags(chain, ends.from, 0, pool, 100000, &came), RC_RANGE,
                   "is longer than 2048 bytes, and gone");
    assert_text(chain, text + 1000);
    struct rc_pool_statistics now;
    ASSERT_OK(rc_pool_read(pool, &now));
    ck_assert_uint_eq(now.out, 1000);
    rc_release(chain);
    rc_release(pool);
    close_ends(ends);
}
END_TEST

/* ---- refused --------------------------------------------------------------------------------- */

START_TEST(a_stream_is_not_asked_to_throw_bytes_away)
{
    struct ends ends = make_pair(SOCK_STREAM);
    rc_chain *chain = new_chain();
    size_t came = 99;
    give(ends, "abcd");
    ASSERT_REFUSED(rc_chain_receive_flags(chain, ends.from, MSG_TRUNC, NULL, 4, &came),
                   RC_UNSUPPORTED, "would say that up to 4 bytes came, and throw them away");
    ASSERT_OK(rc_chain_receive_flags(chain, ends.from, 0, NULL, 4, &came));
    assert_text(chain, "abcd");
    rc_release(chain);
    close_ends(ends);
}
END_TEST

START_TEST(what_cannot_be_received_from_is_told)
{
    int ends[2];
    size_t came = 99;
    rc_chain *chain = chain_of("ab");
    ck_assert_int_eq(pipe(ends), 0);
    ASSERT_REFUSED(rc_chain_receive_flags(chain, ends[0], 0, NULL, 4, &came), RC_SYSTEM,
                   "from descriptor ");
    ck_assert_int_eq(errno, ENOTSOCK);
    ASSERT_REFUSED(rc_chain_receive_flags(chain, -1, MSG_TRUNC, NULL, 1, &came), RC_SYSTEM,
                   "cannot read up to 1 byte from descriptor -1: Bad file");
    ASSERT_REFUSED(rc_chain_receive_flags(chain, ends[0], 0, NULL, 0, &came), RC_INVALID,
                   "rc_chain_receive_flags: at most 0 bytes cannot be told from the end");
    ASSERT_REFUSED(rc_chain_receive_flags(chain, ends[0], 0, NULL, 1, NULL), RC_INVALID,
                   "no place for how many of 1 byte came");
    ASSERT_REFUSED(rc_chain_receive_flags(NULL, ends[0], 0, NULL, 4, &came), RC_INVALID,
                   "rc_chain_receive_flags: the chain is NULL");
    ck_assert_uint_eq(came, 99);
    assert_text(chain, "ab");
    rc_release(chain);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

HARNESS_MAIN("buffer/chain_receive", a_socket_that_waits_is_asked_without_waiting,
             bytes_that_are_peeked_at_come_again, all_bytes_are_waited_for_where_the_flags_say_so,
             a_message_comes_whole_or_is_told_to_be_longer,
             a_message_that_is_peeked_at_and_longer_is_still_there,
             the_beginning_of_a_message_comes_with_its_length_where_that_is_asked_for,
             a_message_of_no_bytes_adds_none, a_message_fills_many_buffers_of_a_pool,
             a_stream_is_not_asked_to_throw_bytes_away, what_cannot_be_received_from_is_told)
