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
#define CALLOC(row)                                                                                \
    {                                                                                              \
        (row), "calloc, free", KIND_BARE, .run = run_calloc_small                                  \
    }
#define RCBUF(row, loop)                                                                           \
    {                                                                                              \
        (row), "rcbuf", KIND_OURS, .run = (loop)                                                   \
    }

static const struct contestant table[] = {
    MALLOC("object", run_malloc_small),
    CALLOC("object"),
    RCBUF("object", run_object),
    MALLOC("object-started", run_malloc_small),
    CALLOC("object-started"),
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
