/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_names.h
 * Private (not installed): copies of the lines, tags and types that references and objects are
 * known by, one of each, which stay to the end of the process. So equal texts have one address, and
 * a report reads them whatever module was unloaded meanwhile.
 *
 * Threads: all of these under the ledger's lock; what they return may be read without.
 */
#ifndef RC_LEDGER_NAMES_H
#define RC_LEDGER_NAMES_H

#include "ledger_site.h"
#include "object.h"

struct rc__ledger_type {
    struct rc__ledger_type *next; /* in its bucket */
    const rc_type *place;         /* where the program has it */
    rc_type given;                /* as it was found there */
    rc_type copy;                 /* the same, and its name is a copy */
};

/* NULL for NULL, and where there is no memory. */
RC_HIDDEN const char *rc__ledger_text_of(const char *text);
RC_HIDDEN const struct rc_site *rc__ledger_site_of(const struct rc_site *site);
RC_HIDDEN const struct rc__ledger_type *rc__ledger_type_of(const rc_type *type);

/* What two lines have in common. */
enum { RC__LEDGER_SAME_FILE = 1, RC__LEDGER_SAME_FUNCTION = 2, RC__LEDGER_SAME_LINE = 4 };

/* Takes copies, or NULL. */
RC_HIDDEN unsigned rc__ledger_site_likeness(const struct rc_site *a, const struct rc_site *b);
/* A reference was taken there. */
RC_HIDDEN void rc__ledger_site_takes(const struct rc_site *copy);
/* No line where one was taken has more in common with it. */
RC_HIDDEN unsigned rc__ledger_site_likeness_max(const struct rc_site *copy);

/* It can still be read where it was, and is the same: its functions may be called. */
RC_HIDDEN bool rc__ledger_type_is_there(const struct rc__ledger_type *type);

#endif
