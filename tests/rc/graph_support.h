/* SPDX-License-Identifier: MIT */
/**
 * @file tests/rc/graph_support.h
 * A reader of the DOT that graphs are written as: it knows the statements that they have and no
 * others, so that what it accepts is well formed; and a check by Graphviz' dot where that is there.
 */
#ifndef TESTS_RC_GRAPH_SUPPORT_H
#define TESTS_RC_GRAPH_SUPPORT_H

#include <ctype.h>
#include <unistd.h>

#include "rc/graph.h"
#include "tests/harness.h"

enum { DOT_WORD = 1024, DOT_MANY = 2048 };

struct dot_attributes {
    char label[DOT_WORD];
    char style[64], shape[16], color[16], fill[16];
    bool thick;
};

struct dot_node {
    char id[24];
    struct dot_attributes is;
};

struct dot_edge {
    char from[24], to[24];
    struct dot_attributes is;
};

struct dot {
    char *text;
    const char *at; /* where the reader is */
    struct dot_node nodes[DOT_MANY];
    struct dot_edge edges[DOT_MANY];
    size_t node_count, edge_count;
    char caption[DOT_WORD];
};

/* ---- words ----------------------------------------------------------------------------------- */

static inline void dot_blanks(struct dot *dot)
{
    while (isspace((unsigned char)*dot->at)) dot->at++;
}

static inline bool dot_takes(struct dot *dot, const char *word)
{
    dot_blanks(dot);
    size_t length = strlen(word);
    if (strncmp(dot->at, word, length) != 0) return false;
    dot->at += length;
    return true;
}

static inline void dot_expects(struct dot *dot, const char *word)
{
    if (!dot_takes(dot, word)) ck_abort_msg("no %s before: %.60s", word, dot->at);
}

static inline void dot_add(char *word, size_t *length, const char *text, size_t count)
{
    ck_assert_uint_lt(*length + count, DOT_WORD);
    memcpy(word + *length, text, count);
    *length += count;
    word[*length] = '\0';
}

/* What a quoted text means: of its escapes and entities there are these. */
static inline void dot_quoted(struct dot *dot, char *word)
{
    size_t length = 0;
    word[0] = '\0';
    for (; *dot->at != '"'; dot->at++) {
        ck_assert_uint_ge((unsigned char)*dot->at, 0x20);
        if (*dot->at == '\\') {
            dot->at++;
            ck_assert_msg(strchr("\"\\n", *dot->at), "an escape: \\%c", *dot->at);
            dot_add(word, &length, *dot->at == 'n' ? "\n" : dot->at, 1);
        } else if (*dot->at == '&') {
            ck_assert_msg(strncmp(dot->at, "&amp;", 5) == 0, "an entity: %.10s", dot->at);
            dot_add(word, &length, "&", 1);
            dot->at += 4;
        } else {
            dot_add(word, &length, dot->at, 1);
        }
    }
    dot->at++;
}

static inline void dot_word(struct dot *dot, char *word)
{
    dot_blanks(dot);
    if (*dot->at == '"') {
        dot->at++;
        dot_quoted(dot, word);
        return;
    }
    size_t length = 0;
    while (isalnum((unsigned char)*dot->at) || *dot->at == '.') {
        dot_add(word, &length, dot->at, 1);
        dot->at++;
    }
    ck_assert_msg(length > 0, "no word before: %.60s", dot->at);
}

/* ---- statements ------------------------------------------------------------------------------ */

static inline void dot_attribute(struct dot *dot, struct dot_attributes *is)
{
    char name[DOT_WORD], value[DOT_WORD];
    dot_word(dot, name);
    dot_expects(dot, "=");
    dot_word(dot, value);
    if (strcmp(name, "label") == 0) strcpy(is->label, value);
    if (strcmp(name, "style") == 0) snprintf(is->style, sizeof is->style, "%.60s", value);
    if (strcmp(name, "shape") == 0) snprintf(is->shape, sizeof is->shape, "%.15s", value);
    if (strcmp(name, "color") == 0) snprintf(is->color, sizeof is->color, "%.15s", value);
    if (strcmp(name, "fillcolor") == 0) snprintf(is->fill, sizeof is->fill, "%.15s", value);
    if (strcmp(name, "penwidth") == 0) is->thick = true;
}

static inline void dot_attributes(struct dot *dot, struct dot_attributes *is)
{
    if (!dot_takes(dot, "[")) return;
    do dot_attribute(dot, is);
    while (dot_takes(dot, ","));
    dot_expects(dot, "]");
}

static inline void dot_statement(struct dot *dot)
{
    char first[DOT_WORD], second[DOT_WORD];
    struct dot_attributes is;
    memset(&is, 0, sizeof is);
    dot_word(dot, first);
    bool is_edge = dot_takes(dot, "->");
    if (is_edge) dot_word(dot, second);
    dot_attributes(dot, &is);
    dot_expects(dot, ";");
    if (is_edge) {
        ck_assert_uint_lt(dot->edge_count, DOT_MANY);
        struct dot_edge *edge = &dot->edges[dot->edge_count++];
        snprintf(edge->from, sizeof edge->from, "%.20s", first);
        snprintf(edge->to, sizeof edge->to, "%.20s", second);
        edge->is = is;
    } else if (strcmp(first, "graph") == 0) {
        strcpy(dot->caption, is.label + strlen(" \n"));
    } else if (strcmp(first, "node") != 0 && strcmp(first, "edge") != 0) {
        ck_assert_uint_lt(dot->node_count, DOT_MANY);
        struct dot_node *node = &dot->nodes[dot->node_count++];
        snprintf(node->id, sizeof node->id, "%.20s", first);
        node->is = is;
    }
}

static inline const struct dot_node *dot_find(const struct dot *dot, const char *id)
{
    for (size_t i = 0; i < dot->node_count; i++)
        if (strcmp(dot->nodes[i].id, id) == 0) return &dot->nodes[i];
    ck_abort_msg("no node %s in: %s", id, dot->text);
    return NULL;
}

/* Takes the text. Each edge leads from a node that there is to one. */
static inline struct dot *dot_read(char *text)
{
    struct dot *dot = calloc(1, sizeof *dot);
    dot->text = text;
    dot->at = text;
    dot_expects(dot, "digraph");
    dot_expects(dot, "rcbuf");
    dot_expects(dot, "{");
    while (!dot_takes(dot, "}")) dot_statement(dot);
    dot_blanks(dot);
    ck_assert_str_eq(dot->at, "");
    for (size_t i = 0; i < dot->edge_count; i++) {
        dot_find(dot, dot->edges[i].from);
        dot_find(dot, dot->edges[i].to);
    }
    return dot;
}

static inline void dot_free(struct dot *dot)
{
    free(dot->text);
    free(dot);
}

/* ---- graphs ---------------------------------------------------------------------------------- */

/* The caller's to free. Not inline: gcc 12 takes what open_memstream() stores for the variable's
 * address. */
static __attribute__((noinline, unused)) char *graph_text(const void *const *roots, size_t count,
                                                          const struct rc_graph_options *options)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_int_eq(rc_graph_write(stream, roots, count, options), RC_OK);
    fclose(stream);
    return text;
}

static inline struct dot *graph_of(const void *root)
{
    return dot_read(graph_text(&root, 1, NULL));
}

/* A node or an edge by the whole of its label, or by the beginning of that; there is one. */
static inline const struct dot_node *dot_node(const struct dot *dot, const char *label)
{
    const struct dot_node *found = NULL;
    for (size_t i = 0; i < dot->node_count; i++) {
        if (strncmp(dot->nodes[i].is.label, label, strlen(label)) != 0) continue;
        ck_assert_msg(!found, "two nodes %s in: %s", label, dot->text);
        found = &dot->nodes[i];
    }
    ck_assert_msg(found != NULL, "no node %s in: %s", label, dot->text);
    return found;
}

/* NULL: there is none. */
static inline const struct dot_edge *dot_edge(const struct dot *dot, const char *from,
                                              const char *to)
{
    for (size_t i = 0; i < dot->edge_count; i++)
        if (strcmp(dot->edges[i].from, from) == 0 && strcmp(dot->edges[i].to, to) == 0)
            return &dot->edges[i];
    return NULL;
}

/* The same by what the labels of its ends begin with. */
static inline const struct dot_edge *dot_edge_between(const struct dot *dot, const char *from,
                                                      const char *to)
{
    return dot_edge(dot, dot_node(dot, from)->id, dot_node(dot, to)->id);
}

static inline bool dot_is_red(const struct dot_attributes *is)
{
    return is->color[0] && strcmp(is->color, "#888888") != 0;
}

static inline bool dot_is_filled(const struct dot_node *node)
{
    return strstr(node->is.style, "filled") != NULL;
}

/* References from outside that the graph shows; none is 0. */
static inline int dot_outside(const struct dot *dot, const struct dot_node *node)
{
    char id[24];
    snprintf(id, sizeof id, "o%.20s", node->id + 1);
    const struct dot_edge *edge = dot_edge(dot, id, node->id);
    if (!edge) return 0;
    ck_assert_str_eq(edge->is.style, "dashed");
    ck_assert_str_eq(dot_find(dot, id)->is.shape, "point");
    return edge->is.label[0] ? atoi(edge->is.label) : 1;
}

/* Graphviz draws it, and says nothing. False: it is not there, which is told. */
static inline bool graphviz_draws(const char *text)
{
    if (system("command -v dot >/dev/null 2>&1") != 0) {
        printf(
            "skipped: Graphviz' dot is not there: a reader of our own alone has read the text\n");
        return false;
    }
    char path[] = "/tmp/rcbuf_graph_XXXXXX", command[128];
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
    close(descriptor);
    snprintf(command, sizeof command, "dot -Tsvg %s 2>&1 >%s.svg | grep . >&2", path, path);
    int said = system(command);
    snprintf(command, sizeof command, "grep -q '</svg>' %s.svg", path);
    int drawn = system(command);
    snprintf(command, sizeof command, "rm -f %s %s.svg", path, path);
    (void)!system(command);
    ck_assert_msg(said != 0, "dot complains of: %s", text);
    ck_assert_msg(drawn == 0, "dot draws nothing of: %s", text);
    return true;
}

#endif
