/* SPDX-License-Identifier: MIT */
/**
 * @file rc/describe.h
 * Private (not installed): what an object of the library's own types says about itself, for pictures.
 *
 * A type's traverse tells what its objects own. Beside that, for rc/graph.h, a type of the library may
 * tell what its objects are called, how the references that they own are called, and which of these are
 * exports, of which all together hold one reference. It is asked by who draws and by nobody else.
 */
#ifndef RC_DESCRIBE_H
#define RC_DESCRIBE_H

#include "header.h"

/* Bytes of a text, its NUL included. */
#define RC__DESCRIPTION_TEXT 96

/* So many of the references, in the order in which traverse tells them, none of which is NULL. */
struct rc__link {
    size_t count;
    const char *label;
    bool is_export;
};

struct rc__description {
    char *text; /* room for RC__DESCRIPTION_TEXT, "" at first; NULL: no text is wanted */
    struct rc__link links[2]; /* the first ones, and those behind them */
    size_t exports;           /* others hold so many, which all together are one reference */
    const void *kin;          /* a live object that it belongs to, and does not own; NULL: none */
    const char *kinship;      /* how that is called */
};

/* NULL: the reference has no name. */
static inline const struct rc__link *rc__link_at(const struct rc__description *description,
                                                 size_t index)
{
    const struct rc__link *links = description->links;
    if (index < links[0].count) return &links[0];
    return index - links[0].count < links[1].count ? &links[1] : NULL;
}

/* printf() behind the text; what finds no room is cut off. Nothing where none is wanted. */
RC_HIDDEN void rc__describe(struct rc__description *description, const char *format, ...)
    RC_PRINTF(2, 3);
/* "4 KiB", "5000 B". */
RC_HIDDEN void rc__describe_bytes(struct rc__description *description, size_t bytes);

#endif
