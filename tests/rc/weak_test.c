/* SPDX-License-Identifier: MIT */
#include "rc/weak.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/child.h"
#include "tests/harness.h"

static size_t finalized;

static void thing_finalize(void *self)
{
    (void)self;
    finalized++;
}

static const rc_type thing_type = {.name = "thing", .size = 16, .finalize = thing_finalize};

static void *thing_new(void)
{
    void *thing = rc_object_new(&thing_type, 0);
    ck_assert_ptr_nonnull(thing);
    return thing;
}

START_TEST(a_lock_gives_a_strong_reference_to_a_living_object)
{
    void *thing = thing_new();
    rc_weak *weak = rc_weak_new(thing);
    ck_assert(!rc_weak_is_dead(weak));
    void *locked = rc_weak_lock(weak);
    ck_assert_ptr_eq(locked, thing);
    ck_assert_uint_eq(rc_count(thing), 2);
    rc_release(thing);
    ck_assert_uint_eq(finalized, 0);
    rc_release(locked);
    ck_assert_uint_eq(finalized, 1);
    rc_release(weak);
}
END_TEST

START_TEST(a_weak_reference_does_not_keep_its_object)
{
    void *thing = thing_new();
    rc_weak *weak = rc_weak_new(thing);
    ck_assert_uint_eq(rc_count(thing), 1);
    rc_release(thing);
    ck_assert_uint_eq(finalized, 1);
    ck_assert(rc_weak_is_dead(weak));
    ck_assert_ptr_null(rc_weak_lock(weak));
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_uint_eq(rc_account_read_type(&thing_type).live_objects, 0);
    rc_release(weak);
}
END_TEST

START_TEST(a_weak_reference_may_go_before_its_object)
{
    void *thing = thing_new();
    rc_release(rc_weak_new(thing));
    rc_weak *second = rc_weak_new(thing);
    rc_release(second);
    rc_release(thing);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(null_and_missing_callbacks_are_refused)
{
    ck_assert_ptr_null(rc_weak_new(NULL));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_ptr_null(rc_weak_lock(NULL));
    ck_assert(rc_weak_is_dead(NULL));
    ck_assert_int_eq(rc_weak_on_death(NULL, NULL, NULL), RC_INVALID);
    void *thing = thing_new();
    rc_weak *weak = rc_weak_new(thing);
    ck_assert_int_eq(rc_weak_on_death(weak, NULL, NULL), RC_INVALID);
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "the callback is NULL"));
    rc_release(weak);
    rc_release(thing);
}
END_TEST

/* ---- callbacks ------------------------------------------------------------------------------- */

static int heard[16];
static size_t heard_count;
static rc_weak *all[16];

static void hear(rc_weak *weak, void *context)
{
    ck_assert_uint_eq(finalized, 0); /* before the finalizer */
    ck_assert(rc_weak_is_dead(weak));
    for (size_t i = 0; i < 16; i++) ck_assert(all[i] == NULL || rc_weak_is_dead(all[i]));
    heard[heard_count++] = *(int *)context;
}

START_TEST(callbacks_run_in_the_order_of_registration_before_the_finalizer)
{
    static int numbers[16];
    void *thing = thing_new();
    for (size_t i = 0; i < 16; i++) all[i] = rc_weak_new(thing);
    for (int i = 0; i < 16; i++) {
        numbers[i] = i;
        ck_assert_int_eq(rc_weak_on_death(all[(i * 7) % 16], hear, &numbers[i]), RC_OK);
    }
    rc_release(thing);
    ck_assert_uint_eq(heard_count, 16);
    for (int i = 0; i < 16; i++) ck_assert_int_eq(heard[i], i);
    ck_assert_uint_eq(finalized, 1);
    for (size_t i = 0; i < 16; i++) rc_release(all[i]);
}
END_TEST

START_TEST(the_order_of_registration_survives_a_growing_table)
{
    static int numbers[3] = {0, 1, 2};
    enum { MANY = 4000 };
    static void *things[MANY];
    static rc_weak *weak[MANY];
    void *thing = thing_new();
    for (size_t i = 0; i < 3; i++) {
        all[i] = rc_weak_new(thing);
        ck_assert_int_eq(rc_weak_on_death(all[i], hear, &numbers[i]), RC_OK);
    }
    for (size_t i = 0; i < MANY; i++) weak[i] = rc_weak_new(things[i] = thing_new());
    rc_release(thing);
    ck_assert_uint_eq(heard_count, 3);
    for (int i = 0; i < 3; i++) ck_assert_int_eq(heard[i], i);
    for (size_t i = 0; i < MANY; i++) {
        void *locked = rc_weak_lock(weak[i]);
        ck_assert_ptr_eq(locked, things[i]);
        rc_release(locked);
        rc_release(things[i]);
        ck_assert(rc_weak_is_dead(weak[i]));
        rc_release(weak[i]);
    }
    for (size_t i = 0; i < 3; i++) rc_release(all[i]);
}
END_TEST

START_TEST(a_second_registration_replaces_the_first)
{
    static int one = 1, two = 2;
    void *thing = thing_new();
    rc_weak *weak = rc_weak_new(thing);
    ck_assert_int_eq(rc_weak_on_death(weak, hear, &one), RC_OK);
    ck_assert_int_eq(rc_weak_on_death(weak, hear, &two), RC_OK);
    rc_release(thing);
    ck_assert_uint_eq(heard_count, 1);
    ck_assert_int_eq(heard[0], 2);
    rc_release(weak);
}
END_TEST

START_TEST(a_released_weak_reference_does_not_call_back)
{
    static int one = 1;
    void *thing = thing_new();
    rc_weak *weak = rc_weak_new(thing);
    ck_assert_int_eq(rc_weak_on_death(weak, hear, &one), RC_OK);
    rc_release(weak);
    rc_release(thing);
    ck_assert_uint_eq(heard_count, 0);
}
END_TEST

START_TEST(registering_with_the_dead_is_refused)
{
    static int one = 1;
    void *thing = thing_new();
    rc_weak *weak = rc_weak_new(thing);
    rc_release(thing);
    ck_assert_int_eq(rc_weak_on_death(weak, hear, &one), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "rc_weak_on_death: the object is dead already");
    ck_assert_uint_eq(heard_count, 0);
    rc_release(weak);
}
END_TEST

static void release_own_weak_and_make_things(rc_weak *weak, void *context)
{
    heard_count++;
    rc_release(*(rc_weak **)context);
    ck_assert_uint_eq(rc_count(weak), 1); /* the callback's own */
    void *thing = thing_new();
    rc_weak *other = rc_weak_new(thing);
    rc_release(thing);
    ck_assert(rc_weak_is_dead(other));
    rc_release(other);
}

START_TEST(a_callback_may_call_the_library_and_release_its_weak_reference)
{
    void *thing = thing_new();
    rc_weak *weak = rc_weak_new(thing);
    ck_assert_int_eq(rc_weak_on_death(weak, release_own_weak_and_make_things, &weak), RC_OK);
    rc_release(thing);
    ck_assert_uint_eq(heard_count, 1);
    ck_assert_uint_eq(finalized, 2);
}
END_TEST

static void release_another(rc_weak *weak, void *context)
{
    (void)weak;
    heard_count++;
    rc_release(*(rc_weak **)context);
}

START_TEST(a_callback_may_release_another_weak_reference_that_died_with_it)
{
    static int one = 1;
    void *thing = thing_new();
    rc_weak *first = rc_weak_new(thing), *second = rc_weak_new(thing);
    ck_assert_int_eq(rc_weak_on_death(first, release_another, &second), RC_OK);
    ck_assert_int_eq(rc_weak_on_death(second, hear, &one), RC_OK);
    rc_release(thing);
    ck_assert_uint_eq(heard_count, 1); /* the second's is not called any more */
    rc_release(first);
}
END_TEST

static void make_late(rc_weak *weak, void *object)
{
    static rc_weak *late;
    (void)weak;
    late = rc_weak_new(object);
    heard_count += late && rc_weak_is_dead(late) && !rc_weak_lock(late);
    ck_assert_int_eq(rc_weak_on_death(late, hear, NULL), RC_INVALID);
    rc_release(late);
}

/* With a finalizer and without: the object is gone when its weak callbacks run. */
START_TEST(a_weak_reference_made_in_a_callback_is_dead)
{
    static const rc_type bare_type = {.name = "bare", .size = 16};
    void *objects[] = {thing_new(), rc_object_new(&bare_type, 0)};
    for (size_t i = 0; i < 2; i++) {
        rc_weak *weak = rc_weak_new(objects[i]);
        ck_assert_int_eq(rc_weak_on_death(weak, make_late, objects[i]), RC_OK);
        rc_release(objects[i]);
        ck_assert_uint_eq(heard_count, i + 1);
        rc_release(weak);
    }
}
END_TEST

static void retain_the_dead(rc_weak *weak, void *object)
{
    (void)weak;
    exit(rc_retain(object) == NULL);
}

static void end_and_be_retained(void *thing)
{
    rc_weak *weak = rc_weak_new(thing);
    if (rc_weak_on_death(weak, retain_the_dead, thing) == RC_OK) rc_release(thing);
}

START_TEST(a_callback_that_retains_the_object_stops)
{
    void *thing = thing_new();
    CHILD_ASSERT_STOPS(end_and_be_retained, thing, "rc_retain: the object at");
    rc_release(thing);
}
END_TEST

static void *shared_by_fork;

static void lock_in_the_child(void)
{
    void *locked = rc_weak_lock(shared_by_fork);
    _exit(locked ? 0 : 1);
}

/* Handlers that the program registered run while the library's locks are free. */
START_TEST(a_fork_handler_of_the_program_may_use_weak_references)
{
    ck_assert_int_eq(pthread_atfork(NULL, NULL, lock_in_the_child), 0);
    void *thing = thing_new();
    shared_by_fork = rc_weak_new(thing);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    rc_release(shared_by_fork);
    rc_release(thing);
}
END_TEST

START_TEST(a_typed_lock_counts_extra_bytes)
{
    struct four {
        int numbers[6];
    };
    static const rc_type two_type = {.name = "two", .size = 8};
    void *object = rc_object_new(&two_type, 16);
    rc_weak *weak = rc_weak_new(object);
    struct four *locked = RC_WEAK_LOCK(struct four, weak);
    ck_assert_ptr_eq(locked, object);
    rc_release(locked);
    rc_release(weak);
    rc_release(object);
}
END_TEST

START_TEST(a_type_without_a_finalizer_kills_its_weak_references_too)
{
    static const rc_type bare_type = {.name = "bare", .size = 16};
    void *bare = rc_object_new(&bare_type, 0);
    rc_weak *weak = rc_weak_new(bare);
    rc_release(bare);
    ck_assert(rc_weak_is_dead(weak));
    rc_release(weak);
}
END_TEST

START_TEST(a_weak_reference_can_be_referenced_weakly)
{
    void *thing = thing_new();
    rc_weak *weak = rc_weak_new(thing), *meta = rc_weak_new(weak);
    rc_weak *locked = rc_weak_lock(meta);
    ck_assert_ptr_eq(locked, weak);
    rc_release(locked);
    rc_release(weak);
    ck_assert(rc_weak_is_dead(meta));
    rc_release(meta);
    rc_release(thing);
}
END_TEST

START_TEST(an_immortal_object_can_be_locked_for_ever)
{
    static void *thing;
    thing = thing_new();
    rc_make_immortal(thing);
    rc_weak *weak = rc_weak_new(thing);
    for (int i = 0; i < 3; i++) ck_assert_ptr_eq(rc_weak_lock(weak), thing);
    ck_assert(!rc_weak_is_dead(weak));
    rc_release(weak);
}
END_TEST

START_TEST(a_weak_reference_that_finds_no_memory_changes_nothing)
{
    struct rc_failing_allocator failing;
    rc_failing_allocator_init(&failing, NULL, 1, true);
    void *thing = thing_new();
    rc_allocator_set_default(&failing.allocator);
    ck_assert_ptr_null(rc_weak_new(thing));
    rc_allocator_set_default(NULL);
    ck_assert_int_eq(rc_error_status(), RC_NO_MEMORY);
    ck_assert_uint_eq(rc_count(thing), 1);
    rc_release(thing);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

static void lock_with_a_type_too_large(void *argument)
{
    struct large {
        char bytes[17];
    };
    struct large *large = RC_WEAK_LOCK(struct large, (rc_weak *)argument);
    rc_release(large);
}

START_TEST(a_typed_lock_verifies_the_size_in_debug_builds)
{
    if (!RC_DEBUG) {
        puts("skipped: a typed lock is verified in debug builds alone");
        return;
    }
    void *thing = thing_new();
    rc_weak *weak = rc_weak_new(thing);
    struct child_result result = child_run(lock_with_a_type_too_large, weak);
    ck_assert(!WIFEXITED(result.status));
    ck_assert_msg(strstr(result.output, "of type thing with 16"), "it said: %s", result.output);
    rc_release(weak);
    rc_release(thing);
}
END_TEST

/* ---- threads --------------------------------------------------------------------------------- */

static void *lock_until_dead(void *argument)
{
    size_t locked = 0;
    void *thing;
    while ((thing = rc_weak_lock(argument))) {
        locked++;
        rc_release(thing);
    }
    rc_release((rc_weak *)argument);
    return (void *)locked;
}

START_TEST(locks_race_with_the_last_release_and_the_finalizer_runs_once)
{
    for (int round = 0; round < 50; round++) {
        finalized = 0;
        void *thing = thing_new();
        rc_weak *weak = rc_weak_new(thing);
        pthread_t threads[4];
        for (size_t i = 0; i < 4; i++) {
            (void)rc_retain(weak);
            ck_assert_int_eq(pthread_create(&threads[i], NULL, lock_until_dead, weak), 0);
        }
        rc_release(thing);
        for (size_t i = 0; i < 4; i++) pthread_join(threads[i], NULL);
        ck_assert_uint_eq(finalized, 1);
        rc_release(weak);
    }
}
END_TEST

START_TEST(a_forked_child_can_use_weak_references)
{
    void *thing = thing_new();
    rc_weak *weak = rc_weak_new(thing);
    pid_t pid = fork();
    if (pid == 0) {
        void *locked = rc_weak_lock(weak);
        rc_weak *more = rc_weak_new(thing);
        rc_release(locked);
        rc_release(thing);
        _exit(locked == thing && rc_weak_is_dead(weak) && rc_weak_is_dead(more) ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert(!rc_weak_is_dead(weak));
    rc_release(weak);
    rc_release(thing);
}
END_TEST

HARNESS_MAIN("rc/weak", a_lock_gives_a_strong_reference_to_a_living_object,
             a_weak_reference_does_not_keep_its_object, a_weak_reference_may_go_before_its_object,
             null_and_missing_callbacks_are_refused,
             callbacks_run_in_the_order_of_registration_before_the_finalizer,
             the_order_of_registration_survives_a_growing_table,
             a_second_registration_replaces_the_first, a_released_weak_reference_does_not_call_back,
             registering_with_the_dead_is_refused,
             a_callback_may_call_the_library_and_release_its_weak_reference,
             a_callback_may_release_another_weak_reference_that_died_with_it,
             a_weak_reference_made_in_a_callback_is_dead, a_callback_that_retains_the_object_stops,
             a_fork_handler_of_the_program_may_use_weak_references, a_typed_lock_counts_extra_bytes,
             a_type_without_a_finalizer_kills_its_weak_references_too,
             a_weak_reference_can_be_referenced_weakly, an_immortal_object_can_be_locked_for_ever,
             a_weak_reference_that_finds_no_memory_changes_nothing,
             a_typed_lock_verifies_the_size_in_debug_builds,
             locks_race_with_the_last_release_and_the_finalizer_runs_once,
             a_forked_child_can_use_weak_references)
