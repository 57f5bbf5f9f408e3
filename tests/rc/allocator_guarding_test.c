/* SPDX-License-Identifier: MIT */
#include "rc/memory.h"
#include "rc/object.h"
#include "rc/weak.h"
#include "tests/child.h"
#include "tests/harness.h"
#include "tests/rc/arena.h"

/* The arena takes nothing back, so that freed blocks can be looked at under every sanitizer. */
static struct arena arena;
static struct rc_guarding_allocator guarding;

static unsigned char *guarded(size_t size, size_t alignment)
{
    arena_init(&arena);
    rc_guarding_allocator_init(&guarding, &arena.allocator);
    return guarding.allocator.allocate(&guarding, size, alignment);
}

static void give(void *block, size_t size, size_t alignment)
{
    guarding.allocator.deallocate(&guarding, block, size, alignment);
}

static bool all(const unsigned char *bytes, size_t size, int value)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != value) return false;
    return true;
}

START_TEST(fresh_bytes_and_freed_bytes_have_their_pattern)
{
    unsigned char *block = guarded(40, 16);
    ck_assert(all(block, 40, 0xcd));
    give(block, 40, 16);
    ck_assert(all(block, 40, 0xec));
    ck_assert_uint_eq(arena.deallocated, 1);
}
END_TEST

START_TEST(zeroed_bytes_are_zero)
{
    (void)guarded(8, 16);
    unsigned char *block = guarding.allocator.allocate_zeroed(&guarding, 40, 16);
    ck_assert(all(block, 40, 0));
    ck_assert_uint_eq(rc_guarding_allocator_live_blocks(&guarding), 2);
}
END_TEST

START_TEST(every_alignment_is_kept_and_every_size_is_given_back)
{
    size_t alignments[] = {16, 32, 64, 256, 4096};
    for (size_t i = 0; i < 5; i++) {
        size_t alignment = alignments[i];
        unsigned char *block = guarded(77, alignment);
        ck_assert_uint_eq((uintptr_t)block % alignment, 0);
        give(block, 77, alignment);
        ck_assert_uint_eq(arena.last_alignment, alignment);
        ck_assert_uint_eq(arena.last_size, arena.used);
        ck_assert_uint_eq(rc_guarding_allocator_live_blocks(&guarding), 0);
    }
}
END_TEST

START_TEST(only_alignments_above_the_least_have_padding)
{
    static const size_t before[][2] = {{16, 48}, {32, 64}, {64, 64}, {256, 256}};
    for (size_t i = 0; i < 4; i++) {
        unsigned char *block = guarded(77, before[i][0]);
        ck_assert_uint_eq((size_t)(block - arena.bytes), before[i][1]);
        ck_assert_uint_eq(arena.used, before[i][1] + 77 + 16);
        give(block, 77, before[i][0]);
    }
}
END_TEST

START_TEST(a_resize_moves_and_keeps_the_content)
{
    unsigned char *block = guarded(5, 16);
    memcpy(block, "kept", 5);
    char *larger = guarding.allocator.reallocate(&guarding, block, 5, 50, 16);
    ck_assert_ptr_ne(larger, block);
    ck_assert_str_eq(larger, "kept");
    ck_assert(all((unsigned char *)larger + 5, 45, 0xcd));
    ck_assert(all(block, 5, 0xec));
    char *smaller = guarding.allocator.reallocate(&guarding, larger, 50, 2, 16);
    ck_assert_int_eq(memcmp(smaller, "ke", 2), 0);
    ck_assert_uint_eq(rc_guarding_allocator_live_blocks(&guarding), 1);
    give(smaller, 2, 16);
    ck_assert_uint_eq(rc_guarding_allocator_live_blocks(&guarding), 0);
}
END_TEST

START_TEST(a_resize_that_finds_no_room_leaves_the_block)
{
    unsigned char *block = guarded(5, 16);
    memcpy(block, "kept", 5);
    ck_assert_ptr_null(guarding.allocator.reallocate(&guarding, block, 5, 1 << 20, 16));
    ck_assert_ptr_null(guarding.allocator.reallocate(&guarding, block, 5, SIZE_MAX - 8, 16));
    ck_assert_ptr_null(guarding.allocator.allocate(&guarding, PTRDIFF_MAX, 16));
    ck_assert_str_eq((char *)block, "kept");
    ck_assert_uint_eq(rc_guarding_allocator_live_blocks(&guarding), 1);
    give(block, 5, 16);
}
END_TEST

START_TEST(the_library_works_on_top_of_it)
{
    static const rc_type type = {.name = "guarded", .size = 100, .alignment = 64};
    rc_guarding_allocator_init(&guarding, NULL);
    rc_allocator_set_default(&guarding.allocator);
    void *block = rc_memory_allocate(10);
    block = rc_memory_reallocate(block, 1000);
    void *object = rc_object_new(&type, 20);
    ck_assert_uint_eq(rc_guarding_allocator_live_blocks(&guarding), 2);
    rc_memory_free(block);
    rc_release(object);
    ck_assert_uint_eq(rc_guarding_allocator_live_blocks(&guarding), 0);
    rc_allocator_set_default(NULL);
}
END_TEST

/* ---- what it stops for ----------------------------------------------------------------------- */

static void write_past_the_end(void *unused)
{
    (void)unused;
    unsigned char *block = guarded(24, 16);
    block[26] = 'A';
    give(block, 24, 16);
}

static void write_the_last_guard_byte_and_resize(void *unused)
{
    (void)unused;
    unsigned char *block = guarded(24, 16);
    block[39] = 0;
    (void)!guarding.allocator.reallocate(&guarding, block, 24, 30, 16);
}

static void write_before_the_start(void *unused)
{
    (void)unused;
    unsigned char *block = guarded(24, 64);
    block[-3] = 7;
    block[-1] = 7;
    give(block, 24, 64);
}

static void write_the_first_guard_byte(void *unused)
{
    (void)unused;
    unsigned char *block = guarded(24, 16);
    block[-16] = 1;
    give(block, 24, 16);
}

START_TEST(damage_stops_the_program_and_names_the_first_byte)
{
    CHILD_ASSERT_STOPS(write_past_the_end, NULL,
                       "of 24 bytes: the first damaged byte is at offset 26 and holds 0x41");
    CHILD_ASSERT_STOPS(write_past_the_end, NULL, "something wrote past the end of the block");
    CHILD_ASSERT_STOPS(write_the_last_guard_byte_and_resize, NULL, "offset 39 and holds 0x00");
    CHILD_ASSERT_STOPS(write_before_the_start, NULL, "something wrote before the block");
    CHILD_ASSERT_STOPS(write_before_the_start, NULL, "offset -3 and holds 0x07");
    CHILD_ASSERT_STOPS(write_the_first_guard_byte, NULL, "offset -16 and holds 0x01");
}
END_TEST

/* ---- what the program has -------------------------------------------------------------------- */

static const rc_type point_type = {.name = "point", .size = 16};
static const rc_type aligned_type = {.name = "aligned point", .size = 16, .alignment = 128};

static void use_the_guarding(void)
{
    arena_init(&arena);
    rc_guarding_allocator_init(&guarding, &arena.allocator);
    rc_allocator_set_default(&guarding.allocator);
}

static void write_past_a_block(void *unused)
{
    (void)unused;
    use_the_guarding();
    unsigned char *volatile bytes = rc_memory_allocate(100);
    bytes[103] = 1;
    fprintf(stderr, "at %p,", (void *)bytes);
    rc_memory_free(bytes);
}

static void write_past_a_block_and_resize(void *unused)
{
    (void)unused;
    use_the_guarding();
    unsigned char *volatile bytes = rc_memory_allocate(100);
    bytes[100] = 1;
    bytes = rc_memory_reallocate(bytes, 200);
}

static void write_before_a_block(void *unused)
{
    (void)unused;
    use_the_guarding();
    unsigned char *volatile bytes = rc_memory_allocate(100);
    bytes[-33] = 1;
    rc_memory_free(bytes);
}

static void write_past_an_object(void *type)
{
    use_the_guarding();
    unsigned char *volatile bytes = rc_object_new(type, 9);
    bytes[25] = 1;
    fprintf(stderr, "at %p,", (void *)bytes);
    rc_release(bytes);
}

/* The address that the library names after @p before is the one that the child wrote down. */
static void assert_names_the_pointer(void (*damage)(void *argument), void *argument,
                                     const char *before)
{
    struct child_result result = child_run(damage, argument);
    ck_assert(child_was_stopped(&result));
    const char *wrote = strstr(result.output, "at "), *named = strstr(result.output, before);
    ck_assert_msg(wrote && named, "it said: %s", result.output);
    named += strlen(before);
    size_t length = strcspn(wrote + 3, ",");
    ck_assert_msg(strncmp(wrote + 3, named, length + 1) == 0, "it said: %s", result.output);
}

START_TEST(damage_is_told_in_the_figures_of_the_program_too)
{
    CHILD_ASSERT_STOPS(write_past_a_block, NULL,
                       "of 132 bytes: the first damaged byte is at offset "
                       "135 and holds 0x01; to the program that is offset "
                       "103 of the block at 0x");
    CHILD_ASSERT_STOPS(write_past_a_block, NULL, ", of 100 bytes\n");
    CHILD_ASSERT_STOPS(write_past_a_block_and_resize, NULL, "is offset 100 of the block at 0x");
    CHILD_ASSERT_STOPS(write_before_a_block, NULL, "is offset -33 of the block at 0x");
    CHILD_ASSERT_STOPS(write_past_an_object, (void *)(uintptr_t)&point_type,
                       "is offset 25 of the object of type point at 0x");
    CHILD_ASSERT_STOPS(write_past_an_object, (void *)(uintptr_t)&aligned_type,
                       "is offset 25 of the object of type aligned point at 0x");
    CHILD_ASSERT_STOPS(write_past_an_object, (void *)(uintptr_t)&point_type, ", of 25 bytes\n");
    assert_names_the_pointer(write_past_a_block, NULL, "103 of the block at ");
    assert_names_the_pointer(write_past_an_object, (void *)(uintptr_t)&point_type,
                             "of type point at ");
    assert_names_the_pointer(write_past_an_object, (void *)(uintptr_t)&aligned_type,
                             "of type aligned point at ");
}
END_TEST

static void write_past_bytes_that_look_like_nothing(void *size)
{
    use_the_guarding();
    unsigned char *block =
        guarding.allocator.allocate_zeroed(&guarding, *(size_t *)size, RC_ALIGNMENT_DEFAULT);
    block[*(size_t *)size] = 1;
    give(block, *(size_t *)size, RC_ALIGNMENT_DEFAULT);
}

START_TEST(of_bytes_that_are_the_programs_own_nothing_more_is_told)
{
    for (size_t size = 1; size <= 200; size++) {
        struct child_result result = child_run(write_past_bytes_that_look_like_nothing, &size);
        ck_assert(child_was_stopped(&result));
        ck_assert_msg(strstr(result.output, "and holds 0x01\n"), "it said: %s", result.output);
    }
}
END_TEST

static void free_twice(void *unused)
{
    (void)unused;
    unsigned char *block = guarded(24, 16);
    give(block, 24, 16);
    give(block, 24, 16);
}

static void free_what_a_resize_left(void *unused)
{
    (void)unused;
    unsigned char *block = guarded(24, 16);
    (void)!guarding.allocator.reallocate(&guarding, block, 24, 10, 16);
    give(block, 24, 16);
}

START_TEST(a_second_free_stops_the_program)
{
    CHILD_ASSERT_STOPS(free_twice, NULL, "of 24 bytes was freed already");
    CHILD_ASSERT_STOPS(free_what_a_resize_left, NULL, "of 24 bytes was freed already");
}
END_TEST

static void free_the_wrong_size(void *unused)
{
    (void)unused;
    give(guarded(24, 16), 25, 16);
}

static void free_the_wrong_alignment(void *unused)
{
    (void)unused;
    give(guarded(24, 16), 24, 32);
}

START_TEST(a_size_or_alignment_that_does_not_match_stops_the_program)
{
    CHILD_ASSERT_STOPS(free_the_wrong_size, NULL,
                       "has 24 bytes aligned to 16, but 25 bytes aligned to 16 were given back");
    CHILD_ASSERT_STOPS(free_the_wrong_alignment, NULL, "but 24 bytes aligned to 32 were");
}
END_TEST

static void free_the_inside(void *unused)
{
    (void)unused;
    give(guarded(200, 16) + 64, 24, 16);
}

START_TEST(what_is_no_block_stops_the_program)
{
    CHILD_ASSERT_STOPS(free_the_inside, NULL, "is not a block of it, or its head was overwritten");
}
END_TEST

static void release_twice(void *point)
{
    rc_release(point);
    rc_release(point);
}

static void retain_the_dead(void *point)
{
    rc_release(point);
    exit(rc_retain(point) == NULL);
}

static void free_a_block_twice(void *unused)
{
    (void)unused;
    rc_allocator_set_default(&guarding.allocator);
    void *block = rc_memory_allocate(40);
    rc_memory_free(block);
    rc_memory_free(block);
}

START_TEST(a_block_of_memory_that_is_gone_is_not_freed_again)
{
    arena_init(&arena);
    rc_guarding_allocator_init(&guarding, &arena.allocator);
    CHILD_ASSERT_STOPS(free_a_block_twice, NULL, "rc_memory_free: the block at");
    CHILD_ASSERT_STOPS(free_a_block_twice, NULL, "was freed already");
}
END_TEST

static void refer_weakly_to_the_dead(void *point)
{
    rc_release(point);
    exit(rc_weak_new(point) == NULL);
}

START_TEST(an_object_that_is_gone_is_neither_released_nor_retained)
{
    static const rc_type *const types[] = {&point_type, &aligned_type};
    for (size_t i = 0; i < 2; i++) {
        arena_init(&arena);
        rc_guarding_allocator_init(&guarding, &arena.allocator);
        void *point = rc_object_new_with(&guarding.allocator, types[i], 0);
        CHILD_ASSERT_STOPS(release_twice, point,
                           "point is dead: it was released more often than retained");
        CHILD_ASSERT_STOPS(retain_the_dead, point,
                           "point is dead: there is no reference to it any more");
        CHILD_ASSERT_STOPS(retain_the_dead, point, i == 0 ? "of type point" : "of type aligned");
        CHILD_ASSERT_STOPS(refer_weakly_to_the_dead, point, "rc_weak_new: the object at 0x");
        CHILD_ASSERT_STOPS(refer_weakly_to_the_dead, point,
                           "point is dead: there is no reference to it any more");
        rc_release(point);
    }
}
END_TEST

static rc_weak *made_at_the_end;

static void refer_weakly_to_itself(void *self)
{
    made_at_the_end = rc_weak_new(self);
}

static void refer_weakly_to_the_dying(rc_weak *weak, void *object)
{
    (void)weak;
    rc_weak *late = rc_weak_new(object);
    ck_assert(rc_weak_is_dead(late));
    rc_release(late);
}

START_TEST(a_weak_reference_that_an_object_makes_at_its_end_is_no_mistake)
{
    static const rc_type type = {.name = "last", .size = 8, .finalize = refer_weakly_to_itself};
    arena_init(&arena);
    rc_guarding_allocator_init(&guarding, &arena.allocator);
    rc_allocator_set_default(&guarding.allocator);
    void *object = rc_object_new(&type, 0);
    rc_weak *weak = rc_weak_new(object);
    ck_assert_int_eq(rc_weak_on_death(weak, refer_weakly_to_the_dying, object), RC_OK);
    rc_release(object);
    ck_assert(rc_weak_is_dead(weak) && rc_weak_is_dead(made_at_the_end));
    rc_release(weak);
    rc_release(made_at_the_end);
    rc_allocator_set_default(NULL);
}
END_TEST

HARNESS_MAIN("rc/allocator_guarding", damage_is_told_in_the_figures_of_the_program_too,
             of_bytes_that_are_the_programs_own_nothing_more_is_told,
             a_weak_reference_that_an_object_makes_at_its_end_is_no_mistake,
             a_block_of_memory_that_is_gone_is_not_freed_again,
             an_object_that_is_gone_is_neither_released_nor_retained,
             fresh_bytes_and_freed_bytes_have_their_pattern, zeroed_bytes_are_zero,
             every_alignment_is_kept_and_every_size_is_given_back,
             only_alignments_above_the_least_have_padding, a_resize_moves_and_keeps_the_content,
             a_resize_that_finds_no_room_leaves_the_block, the_library_works_on_top_of_it,
             damage_stops_the_program_and_names_the_first_byte, a_second_free_stops_the_program,
             a_size_or_alignment_that_does_not_match_stops_the_program,
             what_is_no_block_stops_the_program)
