/* SPDX-License-Identifier: MIT */
#include "rc/protect.h"

#include "rc/try.h"
#include "tests/child.h"
#include "tests/rc/trace.h"

/* Some functions below leave a block in the way that clang warns of, to see it stop. */
#ifdef __clang__
#define ALLOW __attribute__((no_thread_safety_analysis))
#else
#define ALLOW
#endif

START_TEST(the_second_block_runs_at_the_end_of_the_first)
{
    int value = 1;
    RC_PROTECT {
        note('b');
        value = 2;
    } RC_FINALLY {
        note((char)('0' + value));
    } RC_END_PROTECT
    ck_assert_trace("b2");
}
END_TEST

static void leave_in_a_loop(int at)
{
    RC_PROTECT {
        RC_SCOPED(letter, a) = 'a';
        for (int i = 0; i < 3; i++) {
            if (i == at) RC_LEAVE;
            note('.');
        }
        note('e');
    } RC_FINALLY {
        note('f');
    } RC_END_PROTECT
    note('-');
}

START_TEST(leave_goes_to_the_second_block_from_inside_a_loop)
{
    leave_in_a_loop(1);
    ck_assert_trace(".af-");
    leave_in_a_loop(9);
    ck_assert_trace("...eaf-");
}
END_TEST

START_TEST(leave_leaves_the_innermost_of_nested_blocks)
{
    RC_PROTECT {
        RC_PROTECT {
            if (trace[0] == '\0') RC_LEAVE;
            note('!');
        } RC_FINALLY {
            note('i');
        } RC_END_PROTECT
        note('b');
        if (trace[0] == 'i') RC_LEAVE;
        note('!');
    } RC_FINALLY {
        RC_PROTECT {
            note('f');
        } RC_FINALLY {
            note('g');
        } RC_END_PROTECT
    } RC_END_PROTECT
    ck_assert_trace("ibfg");
}
END_TEST

START_TEST(a_protected_block_in_a_loop_runs_each_time)
{
    int done = 0;
    for (int i = 0; i < 5; i++) {
        RC_PROTECT {
            if (i % 2) RC_LEAVE;
            note('b');
        } RC_FINALLY {
            done++;
        } RC_END_PROTECT
    }
    ck_assert_int_eq(done, 5);
    ck_assert_trace("bbb");
}
END_TEST

/* 1 return, 2 break, 3 continue, 4 goto. */
ALLOW static int leave_wrongly(int how)
{
    for (int i = 0; i < 2; i++) {
        RC_PROTECT {
            if (how == 1) return 100;
            if (how == 2) break;
            if (how == 3) continue;
            if (how == 4) goto out;
        } RC_FINALLY {
            note('f');
        } RC_END_PROTECT
        note('.');
    }
out:
    return 0;
}

static void leave_wrongly_in_a_child(void *how)
{
    leave_wrongly(*(int *)how);
}

START_TEST(another_way_out_runs_the_second_block_or_stops)
{
    const char *expected[] = {"f.f.", "f", "f", "ff", "f"};
    for (int how = 0; how < 5; how++) {
#ifdef __clang__
        if (how > 0) {
            CHILD_ASSERT_STOPS(leave_wrongly_in_a_child, &how, "protect_test.c:");
            CHILD_ASSERT_STOPS(leave_wrongly_in_a_child, &how, "RC_LEAVE");
            continue;
        }
#else
        struct child_result result = child_run(leave_wrongly_in_a_child, &how);
        ck_assert(child_was_quiet(&result));
#endif
        ck_assert_int_eq(leave_wrongly(how), how == 1 ? 100 : 0);
        ck_assert_trace(expected[how]);
    }
}
END_TEST

static char stack_permissions(void)
{
    RC_SCOPED(letter, none) = '-';
    char line[512], permission = '?';
    FILE *maps = fopen("/proc/self/maps", "r");
    ck_assert_ptr_nonnull(maps);
    while (fgets(line, sizeof line, maps))
        if (strstr(line, "[stack]")) permission = strchr(line, ' ')[3];
    fclose(maps);
    return none == '-' ? permission : '!';
}

START_TEST(the_stack_is_not_executable)
{
    ck_assert_int_eq(stack_permissions(), '-');
}
END_TEST

/* ---- raises ---------------------------------------------------------------------------------- */

__attribute__((noinline)) static void raise_busy(int n)
{
    RC_SCOPED(letter, a) = 'a';
    rc_raise(RC_BUSY, "number %d", n);
}

START_TEST(a_raise_runs_the_second_blocks_on_its_way)
{
    RC_TRY () {
        RC_PROTECT {
            RC_SCOPED(letter, b) = 'b';
            RC_PROTECT {
                raise_busy(1);
                note('!');
            } RC_FINALLY {
                note('f');
            } RC_END_PROTECT
            note('!');
        } RC_FINALLY {
            note('g');
        } RC_END_PROTECT
        note('!');
    } RC_EXCEPT (e) {
        ck_assert_str_eq(e->message, "number 1");
        note('h');
    } RC_END
    ck_assert_trace("afbgh");
}
END_TEST

static int resize(char **bytes)
{
    char *block = NULL;
    int kept = 0;
    RC_KEEP(block, kept);
    RC_PROTECT {
        block = malloc(8);
        kept = 8;
        raise_busy(kept);
    } RC_FINALLY {
        *bytes = block;
        note((char)('0' + kept));
    } RC_END_PROTECT
    return kept;
}

START_TEST(a_kept_local_has_its_value_in_the_second_block)
{
    char *bytes = NULL;
    RC_TRY (bytes) {
        resize(&bytes);
    } RC_EXCEPT (e) {
        ck_assert_ptr_nonnull(bytes);
        free(bytes);
    } RC_END
    ck_assert_trace("a8");
}
END_TEST

START_TEST(the_second_block_may_catch_its_own_raise)
{
    RC_TRY () {
        RC_PROTECT {
            raise_busy(1);
        } RC_FINALLY {
            RC_TRY () {
                raise_busy(2);
            } RC_EXCEPT (e) {
                ck_assert_str_eq(e->message, "number 2");
                note('f');
            } RC_END
        } RC_END_PROTECT
    } RC_EXCEPT (e) {
        ck_assert_str_eq(e->message, "number 1");
        note('h');
    } RC_END
    ck_assert_trace("aafh");
}
END_TEST

START_TEST(the_second_block_may_raise_when_nothing_else_is_on_its_way)
{
    RC_TRY () {
        RC_PROTECT {
            note('b');
        } RC_FINALLY {
            raise_busy(3);
        } RC_END_PROTECT
        note('!');
    } RC_EXCEPT (e) {
        ck_assert_str_eq(e->message, "number 3");
    } RC_END
    ck_assert_trace("ba");
}
END_TEST

static void raise_twice(void *unused)
{
    (void)unused;
    RC_TRY () {
        RC_PROTECT {
            raise_busy(1);
        } RC_FINALLY {
            raise_busy(2);
        } RC_END_PROTECT
    } RC_EXCEPT (e) {
        _exit(1);
    } RC_END
}

START_TEST(a_second_raise_from_the_second_block_stops_and_names_both)
{
    CHILD_ASSERT_STOPS(raise_twice, NULL, "number 1");
    CHILD_ASSERT_STOPS(raise_twice, NULL, "number 2");
    CHILD_ASSERT_STOPS(raise_twice, NULL, "on its way");
}
END_TEST

static void raise_without_a_try(void *unused)
{
    (void)unused;
    RC_PROTECT {
        raise_busy(1);
    } RC_FINALLY {
        _exit(1);
    } RC_END_PROTECT
}

START_TEST(a_protected_block_is_no_active_try)
{
    CHILD_ASSERT_STOPS(raise_without_a_try, NULL, "without an active RC_TRY: number 1");
}
END_TEST

START_TEST(a_body_may_catch_and_leave)
{
    RC_PROTECT {
        RC_TRY () {
            raise_busy(1);
        } RC_EXCEPT (e) {
            note('h');
            RC_LEAVE;
        } RC_END
        note('!');
    } RC_FINALLY {
        note('f');
    } RC_END_PROTECT
    ck_assert_trace("ahf");
}
END_TEST

static void add_one(int *number)
{
    *number += 1;
}

static int two_numbers(int first)
{
    static int seen;
    int second = 0;
    RC_PROTECT {
        if (first == 0) RC_LEAVE;
        int inner = 0;
        add_one(&inner);
        add_one(&second);
    } RC_FINALLY {
        seen = 10 * first + second;
    } RC_END_PROTECT
    return seen;
}

/* Two ints beside each other, one whose address is taken: what gcc's AddressSanitizer mistakes. */
START_TEST(both_blocks_use_neighbouring_locals)
{
    ck_assert_int_eq(two_numbers(1), 11);
    ck_assert_int_eq(two_numbers(0), 0);
}
END_TEST

HARNESS_MAIN("rc/protect", both_blocks_use_neighbouring_locals, the_second_block_runs_at_the_end_of_the_first, leave_goes_to_the_second_block_from_inside_a_loop, leave_leaves_the_innermost_of_nested_blocks, a_protected_block_in_a_loop_runs_each_time, another_way_out_runs_the_second_block_or_stops, the_stack_is_not_executable, a_raise_runs_the_second_blocks_on_its_way, a_kept_local_has_its_value_in_the_second_block, the_second_block_may_catch_its_own_raise, the_second_block_may_raise_when_nothing_else_is_on_its_way, a_second_raise_from_the_second_block_stops_and_names_both, a_protected_block_is_no_active_try, a_body_may_catch_and_leave)
