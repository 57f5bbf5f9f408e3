/* SPDX-License-Identifier: MIT */
/* The first half of a picture: copies of all that the ledger knows, and of what objects say of
 * themselves without a call into the program. */
#define RC__LIBRARY 1
#include "ledger_memory.h"
#include "ledger_picture.h"

#ifdef RCBUF_LEDGER

#include "header.h"
#include "home.h"

/* Bytes of one object's words that are copied. */
#define WORDS_MAX ((size_t)1 << 20)

struct copy {
    struct rc__ledger_picture *picture;
    struct rc__ledger_entry *entries;
    struct rc__ledger_reference *references;
    struct rc__ledger_stack *stacks;
};

void *rc__ledger_picture_part(struct rc__ledger_picture *picture, size_t size)
{
    if (picture->part_count == RC__LEDGER_PARTS || size == 0) return NULL;
    void *start = rc__ledger_pages(size);
    if (start) picture->parts[picture->part_count++] = (struct rc__ledger_part){start, size};
    return start;
}

/* ---- what was told --------------------------------------------------------------------------- */

static void copy_references(struct copy *copy, struct rc__ledger_entry *entry)
{
    struct rc__ledger_reference **link = &entry->held;
    entry->latest = NULL;
    for (const struct rc__ledger_reference *held = entry->held; held; held = held->next) {
        struct rc__ledger_reference *same = copy->references++;
        *same = *held;
        if (held->stack) {
            *copy->stacks = *held->stack;
            same->stack = copy->stacks++;
        }
        *link = same;
        link = &same->next;
    }
    *link = NULL;
}

static const struct rc__ledger_entry *copy_entry(struct copy *copy,
                                                 const struct rc__ledger_entry *entry)
{
    struct rc__ledger_entry *same = copy->entries++;
    *same = *entry;
    copy_references(copy, same);
    return same;
}

/* ---- what objects say ------------------------------------------------------------------------ */

/* Of a type that is gone nothing is known. Under other threads what the library's own types would
 * say may change, or not be there yet. */
static size_t bytes_of(const struct rc__ledger_picture *picture, const struct rc__header *header,
                       bool is_there)
{
    if (!is_there) return 0;
    bool is_sized = header->type->flags & RC__TYPE_SIZED;
    const struct rc__sized_type *sized = (const struct rc__sized_type *)header->type;
    if (is_sized && picture->has_others) return header->type->size;
    return header->type->size + rc__object_extra(header) +
           (is_sized && sized->apart ? sized->apart(rc__payload_of(header)) : 0);
}

/* The library's own types keep no references in their extra bytes, and some know where they keep one. */
static void find_payload(struct rc__ledger_node *node, const struct rc__header *header,
                         bool is_there)
{
    bool is_sized = node->type->flags & RC__TYPE_SIZED;
    size_t only =
        is_sized && is_there ? ((const struct rc__sized_type *)header->type)->only_word : 0;
    node->payload_from = only == RC__NO_WORD ? 0 : only;
    node->payload = only == RC__NO_WORD ? 0 : only ? sizeof(void *) : node->type->size;
    if (is_there && !is_sized) node->payload += rc__object_extra(header);
}

/* In the queue of its home; its end has not begun. */
static bool waits(const struct rc__header *header)
{
    unsigned flags = rc__header_flags(header);
    return flags & RC__FLAG_HOMED && !(flags & RC__FLAG_FINALIZING) &&
           __atomic_load_n(&header->shared, __ATOMIC_RELAXED) == RC__COUNT_GONE;
}

static enum rc__ledger_state state_of(const struct rc__ledger_node *node)
{
    if (node->waits) return RC__LEDGER_LEAKED; /* unless its home is found */
    bool is_exempt =
        node->entry->immortal || node->references == 0 || rc__object_is_finalizing(node->object);
    return is_exempt ? RC__LEDGER_EXEMPT : RC__LEDGER_UNKNOWN;
}

static struct rc__ledger_node node_of(struct copy *copy, const struct rc__ledger_entry *entry)
{
    const struct rc__header *header = rc__header_of(entry->object);
    bool is_there = rc__ledger_type_is_there(entry->type);
    bool is_homed = rc__header_flags(header) & RC__FLAG_HOMED;
    const rc_type *type = &entry->type->copy;
    struct rc__ledger_node node = {.object = entry->object,
                                   .type = type,
                                   .entry = copy_entry(copy, entry),
                                   .home = is_homed ? rc__homed_of(header)->home : NULL,
                                   .references = rc_count(entry->object),
                                   .holder = RC__LEDGER_NOBODY,
                                   .latest_holder = RC__LEDGER_NOBODY,
                                   .waits = waits(header)};
    find_payload(&node, header, is_there);
    node.state = state_of(&node);
    node.is_asked = is_there && type->traverse && copy->picture->asks_types;
    if (node.state != RC__LEDGER_EXEMPT) node.bytes = bytes_of(copy->picture, header, is_there);
    return node;
}

static void copy_nodes(struct copy *copy)
{
    struct rc__ledger_picture *picture = copy->picture;
    for (size_t i = 0; i < rc__ledger.bucket_count; i++)
        for (struct rc__ledger_entry *entry = rc__ledger.buckets[i]; entry; entry = entry->next)
            picture->nodes[picture->count++] = node_of(copy, entry);
}

/* ---- words ----------------------------------------------------------------------------------- */

static size_t words_wanted(const struct rc__ledger_node *node)
{
    size_t whole = node->payload - node->payload % sizeof(uintptr_t);
    return whole < WORDS_MAX ? whole : WORDS_MAX;
}

/* Where types are not asked, and other threads could end the object later. */
static bool copy_words(struct copy *copy)
{
    struct rc__ledger_picture *picture = copy->picture;
    size_t room = 0;
    for (size_t i = 0; i < picture->count; i++) room += words_wanted(&picture->nodes[i]);
    if (picture->asks_types || room == 0) return true;
    char *words = rc__ledger_picture_part(picture, room);
    if (!words) return false;
    for (size_t i = 0; i < picture->count; i++) {
        struct rc__ledger_node *node = &picture->nodes[i];
        size_t wanted = words_wanted(node);
        size_t got =
            rc__ledger_read((const char *)node->object + node->payload_from, words, wanted);
        node->words = (const uintptr_t *)(const void *)words;
        node->word_count = got / sizeof(uintptr_t);
        if (got < node->payload - node->payload % sizeof(uintptr_t)) picture->was_cut_short = true;
        words += wanted;
    }
    return true;
}

/* ---- all ------------------------------------------------------------------------------------- */

static bool make_room(struct copy *copy)
{
    struct rc__ledger_picture *picture = copy->picture;
    size_t room = rc__ledger.entry_count + 1;
    picture->nodes = rc__ledger_picture_part(picture, room * sizeof *picture->nodes);
    picture->work = rc__ledger_picture_part(picture, room * sizeof *picture->work);
    copy->entries = rc__ledger_picture_part(picture, room * sizeof *copy->entries);
    copy->references = rc__ledger_picture_part(picture, (rc__ledger.reference_count + 1) *
                                                            sizeof *copy->references);
    copy->stacks =
        rc__ledger_picture_part(picture, (rc__ledger.stack_count + 1) * sizeof *copy->stacks);
    return picture->nodes && picture->work && copy->entries && copy->references && copy->stacks;
}

bool rc__ledger_picture_copy(struct rc__ledger_picture *picture)
{
    struct copy copy = {.picture = picture};
    if (!rc__ledger_lock()) return false;
    bool has_room = make_room(&copy);
    if (has_room) copy_nodes(&copy);
    bool has_all = has_room && copy_words(&copy);
    rc__ledger_unlock();
    return has_all;
}

#endif
