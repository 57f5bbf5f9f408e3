/* SPDX-License-Identifier: MIT */
/* The codes, and the formats of one code. */
#include "format_layout.h"

const rc_type rc__format_type = {.name = "rc_format", .size = sizeof(rc_format)};

/* ---- codes ----------------------------------------------------------------------------------- */

#define CODE(letter, class, type, standard)                                                        \
    {                                                                                              \
        (letter), RC__CLASS_##class, (unsigned char)sizeof(type), (unsigned char)_Alignof(type),   \
            (standard)                                                                             \
    }

/* A half has no type in C; it is aligned as uint16_t is. */
static const struct rc__format_code codes[] = {
    CODE('x', PAD, char, 1),
    CODE('c', CHARACTER, char, 1),
    CODE('?', BOOL, _Bool, 1),
    CODE('b', SIGNED, signed char, 1),
    CODE('B', UNSIGNED, unsigned char, 1),
    CODE('h', SIGNED, short, 2),
    CODE('H', UNSIGNED, unsigned short, 2),
    CODE('i', SIGNED, int, 4),
    CODE('I', UNSIGNED, unsigned, 4),
    CODE('l', SIGNED, long, 4),
    CODE('L', UNSIGNED, unsigned long, 4),
    CODE('q', SIGNED, long long, 8),
    CODE('Q', UNSIGNED, unsigned long long, 8),
    CODE('n', SIGNED, ptrdiff_t, 0),
    CODE('N', UNSIGNED, size_t, 0),
    CODE('P', POINTER, void *, 0),
    CODE('e', REAL, uint16_t, 2),
    CODE('f', REAL, float, 4),
    CODE('d', REAL, double, 8),
    CODE('g', REAL, long double, 0),
    CODE('s', STRING, char, 1),
    CODE('p', PASCAL, char, 1),
    CODE('w', WIDE, uint32_t, 4),
};

static const struct rc__format_code complex_codes[] = {
    CODE('F', COMPLEX, float _Complex, 8),
    CODE('D', COMPLEX, double _Complex, 16),
    CODE('G', COMPLEX, long double _Complex, 0),
};

struct rc__format_code rc__format_code_of(char code, bool is_complex)
{
    if (is_complex)
        return code == 'f'   ? complex_codes[0]
               : code == 'd' ? complex_codes[1]
               : code == 'g' ? complex_codes[2]
                             : (struct rc__format_code){0};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].code == code) return codes[i];
    return (struct rc__format_code){0};
}

/* ---- formats of one code --------------------------------------------------------------------- */

/* A whole object: the header is 16 bytes, so that the payload follows it. */
struct builtin {
    struct rc__header header;
    rc_format format;
    struct rc_format_field field;
};
_Static_assert(offsetof(struct builtin, format) == sizeof(struct rc__header),
               "the payload follows the header");

#define BUILTIN(index, string, letter, element)                                                    \
    [index] = {                                                                                    \
        .header = {.shared = RC__COUNT_SATURATED,                                                  \
                   .flags = RC__FLAG_IMMORTAL,                                                     \
                   .type = &rc__format_type},                                                      \
        .format = {.text = (string),                                                               \
                   .itemsize = sizeof(element),                                                    \
                   .alignment = (unsigned char)_Alignof(element),                                  \
                   .field_count = 1,                                                               \
                   .fields = &builtins[index].field,                                               \
                   .value_count = 1},                                                              \
        .field = {.name = "", .size = sizeof(element), .shape = no_shape, .code = (letter)},       \
    }

static const size_t no_shape[1] = {0};

/* Not constant: counting on an immortal object may write its count back. */
static struct builtin builtins[] = {
    BUILTIN(0, "c", 'c', char),
    BUILTIN(1, "?", '?', _Bool),
    BUILTIN(2, "b", 'b', signed char),
    BUILTIN(3, "B", 'B', unsigned char),
    BUILTIN(4, "h", 'h', short),
    BUILTIN(5, "H", 'H', unsigned short),
    BUILTIN(6, "i", 'i', int),
    BUILTIN(7, "I", 'I', unsigned),
    BUILTIN(8, "l", 'l', long),
    BUILTIN(9, "L", 'L', unsigned long),
    BUILTIN(10, "q", 'q', long long),
    BUILTIN(11, "Q", 'Q', unsigned long long),
    BUILTIN(12, "n", 'n', ptrdiff_t),
    BUILTIN(13, "N", 'N', size_t),
    BUILTIN(14, "P", 'P', void *),
    BUILTIN(15, "e", 'e', uint16_t),
    BUILTIN(16, "f", 'f', float),
    BUILTIN(17, "d", 'd', double),
    BUILTIN(18, "g", 'g', long double),
    BUILTIN(19, "w", 'w', uint32_t),
    BUILTIN(20, "Zf", 'F', float _Complex),
    BUILTIN(21, "Zd", 'D', double _Complex),
    BUILTIN(22, "Zg", 'G', long double _Complex),
};

rc_format *rc__format_builtin(const char *text)
{
    for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++)
        if (strcmp(builtins[i].format.text, text) == 0) return &builtins[i].format;
    return NULL;
}

bool rc__format_is_builtin(const rc_format *format)
{
    uintptr_t place = (uintptr_t)format - (uintptr_t)builtins;
    return place < sizeof builtins;
}
