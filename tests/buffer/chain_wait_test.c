/* SPDX-License-Identifier: MIT */
/* Chains at descriptors that interrupt, refuse, or keep waiting; and messages, which go whole. */
#include "buffer/chain.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/time.h>

#include "chain_io_support.h"

static rc_chain *sent;
static struct ends through;

/* ---- messages -------------------------------------------------------------------------------- */

START_TEST(a_message_goes_in_one_call_or_not_at_all)
{
    struct ends ends = make_pair(SOCK_SEQPACKET);
    rc_chain *chain = new_chain(), *arrived = new_chain();
    rc_buffer *buffer = support_buffer(2000, 1);
    size_t came;
    for (size_t i = 0; i < RC_CHAIN_VECTORS_MAX; i++) append_part(chain, buffer, 1999 - i, 1);
    rc_chain *more = new_chain();
    ASSERT_OK(rc_chain_append_chain(more, chain));
    append_part(more, buffer, 0, 1);
    ASSERT_OK(rc_chain_send(chain, ends.to, 0));
    ck_assert_uint_eq(chain->size, 0);
    ASSERT_OK(rc_chain_receive(arrived, ends.from, NULL, 5000, &came));
    ck_assert_uint_eq(came, RC_CHAIN_VECTORS_MAX);
    ASSERT_REFUSED(rc_chain_send(more, ends.to, 0), RC_UNSUPPORTED,
                   "rc_chain_send: 1025 pieces are too many for one message");
    ASSERT_REFUSED(rc_chain_write(more, ends.to), RC_UNSUPPORTED,
                   "rc_chain_write: 1025 pieces are too many for one message");
    ck_assert_uint_eq(more->count, RC_CHAIN_VECTORS_MAX + 1);
    ck_assert_ptr_nonnull(rc_chain_make_contiguous(more, 2));
    ASSERT_OK(rc_chain_write(more, ends.to));
    ASSERT_OK(rc_chain_receive(arrived, ends.from, NULL, 5000, &came));
    ck_assert_uint_eq(came, RC_CHAIN_VECTORS_MAX + 1);
    rc_release(chain);
    rc_release(more);
    rc_release(arrived);
    rc_release(buffer);
    close_ends(ends);
}
END_TEST

/* ---- signals --------------------------------------------------------------------------------- */

static int interruptions; /* atomic */
static int interrupted_end;

/* The third one brings what is waited for. */
static void on_alarm(int number)
{
    (void)number;
    if (__atomic_add_fetch(&interruptions, 1, __ATOMIC_RELAXED) == 3)
        (void)!write(interrupted_end, "late", 4);
}

static void interrupt_from_now(int end)
{
    interrupted_end = end;
    struct sigaction action = {.sa_handler = on_alarm}; /* without SA_RESTART */
    sigaction(SIGALRM, &action, NULL);
    struct itimerval often = {{0, 2000}, {0, 2000}};
    setitimer(ITIMER_REAL, &often, NULL);
}

static void interrupt_no_more(void)
{
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
}

START_TEST(what_a_signal_interrupts_goes_on)
{
    int ends[2];
    size_t came = 0;
    ck_assert_int_eq(pipe(ends), 0);
    rc_chain *chain = new_chain();
    interrupt_from_now(ends[1]);
    ASSERT_OK(rc_chain_receive(chain, ends[0], NULL, 100, &came));
    interrupt_no_more();
    ck_assert_int_ge(__atomic_load_n(&interruptions, __ATOMIC_RELAXED), 3);
    assert_text(chain, "late");
    rc_release(chain);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

/* Reads nothing until the writer, which waits for that, was interrupted several times. */
static void *read_late(void *count)
{
    char bytes[512];
    size_t *read_so_far = count;
    ssize_t size;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    while (__atomic_load_n(&interruptions, __ATOMIC_RELAXED) < 10) sched_yield();
    while ((size = read(through.from, bytes, sizeof bytes)) > 0) *read_so_far += (size_t)size;
    return NULL;
}

START_TEST(a_writer_that_signals_interrupt_writes_all)
{
    through = make_pair(SOCK_STREAM);
    sent = make_pieces(20000);
    size_t size = sent->size, count = 0;
    pthread_t thread;
    interruptions = 3; /* so that none writes anything */
    ck_assert_int_eq(pthread_create(&thread, NULL, read_late, &count), 0);
    interrupt_from_now(-1);
    ASSERT_OK(rc_chain_write(sent, through.to));
    interrupt_no_more();
    ck_assert_uint_eq(sent->size, 0);
    shutdown(through.to, SHUT_WR);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(count, size);
    rc_release(sent);
    close_ends(through);
}
END_TEST

START_TEST(sending_to_nobody_raises_no_signal)
{
    struct ends ends = make_pair(SOCK_STREAM);
    rc_chain *chain = chain_of("ab cd");
    close(ends.from);
    ASSERT_REFUSED(rc_chain_send(chain, ends.to, 0), RC_SYSTEM,
                   "rc_chain_send: cannot write 4 bytes to descriptor");
    ck_assert_int_eq(errno, EPIPE);
    signal(SIGPIPE, SIG_IGN);
    ASSERT_REFUSED(rc_chain_write(chain, ends.to), RC_SYSTEM, "rc_chain_write: cannot write 4 byt");
    ck_assert_int_eq(errno, EPIPE);
    assert_text(chain, "abcd");
    rc_release(chain);
    close(ends.to);
}
END_TEST

/* ---- refusals -------------------------------------------------------------------------------- */

START_TEST(what_cannot_be_written_or_read_is_refused)
{
    rc_chain *chain = chain_of("ab"), *empty = new_chain();
    rc_pool *pool = rc_pool_new(0, 0, 1);
    size_t came = 99;
    ASSERT_REFUSED(rc_chain_write(NULL, 1), RC_INVALID, "rc_chain_write: the chain is NULL");
    ASSERT_REFUSED(rc_chain_send(NULL, 1, 0), RC_INVALID, "rc_chain_send: the chain is NULL");
    ASSERT_REFUSED(rc_chain_receive(NULL, 0, NULL, 1, &came), RC_INVALID, "the chain is NULL");
    ASSERT_REFUSED(rc_chain_receive(chain, 0, NULL, 0, &came), RC_INVALID, "at most 0 bytes");
    ASSERT_REFUSED(rc_chain_receive(chain, 0, NULL, 7, NULL), RC_INVALID, "how many of 7 bytes");
    ASSERT_REFUSED(rc_chain_receive(chain, 0, pool, 7, &came), RC_INVALID, "have no bytes");
    ASSERT_REFUSED(rc_chain_write(chain, -1), RC_SYSTEM, "to descriptor -1: Bad file descriptor");
    ck_assert_int_eq(errno, EBADF);
    ASSERT_REFUSED(rc_chain_send(chain, -1, 0), RC_SYSTEM, "Bad file descriptor");
    ASSERT_REFUSED(rc_chain_receive(chain, -1, NULL, 7, &came), RC_SYSTEM,
                   "rc_chain_receive: cannot read up to 7 bytes from descriptor -1: Bad file");
    ASSERT_OK(rc_chain_write(empty, -1));
    ASSERT_OK(rc_chain_send(empty, -1, 0));
    ck_assert_uint_eq(came, 99);
    assert_text(chain, "ab");
    rc_release(pool);
    rc_release(chain);
    rc_release(empty);
}
END_TEST

static int reading;

static bool receive(rc_chain *chain, void *pool)
{
    size_t came;
    return rc_chain_receive(chain, reading, pool, 2500, &came) == RC_OK;
}

/* The chain of rooms, its ring, their buffers, many vectors, and the ring: all of it before a byte
 * is read. */
START_TEST(without_memory_nothing_is_read)
{
    for (int pooled = 0; pooled < 2; pooled++) {
        int ends[2];
        ck_assert_int_eq(pipe(ends), 0);
        reading = ends[0];
        fill_pipe(ends, "0123456789");
        support_fail_from_here();
        rc_pool *pool = pooled ? rc_pool_new(30, 0, 0) : NULL;
        rc_chain *chain = chain_of("a b c d");
        ck_assert_uint_ge(support_fail_each(receive, chain, pool), pooled ? 30 : 3);
        assert_text(chain, "abcd0123456789");
        rc_release(chain);
        rc_release(pool);
        support_fail_none();
        close(ends[0]);
        close(ends[1]);
    }
}
END_TEST

START_TEST(a_room_with_too_many_slices_is_not_read_into)
{
    rc_chain *chain = new_chain();
    size_t came;
    ASSERT_OK(rc_chain_append_bytes(chain, "abc", 3));
    rc_buffer *root = rc__chain_of(chain)->rooms[RC__CHAIN_BACK].root;
    uint32_t exports = root->rc__exports;
    root->rc__exports = RC__EXPORTS_MAX;
    ASSERT_REFUSED(rc_chain_receive(chain, 0, NULL, 10, &came), RC_OVERFLOW,
                   "rc_chain_receive: 2147483648 slices");
    root->rc__exports = exports;
    rc_release(chain);
}
END_TEST

/* ---- cancellation ---------------------------------------------------------------------------- */

#ifdef __EXCEPTIONS

static void *receive_for_ever(void *chain)
{
    size_t came;
    pthread_cancel(pthread_self()); /* is acted on where the call waits */
    (void)!rc_chain_receive(chain, through.from, NULL, 10000, &came);
    return NULL;
}

START_TEST(a_thread_that_is_cancelled_while_it_waits_leaves_the_chain_whole)
{
    void *result;
    pthread_t thread;
    through = make_pair(SOCK_STREAM);
    rc_chain *chain = chain_of("ab cd");
    ASSERT_OK(rc_chain_append_bytes(chain, "ef", 2));
    rc_buffer *root = rc__chain_of(chain)->rooms[RC__CHAIN_BACK].root;
    ck_assert_int_eq(pthread_create(&thread, NULL, receive_for_ever, chain), 0);
    pthread_join(thread, &result);
    ck_assert_ptr_eq(result, PTHREAD_CANCELED);
    ck_assert_uint_eq(rc_buffer_exports(root), 2); /* a piece, and the room */
    assert_text(chain, "abcdef");
    rc_release(chain);
    close_ends(through);
}
END_TEST

#else

START_TEST(a_thread_that_is_cancelled_while_it_waits_leaves_the_chain_whole)
{
    ck_assert_msg(true, "what it holds is only given back where unwinding passes");
}
END_TEST

#endif

HARNESS_MAIN("buffer/chain_wait", a_message_goes_in_one_call_or_not_at_all,
             what_a_signal_interrupts_goes_on, a_writer_that_signals_interrupt_writes_all,
             sending_to_nobody_raises_no_signal, what_cannot_be_written_or_read_is_refused,
             without_memory_nothing_is_read, a_room_with_too_many_slices_is_not_read_into,
             a_thread_that_is_cancelled_while_it_waits_leaves_the_chain_whole)
