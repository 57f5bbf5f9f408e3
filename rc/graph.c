/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* The graph of what objects own: options, and the steps from roots to a text. */
#include "graph.h"

#include <errno.h>
#include <string.h>

#include "cancel.h"
#include "graph_layout.h"

/* ---- what is known of an object -------------------------------------------------------------- */

void rc__graph_describe(const struct rc__node *node, struct rc__description *description,
                        char *text)
{
    *description = (struct rc__description){.text = text};
    if (text) *text = '\0';
    if ((node->flags & (RC__NODE_ASKED | RC__NODE_ENDING)) != RC__NODE_ASKED) return;
    const struct rc__sized_type *type = (const struct rc__sized_type *)rc_type_of(node->object);
    if (type->describe) type->describe(node->object, description);
}

size_t rc__graph_outside(const struct rc__node *node, size_t *excess)
{
    struct rc__description description;
    size_t count = rc_count(node->object);
    *excess = 0;
    if (count == SIZE_MAX) return SIZE_MAX;
    rc__graph_describe(node, &description, NULL);
    size_t found = node->owned + (description.exports ? (size_t)1 : 0);
    if (node->exports > description.exports) *excess = node->exports - description.exports;
    if (found > count) *excess += found - count;
    if (*excess || node->flags & RC__NODE_ENDING) return 0;
    return count - found + (description.exports - node->exports);
}

/* ---- options --------------------------------------------------------------------------------- */

enum rc_status rc__graph_check(FILE *stream, const struct rc_graph_options *options,
                               struct rc_graph_options *known, const char *call)
{
    *known = (struct rc_graph_options){.struct_size = sizeof *known};
    if (!stream) return rc_error_set(RC_INVALID, "%s: the stream is NULL", call);
    if (options && options->struct_size < offsetof(struct rc_graph_options, limit))
        return rc_error_set(RC_INVALID, "%s: a struct_size of %zu bytes is none", call,
                            options->struct_size);
    if (options) {
        size_t size = options->struct_size;
        const unsigned char *bytes = (const unsigned char *)options;
        for (size_t i = sizeof *known; i < size; i++)
            if (bytes[i])
                return rc_error_set(RC_UNSUPPORTED,
                                    "%s: byte %zu of the options is not zero, and is none that "
                                    "this version knows",
                                    call, i);
        memcpy(known, options, size < sizeof *known ? size : sizeof *known);
    }
    if (known->limit == 0) known->limit = RC_GRAPH_LIMIT;
    return RC_OK;
}

/* ---- write ----------------------------------------------------------------------------------- */

static struct rc__graph new_graph(void)
{
    return (struct rc__graph){.allocator =
                                  __atomic_load_n(&rc__allocator_default, __ATOMIC_ACQUIRE)};
}

/* The text, of which nothing is written yet. */
static enum rc_status compose(struct rc__graph *graph, const void *const *roots, size_t count,
                              bool name_roots, const struct rc_graph_options *known)
{
    enum rc_status status = rc__graph_gather(graph, roots, count, name_roots);
    if (status == RC_OK) status = rc__graph_search(graph);
    return status == RC_OK ? rc__graph_print(graph, known) : status;
}

enum rc_status rc__graph_draw(FILE *stream, const void *const *roots, size_t count, bool name_roots,
                              const struct rc_graph_options *known)
{
    struct rc__graph graph = new_graph();
    int cancel = rc__cancel_hold();
    enum rc_status status = compose(&graph, roots, count, name_roots, known);
    if (status == RC_OK) status = rc__graph_flush(&graph, stream);
    rc__graph_free(&graph);
    rc__cancel_allow(cancel);
    return status;
}

enum rc_status rc_graph_write(FILE *stream, const void *const *roots, size_t count,
                              const struct rc_graph_options *options)
{
    static const char call[] = "rc_graph_write";
    struct rc_graph_options known;
    enum rc_status status = rc__graph_check(stream, options, &known, call);
    if (status != RC_OK) return status;
    if (count && !roots)
        return rc_error_set(RC_INVALID, "%s: the list of %zu roots is NULL", call, count);
    return rc__graph_draw(stream, roots, count, true, &known);
}

static enum rc_status write_file(const char *path, const struct rc__graph *graph)
{
    FILE *stream = fopen(path, "we");
    if (!stream)
        return rc_error_set(RC_SYSTEM, "rc_graph_save: cannot write %s: %s", path, strerror(errno));
    enum rc_status status = rc__graph_flush(graph, stream);
    if (fclose(stream) != 0 && status == RC_OK)
        status =
            rc_error_set(RC_SYSTEM, "rc_graph_save: %s was not written: %s", path, strerror(errno));
    return status;
}

/* A file that is there is touched when there is a text to write to it. */
static enum rc_status save(const char *path, const void *object)
{
    const struct rc_graph_options usual = {.struct_size = sizeof usual, .limit = RC_GRAPH_LIMIT};
    struct rc__graph graph = new_graph();
    enum rc_status status = compose(&graph, &object, 1, true, &usual);
    if (status == RC_OK) status = write_file(path, &graph);
    rc__graph_free(&graph);
    return status;
}

enum rc_status rc_graph_save(const char *path, const void *object)
{
    if (!path || !object)
        return rc_error_set(RC_INVALID, "rc_graph_save: the %s is NULL", path ? "object" : "path");
    int cancel = rc__cancel_hold();
    enum rc_status status = save(path, object);
    rc__cancel_allow(cancel);
    return status;
}
