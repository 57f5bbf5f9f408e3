/* SPDX-License-Identifier: MIT */
/* Files that are larger than the memory of a machine whose sizes have 32 bits can be. They are holes
 * but for their last bytes. */
#define _FILE_OFFSET_BITS 64

#include "buffer/map.h"

#include "tests/buffer/support.h"

#define GIB ((uint64_t)1 << 30)

/* A file of that many bytes, which end in "the end"; its path goes to @p path. */
static int wide_file(char path[SUPPORT_PATH], uint64_t size)
{
    int descriptor = support_file(path, 0, 0);
    ck_assert_int_eq(pwrite(descriptor, "the end", 7, (off_t)(size - 7)), 7);
    return descriptor;
}

START_TEST(the_end_of_a_file_of_5_gib_can_be_mapped)
{
    char path[SUPPORT_PATH];
    int descriptor = wide_file(path, 5 * GIB);
    rc_buffer *map = rc_map_descriptor(descriptor, 5 * GIB - 7, 7, RC_MAP_READ);
    ck_assert_ptr_nonnull(map);
    ck_assert_mem_eq(map->data, "the end", 7);
    rc_release(map);
    ASSERT_NULL(rc_map_descriptor(descriptor, 5 * GIB - 7, 8, RC_MAP_READ), RC_RANGE,
                "8 bytes at 5368709113 pass the end of a file of 5368709120 bytes");
    close(descriptor);
    unlink(path);
}
END_TEST

START_TEST(a_file_of_5_gib_is_mapped_or_refused_with_its_size)
{
    char path[SUPPORT_PATH];
    close(wide_file(path, 5 * GIB));
    rc_error_clear();
    rc_buffer *map = rc_map_file(path, RC_MAP_READ);
    if (SIZE_MAX < 5 * GIB) {
        ck_assert_ptr_null(map);
        ASSERT_LAST_ERROR(RC_OVERFLOW, "has 5368709120 bytes, which memory cannot have");
    } else {
        ck_assert_ptr_nonnull(map);
        ck_assert_uint_eq(map->size, 5 * GIB);
        ck_assert_mem_eq(map->data + map->size - 7, "the end", 7);
        rc_release(map);
    }
    unlink(path);
}
END_TEST

START_TEST(what_is_written_beyond_4_gib_reaches_the_file)
{
    char path[SUPPORT_PATH], found[8] = "";
    int descriptor = wide_file(path, 5 * GIB);
    rc_buffer *map = rc_map_descriptor(descriptor, 5 * GIB - 7, 7, RC_MAP_SHARED);
    ck_assert_ptr_nonnull(map);
    memcpy(rc_buffer_edit(map), "written", 7);
    ASSERT_OK(rc_map_flush(map));
    rc_release(map);
    ck_assert_int_eq(pread(descriptor, found, 7, (off_t)(5 * GIB - 7)), 7);
    ck_assert_str_eq(found, "written");
    close(descriptor);
    unlink(path);
}
END_TEST

HARNESS_MAIN("foreign/wide", the_end_of_a_file_of_5_gib_can_be_mapped,
             a_file_of_5_gib_is_mapped_or_refused_with_its_size,
             what_is_written_beyond_4_gib_reaches_the_file)
