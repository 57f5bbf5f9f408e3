/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#include "account_more.h"

#include "pages.h"
#include "tally.h"

static const struct rc__account_source *sources;

void rc__account_add_source(struct rc__account_source *source)
{
    source->next = __atomic_load_n(&sources, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&sources, &source->next, source, true, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED)) {
    }
}

static void add_record(struct rc__tally *tally, void *context)
{
    struct rc__account_more *more = context;
    more->idle_bytes += rc__tally_kept_bytes(tally) + rc__magazines_bytes(tally->magazines);
    more->magazine_hits += rc__magazines_hits(tally->magazines);
    more->recycled_objects += rc__tally_get(&tally->recycled);
    for (size_t i = 0; i < RC__CELLS; i++)
        more->recycled_objects += rc__tally_get(&tally->cells[i].recycled);
}

void rc__account_tell_idle(struct rc__account_more *more)
{
    more->depot_bytes = rc__depot_bytes();
    rc__tally_each(add_record, more);
    struct rc__pages_idle pages = rc__pages_idle();
    more->idle_bytes += more->depot_bytes + pages.bytes + pages.mine;
}

struct rc__account_more rc__account_read_more(void)
{
    struct rc__account_more more = {0};
    rc__account_tell_idle(&more);
    const struct rc__account_source *source = __atomic_load_n(&sources, __ATOMIC_ACQUIRE);
    for (; source; source = source->next) source->tell(&more);
    return more;
}
