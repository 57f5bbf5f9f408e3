/* SPDX-License-Identifier: MIT */
/* Random operations on a buffer, beside a plain array that says what it has to hold. */
#include "buffer/buffer.h"

#include "support.h"

enum { MODEL_MAX = 60000, STEPS = 4000 };

struct model {
    rc_buffer *buffer;
    unsigned char bytes[MODEL_MAX];
    size_t size;
    rc_buffer *slice; /* one, now and then */
    size_t offset;
    bool frozen;
    uint64_t random;
    size_t refused; /* calls that were */
};

static size_t pick(struct model *model, size_t below)
{
    model->random ^= model->random << 13;
    model->random ^= model->random >> 7;
    model->random ^= model->random << 17;
    return (size_t)(model->random >> 11) % below;
}

/* Small sizes mostly, so that the bytes go in and out of the object. */
static size_t pick_size(struct model *model)
{
    static const size_t below[] = {20, 200, 5000, MODEL_MAX};
    return pick(model, below[pick(model, 4)]);
}

static enum rc_status expected(const struct model *model, size_t size)
{
    if (size == model->size) return RC_OK;
    if (model->frozen) return RC_READ_ONLY;
    return model->slice ? RC_BUSY : RC_OK;
}

/* True if the call did its work; refused is right, too, where the model or the memory says so. */
static bool agreed(struct model *model, enum rc_status status, enum rc_status right)
{
    if (status == RC_NO_MEMORY && right == RC_OK) {
        model->refused++;
        return false;
    }
    ck_assert_str_eq(rc_status_name(status), rc_status_name(right));
    model->refused += status != RC_OK;
    return status == RC_OK;
}

static void write_all(struct model *model)
{
    unsigned char *bytes = rc_buffer_edit(model->buffer);
    ck_assert_int_eq(bytes == NULL, model->frozen);
    if (!bytes) return;
    support_write(bytes, model->size, (unsigned)pick(model, 256), pick(model, SUPPORT_PERIOD));
    memcpy(model->bytes, bytes, model->size);
}

static void resize(struct model *model)
{
    size_t size = pick_size(model), old = model->size;
    enum rc_status right = expected(model, size);
    if (!agreed(model, rc_buffer_resize(model->buffer, size), right) || size == old) return;
    model->size = size;
    unsigned char *bytes = rc_buffer_edit(model->buffer);
    for (size_t i = old; i < size; i++) bytes[i] = model->bytes[i] = (unsigned char)i;
}

static void append(struct model *model)
{
    unsigned char more[300];
    size_t size = pick(model, sizeof more);
    if (model->size + size > MODEL_MAX) return;
    support_write(more, size, (unsigned)pick(model, 256), pick(model, SUPPORT_PERIOD));
    enum rc_status right = expected(model, model->size + size);
    if (!agreed(model, rc_buffer_append(model->buffer, more, size), right)) return;
    memcpy(model->bytes + model->size, more, size);
    model->size += size;
}

static void append_own(struct model *model)
{
    size_t from = pick(model, model->size + 1), size = pick(model, model->size - from + 1);
    if (model->size + size > MODEL_MAX) return;
    enum rc_status right = expected(model, model->size + size);
    if (!agreed(model, rc_buffer_append(model->buffer, model->buffer->data + from, size), right))
        return;
    memcpy(model->bytes + model->size, model->bytes + from, size);
    model->size += size;
}

static void reserve_or_shrink(struct model *model)
{
    enum rc_status right = model->frozen ? RC_READ_ONLY : model->slice ? RC_BUSY : RC_OK;
    enum rc_status status = pick(model, 2) ? rc_buffer_reserve(model->buffer, pick_size(model))
                                           : rc_buffer_shrink(model->buffer);
    agreed(model, status, right);
}

static void slice_or_release(struct model *model)
{
    if (model->slice) {
        rc_clear(&model->slice);
        return;
    }
    if (model->size == 0) return;
    model->offset = pick(model, model->size);
    model->slice =
        rc_buffer_slice(model->buffer, model->offset, 1 + pick(model, model->size - model->offset));
    ck_assert_ptr_nonnull(model->slice);
}

static void freeze_or_thaw(struct model *model)
{
    if (!model->frozen) {
        ASSERT_OK(rc_buffer_freeze(model->buffer));
        model->frozen = true;
    } else if (agreed(model, rc_buffer_thaw(model->buffer), model->slice ? RC_BUSY : RC_OK)) {
        model->frozen = false;
    }
}

static void make_unique(struct model *model)
{
    rc_buffer *before = model->buffer;
    bool stays = !model->frozen && !model->slice;
    ASSERT_OK(rc_buffer_make_unique(&model->buffer));
    ck_assert_int_eq(model->buffer == before, stays);
    model->frozen = false;
    if (stays || !model->slice) return;
    ck_assert_mem_eq(model->slice->data, model->bytes + model->offset, model->slice->size);
    rc_clear(&model->slice); /* it hangs on the old buffer */
}

static void check(const struct model *model)
{
    ck_assert_uint_eq(model->buffer->size, model->size);
    ck_assert_int_eq(memcmp(model->buffer->data, model->bytes, model->size), 0);
    ck_assert_uint_eq(rc_buffer_exports(model->buffer), model->slice != NULL);
    if (!model->slice) return;
    ck_assert_ptr_eq(model->slice->data, model->buffer->data + model->offset);
}

/* Returns how many calls were refused. */
static size_t run(const struct rc_allocator *allocator, size_t alignment, unsigned flags,
                  uint64_t seed)
{
    static void (*const steps[])(struct model *) = {
        resize,           resize,         append,      append,    append_own, reserve_or_shrink,
        slice_or_release, freeze_or_thaw, make_unique, write_all,
    };
    struct model *model = calloc(1, sizeof *model);
    model->random = seed;
    model->buffer = rc_buffer_new_with(allocator, 0, alignment, flags);
    for (size_t step = 0; step < STEPS; step++) {
        steps[pick(model, sizeof steps / sizeof *steps)](model);
        check(model);
    }
    size_t refused = model->refused;
    rc_release(model->slice);
    rc_release(model->buffer);
    free(model);
    return refused;
}

START_TEST(random_operations_agree_with_a_plain_array)
{
    for (uint64_t seed = 1; seed <= 4; seed++) ck_assert_uint_gt(run(NULL, 0, 0, seed), 0);
}
END_TEST

START_TEST(random_operations_on_an_aligned_buffer_agree)
{
    for (uint64_t seed = 11; seed <= 14; seed++) ck_assert_uint_gt(run(NULL, 64, 0, seed), 0);
}
END_TEST

START_TEST(random_operations_on_a_wiping_buffer_agree_and_leave_no_secret)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    run(&inspector.allocator, 0, RC_BUFFER_WIPE, 21);
    ck_assert_uint_eq(inspector.blocks, 0);
    ck_assert_uint_eq(inspector.secrets, 0);
    ck_assert_uint_eq(inspector.resized, 0);
}
END_TEST

START_TEST(random_operations_stay_inside_the_blocks_that_a_guarding_allocator_watches)
{
    struct rc_guarding_allocator guarding;
    rc_guarding_allocator_init(&guarding, NULL);
    ASSERT_OK(rc_allocator_set_default(&guarding.allocator));
    for (uint64_t seed = 31; seed <= 32; seed++) run(NULL, 0, 0, seed);
    ASSERT_OK(rc_allocator_set_default(NULL));
    ck_assert_uint_eq(rc_guarding_allocator_live_blocks(&guarding), 0);
}
END_TEST

START_TEST(random_operations_agree_where_a_quota_refuses_many)
{
    struct rc_limiting_allocator limiting;
    rc_limiting_allocator_init(&limiting, NULL, 9000);
    ck_assert_uint_gt(run(&limiting.allocator, 0, 0, 41), 100);
    ck_assert_uint_eq(rc_limiting_allocator_used(&limiting), 0);
}
END_TEST

HARNESS_MAIN("buffer/model", random_operations_agree_with_a_plain_array,
             random_operations_on_an_aligned_buffer_agree,
             random_operations_on_a_wiping_buffer_agree_and_leave_no_secret,
             random_operations_stay_inside_the_blocks_that_a_guarding_allocator_watches,
             random_operations_agree_where_a_quota_refuses_many)
