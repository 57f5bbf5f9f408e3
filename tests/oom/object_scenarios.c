/* SPDX-License-Identifier: MIT */
/* Objects, weak references, and blocks without an owner. */
#include <string.h>

#include "oom.h"

/* ---- objects --------------------------------------------------------------------------------- */

struct thing {
    double number;
    unsigned char rest[40];
};

static void tell_nothing(void *self, rc_visit *visit, void *argument)
{
    (void)self, (void)visit, (void)argument;
}

static const rc_type thing_type = {.name = "thing", .size = sizeof(struct thing)};
static const rc_type aligned_type = {
    .name = "aligned thing", .size = sizeof(struct thing), .alignment = 256};
static const rc_type prefixed_type = {
    .name = "thing to track", .size = sizeof(struct thing), .traverse = tell_nothing};
static const rc_type large_type = {.name = "large thing", .size = 100000};

static bool make(struct stage *stage)
{
    stage->made = rc_new(struct thing, &thing_type);
    return stage->made != NULL;
}

static const rc_type biased_type = {
    .name = "biased thing", .size = sizeof(struct thing), .flags = RC_TYPE_BIASED};

static bool make_biased(struct stage *stage)
{
    stage->made = rc_object_new_with(stage->allocator, &biased_type, stage->shape->size);
    return stage->made != NULL;
}

static bool make_aligned(struct stage *stage)
{
    stage->made = rc_object_new(&aligned_type, 0);
    return stage->made != NULL;
}

static bool make_large(struct stage *stage)
{
    stage->made = rc_object_new(&large_type, stage->shape->size);
    return stage->made != NULL;
}

/* Of a type that a cycle domain could track. */
static bool make_prefixed(struct stage *stage)
{
    stage->made = rc_object_new(&prefixed_type, 0);
    return stage->made != NULL;
}

/* Not inline, as who has no optimiser, or calls by address. */
static bool make_by_address(struct stage *stage)
{
    void *(*make_new)(const rc_type *, size_t) = rc_object_new;
    __asm__("" : "+r"(make_new));
    stage->made = make_new(&thing_type, stage->shape->size);
    return stage->made != NULL;
}

static bool make_checked_by_address(struct stage *stage)
{
    void *(*make_new)(const rc_type *, size_t) = rc_object_new_checked;
    __asm__("" : "+r"(make_new));
    stage->made = make_new(&thing_type, sizeof(struct thing));
    return stage->made != NULL;
}

/* Of a type that the compiler does not see. */
static bool make_unseen(struct stage *stage)
{
    const rc_type *type = &thing_type;
    __asm__("" : "+r"(type));
    stage->made = rc_new(struct thing, type);
    return stage->made != NULL;
}

static bool make_with(struct stage *stage)
{
    stage->made = rc_object_new_with(stage->allocator, &thing_type, stage->shape->size);
    return stage->made != NULL;
}

static bool is_zeroed(struct stage *stage)
{
    const unsigned char *bytes = stage->made;
    size_t size = rc_type_of(stage->made)->size;
    for (size_t i = 0; i < size; i++)
        if (bytes[i]) return false;
    return rc_count(stage->made) == 1;
}

static void end_made(struct stage *stage)
{
    rc_clear(&stage->made);
    rc_clear(&stage->weak);
    rc_clear(&stage->object);
}

/* ---- weak references ------------------------------------------------------------------------- */

static void prepare_target(struct stage *stage)
{
    stage->object = rc_new(struct thing, &thing_type);
    watch(stage, stage->object);
}

static bool make_weak(struct stage *stage)
{
    stage->weak = rc_weak_new(stage->object);
    return stage->weak != NULL;
}

static bool is_locked(struct stage *stage)
{
    void *locked = rc_weak_lock(stage->weak);
    rc_release(locked);
    return locked == stage->object;
}

/* As many to one object as make its bucket table grow; where that fails it only gets slower. */
enum { WEAK_MANY = 40 };

static void end_many(struct stage *stage)
{
    rc_weak **many = stage->block;
    for (size_t i = 0; many && i < WEAK_MANY; i++) rc_clear(&many[i]);
    rc_memory_free(many);
    stage->block = NULL;
    end_made(stage);
}

static void prepare_many(struct stage *stage)
{
    prepare_target(stage);
    stage->block = rc_memory_allocate_zeroed(WEAK_MANY, sizeof(rc_weak *));
}

/* Takes back what it made where it fails, as its caller would. */
static bool make_many(struct stage *stage)
{
    rc_weak **many = stage->block;
    for (size_t i = 0; i < WEAK_MANY; i++) {
        many[i] = rc_weak_new(stage->object);
        if (many[i]) continue;
        while (i-- > 0) rc_clear(&many[i]);
        return false;
    }
    return true;
}

static bool are_locked(struct stage *stage)
{
    rc_weak **many = stage->block;
    for (size_t i = 0; i < WEAK_MANY; i++) {
        void *locked = rc_weak_lock(many[i]);
        rc_release(locked);
        if (locked != stage->object) return false;
    }
    return true;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static void end_blocks(struct stage *stage)
{
    rc_memory_free(stage->block);
    rc_memory_free(stage->made);
}

static bool allocate(struct stage *stage)
{
    stage->made = rc_memory_allocate(stage->shape->size);
    return stage->made != NULL;
}

static bool allocate_zeroed(struct stage *stage)
{
    stage->made = rc_memory_allocate_zeroed(stage->shape->size, 3);
    return stage->made != NULL;
}

static bool is_block_zeroed(struct stage *stage)
{
    const unsigned char *bytes = stage->made;
    for (size_t i = 0; i < 3 * stage->shape->size; i++)
        if (bytes[i]) return false;
    return rc_memory_size(stage->made) == 3 * stage->shape->size;
}

static void prepare_block(struct stage *stage)
{
    stage->block = rc_memory_allocate(stage->shape->size + 8);
    memset(stage->block, 'b', stage->shape->size + 8);
}

static bool is_block(const struct stage *stage, size_t size)
{
    const unsigned char *bytes = stage->block;
    for (size_t i = 0; i < stage->shape->size + 8; i++)
        if (bytes[i] != 'b') return false;
    return rc_memory_size(stage->block) == size;
}

static bool take_block(struct stage *stage, void *moved)
{
    if (moved)
        stage->block = moved;
    else
        expect(is_block(stage, stage->shape->size + 8), "the old block is not as it was");
    return moved != NULL;
}

static bool reallocate(struct stage *stage)
{
    return take_block(stage, rc_memory_reallocate(stage->block, 2 * stage->shape->size + 64));
}

static bool is_reallocated(struct stage *stage)
{
    return is_block(stage, 2 * stage->shape->size + 64);
}

static bool reallocate_array(struct stage *stage)
{
    size_t count = stage->shape->size + 64;
    return take_block(stage, rc_memory_reallocate_array(stage->block, count, 3));
}

static bool is_reallocated_array(struct stage *stage)
{
    return is_block(stage, 3 * (stage->shape->size + 64));
}

static bool reallocate_nothing(struct stage *stage)
{
    stage->made = rc_memory_reallocate(NULL, stage->shape->size);
    return stage->made != NULL;
}

static bool free_block(struct stage *stage)
{
    rc_memory_free(stage->block);
    stage->block = NULL;
    return true;
}

static const struct scenario list[] = {
    {.name = "rc_new", .act = make, .holds = is_zeroed, .end = end_made, .every_shape = true},
    {.name = "a biased object",
     .act = make_biased,
     .holds = is_zeroed,
     .end = end_made,
     .every_shape = true},
    {.name = "an object that could be tracked",
     .act = make_prefixed,
     .holds = is_zeroed,
     .end = end_made},
    {.name = "an object by a function's address",
     .act = make_by_address,
     .holds = is_zeroed,
     .end = end_made,
     .every_shape = true},
    {.name = "rc_new by a function's address",
     .act = make_checked_by_address,
     .holds = is_zeroed,
     .end = end_made},
    {.name = "rc_new of an unseen type", .act = make_unseen, .holds = is_zeroed, .end = end_made},
    {.name = "an aligned object", .act = make_aligned, .holds = is_zeroed, .end = end_made},
    {.name = "a large object",
     .act = make_large,
     .holds = is_zeroed,
     .end = end_made,
     .every_shape = true},
    {.name = "an object with an allocator",
     .act = make_with,
     .holds = is_zeroed,
     .end = end_made,
     .every_shape = true},
    {.name = "a weak reference",
     .prepare = prepare_target,
     .act = make_weak,
     .holds = is_locked,
     .end = end_made,
     .absorbs = true,
     .every_shape = true},
    {.name = "many weak references",
     .prepare = prepare_many,
     .act = make_many,
     .holds = are_locked,
     .end = end_many,
     .absorbs = true},
    {.name = "a block", .act = allocate, .end = end_blocks, .every_shape = true},
    {.name = "a zeroed block",
     .act = allocate_zeroed,
     .holds = is_block_zeroed,
     .end = end_blocks,
     .every_shape = true},
    {.name = "a larger block",
     .prepare = prepare_block,
     .act = reallocate,
     .holds = is_reallocated,
     .end = end_blocks,
     .every_shape = true},
    {.name = "a larger array",
     .prepare = prepare_block,
     .act = reallocate_array,
     .holds = is_reallocated_array,
     .end = end_blocks,
     .every_shape = true},
    {.name = "a block out of nothing",
     .act = reallocate_nothing,
     .end = end_blocks,
     .every_shape = true},
    {.name = "free a block", .prepare = prepare_block, .act = free_block, .quiet = true},
};

const struct scenarios object_scenarios = {list, sizeof list / sizeof list[0]};
