/* SPDX-License-Identifier: MIT */
/* Writes that end in the middle, that take nothing, or that would read what has been let go of. */
#include "buffer/chain.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>

#include "chain_io_support.h"

static int writes, taken_from; /* from so many calls on a descriptor takes none; 0: it takes all */

/* Instead of the C library's. No descriptor here answers 0 of its own accord. */
ssize_t writev(int descriptor, const struct iovec *vectors, int count)
{
    if (taken_from && ++writes >= taken_from) return 0;
    return syscall(SYS_writev, descriptor, vectors, count);
}

/* ---- a descriptor that takes none ------------------------------------------------------------ */

START_TEST(a_descriptor_that_takes_no_byte_is_an_error)
{
    struct ends ends = make_pair(SOCK_STREAM);
    rc_chain *chain = chain_of("ab cd");
    taken_from = 1;
    ASSERT_REFUSED(rc_chain_write(chain, ends.to), RC_SYSTEM,
                   "rc_chain_write: cannot write 4 bytes to descriptor");
    ck_assert_int_eq(errno, EIO);
    ck_assert_int_eq(writes, 1);
    assert_text(chain, "abcd");
    taken_from = 0;
    ASSERT_OK(rc_chain_write(chain, ends.to));
    ck_assert_uint_eq(chain->size, 0);
    rc_release(chain);
    close_ends(ends);
}
END_TEST

/* The first call takes as many pieces as it can. */
START_TEST(a_descriptor_that_takes_no_more_has_taken_some)
{
    struct ends ends = make_pair(SOCK_STREAM);
    rc_chain *chain = make_pieces(RC_CHAIN_VECTORS_MAX + 10);
    taken_from = 2;
    ASSERT_OK(rc_chain_write(chain, ends.to));
    ck_assert_uint_eq(chain->count, 10);
    ASSERT_REFUSED(rc_chain_write(chain, ends.to), RC_SYSTEM, "rc_chain_write: cannot write ");
    ck_assert_uint_eq(chain->count, 10);
    rc_release(chain);
    close_ends(ends);
}
END_TEST

/* ---- an error behind what went --------------------------------------------------------------- */

static void hang_up(void *data, size_t size, void *descriptor)
{
    (void)size;
    free(data);
    close(*(const int *)descriptor);
}

/* The reader goes when the first piece does. There are more than one call of the system takes. */
static rc_chain *make_hanging_up(struct ends *ends)
{
    rc_chain *chain = new_chain(), *rest = make_pieces(RC_CHAIN_VECTORS_MAX + 9);
    rc_buffer *first = rc_buffer_adopt(calloc(5, 1), 5, hang_up, &ends->from);
    ASSERT_OK(rc_chain_append(chain, first));
    rc_release(first);
    ASSERT_OK(rc_chain_move(chain, rest));
    rc_release(rest);
    return chain;
}

static void expect_error_at_next_call(enum rc_status (*give)(rc_chain *chain, int descriptor))
{
    struct ends ends = make_pair(SOCK_STREAM);
    rc_chain *chain = make_hanging_up(&ends);
    signal(SIGPIPE, SIG_IGN);
    ASSERT_OK(give(chain, ends.to));
    ck_assert_uint_eq(chain->count, 10);
    size_t left = chain->size;
    for (int i = 0; i < 2; i++) {
        ASSERT_REFUSED(give(chain, ends.to), RC_SYSTEM, ": Broken pipe");
        ck_assert_int_eq(errno, EPIPE);
        ck_assert_uint_eq(chain->size, left);
        rc_error_clear();
    }
    rc_release(chain);
    close(ends.to);
}

static enum rc_status send_chain(rc_chain *chain, int descriptor)
{
    return rc_chain_send(chain, descriptor, 0);
}

START_TEST(what_goes_wrong_behind_the_first_part_is_told_by_the_next_call)
{
    expect_error_at_next_call(send_chain);
    expect_error_at_next_call(rc_chain_write);
}
END_TEST

/* ---- bytes that are read later --------------------------------------------------------------- */

START_TEST(sending_without_a_copy_is_refused)
{
#if defined(MSG_ZEROCOPY)
    struct ends ends = make_pair(SOCK_STREAM);
    rc_chain *chain = chain_of("ab cd"), *empty = new_chain();
    ASSERT_REFUSED(rc_chain_send(chain, ends.to, MSG_ZEROCOPY | MSG_DONTWAIT), RC_UNSUPPORTED,
                   "rc_chain_send: with MSG_ZEROCOPY the system would read 4 bytes after the chain "
                   "has let go of what was sent");
    ASSERT_REFUSED(rc_chain_send(empty, ends.to, MSG_ZEROCOPY), RC_UNSUPPORTED, "0 bytes");
    assert_text(chain, "abcd");
    ASSERT_OK(rc_chain_send(chain, ends.to, MSG_DONTWAIT | MSG_MORE));
    ck_assert_uint_eq(chain->size, 0);
    rc_release(chain);
    rc_release(empty);
    close_ends(ends);
#else
    ck_assert_msg(true, "this system has no such flag");
#endif
}
END_TEST

HARNESS_MAIN("buffer/chain_write", a_descriptor_that_takes_no_byte_is_an_error,
             a_descriptor_that_takes_no_more_has_taken_some,
             what_goes_wrong_behind_the_first_part_is_told_by_the_next_call,
             sending_without_a_copy_is_refused)
