/* SPDX-License-Identifier: MIT */
#include "buffer/map.h"

#include <errno.h>
#include <sys/mman.h>

#include "support.h"

START_TEST(flushing_and_advising_work_on_maps_and_on_slices_that_begin_inside_a_page)
{
    rc_buffer *map = rc_map_memory(NULL, 100000);
    rc_buffer *slice = rc_buffer_slice(map, 5001, 60000);
    support_fill(map, 3, 0);
    for (enum rc_map_advice advice = RC_MAP_NORMAL; advice <= RC_MAP_DONT_NEED; advice++) {
        ASSERT_OK(rc_map_advise(map, advice));
        ASSERT_OK(rc_map_advise(slice, advice));
    }
    ASSERT_OK(rc_map_flush(slice));
    ASSERT_OK(rc_map_flush(map));
    support_assert_filled(map, 3, 100000);
    rc_release(slice);
    rc_release(map);
}
END_TEST

START_TEST(an_empty_slice_has_no_pages_to_flush_or_advise_on)
{
    rc_buffer *map = rc_map_memory(NULL, 100);
    rc_buffer *empty = rc_buffer_slice(map, 50, 0);
    ASSERT_OK(rc_map_flush(empty));
    ASSERT_OK(rc_map_advise(empty, RC_MAP_RANDOM));
    ASSERT_REFUSED(rc_map_advise(empty, (enum rc_map_advice)5), RC_INVALID, "no advice 5");
    rc_release(empty);
    rc_release(map);
}
END_TEST

START_TEST(what_a_private_map_wrote_is_not_given_away_by_advice)
{
    char path[SUPPORT_PATH];
    int descriptor = support_file(path, 100, 1);
    rc_buffer *map = rc_map_file(path, RC_MAP_PRIVATE);
    unlink(path);
    close(descriptor);
    support_fill(map, 2, 0);
    ASSERT_REFUSED(rc_map_advise(map, RC_MAP_DONT_NEED), RC_UNSUPPORTED,
                   "a private map of 100 bytes would lose what was written");
    ASSERT_OK(rc_map_advise(map, RC_MAP_SEQUENTIAL));
    support_assert_filled(map, 2, 100);
    rc_release(map);
}
END_TEST

START_TEST(what_is_not_mapped_is_refused_by_kind)
{
    rc_buffer *buffer = rc_buffer_new(100), *slice = rc_buffer_slice(buffer, 0, 10);
    ASSERT_REFUSED(rc_map_flush(buffer), RC_UNSUPPORTED,
                   "rc_map_flush: a buffer of 100 bytes is not mapped");
    ASSERT_REFUSED(rc_map_flush(slice), RC_UNSUPPORTED, "a buffer of 100 bytes is not mapped");
    ASSERT_REFUSED(rc_map_advise(buffer, RC_MAP_NORMAL), RC_UNSUPPORTED, "is not mapped");
    ASSERT_REFUSED(rc_map_flush(NULL), RC_INVALID, "rc_map_flush: the buffer is NULL");
    ASSERT_REFUSED(rc_map_advise(NULL, RC_MAP_NORMAL), RC_INVALID, "the buffer is NULL");
    rc_release(slice);
    rc_release(buffer);
}
END_TEST

START_TEST(what_the_system_refuses_is_told_with_its_figures)
{
    rc_buffer *map = rc_map_memory(NULL, 4096);
    ck_assert_int_eq(munmap(rc_buffer_edit(map), 4096), 0); /* behind the library's back */
    ASSERT_REFUSED(rc_map_flush(map), RC_SYSTEM, "rc_map_flush: cannot write back 4096 bytes");
    ck_assert_int_eq(errno, ENOMEM);
    ASSERT_REFUSED(rc_map_advise(map, RC_MAP_RANDOM), RC_SYSTEM,
                   "rc_map_advise: cannot advise on 4096 bytes of pages: ");
    rc_release(map);
}
END_TEST

START_TEST(an_advice_that_there_is_not_is_refused)
{
    rc_buffer *map = rc_map_memory(NULL, 100);
    ASSERT_REFUSED(rc_map_advise(map, (enum rc_map_advice)77), RC_INVALID,
                   "rc_map_advise: there is no advice 77");
    ASSERT_REFUSED(rc_map_advise(map, (enum rc_map_advice) - 1), RC_INVALID, "no advice -1");
    rc_release(map);
}
END_TEST

HARNESS_MAIN("buffer/map_pages",
             flushing_and_advising_work_on_maps_and_on_slices_that_begin_inside_a_page,
             an_empty_slice_has_no_pages_to_flush_or_advise_on,
             what_a_private_map_wrote_is_not_given_away_by_advice,
             what_is_not_mapped_is_refused_by_kind,
             what_the_system_refuses_is_told_with_its_figures,
             an_advice_that_there_is_not_is_refused)
