/* SPDX-License-Identifier: MIT */
/* Pools: what is made of them, and buffers taken from them. */
#include "buffer/pool.h"

#include <string.h>

#include "oom.h"

enum { KEPT = 20 };

static bool make_pool(struct stage *stage)
{
    const struct shape *shape = stage->shape;
    stage->made = rc_pool_new_with(&(struct rc_pool_options){
        .struct_size = sizeof(struct rc_pool_options),
        .size = shape->size,
        .alignment = shape->alignment,
        .keep_at_most = KEPT,
        .allocator = stage->allocator,
        .flags = shape->flags,
    });
    return stage->made != NULL;
}

static bool make_pool_shortly(struct stage *stage)
{
    stage->made = rc_pool_new(stage->shape->size, stage->shape->alignment, KEPT);
    return stage->made != NULL;
}

static struct rc_pool_statistics read_pool(const rc_pool *pool)
{
    struct rc_pool_statistics now = {0};
    expect(rc_pool_read(pool, &now) == RC_OK, "the pool cannot be read");
    return now;
}

static bool is_pool(struct stage *stage)
{
    struct rc_pool_statistics now = read_pool(stage->made);
    return now.most_idle == KEPT && now.out == 0 && now.misses == 0;
}

static void prepare_pool(struct stage *stage)
{
    expect(make_pool(stage), "there is no pool");
    watch(stage, stage->made);
}

/* The first takes need, beside the buffer, a place for it to idle in and a magazine; later ones
 * more places. Without those they go on. */
static bool take(struct stage *stage)
{
    rc_buffer *(*take_one)(rc_pool *) = rc_pool_take;
    __asm__("" : "+r"(take_one)); /* the inline body is quiet_scenarios.c's */
    rc_buffer *taken = take_one(stage->made);
    if (taken) rc_assign(&stage->result, taken);
    rc_release(taken);
    return taken != NULL;
}

static void prepare_all_out(struct stage *stage)
{
    rc_buffer *taken[16];
    prepare_pool(stage);
    for (size_t i = 0; i < 16; i++) taken[i] = rc_pool_take(stage->made);
    for (size_t i = 0; i < 16; i++) expect(taken[i] != NULL, "there is no buffer");
    stage->other = taken[0];
    for (size_t i = 1; i < 16; i++) rc_release(taken[i]);
    expect(rc_pool_trim(stage->made, 0) == RC_OK, "the pool cannot be trimmed");
    watch(stage, stage->other);
}

static bool is_taken(struct stage *stage)
{
    size_t size = stage->shape->size;
    memset(rc_buffer_edit(stage->result), 7, size);
    return stage->result->size == size && rc_is_unique(stage->result) &&
           read_pool(stage->made).out == (stage->other ? 2 : 1);
}

/* The buffer outlives the pool. */
static void end_pool(struct stage *stage)
{
    rc_release(stage->made);
    rc_clear(&stage->result);
    rc_clear(&stage->other);
}

static const struct scenario list[] = {
    {.name = "make a pool",
     .act = make_pool,
     .holds = is_pool,
     .end = end_pool,
     .every_shape = true},
    {.name = "make a pool shortly",
     .act = make_pool_shortly,
     .holds = is_pool,
     .end = end_pool,
     .every_size = true},
    {.name = "take from a pool",
     .prepare = prepare_pool,
     .act = take,
     .holds = is_taken,
     .end = end_pool,
     .absorbs = true,
     .every_shape = true},
    {.name = "take from a pool that was trimmed",
     .prepare = prepare_all_out,
     .act = take,
     .holds = is_taken,
     .end = end_pool,
     .absorbs = true,
     .every_shape = true},
};

const struct scenarios pool_scenarios = {list, sizeof list / sizeof list[0]};
