/* SPDX-License-Identifier: MIT */
/* Making a picture of what was copied: who holds whom, and what is a leak. */
#define RC__LIBRARY 1
#include "ledger_picture.h"

#ifdef RCBUF_LEDGER

#include <stdlib.h>
#include <string.h>

#include "callback.h"
#include "ledger.h"
#include "ledger_memory.h"
#include "ledger_suppress.h"

/* ---- objects --------------------------------------------------------------------------------- */

static int by_address(const void *a, const void *b)
{
    const struct rc__ledger_node *left = a, *right = b;
    return ((uintptr_t)left->object > (uintptr_t)right->object) -
           ((uintptr_t)left->object < (uintptr_t)right->object);
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

/* Exports are told by themselves, and so do not count. */
static void note_owner(struct rc__ledger_picture *picture, struct rc__ledger_node *node,
                       size_t from)
{
    bool is_export = node->exports && picture->nodes[from].is_exporter;
    if (is_export || node->latest_holder == from) return;
    if (node->owners++ == 0) node->holder = from;
    node->latest_holder = from;
}

static void add_edge_to(struct walk *walk, struct rc__ledger_node *node)
{
    struct rc__ledger_picture *picture = walk->picture;
    if (!make_room(picture)) {
        picture->is_incomplete = true;
        return;
    }
    picture->edges[picture->edge_count++] = (size_t)(node - picture->nodes);
    picture->nodes[walk->from].edge_count++;
    node->holders++;
    note_owner(picture, node, walk->from);
}

static void add_edge(void *object, void *walk)
{
    const struct rc__ledger_picture *picture = ((struct walk *)walk)->picture;
    struct rc__ledger_node *node = object ? rc__ledger_node_at(picture, object) : NULL;
    if (node) add_edge_to(walk, node);
}

/* Its own address is that of its first member, such as the head of an empty list: no reference. */
static void add_word(struct rc__ledger_node *node, const void *place, void *argument)
{
    struct walk *walk = argument;
    (void)place;
    if (node != &walk->picture->nodes[walk->from]) add_edge_to(walk, node);
}

/* The one whose types are being asked: in a process of one thread. */
static struct rc__ledger_picture *asking;

static void note_end(const void *object)
{
    struct rc__ledger_node *node = rc__ledger_node_at(asking, object);
    if (node) node->is_gone = true;
}

static bool watch(struct rc__ledger_picture *picture)
{
    if (!rc__ledger_lock()) return false;
    asking = picture;
    rc__ledger_watcher = picture ? note_end : NULL;
    rc__ledger_unlock();
    return true;
}

/* One that ended meanwhile is not asked; nor any where nobody would say so. */
static void ask(struct walk *walk, const struct rc__ledger_node *node)
{
    if (node->is_gone || !rc_ledger_is_on()) return;
    RC__CALLBACK("traverse", node->type->name,
                 node->type->traverse((void *)(uintptr_t)node->object, add_edge, walk));
}

/* Those of chains do not say whose they are. */
static void find_exporters(struct rc__ledger_picture *picture)
{
    for (size_t i = 0; i < picture->count; i++) {
        struct rc__ledger_node *node = &picture->nodes[i], *exporter;
        if (strcmp(node->type->name, "rc_chain") == 0) node->is_exporter = true;
        for (const struct rc__ledger_reference *held = node->entry->held; held; held = held->next) {
            if (held->kind != RC__LEDGER_EXPORT) continue;
            node->exports++;
            exporter = held->holder ? rc__ledger_node_at(picture, held->holder) : NULL;
            if (exporter) exporter->is_exporter = true;
        }
    }
}

static void take_edges(struct rc__ledger_picture *picture)
{
    struct walk walk = {.picture = picture};
    struct rc__ledger_words words = {.picture = picture, .meet = add_word, .argument = &walk};
    bool asks = picture->asks_types && watch(picture), reads = rc__ledger_words_begin(&words);
    if (!reads) picture->is_incomplete = true;
    for (size_t i = 0; i < picture->count; i++) {
        struct rc__ledger_node *node = &picture->nodes[i];
        walk.from = i;
        node->first_edge = picture->edge_count;
        if (node->state == RC__LEDGER_EXEMPT && !node->entry->immortal) continue;
        if (node->is_asked && asks)
            ask(&walk, node);
        else if (!node->is_asked && reads)
            rc__ledger_words_look_into(&words, node);
        add_edge((void *)(uintptr_t)node->home, &walk);
    }
    if (asks) (void)watch(NULL);
}

/* All exports of a buffer hold one reference together. */
size_t rc__ledger_unexplained(const struct rc__ledger_node *node)
{
    size_t others = node->holders > node->exports ? node->holders - node->exports : 0;
    size_t explained = others + (node->exports > 0);
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
        if (node->state == RC__LEDGER_UNKNOWN && rc__ledger_unexplained(node) > 0)
            node->state = RC__LEDGER_LEAKED;
        if (node->state != RC__LEDGER_LEAKED) continue;
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

bool rc__ledger_has_doubts(const struct rc__ledger_picture *picture)
{
    return !picture->asks_types || picture->was_cut_short;
}

bool rc__ledger_picture_take(struct rc__ledger_picture *picture)
{
    size_t threads = rc__ledger_threads();
    *picture = (struct rc__ledger_picture){.has_others = threads != 1};
    picture->asks_types = threads == 1 && !rc__calling.current && !asking;
    if (!rc__ledger_picture_copy(picture)) return false;
    qsort(picture->nodes, picture->count, sizeof *picture->nodes, by_address);
    find_exporters(picture);
    take_edges(picture);
    rc__ledger_find_roots(picture);
    rc__ledger_suppress(picture);
    find_leaked(picture);
    find_rest(picture);
    return !picture->is_incomplete;
}

void rc__ledger_picture_drop(struct rc__ledger_picture *picture)
{
    for (size_t i = 0; i < picture->part_count; i++)
        rc__ledger_pages_free(picture->parts[i].start, picture->parts[i].size);
    rc__ledger_pages_free(picture->edges, picture->edge_room * sizeof *picture->edges);
}

#endif
