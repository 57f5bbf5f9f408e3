/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * The text of a graph: all of it in memory before any of it is written, since a stream may be the
 * program's own (fopencookie(), funopen()), and what it does with the text may end objects.
 */
#include <errno.h>
#include <string.h>

#include "graph_layout.h"

enum { FIRST_ROOM = 4096 };

/* What fails leaves the old text as it was. */
static bool make_room(struct rc__graph *graph, size_t more)
{
    size_t wanted = graph->text_room ? graph->text_room : FIRST_ROOM / 2;
    do {
        if (!rc__size_multiply(wanted, 2, &wanted)) return false;
    } while (wanted - graph->text_size <= more);
    char *moved = graph->text ? rc__block_reallocate(graph->allocator, graph->text,
                                                     graph->text_room, wanted, RC_ALIGNMENT_DEFAULT)
                              : rc__block_allocate(graph->allocator, wanted, RC_ALIGNMENT_DEFAULT);
    if (!moved) return false;
    graph->text = moved;
    graph->text_room = wanted;
    return true;
}

/* True: all of it, and a NUL behind it, is there. *more: what there was no room for. */
static bool fits(struct rc__graph *graph, const char *format, va_list arguments, size_t *more)
{
    size_t room = graph->text_room - graph->text_size;
    char *end = room ? graph->text + graph->text_size : NULL;
    int length = vsnprintf(end, room, format, arguments);
    *more = length < 0 ? 0 : (size_t)length;
    if (*more >= room) return false;
    graph->text_size += *more;
    return true;
}

void rc__graph_put(struct rc__graph *graph, const char *format, va_list arguments)
{
    if (RC_UNLIKELY(graph->status != RC_OK)) return;
    va_list again;
    va_copy(again, arguments);
    size_t more;
    if (!fits(graph, format, arguments, &more) &&
        (!make_room(graph, more) || !fits(graph, format, again, &more)))
        graph->status = rc_error_set(RC_NO_MEMORY,
                                     "rc_graph: no memory for more than %zu bytes of text about "
                                     "%zu objects",
                                     graph->text_size, graph->node_count);
    va_end(again);
}

enum rc_status rc__graph_flush(const struct rc__graph *graph, FILE *stream)
{
    size_t size = graph->text_size;
    if (fwrite(graph->text, 1, size, stream) == size && fflush(stream) == 0) return RC_OK;
    return rc_error_set(RC_SYSTEM, "the graph of %zu objects was not written: %s",
                        graph->node_count, strerror(errno));
}
