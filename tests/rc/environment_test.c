/* SPDX-License-Identifier: MIT */
/* What is forced on, in a list with gaps in it, and what stays off where a tool watches. */
#include "rc/environment.h"

#include "buffer/buffer.h"
#include "rc/magazine.h"
#include "rc/memory.h"
#include "tests/child.h"
#include "tests/harness.h"

HARNESS_EARLY
{
    setenv("RCBUF_FORCE", "bia,,biased,pages", 1);
    (void)rc__checked_run();
    setenv("RCBUF_FORCE", "magazines,bias", 1);
}

START_TEST(a_word_of_the_list_is_forced_and_its_beginning_is_not)
{
    ck_assert(rc__forced("pages"));
    ck_assert(!rc__forced("bias"));
    ck_assert(!rc__forced("magazines"));
}
END_TEST

START_TEST(nothing_idles_where_a_tool_watches)
{
    ck_assert(rc__checked_run() || !CHILD_HAS_ASAN);
    ck_assert(rc__magazines_are_on() == !rc__checked_run());
    for (int i = 0; i < 3; i++) rc_release(rc_buffer_new(64));
    struct rc_memory_statistics now;
    rc_memory_statistics_read(&now);
    ck_assert((now.idle_bytes == 0) == rc__checked_run());
    ck_assert((now.recycled == 0) == rc__checked_run());
    rc_memory_trim();
    rc_memory_statistics_read(&now);
    ck_assert_uint_eq(now.idle_bytes, 0);
}
END_TEST

HARNESS_MAIN("rc/environment", a_word_of_the_list_is_forced_and_its_beginning_is_not,
             nothing_idles_where_a_tool_watches)
