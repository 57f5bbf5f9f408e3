/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* The characters of a format's text. */
#include "format_scan.h"

#include <string.h>

#include "../rc/block.h"

/* ---- sentences ------------------------------------------------------------------------------- */

bool rc__scan_unexpected(const struct rc__scanner *scanner, const char *wanted)
{
    size_t position = rc__scan_position(scanner, scanner->at);
    if (scanner->at == scanner->end)
        return rc_error_set(RC_FORMAT, "format: it ends at position %zu, where %s is missing",
                            position, wanted) == RC_OK;
    unsigned char byte = (unsigned char)*scanner->at;
    bool is_printable = byte > ' ' && byte < 0x7f;
    return rc_error_set(RC_FORMAT,
                        is_printable ? "format: '%c' at position %zu, where %s is expected"
                                     : "format: byte 0x%02x at position %zu, where %s is expected",
                        byte, position, wanted) == RC_OK;
}

static const char *meaning_in_python(char code)
{
    switch (code) {
    case 'O':
        return "a pointer to a Python object, which only Python can count";
    case '&':
        return "a pointer to an element, which is not followed";
    case 'X':
        return "a pointer to a function, which is not called";
    case 't':
        return "a field of bits, which is no whole byte";
    case 'u':
        return "characters of 2 bytes; those of w have 4";
    default:
        return NULL;
    }
}

bool rc__scan_refuse_code(const struct rc__scanner *scanner)
{
    char next = rc__scan_peek(scanner);
    const char *meaning = meaning_in_python(next);
    if (!meaning) return rc__scan_unexpected(scanner, "a code");
    return rc_error_set(RC_UNSUPPORTED, "format: '%c' at position %zu is %s", next,
                        rc__scan_position(scanner, scanner->at), meaning) == RC_OK;
}

/* ---- characters ------------------------------------------------------------------------------ */

static bool is_space(char character)
{
    return character == ' ' || (character >= '\t' && character <= '\r');
}

static bool is_order(char character)
{
    return character != '\0' && strchr("@^=<>!", character);
}

void rc__scan_spaces(struct rc__scanner *scanner)
{
    while (is_space(rc__scan_peek(scanner))) scanner->at++;
}

void rc__scan_orders_and_spaces(struct rc__scanner *scanner)
{
    for (;; scanner->at++) {
        char next = rc__scan_peek(scanner);
        if (is_order(next))
            scanner->order = next;
        else if (!is_space(next))
            return;
    }
}

bool rc__scan_number(struct rc__scanner *scanner, size_t *number)
{
    const char *start = scanner->at;
    if (!rc__scan_is_digit(scanner)) return rc__scan_unexpected(scanner, "a number");
    for (*number = 0; rc__scan_is_digit(scanner); scanner->at++)
        if (!rc__size_multiply(*number, 10, number) ||
            !rc__size_add(*number, (size_t)(*scanner->at - '0'), number))
            return rc_error_set(RC_OVERFLOW, "format: the number at position %zu passes %zu",
                                rc__scan_position(scanner, start), SIZE_MAX) == RC_OK;
    return true;
}

bool rc__scan_name(struct rc__scanner *scanner, const char **name, size_t *size)
{
    *name = scanner->at + 1;
    const char *end = memchr(*name, ':', (size_t)(scanner->end - *name));
    if (!end)
        return rc_error_set(RC_FORMAT, "format: the name at position %zu has no ':' at its end",
                            rc__scan_position(scanner, scanner->at)) == RC_OK;
    *size = (size_t)(end - *name);
    scanner->at = end + 1;
    return true;
}
