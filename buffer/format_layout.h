/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/format_layout.h
 * Private (not installed): what each code means, and the formats that cost no memory.
 */
#ifndef BUFFER_FORMAT_LAYOUT_H
#define BUFFER_FORMAT_LAYOUT_H

#include "format.h"

/* Records nest as deep, and sub-arrays have as many dimensions. */
#define RC__FORMAT_DEPTH_MAX 64

/* What bytes of one size can mean: the canonical form of a code. */
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

struct rc__format_code {
    char code; /* 'F' 'D' 'G' for Zf Zd Zg; 0: there is no such code */
    unsigned char class;
    unsigned char size;      /* native, in bytes */
    unsigned char alignment; /* native, in bytes */
    unsigned char standard;  /* size in the orders = < > !; 0: native only */
};

/* What @p code means: code 0 if it means nothing. @p is_complex: it came after Z. */
RC_HIDDEN struct rc__format_code rc__format_code_of(char code, bool is_complex);

/* The format of one code in this machine's order: immortal, borrowed. NULL: it is not one. */
RC_HIDDEN rc_format *rc__format_builtin(const char *text);

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

RC_HIDDEN extern const rc_type rc__format_type;

static inline enum rc__format_class rc__format_class_of(const struct rc_format_field *field)
{
    if (field->code == 'T') return RC__CLASS_RECORD;
    bool is_complex = field->code == 'F' || field->code == 'D' || field->code == 'G';
    char code = is_complex ? (char)(field->code - 'A' + 'a') : field->code;
    return (enum rc__format_class)rc__format_code_of(code, is_complex).class;
}

/* Elements of a field: the product of its shape, which is known to fit. */
static inline size_t rc__format_elements(const struct rc_format_field *field)
{
    size_t count = 1;
    for (size_t i = 0; i < field->ndim; i++) count *= field->shape[i];
    return count;
}

#endif
