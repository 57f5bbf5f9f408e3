/* SPDX-License-Identifier: MIT */
/* Normalised strides: what is contiguous in memory is one dimension, whatever the shape says. */
#include "buffer/view_run.h"

#include "view_model.h"

static unsigned char here[4096], there[4096];

/* A run of elements of 8 bytes from the middle of both. */
static struct rc__run run_of(size_t ndim, const size_t *shape, const ptrdiff_t *first,
                             const ptrdiff_t *second)
{
    struct rc__run run;
    rc__run_start(&run, ndim, shape, 8, (struct rc__side){here + 2048, first},
                  (struct rc__side){there + 2048, second});
    return run;
}

static void assert_dimension(const struct rc__run *run, size_t at, size_t length, ptrdiff_t first,
                             ptrdiff_t second)
{
    ck_assert_uint_lt(at, run->ndim);
    ck_assert_uint_eq(run->shape[at], length);
    ck_assert_int_eq(run->first_strides[at], first);
    ck_assert_int_eq(run->second_strides[at], second);
}

START_TEST(dimensions_without_a_gap_are_one)
{
    struct rc__run run = run_of(3, SHAPE(2, 3, 4), STRIDES(96, 32, 8), STRIDES(96, 32, 8));
    ck_assert(rc__run_is_flat(&run));
    ck_assert_uint_eq(rc__run_flat_count(&run), 24);
    run = run_of(3, SHAPE(4, 3, 2), STRIDES(8, 32, 96), STRIDES(8, 32, 96));
    ck_assert(rc__run_is_flat(&run));
    run = run_of(3, SHAPE(2, 3, 4), STRIDES(96, 32, 8), STRIDES(0, 0, 0));
    ck_assert_uint_eq(run.ndim, 1);
    assert_dimension(&run, 0, 24, 8, 0);
}
END_TEST

START_TEST(what_goes_backwards_begins_at_the_other_end)
{
    struct rc__run run = run_of(2, SHAPE(3, 4), STRIDES(-32, -8), STRIDES(-32, -8));
    ck_assert(rc__run_is_flat(&run));
    ck_assert_ptr_eq(run.first, here + 2048 - 88);
    ck_assert_ptr_eq(run.second, there + 2048 - 88);
    run = run_of(2, SHAPE(3, 4), STRIDES(32, 8), STRIDES(-32, -8));
    ck_assert_uint_eq(run.ndim, 1);
    assert_dimension(&run, 0, 12, 8, -8);
    run = run_of(1, SHAPE(4), STRIDES(0), STRIDES(-8));
    assert_dimension(&run, 0, 4, 0, 8);
    ck_assert_ptr_eq(run.second, there + 2048 - 24);
}
END_TEST

START_TEST(a_gap_in_either_keeps_dimensions_apart)
{
    struct rc__run run = run_of(2, SHAPE(3, 4), STRIDES(40, 8), STRIDES(32, 8));
    ck_assert_uint_eq(run.ndim, 2);
    run = run_of(2, SHAPE(3, 4), STRIDES(32, 8), STRIDES(40, 8));
    ck_assert_uint_eq(run.ndim, 2);
    assert_dimension(&run, 0, 3, 32, 40);
    run = run_of(2, SHAPE(3, 4), STRIDES(32, 8), STRIDES(-32, 8));
    ck_assert_uint_eq(run.ndim, 2);
    ck_assert(!rc__run_is_flat(&run));
    run = run_of(2, SHAPE(2, 2), STRIDES(16, 8), STRIDES(0, 8));
    ck_assert_uint_eq(run.ndim, 2);
}
END_TEST

START_TEST(dimensions_of_one_are_left_out_and_others_fall)
{
    struct rc__run run =
        run_of(4, SHAPE(1, 3, 1, 5), STRIDES(7, 8, PTRDIFF_MIN, 100), STRIDES(1, 100, 1, 8));
    ck_assert_uint_eq(run.ndim, 2);
    assert_dimension(&run, 0, 5, 100, 8);
    assert_dimension(&run, 1, 3, 8, 100);
    run = run_of(2, SHAPE(3, 5), STRIDES(0, 0), STRIDES(8, 100));
    assert_dimension(&run, 0, 5, 0, 100);
    run = run_of(2, SHAPE(1, 1), STRIDES(3, 4), STRIDES(5, 6));
    ck_assert(rc__run_is_flat(&run));
    ck_assert_uint_eq(rc__run_flat_count(&run), 1);
}
END_TEST

START_TEST(steps_lead_to_every_row_once)
{
    struct rc__run run = run_of(3, SHAPE(2, 3, 4), STRIDES(400, 100, 8), STRIDES(8, 100, 400));
    struct rc__steps steps;
    size_t count = 0;
    rc__steps_start(&steps, &run, 1);
    do {
        ck_assert_ptr_eq(steps.first, here + 2048 + count / 3 * 400 + count % 3 * 100);
        ck_assert_ptr_eq(steps.second, there + 2048 + count / 3 * 8 + count % 3 * 100);
        count++;
    } while (rc__steps_next(&steps));
    ck_assert_uint_eq(count, 6);
    ck_assert_ptr_eq(steps.first, here + 2048);
}
END_TEST

HARNESS_MAIN("buffer/view_run", dimensions_without_a_gap_are_one,
             what_goes_backwards_begins_at_the_other_end, a_gap_in_either_keeps_dimensions_apart,
             dimensions_of_one_are_left_out_and_others_fall, steps_lead_to_every_row_once)
