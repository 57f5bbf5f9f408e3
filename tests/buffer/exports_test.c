/* SPDX-License-Identifier: MIT */
#include "buffer/exports.h"

#include <pthread.h>

#include "support.h"

START_TEST(the_first_export_retains_the_root_and_the_last_releases_it)
{
    rc_buffer *root = rc_buffer_new(8);
    ck_assert(rc__exports_add(root));
    ck_assert(rc__exports_add(root));
    ck_assert_uint_eq(rc__exports_read(root), 2);
    ck_assert_uint_eq(rc_count(root), 2);
    rc__exports_drop(root);
    ck_assert_uint_eq(rc_count(root), 2);
    rc__exports_drop(root);
    ck_assert_uint_eq(rc_count(root), 1);
    rc_release(root);
}
END_TEST

/* Pretends that there are almost as many as can be. */
static rc_buffer *crowded_root(void)
{
    rc_buffer *root = rc_buffer_new(8);
    (void)rc_retain(root);
    root->rc__exports = RC__EXPORTS_MAX - 1;
    return root;
}

static void empty(rc_buffer *root)
{
    root->rc__exports = 0;
    rc_release(root);
    rc_release(root);
}

START_TEST(more_slices_than_can_be_counted_are_refused)
{
    rc_buffer *root = crowded_root();
    rc_buffer *last = rc_buffer_slice(root, 0, 1);
    ck_assert_ptr_nonnull(last);
    ASSERT_NULL(rc_buffer_slice(root, 0, 1), RC_OVERFLOW,
                "rc_buffer_slice: 2147483648 slices of one buffer live already");
    ck_assert_uint_eq(rc_buffer_exports(root), RC__EXPORTS_MAX);
    rc_buffer *nothing = rc_buffer_slice(root, 0, 0);
    ck_assert_ptr_nonnull(nothing);
    rc_release(nothing);
    rc_release(last);
    ck_assert_uint_eq(rc_buffer_exports(root), RC__EXPORTS_MAX - 1);
    empty(root);
}
END_TEST

static void *refused_slice(void *root)
{
    return rc_buffer_slice(root, 0, 1);
}

START_TEST(they_are_refused_too_while_the_process_has_two_threads)
{
    rc_buffer *root = crowded_root();
    rc_buffer *last = rc_buffer_slice(root, 0, 1);
    pthread_t thread;
    void *slice;
    ck_assert_int_eq(pthread_create(&thread, NULL, refused_slice, root), 0);
    pthread_join(thread, &slice);
    ck_assert_ptr_null(slice);
    ck_assert_uint_eq(rc_buffer_exports(root), RC__EXPORTS_MAX);
    rc_release(last);
    empty(root);
}
END_TEST

HARNESS_MAIN("buffer/exports", the_first_export_retains_the_root_and_the_last_releases_it,
             more_slices_than_can_be_counted_are_refused,
             they_are_refused_too_while_the_process_has_two_threads)
