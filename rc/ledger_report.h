/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_report.h
 * Private (not installed): the ledger's reports.
 */
#ifndef RC_LEDGER_REPORT_H
#define RC_LEDGER_REPORT_H

#include <stdio.h>

#include "ledger_picture.h"

struct rc__ledger_sum {
    size_t objects, bytes;
};

struct rc__ledger_totals {
    struct rc__ledger_sum leaked; /* directly, indirectly and in circles */
    struct rc__ledger_sum waiting, reachable, suppressed;
    size_t unseen; /* references that no retain was seen for */
};

struct rc__ledger_report {
    struct rc__ledger_picture picture;
    struct rc__ledger_totals totals;
    bool is_taken;
};

/* False: no memory. To be dropped in either case. None of these under the ledger's lock: the stream
 * may be the program's own. */
RC_HIDDEN bool rc__ledger_report_take(struct rc__ledger_report *report);
/* all: also what is no leak. */
RC_HIDDEN void rc__ledger_report_write(struct rc__ledger_report *report, bool all, FILE *file);
RC_HIDDEN void rc__ledger_report_drop(struct rc__ledger_report *report);

/* What is alive, in groups of what is alike. */
RC_HIDDEN void rc__ledger_write(struct rc__ledger_picture *picture, bool all, FILE *file);
RC_HIDDEN void rc__ledger_add(struct rc__ledger_totals *totals, const struct rc__ledger_node *node);

/* The references of a node and its holders, each on a line. */
RC_HIDDEN void rc__ledger_write_node(const struct rc__ledger_picture *picture,
                                     const struct rc__ledger_node *node, FILE *file);
/* "s", or "". */
static inline const char *rc__ledger_plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* Held, by what is counted, but not seen to be taken; and the same the other way round. */
RC_HIDDEN size_t rc__ledger_unseen(const struct rc__ledger_node *node);

#endif
