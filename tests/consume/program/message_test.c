/* SPDX-License-Identifier: MIT */
/* What tests that use rcbuf look like. Check runs each test in a process of its own, so that a leak
 * fails exactly the test that leaked, twice over: by the account, with or without a sanitizer, and
 * by AddressSanitizer, which names the line that made what was lost. */
#include "message.h"

#include <check.h>
#include <rc/account.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reports show whole stacks, also through a library that was built without frame pointers. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=1:fast_unwind_on_malloc=0";
}

static struct rc_account before;
static rc_buffer *received;

static void setup(void)
{
    rc_account_read(&before);
    received = rc_buffer_copy("greeting:hello", 14);
    ck_assert_ptr_nonnull(received);
}

static void teardown(void)
{
    rc_clear(&received);
    if (rc_account_check_nothing_new(&before) != RC_OK) {
        fprintf(stderr, "the test left something alive: %s\n", rc_error_message());
        exit(EXIT_FAILURE); /* unlike ck_assert(), lets AddressSanitizer add whose it was */
    }
}

START_TEST(parsing_copies_no_bytes)
{
    struct message *message = message_parse(received);
    ck_assert_ptr_nonnull(message);
    ck_assert_ptr_eq(message->topic->data, received->data);
    ck_assert_uint_eq(message->body->size, 5);
    rc_release(message);
}
END_TEST

START_TEST(a_message_keeps_its_bytes_alive)
{
    struct message *message = message_parse(received);
    ck_assert_ptr_nonnull(message);
    rc_clear(&received);
    ck_assert_mem_eq(message->body->data, "hello", 5);
    rc_release(message);
}
END_TEST

START_TEST(bytes_without_a_colon_are_no_message)
{
    rc_buffer *bytes = rc_buffer_copy("hello", 5);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_ptr_null(message_parse(bytes));
    ck_assert_int_eq(rc_error_status(), RC_FORMAT);
    ck_assert_str_eq(rc_error_message(), "no colon in a message of 5 bytes");
    rc_release(bytes);
}
END_TEST

START_TEST(replacing_the_body_releases_the_old_one)
{
    struct message *message = message_parse(received);
    ck_assert_ptr_nonnull(message);
    ck_assert_int_eq(message_replace_body(message, "farewell", 8), RC_OK);
    ck_assert_mem_eq(message->body->data, "farewell", 8);
    rc_release(message);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("message");
    TCase *parsing = tcase_create("message");
    tcase_add_checked_fixture(parsing, setup, teardown);
    tcase_add_test(parsing, parsing_copies_no_bytes);
    tcase_add_test(parsing, a_message_keeps_its_bytes_alive);
    tcase_add_test(parsing, bytes_without_a_colon_are_no_message);
    tcase_add_test(parsing, replacing_the_body_releases_the_old_one);
    suite_add_tcase(suite, parsing);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_VERBOSE);
    int failed = srunner_ntests_failed(runner);
    int ran = srunner_ntests_run(runner);
    srunner_free(runner);
    return failed == 0 && ran > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
