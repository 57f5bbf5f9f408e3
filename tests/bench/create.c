/* SPDX-License-Identifier: MIT */
/* Create and destroy: objects, buffers, blocks. Everyone writes the first and the last byte. */
#include "bench.h"

#include <stdlib.h>

#include <buffer/buffer.h>
#include <rc/memory.h>

enum { SMALL = 64, PAGE = 4096, LARGE = 1 << 20 };

static const rc_type object_type = {.name = "of 64 B", .size = SMALL};

BENCH_BODY malloc_and_free(size_t operations, size_t size)
{
    for (size_t i = 0; i < operations; i++) {
        void *block = need(malloc(size));
        touch(block, size);
        free(opaque(block));
    }
}
BENCH_PLACES(run_malloc_small, malloc_and_free(operations, SMALL))
BENCH_PLACES(run_malloc_page, malloc_and_free(operations, PAGE))
BENCH_PLACES(run_malloc_large, malloc_and_free(operations, LARGE))

BENCH_BODY calloc_and_free(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        void *block = need(calloc(1, SMALL));
        touch(block, SMALL);
        free(opaque(block));
    }
}

BENCH_PLACES(run_calloc_small, calloc_and_free(operations))

BENCH_BODY object_and_release(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        void *object = need(rc_object_new(&object_type, 0));
        touch(object, SMALL);
        rc_release(opaque(object));
    }
}

BENCH_PLACES(run_object, object_and_release(operations))

/* ---- several alive at a time; an operation is one of them ------------------------------------------ */

enum { FEW = 20, MANY = 1000 };

static void *alive[MANY];

BENCH_BODY malloc_at_once(size_t operations, size_t count)
{
    for (size_t done = 0; done < operations; done += count) {
        for (size_t i = 0; i < count; i++) touch(alive[i] = need(malloc(SMALL)), SMALL);
        for (size_t i = 0; i < count; i++) free(opaque(alive[i]));
    }
}
BENCH_PLACES(run_malloc_few, malloc_at_once(operations, FEW))
BENCH_PLACES(run_malloc_many, malloc_at_once(operations, MANY))

BENCH_BODY calloc_at_once(size_t operations, size_t count)
{
    for (size_t done = 0; done < operations; done += count) {
        for (size_t i = 0; i < count; i++) touch(alive[i] = need(calloc(1, SMALL)), SMALL);
        for (size_t i = 0; i < count; i++) free(opaque(alive[i]));
    }
}
BENCH_PLACES(run_calloc_few, calloc_at_once(operations, FEW))
BENCH_PLACES(run_calloc_many, calloc_at_once(operations, MANY))

static void finalize(void *self)
{
    seen(self);
}

static const rc_type finalized_type = {
    .name = "of 64 B, with a finalizer", .size = SMALL, .finalize = finalize};

BENCH_BODY objects_at_once(size_t operations, size_t count, const rc_type *type)
{
    for (size_t done = 0; done < operations; done += count) {
        for (size_t i = 0; i < count; i++) touch(alive[i] = need(rc_object_new(type, 0)), SMALL);
        for (size_t i = 0; i < count; i++) rc_release(opaque(alive[i]));
    }
}
BENCH_PLACES(run_finalized, objects_at_once(operations, 1, &finalized_type))
BENCH_PLACES(run_objects_few, objects_at_once(operations, FEW, &object_type))
BENCH_PLACES(run_finalized_few, objects_at_once(operations, FEW, &finalized_type))
BENCH_PLACES(run_objects_many, objects_at_once(operations, MANY, &object_type))
BENCH_PLACES(run_finalized_many, objects_at_once(operations, MANY, &finalized_type))

/* ---- buffers and blocks -------------------------------------------------------------------------- */

/* Written through data: what asking for write access costs is not this row's business. */
BENCH_BODY buffer_and_release(size_t operations, size_t size)
{
    for (size_t i = 0; i < operations; i++) {
        rc_buffer *buffer = need(rc_buffer_new(size));
        touch((void *)(uintptr_t)buffer->data, size);
        rc_release(opaque(buffer));
    }
}
BENCH_PLACES(run_buffer_small, buffer_and_release(operations, SMALL))
BENCH_PLACES(run_buffer_page, buffer_and_release(operations, PAGE))
BENCH_PLACES(run_buffer_large, buffer_and_release(operations, LARGE))

BENCH_BODY memory_and_free(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        void *block = need(rc_memory_allocate(SMALL));
        touch(block, SMALL);
        rc_memory_free(opaque(block));
    }
}

BENCH_PLACES(run_memory, memory_and_free(operations))

#define MALLOC(row, loop)                                                                          \
    {                                                                                              \
        (row), "malloc, free", KIND_BARE, .run = (loop)                                            \
    }
#define CALLOC(row, loop)                                                                          \
    {                                                                                              \
        (row), "calloc, free", KIND_BARE, .run = (loop)                                            \
    }
#define FINALIZED(row, loop)                                                                       \
    {                                                                                              \
        (row), "rcbuf, with a finalizer", KIND_OURS, .run = (loop)                                 \
    }
#define RCBUF(row, loop)                                                                           \
    {                                                                                              \
        (row), "rcbuf", KIND_OURS, .run = (loop)                                                   \
    }

static const struct contestant table[] = {
    MALLOC("object", run_malloc_small),
    CALLOC("object", run_calloc_small),
    RCBUF("object", run_object),
    MALLOC("object-finalized", run_malloc_small),
    FINALIZED("object-finalized", run_finalized),
    MALLOC("object-20", run_malloc_few),
    CALLOC("object-20", run_calloc_few),
    RCBUF("object-20", run_objects_few),
    FINALIZED("object-20", run_finalized_few),
    MALLOC("object-1000", run_malloc_many),
    CALLOC("object-1000", run_calloc_many),
    RCBUF("object-1000", run_objects_many),
    FINALIZED("object-1000", run_finalized_many),
    MALLOC("object-started", run_malloc_small),
    CALLOC("object-started", run_calloc_small),
    RCBUF("object-started", run_object),
    MALLOC("buffer-64", run_malloc_small),
    RCBUF("buffer-64", run_buffer_small),
    MALLOC("buffer-64-started", run_malloc_small),
    RCBUF("buffer-64-started", run_buffer_small),
    MALLOC("buffer-4k", run_malloc_page),
    RCBUF("buffer-4k", run_buffer_page),
    MALLOC("buffer-1m", run_malloc_large),
    RCBUF("buffer-1m", run_buffer_large),
    MALLOC("memory", run_malloc_small),
    RCBUF("memory", run_memory),
};
CONTESTANTS(contestants_create, table);
