/* SPDX-License-Identifier: MIT */
#include "rc/try.h"

#include <errno.h>
#include <pthread.h>

#include "tests/rc/trace.h"

/* Ten frames, each of which holds something. */
static void raise_below(int frames)
{
    RC_SCOPED(letter, l) = (char)('0' + frames);
    RC_AUTO(struct thing, t) = thing_new('t');
    if (frames == 0) rc_raise(RC_RANGE, "frame %d of %s", frames, "ten");
    if (frames > 0) raise_below(frames - 1);
    note('!');
}

START_TEST(a_body_without_a_raise_skips_the_handler)
{
    RC_TRY () {
        note('b');
    } RC_EXCEPT (e) {
        note('h');
    } RC_END
    ck_assert_trace("b");
}
END_TEST

START_TEST(a_raise_ends_the_body_and_tells_status_message_and_place)
{
    int line = 0;
    RC_TRY (line) {
        line = __LINE__ + 1;
        rc_raise(RC_NO_MEMORY, "no room for %zu doubles", (size_t)7);
    } RC_EXCEPT (e) {
        ck_assert_int_eq(e->status, RC_NO_MEMORY);
        ck_assert_str_eq(e->message, "no room for 7 doubles");
        ck_assert_str_eq(e->file, __FILE__);
        ck_assert_int_eq(e->line, line);
        note('h');
    } RC_END
    ck_assert_trace("h");
}
END_TEST

START_TEST(a_raise_across_ten_frames_gives_back_what_each_holds)
{
    size_t open = rc_scope_open_count;
    RC_TRY () {
        raise_below(9);
    } RC_EXCEPT (e) {
        ck_assert_str_eq(e->message, "frame 0 of ten");
        note('h');
    } RC_END
    ck_assert_trace("t0t1t2t3t4t5t6t7t8t9h");
    ck_assert_uint_eq(rc_scope_open_count, open);
}
END_TEST

START_TEST(a_raise_gives_back_what_the_body_itself_holds)
{
    RC_TRY () {
        RC_SCOPED(letter, a) = 'a';
        {
            RC_SCOPED(letter, b) = 'b';
            rc_raise(RC_BUSY, "%c%c", a, b);
        }
    } RC_EXCEPT (e) {
        note('h');
        ck_assert_str_eq(e->message, "ab");
    } RC_END
    ck_assert_trace("bah");
}
END_TEST

/* A way out of a body: 0 end, 1 return, 2 break, 3 continue, 4 goto. */
static int leave_body(int how)
{
    int rounds = 0;
    for (; rounds < 2; rounds++) {
        RC_TRY () {
            RC_SCOPED(letter, a) = 'a';
            if (how == 1) return 100;
            if (how == 2) break;
            if (how == 3) continue;
            if (how == 4) goto out;
        } RC_EXCEPT (e) {
            note('h');
        } RC_END
        note('.');
    }
out:
    return rounds;
}

START_TEST(return_break_continue_and_goto_leave_a_body_as_always)
{
    const int rounds[] = {2, 100, 0, 2, 0};
    const char *traces[] = {"a.a.", "a", "a", "aa", "a"};
    for (int how = 0; how < 5; how++) {
        RC_TRY () {
            ck_assert_int_eq(leave_body(how), rounds[how]);
            rc_raise(RC_BUSY, "for the outer one");
        } RC_EXCEPT (e) {
            note('o');
        } RC_END
        char expected[16];
        snprintf(expected, sizeof expected, "%so", traces[how]);
        ck_assert_trace(expected);
    }
}
END_TEST

static int leave_handler(int how)
{
    int rounds = 0;
    for (; rounds < 2; rounds++) {
        RC_TRY () {
            rc_raise(RC_BUSY, "%d", how);
        } RC_EXCEPT (e) {
            RC_SCOPED(letter, a) = 'a';
            if (how == 1) return e->status;
            if (how == 2) break;
            if (how == 3) continue;
            if (how == 4) goto out;
        } RC_END
        note('.');
    }
out:
    return rounds;
}

START_TEST(return_break_continue_and_goto_leave_a_handler_as_always)
{
    const int rounds[] = {2, RC_BUSY, 0, 2, 0};
    const char *traces[] = {"a.a.", "a", "a", "aa", "a"};
    for (int how = 0; how < 5; how++) {
        ck_assert_int_eq(leave_handler(how), rounds[how]);
        ck_assert_trace(traces[how]);
    }
}
END_TEST

START_TEST(listed_locals_have_the_value_that_they_had_at_the_raise)
{
    int a = 0, b = 0;
    double c = 0;
    struct thing d = {'-'};
    RC_TRY (a, b, c, d) {
        a = 1;
        for (b = 0; b < 5; b++) c += b;
        d.letter = 'd';
        if (a == 1) rc_raise(RC_BUSY, "now");
        a = 2;
    } RC_EXCEPT (e) {
        ck_assert_int_eq(a, 1);
        ck_assert_int_eq(b, 5);
        ck_assert(c == 10);
        ck_assert_int_eq(d.letter, 'd');
    } RC_END
    ck_assert_int_eq(a + b, 6);
}
END_TEST

START_TEST(sixteen_locals_can_be_listed)
{
    int a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
    int i = 0, j = 0, k = 0, l = 0, m = 0, n = 0, o = 0, p = 0;
    RC_TRY (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) {
        a = b = c = d = e = f = g = h = 1;
        i = j = k = l = m = n = o = p = 2;
        raise_below(0);
    } RC_EXCEPT (x) {
        ck_assert_int_eq(a + b + c + d + e + f + g + h, 8);
        ck_assert_int_eq(i + j + k + l + m + n + o + p, 16);
    } RC_END
    ck_assert_trace("t0");
}
END_TEST

START_TEST(a_raise_goes_to_the_innermost_try)
{
    RC_TRY () {
        RC_TRY () {
            rc_raise(RC_BUSY, "inner");
        } RC_EXCEPT (e) {
            note('i');
        } RC_END
        rc_raise(RC_RANGE, "outer");
    } RC_EXCEPT (e) {
        ck_assert_int_eq(e->status, RC_RANGE);
        note('o');
    } RC_END
    ck_assert_trace("io");
}
END_TEST

START_TEST(a_raise_in_a_handler_goes_further_out)
{
    RC_TRY () {
        RC_TRY () {
            rc_raise(RC_BUSY, "first");
        } RC_EXCEPT (e) {
            RC_SCOPED(letter, a) = 'a';
            rc_raise(RC_FORMAT, "second after %s", e->message);
        } RC_END
    } RC_EXCEPT (e) {
        ck_assert_int_eq(e->status, RC_FORMAT);
        ck_assert_str_eq(e->message, "second after first");
    } RC_END
    ck_assert_trace("a");
}
END_TEST

START_TEST(reraise_keeps_message_and_place)
{
    int line = 0;
    RC_TRY (line) {
        RC_TRY (line) {
            line = __LINE__ + 1;
            rc_raise(RC_BUSY, "kept %d", 1);
        } RC_EXCEPT (e) {
            rc_reraise(e);
        } RC_END
    } RC_EXCEPT (e) {
        ck_assert_int_eq(e->status, RC_BUSY);
        ck_assert_str_eq(e->message, "kept 1");
        ck_assert_int_eq(e->line, line);
        note('h');
    } RC_END
    ck_assert_trace("h");
}
END_TEST

START_TEST(an_exception_outlives_tries_inside_its_handler)
{
    RC_TRY () {
        rc_raise(RC_BUSY, "first");
    } RC_EXCEPT (first) {
        RC_TRY () {
            rc_raise(RC_RANGE, "second");
        } RC_EXCEPT (second) {
            ck_assert_str_eq(first->message, "first");
            ck_assert_str_eq(second->message, "second");
        } RC_END
        ck_assert_int_eq(first->status, RC_BUSY);
        ck_assert_str_eq(first->message, "first");
    } RC_END
}
END_TEST

START_TEST(a_loop_of_raises_comes_back_each_time)
{
    unsigned caught = 0, i;
    for (i = 0; i < 1000; i++) {
        RC_TRY (caught) {
            if (i % 2) raise_below(1);
            else rc_raise(RC_BUSY, "%u", i);
        } RC_EXCEPT (e) {
            caught++;
            trace[0] = '\0';
        } RC_END
    }
    ck_assert_uint_eq(caught, 1000);
}
END_TEST

START_TEST(a_long_message_is_cut)
{
    RC_TRY () {
        rc_raise(RC_BUSY, "%0*d", 2 * RC_ERROR_MESSAGE_SIZE, 7);
    } RC_EXCEPT (e) {
        ck_assert_uint_eq(strlen(e->message), RC_ERROR_MESSAGE_SIZE - 1);
    } RC_END
}
END_TEST

START_TEST(a_raise_leaves_errno_and_the_last_error_alone)
{
    rc_error_set(RC_BUSY, "an earlier error");
    RC_TRY () {
        errno = 77;
        raise_below(3);
    } RC_EXCEPT (e) {
        ck_assert_int_eq(errno, 77);
        ck_assert_int_eq(rc_error_status(), RC_BUSY);
        ck_assert_str_eq(rc_error_message(), "an earlier error");
    } RC_END
    ck_assert_trace("t0t1t2t3");
}
END_TEST

/* ---- checks ---------------------------------------------------------------------------------- */

START_TEST(check_gives_a_pointer_that_is_one_with_its_type)
{
    char text[] = "text";
    const char *same = RC_CHECK(text, RC_INVALID);
    ck_assert_ptr_eq(same, text);
    ck_assert_int_eq(RC_CHECK(&text[1], RC_INVALID)[1], 'x');
    RC_AUTO(struct thing, t) = RC_CHECK(RC_CHECK(thing_new('t'), RC_BUSY), RC_NO_MEMORY);
    ck_assert_int_eq(t->letter, 't');
}
END_TEST

START_TEST(check_raises_the_system_s_text_for_a_failed_system_call)
{
    RC_TRY () {
        RC_AUTO(struct thing, t) = thing_new('t');
        FILE *none = RC_CHECK(fopen("/no/such/file", "rb"), RC_SYSTEM);
        fclose(none);
    } RC_EXCEPT (e) {
        ck_assert_int_eq(e->status, RC_SYSTEM);
        ck_assert_ptr_nonnull(strstr(e->message, "fopen(\"/no/such/file\", \"rb\")"));
        ck_assert_ptr_nonnull(strstr(e->message, strerror(ENOENT)));
        ck_assert_int_eq(errno, ENOENT);
    } RC_END
    ck_assert_trace("t");
}
END_TEST

static void *fail_with(enum rc_status status)
{
    rc_error_set(status, "the library's sentence");
    return NULL;
}

START_TEST(check_raises_the_library_s_sentence_where_the_status_agrees)
{
    for (int agrees = 0; agrees < 2; agrees++) {
        RC_TRY () {
            RC_CHECK(fail_with(RC_RANGE), agrees ? RC_RANGE : RC_NO_MEMORY);
        } RC_EXCEPT (e) {
            ck_assert_str_eq(e->message, agrees ? "fail_with(RC_RANGE): the library's sentence"
                                                : "fail_with(RC_RANGE): out of memory");
        } RC_END
    }
}
END_TEST

START_TEST(check_status_raises_what_is_not_ok_with_the_last_message)
{
    int passed = 0;
    RC_TRY (passed) {
        RC_CHECK_STATUS(RC_OK);
        passed++;
        RC_CHECK_STATUS(rc_error_set(RC_READ_ONLY, "the last message"));
        passed++;
    } RC_EXCEPT (e) {
        ck_assert_int_eq(e->status, RC_READ_ONLY);
        ck_assert_str_eq(e->message, "the last message");
    } RC_END
    ck_assert_int_eq(passed, 1);
}
END_TEST

START_TEST(check_status_says_the_call_where_there_is_no_message)
{
    rc_error_clear();
    RC_TRY () {
        RC_CHECK_STATUS((enum rc_status)RC_BUSY);
    } RC_EXCEPT (e) {
        ck_assert_ptr_nonnull(strstr(e->message, "(enum rc_status)RC_BUSY: "));
        ck_assert_ptr_nonnull(strstr(e->message, rc_status_text(RC_BUSY)));
    } RC_END
}
END_TEST

START_TEST(check_that_raises_the_condition_that_does_not_hold)
{
    int n = 3;
    RC_TRY () {
        RC_CHECK_THAT(n > 2, RC_RANGE);
        note('.');
        RC_CHECK_THAT(n > 3, RC_RANGE);
    } RC_EXCEPT (e) {
        ck_assert_int_eq(e->status, RC_RANGE);
        ck_assert_ptr_nonnull(strstr(e->message, "n > 3"));
    } RC_END
    ck_assert_trace(".");
}
END_TEST

HARNESS_MAIN("rc/try", a_body_without_a_raise_skips_the_handler, a_raise_ends_the_body_and_tells_status_message_and_place, a_raise_across_ten_frames_gives_back_what_each_holds, a_raise_gives_back_what_the_body_itself_holds, return_break_continue_and_goto_leave_a_body_as_always, return_break_continue_and_goto_leave_a_handler_as_always, listed_locals_have_the_value_that_they_had_at_the_raise, sixteen_locals_can_be_listed, a_raise_goes_to_the_innermost_try, a_raise_in_a_handler_goes_further_out, reraise_keeps_message_and_place, an_exception_outlives_tries_inside_its_handler, a_loop_of_raises_comes_back_each_time, a_long_message_is_cut, a_raise_leaves_errno_and_the_last_error_alone, check_gives_a_pointer_that_is_one_with_its_type, check_raises_the_system_s_text_for_a_failed_system_call, check_raises_the_library_s_sentence_where_the_status_agrees, check_status_raises_what_is_not_ok_with_the_last_message, check_status_says_the_call_where_there_is_no_message, check_that_raises_the_condition_that_does_not_hold)
