/* SPDX-License-Identifier: MIT */
/* Graphs of who holds whom. */
#include <stdio.h>

#include "buffer/view.h"
#include "oom.h"
#include "rc/graph.h"

struct node {
    struct node *next;
    void *other;
};

static void node_traverse(void *self, rc_visit *visit, void *argument)
{
    struct node *node = self;
    visit(node->next, argument);
    visit(node->other, argument);
}

static void node_clear(void *self)
{
    struct node *node = self;
    rc_clear(&node->next);
    rc_clear(&node->other);
}

static const rc_type node_type = {.name = "node",
                                  .size = sizeof(struct node),
                                  .finalize = node_clear,
                                  .traverse = node_traverse,
                                  .clear = node_clear};

enum { NODES = 400 }; /* so that each list of a graph grows */

static rc_cycle_domain *domain;
static FILE *stream;

/* A list whose last node holds a view, tracked by a domain. */
static void prepare(struct stage *stage)
{
    domain = rc_cycle_domain_new();
    stream = fopen("/dev/null", "w");
    expect(domain && stream, "a domain and a stream");
    struct node *first = NULL;
    for (int i = 0; i < NODES; i++) {
        struct node *node = RC_CYCLE_NEW(domain, struct node, &node_type);
        expect(node != NULL, "a node");
        node->next = first;
        first = node;
    }
    stage->buffer = rc_buffer_new_zeroed(64);
    first->other = rc_view_new(stage->buffer, "i");
    expect(first->other != NULL, "a view");
    stage->object = first;
    watch(stage, first);
    watch(stage, stage->buffer);
    watch(stage, domain);
}

static void end(struct stage *stage)
{
    rc_clear(&stage->object);
    rc_clear(&stage->buffer);
    rc_clear(&domain);
    if (stream) fclose(stream);
    stream = NULL;
}

static bool write_roots(struct stage *stage)
{
    const void *roots[] = {stage->object, stage->buffer};
    return rc_graph_write(stream, roots, 2, NULL) == RC_OK;
}

static bool write_domain(struct stage *stage)
{
    (void)stage;
    return rc_graph_write_domain(stream, domain, NULL) == RC_OK;
}

static bool save(struct stage *stage)
{
    return rc_graph_save("/dev/null", stage->object) == RC_OK;
}

/* There is no ledger in this program. */
static bool write_alive(struct stage *stage)
{
    (void)stage;
    bool refused = rc_graph_write_alive(stream, NULL) == RC_UNSUPPORTED;
    rc_error_clear();
    return refused;
}

static const struct scenario list[] = {
    {.name = "the graph of two roots", .prepare = prepare, .act = write_roots, .end = end},
    {.name = "the graph of a domain", .prepare = prepare, .act = write_domain, .end = end},
    {.name = "save a graph", .prepare = prepare, .act = save, .end = end},
    {.name = "the graph of all that is alive",
     .prepare = prepare,
     .act = write_alive,
     .end = end,
     .quiet = true},
};

const struct scenarios graph_scenarios = {list, sizeof list / sizeof list[0]};
