/* SPDX-License-Identifier: MIT */
/** @file tests/buffer/format_support.h
 * For tests of formats: one that has to parse, and places of its fields. */
#ifndef TESTS_BUFFER_FORMAT_SUPPORT_H
#define TESTS_BUFFER_FORMAT_SUPPORT_H

#include "buffer/format.h"
#include "tests/harness.h"

#define IS_LITTLE (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
/* The order that is not this machine's, and the one that is. */
#define FOREIGN (IS_LITTLE ? ">" : "<")
#define OWN     (IS_LITTLE ? "<" : ">")

static inline rc_format *parsed(const char *text)
{
    rc_format *format = rc_format_new(text);
    ck_assert_msg(format != NULL, "\"%s\": %s", text, rc_error_message());
    ck_assert_str_eq(format->text, text);
    return format;
}

/* The sizes of a member's type, as the compiler lays it out. */
#define MEMBER_ALIGNMENT(type_)                                                                    \
    __extension__ offsetof(                                                                        \
        struct {                                                                                   \
            char before;                                                                           \
            type_ member;                                                                          \
        },                                                                                         \
        member)

#endif
