/* SPDX-License-Identifier: MIT */
/* Texts that are refused, each with its status, its sentence and the position of the fault. */
#include "format_support.h"

struct fault {
    const char *text;
    enum rc_status status;
    const char *message;
};

static void check_faults(const struct fault *faults, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rc_error_clear();
        rc_format *format = rc_format_new(faults[i].text);
        ck_assert_msg(!format, "\"%s\" is accepted", faults[i].text);
        ck_assert_msg(rc_error_status() == faults[i].status &&
                          strcmp(rc_error_message(), faults[i].message) == 0,
                      "\"%s\": %s, %s", faults[i].text, rc_status_name(rc_error_status()),
                      rc_error_message());
    }
}

#define CHECK_FAULTS(...)                                                                          \
    do {                                                                                           \
        static const struct fault faults_[] = {__VA_ARGS__};                                       \
        check_faults(faults_, sizeof faults_ / sizeof faults_[0]);                                 \
    } while (0)

START_TEST(null_is_refused)
{
    ck_assert_ptr_null(rc_format_new(NULL));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "rc_format_new: the text is NULL");
}
END_TEST

START_TEST(what_is_no_code_is_refused)
{
    CHECK_FAULTS({"y", RC_FORMAT, "format: 'y' at position 0, where a code is expected"},
                 {"ib\x01", RC_FORMAT, "format: byte 0x01 at position 2, where a code is expected"},
                 {"i\x80", RC_FORMAT, "format: byte 0x80 at position 1, where a code is expected"},
                 {"\xff", RC_FORMAT, "format: byte 0xff at position 0, where a code is expected"},
                 {"F", RC_FORMAT, "format: 'F' at position 0, where a code is expected"},
                 {"2D", RC_FORMAT, "format: 'D' at position 1, where a code is expected"},
                 {"G", RC_FORMAT, "format: 'G' at position 0, where a code is expected"},
                 {"Z", RC_FORMAT, "format: 'Z' at position 0, where a code is expected"},
                 {"Zi", RC_FORMAT, "format: 'Z' at position 0, where a code is expected"},
                 {"ZF", RC_FORMAT, "format: 'Z' at position 0, where a code is expected"},
                 {"Z\xe6", RC_FORMAT, "format: 'Z' at position 0, where a code is expected"},
                 {"{", RC_FORMAT, "format: '{' at position 0, where a code is expected"},
                 {"i :a:", RC_FORMAT, "format: ':' at position 2, where a code is expected"},
                 {":a:", RC_FORMAT, "format: ':' at position 0, where a code is expected"},
                 {"i:a::b:", RC_FORMAT, "format: ':' at position 4, where a code is expected"});
}
END_TEST

START_TEST(codes_of_python_alone_are_refused_with_a_sentence)
{
    CHECK_FAULTS(
        {"O", RC_UNSUPPORTED,
         "format: 'O' at position 0 is a pointer to a Python object, which only Python can count"},
        {"T{i3O}", RC_UNSUPPORTED,
         "format: 'O' at position 4 is a pointer to a Python object, which only Python can count"},
        {"&i", RC_UNSUPPORTED,
         "format: '&' at position 0 is a pointer to an element, which is not followed"},
        {"X{}", RC_UNSUPPORTED,
         "format: 'X' at position 0 is a pointer to a function, which is not called"},
        {"4t", RC_UNSUPPORTED,
         "format: 't' at position 1 is a field of bits, which is no whole byte"},
        {"u", RC_UNSUPPORTED,
         "format: 'u' at position 0 is characters of 2 bytes; those of w have 4"});
}
END_TEST

START_TEST(a_code_without_a_standard_size_is_refused_there)
{
    CHECK_FAULTS(
        {"<g", RC_FORMAT,
         "format: 'g' at position 1 has a size in the orders @ and ^ alone; the order there is <"},
        {"=2Zg", RC_FORMAT,
         "format: 'Zg' at position 2 has a size in the orders @ and ^ alone; the order there is ="},
        {"n>n", RC_FORMAT,
         "format: 'n' at position 2 has a size in the orders @ and ^ alone; the order there is >"},
        {"!N", RC_FORMAT,
         "format: 'N' at position 1 has a size in the orders @ and ^ alone; the order there is !"},
        {"=P", RC_FORMAT,
         "format: 'P' at position 1 has a size in the orders @ and ^ alone; the order there is ="});
}
END_TEST

START_TEST(a_count_needs_its_code)
{
    CHECK_FAULTS({"3", RC_FORMAT, "format: it ends at position 1, where a code is missing"},
                 {"i 12 i", RC_FORMAT, "format: byte 0x20 at position 4, where a code is expected"},
                 {"3<i", RC_FORMAT, "format: '<' at position 1, where a code is expected"},
                 {"3(2)i", RC_FORMAT, "format: '(' at position 1, where a code is expected"},
                 {"-1i", RC_FORMAT, "format: '-' at position 0, where a code is expected"},
                 {"T{3}", RC_FORMAT, "format: '}' at position 3, where a code is expected"});
}
END_TEST

START_TEST(a_shape_is_numbers_between_commas)
{
    CHECK_FAULTS({"()i", RC_FORMAT, "format: ')' at position 1, where a number is expected"},
                 {"(0,)d", RC_FORMAT, "format: ')' at position 3, where a number is expected"},
                 {"(,2)d", RC_FORMAT, "format: ',' at position 1, where a number is expected"},
                 {"(-1)d", RC_FORMAT, "format: '-' at position 1, where a number is expected"},
                 {"(2 3)d", RC_FORMAT, "format: '3' at position 3, where ',' or ')' is expected"},
                 {"(2.0)d", RC_FORMAT, "format: '.' at position 2, where ',' or ')' is expected"},
                 {"(2", RC_FORMAT, "format: it ends at position 2, where ',' or ')' is missing"},
                 {"(2,", RC_FORMAT, "format: it ends at position 3, where a number is missing"},
                 {"(2)", RC_FORMAT, "format: it ends at position 3, where a code is missing"},
                 {"(2):a:", RC_FORMAT, "format: ':' at position 3, where a code is expected"},
                 {"T{(2)}", RC_FORMAT, "format: '}' at position 5, where a code is expected"},
                 {"i)", RC_FORMAT, "format: ')' at position 1, where a code is expected"});
}
END_TEST

START_TEST(records_and_names_have_an_end)
{
    CHECK_FAULTS(
        {"T{i", RC_FORMAT, "format: the T{ at position 0 has no } at its end"},
        {"T{iT{i}", RC_FORMAT, "format: the T{ at position 0 has no } at its end"},
        {"bT{iT{i", RC_FORMAT, "format: the T{ at position 4 has no } at its end"},
        {"T{", RC_FORMAT, "format: the T{ at position 0 has no } at its end"},
        {"T", RC_FORMAT, "format: it ends at position 1, where '{' after T is missing"},
        {"T i", RC_FORMAT, "format: byte 0x20 at position 1, where '{' after T is expected"},
        {"i}", RC_FORMAT, "format: '}' at position 1, where an element outside of T{ is expected"},
        {"T{i}}", RC_FORMAT,
         "format: '}' at position 4, where an element outside of T{ is expected"},
        {"T{i:a}", RC_FORMAT, "format: the name at position 3 has no ':' at its end"},
        {"i:", RC_FORMAT, "format: the name at position 1 has no ':' at its end"},
        {"4x:", RC_FORMAT, "format: the name at position 2 has no ':' at its end"});
}
END_TEST

static const char *numbered(const char *before, size_t number, const char *after)
{
    static char rooms[4][128];
    static unsigned next;
    char text[sizeof rooms[0]]; /* apart: before may be one of the rooms */
    snprintf(text, sizeof text, "%s%zu%s", before, number, after);
    return memcpy(rooms[next++ % 4], text, sizeof text);
}

static void check_overflow(const char *text)
{
    rc_error_clear();
    rc_format *format = rc_format_new(text);
    ck_assert_msg(!format, "\"%s\" is accepted", text);
    ck_assert_msg(rc_error_status() == RC_OVERFLOW, "\"%s\": %s", text, rc_error_message());
    ck_assert(strstr(rc_error_message(), "position "));
}

START_TEST(items_have_at_most_ptrdiff_max_bytes)
{
    const size_t most = PTRDIFF_MAX;
    rc_format *format = parsed(numbered("", most, "s"));
    ck_assert_uint_eq(format->itemsize, most);
    rc_release(format);
    format = parsed(numbered("<", most / 4, "i"));
    ck_assert_uint_eq(format->itemsize, most / 4 * 4);
    ck_assert_uint_eq(format->value_count, most / 4);
    rc_release(format);
    check_overflow(numbered("", most + 1, "x"));
    check_overflow(numbered("<", most / 4 + 1, "i"));
    check_overflow(numbered("b", most, "x"));
    check_overflow(numbered("T{", most, "x}T{b}"));
    check_overflow(numbered("2T{", most / 2 + 1, "x}"));
    check_overflow(numbered("T{b:a:h:b:", most - 4, "x}"));
    check_overflow(numbered("", SIZE_MAX, "s"));
    check_overflow(numbered("", SIZE_MAX, "0i"));
    check_overflow(numbered("", SIZE_MAX / 10 + 1, "0i"));
    check_overflow("99999999999999999999999999999999999999i");
    check_overflow("(99999999999999999999999999999999999999)i");
}
END_TEST

START_TEST(products_that_overflow_are_refused)
{
    const size_t root = (size_t)1 << (sizeof(size_t) * 4);
    check_overflow(numbered(numbered("(", root, ","), root, ")b"));
    check_overflow(numbered(numbered("(", root, ","), root / 2, ")b"));
    check_overflow(numbered(numbered("(", root, ")"), root, "w"));
    check_overflow(numbered(numbered("(", root, ",0,"), root, ")b"));
    check_overflow(numbered(numbered("0T{", root, "T{"), root, "b}}"));
    check_overflow(numbered(numbered("(", root, ","), root, ")0s"));
    check_overflow(numbered(numbered("", root, "T{"), root / 2, "T{0s}}"));
    rc_format *format = parsed(numbered(numbered("(", root / 2, ",0,"), root / 2, ")b"));
    ck_assert_uint_eq(format->itemsize, 0);
    ck_assert_uint_eq(format->value_count, 0);
    rc_release(format);
}
END_TEST

START_TEST(a_refusal_changes_nothing_but_the_error)
{
    static const char good[] = "T{i:id:(2,3)<d:m:T{>h:a:3x^g}:r:}";
    struct rc_account before, after;
    char text[sizeof good];
    size_t refused = 0;
    rc_account_read(&before);
    for (size_t size = 0; size + 1 < sizeof good; size++) {
        memcpy(text, good, sizeof good);
        text[size] = '\0';
        rc_format *format = rc_format_new(text);
        refused += !format;
        rc_release(format);
    }
    ck_assert_uint_eq(refused, sizeof good - 2); /* all but "" */
    rc_account_read(&after);
    ck_assert_uint_eq(after.total_objects, before.total_objects + 1);
    ck_assert_uint_eq(after.live_bytes, before.live_bytes);
}
END_TEST

HARNESS_MAIN("buffer/format_fault", null_is_refused, what_is_no_code_is_refused,
             codes_of_python_alone_are_refused_with_a_sentence,
             a_code_without_a_standard_size_is_refused_there, a_count_needs_its_code,
             a_shape_is_numbers_between_commas, records_and_names_have_an_end,
             items_have_at_most_ptrdiff_max_bytes, products_that_overflow_are_refused,
             a_refusal_changes_nothing_but_the_error)
