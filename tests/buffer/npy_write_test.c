/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1 /* fopencookie() */
/* Writing to open files: views of every kind of strides, several arrays, files that take nothing. */
#include <errno.h>

#include "npy_support.h"

/* Elements whose bytes are told apart. */
static rc_view *numbered(const char *format, size_t ndim, const size_t *shape)
{
    rc_view *view = rc_view_new_zeroed(format, ndim, shape);
    ck_assert_msg(view != NULL, "%s", rc_error_message());
    unsigned char *bytes = rc_view_edit(view);
    support_write(bytes, rc_view_byte_count(view), 3, 0);
    return view;
}

/* What rc_npy_write() writes. */
static rc_buffer *written(const rc_view *view, enum rc_npy_version version)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&bytes, &size);
    ck_assert_ptr_nonnull(file);
    rc_error_clear();
    ASSERT_OK(rc_npy_write(view, file, version));
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_int_eq(fclose(file), 0);
    rc_buffer *buffer = rc_buffer_copy(bytes, size);
    ck_assert_ptr_nonnull(buffer);
    free(bytes);
    return buffer;
}

/* A file has the header that rc_npy_header() makes, the elements in order, and nothing else; what is
 * read of it is equal. The view's reference is taken. */
static void assert_written(rc_view *view, char order)
{
    rc_buffer *file = written(view, RC_NPY_LEAST);
    rc_buffer *header = rc_npy_header(view, RC_NPY_LEAST), *bytes = rc_view_to_bytes(view, order);
    ck_assert(header && bytes);
    ck_assert_uint_eq(file->size, header->size + bytes->size);
    ck_assert_int_eq(memcmp(file->data, header->data, header->size), 0);
    ck_assert_int_eq(memcmp(file->data + header->size, bytes->data, bytes->size), 0);
    rc_release(header);
    rc_release(bytes);
    rc_view *again = npy_read(file);
    ck_assert(rc_view_equal(view, again));
    ck_assert(rc_view_is_contiguous(again, order));
    rc_release(again);
    rc_release(view);
}

static rc_view *sliced(rc_view *view, size_t dimension, ptrdiff_t start, ptrdiff_t stop,
                       ptrdiff_t step)
{
    rc_view *slice = rc_view_slice(view, dimension, start, stop, step);
    ck_assert_msg(slice != NULL, "%s", rc_error_message());
    rc_release(view);
    return slice;
}

static rc_view *transposed(rc_view *view)
{
    rc_view *turned = rc_view_transpose(view);
    ck_assert_ptr_nonnull(turned);
    rc_release(view);
    return turned;
}

START_TEST(contiguous_views_are_written_as_they_are)
{
    static const size_t shape[] = {3, 4, 5};
    assert_written(numbered("<i", 3, shape), 'C');
    assert_written(numbered(">d", 1, shape), 'C');
    assert_written(numbered("Zf", 0, shape), 'C');
    assert_written(numbered("7s", 2, shape), 'C');
    assert_written(transposed(numbered("h", 3, shape)), 'F');
}
END_TEST

START_TEST(views_with_gaps_and_negative_strides_are_written_in_c_order)
{
    static const size_t shape[] = {6, 8};
    rc_view *view = numbered("h", 2, shape);
    assert_written(sliced(rc_retain(view), 0, 1, 5, 2), 'C');
    assert_written(sliced(rc_retain(view), 1, RC_VIEW_OPEN, RC_VIEW_OPEN, -1), 'C');
    assert_written(sliced(rc_retain(view), 0, RC_VIEW_OPEN, RC_VIEW_OPEN, -1), 'C');
    assert_written(sliced(sliced(rc_retain(view), 0, RC_VIEW_OPEN, RC_VIEW_OPEN, -2), 1,
                          RC_VIEW_OPEN, RC_VIEW_OPEN, -3),
                   'C');
    assert_written(transposed(sliced(rc_retain(view), 1, 2, 7, 2)), 'C');
    assert_written(sliced(rc_retain(view), 1, 4, 4, 1), 'C');
    rc_release(view);
    static const size_t cube[] = {3, 4, 5}, axes[] = {1, 0, 2};
    view = numbered("T{b:a:=i:b:}", 3, cube);
    rc_view *permuted = rc_view_permute(view, axes);
    assert_written(permuted, 'C');
    rc_release(view);
}
END_TEST

START_TEST(repeated_elements_are_written_each_time)
{
    static const size_t shape[] = {4, 3}, row[] = {3};
    rc_view *view = numbered("<H", 1, row);
    assert_written(rc_view_broadcast(view, 2, shape), 'C');
    assert_written(transposed(rc_view_broadcast(view, 2, shape)), 'C');
    rc_release(view);
    view = numbered("<d", 0, NULL);
    assert_written(rc_view_broadcast(view, 2, shape), 'C');
    rc_release(view);
}
END_TEST

START_TEST(views_of_a_field_are_written_without_the_others)
{
    static const size_t shape[] = {5};
    rc_view *view = numbered("T{b:a:(2,2)<h:m:d:b:}", 1, shape);
    assert_written(rc_view_field(view, "b"), 'C');
    assert_written(rc_view_field(view, "m"), 'C');
    assert_written(rc_retain(view), 'C');
    rc_release(view);
}
END_TEST

START_TEST(sub_arrays_become_dimensions)
{
    static const size_t shape[] = {2, 3};
    rc_view *view = numbered("(2,2)<h", 2, shape), *turned = rc_view_transpose(view);
    rc_view *again = npy_read(written(turned, RC_NPY_LEAST));
    ck_assert_uint_eq(again->ndim, 4);
    ck_assert_uint_eq(again->shape[0], 3);
    ck_assert_uint_eq(again->itemsize, 2);
    rc_buffer *bytes = rc_view_to_bytes(turned, 'C');
    ck_assert_int_eq(memcmp(again->data, bytes->data, bytes->size), 0);
    rc_release(bytes);
    rc_release(again);
    rc_release(turned);
    rc_release(view);
}
END_TEST

START_TEST(large_views_with_gaps_are_written_in_pieces)
{
    static const size_t tall[] = {7001, 100}, wide[] = {3, 400000};
    assert_written(sliced(numbered("<i", 2, tall), 1, RC_VIEW_OPEN, RC_VIEW_OPEN, 2), 'C');
    assert_written(sliced(numbered("<q", 2, wide), 1, RC_VIEW_OPEN, RC_VIEW_OPEN, -2), 'C');
    static const size_t row[] = {1500000};
    assert_written(sliced(numbered("B", 1, row), 0, RC_VIEW_OPEN, RC_VIEW_OPEN, -1), 'C');
}
END_TEST

START_TEST(every_version_reads_as_the_same)
{
    static const size_t shape[] = {2, 5};
    rc_view *view = numbered("T{<i:a:>d:\xc3\xa9:}", 2, shape);
    for (enum rc_npy_version version = RC_NPY_LEAST; version <= RC_NPY_3_0; version++) {
        rc_buffer *file = written(view, version);
        ck_assert_int_eq(file->data[6], version == RC_NPY_LEAST ? 1 : (int)version);
        rc_view *again = npy_read(file);
        ck_assert(rc_view_equal(view, again) && rc_format_equal(view->format, again->format));
        ck_assert_ptr_nonnull(rc_format_find(again->format, "\xc3\xa9"));
        rc_release(again);
    }
    rc_release(view);
}
END_TEST

START_TEST(views_that_follow_addresses_are_written)
{
    static const size_t shape[] = {2, 3};
    static const ptrdiff_t strides[] = {sizeof(void *), 2}, suboffsets[] = {2, -1};
    static unsigned char rows[2][8];
    for (size_t i = 0; i < 8; i++) {
        rows[0][i] = support_byte(3, i);
        rows[1][i] = support_byte(3, i + 6);
    }
    const void *addresses[] = {rows[0], rows[1]};
    rc_buffer *buffer = rc_buffer_copy(addresses, sizeof addresses);
    struct rc_view_layout layout = {.struct_size = sizeof layout,
                                    .format = "<H",
                                    .ndim = 2,
                                    .shape = shape,
                                    .strides = strides,
                                    .suboffsets = suboffsets};
    rc_view *view = rc_view_new_with(buffer, &layout);
    ck_assert_msg(view != NULL, "%s", rc_error_message());
    rc_view *again = npy_read(written(view, RC_NPY_LEAST));
    size_t same = support_count_same(again->data, 12, 3, 2);
    ck_assert_uint_eq(same, 12);
    rc_release(again);
    rc_release(view);
    rc_release(buffer);
}
END_TEST

/* ---- files ----------------------------------------------------------------------------------- */

START_TEST(arrays_are_written_at_the_file_s_position)
{
    static const size_t shape[] = {2, 3};
    char path[SUPPORT_PATH];
    close(support_file(path, 0, 0));
    FILE *file = fopen(path, "w+b");
    rc_view *first = numbered("<i", 2, shape), *second = transposed(numbered("B", 2, shape));
    ck_assert_uint_eq(fwrite("head", 1, 4, file), 4);
    ASSERT_OK(rc_npy_write(first, file, RC_NPY_LEAST));
    ASSERT_OK(rc_npy_write(second, file, RC_NPY_3_0));
    ck_assert_int_eq(ftell(file), 4 + 128 + 24 + 128 + 6);
    ck_assert_int_eq(fclose(file), 0);
    rc_buffer *map = rc_map_file(path, RC_MAP_READ);
    size_t offset = 4;
    rc_view *again = rc_npy_read(map, &offset);
    ck_assert(again && rc_view_equal(first, again));
    rc_release(again);
    again = rc_npy_read(map, &offset);
    ck_assert(again && rc_view_equal(second, again));
    ck_assert_uint_eq(offset, map->size);
    rc_release(again);
    rc_release(map);
    rc_release(first);
    rc_release(second);
    unlink(path);
}
END_TEST

START_TEST(a_file_that_takes_nothing_is_told)
{
    static const size_t shape[] = {100, 3};
    rc_view *view = numbered("<i", 2, shape), *gaps = sliced(rc_retain(view), 1, 0, 3, 2);
    FILE *file = fopen("/dev/full", "wb");
    ck_assert_ptr_nonnull(file);
    setvbuf(file, NULL, _IONBF, 0);
    errno = 0;
    ASSERT_REFUSED(rc_npy_write(view, file, RC_NPY_LEAST), RC_SYSTEM, "wrote 0 of 128 bytes");
    ck_assert_int_eq(errno, ENOSPC);
    ASSERT_REFUSED(rc_npy_write(gaps, file, RC_NPY_LEAST), RC_SYSTEM, "rc_npy_write: ");
    fclose(file);
    file = fopen("/dev/null", "rb");
    setvbuf(file, NULL, _IONBF, 0);
    ASSERT_REFUSED(rc_npy_write(view, file, RC_NPY_LEAST), RC_SYSTEM, "wrote 0 of 128 bytes");
    ck_assert_int_eq(errno, EBADF);
    fclose(file);
    rc_release(gaps);
    rc_release(view);
}
END_TEST

/* Takes so many bytes, and then no more. */
static ssize_t take_some(void *cookie, const char *bytes, size_t size)
{
    size_t *room = cookie;
    (void)bytes;
    if (size > *room) size = *room;
    *room -= size;
    if (size == 0) errno = EIO;
    return (ssize_t)size;
}

START_TEST(a_file_that_ends_early_is_told_wherever_it_ends)
{
    static const size_t shape[] = {8, 4};
    rc_view *view = sliced(numbered("<i", 2, shape), 1, 0, 4, 2);
    for (size_t room = 0; room < 128 + 64; room += 3) {
        size_t left = room;
        FILE *file = fopencookie(&left, "wb", (cookie_io_functions_t){.write = take_some});
        ck_assert_ptr_nonnull(file);
        setvbuf(file, NULL, _IONBF, 0);
        ASSERT_REFUSED(rc_npy_write(view, file, RC_NPY_LEAST), RC_SYSTEM, " bytes");
        ck_assert_uint_eq(left, 0);
        fclose(file);
    }
    rc_release(view);
}
END_TEST

START_TEST(what_cannot_be_said_writes_nothing)
{
    static const size_t shape[] = {3};
    rc_view *bad = numbered("4p", 1, shape), *good = numbered("i", 1, shape);
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    ASSERT_REFUSED(rc_npy_write(bad, file, RC_NPY_LEAST), RC_UNSUPPORTED, "code 'p'");
    ASSERT_REFUSED(rc_npy_write(good, file, (enum rc_npy_version)9), RC_INVALID, "version 9");
    ASSERT_REFUSED(rc_npy_write(NULL, file, RC_NPY_LEAST), RC_INVALID, "rc_npy_write");
    ASSERT_REFUSED(rc_npy_write(good, NULL, RC_NPY_LEAST), RC_INVALID,
                   "rc_npy_write: the file is NULL");
    ck_assert_int_eq(ftell(file), 0);
    fclose(file);
    rc_release(good);
    rc_release(bad);
}
END_TEST

HARNESS_MAIN("buffer/npy_write", contiguous_views_are_written_as_they_are,
             views_with_gaps_and_negative_strides_are_written_in_c_order,
             repeated_elements_are_written_each_time,
             views_of_a_field_are_written_without_the_others, sub_arrays_become_dimensions,
             large_views_with_gaps_are_written_in_pieces, every_version_reads_as_the_same,
             views_that_follow_addresses_are_written, arrays_are_written_at_the_file_s_position,
             a_file_that_takes_nothing_is_told, a_file_that_ends_early_is_told_wherever_it_ends,
             what_cannot_be_said_writes_nothing)
