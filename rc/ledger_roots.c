/* SPDX-License-Identifier: MIT */
/*
 * What static and thread-local variables lead to: each word of a writable segment of program and
 * libraries, but for the C library's, and of this thread's own variables, is compared with the
 * addresses of objects. From there on it goes by the picture's edges. Blocks of malloc are not followed.
 */
#define RC__LIBRARY 1
#define _GNU_SOURCE 1 /* dl_iterate_phdr */
#include "ledger_picture.h"
#include "ledger_symbol.h"

#ifdef RCBUF_LEDGER

#include <string.h>

#if defined(__has_include) && defined(__ELF__)
#if __has_include(<link.h>)
#include <link.h>
#define HAS_SEGMENTS 1
#endif
#endif

struct search {
    struct rc__ledger_picture *picture;
    size_t depth;  /* of picture->work: what is reachable and was not looked into */
    bool has_libc; /* in the program itself: it is linked statically */
    struct rc__ledger_words variables, payloads;
};

static void reach(struct search *search, struct rc__ledger_node *node, const void *root)
{
    if (node->state != RC__LEDGER_UNKNOWN) return;
    node->state = RC__LEDGER_REACHABLE;
    node->root = root;
    search->picture->work[search->depth++] = (size_t)(node - search->picture->nodes);
}

/* What a block of 24 bytes ends at is the next one's beginning, and malloc has its address: it is that of
 * the payload of an object of 8 bytes. */
static bool is_malloc(const struct rc__ledger_node *node, const void *place)
{
    if (node->bytes > 8) return false;
    struct rc__ledger_symbol symbol = rc__ledger_symbol_find(place, true);
    return strcmp(symbol.name, "main_arena") == 0;
}

static void reach_from_variable(struct rc__ledger_node *node, const void *place, void *argument)
{
    struct search *search = argument;
    if (!search->has_libc || !is_malloc(node, place)) reach(search, node, place);
}

static void reach_from_payload(struct rc__ledger_node *node, const void *place, void *search)
{
    (void)place;
    reach(search, node, NULL);
}

/* What is dead has no edges. */
static void look_into(struct search *search, const struct rc__ledger_node *node)
{
    if (node->state == RC__LEDGER_EXEMPT && !node->entry->immortal)
        rc__ledger_words_look_into(&search->payloads, node);
}

static void follow(struct search *search)
{
    struct rc__ledger_picture *picture = search->picture;
    while (search->depth > 0) {
        const struct rc__ledger_node *node = &picture->nodes[picture->work[--search->depth]];
        for (size_t i = 0; i < node->edge_count; i++)
            reach(search, &picture->nodes[picture->edges[node->first_edge + i]], NULL);
        look_into(search, node);
    }
}

#ifdef HAS_SEGMENTS

/* The linker's names for the section of RC__LEDGER_BLIND variables. */
extern RC_HIDDEN char __start_rcbuf_blind[] __attribute__((weak));
extern RC_HIDDEN char __stop_rcbuf_blind[] __attribute__((weak));

/* What is to be looked at, while modules come and go. */
struct ranges {
    struct range {
        const char *start;
        size_t size;
    } all[1024];
    size_t count;
    bool is_full;
    bool has_loader; /* some module needs one */
};

static void add_range(struct ranges *ranges, const char *start, size_t size)
{
    if (ranges->count == sizeof ranges->all / sizeof ranges->all[0])
        ranges->is_full = true;
    else
        ranges->all[ranges->count++] = (struct range){start, size};
}

/* All of a segment but those. */
static void add_segment(struct ranges *ranges, const char *start, size_t size)
{
    uintptr_t from = (uintptr_t)__start_rcbuf_blind, to = (uintptr_t)__stop_rcbuf_blind;
    bool is_in = from < to && from >= (uintptr_t)start && to - (uintptr_t)start <= size;
    if (!is_in) {
        add_range(ranges, start, size);
        return;
    }
    add_range(ranges, start, from - (uintptr_t)start);
    add_range(ranges, __stop_rcbuf_blind, size - (to - (uintptr_t)start));
}

/* The sanitizers' own libraries remember what they have seen, and the C library has malloc. */
static bool knows_blocks(const char *name)
{
    static const char *const names[] = {"libasan", "libtsan",  "libubsan", "liblsan",
                                        "libmsan", "/libc.so", "/libc-2.", "/ld-musl"};
    for (size_t i = 0; name && i < sizeof names / sizeof names[0]; i++)
        if (strstr(name, names[i])) return true;
    return false;
}

static int add_module(struct dl_phdr_info *info, size_t size, void *context)
{
    struct ranges *ranges = context;
    bool has_tls = size >= offsetof(struct dl_phdr_info, dlpi_tls_data) + sizeof(void *);
    for (int i = 0; i < info->dlpi_phnum; i++)
        ranges->has_loader |= info->dlpi_phdr[i].p_type == PT_INTERP;
    if (knows_blocks(info->dlpi_name)) return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        void *start;
        uintptr_t address = info->dlpi_addr + segment->p_vaddr;
        memcpy(&start, &address, sizeof start);
        if (segment->p_type == PT_LOAD && segment->p_flags & PF_W)
            add_segment(ranges, start, segment->p_memsz);
        else if (segment->p_type == PT_TLS && has_tls && info->dlpi_tls_data)
            add_range(ranges, info->dlpi_tls_data, segment->p_memsz);
    }
    return 0;
}

static void look_at_variables(struct search *search)
{
    struct ranges *ranges = rc__ledger_picture_part(search->picture, sizeof *ranges);
    if (!ranges) return;
    dl_iterate_phdr(add_module, ranges);
    if (ranges->is_full) search->picture->was_cut_short = true;
    search->has_libc = !ranges->has_loader;
    for (size_t i = 0; i < ranges->count; i++)
        rc__ledger_words_look(&search->variables, ranges->all[i].start, ranges->all[i].size);
}

#else

static void look_at_variables(struct search *search)
{
    (void)search;
}

#endif

/* True: it is as good as a variable, since its home can still be run. */
static bool can_end(const struct search *search, const struct rc__ledger_node *node)
{
    const struct rc__ledger_node *home = rc__ledger_node_at(search->picture, node->home);
    return !home || home->state != RC__LEDGER_UNKNOWN;
}

/* What waits for its home holds what it held, and may lead to other homes. */
static void follow_waiting(struct search *search)
{
    struct rc__ledger_picture *picture = search->picture;
    bool found_one;
    do {
        found_one = false;
        for (size_t i = 0; i < picture->count; i++) {
            struct rc__ledger_node *node = &picture->nodes[i];
            if (!node->waits || node->state == RC__LEDGER_WAITING || !can_end(search, node))
                continue;
            node->state = RC__LEDGER_WAITING;
            picture->work[search->depth++] = i;
            found_one = true;
        }
        follow(search);
    } while (found_one);
}

void rc__ledger_find_roots(struct rc__ledger_picture *picture)
{
    struct search search = {.picture = picture};
    if (picture->count == 0) return;
    search.variables = (struct rc__ledger_words){
        .picture = picture, .meet = reach_from_variable, .argument = &search};
    if (!rc__ledger_words_begin(&search.variables)) return;
    search.payloads = search.variables;
    search.payloads.meet = reach_from_payload;
    for (size_t i = 0; i < picture->count; i++)
        if (picture->nodes[i].state == RC__LEDGER_EXEMPT) picture->work[search.depth++] = i;
    look_at_variables(&search);
    follow(&search);
    follow_waiting(&search);
}

#endif
