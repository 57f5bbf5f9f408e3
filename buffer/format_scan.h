/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/format_scan.h
 * Private (not installed): the characters of a format's text, one after the other, and the sentences
 * that say what is wrong with them. Whatever answers false has left such a sentence.
 */
#ifndef BUFFER_FORMAT_SCAN_H
#define BUFFER_FORMAT_SCAN_H

#include "../rc/config.h"

struct rc__scanner {
    const char *text, *at, *end; /* no NUL lies before the end */
    char order;                  /* the one that holds here */
};

/* NUL at the end. */
static inline char rc__scan_peek(const struct rc__scanner *scanner)
{
    return scanner->at < scanner->end ? *scanner->at : '\0';
}

static inline bool rc__scan_is_digit(const struct rc__scanner *scanner)
{
    char next = rc__scan_peek(scanner);
    return next >= '0' && next <= '9';
}

static inline size_t rc__scan_position(const struct rc__scanner *scanner, const char *at)
{
    return (size_t)(at - scanner->text);
}

/* struct's spaces, which are those of isspace(). */
RC_HIDDEN void rc__scan_spaces(struct rc__scanner *scanner);

/* Where several orders stand behind each other, the last one holds. */
RC_HIDDEN void rc__scan_orders_and_spaces(struct rc__scanner *scanner);

/* Errors: RC_FORMAT for none, RC_OVERFLOW. */
RC_HIDDEN bool rc__scan_number(struct rc__scanner *scanner, size_t *number);

/* "id:" behind a ':'. @p name is borrowed from the text. */
RC_HIDDEN bool rc__scan_name(struct rc__scanner *scanner, const char **name, size_t *size);

/* The next character cannot stand there. False: RC_FORMAT. */
RC_HIDDEN RC_COLD bool rc__scan_unexpected(const struct rc__scanner *scanner, const char *wanted);

/* It is no code. False: RC_FORMAT, or RC_UNSUPPORTED for those of Python alone. */
RC_HIDDEN RC_COLD bool rc__scan_refuse_code(const struct rc__scanner *scanner);

#endif
