/* SPDX-License-Identifier: MIT */
/**
 * @file rc/ledger_site.h
 * What units compiled with RCBUF_LEDGER tell the ledger (rc/ledger.h), by rc/ledger_inline.h. ABI,
 * tied to the library's SOVERSION; a library compiled without RCBUF_LEDGER has it too, and hears
 * nothing.
 */
#ifndef RC_LEDGER_SITE_H
#define RC_LEDGER_SITE_H

#include "config.h"

RC_BEGIN_DECLS

/** A place in the source. The ledger remembers copies. */
struct rc_site {
    const char *file;
    const char *function;
    unsigned line;
};

/* Not 0 while the ledger is kept: from before main() on, until it has no memory. */
extern RC_API int rc_ledger_on;

/* Where this thread calls the library from; NULL: it does not, or nobody knows. */
extern RC_API RC_HOT_THREAD_LOCAL const struct rc_site *rc_ledger_here;
/* Where the scoped variable stands whose end comes next. */
extern RC_API RC_HOT_THREAD_LOCAL const struct rc_site *rc_ledger_ending;

/* site, tag: may be NULL; they are copied. The object has one more, or will have one fewer. */
RC_API RC_COLD void rc_ledger_retained(const void *object, const struct rc_site *site,
                                       const char *tag);
RC_API RC_COLD void rc_ledger_released(const void *object, const struct rc_site *site,
                                       const char *tag);

RC_END_DECLS

#endif
