/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Cells, but for what is done each time: what they stand for, and whom they are for. */
#include "block.h"
#include "tally.h"

static bool offers = true; /* cells do: rc__tally_set_default(); under the lock of the list */

static size_t bytes_in_cells(const struct rc__tally *tally, size_t cells)
{
    size_t bytes = 0;
    for (size_t i = 0; i < cells; i++) {
        size_t each = rc__tally_get(&tally->cells[i].bytes);
        if (each) bytes += rc__cell_content(&tally->cells[i]) * each;
    }
    return bytes;
}

size_t rc__tally_idle_bytes(const struct rc__tally *tally)
{
    return bytes_in_cells(tally, RC__CELLS);
}

size_t rc__tally_kept_bytes(const struct rc__tally *tally)
{
    return bytes_in_cells(tally, RC__CELL_POOLED);
}

/* Under the lock: all that the cell stands for is counted in the record itself, and nothing lies in it.
 * It publishes when the lock is free. */
static void settle(struct rc__tally *tally, struct rc__cell *cell)
{
    if (!cell->type) return;
    size_t content = rc__cell_content(cell), bytes = content * cell->bytes;
    struct rc__tally_count *count = rc__tally_type(tally, cell->type);
    rc__tally_add(&count->made, cell->recycled);
    rc__tally_add(&count->freed, cell->recycled + content);
    rc__tally_add(&tally->recycled, cell->recycled);
    if (cell->hits) rc__tally_add(cell->hits, cell->recycled);
    rc__tally_put(&cell->recycled, 0);
    __atomic_store_n(&cell->object, NULL, __ATOMIC_RELAXED);
    __atomic_store_n(&cell->behind, 0, __ATOMIC_RELAXED);
    rc__tally_put(&tally->bytes, rc__tally_get(&tally->bytes) - bytes);
}

/* Under the lock. */
static void make_offer(struct rc__cell *cell)
{
    __atomic_store_n(&cell->offer, offers ? cell->by : RC__OFFER_NONE, __ATOMIC_RELAXED);
}

static void offer_all(bool whether)
{
    offers = whether;
    for (struct rc__tally *tally = rc__tally_first(); tally; tally = tally->next)
        for (size_t i = 0; i < RC__CELLS; i++) make_offer(&tally->cells[i]);
}

void rc__tally_set_default(const struct rc_allocator *allocator, bool cells_offer)
{
    rc__tally_lock();
    if (!cells_offer) offer_all(false);
    __atomic_store_n(&rc__allocator_default, allocator, __ATOMIC_RELEASE);
    if (cells_offer) offer_all(true);
    rc__tally_unlock();
}

/* Bytes that may lie behind the first object of a cell. */
#define BEHIND_BYTES ((size_t)32 << 10)

static unsigned room_for(const struct rc__cell_like *like)
{
    if (like->is_single || !like->type) return 0;
    size_t fit = BEHIND_BYTES / (like->bytes + sizeof(void *));
    return fit < RC__CELL_BEHIND_MAX ? (unsigned)fit : RC__CELL_BEHIND_MAX;
}

/* Under the lock. */
static void dedicate(struct rc__cell *cell, const struct rc__cell_like *like)
{
    cell->type = like->type;
    cell->by = like->by;
    make_offer(cell);
    cell->size = like->size;
    rc__tally_put(&cell->bytes, like->bytes);
    cell->hits = like->hits;
    cell->discard = like->discard;
    cell->key = like->key;
    cell->room = room_for(like);
    cell->misses = 0;
    cell->judged = 0;
}

void rc__cell_set(struct rc__tally *tally, struct rc__cell *cell, const struct rc__cell_like *like)
{
    static const struct rc__cell_like nothing = {.by = RC__OFFER_NONE};
    rc__tally_lock();
    const struct rc__cell before = *cell;
    settle(tally, cell);
    dedicate(cell, like ? like : &nothing);
    rc__tally_unlock();
    rc__tally_bytes_down(tally, 0);
    if (before.object) before.discard(before.object, before.size);
    for (unsigned i = 0; i < before.behind; i++) before.discard(before.others[i], before.size);
}

void rc__cells_empty(struct rc__tally *tally, size_t cells)
{
    for (size_t i = 0; i < cells; i++)
        if (tally->cells[i].type) rc__cell_set(tally, &tally->cells[i], NULL);
}
