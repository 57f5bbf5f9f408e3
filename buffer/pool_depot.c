/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What all threads share of a pool: the depot, the bounds, how many buffers exist; all of it under
 * the lock of the pool's slot. */
#include <pthread.h>

#include "../rc/block.h"
#include "../rc/environment.h"
#include "poison.h"
#include "pool_layout.h"

enum { FIRST_ROOM = 16 };

/* ---- slots ----------------------------------------------------------------------------------- */

static struct slot {
    _Alignas(64) pthread_mutex_t lock;
    struct rc__pool_core *cores;
} slots[RC__POOL_SLOTS] = {
    {.lock = PTHREAD_MUTEX_INITIALIZER}, {.lock = PTHREAD_MUTEX_INITIALIZER},
    {.lock = PTHREAD_MUTEX_INITIALIZER}, {.lock = PTHREAD_MUTEX_INITIALIZER},
    {.lock = PTHREAD_MUTEX_INITIALIZER}, {.lock = PTHREAD_MUTEX_INITIALIZER},
    {.lock = PTHREAD_MUTEX_INITIALIZER}, {.lock = PTHREAD_MUTEX_INITIALIZER},
};

_Static_assert(RC__POOL_SLOTS == 8, "each slot has its lock");

void rc__pool_lock(const struct rc__pool_core *core)
{
    pthread_mutex_lock(&slots[core->slot].lock);
}

void rc__pool_unlock(const struct rc__pool_core *core)
{
    pthread_mutex_unlock(&slots[core->slot].lock);
}

void rc__pool_lock_all(void)
{
    for (unsigned i = 0; i < RC__POOL_SLOTS; i++) pthread_mutex_lock(&slots[i].lock);
}

void rc__pool_unlock_all(void)
{
    for (unsigned i = 0; i < RC__POOL_SLOTS; i++) pthread_mutex_unlock(&slots[i].lock);
}

struct rc__pool_core *rc__pool_cores(unsigned slot)
{
    return slots[slot].cores;
}

static void link_core(struct rc__pool_core *core)
{
    rc__pool_lock(core);
    core->next = slots[core->slot].cores;
    slots[core->slot].cores = core;
    rc__pool_unlock(core);
}

static void unlink_core(struct rc__pool_core *core)
{
    struct rc__pool_core **link = &slots[core->slot].cores;
    while (*link != core) link = &(*link)->next;
    *link = core->next;
}

/* ---- keys ------------------------------------------------------------------------------------ */

size_t rc__pool_numbers;

/* 0: all were used. Some are left over, for threads that find the last one free together. */
static size_t next_number(void)
{
    if (__atomic_load_n(&rc__pool_numbers, __ATOMIC_RELAXED) >= RC__POOL_NUMBERS_MOST) return 0;
    return __atomic_add_fetch(&rc__pool_numbers, 1, __ATOMIC_RELAXED);
}

static void set_key(struct rc__pool_core *core, size_t key)
{
    bool slowly = core->shape.watched || core->shape.state & RC__STATE_WIPE || key <= RC__KEY_SPENT;
    rc__pool_put(&core->key, key);
    rc__pool_put(&core->hot, slowly ? RC__KEY_NONE : key);
}

void rc__pool_change_key(struct rc__pool_core *core, bool closed)
{
    size_t number = closed ? 0 : next_number();
    if (closed)
        set_key(core, RC__KEY_NONE);
    else
        set_key(core, number ? number * RC__POOL_SLOTS + core->slot : RC__KEY_SPENT);
}

/* ---- the core -------------------------------------------------------------------------------- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t limit_of(const struct rc_pool_options *options)
{
    size_t limit = options->keep_at_most;
    if (options->keep_bytes && options->size)
        limit = least(limit, options->keep_bytes / options->size);
    return limit;
}

static size_t magazine_most(size_t size, size_t limit)
{
    size_t most = least(RC__POOL_MAGAZINE_ROOM, limit / 2);
    return size ? least(most, RC__POOL_MAGAZINE_BYTES / size) : most;
}

static struct rc__pool_shape shape_of(const struct rc_pool_options *options)
{
    uint32_t state = RC__BUFFER_POOLED | rc__state_of_alignment(options->alignment);
    if (options->flags & RC_BUFFER_WIPE) state |= RC__STATE_WIPE;
    bool watched = RC__POISON_ASAN || (rc__poison_valgrind && !rc__forced("magazines"));
    return (struct rc__pool_shape){
        .allocator = options->allocator,
        .size = options->size,
        .alignment = options->alignment,
        .state = state,
        .watched = watched,
        .inside = !watched && options->alignment <= RC_ALIGNMENT_DEFAULT &&
                  options->size <= RC__BUFFER_INLINE_MAX, /* as with other buffers */
    };
}

struct rc__pool_core *rc__pool_core_new(const struct rc_pool_options *options)
{
    struct rc__pool_core *core =
        rc__block_allocate(options->allocator, sizeof *core, _Alignof(struct rc__pool_core));
    if (!core) return NULL;
    size_t limit = limit_of(options), number = next_number();
    *core = (struct rc__pool_core){
        .shape = shape_of(options),
        .limit = limit,
        .magazine_most = magazine_most(options->size, limit),
        .slot = (unsigned)(number % RC__POOL_SLOTS),
        .trim_to = SIZE_MAX,
        .held = true,
    };
    set_key(core, number ? number * RC__POOL_SLOTS + core->slot : RC__KEY_SPENT);
    link_core(core);
    return core;
}

static void free_magazine(const struct rc_allocator *allocator, struct rc__pool_magazine *magazine)
{
    rc__block_free(allocator, magazine, sizeof *magazine, RC_ALIGNMENT_DEFAULT);
}

static void free_depot(const struct rc_allocator *allocator, struct rc__pooled **depot, size_t room)
{
    if (depot)
        rc__block_free(allocator, depot, room * sizeof(struct rc__pooled *), RC_ALIGNMENT_DEFAULT);
}

static void free_core(struct rc__pool_core *core)
{
    const struct rc_allocator *allocator = core->shape.allocator;
    while (core->spares) {
        struct rc__pool_magazine *spare = core->spares;
        core->spares = spare->next;
        free_magazine(allocator, spare);
    }
    free_depot(allocator, core->depot, core->depot_room);
    rc__block_free(allocator, core, sizeof *core, _Alignof(struct rc__pool_core));
}

/* ---- the depot ------------------------------------------------------------------------------- */

bool rc__depot_put(struct rc__pool_core *core, struct rc__pooled *buffer)
{
    size_t most = least(core->depot_room, core->limit - core->reserved);
    if (core->depot_count >= most || core->key == RC__KEY_NONE) return false;
    core->depot[core->depot_count++] = buffer;
    return true;
}

struct rc__pooled *rc__depot_take(struct rc__pool_core *core)
{
    return core->depot_count ? core->depot[--core->depot_count] : NULL;
}

size_t rc__pool_idle(const struct rc__pool_core *core)
{
    size_t idle = core->depot_count;
    for (const struct rc__pool_magazine *magazine = core->magazines; magazine;
         magazine = magazine->next)
        idle += rc__pool_get(&magazine->count) +
                (magazine->cell ? rc__cell_content(magazine->cell) : 0);
    return idle;
}

void rc__depot_trim(struct rc__pool_core *core, size_t keep, struct rc__pool_surplus *surplus)
{
    size_t idle = rc__pool_idle(core);
    while (idle > keep && core->depot_count && surplus->count < RC__POOL_MAGAZINE_ROOM) {
        rc__surplus_add(surplus, rc__depot_take(core));
        idle--;
    }
}

/* ---- what is to be freed --------------------------------------------------------------------- */

void rc__surplus_begin(struct rc__pool_surplus *surplus, const struct rc__pool_core *core)
{
    surplus->shape = core->shape;
    surplus->count = 0;
    surplus->magazine = NULL;
}

void rc__surplus_end(struct rc__pool_core *core, struct rc__pool_surplus *surplus)
{
    core->blocks -= surplus->count;
    bool over = !core->held && !core->blocks && !core->magazines;
    if (over) unlink_core(core);
    rc__pool_unlock(core);
    rc__pooled_free(&surplus->shape, surplus->buffers, surplus->count);
    if (surplus->magazine) free_magazine(surplus->shape.allocator, surplus->magazine);
    if (over) free_core(core);
}

/* ---- room ------------------------------------------------------------------------------------ */

/* NULL: no memory, and the last error is as it was. */
static void *allocate_quietly(const struct rc_allocator *allocator, size_t size)
{
    void *block = NULL;
    RC__CALLBACK("allocator", allocator->name,
                 block = rc__block_allocate(allocator, size, RC_ALIGNMENT_DEFAULT));
    return block;
}

/* Places that the depot lacks for all buffers to idle there, and one more. */
static bool lacks_room(const struct rc__pool_core *core)
{
    return core->depot_room < core->limit && core->depot_room <= core->blocks;
}

static bool lacks_spare(const struct rc__pool_core *core)
{
    return core->magazine_most && !core->spares && core->reserved < core->limit / 2;
}

static void grow_depot(struct rc__pool_core *core, size_t old_room)
{
    const struct rc_allocator *allocator = core->shape.allocator;
    size_t room = least(core->limit, old_room ? 2 * old_room : FIRST_ROOM);
    struct rc__pooled **depot = allocate_quietly(allocator, room * sizeof *depot);
    if (!depot) return;
    rc__pool_lock(core);
    if (core->depot_room < room) {
        struct rc__pooled **old = core->depot;
        old_room = core->depot_room;
        if (core->depot_count) memcpy(depot, old, core->depot_count * sizeof *depot);
        core->depot = depot;
        core->depot_room = room;
        depot = old;
        room = old_room;
    }
    rc__pool_unlock(core);
    free_depot(allocator, depot, room);
}

static void add_spare(struct rc__pool_core *core)
{
    struct rc__pool_magazine *spare = allocate_quietly(core->shape.allocator, sizeof *spare);
    if (!spare) return;
    *spare = (struct rc__pool_magazine){
        .key = RC__KEY_SETTLED,
        .bytes = rc__pooled_type.base.size + core->shape.size,
        .plain = rc__cell_key_of(&(rc_buffer){.rc__state = core->shape.state}),
        .core = core,
    };
    rc__pool_lock(core);
    spare->next = core->spares;
    core->spares = spare;
    rc__pool_unlock(core);
}

void rc__pool_provide(struct rc__pool_core *core)
{
    rc__pool_lock(core);
    size_t room = core->depot_room;
    bool more_room = lacks_room(core), another = lacks_spare(core);
    rc__pool_unlock(core);
    if (more_room) grow_depot(core, room);
    if (another) add_spare(core);
}
