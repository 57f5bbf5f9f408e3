/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Which objects are part of cycles, by Tarjan's search for strongly connected components, and which
 * of them something outside holds. Both with lists of their own in the place of a stack.
 * Source: R. Tarjan, Depth-first search and linear graph algorithms, 1972.
 */
#include "graph_layout.h"

#define DONE UINT32_MAX /* instead of an order, and above all: the node's component is known */

enum { LISTS = 5 };

struct search {
    struct rc__graph *graph;
    uint32_t *order;  /* in which nodes were entered, from 1 */
    uint32_t *low;    /* the lowest order that is known to be in the same component */
    uint32_t *cursor; /* the next edge to look at */
    uint32_t *path;   /* nodes that were entered and not left */
    uint32_t
        *pending; /* nodes whose component is not known, in the order in which they were entered */
    uint32_t entered, depth, waiting;
};

/* ---- components ------------------------------------------------------------------------------ */

static void enter(struct search *search, uint32_t node)
{
    search->order[node] = search->low[node] = ++search->entered;
    search->cursor[node] = search->graph->nodes[node].first;
    search->path[search->depth++] = node;
    search->pending[search->waiting++] = node;
}

/* All that was entered since @p node and has no component is one. */
static void close_component(struct search *search, uint32_t node)
{
    struct rc__graph *graph = search->graph;
    uint32_t first = search->waiting;
    while (search->pending[--first] != node) continue;
    bool is_cycle = search->waiting - first > 1 || graph->nodes[node].flags & RC__NODE_SELF;
    if (is_cycle) graph->cycles++;
    for (uint32_t i = first; i < search->waiting; i++) {
        struct rc__node *member = &graph->nodes[search->pending[i]];
        member->component = node;
        if (is_cycle) member->flags |= RC__NODE_CYCLE;
        search->order[search->pending[i]] = DONE;
    }
    search->waiting = first;
}

static void note_low(struct search *search, uint32_t node, uint32_t low)
{
    if (low < search->low[node]) search->low[node] = low;
}

static void leave(struct search *search, uint32_t node)
{
    search->depth--;
    if (search->depth) note_low(search, search->path[search->depth - 1], search->low[node]);
    if (search->low[node] == search->order[node]) close_component(search, node);
}

/* Until another node is entered, or this one left. */
static void step(struct search *search)
{
    struct rc__graph *graph = search->graph;
    uint32_t node = search->path[search->depth - 1], end = rc__node_end(graph, node);
    while (search->cursor[node] < end) {
        uint32_t edge = graph->edges[search->cursor[node]++], target = rc__edge_target(edge);
        if (rc__edge_kind(edge) == RC__EDGE_KIN) continue;
        if (search->order[target] == 0) {
            enter(search, target);
            return;
        }
        note_low(search, node, search->order[target]);
    }
    leave(search, node);
}

static void find_cycles(struct search *search)
{
    for (uint32_t i = 0; i < search->graph->node_count; i++) {
        if (search->order[i] == 0) enter(search, i);
        while (search->depth) step(search);
    }
}

/* ---- what is held from outside --------------------------------------------------------------- */

static void hold(struct search *search, uint32_t node)
{
    struct rc__node *held = &search->graph->nodes[node];
    if (held->flags & RC__NODE_HELD) return;
    held->flags |= RC__NODE_HELD;
    search->path[search->depth++] = node;
}

static void hold_all_from(struct search *search, uint32_t node)
{
    const struct rc__graph *graph = search->graph;
    hold(search, node);
    while (search->depth) {
        uint32_t next = search->path[--search->depth], end = rc__node_end(graph, next);
        for (uint32_t i = graph->nodes[next].first; i < end; i++)
            if (rc__edge_kind(graph->edges[i]) != RC__EDGE_KIN)
                hold(search, rc__edge_target(graph->edges[i]));
    }
}

static void find_held(struct search *search)
{
    for (uint32_t i = 0; i < search->graph->node_count; i++) {
        size_t excess;
        if (rc__graph_outside(&search->graph->nodes[i], &excess) > 0) hold_all_from(search, i);
    }
}

/* ---- both ------------------------------------------------------------------------------------ */

enum rc_status rc__graph_search(struct rc__graph *graph)
{
    size_t count = graph->node_count, bytes;
    if (count == 0) return RC_OK;
    if (!rc__size_multiply(count, LISTS * sizeof(uint32_t), &bytes)) return RC_OVERFLOW;
    uint32_t *lists = rc__block_allocate_zeroed(graph->allocator, bytes, RC_ALIGNMENT_DEFAULT);
    if (!lists) return RC_NO_MEMORY;
    struct search search = {.graph = graph,
                            .order = lists,
                            .low = lists + count,
                            .cursor = lists + 2 * count,
                            .path = lists + 3 * count,
                            .pending = lists + 4 * count};
    find_cycles(&search);
    find_held(&search);
    rc__block_free(graph->allocator, lists, bytes, RC_ALIGNMENT_DEFAULT);
    return RC_OK;
}
