/* SPDX-License-Identifier: MIT */
/* The end of each kind of buffer, in bytes: what was counted in is counted out, and not more. */
#include "rc/weak.h"
#include "tests/buffer/support.h"

static size_t live_bytes(void)
{
    struct rc_account now;
    rc_account_read(&now);
    return now.live_bytes;
}

START_TEST(the_end_of_a_buffer_takes_exactly_its_bytes_off_the_account)
{
    static const size_t sizes[] = {0, 1, 64, 4096, 4097, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (unsigned flags = 0; flags <= RC_BUFFER_WIPE; flags++) {
            size_t before = live_bytes();
            rc_buffer *buffer = rc_buffer_new_with(NULL, sizes[i], 0, flags);
            size_t made = live_bytes();
            ck_assert_uint_ge(made, before + sizes[i]);
            ck_assert_int_eq(rc_buffer_reserve(buffer, sizes[i] + 5000), RC_OK);
            ck_assert_uint_ge(live_bytes(), before + sizes[i] + 5000);
            rc_release(buffer);
            ck_assert_uint_eq(live_bytes(), before);
        }
}
END_TEST

START_TEST(the_end_of_a_slice_takes_exactly_its_bytes_off_the_account)
{
    rc_buffer *buffer = rc_buffer_new(64);
    size_t before = live_bytes();
    for (size_t size = 0; size <= 64; size += 32) {
        rc_buffer *slice = rc_buffer_slice(buffer, 0, size);
        ck_assert_uint_gt(live_bytes(), before);
        rc_release(slice);
        ck_assert_uint_eq(live_bytes(), before);
    }
    rc_release(buffer);
}
END_TEST

static void give_back(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size, (void)context;
}

START_TEST(the_end_of_foreign_bytes_takes_exactly_the_object_off_the_account)
{
    char bytes[16] = "";
    size_t before = live_bytes();
    rc_buffer *adopted = rc_buffer_adopt(bytes, sizeof bytes, give_back, NULL);
    rc_buffer *borrowed = rc_buffer_borrow(bytes, sizeof bytes);
    ck_assert_uint_gt(live_bytes(), before);
    rc_release(adopted);
    rc_release(borrowed);
    ck_assert_uint_eq(live_bytes(), before);
}
END_TEST

START_TEST(the_end_of_a_buffer_with_a_weak_reference_takes_exactly_both_off_the_account)
{
    size_t before = live_bytes();
    rc_buffer *buffer = rc_buffer_new(100);
    rc_weak *weak = rc_weak_new(buffer);
    rc_release(buffer);
    ck_assert(rc_weak_is_dead(weak));
    rc_release(weak);
    ck_assert_uint_eq(live_bytes(), before);
}
END_TEST

START_TEST(an_immortal_buffer_takes_its_bytes_out_of_the_account)
{
    static const size_t sizes[] = {10, 10000};
    static rc_buffer *kept[2]; /* so that the leak checker finds them */
    for (size_t i = 0; i < 2; i++) {
        struct rc_account before, after;
        rc_account_read(&before);
        kept[i] = rc_buffer_new(sizes[i]);
        rc_make_immortal(kept[i]);
        rc_account_read(&after);
        ck_assert_uint_eq(after.live_bytes, before.live_bytes);
        ck_assert_uint_eq(after.live_objects, before.live_objects);
        ck_assert_uint_ge(after.immortal_bytes, before.immortal_bytes + sizes[i]);
    }
}
END_TEST

HARNESS_MAIN("buffer/buffer_account", an_immortal_buffer_takes_its_bytes_out_of_the_account,
             the_end_of_a_buffer_takes_exactly_its_bytes_off_the_account,
             the_end_of_a_slice_takes_exactly_its_bytes_off_the_account,
             the_end_of_foreign_bytes_takes_exactly_the_object_off_the_account,
             the_end_of_a_buffer_with_a_weak_reference_takes_exactly_both_off_the_account)
