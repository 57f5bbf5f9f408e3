/* SPDX-License-Identifier: MIT */
/*
 * What static and thread-local variables lead to: each word of a writable segment of program and
 * libraries, but for the C library's, and of this thread's own variables, is compared with the
 * addresses of objects. From there on it goes by traverse, and through the payloads of types that have
 * none as through the segments: as LeakSanitizer does, by what the words look like. Blocks of malloc are
 * not followed.
 *
 * A module may have pages that cannot be read, and more variables than there is time for: reads
 * cannot fault, pages that nobody wrote to are passed over, and there is a limit of time.
 */
#define RC__LIBRARY 1
#define _GNU_SOURCE 1 /* dl_iterate_phdr */
#include "ledger_memory.h"
#include "ledger_picture.h"

#ifdef RCBUF_LEDGER

#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__has_include) && defined(__ELF__)
#if __has_include(<link.h>)
#include <link.h>
#define HAS_SEGMENTS 1
#endif
#endif

/* Bytes that are read at once. */
#define PIECE       ((size_t)1 << 16)
#define SECONDS_MAX 2

struct search {
    struct rc__ledger_picture *picture;
    size_t depth; /* of picture->work: what is reachable and was not looked into */
    uintptr_t *piece;
    size_t page;
    struct timespec begin;
};

static void reach(struct search *search, const void *object, const void *root)
{
    struct rc__ledger_node *node = rc__ledger_node_at(search->picture, object);
    if (!node || node->state != RC__LEDGER_UNKNOWN) return;
    node->state = RC__LEDGER_REACHABLE;
    node->root = root;
    search->picture->work[search->depth++] = (size_t)(node - search->picture->nodes);
}

static bool has_time(struct search *search)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - search->begin.tv_sec <= SECONDS_MAX) return true;
    search->picture->was_cut_short = true;
    return false;
}

/* place: of the variables that the words are; NULL: they are none, and have no name. */
static void look_at_words(struct search *search, const uintptr_t *words, size_t count,
                          const char *place)
{
    const struct rc__ledger_picture *picture = search->picture;
    uintptr_t least = (uintptr_t)picture->nodes[0].object;
    uintptr_t most = (uintptr_t)picture->nodes[picture->count - 1].object;
    for (size_t i = 0; i < count; i++) {
        void *object;
        if (words[i] < least || words[i] > most) continue;
        memcpy(&object, &words[i], sizeof object);
        reach(search, object, place ? place + i * sizeof *words : NULL);
    }
}

/* Returns: bytes up to what is looked at next; the first ones of a page that cannot be read bring
 * it to the page's end. */
static size_t look_at_piece(struct search *search, const char *start, size_t size, bool roots)
{
    size_t past = (uintptr_t)start % search->page;
    if (!past) {
        size_t untouched = rc__ledger_untouched(start, size);
        if (untouched) return untouched;
    }
    if (size > PIECE - past) size = PIECE - past;
    size_t got = rc__ledger_read(start, search->piece, size);
    look_at_words(search, search->piece, got / sizeof(uintptr_t), roots ? start : NULL);
    return got == size ? size : got + search->page - (past + got) % search->page;
}

/* roots: the words are variables, to be named. */
static void look_at(struct search *search, const void *from, size_t size, bool roots)
{
    size_t past = (uintptr_t)from % sizeof(uintptr_t);
    size_t at = past ? sizeof(uintptr_t) - past : 0;
    while (at + sizeof(uintptr_t) <= size && has_time(search))
        at += look_at_piece(search, (const char *)from + at, size - at, roots);
}

/* What was not asked of its type, or could not be. */
static void look_into(struct search *search, const struct rc__ledger_node *node)
{
    bool is_dead = node->state == RC__LEDGER_EXEMPT && !node->entry->immortal;
    if (node->words)
        look_at_words(search, node->words, node->word_count, NULL);
    else if (!node->is_gone && (is_dead || !node->is_asked))
        look_at(search, node->object, node->payload, false);
}

static void follow(struct search *search)
{
    struct rc__ledger_picture *picture = search->picture;
    while (search->depth > 0) {
        const struct rc__ledger_node *node = &picture->nodes[picture->work[--search->depth]];
        for (size_t i = 0; i < node->edge_count; i++)
            reach(search, picture->nodes[picture->edges[node->first_edge + i]].object, NULL);
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

/* The sanitizers' own libraries remember what they have seen; and in the C library malloc has addresses
 * of blocks, some of which are those of objects: what a block of 24 bytes ends at is the next one's
 * beginning, and the payload of an object of 8. */
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
    for (size_t i = 0; i < ranges->count; i++)
        look_at(search, ranges->all[i].start, ranges->all[i].size, true);
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
    struct search search = {.picture = picture, .page = (size_t)sysconf(_SC_PAGESIZE)};
    if (picture->count == 0) return;
    search.piece = rc__ledger_picture_part(picture, PIECE);
    if (!search.piece) return;
    clock_gettime(CLOCK_MONOTONIC, &search.begin);
    for (size_t i = 0; i < picture->count; i++)
        if (picture->nodes[i].state == RC__LEDGER_EXEMPT) picture->work[search.depth++] = i;
    look_at_variables(&search);
    follow(&search);
    follow_waiting(&search);
}

#endif
