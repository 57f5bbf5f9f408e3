/* SPDX-License-Identifier: MIT */
/* Reports: of all, and of one object. */
#define RC__LIBRARY 1
#include "ledger.h"

#include "ledger_report.h"
#include "ledger_suppress.h"
#include "ledger_tags.h"

#ifdef RCBUF_LEDGER

#include <unistd.h>

#include "cancel.h"

static void write_sum(const struct rc__ledger_sum *sum, const char *what, FILE *file)
{
    if (sum->objects) fprintf(file, "; %zu in %zu %s", sum->bytes, sum->objects, what);
}

static void write_totals(const struct rc__ledger_totals *totals, FILE *file)
{
    fprintf(file, "\nSUMMARY: rcbuf: %zu byte%s leaked in %zu object%s", totals->leaked.bytes,
            rc__ledger_plural(totals->leaked.bytes), totals->leaked.objects,
            rc__ledger_plural(totals->leaked.objects));
    write_sum(&totals->waiting, "waiting for rc_home_run()", file);
    write_sum(&totals->reachable, "still reachable", file);
    write_sum(&totals->suppressed, "suppressed", file);
    if (totals->unseen)
        fprintf(file, "; no retain was seen for %zu of the references", totals->unseen);
    fputs(".\n", file);
}

/* Why it may be wrong. */
static void write_doubts(const struct rc__ledger_picture *picture, FILE *file)
{
    if (picture->has_others)
        fputs(
            "rcbuf: other threads run: what their stacks and variables hold is not seen; what "
            "objects hold\nis read off their words, and not asked of their types; bytes of buffers "
            "are not counted\n",
            file);
    else if (!picture->asks_types)
        fputs(
            "rcbuf: inside of a callback: what objects hold is read off their words, and not asked "
            "of their\ntypes\n",
            file);
    if (picture->was_cut_short)
        fputs("rcbuf: there was no time or way to look at all variables and objects\n", file);
}

static const char *title_of(const struct rc__ledger_report *report)
{
    if (!report->totals.leaked.objects) return "rcbuf: no object is leaked";
    return rc__ledger_has_doubts(&report->picture) ? "rcbuf: objects may be leaked"
                                                   : "ERROR: rcbuf: objects are leaked";
}

/* Two passes, since the first line says whether it is an error. */
bool rc__ledger_report_take(struct rc__ledger_report *report)
{
    *report = (struct rc__ledger_report){.is_taken = false};
    report->is_taken = rc__ledger_picture_take(&report->picture);
    for (size_t i = 0; report->is_taken && i < report->picture.count; i++)
        rc__ledger_add(&report->totals, &report->picture.nodes[i]);
    return report->is_taken;
}

void rc__ledger_report_write(struct rc__ledger_report *report, bool all, FILE *file)
{
    if (!report->is_taken) {
        fputs("rcbuf: there is no memory for a report of the ledger\n", file);
        return;
    }
    fprintf(file,
            "=================================================================\n"
            "==%ld==%s\n",
            (long)getpid(), title_of(report));
    write_doubts(&report->picture, file);
    rc__ledger_write(&report->picture, all, file);
    rc__ledger_suppressions_write(&report->picture, file);
    rc__ledger_tags_write(file);
    write_totals(&report->totals, file);
}

void rc__ledger_report_drop(struct rc__ledger_report *report)
{
    rc__ledger_picture_drop(&report->picture);
}

static const char *why_off(void)
{
    return __atomic_load_n(&rc__ledger.out_of_room, __ATOMIC_RELAXED)
               ? "it had no memory, and was given up"
               : "RCBUF_TRACE asks for none";
}

/* A thread may be canceled while it writes, since nobody may ever read: the picture is dropped. */
size_t rc_ledger_report(FILE *file)
{
    struct rc__ledger_report report
        __attribute__((cleanup(rc__ledger_report_drop))) = {.is_taken = false};
    if (!file) file = stderr;
    if (!rc_ledger_is_on()) {
        fprintf(file, "rcbuf: no ledger is kept: %s\n", why_off());
        return 0;
    }
    int cancel = rc__cancel_hold();
    (void)rc__ledger_report_take(&report);
    rc__cancel_allow(cancel);
    rc__ledger_report_write(&report, true, file);
    return report.totals.leaked.objects;
}

/* Returns: references but for exports. */
static size_t write_holders(const struct rc__ledger_picture *picture, const void *object,
                            FILE *file)
{
    const struct rc__ledger_node *node = rc__ledger_node_at(picture, object);
    size_t seen = 0;
    if (!node) {
        rc_error_set(RC_INVALID, "rc_ledger_holders: no object is alive at %p", object);
        return 0;
    }
    fprintf(file, "%s at %p: ", node->type->name, object);
    rc__ledger_write_node(picture, node, file);
    for (const struct rc__ledger_reference *held = node->entry->held; held; held = held->next)
        seen += held->kind != RC__LEDGER_EXPORT;
    return seen;
}

size_t rc_ledger_holders(const void *object, FILE *file)
{
    struct rc__ledger_picture picture
        __attribute__((cleanup(rc__ledger_picture_drop))) = {.part_count = 0};
    if (!object)
        return rc_error_set(RC_INVALID, "rc_ledger_holders needs an object; it is NULL"), 0;
    if (!rc_ledger_is_on())
        return rc_error_set(RC_UNSUPPORTED, "rc_ledger_holders: no ledger is kept: %s", why_off()),
               0;
    int cancel = rc__cancel_hold();
    bool is_taken = rc__ledger_picture_take(&picture);
    rc__cancel_allow(cancel);
    if (is_taken) return write_holders(&picture, object, file ? file : stderr);
    rc_error_set(RC_NO_MEMORY, "rc_ledger_holders: no memory for the graph");
    return 0;
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
