/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* The graph of all that is alive, which only the ledger knows. */
#include <stdlib.h>

#include "callback.h"
#include "graph_layout.h"
#include "ledger_table.h"

static enum rc_status refuse(void)
{
    return rc_error_set(RC_UNSUPPORTED,
                        "rc_graph_write_alive: no ledger is on that knows what is alive: "
                        "RCBUF_TRACE=record turns it on in a build with RCBUF_LEDGER");
}

#ifdef RCBUF_LEDGER

struct listed {
    const void *object;
    uint64_t order;
};

static int compare(const void *one, const void *other)
{
    uint64_t a = ((const struct listed *)one)->order, b = ((const struct listed *)other)->order;
    return a < b ? -1 : a > b;
}

/* At most so many. Returns: how many; SIZE_MAX: the ledger is off. */
static size_t list_alive(struct listed *list, size_t room)
{
    size_t count = 0;
    if (!rc__ledger_lock()) return SIZE_MAX;
    for (size_t i = 0; i < rc__ledger.bucket_count; i++)
        for (const struct rc__ledger_entry *entry = rc__ledger.buckets[i]; entry;
             entry = entry->next)
            if (count++ < room) list[count - 1] = (struct listed){entry->object, entry->order};
    rc__ledger_unlock();
    return count;
}

/* In the order in which they were made. @p roots: room for as many, behind the list. */
static enum rc_status write_listed(FILE *stream, struct listed *list, size_t count,
                                   const void **roots, const struct rc_graph_options *known)
{
    qsort(list, count, sizeof *list, compare);
    for (size_t i = 0; i < count; i++) roots[i] = list[i].object;
    return rc__graph_draw(stream, roots, count, false, known);
}

static enum rc_status write_alive(FILE *stream, const struct rc_graph_options *known)
{
    const struct rc_allocator *allocator =
        __atomic_load_n(&rc__allocator_default, __ATOMIC_ACQUIRE);
    if (rc__calling.current)
        return rc_error_set(RC_BUSY, "rc_graph_write_alive: inside of a finalizer or another "
                                     "callback, where dead objects may wait for their end");
    size_t room = list_alive(NULL, 0), bytes;
    if (room == SIZE_MAX) return refuse();
    if (room == 0) return rc__graph_draw(stream, NULL, 0, false, known);
    if (!rc__size_multiply(room, sizeof(struct listed) + sizeof(void *), &bytes))
        return RC_OVERFLOW;
    struct listed *list = rc__block_allocate(allocator, bytes, RC_ALIGNMENT_DEFAULT);
    if (!list) return RC_NO_MEMORY;
    size_t count = list_alive(list, room);
    if (count > room) count = count == SIZE_MAX ? 0 : room;
    enum rc_status status =
        write_listed(stream, list, count, (const void **)(void *)(list + room), known);
    rc__block_free(allocator, list, bytes, RC_ALIGNMENT_DEFAULT);
    return status;
}

#else

static enum rc_status write_alive(FILE *stream, const struct rc_graph_options *known)
{
    (void)stream, (void)known;
    return refuse();
}

#endif

enum rc_status rc_graph_write_alive(FILE *stream, const struct rc_graph_options *options)
{
    struct rc_graph_options known;
    enum rc_status status = rc__graph_check(stream, options, &known, "rc_graph_write_alive");
    return status == RC_OK ? write_alive(stream, &known) : status;
}
