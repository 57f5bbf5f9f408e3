/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>

#include "rc/memory.h"
#include "rc/object.h"
#include "tests/harness.h"
#include "tests/rc/arena.h"

static struct arena arena, other;

/* Sanitizers, too, answer NULL to what is too large. */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}
const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void *take(const struct rc_allocator *from, size_t size, size_t alignment)
{
    return from->allocate(from->context, size, alignment);
}

static void give(const struct rc_allocator *to, void *block, size_t size, size_t alignment)
{
    to->deallocate(to->context, block, size, alignment);
}

/* ---- the system's ---------------------------------------------------------------------------- */

START_TEST(the_system_allocator_is_complete_and_named)
{
    const struct rc_allocator *system = rc_allocator_system();
    ck_assert_uint_eq(system->struct_size, sizeof(struct rc_allocator));
    ck_assert_str_eq(system->name, "system");
    ck_assert(system->allocate && system->reallocate && system->deallocate);
    ck_assert(system->allocate_zeroed != NULL);
}
END_TEST

START_TEST(the_system_allocator_aligns_to_every_power_of_two)
{
    const struct rc_allocator *system = rc_allocator_system();
    for (size_t alignment = 16; alignment <= RC_ALIGNMENT_MAX; alignment *= 2) {
        unsigned char *block = take(system, 100, alignment);
        ck_assert_uint_eq((uintptr_t)block % alignment, 0);
        memset(block, 1, 100);
        give(system, block, 100, alignment);
        block = system->allocate_zeroed(NULL, 100, alignment);
        ck_assert_uint_eq((uintptr_t)block % alignment, 0);
        for (int i = 0; i < 100; i++) ck_assert_int_eq(block[i], 0);
        give(system, block, 100, alignment);
    }
}
END_TEST

START_TEST(the_system_allocator_resizes_with_content_and_alignment)
{
    const struct rc_allocator *system = rc_allocator_system();
    for (size_t alignment = 16; alignment <= 4096; alignment *= 4) {
        char *block = take(system, 6, alignment);
        memcpy(block, "hello", 6);
        block = system->reallocate(NULL, block, 6, 100000, alignment);
        ck_assert_uint_eq((uintptr_t)block % alignment, 0);
        ck_assert_str_eq(block, "hello");
        memset(block + 6, 'x', 100000 - 6);
        block = system->reallocate(NULL, block, 100000, 3, alignment);
        ck_assert_uint_eq((uintptr_t)block % alignment, 0);
        ck_assert_int_eq(memcmp(block, "hel", 3), 0);
        give(system, block, 3, alignment);
    }
}
END_TEST

START_TEST(the_system_allocator_refuses_what_does_not_fit)
{
    const struct rc_allocator *system = rc_allocator_system();
    /* 2 GiB do fit where a program has all 4 GiB that its addresses can tell apart. */
    const size_t huge = SIZE_MAX == UINT32_MAX ? SIZE_MAX - 8192 : (size_t)PTRDIFF_MAX - 4096;
    for (size_t alignment = 16; alignment <= 4096; alignment *= 16) {
        ck_assert_ptr_null(take(system, huge, alignment));
        ck_assert_ptr_null(system->allocate_zeroed(NULL, huge, alignment));
        char *block = take(system, 5, alignment);
        memcpy(block, "kept", 5);
        errno = 0;
        ck_assert_ptr_null(system->reallocate(NULL, block, 5, huge, alignment));
        ck_assert_int_eq(errno, ENOMEM);
        ck_assert_str_eq(block, "kept");
        give(system, block, 5, alignment);
    }
}
END_TEST

/* ---- the default ----------------------------------------------------------------------------- */

START_TEST(the_default_is_the_systems_until_somebody_changes_it)
{
    ck_assert_ptr_eq(rc_allocator_default(), rc_allocator_system());
    arena_init(&arena);
    ck_assert_int_eq(rc_allocator_set_default(&arena.allocator), RC_OK);
    ck_assert_ptr_eq(rc_allocator_default(), &arena.allocator);
    ck_assert_int_eq(rc_allocator_set_default(NULL), RC_OK);
    ck_assert_ptr_eq(rc_allocator_default(), rc_allocator_system());
}
END_TEST

START_TEST(an_allocator_that_lacks_a_function_is_refused_as_default)
{
    arena_init(&arena);
    arena.allocator.deallocate = NULL;
    ck_assert_int_eq(rc_allocator_set_default(&arena.allocator), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "allocator arena has no deallocate function");
    arena_init(&arena);
    arena.allocator.allocate = NULL;
    arena.allocator.name = NULL;
    ck_assert_int_eq(rc_allocator_set_default(&arena.allocator), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "allocator ? has no allocate function");
    ck_assert_ptr_eq(rc_allocator_default(), rc_allocator_system());
}
END_TEST

static const rc_type node_type = {.name = "node", .size = 24};

START_TEST(what_one_allocator_made_it_frees_also_after_the_default_changed)
{
    arena_init(&arena);
    arena_init(&other);
    rc_allocator_set_default(&arena.allocator);
    char *block = rc_memory_allocate(5);
    void *object = rc_object_new(&node_type, 0);
    memcpy(block, "kept", 5);
    rc_allocator_set_default(&other.allocator);
    block = rc_memory_reallocate(block, 500);
    ck_assert_str_eq(block, "kept");
    rc_memory_free(block);
    rc_release(object);
    ck_assert_uint_eq(arena.allocated, 3);
    ck_assert_uint_eq(arena.deallocated, 3);
    ck_assert_uint_eq(other.allocated, 0);
    rc_allocator_set_default(NULL);
}
END_TEST

static void *use_the_default(void *unused)
{
    (void)unused;
    for (int i = 0; i < 2000; i++) {
        void *block = rc_memory_allocate(16);
        rc_memory_free(block);
    }
    return NULL;
}

static void *change_the_default(void *quota)
{
    for (int i = 0; i < 2000; i++) rc_allocator_set_default(i % 2 ? NULL : quota);
    return NULL;
}

START_TEST(the_default_may_change_while_other_threads_allocate)
{
    struct rc_limiting_allocator quota;
    rc_limiting_allocator_init(&quota, NULL, 1 << 20);
    pthread_t users[2], changer;
    for (int i = 0; i < 2; i++) pthread_create(&users[i], NULL, use_the_default, NULL);
    pthread_create(&changer, NULL, change_the_default, &quota.allocator);
    for (int i = 0; i < 2; i++) pthread_join(users[i], NULL);
    pthread_join(changer, NULL);
    ck_assert_uint_eq(rc_limiting_allocator_used(&quota), 0);
    ck_assert_ptr_eq(rc_allocator_default(), rc_allocator_system());
}
END_TEST

/* ---- the quota ------------------------------------------------------------------------------- */

START_TEST(a_quota_grants_exactly_its_limit)
{
    struct rc_limiting_allocator quota;
    rc_limiting_allocator_init(&quota, NULL, 100);
    const struct rc_allocator *limited = &quota.allocator;
    void *first = take(limited, 60, 16);
    void *second = take(limited, 40, 16);
    ck_assert(first && second);
    ck_assert_uint_eq(rc_limiting_allocator_used(&quota), 100);
    ck_assert_ptr_null(take(limited, 1, 16));
    ck_assert_ptr_null(limited->allocate_zeroed(limited->context, 1, 16));
    give(limited, first, 60, 16);
    ck_assert_ptr_null(take(limited, 61, 16));
    ck_assert_ptr_null(take(limited, SIZE_MAX, 16));
    ck_assert_uint_eq(rc_limiting_allocator_used(&quota), 40);
    unsigned char *zeroed = limited->allocate_zeroed(limited->context, 60, 16);
    for (int i = 0; i < 60; i++) ck_assert_int_eq(zeroed[i], 0);
    give(limited, zeroed, 60, 16);
    give(limited, second, 40, 16);
    ck_assert_uint_eq(rc_limiting_allocator_used(&quota), 0);
}
END_TEST

START_TEST(a_quota_counts_the_difference_of_a_resize)
{
    struct rc_limiting_allocator quota;
    rc_limiting_allocator_init(&quota, NULL, 100);
    const struct rc_allocator *limited = &quota.allocator;
    char *block = take(limited, 50, 16);
    memcpy(block, "kept", 5);
    block = limited->reallocate(limited->context, block, 50, 100, 16);
    ck_assert_uint_eq(rc_limiting_allocator_used(&quota), 100);
    ck_assert_ptr_null(limited->reallocate(limited->context, block, 100, 101, 16));
    ck_assert_str_eq(block, "kept");
    ck_assert_uint_eq(rc_limiting_allocator_used(&quota), 100);
    block = limited->reallocate(limited->context, block, 100, 10, 16);
    ck_assert_str_eq(block, "kept");
    ck_assert_uint_eq(rc_limiting_allocator_used(&quota), 10);
    give(limited, block, 10, 16);
    ck_assert_uint_eq(rc_limiting_allocator_used(&quota), 0);
}
END_TEST

START_TEST(a_quota_gives_up_what_the_inner_allocator_refuses)
{
    struct rc_failing_allocator failing;
    struct rc_limiting_allocator quota;
    rc_failing_allocator_init(&failing, NULL, 2, true);
    rc_limiting_allocator_init(&quota, &failing.allocator, 1000);
    const struct rc_allocator *limited = &quota.allocator;
    void *block = take(limited, 10, 16);
    ck_assert_ptr_null(take(limited, 20, 16));
    ck_assert_ptr_null(limited->allocate_zeroed(limited->context, 20, 16));
    ck_assert_ptr_null(limited->reallocate(limited->context, block, 10, 20, 16));
    ck_assert_uint_eq(rc_limiting_allocator_used(&quota), 10);
    give(limited, block, 10, 16);
}
END_TEST

START_TEST(a_quota_refuses_with_the_figures_through_the_library)
{
    struct rc_limiting_allocator quota;
    rc_limiting_allocator_init(&quota, NULL, 64);
    rc_allocator_set_default(&quota.allocator);
    ck_assert_ptr_null(rc_memory_allocate(68));
    ck_assert_int_eq(rc_error_status(), RC_NO_MEMORY);
    ck_assert_str_eq(rc_error_message(), "no room for 100 bytes (allocator limiting)");
    rc_allocator_set_default(NULL);
}
END_TEST

struct storm {
    struct rc_limiting_allocator quota;
    size_t granted;
};

static void *storm_a_quota(void *context)
{
    struct storm *storm = context;
    const struct rc_allocator *limited = &storm->quota.allocator;
    for (int i = 0; i < 5000; i++) {
        void *block = take(limited, 60, 16);
        if (!block) continue;
        ck_assert_uint_le(rc_limiting_allocator_used(&storm->quota), 100);
        __atomic_fetch_add(&storm->granted, 1, __ATOMIC_RELAXED);
        give(limited, block, 60, 16);
    }
    return NULL;
}

START_TEST(a_quota_holds_against_many_threads)
{
    struct storm storm = {.granted = 0};
    rc_limiting_allocator_init(&storm.quota, NULL, 100);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, storm_a_quota, &storm);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    ck_assert_uint_gt(storm.granted, 0);
    ck_assert_uint_eq(rc_limiting_allocator_used(&storm.quota), 0);
}
END_TEST

/* ---- failing on purpose ---------------------------------------------------------------------- */

/* Six requests: which of them fail, as a bit mask. */
static unsigned failed_of_six(size_t fail_at, bool for_ever)
{
    struct rc_failing_allocator failing;
    rc_failing_allocator_init(&failing, NULL, fail_at, for_ever);
    const struct rc_allocator *allocator = &failing.allocator;
    unsigned failed = 0;
    size_t count = 0;
    for (unsigned i = 0; i < 6; i++) {
        void *block =
            i % 2 ? allocator->allocate_zeroed(allocator->context, 8, 16) : take(allocator, 8, 16);
        if (block)
            give(allocator, block, 8, 16);
        else
            failed |= 1u << i, count++;
    }
    ck_assert_uint_eq(rc_failing_allocator_requests(&failing), 6);
    ck_assert_uint_eq(rc_failing_allocator_failed(&failing), count);
    return failed;
}

START_TEST(the_nth_request_fails_once_or_for_ever)
{
    ck_assert_uint_eq(failed_of_six(0, false), 0);
    ck_assert_uint_eq(failed_of_six(0, true), 0);
    ck_assert_uint_eq(failed_of_six(1, false), 0x01);
    ck_assert_uint_eq(failed_of_six(4, false), 0x08);
    ck_assert_uint_eq(failed_of_six(7, true), 0);
    ck_assert_uint_eq(failed_of_six(1, true), 0x3f);
    ck_assert_uint_eq(failed_of_six(4, true), 0x38);
}
END_TEST

START_TEST(growing_is_a_request_and_shrinking_cannot_fail)
{
    struct rc_failing_allocator failing;
    rc_failing_allocator_init(&failing, NULL, 2, true);
    const struct rc_allocator *allocator = &failing.allocator;
    char *block = take(allocator, 10, 16);
    memcpy(block, "kept", 5);
    ck_assert_ptr_null(allocator->reallocate(allocator->context, block, 10, 11, 16));
    ck_assert_str_eq(block, "kept");
    ck_assert_uint_eq(rc_failing_allocator_requests(&failing), 2);
    block = allocator->reallocate(allocator->context, block, 10, 5, 16);
    ck_assert_str_eq(block, "kept");
    block = allocator->reallocate(allocator->context, block, 5, 5, 16);
    ck_assert_str_eq(block, "kept");
    ck_assert_uint_eq(rc_failing_allocator_requests(&failing), 2);
    ck_assert_uint_eq(rc_failing_allocator_failed(&failing), 1);
    give(allocator, block, 5, 16);
}
END_TEST

static void *request_a_hundred(void *allocator)
{
    size_t failed = 0;
    for (int i = 0; i < 100; i++) {
        void *block = take(allocator, 8, 16);
        if (block) give(allocator, block, 8, 16);
        failed += !block;
    }
    return (void *)failed;
}

START_TEST(one_request_of_many_threads_fails)
{
    struct rc_failing_allocator failing;
    rc_failing_allocator_init(&failing, NULL, 150, false);
    pthread_t threads[4];
    size_t failed = 0;
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, request_a_hundred, &failing.allocator);
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        failed += (size_t)result;
    }
    ck_assert_uint_eq(failed, 1);
    ck_assert_uint_eq(rc_failing_allocator_requests(&failing), 400);
    ck_assert_uint_eq(rc_failing_allocator_failed(&failing), 1);
}
END_TEST

/* ---- what they have in common ---------------------------------------------------------------- */

START_TEST(decorators_make_up_what_the_inner_allocator_lacks)
{
    struct rc_limiting_allocator quota;
    struct rc_failing_allocator failing;
    arena_init(&arena);
    rc_limiting_allocator_init(&quota, &arena.allocator, 10000);
    rc_failing_allocator_init(&failing, &quota.allocator, 0, false);
    const struct rc_allocator *stack = &failing.allocator;
    unsigned char *block = stack->allocate_zeroed(stack->context, 40, 32);
    ck_assert_int_eq(block[0] | block[39], 0);
    memcpy(block, "kept", 5);
    block = stack->reallocate(stack->context, block, 40, 80, 32);
    ck_assert_str_eq((char *)block, "kept");
    ck_assert_uint_eq(rc_limiting_allocator_used(&quota), 80);
    give(stack, block, 80, 32);
    ck_assert_uint_eq(arena.allocated, 2);
    ck_assert_uint_eq(arena.deallocated, 2);
    ck_assert_uint_eq(arena.last_alignment, 32);
}
END_TEST

START_TEST(a_decorator_over_an_incomplete_allocator_is_refused_at_use)
{
    struct rc_limiting_allocator quota;
    struct rc_failing_allocator failing;
    struct rc_guarding_allocator guarding;
    arena_init(&arena);
    arena.allocator.deallocate = NULL;
    rc_limiting_allocator_init(&quota, &arena.allocator, 100);
    rc_failing_allocator_init(&failing, &arena.allocator, 0, false);
    rc_guarding_allocator_init(&guarding, &arena.allocator);
    ck_assert_int_eq(rc_allocator_set_default(&quota.allocator), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "allocator limiting has no allocate function");
    ck_assert_int_eq(rc_allocator_set_default(&failing.allocator), RC_INVALID);
    ck_assert_int_eq(rc_allocator_set_default(&guarding.allocator), RC_INVALID);
    ck_assert_ptr_null(rc_object_new_with(&quota.allocator, &node_type, 0));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
}
END_TEST

HARNESS_MAIN("rc/allocator", the_system_allocator_is_complete_and_named,
             the_system_allocator_aligns_to_every_power_of_two,
             the_system_allocator_resizes_with_content_and_alignment,
             the_system_allocator_refuses_what_does_not_fit,
             the_default_is_the_systems_until_somebody_changes_it,
             an_allocator_that_lacks_a_function_is_refused_as_default,
             what_one_allocator_made_it_frees_also_after_the_default_changed,
             the_default_may_change_while_other_threads_allocate, a_quota_grants_exactly_its_limit,
             a_quota_counts_the_difference_of_a_resize,
             a_quota_gives_up_what_the_inner_allocator_refuses,
             a_quota_refuses_with_the_figures_through_the_library,
             a_quota_holds_against_many_threads, the_nth_request_fails_once_or_for_ever,
             growing_is_a_request_and_shrinking_cannot_fail, one_request_of_many_threads_fails,
             decorators_make_up_what_the_inner_allocator_lacks,
             a_decorator_over_an_incomplete_allocator_is_refused_at_use)
