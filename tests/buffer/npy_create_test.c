/* SPDX-License-Identifier: MIT */
/* Files that are made to be filled: their views, their headers, what finds no room. */
#include <errno.h>
#include <sys/stat.h>

#include "npy_folder.h"

START_TEST(a_new_file_is_filled_through_its_view)
{
    folder_enter();
    static const size_t shape[] = {40, 30};
    for (size_t i = 0; i < 2; i++) {
        char order = i == 0 ? 'C' : 'F';
        rc_view *view = rc_npy_create(folder_path("a.npy"), "<i", 2, shape, order);
        ck_assert_msg(view != NULL, "%s", rc_error_message());
        ck_assert(rc_view_is_contiguous(view, order));
        ck_assert(!rc_view_is_contiguous(view, order == 'C' ? 'F' : 'C'));
        ck_assert_uint_eq(view->base->size, 128 + 4800);
        ck_assert(support_is_all(view->data, 4800, 0));
        support_fill(view->base, 9, 128);
        rc_view *map = mapped(folder_path("a.npy"), RC_MAP_READ);
        ck_assert(rc_view_equal(map, view));
        ck_assert_int_eq(map->strides[0], order == 'C' ? 120 : 4);
        rc_release(map);
        rc_release(view);
        struct stat now;
        ck_assert_int_eq(stat(folder_path("a.npy"), &now), 0);
        ck_assert_int_eq(now.st_size, 128 + 4800);
    }
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(a_new_file_has_the_header_of_its_view)
{
    folder_enter();
    static const size_t shape[] = {2, 3, 4};
    static const char *const formats[] = {NULL, "d", "T{b:a:i:b:}", "5x", ">Zf", "(2)h", "0s"};
    for (size_t i = 0; i < 7; i++)
        for (size_t ndim = 0; ndim < 4; ndim++) {
            rc_view *view = rc_npy_create(folder_path("a.npy"), formats[i], ndim, shape, 'C');
            ck_assert_msg(view != NULL, "%s", rc_error_message());
            rc_buffer *header = rc_npy_header(view, RC_NPY_LEAST);
            ck_assert_int_eq(memcmp(view->base->data, header->data, header->size), 0);
            ck_assert_uint_eq(view->base->size, header->size + rc_view_byte_count(view));
            rc_release(header);
            rc_release(view);
        }
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(new_files_may_have_no_elements)
{
    folder_enter();
    static const size_t shape[] = {3, 0, 5};
    rc_view *view = rc_npy_create(folder_path("a.npy"), "d", 3, shape, 'F');
    ck_assert_msg(view != NULL, "%s", rc_error_message());
    ck_assert_uint_eq(view->size, 0);
    rc_release(view);
    view = mapped(folder_path("a.npy"), RC_MAP_READ);
    ck_assert_uint_eq(view->shape[2], 5);
    rc_release(view);
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(a_new_file_replaces_an_old_one_that_stays_mapped)
{
    folder_enter();
    const char *path = folder_path("a.npy");
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
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(what_cannot_be_made_leaves_the_old_file)
{
    folder_enter();
    const char *path = folder_path("old.npy");
    const size_t few[] = {2, 3}, many[] = {SIZE_MAX / 4, 3}, most[] = {PTRDIFF_MAX - 50};
    folder_put(path, "old", 3);
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
    ASSERT_NULL(rc_npy_create(folder_path("none/a.npy"), "d", 2, few, 'C'), RC_SYSTEM,
                "none/a.npy");
    ck_assert(folder_has(path, "old", 3));
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused_without_waiting)
{
    folder_enter();
    static const size_t shape[] = {3};
    ck_assert_int_eq(mkfifo(folder_path("pipe"), 0600), 0); /* that nobody reads */
    ASSERT_NULL(rc_npy_create(folder_path("pipe"), "d", 1, shape, 'C'), RC_UNSUPPORTED,
                "pipe is no regular file");
    ASSERT_NULL(rc_npy_create("/dev/null", "d", 1, shape, 'C'), RC_UNSUPPORTED,
                "/dev/null is no regular file");
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

START_TEST(a_new_file_that_finds_no_room_is_not_left_behind)
{
    folder_enter();
    static const size_t shape[] = {100000};
    folder_put(folder_path("old.npy"), "old", 3);
    static const rlim_t limits[] = {0, 100, 128, 10000};
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 2; j++) {
            const char *name = j ? "old.npy" : "new.npy";
            folder_limit(limits[i]);
            rc_view *view = rc_npy_create(folder_path(name), "d", 1, shape, 'C');
            folder_unlimit();
            ck_assert_ptr_null(view);
            ASSERT_LAST_ERROR(RC_SYSTEM, name);
            ck_assert(folder_has(folder_path("old.npy"), "old", 3));
        }
    ck_assert_uint_eq(folder_leave(), 1);
}
END_TEST

HARNESS_MAIN("buffer/npy_create", a_new_file_is_filled_through_its_view,
             a_new_file_has_the_header_of_its_view, new_files_may_have_no_elements,
             a_new_file_replaces_an_old_one_that_stays_mapped,
             what_cannot_be_made_leaves_the_old_file,
             what_is_no_regular_file_is_refused_without_waiting,
             a_new_file_that_finds_no_room_is_not_left_behind)
