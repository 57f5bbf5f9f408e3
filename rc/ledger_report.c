/* SPDX-License-Identifier: MIT */
/* Reports: on demand, of one object, and at exit. */
#define RC__LIBRARY 1
#include "ledger.h"

#include "ledger_report.h"

#ifdef RCBUF_LEDGER

#include <stdlib.h>
#include <unistd.h>

/* Of LeakSanitizer, where the program is linked with it: it speaks before the process ends by us.
 * */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

static void write_totals(const struct rc__ledger_totals *totals, FILE *file)
{
    fprintf(file, "\nSUMMARY: rcbuf: %zu byte%s leaked in %zu object%s", totals->leaked_bytes,
            totals->leaked_bytes == 1 ? "" : "s", totals->leaked_objects,
            totals->leaked_objects == 1 ? "" : "s");
    if (totals->reachable_objects)
        fprintf(file, "; %zu in %zu still reachable", totals->reachable_bytes,
                totals->reachable_objects);
    if (totals->unseen)
        fprintf(file, "; no retain was seen for %zu of the references", totals->unseen);
    fputs(".\n", file);
}

/* Two passes, since the first line says whether it is an error. The second writes nothing where
 * there is nothing to say. */
static struct rc__ledger_totals report(FILE *file, bool all, bool always)
{
    struct rc__ledger_picture picture;
    struct rc__ledger_totals totals = {0};
    if (!rc__ledger_lock()) return totals;
    if (rc__ledger_picture_take(&picture)) {
        for (size_t i = 0; i < picture.count; i++) rc__ledger_add(&totals, &picture.nodes[i]);
        if (always || totals.leaked_objects || totals.reachable_objects) {
            fprintf(file,
                    "=================================================================\n"
                    "==%ld==%s\n",
                    (long)getpid(),
                    totals.leaked_objects ? "ERROR: rcbuf: objects are leaked"
                                          : "rcbuf: no object is leaked");
            rc__ledger_write(&picture, all, file);
            write_totals(&totals, file);
        }
    } else {
        fputs("rcbuf: there is no memory for a report of the ledger\n", file);
    }
    rc__ledger_picture_drop(&picture);
    rc__ledger_unlock();
    return totals;
}

size_t rc_ledger_report(FILE *file)
{
    if (!file) file = stderr;
    if (rc_ledger_is_on()) return report(file, true, true).leaked_objects;
    fputs("rcbuf: no ledger is kept: RCBUF_TRACE asks for none\n", file);
    return 0;
}

size_t rc_ledger_holders(const void *object, FILE *file)
{
    struct rc__ledger_picture picture;
    size_t seen = 0;
    if (!object)
        return rc_error_set(RC_INVALID, "rc_ledger_holders needs an object; it is NULL"), 0;
    if (!rc__ledger_lock())
        return rc_error_set(RC_UNSUPPORTED, "rc_ledger_holders: RCBUF_TRACE asks for no ledger"), 0;
    bool is_taken = rc__ledger_picture_take(&picture);
    const struct rc__ledger_node *node = is_taken ? rc__ledger_node_at(&picture, object) : NULL;
    if (node) {
        fprintf(file ? file : stderr, "%s at %p: ", node->type->name, object);
        rc__ledger_write_node(&picture, node, file ? file : stderr);
        for (const struct rc__ledger_reference *held = node->entry->held; held; held = held->next)
            seen += held->kind != RC__LEDGER_EXPORT;
    }
    rc__ledger_picture_drop(&picture);
    rc__ledger_unlock();
    if (!is_taken) rc_error_set(RC_NO_MEMORY, "rc_ledger_holders: no memory for the graph");
    if (is_taken && !node)
        rc_error_set(RC_INVALID, "rc_ledger_holders: no object is alive at %p", object);
    return seen;
}

/* ---- at exit --------------------------------------------------------------------------------- */

static FILE *open_log(const struct rc__ledger_options *options)
{
    char name[1024];
    if (!options->log) return stderr;
    FILE *file = rc__ledger_log_name(options->log, name, sizeof name) ? fopen(name, "a") : NULL;
    if (file) return file;
    fprintf(stderr, "rcbuf: RCBUF_TRACE: the log cannot be written; the report goes here\n");
    return stderr;
}

void rc__ledger_finish(const struct rc__ledger_options *options)
{
    FILE *file = open_log(options);
    struct rc__ledger_totals totals = report(file, options->holders, options->holders);
    if (file != stderr) fclose(file);
    bool is_error = (options->leaks && totals.leaked_objects) ||
                    (options->reachable && totals.reachable_objects);
    if (!is_error || !options->exit_code) return;
    fflush(NULL);
    if (__lsan_do_recoverable_leak_check) __lsan_do_recoverable_leak_check();
    _exit(options->exit_code);
}

#else

size_t rc_ledger_report(FILE *file)
{
    fputs("rcbuf: no ledger is kept: this library was compiled without RCBUF_LEDGER\n",
          file ? file : stderr);
    return 0;
}

size_t rc_ledger_holders(const void *object, FILE *file)
{
    (void)file;
    if (!object)
        return rc_error_set(RC_INVALID, "rc_ledger_holders needs an object; it is NULL"), 0;
    rc_error_set(RC_UNSUPPORTED,
                 "rc_ledger_holders: this library was compiled without RCBUF_LEDGER");
    return 0;
}

#endif
