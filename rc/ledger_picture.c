/* SPDX-License-Identifier: MIT */
/* Taking the picture: the objects, their references, and who holds whom. */
#define RC__LIBRARY 1
#include "ledger_picture.h"

#ifdef RCBUF_LEDGER

#include <stdlib.h>
#include <string.h>

#include "header.h"
#include "home.h"

/* ---- objects --------------------------------------------------------------------------------- */

static size_t bytes_of(const struct rc__header *header)
{
    const struct rc__sized_type *sized = (const struct rc__sized_type *)header->type;
    bool has_apart = header->type->flags & RC__TYPE_SIZED && sized->apart;
    return header->type->size + rc__object_extra(header) +
           (has_apart ? sized->apart(rc__payload_of(header)) : 0);
}

static struct rc__ledger_node node_of(const struct rc__ledger_entry *entry)
{
    const struct rc__header *header = rc__header_of(entry->object);
    bool is_apart = entry->immortal || rc__object_is_finalizing(entry->object);
    struct rc__ledger_node node = {.object = entry->object,
                                   .type = header->type,
                                   .entry = entry,
                                   .references = rc_count(entry->object),
                                   .holder = RC__LEDGER_NOBODY,
                                   .state = is_apart ? RC__LEDGER_APART : RC__LEDGER_UNKNOWN};
    if (node.references == 0) node.state = RC__LEDGER_APART; /* it waits for its end */
    if (node.state == RC__LEDGER_UNKNOWN) node.bytes = bytes_of(header);
    return node;
}

static int by_address(const void *a, const void *b)
{
    const struct rc__ledger_node *left = a, *right = b;
    return (left->object > right->object) - (left->object < right->object);
}

static void take_nodes(struct rc__ledger_picture *picture)
{
    for (size_t i = 0; i < rc__ledger.bucket_count; i++)
        for (struct rc__ledger_entry *entry = rc__ledger.buckets[i]; entry; entry = entry->next)
            picture->nodes[picture->count++] = node_of(entry);
    qsort(picture->nodes, picture->count, sizeof *picture->nodes, by_address);
}

struct rc__ledger_node *rc__ledger_node_at(const struct rc__ledger_picture *picture,
                                           const void *address)
{
    size_t low = 0, high = picture->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((uintptr_t)picture->nodes[middle].object < (uintptr_t)address)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_there = low < picture->count && picture->nodes[low].object == address;
    return is_there ? &picture->nodes[low] : NULL;
}

/* ---- edges ----------------------------------------------------------------------------------- */

struct walk {
    struct rc__ledger_picture *picture;
    size_t from;
};

static bool make_room(struct rc__ledger_picture *picture)
{
    if (picture->edge_count < picture->edge_room) return true;
    size_t old_room = picture->edge_room, room = old_room ? 2 * old_room : 4096;
    size_t *edges = rc__ledger_pages(room * sizeof *edges);
    if (!edges) return false;
    if (old_room) memcpy(edges, picture->edges, old_room * sizeof *edges);
    rc__ledger_pages_free(picture->edges, old_room * sizeof *edges);
    picture->edges = edges;
    picture->edge_room = room;
    return true;
}

static void add_edge(void *object, void *argument)
{
    struct walk *walk = argument;
    struct rc__ledger_picture *picture = walk->picture;
    struct rc__ledger_node *node = object ? rc__ledger_node_at(picture, object) : NULL;
    if (!node) return;
    if (!make_room(picture)) {
        picture->is_incomplete = true;
        return;
    }
    picture->edges[picture->edge_count++] = (size_t)(node - picture->nodes);
    picture->nodes[walk->from].edge_count++;
    node->holders++;
    if (node->holder == RC__LEDGER_NOBODY) node->holder = walk->from;
}

static void take_edges(struct rc__ledger_picture *picture)
{
    for (size_t i = 0; i < picture->count; i++) {
        struct rc__ledger_node *node = &picture->nodes[i];
        struct walk walk = {picture, i};
        node->first_edge = picture->edge_count;
        if (node->state == RC__LEDGER_APART && !node->entry->immortal) continue;
        if (node->type->traverse)
            node->type->traverse((void *)(uintptr_t)node->object, add_edge, &walk);
        const struct rc__header *header = rc__header_of(node->object);
        if (rc__header_flags(header) & RC__FLAG_HOMED) add_edge(rc__homed_of(header)->home, &walk);
    }
}

/* All exports of a buffer hold one reference together. */
size_t rc__ledger_unexplained(const struct rc__ledger_node *node)
{
    size_t exports = 0;
    for (const struct rc__ledger_reference *held = node->entry->held; held; held = held->next)
        exports += held->kind == RC__LEDGER_EXPORT;
    size_t others = node->holders > exports ? node->holders - exports : 0;
    size_t explained = others + (exports > 0);
    return node->references > explained ? node->references - explained : 0;
}

/* ---- what is a leak -------------------------------------------------------------------------- */

/* All that work[0 .. depth) holds, and is of no known state, gets this one. */
static void spread(struct rc__ledger_picture *picture, size_t depth, enum rc__ledger_state state)
{
    while (depth > 0) {
        const struct rc__ledger_node *node = &picture->nodes[picture->work[--depth]];
        for (size_t i = 0; i < node->edge_count; i++) {
            size_t to = picture->edges[node->first_edge + i];
            if (picture->nodes[to].state != RC__LEDGER_UNKNOWN) continue;
            picture->nodes[to].state = state;
            picture->work[depth++] = to;
        }
    }
}

static void find_leaked(struct rc__ledger_picture *picture)
{
    size_t depth = 0;
    for (size_t i = 0; i < picture->count; i++) {
        struct rc__ledger_node *node = &picture->nodes[i];
        if (node->state != RC__LEDGER_UNKNOWN || rc__ledger_unexplained(node) == 0) continue;
        node->state = RC__LEDGER_LEAKED;
        picture->work[depth++] = i;
    }
    spread(picture, depth, RC__LEDGER_INDIRECT);
}

static void find_rest(struct rc__ledger_picture *picture)
{
    rc__ledger_find_cycles(picture);
    for (size_t i = 0; i < picture->count; i++) {
        struct rc__ledger_node *node = &picture->nodes[i];
        if (node->state != RC__LEDGER_UNKNOWN) continue;
        node->state = node->cycle ? RC__LEDGER_CYCLE : RC__LEDGER_INDIRECT;
    }
}

bool rc__ledger_picture_take(struct rc__ledger_picture *picture)
{
    size_t room = rc__ledger.entry_count + 1;
    *picture = (struct rc__ledger_picture){.nodes = rc__ledger_pages(room * sizeof *picture->nodes),
                                           .work = rc__ledger_pages(room * sizeof *picture->work)};
    if (!picture->nodes || !picture->work) return false;
    take_nodes(picture);
    take_edges(picture);
    rc__ledger_find_roots(picture);
    find_leaked(picture);
    find_rest(picture);
    return !picture->is_incomplete;
}

void rc__ledger_picture_drop(struct rc__ledger_picture *picture)
{
    size_t room = rc__ledger.entry_count + 1;
    rc__ledger_pages_free(picture->nodes, room * sizeof *picture->nodes);
    rc__ledger_pages_free(picture->work, room * sizeof *picture->work);
    rc__ledger_pages_free(picture->edges, picture->edge_room * sizeof *picture->edges);
}

#endif
