/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/pool_layout.h
 * Private (not installed): the parts of a pool, who may touch them, and how they find each other.
 *
 *     rc_pool -> core <- buffer, out or idle       its bytes in its block, or in one of their own
 *                 |  \
 *               depot  magazine, magazine ...  <- the tables of the threads that they belong to
 *
 * A pool's core outlives the rc_pool as long as it has buffers or magazines. It is changed under
 * the lock of its slot, one of RC__POOL_SLOTS that all pools share: so the locks are never freed,
 * and a fork can hold all of them. A magazine's buffers, its capacity and its place in the table
 * are touched by its thread alone; its count and hits are read by others.
 *
 * Keys. A pool has a key, of which no other pool has ever the same, and each of its magazines knows
 * the key that the pool had when its thread last looked. The lowest digits of the key are the slot,
 * the place in a thread's table where the pool's magazine stands first. So a take or a last release
 * is: read the key, look into the table, compare, and move one pointer. To call on other threads,
 * a trim or the pool's end changes the key: what they hold then matches no more, and their next
 * visit goes the slow way, which settles it. Where that has to happen at each visit, since bytes
 * are poisoned or wiped, the key that the fast ways read is RC__KEY_NONE.
 *
 * Bounds. `limit` buffers may idle. Magazines reserve their capacity of it, together at most half,
 * and the depot holds no more than what is not reserved: whatever threads do, the sum stays within.
 * Where that makes takes miss that need not, the pool is gathered (pool_gather.c): magazines
 * reserve nothing, their key stays RC__KEY_SETTLED, and all goes through the depot.
 */
#ifndef BUFFER_POOL_LAYOUT_H
#define BUFFER_POOL_LAYOUT_H

#include "../rc/header.h"
#include "layout.h"
#include "pool.h"

enum {
    RC__POOL_SLOTS = 8,
    RC__POOL_MAGAZINE_ROOM = 32,          /* buffers, at most */
    RC__POOL_MAGAZINE_BYTES = 256 * 1024, /* of their bytes, at most */
    RC__KEY_NONE = 0,                     /* of a pool: no magazine has it */
    RC__KEY_SETTLED = 1,                  /* of a magazine: no pool has it */
    RC__KEY_SPENT = 2                     /* of a pool, after all others were used: never changes */
};

/* What a buffer of a pool is made of, and freed with. */
struct rc__pool_shape {
    const struct rc_allocator *allocator;
    size_t size;      /* of a buffer, in bytes */
    size_t alignment; /* of its bytes, >= RC_ALIGNMENT_DEFAULT */
    uint32_t state;   /* the rc__state of one that was just taken */
    bool watched;     /* idle memory is poisoned */
    bool inside; /* a buffer's bytes stand in its own block: one line less that threads hand over */
};

/* A buffer of a pool. While it idles, header and head are poisoned, and what comes after is not but for
 * its bytes. */
struct rc__pooled {
    rc_buffer head;
    struct rc__pool_core *core;
    union {
        unsigned char *apart;
        _Alignas(RC_ALIGNMENT_DEFAULT) unsigned char inside[1]; /* and so on, by the shape */
    } bytes;
};

static inline unsigned char *rc__pooled_bytes(const struct rc__pool_shape *shape,
                                              struct rc__pooled *buffer)
{
    return shape->inside ? (unsigned char *)&buffer->bytes : buffer->bytes.apart;
}

struct rc__pool_magazine {
    size_t key;
    size_t count;    /* of items */
    size_t capacity; /* reserved in the pool */
    size_t hits;
    size_t bytes; /* of a buffer, as they are accounted */
    uint64_t
        plain; /* what rc__exports and rc__state of a buffer read that nobody exports or froze */
    struct rc__pool_core *core;
    struct rc__cell *cell;   /* that holds one more of its buffers; NULL. Under the pool's lock */
    struct rc__tally *tally; /* whose cell that is */
    struct rc__pool_magazine *next_here; /* in its thread's table */
    struct rc__pool_magazine *next;      /* of the pool's magazines, or of its spare ones */
    bool orphaned;                       /* its thread does not exist in this process */
    struct rc__pooled *items[RC__POOL_MAGAZINE_ROOM]; /* the hottest last */
};

struct rc__pool_core {
    _Alignas(64) size_t hot; /* what the fast ways read: the key, or RC__KEY_NONE */
    size_t key;              /* changed under the lock; RC__KEY_NONE once the pool has ended */
    /* constant */
    struct rc__pool_shape shape;
    size_t limit;         /* buffers that may idle */
    size_t magazine_most; /* capacity of a magazine at most; 0: there are none */
    unsigned slot;
    bool gathered; /* magazines have no places. Changed under the lock, read without it too */
    /* under the lock */
    _Alignas(64) struct rc__pooled **depot;
    size_t depot_count, depot_room;
    size_t reserved;     /* capacities of all magazines */
    size_t blocks;       /* buffers that exist, out or idle */
    size_t trim_to;      /* of the last trim: what a magazine that missed it may leave idle */
    size_t hits, misses; /* those that no magazine counts */
    bool held;           /* the rc_pool needs the core, though nothing else may */
    const struct rc_pool *pool; /* for pictures; NULL once it has ended */
    bool freed_early;           /* a buffer was, for which some magazine had a place */
    size_t most_out; /* while it is gathered, since it was last asked how many that were */
    size_t watched;  /* takes since then */
    size_t watch;    /* takes until it is asked again */
    struct rc__pool_magazine *magazines, *spares;
    struct rc__pool_core *next; /* of those with this slot */
};

struct rc_pool {
    struct rc__pool_head head; /* as the core's */
    struct rc__pool_core *core;
};

extern RC_HIDDEN const struct rc__sized_type rc__pooled_type;
RC_HIDDEN void rc__pooled_describe(const void *self, struct rc__description *description);
RC_HIDDEN void rc__pool_describe(const void *self, struct rc__description *description);

/* How many keys pools have had, each made of its number; and how many they may have. */
#define RC__POOL_NUMBERS_MOST (SIZE_MAX / RC__POOL_SLOTS - 4096)
extern RC_HIDDEN size_t rc__pool_numbers;

/* A number of a magazine that others read while its thread writes it, and keys. */
static inline size_t rc__pool_get(const size_t *number)
{
    return __atomic_load_n(number, __ATOMIC_RELAXED);
}

static inline void rc__pool_put(size_t *number, size_t value)
{
    __atomic_store_n(number, value, __ATOMIC_RELAXED);
}

/* Of one that was just taken, or of one that idles: which says that it is gone to whoever retains,
 * releases or uses it. */
static inline void rc__pooled_mark(struct rc__pooled *buffer, int32_t shared, uint16_t flags)
{
    struct rc__count_word word = {.shared = shared, .flags = flags};
    memcpy(rc__header_of(buffer), &word, sizeof word);
}

static inline void rc__pooled_mark_idle(struct rc__pooled *buffer)
{
    rc__pooled_mark(buffer, RC__COUNT_GONE, RC__FLAG_FINALIZING);
}

static inline void rc__pooled_mark_taken(struct rc__pooled *buffer)
{
    rc__pooled_mark(buffer, 0, 0);
}

_Static_assert(offsetof(rc_buffer, rc__exports) == RC__CELL_KEY_OFFSET &&
                   offsetof(rc_buffer, rc__state) == RC__CELL_KEY_OFFSET + 4,
               "exports and state are one word, the key");
_Static_assert(offsetof(struct rc__pooled, core) == RC__CELL_WATCH_OFFSET &&
                   offsetof(struct rc__pool_core, hot) == 0,
               "what the fast ways read is the watched word");

/* ---- buffers: pool_buffer.c ------------------------------------------------------------------ */

/* Between the last release and the next take, the fast ways apart. */
RC_HIDDEN void rc__pooled_sleep(const struct rc__pool_shape *shape, struct rc__pooled *buffer);
RC_HIDDEN void rc__pooled_wake(const struct rc__pool_shape *shape, struct rc__pooled *buffer);

/* A new one, out; NULL: RC_NO_MEMORY is set. */
RC_HIDDEN struct rc__pooled *rc__pooled_new(struct rc__pool_core *core);
/* Frees @p count idle ones, which belong to no core any more. No lock is held. */
RC_HIDDEN void rc__pooled_free(const struct rc__pool_shape *shape, struct rc__pooled **buffers,
                               size_t count);

/* ---- the core: pool_depot.c ------------------------------------------------------------------ */

/* Idle buffers on their way to be freed, once the lock is given back. */
struct rc__pool_surplus {
    struct rc__pool_shape shape;
    size_t count;
    struct rc__pooled *buffers[RC__POOL_MAGAZINE_ROOM + 1];
    struct rc__pool_magazine *magazine; /* to be freed too, or NULL */
    struct rc__pool_core *core;         /* to be freed too, or NULL: it is over */
};

/* The options are complete and checked. NULL: RC_NO_MEMORY is set. */
RC_HIDDEN struct rc__pool_core *rc__pool_core_new(const struct rc_pool_options *options);
RC_HIDDEN void rc__pool_lock(const struct rc__pool_core *core);
RC_HIDDEN void rc__pool_unlock(const struct rc__pool_core *core);
/* All slots' locks, in order, for a fork. */
RC_HIDDEN void rc__pool_lock_all(void);
RC_HIDDEN void rc__pool_unlock_all(void);
RC_HIDDEN struct rc__pool_core *rc__pool_cores(unsigned slot);

/* The rest under the lock. */

/* The depot has it from now on; false: there is no place. */
RC_HIDDEN bool rc__depot_put(struct rc__pool_core *core, struct rc__pooled *buffer);
/* NULL: it is empty. */
RC_HIDDEN struct rc__pooled *rc__depot_take(struct rc__pool_core *core);
/* Idle ones of the depot and of all magazines. */
RC_HIDDEN size_t rc__pool_idle(const struct rc__pool_core *core);
/* The pool has another key; with closed, none. */
RC_HIDDEN void rc__pool_change_key(struct rc__pool_core *core, bool closed);
/* The depot's buffers, as long as more than @p keep idle and there is room in the surplus. */
RC_HIDDEN void rc__depot_trim(struct rc__pool_core *core, size_t keep,
                              struct rc__pool_surplus *surplus);

RC_HIDDEN void rc__surplus_begin(struct rc__pool_surplus *surplus,
                                 const struct rc__pool_core *core);
static inline void rc__surplus_add(struct rc__pool_surplus *surplus, struct rc__pooled *buffer)
{
    surplus->buffers[surplus->count++] = buffer;
}
/* Gives the lock back, then frees what is to be freed. The core may be gone afterwards. */
RC_HIDDEN void rc__surplus_end(struct rc__pool_core *core, struct rc__pool_surplus *surplus);

/* Room for another buffer to idle in, and a spare magazine for the next thread that needs one: as
 * far as there is memory. No lock is held. */
RC_HIDDEN void rc__pool_provide(struct rc__pool_core *core);

/* ---- with places for magazines or without: pool_gather.c; under the lock --------------------- */

/* What a magazine may reserve where others have @p reserved, at most half of the limit. */
RC_HIDDEN size_t rc__pool_share_beside(const struct rc__pool_core *core, size_t reserved);
/* A buffer is freed since neither the depot nor this thread's magazine has a place for it. */
RC_HIDDEN void rc__pool_note_early_end(struct rc__pool_core *core);
/* This thread finds no idle buffer. True: magazines are why. The pool is gathered from now on, and
 * has another key, which the rc_pool has to be told. */
RC_HIDDEN bool rc__pool_gathers_at_miss(struct rc__pool_core *core);
/* A take from a gathered pool, which may give magazines their places back. */
RC_HIDDEN void rc__pool_watch_take(struct rc__pool_core *core, bool missed);
static inline bool rc__pool_is_gathered(const struct rc__pool_core *core)
{
    return __atomic_load_n(&core->gathered, __ATOMIC_RELAXED);
}

/* ---- magazines: pool_magazine.c -------------------------------------------------------------- */

/* This thread's, by slot; more of them by next_here. */
extern RC_HIDDEN RC_HOT_THREAD_LOCAL struct rc__pool_magazine *rc__pool_magazines[RC__POOL_SLOTS];

/* This thread's magazine of a pool, settled and made its own if need be; NULL: there is none to be
 * had. No lock is held. Allocates nothing. */
RC_HIDDEN struct rc__pool_magazine *rc__pool_magazine_find(struct rc__pool_core *core);
/* All that it holds goes to the depot, and it reserves nothing until it is found again. */
RC_HIDDEN void rc__pool_magazine_settle(struct rc__pool_core *core);
/* The same, and the magazine leaves the thread: its pool has ended. */
RC_HIDDEN void rc__pool_magazine_leave(struct rc__pool_core *core);
/* ---- the cell of this thread: pool_cell.c ---------------------------------------------------- */

/* The magazine's pool has the cell from now on, if it can. No lock is held. */
RC_HIDDEN void rc__pool_cell_enter(struct rc__pool_magazine *magazine);
/* The same, unless another has it. */
RC_HIDDEN void rc__pool_cell_enter_if_free(struct rc__pool_magazine *magazine);
/* The cell is nobody's, if it was the magazine's, which gets what lay there. No lock is held. */
RC_HIDDEN void rc__pool_cell_leave(struct rc__pool_magazine *magazine);
/* The same for a magazine whose thread does not exist in this process. */
RC_HIDDEN void rc__pool_cell_inherit(struct rc__pool_magazine *magazine);

/* ---- the end of a thread, and fork: pool_magazine.c ------------------------------------------ */

/* What happens when this thread ends: all of its magazines leave, and it gets none any more. */
RC_HIDDEN void rc__pool_magazines_end(void);
/* The fork handlers, and what tells that a thread ends. Once. */
RC_HIDDEN void rc__pool_magazines_prepare(void);
/* Threads look through their magazines for those of pools that have ended. */
RC_HIDDEN void rc__pool_magazines_call(void);

/* What a magazine of that many places takes from the depot at once, or gives: at least one. */
static inline size_t rc__pool_load_of(size_t places)
{
    return (places + 1) / 2 + places / 4;
}

/* The hottest of at least one. */
static inline struct rc__pooled *rc__pool_magazine_pop(struct rc__pool_magazine *magazine)
{
    size_t count = rc__pool_get(&magazine->count) - 1;
    struct rc__pooled *buffer = magazine->items[count];
    rc__pool_put(&magazine->count, count);
    return buffer;
}

/* There is a place for it. A fork finds no place counted that is not filled. */
static inline void rc__pool_magazine_push(struct rc__pool_magazine *magazine,
                                          struct rc__pooled *buffer)
{
    size_t count = rc__pool_get(&magazine->count);
    magazine->items[count] = buffer;
    __atomic_store_n(&magazine->count, count + 1, __ATOMIC_RELEASE);
}

/* So many of the depot's, which are there and for which there are places, the hottest last. Under the
 * lock. */
static inline void rc__pool_magazine_load(struct rc__pool_magazine *magazine, size_t more)
{
    size_t count = rc__pool_get(&magazine->count);
    struct rc__pool_core *core = magazine->core;
    core->depot_count -= more;
    memcpy(&magazine->items[count], &core->depot[core->depot_count],
           more * sizeof *magazine->items);
    __atomic_store_n(&magazine->count, count + more, __ATOMIC_RELEASE);
}

#endif
