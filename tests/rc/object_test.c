/* SPDX-License-Identifier: MIT */
#include "rc/object.h"

#include <errno.h>
#include <pthread.h>

#include "rc/header.h"
#include "rc/magazine.h"
#include "rc/memory.h"
#include "tests/child.h"
#include "tests/harness.h"

struct point {
    double x, y;
};

static int finalized;

static void point_finalize(void *self)
{
    (void)self;
    finalized++;
}

static const rc_type point_type = {
    .name = "point", .size = sizeof(struct point), .finalize = point_finalize};
static const rc_type bare_type = {.name = "bare", .size = 24};

static struct rc_account account_now(void)
{
    struct rc_account now;
    rc_account_read(&now);
    return now;
}

static void start_a_second_thread(void)
{
    pthread_t thread;
    ck_assert_int_eq(
        pthread_create(&thread, NULL, (void *(*)(void *))(void (*)(void))pthread_self, NULL), 0);
    pthread_join(thread, NULL);
}

/* ---- create ---------------------------------------------------------------------------------- */

START_TEST(new_gives_a_zeroed_payload_with_one_reference)
{
    struct point *p = rc_new(struct point, &point_type);
    ck_assert_ptr_nonnull(p);
    ck_assert(p->x == 0 && p->y == 0);
    ck_assert_uint_eq(rc_count(p), 1);
    ck_assert(rc_is_unique(p));
    ck_assert_ptr_eq(rc_type_of(p), &point_type);
    rc_release(p);
    ck_assert_int_eq(finalized, 1);
}
END_TEST

START_TEST(a_payload_is_aligned_to_16_bytes)
{
    void *p = rc_object_new(&bare_type, 0);
    ck_assert_uint_eq((uintptr_t)p % 16, 0);
    rc_release(p);
}
END_TEST

START_TEST(a_plain_object_has_a_header_of_16_bytes_and_no_prefix)
{
    void *p = rc_object_new(&bare_type, 0);
    ck_assert_uint_eq(sizeof(struct rc__header), 16);
    ck_assert_uint_eq(rc__header_of(p)->flags & RC__FLAG_PREFIX, 0);
    rc_release(p);
}
END_TEST

START_TEST(extra_bytes_are_zeroed_and_writable)
{
    unsigned char *p = rc_object_new(&bare_type, 1000);
    for (size_t i = 0; i < 1024; i++) ck_assert_int_eq(p[i], 0);
    memset(p, 0xff, 1024);
    ck_assert_ptr_eq(rc_type_of(p), &bare_type);
    rc_release(p);
}
END_TEST

START_TEST(a_type_may_ask_for_an_alignment)
{
    static const rc_type page_type = {.name = "page", .size = 64, .alignment = 4096};
    unsigned char *p = rc_object_new(&page_type, 10);
    ck_assert_uint_eq((uintptr_t)p % 4096, 0);
    memset(p, 1, 74);
    rc_release(p);
}
END_TEST

START_TEST(the_largest_alignment_works)
{
    static const rc_type huge_type = {.name = "huge", .size = 8, .alignment = 1u << 21};
    void *p = rc_object_new(&huge_type, 0);
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq((uintptr_t)p % ((size_t)1 << 21), 0);
    rc_release(p);
}
END_TEST

START_TEST(an_alignment_that_is_no_power_of_two_is_refused)
{
    static const rc_type odd_type = {.name = "odd", .size = 8, .alignment = 24};
    ck_assert_ptr_null(rc_object_new(&odd_type, 0));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "24"));
}
END_TEST

START_TEST(an_alignment_beyond_the_largest_is_refused)
{
    static const rc_type wide_type = {.name = "wide", .size = 8, .alignment = 1u << 22};
    ck_assert_ptr_null(rc_object_new(&wide_type, 0));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
}
END_TEST

START_TEST(an_object_without_a_type_is_refused)
{
    ck_assert_ptr_null(rc_object_new(NULL, 8));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_ptr_null(rc_object_new_checked(NULL, 8));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
}
END_TEST

START_TEST(new_refuses_a_struct_larger_than_its_type)
{
    struct large {
        char bytes[25];
    };
    ck_assert_ptr_null(rc_new(struct large, &bare_type));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "a struct of 25 bytes does not fit type bare of 24 bytes");
}
END_TEST

START_TEST(new_accepts_a_struct_as_large_as_its_type)
{
    struct exact {
        char bytes[24];
    };
    struct exact *p = rc_new(struct exact, &bare_type);
    ck_assert_ptr_nonnull(p);
    rc_release(p);
}
END_TEST

START_TEST(extra_bytes_that_overflow_are_refused)
{
    ck_assert_ptr_null(rc_object_new(&bare_type, SIZE_MAX - 8));
    ck_assert_int_eq(rc_error_status(), RC_OVERFLOW);
    ck_assert_ptr_null(rc_object_new(&bare_type, SIZE_MAX - 24));
    ck_assert_int_eq(rc_error_status(), RC_OVERFLOW);
}
END_TEST

START_TEST(more_bytes_than_there_can_be_are_no_memory)
{
    ck_assert_ptr_null(rc_object_new(&bare_type, PTRDIFF_MAX));
    ck_assert_int_eq(rc_error_status(), RC_NO_MEMORY);
}
END_TEST

START_TEST(an_object_goes_back_to_the_allocator_that_made_it)
{
    struct rc_limiting_allocator limiting;
    rc_limiting_allocator_init(&limiting, NULL, 4096);
    void *p = rc_object_new_with(&limiting.allocator, &bare_type, 100);
    ck_assert_uint_gt(rc_limiting_allocator_used(&limiting), 124);
    ck_assert_ptr_eq(rc__object_allocator(p), &limiting.allocator);
    rc_release(p);
    ck_assert_uint_eq(rc_limiting_allocator_used(&limiting), 0);
}
END_TEST

START_TEST(an_object_outlives_the_default_that_made_it)
{
    struct rc_limiting_allocator limiting;
    rc_limiting_allocator_init(&limiting, NULL, 4096);
    ck_assert_int_eq(rc_allocator_set_default(&limiting.allocator), RC_OK);
    struct point *p = rc_new(struct point, &point_type);
    ck_assert_int_eq(rc_allocator_set_default(NULL), RC_OK);
    struct point *q = rc_new(struct point, &point_type);
    ck_assert_uint_gt(rc_limiting_allocator_used(&limiting), 0);
    rc_release(p);
    ck_assert_uint_eq(rc_limiting_allocator_used(&limiting), 0);
    rc_release(q);
}
END_TEST

START_TEST(an_object_in_a_guarded_allocator_keeps_within_its_bounds)
{
    struct rc_guarding_allocator guarding;
    rc_guarding_allocator_init(&guarding, NULL);
    static const rc_type wide_type = {.name = "wide", .size = 33, .alignment = 128};
    unsigned char *p = rc_object_new_with(&guarding.allocator, &wide_type, 7);
    ck_assert_uint_eq((uintptr_t)p % 128, 0);
    memset(p, 0xaa, 40);
    rc_release(p);
    ck_assert_uint_eq(rc_guarding_allocator_live_blocks(&guarding), 0);
}
END_TEST

START_TEST(an_allocator_that_cannot_allocate_is_refused)
{
    struct rc_allocator none = {.name = "none"};
    ck_assert_ptr_null(rc_object_new_with(&none, &bare_type, 0));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
}
END_TEST

START_TEST(creation_that_runs_out_of_memory_changes_nothing)
{
    struct rc_failing_allocator failing;
    rc_failing_allocator_init(&failing, NULL, 1, true);
    struct rc_account before = account_now();
    ck_assert_ptr_null(rc_object_new_with(&failing.allocator, &bare_type, 0));
    ck_assert_int_eq(rc_error_status(), RC_NO_MEMORY);
    struct rc_account after = account_now();
    ck_assert_uint_eq(after.live_objects, before.live_objects);
    ck_assert_uint_eq(after.live_bytes, before.live_bytes);
    ck_assert_uint_eq(after.failures, before.failures + 1);
}
END_TEST

START_TEST(the_account_counts_objects_and_their_payload)
{
    struct rc_account before = account_now();
    void *p = rc_object_new(&bare_type, 100);
    struct rc_account during = account_now();
    ck_assert_uint_eq(during.live_objects, before.live_objects + 1);
    ck_assert_uint_eq(during.total_objects, before.total_objects + 1);
    ck_assert_uint_eq(during.live_bytes, before.live_bytes + 124);
    ck_assert_uint_eq(rc_account_read_type(&bare_type).live_objects, 1);
    rc_release(p);
    ck_assert_uint_eq(account_now().live_bytes, before.live_bytes);
    ck_assert_uint_eq(rc_account_read_type(&bare_type).live_objects, 0);
}
END_TEST

static size_t recycled_of(const rc_type *type)
{
    struct rc_memory_statistics before, after;
    rc_memory_statistics_read(&before);
    for (int i = 0; i < 40; i++) rc_release(rc_object_new(type, 0));
    rc_memory_statistics_read(&after);
    return after.recycled - before.recycled;
}

static void tell_nothing(void *self, rc_visit *visit, void *argument)
{
    (void)self, (void)visit, (void)argument;
}

/* Not where a tool is to see each end. */
START_TEST(an_object_that_could_be_tracked_is_kept_where_others_are)
{
    static const rc_type plain = {.name = "plain", .size = 48};
    static const rc_type tracked = {.name = "tracked", .size = 48, .traverse = tell_nothing};
    size_t others = recycled_of(&plain);
    ck_assert_int_eq(others > 0, rc__magazines_are_on());
    ck_assert_uint_eq(recycled_of(&tracked), others);
}
END_TEST

/* ---- share and release ----------------------------------------------------------------------- */

START_TEST(retain_returns_its_argument_with_its_type)
{
    const struct point *p = rc_new(struct point, &point_type);
    const struct point *q = rc_retain(p);
    ck_assert_ptr_eq(p, q);
    ck_assert_uint_eq(rc_count(p), 2);
    ck_assert(!rc_is_unique(p));
    rc_release(q);
    ck_assert_int_eq(finalized, 0);
    rc_release(p);
    ck_assert_int_eq(finalized, 1);
}
END_TEST

START_TEST(null_is_retained_and_released_as_nothing)
{
    struct point *none = NULL;
    ck_assert_ptr_null(rc_retain(none));
    rc_release(none);
    rc_clear(&none);
    ck_assert_ptr_null(rc_steal(&none));
    rc_assign(&none, none);
    rc_make_immortal(none);
}
END_TEST

START_TEST(release_is_a_callback_too)
{
    void (*release)(void *) = rc_release;
    release(rc_new(struct point, &point_type));
    ck_assert_int_eq(finalized, 1);
}
END_TEST

static struct point *watched;

static void expects_a_cleared_variable(void *self)
{
    (void)self;
    finalized += watched == NULL ? 1 : 100;
}

START_TEST(clear_sets_the_variable_before_the_finalizer_runs)
{
    static const rc_type type = {
        .name = "watched", .size = sizeof(struct point), .finalize = expects_a_cleared_variable};
    watched = rc_new(struct point, &type);
    rc_clear(&watched);
    ck_assert_int_eq(finalized, 1);
    ck_assert_ptr_null(watched);
}
END_TEST

START_TEST(steal_moves_ownership_out_of_a_variable)
{
    struct point *p = rc_new(struct point, &point_type);
    struct point *q = rc_steal(&p);
    ck_assert_ptr_null(p);
    ck_assert_uint_eq(rc_count(q), 1);
    rc_release(q);
}
END_TEST

START_TEST(assign_retains_the_new_and_releases_the_old)
{
    struct point *p = rc_new(struct point, &point_type), *q = rc_new(struct point, &point_type);
    rc_assign(&p, q);
    ck_assert_int_eq(finalized, 1);
    ck_assert_ptr_eq(p, q);
    ck_assert_uint_eq(rc_count(q), 2);
    rc_release(p);
    rc_release(q);
    ck_assert_int_eq(finalized, 2);
}
END_TEST

START_TEST(assigning_a_variable_to_itself_keeps_the_object)
{
    struct point *p = rc_new(struct point, &point_type);
    rc_assign(&p, p);
    ck_assert_int_eq(finalized, 0);
    ck_assert_uint_eq(rc_count(p), 1);
    rc_release(p);
}
END_TEST

START_TEST(counting_works_the_same_once_a_second_thread_has_started)
{
    start_a_second_thread();
    struct point *p = rc_new(struct point, &point_type);
    for (int i = 0; i < 1000; i++) (void)rc_retain(p);
    ck_assert_uint_eq(rc_count(p), 1001);
    for (int i = 0; i < 1000; i++) rc_release(p);
    ck_assert(rc_is_unique(p));
    ck_assert_int_eq(finalized, 0);
    rc_release(p);
    ck_assert_int_eq(finalized, 1);
}
END_TEST

START_TEST(biased_types_are_accepted_and_count_as_others)
{
    static const rc_type biased_type = {.name = "biased",
                                        .size = sizeof(struct point),
                                        .finalize = point_finalize,
                                        .flags = RC_TYPE_BIASED};
    struct point *p = rc_new(struct point, &biased_type);
    (void)rc_retain(p);
    ck_assert_uint_eq(rc_count(p), 2);
    rc_release(p);
    rc_release(p);
    ck_assert_int_eq(finalized, 1);
}
END_TEST

START_TEST(release_preserves_the_last_error_and_errno)
{
    struct point *p = rc_new(struct point, &point_type);
    rc_error_set(RC_RANGE, "kept %d", 7);
    errno = EXDEV;
    rc_release(p);
    ck_assert_int_eq(errno, EXDEV);
    ck_assert_int_eq(rc_error_status(), RC_RANGE);
    ck_assert_str_eq(rc_error_message(), "kept 7");
}
END_TEST

/* ---- saturation and immortality -------------------------------------------------------------- */

static void set_count(const void *object, int32_t word)
{
    rc__header_of(object)->shared = word;
}

static void overflow_and_come_back(void)
{
    struct point *p = rc_new(struct point, &point_type);
    set_count(p, INT32_C(0x7ffffffc));
    ck_assert_uint_eq(rc_count(p), (size_t)1 << 29);
    (void)rc_retain(p);
    ck_assert_uint_eq(rc_count(p), SIZE_MAX);
    for (int i = 0; i < 10; i++) rc_release(p);
    for (int i = 0; i < 5; i++) (void)rc_retain(p);
    ck_assert_uint_eq(rc_count(p), SIZE_MAX);
    ck_assert_int_eq(rc__header_of(p)->shared, RC__COUNT_SATURATED);
    ck_assert(!rc_is_unique(p));
    ck_assert_int_eq(finalized, 0);
    set_count(p, 0);
    rc_release(p);
    ck_assert_int_eq(finalized, 1);
}

START_TEST(an_overflow_sticks_with_one_thread)
{
    overflow_and_come_back();
}
END_TEST

START_TEST(an_overflow_sticks_with_more_threads)
{
    start_a_second_thread();
    overflow_and_come_back();
}
END_TEST

START_TEST(a_saturated_word_that_drifted_is_put_back)
{
    start_a_second_thread();
    struct point *p = rc_new(struct point, &point_type);
    set_count(p, RC__COUNT_GONE_FLOOR - 2 * RC__COUNT_ONE);
    (void)rc_retain(p);
    ck_assert_int_eq(rc__header_of(p)->shared, RC__COUNT_SATURATED);
    set_count(p, INT32_MIN + RC__COUNT_ONE);
    rc_release(p);
    ck_assert_int_eq(rc__header_of(p)->shared, RC__COUNT_SATURATED);
    set_count(p, 0);
    rc_release(p);
}
END_TEST

static void immortal_is_never_written(void)
{
    struct rc_account before = account_now();
    struct point *p = rc_new(struct point, &point_type);
    rc_make_immortal(p);
    rc_make_immortal(p);
    struct rc__header header = *rc__header_of(p);
    for (int i = 0; i < 3; i++) rc_release(p);
    for (int i = 0; i < 9; i++) (void)rc_retain(p);
    ck_assert_mem_eq(&header, rc__header_of(p), sizeof header);
    ck_assert_int_eq(finalized, 0);
    ck_assert_uint_eq(rc_count(p), SIZE_MAX);
    ck_assert(!rc_is_unique(p));
    struct rc_account after = account_now();
    ck_assert_uint_eq(after.live_objects, before.live_objects);
    ck_assert_uint_eq(after.live_bytes, before.live_bytes);
    ck_assert_uint_eq(after.immortal_objects, before.immortal_objects + 1);
    ck_assert_uint_eq(after.immortal_bytes, before.immortal_bytes + sizeof(struct point));
    static void *volatile kept; /* reachable for the leak checker */
    kept = p;
    ck_assert_ptr_nonnull(kept);
}

START_TEST(an_immortal_object_is_not_written_with_one_thread)
{
    immortal_is_never_written();
}
END_TEST

START_TEST(an_immortal_object_is_not_written_with_more_threads)
{
    start_a_second_thread();
    immortal_is_never_written();
}
END_TEST

/* ---- misuse ---------------------------------------------------------------------------------- */

static struct {
    struct rc__header header;
    struct point payload;
} corpse = {.header = {.shared = RC__COUNT_GONE, .type = &point_type}};

static void release_a_corpse(void *argument)
{
    (void)argument;
    rc_release(&corpse.payload);
}

static void retain_a_corpse(void *argument)
{
    (void)argument;
    (void)rc_retain(&corpse.payload);
}

static void retain_a_corpse_among_threads(void *argument)
{
    start_a_second_thread();
    retain_a_corpse(argument);
}

static void release_a_corpse_among_threads(void *argument)
{
    start_a_second_thread();
    release_a_corpse(argument);
}

static void dies_saying(void (*misuse)(void *), const char *call)
{
    struct child_result result = child_run(misuse, NULL);
    ck_assert(!WIFEXITED(result.status));
    ck_assert_msg(strstr(result.output, call) && strstr(result.output, "of type point is dead"),
                  "it said: %s", result.output);
}

START_TEST(releasing_a_dead_object_stops_and_names_its_type)
{
    dies_saying(release_a_corpse, "rc_release");
    dies_saying(release_a_corpse_among_threads, "rc_release");
}
END_TEST

START_TEST(retaining_a_dead_object_stops_and_names_its_type)
{
    dies_saying(retain_a_corpse, "rc_retain");
    dies_saying(retain_a_corpse_among_threads, "rc_retain");
}
END_TEST

static void release_a_corpse_without_a_type(void *argument)
{
    (void)argument;
    corpse.header.type = (const rc_type *)(uintptr_t)16;
    rc_release(&corpse.payload);
}

START_TEST(a_dead_object_with_a_ruined_header_is_named_all_the_same)
{
    struct child_result result = child_run(release_a_corpse_without_a_type, NULL);
    ck_assert(!WIFEXITED(result.status));
    ck_assert_msg(strstr(result.output, "of type ? is dead"), "it said: %s", result.output);
}
END_TEST

START_TEST(flags_that_mean_nothing_are_refused)
{
    static const rc_type odd = {.name = "odd", .size = 8, .flags = 0x80000001u};
    ck_assert_ptr_null(rc_object_new(&odd, 0));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_str_eq(rc_error_message(),
                     "type odd has the flags 0x80000001, of which 0x80000000 mean nothing");
    ck_assert_ptr_null(rc_object_new(&odd, 8));
    ck_assert_ptr_null(rc_object_new_with(rc_allocator_system(), &odd, 0));
    rc_error_clear();
}
END_TEST

HARNESS_MAIN(
    "rc/object", flags_that_mean_nothing_are_refused, new_gives_a_zeroed_payload_with_one_reference,
    a_payload_is_aligned_to_16_bytes, a_plain_object_has_a_header_of_16_bytes_and_no_prefix,
    extra_bytes_are_zeroed_and_writable, a_type_may_ask_for_an_alignment,
    the_largest_alignment_works, an_alignment_that_is_no_power_of_two_is_refused,
    an_alignment_beyond_the_largest_is_refused, an_object_without_a_type_is_refused,
    new_refuses_a_struct_larger_than_its_type, new_accepts_a_struct_as_large_as_its_type,
    extra_bytes_that_overflow_are_refused, more_bytes_than_there_can_be_are_no_memory,
    an_object_goes_back_to_the_allocator_that_made_it, an_object_outlives_the_default_that_made_it,
    an_object_in_a_guarded_allocator_keeps_within_its_bounds,
    an_allocator_that_cannot_allocate_is_refused, creation_that_runs_out_of_memory_changes_nothing,
    the_account_counts_objects_and_their_payload,
    an_object_that_could_be_tracked_is_kept_where_others_are,
    retain_returns_its_argument_with_its_type, null_is_retained_and_released_as_nothing,
    release_is_a_callback_too, clear_sets_the_variable_before_the_finalizer_runs,
    steal_moves_ownership_out_of_a_variable, assign_retains_the_new_and_releases_the_old,
    assigning_a_variable_to_itself_keeps_the_object,
    counting_works_the_same_once_a_second_thread_has_started,
    biased_types_are_accepted_and_count_as_others, release_preserves_the_last_error_and_errno,
    an_overflow_sticks_with_one_thread, an_overflow_sticks_with_more_threads,
    a_saturated_word_that_drifted_is_put_back, an_immortal_object_is_not_written_with_one_thread,
    an_immortal_object_is_not_written_with_more_threads,
    releasing_a_dead_object_stops_and_names_its_type,
    retaining_a_dead_object_stops_and_names_its_type,
    a_dead_object_with_a_ruined_header_is_named_all_the_same)
