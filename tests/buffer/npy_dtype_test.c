/* SPDX-License-Identifier: MIT */
/* Reading: every dtype, records with all that they can have, names in their spellings. */
#include <math.h>

#include "npy_support.h"

/* ---- numbers and strings --------------------------------------------------------------------- */

struct number {
    const char *dtype;
    char code;
    size_t size;
};

static const struct number numbers[] = {
    {"b1", '?', 1}, {"i1", 'b', 1}, {"i2", 'h', 2},  {"i4", 'i', 4},   {"i8", 'q', 8},
    {"u1", 'B', 1}, {"u2", 'H', 2}, {"u4", 'I', 4},  {"u8", 'Q', 8},   {"f2", 'e', 2},
    {"f4", 'f', 4}, {"f8", 'd', 8}, {"c8", 'F', 8},  {"c16", 'D', 16}, {"S1", 's', 1},
    {"S9", 's', 9}, {"U1", 'w', 4}, {"U5", 'w', 20},
};

static void assert_number(const struct number *number, const char *order, bool swapped)
{
    char descr[32];
    snprintf(descr, sizeof descr, "'%s%s'", order, number->dtype);
    rc_view *view = npy_view(descr, "(3,)", 3 * number->size);
    const struct rc_format_field *field = view->format->fields;
    ck_assert_msg(view->format->field_count == 1 && field->code == number->code &&
                      field->size == number->size && view->itemsize == number->size,
                  "%s reads as \"%s\"", descr, view->format->text);
    bool has_order = number->size > 1 && number->code != 's';
    ck_assert_msg(field->swapped == (swapped && has_order), "%s: another order", descr);
    npy_assert_elements(view, 9);
    rc_release(view);
}

START_TEST(every_dtype_of_numbers_and_strings_is_read_in_each_order)
{
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_number(&numbers[i], OWN, false);
        assert_number(&numbers[i], FOREIGN, true);
        assert_number(&numbers[i], "=", false);
        assert_number(&numbers[i], "|", false);
        assert_number(&numbers[i], "", false);
    }
}
END_TEST

START_TEST(long_doubles_are_read_in_this_machine_s_order)
{
    char descr[32];
    struct number number = {.code = 'g', .size = sizeof(long double)};
    snprintf(descr, sizeof descr, "f%zu", sizeof(long double));
    number.dtype = descr;
    if (sizeof(long double) == sizeof(double)) number.code = 'd';
    assert_number(&number, OWN, false);
    snprintf(descr, sizeof descr, "c%zu", 2 * sizeof(long double));
    number.size *= 2;
    number.code = number.code == 'g' ? 'G' : 'D';
    assert_number(&number, OWN, false);
}
END_TEST

START_TEST(numbers_have_their_values)
{
    static const unsigned char bytes[] = {0x01, 0x02, 0xff, 0xfe, 0x80, 0x00};
    static const int64_t little[] = {0x0201, -257, 128}, big[] = {0x0102, -2, -32768};
    for (size_t order = 0; order < 2; order++) {
        struct npy_file file = {NULL, 0};
        const char *header = npy_text(order ? "'>i2'" : "'<i2'", false, "(3,)");
        npy_put_header(&file, 1, header, strlen(header));
        npy_put(&file, bytes, sizeof bytes);
        rc_view *view = npy_read(npy_close(&file));
        for (size_t i = 0; i < 3; i++) {
            struct rc_value value;
            const void *item = rc_view_at(view, &i);
            ASSERT_OK(rc_format_unpack(view->format, item, &value, 1));
            ck_assert_int_eq(value.as.signed_integer, order ? big[i] : little[i]);
        }
        rc_release(view);
    }
}
END_TEST

START_TEST(bytes_of_no_kind_are_elements_without_values)
{
    rc_view *view = npy_view("'|V7'", "(2,)", 14);
    ck_assert_uint_eq(view->itemsize, 7);
    ck_assert_uint_eq(view->format->value_count, 0);
    ck_assert_uint_eq(view->format->field_count, 0);
    npy_assert_elements(view, 9);
    rc_release(view);
}
END_TEST

/* ---- records --------------------------------------------------------------------------------- */

/* The format's text, with '<' for this machine's order. */
static rc_view *record(const char *descr, size_t itemsize)
{
    rc_view *view = npy_view(descr, "(2,)", 2 * itemsize);
    ck_assert_uint_eq(view->itemsize, itemsize);
    npy_assert_elements(view, 9);
    return view;
}

static const struct rc_format_field *field_of(const rc_format *format, const char *name)
{
    const struct rc_format_field *field = rc_format_find(format, name);
    ck_assert_msg(field != NULL, "there is no field '%s' in \"%s\"", name, format->text);
    return field;
}

static void assert_field(const rc_view *view, const char *name, char code, size_t offset,
                         size_t size)
{
    const struct rc_format_field *field = field_of(view->format, name);
    ck_assert_int_eq(field->code, code);
    ck_assert_uint_eq(field->offset, offset);
    ck_assert_uint_eq(field->size, size);
}

START_TEST(fields_of_a_record_follow_each_other_without_gaps)
{
    rc_view *view = record("[('a', '|i1'), ('b', '<f8'), ('c', '|S3'), ('d', '>U2')]", 20);
    assert_field(view, "a", 'b', 0, 1);
    assert_field(view, "b", 'd', 1, 8);
    assert_field(view, "c", 's', 9, 3);
    assert_field(view, "d", 'w', 12, 8);
    ck_assert(field_of(view->format, "d")->swapped == IS_LITTLE);
    ck_assert(field_of(view->format, "b")->swapped == !IS_LITTLE);
    rc_release(view);
}
END_TEST

START_TEST(padding_moves_what_follows_it)
{
    rc_view *view =
        record("[('', '|V3'), ('a', '|i1'), ('', '|V4'), ('b', '<f8'), ('', '|V8'), ]", 24);
    ck_assert_uint_eq(view->format->fields->record->field_count, 2);
    assert_field(view, "a", 'b', 3, 1);
    assert_field(view, "b", 'd', 8, 8);
    rc_release(view);
}
END_TEST

START_TEST(records_nest)
{
    rc_view *view =
        record("[('r', [('a', '|u1'), ('s', [('x', '>f4'), ('y', '|b1')])]), ('b', '<i2')]", 8);
    const struct rc_format_field *outer = field_of(view->format, "r");
    ck_assert_int_eq(outer->code, 'T');
    ck_assert_uint_eq(outer->size, 6);
    const struct rc_format_field *inner = field_of(outer->record, "s");
    ck_assert_uint_eq(inner->offset, 1);
    ck_assert_uint_eq(field_of(inner->record, "y")->offset, 4);
    ck_assert(field_of(inner->record, "x")->swapped == IS_LITTLE);
    assert_field(view, "b", 'h', 6, 2);
    rc_release(view);
}
END_TEST

static void assert_shape(const rc_view *view, const char *name, size_t ndim, const size_t *shape)
{
    const struct rc_format_field *field = field_of(view->format, name);
    ck_assert_uint_eq(field->ndim, ndim);
    for (size_t i = 0; i < ndim; i++) ck_assert_uint_eq(field->shape[i], shape[i]);
}

START_TEST(sub_arrays_are_read_in_both_spellings)
{
    rc_view *view = record("[('a', '<f4', (2, 3)), ('b', ('|u1', (5,))), ('c', '|i1', (1,),), "
                           "('d', '|S2', ()), ('e', ('<i2', (3,)), (2,))]",
                           24 + 5 + 1 + 2 + 12);
    assert_shape(view, "a", 2, (const size_t[]){2, 3});
    assert_shape(view, "b", 1, (const size_t[]){5});
    assert_shape(view, "c", 1, (const size_t[]){1});
    assert_shape(view, "d", 0, NULL);
    assert_shape(view, "e", 2, (const size_t[]){2, 3});
    assert_field(view, "e", 'h', 32, 2);
    rc_release(view);
}
END_TEST

START_TEST(sub_arrays_of_records_are_read)
{
    rc_view *view = record("[('a', [('x', '|u1'), ('y', '>i4')], (2, 2))]", 20);
    assert_shape(view, "a", 2, (const size_t[]){2, 2});
    assert_field(view, "a", 'T', 0, 5);
    rc_view *field = rc_view_field(view, "a");
    ck_assert_ptr_nonnull(field);
    ck_assert_uint_eq(field->ndim, 3);
    ck_assert_int_eq(field->strides[1], 10);
    rc_release(field);
    rc_release(view);
}
END_TEST

START_TEST(bytes_of_no_kind_in_a_record_keep_their_name)
{
    rc_view *view = record("[('a', '|u1'), ('raw', '|V4'), ('b', '|V2', (3,))]", 11);
    assert_field(view, "raw", 'B', 1, 1);
    assert_shape(view, "raw", 1, (const size_t[]){4});
    assert_shape(view, "b", 2, (const size_t[]){3, 2});
    rc_release(view);
}
END_TEST

START_TEST(long_doubles_in_a_record_are_not_aligned)
{
    char descr[100];
    snprintf(descr, sizeof descr, "[('a', '|u1'), ('g', '%sf%zu'), ('b', '|u1')]", OWN,
             sizeof(long double));
    rc_view *view = record(descr, sizeof(long double) + 2);
    ck_assert_uint_eq(field_of(view->format, "g")->offset, 1);
    ck_assert_uint_eq(field_of(view->format, "b")->offset, sizeof(long double) + 1);
    rc_release(view);
}
END_TEST

START_TEST(titles_are_dropped)
{
    rc_view *view = record("[(('a title: long', 'a'), '<i4'), (('a title: long','b'), '|u1')]", 5);
    rc_release(view);
}
END_TEST

START_TEST(records_nest_as_deep_as_formats_do)
{
    char descr[2000] = "";
    for (size_t i = 0; i < 64; i++) strcat(descr, "[('a', ");
    strcat(descr, "'|u1'");
    for (size_t i = 0; i < 64; i++) strcat(descr, ")]");
    rc_view *view = record(descr, 1);
    ck_assert_uint_eq(view->format->value_count, 1);
    rc_release(view);
}
END_TEST

START_TEST(thousands_of_fields_are_read)
{
    char *descr = malloc(NPY_TEXT_MAX - 200), name[32];
    ck_assert_ptr_nonnull(descr);
    size_t length = (size_t)sprintf(descr, "[");
    for (int i = 0; i < 3000; i++)
        length += (size_t)sprintf(descr + length, "('name%d', '<i2'), ", i);
    sprintf(descr + length, "]");
    rc_view *view = record(descr, 6000);
    for (int i = 0; i < 3000; i += 97) {
        snprintf(name, sizeof name, "name%d", i);
        assert_field(view, name, 'h', 2 * (size_t)i, 2);
    }
    free(descr);
    rc_release(view);
}
END_TEST

/* ---- names ----------------------------------------------------------------------------------- */

/* A field whose name stands so in a header of that version has that name in UTF-8. */
static void assert_name(unsigned version, const char *literal, const char *name)
{
    char descr[400];
    snprintf(descr, sizeof descr, "[(%s, '|u1'), ('other', '|i1')]", literal);
    rc_view *view = npy_read(npy_bytes(version, npy_text(descr, false, "(1,)"), 2));
    ck_assert_msg(rc_format_find(view->format, name) != NULL, "%s reads as \"%s\"", literal,
                  view->format->text);
    rc_release(view);
}

START_TEST(names_are_latin_1_before_version_3_and_utf_8_in_it)
{
    for (unsigned version = 1; version <= 2; version++) {
        assert_name(version, "'\xe9t\xe9'", "\xc3\xa9t\xc3\xa9");
        assert_name(version, "'\xff\x80'", "\xc3\xbf\xc2\x80");
        assert_name(version, "'\xc3\xa9'", "\xc3\x83\xc2\xa9");
    }
    assert_name(1, "'\x7f\x80\xbf\xc0\xff'", "\x7f\xc2\x80\xc2\xbf\xc3\x80\xc3\xbf");
    assert_name(3, "'\xc3\xa9t\xc3\xa9'", "\xc3\xa9t\xc3\xa9");
    assert_name(3, "'\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80'",
                "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80");
    assert_name(3, "'\xe6\xbc\xa2\xe5\xad\x97'", "\xe6\xbc\xa2\xe5\xad\x97");
    assert_name(3, "'\xf0\x9f\x90\x8d'", "\xf0\x9f\x90\x8d");
    assert_name(3, "'\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80'",
                "\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80");
}
END_TEST

START_TEST(names_stand_in_either_quote)
{
    for (unsigned version = 1; version <= 3; version++) {
        assert_name(version, "\"it's\"", "it's");
        assert_name(version, "'say \"hi\"'", "say \"hi\"");
        assert_name(version, "'it\\'s'", "it's");
        assert_name(version, "\"say \\\"hi\\\"\"", "say \"hi\"");
        assert_name(version, "' '", " ");
        assert_name(version, "'a}), ]'", "a}), ]");
        assert_name(version, "'a\ttab'", "a\ttab");
    }
}
END_TEST

START_TEST(names_have_pythons_escapes)
{
    for (unsigned version = 1; version <= 3; version++) {
        assert_name(version, "'a\\\\b'", "a\\b");
        assert_name(version, "'\\a\\b\\f\\n\\r\\t\\v'", "\a\b\f\n\r\t\v");
        assert_name(version, "'\\x41\\x7e\\xe9\\xE9'", "A~\xc3\xa9\xc3\xa9");
        assert_name(version, "'\\u00e9\\u6f22'", "\xc3\xa9\xe6\xbc\xa2");
        assert_name(version, "'\\U0001f40d\\U0010FFFF'", "\xf0\x9f\x90\x8d\xf4\x8f\xbf\xbf");
        assert_name(version, "'\\x7f\\x80\\u07ff\\u0800\\ud7ff'",
                    "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf");
        assert_name(version, "'\\ue000\\uffff\\U00010000'",
                    "\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80");
        assert_name(version, "'\\1018\\79\\0071'", "A8\a9\a1");
        assert_name(version, "'\\400\\777'", "\xc4\x80\xc7\xbf");
    }
}
END_TEST

HARNESS_MAIN("buffer/npy_dtype", every_dtype_of_numbers_and_strings_is_read_in_each_order,
             long_doubles_are_read_in_this_machine_s_order, numbers_have_their_values,
             bytes_of_no_kind_are_elements_without_values,
             fields_of_a_record_follow_each_other_without_gaps, padding_moves_what_follows_it,
             records_nest, sub_arrays_are_read_in_both_spellings, sub_arrays_of_records_are_read,
             bytes_of_no_kind_in_a_record_keep_their_name, long_doubles_in_a_record_are_not_aligned,
             titles_are_dropped, records_nest_as_deep_as_formats_do, thousands_of_fields_are_read,
             names_are_latin_1_before_version_3_and_utf_8_in_it, names_stand_in_either_quote,
             names_have_pythons_escapes)
