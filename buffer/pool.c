/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Pools: made, taken from, trimmed and asked. What comes back: pool_buffer.c. */
#include "pool.h"

#include "../rc/block.h"
#include "pool_layout.h"

/* The core, if the pool has not ended; NULL: RC_INVALID is set. */
static struct rc__pool_core *core_of(const rc_pool *pool, const char *call)
{
    if (RC_LIKELY(pool && pool->core)) return pool->core;
    rc_error_set(RC_INVALID, "%s: the pool %s", call, pool ? "has ended" : "is NULL");
    return NULL;
}

/* ---- the type -------------------------------------------------------------------------------- */

/* What the depot holds of too many goes a batch at a time, so that the lock is held for moments.
 * Where the rest is in other threads' magazines, they are called. */
static void trim_depot(rc_pool *pool, size_t keep)
{
    struct rc__pool_core *core = pool->core;
    struct rc__pool_surplus surplus;
    do {
        rc__pool_lock(core);
        rc__surplus_begin(&surplus, core);
        rc__depot_trim(core, keep, &surplus);
        if (surplus.count) core->freed_early = false; /* misses that follow are the trim's */
        if (surplus.count == 0 && rc__pool_idle(core) > keep) {
            core->trim_to = keep;
            rc__pool_change_key(core, false);
            rc__pool_put(&pool->head.hot, core->hot);
        }
        rc__surplus_end(core, &surplus);
    } while (surplus.count);
}

/* From the first lines on whatever comes back is freed, and so is what idles in other threads'
 * magazines once they look. */
static void close_core(struct rc__pool_core *core)
{
    struct rc__pool_surplus surplus;
    rc__pool_lock(core);
    core->pool = NULL;
    rc__pool_change_key(core, true);
    rc__pool_unlock(core);
    rc__pool_magazines_call();
    rc__pool_magazine_leave(core);
    do {
        rc__pool_lock(core);
        rc__surplus_begin(&surplus, core);
        rc__depot_trim(core, 0, &surplus);
        core->held = surplus.count > 0;
        rc__surplus_end(core, &surplus);
    } while (surplus.count);
}

static void pool_finalize(void *self)
{
    rc_pool *pool = self;
    if (!pool->core) return;
    rc__pool_put(&pool->head.hot, RC__KEY_NONE);
    close_core(pool->core);
    pool->core = NULL;
}

static const struct rc__sized_type pool_type = {
    .base = {.name = "rc_pool",
             .size = sizeof(struct rc_pool),
             .finalize = pool_finalize,
             .flags = RC__TYPE_SIZED},
    .extra = rc__buffer_no_extra,
    .end_plain = rc__object_end_self,
    .describe = rc__pool_describe,
};

/* ---- create ---------------------------------------------------------------------------------- */

/* Members of a later version are beyond what this one knows; zero there means what it does here. */
static enum rc_status read_options(const struct rc_pool_options *options,
                                   struct rc_pool_options *known)
{
    static const char call[] = "rc_pool_new_with";
    size_t least = offsetof(struct rc_pool_options, keep_at_most) + sizeof known->keep_at_most;
    if (!options) return rc_error_set(RC_INVALID, "%s: the options are NULL", call);
    size_t size = options->struct_size;
    if (size < least)
        return rc_error_set(
            RC_INVALID, "%s: a struct_size of %zu bytes does not reach keep_at_most", call, size);
    const unsigned char *bytes = (const unsigned char *)options;
    for (size_t i = sizeof *known; i < size; i++)
        if (bytes[i])
            return rc_error_set(RC_UNSUPPORTED,
                                "%s: byte %zu of the options is not zero, and is "
                                "none that this version knows",
                                call, i);
    memcpy(known, options, size < sizeof *known ? size : sizeof *known);
    return RC_OK;
}

static enum rc_status complete_options(struct rc_pool_options *options)
{
    if (options->flags & ~RC_BUFFER_WIPE)
        return rc_error_set(RC_INVALID, "rc_pool_new_with: there is no flag in %#x but %#x",
                            options->flags, RC_BUFFER_WIPE);
    if (!options->allocator)
        options->allocator = __atomic_load_n(&rc__allocator_default, __ATOMIC_ACQUIRE);
    if (options->alignment == 0 || (options->alignment < RC_ALIGNMENT_DEFAULT &&
                                    !(options->alignment & (options->alignment - 1))))
        options->alignment = RC_ALIGNMENT_DEFAULT;
    if (rc__allocator_check(options->allocator) != RC_OK) return RC_INVALID;
    return rc__alignment_check(options->alignment);
}

rc_pool *rc_pool_new_with(const struct rc_pool_options *options)
{
    struct rc_pool_options known = {0};
    if (read_options(options, &known) != RC_OK || complete_options(&known) != RC_OK) return NULL;
    rc__pool_magazines_prepare();
    rc_pool *pool = rc__object_new_sized(known.allocator, &pool_type, 0, RC__CELL_OTHER);
    if (!pool) return NULL;
    *pool = (struct rc_pool){.core = rc__pool_core_new(&known)};
    if (!pool->core) {
        rc_release(pool);
        return NULL;
    }
    pool->head.hot = pool->core->hot;
    pool->core->pool = pool;
    return pool;
}

rc_pool *rc_pool_new(size_t size, size_t alignment, size_t keep_at_most)
{
    return rc_pool_new_with(&(struct rc_pool_options){.struct_size = sizeof(struct rc_pool_options),
                                                      .size = size,
                                                      .alignment = alignment,
                                                      .keep_at_most = keep_at_most});
}

/* ---- take ------------------------------------------------------------------------------------ */

static inline struct rc__pooled *pop_counted(struct rc__pool_magazine *magazine)
{
    rc__pool_put(&magazine->hits, rc__pool_get(&magazine->hits) + 1);
    return rc__pool_magazine_pop(magazine);
}

/* Other threads wrote them last, and this one writes first into the objects, and then into the bytes. */
static void fetch(const struct rc__pool_shape *shape, struct rc__pooled *const *buffers,
                  size_t count)
{
    void *places[RC__POOL_MAGAZINE_ROOM];
    for (size_t i = 0; i < count; i++) places[i] = rc__header_of(buffers[i]);
    rc__fetch_to_write(places, count);
    if (shape->inside) return;
    for (size_t i = 0; i < count; i++) places[i] = buffers[i]->bytes.apart;
    rc__fetch_to_write(places, count);
}

/* Under the lock: is the pool one with magazines? */
static void judge_take(rc_pool *pool, bool missed)
{
    struct rc__pool_core *core = pool->core;
    if (RC_UNLIKELY(core->gathered)) rc__pool_watch_take(core, missed);
    if (missed && rc__pool_gathers_at_miss(core)) rc__pool_put(&pool->head.hot, core->hot);
}

/* One of the depot's, and three quarters of a magazine with it. */
static struct rc__pooled *take_from_depot(rc_pool *pool, struct rc__pool_magazine *magazine)
{
    struct rc__pool_core *core = pool->core;
    size_t more = magazine ? rc__pool_load_of(magazine->capacity) : 0;
    rc__pool_lock(core);
    struct rc__pooled *buffer = rc__depot_take(core);
    if (buffer) core->hits++;
    judge_take(pool, !buffer);
    if (core->gathered) more = 0;
    if (more > core->depot_count) more = core->depot_count;
    if (more) rc__pool_magazine_load(magazine, more);
    rc__pool_unlock(core);
    if (more && !core->shape.watched) fetch(&core->shape, magazine->items, more);
    return buffer;
}

/* Where this thread's miss made the pool gather, its own places go at once. */
static struct rc__pooled *take_idle(rc_pool *pool)
{
    struct rc__pool_core *core = pool->core;
    struct rc__pool_magazine *magazine = rc__pool_magazine_find(core);
    if (magazine && magazine->count) return pop_counted(magazine);
    struct rc__pooled *buffer = take_from_depot(pool, magazine);
    if (!buffer && magazine && rc__pool_is_gathered(core)) (void)rc__pool_magazine_find(core);
    if (!buffer || !magazine) rc__pool_provide(core);
    return buffer;
}

static __attribute__((noinline)) rc_buffer *take_slowly(rc_pool *pool)
{
    struct rc__pool_core *core = core_of(pool, "rc_pool_take");
    if (!core) return NULL;
    struct rc__pooled *buffer = take_idle(pool);
    if (buffer)
        rc__pooled_wake(&core->shape, buffer);
    else
        buffer = rc__pooled_new(core);
    if (!buffer) return NULL;
    rc__tally_object_made(&rc__pooled_type.base, rc__pooled_type.base.size + core->shape.size);
    rc__ledger_made(buffer);
    RC__PROBE_NEW(&buffer->head);
    return &buffer->head;
}

/* A pool that takes from its magazine again and again gets the cell. */
rc_buffer *rc_pool_take_slow(rc_pool *pool)
{
    if (RC_UNLIKELY(!pool)) return take_slowly(pool);
    enum { HITS_FOR_A_CELL = 1024 };
    size_t key = rc__pool_get(&pool->head.hot);
    struct rc__pool_magazine *magazine = rc__pool_magazines[key % RC__POOL_SLOTS];
    if (RC_UNLIKELY(!magazine || magazine->key != key || !rc__pool_get(&magazine->count)))
        return take_slowly(pool);
    if (RC_UNLIKELY(rc__pool_get(&magazine->hits) % HITS_FOR_A_CELL == 0))
        rc__pool_cell_enter(magazine);
    struct rc__pooled *buffer = pop_counted(magazine);
    rc__pooled_mark_taken(buffer);
    rc__tally_object_made(&rc__pooled_type.base, magazine->bytes);
    rc__ledger_made(buffer);
    RC__PROBE_NEW(&buffer->head);
    return &buffer->head;
}

rc_buffer *rc_pool_take(rc_pool *pool)
{
    return rc__pool_take(pool);
}

/* ---- give memory back, ask ------------------------------------------------------------------- */

enum rc_status rc_pool_trim(rc_pool *pool, size_t keep)
{
    struct rc__pool_core *core = core_of(pool, "rc_pool_trim");
    if (!core) return RC_INVALID;
    rc__pool_magazine_settle(core);
    trim_depot(pool, keep);
    return RC_OK;
}

static size_t hits_of(const struct rc__pool_magazine *magazine)
{
    size_t hits = rc__pool_get(&magazine->hits);
    return magazine->cell ? hits + rc__pool_get(&magazine->cell->recycled) : hits;
}

static struct rc_pool_statistics statistics_of(const struct rc__pool_core *core)
{
    rc__pool_lock(core);
    struct rc_pool_statistics now = {.idle = rc__pool_idle(core),
                                     .hits = core->hits,
                                     .misses = core->misses,
                                     .most_idle = core->limit};
    size_t blocks = core->blocks;
    for (const struct rc__pool_magazine *magazine = core->magazines; magazine;
         magazine = magazine->next)
        now.hits += hits_of(magazine);
    rc__pool_unlock(core);
    if (now.idle > blocks)
        now.idle = blocks; /* one moved while it was counted, and is counted twice */
    now.out = blocks - now.idle;
    now.bytes_idle = now.idle * core->shape.size;
    return now;
}

enum rc_status rc_pool_read_sized(const rc_pool *pool, struct rc_pool_statistics *now,
                                  size_t struct_size)
{
    struct rc__pool_core *core = core_of(pool, "rc_pool_read");
    if (!core) return RC_INVALID;
    if (!now) return rc_error_set(RC_INVALID, "rc_pool_read: the place for the answer is NULL");
    struct rc_pool_statistics read = statistics_of(core);
    read.struct_size = struct_size < sizeof read ? struct_size : sizeof read;
    memcpy(now, &read, read.struct_size);
    return RC_OK;
}
