/* SPDX-License-Identifier: MIT */
/* A cancellation that is pending while the library is at work: kept for later, never lost. */
#include "rc/cancel.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "rc/try.h"
#include "rc/weak.h"
#include "tests/harness.h"

#ifdef __EXCEPTIONS

static int ends, handled;

/* A cancellation point, as close() in a program's cleanup is. */
static void reach_a_cancellation_point(void)
{
    int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(descriptor);
}

static int end_with_a_cancellation_point(int value)
{
    pthread_testcancel();
    ends++;
    return value;
}

RC_DEFINE_SCOPED(point, int, 0, (void)end_with_a_cancellation_point(_v));

/* The last cancellation point: the thread must not come back from it. */
static void *run_cancelled(void *work)
{
    pthread_cancel(pthread_self());
    (*(void (**)(void))work)();
    pthread_testcancel();
    return NULL;
}

static void assert_cancelled_after(void (*work)(void))
{
    pthread_t thread;
    void *result = NULL;
    ck_assert_int_eq(pthread_create(&thread, NULL, run_cancelled, (void *)&work), 0);
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    ck_assert_ptr_eq(result, PTHREAD_CANCELED);
}

static void raise_past_a_cancellation_point(void)
{
    RC_TRY () {
        RC_SCOPED(point, p) = 1;
        rc_raise(RC_RANGE, "on its way");
    } RC_EXCEPT (e) {
        handled += strcmp(e->message, "on its way") == 0;
    } RC_END
}

START_TEST(a_raise_arrives_and_the_cancellation_comes_after_it)
{
    assert_cancelled_after(raise_past_a_cancellation_point);
    ck_assert_int_eq(ends, 1);
    ck_assert_int_eq(handled, 1);
}
END_TEST

static void raise_twice_past_protect(void)
{
    RC_TRY () {
        RC_PROTECT {
            RC_SCOPED(point, p) = 1;
            rc_raise(RC_RANGE, "on its way");
        } RC_FINALLY {
            (void)end_with_a_cancellation_point(0);
        } RC_END_PROTECT
    } RC_EXCEPT (e) {
        handled += strcmp(e->message, "on its way") == 0;
    } RC_END
}

START_TEST(the_second_block_of_protect_runs_before_the_cancellation)
{
    assert_cancelled_after(raise_twice_past_protect);
    ck_assert_int_eq(ends, 2);
    ck_assert_int_eq(handled, 1);
}
END_TEST

static void finalize_past_a_cancellation_point(void *self)
{
    (void)self;
    reach_a_cancellation_point();
    pthread_testcancel();
    ends++;
}

static const rc_type point_type = {
    .name = "point", .size = 8, .finalize = finalize_past_a_cancellation_point};

static void release_a_point(void)
{
    rc_release(rc_object_new(&point_type, 0));
}

START_TEST(a_finalizer_may_pass_a_cancellation_point)
{
    assert_cancelled_after(release_a_point);
    ck_assert_int_eq(ends, 1);
}
END_TEST

static void hear(rc_weak *weak, void *context)
{
    (void)weak, (void)context;
    pthread_testcancel();
    ends++;
}

static void die_with_a_callback(void)
{
    static const rc_type bare_type = {.name = "bare", .size = 8};
    void *bare = rc_object_new(&bare_type, 0);
    rc_weak *weak = rc_weak_new(bare);
    handled += rc_weak_on_death(weak, hear, NULL) == RC_OK;
    rc_release(bare);
    rc_release(weak);
}

START_TEST(a_weak_callback_may_pass_a_cancellation_point)
{
    assert_cancelled_after(die_with_a_callback);
    ck_assert_int_eq(handled, 1);
    ck_assert_int_eq(ends, 1);
}
END_TEST

#endif

START_TEST(holding_keeps_errno_and_what_was_there)
{
    errno = 17;
    int before = rc__cancel_hold();
    int again = rc__cancel_hold();
    rc__cancel_allow(again);
    int still = rc__cancel_hold();
    ck_assert_int_eq(still, again);
    rc__cancel_allow(before);
    ck_assert_int_eq(rc__cancel_hold(), before);
    rc__cancel_allow(before);
    ck_assert_int_eq(errno, 17);
}
END_TEST

#ifdef __EXCEPTIONS
HARNESS_MAIN("rc/cancel", a_raise_arrives_and_the_cancellation_comes_after_it,
             the_second_block_of_protect_runs_before_the_cancellation,
             a_finalizer_may_pass_a_cancellation_point,
             a_weak_callback_may_pass_a_cancellation_point, holding_keeps_errno_and_what_was_there)
#else
HARNESS_MAIN("rc/cancel", holding_keeps_errno_and_what_was_there)
#endif
