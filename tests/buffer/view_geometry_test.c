/* SPDX-License-Identifier: MIT */
/* Each function beside what counting one element after the other says, and at the ends of its types:
 * also those that tests/proof leaves out. */
#include "buffer/view_geometry.h"

#include "tests/harness.h"

enum { NDIM = 3, MOST_LENGTH = 3 };

/* ---- products -------------------------------------------------------------------------------- */

static const size_t sizes[] = {0,
                               1,
                               2,
                               3,
                               7,
                               255,
                               65535,
                               65536,
                               65537,
                               SIZE_MAX / 3,
                               PTRDIFF_MAX,
                               (size_t)PTRDIFF_MAX + 1,
                               SIZE_MAX - 1,
                               SIZE_MAX,
                               SIZE_MAX >> (sizeof(size_t) * 4),
                               (SIZE_MAX >> (sizeof(size_t) * 4)) + 1};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

START_TEST(products_are_exact_or_refused)
{
    for (size_t i = 0; i < SIZES; i++)
        for (size_t j = 0; j < SIZES; j++)
            for (size_t k = 0; k < SIZES; k++) {
                size_t wanted, product;
                bool fits = !__builtin_mul_overflow(sizes[i], sizes[j], &wanted);
                fits = fits && wanted <= sizes[k];
                ck_assert(rc__geometry_multiply(sizes[i], sizes[j], sizes[k], &product) == fits);
                if (fits) ck_assert_uint_eq(product, wanted);
            }
}
END_TEST

START_TEST(strides_are_scaled_exactly_or_refused)
{
    static const ptrdiff_t numbers[] = {0,
                                        1,
                                        -1,
                                        2,
                                        -2,
                                        3,
                                        -3,
                                        65536,
                                        -65536,
                                        PTRDIFF_MAX,
                                        -PTRDIFF_MAX,
                                        PTRDIFF_MIN,
                                        PTRDIFF_MAX / 2,
                                        PTRDIFF_MIN / 2};
    enum { NUMBERS = sizeof numbers / sizeof numbers[0] };
    for (size_t i = 0; i < NUMBERS; i++)
        for (size_t j = 0; j < NUMBERS; j++) {
            ptrdiff_t wanted, product;
            bool fits = !__builtin_mul_overflow(numbers[i], numbers[j], &wanted);
            ck_assert(rc__geometry_scale(numbers[i], numbers[j], &product) == fits);
            if (fits) ck_assert_int_eq(product, wanted);
        }
}
END_TEST

/* ---- shapes, element after element ----------------------------------------------------------- */

/* The next shape or index below @p most; false behind the last. Order 'F' moves the first one. */
static bool advance(size_t *index, const size_t *most, char order)
{
    for (size_t i = 0; i < NDIM; i++) {
        size_t place = order == 'F' ? i : NDIM - 1 - i;
        if (++index[place] < most[place]) return true;
        index[place] = 0;
    }
    return false;
}

static const size_t all_shapes[NDIM] = {MOST_LENGTH + 1, MOST_LENGTH + 1, MOST_LENGTH + 1};

static size_t product_of(const size_t *shape)
{
    return shape[0] * shape[1] * shape[2];
}

START_TEST(elements_are_counted)
{
    size_t shape[NDIM] = {0};
    do {
        size_t count;
        ck_assert(rc__geometry_count(NDIM, shape, 8, &count));
        ck_assert_uint_eq(count, product_of(shape));
    } while (advance(shape, all_shapes, 'C'));
}
END_TEST

START_TEST(what_has_too_many_bytes_is_refused_also_where_an_entry_is_zero)
{
    size_t count, most = PTRDIFF_MAX;
    ck_assert(rc__geometry_count(1, (size_t[]){most}, 1, &count) && count == most);
    ck_assert(rc__geometry_count(1, (size_t[]){most}, 0, &count) && count == most);
    ck_assert(!rc__geometry_count(1, (size_t[]){most}, 2, &count));
    ck_assert(!rc__geometry_count(2, (size_t[]){most, 2}, 1, &count));
    ck_assert(!rc__geometry_count(3, (size_t[]){most, 2, 0}, 1, &count));
    ck_assert(!rc__geometry_count(0, NULL, most + 1, &count));
    ck_assert(rc__geometry_count(0, NULL, most, &count) && count == 1);
    ck_assert(!rc__geometry_count(2, (size_t[]){0, most + 1}, 1, &count));
    ck_assert(rc__geometry_has_negative(2, (size_t[]){0, most + 1}));
    ck_assert(!rc__geometry_has_negative(3, (size_t[]){most, 2, 0}));
}
END_TEST

/* Whether elements in that order lie one itemsize after the other. */
static bool lies_without_gaps(const size_t *shape, const ptrdiff_t *strides, size_t itemsize,
                              char order)
{
    size_t index[NDIM] = {0};
    ptrdiff_t place = 0;
    if (product_of(shape) == 0) return true;
    do {
        if (rc__geometry_offset(NDIM, strides, index) != place) return false;
        place += (ptrdiff_t)itemsize;
    } while (advance(index, shape, order));
    return true;
}

START_TEST(strides_that_are_filled_in_leave_no_gaps_in_their_order)
{
    size_t shape[NDIM] = {0};
    do {
        ptrdiff_t strides[NDIM];
        for (const char *order = "CF"; *order; order++) {
            rc__geometry_fill_strides(NDIM, shape, 4, *order, strides);
            ck_assert(lies_without_gaps(shape, strides, 4, *order));
            ck_assert(rc__geometry_is_contiguous(NDIM, shape, strides, 4, *order));
        }
    } while (advance(shape, all_shapes, 'C'));
}
END_TEST

static const ptrdiff_t some_strides[] = {-12, -4, 0, 2, 4, 8, 12, 16, 36};
enum { STRIDES = sizeof some_strides / sizeof some_strides[0] };

START_TEST(contiguity_is_what_one_element_after_the_other_says)
{
    static const size_t all_strides[NDIM] = {STRIDES, STRIDES, STRIDES};
    size_t shape[NDIM] = {0};
    do {
        size_t which[NDIM] = {0};
        do {
            ptrdiff_t strides[NDIM];
            for (size_t i = 0; i < NDIM; i++) strides[i] = some_strides[which[i]];
            for (const char *order = "CF"; *order; order++)
                if (rc__geometry_is_contiguous(NDIM, shape, strides, 4, *order) !=
                    lies_without_gaps(shape, strides, 4, *order))
                    ck_abort_msg("(%zu, %zu, %zu), strides (%td, %td, %td), order %c", shape[0],
                                 shape[1], shape[2], strides[0], strides[1], strides[2], *order);
        } while (advance(which, all_strides, 'C'));
    } while (advance(shape, all_shapes, 'C'));
}
END_TEST

/* ---- reach ----------------------------------------------------------------------------------- */

START_TEST(reach_is_that_of_the_furthest_elements)
{
    static const size_t all_strides[NDIM] = {STRIDES, STRIDES, STRIDES};
    size_t which[NDIM] = {0};
    const size_t shape[NDIM] = {2, 3, 1};
    do {
        ptrdiff_t strides[NDIM], low = 0, high = 0;
        size_t index[NDIM] = {0};
        struct rc__geometry_reach reach;
        for (size_t i = 0; i < NDIM; i++) strides[i] = some_strides[which[i]];
        do {
            ptrdiff_t place = rc__geometry_offset(NDIM, strides, index);
            if (place < low) low = place;
            if (place > high) high = place;
        } while (advance(index, shape, 'C'));
        ck_assert(rc__geometry_reach(NDIM, shape, strides, &reach));
        ck_assert_int_eq((ptrdiff_t)reach.before, -low);
        ck_assert_int_eq((ptrdiff_t)reach.after, high);
    } while (advance(which, all_strides, 'C'));
}
END_TEST

START_TEST(elements_further_apart_than_memory_are_refused)
{
    struct rc__geometry_reach reach;
    ptrdiff_t half = PTRDIFF_MAX / 2 + 1;
    ck_assert(rc__geometry_reach(1, (size_t[]){2}, (ptrdiff_t[]){PTRDIFF_MAX}, &reach));
    ck_assert(!rc__geometry_reach(1, (size_t[]){2}, (ptrdiff_t[]){PTRDIFF_MIN}, &reach));
    ck_assert(rc__geometry_reach(1, (size_t[]){1}, (ptrdiff_t[]){PTRDIFF_MIN}, &reach));
    ck_assert(!rc__geometry_reach(1, (size_t[]){3}, (ptrdiff_t[]){half}, &reach));
    ck_assert(!rc__geometry_reach(2, (size_t[]){2, 2}, (ptrdiff_t[]){half, half}, &reach));
    ck_assert(!rc__geometry_reach(2, (size_t[]){2, 2}, (ptrdiff_t[]){half, -half}, &reach));
}
END_TEST

START_TEST(inside_means_every_byte)
{
    for (size_t size = 0; size < 12; size++)
        for (size_t offset = 0; offset < 14; offset++)
            for (size_t before = 0; before < 5; before++)
                for (size_t after = 0; after < 5; after++) {
                    struct rc__geometry_reach reach = {before, after};
                    bool inside = before <= offset && offset + after + 3 <= size;
                    ck_assert(rc__geometry_is_inside(size, offset, 3, &reach) == inside);
                }
    struct rc__geometry_reach far = {0, SIZE_MAX};
    ck_assert(!rc__geometry_is_inside(100, 50, 1, &far));
}
END_TEST

START_TEST(as_many_elements_as_fit_fill_up)
{
    for (size_t size = 0; size < 20; size++)
        for (size_t offset = 0; offset < 22; offset++)
            for (ptrdiff_t stride = -7; stride <= 7; stride++) {
                size_t count = 0;
                ptrdiff_t place = (ptrdiff_t)offset;
                if (stride == 0) continue;
                while (place >= 0 && place + 4 <= (ptrdiff_t)size) {
                    count++;
                    place += stride;
                }
                ck_assert_uint_eq(rc__geometry_fill_up(size, offset, 4, stride), count);
            }
}
END_TEST

/* ---- one dimension --------------------------------------------------------------------------- */

START_TEST(negative_indices_count_from_the_end)
{
    for (ptrdiff_t length = 0; length < 5; length++)
        for (ptrdiff_t index = -7; index < 7; index++) {
            size_t place = 99;
            bool is_there = index >= -length && index < length;
            ck_assert(rc__geometry_index((size_t)length, index, &place) == is_there);
            if (is_there) ck_assert_int_eq((ptrdiff_t)place, index < 0 ? length + index : index);
        }
    size_t place;
    ck_assert(!rc__geometry_index(3, PTRDIFF_MIN, &place));
    ck_assert(!rc__geometry_index(3, PTRDIFF_MAX, &place));
}
END_TEST

/* From a start to an end, both in the range that Python moves them to. */
static size_t steps_between(ptrdiff_t start, ptrdiff_t end, ptrdiff_t step)
{
    size_t count = 0;
    for (ptrdiff_t at = start; step > 0 ? at < end : at > end; at += step) count++;
    return count;
}

static ptrdiff_t moved(ptrdiff_t end, ptrdiff_t length, ptrdiff_t step, bool is_start)
{
    ptrdiff_t low = step < 0 ? -1 : 0, high = step < 0 ? length - 1 : length;
    if (end == PTRDIFF_MIN) return (step > 0) == is_start ? low : high;
    if (end < 0) end += length;
    return end < low ? low : end > high ? high : end;
}

START_TEST(slices_are_pythons)
{
    static const ptrdiff_t ends[] = {PTRDIFF_MIN, -9, -6, -5, -4, -1,         0,
                                     1,           3,  4,  5,  6,  PTRDIFF_MAX};
    enum { ENDS = sizeof ends / sizeof ends[0] };
    for (ptrdiff_t length = 0; length < 7; length++)
        for (size_t i = 0; i < ENDS; i++)
            for (size_t j = 0; j < ENDS; j++)
                for (ptrdiff_t step = -4; step <= 4; step++) {
                    if (step == 0) continue;
                    ptrdiff_t start = moved(ends[i], length, step, true);
                    size_t count = steps_between(start, moved(ends[j], length, step, false), step);
                    struct rc__geometry_range range =
                        rc__geometry_slice((size_t)length, ends[i], ends[j], step);
                    ck_assert_uint_eq(range.count, count);
                    ck_assert_uint_eq(range.first, count ? (size_t)start : 0);
                }
}
END_TEST

HARNESS_MAIN("buffer/view_geometry", products_are_exact_or_refused,
             strides_are_scaled_exactly_or_refused, elements_are_counted,
             what_has_too_many_bytes_is_refused_also_where_an_entry_is_zero,
             strides_that_are_filled_in_leave_no_gaps_in_their_order,
             contiguity_is_what_one_element_after_the_other_says,
             reach_is_that_of_the_furthest_elements, elements_further_apart_than_memory_are_refused,
             inside_means_every_byte, as_many_elements_as_fit_fill_up,
             negative_indices_count_from_the_end, slices_are_pythons)
