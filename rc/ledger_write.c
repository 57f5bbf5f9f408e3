/* SPDX-License-Identifier: MIT */
/* One object in a report: what was counted, and one item for each of the places that hold it. */
#define RC__LIBRARY 1
#include "ledger_report.h"

#ifdef RCBUF_LEDGER

#include <string.h>

#include "ledger.h"
#include "ledger_symbol.h"

/* ---- references ------------------------------------------------------------------------------ */

static size_t count_kind(const struct rc__ledger_node *node, bool exports)
{
    size_t count = 0;
    for (const struct rc__ledger_reference *held = node->entry->held; held; held = held->next)
        count += (held->kind == RC__LEDGER_EXPORT) == exports;
    return count;
}

size_t rc__ledger_unseen(const struct rc__ledger_node *node)
{
    size_t seen = count_kind(node, false);
    bool is_counted = node->state != RC__LEDGER_EXEMPT && node->references != SIZE_MAX;
    return is_counted && node->references > seen ? node->references - seen : 0;
}

/* One item stands for both. Equal lines and tags have one address. */
static bool is_like(const struct rc__ledger_reference *a, const struct rc__ledger_reference *b)
{
    return a->kind == b->kind && a->site == b->site && a->tag == b->tag;
}

static size_t count_like(const struct rc__ledger_reference *list,
                         const struct rc__ledger_reference *like)
{
    size_t count = 0;
    for (; list; list = list->next) count += is_like(list, like);
    return count;
}

static bool was_met(const struct rc__ledger_reference *list,
                    const struct rc__ledger_reference *reference)
{
    for (; list != reference; list = list->next)
        if (is_like(list, reference)) return true;
    return false;
}

/* ---- items ----------------------------------------------------------------------------------- */

struct writer {
    const struct rc__ledger_picture *picture;
    const struct rc__ledger_node *node;
    FILE *file;
    bool has_item;
};

/* The first goes on with the line, each other begins its own. */
static void begin_item(struct writer *writer)
{
    fputs(writer->has_item ? "\n    " : ", ", writer->file);
    writer->has_item = true;
}

static void write_count(FILE *file, size_t count)
{
    if (count == 1)
        fputs("one", file);
    else
        fprintf(file, "%zu", count);
}

static void write_site(FILE *file, const struct rc_site *site)
{
    if (site)
        fprintf(file, "%s:%u in %s", site->file, site->line, site->function);
    else
        fputs("a line of C++, or of a unit without RCBUF_LEDGER", file);
}

/* "a rc_view": the type of what lives at that address. */
static void write_holder(const struct writer *writer, const void *holder)
{
    const struct rc__ledger_node *node =
        holder ? rc__ledger_node_at(writer->picture, holder) : NULL;
    if (node)
        fprintf(writer->file, " by the %s at %p", node->type->name, holder);
    else
        fputs(holder ? " by the library" : " by a chain", writer->file);
}

static void write_reference(struct writer *writer, const struct rc__ledger_reference *held)
{
    static const char *const verbs[] = {
        [RC__LEDGER_MADE] = "held since",
        [RC__LEDGER_RETAINED] = "held since",
        [RC__LEDGER_KEPT] = "kept by the library since",
        [RC__LEDGER_EXPORT] = "exported since",
    };
    begin_item(writer);
    if (held->kind != RC__LEDGER_EXPORT) {
        write_count(writer->file, count_like(writer->node->entry->held, held));
        fputc(' ', writer->file);
    }
    fprintf(writer->file, "%s ", verbs[held->kind]);
    write_site(writer->file, held->site);
    if (held->tag) fprintf(writer->file, " \"%s\"", held->tag);
    if (held->kind == RC__LEDGER_MADE) fputs(", where it was made", writer->file);
    if (held->kind == RC__LEDGER_EXPORT) write_holder(writer, held->holder);
    if (held->stack)
        rc__ledger_stack_write(held->stack->frames, held->stack->depth, "        ", writer->file);
}

/* The reference that all exports share is told by them. */
static void write_references(struct writer *writer)
{
    const struct rc__ledger_reference *list = writer->node->entry->held;
    bool has_exports = count_kind(writer->node, true) > 0;
    for (const struct rc__ledger_reference *held = list; held; held = held->next) {
        bool is_told = held->kind == RC__LEDGER_KEPT && (has_exports || writer->node->holders > 0);
        if (!is_told && !was_met(list, held)) write_reference(writer, held);
    }
}

/* By objects other than its exports. */
static void write_object_holder(struct writer *writer)
{
    const struct rc__ledger_node *node = writer->node;
    if (node->holder == RC__LEDGER_NOBODY) return;
    const struct rc__ledger_node *holder = &writer->picture->nodes[node->holder];
    size_t others = node->owners - 1;
    begin_item(writer);
    fprintf(writer->file, "held by the %s at %p", holder->type->name, holder->object);
    if (holder->entry->made) {
        fputs(", made at ", writer->file);
        write_site(writer->file, holder->entry->made);
    }
    if (others > 0)
        fprintf(writer->file, "; and by %zu more object%s", others, rc__ledger_plural(others));
}

static void write_variable(struct writer *writer)
{
    struct rc__ledger_symbol symbol = rc__ledger_symbol_find(writer->node->root, true);
    const char *slash = strrchr(symbol.module, '/'), *dot = strrchr(symbol.name, '.');
    begin_item(writer);
    if (dot)
        fprintf(writer->file, "held by the static variable %s in %.*s", dot + 1,
                (int)(dot - symbol.name), symbol.name);
    else if (symbol.name[0])
        fprintf(writer->file, "held by the static variable %s", symbol.name);
    else
        fprintf(writer->file, "held by the static variable at %p", writer->node->root);
    if (symbol.module[0]) fprintf(writer->file, " of %s", slash ? slash + 1 : symbol.module);
}

/* What it waits for. */
static void write_home(struct writer *writer)
{
    const struct rc__ledger_node *node = writer->node;
    const struct rc__ledger_node *home = rc__ledger_node_at(writer->picture, node->home);
    begin_item(writer);
    fputs("waits for rc_home_run() of the home ", writer->file);
    if (home && home->entry->made) {
        fputs("made at ", writer->file);
        write_site(writer->file, home->entry->made);
    } else {
        fprintf(writer->file, "at %p", node->home);
    }
}

static void write_differences(struct writer *writer)
{
    const struct rc__ledger_node *node = writer->node;
    size_t unseen = rc__ledger_unseen(node), seen = count_kind(node, false);
    if (node->waits) {
        write_home(writer);
    } else if (node->state == RC__LEDGER_EXEMPT) {
        begin_item(writer);
        fputs(node->entry->immortal ? "immortal" : "dead, and its end waits", writer->file);
    } else if (unseen > 0) {
        begin_item(writer);
        write_count(writer->file, unseen);
        fputs(" held of which no retain was seen", writer->file);
    } else if (seen > node->references) {
        begin_item(writer);
        write_count(writer->file, seen - node->references);
        fputs(" of these released where the ledger did not look", writer->file);
    }
}

void rc__ledger_write_node(const struct rc__ledger_picture *picture,
                           const struct rc__ledger_node *node, FILE *file)
{
    struct writer writer = {.picture = picture, .node = node, .file = file};
    fprintf(file, "+%zu -%zu", node->entry->retains, node->entry->releases);
    write_references(&writer);
    write_object_holder(&writer);
    if (node->root) write_variable(&writer);
    write_differences(&writer);
    fputc('\n', file);
}

#endif
