/* SPDX-License-Identifier: MIT */
/*
 * How often each word occurred: a hash table with open addressing, keyed by words.
 *
 * Keys are not copied. They point at the word's first occurrence, in the bytes of a slice that the
 * table has retained: table_keep(). The slice keeps its mapped file mapped, so a distinct word
 * costs its entry and no allocation of its own.
 *
 * The upper bits of a hash choose an entry's place; the next free one to the right is taken where
 * that is occupied. So entries stand in the order of their hashes, nearly, and growing or merging
 * tables walks through memory from one end to the other.
 *
 * Threads: a table is used by one thread at a time.
 */
#ifndef WORD_COUNT_TABLE_H
#define WORD_COUNT_TABLE_H

#include <buffer/buffer.h>
#include <rc/object.h>

#include "word.h"

struct entry {
    struct word word;
    size_t count; /* 0: the entry is free */
};

/* An object: rc_release() frees the entries and lets go of the slices. */
struct table {
    struct entry *entries; /* 2 to the power of bits */
    unsigned bits;
    size_t used;        /* entries with a word: distinct words */
    size_t words;       /* the sum of all counts */
    rc_buffer **slices; /* those that keep the keys' bytes, a reference each */
    size_t slice_count, slice_room;
};

/* Returns: one new reference to an empty table; NULL: RC_NO_MEMORY. */
struct table *table_new(void);

/* Make room for one slice more, so that table_keep() cannot fail. Errors: RC_NO_MEMORY. */
enum rc_status table_reserve_slice(struct table *self);

/* Keep @p slice, to which keys point, as long as the table lives. Borrows: slice. */
void table_keep(struct table *self, rc_buffer *slice);

/* The entry of a word that is not in the table yet, when @p free is where it was looked for: that
 * one, or its place in a larger table. Returns: borrowed, until the next call; NULL: no memory. */
struct entry *table_insert(struct table *self, struct entry *free, const struct word *word);

/* Add the counts of @p other and move its slices over; @p other is empty of them afterwards.
 * Errors: RC_NO_MEMORY; then both are in between, and can only be released. */
enum rc_status table_merge(struct table *self, struct table *other);

static inline size_t table_size(const struct table *self)
{
    return (size_t)1 << self->bits;
}

static inline size_t table_place(const struct table *self, uint64_t hash)
{
    return (size_t)(hash >> (64 - self->bits));
}

/* The word's entry, or the free one where it would stand. There always is a free one. */
static inline struct entry *table_find(const struct table *self, const struct word *word)
{
    size_t mask = table_size(self) - 1;
    for (size_t place = table_place(self, word->hash);; place = (place + 1) & mask) {
        struct entry *entry = &self->entries[place];
        if (entry->count == 0) return entry;
        if (entry->word.hash == word->hash && entry->word.length == word->length &&
            (word->length <= WORD_HASH_EXACT ||
             word_equal(entry->word.bytes, word->bytes, word->length)))
            return entry;
    }
}

/* One more occurrence, or several. Errors: RC_NO_MEMORY; nothing has changed. */
static inline enum rc_status table_add(struct table *self, const struct word *word, size_t count)
{
    struct entry *entry = table_find(self, word);
    if (entry->count == 0 && !(entry = table_insert(self, entry, word))) return RC_NO_MEMORY;
    entry->count += count;
    self->words += count;
    return RC_OK;
}

#endif
