/* SPDX-License-Identifier: MIT */
/*
 * Words of memory that are addresses of objects: of variables, and of objects whose types are not asked.
 * There may be pages that cannot be read, and more words than there is time for: reads cannot fault,
 * pages that nobody wrote to are passed over, and there is a limit of time.
 */
#define RC__LIBRARY 1
#include "ledger_memory.h"
#include "ledger_picture.h"

#ifdef RCBUF_LEDGER

#include <string.h>
#include <unistd.h>

/* Bytes that are read at once. */
#define PIECE       ((size_t)1 << 16)
#define SECONDS_MAX 2

bool rc__ledger_words_begin(struct rc__ledger_words *words)
{
    words->page = (size_t)sysconf(_SC_PAGESIZE);
    words->piece = rc__ledger_picture_part(words->picture, PIECE);
    clock_gettime(CLOCK_MONOTONIC, &words->begin);
    return words->piece != NULL;
}

static bool has_time(struct rc__ledger_words *words)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - words->begin.tv_sec <= SECONDS_MAX) return true;
    words->picture->was_cut_short = true;
    return false;
}

/* place: where they were read. */
static void meet_objects(const struct rc__ledger_words *words, const uintptr_t *copy, size_t count,
                         const char *place)
{
    const struct rc__ledger_picture *picture = words->picture;
    uintptr_t least = (uintptr_t)picture->nodes[0].object;
    uintptr_t most = (uintptr_t)picture->nodes[picture->count - 1].object;
    for (size_t i = 0; i < count; i++) {
        void *object;
        if (copy[i] < least || copy[i] > most) continue;
        memcpy(&object, &copy[i], sizeof object);
        struct rc__ledger_node *node = rc__ledger_node_at(picture, object);
        if (node) words->meet(node, place + i * sizeof *copy, words->argument);
    }
}

/* Returns: bytes up to what is looked at next; the first ones of a page that cannot be read bring
 * it to the page's end. */
static size_t look_at_piece(struct rc__ledger_words *words, const char *start, size_t size)
{
    size_t past = (uintptr_t)start % words->page;
    if (!past) {
        size_t untouched = rc__ledger_untouched(start, size);
        if (untouched) return untouched;
    }
    if (size > PIECE - past) size = PIECE - past;
    words->copied = NULL;
    size_t got = rc__ledger_read(start, words->piece, size);
    meet_objects(words, words->piece, got / sizeof(uintptr_t), start);
    return got == size ? size : got + words->page - (past + got) % words->page;
}

void rc__ledger_words_look(struct rc__ledger_words *words, const void *from, size_t size)
{
    size_t past = (uintptr_t)from % sizeof(uintptr_t);
    size_t at = past ? sizeof(uintptr_t) - past : 0;
    while (at + sizeof(uintptr_t) <= size && has_time(words))
        at += look_at_piece(words, (const char *)from + at, size - at);
}

/* Small objects share pages, and come in the order of their addresses: a page is read once. */
static bool copy_page(struct rc__ledger_words *words, const char *page)
{
    if (words->copied == page) return true;
    bool got_all = has_time(words) && words->page <= PIECE &&
                   rc__ledger_read(page, words->piece, words->page) == words->page;
    words->copied = got_all ? page : NULL;
    return got_all;
}

static void look_at_payload(struct rc__ledger_words *words, const char *from, size_t size)
{
    size_t past = (uintptr_t)from % words->page;
    bool is_in_page = size <= words->page - past && past % sizeof(uintptr_t) == 0;
    if (size && is_in_page && copy_page(words, from - past))
        meet_objects(words, words->piece + past / sizeof(uintptr_t), size / sizeof(uintptr_t),
                     from);
    else
        rc__ledger_words_look(words, from, size);
}

void rc__ledger_words_look_into(struct rc__ledger_words *words, const struct rc__ledger_node *node)
{
    const char *from = (const char *)node->object + node->payload_from;
    if (node->words)
        meet_objects(words, node->words, node->word_count, from);
    else if (!node->is_gone)
        look_at_payload(words, from, node->payload);
}

#endif
