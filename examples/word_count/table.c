/* SPDX-License-Identifier: MIT */
/* The table's life, growth and merging. A quarter of the entries is always free. */
#include "table.h"

#include <rc/memory.h>
#include <rc/scope.h>
#include <string.h>

#define FIRST_BITS   10
#define FIRST_SLICES 16

static void finalize(void *object)
{
    struct table *self = object;
    rc_memory_free(self->entries);
    for (size_t i = 0; i < self->slice_count; i++) rc_release(self->slices[i]);
    rc_memory_free(self->slices);
}

static const rc_type table_type = {
    .name = "word_count.table",
    .size = sizeof(struct table),
    .finalize = finalize,
};

/* Free entries. They are written, not taken as zeroed pages: a page that is first read, as
 * table_find() does, and then written costs two page faults, and the second of them interrupts the
 * other threads. */
static struct entry *new_entries(unsigned bits)
{
    size_t size = sizeof(struct entry) << bits;
    struct entry *entries = rc_memory_allocate(size);
    return entries ? memset(entries, 0, size) : NULL;
}

struct table *table_new(void)
{
    RC_AUTO(struct table, self) = rc_new(struct table, &table_type);
    if (!self) return NULL;
    self->bits = FIRST_BITS;
    self->entries = new_entries(FIRST_BITS);
    if (!self->entries) return NULL;
    return rc_steal(&self);
}

enum rc_status table_reserve_slice(struct table *self)
{
    if (self->slice_count < self->slice_room) return RC_OK;
    size_t room = self->slice_room ? 2 * self->slice_room : FIRST_SLICES;
    rc_buffer **slices = rc_memory_reallocate_array(self->slices, room, sizeof(rc_buffer *));
    if (!slices) return rc_error_status();
    self->slices = slices;
    self->slice_room = room;
    return RC_OK;
}

void table_keep(struct table *self, rc_buffer *slice)
{
    self->slices[self->slice_count++] = rc_retain(slice);
}

/* Twice the room. The old entries are walked in their order, which is the order of the new ones. */
static enum rc_status grow(struct table *self)
{
    struct table grown = *self;
    grown.bits++;
    grown.entries = new_entries(grown.bits);
    if (!grown.entries) return rc_error_status();
    for (size_t i = 0; i < table_size(self); i++)
        if (self->entries[i].count) *table_find(&grown, &self->entries[i].word) = self->entries[i];
    rc_memory_free(self->entries);
    *self = grown;
    return RC_OK;
}

struct entry *table_insert(struct table *self, struct entry *free, const struct word *word)
{
    if (self->used >= table_size(self) / 4 * 3) {
        if (grow(self)) return NULL;
        free = table_find(self, word);
    }
    free->word = *word;
    self->used++;
    return free;
}

static enum rc_status move_slices(struct table *self, struct table *other)
{
    while (other->slice_count) {
        if (table_reserve_slice(self)) return rc_error_status();
        self->slices[self->slice_count++] = other->slices[--other->slice_count];
    }
    return RC_OK;
}

enum rc_status table_merge(struct table *self, struct table *other)
{
    if (move_slices(self, other)) return rc_error_status();
    for (size_t i = 0; i < table_size(other); i++) {
        const struct entry *entry = &other->entries[i];
        if (entry->count && table_add(self, &entry->word, entry->count)) return rc_error_status();
    }
    return RC_OK;
}
