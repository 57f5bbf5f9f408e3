/* SPDX-License-Identifier: MIT */
/*
 * What static and thread-local variables lead to: each word of a writable segment of program and
 * libraries, and of this thread's own variables, is compared with the addresses of objects. From
 * there on it goes by traverse, and through the payloads of types that have none as through the
 * segments: as LeakSanitizer does, by what the words look like. Blocks of malloc are not followed.
 */
#define RC__LIBRARY 1
#define _GNU_SOURCE 1 /* dl_iterate_phdr */
#include "ledger_picture.h"

#ifdef RCBUF_LEDGER

#include <string.h>

#include "header.h"

#if defined(__has_include) && defined(__ELF__)
#if __has_include(<link.h>)
#include <link.h>
#define HAS_SEGMENTS 1
#endif
#endif

#if defined(__has_attribute)
#if __has_attribute(no_sanitize)
#if defined(__clang__)
#define LOOKS_ANYWHERE                                                                             \
    __attribute__((noinline, no_sanitize("address", "thread", "memory", "undefined")))
#else
#define LOOKS_ANYWHERE                                                                             \
    __attribute__((noinline, no_sanitize_address, no_sanitize_thread, no_sanitize_undefined))
#endif
#endif
#endif
#ifndef LOOKS_ANYWHERE
#define LOOKS_ANYWHERE __attribute__((noinline))
#endif

struct search {
    struct rc__ledger_picture *picture;
    size_t depth; /* of picture->work: what is reachable and was not looked into */
};

static void reach(struct search *search, const void *object, const void *root)
{
    struct rc__ledger_node *node = rc__ledger_node_at(search->picture, object);
    if (!node || node->state != RC__LEDGER_UNKNOWN) return;
    node->state = RC__LEDGER_REACHABLE;
    node->root = root;
    search->picture->work[search->depth++] = (size_t)(node - search->picture->nodes);
}

static LOOKS_ANYWHERE uintptr_t word_at(const void *place)
{
    return *(const volatile uintptr_t *)place;
}

/* roots: the words are variables, to be named. */
static void look_at(struct search *search, const void *start, size_t size, bool roots)
{
    const struct rc__ledger_picture *picture = search->picture;
    uintptr_t least = (uintptr_t)picture->nodes[0].object;
    uintptr_t most = (uintptr_t)picture->nodes[picture->count - 1].object;
    size_t past = (uintptr_t)start % sizeof(uintptr_t),
           skipped = past ? sizeof(uintptr_t) - past : 0;
    for (size_t at = skipped; at + sizeof(uintptr_t) <= size; at += sizeof(uintptr_t)) {
        const char *place = (const char *)start + at;
        uintptr_t word = word_at(place);
        if (word < least || word > most) continue;
        void *object;
        memcpy(&object, &word, sizeof object);
        reach(search, object, roots ? place : NULL);
    }
}

static void follow(struct search *search)
{
    struct rc__ledger_picture *picture = search->picture;
    while (search->depth > 0) {
        const struct rc__ledger_node *node = &picture->nodes[picture->work[--search->depth]];
        for (size_t i = 0; i < node->edge_count; i++)
            reach(search, picture->nodes[picture->edges[node->first_edge + i]].object, NULL);
        if (!node->type->traverse && !(node->type->flags & RC__TYPE_SIZED))
            look_at(search, node->object,
                    node->type->size + rc__object_extra(rc__header_of(node->object)), false);
    }
}

#ifdef HAS_SEGMENTS

/* The linker's names for the section of RC__LEDGER_BLIND variables. */
extern RC_HIDDEN char __start_rcbuf_blind[] __attribute__((weak));
extern RC_HIDDEN char __stop_rcbuf_blind[] __attribute__((weak));

/* All of a segment but those. */
static void look_at_segment(struct search *search, const char *start, size_t size)
{
    uintptr_t from = (uintptr_t)__start_rcbuf_blind, to = (uintptr_t)__stop_rcbuf_blind;
    bool is_in = from < to && from >= (uintptr_t)start && to - (uintptr_t)start <= size;
    if (!is_in) {
        look_at(search, start, size, true);
        return;
    }
    look_at(search, start, from - (uintptr_t)start, true);
    look_at(search, __stop_rcbuf_blind, size - (to - (uintptr_t)start), true);
}

/* The sanitizers' own libraries remember what they have seen. */
static bool is_a_tool(const char *name)
{
    static const char *const tools[] = {"libasan", "libtsan", "libubsan", "liblsan", "libmsan"};
    for (size_t i = 0; name && i < sizeof tools / sizeof tools[0]; i++)
        if (strstr(name, tools[i])) return true;
    return false;
}

static int look_at_module(struct dl_phdr_info *info, size_t size, void *context)
{
    struct search *search = context;
    bool has_tls = size >= offsetof(struct dl_phdr_info, dlpi_tls_data) + sizeof(void *);
    if (is_a_tool(info->dlpi_name)) return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        void *start;
        uintptr_t address = info->dlpi_addr + segment->p_vaddr;
        memcpy(&start, &address, sizeof start);
        if (segment->p_type == PT_LOAD && segment->p_flags & PF_W)
            look_at_segment(search, start, segment->p_memsz);
        else if (segment->p_type == PT_TLS && has_tls && info->dlpi_tls_data)
            look_at(search, info->dlpi_tls_data, segment->p_memsz, true);
    }
    return 0;
}

static void look_at_variables(struct search *search)
{
    dl_iterate_phdr(look_at_module, search);
}

#else

static void look_at_variables(struct search *search)
{
    (void)search;
}

#endif

void rc__ledger_find_roots(struct rc__ledger_picture *picture)
{
    struct search search = {.picture = picture};
    if (picture->count == 0) return;
    for (size_t i = 0; i < picture->count; i++)
        if (picture->nodes[i].entry->immortal) picture->work[search.depth++] = i;
    look_at_variables(&search);
    follow(&search);
}

#endif
