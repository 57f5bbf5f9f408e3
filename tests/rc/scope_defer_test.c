/* SPDX-License-Identifier: MIT */
#include "rc/scope.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

#include "tests/rc/trace.h"

/* ---- deferred calls -------------------------------------------------------------------------- */

static int leave_deferred(bool early)
{
    char letter = 'a';
    RC_DEFER(note, letter);
    letter = 'b';
    if (early) return 1;
    RC_DEFER(note, letter);
    return 0;
}

START_TEST(defer_runs_last_first_with_the_argument_of_its_own_time)
{
    ck_assert_int_eq(leave_deferred(true), 1);
    ck_assert_trace("a");
    ck_assert_int_eq(leave_deferred(false), 0);
    ck_assert_trace("ba");
}
END_TEST

static bool commit(bool good)
{
    RC_DEFER_NAMED(undo, note, 'u');
    if (!good) return false;
    RC_DISMISS(undo);
    return true;
}

START_TEST(a_dismissed_call_does_not_run)
{
    ck_assert(!commit(false));
    ck_assert_trace("u");
    ck_assert(commit(true));
    ck_assert_trace("");
}
END_TEST

START_TEST(free_and_release_can_be_deferred_at_once)
{
    {
        char *bytes = malloc(3);
        RC_DEFER(free, bytes);
        struct thing *thing = thing_new('t');
        RC_DEFER(rc_release, thing);
        ck_assert_ptr_nonnull(bytes);
    }
    ck_assert_trace("t");
}
END_TEST

#if RC_HAVE_DEFER_BLOCK
static int leave_defer_block(bool early)
{
    char letter = 'a';
    RC_DEFER_BLOCK
    {
        note(letter);
    }
    RC_SCOPED(letter, s) = 's';
    RC_DEFER_BLOCK
    {
        note('2');
        if (letter == 'b') note('3');
    }
    letter = 'b';
    if (early) return letter;
    letter = 'c';
    return letter;
}
#endif

START_TEST(a_deferred_block_sees_the_variables_as_they_are_at_the_end)
{
#if RC_HAVE_DEFER_BLOCK
    ck_assert_int_eq(leave_defer_block(true), 'b');
    ck_assert_trace("23sb");
    ck_assert_int_eq(leave_defer_block(false), 'c');
    ck_assert_trace("2sc");
#else
    ck_assert_int_eq(RC_HAVE_DEFER_BLOCK, 0);
#endif
}
END_TEST

/* ---- what is preserved ----------------------------------------------------------------------- */

static void fail_loudly(int number)
{
    errno = number;
    rc_error_set(RC_RANGE, "error %d of a release", number);
}

RC_DEFINE_DEFER(fail_loudly, int);
RC_DEFINE_SCOPED(loud, int, 0, fail_loudly(_v));

START_TEST(giving_back_leaves_errno_and_an_earlier_error_alone)
{
    rc_error_set(RC_BUSY, "an earlier error");
    {
        RC_SCOPED(loud, a) = 1;
        RC_DEFER(fail_loudly, 2);
        errno = 77;
    }
    ck_assert_int_eq(errno, 77);
    ck_assert_int_eq(rc_error_status(), RC_BUSY);
    ck_assert_str_eq(rc_error_message(), "an earlier error");
}
END_TEST

START_TEST(giving_back_leaves_no_error_where_there_was_none)
{
    rc_error_clear();
    {
        RC_SCOPED(loud, a) = 1;
        errno = 78;
    }
    ck_assert_int_eq(errno, 78);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_str_eq(rc_error_message(), "");
}
END_TEST

START_TEST(all_that_is_open_is_counted)
{
    size_t before = rc_scope_open_count, each = RC_DEBUG ? 1 : 0;
    {
        RC_AUTO(struct thing, a) = thing_new('a');
        ck_assert_uint_eq(rc_scope_open_count, before + each);
        RC_DEFER(note, 'd');
        ck_assert_uint_eq(rc_scope_open_count, before + 2 * each);
        RC_WITH(letter, w, 'w')
        {
            ck_assert_uint_eq(rc_scope_open_count, before + 3 * each);
        }
        RC__COUNTED(counted);
        ck_assert_uint_eq(rc_scope_open_count, before + 3 * each);
    }
    ck_assert_uint_eq(rc_scope_open_count, before);
}
END_TEST

START_TEST(what_was_opened_is_closed_on_every_way_out)
{
    size_t before = rc_scope_open_count;
    {
        RC_SCOPED(letter, a) = 'a';
        ck_assert_uint_eq(rc_scope_open_count, before + (RC_DEBUG ? 1 : 0));
    }
    for (int i = 0; i < 3; i++) {
        RC_AUTO(struct thing, b) = thing_new('b');
        RC_DEFER(note, 'd');
        if (i == 0) continue;
        if (i == 1) break;
    }
    leave_deferred(true);
    commit(true);
    RC_WITH(letter, w, 'w') break;
    ck_assert_uint_eq(rc_scope_open_count, before);
}
END_TEST

/* ---- threads --------------------------------------------------------------------------------- */

static sem_t ready;

static void *exit_deep(void *unused)
{
    RC_SCOPED(letter, a) = 'a';
    RC_DEFER(note, 'd');
    if (unused == NULL) pthread_exit(&ready);
    return NULL;
}

static void *start_exit(void *argument)
{
    RC_AUTO(struct thing, t) = thing_new('t');
    void *result = exit_deep(argument);
    note('!');
    return result;
}

START_TEST(pthread_exit_gives_back_what_all_frames_hold)
{
    pthread_t thread;
    void *result = NULL;
    ck_assert_int_eq(pthread_create(&thread, NULL, start_exit, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    ck_assert_ptr_eq(result, &ready);
    ck_assert_trace("dat");
}
END_TEST

static void *wait_for_cancel(void *unused)
{
    (void)unused;
    RC_AUTO(struct thing, t) = thing_new('t');
    RC_SCOPED(letter, a) = 'a';
    sem_post(&ready);
    for (;;) pthread_testcancel();
    return NULL;
}

START_TEST(pthread_cancel_gives_back_what_all_frames_hold)
{
    pthread_t thread;
    void *result = NULL;
    ck_assert_int_eq(sem_init(&ready, 0, 0), 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, wait_for_cancel, NULL), 0);
    sem_wait(&ready);
    ck_assert_int_eq(pthread_cancel(thread), 0);
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    ck_assert_ptr_eq(result, PTHREAD_CANCELED);
    ck_assert_trace("at");
}
END_TEST

HARNESS_MAIN("rc/scope_defer", defer_runs_last_first_with_the_argument_of_its_own_time,
             a_dismissed_call_does_not_run, free_and_release_can_be_deferred_at_once,
             a_deferred_block_sees_the_variables_as_they_are_at_the_end,
             giving_back_leaves_errno_and_an_earlier_error_alone,
             giving_back_leaves_no_error_where_there_was_none, all_that_is_open_is_counted,
             what_was_opened_is_closed_on_every_way_out,
             pthread_exit_gives_back_what_all_frames_hold,
             pthread_cancel_gives_back_what_all_frames_hold)
