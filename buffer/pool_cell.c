/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * The cell of a thread (rc/tally.h) for its hottest buffer: one that died last, of the pool that
 * has the cell, and is still counted as alive in the thread's record. While a pool has it, the
 * cell's size is the key of the pool, and its key what a buffer's exports and state have to be: so
 * a take and a last release that find it look at the record alone, and count nothing but hits.
 *
 * The magazine of the pool that has the cell gives one place up for it, and knows it: so that what
 * lies there is within the pool's bounds and in its statistics.
 */
#include "pool_layout.h"

/* This thread's magazine whose pool has the cell; NULL: none. */
static RC_HOT_THREAD_LOCAL struct rc__pool_magazine *holder;

/* What lay in the cell is counted out by now. The thread's record may change hands meanwhile, so
 * the depot is there for what the magazine has no place for. */
static void discard(void *object, size_t key)
{
    (void)key;
    struct rc__pooled *buffer = object;
    struct rc__pool_core *core = buffer->core;
    if (holder && holder->core == core && holder->count < holder->capacity) {
        rc__pool_magazine_push(holder, buffer);
        return;
    }
    struct rc__pool_surplus surplus;
    rc__pool_lock(core);
    rc__surplus_begin(&surplus, core);
    if (!rc__depot_put(core, buffer)) rc__surplus_add(&surplus, buffer);
    rc__surplus_end(core, &surplus);
}

/* The magazine has its place again. */
static void forget_cell(struct rc__pool_magazine *magazine)
{
    rc__pool_lock(magazine->core);
    magazine->cell = NULL;
    magazine->capacity++;
    rc__pool_unlock(magazine->core);
}

/* A thread that ends has emptied its cells itself. */
static void empty_cell(const struct rc__pool_magazine *magazine, struct rc__cell *cell)
{
    if (cell->size == magazine->key) rc__cell_set(magazine->tally, cell, NULL);
}

void rc__pool_cell_leave(struct rc__pool_magazine *magazine)
{
    struct rc__cell *cell = magazine->cell;
    if (!cell) return;
    forget_cell(magazine);
    if (magazine->tally == rc__tally_mine) empty_cell(magazine, cell);
    holder = NULL;
}

void rc__pool_cell_inherit(struct rc__pool_magazine *magazine)
{
    struct rc__cell *cell = magazine->cell;
    if (!cell) return;
    struct rc__pool_magazine *mine = holder;
    magazine->cell = NULL;
    magazine->capacity++;
    holder = magazine;
    empty_cell(magazine, cell);
    holder = mine;
}

static bool may_enter(const struct rc__pool_magazine *magazine)
{
    return !rc__ledger_is_watching() && rc__tally_mine != &rc__tally_nobody &&
           magazine->capacity >= 2 && magazine->count < magazine->capacity &&
           rc__pool_get(&magazine->core->hot) == magazine->key;
}

void rc__pool_cell_enter(struct rc__pool_magazine *magazine)
{
    if (magazine->cell && magazine->cell->size == magazine->key) return;
    if (holder) rc__pool_cell_leave(holder);
    if (!may_enter(magazine)) return;
    struct rc__tally *tally = rc__tally_mine;
    struct rc__cell *cell = &tally->cells[RC__CELL_POOLED];
    rc__pool_lock(magazine->core);
    magazine->cell = cell;
    magazine->tally = tally;
    magazine->capacity--;
    rc__pool_unlock(magazine->core);
    holder = magazine;
    rc__cell_set(tally, cell,
                 &(struct rc__cell_like){.by = RC__OFFER_NONE, /* asked for by its size */
                                         .type = &rc__pooled_type.base,
                                         .size = magazine->key,
                                         .bytes = magazine->bytes,
                                         .key = magazine->plain,
                                         .hits = &magazine->hits,
                                         .discard = discard,
                                         .is_single = true});
}

void rc__pool_cell_enter_if_free(struct rc__pool_magazine *magazine)
{
    if (!holder) rc__pool_cell_enter(magazine);
}
