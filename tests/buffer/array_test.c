/* SPDX-License-Identifier: MIT */
#include "buffer/array.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <wchar.h>

#include "rc/weak.h"
#include "support.h"

static rc_array *ints(size_t count)
{
    rc_array *array = rc_array_new('i');
    ck_assert_ptr_nonnull(array);
    for (int i = 0; i < (int)count; i++) ASSERT_OK(rc_array_append(array, &i));
    return array;
}

static int at(const rc_array *array, ptrdiff_t index)
{
    const void *place = rc_array_get(array, index);
    ck_assert_ptr_nonnull(place);
    int item;
    memcpy(&item, place, sizeof item);
    return item;
}

static void assert_ints(const rc_array *array, size_t count, const int *items)
{
    ck_assert_uint_eq(array->length, count);
    ck_assert_uint_eq(array->buffer->size, count * sizeof(int));
    ck_assert_ptr_eq(array->data, array->buffer->data);
    for (size_t i = 0; i < count; i++) ck_assert_int_eq(at(array, (ptrdiff_t)i), items[i]);
}

#define ASSERT_INTS(array, ...)                                                                    \
    assert_ints(array, sizeof((int[]){__VA_ARGS__}) / sizeof(int), (int[]){__VA_ARGS__})

/* ---- create ---------------------------------------------------------------------------------- */

START_TEST(each_typecode_has_its_size_and_a_view_of_its_format)
{
    static const struct {
        char typecode;
        size_t itemsize;
    } known[] = {{'b', 1},
                 {'B', 1},
                 {'u', sizeof(wchar_t)},
                 {'w', 4},
                 {'h', sizeof(short)},
                 {'H', sizeof(short)},
                 {'i', sizeof(int)},
                 {'I', sizeof(int)},
                 {'l', sizeof(long)},
                 {'L', sizeof(long)},
                 {'q', sizeof(long long)},
                 {'Q', sizeof(long long)},
                 {'f', sizeof(float)},
                 {'d', sizeof(double)}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        rc_array *array = rc_array_new(known[i].typecode);
        ck_assert_ptr_nonnull(array);
        ck_assert_int_eq(array->typecode, known[i].typecode);
        ck_assert_uint_eq(array->itemsize, known[i].itemsize);
        ck_assert_uint_eq(array->length, 0);
        rc_view *view = rc_array_view(array);
        ck_assert_ptr_nonnull(view);
        ck_assert_uint_eq(view->itemsize, known[i].itemsize);
        if (known[i].typecode != 'u') ck_assert_int_eq(view->format->text[0], known[i].typecode);
        rc_release(view);
        rc_release(array);
    }
}
END_TEST

START_TEST(other_typecodes_are_refused_and_named)
{
    ASSERT_NULL(rc_array_new('x'), RC_FORMAT, "there is no typecode 'x' (120)");
    ASSERT_NULL(rc_array_new('e'), RC_FORMAT, "'e'");
    ASSERT_NULL(rc_array_new('\0'), RC_FORMAT, "'?' (0)");
    ASSERT_NULL(rc_array_new('\n'), RC_FORMAT, "'?' (10)");
    ASSERT_NULL(rc_array_new('\x7f'), RC_FORMAT, "'?' (127)");
    ASSERT_NULL(rc_array_copy('Z', NULL, 0), RC_FORMAT, "'Z'");
}
END_TEST

START_TEST(a_copy_has_the_items_and_null_ones_are_refused)
{
    int items[] = {3, -1, INT_MAX};
    rc_array *array = rc_array_copy('i', items, 3);
    items[0] = 99;
    ASSERT_INTS(array, 3, -1, INT_MAX);
    rc_release(array);
    array = rc_array_copy('i', NULL, 0);
    ck_assert_uint_eq(array->length, 0);
    rc_release(array);
    ASSERT_NULL(rc_array_copy('i', NULL, 1), RC_INVALID, "NULL");
    ASSERT_NULL(rc_array_copy('i', items, SIZE_MAX / 2), RC_OVERFLOW, "overflow");
}
END_TEST

START_TEST(null_arrays_and_items_are_refused)
{
    int item = 1;
    size_t index = 7;
    const void *address = &item;
    ck_assert_ptr_null(rc_array_edit(NULL));
    ASSERT_NULL(rc_array_get(NULL, 0), RC_INVALID, "rc_array_get: the array is NULL");
    ASSERT_NULL(rc_array_view(NULL), RC_INVALID, "the array is NULL");
    ASSERT_NULL(rc_array_to_bytes(NULL), RC_INVALID, "the array is NULL");
    ASSERT_REFUSED(rc_array_set(NULL, 0, &item), RC_INVALID, "the array is NULL");
    ASSERT_REFUSED(rc_array_append(NULL, &item), RC_INVALID, "the array is NULL");
    ASSERT_REFUSED(rc_array_insert(NULL, 0, &item), RC_INVALID, "the array is NULL");
    ASSERT_REFUSED(rc_array_pop(NULL, 0, &item), RC_INVALID, "the array is NULL");
    ASSERT_REFUSED(rc_array_remove(NULL, &item), RC_INVALID, "the array is NULL");
    ASSERT_REFUSED(rc_array_index(NULL, &item, &index), RC_INVALID, "the array is NULL");
    ASSERT_REFUSED(rc_array_reverse(NULL), RC_INVALID, "the array is NULL");
    ASSERT_REFUSED(rc_array_byteswap(NULL), RC_INVALID, "the array is NULL");
    ASSERT_REFUSED(rc_array_from_bytes(NULL, &item, 4), RC_INVALID, "the array is NULL");
    ASSERT_REFUSED(rc_array_from_file(NULL, stdin, 1), RC_INVALID, "the array is NULL");
    ASSERT_REFUSED(rc_array_to_file(NULL, stdout), RC_INVALID, "the array is NULL");
    ASSERT_REFUSED(rc_array_buffer_info(NULL, &address, &index), RC_INVALID, "the array is NULL");
    ck_assert_uint_eq(rc_array_count(NULL, &item), 0);
    rc_array *array = ints(2);
    ASSERT_REFUSED(rc_array_set(array, 0, NULL), RC_INVALID, "the items are NULL");
    ASSERT_REFUSED(rc_array_insert(array, 0, NULL), RC_INVALID, "the items are NULL");
    ASSERT_REFUSED(rc_array_append(array, NULL), RC_INVALID, "NULL");
    ASSERT_REFUSED(rc_array_index(array, NULL, &index), RC_INVALID, "the items are NULL");
    ASSERT_REFUSED(rc_array_index(array, &item, NULL), RC_INVALID, "no place for the index");
    ASSERT_REFUSED(rc_array_buffer_info(array, NULL, &index), RC_INVALID, "no place");
    ASSERT_REFUSED(rc_array_buffer_info(array, &address, NULL), RC_INVALID, "no place");
    ASSERT_REFUSED(rc_array_from_file(array, NULL, 1), RC_INVALID, "the file is NULL");
    ASSERT_REFUSED(rc_array_to_file(array, NULL), RC_INVALID, "the file is NULL");
    ck_assert_uint_eq(rc_array_count(array, NULL), 0);
    ck_assert_uint_eq(index, 7);
    ASSERT_INTS(array, 0, 1);
    rc_release(array);
}
END_TEST

/* ---- read and write -------------------------------------------------------------------------- */

START_TEST(negative_indices_count_from_the_end_and_others_are_refused)
{
    rc_array *array = ints(3);
    ck_assert_int_eq(at(array, 2), 2);
    ck_assert_int_eq(at(array, -1), 2);
    ck_assert_int_eq(at(array, -3), 0);
    ASSERT_NULL(rc_array_get(array, 3), RC_RANGE, "there is no element 3 in an array of 3");
    ASSERT_NULL(rc_array_get(array, -4), RC_RANGE, "there is no element -4 in an array of 3");
    ASSERT_NULL(rc_array_get(array, PTRDIFF_MIN), RC_RANGE, "in an array of 3");
    ASSERT_NULL(rc_array_get(array, PTRDIFF_MAX), RC_RANGE, "in an array of 3");
    int item = 50;
    ASSERT_OK(rc_array_set(array, -2, &item));
    ASSERT_REFUSED(rc_array_set(array, 3, &item), RC_RANGE, "rc_array_set: there is no element 3");
    ASSERT_OK(rc_array_set(array, 0, array->data + 4)); /* its own */
    ASSERT_INTS(array, 50, 50, 2);
    rc_release(array);
}
END_TEST

START_TEST(a_frozen_array_refuses_every_change)
{
    rc_array *array = ints(3);
    int item = 1;
    ASSERT_OK(rc_buffer_freeze(array->buffer));
    ASSERT_NULL(rc_array_edit(array), RC_READ_ONLY, "is frozen");
    ASSERT_REFUSED(rc_array_set(array, 0, &item), RC_READ_ONLY, "is frozen");
    ASSERT_REFUSED(rc_array_append(array, &item), RC_READ_ONLY, "is frozen");
    ASSERT_REFUSED(rc_array_insert(array, 0, &item), RC_READ_ONLY, "is frozen");
    ASSERT_REFUSED(rc_array_pop(array, 0, &item), RC_READ_ONLY, "is frozen");
    ASSERT_REFUSED(rc_array_remove(array, &item), RC_READ_ONLY, "is frozen");
    ASSERT_REFUSED(rc_array_reverse(array), RC_READ_ONLY, "is frozen");
    ASSERT_REFUSED(rc_array_byteswap(array), RC_READ_ONLY, "is frozen");
    ck_assert_int_eq(item, 1);
    ASSERT_INTS(array, 0, 1, 2);
    rc_release(array);
}
END_TEST

START_TEST(what_changes_the_length_is_busy_while_a_view_lives_and_what_does_not_is_seen)
{
    rc_array *array = ints(3);
    rc_view *view = rc_array_view(array);
    int item = 1;
    ASSERT_REFUSED(rc_array_append(array, &item), RC_BUSY, "");
    ASSERT_REFUSED(rc_array_extend(array, &item, 1), RC_BUSY, "");
    ASSERT_REFUSED(rc_array_insert(array, 0, &item), RC_BUSY, "");
    ASSERT_REFUSED(rc_array_pop(array, 0, NULL), RC_BUSY, "");
    ASSERT_REFUSED(rc_array_remove(array, &item), RC_BUSY, "");
    ASSERT_REFUSED(rc_array_from_bytes(array, &item, sizeof item), RC_BUSY, "");
    ASSERT_OK(rc_array_extend(array, NULL, 0));
    ASSERT_INTS(array, 0, 1, 2);
    item = 9;
    ASSERT_OK(rc_array_set(array, 1, &item));
    ck_assert_int_eq(((const int *)(const void *)view->data)[1], 9);
    rc_release(view);
    ASSERT_OK(rc_array_append(array, &item));
    ASSERT_INTS(array, 0, 9, 2, 9);
    rc_release(array);
}
END_TEST

START_TEST(a_view_outlives_its_array)
{
    rc_array *array = ints(1000);
    rc_weak *weak = rc_weak_new(array);
    rc_view *view = rc_array_view(array);
    rc_release(array);
    ck_assert(rc_weak_is_dead(weak));
    ck_assert_uint_eq(view->size, 1000);
    ck_assert_int_eq(((const int *)(const void *)view->data)[999], 999);
    rc_release(view);
    rc_release(weak);
}
END_TEST

START_TEST(buffer_info_is_address_and_length)
{
    rc_array *array = ints(5);
    const void *address = NULL;
    size_t length = 0;
    ASSERT_OK(rc_array_buffer_info(array, &address, &length));
    ck_assert_ptr_eq(address, array->buffer->data);
    ck_assert_uint_eq(length, 5);
    rc_release(array);
}
END_TEST

/* ---- grow and shrink ------------------------------------------------------------------------- */

START_TEST(appending_moves_seldom)
{
    rc_array *array = rc_array_new('q');
    size_t moves = 0;
    const void *before = array->data;
    for (long long i = 0; i < 100000; i++) {
        ASSERT_OK(rc_array_append(array, &i));
        moves += array->data != before;
        before = array->data;
    }
    ck_assert_uint_lt(moves, 40);
    for (long long i = 0; i < 100000; i++)
        ck_assert(memcmp(rc_array_get(array, (ptrdiff_t)i), &i, sizeof i) == 0);
    rc_release(array);
}
END_TEST

START_TEST(an_array_extends_by_itself)
{
    rc_array *array = ints(3);
    ASSERT_OK(rc_array_extend(array, array->data, array->length));
    ASSERT_INTS(array, 0, 1, 2, 0, 1, 2);
    ASSERT_OK(rc_array_append(array, array->data + 4));
    ASSERT_INTS(array, 0, 1, 2, 0, 1, 2, 1);
    ASSERT_REFUSED(rc_array_extend(array, array->data, 8), RC_RANGE, "");
    ASSERT_REFUSED(rc_array_extend(array, array->data, SIZE_MAX), RC_OVERFLOW, "overflow");
    ck_assert_uint_eq(array->length, 7);
    rc_release(array);
}
END_TEST

START_TEST(insert_goes_before_and_beyond_an_end_is_that_end)
{
    rc_array *array = ints(2);
    ASSERT_OK(rc_array_insert(array, 1, &(int){10}));
    ASSERT_INTS(array, 0, 10, 1);
    ASSERT_OK(rc_array_insert(array, -1, &(int){20}));
    ASSERT_INTS(array, 0, 10, 20, 1);
    ASSERT_OK(rc_array_insert(array, 100, &(int){30}));
    ASSERT_OK(rc_array_insert(array, PTRDIFF_MIN, &(int){40}));
    ASSERT_INTS(array, 40, 0, 10, 20, 1, 30);
    ASSERT_OK(rc_array_insert(array, 0, array->data + 5 * sizeof(int))); /* its own */
    ASSERT_INTS(array, 30, 40, 0, 10, 20, 1, 30);
    rc_release(array);
}
END_TEST

START_TEST(pop_gives_the_element_and_closes_the_gap)
{
    rc_array *array = ints(5);
    int item = -1;
    ASSERT_OK(rc_array_pop(array, -1, &item));
    ck_assert_int_eq(item, 4);
    ASSERT_OK(rc_array_pop(array, 1, &item));
    ck_assert_int_eq(item, 1);
    ASSERT_OK(rc_array_pop(array, 0, NULL));
    ASSERT_INTS(array, 2, 3);
    ASSERT_REFUSED(rc_array_pop(array, 2, &item), RC_RANGE, "no element 2 in an array of 2");
    ck_assert_int_eq(item, 1);
    ASSERT_OK(rc_array_pop(array, 0, &item));
    ASSERT_OK(rc_array_pop(array, 0, &item));
    ASSERT_REFUSED(rc_array_pop(array, -1, &item), RC_RANGE, "in an array of 0");
    rc_release(array);
}
END_TEST

START_TEST(remove_takes_the_first_that_is_equal)
{
    rc_array *array = rc_array_copy('i', (int[]){1, 2, 1, 3}, 4);
    ASSERT_OK(rc_array_remove(array, &(int){1}));
    ASSERT_INTS(array, 2, 1, 3);
    ASSERT_REFUSED(rc_array_remove(array, &(int){7}), RC_RANGE, "none of 3 elements");
    ASSERT_OK(rc_array_remove(array, array->data + 2 * sizeof(int)));
    ASSERT_INTS(array, 2, 1);
    rc_release(array);
}
END_TEST

START_TEST(bytes_come_in_whole_items_only)
{
    rc_array *array = rc_array_new('h');
    ASSERT_OK(rc_array_from_bytes(array, "abcd", 4));
    ASSERT_REFUSED(rc_array_from_bytes(array, "abc", 3), RC_INVALID, "3 bytes are no multiple of");
    ck_assert_uint_eq(array->length, 2);
    rc_buffer *bytes = rc_array_to_bytes(array);
    ck_assert_uint_eq(bytes->size, 4);
    ck_assert_mem_eq(bytes->data, "abcd", 4);
    ck_assert_ptr_ne(bytes->data, array->data);
    rc_release(bytes);
    rc_release(array);
}
END_TEST

/* ---- content --------------------------------------------------------------------------------- */

START_TEST(index_and_count_go_by_value)
{
    double zero = 0.0, nan_item = NAN;
    rc_array *array = rc_array_copy('d', (double[]){1.5, -0.0, NAN, 0.0}, 4);
    size_t index = 99;
    ASSERT_OK(rc_array_index(array, &zero, &index));
    ck_assert_uint_eq(index, 1);
    ck_assert_uint_eq(rc_array_count(array, &zero), 2);
    ck_assert_uint_eq(rc_array_count(array, &nan_item), 0);
    ASSERT_REFUSED(rc_array_index(array, &nan_item, &index), RC_RANGE, "none of 4 elements");
    ck_assert_uint_eq(index, 1);
    rc_release(array);
    array = rc_array_copy('f', (float[]){0.5f, -0.0f}, 2);
    ck_assert_uint_eq(rc_array_count(array, &(float){0.0f}), 1);
    ck_assert_uint_eq(rc_array_count(array, &(float){0.5f}), 1);
    rc_release(array);
    array = rc_array_copy('B', "abcabc", 6);
    ck_assert_uint_eq(rc_array_count(array, "c"), 2);
    ASSERT_OK(rc_array_index(array, "c", &index));
    ck_assert_uint_eq(index, 2);
    rc_release(array);
}
END_TEST

START_TEST(reverse_turns_arrays_of_every_length)
{
    for (size_t length = 0; length < 9; length++) {
        rc_array *array = ints(length);
        ASSERT_OK(rc_array_reverse(array));
        for (size_t i = 0; i < length; i++)
            ck_assert_int_eq(at(array, (ptrdiff_t)i), (int)(length - 1 - i));
        rc_release(array);
    }
}
END_TEST

START_TEST(byteswap_turns_each_item)
{
    static const struct {
        char typecode;
        const char *swapped; /* of "01234567" */
    } known[] = {{'B', "01234567"}, {'H', "10325476"}, {'w', "32107654"},
                 {'q', "76543210"}, {'f', "32107654"}, {'d', "76543210"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        rc_array *array = rc_array_new(known[i].typecode);
        ASSERT_OK(rc_array_from_bytes(array, "01234567", 8));
        ASSERT_OK(rc_array_byteswap(array));
        ck_assert_mem_eq(array->data, known[i].swapped, 8);
        rc_release(array);
    }
}
END_TEST

/* ---- files ----------------------------------------------------------------------------------- */

START_TEST(files_give_back_what_they_got)
{
    FILE *file = tmpfile();
    rc_array *array = ints(1000), *back = rc_array_copy('i', (int[]){-1}, 1);
    ASSERT_OK(rc_array_to_file(array, file));
    rewind(file);
    ASSERT_OK(rc_array_from_file(back, file, 999));
    ck_assert_uint_eq(back->length, 1000);
    for (int i = 0; i < 999; i++) ck_assert_int_eq(at(back, i + 1), i);
    ASSERT_OK(rc_array_from_file(back, file, 0));
    ck_assert_uint_eq(back->length, 1000);
    fclose(file);
    rc_release(back);
    rc_release(array);
}
END_TEST

START_TEST(a_file_that_ends_early_gives_the_items_it_has_and_says_so)
{
    FILE *file = tmpfile();
    ck_assert_uint_eq(fwrite("aabbc", 1, 5, file), 5);
    rewind(file);
    rc_array *array = rc_array_new('h');
    ASSERT_REFUSED(rc_array_from_file(array, file, 4), RC_RANGE,
                   "the file ends after 5 bytes of 8");
    ck_assert_uint_eq(array->length, 2);
    ck_assert_mem_eq(array->data, "aabb", 4);
    ASSERT_REFUSED(rc_array_from_file(array, file, SIZE_MAX), RC_OVERFLOW, "overflow");
    ASSERT_REFUSED(rc_array_from_file(array, file, SIZE_MAX / 4), RC_NO_MEMORY, "");
    ck_assert_uint_eq(array->length, 2);
    fclose(file);
    rc_release(array);
}
END_TEST

START_TEST(a_file_that_fails_is_told_with_errno)
{
    FILE *file = fopen("/dev/null", "w");
    rc_array *array = ints(100000);
    ASSERT_REFUSED(rc_array_from_file(array, file, 1), RC_SYSTEM, "read 0 of 4 bytes");
    ck_assert_int_eq(errno, EBADF);
    ck_assert_uint_eq(array->length, 100000);
    fclose(file);
    file = fopen("/dev/full", "w");
    if (file) {
        ASSERT_REFUSED(rc_array_to_file(array, file), RC_SYSTEM, "of 400000 bytes");
        ck_assert_int_eq(errno, ENOSPC);
        fclose(file);
    }
    rc_release(array);
}
END_TEST

HARNESS_MAIN("buffer/array", each_typecode_has_its_size_and_a_view_of_its_format,
             other_typecodes_are_refused_and_named, a_copy_has_the_items_and_null_ones_are_refused,
             null_arrays_and_items_are_refused,
             negative_indices_count_from_the_end_and_others_are_refused,
             a_frozen_array_refuses_every_change,
             what_changes_the_length_is_busy_while_a_view_lives_and_what_does_not_is_seen,
             a_view_outlives_its_array, buffer_info_is_address_and_length, appending_moves_seldom,
             an_array_extends_by_itself, insert_goes_before_and_beyond_an_end_is_that_end,
             pop_gives_the_element_and_closes_the_gap, remove_takes_the_first_that_is_equal,
             bytes_come_in_whole_items_only, index_and_count_go_by_value,
             reverse_turns_arrays_of_every_length, byteswap_turns_each_item,
             files_give_back_what_they_got,
             a_file_that_ends_early_gives_the_items_it_has_and_says_so,
             a_file_that_fails_is_told_with_errno)
