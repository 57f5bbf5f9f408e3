/* SPDX-License-Identifier: MIT */
/* Growing where memory is refused, and where the bytes must leave no trace. */
#include "buffer/buffer.h"

#include "support.h"

/* ---- no memory ------------------------------------------------------------------------------- */

enum work { RESIZE, RESERVE, APPEND, SHRINK };

static enum rc_status do_work(rc_buffer *buffer, enum work work, size_t size)
{
    switch (work) {
    case RESIZE:
        return rc_buffer_resize(buffer, size);
    case RESERVE:
        return rc_buffer_reserve(buffer, size);
    case APPEND:
        return rc_buffer_append(buffer, buffer->data, buffer->size);
    case SHRINK:
        return rc_buffer_shrink(buffer);
    }
    return RC_INVALID;
}

static void check_refused_growth(enum work work, size_t size, size_t alignment, unsigned flags)
{
    struct rc_failing_allocator failing;
    rc_failing_allocator_init(&failing, NULL, 0, true);
    rc_buffer *buffer = rc_buffer_new_with(&failing.allocator, size, alignment, flags);
    support_fill(buffer, 3, 0);
    failing.fail_at = failing.requests + 1;
    const unsigned char *place = buffer->data;
    struct rc_account before, after;
    rc_account_read(&before);
    ASSERT_REFUSED(do_work(buffer, work, 10 * size), RC_NO_MEMORY, "no room for");
    rc_account_read(&after);
    ck_assert_uint_eq(after.live_bytes, before.live_bytes);
    ck_assert_ptr_eq(buffer->data, place);
    ck_assert_uint_eq(buffer->size, size);
    support_assert_filled(buffer, 3, size);
    failing.fail_at = 0;
    ASSERT_OK(do_work(buffer, work, 10 * size));
    support_assert_filled(buffer, 3, size);
    rc_release(buffer);
}

#define ASSERT_KEEPS_ERROR(call)                                                                   \
    do {                                                                                           \
        ck_assert_int_eq((call), RC_OK);                                                           \
        ck_assert_str_eq(rc_error_message(), "from before");                                       \
    } while (0)

START_TEST(a_refused_growth_leaves_everything_as_it_was)
{
    static const size_t sizes[] = {64, 5000, 100000};
    for (enum work work = RESIZE; work <= APPEND; work++)
        for (size_t i = 0; i < 3; i++)
            for (unsigned flags = 0; flags <= RC_BUFFER_WIPE; flags++) {
                check_refused_growth(work, sizes[i], 16, flags);
                check_refused_growth(work, sizes[i], 64, flags);
            }
}
END_TEST

static void *refuse_to_resize(void *context, void *block, size_t old_size, size_t new_size,
                              size_t alignment)
{
    (void)context, (void)block, (void)old_size, (void)new_size, (void)alignment;
    return NULL;
}

START_TEST(a_refused_shrink_leaves_everything_as_it_was)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    rc_buffer *buffer = rc_buffer_new_with(&inspector.allocator, 100000, 0, 0);
    support_fill(buffer, 3, 0);
    ASSERT_OK(rc_buffer_resize(buffer, 70000));
    inspector.allocator.reallocate = refuse_to_resize;
    ASSERT_REFUSED(rc_buffer_shrink(buffer), RC_NO_MEMORY, "no room for 70000 bytes");
    inspector.allocator.reallocate = NULL;
    ASSERT_OK(rc_buffer_resize(buffer, 100000));
    support_assert_filled(buffer, 3, 70000);
    rc_release(buffer);
}
END_TEST

/* ---- wiping ---------------------------------------------------------------------------------- */

START_TEST(a_wiping_buffer_that_moves_leaves_no_bytes_behind_and_is_never_reallocated)
{
    struct support_inspector inspector;
    support_inspector_init(&inspector);
    rc_buffer *secret = rc_buffer_new_with(&inspector.allocator, 20, 0, RC_BUFFER_WIPE);
    memset(rc_buffer_edit(secret), SUPPORT_SECRET, 20);
    for (int i = 0; i < 16; i++) ASSERT_OK(rc_buffer_append(secret, secret->data, secret->size));
    ck_assert_uint_eq(secret->size, (size_t)20 << 16);
    ck_assert(support_is_all(secret->data, secret->size, SUPPORT_SECRET));
    ASSERT_OK(rc_buffer_resize(secret, 10000));
    ASSERT_OK(rc_buffer_shrink(secret));
    ASSERT_OK(rc_buffer_resize(secret, 20));
    ASSERT_OK(rc_buffer_shrink(secret));
    ck_assert_uint_eq(inspector.blocks, 1);
    rc_release(secret);
    ck_assert_uint_eq(inspector.blocks, 0);
    ck_assert_uint_eq(inspector.secrets, 0);
    ck_assert_uint_eq(inspector.resized, 0);
}
END_TEST

START_TEST(the_room_in_the_object_is_wiped_when_the_bytes_move_out_of_it)
{
    rc_buffer *secret = rc_buffer_new_with(NULL, 64, 0, RC_BUFFER_WIPE);
    const unsigned char *room = secret->data;
    memset(rc_buffer_edit(secret), SUPPORT_SECRET, 64);
    ASSERT_OK(rc_buffer_resize(secret, 1000));
    ck_assert_ptr_ne(secret->data, room);
    ASSERT_OK(rc_buffer_resize(secret, 0));
    ASSERT_OK(rc_buffer_shrink(secret));
    ck_assert_ptr_eq(secret->data, room);
    ASSERT_OK(rc_buffer_resize(secret, 64));
    ck_assert(support_is_all(secret->data, 64, 0));
    rc_release(secret);
}
END_TEST

/* A quota with room for the bytes asked for, and none to spare. */
START_TEST(without_memory_to_spare_growing_takes_what_it_needs)
{
    static const struct {
        size_t before, more;
    } steps[] = {{700000, 1}, {700000, 100000}, {5000, 1}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct rc_limiting_allocator quota;
        rc_limiting_allocator_init(&quota, NULL, 2 * (steps[i].before + steps[i].more) + 200);
        rc_buffer *buffer = rc_buffer_new_with(&quota.allocator, steps[i].before, 0, 0);
        unsigned char *more = calloc(1, steps[i].more);
        rc_error_set(RC_BUSY, "from before");
        ASSERT_KEEPS_ERROR(rc_buffer_append(buffer, more, steps[i].more));
        ck_assert_uint_eq(buffer->size, steps[i].before + steps[i].more);
        free(more);
        rc_release(buffer);
        buffer = rc_buffer_new_with(&quota.allocator, steps[i].before, 0, 0);
        ASSERT_KEEPS_ERROR(rc_buffer_resize(buffer, steps[i].before + steps[i].more));
        rc_release(buffer);
        rc_error_clear();
    }
}
END_TEST

HARNESS_MAIN("buffer/buffer_grow_memory", without_memory_to_spare_growing_takes_what_it_needs,
             a_refused_growth_leaves_everything_as_it_was,
             a_refused_shrink_leaves_everything_as_it_was,
             a_wiping_buffer_that_moves_leaves_no_bytes_behind_and_is_never_reallocated,
             the_room_in_the_object_is_wiped_when_the_bytes_move_out_of_it)
