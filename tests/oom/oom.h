/* SPDX-License-Identifier: MIT */
/**
 * @file tests/oom/oom.h
 * The out-of-memory sweep: every public call, with each of its requests for memory failing.
 *
 * A scenario prepares its things on a stage, watches them, and acts: one call of the library. The
 * sweep (main.c) acts again and again, failing the first request, the second and so on, once and
 * for ever, until nothing fails any more. After each failure the answer was RC_NO_MEMORY with a
 * message, what is watched is as before, nothing has leaked, and acting again succeeds.
 */
#ifndef TESTS_OOM_OOM_H
#define TESTS_OOM_OOM_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer/map.h"
#include "rc/account.h"
#include "rc/memory.h"
#include "rc/weak.h"

/** What the things are like. */
struct shape {
    size_t size;
    size_t alignment;
    unsigned flags;
    bool own; /* from an allocator of their own, not from the default */
};

enum { WATCHED_MAX = 8 };

struct stage {
    const struct shape *shape;
    const struct rc_allocator *allocator; /* for things with one of their own; NULL: the default */
    const struct rc_allocator *failing;   /* the one that fails, whatever the shape */
    rc_buffer *buffer, *other, *result;
    rc_buffer **variable;
    void *object, *block, *made;
    rc_weak *weak;
    int sockets[2];
    unsigned char *bytes;
    const void *watched[WATCHED_MAX]; /* objects, whose count and payload stay */
    size_t watched_count;
};

struct scenario {
    const char *name;
    void (*prepare)(struct stage *stage); /* nothing fails yet; NULL: nothing to do */
    bool (*act)(struct stage *stage);     /* true: it succeeded */
    bool (*holds)(struct stage *stage);   /* after success; NULL: nothing to ask */
    void (*end)(struct stage *stage);     /* gives everything back; NULL: nothing */
    bool absorbs;                         /* may succeed although a request failed */
    bool asks_for_less;                   /* the same, if one more request is granted */
    bool quiet;                           /* asks for no memory at all */
    bool every_shape;                     /* for every size, alignment, wiping and allocator */
    bool every_size;                      /* for every size; neither: for the first shape alone */
};

struct scenarios {
    const struct scenario *first;
    size_t count;
};

extern const struct scenarios array_scenarios, buffer_scenarios, chain_scenarios, cycle_scenarios,
    format_scenarios, graph_scenarios, kind_scenarios, map_scenarios, npy_scenarios,
    object_scenarios, pool_scenarios, quiet_scenarios, slot_scenarios, thread_scenarios,
    timeline_scenarios, view_scenarios;

/** These bytes of an object are to stay as they are, and its count. */
void watch(struct stage *stage, const void *object);

/** The scenario is wrong, or the library: says where, and counts. */
void expect(bool condition, const char *what);

/* ---- failing (fail.c) ------------------------------------------------------------------------ */

enum place { PLACE_DEFAULT, PLACE_GUARDED, PLACE_LIMITED, PLACE_MALLOC, PLACES };

extern const char *const place_names[PLACES];

/** The default allocator, and one for things with their own, which fail as armed. */
const struct rc_allocator *fail_enter(enum place place);
/** The system's is the default again. Returns: false if blocks of a decorator are still out. */
bool fail_leave(void);
/** From the next request on, number @p n fails, and every later one too if for_ever. */
void fail_arm(size_t n, bool for_ever);
struct fail_count {
    size_t requests, failed;
};
/** No more failures. Returns: what came since it was armed. */
struct fail_count fail_disarm(void);
/** How many of the C library's have failed since it was armed; for any thread. */
size_t fail_failed(void);
/** How many mappings the library has now. */
size_t fail_mappings(void);

/* ---- what was called (called.c) -------------------------------------------------------------- */

struct public_function {
    const char *name;
    void (*address)(void);
};

/** Calls from here on count, or do not. */
void called_watch(bool on);
/** Prints the public functions that no scenario called. Returns: how many. */
size_t called_print_missing(void);
/** How many public functions there are; 0 in a program without the list. */
size_t called_count(void);

#endif
