/* SPDX-License-Identifier: MIT */
/* Which formats mean the same. */
#include "format_support.h"

#include "buffer/format_layout.h"

static bool equal(const char *a, const char *b)
{
    rc_format *one = parsed(a), *other = parsed(b);
    bool is_equal = rc_format_equal(one, other);
    ck_assert_int_eq(is_equal, rc_format_equal(other, one));
    ck_assert(rc_format_equal(one, one) && rc_format_equal(other, other));
    rc_release(one), rc_release(other);
    return is_equal;
}

#define EQUAL(a, b)  ck_assert_msg(equal(a, b), "\"%s\" and \"%s\" differ", a, b)
#define DIFFER(a, b) ck_assert_msg(!equal(a, b), "\"%s\" and \"%s\" are equal", a, b)

START_TEST(spelling_does_not_count)
{
    EQUAL("i", "@i");
    EQUAL("i", "=i");
    EQUAL("i", IS_LITTLE ? "<i" : ">i");
    EQUAL("i", " ^ i ");
    EQUAL("!i", ">i");
    EQUAL("3i", "(3)i");
    EQUAL("(2,3)d", "(2)3d");
    EQUAL("4x", "2x2x");
    EQUAL("<bi", "<b0h i");
    EQUAL("bi", MEMBER_ALIGNMENT(int) == 4 ? "=b3xi" : "bi");
    EQUAL("<i:a:d:b:", "<i:x:d");
    EQUAL("", "<");
}
END_TEST

START_TEST(codes_of_one_kind_and_size_are_equal)
{
    EQUAL("q", sizeof(long) == 8 ? "l" : "q");
    EQUAL("i", sizeof(long) == 4 ? "l" : "i");
    EQUAL("<l", "<i");
    EQUAL("n", sizeof(ptrdiff_t) == 8 ? "q" : "i");
    EQUAL("N", sizeof(size_t) == 8 ? "Q" : "I");
    EQUAL("c", "1s");
    EQUAL("c", "s");
    EQUAL("<b", ">b");
    EQUAL("<3s", ">3s");
}
END_TEST

START_TEST(kind_size_and_order_count)
{
    DIFFER("i", "I");
    DIFFER("i", "q");
    DIFFER("i", "f");
    DIFFER("b", "B");
    DIFFER("?", "B");
    DIFFER("?", "b");
    DIFFER("c", "B");
    DIFFER("4s", "w");
    DIFFER("4s", "4p");
    DIFFER("4s", "4x");
    DIFFER("4s", "4c");
    DIFFER("P", sizeof(void *) == 8 ? "Q" : "I");
    DIFFER("Zf", "d");
    DIFFER("Zf", "2f");
    DIFFER("e", "h");
    DIFFER("<i", ">i");
    DIFFER("<w", ">w");
    DIFFER("<Zd", ">Zd");
}
END_TEST

START_TEST(places_and_shapes_count)
{
    DIFFER("i", "ix");
    DIFFER("xi", "ix");
    DIFFER("<bxi", "<bix");
    DIFFER("(2,3)d", "(3,2)d");
    DIFFER("(2,3)d", "6d");
    DIFFER("3i", "iii");
    DIFFER("(1)i", "i");
    DIFFER("=ib", "=bi");
    DIFFER("2T{bx}", "2b2x");
    DIFFER("0s", "");
    EQUAL("0i", "");
    EQUAL("<(0,3)d", "<0T{i}");
}
END_TEST

START_TEST(records_do_not_count_but_their_leaves_do)
{
    EQUAL("ii", "T{i:a:i:b:}");
    EQUAL("T{i}", "i");
    EQUAL("<T{bT{hT{i}}}", "<bhi");
    EQUAL("<2T{bx}", "<(2)T{T{b1x}}");
    EQUAL("<2T{3T{h}}", "<(2,3)h");
    EQUAL("<T{b5T{4x}}", "<b20x");
    DIFFER("<2T{bh}", "<2T{hb}");
    DIFFER("<2T{bh}", "<bhbh");
    DIFFER("<T{b<h}", "<T{b>h}");
    DIFFER("T{ib}", "ib");
    DIFFER("<2T{3T{h}}", "<3T{2T{h}}");
}
END_TEST

START_TEST(null_equals_null_alone)
{
    rc_format *format = parsed("2i");
    ck_assert(!rc_format_equal(format, NULL));
    ck_assert(!rc_format_equal(NULL, format));
    rc_release(format);
}
END_TEST

START_TEST(records_inside_compare_too)
{
    rc_format *format = parsed("T{i:a:T{<hb}:b:T{<hb}:c:T{<bh}:d:}");
    const struct rc_format_field *fields = format->fields[0].record->fields;
    ck_assert(rc_format_equal(fields[1].record, fields[2].record));
    ck_assert(!rc_format_equal(fields[1].record, fields[3].record));
    rc_release(format);
}
END_TEST

/* ---- the format of a field ------------------------------------------------------------------- */

static void check_field(const char *text, const char *expected)
{
    rc_format *format = parsed(text);
    rc_format *field = rc__format_of_field(&format->fields[0]), *wanted = parsed(expected);
    ck_assert_ptr_nonnull(field);
    rc_release(format); /* the field's format stands alone */
    ck_assert_msg(rc_format_equal(field, wanted) && field->alignment == wanted->alignment,
                  "\"%s\": \"%s\", not \"%s\"", text, field->text, expected);
    rc_format *again = parsed(field->text);
    ck_assert(rc_format_equal(field, again));
    rc_release(field), rc_release(wanted), rc_release(again);
}

START_TEST(a_field_has_a_format_of_its_own)
{
    check_field("3i:a:d:b:", "i");
    check_field("(2,3)Zd:a:d:b:", "Zd");
    check_field("<Zf", IS_LITTLE ? "Zf" : "<Zf");
    check_field(">Zf", IS_LITTLE ? ">Zf" : "Zf");
    check_field("<(4)10s", "10s");
    check_field(">5w", IS_LITTLE ? ">5w" : "5w");
    check_field("<5w", IS_LITTLE ? "5w" : "<5w");
    check_field("7p", "7p");
    check_field("0s:a:i", "0s");
    check_field("=l", sizeof(long) == 4 ? "l" : IS_LITTLE ? "<i" : ">i");
    check_field("!q", IS_LITTLE ? "!q" : "q");
    check_field("g", "g");
    check_field("3T{i:a:d:b:}:r:", "T{id}");
    check_field("<(2)3T{i:a:d:b:}:r:", "<T{id}");
    check_field("T{i:a:>T{hd}:b:}:r:b", "T{i>T{hd}}");
    check_field("^T{b@i}", "T{bi}");
}
END_TEST

START_TEST(a_format_of_one_code_serves_its_field)
{
    rc_format *format = parsed("T{3d:a:}");
    rc_format *field = rc__format_of_field(rc_format_find(format, "a")), *d = parsed("d");
    ck_assert_ptr_eq(field, d);
    ck_assert(rc__format_is_builtin(field) && !rc__format_is_builtin(format));
    ck_assert_ptr_eq(rc__format_retain(field), field);
    ck_assert_ptr_eq(rc__format_retain(format), format);
    ck_assert_uint_eq(rc_count(format), 2);
    rc__format_release(format), rc__format_release(field), rc_release(format);
}
END_TEST

HARNESS_MAIN("buffer/format_equal", spelling_does_not_count, codes_of_one_kind_and_size_are_equal,
             kind_size_and_order_count, places_and_shapes_count,
             records_do_not_count_but_their_leaves_do, null_equals_null_alone,
             records_inside_compare_too, a_field_has_a_format_of_its_own,
             a_format_of_one_code_serves_its_field)
