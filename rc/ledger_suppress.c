/* SPDX-License-Identifier: MIT */
/* Suppressions: their file, and the objects that they are for. */
#define RC__LIBRARY 1
#include "ledger_suppress.h"

#ifdef RCBUF_LEDGER

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "ledger_memory.h"
#include "ledger_report.h"

#define LINE_SIZE 512
#define ALL_MAX   1024 /* a file may have so many */

struct suppression {
    bool is_site;
    char text[LINE_SIZE]; /* the line */
    const char *pattern;  /* in it */
};

static struct suppression *all;
static size_t count;

/* ---- the file -------------------------------------------------------------------------------- */

static void complain(const char *name, size_t line, const char *what)
{
    fprintf(stderr, "rcbuf: RCBUF_TRACE: suppressions %s:%zu: %s\n", name, line, what);
}

/* NULL: it is one, or a comment, or empty. */
static const char *read_line(char *text)
{
    size_t length = strlen(text);
    if (length == LINE_SIZE - 1 && text[length - 1] != '\n') return "the line is too long";
    while (length && strchr(" \t\r\n", text[length - 1])) text[--length] = '\0';
    if (!length || text[0] == '#') return NULL;
    bool is_type = strncmp(text, "type:", 5) == 0, is_site = strncmp(text, "site:", 5) == 0;
    if ((!is_type && !is_site) || !text[5]) return "neither type:PATTERN nor site:PATTERN";
    if (count == ALL_MAX) return "there are too many";
    struct suppression *fresh = &all[count++];
    fresh->is_site = is_site;
    memcpy(fresh->text, text, length + 1);
    fresh->pattern = fresh->text + 5;
    return NULL;
}

static void read_lines(const char *name, FILE *file)
{
    char text[LINE_SIZE];
    bool goes_on = false;
    for (size_t line = 1; fgets(text, sizeof text, file); line += !goes_on) {
        bool is_rest = goes_on;
        goes_on = !strchr(text, '\n');
        const char *wrong = is_rest ? NULL : read_line(text);
        if (wrong) complain(name, line, wrong);
    }
}

void rc__ledger_suppressions_read(const char *name)
{
    FILE *file = fopen(name, "re");
    all = file ? rc__ledger_pages(ALL_MAX * sizeof *all) : NULL;
    if (all) read_lines(name, file);
    bool failed = !file || !all || ferror(file);
    if (failed)
        fprintf(stderr, "rcbuf: RCBUF_TRACE: the suppressions %s cannot be read: %s\n", name,
                strerror(errno));
    if (file) fclose(file);
}

/* ---- objects --------------------------------------------------------------------------------- */

static bool is_like(const struct suppression *suppression, const char *text)
{
    return fnmatch(suppression->pattern, text, 0) == 0;
}

static bool is_at(const struct suppression *suppression, const struct rc_site *site)
{
    char place[LINE_SIZE];
    if (!site) return false;
    snprintf(place, sizeof place, "%s:%u", site->file, site->line);
    return is_like(suppression, site->file) || is_like(suppression, site->function) ||
           is_like(suppression, place);
}

static bool is_for(const struct suppression *suppression, const struct rc__ledger_node *node)
{
    if (!suppression->is_site) return is_like(suppression, node->type->name);
    if (is_at(suppression, node->entry->made)) return true;
    for (const struct rc__ledger_reference *held = node->entry->held; held; held = held->next)
        if (is_at(suppression, held->site)) return true;
    return false;
}

/* Its number, from 1; 0: none is for the object. */
static size_t find(const struct rc__ledger_node *node)
{
    for (size_t i = 0; i < count; i++)
        if (is_for(&all[i], node)) return i + 1;
    return 0;
}

static bool take(struct rc__ledger_node *node, size_t number)
{
    if (!number || node->suppression || node->state == RC__LEDGER_EXEMPT) return false;
    node->suppression = number;
    node->state = RC__LEDGER_SUPPRESSED;
    return true;
}

void rc__ledger_suppress(struct rc__ledger_picture *picture)
{
    size_t depth = 0;
    for (size_t i = 0; count && i < picture->count; i++)
        if (take(&picture->nodes[i], find(&picture->nodes[i]))) picture->work[depth++] = i;
    while (depth > 0) {
        const struct rc__ledger_node *node = &picture->nodes[picture->work[--depth]];
        for (size_t i = 0; i < node->edge_count; i++) {
            size_t to = picture->edges[node->first_edge + i];
            if (take(&picture->nodes[to], node->suppression)) picture->work[depth++] = to;
        }
    }
}

void rc__ledger_suppressions_write(const struct rc__ledger_picture *picture, FILE *file)
{
    for (size_t number = 1; number <= count; number++) {
        size_t objects = 0, bytes = 0;
        for (size_t i = 0; i < picture->count; i++) {
            if (picture->nodes[i].suppression != number) continue;
            objects++;
            bytes += picture->nodes[i].bytes;
        }
        if (objects)
            fprintf(file, "\nSuppressed by %s: %zu byte%s in %zu object%s\n", all[number - 1].text,
                    bytes, rc__ledger_plural(bytes), objects, rc__ledger_plural(objects));
    }
}

#endif
