/* SPDX-License-Identifier: MIT */
/* Guards as RC_PROTECT has them on clang: a raise is caught, runs what comes second, and goes on. */
#include "rc/try.h"
#include "tests/child.h"
#include "tests/rc/trace.h"

static bool raises_first, raises_second;
static int raised_at;

static void guarded(void)
{
    struct rc_guard guard __attribute__((cleanup(rc_guard_leave)));
    rc_guard_enter(&guard, RC__HERE, RC_GUARD_PROTECT);
    if (_setjmp(guard.environment) == 0) {
        note('a');
        raised_at = __LINE__ + 1;
        if (raises_first) rc_raise(RC_BUSY, "the first");
        note('b');
    }
    rc_guard_finally(&guard);
    note('f');
    if (raises_second) rc_raise(RC_RANGE, "the second");
    rc_guard_resume(&guard);
    note('e');
}

static void call_in_try(void)
{
    RC_TRY () {
        guarded();
        note('n');
    } RC_EXCEPT (e) {
        note('x');
        ck_assert_str_eq(e->message, raises_first ? "the first" : "the second");
        ck_assert_int_eq(e->status, raises_first ? RC_BUSY : RC_RANGE);
        if (raises_first) ck_assert_int_eq(e->line, raised_at);
        ck_assert_ptr_nonnull(strstr(e->file, "guard_test.c"));
    } RC_END
}

START_TEST(a_guard_that_nothing_is_raised_to_is_left)
{
    for (int i = 0; i < 3; i++) {
        guarded();
        ck_assert_trace("abfe");
        call_in_try();
        ck_assert_trace("abfen");
    }
}
END_TEST

START_TEST(a_raise_goes_on_after_what_comes_second)
{
    raises_first = true;
    for (int i = 0; i < 3; i++) {
        call_in_try();
        ck_assert_trace("afx");
    }
    raises_first = false;
    call_in_try();
    ck_assert_trace("abfen");
}
END_TEST

START_TEST(what_comes_second_may_raise_if_nothing_else_is_on_its_way)
{
    raises_second = true;
    call_in_try();
    ck_assert_trace("abfx");
    raises_second = false;
    call_in_try();
    ck_assert_trace("abfen");
}
END_TEST

static void raise_twice(void *unused)
{
    (void)unused;
    raises_first = raises_second = true;
    call_in_try();
}

START_TEST(a_second_raise_stops_and_names_both)
{
    CHILD_ASSERT_STOPS(raise_twice, NULL,
                       "a cleanup raised RC_RANGE (\"the second\") while RC_BUSY (\"the first\")");
}
END_TEST

static void raise_alone(void *unused)
{
    (void)unused;
    raises_first = true;
    guarded();
}

START_TEST(a_guard_is_no_active_try)
{
    CHILD_ASSERT_STOPS(raise_alone, NULL, "RC_BUSY was raised without an active RC_TRY");
}
END_TEST

HARNESS_MAIN("rc/guard", a_guard_that_nothing_is_raised_to_is_left,
             a_raise_goes_on_after_what_comes_second,
             what_comes_second_may_raise_if_nothing_else_is_on_its_way,
             a_second_raise_stops_and_names_both, a_guard_is_no_active_try)
