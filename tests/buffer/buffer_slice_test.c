/* SPDX-License-Identifier: MIT */
#include "buffer/buffer.h"

#include <pthread.h>

#include "support.h"
#include "tests/child.h"

START_TEST(a_slice_shares_the_bytes_at_its_offset)
{
    rc_buffer *buffer = support_buffer(100, 1);
    rc_buffer *slice = rc_buffer_slice(buffer, 10, 30);
    ck_assert_ptr_eq(slice->data, buffer->data + 10);
    ck_assert_uint_eq(slice->size, 30);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
    ck_assert_uint_eq(rc_buffer_exports(slice), 0);
    ck_assert_str_eq(rc_type_of(slice)->name, "rc_buffer slice");
    rc_release(slice);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    rc_release(buffer);
}
END_TEST

START_TEST(a_slice_of_everything_is_an_export_too)
{
    rc_buffer *buffer = support_buffer(100, 1);
    rc_buffer *slice = rc_buffer_slice(buffer, 0, 100);
    ck_assert_ptr_ne(slice, buffer);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
    rc_release(slice);
    rc_release(buffer);
}
END_TEST

START_TEST(a_slice_keeps_the_bytes_alive_when_the_buffer_is_released)
{
    rc_buffer *buffer = support_buffer(100000, 1);
    rc_buffer *slice = rc_buffer_slice(buffer, 10, 30);
    rc_release(buffer);
    ck_assert_uint_eq(support_count_same(slice->data, 30, 1, 10), 30);
    rc_release(slice);
}
END_TEST

START_TEST(a_slice_of_a_slice_hangs_on_the_root)
{
    rc_buffer *buffer = support_buffer(100, 1);
    rc_buffer *outer = rc_buffer_slice(buffer, 10, 50);
    rc_buffer *inner = rc_buffer_slice(outer, 5, 20);
    ck_assert_ptr_eq(inner->data, buffer->data + 15);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 2);
    ck_assert_uint_eq(rc_buffer_exports(outer), 0);
    ck_assert(rc_is_unique(outer));
    rc_release(outer);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
    rc_release(buffer);
    ck_assert_uint_eq(inner->data[0], support_byte(1, 15));
    rc_release(inner);
}
END_TEST

START_TEST(all_slices_together_hold_one_reference_to_the_root)
{
    enum { MANY = 50 };
    rc_buffer *buffer = support_buffer(100, 1), *slices[MANY];
    for (size_t i = 0; i < MANY; i++) {
        slices[i] = rc_buffer_slice(buffer, i, i + 1);
        ck_assert_uint_eq(rc_count(buffer), 2);
        ck_assert_uint_eq(rc_buffer_exports(buffer), i + 1);
    }
    for (size_t i = 0; i < MANY; i++) rc_release(slices[i]);
    ck_assert_uint_eq(rc_count(buffer), 1);
    rc_release(buffer);
}
END_TEST

START_TEST(an_empty_slice_holds_nothing)
{
    rc_buffer *buffer = support_buffer(100, 1);
    rc_buffer *empty = rc_buffer_slice(buffer, 100, 0);
    ck_assert_uint_eq(empty->size, 0);
    ck_assert_ptr_nonnull(empty->data);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    ck_assert(rc_is_unique(buffer));
    ASSERT_OK(rc_buffer_resize(buffer, 5000));
    rc_release(buffer);
    rc_buffer *again = rc_buffer_slice(empty, 0, 0);
    ck_assert_uint_eq(again->size, 0);
    ASSERT_NULL(rc_buffer_slice(empty, 0, 1), RC_RANGE,
                "slice [0, 1) passes the end of a slice of 0 bytes");
    rc_release(empty);
    rc_release(again);
}
END_TEST

START_TEST(a_range_past_the_end_is_refused_with_its_figures)
{
    rc_buffer *buffer = support_buffer(16, 1);
    ASSERT_NULL(rc_buffer_slice(buffer, 10, 20), RC_RANGE,
                "slice [10, 30) passes the end of a buffer of 16 bytes");
    ASSERT_NULL(rc_buffer_slice(buffer, 17, 0), RC_RANGE, "slice [17, 17) passes the end");
    ASSERT_NULL(rc_buffer_slice(buffer, 0, 17), RC_RANGE, "slice [0, 17) passes the end");
    ASSERT_NULL(rc_buffer_slice(buffer, 8, SIZE_MAX), RC_RANGE, "bytes at 8 passes the end");
    ASSERT_NULL(rc_buffer_slice(buffer, SIZE_MAX, 2), RC_RANGE, "a slice of 2 bytes at ");
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    rc_release(buffer);
}
END_TEST

START_TEST(a_slice_of_a_slice_cannot_leave_it)
{
    rc_buffer *buffer = support_buffer(100, 1);
    rc_buffer *slice = rc_buffer_slice(buffer, 10, 10);
    ASSERT_NULL(rc_buffer_slice(slice, 0, 11), RC_RANGE,
                "slice [0, 11) passes the end of a slice of 10 bytes");
    rc_release(slice);
    rc_release(buffer);
}
END_TEST

START_TEST(a_refused_slice_exports_nothing)
{
    rc_buffer *buffer = support_buffer(100, 1);
    struct rc_failing_allocator failing;
    rc_failing_allocator_init(&failing, NULL, 1, false);
    ASSERT_OK(rc_allocator_set_default(&failing.allocator));
    ASSERT_NULL(rc_buffer_slice(buffer, 1, 2), RC_NO_MEMORY, "no room for");
    rc_buffer *slice = rc_buffer_slice(buffer, 1, 2);
    ASSERT_OK(rc_allocator_set_default(NULL));
    ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
    rc_release(slice);
    ck_assert(rc_is_unique(buffer));
    rc_release(buffer);
}
END_TEST

static void collect(void *object, void *argument)
{
    *(void **)argument = object;
}

START_TEST(a_slice_reports_its_root_when_it_is_traversed)
{
    rc_buffer *buffer = support_buffer(100, 1);
    rc_buffer *slice = rc_buffer_slice(buffer, 1, 2), *empty = rc_buffer_slice(buffer, 1, 0);
    void *found = NULL;
    rc_type_of(slice)->traverse(slice, collect, &found);
    ck_assert_ptr_eq(found, buffer);
    found = NULL;
    rc_type_of(empty)->traverse(empty, collect, &found);
    ck_assert_ptr_null(found);
    rc_release(slice);
    rc_release(empty);
    rc_release(buffer);
}
END_TEST

START_TEST(an_immortal_buffer_can_be_sliced)
{
    static unsigned char bytes[64] = "for ever";
    static rc_buffer *buffer; /* where a leak checker finds it */
    buffer = rc_buffer_borrow(bytes, sizeof bytes);
    rc_make_immortal(buffer);
    rc_buffer *slice = rc_buffer_slice(buffer, 4, 4);
    ck_assert_mem_eq(slice->data, "ever", 4);
    rc_release(slice);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    ck_assert_uint_eq(buffer->size, 64);
}
END_TEST

/* ---- threads --------------------------------------------------------------------------------- */

enum { THREADS = 4, ROUNDS = 3000 };

static void *slice_and_release(void *argument)
{
    rc_buffer *buffer = argument; /* this thread's own reference */
    size_t sum = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        rc_buffer *slice = rc_buffer_slice(buffer, round % 50, 50);
        rc_buffer *inner = rc_buffer_slice(slice, 1, 1 + round % 40);
        rc_release(slice);
        sum += inner->data[0] == support_byte(1, round % 50 + 1);
        rc_release(inner);
    }
    rc_release(buffer);
    return (void *)sum;
}

START_TEST(threads_slice_and_release_the_same_bytes)
{
    rc_buffer *buffer = support_buffer(100, 1);
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, slice_and_release, rc_retain(buffer)),
                         0);
    for (size_t i = 0; i < THREADS; i++) {
        void *sum;
        pthread_join(threads[i], &sum);
        ck_assert_uint_eq((size_t)sum, ROUNDS);
    }
    ck_assert_uint_eq(rc_buffer_exports(buffer), 0);
    ck_assert_uint_eq(rc_count(buffer), 1);
    ASSERT_OK(rc_buffer_resize(buffer, 1000));
    rc_release(buffer);
}
END_TEST

static void *write_and_release(void *argument)
{
    rc_buffer *slice = argument;
    unsigned char *bytes = rc_buffer_edit(slice);
    for (size_t i = 0; i < slice->size; i++) bytes[i] = (unsigned char)(i + 1);
    rc_release(slice);
    return NULL;
}

START_TEST(what_threads_wrote_through_slices_is_there_once_no_slice_is_left)
{
    for (int round = 0; round < 25; round++) {
        rc_buffer *buffer = rc_buffer_new(THREADS * 100);
        pthread_t threads[THREADS];
        for (size_t i = 0; i < THREADS; i++)
            ck_assert_int_eq(pthread_create(&threads[i], NULL, write_and_release,
                                            rc_buffer_slice(buffer, i * 100, 100)),
                             0);
        while (rc_buffer_resize(buffer, 1000) == RC_BUSY) rc_error_clear();
        size_t right = 0; /* without waiting for the threads' end */
        while (right < THREADS * 100 && buffer->data[right] == right % 100 + 1) right++;
        ck_assert_uint_eq(right, THREADS * 100);
        for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
        rc_release(buffer);
    }
}
END_TEST

START_TEST(the_last_slice_frees_the_bytes_on_whichever_thread_it_ends)
{
    for (int round = 0; round < 25; round++) {
        rc_buffer *buffer = rc_buffer_new(100000);
        pthread_t threads[THREADS];
        for (size_t i = 0; i < THREADS; i++)
            ck_assert_int_eq(pthread_create(&threads[i], NULL, write_and_release,
                                            rc_buffer_slice(buffer, i * 100, 100)),
                             0);
        rc_release(buffer);
        for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    }
    ASSERT_OK(rc_account_check_nothing_new(&harness__before));
}
END_TEST

static void release_once_too_often(void *buffer)
{
    rc_buffer *slice = rc_buffer_slice(buffer, 0, 10);
    rc_release(buffer);
    rc_release(buffer); /* the reference that the slice holds */
    exit(slice->size != 10);
}

static void keep(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size, (void)context;
}

/* The exports hold a reference of their own: the last release with one alive is a bug for certain. */
START_TEST(a_release_too_many_stops_while_a_slice_lives)
{
    static char bytes[100];
    rc_buffer *buffer = support_buffer(100, 1);
    CHILD_ASSERT_STOPS(release_once_too_often, buffer,
                       "was released more often than retained: exports of it still live: 1");
    rc_release(buffer);
    buffer = rc_buffer_adopt(bytes, sizeof bytes, keep, NULL);
    CHILD_ASSERT_STOPS(release_once_too_often, buffer, "an adopted buffer of 100 bytes");
    CHILD_ASSERT_STOPS(release_once_too_often, buffer, "exports of it still live: 1");
    rc_release(buffer);
    buffer = rc_buffer_borrow(bytes, sizeof bytes);
    CHILD_ASSERT_STOPS(release_once_too_often, buffer, "a borrowed buffer of 100 bytes");
    rc_release(buffer);
}
END_TEST

HARNESS_MAIN("buffer/buffer_slice", a_release_too_many_stops_while_a_slice_lives,
             a_slice_shares_the_bytes_at_its_offset, a_slice_of_everything_is_an_export_too,
             a_slice_keeps_the_bytes_alive_when_the_buffer_is_released,
             a_slice_of_a_slice_hangs_on_the_root,
             all_slices_together_hold_one_reference_to_the_root, an_empty_slice_holds_nothing,
             a_range_past_the_end_is_refused_with_its_figures, a_slice_of_a_slice_cannot_leave_it,
             a_refused_slice_exports_nothing, a_slice_reports_its_root_when_it_is_traversed,
             an_immortal_buffer_can_be_sliced, threads_slice_and_release_the_same_bytes,
             what_threads_wrote_through_slices_is_there_once_no_slice_is_left,
             the_last_slice_frees_the_bytes_on_whichever_thread_it_ends)
