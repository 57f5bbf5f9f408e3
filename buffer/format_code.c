/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* The codes of element formats: their sizes on this machine, and the formats of one code. */
#include "format_code.h"

#include "format_layout.h"

/* The alignment of a member, which on some machines is less than that of a variable. */
#define ROW(name_, letter_, text_, class_, type_, standard_)                                       \
    struct member_##name_ {                                                                        \
        char before;                                                                               \
        type_ member;                                                                              \
    };
RC__FORMAT_CODES(ROW)
#undef ROW

const struct rc__format_code rc__format_codes[RC__ROW_COUNT] = {
#define ROW(name_, letter_, text_, class_, type_, standard_)                                       \
    [RC__ROW_##name_] = {letter_, class_, sizeof(type_), offsetof(struct member_##name_, member),  \
                         standard_},
    RC__FORMAT_CODES(ROW)
#undef ROW
};

enum rc__format_row rc__format_row_of(char letter)
{
    static const unsigned char rows[128] = {
#define ROW(name_, letter_, text_, class_, type_, standard_) [letter_] = RC__ROW_##name_,
        RC__FORMAT_CODES(ROW)
#undef ROW
    };
    unsigned char place = (unsigned char)letter;
    return place < sizeof rows ? (enum rc__format_row)rows[place] : RC__ROW_NONE;
}

/* In a text F D G are no codes. */
enum rc__format_row rc__format_read_code(const char *text, size_t size, size_t *taken)
{
    static const char complex_letters[128] = {['f'] = 'F', ['d'] = 'D', ['g'] = 'G'};
    *taken = 1;
    if (size == 0 || *text == 'F' || *text == 'D' || *text == 'G') return RC__ROW_NONE;
    if (*text != 'Z') return rc__format_row_of(*text);
    *taken = 2;
    unsigned char part = size > 1 ? (unsigned char)text[1] : 0;
    return part < sizeof complex_letters ? rc__format_row_of(complex_letters[part]) : RC__ROW_NONE;
}

/* ---- formats of one code --------------------------------------------------------------------- */

/* Objects like others, but for their headers, which say from the start what rc_make_immortal()
 * would have them say. Not constant: counting on one may write its count back, and weak references
 * leave a flag. */
struct builtin {
    _Alignas(RC_ALIGNMENT_DEFAULT) struct rc__header header;
    struct rc__format format;
};

_Static_assert(offsetof(struct builtin, format) == sizeof(struct rc__header),
               "a payload follows its header");

static const struct rc_format_field fields[RC__ROW_COUNT] = {
#define ROW(name_, letter_, text_, class_, type_, standard_)                                       \
    [RC__ROW_##name_] = {.name = "", .size = sizeof(type_), .code = (letter_)},
    RC__FORMAT_CODES(ROW)
#undef ROW
};

static struct builtin builtins[RC__ROW_COUNT] = {
#define ROW(name_, letter_, text_, class_, type_, standard_)                                       \
    [RC__ROW_##name_] = {                                                                          \
        .header = {.shared = RC__COUNT_SATURATED,                                                  \
                   .flags = RC__FLAG_IMMORTAL,                                                     \
                   .type = &rc__format_type.base},                                                 \
        .format.head = {.text = (text_),                                                           \
                        .itemsize = sizeof(type_),                                                 \
                        .alignment = offsetof(struct member_##name_, member),                      \
                        .field_count = (class_) != RC__CLASS_PAD,                                  \
                        .fields = &fields[RC__ROW_##name_],                                        \
                        .value_count = (class_) != RC__CLASS_PAD},                                 \
    },
    RC__FORMAT_CODES(ROW)
#undef ROW
};

rc_format *rc__format_builtin(enum rc__format_row row)
{
    return &builtins[row].format.head;
}

bool rc__format_is_builtin(const rc_format *format)
{
    uintptr_t place = (uintptr_t)format, start = (uintptr_t)builtins;
    return place >= start && place < start + sizeof builtins;
}
