/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* From roots to all that can be reached, breadth first: nodes, edges, and how often each was
 * found. */
#include "callback.h"
#include "graph_layout.h"

struct gathering {
    struct rc__graph *graph;
    struct rc__callback_kind kind;      /* says whose traverse is at work */
    struct rc__description description; /* of the node that is followed */
    size_t told;                        /* references of it so far */
    uint32_t node;
};

/* ---- room ------------------------------------------------------------------------------------ */

/* Room for one more item. What fails leaves the old block as it was. */
static void *make_room(struct rc__graph *graph, void *items, size_t *room, size_t item_size)
{
    size_t wanted = *room ? *room * 2 : 64, bytes;
    if (!rc__size_multiply(wanted, item_size, &bytes)) return NULL;
    void *moved = items ? rc__block_reallocate(graph->allocator, items, *room * item_size, bytes,
                                               RC_ALIGNMENT_DEFAULT)
                        : rc__block_allocate(graph->allocator, bytes, RC_ALIGNMENT_DEFAULT);
    if (moved) *room = wanted;
    return moved;
}

static void free_room(const struct rc__graph *graph, void *items, size_t bytes)
{
    if (items) rc__block_free(graph->allocator, items, bytes, RC_ALIGNMENT_DEFAULT);
}

void rc__graph_free(struct rc__graph *graph)
{
    free_room(graph, graph->nodes, graph->node_room * sizeof *graph->nodes);
    free_room(graph, graph->edges, graph->edge_room * sizeof *graph->edges);
    free_room(graph, graph->table, graph->table_room * sizeof *graph->table);
    free_room(graph, graph->text, graph->text_room);
}

/* ---- the table ------------------------------------------------------------------------------- */

/* Without a product that wraps. What lies within 512 bytes stays within 32 places, which spares
 * the processor's caches. */
static size_t hash_of(const void *object)
{
    uint64_t address = (uintptr_t)object >> 4, block = address >> 5;
    uint64_t mixed = ((block ^ block >> 32) & UINT32_MAX) * UINT64_C(0x9e3779b1);
    return (size_t)((mixed ^ mixed >> 32 ^ (address & 31)) & UINT32_MAX);
}

/* Where the object's node stands, or where it would. */
static uint32_t *find(const struct rc__graph *graph, const void *object)
{
    size_t last = graph->table_room - 1, at = hash_of(object) & last;
    while (graph->table[at] && graph->nodes[graph->table[at] - 1].object != object)
        at = (at + 1) & last;
    return &graph->table[at];
}

static bool grow_table(struct rc__graph *graph)
{
    size_t room = graph->table_room ? graph->table_room * 2 : 128, bytes;
    if (!rc__size_multiply(room, sizeof *graph->table, &bytes)) return false;
    uint32_t *table = rc__block_allocate_zeroed(graph->allocator, bytes, RC_ALIGNMENT_DEFAULT);
    if (!table) return false;
    free_room(graph, graph->table, graph->table_room * sizeof *graph->table);
    graph->table = table;
    graph->table_room = room;
    for (size_t i = 0; i < graph->node_count; i++)
        *find(graph, graph->nodes[i].object) = (uint32_t)i + 1;
    return true;
}

/* ---- nodes and edges ------------------------------------------------------------------------- */

static bool fail(struct rc__graph *graph, enum rc_status status)
{
    graph->status = status;
    return false;
}

static bool room_for_node(struct rc__graph *graph)
{
    if (RC_UNLIKELY(graph->node_count == RC__NODES_MAX)) return fail(graph, RC_OVERFLOW);
    if (RC_UNLIKELY(graph->node_count == graph->node_room)) {
        void *nodes = make_room(graph, graph->nodes, &graph->node_room, sizeof *graph->nodes);
        if (!nodes) return fail(graph, RC_NO_MEMORY);
        graph->nodes = nodes;
    }
    if (RC_UNLIKELY(graph->node_count >= graph->table_room / 2) && !grow_table(graph))
        return fail(graph, RC_NO_MEMORY);
    return true;
}

static uint32_t flags_of(const void *object)
{
    return (rc__object_is_finalizing(object) || rc_count(object) == 0 ? RC__NODE_ENDING : 0u) |
           (rc_type_of(object)->flags & RC__TYPE_SIZED ? RC__NODE_ASKED : 0u);
}

/* False: the graph has failed. */
static bool add_node(struct rc__graph *graph, const void *object, uint32_t *node)
{
    if (RC_UNLIKELY(!room_for_node(graph))) return false;
    uint32_t *place = find(graph, object);
    if (*place == 0) {
        graph->nodes[graph->node_count] =
            (struct rc__node){.object = object, .flags = flags_of(object)};
        *place = (uint32_t)++graph->node_count;
    }
    *node = *place - 1;
    return true;
}

static void count_edge(struct rc__node *target, enum rc__edge_kind kind)
{
    if (kind == RC__EDGE_EXPORT)
        target->exports++;
    else if (kind != RC__EDGE_KIN)
        target->owned++;
}

static void add_edge(struct gathering *gathering, const void *object, enum rc__edge_kind kind)
{
    struct rc__graph *graph = gathering->graph;
    uint32_t target;
    if (RC_UNLIKELY(graph->status != RC_OK) || !add_node(graph, object, &target)) return;
    if (RC_UNLIKELY(graph->edge_count == RC__EDGES_MAX)) {
        fail(graph, RC_OVERFLOW);
        return;
    }
    if (RC_UNLIKELY(graph->edge_count == graph->edge_room)) {
        void *edges = make_room(graph, graph->edges, &graph->edge_room, sizeof *graph->edges);
        if (!edges) {
            fail(graph, RC_NO_MEMORY);
            return;
        }
        graph->edges = edges;
    }
    graph->edges[graph->edge_count++] = rc__edge_make(target, kind);
    count_edge(&graph->nodes[target], kind);
    if (target == gathering->node) graph->nodes[target].flags |= RC__NODE_SELF;
}

/* ---- one object ------------------------------------------------------------------------------ */

static void visit(void *object, void *argument)
{
    struct gathering *gathering = argument;
    const struct rc__link *link = rc__link_at(&gathering->description, gathering->told++);
    if (object)
        add_edge(gathering, object, link && link->is_export ? RC__EDGE_EXPORT : RC__EDGE_OWNED);
}

static void follow(struct gathering *gathering, uint32_t number)
{
    struct rc__node *node = &gathering->graph->nodes[number];
    const struct rc__header *header = rc__header_of(node->object);
    const rc_type *type = header->type;
    node->first = (uint32_t)gathering->graph->edge_count;
    if (node->flags & RC__NODE_ENDING) return;
    rc__graph_describe(node, &gathering->description, NULL);
    gathering->told = 0;
    gathering->node = number;
    gathering->kind.name = type->name;
    if (type->traverse && !(rc__header_flags(header) & RC__FLAG_LOOSE))
        type->traverse(rc__payload_of(header), visit, gathering);
    if (rc__header_flags(header) & RC__FLAG_HOMED)
        add_edge(gathering, rc__homed_of(header)->home, RC__EDGE_HOME);
    if (gathering->description.kin) add_edge(gathering, gathering->description.kin, RC__EDGE_KIN);
}

static void follow_all(struct gathering *gathering)
{
    struct rc__graph *graph = gathering->graph;
    for (size_t i = 0; i < graph->node_count && graph->status == RC_OK; i++)
        follow(gathering, (uint32_t)i);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void add_roots(struct rc__graph *graph, const void *const *roots, size_t count,
                      bool name_roots)
{
    for (size_t i = 0; i < count && graph->status == RC_OK; i++) {
        uint32_t node;
        if (!roots[i] || !add_node(graph, roots[i], &node)) continue;
        if (name_roots) graph->nodes[node].flags |= RC__NODE_ROOT;
    }
}

enum rc_status rc__graph_gather(struct rc__graph *graph, const void *const *roots, size_t count,
                                bool name_roots)
{
    struct gathering gathering = {.graph = graph, .kind = {.what = "traverse"}};
    add_roots(graph, roots, count, name_roots);
    RC__CALLBACK_OF(&gathering.kind, follow_all(&gathering)); /* one frame for all */
    if (graph->status == RC_OK) return RC_OK;
    return rc_error_set(graph->status, "rc_graph: %s %zu objects and %zu references",
                        graph->status == RC_NO_MEMORY ? "no memory for more than"
                                                      : "no graph has more than",
                        graph->node_count, graph->edge_count);
}
