/* SPDX-License-Identifier: MIT */
#include <pthread.h>

#include "rc/callback.h"
#include "tests/child.h"
#include "tests/harness.h"

static int calls;

static void quiet_callback(void)
{
    calls++;
}

static void noisy_callback(void)
{
    calls++;
    errno = 99;
    rc_error_set(RC_BUSY, "the callback's own");
}

START_TEST(a_callback_starts_without_an_error)
{
    rc_error_set(RC_RANGE, "from before");
    enum rc_status inside = RC_INVALID;
    char text[RC_ERROR_MESSAGE_SIZE] = "?";
    RC__CALLBACK("finalizer", "node", {
        inside = rc_error_status();
        strcpy(text, rc_error_message());
    });
    ck_assert_int_eq(inside, RC_OK);
    ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(the_error_from_before_comes_back)
{
    rc_error_set(RC_RANGE, "from before, %d%%", 7);
    RC__CALLBACK("finalizer", "node", noisy_callback());
    ck_assert_int_eq(rc_error_status(), RC_RANGE);
    ck_assert_str_eq(rc_error_message(), "from before, 7%");
    RC__CALLBACK("finalizer", "node", quiet_callback());
    ck_assert_str_eq(rc_error_message(), "from before, 7%");
    ck_assert_int_eq(calls, 2);
}
END_TEST

START_TEST(the_callbacks_own_error_goes_when_there_was_none)
{
    RC__CALLBACK("finalizer", "node", noisy_callback());
    ck_assert_int_eq(calls, 1);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_str_eq(rc_error_message(), "");
}
END_TEST

START_TEST(errno_comes_back)
{
    errno = 12;
    RC__CALLBACK("finalizer", "node", noisy_callback());
    ck_assert_int_eq(errno, 12);
}
END_TEST

static void look_from_inside(const struct rc__callback *outer)
{
    RC__CALLBACK("allocator", "inner", {
        ck_assert_str_eq(rc__calling.current->kind->what, "allocator");
        ck_assert_str_eq(rc__calling.current->kind->name, "inner");
        ck_assert_ptr_eq(rc__calling.current->outer, outer);
    });
    ck_assert_ptr_eq(rc__calling.current, outer);
    ck_assert_str_eq(outer->kind->name, "outer");
}

START_TEST(frames_nest_and_name_the_innermost)
{
    ck_assert_ptr_null(rc__calling.current);
    RC__CALLBACK("finalizer", "outer", look_from_inside(rc__calling.current));
    ck_assert_ptr_null(rc__calling.current);
}
END_TEST

static void *exit_in_callback(void *name)
{
    RC__CALLBACK("release function", name, pthread_exit(NULL));
    return NULL;
}

static void leave_by_thread_exit(void *name)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, exit_in_callback, name) == 0) pthread_join(thread, NULL);
}

#ifdef __EXCEPTIONS
START_TEST(a_callback_left_by_unwinding_stops_the_program_and_is_named)
{
    char name[] = "frame_buffer";
    CHILD_ASSERT_STOPS(leave_by_thread_exit, name,
                       "rcbuf: the release function of frame_buffer did not return");
    CHILD_ASSERT_STOPS(leave_by_thread_exit, NULL, "the release function of ? did not return");
}
END_TEST
#else
START_TEST(a_callback_left_by_unwinding_stops_the_program_and_is_named)
{
    ck_assert_ptr_nonnull((void *)(uintptr_t)leave_by_thread_exit); /* nothing sees it here */
}
END_TEST
#endif

static void stop_with(void *text)
{
    rc__stop("%s, %d", (const char *)text, 17);
}

START_TEST(a_stop_is_one_line_and_an_abort)
{
    char text[] = "certainly a bug";
    struct child_result result = child_run(stop_with, text);
    ck_assert(child_was_stopped(&result));
    ck_assert_str_eq(result.output, "rcbuf: certainly a bug, 17\n");
}
END_TEST

START_TEST(a_long_stop_is_cut_and_still_one_line)
{
    char text[2000];
    memset(text, 'y', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct child_result result = child_run(stop_with, text);
    ck_assert(child_was_stopped(&result));
    ck_assert_uint_gt(result.size, 400);
    ck_assert_uint_le(result.size, 512);
    ck_assert_ptr_eq(strchr(result.output, '\n'), result.output + result.size - 1);
    ck_assert_int_eq(result.output[result.size - 2], 'y');
}
END_TEST

static void stop_with_so_many(void *length)
{
    rc__stop("%0*d", *(int *)length, 0);
}

/* Shorter than the line's room of 512 bytes, as long, and longer: a newline, nothing after it. */
START_TEST(a_stop_of_any_length_ends_with_its_newline)
{
    for (int length = 490; length < 520; length++) {
        struct child_result result = child_run(stop_with_so_many, &length);
        ck_assert(child_was_stopped(&result));
        char *newline = strchr(result.output, '\n');
        ck_assert_ptr_nonnull(newline);
        ck_assert_uint_eq((size_t)(newline - result.output) + 1, result.size);
        size_t wanted = strlen("rcbuf: ") + (size_t)length + 1;
        ck_assert_uint_eq(result.size, wanted < 512 ? wanted : 512);
        ck_assert_int_eq(newline[-1], '0');
    }
}
END_TEST

HARNESS_MAIN("rc/callback", a_callback_starts_without_an_error, the_error_from_before_comes_back,
             the_callbacks_own_error_goes_when_there_was_none, errno_comes_back,
             frames_nest_and_name_the_innermost,
             a_callback_left_by_unwinding_stops_the_program_and_is_named,
             a_stop_is_one_line_and_an_abort, a_long_stop_is_cut_and_still_one_line,
             a_stop_of_any_length_ends_with_its_newline)
