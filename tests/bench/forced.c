/* SPDX-License-Identifier: MIT */
/* Whether RCBUF_FORCE was effective: what the library's account says of magazines and bias. */
#include "process.h"

#include <rc/account.h>

#if RC_ACCOUNT_VERSION >= 2
struct forced forced_read(void)
{
    struct rc_account now;
    rc_account_read(&now);
    return (struct forced){true, now.magazine_hits, now.biased_operations};
}
#else
struct forced forced_read(void)
{
    return (struct forced){.told = false};
}
#endif

void forced_write(FILE *out, const struct forced *before, const struct forced *after)
{
    if (!after->told) return;
    fprintf(out, "magazine hits %zu\nbiased operations %zu\n",
            after->magazine_hits - before->magazine_hits,
            after->biased_operations - before->biased_operations);
}
