/* SPDX-License-Identifier: MIT */
/* Items taken apart and put together: integers, bytes, records, and what is refused. */
#include <limits.h>

#include "format_support.h"

static struct rc_value number(int64_t value)
{
    struct rc_value result = {.kind = RC_VALUE_SIGNED};
    result.as.signed_integer = value;
    return result;
}

static struct rc_value natural(uint64_t value)
{
    struct rc_value result = {.kind = RC_VALUE_UNSIGNED};
    result.as.unsigned_integer = value;
    return result;
}

static struct rc_value truth(bool value)
{
    struct rc_value result = {.kind = RC_VALUE_BOOL};
    result.as.unsigned_integer = value;
    return result;
}

static struct rc_value real(long double value)
{
    struct rc_value result = {.kind = RC_VALUE_REAL};
    result.as.real = value;
    return result;
}

static struct rc_value complex_of(long double value, long double imaginary)
{
    struct rc_value result = {.kind = RC_VALUE_COMPLEX};
    result.as.complex_number.real = value;
    result.as.complex_number.imaginary = imaginary;
    return result;
}

static struct rc_value bytes(const char *data, size_t size)
{
    struct rc_value result = {.kind = RC_VALUE_BYTES};
    result.as.bytes.data = (const unsigned char *)data;
    result.as.bytes.size = size;
    return result;
}

enum { ROOM = 64, FILL = 0xa5 };

/* Packs at an odd address, and looks at the bytes beside the item. */
static enum rc_status pack(const char *text, const struct rc_value *values, size_t count,
                           unsigned char *item)
{
    unsigned char room[ROOM + 3];
    rc_format *format = parsed(text);
    ck_assert_uint_le(format->itemsize, ROOM);
    memset(room, FILL, sizeof room);
    enum rc_status status = rc_format_pack(format, room + 1, values, count);
    for (size_t i = 0; i < sizeof room; i++)
        if (status != RC_OK || i < 1 || i > format->itemsize) ck_assert_uint_eq(room[i], FILL);
    memcpy(item, room + 1, format->itemsize);
    rc_release(format);
    return status;
}

/* @p item: as a string literal, with all of the item's bytes. */
static void check_pack(const char *text, const struct rc_value *values, size_t count,
                       const char *item, size_t size)
{
    unsigned char packed[ROOM];
    enum rc_status status = pack(text, values, count, packed);
    ck_assert_msg(status == RC_OK, "\"%s\": %s", text, rc_error_message());
    for (size_t i = 0; i < size; i++)
        ck_assert_msg(packed[i] == (unsigned char)item[i], "\"%s\": byte %zu is %02x, not %02x",
                      text, i, packed[i], (unsigned char)item[i]);
}
#define VALUES(...)                                                                                \
    (const struct rc_value[]){__VA_ARGS__},                                                        \
        sizeof((const struct rc_value[]){__VA_ARGS__}) / sizeof(struct rc_value)
#define CHECK_PACK(text, item, ...) check_pack(text, VALUES(__VA_ARGS__), item, sizeof(item) - 1)

static void check_refused(const char *text, struct rc_value value, enum rc_status wanted,
                          const char *message)
{
    unsigned char item[ROOM];
    rc_error_clear();
    enum rc_status status = pack(text, &value, 1, item);
    ck_assert_msg(status == wanted, "\"%s\": %s", text, rc_status_name(status));
    ck_assert_int_eq(rc_error_status(), wanted);
    ck_assert_str_eq(rc_error_message(), message);
}

static void unpack(const char *text, const char *item, struct rc_value *values, size_t count)
{
    static unsigned char room[ROOM + 1]; /* static: values point into it */
    rc_format *format = parsed(text);
    memcpy(room + 1, item, format->itemsize);
    ck_assert_msg(rc_format_unpack(format, room + 1, values, count) == RC_OK, "\"%s\": %s", text,
                  rc_error_message());
    rc_release(format);
}

/* ---- integers -------------------------------------------------------------------------------- */

START_TEST(integers_of_both_orders_are_taken_apart)
{
    static const char item[] = "\xfe\xfe\xff\x01\xff\x01\xff\xff\xff\xfe\xff\xff\xff\xfe"
                               "\x80\0\0\0\0\0\0\x01\x80\0\0\0\0\0\0\x01";
    struct rc_value values[8];
    unpack("<bB>hH<i>I>qQ", item, values, 8);
    static const int64_t wanted[] = {-2,        0xfe,       -255,          0xff01,
                                     -16777217, 0xfffffffe, INT64_MIN + 1, INT64_MIN + 1};
    for (size_t i = 0; i < 8; i++) {
        ck_assert_int_eq(values[i].kind, i % 2 ? RC_VALUE_UNSIGNED : RC_VALUE_SIGNED);
        ck_assert_int_eq(values[i].as.signed_integer, wanted[i]);
    }
    CHECK_PACK("<bB>hH<i>I>qQ", item, number(-2), natural(0xfe), number(-255), number(0xff01),
               number(-16777217), natural(0xfffffffe), number(INT64_MIN + 1),
               natural(UINT64_C(1) << 63 | 1));
}
END_TEST

struct limits {
    const char *text;
    int64_t least;
    uint64_t most;
};

START_TEST(integers_fit_up_to_their_limits)
{
    static const struct limits all[] = {
        {"b", SCHAR_MIN, SCHAR_MAX},     {"B", 0, UCHAR_MAX},
        {"<h", INT16_MIN, INT16_MAX},    {">H", 0, UINT16_MAX},
        {">i", INT32_MIN, INT32_MAX},    {"I", 0, UINT32_MAX},
        {"l", LONG_MIN, LONG_MAX},       {"L", 0, ULONG_MAX},
        {"<l", INT32_MIN, INT32_MAX},    {">L", 0, UINT32_MAX},
        {"q", INT64_MIN, INT64_MAX},     {">Q", 0, UINT64_MAX},
        {"n", PTRDIFF_MIN, PTRDIFF_MAX}, {"N", 0, SIZE_MAX},
        {"P", INTPTR_MIN, UINTPTR_MAX},
    };
    unsigned char item[ROOM];
    struct rc_value value;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        value = number(all[i].least);
        ck_assert_int_eq(pack(all[i].text, &value, 1, item), RC_OK);
        value = natural(all[i].most);
        ck_assert_int_eq(pack(all[i].text, &value, 1, item), RC_OK);
        unpack(all[i].text, (char *)item, &value, 1);
        ck_assert_uint_eq(value.as.unsigned_integer, all[i].most);
        if (all[i].least != INT64_MIN) {
            value = number(all[i].least - 1);
            ck_assert_int_eq(pack(all[i].text, &value, 1, item), RC_RANGE);
        }
        if (all[i].most != UINT64_MAX) {
            value = natural(all[i].most + 1);
            ck_assert_int_eq(pack(all[i].text, &value, 1, item), RC_RANGE);
        }
        value = natural(UINT64_MAX);
        ck_assert_int_eq(pack(all[i].text, &value, 1, item),
                         all[i].most == UINT64_MAX ? RC_OK : RC_RANGE);
    }
    check_refused("2xB", number(-1), RC_RANGE,
                  "rc_format_pack: value 0, for 'B' of 1 bytes: it does not fit");
}
END_TEST

START_TEST(truth_is_what_is_not_zero)
{
    struct rc_value values[3];
    unpack("3?", "\0\1\x40", values, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(values[i].kind, RC_VALUE_BOOL);
        ck_assert_uint_eq(values[i].as.unsigned_integer, i > 0);
    }
    CHECK_PACK("8?", "\1\0\1\1\1\0\1\1", truth(true), truth(false), number(-1), natural(256),
               real(0.5L), real(-0.0L), complex_of(0, 1), real(__builtin_nanl("")));
    check_refused("?", bytes("", 0), RC_INVALID,
                  "rc_format_pack: value 0, for '?' of 1 bytes: the value is no number");
}
END_TEST

START_TEST(truth_goes_into_numbers)
{
    CHECK_PACK("<bH", "\1\1\0", truth(true), truth(true));
    CHECK_PACK("<f", "\0\0\x80\x3f", truth(true));
    CHECK_PACK(">Zf", "\x3f\x80\0\0\0\0\0\0", truth(true));
}
END_TEST

/* ---- bytes ----------------------------------------------------------------------------------- */

START_TEST(strings_are_cut_or_filled_up)
{
    struct rc_value values[3];
    unpack("3s0sc", "ab\0z", values, 3);
    ck_assert_int_eq(values[0].kind, RC_VALUE_BYTES);
    ck_assert_uint_eq(values[0].as.bytes.size, 3);
    ck_assert_mem_eq(values[0].as.bytes.data, "ab", 3);
    ck_assert_uint_eq(values[1].as.bytes.size, 0);
    ck_assert_uint_eq(values[2].as.bytes.size, 1);
    ck_assert_int_eq(values[2].as.bytes.data[0], 'z');
    CHECK_PACK("3s0s4s2sc", "abcd\0\0\0\0\0z", bytes("abcx", 4), bytes("q", 1), bytes("d", 1),
               bytes(NULL, 0), bytes("z", 1));
    check_refused("c", bytes("ab", 2), RC_INVALID,
                  "rc_format_pack: value 0, for 'c' of 1 bytes: a character has one byte");
    check_refused("c", bytes("", 0), RC_INVALID,
                  "rc_format_pack: value 0, for 'c' of 1 bytes: a character has one byte");
    check_refused("3s", bytes(NULL, 1), RC_INVALID,
                  "rc_format_pack: value 0, for 's' of 3 bytes: the bytes are NULL");
    check_refused("3s", number(1), RC_INVALID,
                  "rc_format_pack: value 0, for 's' of 3 bytes: the value is no bytes");
}
END_TEST

START_TEST(pascal_strings_begin_with_their_length)
{
    struct rc_value values[3];
    unpack("4p4p0p",
           "\2abc\xff"
           "abc",
           values, 3);
    ck_assert_uint_eq(values[0].as.bytes.size, 2);
    ck_assert_mem_eq(values[0].as.bytes.data, "ab", 2);
    ck_assert_uint_eq(values[1].as.bytes.size, 3);
    ck_assert_uint_eq(values[2].as.bytes.size, 0);
    CHECK_PACK("4p4p1pp0p", "\2ab\0\3abc\0\0", bytes("ab", 2), bytes("abcdef", 6), bytes("a", 1),
               bytes("a", 1), bytes("a", 1));
}
END_TEST

START_TEST(a_long_pascal_string_counts_to_255)
{
    static unsigned char item[400];
    char text[300];
    rc_format *format = parsed("300p");
    memset(text, 'k', sizeof text);
    struct rc_value value = bytes(text, sizeof text);
    ck_assert_int_eq(rc_format_pack(format, item, &value, 1), RC_OK);
    ck_assert_uint_eq(item[0], 255);
    ck_assert_int_eq(item[299], 'k');
    ck_assert_int_eq(item[300], 0);
    ck_assert_int_eq(rc_format_unpack(format, item, &value, 1), RC_OK);
    ck_assert_uint_eq(value.as.bytes.size, 255);
    rc_release(format);
}
END_TEST

START_TEST(wide_characters_keep_their_order)
{
    struct rc_value values[2];
    unpack("<2w>1w", "a\0\0\0b\0\0\0\0\0\0c", values, 2);
    ck_assert_uint_eq(values[0].as.bytes.size, 8);
    ck_assert_int_eq(values[0].as.bytes.swapped, !IS_LITTLE);
    ck_assert_int_eq(values[1].as.bytes.swapped, IS_LITTLE);
    CHECK_PACK("<1w>3w", "a\0\0\0\0\0\0c\0\0\0\0\0\0\0\0", values[0], values[1]);
    CHECK_PACK(">2w<1w", "\0\0\0a\0\0\0bc\0\0\0", values[0], values[1]);
    check_refused("2w", bytes("abcdef", 6), RC_INVALID,
                  "rc_format_pack: value 0, for 'w' of 8 bytes: the bytes are no characters of 4 "
                  "each");
}
END_TEST

START_TEST(bytes_of_the_item_itself_are_refused)
{
    unsigned char item[8] = "abcdefg";
    rc_format *format = parsed("4s4s");
    struct rc_value values[2];
    ck_assert_int_eq(rc_format_unpack(format, item, values, 2), RC_OK);
    ck_assert_int_eq(rc_format_pack(format, item, values, 2), RC_INVALID);
    ck_assert_str_eq((char *)item, "abcdefg");
    rc_release(format);
}
END_TEST

/* ---- items ----------------------------------------------------------------------------------- */

START_TEST(leaves_come_in_the_order_of_their_offsets)
{
    static const char item[] = "\1\2\0\3\0\4\5\0\6\0\x7\x8\xf8\x9";
    const char *text = "<b2T{2hb}x>(2)b(0)i0T{b}";
    struct rc_value values[9];
    unpack(text, item, values, 9);
    static const int wanted[] = {1, 2, 3, 4, 5, 6, 7, -8, 9};
    for (size_t i = 0; i < 9; i++) ck_assert_int_eq(values[i].as.signed_integer, wanted[i]);
}
END_TEST

START_TEST(pad_bytes_become_zero)
{
    CHECK_PACK("<2xb3x:gap:h2x", "\0\0\1\0\0\0\2\0\0\0", number(1), number(2));
    CHECK_PACK("<2T{bx}", "\1\0\2\0", number(1), number(2));
    unsigned char item[ROOM];
    struct rc_value values[2] = {number(1), real(0)};
    ck_assert_int_eq(pack("T{bd}", values, 2, item), RC_OK);
    for (size_t i = 1; i < MEMBER_ALIGNMENT(double); i++) ck_assert_uint_eq(item[i], 0);
}
END_TEST

START_TEST(an_item_without_values_needs_none)
{
    unsigned char item[5] = {1, 1, 1, 1, 1};
    rc_format *format = parsed("4x(0)i");
    ck_assert_int_eq(rc_format_unpack(format, item, NULL, 0), RC_OK);
    ck_assert_int_eq(rc_format_pack(format, item, NULL, 0), RC_OK);
    ck_assert_mem_eq(item, "\0\0\0\0\1", 5);
    rc_release(format);
    format = parsed("(1000000000)T{T{}(0)i}");
    ck_assert_int_eq(rc_format_unpack(format, item, NULL, 0), RC_OK);
    rc_release(format);
}
END_TEST

START_TEST(the_number_of_values_is_checked)
{
    unsigned char item[8] = {0};
    struct rc_value values[4] = {{.kind = RC_VALUE_NONE}};
    rc_format *format = parsed("T{3h}");
    ck_assert_int_eq(rc_format_unpack(format, item, values, 4), RC_RANGE);
    ck_assert_str_eq(rc_error_message(),
                     "rc_format_unpack: 4 values for an item of \"T{3h}\", which has 3");
    ck_assert_int_eq(values[0].kind, RC_VALUE_NONE);
    ck_assert_int_eq(rc_format_unpack(format, item, values, 2), RC_RANGE);
    ck_assert_int_eq(rc_format_pack(format, item, values, 2), RC_RANGE);
    ck_assert_str_eq(rc_error_message(),
                     "rc_format_pack: 2 values for an item of \"T{3h}\", which has 3");
    rc_release(format);
}
END_TEST

START_TEST(null_is_refused)
{
    unsigned char item[8] = {0};
    struct rc_value value = number(1);
    rc_format *format = parsed("h");
    ck_assert_int_eq(rc_format_unpack(NULL, item, &value, 1), RC_INVALID);
    ck_assert_int_eq(rc_format_unpack(format, NULL, &value, 1), RC_INVALID);
    ck_assert_int_eq(rc_format_unpack(format, item, NULL, 1), RC_INVALID);
    ck_assert_int_eq(rc_format_pack(NULL, item, &value, 1), RC_INVALID);
    ck_assert_int_eq(rc_format_pack(format, NULL, &value, 1), RC_INVALID);
    ck_assert_int_eq(rc_format_pack(format, item, NULL, 1), RC_INVALID);
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
}
END_TEST

START_TEST(a_kind_that_does_not_fit_is_refused)
{
    check_refused("i", real(1), RC_INVALID,
                  "rc_format_pack: value 0, for 'i' of 4 bytes: the value is no integer");
    check_refused("B", complex_of(1, 0), RC_INVALID,
                  "rc_format_pack: value 0, for 'B' of 1 bytes: the value is no integer");
    check_refused("h", bytes("ab", 2), RC_INVALID,
                  "rc_format_pack: value 0, for 'h' of 2 bytes: the value is no integer");
    check_refused("d", complex_of(1, 0), RC_INVALID,
                  "rc_format_pack: value 0, for 'd' of 8 bytes: the value is no such number");
    check_refused("Zd", bytes("ab", 2), RC_INVALID,
                  "rc_format_pack: value 0, for 'Zd' of 16 bytes: the value is no such number");
    check_refused("e", (struct rc_value){.kind = RC_VALUE_NONE}, RC_INVALID,
                  "rc_format_pack: value 0, for 'e' of 2 bytes: the value is no such number");
    check_refused("P", real(0), RC_INVALID,
                  sizeof(void *) == 8
                      ? "rc_format_pack: value 0, for 'P' of 8 bytes: the value is no integer"
                      : "rc_format_pack: value 0, for 'P' of 4 bytes: the value is no integer");
}
END_TEST

START_TEST(the_last_value_that_does_not_fit_leaves_the_item_alone)
{
    struct rc_value values[] = {number(1), number(2), number(1 << 20)};
    unsigned char item[ROOM];
    ck_assert_int_eq(pack("<3h", values, 3, item), RC_RANGE);
    ck_assert_str_eq(rc_error_message(),
                     "rc_format_pack: value 2, for 'h' of 2 bytes: it does not fit");
    ck_assert_int_eq(item[0], FILL);
}
END_TEST

HARNESS_MAIN("buffer/format_item", integers_of_both_orders_are_taken_apart,
             integers_fit_up_to_their_limits, truth_is_what_is_not_zero, truth_goes_into_numbers,
             strings_are_cut_or_filled_up, pascal_strings_begin_with_their_length,
             a_long_pascal_string_counts_to_255, wide_characters_keep_their_order,
             bytes_of_the_item_itself_are_refused, leaves_come_in_the_order_of_their_offsets,
             pad_bytes_become_zero, an_item_without_values_needs_none,
             the_number_of_values_is_checked, null_is_refused, a_kind_that_does_not_fit_is_refused,
             the_last_value_that_does_not_fit_leaves_the_item_alone)
