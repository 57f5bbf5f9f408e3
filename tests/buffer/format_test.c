/* SPDX-License-Identifier: MIT */
/* What a text says: sizes, alignment, fields, records. */
#include "format_support.h"

/* ---- codes ----------------------------------------------------------------------------------- */

struct code {
    const char *text;
    char letter;
    size_t size, alignment, standard; /* standard 0: in @ and ^ alone */
};

#define CODE(text_, letter_, type_, standard_)                                                     \
    {                                                                                              \
        text_, letter_, sizeof(type_), MEMBER_ALIGNMENT(type_), standard_                          \
    }

static const struct code codes[] = {
    CODE("c", 'c', char, 1),
    CODE("b", 'b', signed char, 1),
    CODE("B", 'B', unsigned char, 1),
    CODE("?", '?', bool, 1),
    CODE("h", 'h', short, 2),
    CODE("H", 'H', unsigned short, 2),
    CODE("i", 'i', int, 4),
    CODE("I", 'I', unsigned, 4),
    CODE("l", 'l', long, 4),
    CODE("L", 'L', unsigned long, 4),
    CODE("q", 'q', long long, 8),
    CODE("Q", 'Q', unsigned long long, 8),
    CODE("n", 'n', ptrdiff_t, 0),
    CODE("N", 'N', size_t, 0),
    CODE("e", 'e', uint16_t, 2),
    CODE("f", 'f', float, 4),
    CODE("d", 'd', double, 8),
    CODE("g", 'g', long double, 0),
    CODE("s", 's', char, 1),
    CODE("p", 'p', char, 1),
    CODE("w", 'w', uint32_t, 4),
    CODE("P", 'P', void *, 0),
    CODE("Zf", 'F', float _Complex, 8),
    CODE("Zd", 'D', double _Complex, 16),
    CODE("Zg", 'G', long double _Complex, 0),
};
enum { CODES = sizeof codes / sizeof codes[0] };

static const char *with(const char *before, const char *text)
{
    static char room[64];
    snprintf(room, sizeof room, "%s%s", before, text);
    return room;
}

static void check_one(const char *text, const struct code *code, size_t size, size_t alignment,
                      bool swapped)
{
    rc_format *format = parsed(text);
    ck_assert_uint_eq(format->itemsize, size);
    ck_assert_uint_eq(format->alignment, alignment);
    ck_assert_uint_eq(format->field_count, 1);
    ck_assert_uint_eq(format->value_count, 1);
    const struct rc_format_field *field = &format->fields[0];
    ck_assert_int_eq(field->code, code->letter);
    ck_assert_uint_eq(field->size, size);
    ck_assert_uint_eq(field->offset, 0);
    ck_assert_uint_eq(field->ndim, 0);
    ck_assert_str_eq(field->name, "");
    ck_assert_ptr_null(field->record);
    ck_assert_int_eq(field->swapped, swapped);
    rc_release(format);
}

START_TEST(a_code_has_the_size_and_alignment_of_its_type)
{
    for (size_t i = 0; i < CODES; i++) {
        const struct code *code = &codes[i];
        check_one(code->text, code, code->size, code->alignment, false);
        check_one(with("@", code->text), code, code->size, code->alignment, false);
        check_one(with("^", code->text), code, code->size, 1, false);
    }
}
END_TEST

START_TEST(a_code_has_its_standard_size_in_the_other_orders)
{
    static const char *const orders[] = {"=", "<", ">", "!"};
    for (size_t i = 0; i < 4 * CODES; i++) {
        const struct code *code = &codes[i / 4];
        const char *text = with(orders[i % 4], code->text);
        if (!code->standard) {
            ck_assert_ptr_null(rc_format_new(text));
            ck_assert_int_eq(rc_error_status(), RC_FORMAT);
            continue;
        }
        bool is_foreign = orders[i % 4][0] == *FOREIGN || (i % 4 == 3 && IS_LITTLE);
        check_one(text, code, code->standard, 1, is_foreign && code->standard > 1);
    }
}
END_TEST

START_TEST(one_code_costs_no_memory_and_is_immortal)
{
    struct rc_account before, after;
    rc_account_read(&before);
    for (size_t i = 0; i < CODES; i++) {
        rc_format *first = parsed(codes[i].text), *second = parsed(codes[i].text);
        ck_assert_ptr_eq(first, second);
        ck_assert_uint_eq(rc_count(first), SIZE_MAX);
        ck_assert(!rc_is_unique(first));
        ck_assert_str_eq(rc_type_of(first)->name, "rc_format");
        rc_make_immortal(first);
        for (int j = 0; j < 3; j++) rc_release(first);
        ck_assert_str_eq(rc_retain(first)->text, codes[i].text);
    }
    rc_account_read(&after);
    ck_assert_uint_eq(after.total_objects, before.total_objects);
    ck_assert_uint_eq(after.immortal_objects, before.immortal_objects);
}
END_TEST

START_TEST(other_formats_are_one_object_each)
{
    struct rc_account before, after;
    rc_account_read(&before);
    rc_format *format = parsed("T{i:a:(2,3)d:b:T{>3h:x:}:c:}");
    rc_account_read(&after);
    ck_assert_uint_eq(after.live_objects, before.live_objects + 1);
    ck_assert_uint_eq(after.live_blocks, before.live_blocks);
    ck_assert_uint_eq(rc_count(format), 1);
    rc_release(format);
    rc_account_read(&after);
    ck_assert_uint_eq(after.live_bytes, before.live_bytes);
}
END_TEST

START_TEST(pad_bytes_are_no_field)
{
    rc_format *one = parsed("x"), *more = parsed("4x"), *named = parsed("(2,3)4x:gap:b");
    ck_assert_uint_eq(one->itemsize, 1);
    ck_assert_uint_eq(one->field_count + one->value_count, 0);
    ck_assert_uint_eq(more->itemsize, 4);
    ck_assert_uint_eq(more->field_count + more->value_count, 0);
    ck_assert_uint_eq(named->itemsize, 25);
    ck_assert_uint_eq(named->field_count, 1);
    ck_assert_uint_eq(named->fields[0].offset, 24);
    ck_assert_ptr_null(rc_format_find(named, "gap"));
    rc_release(one), rc_release(more), rc_release(named);
}
END_TEST

/* ---- sizes ----------------------------------------------------------------------------------- */

static void check_size(const char *text, size_t size, size_t alignment, size_t values)
{
    rc_format *format = parsed(text);
    ck_assert_msg(format->itemsize == size && format->alignment == alignment &&
                      format->value_count == values,
                  "\"%s\": %zu bytes aligned to %zu, %zu values", text, format->itemsize,
                  format->alignment, format->value_count);
    rc_release(format);
}

#define AI MEMBER_ALIGNMENT(int)
#define AD MEMBER_ALIGNMENT(double)

START_TEST(outside_of_records_the_size_is_that_of_struct)
{
    check_size("", 0, 1, 0);
    check_size("<", 0, 1, 0);
    check_size(" \t\n\v\f\r", 0, 1, 0);
    check_size("bi", AI + 4, AI, 2);
    check_size("ib", 5, AI, 2);
    check_size("b0i", AI, AI, 1);
    check_size("<bi", 5, 1, 2);
    check_size("=b 2i", 9, 1, 3);
    check_size("^bid", 13, 1, 3);
    check_size("bd", AD + 8, AD, 2);
    check_size("3s2h", 4 + 4, 2, 3);
    check_size("10s", 10, 1, 1);
    check_size("3i 2d", 3 * 4 + (12 % AD ? AD - 12 % AD : 0) + 16, AD, 5);
    check_size("0s0p0w", 0, MEMBER_ALIGNMENT(uint32_t), 3);
    check_size("b3w", 4 + 12, MEMBER_ALIGNMENT(uint32_t), 2);
}
END_TEST

START_TEST(an_order_holds_up_to_the_next)
{
    check_size("b<i@i", 5 + (AI - 5 % AI) % AI + 4, AI, 3);
    check_size("T{<bi}bi", 5 + 1 + 4, 1, 4);
    check_size("T{b<i@}bi", (6 + AI - 1) / AI * AI + 4, AI, 4);
    check_size("<@bi", AI + 4, AI, 2);
    check_size("bi<", AI + 4, AI, 2);
}
END_TEST

START_TEST(inside_records_the_size_is_that_of_c)
{
    struct plain {
        int a;
        char b;
    };
    struct nested {
        char a;
        struct {
            double b;
            char c;
        } d;
        char e;
    };
    check_size("T{ib}", sizeof(struct plain), AI, 2);
    check_size("T{bT{db}b}", sizeof(struct nested), AD, 4);
    check_size("b T{ib}", AI + sizeof(struct plain), AI, 3);
    check_size("3T{ib}", 3 * sizeof(struct plain), AI, 6);
    check_size("T{^ib}", 5, 1, 2);
    check_size("b^T{ib}", 6, 1, 3);
    check_size("T{ib^}", 5, 1, 2);
    check_size("T{}", 0, 1, 0);
    check_size("T{b(0)d}", AD, AD, 1);
    check_size("3T{}i", 4, AI, 1);
}
END_TEST

/* ---- fields ---------------------------------------------------------------------------------- */

static void check_shape(const struct rc_format_field *field, size_t ndim, const size_t *shape)
{
    ck_assert_uint_eq(field->ndim, ndim);
    for (size_t i = 0; i < ndim; i++) ck_assert_uint_eq(field->shape[i], shape[i]);
}

START_TEST(a_count_is_a_dimension_or_a_length)
{
    rc_format *format = parsed("3i 1i 10s 4p 5w 0d (1)i");
    check_shape(&format->fields[0], 1, (size_t[]){3});
    check_shape(&format->fields[1], 0, NULL);
    check_shape(&format->fields[2], 0, NULL);
    ck_assert_uint_eq(format->fields[2].size, 10);
    ck_assert_uint_eq(format->fields[3].size, 4);
    ck_assert_uint_eq(format->fields[4].size, 20);
    check_shape(&format->fields[5], 1, (size_t[]){0});
    check_shape(&format->fields[6], 1, (size_t[]){1});
    ck_assert_uint_eq(format->value_count, 3 + 1 + 1 + 1 + 1 + 0 + 1);
    rc_release(format);
}
END_TEST

START_TEST(shapes_and_counts_join_in_one_shape)
{
    static const char *const texts[] = {"<(2,3,4)h",    "(2,3)<4h",        "(2)(3,4)<h",
                                        "(2)(3)<4h",    "<( 2 , 3\t)(4)h", "(2)(3)=<(4) h",
                                        "(02,003,4)<1h"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        rc_format *format = parsed(texts[i]);
        ck_assert_uint_eq(format->field_count, 1);
        check_shape(&format->fields[0], 3, (size_t[]){2, 3, 4});
        ck_assert_uint_eq(format->itemsize, 48);
        ck_assert_uint_eq(format->fields[0].size, 2);
        ck_assert_uint_eq(format->value_count, 24);
        rc_release(format);
    }
}
END_TEST

START_TEST(fields_lie_in_the_order_of_the_text)
{
    rc_format *format =
        parsed("T{i:id: d:value: T{>3h:x y:(2,3)<w:\xff}{:}:inner: 4x:pad: ?::}:row:");
    ck_assert_uint_eq(format->field_count, 1);
    ck_assert_str_eq(format->fields[0].name, "row");
    const rc_format *row = format->fields[0].record;
    ck_assert_int_eq(format->fields[0].code, 'T');
    ck_assert_uint_eq(format->fields[0].size, row->itemsize);
    ck_assert_str_eq(row->text, "");
    ck_assert_uint_eq(row->field_count, 4);
    ck_assert_str_eq(row->fields[0].name, "id");
    ck_assert_str_eq(row->fields[1].name, "value");
    ck_assert_uint_eq(row->fields[1].offset, (4 + AD - 1) / AD * AD);
    const struct rc_format_field *inner = &row->fields[2];
    ck_assert_str_eq(inner->name, "inner");
    ck_assert_uint_eq(inner->offset, row->fields[1].offset + 8);
    ck_assert_uint_eq(inner->size, 30);
    ck_assert_str_eq(inner->record->fields[0].name, "x y");
    ck_assert_int_eq(inner->record->fields[0].swapped, IS_LITTLE);
    ck_assert_str_eq(inner->record->fields[1].name, "\xff}{");
    ck_assert_uint_eq(inner->record->fields[1].offset, 6);
    check_shape(&inner->record->fields[1], 2, (size_t[]){2, 3});
    ck_assert_int_eq(inner->record->fields[1].swapped, !IS_LITTLE);
    ck_assert_str_eq(row->fields[3].name, "");
    ck_assert_uint_eq(row->fields[3].offset, inner->offset + 34);
    ck_assert_uint_eq(format->itemsize, inner->offset + 35);
    rc_release(format);
}
END_TEST

START_TEST(the_fields_of_each_record_lie_together)
{
    rc_format *format =
        parsed("=b T{h T{i:i1:i:i2:}:t1: T{q:q1:T{}:t2:q:q2:}:t3: h:h2:}:t0: b:b2:");
    ck_assert_uint_eq(format->field_count, 3);
    ck_assert_str_eq(format->fields[2].name, "b2");
    const rc_format *outer = format->fields[1].record;
    ck_assert_uint_eq(outer->field_count, 4);
    ck_assert_str_eq(outer->fields[3].name, "h2");
    ck_assert_uint_eq(outer->fields[3].offset, 2 + 8 + 16);
    ck_assert_str_eq(outer->fields[1].record->fields[1].name, "i2");
    const rc_format *inner = outer->fields[2].record;
    ck_assert_uint_eq(inner->field_count, 3);
    ck_assert_uint_eq(inner->fields[1].record->field_count, 0);
    ck_assert_uint_eq(inner->fields[2].offset, 8);
    ck_assert_str_eq(inner->fields[2].name, "q2");
    ck_assert_uint_eq(format->value_count, 8);
    rc_release(format);
}
END_TEST

/* The count before a record joins its shape, which its fields' shapes must not come between. */
START_TEST(a_record_with_a_shape_and_a_count_has_fields_with_shapes)
{
    rc_format *format = parsed("(4)2T{5h:a:(2,3)b:b:}:r:");
    const struct rc_format_field *record = &format->fields[0];
    ck_assert_uint_eq(record->ndim, 2);
    ck_assert_uint_eq(record->shape[0], 4);
    ck_assert_uint_eq(record->shape[1], 2);
    const struct rc_format_field *a = &record->record->fields[0], *b = a + 1;
    ck_assert_uint_eq(a->ndim, 1);
    ck_assert_uint_eq(a->shape[0], 5);
    ck_assert_uint_eq(b->ndim, 2);
    ck_assert_uint_eq(b->shape[0], 2);
    ck_assert_uint_eq(b->shape[1], 3);
    ck_assert_uint_eq(format->value_count, 8 * 11);
    rc_release(format);
}
END_TEST

START_TEST(names_are_found_in_the_one_record_or_in_the_item)
{
    rc_format *record = parsed("T{i:a:d:b:i:a:T{h:deep:}:c:}:row:");
    ck_assert_ptr_eq(rc_format_find(record, "a"), &record->fields[0].record->fields[0]);
    ck_assert_ptr_eq(rc_format_find(record, "b"), &record->fields[0].record->fields[1]);
    ck_assert_ptr_eq(rc_format_find(record, "row"), &record->fields[0]);
    ck_assert_ptr_null(rc_format_find(record, "deep"));
    ck_assert_ptr_null(rc_format_find(record, "aa"));
    ck_assert_ptr_null(rc_format_find(record, NULL));
    rc_format *item = parsed("i:a:T{d:b:}:c:"), *array = parsed("2T{d:b:}:c:");
    ck_assert_ptr_eq(rc_format_find(item, "c"), &item->fields[1]);
    ck_assert_ptr_null(rc_format_find(item, "b"));
    ck_assert_ptr_null(rc_format_find(array, "b"));
    ck_assert_ptr_eq(rc_format_find(array, "c"), &array->fields[0]);
    ck_assert_ptr_null(rc_format_find(NULL, "a"));
    ck_assert_int_eq(rc_error_status(), RC_OK);
    rc_release(record), rc_release(item), rc_release(array);
}
END_TEST

/* ---- limits ---------------------------------------------------------------------------------- */

/* @p count times one text, then another, then a third count times. */
static char *repeated(size_t count, const char *before, const char *middle, const char *after)
{
    size_t size = count * (strlen(before) + strlen(after)) + strlen(middle) + 1;
    char *text = calloc(1, size), *end = text;
    for (size_t i = 0; i < count; i++) end = stpcpy(end, before);
    end = stpcpy(end, middle);
    for (size_t i = 0; i < count; i++) end = stpcpy(end, after);
    return text;
}

START_TEST(records_nest_64_deep)
{
    char *text = repeated(64, "bT{", "<i:leaf:", "}");
    rc_format *format = parsed(text);
    ck_assert_uint_eq(format->itemsize, 64 + 4);
    const rc_format *record = format;
    for (int i = 0; i < 64; i++) record = record->fields[1].record;
    ck_assert_str_eq(record->fields[0].name, "leaf");
    rc_release(format);
    free(text);

    text = repeated(65, "T{", "i", "}");
    ck_assert_ptr_null(rc_format_new(text));
    ck_assert_int_eq(rc_error_status(), RC_FORMAT);
    ck_assert_str_eq(rc_error_message(),
                     "format: the T{ at position 128 is nested more than 64 deep");
    free(text);
}
END_TEST

START_TEST(a_leaf_has_64_dimensions)
{
    char *text = repeated(32, "(1)T{", "i", "}"), *more = repeated(32, "(1)", text, "");
    rc_format *format = parsed(more);
    ck_assert_uint_eq(format->itemsize, 4);
    rc_release(format);
    free(text), free(more);

    text = repeated(32, "(1)T{", "2i", "}"), more = repeated(32, "(1)", text, "");
    ck_assert_ptr_null(rc_format_new(more));
    ck_assert_int_eq(rc_error_status(), RC_FORMAT);
    ck_assert(strstr(rc_error_message(), "position 256 has more than 64 dimensions"));
    free(text), free(more);
}
END_TEST

START_TEST(long_texts_take_a_time_that_grows_with_them)
{
    char *text = repeated(100000, "T{b:a:}", "", ""), *deep = repeated(60, "T{", text, "}");
    rc_format *format = parsed(deep);
    ck_assert_uint_eq(format->itemsize, 100000);
    ck_assert_uint_eq(format->value_count, 100000);
    rc_format *same = parsed(deep);
    ck_assert(rc_format_equal(format, same));
    rc_release(format), rc_release(same);
    free(text), free(deep);
}
END_TEST

HARNESS_MAIN("buffer/format", a_code_has_the_size_and_alignment_of_its_type,
             a_code_has_its_standard_size_in_the_other_orders,
             one_code_costs_no_memory_and_is_immortal, other_formats_are_one_object_each,
             pad_bytes_are_no_field, outside_of_records_the_size_is_that_of_struct,
             an_order_holds_up_to_the_next, inside_records_the_size_is_that_of_c,
             a_count_is_a_dimension_or_a_length, shapes_and_counts_join_in_one_shape,
             fields_lie_in_the_order_of_the_text, the_fields_of_each_record_lie_together,
             a_record_with_a_shape_and_a_count_has_fields_with_shapes,
             names_are_found_in_the_one_record_or_in_the_item, records_nest_64_deep,
             a_leaf_has_64_dimensions, long_texts_take_a_time_that_grows_with_them)
