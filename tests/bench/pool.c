/* SPDX-License-Identifier: MIT */
/* Pools: a buffer of 4 KiB taken and given back; and taken here, given back by another thread. */
#include "bench.h"

#include <stdlib.h>

#include <buffer/pool.h>

enum { PAGE = 4096, KEPT = 1024 };

static rc_pool *pool;

static void make_pool(void)
{
    pool = need(rc_pool_new(PAGE, 0, KEPT));
}

BENCH_BODY malloc_and_free(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        void *block = need(malloc(PAGE));
        touch(block, PAGE);
        free(opaque(block));
    }
}
BENCH_PLACES(run_malloc, malloc_and_free(operations))

BENCH_BODY takes_and_releases(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        rc_buffer *buffer = need(rc_pool_take(opaque(pool)));
        touch((void *)(uintptr_t)buffer->data, PAGE);
        rc_release(opaque(buffer));
    }
}
BENCH_PLACES(run_pool, takes_and_releases(operations))

static void *make_taken(size_t payload)
{
    rc_buffer *buffer = need(rc_pool_take(opaque(pool)));
    if (buffer->size != payload) give_up("the pool's buffers have another size");
    touch_first((void *)(uintptr_t)buffer->data);
    return buffer;
}

static void unmake_taken(void *thing)
{
    rc_buffer *buffer = thing;
    read_first(buffer->data);
    rc_release(buffer);
}

#define POOL(row)                                                                                  \
    {(row), "malloc, free", KIND_BARE, .run = run_malloc},                                         \
    {                                                                                              \
        (row), "rcbuf pool", KIND_OURS, .set_up = make_pool, .run = run_pool                       \
    }

static const struct contestant table[] = {
    POOL("pool"),
    POOL("pool-started"),
    {"hand-over", "rcbuf pool", KIND_OURS, .set_up = make_pool, .make = make_taken,
     .unmake = unmake_taken},
};
CONTESTANTS(contestants_pool, table);
