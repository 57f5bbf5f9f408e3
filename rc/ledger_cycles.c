/* SPDX-License-Identifier: MIT */
/*
 * Circles of objects: strongly connected components, by Tarjan's algorithm without recursion.
 * Looked at are objects of an unknown state, each of which is held by such objects alone; so a
 * component to which none of the others leads is held by nothing but itself.
 *
 * Source: R. Tarjan, Depth-first search and linear graph algorithms, 1972.
 */
#define RC__LIBRARY 1
#include "ledger_picture.h"

#ifdef RCBUF_LEDGER

struct search {
    struct rc__ledger_picture *picture;
    size_t index;  /* of the next node that is met */
    size_t top;    /* the stack of nodes without a component yet, linked by below */
    size_t cycles; /* components so far */
};

static struct rc__ledger_node *node_at(const struct search *search, size_t i)
{
    return &search->picture->nodes[i];
}

static bool is_open(const struct rc__ledger_node *node)
{
    return node->index && !node->cycle;
}

static void enter(struct search *search, size_t i, size_t parent)
{
    struct rc__ledger_node *node = node_at(search, i);
    node->index = node->low = ++search->index;
    node->next = 0;
    node->parent = parent;
    node->below = search->top;
    search->top = i;
}

/* The component that begins with this node: all above it on the stack. */
static void close_component(struct search *search, size_t first)
{
    size_t i;
    search->cycles++;
    do {
        i = search->top;
        search->top = node_at(search, i)->below;
        node_at(search, i)->cycle = search->cycles;
    } while (i != first);
}

static void lower(struct rc__ledger_node *node, size_t low)
{
    if (low < node->low) node->low = low;
}

/* The next edge of node i is followed. Returns: the node to go on with. */
static size_t step(struct search *search, size_t i)
{
    struct rc__ledger_node *node = node_at(search, i);
    if (node->next < node->edge_count) {
        size_t to = search->picture->edges[node->first_edge + node->next++];
        struct rc__ledger_node *other = node_at(search, to);
        if (other->state != RC__LEDGER_UNKNOWN) return i;
        if (!other->index) {
            enter(search, to, i);
            return to;
        }
        if (is_open(other)) lower(node, other->index);
        return i;
    }
    if (node->low == node->index) close_component(search, i);
    if (node->parent != RC__LEDGER_NOBODY) lower(node_at(search, node->parent), node->low);
    return node->parent;
}

/* What another component leads to is no circle that holds itself: work[component] says so. */
static void note_held(struct rc__ledger_picture *picture, const struct rc__ledger_node *node)
{
    for (size_t i = 0; i < node->edge_count; i++) {
        const struct rc__ledger_node *to = &picture->nodes[picture->edges[node->first_edge + i]];
        if (to->cycle && to->cycle != node->cycle) picture->work[to->cycle - 1] = 1;
    }
}

void rc__ledger_find_cycles(struct rc__ledger_picture *picture)
{
    struct search search = {.picture = picture, .top = RC__LEDGER_NOBODY};
    for (size_t i = 0; i < picture->count; i++) {
        if (picture->nodes[i].state != RC__LEDGER_UNKNOWN || picture->nodes[i].index) continue;
        enter(&search, i, RC__LEDGER_NOBODY);
        for (size_t at = i; at != RC__LEDGER_NOBODY;) at = step(&search, at);
    }
    for (size_t i = 0; i < search.cycles; i++) picture->work[i] = 0;
    for (size_t i = 0; i < picture->count; i++)
        if (picture->nodes[i].cycle) note_held(picture, &picture->nodes[i]);
    for (size_t i = 0; i < picture->count; i++) {
        struct rc__ledger_node *node = &picture->nodes[i];
        if (node->cycle && picture->work[node->cycle - 1]) node->cycle = 0;
    }
}

#endif
