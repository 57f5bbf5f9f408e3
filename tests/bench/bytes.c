/* SPDX-License-Identifier: MIT */
/* Slices, adopted memory, and buffers that grow. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#include <buffer/buffer.h>
#include <rc/memory.h>

enum { PIECE = 64, PAGE = 4096 };

static const size_t most = (size_t)64 << 20; /* where appending ends, in bytes */
static const size_t resize_from = (size_t)1 << 20, resize_to = (size_t)128 << 20;

/* ---- slice ----------------------------------------------------------------------------------- */

struct view {
    int count;
    struct view *root;
    unsigned char *data;
    size_t size;
};

static unsigned char bytes[PAGE];
static struct view root_view = {.count = 1, .data = bytes, .size = PAGE};
static rc_buffer *root_buffer;

static void make_root(void)
{
    root_buffer = need(rc_buffer_new_zeroed(PAGE));
}

static inline struct view *view_new(struct view *root, size_t offset, size_t size)
{
    struct view *view = need(malloc(sizeof *view));
    __atomic_fetch_add(&root->count, 1, __ATOMIC_RELAXED);
    *view = (struct view){.count = 1, .root = root, .data = root->data + offset, .size = size};
    return view;
}

static inline void view_release(struct view *view)
{
    if (__atomic_sub_fetch(&view->count, 1, __ATOMIC_ACQ_REL) != 0) return;
    if (__atomic_sub_fetch(&view->root->count, 1, __ATOMIC_ACQ_REL) == 0) give_up("a dead root");
    free(view);
}

BENCH_BODY views_and_releases(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        struct view *view = opaque(view_new(opaque(&root_view), PIECE, PIECE));
        view_release(view);
    }
}
BENCH_PLACES(run_view, views_and_releases(operations))

BENCH_BODY slices_and_releases(size_t operations)
{
    rc_buffer *root = root_buffer;
    for (size_t i = 0; i < operations; i++) {
        rc_buffer *slice = need(rc_buffer_slice(opaque(root), PIECE, PIECE));
        rc_release(slice);
    }
}
BENCH_PLACES(run_slice, slices_and_releases(operations))

/* ---- adopt ----------------------------------------------------------------------------------- */

typedef void release_function(void *data, size_t size, void *context);

struct control_block {
    int count;
    void *data;
    size_t size;
    release_function *release;
    void *context;
};

static size_t released;

static void count_release(void *data, size_t size, void *context)
{
    (void)data, (void)size;
    ++*(size_t *)context;
}

BENCH_BODY control_blocks(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        struct control_block *block = need(malloc(sizeof *block));
        *block = (struct control_block){1, bytes, PAGE, count_release, &released};
        block = opaque(block);
        if (__atomic_sub_fetch(&block->count, 1, __ATOMIC_ACQ_REL) != 0) continue;
        block->release(block->data, block->size, block->context);
        free(block);
    }
}
BENCH_PLACES(run_control_block, control_blocks(operations))

BENCH_BODY adopts_and_releases(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        rc_buffer *buffer = need(rc_buffer_adopt(bytes, PAGE, count_release, &released));
        rc_release(buffer);
    }
}
BENCH_PLACES(run_adopt, adopts_and_releases(operations))

/* ---- append ---------------------------------------------------------------------------------- */

static unsigned char piece[PIECE];
static unsigned char *warm;

static void warm_up(void)
{
    warm = memset(need(malloc(most)), 1, most);
}

/* The limit: the bytes are copied once, to where there is room already. */
BENCH_LOOP static void run_append_warm(size_t operations)
{
    unsigned char *to = warm;
    for (size_t i = 0; i < operations; i++) {
        memcpy(opaque(to), opaque(piece), PIECE);
        to += PIECE;
    }
}

BENCH_LOOP static void run_append_realloc(size_t operations)
{
    unsigned char *data = NULL;
    size_t size = 0, capacity = 0;
    for (size_t i = 0; i < operations; i++) {
        if (capacity - size < PIECE) {
            capacity = capacity ? 2 * capacity : PIECE;
            data = need(realloc(data, capacity));
        }
        memcpy(opaque(data + size), opaque(piece), PIECE);
        size += PIECE;
    }
    free(data);
}

BENCH_LOOP static void run_append_rcbuf(size_t operations)
{
    rc_buffer *buffer = need(rc_buffer_new(0));
    for (size_t i = 0; i < operations; i++)
        if (rc_buffer_append(buffer, opaque(piece), PIECE) != RC_OK) give_up(rc_error_message());
    rc_release(buffer);
}

/* Without pages that idle from before, and leaving none. */
BENCH_LOOP static void run_append_fresh(size_t operations)
{
    run_append_rcbuf(operations);
    rc_memory_trim();
}

/* ---- resize ---------------------------------------------------------------------------------- */

/* One byte in each page that is new, as whoever grows a block is about to use it. */
static void touch_pages(unsigned char *data, size_t from, size_t to)
{
    for (size_t at = from; at < to; at += PAGE) *(volatile unsigned char *)(data + at) = 1;
}

BENCH_LOOP static void run_resize_realloc(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        unsigned char *data = NULL;
        for (size_t old = 0, size = resize_from; size <= resize_to; old = size, size *= 2) {
            data = need(realloc(data, size));
            touch_pages(data, old, size);
        }
        free(data);
    }
}

BENCH_LOOP static void run_resize_rcbuf(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        rc_buffer *buffer = need(rc_buffer_new(0));
        for (size_t old = 0, size = resize_from; size <= resize_to; old = size, size *= 2) {
            if (rc_buffer_resize(buffer, size) != RC_OK) give_up(rc_error_message());
            touch_pages((unsigned char *)(uintptr_t)buffer->data, old, size);
        }
        rc_release(buffer);
    }
}

BENCH_LOOP static void run_resize_fresh(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        run_resize_rcbuf(1);
        rc_memory_trim();
    }
}

/* ---------------------------------------------------------------------------------------------- */

#define VIEW(row)                                                                                  \
    {                                                                                              \
        (row), "malloc'd view", KIND_BARE, .run = run_view                                         \
    }
#define SLICE(row)                                                                                 \
    {                                                                                              \
        (row), "rcbuf", KIND_OURS, .set_up = make_root, .run = run_slice                           \
    }

static const struct contestant table[] = {
    VIEW("slice"),
    SLICE("slice"),
    VIEW("slice-started"),
    SLICE("slice-started"),
    {"adopt", "malloc'd control block", KIND_BARE, .run = run_control_block},
    {"adopt", "rcbuf", KIND_OURS, .run = run_adopt},
    {"append", "memcpy, warm", KIND_BARE, .set_up = warm_up, .run = run_append_warm},
    {"append", "realloc, doubling", KIND_BARE, .run = run_append_realloc},
    {"append", "rcbuf, recycled", KIND_OURS, .run = run_append_rcbuf},
    {"append-fresh", "realloc, doubling", KIND_BARE, .run = run_append_realloc},
    {"append-fresh", "rcbuf, fresh", KIND_OURS, .run = run_append_fresh},
    {"resize", "realloc", KIND_BARE, .run = run_resize_realloc},
    {"resize", "rcbuf, recycled", KIND_OURS, .run = run_resize_rcbuf},
    {"resize-fresh", "realloc", KIND_BARE, .run = run_resize_realloc},
    {"resize-fresh", "rcbuf, fresh", KIND_OURS, .run = run_resize_fresh},
};
CONTESTANTS(contestants_bytes, table);
