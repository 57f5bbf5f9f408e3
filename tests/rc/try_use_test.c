/* SPDX-License-Identifier: MIT */
/* Tries in use: inside a signal's handler, and the program that the header shows. */
#include "rc/try.h"

#include <signal.h>

#include "tests/rc/trace.h"

/* ---- signals --------------------------------------------------------------------------------- */

static volatile sig_atomic_t caught_in_the_handler;

static void catch_in_a_handler(int number)
{
    RC_TRY () {
        rc_raise(RC_BUSY, "signal %d", number);
    } RC_EXCEPT (e) {
        caught_in_the_handler++;
    } RC_END
}

__attribute__((noinline)) static void interrupt_a_try(void)
{
    RC_TRY () {
        raise(SIGUSR1);
        note('.');
        rc_raise(RC_BUSY, "number %d", 8);
    } RC_EXCEPT (e) {
        ck_assert_str_eq(e->message, "number 8");
    } RC_END
}

/* There under ThreadSanitizer alone, which forgets the jump buffers of frames below the running one,
 * also where that is on another stack. */
void *__tsan_get_current_fiber(void) __attribute__((weak));

/* The handler's stack lies above the frame of the try, as if that had been left by longjmp. */
START_TEST(a_handler_on_a_stack_of_its_own_may_try)
{
    static char below[128 * 1024];
    char above[128 * 1024];
    stack_t before, stack = {.ss_sp = above, .ss_size = sizeof above};
    struct sigaction action = {.sa_handler = catch_in_a_handler, .sa_flags = SA_ONSTACK};
    if (__tsan_get_current_fiber) stack.ss_sp = below;
    ck_assert_int_eq(sigaltstack(&stack, &before), 0);
    ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
    interrupt_a_try();
    ck_assert_int_eq(sigaltstack(&before, NULL), 0);
    ck_assert_int_eq(caught_in_the_handler, 1);
    ck_assert_trace(".");
}
END_TEST

/* ---- the program in the header --------------------------------------------------------------- */

RC_DEFINE_SCOPED(file, FILE *, NULL, fclose(_v));

static int parse(FILE *file)
{
    int lines = 0;
    for (int c; (c = fgetc(file)) != EOF;) {
        lines += c == '\n';
        RC_CHECK_THAT(c != 0, RC_FORMAT);
    }
    return lines;
}

static int count_lines(const char *path)
{
    int lines = -1;
    RC_TRY (lines) {
        RC_SCOPED(file, f) = RC_CHECK(fopen(path, "rb"), RC_SYSTEM);
        lines = parse(f);
        if (lines == 0) return 0;
    } RC_EXCEPT (e) {
        if (e->status != RC_SYSTEM) rc_reraise(e);
    } RC_END
    return lines;
}

START_TEST(the_program_in_the_header_counts_lines)
{
    ck_assert_int_eq(count_lines("/no/such/file"), -1);
    ck_assert_int_eq(count_lines("/dev/null"), 0);
    ck_assert_int_gt(count_lines("/proc/self/maps"), 3);
    RC_TRY () {
        count_lines("/proc/self/cmdline");
    } RC_EXCEPT (e) {
        ck_assert_int_eq(e->status, RC_FORMAT);
        note('f');
    } RC_END
    ck_assert_trace("f");
}
END_TEST

HARNESS_MAIN("rc/try_use", a_handler_on_a_stack_of_its_own_may_try, the_program_in_the_header_counts_lines)
