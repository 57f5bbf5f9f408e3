/* SPDX-License-Identifier: MIT */
/* The words of RCBUF_TRACE. */
#include "rc/ledger_options.h"

#include <unistd.h>

#include "tests/child.h"
#include "tests/rc/ledger_support.h"

HARNESS_EARLY
{
    setenv("RCBUF_TRACE", "record", 1);
}

#ifdef RCBUF_LEDGER

static void read_list(void *list)
{
    (void)rc__ledger_options_read(list);
}

static void check_complaint(const char *list, const char *word)
{
    char copy[64], text[128];
    snprintf(copy, sizeof copy, "%s", list);
    snprintf(text, sizeof text, "rcbuf: RCBUF_TRACE: '%s' is none of leaks, holders,", word);
    struct child_result result = child_run(read_list, copy);
    ck_assert_msg(strstr(result.output, text), "no \"%s\" in: %s", text, result.output);
}

static void check_log(const char *log, const char *expected)
{
    char name[64];
    ck_assert(rc__ledger_log_name(log, name, sizeof name));
    ck_assert_str_eq(name, expected);
}

#endif

START_TEST(words_turn_on_what_they_say)
{
    LEDGER_OR_SKIP("words_turn_on_what_they_say");
#ifdef RCBUF_LEDGER
    struct rc__ledger_options options = rc__ledger_options_read("");
    ck_assert(!options.is_on && !options.leaks);
    options = rc__ledger_options_read(",leaks,,");
    ck_assert(options.is_on && options.leaks && !options.holders && !options.stacks);
    ck_assert_int_eq(options.exit_code, 23);
    options = rc__ledger_options_read("record");
    ck_assert(options.is_on && !options.leaks && !options.holders);
    options = rc__ledger_options_read("holders,stacks,exitcode=0");
    ck_assert(options.is_on && options.holders && options.stacks && !options.leaks);
    ck_assert_int_eq(options.exit_code, 0);
    options = rc__ledger_options_read("reachable,exitcode=255");
    ck_assert(options.is_on && options.leaks && options.reachable);
    ck_assert_int_eq(options.exit_code, 255);
#endif
}
END_TEST

START_TEST(what_says_how_means_leaks_where_nothing_says_what)
{
    LEDGER_OR_SKIP("what_says_how_means_leaks_where_nothing_says_what");
#ifdef RCBUF_LEDGER
    ck_assert(rc__ledger_options_read("stacks").leaks);
    ck_assert(rc__ledger_options_read("log=x").leaks);
    ck_assert(rc__ledger_options_read("exitcode=3").leaks);
    ck_assert(rc__ledger_options_read("children").leaks);
    ck_assert(rc__ledger_options_read("suppressions=x").leaks);
    ck_assert(!rc__ledger_options_read("record,log=x").leaks);
    ck_assert(!rc__ledger_options_read("exitcode=3,holders").leaks);
#endif
}
END_TEST

START_TEST(words_that_mean_nothing_are_told)
{
    LEDGER_OR_SKIP("words_that_mean_nothing_are_told");
#ifdef RCBUF_LEDGER
    check_complaint("leak", "leak");
    check_complaint("leaks,leakss", "leakss");
    check_complaint("exitcode=", "exitcode=");
    check_complaint("exitcode=256", "exitcode=256");
    check_complaint("exitcode=-1", "exitcode=-1");
    check_complaint("exitcode=2x,leaks", "exitcode=2x");
    check_complaint("log=", "log=");
    check_complaint("suppressions=", "suppressions=");
    char fine[] = "leaks,holders,record,stacks,reachable,exitcode=1,log=a,suppressions=b";
    struct child_result result = child_run(read_list, fine);
    ck_assert(child_was_quiet(&result));
#endif
}
END_TEST

START_TEST(a_log_has_the_process_in_its_name)
{
    LEDGER_OR_SKIP("a_log_has_the_process_in_its_name");
#ifdef RCBUF_LEDGER
    char expected[64], name[8];
    check_log("a.log,leaks", "a.log,leaks");
    check_log("100%", "100%");
    snprintf(expected, sizeof expected, "a.%ld.%ld", (long)getpid(), (long)getpid());
    check_log("a.%p.%p", expected);
    ck_assert(!rc__ledger_log_name("longer than that", name, sizeof name));
    ck_assert(!rc__ledger_log_name("", name, sizeof name));
#endif
}
END_TEST

HARNESS_MAIN("rc/ledger_options", words_turn_on_what_they_say,
             what_says_how_means_leaks_where_nothing_says_what, words_that_mean_nothing_are_told,
             a_log_has_the_process_in_its_name)
