/* SPDX-License-Identifier: MIT */
#include "rc/count.h"

#include "tests/harness.h"

#define LAST_COUNTED INT32_C(0x7ffffffc) /* 2^29 references */

START_TEST(a_fresh_word_counts_one_reference)
{
    int32_t word = 0;
    ck_assert_uint_eq(rc__count_read(&word), 1);
    ck_assert(rc__count_is_one(&word));
}
END_TEST

START_TEST(up_and_down_are_inverse_in_both_forms)
{
    int32_t word = 0;
    ck_assert(rc__count_up(&word));
    ck_assert(rc__count_up_plain(&word));
    ck_assert_uint_eq(rc__count_read(&word), 3);
    ck_assert(!rc__count_is_one(&word));
    ck_assert(rc__count_down(&word));
    ck_assert(rc__count_down_plain(&word));
    ck_assert_int_eq(word, 0);
}
END_TEST

START_TEST(the_last_release_says_false_and_the_count_is_gone)
{
    int32_t word = 0;
    ck_assert(!rc__count_down(&word));
    ck_assert_int_eq(word, -RC__COUNT_ONE);
    ck_assert(rc__count_is_gone(word));
    ck_assert(!rc__count_is_saturated(word));
    ck_assert_uint_eq(rc__count_read(&word), 0);
    ck_assert(!rc__count_is_one(&word));
}
END_TEST

START_TEST(the_plain_last_release_says_false_and_changes_nothing)
{
    int32_t word = 0;
    ck_assert(!rc__count_down_plain(&word));
    ck_assert_int_eq(word, 0);
}
END_TEST

START_TEST(the_flag_bits_survive_counting)
{
    int32_t word = RC__COUNT_MERGED | RC__COUNT_QUEUED;
    ck_assert(rc__count_up(&word));
    ck_assert_uint_eq(rc__count_read(&word), 2);
    ck_assert(rc__count_down(&word));
    ck_assert_int_eq(word, RC__COUNT_MERGED | RC__COUNT_QUEUED);
    ck_assert(rc__count_is_one(&word));
}
END_TEST

START_TEST(reference_two_to_the_29_is_the_last_that_is_counted)
{
    int32_t word = LAST_COUNTED - RC__COUNT_ONE;
    ck_assert(rc__count_up(&word));
    ck_assert_uint_eq(rc__count_read(&word), (size_t)1 << 29);
    ck_assert(!rc__count_up(&word));
    ck_assert(rc__count_is_saturated(word));
    ck_assert_uint_eq(rc__count_read(&word), SIZE_MAX);
}
END_TEST

START_TEST(the_plain_overflow_says_false_and_changes_nothing)
{
    int32_t word = LAST_COUNTED;
    ck_assert(!rc__count_up_plain(&word));
    ck_assert_int_eq(word, LAST_COUNTED);
}
END_TEST

START_TEST(the_ranges_of_gone_and_saturated_meet_without_a_gap)
{
    ck_assert(rc__count_is_gone(-1));
    ck_assert(rc__count_is_gone(RC__COUNT_GONE_FLOOR));
    ck_assert(!rc__count_is_saturated(RC__COUNT_GONE_FLOOR));
    ck_assert(rc__count_is_saturated(RC__COUNT_GONE_FLOOR - 1));
    ck_assert(!rc__count_is_gone(RC__COUNT_GONE_FLOOR - 1));
    ck_assert(rc__count_is_saturated(INT32_MIN));
    ck_assert(!rc__count_is_gone(0));
    ck_assert(!rc__count_is_saturated(0));
}
END_TEST

START_TEST(the_saturated_middle_is_far_from_both_edges)
{
    int64_t up = (int64_t)RC__COUNT_GONE_FLOOR - RC__COUNT_SATURATED;
    int64_t down = (int64_t)RC__COUNT_SATURATED - INT32_MIN;
    ck_assert_int_ge(up, (int64_t)1 << 29);
    ck_assert_int_ge(down, (int64_t)1 << 29);
}
END_TEST

START_TEST(up_unless_gone_counts_what_is_alive)
{
    int32_t word = 0;
    ck_assert(rc__count_up_unless_gone(&word, false));
    ck_assert_uint_eq(rc__count_read(&word), 2);
}
END_TEST

START_TEST(up_unless_gone_leaves_a_gone_count_alone)
{
    int32_t word = -RC__COUNT_ONE;
    ck_assert(!rc__count_up_unless_gone(&word, false));
    ck_assert_int_eq(word, -RC__COUNT_ONE);
    word = RC__COUNT_GONE_FLOOR;
    ck_assert(!rc__count_up_unless_gone(&word, false));
    ck_assert_int_eq(word, RC__COUNT_GONE_FLOOR);
}
END_TEST

START_TEST(up_unless_gone_succeeds_on_a_saturated_count_and_does_not_write)
{
    int32_t word = INT32_MIN + 8;
    ck_assert(rc__count_up_unless_gone(&word, false));
    ck_assert_int_eq(word, INT32_MIN + 8);
}
END_TEST

START_TEST(up_unless_gone_saturates_at_the_edge)
{
    int32_t word = LAST_COUNTED;
    ck_assert(rc__count_up_unless_gone(&word, false));
    ck_assert_int_eq(word, RC__COUNT_SATURATED);
}
END_TEST

HARNESS_MAIN("rc/count", a_fresh_word_counts_one_reference, up_and_down_are_inverse_in_both_forms,
             the_last_release_says_false_and_the_count_is_gone,
             the_plain_last_release_says_false_and_changes_nothing, the_flag_bits_survive_counting,
             reference_two_to_the_29_is_the_last_that_is_counted,
             the_plain_overflow_says_false_and_changes_nothing,
             the_ranges_of_gone_and_saturated_meet_without_a_gap,
             the_saturated_middle_is_far_from_both_edges, up_unless_gone_counts_what_is_alive,
             up_unless_gone_leaves_a_gone_count_alone,
             up_unless_gone_succeeds_on_a_saturated_count_and_does_not_write,
             up_unless_gone_saturates_at_the_edge)
