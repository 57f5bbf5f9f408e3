/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/view_equal.h
 * Private (not installed): whether two items are equal by value.
 */
#ifndef BUFFER_VIEW_EQUAL_H
#define BUFFER_VIEW_EQUAL_H

#include "view_layout.h"

/* Two formats whose items are compared, and what is known of them before. */
struct rc__comparison {
    const rc_format *a, *b;
    bool by_bytes;  /* items are equal exactly where their bytes are */
    bool is_simple; /* both have one leaf, outside of any record */
    char code;      /* 'f' or 'd' if both are that alone, in this machine's order; else 0 */
};

RC_HIDDEN struct rc__comparison rc__comparison_of(const rc_format *a, const rc_format *b);

RC_HIDDEN bool rc__items_equal(const struct rc__comparison *comparison, const void *a,
                               const void *b);

#endif
