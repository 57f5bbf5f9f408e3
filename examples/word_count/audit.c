/* SPDX-License-Identifier: MIT */
#include "audit.h"

#include <rc/object.h>
#include <stdio.h>

static void write_type(const struct rc_account_type *entry, void *context)
{
    (void)context;
    fprintf(stderr, "account:   %zu of %s\n", entry->live_objects,
            entry->type ? entry->type->name : "other types");
}

void audit_peak(void)
{
    struct rc_account now;
    rc_account_read(&now);
    fprintf(stderr, "account: at the peak %zu bytes\n", now.peak_bytes);
    fprintf(stderr, "account: all counted: %zu bytes in %zu blocks and %zu objects\n",
            now.live_bytes, now.live_blocks, now.live_objects);
    rc_account_each_type(write_type, NULL);
}

bool audit_end(const struct rc_account *before)
{
    struct rc_account now;
    rc_account_read(&now);
    struct rc_account_difference left = rc_account_subtract(&now, before);
    fprintf(stderr, "account: at the end %td bytes in %td blocks and %td objects\n",
            left.live_bytes, left.live_blocks, left.live_objects);
    if (rc_account_check_nothing_new(before) == RC_OK) return true;
    fprintf(stderr, "word_count: %s\n", rc_error_message());
    return false;
}
