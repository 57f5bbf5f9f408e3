/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What all domains together have, and had: for accounts that are written. */
#include "account_more.h"
#include "cycle_domain.h"

static struct rc__account_more ended; /* of domains that there are no more */

static void add_domain(const rc_cycle_domain *domain, struct rc__account_more *more)
{
    struct rc_cycle_statistics now;
    rc_cycle_statistics_read(domain, &now);
    more->cycle_collections += now.collections;
    more->cycle_freed_objects += now.freed;
    more->cycle_resurrected_objects += now.resurrected;
}

void rc__cycle_account_end(const rc_cycle_domain *domain)
{
    add_domain(domain, &ended);
}

void rc__cycle_account(const rc_cycle_domain *first, struct rc__account_more *more)
{
    more->cycle_collections += ended.cycle_collections;
    more->cycle_freed_objects += ended.cycle_freed_objects;
    more->cycle_resurrected_objects += ended.cycle_resurrected_objects;
    for (const rc_cycle_domain *it = first; it; it = it->next) {
        more->cycle_domains++;
        more->cycle_tracked_objects += rc__tally_get(&it->tracked);
        add_domain(it, more);
    }
}
