/* SPDX-License-Identifier: MIT */
/* Bytes within the capacity and past the size: AddressSanitizer dies of touching them, and says
 * container-overflow. Without it the same bytes are simply there. */
#include "buffer/poison.h"

#include "support.h"
#include "tests/child.h"

static volatile unsigned char sink;

struct touch {
    size_t size, alignment, grown; /* made with size, resized to grown */
    size_t at;                     /* the byte that is read, or written */
    bool write;
};

static rc_buffer *prepare(const struct touch *touch)
{
    rc_buffer *buffer = rc_buffer_new_aligned(touch->size, touch->alignment);
    if (!buffer || rc_buffer_resize(buffer, touch->grown) != RC_OK) _exit(0);
    return buffer;
}

static void touch_byte(void *argument)
{
    const struct touch *touch = argument;
    rc_buffer *buffer = prepare(touch);
    volatile unsigned char *bytes = rc_buffer_edit(buffer);
    if (touch->write)
        bytes[touch->at] = 1;
    else
        sink = bytes[touch->at];
    rc_release(buffer);
}

/* The byte that is allowed leaves the child alone; the one that is not kills a sanitized one. */
static void check_touch(struct touch touch)
{
    touch.at = touch.grown - 1;
    struct child_result inside = child_run(touch_byte, &touch);
    ck_assert_msg(child_was_quiet(&inside), "the last byte is refused: %s", inside.output);
    touch.at = touch.grown;
#if SUPPORT_ASAN
    CHILD_ASSERT_DIES(touch_byte, &touch, "container-overflow");
#else
    struct child_result outside = child_run(touch_byte, &touch);
    ck_assert_msg(child_was_quiet(&outside), "%s", outside.output);
    printf("skipped: container-overflow at byte %zu of %zu: no AddressSanitizer\n", touch.grown,
           touch.size);
#endif
}

START_TEST(reading_spare_bytes_in_the_object_is_reported)
{
    check_touch((struct touch){.size = 64, .grown = 40});
    check_touch((struct touch){.size = 64, .grown = 43});
}
END_TEST

START_TEST(writing_spare_bytes_of_a_block_is_reported)
{
    check_touch((struct touch){.size = 100000, .grown = 99000, .write = true});
    check_touch((struct touch){.size = 64, .alignment = 64, .grown = 32, .write = true});
}
END_TEST

START_TEST(writing_the_spare_bytes_of_a_moved_buffer_is_reported)
{
    check_touch((struct touch){.size = 80000, .grown = 80001, .write = true});
}
END_TEST

static void touch_old_room(void *unused)
{
    (void)unused;
    rc_buffer *buffer = rc_buffer_new_zeroed(64);
    const volatile unsigned char *old = buffer->data;
    if (rc_buffer_resize(buffer, 5000) != RC_OK) _exit(0);
    sink = old[0];
}

START_TEST(reading_through_the_address_from_before_the_move_is_reported)
{
#if SUPPORT_ASAN
    CHILD_ASSERT_DIES(touch_old_room, NULL, "container-overflow");
#else
    struct child_result result = child_run(touch_old_room, NULL);
    ck_assert(child_was_quiet(&result));
    printf("skipped: an address from before the move: no AddressSanitizer\n");
#endif
}
END_TEST

START_TEST(the_sanitizer_is_told_exactly_where_there_is_one)
{
    ck_assert_int_eq(RC__POISON_ASAN, SUPPORT_ASAN);
}
END_TEST

/* An allocator that hands the same memory out again, and fills it: what is left poisoned dies. */
static _Alignas(64) unsigned char arena[1 << 16];
static size_t arena_used;

static void *arena_allocate(void *context, size_t size, size_t alignment)
{
    (void)context;
    arena_used = (arena_used + alignment - 1) & ~(alignment - 1);
    if (size > sizeof arena - arena_used) return NULL;
    unsigned char *block = arena + arena_used;
    arena_used += size;
    return memset(block, 0x5A, size);
}

static void arena_deallocate(void *context, void *block, size_t size, size_t alignment)
{
    (void)context, (void)alignment;
    memset(block, 0x5B, size);
}

START_TEST(memory_goes_back_to_its_allocator_without_poison)
{
    const struct rc_allocator allocator = {
        .name = "arena", .allocate = arena_allocate, .deallocate = arena_deallocate};
    for (unsigned flags = 0; flags <= RC_BUFFER_WIPE; flags++) {
        rc_buffer *buffer = rc_buffer_new_with(&allocator, 100, 0, flags);
        ASSERT_OK(rc_buffer_resize(buffer, 10));
        ASSERT_OK(rc_buffer_reserve(buffer, 3001));
        ASSERT_OK(rc_buffer_reserve(buffer, 6001));
        ASSERT_OK(rc_buffer_resize(buffer, 500));
        ASSERT_OK(rc_buffer_shrink(buffer));
        ASSERT_OK(rc_buffer_append(buffer, "x", 1));
        ASSERT_OK(rc_buffer_resize(buffer, 5));
        ASSERT_OK(rc_buffer_shrink(buffer));
        ASSERT_OK(rc_buffer_resize(buffer, 3));
        rc_release(buffer);
    }
    memset(arena, 1, sizeof arena); /* dies if a byte is poisoned still */
    ck_assert_uint_gt(arena_used, 10000);
}
END_TEST

HARNESS_MAIN("buffer/poison", reading_spare_bytes_in_the_object_is_reported,
             writing_spare_bytes_of_a_block_is_reported,
             writing_the_spare_bytes_of_a_moved_buffer_is_reported,
             reading_through_the_address_from_before_the_move_is_reported,
             the_sanitizer_is_told_exactly_where_there_is_one,
             memory_goes_back_to_its_allocator_without_poison)
