/* SPDX-License-Identifier: MIT */
/**
 * @file rc/utf8.h
 * Private (not installed): whether bytes are UTF-8, for names that may hold anything.
 */
#ifndef RC_UTF8_H
#define RC_UTF8_H

#include "config.h"

/* Bytes of the UTF-8 character that text, which a NUL ends, starts with; 0 if it is none. */
static inline size_t rc__utf8_length(const unsigned char *text)
{
    static const struct {
        unsigned char mask, lead, size;
        uint32_t least;
    } kinds[] = {{0x80, 0x00, 1, 0},
                 {0xe0, 0xc0, 2, 0x80},
                 {0xf0, 0xe0, 3, 0x800},
                 {0xf8, 0xf0, 4, 0x10000}};
    for (size_t kind = 0; kind < 4; kind++) {
        if ((text[0] & kinds[kind].mask) != kinds[kind].lead) continue;
        uint32_t code = text[0] & (unsigned char)~kinds[kind].mask;
        for (size_t i = 1; i < kinds[kind].size; i++) {
            if ((text[i] & 0xc0) != 0x80) return 0;
            code = code << 6 | (text[i] & 0x3f);
        }
        bool valid = code >= kinds[kind].least && code <= 0x10ffff && code >> 11 != 0x1b;
        return valid ? kinds[kind].size : 0;
    }
    return 0;
}

#endif
