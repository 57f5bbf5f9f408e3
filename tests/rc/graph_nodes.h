/* SPDX-License-Identifier: MIT */
/**
 * @file tests/rc/graph_nodes.h
 * Nodes that are drawn with their ids, alone or as a domain tracks them.
 */
#ifndef TESTS_RC_GRAPH_NODES_H
#define TESTS_RC_GRAPH_NODES_H

#include "tests/rc/cycle_support.h"
#include "tests/rc/graph_support.h"

static const rc_type leaf_type = {.name = "leaf", .size = 40};

static inline struct node *plain_node(int id)
{
    struct node *node = rc_new(struct node, &tidy_type);
    ck_assert_ptr_nonnull(node);
    node->id = id;
    return node;
}

/* "#7" for the node whose id that is. */
static inline void name_by_id(const void *object, char *text, size_t size, void *context)
{
    (void)context;
    if (rc_type_of(object)->traverse == node_traverse)
        snprintf(text, size, "#%d", ((const struct node *)object)->id);
}

static const struct rc_graph_options named = {
    .struct_size = sizeof named, .limit = SIZE_MAX, .name = name_by_id};

static inline struct dot *named_graph(const void *const *roots, size_t count)
{
    return dot_read(graph_text(roots, count, &named));
}

static inline struct dot *domain_graph(rc_cycle_domain *domain)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_int_eq(rc_graph_write_domain(stream, domain, &named), RC_OK);
    fclose(stream);
    return dot_read(text);
}

#endif
