/* SPDX-License-Identifier: MIT */
/* Who exports a buffer, for sentences that refuse. */
#define RC__LIBRARY 1
#include "exports.h"

#ifdef RCBUF_LEDGER

#include <stdio.h>
#include <string.h>

#include "../rc/ledger_table.h"
#include "view_layout.h"

static const char *kind_of(const void *holder)
{
    if (!holder) return "a chain";
    return rc_type_of(holder) == &rc__view_type.base ? "a view" : "a slice";
}

/* Sentences are short: a file without its folders. */
static const char *name_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

static const struct rc__ledger_reference *latest_export(const rc_buffer *root)
{
    const struct rc__ledger_entry *entry = rc__ledger_find(root);
    const struct rc__ledger_reference *held = entry ? entry->held : NULL;
    while (held && !(held->kind == RC__LEDGER_EXPORT && held->site)) held = held->next;
    return held;
}

const char *rc__exports_site(const rc_buffer *root, char *text, size_t size)
{
    text[0] = '\0';
    if (!rc__ledger_lock()) return text;
    const struct rc__ledger_reference *held = latest_export(root);
    if (held)
        snprintf(text, size, ": %s made at %s:%u in %s", kind_of(held->holder),
                 name_of(held->site->file), held->site->line, held->site->function);
    rc__ledger_unlock();
    return text;
}

#endif
