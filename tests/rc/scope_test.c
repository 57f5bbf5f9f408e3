/* SPDX-License-Identifier: MIT */
#include "rc/scope.h"

#include "rc/weak.h"
#include "tests/child.h"
#include "tests/rc/trace.h"

RC_DEFINE_SCOPED(memory, void *, NULL, free(_v));

/* ---- RC_AUTO --------------------------------------------------------------------------------- */

START_TEST(auto_releases_at_the_end_of_the_block_last_first)
{
    {
        RC_AUTO(struct thing, a) = thing_new('a');
        RC_AUTO(struct thing, b) = thing_new('b');
        ck_assert_int_eq(a->letter + 1, b->letter);
        ck_assert_trace("");
    }
    ck_assert_trace("ba");
}
END_TEST

static int leave_by_return(int depth)
{
    RC_AUTO(struct thing, a) = thing_new('a');
    if (depth > 0) return leave_by_return(depth - 1) + a->letter;
    return 0;
}

START_TEST(auto_releases_on_return_from_each_frame)
{
    ck_assert_int_eq(leave_by_return(2), 2 * 'a');
    ck_assert_trace("aaa");
}
END_TEST

START_TEST(auto_releases_on_break_and_continue)
{
    for (int i = 0; i < 3; i++) {
        RC_AUTO(struct thing, a) = thing_new((char)('a' + i));
        if (i == 0) continue;
        if (a->letter == 'b') break;
        note('!');
    }
    ck_assert_trace("ab");
}
END_TEST

START_TEST(auto_releases_on_goto_out_of_two_blocks_and_backwards)
{
    int round = 0;
again : {
    RC_AUTO(struct thing, a) = thing_new('a');
    {
        RC_AUTO(struct thing, b) = thing_new('b');
        if (round++ == 0) goto again;
        if (b && a) goto out;
    }
    note('!');
}
out:
    ck_assert_trace("baba");
}
END_TEST

static struct thing *look_at(struct thing *const *variable)
{
    ck_assert_ptr_null(*variable);
    return thing_new('a');
}

START_TEST(auto_is_null_while_its_right_side_is_evaluated)
{
    {
        RC_AUTO(struct thing, a) = look_at(&a);
        ck_assert_ptr_nonnull(a);
    }
    ck_assert_trace("a");
}
END_TEST

START_TEST(auto_may_stay_null_and_may_point_to_const)
{
    {
        RC_AUTO(struct thing, none) = NULL;
        RC_AUTO(const struct thing, constant) = thing_new('c');
        ck_assert_ptr_null(none);
        ck_assert_int_eq(constant->letter, 'c');
    }
    ck_assert_trace("c");
}
END_TEST

START_TEST(auto_holds_a_weak_reference_too)
{
    {
        RC_AUTO(struct thing, a) = thing_new('a');
        RC_AUTO(rc_weak, w) = rc_weak_new(a);
        rc_clear(&a);
        ck_assert(rc_weak_is_dead(w));
    }
    ck_assert_trace("a");
}
END_TEST

static struct thing *make_and_steal(void)
{
    RC_AUTO(struct thing, a) = thing_new('a');
    RC_AUTO(struct thing, b) = thing_new('b');
    a->letter = 'c';
    return rc_steal(&a);
}

START_TEST(steal_hands_the_reference_to_the_caller)
{
    struct thing *kept = make_and_steal();
    ck_assert_trace("b");
    ck_assert_uint_eq(rc_count(kept), 1);
    rc_release(kept);
    ck_assert_trace("c");
}
END_TEST

static struct thing *return_what_is_released(void)
{
    RC_AUTO(struct thing, a) = thing_new('a');
    return a;
}

static void use_what_was_released(void *unused)
{
    (void)unused;
    struct thing *dead = return_what_is_released();
    fprintf(stderr, "released: %s\n", trace);
    rc_retain(dead);
    _exit(1);
}

START_TEST(returning_the_raw_value_returns_what_is_already_released)
{
    CHILD_ASSERT_DIES(use_what_was_released, NULL, "released: a");
#if CHILD_HAS_ASAN
    CHILD_ASSERT_DIES(use_what_was_released, NULL,
                      child_frees_at_once() ? "heap-use-after-free"
                                            : "is dead: there is no reference to it any more");
#endif
}
END_TEST

/* ---- RC_SCOPED, RC_WITH ---------------------------------------------------------------------- */

static char look_at_letter(const char *variable)
{
    ck_assert_int_eq(*variable, '-');
    return 'x';
}

START_TEST(scoped_is_empty_while_its_right_side_is_evaluated)
{
    {
        RC_SCOPED(letter, x) = look_at_letter(&x);
        ck_assert_int_eq(x, 'x');
    }
    ck_assert_trace("x");
}
END_TEST

START_TEST(scoped_releases_nothing_that_is_empty)
{
    {
        RC_SCOPED(letter, none) = '-';
        RC_SCOPED(memory, bytes) = malloc(1);
        ck_assert_int_eq(none, '-');
        ck_assert_ptr_nonnull(bytes);
    }
    ck_assert_trace("");
}
END_TEST

static int leave_scoped(int how)
{
    for (int i = 0; i < 2; i++) {
        RC_SCOPED(letter, a) = 'a';
        RC_SCOPED(letter, b) = 'b';
        if (how == 0) return 1;
        if (how == 1) break;
        if (how == 2) continue;
        if (how == 3) goto out;
    }
out:
    note('.');
    return 0;
}

START_TEST(scoped_releases_on_return_break_continue_goto_and_end)
{
    const char *expected[] = {"ba", "ba.", "baba.", "ba.", "baba."};
    for (int how = 0; how < 5; how++) {
        leave_scoped(how);
        ck_assert_trace(expected[how]);
    }
}
END_TEST

START_TEST(steal_empties_a_scoped_variable)
{
    char kept;
    {
        RC_SCOPED(letter, a) = 'a';
        kept = RC_STEAL(letter, a);
        ck_assert_int_eq(a, '-');
    }
    ck_assert_int_eq(kept, 'a');
    ck_assert_trace("");
}
END_TEST

START_TEST(reset_releases_once_and_the_variable_can_be_filled_again)
{
    {
        RC_SCOPED(letter, a) = 'a';
        RC_RESET(letter, a);
        ck_assert_trace("a");
        RC_RESET(letter, a);
        ck_assert_int_eq(a, '-');
        a = 'b';
    }
    ck_assert_trace("b");
}
END_TEST

START_TEST(with_runs_its_block_once_and_releases_after_it)
{
    int runs = 0;
    RC_WITH(letter, a, (note('0'), 'a'))
    {
        runs++;
        ck_assert_int_eq(a, 'a');
        RC_WITH(letter, b, 'b') note('1');
    }
    ck_assert_int_eq(runs, 1);
    ck_assert_trace("01ba");
    RC_WITH(letter, none, '-') runs++;
    ck_assert_int_eq(runs, 2);
    ck_assert_trace("");
}
END_TEST

START_TEST(break_and_continue_leave_the_with_block_alone)
{
    int rounds = 0;
    for (; rounds < 2; rounds++) {
        RC_WITH(letter, a, 'a')
        {
            if (rounds == 0) break;
            continue;
        }
        note('.');
    }
    ck_assert_int_eq(rounds, 2);
    ck_assert_trace("a.a.");
}
END_TEST

static int return_from_with(void)
{
    RC_WITH(letter, a, 'a') return a;
    return 0;
}

START_TEST(return_from_a_with_block_releases)
{
    ck_assert_int_eq(return_from_with(), 'a');
    ck_assert_trace("a");
}
END_TEST

HARNESS_MAIN("rc/scope", auto_releases_at_the_end_of_the_block_last_first,
             auto_releases_on_return_from_each_frame, auto_releases_on_break_and_continue,
             auto_releases_on_goto_out_of_two_blocks_and_backwards,
             auto_is_null_while_its_right_side_is_evaluated,
             auto_may_stay_null_and_may_point_to_const, auto_holds_a_weak_reference_too,
             steal_hands_the_reference_to_the_caller,
             returning_the_raw_value_returns_what_is_already_released,
             scoped_is_empty_while_its_right_side_is_evaluated,
             scoped_releases_nothing_that_is_empty,
             scoped_releases_on_return_break_continue_goto_and_end, steal_empties_a_scoped_variable,
             reset_releases_once_and_the_variable_can_be_filled_again,
             with_runs_its_block_once_and_releases_after_it,
             break_and_continue_leave_the_with_block_alone, return_from_a_with_block_releases)
