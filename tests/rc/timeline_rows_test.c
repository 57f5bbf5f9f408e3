/* SPDX-License-Identifier: MIT */
/* The rows alone, with times and figures of the tests' own. */
#include "rc/timeline_rows.h"

#include "tests/harness.h"

static struct rc__timeline_rows rows;
static size_t most; /* of all samples */

static struct rc__timeline_row sample(uint64_t time, size_t live, size_t peak)
{
    if (peak > most) most = peak;
    return (struct rc__timeline_row){.time = time, .live_bytes = live, .peak_bytes = peak};
}

static void add(uint64_t time, size_t live, size_t peak)
{
    struct rc__timeline_row row = sample(time, live, peak);
    rc__timeline_rows_add(&rows, &row);
}

static void mark(uint64_t time, const char *words)
{
    struct rc__timeline_row row = sample(time, 1, 1);
    rc__timeline_rows_mark(&rows, &row, words);
}

static size_t most_of_rows(void)
{
    size_t peak = 0;
    for (unsigned i = 0; i < rows.count; i++)
        if (rows.rows[i].peak_bytes > peak) peak = rows.rows[i].peak_bytes;
    return peak;
}

/* What rc/timeline_rows.h promises of any rows, the first of which was at 0. */
static void assert_rows(const struct rc__timeline_row *last)
{
    ck_assert_uint_ge(rows.count, 1);
    ck_assert_uint_le(rows.count, RC_TIMELINE_ROWS);
    ck_assert_uint_eq(rows.rows[0].time, 0);
    ck_assert_uint_eq(most_of_rows(), most);
    ck_assert_uint_eq(rows.rows[rows.count - 1].time, last->time);
    ck_assert_uint_eq(rows.rows[rows.count - 1].live_bytes, last->live_bytes);
    unsigned marks = 0;
    for (unsigned i = 1; i < rows.count; i++) {
        const struct rc__timeline_row *row = &rows.rows[i];
        ck_assert_uint_ge(row->time, row[-1].time);
        if (row->mark) ck_assert_uint_eq(row->mark, ++marks);
    }
    ck_assert_uint_eq(marks, rows.marks);
}

START_TEST(every_sample_is_a_row_until_they_are_full)
{
    rc__timeline_rows_clear(&rows);
    for (unsigned i = 0; i < RC_TIMELINE_ROWS; i++) add(i, i, i);
    ck_assert_uint_eq(rows.count, RC_TIMELINE_ROWS);
    for (unsigned i = 0; i < RC_TIMELINE_ROWS; i++) ck_assert_uint_eq(rows.rows[i].live_bytes, i);
    add(RC_TIMELINE_ROWS, 7, 9);
    ck_assert_uint_gt(rows.count, RC_TIMELINE_ROWS / 4);
    ck_assert_uint_le(rows.count, RC_TIMELINE_ROWS / 2 + 2);
    assert_rows(&(struct rc__timeline_row){.time = RC_TIMELINE_ROWS, .live_bytes = 7});
}
END_TEST

START_TEST(a_peak_is_kept_wherever_it_was)
{
    for (unsigned at = 0; at < RC_TIMELINE_ROWS + 600; at += 97) {
        rc__timeline_rows_clear(&rows);
        most = 0;
        for (unsigned i = 0; i < RC_TIMELINE_ROWS + 600; i++) add(i * 1000, 5, i == at ? 77 : 5);
        ck_assert_uint_eq(most, 77);
        assert_rows(
            &(struct rc__timeline_row){.time = (RC_TIMELINE_ROWS + 599) * 1000, .live_bytes = 5});
    }
}
END_TEST

START_TEST(rows_at_one_moment_do_not_overflow)
{
    rc__timeline_rows_clear(&rows);
    for (unsigned i = 0; i < 10 * RC_TIMELINE_ROWS; i++) add(0, i, i);
    assert_rows(&(struct rc__timeline_row){.time = 0, .live_bytes = 10 * RC_TIMELINE_ROWS - 1});
}
END_TEST

START_TEST(what_stands_still_is_told_with_where_it_began)
{
    rc__timeline_rows_clear(&rows);
    for (unsigned i = 0; i <= RC_TIMELINE_ROWS; i++) add(i * 1000, 1, 1);
    uint64_t period = rows.period, begin = (RC_TIMELINE_ROWS + 1) * 1000;
    ck_assert_uint_gt(period, 1000);
    for (unsigned i = 0; i < 9; i++) add(begin + i * period / 100, 100 + i, 100 + i); /* grows */
    uint64_t end = begin + 1000 * period;
    add(end, 50, 108); /* nothing for long, then this */
    ck_assert_uint_eq(rows.rows[rows.count - 1].time, end);
    ck_assert_uint_eq(rows.rows[rows.count - 2].time, begin + 8 * period / 100);
    ck_assert_uint_eq(rows.rows[rows.count - 2].live_bytes, 108);
}
END_TEST

START_TEST(marks_stay_and_so_does_the_first_row)
{
    rc__timeline_rows_clear(&rows);
    char words[16];
    uint64_t time = 0;
    for (unsigned i = 0; i < RC_TIMELINE_MARKS; i++) {
        for (unsigned k = 0; k < 100; k++) add(time++, k, k);
        snprintf(words, sizeof words, "mark %u", i);
        mark(time++, words);
    }
    for (unsigned k = 0; k < 10000; k++) add(time++, k, k);
    assert_rows(&(struct rc__timeline_row){.time = time - 1, .live_bytes = 9999});
    ck_assert_uint_eq(rows.marks, RC_TIMELINE_MARKS);
    for (unsigned i = 0; i < rows.count; i++) {
        unsigned number = rows.rows[i].mark;
        if (!number) continue;
        snprintf(words, sizeof words, "mark %u", number - 1);
        ck_assert_str_eq(rows.words[number - 1], words);
        ck_assert_uint_eq(rows.rows[i].time, number * 101 - 1);
    }
}
END_TEST

static uint64_t random_state = 1;

static unsigned random_below(unsigned limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % limit;
}

/* Bursts, pauses, marks: a million samples in all. */
START_TEST(any_rhythm_keeps_the_promises)
{
    for (unsigned run = 0; run < 20; run++) {
        rc__timeline_rows_clear(&rows);
        most = 0;
        uint64_t time = 0;
        struct rc__timeline_row last = {.time = 0};
        add(0, 0, 0);
        for (unsigned i = 0; i < 50000; i++) {
            unsigned pace = random_below(100) ? random_below(20) : random_below(1000000);
            time += pace;
            last.time = time;
            last.live_bytes = random_below(1000);
            if (rows.marks < RC_TIMELINE_MARKS && random_below(150) == 0) {
                mark(time, "here");
                last.live_bytes = 1;
            } else {
                add(time, last.live_bytes, last.live_bytes + random_below(10 + i));
            }
            if (i % 500 == 0) assert_rows(&last);
        }
        assert_rows(&last);
        ck_assert_uint_gt(rows.count, 100);
    }
}
END_TEST

START_TEST(words_are_cut_between_characters_and_stay_in_their_line)
{
    rc__timeline_rows_clear(&rows);
    mark(0, "two\nlines\tand a bell\a \x7f");
    ck_assert_str_eq(rows.words[0], "two lines and a bell   ");
    mark(1, "12345678901234567890123456789012345678901234567");
    ck_assert_uint_eq(strlen(rows.words[1]), RC_TIMELINE_MARK_SIZE - 1);
    mark(2, "1234567890123456789012345678901234567890123456789");
    ck_assert_str_eq(rows.words[2], rows.words[1]);
    mark(3, "123456789012345678901234567890123456789012345\xe2\x82\xac");
    ck_assert_str_eq(rows.words[3], "123456789012345678901234567890123456789012345");
    char bytes[60];
    memset(bytes, 0x80, sizeof bytes); /* no UTF-8 at all */
    bytes[59] = '\0';
    mark(4, bytes);
    ck_assert_uint_eq(strlen(rows.words[4]), RC_TIMELINE_MARK_SIZE - 1);
    mark(5, "");
    ck_assert_str_eq(rows.words[5], "");
}
END_TEST

HARNESS_MAIN("rc/timeline_rows", every_sample_is_a_row_until_they_are_full,
             a_peak_is_kept_wherever_it_was, rows_at_one_moment_do_not_overflow,
             what_stands_still_is_told_with_where_it_began, marks_stay_and_so_does_the_first_row,
             any_rhythm_keeps_the_promises, words_are_cut_between_characters_and_stay_in_their_line)
