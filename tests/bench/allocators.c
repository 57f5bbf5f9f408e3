/* SPDX-License-Identifier: MIT */
/* mimalloc and jemalloc: blocks without an owner, which is all that they offer. Both libraries define
 * malloc; opened locally they replace nobody's, and their own functions are looked up in them. */
#include "peers.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL = 64, PAGE = 4096, LARGE = 1 << 20 };

static const size_t resize_from = (size_t)1 << 20, resize_to = (size_t)128 << 20;

struct allocator {
    void *(*allocate)(size_t size);
    void *(*reallocate)(void *block, size_t size);
    void (*release)(void *block);
};

static unsigned char piece[SMALL];

/* The functions' names start with @p prefix. False: @p why says why the library is not there. */
static bool open_allocator(struct allocator *allocator, const char *library, const char *prefix,
                           const char *package, char why[static 128])
{
    char names[3][32];
    snprintf(names[0], sizeof names[0], "%smalloc", prefix);
    snprintf(names[1], sizeof names[1], "%srealloc", prefix);
    snprintf(names[2], sizeof names[2], "%sfree", prefix);
    void *opened = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!opened || !peer_find(opened, names[0], &allocator->allocate) ||
        !peer_find(opened, names[1], &allocator->reallocate) ||
        !peer_find(opened, names[2], &allocator->release)) {
        snprintf(why, 128, "%.100s (%s)", dlerror(), package);
        return false;
    }
    if (allocator->allocate == malloc) give_up("a replacement's malloc is the C library's");
    check_malloc();
    return true;
}

void make_room_for_peers(void)
{
    setenv("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=16384", 0);
}

/* ---- what each of them does ------------------------------------------------------------------ */

BENCH_BODY blocks(size_t operations, const struct allocator *by, size_t size)
{
    for (size_t i = 0; i < operations; i++) {
        void *block = need(by->allocate(size));
        touch(block, size);
        by->release(opaque(block));
    }
}

enum { FEW = 20, MANY = 1000 };

static void *alive[MANY];

BENCH_BODY blocks_at_once(size_t operations, const struct allocator *by, size_t count)
{
    for (size_t done = 0; done < operations; done += count) {
        for (size_t i = 0; i < count; i++) touch(alive[i] = need(by->allocate(SMALL)), SMALL);
        for (size_t i = 0; i < count; i++) by->release(opaque(alive[i]));
    }
}

/* As realloc does it in bytes.c: a block that doubles. */
BENCH_BODY append(size_t operations, const struct allocator *by)
{
    unsigned char *data = NULL;
    size_t size = 0, capacity = 0;
    for (size_t i = 0; i < operations; i++) {
        if (capacity - size < sizeof piece) {
            capacity = capacity ? 2 * capacity : sizeof piece;
            data = need(by->reallocate(data, capacity));
        }
        memcpy(opaque(data + size), opaque(piece), sizeof piece);
        size += sizeof piece;
    }
    by->release(data);
}

BENCH_BODY resize(size_t operations, const struct allocator *by)
{
    for (size_t i = 0; i < operations; i++) {
        unsigned char *data = NULL;
        for (size_t old = 0, size = resize_from; size <= resize_to; old = size, size *= 2) {
            data = need(by->reallocate(data, size));
            for (size_t at = old; at < size; at += PAGE) *(volatile unsigned char *)(data + at) = 1;
        }
        by->release(data);
    }
}

static void *block_to_weigh(const struct allocator *by, size_t payload)
{
    return memset(need(by->allocate(payload)), 1, payload);
}

static void *block_to_hand_over(const struct allocator *by, size_t payload)
{
    void *block = need(by->allocate(payload));
    touch_first(block);
    return block;
}

static void take_over(const struct allocator *by, void *block)
{
    read_first(block);
    by->release(block);
}

/* ---- each of them ---------------------------------------------------------------------------- */

#define ALLOCATOR(name, library, prefix, package)                                                  \
    static struct allocator name;                                                                  \
    static const char *name##_absent(void)                                                         \
    {                                                                                              \
        static char why[128];                                                                      \
        return open_allocator(&name, library, prefix, package, why) ? NULL : why;                  \
    }                                                                                              \
    BENCH_PLACES(name##_small, blocks(operations, &name, SMALL))                                   \
    BENCH_PLACES(name##_few, blocks_at_once(operations, &name, FEW))                               \
    BENCH_PLACES(name##_many, blocks_at_once(operations, &name, MANY))                             \
    BENCH_PLACES(name##_page, blocks(operations, &name, PAGE))                                     \
    BENCH_PLACES(name##_large, blocks(operations, &name, LARGE))                                   \
    BENCH_LOOP static void name##_append(size_t operations)                                        \
    {                                                                                              \
        append(operations, &name);                                                                 \
    }                                                                                              \
    BENCH_LOOP static void name##_resize(size_t operations)                                        \
    {                                                                                              \
        resize(operations, &name);                                                                 \
    }                                                                                              \
    static void *name##_weigh(size_t payload)                                                      \
    {                                                                                              \
        return block_to_weigh(&name, payload);                                                     \
    }                                                                                              \
    static void *name##_hand(size_t payload)                                                       \
    {                                                                                              \
        return block_to_hand_over(&name, payload);                                                 \
    }                                                                                              \
    static void name##_take(void *block)                                                           \
    {                                                                                              \
        take_over(&name, block);                                                                   \
    }                                                                                              \
    static void name##_free(void *block)                                                           \
    {                                                                                              \
        name.release(block);                                                                       \
    }

ALLOCATOR(mimalloc, "libmimalloc.so.2", "mi_", "libmimalloc2.0")
ALLOCATOR(jemalloc, "libjemalloc.so.2", "", "libjemalloc2")

#define TIMED(row, name, loop)                                                                     \
    {                                                                                              \
        (row), #name ", blocks", KIND_PEER, .absent = name##_absent, .run = name##_##loop          \
    }
#define HANDED_OVER(row, name)                                                                     \
    {                                                                                              \
        (row), #name ", blocks", KIND_PEER, .absent = name##_absent, .make = name##_hand,          \
                                            .unmake = name##_take                                  \
    }
#define WEIGHED(row, name)                                                                         \
    {                                                                                              \
        (row), #name ", blocks", KIND_PEER, .absent = name##_absent, .make = name##_weigh,         \
                                            .unmake = name##_free                                  \
    }
#define BOTH(entry, row)      entry(row, mimalloc), entry(row, jemalloc)
#define BOTH_TIMED(row, loop) TIMED(row, mimalloc, loop), TIMED(row, jemalloc, loop)

static const struct contestant table[] = {
    BOTH_TIMED("object", small),      BOTH_TIMED("object-started", small),
    BOTH_TIMED("object-20", few),     BOTH_TIMED("object-1000", many),
    BOTH_TIMED("buffer-64", small),   BOTH_TIMED("buffer-64-started", small),
    BOTH_TIMED("buffer-4k", page),    BOTH_TIMED("buffer-1m", large),
    BOTH_TIMED("memory", small),      BOTH_TIMED("append", append),
    BOTH_TIMED("resize", resize),     BOTH_TIMED("pool", page),
    BOTH_TIMED("pool-started", page), BOTH(HANDED_OVER, "hand-over"),
    BOTH(WEIGHED, "weight-object"),   BOTH(WEIGHED, "weight-buffer"),
};
CONTESTANTS(contestants_allocators, table);
