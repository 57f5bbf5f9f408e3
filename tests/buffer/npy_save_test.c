/* SPDX-License-Identifier: MIT */
/* Files by their paths: mapped in every mode, replaced only when they are complete. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "npy_folder.h"

/* ---- map ------------------------------------------------------------------------------------- */

START_TEST(files_are_mapped_in_every_mode)
{
    folder_enter();
    rc_view *view = numbered(50);
    ASSERT_OK(rc_npy_save(view, folder_path("a.npy")));
    for (enum rc_map_mode mode = RC_MAP_READ; mode <= RC_MAP_SHARED; mode++) {
        rc_view *map = mapped(folder_path("a.npy"), mode);
        ck_assert_str_eq(rc_type_of(map->base)->name, "rc_buffer mapped");
        ck_assert(rc_view_is_read_only(map) == (mode == RC_MAP_READ));
        ck_assert(rc_view_equal(map, view));
        ck_assert_ptr_eq(map->data, map->base->data + 128);
        ck_assert_uint_eq(rc_count(map->base), 1);
        rc_release(map);
    }
    rc_release(view);
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(what_is_written_to_a_shared_map_is_in_the_file)
{
    folder_enter();
    const char *path = folder_path("a.npy");
    rc_view *view = numbered(50);
    ASSERT_OK(rc_npy_save(view, path));
    rc_view *map = mapped(path, RC_MAP_SHARED), *other = mapped(path, RC_MAP_READ);
    int32_t *element = rc_view_edit_at(map, (const size_t[]){49, 2});
    ck_assert_ptr_nonnull(element);
    *element = 0x01020304;
    ck_assert(rc_view_equal(map, other) && !rc_view_equal(map, view));
    ASSERT_OK(rc_map_flush(map->base));
    rc_release(map);
    rc_release(other);
    ck_assert(!is_saved(path, view));
    rc_release(view);
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(what_is_written_to_a_private_map_stays_there)
{
    folder_enter();
    const char *path = folder_path("a.npy");
    rc_view *view = numbered(50);
    ASSERT_OK(rc_npy_save(view, path));
    rc_view *map = mapped(path, RC_MAP_PRIVATE);
    memset(rc_view_edit(map), 7, rc_view_byte_count(map));
    ck_assert_int_eq(map->data[599], 7);
    ck_assert(is_saved(path, view));
    rc_release(map);
    ck_assert(is_saved(path, view));
    map = mapped(path, RC_MAP_READ);
    ASSERT_NULL(rc_view_edit(map), RC_READ_ONLY, "");
    rc_release(map);
    rc_release(view);
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(a_map_outlives_the_file_s_name)
{
    folder_enter();
    rc_view *view = numbered(2000);
    ASSERT_OK(rc_npy_save(view, folder_path("a.npy")));
    rc_view *map = mapped(folder_path("a.npy"), RC_MAP_READ);
    ck_assert_uint_eq(folder_leave(), 1);
    ck_assert(rc_view_equal(map, view));
    rc_release(map);
    rc_release(view);
}
END_TEST

START_TEST(files_that_cannot_be_mapped_are_refused_by_name)
{
    folder_enter();
    ASSERT_NULL(rc_npy_map(NULL, RC_MAP_READ), RC_INVALID, "");
    ASSERT_NULL(rc_npy_map(folder_path("none.npy"), RC_MAP_READ), RC_SYSTEM, "none.npy");
    ck_assert_int_eq(errno, ENOENT);
    ASSERT_NULL(rc_npy_map(folder, RC_MAP_READ), RC_UNSUPPORTED, folder);
    folder_put(folder_path("empty.npy"), "", 0);
    ASSERT_NULL(rc_npy_map(folder_path("empty.npy"), RC_MAP_READ), RC_FORMAT,
                "empty.npy: byte 0: 0 bytes are too few");
    folder_put(folder_path("text.npy"), "not an array", 12);
    ASSERT_NULL(rc_npy_map(folder_path("text.npy"), RC_MAP_SHARED), RC_FORMAT,
                "text.npy: byte 0: 0x6e is not of the magic");
    ck_assert_uint_eq(folder_leave(), 2);
}
END_TEST

START_TEST(long_paths_are_shown_by_their_end)
{
    folder_enter();
    char name[220];
    memset(name, 'n', sizeof name);
    strcpy(name + sizeof name - 9, "last.npy");
    folder_put(folder_path(name), "\x93NUMPY\x01", 8);
    ASSERT_NULL(rc_npy_map(folder_path(name), RC_MAP_READ), RC_FORMAT,
                "nnnlast.npy: byte 8: the file ends 0 bytes into the size of its header");
    ASSERT_NULL(rc_npy_map(folder_path(name), RC_MAP_READ), RC_FORMAT, "rc_npy_map: ...nnn");
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

/* ---- save ------------------------------------------------------------------------------------ */

START_TEST(saving_makes_a_file_or_replaces_one)
{
    folder_enter();
    const char *path = folder_path("a.npy");
    rc_view *view = numbered(5), *larger = numbered(5000);
    ASSERT_OK(rc_npy_save(view, path));
    ck_assert(is_saved(path, view));
    ASSERT_OK(rc_npy_save(larger, path));
    ck_assert(is_saved(path, larger));
    ASSERT_OK(rc_npy_save(view, path));
    ck_assert(is_saved(path, view));
    rc_release(view);
    rc_release(larger);
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(a_file_can_be_saved_over_while_it_is_mapped)
{
    folder_enter();
    const char *path = folder_path("a.npy");
    rc_view *view = numbered(5000);
    ASSERT_OK(rc_npy_save(view, path));
    rc_view *map = mapped(path, RC_MAP_READ);
    rc_view *half = rc_view_slice(map, 0, RC_VIEW_OPEN, RC_VIEW_OPEN, -2);
    ck_assert_ptr_nonnull(half);
    ASSERT_OK(rc_npy_save(half, path));
    ck_assert(rc_view_equal(map, view));
    ck_assert(is_saved(path, half));
    rc_release(half);
    rc_release(map);
    rc_release(view);
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(a_replaced_file_keeps_its_mode_and_a_link_leads_on)
{
    folder_enter();
    rc_view *view = numbered(5);
    folder_put(folder_path("a.npy"), "old", 3);
    ck_assert_int_eq(chmod(folder_path("a.npy"), 0640), 0);
    ck_assert_int_eq(symlink("a.npy", folder_path("link.npy")), 0);
    ASSERT_OK(rc_npy_save(view, folder_path("link.npy")));
    struct stat status;
    ck_assert_int_eq(lstat(folder_path("link.npy"), &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    ck_assert_int_eq(lstat(folder_path("a.npy"), &status), 0);
    ck_assert(S_ISREG(status.st_mode));
    ck_assert_int_eq(status.st_mode & 07777, 0640);
    ck_assert(is_saved(folder_path("a.npy"), view));
    rc_release(view);
    ck_assert_uint_eq(folder_leave(), 2);
}
END_TEST

START_TEST(a_link_that_leads_nowhere_is_left_alone)
{
    folder_enter();
    rc_view *view = numbered(5);
    ck_assert_int_eq(symlink("none.npy", folder_path("link.npy")), 0);
    ASSERT_REFUSED(rc_npy_save(view, folder_path("link.npy")), RC_SYSTEM, "link.npy");
    ck_assert_int_eq(errno, ENOENT);
    struct stat status;
    ck_assert_int_eq(lstat(folder_path("link.npy"), &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    rc_release(view);
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(names_as_long_as_the_system_has_them_are_saved)
{
    folder_enter();
    char name[256];
    rc_view *view = numbered(5);
    for (size_t length = 230; length < 256; length++) {
        memset(name, 'n', length);
        name[length] = '\0';
        ASSERT_OK(rc_npy_save(view, folder_path(name)));
        ck_assert(is_saved(folder_path(name), view));
    }
    rc_release(view);
    ck_assert_uint_eq(folder_leave(), 26);
}
END_TEST

START_TEST(a_pipe_is_written_to_also_through_a_link)
{
    folder_enter();
    rc_view *view = numbered(5);
    rc_buffer *header = rc_npy_header(view, RC_NPY_LEAST);
    ck_assert_int_eq(mkfifo(folder_path("pipe"), 0600), 0);
    ck_assert_int_eq(symlink("pipe", folder_path("link")), 0);
    int reader = open(folder_path("pipe"), O_RDONLY | O_NONBLOCK);
    ck_assert_int_ge(reader, 0);
    static const char *const names[] = {"pipe", "link"};
    for (size_t i = 0; i < 2; i++) {
        unsigned char bytes[300];
        ASSERT_OK(rc_npy_save(view, folder_path(names[i])));
        ck_assert_int_eq(read(reader, bytes, sizeof bytes), 128 + 60);
        ck_assert_int_eq(memcmp(bytes, header->data, 128), 0);
        ck_assert_int_eq(memcmp(bytes + 128, view->data, 60), 0);
    }
    close(reader);
    rc_release(header);
    rc_release(view);
    ck_assert_uint_eq(folder_leave(), 2);
}
END_TEST

START_TEST(a_device_is_written_in_its_place)
{
    rc_view *view = numbered(5), *large = numbered(100000);
    ASSERT_OK(rc_npy_save(view, "/dev/null"));
    errno = 0;
    ASSERT_REFUSED(rc_npy_save(view, "/dev/full"), RC_SYSTEM, "/dev/full");
    ck_assert_int_eq(errno, ENOSPC);
    errno = 0;
    ASSERT_REFUSED(rc_npy_save(large, "/dev/full"), RC_SYSTEM, "rc_npy_save");
    ck_assert_int_eq(errno, ENOSPC);
    struct stat status;
    ck_assert_int_eq(stat("/dev/full", &status), 0);
    ck_assert(S_ISCHR(status.st_mode));
    rc_release(view);
    rc_release(large);
}
END_TEST

START_TEST(a_socket_is_no_file_to_write)
{
    folder_enter();
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%.90s", folder_path("socket"));
    int socket_made = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(socket_made, (struct sockaddr *)&address, sizeof address), 0);
    rc_view *view = rc_view_new_zeroed("d", 1, (size_t[]){3});
    ck_assert_int_eq(rc_npy_save(view, address.sun_path), RC_SYSTEM);
    ck_assert_int_eq(errno, ENXIO);
    ck_assert_msg(strstr(rc_error_message(), "cannot open") != NULL, "%s", rc_error_message());
    rc_release(view);
    close(socket_made);
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(what_cannot_be_saved_leaves_no_file)
{
    folder_enter();
    static const size_t shape[] = {3};
    rc_view *view = numbered(5), *bad = rc_view_new_zeroed("4p", 1, shape);
    folder_put(folder_path("old.npy"), "old", 3);
    ASSERT_REFUSED(rc_npy_save(NULL, folder_path("old.npy")), RC_INVALID, "rc_npy_save");
    ASSERT_REFUSED(rc_npy_save(view, NULL), RC_INVALID, "rc_npy_save: the path is NULL");
    ASSERT_REFUSED(rc_npy_save(bad, folder_path("old.npy")), RC_UNSUPPORTED, "code 'p'");
    ASSERT_REFUSED(rc_npy_save(bad, folder_path("new.npy")), RC_UNSUPPORTED, "code 'p'");
    ck_assert(folder_has(folder_path("old.npy"), "old", 3));
    ASSERT_REFUSED(rc_npy_save(view, folder_path("none/a.npy")), RC_SYSTEM, "none/a.npy");
    ck_assert_int_eq(errno, ENOENT);
    ASSERT_REFUSED(rc_npy_save(view, folder_path("old.npy/a.npy")), RC_SYSTEM, "old.npy/a.npy");
    ck_assert_int_eq(errno, ENOTDIR);
    ASSERT_REFUSED(rc_npy_save(view, folder), RC_SYSTEM, folder);
    ck_assert_int_eq(errno, EISDIR);
    ASSERT_REFUSED(rc_npy_save(view, ""), RC_SYSTEM, "rc_npy_save");
    ck_assert_int_eq(errno, ENOENT);
    rc_release(bad);
    rc_release(view);
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(paths_that_are_too_long_are_refused)
{
    char path[2 * PATH_MAX];
    rc_view *view = numbered(5);
    for (size_t length = PATH_MAX - 20; length < sizeof path; length += 19) {
        memset(path, '/', length);
        memset(path + length - 5, 'n', 5);
        path[length] = '\0';
        path[0] = 'x'; /* a folder that is not there, or a path that nothing can be */
        ASSERT_REFUSED(rc_npy_save(view, path), RC_SYSTEM, "rc_npy_save: ");
        ck_assert(errno == ENAMETOOLONG || errno == ENOENT);
    }
    memset(path, 'n', 300);
    path[300] = '\0';
    ASSERT_REFUSED(rc_npy_save(view, path), RC_SYSTEM, "rc_npy_save: ");
    ck_assert_int_eq(errno, ENAMETOOLONG);
    rc_release(view);
}
END_TEST

START_TEST(a_file_that_is_not_complete_replaces_nothing)
{
    folder_enter();
    rc_view *view = numbered(50000), *gaps = rc_view_slice(view, 1, 0, 3, 2);
    folder_put(folder_path("old.npy"), "old", 3);
    for (rlim_t limit = 0; limit <= 300000; limit += 50000) {
        folder_limit(limit);
        enum rc_status status = rc_npy_save(gaps, folder_path("old.npy"));
        folder_unlimit();
        ck_assert_int_eq(status, RC_SYSTEM);
        ASSERT_LAST_ERROR(RC_SYSTEM, "rc_npy_save: ");
        folder_limit(limit);
        status = rc_npy_save(view, folder_path("new.npy"));
        folder_unlimit();
        ck_assert_int_eq(status, RC_SYSTEM);
        ASSERT_LAST_ERROR(RC_SYSTEM, "rc_npy_save: ");
        ck_assert(folder_has(folder_path("old.npy"), "old", 3));
        ck_assert_int_ne(access(folder_path("new.npy"), F_OK), 0);
    }
    rc_release(gaps);
    rc_release(view);
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(no_descriptor_stays_open)
{
    folder_enter();
    rc_view *view = numbered(5);
    int before = dup(0);
    close(before);
    ASSERT_OK(rc_npy_save(view, folder_path("a.npy")));
    ASSERT_REFUSED(rc_npy_save(view, folder_path("none/a.npy")), RC_SYSTEM, "");
    ASSERT_REFUSED(rc_npy_save(view, "/dev/full"), RC_SYSTEM, "");
    rc_view *made = rc_npy_create(folder_path("a.npy"), "d", 1, (const size_t[]){3}, 'C');
    ck_assert_ptr_nonnull(made);
    ASSERT_NULL(rc_npy_create("/dev/null", "d", 1, (const size_t[]){3}, 'C'), RC_UNSUPPORTED,
                "/dev/null is no regular file");
    rc_view *map = mapped(folder_path("a.npy"), RC_MAP_SHARED);
    folder_put(folder_path("bad.npy"), "bad", 3);
    ASSERT_NULL(rc_npy_map(folder_path("bad.npy"), RC_MAP_READ), RC_FORMAT, "bad.npy");
    int after = dup(0);
    close(after);
    ck_assert_int_eq(before, after);
    rc_release(map);
    rc_release(made);
    rc_release(view);
    ck_assert_uint_eq(folder_leave(), 2);
}
END_TEST

HARNESS_MAIN("buffer/npy_save", a_socket_is_no_file_to_write, files_are_mapped_in_every_mode,
             what_is_written_to_a_shared_map_is_in_the_file,
             what_is_written_to_a_private_map_stays_there, a_map_outlives_the_file_s_name,
             files_that_cannot_be_mapped_are_refused_by_name, long_paths_are_shown_by_their_end,
             saving_makes_a_file_or_replaces_one, a_file_can_be_saved_over_while_it_is_mapped,
             a_replaced_file_keeps_its_mode_and_a_link_leads_on,
             a_link_that_leads_nowhere_is_left_alone,
             names_as_long_as_the_system_has_them_are_saved,
             a_pipe_is_written_to_also_through_a_link, a_device_is_written_in_its_place,
             what_cannot_be_saved_leaves_no_file, paths_that_are_too_long_are_refused,
             a_file_that_is_not_complete_replaces_nothing, no_descriptor_stays_open)
