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

/* Check sends its parent a message for each assertion that holds; a thousand of a test's are enough
 * to tell where it was. */
static inline void harness__mark(const char *file, int line)
{
    static __thread unsigned marks;
    if (marks++ < 1000) _mark_point(file, line);
}
#define _mark_point(file, line) harness__mark((file), (line))

/* HARNESS_EARLY { ... } runs before main(), and before the library looks at its environment. A program
 * may hold several suites: then HARNESS_SUITE names the one that is meant by the end of its path. */
static inline bool harness__is_meant(const char *source)
{
    const char *meant = getenv("HARNESS_SUITE");
    return !meant || strstr(source, meant);
}
#define HARNESS_EARLY                                                                              \
    static void harness__early(void);                                                              \
    static __attribute__((constructor(101))) void harness__early_if_meant(void)                    \
    {                                                                                              \
        if (harness__is_meant(__BASE_FILE__)) harness__early();                                    \
    }                                                                                              \
    static void harness__early(void)

static struct rc_account harness__before;

static void harness__setup(void)
{
    rc_account_read(&harness__before);
}

/* Runs in the test's own process: what a test leaves alive fails exactly that test. exit() and not
 * an assertion, so that the leak checker has its say too. */
static void harness__teardown(void)
{
    if (rc_account_check_nothing_new(&harness__before) == RC_OK) return;
    fprintf(stderr, "the test leaked: %s\n", rc_error_message());
    exit(EXIT_FAILURE);
}

static void harness__add(Suite *suite, const TTest *test)
{
    TCase *test_case = tcase_create(test->name);
    tcase_set_timeout(test_case, 120);
    tcase_add_checked_fixture(test_case, harness__setup, harness__teardown);
    tcase_add_test(test_case, test);
    suite_add_tcase(suite, test_case);
}

/* HARNESS_WITHOUT: names of tests, a comma before and after each, that cannot be run where we are. */
static bool harness__is_left_out(const TTest *test)
{
    const char *without = getenv("HARNESS_WITHOUT"), *at = without;
    size_t length = strlen(test->name);
    for (; at && (at = strstr(at, test->name)); at += length)
        if (at > without && at[-1] == ',' && at[length] == ',') return true;
    return false;
}

static int harness__run(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    int left_out = 0;
    for (size_t i = 0; i < count; i++) {
        if (harness__is_left_out(tests[i])) {
            printf("skipped: %s: left out, as HARNESS_WITHOUT says\n", tests[i]->name);
            left_out++;
        } else {
            harness__add(suite, tests[i]);
        }
    }

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
    printf("%s: %d passed, %d failed\n", name, ran + left_out - failed, failed);
    return failed == 0 && ran > 0 && (size_t)(ran + left_out) == count ? EXIT_SUCCESS
                                                                       : EXIT_FAILURE;
}

#define HARNESS_MAIN(name, ...)                                                                    \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *tests[] = {__VA_ARGS__};                                                      \
        return harness__run((name), tests, sizeof tests / sizeof tests[0]);                        \
    }

#endif
