/* SPDX-License-Identifier: MIT */
/* The bytes before the elements: what is said of a view, how it is padded, in which version. */
#include "npy_support.h"

static rc_view *zeros(const char *format, size_t ndim, const size_t *shape)
{
    rc_view *view = rc_view_new_zeroed(format, ndim, shape);
    ck_assert_msg(view != NULL, "\"%s\": %s", format, rc_error_message());
    return view;
}

static rc_view *row(const char *format)
{
    return zeros(format, 1, (const size_t[]){3});
}

/* Prefix, that dict, blanks and a newline: @p total bytes in all. */
static void assert_header(const rc_view *view, enum rc_npy_version wanted, unsigned version,
                          const char *dict, size_t total)
{
    rc_error_clear();
    rc_buffer *header = rc_npy_header(view, wanted);
    ck_assert_msg(header != NULL, "%s", rc_error_message());
    size_t before = version == 1 ? 10 : 12, length = strlen(dict);
    const unsigned char *bytes = header->data;
    ck_assert_uint_eq(header->size, total);
    ck_assert_int_eq(memcmp(bytes, "\x93NUMPY", 6), 0);
    ck_assert_int_eq(bytes[6], version);
    ck_assert_int_eq(bytes[7], 0);
    size_t size = 0;
    for (size_t i = before; i-- > 8;) size = size << 8 | bytes[i];
    ck_assert_uint_eq(size, total - before);
    ck_assert_uint_le(before + length, total - 1);
    ck_assert_msg(memcmp(bytes + before, dict, length) == 0, "%.*s", (int)size, bytes + before);
    ck_assert(support_is_all(bytes + before + length, total - before - length - 1, ' '));
    ck_assert_int_eq(bytes[total - 1], '\n');
    rc_release(header);
}

/* ---- what is said ---------------------------------------------------------------------------- */

/* The dtype that a format becomes; '~' is this machine's order. A sub-array's dimensions follow. */
static void assert_descr(const char *format, const char *descr, const char *inner)
{
    char dict[600], own[500];
    size_t length = strlen(descr);
    ck_assert_uint_lt(length, sizeof own);
    for (size_t i = 0; i <= length; i++) own[i] = descr[i] == '~' ? *OWN : descr[i];
    snprintf(dict, sizeof dict, "{'descr': %s, 'fortran_order': False, 'shape': (3,%s), }", own,
             inner);
    rc_view *view = row(format);
    rc_buffer *header = rc_npy_header(view, RC_NPY_LEAST);
    ck_assert_msg(header != NULL, "\"%s\": %s", format, rc_error_message());
    ck_assert_msg(memcmp(header->data + 10, dict, strlen(dict)) == 0, "\"%s\": %.*s", format,
                  (int)header->size - 10, header->data + 10);
    rc_release(header);
    rc_release(view);
}

START_TEST(numbers_and_strings_have_their_dtypes)
{
    static const char *const pairs[][2] = {
        {"?", "'|b1'"},   {"b", "'|i1'"},
        {"B", "'|u1'"},   {"c", "'|S1'"},
        {"s", "'|S1'"},   {"9s", "'|S9'"},
        {"0s", "'|S0'"},  {"<h", "'<i2'"},
        {">H", "'>u2'"},  {"<i", "'<i4'"},
        {">i", "'>i4'"},  {"!l", "'>i4'"},
        {"<L", "'<u4'"},  {"<q", "'<i8'"},
        {">Q", "'>u8'"},  {"h", "'~i2'"},
        {"=H", "'~u2'"},  {"i", "'~i4'"},
        {"I", "'~u4'"},   {"q", "'~i8'"},
        {"Q", "'~u8'"},   {"e", "'~f2'"},
        {">e", "'>f2'"},  {"<f", "'<f4'"},
        {"d", "'~f8'"},   {">d", "'>f8'"},
        {"Zf", "'~c8'"},  {">Zd", "'>c16'"},
        {"<Zf", "'<c8'"}, {"4w", "'~U4'"},
        {"<w", "'<U1'"},  {">3w", "'>U3'"},
        {"0w", "'~U0'"},  {"7x", "'|V7'"},
        {"0x", "'|V0'"},  {"", "'|V0'"},
        {"^i", "'~i4'"},  {"i:name:", "[('name', '~i4')]"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_descr(pairs[i][0], pairs[i][1], "");
}
END_TEST

START_TEST(numbers_of_the_machine_s_sizes_have_the_dtype_of_their_size)
{
    char descr[32];
    static const struct {
        const char *format;
        char kind;
        size_t size;
    } native[] = {{"l", 'i', sizeof(long)},        {"L", 'u', sizeof(long)},
                  {"n", 'i', sizeof(size_t)},      {"N", 'u', sizeof(size_t)},
                  {"g", 'f', sizeof(long double)}, {"Zg", 'c', 2 * sizeof(long double)}};
    for (size_t i = 0; i < 6; i++) {
        snprintf(descr, sizeof descr, "'~%c%zu'", native[i].kind, native[i].size);
        assert_descr(native[i].format, descr, "");
    }
}
END_TEST

START_TEST(records_say_their_padding)
{
    assert_descr("T{b:a:i:b:}", "[('a', '|i1'), ('', '|V3'), ('b', '~i4')]", "");
    assert_descr("T{=b:a:i:b:}", "[('a', '|i1'), ('b', '~i4')]", "");
    assert_descr("T{>i:a:<h:b:}", "[('a', '>i4'), ('b', '<i2')]", "");
    assert_descr("T{3xb:a:2x}", "[('', '|V3'), ('a', '|i1'), ('', '|V2')]", "");
    assert_descr("T{i:a:b:b:}", "[('a', '~i4'), ('b', '|i1'), ('', '|V3')]", "");
    assert_descr("T{4x}", "[('', '|V4')]", "");
    assert_descr("T{}", "[]", "");
    assert_descr("bxi", "[('f0', '|i1'), ('', '|V3'), ('f1', '~i4')]", "");
    assert_descr("ix", "[('f0', '~i4'), ('', '|V1')]", "");
}
END_TEST

START_TEST(records_nest_and_have_sub_arrays)
{
    assert_descr("T{T{>h:x:b:y:}:r:=i:b:}", "[('r', [('x', '>i2'), ('y', '|i1')]), ('b', '~i4')]",
                 "");
    assert_descr("T{(2,3)<f:m:4s:s:}", "[('m', '<f4', (2, 3)), ('s', '|S4')]", "");
    assert_descr("T{<3h:m:(1)b:n:}", "[('m', '<i2', (3,)), ('n', '|i1', (1,))]", "");
    assert_descr("T{(2)T{b:x:}:r:}", "[('r', [('x', '|i1')], (2,))]", "");
    assert_descr("(2,3)<d", "'<f8'", " 2, 3");
    assert_descr("<3i", "'<i4'", " 3");
}
END_TEST

START_TEST(fields_without_names_get_names_that_no_other_has)
{
    assert_descr("<ih", "[('f0', '<i4'), ('f1', '<i2')]", "");
    assert_descr("T{<i:f1:h}", "[('f1', '<i4'), ('f1_', '<i2')]", "");
    assert_descr("T{<ih:f0:b:f0_:}", "[('f0__', '<i4'), ('f0', '<i2'), ('f0_', '|i1')]", "");
}
END_TEST

START_TEST(names_are_written_as_python_writes_them)
{
    assert_descr("T{b:it's:}", "[(\"it's\", '|i1')]", "");
    assert_descr("T{b:say \"hi\":}", "[('say \"hi\"', '|i1')]", "");
    assert_descr("T{b:it's \"hi\":}", "[('it\\'s \"hi\"', '|i1')]", "");
    assert_descr("T{b:back\\slash:}", "[('back\\\\slash', '|i1')]", "");
    assert_descr("T{b:\n\r\t\a\x1b\x7f:}", "[('\\n\\r\\t\\x07\\x1b\\x7f', '|i1')]", "");
    assert_descr("T{b:\xc3\xa9t\xc3\xa9:}", "[('\xe9t\xe9', '|i1')]", "");
}
END_TEST

START_TEST(the_order_of_elements_is_fortrans_where_it_is_that_alone)
{
    static const size_t shape[] = {2, 3};
    static const char c_order[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }";
    static const char f_order[] = "{'descr': '|u1', 'fortran_order': True, 'shape': (3, 2), }";
    rc_view *view = zeros("B", 2, shape), *other = rc_view_transpose(view);
    assert_header(view, RC_NPY_LEAST, 1, c_order, 128);
    assert_header(other, RC_NPY_LEAST, 1, f_order, 128);
    rc_release(other);
    other = rc_view_slice(view, 1, RC_VIEW_OPEN, RC_VIEW_OPEN, 2);
    assert_header(other, RC_NPY_LEAST, 1,
                  "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }", 128);
    rc_release(other);
    other = rc_view_index(view, 0, 1);
    assert_header(other, RC_NPY_LEAST, 1,
                  "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", 128);
    rc_release(other);
    other = rc_view_index(view, 1, 1);
    assert_header(other, RC_NPY_LEAST, 1,
                  "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", 128);
    rc_release(other);
    rc_release(view);
}
END_TEST

START_TEST(sub_arrays_in_fortran_order_are_written_in_c_order)
{
    static const size_t shape[] = {2, 3};
    rc_view *view = zeros("(4)B", 2, shape), *turned = rc_view_transpose(view);
    assert_header(turned, RC_NPY_LEAST, 1,
                  "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 2, 4), }", 128);
    rc_release(turned);
    rc_release(view);
}
END_TEST

/* ---- how it is padded ------------------------------------------------------------------------ */

START_TEST(shapes_have_room_to_grow)
{
    rc_view *view = zeros("d", 0, NULL);
    char dict[200];
    snprintf(dict, sizeof dict, "{'descr': '%sf8', 'fortran_order': False, 'shape': (), }", OWN);
    assert_header(view, RC_NPY_LEAST, 1, dict, 128);
    rc_release(view);
    static const size_t shape[] = {0, 12345, 1};
    view = zeros("d", 3, shape);
    snprintf(dict, sizeof dict,
             "{'descr': '%sf8', 'fortran_order': False, 'shape': (0, 12345, 1), }", OWN);
    assert_header(view, RC_NPY_LEAST, 1, dict, 128);
    rc_release(view);
}
END_TEST

/* A record whose dict is exactly @p length bytes long, without the room to grow. */
static rc_view *record_with_dict(size_t length, char *dict, size_t room)
{
    static const char before[] = "{'descr': [('", behind[] = "', '|i1')], 'fortran_order': False, "
                                                             "'shape': (3,), }";
    char format[66000] = "T{b:";
    size_t name = length - (sizeof before - 1) - (sizeof behind - 1);
    memset(format + 4, 'n', name);
    strcpy(format + 4 + name, ":}");
    ck_assert_int_eq(snprintf(dict, room, "%s%.*s%s", before, (int)name, format + 4, behind),
                     (int)length);
    return row(format);
}

START_TEST(headers_are_multiples_of_64_bytes_and_one_that_is_already_gets_64_more)
{
    char dict[300];
    static const struct {
        size_t dict, total;
    } sizes[] = {{96, 128}, {97, 192}, {98, 192}, {160, 192}, {161, 256}};
    for (size_t i = 0; i < 5; i++) { /* 10 before, 20 to grow, a newline */
        rc_view *view = record_with_dict(sizes[i].dict, dict, sizeof dict);
        assert_header(view, RC_NPY_LEAST, 1, dict, sizes[i].total);
        rc_release(view);
    }
    static const size_t in_version_3[][2] = {{94, 128}, {95, 192}};
    for (size_t i = 0; i < 2; i++) {
        rc_view *view = record_with_dict(in_version_3[i][0], dict, sizeof dict);
        assert_header(view, RC_NPY_3_0, 3, dict, in_version_3[i][1]);
        rc_release(view);
    }
}
END_TEST

/* ---- in which version ------------------------------------------------------------------------ */

START_TEST(each_version_can_be_asked_for)
{
    rc_view *view = row("<i");
    static const char dict[] = "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }";
    assert_header(view, RC_NPY_LEAST, 1, dict, 128);
    assert_header(view, RC_NPY_1_0, 1, dict, 128);
    assert_header(view, RC_NPY_2_0, 2, dict, 128);
    assert_header(view, RC_NPY_3_0, 3, dict, 128);
    ASSERT_NULL(rc_npy_header(view, (enum rc_npy_version)4), RC_INVALID, "there is no version 4");
    ASSERT_NULL(rc_npy_header(NULL, RC_NPY_LEAST), RC_INVALID, "rc_npy_header");
    rc_release(view);
}
END_TEST

START_TEST(names_choose_the_version)
{
    rc_view *latin = row("T{b:\xc3\xa9\xc3\xbf:}"), *wide = row("T{b:\xc3\xa9\xe6\xbc\xa2:}");
    static const char in_latin[] =
        "{'descr': [('\xe9\xff', '|i1')], 'fortran_order': False, 'shape': (3,), }";
    assert_header(latin, RC_NPY_LEAST, 1, in_latin, 128);
    assert_header(latin, RC_NPY_2_0, 2, in_latin, 128);
    assert_header(latin, RC_NPY_3_0, 3,
                  "{'descr': [('\xc3\xa9\xc3\xbf', '|i1')], 'fortran_order': False, "
                  "'shape': (3,), }",
                  128);
    static const char in_utf8[] =
        "{'descr': [('\xc3\xa9\xe6\xbc\xa2', '|i1')], 'fortran_order': False, 'shape': (3,), }";
    assert_header(wide, RC_NPY_LEAST, 3, in_utf8, 128);
    assert_header(wide, RC_NPY_3_0, 3, in_utf8, 128);
    ASSERT_NULL(rc_npy_header(wide, RC_NPY_1_0), RC_UNSUPPORTED, "need version 3.0, not 1.0");
    ASSERT_NULL(rc_npy_header(wide, RC_NPY_2_0), RC_UNSUPPORTED, "need version 3.0, not 2.0");
    rc_release(latin);
    rc_release(wide);
}
END_TEST

START_TEST(headers_above_64_kib_need_version_2)
{
    char *format = malloc(40000), *next = format;
    ck_assert_ptr_nonnull(format);
    next += sprintf(next, "T{=");
    for (int i = 0; i < 4000; i++) next += sprintf(next, "b:n%04d:", i);
    sprintf(next, "}");
    rc_view *view = row(format);
    rc_buffer *header = rc_npy_header(view, RC_NPY_LEAST);
    ck_assert_ptr_nonnull(header);
    ck_assert_int_eq(header->data[6], 2);
    ck_assert_uint_gt(header->size, 65536);
    ck_assert_uint_eq(header->size % 64, 0);
    rc_release(header);
    ASSERT_NULL(rc_npy_header(view, RC_NPY_1_0), RC_UNSUPPORTED, "above the 65535 of version 1.0");
    rc_release(view);
    free(format);
}
END_TEST

START_TEST(version_1_takes_what_its_own_prefix_leaves_room_for)
{
    static char dict[66000];
    rc_view *view = record_with_dict(65504, dict, sizeof dict); /* and 32: 65536 */
    assert_header(view, RC_NPY_LEAST, 1, dict, 65536);
    assert_header(view, RC_NPY_1_0, 1, dict, 65536);
    rc_release(view);
    view = record_with_dict(65505, dict, sizeof dict);
    assert_header(view, RC_NPY_LEAST, 2, dict, 65600);
    ASSERT_NULL(rc_npy_header(view, RC_NPY_1_0), RC_UNSUPPORTED, "a header of 65590 bytes");
    rc_release(view);
}
END_TEST

/* ---- what no dtype is ------------------------------------------------------------------------ */

static void assert_refused(const char *format, const char *sentence)
{
    rc_view *view = row(format);
    ASSERT_NULL(rc_npy_header(view, RC_NPY_LEAST), RC_UNSUPPORTED, sentence);
    rc_release(view);
}

START_TEST(formats_that_are_no_dtype_are_refused)
{
    assert_refused("p", "rc_npy_header: there is no dtype for elements of code 'p'");
    assert_refused("4p", "code 'p'");
    assert_refused("P", "code 'P'");
    assert_refused("T{i:a:(2)P:b:}", "code 'P'");
    assert_refused("T{T{5p:x:}:a:}", "code 'p'");
    assert_refused("T{i:a:h:b:q:a:}", "two of 3 fields are named 'a'");
    assert_refused("i:a:i:a:", "two of 2 fields are named 'a'");
    assert_refused("T{i:a:b:b\xff:}", "the name of field 1 is not in UTF-8");
    assert_refused("T{b:\xed\xa0\x80:}", "the name of field 0 is not in UTF-8");
    assert_refused("T{b:\xc0\x80:}", "the name of field 0 is not in UTF-8");
    assert_refused("T{b:\xe6\xbc:}", "the name of field 0 is not in UTF-8");
    assert_refused("T{b:\xf4\x90\x80\x80:}", "the name of field 0 is not in UTF-8");
}
END_TEST

START_TEST(more_dimensions_than_an_array_has_are_refused)
{
    size_t shape[RC_VIEW_DIMENSIONS_MAX];
    for (size_t i = 0; i < RC_VIEW_DIMENSIONS_MAX; i++) shape[i] = 1;
    rc_view *view = zeros("(2,3)B", RC_VIEW_DIMENSIONS_MAX - 2, shape);
    rc_buffer *header = rc_npy_header(view, RC_NPY_LEAST);
    ck_assert_ptr_nonnull(header);
    rc_release(header);
    rc_release(view);
    view = zeros("(2,3)B", RC_VIEW_DIMENSIONS_MAX - 1, shape);
    ASSERT_NULL(rc_npy_header(view, RC_NPY_LEAST), RC_UNSUPPORTED,
                "63 dimensions of elements with 2");
    rc_release(view);
}
END_TEST

HARNESS_MAIN("buffer/npy_header", numbers_and_strings_have_their_dtypes,
             numbers_of_the_machine_s_sizes_have_the_dtype_of_their_size, records_say_their_padding,
             records_nest_and_have_sub_arrays, fields_without_names_get_names_that_no_other_has,
             names_are_written_as_python_writes_them,
             the_order_of_elements_is_fortrans_where_it_is_that_alone,
             sub_arrays_in_fortran_order_are_written_in_c_order, shapes_have_room_to_grow,
             headers_are_multiples_of_64_bytes_and_one_that_is_already_gets_64_more,
             each_version_can_be_asked_for, names_choose_the_version,
             headers_above_64_kib_need_version_2,
             version_1_takes_what_its_own_prefix_leaves_room_for,
             formats_that_are_no_dtype_are_refused, more_dimensions_than_an_array_has_are_refused)
