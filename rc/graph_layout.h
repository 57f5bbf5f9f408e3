/* SPDX-License-Identifier: MIT */
/**
 * @file rc/graph_layout.h
 * Private (not installed): a graph in memory, and how one is gathered, searched and written.
 *
 * Nodes stand in the order of their discovery, breadth first, and so do their edges: those of node
 * i begin at its first edge and end where those of node i + 1 begin. A node that is discovered is
 * not followed yet; the nodes themselves are the queue. A table finds the node of an address.
 */
#ifndef RC_GRAPH_LAYOUT_H
#define RC_GRAPH_LAYOUT_H

#include <stdarg.h>

#include "describe.h"
#include "graph.h"

enum rc__node_flags {
    RC__NODE_ROOT = 1,   /* the caller named it */
    RC__NODE_ENDING = 2, /* its finalization has begun: nothing is known of what it owns */
    RC__NODE_SELF = 4,   /* it owns a reference to itself */
    RC__NODE_CYCLE = 8,  /* it is part of a cycle */
    RC__NODE_HELD = 16,  /* something outside of the graph leads to it */
    RC__NODE_ASKED = 32  /* it is of the library's own types, which describe themselves */
};

struct rc__node {
    const void *object;
    uint32_t first;     /* its first edge */
    uint32_t owned;     /* references to it that were found */
    uint32_t exports;   /* exports of it that were found */
    uint32_t component; /* of the nodes that are in cycles with each other one */
    uint32_t seen;      /* edges to it, of the node that is being written */
    uint32_t flags;
};

/* An edge is the node that it leads to, and above that its kind. */
enum rc__edge_kind { RC__EDGE_OWNED, RC__EDGE_EXPORT, RC__EDGE_HOME, RC__EDGE_KIN };
#define RC__EDGE_KIND_SHIFT 30
#define RC__NODES_MAX       ((UINT32_C(1) << RC__EDGE_KIND_SHIFT) - 1)
#define RC__EDGES_MAX       (UINT32_MAX - 1)

struct rc__graph {
    const struct rc_allocator *allocator;
    struct rc__node *nodes;
    uint32_t *edges;
    uint32_t *table; /* 1 + a node; 0: free */
    size_t node_count, node_room, edge_count, edge_room;
    size_t table_room;           /* a power of two, at least twice the nodes; or 0 */
    size_t cycles;               /* groups of nodes that lead to each other */
    enum rc_status status;       /* not RC_OK: a step has failed, and goes on without effect */
    char *text;                  /* as DOT */
    size_t text_size, text_room; /* bytes */
};

static inline uint32_t rc__edge_target(uint32_t edge)
{
    return edge & RC__NODES_MAX;
}

static inline enum rc__edge_kind rc__edge_kind(uint32_t edge)
{
    return (enum rc__edge_kind)(edge >> RC__EDGE_KIND_SHIFT);
}

/* Behind the last edge of a node that was followed. */
static inline uint32_t rc__node_end(const struct rc__graph *graph, size_t node)
{
    return node + 1 < graph->node_count ? graph->nodes[node + 1].first
                                        : (uint32_t)graph->edge_count;
}

static inline uint32_t rc__edge_make(uint32_t target, enum rc__edge_kind kind)
{
    return target | (uint32_t)kind << RC__EDGE_KIND_SHIFT;
}

/* What the object tells about itself; nothing of one whose finalization has begun. @p text: room
 * for RC__DESCRIPTION_TEXT, or NULL. */
RC_HIDDEN void rc__graph_describe(const struct rc__node *node, struct rc__description *description,
                                  char *text);

/* References to a node that nobody in the graph was seen to own, each export for one. SIZE_MAX: the
 * count does not tell. *excess: that traverse told of more than there are, by how many. */
RC_HIDDEN size_t rc__graph_outside(const struct rc__node *node, size_t *excess);

/* graph_gather.c. The roots and all that can be reached. Errors: the status, with a sentence; there
 * is something to free then, too. */
RC_HIDDEN enum rc_status rc__graph_gather(struct rc__graph *graph, const void *const *roots,
                                          size_t count, bool name_roots);
RC_HIDDEN void rc__graph_free(struct rc__graph *graph);

/* graph_search.c. Which nodes are in cycles, and which are held from outside. */
RC_HIDDEN enum rc_status rc__graph_search(struct rc__graph *graph);

/* graph_dot.c. The text. Errors: RC_NO_MEMORY. */
RC_HIDDEN enum rc_status rc__graph_print(struct rc__graph *graph,
                                         const struct rc_graph_options *options);

/* graph_text.c. More text, unless a step has failed; all of it to a stream, which does not look at
 * the objects any more. Errors: RC_SYSTEM. */
RC_HIDDEN void rc__graph_put(struct rc__graph *graph, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
RC_HIDDEN enum rc_status rc__graph_flush(const struct rc__graph *graph, FILE *stream);

/* graph.c. The options that are meant, or RC_INVALID, also for a stream that is NULL. */
RC_HIDDEN enum rc_status rc__graph_check(FILE *stream, const struct rc_graph_options *options,
                                         struct rc_graph_options *known, const char *call);
/* All of it. */
RC_HIDDEN enum rc_status rc__graph_draw(FILE *stream, const void *const *roots, size_t count,
                                        bool name_roots, const struct rc_graph_options *known);

#endif
