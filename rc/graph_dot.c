/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * A graph as DOT. Numbers of nodes are those of their discovery, so that the text of the same
 * objects is the same. Of two things that go wrong the first is told: what was to come after it
 * does not.
 * Source: the DOT language, in Graphviz' manual.
 */
#include <inttypes.h>
#include <string.h>

#include "callback.h"
#include "graph_layout.h"
#include "utf8.h"

#define RED   "#b3261e"
#define FILL  "#fbdcd8"
#define GREY  "#888888"
#define SMALL "fontsize=9"

/* Bytes of what a program calls its object, the NUL included. */
enum { NAME_MAX_BYTES = 128 };

struct drawing {
    struct rc__graph *graph;
    const struct rc_graph_options *options;
    size_t drawn;                /* nodes: the first ones */
    size_t bytes;                /* of all objects */
    size_t rest_bytes;           /* of those that are not drawn */
    size_t rest_cycles;          /* objects in cycles among those */
    bool any_outside, any_loose; /* something drawn is held from outside, or by nothing outside */
};

/* ---- texts ----------------------------------------------------------------------------------- */

static RC_PRINTF(2, 3) void put(struct drawing *drawing, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    rc__graph_put(drawing->graph, format, arguments);
    va_end(arguments);
}

/* Inside of quotes, where a backslash begins an escape and an ampersand an entity. Control
 * characters are none of XML's. */
static void put_escaped(struct drawing *drawing, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at) {
        size_t length = rc__utf8_length(at);
        if (*at == '"' || *at == '\\')
            put(drawing, "\\%c", *at);
        else if (*at == '&')
            put(drawing, "&amp;");
        else if (*at == '\n')
            put(drawing, "\\n");
        else if (length == 0 || *at < 0x20)
            put(drawing, "\xef\xbf\xbd"); /* the replacement character */
        else
            put(drawing, "%.*s", (int)length, (const char *)at);
        at += length ? length : 1;
    }
}

static void put_bytes(struct drawing *drawing, size_t bytes)
{
    char text[RC__DESCRIPTION_TEXT] = "";
    struct rc__description description = {.text = text};
    rc__describe_bytes(&description, bytes);
    put(drawing, "%s", text);
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- sizes ----------------------------------------------------------------------------------- */

/* As the account counts them. */
static size_t bytes_of(const struct rc__node *node)
{
    const rc_type *type = rc_type_of(node->object);
    size_t bytes = type->size;
    if (node->flags & RC__NODE_ENDING) return bytes;
    bytes += rc__object_extra(rc__header_of(node->object));
    if (!(node->flags & RC__NODE_ASKED)) return bytes;
    const struct rc__sized_type *sized = (const struct rc__sized_type *)type;
    return sized->apart ? bytes + sized->apart(node->object) : bytes;
}

/* Before there is any text. */
static void measure(struct drawing *drawing)
{
    const struct rc__graph *graph = drawing->graph;
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct rc__node *node = &graph->nodes[i];
        size_t bytes = bytes_of(node), excess;
        drawing->bytes += bytes;
        if (i >= drawing->drawn) {
            drawing->rest_bytes += bytes;
            if (node->flags & RC__NODE_CYCLE) drawing->rest_cycles++;
            continue;
        }
        size_t outside = rc__graph_outside(node, &excess);
        if (outside != 0 && outside != SIZE_MAX) drawing->any_outside = true;
        if (!(node->flags & (RC__NODE_HELD | RC__NODE_ENDING))) drawing->any_loose = true;
    }
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static void put_name(struct drawing *drawing, const struct rc__node *node)
{
    const struct rc_graph_options *options = drawing->options;
    const char *type_name = rc__type_name(rc_type_of(node->object));
    char name[NAME_MAX_BYTES] = "";
    put_escaped(drawing, type_name);
    if (!options->name || node->flags & (RC__NODE_ASKED | RC__NODE_ENDING)) return;
    RC__CALLBACK("name of a graph's object", type_name,
                 options->name(node->object, name, sizeof name, options->context));
    name[sizeof name - 1] = '\0';
    if (*name) put(drawing, " ");
    put_escaped(drawing, name);
}

/* The description, or the bytes, where there is something to say. */
static void put_content(struct drawing *drawing, const struct rc__node *node,
                        const struct rc__description *description)
{
    if (*description->text) {
        put(drawing, "\\n");
        put_escaped(drawing, description->text);
    } else if (!(node->flags & RC__NODE_ASKED)) {
        put(drawing, "\\n");
        put_bytes(drawing, bytes_of(node));
    }
}

static void put_count(struct drawing *drawing, const struct rc__node *node, size_t exports)
{
    size_t count = rc_count(node->object), excess;
    bool is_immortal = rc__header_flags(rc__header_of(node->object)) & RC__FLAG_IMMORTAL;
    rc__graph_outside(node, &excess);
    if (node->flags & RC__NODE_ENDING)
        put(drawing, "\\nending");
    else if (count == SIZE_MAX)
        put(drawing, "\\n%s", is_immortal ? "immortal" : "too many references to count");
    else
        put(drawing, "\\n%zu reference%s", count, plural(count));
    if (exports) put(drawing, ", %zu export%s", exports, plural(exports));
    if (excess) put(drawing, "\\ntraverse tells %zu too many", excess);
}

static void put_node(struct drawing *drawing, size_t number)
{
    const struct rc__node *node = &drawing->graph->nodes[number];
    char text[RC__DESCRIPTION_TEXT];
    struct rc__description description;
    rc__graph_describe(node, &description, text);
    put(drawing, "    n%zu [label=\"", number + 1);
    put_name(drawing, node);
    put_content(drawing, node, &description);
    put_count(drawing, node, description.exports);
    if (drawing->options->addresses) put(drawing, "\\n%p", node->object);
    bool is_loose = !(node->flags & (RC__NODE_HELD | RC__NODE_ENDING));
    bool is_own = !(node->flags & RC__NODE_ASKED);
    put(drawing, "\"");
    if (is_own || is_loose)
        put(drawing, ", style=\"%s%s%s\"", is_own ? "rounded" : "", is_own && is_loose ? "," : "",
            is_loose ? "filled" : "");
    if (is_loose) put(drawing, ", fillcolor=\"" FILL "\"");
    if (node->flags & RC__NODE_CYCLE) put(drawing, ", color=\"" RED "\", fontcolor=\"" RED "\"");
    if (node->flags & RC__NODE_ROOT) put(drawing, ", penwidth=2");
    put(drawing, "];\n");
}

static void put_outside(struct drawing *drawing, size_t number)
{
    size_t excess, outside = rc__graph_outside(&drawing->graph->nodes[number], &excess);
    if (outside == 0 || outside == SIZE_MAX) return;
    put(drawing, "    o%zu [shape=point];\n    o%zu -> n%zu [style=dashed", number + 1, number + 1,
        number + 1);
    if (outside > 1) put(drawing, ", label=\" %zu\"", outside);
    put(drawing, "];\n");
}

/* ---- edges ----------------------------------------------------------------------------------- */

/* Edges of one node that are called the same. */
enum { FIRST_LINKS, SECOND_LINKS, OTHER_LINKS, HOME_LINKS, KIN_LINKS, GROUPS };

struct group {
    const struct rc__description *description;
    int number;
    const char *label; /* NULL: none */
};

static int group_of(const struct rc__description *description, uint32_t edge, size_t index)
{
    if (rc__edge_kind(edge) == RC__EDGE_HOME) return HOME_LINKS;
    if (rc__edge_kind(edge) == RC__EDGE_KIN) return KIN_LINKS;
    const struct rc__link *link = rc__link_at(description, index);
    if (!link) return OTHER_LINKS;
    return link == &description->links[0] ? FIRST_LINKS : SECOND_LINKS;
}

static const char *label_of(const struct rc__description *description, int group)
{
    if (group == HOME_LINKS) return "home";
    if (group == KIN_LINKS) return description->kinship;
    return group == OTHER_LINKS ? NULL : description->links[group].label;
}

static void put_edge(struct drawing *drawing, size_t from, size_t to, const struct group *group)
{
    const struct rc__node *nodes = drawing->graph->nodes;
    uint32_t times = nodes[to].seen;
    bool is_kin = group->number == KIN_LINKS;
    bool is_red = nodes[from].flags & RC__NODE_CYCLE && !is_kin &&
                  nodes[from].component == nodes[to].component;
    put(drawing, "    n%zu -> n%zu", from + 1, to + 1);
    const char *before = " [";
    if (group->label || times > 1) {
        put(drawing, " [label=\" %s", group->label ? group->label : "");
        if (times > 1) put(drawing, "%sx %" PRIu32, group->label ? " " : "", times);
        put(drawing, "\"");
        before = ", ";
    }
    if (is_red) put(drawing, "%scolor=\"" RED "\", penwidth=1.6", before);
    if (is_kin) put(drawing, "%sstyle=dashed, color=\"" GREY "\"", before);
    put(drawing, "%s;\n", group->label || times > 1 || is_red || is_kin ? "]" : "");
}

/* The edges of a group, those to one node as one. Returns: how many lead to what is not drawn. */
static size_t put_group(struct drawing *drawing, size_t from, const struct group *group)
{
    const struct rc__graph *graph = drawing->graph;
    uint32_t first = graph->nodes[from].first, end = rc__node_end(graph, from);
    size_t left_out = 0;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = first; i < end; i++) {
            uint32_t target = rc__edge_target(graph->edges[i]);
            if (group_of(group->description, graph->edges[i], i - first) != group->number) continue;
            struct rc__node *node = &graph->nodes[target];
            if (target >= drawing->drawn) {
                left_out += pass == 0;
            } else if (pass == 0) {
                node->seen++;
            } else if (node->seen) {
                put_edge(drawing, from, target, group);
                node->seen = 0;
            }
        }
    return left_out;
}

static void put_edges(struct drawing *drawing, size_t from)
{
    struct rc__description description;
    rc__graph_describe(&drawing->graph->nodes[from], &description, NULL);
    size_t left_out = 0;
    for (int i = 0; i < GROUPS; i++) {
        struct group group = {&description, i, label_of(&description, i)};
        left_out += put_group(drawing, from, &group);
    }
    if (left_out)
        put(drawing, "    n%zu -> rest [label=\" %zu\", style=dotted];\n", from + 1, left_out);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void put_head(struct drawing *drawing)
{
    const struct rc__graph *graph = drawing->graph;
    put(drawing,
        "digraph rcbuf {\n"
        "    graph [rankdir=%s, nodesep=0.35, ranksep=0.5, fontname=\"Helvetica\", " SMALL
        ", labelloc=b, label=\" \\n%zu object%s, ",
        drawing->options->across ? "LR" : "TB", graph->node_count, plural(graph->node_count));
    put_bytes(drawing, drawing->bytes);
    if (graph->cycles == 1) put(drawing, "\\nred: part of the cycle");
    if (graph->cycles > 1) put(drawing, "\\nred: part of one of %zu cycles", graph->cycles);
    if (drawing->any_loose) put(drawing, "\\nfilled: held by nothing outside");
    if (drawing->any_outside) put(drawing, "\\ndot: held from outside");
    put(drawing,
        "\"];\n"
        "    node [shape=box, fontname=\"Helvetica\", fontsize=11, margin=\"0.12,0.06\"];\n"
        "    edge [fontname=\"Helvetica\", " SMALL ", arrowsize=0.7];\n");
}

static void put_rest(struct drawing *drawing)
{
    size_t rest = drawing->graph->node_count - drawing->drawn;
    if (rest == 0) return;
    put(drawing, "    rest [shape=note, style=dashed, label=\"and %zu object%s more, ", rest,
        plural(rest));
    put_bytes(drawing, drawing->rest_bytes);
    if (drawing->rest_cycles) put(drawing, "\\n%zu of them in cycles", drawing->rest_cycles);
    put(drawing, "\"];\n");
}

enum rc_status rc__graph_print(struct rc__graph *graph, const struct rc_graph_options *options)
{
    struct drawing drawing = {.graph = graph, .options = options};
    drawing.drawn = graph->node_count < options->limit ? graph->node_count : options->limit;
    measure(&drawing);
    put_head(&drawing);
    for (size_t i = 0; i < drawing.drawn; i++) put_node(&drawing, i);
    for (size_t i = 0; i < drawing.drawn; i++) put_outside(&drawing, i);
    for (size_t i = 0; i < drawing.drawn; i++) put_edges(&drawing, i);
    put_rest(&drawing);
    put(&drawing, "}\n");
    return graph->status;
}
