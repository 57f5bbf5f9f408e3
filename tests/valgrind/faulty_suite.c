/* SPDX-License-Identifier: MIT */
/* Whether gate.sh notices: tests that pass, and that valgrind must fail, but for the one that begins
 * with "right". The faults are in forked children, as those of all suites are. */
#include "buffer/buffer.h"

#include "tests/harness.h"

static volatile unsigned char sink;

START_TEST(right_bytes_are_read_and_released)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(100);
    ck_assert_int_eq(buffer->data[99], 0);
    rc_release(buffer);
}
END_TEST

START_TEST(bytes_decide_that_were_never_written)
{
    rc_buffer *buffer = rc_buffer_new(100);
    sink = buffer->data[50] == 7 ? 1 : 2;
    ck_assert_uint_ne(sink, 0);
    rc_release(buffer);
}
END_TEST

START_TEST(bytes_decide_that_growing_added)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(100);
    ck_assert_int_eq(rc_buffer_reserve(buffer, 200), RC_OK);
    ck_assert_int_eq(rc_buffer_resize(buffer, 150), RC_OK);
    sink = buffer->data[120] == 7 ? 1 : 2;
    ck_assert_uint_ne(sink, 0);
    rc_release(buffer);
}
END_TEST

START_TEST(a_block_is_forgotten)
{
    void *volatile block = malloc(100);
    ck_assert_ptr_nonnull(block);
    block = NULL;
    ck_assert_ptr_null(block);
}
END_TEST

START_TEST(a_spare_byte_is_read)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(100);
    ck_assert_int_eq(rc_buffer_resize(buffer, 50), RC_OK);
    sink = buffer->data[50];
    ck_assert_uint_eq(buffer->size, 50);
    rc_release(buffer);
}
END_TEST

START_TEST(bytes_are_read_after_the_last_release)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(100);
    const unsigned char *bytes = buffer->data;
    rc_release(buffer);
    sink = bytes[10];
    ck_assert_ptr_nonnull(bytes);
}
END_TEST

HARNESS_MAIN("valgrind/faulty", right_bytes_are_read_and_released,
             bytes_decide_that_were_never_written, bytes_decide_that_growing_added,
             a_block_is_forgotten, a_spare_byte_is_read, bytes_are_read_after_the_last_release)
