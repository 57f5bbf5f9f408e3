/* SPDX-License-Identifier: MIT */
/* What a raise meets on its way: threads, callbacks, cleanups that raise, longjmp, coroutines. */
#include "rc/try.h"

#include <pthread.h>

#include "tests/child.h"
#include "tests/rc/trace.h"

static void raise_busy(int n)
{
    rc_raise(RC_BUSY, "number %d", n);
}

RC_DEFINE_DEFER(raise_busy, int);

/* ---- no RC_TRY ------------------------------------------------------------------------------- */

static void raise_alone(void *unused)
{
    (void)unused;
    RC_SCOPED(letter, a) = 'a';
    rc_raise(RC_BUSY, "nobody listens to %d", 5);
}

static void raise_after_the_try(void *unused)
{
    RC_TRY () {
        raise_busy(1);
    } RC_EXCEPT (e) {
        rc_error_clear();
    } RC_END
    raise_alone(unused);
}

static void reraise_alone(void *unused)
{
    (void)unused;
    RC_TRY () {
        raise_busy(7);
    } RC_EXCEPT (e) {
        rc_reraise(e);
    } RC_END
}

START_TEST(a_raise_without_a_try_stops_with_its_place_status_and_message)
{
    CHILD_ASSERT_STOPS(raise_alone, NULL, "try_stop_test.c:");
    CHILD_ASSERT_STOPS(raise_alone, NULL, "RC_BUSY was raised without an active RC_TRY");
    CHILD_ASSERT_STOPS(raise_alone, NULL, "nobody listens to 5");
}
END_TEST

START_TEST(a_try_that_has_ended_is_not_active)
{
    CHILD_ASSERT_STOPS(raise_after_the_try, NULL, "nobody listens to 5");
}
END_TEST

START_TEST(a_reraise_without_an_outer_try_stops)
{
    CHILD_ASSERT_STOPS(reraise_alone, NULL, "without an active RC_TRY: number 7");
}
END_TEST

static void reraise_null(void *unused)
{
    (void)unused;
    RC_TRY () {
        rc_reraise(NULL);
    } RC_EXCEPT (e) {
        _exit(1);
    } RC_END
}

START_TEST(a_reraise_of_null_stops)
{
    CHILD_ASSERT_STOPS(reraise_null, NULL, "rc_reraise of NULL");
}
END_TEST

/* ---- callbacks of the library ---------------------------------------------------------------- */

static void finalize_by_raising(void *self)
{
    (void)self;
    raise_busy(2);
}

static const rc_type raising_type = {
    .name = "raising_type", .size = 1, .finalize = finalize_by_raising};

static void raise_out_of_a_finalizer(void *unused)
{
    (void)unused;
    RC_TRY () {
        rc_release(rc_new(char, &raising_type));
    } RC_EXCEPT (e) {
        _exit(1);
    } RC_END
}

START_TEST(a_raise_must_not_leave_a_finalizer)
{
    CHILD_ASSERT_STOPS(raise_out_of_a_finalizer, NULL, "finalizer");
    CHILD_ASSERT_STOPS(raise_out_of_a_finalizer, NULL, "raising_type");
    CHILD_ASSERT_STOPS(raise_out_of_a_finalizer, NULL, "number 2");
}
END_TEST

static void finalize_by_catching(void *self)
{
    (void)self;
    RC_TRY () {
        raise_busy(3);
    } RC_EXCEPT (e) {
        note('c');
    } RC_END
}

START_TEST(a_finalizer_may_catch_its_own_raise)
{
    static const rc_type type = {.name = "catching", .size = 1, .finalize = finalize_by_catching};
    RC_TRY () {
        rc_release(rc_new(char, &type));
        raise_busy(4);
    } RC_EXCEPT (e) {
        ck_assert_str_eq(e->message, "number 4");
        note('o');
    } RC_END
    ck_assert_trace("co");
}
END_TEST

/* ---- cleanups that raise --------------------------------------------------------------------- */

static void raise_twice(void *unused)
{
    (void)unused;
    RC_TRY () {
        RC_DEFER(raise_busy, 2);
        raise_busy(1);
    } RC_EXCEPT (e) {
        _exit(1);
    } RC_END
}

START_TEST(a_second_raise_from_a_cleanup_stops_and_names_both)
{
    CHILD_ASSERT_STOPS(raise_twice, NULL, "number 1");
    CHILD_ASSERT_STOPS(raise_twice, NULL, "number 2");
    CHILD_ASSERT_STOPS(raise_twice, NULL, "was on its way");
}
END_TEST

static void catch_inside(int n)
{
    RC_TRY () {
        raise_busy(n);
    } RC_EXCEPT (e) {
        note('c');
    } RC_END
}

RC_DEFINE_DEFER(catch_inside, int);

START_TEST(a_cleanup_may_catch_its_own_raise_while_another_is_on_its_way)
{
    RC_TRY () {
        RC_DEFER(catch_inside, 2);
        RC_SCOPED(letter, a) = 'a';
        raise_busy(1);
    } RC_EXCEPT (e) {
        ck_assert_str_eq(e->message, "number 1");
        note('h');
    } RC_END
    ck_assert_trace("ach");
}
END_TEST

START_TEST(a_cleanup_may_raise_when_nothing_else_is_on_its_way)
{
    RC_TRY () {
        RC_SCOPED(letter, a) = 'a';
        {
            RC_DEFER(raise_busy, 5);
        }
        note('!');
    } RC_EXCEPT (e) {
        ck_assert_str_eq(e->message, "number 5");
    } RC_END
    ck_assert_trace("a");
}
END_TEST

/* ---- longjmp --------------------------------------------------------------------------------- */

static jmp_buf place;

__attribute__((noinline)) static void jump_across_a_try(void)
{
    RC_TRY () {
        longjmp(place, 1);
    } RC_EXCEPT (e) {
        _exit(1);
    } RC_END
}

static void jump_then_leave(void *unused)
{
    (void)unused;
    RC_TRY () {
        if (setjmp(place) == 0) jump_across_a_try();
    } RC_EXCEPT (e) {
        _exit(1);
    } RC_END
}

static void jump_then_enter(void *unused)
{
    (void)unused;
    if (setjmp(place) == 0) jump_across_a_try();
    catch_inside(1);
    RC_TRY () {
        rc_error_clear();
    } RC_EXCEPT (e) {
        _exit(1);
    } RC_END
}

static void jump_then_raise(void *unused)
{
    (void)unused;
    if (setjmp(place) == 0) jump_across_a_try();
    raise_busy(1);
}

START_TEST(a_longjmp_across_a_try_stops_when_an_outer_try_is_left)
{
    CHILD_ASSERT_STOPS(jump_then_leave, NULL, "a longjmp has left the RC_TRY at");
}
END_TEST

START_TEST(a_longjmp_across_a_try_stops_when_the_next_try_is_entered)
{
    CHILD_ASSERT_STOPS(jump_then_enter, NULL, "a longjmp has left the RC_TRY at");
}
END_TEST

START_TEST(a_longjmp_across_a_try_stops_at_the_next_raise)
{
    CHILD_ASSERT_STOPS(jump_then_raise, NULL, "a longjmp has left the RC_TRY at");
}
END_TEST

/* ---- threads --------------------------------------------------------------------------------- */

static void *catch_on_a_thread(void *argument)
{
    uintptr_t *caught = argument;
    for (int i = 0; i < 200; i++) {
        RC_TRY () {
            void *bytes = malloc(8);
            RC_DEFER(free, bytes);
            raise_busy(bytes ? i : -1);
        } RC_EXCEPT (e) {
            *caught += e->status == RC_BUSY;
        } RC_END
    }
    return NULL;
}

static void *raise_on_a_thread(void *unused)
{
    raise_alone(unused);
    return NULL;
}

static void raise_on_a_thread_without_a_try(void *unused)
{
    RC_TRY () {
        pthread_t thread;
        if (pthread_create(&thread, NULL, raise_on_a_thread, unused) == 0)
            pthread_join(thread, NULL);
    } RC_EXCEPT (e) {
        _exit(1);
    } RC_END
}

START_TEST(each_thread_has_tries_of_its_own)
{
    pthread_t threads[2];
    uintptr_t caught[2] = {0, 0};
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, catch_on_a_thread, &caught[i]), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_uint_eq(caught[i], 200);
    }
    CHILD_ASSERT_STOPS(raise_on_a_thread_without_a_try, NULL, "without an active RC_TRY");
}
END_TEST

static void *exit_inside_a_try(void *result)
{
    RC_TRY () {
        RC_SCOPED(letter, a) = 'a';
        pthread_exit(result);
    } RC_EXCEPT (e) {
        note('h');
    } RC_END
    return NULL;
}

START_TEST(pthread_exit_passes_a_try)
{
    pthread_t thread;
    void *result = NULL;
    ck_assert_int_eq(pthread_create(&thread, NULL, exit_inside_a_try, &result), 0);
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    ck_assert_ptr_eq(result, &result);
    ck_assert_trace("a");
}
END_TEST

HARNESS_MAIN("rc/try_stop", a_raise_without_a_try_stops_with_its_place_status_and_message, a_try_that_has_ended_is_not_active, a_reraise_without_an_outer_try_stops, a_reraise_of_null_stops, a_raise_must_not_leave_a_finalizer, a_finalizer_may_catch_its_own_raise, a_second_raise_from_a_cleanup_stops_and_names_both, a_cleanup_may_catch_its_own_raise_while_another_is_on_its_way, a_cleanup_may_raise_when_nothing_else_is_on_its_way, a_longjmp_across_a_try_stops_when_an_outer_try_is_left, a_longjmp_across_a_try_stops_when_the_next_try_is_entered, a_longjmp_across_a_try_stops_at_the_next_raise, each_thread_has_tries_of_its_own, pthread_exit_passes_a_try)
