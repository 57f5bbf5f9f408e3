/* SPDX-License-Identifier: MIT */
/**
 * @file tests/harness.h
 * What every test program shares: one Check suite, run in fork mode, counted, and leak-checked test
 * by test. A test program is
 *
 *     #include "tests/harness.h"
 *     START_TEST(slice_refuses_a_range_past_the_end) { ... } END_TEST
 *     HARNESS_MAIN("buffer/buffer", slice_refuses_a_range_past_the_end, ...)
 *
 * Test names are sentences. A test left out of the list is a compiler warning, and so an error.
 */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rc/account.h"
#include "rc/status.h"

static struct rc_account harness__before;

static void harness__setup(void)
{
    rc_account_read(&harness__before);
}

/* Runs in the test's own process: what a test leaves alive fails exactly that test. */
static void harness__teardown(void)
{
    enum rc_status status = rc_account_check_nothing_new(&harness__before);
    ck_assert_msg(status == RC_OK, "the test leaked: %s", rc_error_message());
}

static int harness__run(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tests_case = tcase_create(name);
    tcase_set_timeout(tests_case, 120);
    tcase_add_checked_fixture(tests_case, harness__setup, harness__teardown);
    for (size_t i = 0; i < count; i++) tcase_add_test(tests_case, tests[i]);
    suite_add_tcase(suite, tests_case);

    SRunner *runner = srunner_create(suite);
    int failed = 1, ran = 0;
    if (srunner_fork_status(runner) != CK_FORK) {
        fprintf(stderr, "%s: the tests need Check's fork mode; unset CK_FORK\n", name);
    } else {
        srunner_run_all(runner, CK_SILENT);
        failed = srunner_ntests_failed(runner);
        ran = srunner_ntests_run(runner);
        TestResult **failures = srunner_failures(runner);
        for (int i = 0; i < failed; i++)
            fprintf(stderr, "%s:%d: %s: %s\n", tr_lfile(failures[i]), tr_lno(failures[i]),
                    tr_tcname(failures[i]), tr_msg(failures[i]));
        free(failures);
    }
    srunner_free(runner);
    printf("%s: %d passed, %d failed\n", name, ran - failed, failed);
    return failed == 0 && ran > 0 && (size_t)ran == count ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define HARNESS_MAIN(name, ...)                                                                    \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *tests[] = {__VA_ARGS__};                                                      \
        return harness__run((name), tests, sizeof tests / sizeof tests[0]);                        \
    }

#endif
