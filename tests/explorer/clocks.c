/* SPDX-License-Identifier: MIT */
/*
 * Happens-before by vector clocks, from the memory orders that the code passes.
 *
 * A release store leaves its thread's clock at the location; an acquire load joins it. A relaxed
 * store starts a new sequence that nobody synchronises with; a read-modify-write carries the
 * sequence on. Sequential consistency counts as acquire and release. Fences work through what
 * relaxed loads saw before, and what relaxed stores leave after.
 *
 * Two accesses to a byte race if one is a write, one is plain, and neither happens before the
 * other. Freeing a block is a plain write to all of it.
 */
#include "runtime.h"

static struct thread *self(void)
{
    return &explorer->threads[explorer->current];
}

void clocks_reset(void)
{
    for (int i = 0; i < THREADS; i++) {
        struct thread *thread = &explorer->threads[i];
        thread->clock = thread->acquired = thread->released = thread->order = (clock_vector){0};
        thread->clock[i] = 1;
    }
}

/* ---- races ----------------------------------------------------------------------------------- */

static const char *const access_names[ACCESSES] = {"read", "write", "atomic read", "atomic write"};

static bool conflict(enum access a, enum access b)
{
    bool writes = a == PLAIN_WRITE || a == ATOMIC_WRITE || b == PLAIN_WRITE || b == ATOMIC_WRITE;
    return writes && (a <= PLAIN_WRITE || b <= PLAIN_WRITE);
}

static void check_forbidden(uintptr_t address, size_t size, enum access access, void *where)
{
    if (access != PLAIN_WRITE && access != ATOMIC_WRITE) return;
    for (int i = 0; i < explorer->forbidden_count; i++) {
        uintptr_t start = (uintptr_t)explorer->forbidden[i];
        if (address < start + explorer->forbidden_size[i] && start < address + size)
            explorer_fail("%s at %p to bytes that must not be written, by %p", access_names[access],
                          (void *)address, where);
    }
}

static void check_byte(struct cell *cell, uintptr_t address, enum access access, void *where)
{
    for (enum access other = 0; other < ACCESSES; other++)
        if (conflict(access, other) && !clock_within(cell->seen[other], self()->clock))
            explorer_fail("data race at %p: %s by %p, %s by %p or before", (void *)address,
                          access_names[access], where, access_names[other], cell->where[other]);
    cell->seen[access][explorer->current] = self()->clock[explorer->current];
    cell->where[access] = where;
}

void clocks_access(uintptr_t address, size_t size, enum access access, void *where)
{
    if (!is_exploring()) return;
    heap_check_alive(address, size, where);
    if (access == PLAIN_WRITE || access == ATOMIC_WRITE) heap_touch(address, size);
    if (explorer->current == 0) return; /* alone: everything before and after is ordered */
    if (explorer->forbidden_count) check_forbidden(address, size, access, where);
    for (size_t i = 0; i < size; i++) {
        struct cell *cell = heap_cell(address + i);
        if (!cell) return;
        check_byte(cell, address + i, access, where);
    }
}

/* ---- synchronisation ------------------------------------------------------------------------- */

static bool acquires(int order)
{
    return order == __ATOMIC_ACQUIRE || order == __ATOMIC_CONSUME || order == __ATOMIC_ACQ_REL ||
           order == __ATOMIC_SEQ_CST;
}

static bool releases(int order)
{
    return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

/* What happens after a release is not covered by it. */
static void tick(void)
{
    self()->clock[explorer->current]++;
}

static struct cell *watched(uintptr_t address)
{
    return is_exploring() && explorer->current ? heap_cell(address) : NULL;
}

void clocks_load(uintptr_t address, int order)
{
    struct cell *cell = watched(address);
    if (!cell) return;
    self()->acquired = clock_join(self()->acquired, cell->released);
    if (acquires(order)) self()->clock = clock_join(self()->clock, cell->released);
}

void clocks_store(uintptr_t address, int order)
{
    struct cell *cell = watched(address);
    if (!cell) return;
    cell->released = releases(order) ? self()->clock : self()->released;
    if (releases(order)) tick();
}

void clocks_exchange(uintptr_t address, int order)
{
    struct cell *cell = watched(address);
    if (!cell) return;
    clocks_load(address, order);
    clock_vector given = releases(order) ? self()->clock : self()->released;
    cell->released = clock_join(cell->released, given);
    if (releases(order)) tick();
}

void clocks_fence(int order)
{
    if (!is_exploring() || explorer->current == 0) return;
    if (acquires(order)) self()->clock = clock_join(self()->clock, self()->acquired);
    if (!releases(order)) return;
    self()->released = self()->clock;
    tick();
}
