/* SPDX-License-Identifier: MIT */
/* Chains of which no more than so many bytes are written or sent. */
#include "buffer/chain_io.h"

#include <fcntl.h>

#include "chain_io_support.h"

typedef enum rc_status giver(rc_chain *chain, int descriptor, size_t most, size_t *written);

static enum rc_status give_by_send(rc_chain *chain, int descriptor, size_t most, size_t *written)
{
    return rc_chain_send_most(chain, descriptor, 0, most, written);
}

static giver *const givers[] = {rc_chain_write_most, give_by_send};

/* ---- how many -------------------------------------------------------------------------------- */

/* Within a piece, at its end and behind it. */
static void expect_parts(giver *give)
{
    static const char text[] = "abcdefghij";
    for (size_t most = 0; most < sizeof text + 2; most++) {
        struct ends ends = make_pair(SOCK_STREAM);
        rc_chain *chain = chain_of("abc d ef ghij"), *arrived = new_chain();
        size_t wanted = most < 10 ? most : 10, written = 99, came;
        ASSERT_OK(give(chain, ends.to, most, &written));
        ck_assert_uint_eq(written, wanted);
        assert_text(chain, text + wanted);
        if (wanted > 0) ASSERT_OK(rc_chain_receive(arrived, ends.from, NULL, 20, &came));
        assert_bytes(arrived, text, wanted);
        rc_release(chain);
        rc_release(arrived);
        close_ends(ends);
    }
}

START_TEST(no_more_goes_than_was_asked_for)
{
    for (size_t i = 0; i < 2; i++) expect_parts(givers[i]);
}
END_TEST

START_TEST(how_many_went_need_not_be_told)
{
    struct ends ends = make_pair(SOCK_STREAM);
    rc_chain *chain = chain_of("ab cd");
    ASSERT_OK(rc_chain_write_most(chain, ends.to, 1, NULL));
    ASSERT_OK(rc_chain_send_most(chain, ends.to, MSG_DONTWAIT, 2, NULL));
    assert_text(chain, "d");
    rc_release(chain);
    close_ends(ends);
}
END_TEST

/* More pieces than one call of the system takes, some of whose vectors are not to go. */
START_TEST(thousands_of_pieces_go_in_parts)
{
    char path[SUPPORT_PATH];
    int file = support_file(path, 0, 0);
    rc_chain *chain = make_pieces(5000), *back = new_chain();
    rc_buffer *expected = rc_chain_flatten(chain);
    size_t sum = 0, came = 1;
    for (size_t most = 1; chain->size > 0; most = 2 * most + 77) {
        size_t before = chain->size, written, wanted = most < before ? most : before;
        ASSERT_OK(rc_chain_write_most(chain, file, most, &written));
        ck_assert_uint_eq(written, wanted);
        ck_assert_uint_eq(chain->size, before - wanted);
        sum += written;
    }
    ck_assert_uint_eq(sum, expected->size);
    ck_assert_int_eq(lseek(file, 0, SEEK_SET), 0);
    while (came > 0) ASSERT_OK(rc_chain_receive(back, file, NULL, 65536, &came));
    assert_bytes(back, expected->data, expected->size);
    rc_release(expected);
    rc_release(chain);
    rc_release(back);
    close(file);
    unlink(path);
}
END_TEST

/* ---- messages -------------------------------------------------------------------------------- */

/* A message of the first pieces, where all of them would be too many for one. */
START_TEST(each_part_is_a_message)
{
    struct ends ends = make_pair(SOCK_SEQPACKET);
    rc_chain *chain = make_pieces(RC_CHAIN_VECTORS_MAX + 5), *arrived = new_chain();
    rc_buffer *expected = rc_chain_flatten(chain);
    size_t whole = chain->size, came, written = 99;
    ASSERT_REFUSED(rc_chain_send_most(chain, ends.to, 0, whole, &written), RC_UNSUPPORTED,
                   "rc_chain_send_most: 1029 pieces are too many for one message");
    ASSERT_REFUSED(rc_chain_write_most(chain, ends.to, whole - 1, &written), RC_UNSUPPORTED,
                   "rc_chain_write_most: 1029 pieces are too many for one message");
    ck_assert_uint_eq(written, 99);
    ASSERT_OK(rc_chain_send_most(chain, ends.to, 0, 500, NULL));
    ASSERT_OK(rc_chain_receive_flags(arrived, ends.from, 0, NULL, 500, &came));
    ck_assert_uint_eq(came, 500);
    ASSERT_OK(rc_chain_send_most(chain, ends.to, 0, whole, &written));
    ck_assert_uint_eq(written, whole - 500);
    ASSERT_OK(rc_chain_receive_flags(arrived, ends.from, 0, NULL, whole, &came));
    assert_bytes(arrived, expected->data, expected->size);
    rc_release(expected);
    rc_release(chain);
    rc_release(arrived);
    close_ends(ends);
}
END_TEST

/* ---- refused --------------------------------------------------------------------------------- */

static void expect_full(giver *give, const char *text)
{
    struct ends ends = make_pair(SOCK_STREAM);
    int least = 1;
    size_t written = 99, before;
    rc_buffer *buffer = support_buffer(1000000, 1);
    rc_chain *chain = new_chain();
    ck_assert_int_eq(fcntl(ends.to, F_SETFL, O_NONBLOCK), 0);
    ck_assert_int_eq(setsockopt(ends.to, SOL_SOCKET, SO_SNDBUF, &least, sizeof least), 0);
    ASSERT_OK(rc_chain_append(chain, buffer));
    ASSERT_OK(give(chain, ends.to, 900000, &written));
    ck_assert_uint_lt(written, 900000);
    ck_assert_uint_eq(chain->size, 1000000 - written);
    before = written;
    ASSERT_REFUSED(give(chain, ends.to, 1, &written), RC_SYSTEM, text);
    ck_assert_int_eq(errno, EAGAIN);
    ck_assert_uint_eq(written, before);
    rc_release(buffer);
    rc_release(chain);
    close_ends(ends);
}

START_TEST(a_descriptor_that_is_full_has_taken_some)
{
    expect_full(rc_chain_write_most, "rc_chain_write_most: cannot write 1 byte to descriptor");
    expect_full(give_by_send, "rc_chain_send_most: cannot write 1 byte to descriptor");
}
END_TEST

START_TEST(what_cannot_be_written_to_is_told)
{
    rc_chain *chain = chain_of("ab cd");
    size_t written = 99;
    ASSERT_REFUSED(rc_chain_write_most(chain, -1, 3, &written), RC_SYSTEM,
                   "rc_chain_write_most: cannot write 3 bytes to descriptor -1: Bad file");
    ASSERT_REFUSED(rc_chain_send_most(chain, -1, 0, 9, &written), RC_SYSTEM, "4 bytes to ");
    ASSERT_REFUSED(rc_chain_write_most(NULL, 1, 3, &written), RC_INVALID, "the chain is NULL");
    ASSERT_REFUSED(rc_chain_send_most(NULL, 1, 0, 3, &written), RC_INVALID, "the chain is NULL");
#if defined(MSG_ZEROCOPY)
    ASSERT_REFUSED(rc_chain_send_most(chain, 1, MSG_ZEROCOPY, 1, &written), RC_UNSUPPORTED,
                   "would read 1 byte after the chain has let go of what was sent");
#endif
    ck_assert_uint_eq(written, 99);
    assert_text(chain, "abcd");
    rc_release(chain);
}
END_TEST

/* Who hears of the end of a piece adds to the chain: that does not go. */
static rc_chain *added_to;

static void add_more(void *data, size_t size, void *context)
{
    (void)size, (void)context;
    free(data);
    ASSERT_OK(rc_chain_prepend_bytes(added_to, "more", 4));
}

START_TEST(what_is_added_meanwhile_counts_within_the_bound)
{
    struct ends ends = make_pair(SOCK_STREAM);
    rc_chain *chain = added_to = new_chain(), *rest = make_pieces(RC_CHAIN_VECTORS_MAX + 9);
    rc_buffer *first = rc_buffer_adopt(calloc(5, 1), 5, add_more, NULL);
    size_t written;
    ASSERT_OK(rc_chain_append(chain, first));
    rc_release(first);
    ASSERT_OK(rc_chain_move(chain, rest));
    size_t size = chain->size, most = size - 3;
    ASSERT_OK(rc_chain_write_most(chain, ends.to, most, &written));
    ck_assert_uint_eq(written, most);
    ck_assert_uint_eq(chain->size, size + 4 - most);
    rc_release(rest);
    rc_release(chain);
    close_ends(ends);
}
END_TEST

HARNESS_MAIN("buffer/chain_most", no_more_goes_than_was_asked_for, how_many_went_need_not_be_told,
             thousands_of_pieces_go_in_parts, each_part_is_a_message,
             a_descriptor_that_is_full_has_taken_some, what_cannot_be_written_to_is_told,
             what_is_added_meanwhile_counts_within_the_bound)
