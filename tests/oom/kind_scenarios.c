/* SPDX-License-Identifier: MIT */
/* Buffers of every kind, sliced and copied on write; sizes that change a little; what was made
 * before the default allocator changed. */
#include <string.h>

#include "oom.h"

enum { LONGEST = 100001 };

static unsigned char pattern[LONGEST];

static const unsigned char *pattern_bytes(void)
{
    if (pattern[0]) return pattern;
    for (size_t i = 0; i < LONGEST; i++) pattern[i] = (unsigned char)(i * 5 + i / 256 + 1);
    return pattern;
}

static bool is_pattern(const rc_buffer *buffer, size_t size)
{
    return buffer->size == size && (!size || memcmp(buffer->data, pattern_bytes(), size) == 0);
}

static void fill(rc_buffer *buffer)
{
    if (buffer->size) memcpy(rc_buffer_edit(buffer), pattern_bytes(), buffer->size);
}

/* ---- kinds ----------------------------------------------------------------------------------- */

static unsigned ended;

static void count_end(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size, (void)context;
    ended++;
}

static void prepare_adopted(struct stage *stage)
{
    ended = 0;
    pattern_bytes();
    stage->buffer = rc_buffer_adopt(pattern, stage->shape->size, count_end, NULL);
    stage->other = rc_retain(stage->buffer);
    watch(stage, stage->buffer);
}

static void prepare_borrowed(struct stage *stage)
{
    stage->buffer = rc_buffer_borrow(pattern_bytes(), stage->shape->size);
    watch(stage, stage->buffer);
}

static void prepare_mapped(struct stage *stage)
{
    stage->buffer = rc_map_memory("kinds", stage->shape->size);
    fill(stage->buffer);
    watch(stage, stage->buffer);
}

/* What prepare made becomes the root of a slice of all of it. */
static void slice_all(struct stage *stage)
{
    rc_clear(&stage->other);
    stage->other = stage->buffer;
    stage->buffer = rc_buffer_slice(stage->other, 0, stage->other->size);
    watch(stage, stage->buffer);
}

static void prepare_adopted_slice(struct stage *stage)
{
    prepare_adopted(stage);
    slice_all(stage);
}

static void prepare_mapped_slice(struct stage *stage)
{
    prepare_mapped(stage);
    slice_all(stage);
}

static void prepare_owner(struct stage *stage)
{
    const struct shape *shape = stage->shape;
    stage->buffer =
        rc_buffer_new_with(stage->allocator, shape->size, shape->alignment, shape->flags);
    fill(stage->buffer);
    watch(stage, stage->buffer);
}

static void prepare_sliced(struct stage *stage)
{
    prepare_owner(stage);
    stage->other = rc_buffer_slice(stage->buffer, 0, stage->shape->size);
    if (!stage->shape->size) stage->result = rc_retain(stage->buffer); /* an empty one holds none */
}

static void prepare_frozen_slice(struct stage *stage)
{
    prepare_owner(stage);
    rc_buffer_freeze(stage->buffer);
    slice_all(stage);
}

static void end_buffers(struct stage *stage)
{
    rc_clear(&stage->result);
    rc_clear(&stage->buffer);
    rc_clear(&stage->other);
}

static void end_adopted(struct stage *stage)
{
    expect(ended == 0, "adopted bytes ended while they were held");
    end_buffers(stage);
    expect(ended == 1, "adopted bytes did not end once");
}

/* ---- slices and copies of them --------------------------------------------------------------- */

static bool slice(struct stage *stage)
{
    size_t third = stage->buffer->size / 3;
    stage->result = rc_buffer_slice(stage->buffer, third, third);
    return stage->result != NULL;
}

static bool is_sliced(struct stage *stage)
{
    size_t third = stage->buffer->size / 3;
    return stage->result->size == third &&
           (!third || stage->result->data == stage->buffer->data + third);
}

static bool make_unique(struct stage *stage)
{
    rc_buffer *before = stage->buffer;
    bool done = rc_buffer_make_unique(&stage->buffer) == RC_OK;
    expect(done == (stage->buffer != before), "the variable changes with success, and only then");
    return done;
}

static bool is_copy(struct stage *stage)
{
    return rc_is_unique(stage->buffer) && rc_buffer_edit(stage->buffer) &&
           is_pattern(stage->buffer, stage->shape->size);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

static bool resize_a_little(struct stage *stage)
{
    size_t size = stage->shape->size;
    return rc_buffer_resize(stage->buffer, size + size / 16 + 2) == RC_OK;
}

static bool is_a_little_larger(struct stage *stage)
{
    size_t size = stage->shape->size;
    return stage->buffer->size == size + size / 16 + 2 &&
           (!size || memcmp(stage->buffer->data, pattern_bytes(), size) == 0);
}

static void prepare_cut(struct stage *stage)
{
    prepare_owner(stage);
    rc_buffer_resize(stage->buffer, stage->shape->size / 2);
}

static bool shrink(struct stage *stage)
{
    return rc_buffer_shrink(stage->buffer) == RC_OK;
}

static bool is_half(struct stage *stage)
{
    return is_pattern(stage->buffer, stage->shape->size / 2);
}

/* ---- the default changes --------------------------------------------------------------------- */

/* Made with the one that fails as the default, which the system's then is. */
static void prepare_before_change(struct stage *stage)
{
    expect(rc_allocator_set_default(stage->failing) == RC_OK, "the default does not change");
    stage->buffer = rc_buffer_new(stage->shape->size);
    fill(stage->buffer);
    rc_allocator_set_default(NULL);
    watch(stage, stage->buffer);
}

/* A default with memory, and one thing from an allocator that has none. */
static void prepare_beside(struct stage *stage)
{
    (void)stage;
    rc_allocator_set_default(NULL);
}

static bool make_beside(struct stage *stage)
{
    const struct shape *shape = stage->shape;
    stage->result = rc_buffer_new_with(stage->failing, shape->size, shape->alignment, shape->flags);
    return stage->result != NULL;
}

static bool is_beside(struct stage *stage)
{
    return stage->result->size == stage->shape->size && rc_is_unique(stage->result);
}

/* Blocks too remember where they came from. */
static void prepare_block(struct stage *stage)
{
    rc_allocator_set_default(stage->failing);
    stage->block = rc_memory_allocate(stage->shape->size);
    memcpy(stage->block, pattern_bytes(), stage->shape->size);
    rc_allocator_set_default(NULL);
}

static bool reallocate(struct stage *stage)
{
    size_t size = stage->shape->size;
    void *moved = rc_memory_reallocate(stage->block, size * 2 + 1);
    if (moved) stage->block = moved;
    expect(memcmp(stage->block, pattern_bytes(), size) == 0, "the bytes have changed");
    expect(rc_memory_size(stage->block) == (moved ? size * 2 + 1 : size), "the size is not right");
    return moved != NULL;
}

static void end_block(struct stage *stage)
{
    rc_memory_free(stage->block);
}

/* The C library may refuse a smaller block as well. */
static void prepare_large_block(struct stage *stage)
{
    stage->block = rc_memory_allocate(LONGEST);
    memcpy(stage->block, pattern_bytes(), LONGEST);
}

static bool reallocate_smaller(struct stage *stage)
{
    size_t size = stage->shape->size;
    void *moved = rc_memory_reallocate(stage->block, size);
    if (moved) stage->block = moved;
    size = moved ? size : LONGEST;
    expect(rc_memory_size(stage->block) == size, "the size is not right");
    expect(memcmp(stage->block, pattern_bytes(), size) == 0, "the bytes have changed");
    return moved != NULL;
}

#define KIND(title, before, call, result, after)                                                   \
    {                                                                                              \
        .name = (title), .prepare = (before), .act = (call), .holds = (result), .end = (after),    \
        .every_size = true                                                                         \
    }
#define SHAPED(title, before, call, result, after)                                                 \
    {                                                                                              \
        .name = (title), .prepare = (before), .act = (call), .holds = (result), .end = (after),    \
        .every_shape = true                                                                        \
    }

static const struct scenario list[] = {
    KIND("slice adopted bytes", prepare_adopted, slice, is_sliced, end_adopted),
    KIND("slice borrowed bytes", prepare_borrowed, slice, is_sliced, end_buffers),
    KIND("slice a map", prepare_mapped, slice, is_sliced, end_buffers),
    KIND("slice a slice of adopted bytes", prepare_adopted_slice, slice, is_sliced, end_adopted),
    KIND("slice a slice of a map", prepare_mapped_slice, slice, is_sliced, end_buffers),
    SHAPED("slice a slice of frozen bytes", prepare_frozen_slice, slice, is_sliced, end_buffers),
    KIND("make adopted bytes unique", prepare_adopted, make_unique, is_copy, end_adopted),
    KIND("make borrowed bytes unique", prepare_borrowed, make_unique, is_copy, end_buffers),
    KIND("make a map unique", prepare_mapped, make_unique, is_copy, end_buffers),
    KIND("make a slice of a map unique", prepare_mapped_slice, make_unique, is_copy, end_buffers),
    SHAPED("make a sliced buffer unique", prepare_sliced, make_unique, is_copy, end_buffers),
    SHAPED("make a frozen slice unique", prepare_frozen_slice, make_unique, is_copy, end_buffers),
    {.name = "resize a little",
     .prepare = prepare_owner,
     .act = resize_a_little,
     .holds = is_a_little_larger,
     .end = end_buffers,
     .asks_for_less = true,
     .every_shape = true},
    SHAPED("shrink what was cut", prepare_cut, shrink, is_half, end_buffers),
    {.name = "resize after the default changed",
     .prepare = prepare_before_change,
     .act = resize_a_little,
     .holds = is_a_little_larger,
     .end = end_buffers,
     .asks_for_less = true,
     .every_size = true},
    SHAPED("make beside a default with memory", prepare_beside, make_beside, is_beside,
           end_buffers),
    KIND("a larger block after the default changed", prepare_block, reallocate, NULL, end_block),
    KIND("a smaller block", prepare_large_block, reallocate_smaller, NULL, end_block),
};

const struct scenarios kind_scenarios = {list, sizeof list / sizeof list[0]};
