/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#include "ledger_report.h"
#ifdef RCBUF_LEDGER
void rc__ledger_finish(const struct rc__ledger_options *options)
{
    (void)options;
    rc_ledger_report(NULL);
}
static void show(const void *object, void *context)
{
    const struct rc__ledger_entry *entry = rc__ledger_find(object);
    FILE *file = context;
    fprintf(file, "%s %p +%zu -%zu\n", rc_type_of(object)->name, object, entry->retains, entry->releases);
    for (const struct rc__ledger_reference *r = entry->held; r; r = r->next)
        fprintf(file, "   kind %d %s:%u in %s \"%s\" by %p\n", (int)r->kind, r->site ? r->site->file : "?", r->site ? r->site->line : 0, r->site ? r->site->function : "?", r->tag ? r->tag : "", r->holder);
}
size_t rc_ledger_report(FILE *file)
{
    rc__ledger_each(show, file ? file : stderr);
    return 0;
}
#endif
