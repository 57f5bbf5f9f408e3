/* SPDX-License-Identifier: MIT */
/* Buffers: made, grown from each kind of place, shared, copied. */
#include <stdlib.h>
#include <string.h>

#include "oom.h"

/* ---- what scenarios share -------------------------------------------------------------------- */

static rc_buffer *new_of_shape(const struct stage *stage)
{
    const struct shape *shape = stage->shape;
    return rc_buffer_new_with(stage->allocator, shape->size, shape->alignment, shape->flags);
}

static void fill(rc_buffer *buffer)
{
    unsigned char *bytes = rc_buffer_edit(buffer);
    for (size_t i = 0; i < buffer->size; i++) bytes[i] = (unsigned char)(i * 7 + 3);
}

static bool is_filled(const rc_buffer *buffer, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (buffer->data[i] != (unsigned char)(i * 7 + 3)) return false;
    return true;
}

static void prepare_buffer(struct stage *stage)
{
    stage->buffer = new_of_shape(stage);
    fill(stage->buffer);
    watch(stage, stage->buffer);
}

static void prepare_shared(struct stage *stage)
{
    prepare_buffer(stage);
    stage->other = rc_retain(stage->buffer);
}

static void prepare_frozen(struct stage *stage)
{
    prepare_buffer(stage);
    rc_buffer_freeze(stage->buffer);
}

static void prepare_slice(struct stage *stage)
{
    stage->other = new_of_shape(stage);
    fill(stage->other);
    stage->buffer = rc_buffer_slice(stage->other, 0, stage->other->size);
    watch(stage, stage->buffer);
    watch(stage, stage->other);
}

static void end_buffers(struct stage *stage)
{
    rc_clear(&stage->result);
    rc_clear(&stage->buffer);
    rc_clear(&stage->other);
    free(stage->bytes);
    stage->bytes = NULL;
}

/* ---- create ---------------------------------------------------------------------------------- */

static bool make(struct stage *stage)
{
    stage->result = new_of_shape(stage);
    return stage->result != NULL;
}

static bool is_made(struct stage *stage)
{
    size_t alignment = stage->shape->alignment ? stage->shape->alignment : RC_ALIGNMENT_DEFAULT;
    return stage->result->size == stage->shape->size && rc_count(stage->result) == 1 &&
           (size_t)stage->result->data % alignment == 0;
}

static bool make_plain(struct stage *stage)
{
    stage->result = rc_buffer_new(stage->shape->size);
    return stage->result != NULL;
}

static bool make_zeroed(struct stage *stage)
{
    stage->result = rc_buffer_new_zeroed(stage->shape->size);
    return stage->result != NULL;
}

static bool is_zeroed(struct stage *stage)
{
    for (size_t i = 0; i < stage->shape->size; i++)
        if (stage->result->data[i] != 0) return false;
    return true;
}

static bool make_aligned(struct stage *stage)
{
    stage->result = rc_buffer_new_aligned(stage->shape->size, stage->shape->alignment);
    return stage->result != NULL;
}

static bool copy(struct stage *stage)
{
    stage->result = rc_buffer_copy(stage->buffer->data, stage->buffer->size);
    return stage->result != NULL;
}

static bool is_copied(struct stage *stage)
{
    return is_filled(stage->result, stage->shape->size) &&
           stage->result->data != stage->buffer->data;
}

static unsigned given_back;

static void give_back(void *bytes, size_t size, void *context)
{
    (void)size, (void)context;
    given_back++;
    free(bytes);
}

static void prepare_bytes(struct stage *stage)
{
    given_back = 0;
    stage->bytes = calloc(1, stage->shape->size + 1);
}

/* Who adopts owns the bytes on success only. */
static bool adopt(struct stage *stage)
{
    rc_buffer *(*adopt_new)(void *, size_t, void (*)(void *, size_t, void *), void *) =
        rc_buffer_adopt;
    __asm__("" : "+r"(adopt_new)); /* the inline body is kind_scenarios.c's */
    stage->result = adopt_new(stage->bytes, stage->shape->size, give_back, NULL);
    if (stage->result) stage->bytes = NULL;
    return stage->result != NULL;
}

static bool is_adopted(struct stage *stage)
{
    bool early = given_back != 0;
    rc_clear(&stage->result);
    return !early && given_back == 1;
}

static bool borrow(struct stage *stage)
{
    stage->result = rc_buffer_borrow("what outlives it", 16);
    return stage->result != NULL;
}

/* ---- grow ------------------------------------------------------------------------------------ */

static bool resize(struct stage *stage)
{
    return rc_buffer_resize(stage->buffer, 2 * stage->shape->size + 10) == RC_OK;
}

static bool is_resized(struct stage *stage)
{
    return stage->buffer->size == 2 * stage->shape->size + 10 &&
           is_filled(stage->buffer, stage->shape->size);
}

static bool reserve(struct stage *stage)
{
    return rc_buffer_reserve(stage->buffer, 3 * stage->shape->size + 5000) == RC_OK;
}

static bool is_content_kept(struct stage *stage)
{
    return stage->buffer->size == stage->shape->size &&
           is_filled(stage->buffer, stage->shape->size);
}

static bool append(struct stage *stage)
{
    return rc_buffer_append(stage->buffer, "one more", 8) == RC_OK;
}

static bool append_itself(struct stage *stage)
{
    return rc_buffer_append(stage->buffer, stage->buffer->data, stage->shape->size) == RC_OK;
}

static bool is_appended(struct stage *stage)
{
    const rc_buffer *buffer = stage->buffer;
    return buffer->size == stage->shape->size + 8 && is_filled(buffer, stage->shape->size) &&
           memcmp(buffer->data + stage->shape->size, "one more", 8) == 0;
}

static bool is_doubled(struct stage *stage)
{
    size_t size = stage->shape->size;
    return stage->buffer->size == 2 * size && is_filled(stage->buffer, size) &&
           memcmp(stage->buffer->data, stage->buffer->data + size, size) == 0;
}

static void prepare_roomy(struct stage *stage)
{
    prepare_buffer(stage);
    rc_buffer_reserve(stage->buffer, stage->shape->size + 200000);
    stage->watched_count = 0;
    watch(stage, stage->buffer);
}

static bool shrink(struct stage *stage)
{
    return rc_buffer_shrink(stage->buffer) == RC_OK;
}

static bool shrink_again(struct stage *stage)
{
    expect(rc_buffer_resize(stage->buffer, stage->shape->size) == RC_OK, "the same size");
    return rc_buffer_shrink(stage->buffer) == RC_OK;
}

/* ---- share ----------------------------------------------------------------------------------- */

static bool slice(struct stage *stage)
{
    size_t half = stage->buffer->size / 2;
    stage->result = rc_buffer_slice(stage->buffer, half, stage->buffer->size - half);
    return stage->result != NULL;
}

static bool is_sliced(struct stage *stage)
{
    return stage->result->size == 0 ||
           stage->result->data == stage->buffer->data + stage->buffer->size / 2;
}

/* The variable that is changed is watched by hand. */
static bool make_unique(struct stage *stage)
{
    rc_buffer *before = stage->buffer;
    bool done = rc_buffer_make_unique(&stage->buffer) == RC_OK;
    if (!done) expect(stage->buffer == before, "the variable has changed");
    return done;
}

static bool is_unique_copy(struct stage *stage)
{
    return stage->buffer != stage->other && rc_is_unique(stage->buffer) &&
           rc_buffer_edit(stage->buffer) && is_content_kept(stage);
}

static const struct scenario list[] = {
    {.name = "make", .act = make, .holds = is_made, .end = end_buffers, .every_shape = true},
    {.name = "make plain", .act = make_plain, .end = end_buffers, .every_shape = true},
    {.name = "make zeroed",
     .act = make_zeroed,
     .holds = is_zeroed,
     .end = end_buffers,
     .every_shape = true},
    {.name = "make aligned",
     .act = make_aligned,
     .holds = is_made,
     .end = end_buffers,
     .every_shape = true},
    {.name = "copy",
     .prepare = prepare_buffer,
     .act = copy,
     .holds = is_copied,
     .end = end_buffers,
     .every_shape = true},
    {.name = "adopt",
     .prepare = prepare_bytes,
     .act = adopt,
     .holds = is_adopted,
     .end = end_buffers,
     .every_shape = true},
    {.name = "borrow", .act = borrow, .end = end_buffers},
    {.name = "resize",
     .prepare = prepare_buffer,
     .act = resize,
     .holds = is_resized,
     .end = end_buffers,
     .asks_for_less = true,
     .every_shape = true},
    {.name = "reserve",
     .prepare = prepare_buffer,
     .act = reserve,
     .holds = is_content_kept,
     .end = end_buffers,
     .every_shape = true},
    {.name = "append",
     .prepare = prepare_buffer,
     .act = append,
     .holds = is_appended,
     .end = end_buffers,
     .asks_for_less = true,
     .every_shape = true},
    {.name = "append itself",
     .prepare = prepare_buffer,
     .act = append_itself,
     .holds = is_doubled,
     .end = end_buffers,
     .asks_for_less = true,
     .every_shape = true},
    {.name = "shrink",
     .prepare = prepare_roomy,
     .act = shrink,
     .holds = is_content_kept,
     .end = end_buffers,
     .every_shape = true},
    {.name = "shrink what has no spare",
     .prepare = prepare_buffer,
     .act = shrink_again,
     .holds = is_content_kept,
     .end = end_buffers,
     .absorbs = true,
     .every_shape = true},
    {.name = "slice",
     .prepare = prepare_buffer,
     .act = slice,
     .holds = is_sliced,
     .end = end_buffers,
     .every_shape = true},
    {.name = "slice a slice",
     .prepare = prepare_slice,
     .act = slice,
     .holds = is_sliced,
     .end = end_buffers,
     .every_shape = true},
    {.name = "make a shared buffer unique",
     .prepare = prepare_shared,
     .act = make_unique,
     .holds = is_unique_copy,
     .end = end_buffers,
     .every_shape = true},
    {.name = "make a frozen buffer unique",
     .prepare = prepare_frozen,
     .act = make_unique,
     .holds = is_unique_copy,
     .end = end_buffers,
     .every_shape = true},
    {.name = "make a slice unique",
     .prepare = prepare_slice,
     .act = make_unique,
     .holds = is_unique_copy,
     .end = end_buffers,
     .every_shape = true},
};

const struct scenarios buffer_scenarios = {list, sizeof list / sizeof list[0]};
