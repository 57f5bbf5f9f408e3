/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>

#include "tests/harness.h"

START_TEST(a_thread_starts_without_an_error)
{
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_str_eq(rc_error_message(), "");
}
END_TEST

START_TEST(setting_an_error_keeps_code_and_sentence_and_returns_the_code)
{
    ck_assert_int_eq(rc_error_set(RC_RANGE, "slice [%d, %d) of %zu bytes", 10, 30, (size_t)16),
                     RC_RANGE);
    ck_assert_int_eq(rc_error_status(), RC_RANGE);
    ck_assert_str_eq(rc_error_message(), "slice [10, 30) of 16 bytes");
    rc_error_set(RC_BUSY, "another");
    ck_assert_int_eq(rc_error_status(), RC_BUSY);
    ck_assert_str_eq(rc_error_message(), "another");
}
END_TEST

START_TEST(clearing_forgets_code_and_sentence)
{
    rc_error_set(RC_INVALID, "gone soon");
    rc_error_clear();
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_str_eq(rc_error_message(), "");
}
END_TEST

START_TEST(setting_success_clears)
{
    rc_error_set(RC_INVALID, "gone soon");
    ck_assert_int_eq(rc_error_set(RC_OK, "nothing of this is kept"), RC_OK);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_str_eq(rc_error_message(), "");
}
END_TEST

START_TEST(arguments_may_point_into_the_old_message)
{
    rc_error_set(RC_SYSTEM, "inner");
    rc_error_set(RC_SYSTEM, "outer: %s, again %s", rc_error_message(), rc_error_message());
    ck_assert_str_eq(rc_error_message(), "outer: inner, again inner");
    rc_error_set(RC_SYSTEM, "%s", rc_error_message() + 7);
    ck_assert_str_eq(rc_error_message(), "inner, again inner");
}
END_TEST

static enum rc_status set_by_list(enum rc_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    enum rc_status result = rc_error_set_v(status, format, arguments);
    va_end(arguments);
    return result;
}

START_TEST(a_library_can_hand_its_arguments_on)
{
    ck_assert_int_eq(set_by_list(RC_FORMAT, "%s at %d", "byte", 3), RC_FORMAT);
    ck_assert_str_eq(rc_error_message(), "byte at 3");
}
END_TEST

START_TEST(a_long_message_is_cut_and_ends)
{
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    rc_error_set(RC_INVALID, "%s", text);
    ck_assert_uint_eq(strlen(rc_error_message()), RC_ERROR_MESSAGE_SIZE - 1);
    ck_assert_int_eq(strncmp(rc_error_message(), text, RC_ERROR_MESSAGE_SIZE - 1), 0);

    rc_error_set(RC_INVALID, "%.*s", RC_ERROR_MESSAGE_SIZE - 1, text);
    ck_assert_uint_eq(strlen(rc_error_message()), RC_ERROR_MESSAGE_SIZE - 1);
}
END_TEST

START_TEST(errno_is_as_it_was_after_every_call)
{
    errno = 4242;
    rc_error_set(RC_SYSTEM, "%s", "open failed");
    ck_assert_int_eq(errno, 4242);
    (void)rc_error_message();
    rc_error_clear();
    ck_assert_int_eq(errno, 4242);
}
END_TEST

static void *set_and_compare(void *unused)
{
    (void)unused;
    bool fresh = rc_error_status() == RC_OK && rc_error_message()[0] == '\0';
    rc_error_set(RC_OVERFLOW, "of the other thread");
    return fresh ? (void *)1 : NULL;
}

START_TEST(each_thread_has_its_own_error)
{
    rc_error_set(RC_BUSY, "of this thread");
    pthread_t thread;
    void *fresh;
    ck_assert_int_eq(pthread_create(&thread, NULL, set_and_compare, NULL), 0);
    pthread_join(thread, &fresh);
    ck_assert_ptr_nonnull(fresh);
    ck_assert_int_eq(rc_error_status(), RC_BUSY);
    ck_assert_str_eq(rc_error_message(), "of this thread");
}
END_TEST

START_TEST(every_code_has_its_name_and_text)
{
#define CHECK_ROW(name, value, text)                                                               \
    ck_assert_int_eq(name, value);                                                                 \
    ck_assert_str_eq(rc_status_name(name), #name);                                                 \
    ck_assert_str_eq(rc_status_text(name), text);
    RC_STATUS_TABLE(CHECK_ROW)
#undef CHECK_ROW
}
END_TEST

START_TEST(success_is_zero_and_every_failure_negative)
{
    ck_assert_int_eq(RC_OK, 0);
#define COUNT_NEGATIVE(name, value, text) +((value) < 0)
#define COUNT(name, value, text)          +1
    ck_assert_int_eq(0 RC_STATUS_TABLE(COUNT_NEGATIVE), (0 RC_STATUS_TABLE(COUNT)) - 1);
}
END_TEST

START_TEST(a_number_that_is_no_code_has_a_name_too)
{
    ck_assert_str_eq(rc_status_name((enum rc_status) - 99), "RC_?");
    ck_assert_str_eq(rc_status_text((enum rc_status) - 99), "unknown status");
}
END_TEST

START_TEST(the_version_at_run_time_is_that_of_the_header)
{
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", RC_VERSION_MAJOR, RC_VERSION_MINOR, RC_VERSION_PATCH);
    ck_assert_str_eq(rc_version(), RC_VERSION);
    ck_assert_str_eq(rc_version(), text);
}
END_TEST

HARNESS_MAIN("rc/status", a_thread_starts_without_an_error,
             setting_an_error_keeps_code_and_sentence_and_returns_the_code,
             clearing_forgets_code_and_sentence, setting_success_clears,
             arguments_may_point_into_the_old_message, a_library_can_hand_its_arguments_on,
             a_long_message_is_cut_and_ends, errno_is_as_it_was_after_every_call,
             each_thread_has_its_own_error, every_code_has_its_name_and_text,
             success_is_zero_and_every_failure_negative, a_number_that_is_no_code_has_a_name_too,
             the_version_at_run_time_is_that_of_the_header)
