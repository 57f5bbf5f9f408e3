/* SPDX-License-Identifier: MIT */
/* Releases by tags that nobody has, by line, tag and type. */
#define RC__LIBRARY 1
#include "ledger_tags.h"

#ifdef RCBUF_LEDGER

#include "ledger_report.h"

/* Different ones that are told; of others only that there were some. */
#define KINDS_MAX 32

struct kind {
    const struct rc_site *site;
    const char *tag, *type;
    size_t count;
};

struct tags {
    struct kind kinds[KINDS_MAX];
    size_t kind_count, others;
};

static struct tags tags;

/* Equal lines, tags and names have one address. */
static struct kind *find(const struct kind *like)
{
    for (size_t i = 0; i < tags.kind_count; i++) {
        struct kind *kind = &tags.kinds[i];
        if (kind->site == like->site && kind->tag == like->tag && kind->type == like->type)
            return kind;
    }
    return NULL;
}

void rc__ledger_tags_note(const struct rc__ledger_entry *entry,
                          const struct rc__ledger_reference *released)
{
    struct kind like = {
        .site = released->site, .tag = released->tag, .type = entry->type->copy.name};
    struct kind *kind = find(&like);
    if (!kind && tags.kind_count < KINDS_MAX) {
        kind = &tags.kinds[tags.kind_count++];
        *kind = like;
    }
    *(kind ? &kind->count : &tags.others) += 1;
}

/* As it is now; none where the ledger is off. */
static struct tags read_tags(void)
{
    struct tags copy = {.kind_count = 0};
    if (!rc__ledger_lock()) return copy;
    copy = tags;
    rc__ledger_unlock();
    return copy;
}

bool rc__ledger_tags_any(void)
{
    return read_tags().kind_count > 0;
}

void rc__ledger_tags_write(FILE *file)
{
    const struct tags copy = read_tags();
    for (size_t i = 0; i < copy.kind_count; i++) {
        const struct kind *kind = &copy.kinds[i];
        fprintf(file, "\nNo reference had the tag \"%s\" of %zu release%s of type %s", kind->tag,
                kind->count, rc__ledger_plural(kind->count), kind->type);
        if (kind->site)
            fprintf(file, " at %s:%u in %s", kind->site->file, kind->site->line,
                    kind->site->function);
        fputc('\n', file);
    }
    if (copy.others) fprintf(file, "\nNo reference had the tag of %zu more\n", copy.others);
}

#endif
