/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/format_code.h
 * Private (not installed): the codes of element formats, and the immortal formats of one code.
 *
 * A code that takes two characters in a text, Zf Zd Zg, is the one letter F D G in struct
 * rc_format_field and here. The counts of s p w x are lengths, so that the size is that of one byte
 * or character.
 */
#ifndef BUFFER_FORMAT_CODE_H
#define BUFFER_FORMAT_CODE_H

#include "format.h"

/* What bytes of one size can mean. */
enum rc__format_class {
    RC__CLASS_PAD,
    RC__CLASS_CHARACTER, /* c */
    RC__CLASS_BOOL,
    RC__CLASS_SIGNED,
    RC__CLASS_UNSIGNED,
    RC__CLASS_POINTER,
    RC__CLASS_REAL,
    RC__CLASS_COMPLEX,
    RC__CLASS_STRING, /* s */
    RC__CLASS_PASCAL, /* p */
    RC__CLASS_WIDE,   /* w */
    RC__CLASS_RECORD
};

/* X(name, letter, text, class, type in the orders @ and ^, size in the others; 0: none there) */
#define RC__FORMAT_CODES(X)                                                                        \
    X(PAD, 'x', "x", RC__CLASS_PAD, char, 1)                                                       \
    X(CHAR, 'c', "c", RC__CLASS_CHARACTER, char, 1)                                                \
    X(BOOL, '?', "?", RC__CLASS_BOOL, _Bool, 1)                                                    \
    X(SCHAR, 'b', "b", RC__CLASS_SIGNED, signed char, 1)                                           \
    X(UCHAR, 'B', "B", RC__CLASS_UNSIGNED, unsigned char, 1)                                       \
    X(SHORT, 'h', "h", RC__CLASS_SIGNED, short, 2)                                                 \
    X(USHORT, 'H', "H", RC__CLASS_UNSIGNED, unsigned short, 2)                                     \
    X(INT, 'i', "i", RC__CLASS_SIGNED, int, 4)                                                     \
    X(UINT, 'I', "I", RC__CLASS_UNSIGNED, unsigned, 4)                                             \
    X(LONG, 'l', "l", RC__CLASS_SIGNED, long, 4)                                                   \
    X(ULONG, 'L', "L", RC__CLASS_UNSIGNED, unsigned long, 4)                                       \
    X(LONGLONG, 'q', "q", RC__CLASS_SIGNED, long long, 8)                                          \
    X(ULONGLONG, 'Q', "Q", RC__CLASS_UNSIGNED, unsigned long long, 8)                              \
    X(SSIZE, 'n', "n", RC__CLASS_SIGNED, ptrdiff_t, 0)                                             \
    X(SIZE, 'N', "N", RC__CLASS_UNSIGNED, size_t, 0)                                               \
    X(POINTER, 'P', "P", RC__CLASS_POINTER, void *, 0)                                             \
    X(HALF, 'e', "e", RC__CLASS_REAL, uint16_t, 2)                                                 \
    X(FLOAT, 'f', "f", RC__CLASS_REAL, float, 4)                                                   \
    X(DOUBLE, 'd', "d", RC__CLASS_REAL, double, 8)                                                 \
    X(LONGDOUBLE, 'g', "g", RC__CLASS_REAL, long double, 0)                                        \
    X(CFLOAT, 'F', "Zf", RC__CLASS_COMPLEX, float _Complex, 8)                                     \
    X(CDOUBLE, 'D', "Zd", RC__CLASS_COMPLEX, double _Complex, 16)                                  \
    X(CLONGDOUBLE, 'G', "Zg", RC__CLASS_COMPLEX, long double _Complex, 0)                          \
    X(STRING, 's', "s", RC__CLASS_STRING, char, 1)                                                 \
    X(PASCAL, 'p', "p", RC__CLASS_PASCAL, char, 1)                                                 \
    X(WIDE, 'w', "w", RC__CLASS_WIDE, uint32_t, 4)

/* A row's place in that order, from 1; 0 is no code. */
enum rc__format_row {
    RC__ROW_NONE,
#define RC__FORMAT_ROW(name, letter, text, class, type, standard) RC__ROW_##name,
    RC__FORMAT_CODES(RC__FORMAT_ROW)
#undef RC__FORMAT_ROW
        RC__ROW_COUNT
};

struct rc__format_code {
    char code; /* the letter; 0: there is no such code */
    unsigned char class;
    unsigned char size;      /* native, in bytes */
    unsigned char alignment; /* native, in bytes: that of a struct's member */
    unsigned char standard;  /* size in the orders = < > !; 0: native only */
};

extern RC_HIDDEN const struct rc__format_code rc__format_codes[RC__ROW_COUNT];

/* RC__ROW_NONE: the letter is no code. */
RC_HIDDEN enum rc__format_row rc__format_row_of(char letter);

/* The code that @p text begins with, and how many characters it takes; RC__ROW_NONE: none. */
RC_HIDDEN enum rc__format_row rc__format_read_code(const char *text, size_t size, size_t *taken);

/* The same for one letter, which after Z means another. code 0: it means nothing. */
static inline struct rc__format_code rc__format_code_of(char letter, bool is_complex)
{
    char text[2] = {is_complex ? 'Z' : letter, letter};
    size_t taken;
    return rc__format_codes[rc__format_read_code(text, is_complex ? 2 : 1, &taken)];
}

static inline enum rc__format_class rc__format_class_of(const struct rc_format_field *field)
{
    if (field->record) return RC__CLASS_RECORD;
    return (enum rc__format_class)rc__format_codes[rc__format_row_of(field->code)].class;
}

static inline bool rc__format_class_has_length(enum rc__format_class class)
{
    return class == RC__CLASS_STRING || class == RC__CLASS_PASCAL || class == RC__CLASS_WIDE ||
           class == RC__CLASS_PAD;
}

/* ---- formats of one code --------------------------------------------------------------------- */

/* Immortal, in the order @. */
RC_HIDDEN rc_format *rc__format_builtin(enum rc__format_row row);

RC_HIDDEN bool rc__format_is_builtin(const rc_format *format);

/* Retain and release, which for the immortal ones do not touch memory that all threads share. */
static inline rc_format *rc__format_retain(const rc_format *format)
{
    if (!rc__format_is_builtin(format)) (void)rc_retain(format);
    return (rc_format *)(uintptr_t)format;
}

static inline void rc__format_release(const rc_format *format)
{
    if (!rc__format_is_builtin(format)) rc_release(format);
}

#endif
