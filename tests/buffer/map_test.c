/* SPDX-License-Identifier: MIT */
#include "buffer/map.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"
#include "tests/child.h"

/* A file for each test: made, mapped, and gone before the test looks at anything. */
static rc_buffer *map_new_file(size_t size, enum rc_map_mode mode)
{
    char path[SUPPORT_PATH];
    int descriptor = support_file(path, size, 5);
    rc_buffer *map = rc_map_file(path, mode);
    ck_assert_msg(map != NULL, "%s", rc_error_message());
    close(descriptor);
    unlink(path);
    return map;
}

static unsigned char byte_in_file(int descriptor, size_t at)
{
    unsigned char byte;
    ck_assert_int_eq(pread(descriptor, &byte, 1, (off_t)at), 1);
    return byte;
}

static off_t file_size(int descriptor)
{
    struct stat status;
    ck_assert_int_eq(fstat(descriptor, &status), 0);
    return status.st_size;
}

/* ---- files ----------------------------------------------------------------------------------- */

START_TEST(a_mapped_file_has_all_its_bytes_and_outlives_its_descriptor_and_path)
{
    static const size_t sizes[] = {1, 4095, 4096, 4097, 1000000};
    for (size_t i = 0; i < 5; i++) {
        rc_buffer *map = map_new_file(sizes[i], RC_MAP_READ);
        ck_assert_uint_eq(map->size, sizes[i]);
        ck_assert_str_eq(rc_type_of(map)->name, "rc_buffer mapped");
        support_assert_filled(map, 5, sizes[i]);
        rc_release(map);
    }
}
END_TEST

START_TEST(an_empty_file_is_an_empty_buffer_in_every_mode)
{
    for (enum rc_map_mode mode = RC_MAP_READ; mode <= RC_MAP_SHARED; mode++) {
        rc_buffer *map = map_new_file(0, mode);
        ck_assert_uint_eq(map->size, 0);
        ck_assert_ptr_nonnull(map->data);
        ASSERT_OK(rc_map_flush(map));
        ASSERT_OK(rc_map_advise(map, RC_MAP_WILL_NEED));
        rc_release(map);
    }
}
END_TEST

START_TEST(a_map_to_read_cannot_be_written_nor_can_its_slices)
{
    rc_buffer *map = map_new_file(100, RC_MAP_READ);
    ASSERT_NULL(rc_buffer_edit(map), RC_READ_ONLY, "a mapped buffer of 100 bytes is read-only");
    rc_buffer *slice = rc_buffer_slice(map, 10, 10);
    ASSERT_NULL(rc_buffer_edit(slice), RC_READ_ONLY,
                "a slice of a mapped buffer of 100 bytes that is read-only");
    ASSERT_REFUSED(rc_buffer_thaw(map), RC_READ_ONLY, "was made read-only");
    rc_release(slice);
    rc_release(map);
}
END_TEST

static rc_buffer *map_path(int *descriptor, size_t size, enum rc_map_mode mode)
{
    char path[SUPPORT_PATH];
    *descriptor = support_file(path, size, 5);
    rc_buffer *map = rc_map_file(path, mode);
    ck_assert_msg(map != NULL, "%s", rc_error_message());
    unlink(path);
    return map;
}

START_TEST(what_is_written_to_a_private_map_stays_out_of_the_file)
{
    int descriptor;
    rc_buffer *map = map_path(&descriptor, 100, RC_MAP_PRIVATE);
    support_fill(map, 6, 0);
    ASSERT_OK(rc_map_flush(map));
    ck_assert_uint_eq(map->data[50], support_byte(6, 50));
    rc_release(map);
    ck_assert_uint_eq(byte_in_file(descriptor, 50), support_byte(5, 50));
    close(descriptor);
}
END_TEST

START_TEST(what_is_written_to_a_shared_map_is_in_the_file_and_in_other_maps)
{
    int descriptor;
    rc_buffer *map = map_path(&descriptor, 10000, RC_MAP_SHARED);
    rc_buffer *reader = rc_map_descriptor(descriptor, 0, 10000, RC_MAP_READ);
    support_fill(map, 6, 0);
    support_assert_filled(reader, 6, 10000);
    ASSERT_OK(rc_map_flush(map));
    ck_assert_uint_eq(byte_in_file(descriptor, 9999), support_byte(6, 9999));
    ck_assert_int_eq(file_size(descriptor), 10000);
    rc_release(map);
    rc_release(reader);
    close(descriptor);
}
END_TEST

START_TEST(a_slice_keeps_the_map_alive)
{
    rc_buffer *map = map_new_file(100000, RC_MAP_READ);
    rc_buffer *slice = rc_buffer_slice(map, 70000, 100);
    ck_assert_uint_eq(rc_buffer_exports(map), 1);
    rc_release(map);
    ck_assert_uint_eq(slice->data[99], support_byte(5, 70099));
    rc_release(slice);
}
END_TEST

static void release_once_too_often(void *map)
{
    rc_buffer *slice = rc_buffer_slice(map, 0, 10);
    rc_release(map);
    rc_release(map); /* the reference that the slice holds */
    exit(slice->size != 10);
}

START_TEST(a_release_of_a_map_too_many_stops_while_a_slice_lives)
{
    rc_buffer *map = map_new_file(100, RC_MAP_READ);
    CHILD_ASSERT_STOPS(release_once_too_often, map,
                       "was released more often than retained: exports of it still live: 1");
    rc_release(map);
}
END_TEST

START_TEST(a_map_keeps_its_size_and_becomes_a_copy_to_be_unique)
{
    rc_buffer *map = map_new_file(100, RC_MAP_PRIVATE), *before = map;
    ASSERT_OK(rc_buffer_resize(map, 100));
    ASSERT_REFUSED(rc_buffer_resize(map, 101), RC_UNSUPPORTED,
                   "rc_buffer_resize: a mapped buffer of 100 bytes keeps its size");
    ASSERT_REFUSED(rc_buffer_append(map, "x", 1), RC_UNSUPPORTED, "a mapped buffer");
    ASSERT_OK(rc_buffer_make_unique(&map));
    ck_assert_ptr_ne(map, before);
    support_assert_filled(map, 5, 100);
    ASSERT_OK(rc_buffer_resize(map, 200));
    rc_release(map);
}
END_TEST

START_TEST(the_bytes_of_a_map_are_not_in_the_account)
{
    struct rc_account before, after;
    rc_account_read(&before);
    rc_buffer *map = map_new_file(100000, RC_MAP_READ);
    rc_account_read(&after);
    ck_assert_uint_lt(after.live_bytes - before.live_bytes, 100);
    ck_assert_uint_eq(after.live_objects - before.live_objects, 1);
    rc_release(map);
}
END_TEST

/* ---- refusals -------------------------------------------------------------------------------- */

START_TEST(a_missing_file_is_refused_with_path_and_reason_and_errno)
{
    ASSERT_NULL(rc_map_file("there/is/no/such/file", RC_MAP_READ), RC_SYSTEM,
                "rc_map_file: cannot open there/is/no/such/file: No such file");
    ck_assert_int_eq(errno, ENOENT);
    ASSERT_NULL(rc_map_file(NULL, RC_MAP_READ), RC_INVALID, "the path is NULL");
    ASSERT_NULL(rc_map_file(".", (enum rc_map_mode)9), RC_INVALID, "there is no mode 9");
    ASSERT_NULL(rc_map_descriptor(0, 0, 0, (enum rc_map_mode)3), RC_INVALID, "no mode 3");
}
END_TEST

START_TEST(the_reason_is_told_also_where_the_path_is_very_long)
{
    char path[3000];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    ASSERT_NULL(rc_map_file(path, RC_MAP_READ), RC_SYSTEM, ": File name too long");
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused_by_kind_and_without_waiting)
{
    char path[SUPPORT_PATH];
    close(support_file(path, 0, 0));
    unlink(path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ASSERT_NULL(rc_map_file(path, RC_MAP_READ), RC_UNSUPPORTED, "is a FIFO, no regular file");
    ASSERT_NULL(rc_map_file(path, RC_MAP_SHARED), RC_UNSUPPORTED, "is a FIFO");
    unlink(path);
    ASSERT_NULL(rc_map_file(".", RC_MAP_READ), RC_UNSUPPORTED, "rc_map_file: . is a directory");
    ASSERT_NULL(rc_map_file("/dev/null", RC_MAP_READ), RC_UNSUPPORTED, "/dev/null is a device");
}
END_TEST

START_TEST(a_descriptor_that_does_not_write_cannot_be_mapped_shared)
{
    char path[SUPPORT_PATH];
    close(support_file(path, 100, 5));
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    ASSERT_NULL(rc_map_descriptor(descriptor, 0, 100, RC_MAP_SHARED), RC_SYSTEM,
                "cannot map 100 bytes of descriptor");
    ck_assert_int_eq(errno, EACCES);
    rc_buffer *map = rc_map_descriptor(descriptor, 0, 100, RC_MAP_PRIVATE);
    ck_assert_ptr_nonnull(rc_buffer_edit(map));
    rc_release(map);
    close(descriptor);
    unlink(path);
}
END_TEST

START_TEST(a_descriptor_that_is_none_or_no_file_is_refused)
{
    int ends[2];
    ASSERT_NULL(rc_map_descriptor(-1, 0, 1, RC_MAP_READ), RC_SYSTEM,
                "cannot ask the size of descriptor -1: Bad file descriptor");
    ck_assert_int_eq(errno, EBADF);
    ck_assert_int_eq(pipe(ends), 0);
    ASSERT_NULL(rc_map_descriptor(ends[0], 0, 1, RC_MAP_READ), RC_UNSUPPORTED, "is a FIFO");
    close(ends[0]);
    close(ends[1]);
}
END_TEST

/* Each request of each call fails once: nothing is left, descriptors neither. */
START_TEST(a_map_for_whose_object_there_is_no_memory_leaves_nothing_open)
{
    char path[SUPPORT_PATH];
    int descriptor = support_file(path, 100, 5), next = dup(descriptor);
    close(next);
    struct rc_failing_allocator failing;
    rc_failing_allocator_init(&failing, NULL, 1, true);
    ASSERT_OK(rc_allocator_set_default(&failing.allocator));
    ASSERT_NULL(rc_map_file(path, RC_MAP_READ), RC_NO_MEMORY, "no room for");
    ASSERT_NULL(rc_map_descriptor(descriptor, 0, 9, RC_MAP_READ), RC_NO_MEMORY, "no room for");
    ASSERT_NULL(rc_map_memory(NULL, 100), RC_NO_MEMORY, "no room for");
    ASSERT_OK(rc_allocator_set_default(NULL));
    int again = dup(descriptor);
    ck_assert_int_eq(again, next);
    close(again);
    close(descriptor);
    unlink(path);
}
END_TEST

/* ---- ranges ---------------------------------------------------------------------------------- */

START_TEST(any_offset_and_size_within_the_file_can_be_mapped)
{
    static const size_t offsets[] = {0, 1, 4095, 4096, 4097, 12345, 19999, 20000};
    char path[SUPPORT_PATH];
    int descriptor = support_file(path, 20000, 5);
    unlink(path);
    for (size_t i = 0; i < 8; i++)
        for (size_t size = 0; size <= 20000 - offsets[i]; size += 1 + (20000 - offsets[i]) / 5) {
            rc_buffer *map = rc_map_descriptor(descriptor, offsets[i], size, RC_MAP_READ);
            ck_assert_uint_eq(map->size, size);
            ck_assert_uint_eq(support_count_same(map->data, size, 5, offsets[i]), size);
            rc_release(map);
        }
    close(descriptor);
}
END_TEST

START_TEST(a_range_past_the_end_of_the_file_is_refused_with_its_figures)
{
    char path[SUPPORT_PATH];
    int descriptor = support_file(path, 100, 5);
    unlink(path);
    ASSERT_NULL(rc_map_descriptor(descriptor, 90, 11, RC_MAP_READ), RC_RANGE,
                "rc_map_descriptor: 11 bytes at 90 pass the end of a file of 100 bytes");
    ASSERT_NULL(rc_map_descriptor(descriptor, 101, 0, RC_MAP_READ), RC_RANGE, "0 bytes at 101");
    ASSERT_NULL(rc_map_descriptor(descriptor, 1, SIZE_MAX, RC_MAP_READ), RC_RANGE, "at 1 pass");
    ASSERT_NULL(rc_map_descriptor(descriptor, UINT64_MAX, 2, RC_MAP_READ), RC_RANGE, "2 bytes");
    close(descriptor);
}
END_TEST

/* ---- what others do -------------------------------------------------------------------------- */

static void read_behind_the_end(void *argument)
{
    const rc_buffer *map = argument;
    signal(SIGBUS, SIG_DFL); /* a sanitizer would answer it */
    volatile unsigned char byte = map->data[map->size - 1];
    (void)byte;
}

START_TEST(a_page_that_somebody_cut_from_the_file_raises_sigbus)
{
    int descriptor;
    rc_buffer *map = map_path(&descriptor, 100000, RC_MAP_READ);
    struct child_result whole = child_run(read_behind_the_end, map);
    ck_assert(child_was_quiet(&whole));
    ck_assert_int_eq(ftruncate(descriptor, 4096), 0);
    struct child_result cut = child_run(read_behind_the_end, map);
    ck_assert(WIFSIGNALED(cut.status) && WTERMSIG(cut.status) == SIGBUS);
    rc_release(map);
    close(descriptor);
}
END_TEST

START_TEST(mapping_and_its_end_leave_the_last_error_and_errno_alone)
{
    rc_error_set(RC_FORMAT, "an older error");
    errno = 77;
    rc_buffer *map = rc_map_memory("x", 10);
    errno = 77;
    rc_release(map);
    ck_assert_int_eq(errno, 77);
    ASSERT_LAST_ERROR(RC_FORMAT, "an older error");
}
END_TEST

HARNESS_MAIN("buffer/map", a_mapped_file_has_all_its_bytes_and_outlives_its_descriptor_and_path,
             an_empty_file_is_an_empty_buffer_in_every_mode,
             a_map_to_read_cannot_be_written_nor_can_its_slices,
             what_is_written_to_a_private_map_stays_out_of_the_file,
             what_is_written_to_a_shared_map_is_in_the_file_and_in_other_maps,
             a_slice_keeps_the_map_alive, a_release_of_a_map_too_many_stops_while_a_slice_lives,
             a_map_keeps_its_size_and_becomes_a_copy_to_be_unique,
             the_bytes_of_a_map_are_not_in_the_account,
             a_missing_file_is_refused_with_path_and_reason_and_errno,
             the_reason_is_told_also_where_the_path_is_very_long,
             what_is_no_regular_file_is_refused_by_kind_and_without_waiting,
             a_descriptor_that_does_not_write_cannot_be_mapped_shared,
             a_descriptor_that_is_none_or_no_file_is_refused,
             a_map_for_whose_object_there_is_no_memory_leaves_nothing_open,
             any_offset_and_size_within_the_file_can_be_mapped,
             a_range_past_the_end_of_the_file_is_refused_with_its_figures,
             a_page_that_somebody_cut_from_the_file_raises_sigbus,
             mapping_and_its_end_leave_the_last_error_and_errno_alone)
