/* SPDX-License-Identifier: MIT */
/* Reading: versions, spellings of a header, shapes, orders, several arrays in one file. */
#include "npy_support.h"

/* It reads as a row of three numbers, 32 bits each. */
static void assert_row_of_three(unsigned version, const char *header)
{
    rc_view *view = npy_read(npy_bytes(version, header, 12));
    ck_assert_uint_eq(view->ndim, 1);
    ck_assert_uint_eq(view->shape[0], 3);
    ck_assert_int_eq(view->strides[0], 4);
    ck_assert_uint_eq(view->itemsize, 4);
    ck_assert_int_eq(view->format->fields[0].code, 'i');
    npy_assert_elements(view, 9);
    rc_release(view);
}

START_TEST(all_three_versions_are_read)
{
    for (unsigned version = 1; version <= 3; version++)
        assert_row_of_three(version, npy_text("'=i4'", false, "(3,)"));
}
END_TEST

START_TEST(a_header_may_be_spelt_in_many_ways)
{
    static const char *const headers[] = {
        "{'descr': '=i4', 'fortran_order': False, 'shape': (3,), }",
        "{'descr': '=i4', 'fortran_order': False, 'shape': (3,)}",
        "{'descr':'=i4','fortran_order':False,'shape':(3,)}",
        "{\"descr\": \"=i4\", \"fortran_order\": False, \"shape\": (3,)}",
        "{'descr': \"=i4\", \"fortran_order\": True, 'shape': (3,)}",
        "{'shape': (3,), 'descr': '=i4', 'fortran_order': False}",
        "{'fortran_order': False, 'shape': (3,), 'descr': '=i4'}",
        "  \t{ 'descr' : '=i4' , 'fortran_order' : False , 'shape' : ( 3 , ) , } \t \n",
        "{\n'descr':\r'=i4',\f'fortran_order':\t\n False,\n\n'shape':\n(\n3\n,\n)\n}\n\n\n",
        "{'descr': '|i4', 'fortran_order': False, 'shape': (3,)}",
        "{'descr': 'i4', 'fortran_order': False, 'shape': (3,)}",
        "{'descr': 'i04', 'fortran_order': False, 'shape': (3,)}",
        "{'descr': '=i4', 'fortran_order': False, 'shape': (3L,)}",
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        assert_row_of_three(1, headers[i]);
}
END_TEST

START_TEST(python_2_s_long_numbers_are_read_before_version_3)
{
    static const char header[] = "{'descr': [('a', '=i4', (2L, 1L))], 'fortran_order': False, "
                                 "'shape': (2L, 0L, 10L), }\n";
    for (unsigned version = 1; version <= 2; version++) {
        rc_view *view = npy_read(npy_bytes(version, header, 0));
        ck_assert_uint_eq(view->ndim, 3);
        ck_assert_uint_eq(view->shape[2], 10);
        ck_assert_uint_eq(view->itemsize, 8);
        rc_release(view);
    }
    rc_buffer *file = npy_bytes(3, header, 0);
    ASSERT_NULL(rc_npy_read(file, NULL), RC_FORMAT, "'L' where ')' is wanted");
    rc_release(file);
}
END_TEST

START_TEST(a_header_of_more_than_64_kib_is_read_in_version_2)
{
    char *header = malloc(100000);
    ck_assert_ptr_nonnull(header);
    memset(header, ' ', 100000);
    memcpy(header, npy_text("'=i4'", false, "(3,)"), strlen(npy_text("'=i4'", false, "(3,)")) - 1);
    header[99998] = '\n';
    header[99999] = '\0';
    assert_row_of_three(2, header);
    assert_row_of_three(3, header);
    free(header);
}
END_TEST

/* ---- shapes and orders ----------------------------------------------------------------------- */

static void assert_strides(const rc_view *view, const ptrdiff_t *strides)
{
    for (size_t i = 0; i < view->ndim; i++) ck_assert_int_eq(view->strides[i], strides[i]);
}

START_TEST(elements_lie_in_c_order_or_in_fortran_order)
{
    rc_view *view = npy_read(npy_bytes(1, npy_text("'<u2'", false, "(2, 3, 4)"), 48));
    assert_strides(view, (const ptrdiff_t[]){24, 8, 2});
    ck_assert(rc_view_is_contiguous(view, 'C') && !rc_view_is_contiguous(view, 'F'));
    rc_release(view);
    view = npy_read(npy_bytes(1, npy_text("'<u2'", true, "(2, 3, 4)"), 48));
    assert_strides(view, (const ptrdiff_t[]){2, 4, 12});
    ck_assert(rc_view_is_contiguous(view, 'F') && !rc_view_is_contiguous(view, 'C'));
    const unsigned char *element = rc_view_at(view, (const size_t[]){1, 2, 3});
    ck_assert_ptr_eq(element, view->data + 46);
    npy_assert_elements(view, 9);
    rc_release(view);
}
END_TEST

START_TEST(one_element_has_no_dimensions)
{
    rc_view *view = npy_view("'<f8'", "()", 8);
    ck_assert_uint_eq(view->ndim, 0);
    ck_assert_uint_eq(view->size, 1);
    ck_assert_uint_eq(view->itemsize, 8);
    npy_assert_elements(view, 9);
    rc_release(view);
}
END_TEST

START_TEST(arrays_without_elements_are_read)
{
    static const char *const shapes[] = {"(0,)", "(3, 0)", "(0, 70000)", "(2, 0, 5, 0)"};
    for (size_t i = 0; i < 4; i++) {
        rc_view *view = npy_view("'|u1'", shapes[i], 0);
        ck_assert_uint_eq(view->size, 0);
        ck_assert_uint_eq(rc_view_byte_count(view), 0);
        rc_release(view);
    }
}
END_TEST

START_TEST(elements_without_bytes_are_read)
{
    static const char *const dtypes[] = {"'|S0'", "'<U0'", "'|V0'", "[]", "[('a', '<f8', (0,))]"};
    for (size_t i = 0; i < 5; i++) {
        rc_view *view = npy_view(dtypes[i], "(1000000, 3)", 0);
        ck_assert_uint_eq(view->size, 3000000);
        ck_assert_uint_eq(view->itemsize, 0);
        rc_release(view);
    }
}
END_TEST

START_TEST(as_many_dimensions_as_a_view_has_are_read)
{
    char shape[3 * RC_VIEW_DIMENSIONS_MAX + 8] = "(2";
    for (size_t i = 1; i < RC_VIEW_DIMENSIONS_MAX; i++) strcat(shape, ",1");
    strcat(shape, ")");
    rc_view *view = npy_view("'|u1'", shape, 2);
    ck_assert_uint_eq(view->ndim, RC_VIEW_DIMENSIONS_MAX);
    ck_assert_uint_eq(view->size, 2);
    rc_release(view);
}
END_TEST

START_TEST(elements_may_begin_at_any_place)
{
    for (size_t blanks = 0; blanks < 9; blanks++) {
        struct npy_file file = {NULL, 0};
        const char *header = npy_text("'=f8'", false, "(2,)");
        const double numbers[] = {-0.25, 1e300};
        npy_put_header(&file, 1, "         ", blanks);
        file.bytes[8] = (unsigned char)(blanks + strlen(header));
        npy_put(&file, header, strlen(header));
        npy_put(&file, numbers, sizeof numbers);
        rc_view *view = npy_read(npy_close(&file));
        struct rc_value sum;
        ASSERT_OK(rc_view_sum(view, &sum));
        ck_assert(sum.as.real == -0.25L + 1e300);
        ck_assert_int_eq(memcmp(view->data, numbers, sizeof numbers), 0);
        rc_release(view);
    }
}
END_TEST

/* ---- several arrays, and what is not one ----------------------------------------------------- */

START_TEST(arrays_follow_each_other_in_one_file)
{
    struct npy_file file = {NULL, 0};
    npy_put(&file, "head", 4);
    const char *header = npy_text("'|u1'", false, "(5,)");
    npy_put_header(&file, 1, header, strlen(header));
    npy_put_elements(&file, 1, 5);
    header = npy_text("'<f8'", false, "(0,)");
    npy_put_header(&file, 3, header, strlen(header));
    header = npy_text("'>i2'", true, "(2, 2)");
    npy_put_header(&file, 2, header, strlen(header));
    npy_put_elements(&file, 2, 8);
    npy_put(&file, "tail", 4);
    rc_buffer *buffer = npy_close(&file);
    size_t offset = 4;
    rc_view *views[3];
    for (size_t i = 0; i < 3; i++) {
        views[i] = rc_npy_read(buffer, &offset);
        ck_assert_msg(views[i] != NULL, "%s", rc_error_message());
    }
    ck_assert_uint_eq(offset, buffer->size - 4);
    npy_assert_elements(views[0], 1);
    ck_assert_uint_eq(views[1]->size, 0);
    npy_assert_elements(views[2], 2);
    ck_assert_int_eq(views[2]->strides[0], 2);
    ASSERT_NULL(rc_npy_read(buffer, &offset), RC_FORMAT, "4 bytes are too few");
    ck_assert_uint_eq(offset, buffer->size - 4);
    rc_release(buffer);
    for (size_t i = 0; i < 3; i++) rc_release(views[i]);
}
END_TEST

START_TEST(without_an_offset_the_first_array_is_read)
{
    struct npy_file file = {NULL, 0};
    const char *header = npy_text("'|u1'", false, "(5,)");
    npy_put_header(&file, 1, header, strlen(header));
    npy_put_elements(&file, 1, 5);
    npy_put(&file, "what follows", 12);
    rc_buffer *buffer = npy_close(&file);
    for (size_t i = 0; i < 2; i++) {
        rc_view *view = rc_npy_read(buffer, NULL);
        ck_assert_ptr_nonnull(view);
        ck_assert_uint_eq(view->size, 5);
        ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
        rc_release(view);
    }
    rc_release(buffer);
}
END_TEST

START_TEST(an_offset_behind_the_end_is_refused)
{
    rc_buffer *buffer = npy_bytes(1, npy_text("'|u1'", false, "(5,)"), 5);
    size_t offset = buffer->size + 1;
    ASSERT_NULL(rc_npy_read(buffer, &offset), RC_RANGE, "passes the end of a buffer of ");
    ck_assert_uint_eq(offset, buffer->size + 1);
    offset = SIZE_MAX;
    ASSERT_NULL(rc_npy_read(buffer, &offset), RC_RANGE, "passes the end of a buffer of ");
    offset = buffer->size;
    ASSERT_NULL(rc_npy_read(buffer, &offset), RC_FORMAT, "0 bytes are too few for a .npy file");
    ck_assert_uint_eq(offset, buffer->size);
    rc_release(buffer);
}
END_TEST

START_TEST(null_is_refused)
{
    size_t offset = 7;
    ASSERT_NULL(rc_npy_read(NULL, &offset), RC_INVALID, "rc_npy_read: the buffer is NULL");
    ck_assert_uint_eq(offset, 7);
}
END_TEST

static rc_buffer *ending;
static enum rc_status at_the_end;

static void read_at_the_end(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size, (void)context;
    rc_view *view = rc_npy_read(ending, NULL);
    at_the_end = view ? RC_OK : rc_error_status();
    rc_release(view);
}

START_TEST(a_buffer_that_ends_is_refused)
{
    rc_buffer *file = npy_bytes(1, npy_text("'|u1'", false, "(4,)"), 4);
    unsigned char bytes[200];
    memcpy(bytes, file->data, file->size);
    ending = rc_buffer_adopt(bytes, file->size, read_at_the_end, NULL);
    ck_assert_ptr_nonnull(ending);
    rc_release(ending);
    ck_assert_int_eq(at_the_end, RC_INVALID);
    rc_release(file);
}
END_TEST

START_TEST(elements_are_not_copied_and_can_be_written)
{
    rc_buffer *buffer = npy_bytes(1, npy_text("'|u1'", false, "(4,)"), 4);
    rc_view *view = rc_npy_read(buffer, NULL);
    ck_assert_ptr_eq(view->data, buffer->data + buffer->size - 4);
    unsigned char *bytes = rc_view_edit(view);
    ck_assert_ptr_nonnull(bytes);
    bytes[3] = 200;
    ck_assert_int_eq(buffer->data[buffer->size - 1], 200);
    ck_assert_uint_eq(rc_buffer_exports(buffer), 1);
    ASSERT_OK(rc_buffer_freeze(buffer));
    ck_assert(rc_view_is_read_only(view));
    rc_release(buffer);
    ck_assert_int_eq(view->data[0], support_byte(9, 0));
    ck_assert_int_eq(view->data[3], 200);
    rc_release(view);
}
END_TEST

START_TEST(a_slice_of_a_buffer_is_a_file_too)
{
    rc_buffer *whole = npy_bytes(1, npy_text("'|u1'", false, "(4,)"), 4);
    struct npy_file file = {NULL, 0};
    npy_put(&file, "before", 6);
    npy_put(&file, whole->data, whole->size);
    npy_put(&file, "behind", 6);
    rc_buffer *wide = npy_close(&file);
    rc_buffer *slice = rc_buffer_slice(wide, 6, whole->size);
    rc_view *view = rc_npy_read(slice, NULL);
    ck_assert_msg(view != NULL, "%s", rc_error_message());
    npy_assert_elements(view, 9);
    rc_release(view);
    rc_release(slice);
    slice = rc_buffer_slice(wide, 6, whole->size - 1);
    ASSERT_NULL(rc_npy_read(slice, NULL), RC_RANGE, "the file has 3 bytes for 4 elements");
    rc_release(slice);
    rc_release(wide);
    rc_release(whole);
}
END_TEST

HARNESS_MAIN("buffer/npy", all_three_versions_are_read, a_header_may_be_spelt_in_many_ways,
             python_2_s_long_numbers_are_read_before_version_3,
             a_header_of_more_than_64_kib_is_read_in_version_2,
             elements_lie_in_c_order_or_in_fortran_order, one_element_has_no_dimensions,
             arrays_without_elements_are_read, elements_without_bytes_are_read,
             as_many_dimensions_as_a_view_has_are_read, elements_may_begin_at_any_place,
             arrays_follow_each_other_in_one_file, without_an_offset_the_first_array_is_read,
             an_offset_behind_the_end_is_refused, null_is_refused, a_buffer_that_ends_is_refused,
             elements_are_not_copied_and_can_be_written, a_slice_of_a_buffer_is_a_file_too)
