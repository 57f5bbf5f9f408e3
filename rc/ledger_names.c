/* SPDX-License-Identifier: MIT */
/* Copies of texts, lines and types. */
#define RC__LIBRARY 1
#include "ledger_names.h"

#ifdef RCBUF_LEDGER

#include <string.h>

#include "ledger_memory.h"

#define BUCKETS 4096 /* a power of two */
#define CHUNK   ((size_t)1 << 16)

struct text {
    struct text *next;
    bool takes; /* a function or a file where references were taken */
    char bytes[];
};

struct site {
    struct site *next;
    bool takes;
    struct rc_site site;
};

/* The copies of those that were asked for last. */
struct known {
    const struct rc_site *given, *copy;
};

static struct text *texts[BUCKETS];
static struct site *sites[BUCKETS];
static struct rc__ledger_type *types[BUCKETS];
static struct known known[BUCKETS];

static void *take(size_t size)
{
    static char *fresh;
    static size_t left;
    size_t room = (size + 15) / 16 * 16;
    if (room > CHUNK / 8) return rc__ledger_pages(room);
    if (left < room) {
        fresh = rc__ledger_pages(CHUNK);
        left = fresh ? CHUNK : 0;
        if (!fresh) return NULL;
    }
    left -= room;
    return (fresh += room) - room;
}

static size_t bucket_of(uintptr_t word)
{
    return (word ^ word >> 4 ^ word >> 13) % BUCKETS;
}

const char *rc__ledger_text_of(const char *text)
{
    uint64_t hash = 0;
    if (!text) return NULL;
    for (const char *at = text; *at; at++) hash = (hash * 31 + (unsigned char)*at) % 1000003;
    struct text **bucket = &texts[bucket_of((uintptr_t)hash)], *found = *bucket;
    while (found && strcmp(found->bytes, text) != 0) found = found->next;
    if (found) return found->bytes;
    size_t size = strlen(text) + 1;
    found = take(sizeof *found + size);
    if (!found) return NULL;
    memcpy(found->bytes, text, size);
    found->next = *bucket;
    *bucket = found;
    return found->bytes;
}

static const struct rc_site *copy_site(const struct rc_site *site)
{
    const struct rc_site like = {rc__ledger_text_of(site->file), rc__ledger_text_of(site->function),
                                 site->line};
    struct site **bucket = &sites[bucket_of((uintptr_t)like.function ^ like.line)];
    if (!like.file || !like.function) return NULL;
    for (struct site *found = *bucket; found; found = found->next)
        if (found->site.file == like.file && found->site.function == like.function &&
            found->site.line == like.line)
            return &found->site;
    struct site *fresh = take(sizeof *fresh);
    if (!fresh) return NULL;
    *fresh = (struct site){.next = *bucket, .site = like};
    *bucket = fresh;
    return &fresh->site;
}

/* Another module may have another line where this one's was. */
static bool is_same(const struct rc_site *given, const struct rc_site *copy)
{
    return given->line == copy->line && strcmp(given->file, copy->file) == 0 &&
           strcmp(given->function, copy->function) == 0;
}

const struct rc_site *rc__ledger_site_of(const struct rc_site *site)
{
    if (!site) return NULL;
    struct known *entry = &known[bucket_of((uintptr_t)site)];
    if (entry->given == site && entry->copy && is_same(site, entry->copy)) return entry->copy;
    *entry = (struct known){site, copy_site(site)};
    return entry->copy;
}

unsigned rc__ledger_site_likeness(const struct rc_site *a, const struct rc_site *b)
{
    if (!a || !b || a->file != b->file) return 0;
    if (a->function != b->function) return RC__LEDGER_SAME_FILE;
    return RC__LEDGER_SAME_FILE | RC__LEDGER_SAME_FUNCTION |
           (a->line == b->line ? RC__LEDGER_SAME_LINE : 0u);
}

static struct text *text_at(const char *copy)
{
    return (struct text *)((uintptr_t)copy - offsetof(struct text, bytes));
}

static struct site *site_at(const struct rc_site *copy)
{
    return (struct site *)((uintptr_t)copy - offsetof(struct site, site));
}

void rc__ledger_site_takes(const struct rc_site *copy)
{
    if (!copy || site_at(copy)->takes) return;
    site_at(copy)->takes = text_at(copy->function)->takes = text_at(copy->file)->takes = true;
}

unsigned rc__ledger_site_likeness_max(const struct rc_site *copy)
{
    if (!copy || !text_at(copy->file)->takes) return 0;
    if (!text_at(copy->function)->takes) return RC__LEDGER_SAME_FILE;
    return RC__LEDGER_SAME_FILE | RC__LEDGER_SAME_FUNCTION |
           (site_at(copy)->takes ? RC__LEDGER_SAME_LINE : 0u);
}

static bool is_same_type(const rc_type *a, const rc_type *b)
{
    return a->name == b->name && a->size == b->size && a->finalize == b->finalize &&
           a->traverse == b->traverse && a->clear == b->clear && a->flags == b->flags;
}

const struct rc__ledger_type *rc__ledger_type_of(const rc_type *type)
{
    struct rc__ledger_type **bucket = &types[bucket_of((uintptr_t)type)], *found = *bucket;
    const char *name = rc__ledger_text_of(type->name);
    while (found &&
           !(found->place == type && found->copy.name == name && is_same_type(&found->given, type)))
        found = found->next;
    if (found || !name) return found;
    found = take(sizeof *found);
    if (!found) return NULL;
    *found = (struct rc__ledger_type){*bucket, type, *type, *type};
    found->copy.name = name;
    *bucket = found;
    return found;
}

bool rc__ledger_type_is_there(const struct rc__ledger_type *type)
{
    rc_type now;
    return rc__ledger_read(type->place, &now, sizeof now) == sizeof now &&
           is_same_type(&now, &type->given);
}

#endif
