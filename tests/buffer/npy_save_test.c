/* SPDX-License-Identifier: MIT */
/* Files by their paths: mapped in every mode, replaced only when complete, made to be filled. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "npy_support.h"

/* ---- a folder for each test ------------------------------------------------------------------ */

static char folder[SUPPORT_PATH - 100];

static const char *in_folder(const char *name)
{
    static char paths[4][SUPPORT_PATH];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, SUPPORT_PATH, "%s/%s", folder, name);
    return path;
}

static void enter_folder(void)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.300s/rcbuf-test-XXXXXX",
             temporary && *temporary ? temporary : P_tmpdir);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

/* How many files the folder has; all of them are removed. */
static size_t leave_folder(void)
{
    DIR *entries = opendir(folder);
    ck_assert_ptr_nonnull(entries);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        count++;
        unlink(in_folder(entry->d_name));
    }
    closedir(entries);
    ck_assert_int_eq(rmdir(folder), 0);
    return count;
}

static void put_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

/* The file has these bytes, and no more. */
static bool has_content(const char *path, const void *bytes, size_t size)
{
    rc_buffer *map = rc_map_file(path, RC_MAP_READ);
    bool is_same = map && map->size == size && memcmp(map->data, bytes, size) == 0;
    rc_release(map);
    return is_same;
}

static rc_view *numbered(size_t rows)
{
    const size_t shape[] = {rows, 3};
    rc_view *view = rc_view_new_zeroed("<i", 2, shape);
    ck_assert_ptr_nonnull(view);
    unsigned char *bytes = rc_view_edit(view);
    for (size_t i = 0; i < rc_view_byte_count(view); i++) bytes[i] = support_byte(9, i);
    return view;
}

static rc_view *mapped(const char *path, enum rc_map_mode mode)
{
    rc_view *view = rc_npy_map(path, mode);
    ck_assert_msg(view != NULL, "%s", rc_error_message());
    return view;
}

static bool is_saved(const char *path, const rc_view *view)
{
    rc_view *again = mapped(path, RC_MAP_READ);
    bool is_same = rc_view_equal(view, again) && rc_format_equal(view->format, again->format);
    rc_release(again);
    return is_same;
}

/* ---- map ------------------------------------------------------------------------------------- */

START_TEST(files_are_mapped_in_every_mode)
{
    enter_folder();
    rc_view *view = numbered(50);
    ASSERT_OK(rc_npy_save(view, in_folder("a.npy")));
    for (enum rc_map_mode mode = RC_MAP_READ; mode <= RC_MAP_SHARED; mode++) {
        rc_view *map = mapped(in_folder("a.npy"), mode);
        ck_assert_str_eq(rc_type_of(map->base)->name, "rc_buffer mapped");
        ck_assert(rc_view_is_read_only(map) == (mode == RC_MAP_READ));
        ck_assert(rc_view_equal(map, view));
        ck_assert_ptr_eq(map->data, map->base->data + 128);
        ck_assert_uint_eq(rc_count(map->base), 1);
        rc_release(map);
    }
    rc_release(view);
    ck_assert_uint_eq(leave_folder(), 1);
}
END_TEST

START_TEST(what_is_written_to_a_shared_map_is_in_the_file)
{
    enter_folder();
    const char *path = in_folder("a.npy");
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
    ck_assert_uint_eq(leave_folder(), 1);
}
END_TEST

START_TEST(what_is_written_to_a_private_map_stays_there)
{
    enter_folder();
    const char *path = in_folder("a.npy");
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
    ck_assert_uint_eq(leave_folder(), 1);
}
END_TEST

START_TEST(a_map_outlives_the_file_s_name)
{
    enter_folder();
    rc_view *view = numbered(2000);
    ASSERT_OK(rc_npy_save(view, in_folder("a.npy")));
    rc_view *map = mapped(in_folder("a.npy"), RC_MAP_READ);
    ck_assert_uint_eq(leave_folder(), 1);
    ck_assert(rc_view_equal(map, view));
    rc_release(map);
    rc_release(view);
}
END_TEST

START_TEST(files_that_cannot_be_mapped_are_refused_by_name)
{
    enter_folder();
    ASSERT_NULL(rc_npy_map(NULL, RC_MAP_READ), RC_INVALID, "");
    ASSERT_NULL(rc_npy_map(in_folder("none.npy"), RC_MAP_READ), RC_SYSTEM, "none.npy");
    ck_assert_int_eq(errno, ENOENT);
    ASSERT_NULL(rc_npy_map(folder, RC_MAP_READ), RC_UNSUPPORTED, folder);
    put_file(in_folder("empty.npy"), "", 0);
    ASSERT_NULL(rc_npy_map(in_folder("empty.npy"), RC_MAP_READ), RC_FORMAT,
                "empty.npy: byte 0: 0 bytes are too few");
    put_file(in_folder("text.npy"), "not an array", 12);
    ASSERT_NULL(rc_npy_map(in_folder("text.npy"), RC_MAP_SHARED), RC_FORMAT,
                "text.npy: byte 0: 0x6e is not of the magic");
    ck_assert_uint_eq(leave_folder(), 2);
}
END_TEST

START_TEST(long_paths_are_shown_by_their_end)
{
    enter_folder();
    char name[220];
    memset(name, 'n', sizeof name);
    strcpy(name + sizeof name - 9, "last.npy");
    put_file(in_folder(name), "\x93NUMPY\x01", 8);
    ASSERT_NULL(rc_npy_map(in_folder(name), RC_MAP_READ), RC_FORMAT,
                "nnnlast.npy: byte 8: the file ends 0 bytes into the size of its header");
    ASSERT_NULL(rc_npy_map(in_folder(name), RC_MAP_READ), RC_FORMAT, "rc_npy_map: ...nnn");
    ck_assert_uint_eq(leave_folder(), 1);
}
END_TEST

/* ---- save ------------------------------------------------------------------------------------ */

START_TEST(saving_makes_a_file_or_replaces_one)
{
    enter_folder();
    const char *path = in_folder("a.npy");
    rc_view *view = numbered(5), *larger = numbered(5000);
    ASSERT_OK(rc_npy_save(view, path));
    ck_assert(is_saved(path, view));
    ASSERT_OK(rc_npy_save(larger, path));
    ck_assert(is_saved(path, larger));
    ASSERT_OK(rc_npy_save(view, path));
    ck_assert(is_saved(path, view));
    rc_release(view);
    rc_release(larger);
    ck_assert_uint_eq(leave_folder(), 1);
}
END_TEST

START_TEST(a_file_can_be_saved_over_while_it_is_mapped)
{
    enter_folder();
    const char *path = in_folder("a.npy");
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
    ck_assert_uint_eq(leave_folder(), 1);
}
END_TEST

START_TEST(a_replaced_file_keeps_its_mode_and_a_link_leads_on)
{
    enter_folder();
    rc_view *view = numbered(5);
    put_file(in_folder("a.npy"), "old", 3);
    ck_assert_int_eq(chmod(in_folder("a.npy"), 0640), 0);
    ck_assert_int_eq(symlink("a.npy", in_folder("link.npy")), 0);
    ASSERT_OK(rc_npy_save(view, in_folder("link.npy")));
    struct stat status;
    ck_assert_int_eq(lstat(in_folder("link.npy"), &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    ck_assert_int_eq(lstat(in_folder("a.npy"), &status), 0);
    ck_assert(S_ISREG(status.st_mode));
    ck_assert_int_eq(status.st_mode & 07777, 0640);
    ck_assert(is_saved(in_folder("a.npy"), view));
    rc_release(view);
    ck_assert_uint_eq(leave_folder(), 2);
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

START_TEST(what_cannot_be_saved_leaves_no_file)
{
    enter_folder();
    static const size_t shape[] = {3};
    rc_view *view = numbered(5), *bad = rc_view_new_zeroed("4p", 1, shape);
    put_file(in_folder("old.npy"), "old", 3);
    ASSERT_REFUSED(rc_npy_save(NULL, in_folder("old.npy")), RC_INVALID, "rc_npy_save");
    ASSERT_REFUSED(rc_npy_save(view, NULL), RC_INVALID, "rc_npy_save: the path is NULL");
    ASSERT_REFUSED(rc_npy_save(bad, in_folder("old.npy")), RC_UNSUPPORTED, "code 'p'");
    ASSERT_REFUSED(rc_npy_save(bad, in_folder("new.npy")), RC_UNSUPPORTED, "code 'p'");
    ck_assert(has_content(in_folder("old.npy"), "old", 3));
    ASSERT_REFUSED(rc_npy_save(view, in_folder("none/a.npy")), RC_SYSTEM, "none/a.npy");
    ck_assert_int_eq(errno, ENOENT);
    ASSERT_REFUSED(rc_npy_save(view, in_folder("old.npy/a.npy")), RC_SYSTEM, "old.npy/a.npy");
    ck_assert_int_eq(errno, ENOTDIR);
    ASSERT_REFUSED(rc_npy_save(view, folder), RC_SYSTEM, folder);
    ck_assert_int_eq(errno, EISDIR);
    ASSERT_REFUSED(rc_npy_save(view, ""), RC_SYSTEM, "rc_npy_save");
    ck_assert_int_eq(errno, ENOENT);
    rc_release(bad);
    rc_release(view);
    ck_assert_uint_eq(leave_folder(), 1);
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

/* Files may not grow beyond the limit. */
static void limit_files(rlim_t size)
{
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){size, RLIM_INFINITY}), 0);
}

START_TEST(a_file_that_is_not_complete_replaces_nothing)
{
    enter_folder();
    rc_view *view = numbered(50000), *gaps = rc_view_slice(view, 1, 0, 3, 2);
    put_file(in_folder("old.npy"), "old", 3);
    for (rlim_t limit = 0; limit <= 300000; limit += 50000) {
        limit_files(limit);
        errno = 0;
        ASSERT_REFUSED(rc_npy_save(gaps, in_folder("old.npy")), RC_SYSTEM, "rc_npy_save: ");
        ck_assert_int_eq(errno, EFBIG);
        ASSERT_REFUSED(rc_npy_save(view, in_folder("new.npy")), RC_SYSTEM, "rc_npy_save: ");
        ck_assert_int_eq(errno, EFBIG);
        limit_files(RLIM_INFINITY);
        ck_assert(has_content(in_folder("old.npy"), "old", 3));
        ck_assert_int_ne(access(in_folder("new.npy"), F_OK), 0);
    }
    rc_release(gaps);
    rc_release(view);
    ck_assert_uint_eq(leave_folder(), 1);
}
END_TEST

START_TEST(no_descriptor_stays_open)
{
    enter_folder();
    rc_view *view = numbered(5);
    int before = dup(0);
    close(before);
    ASSERT_OK(rc_npy_save(view, in_folder("a.npy")));
    ASSERT_REFUSED(rc_npy_save(view, in_folder("none/a.npy")), RC_SYSTEM, "");
    ASSERT_REFUSED(rc_npy_save(view, "/dev/full"), RC_SYSTEM, "");
    rc_view *made = rc_npy_create(in_folder("a.npy"), "d", 1, (const size_t[]){3}, 'C');
    ck_assert_ptr_nonnull(made);
    ASSERT_NULL(rc_npy_create("/dev/null", "d", 1, (const size_t[]){3}, 'C'), RC_UNSUPPORTED,
                "/dev/null is no regular file");
    rc_view *map = mapped(in_folder("a.npy"), RC_MAP_SHARED);
    put_file(in_folder("bad.npy"), "bad", 3);
    ASSERT_NULL(rc_npy_map(in_folder("bad.npy"), RC_MAP_READ), RC_FORMAT, "bad.npy");
    int after = dup(0);
    close(after);
    ck_assert_int_eq(before, after);
    rc_release(map);
    rc_release(made);
    rc_release(view);
    ck_assert_uint_eq(leave_folder(), 2);
}
END_TEST

/* ---- create ---------------------------------------------------------------------------------- */

START_TEST(a_new_file_is_filled_through_its_view)
{
    enter_folder();
    static const size_t shape[] = {40, 30};
    for (size_t i = 0; i < 2; i++) {
        char order = i == 0 ? 'C' : 'F';
        rc_view *view = rc_npy_create(in_folder("a.npy"), "<i", 2, shape, order);
        ck_assert_msg(view != NULL, "%s", rc_error_message());
        ck_assert(rc_view_is_contiguous(view, order));
        ck_assert(!rc_view_is_contiguous(view, order == 'C' ? 'F' : 'C'));
        ck_assert_uint_eq(view->base->size, 128 + 4800);
        ck_assert(support_is_all(view->data, 4800, 0));
        support_fill(view->base, 9, 128);
        rc_view *map = mapped(in_folder("a.npy"), RC_MAP_READ);
        ck_assert(rc_view_equal(map, view));
        ck_assert_int_eq(map->strides[0], order == 'C' ? 120 : 4);
        rc_release(map);
        rc_release(view);
        ck_assert_int_eq(access(in_folder("a.npy"), F_OK), 0);
    }
    ck_assert_uint_eq(leave_folder(), 1);
}
END_TEST

START_TEST(a_new_file_has_the_header_of_its_view)
{
    enter_folder();
    static const size_t shape[] = {2, 3, 4};
    static const char *const formats[] = {NULL, "d", "T{b:a:i:b:}", "5x", ">Zf", "(2)h", "0s"};
    for (size_t i = 0; i < 7; i++)
        for (size_t ndim = 0; ndim < 4; ndim++) {
            rc_view *view = rc_npy_create(in_folder("a.npy"), formats[i], ndim, shape, 'C');
            ck_assert_msg(view != NULL, "%s", rc_error_message());
            rc_buffer *header = rc_npy_header(view, RC_NPY_LEAST);
            ck_assert_int_eq(memcmp(view->base->data, header->data, header->size), 0);
            ck_assert_uint_eq(view->base->size, header->size + rc_view_byte_count(view));
            rc_release(header);
            rc_release(view);
        }
    ck_assert_uint_eq(leave_folder(), 1);
}
END_TEST

START_TEST(new_files_may_have_no_elements)
{
    enter_folder();
    static const size_t shape[] = {3, 0, 5};
    rc_view *view = rc_npy_create(in_folder("a.npy"), "d", 3, shape, 'F');
    ck_assert_msg(view != NULL, "%s", rc_error_message());
    ck_assert_uint_eq(view->size, 0);
    rc_release(view);
    view = mapped(in_folder("a.npy"), RC_MAP_READ);
    ck_assert_uint_eq(view->shape[2], 5);
    rc_release(view);
    ck_assert_uint_eq(leave_folder(), 1);
}
END_TEST

START_TEST(a_new_file_replaces_an_old_one_that_stays_mapped)
{
    enter_folder();
    const char *path = in_folder("a.npy");
    rc_view *view = numbered(500);
    ASSERT_OK(rc_npy_save(view, path));
    rc_view *map = mapped(path, RC_MAP_SHARED);
    rc_view *made = rc_npy_create(path, "B", 1, (const size_t[]){10}, 'C');
    ck_assert_ptr_nonnull(made);
    memset(rc_view_edit(made), 3, 10);
    ck_assert(rc_view_equal(map, view));
    ck_assert(is_saved(path, made));
    rc_release(made);
    rc_release(map);
    rc_release(view);
    ck_assert_uint_eq(leave_folder(), 1);
}
END_TEST

START_TEST(what_cannot_be_made_leaves_the_old_file)
{
    enter_folder();
    const char *path = in_folder("old.npy");
    const size_t few[] = {2, 3}, many[] = {SIZE_MAX / 4, 3}, most[] = {PTRDIFF_MAX - 50};
    put_file(path, "old", 3);
    ASSERT_NULL(rc_npy_create(NULL, "d", 2, few, 'C'), RC_INVALID, "the path is NULL");
    ASSERT_NULL(rc_npy_create(path, "d", 2, NULL, 'C'), RC_INVALID, "rc_npy_create");
    ASSERT_NULL(rc_npy_create(path, "d", 65, few, 'C'), RC_INVALID, "65 dimensions");
    ASSERT_NULL(rc_npy_create(path, "d", 2, few, 'A'), RC_INVALID, "order 'A'");
    ASSERT_NULL(rc_npy_create(path, "d", 2, few, '\0'), RC_INVALID, "(0) is neither 'C' nor 'F'");
    ASSERT_NULL(rc_npy_create(path, "y", 2, few, 'C'), RC_FORMAT, "position 0");
    ASSERT_NULL(rc_npy_create(path, "P", 2, few, 'C'), RC_UNSUPPORTED, "code 'P'");
    ASSERT_NULL(rc_npy_create(path, "(2)d", 2, few, 'F'), RC_UNSUPPORTED, "in Fortran order");
    ASSERT_NULL(rc_npy_create(path, "d", 2, many, 'C'), RC_OVERFLOW, "rc_npy_create");
    ASSERT_NULL(rc_npy_create(path, "B", 1, most, 'C'), RC_OVERFLOW, "rc_npy_create: a file of");
    ASSERT_NULL(rc_npy_create(folder, "d", 2, few, 'C'), RC_SYSTEM, folder);
    ASSERT_NULL(rc_npy_create(in_folder("none/a.npy"), "d", 2, few, 'C'), RC_SYSTEM, "none/a.npy");
    ck_assert(has_content(path, "old", 3));
    ck_assert_uint_eq(leave_folder(), 1);
}
END_TEST

START_TEST(a_new_file_that_finds_no_room_is_not_left_behind)
{
    enter_folder();
    static const size_t shape[] = {100000};
    put_file(in_folder("old.npy"), "old", 3);
    static const rlim_t limits[] = {0, 100, 128, 10000};
    for (size_t i = 0; i < 4; i++) {
        limit_files(limits[i]);
        ASSERT_NULL(rc_npy_create(in_folder("old.npy"), "d", 1, shape, 'C'), RC_SYSTEM, "old.npy");
        ck_assert_int_eq(errno, EFBIG);
        ASSERT_NULL(rc_npy_create(in_folder("new.npy"), "d", 1, shape, 'C'), RC_SYSTEM, "new.npy");
        limit_files(RLIM_INFINITY);
        ck_assert(has_content(in_folder("old.npy"), "old", 3));
    }
    ck_assert_uint_eq(leave_folder(), 1);
}
END_TEST

HARNESS_MAIN("buffer/npy_save", files_are_mapped_in_every_mode,
             what_is_written_to_a_shared_map_is_in_the_file,
             what_is_written_to_a_private_map_stays_there, a_map_outlives_the_file_s_name,
             files_that_cannot_be_mapped_are_refused_by_name, long_paths_are_shown_by_their_end,
             saving_makes_a_file_or_replaces_one, a_file_can_be_saved_over_while_it_is_mapped,
             a_replaced_file_keeps_its_mode_and_a_link_leads_on, a_device_is_written_in_its_place,
             what_cannot_be_saved_leaves_no_file, paths_that_are_too_long_are_refused,
             a_file_that_is_not_complete_replaces_nothing, no_descriptor_stays_open,
             a_new_file_is_filled_through_its_view, a_new_file_has_the_header_of_its_view,
             new_files_may_have_no_elements, a_new_file_replaces_an_old_one_that_stays_mapped,
             what_cannot_be_made_leaves_the_old_file,
             a_new_file_that_finds_no_room_is_not_left_behind)
