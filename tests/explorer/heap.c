/* SPDX-License-Identifier: MIT */
/*
 * Memory for scenarios: the same addresses and contents in every schedule.
 *
 * Each thread allocates from an arena of its own, so that what it gets does not depend on the
 * others. Freed memory is not used again within a schedule: touching it is found, whoever does it.
 * What lives after the warm-up (records of the account, tables that grew) stays, and is put back
 * with the program's static variables before each schedule.
 */
#define _GNU_SOURCE
#include "runtime.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

extern unsigned char __data_start[], _end[];

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);
int __wrap_posix_memalign(void **block, size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *heap_map(size_t size)
{
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start != MAP_FAILED) return start;
    fprintf(stderr, "explorer: cannot map %zu bytes\n", size);
    _exit(2);
}

void heap_set_up(void)
{
    explorer->statics = __data_start;
    explorer->statics_size = (size_t)(_end - __data_start);
    explorer->statics_base = heap_map(explorer->statics_size);
    explorer->touched = heap_map(explorer->statics_size / PAGE + 1);
    explorer->arenas = heap_map(THREADS * ARENA_SIZE);
    explorer->arenas_base = heap_map(THREADS * ARENA_SIZE);
    explorer->cells =
        heap_map((explorer->statics_size + THREADS * ARENA_SIZE) * sizeof(struct cell));
    for (int i = 0; i < THREADS; i++)
        explorer->threads[i].arena = explorer->arenas + (size_t)i * ARENA_SIZE;
}

void heap_keep(void)
{
    __real_memcpy(explorer->statics_base, explorer->statics, explorer->statics_size);
    for (int i = 0; i < THREADS; i++) {
        struct thread *thread = &explorer->threads[i];
        thread->arena_base = thread->arena_used;
        __real_memcpy(explorer->arenas_base + (size_t)i * ARENA_SIZE, thread->arena,
                      thread->arena_used);
    }
    explorer->block_base = explorer->block_count;
    for (size_t i = 0; i < explorer->block_base; i++)
        explorer->blocks[i].kept = explorer->blocks[i].live;
}

void heap_touch(uintptr_t address, size_t size)
{
    size_t offset = address - (uintptr_t)explorer->statics;
    if (size == 0 || offset >= explorer->statics_size) return;
    for (size_t page = offset / PAGE; page <= (offset + size - 1) / PAGE; page++)
        explorer->touched[page] = true;
}

/* Only what was written to: the static variables of a program can be megabytes. */
static void reset_statics(void)
{
    for (size_t start = 0; start < explorer->statics_size; start += PAGE) {
        if (!explorer->touched[start / PAGE]) continue;
        size_t rest = explorer->statics_size - start;
        __real_memcpy(explorer->statics + start, explorer->statics_base + start,
                      rest < PAGE ? rest : PAGE);
        explorer->touched[start / PAGE] = false;
    }
}

void heap_reset(void)
{
    reset_statics();
    for (int i = 0; i < THREADS; i++) {
        struct thread *thread = &explorer->threads[i];
        thread->arena_used = thread->arena_base;
        __real_memcpy(thread->arena, explorer->arenas_base + (size_t)i * ARENA_SIZE,
                      thread->arena_base);
    }
    explorer->block_count = explorer->block_base;
    for (size_t i = 0; i < explorer->block_base; i++)
        explorer->blocks[i].live = explorer->blocks[i].kept;
}

void heap_check_leaks(void)
{
    for (size_t i = explorer->block_base; i < explorer->block_count; i++) {
        const struct block *block = &explorer->blocks[i];
        if (block->live)
            explorer_fail("leak: %zu bytes at %p, allocated by %p", block->size,
                          (void *)block->start, block->where);
    }
}

/* ---- cells ----------------------------------------------------------------------------------- */

struct cell *heap_cell(uintptr_t address)
{
    uintptr_t statics = (uintptr_t)explorer->statics, arenas = (uintptr_t)explorer->arenas;
    size_t index;
    if (address - statics < explorer->statics_size)
        index = address - statics;
    else if (address - arenas < THREADS * ARENA_SIZE)
        index = explorer->statics_size + (address - arenas);
    else
        return NULL;
    struct cell *cell = &explorer->cells[index];
    if (cell->schedule != explorer->schedule) *cell = (struct cell){.schedule = explorer->schedule};
    return cell;
}

/* The part of an arena that the warm-up filled is taken for alive. */
static bool is_scratch(uintptr_t address)
{
    size_t offset = address - (uintptr_t)explorer->arenas;
    if (offset >= THREADS * ARENA_SIZE) return false;
    return offset % ARENA_SIZE >= explorer->threads[offset / ARENA_SIZE].arena_base;
}

void heap_check_alive(uintptr_t address, size_t size, void *where)
{
    for (size_t i = 0; i < size && is_scratch(address + i); i++) {
        const struct cell *cell = heap_cell(address + i);
        if (cell->block == 0)
            explorer_fail("access outside every block at %p, by %p", (void *)(address + i), where);
        const struct block *block = &explorer->blocks[cell->block - 1];
        if (!block->live)
            explorer_fail("use after free at %p, in a block of %zu bytes, by %p",
                          (void *)(address + i), block->size, where);
    }
}

/* ---- malloc and its family ------------------------------------------------------------------- */

enum { GAP = 16, FRESH = 0xA5 };

static void *block_new(size_t size, size_t alignment, int fill, void *where)
{
    struct thread *self = &explorer->threads[explorer->current];
    uintptr_t free_from = (uintptr_t)self->arena + self->arena_used + GAP;
    unsigned char *start = (unsigned char *)((free_from + alignment - 1) & ~(alignment - 1));
    size_t used = (size_t)(start - self->arena) + size;
    if (used > ARENA_SIZE || explorer->block_count == BLOCKS) {
        errno = ENOMEM;
        return NULL;
    }
    self->arena_used = (used + 15) & ~(size_t)15;
    explorer->blocks[explorer->block_count++] =
        (struct block){.start = start, .size = size, .where = where, .live = true};
    for (size_t i = 0; i < size; i++)
        heap_cell((uintptr_t)start + i)->block = (uint32_t)explorer->block_count;
    __real_memset(start, fill, size);
    return start;
}

static struct block *block_find(const void *start)
{
    for (size_t i = explorer->block_count; i-- > 0;)
        if (explorer->blocks[i].start == start) return &explorer->blocks[i];
    return NULL;
}

static void block_free(void *start, void *where)
{
    if (!start) return;
    struct block *block = block_find(start);
    if (!block) explorer_fail("free of %p, which is no block, by %p", start, where);
    if (!block->live) explorer_fail("double free of %p, by %p", start, where);
    clocks_access((uintptr_t)start, block->size, PLAIN_WRITE, where);
    block->live = false;
}

#define HERE __builtin_return_address(0)

void *__wrap_malloc(size_t size)
{
    return block_new(size, 16, FRESH, HERE);
}

void *__wrap_calloc(size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) return NULL;
    return block_new(total, 16, 0, HERE);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return block_new(size, alignment < 16 ? 16 : alignment, FRESH, HERE);
}

int __wrap_posix_memalign(void **block, size_t alignment, size_t size)
{
    void *made = block_new(size, alignment < 16 ? 16 : alignment, FRESH, HERE);
    if (!made) return ENOMEM;
    *block = made;
    return 0;
}

void *__wrap_realloc(void *block, size_t size)
{
    void *made = block_new(size, 16, FRESH, HERE);
    if (!made || !block) return made;
    const struct block *old = block_find(block);
    if (!old || !old->live) explorer_fail("realloc of %p, which is no block", block);
    size_t kept = old->size < size ? old->size : size;
    clocks_access((uintptr_t)block, kept, PLAIN_READ, HERE);
    __real_memcpy(made, block, kept);
    block_free(block, HERE);
    return made;
}

void __wrap_free(void *block)
{
    block_free(block, HERE);
}
