/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* The graph of what a cycle domain tracks. */
#include "cycle_domain.h"
#include "graph_layout.h"

/* The room is for all: only who is in the domain tracks more. Returns: how many are alive. */
static size_t list_tracked(rc_cycle_domain *domain, const void **objects, size_t room)
{
    size_t count = 0;
    bool locked = rc__cycle_lock(domain);
    for (size_t i = 0; i < domain->tracked && count < room; i++)
        if (!(domain->entries[i].header & RC__ENTRY_DEAD))
            objects[count++] = rc__payload_of(rc__entry_header(&domain->entries[i]));
    rc__cycle_unlock(domain, locked);
    return count;
}

static enum rc_status write_entered(FILE *stream, rc_cycle_domain *domain,
                                    const struct rc_graph_options *known)
{
    const struct rc_allocator *allocator = rc__object_allocator(domain);
    size_t room = rc__tally_get(&domain->tracked), bytes;
    if (room == 0) return rc__graph_draw(stream, NULL, 0, false, known);
    if (!rc__size_multiply(room, sizeof(void *), &bytes)) return RC_OVERFLOW;
    const void **objects = rc__block_allocate(allocator, bytes, RC_ALIGNMENT_DEFAULT);
    if (!objects) return RC_NO_MEMORY;
    size_t count = list_tracked(domain, objects, room);
    enum rc_status status = rc__graph_draw(stream, objects, count, false, known);
    rc__block_free(allocator, objects, bytes, RC_ALIGNMENT_DEFAULT);
    return status;
}

enum rc_status rc_graph_write_domain(FILE *stream, rc_cycle_domain *domain,
                                     const struct rc_graph_options *options)
{
    static const char call[] = "rc_graph_write_domain";
    struct rc_graph_options known;
    enum rc_status status = rc__graph_check(stream, options, &known, call);
    if (status != RC_OK) return status;
    if (!domain) return rc_error_set(RC_INVALID, "%s: the domain is NULL", call);
    if (!rc__cycle_enter(domain, call)) return RC_BUSY;
    status = write_entered(stream, domain, &known);
    rc__cycle_leave(domain);
    return status;
}
