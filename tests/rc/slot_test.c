/* SPDX-License-Identifier: MIT */
#include "rc/slot.h"

#include <errno.h>

#include "rc/scope.h"
#include "rc/weak.h"
#include "tests/child.h"
#include "tests/rc/bias_support.h"

static const rc_type plain_type = {
    .name = "thing", .size = sizeof(struct item), .finalize = item_finalize};

static struct item *thing_new(int number)
{
    struct item *thing = rc_new(struct item, &plain_type);
    need(thing != NULL);
    thing->number = number;
    return thing;
}

/* Each test runs its body twice: while the process has one thread, and with two. */
static void in_both(void (*body)(void))
{
    need(!RC_SINGLE_THREADED || finalized == 0);
    body();
    start_a_second_thread();
    finalized = 0;
    body();
}

/* ---- one thread after the other -------------------------------------------------------------- */

static void store_and_load(void)
{
    rc_slot slot = RC_SLOT_INIT;
    struct item *first = thing_new(1), *second = thing_new(2);
    ck_assert_int_eq(rc_slot_store(&slot, first), RC_OK);
    ck_assert_uint_eq(rc_count(first), 2);
    struct item *loaded = RC_SLOT_LOAD(struct item, &slot);
    ck_assert_ptr_eq(loaded, first);
    ck_assert_uint_eq(rc_count(first), 3);
    rc_release(first);
    ck_assert_int_eq(rc_slot_store(&slot, second), RC_OK);
    ck_assert_uint_eq(rc_count(loaded), 1);
    ck_assert_uint_eq(finalized, 0);
    rc_release(loaded);
    ck_assert_uint_eq(finalized, 1);
    rc_release(second);
    loaded = rc_slot_load(&slot);
    ck_assert_ptr_eq(loaded, second);
    rc_release(loaded);
    rc_slot_clear(&slot);
    ck_assert_uint_eq(finalized, 2);
    ck_assert_int_eq(rc_error_status(), RC_OK);
}

START_TEST(a_load_gives_a_reference_to_what_was_stored_last)
{
    in_both(store_and_load);
}
END_TEST

static void empty_slot(void)
{
    static rc_slot slot, other;
    struct item *thing = thing_new(1);
    ck_assert_ptr_null(rc_slot_load(&slot));
    ck_assert_ptr_null(RC_SLOT_LOAD(struct item, &slot));
    ck_assert(rc_slot_holds(&slot, NULL));
    ck_assert_ptr_null(rc_slot_exchange(&slot, NULL));
    ck_assert(rc_slot_compare_exchange(&slot, NULL, NULL));
    ck_assert_int_eq(rc_slot_store(&slot, NULL), RC_OK);
    rc_slot_clear(&slot);
    rc_slot_store(&slot, thing);
    ck_assert(rc_slot_holds(&slot, thing) && !rc_slot_holds(&slot, NULL));
    ck_assert_mem_ne(&slot, &other, sizeof slot);
    rc_slot_store(&slot, NULL);
    ck_assert_mem_eq(&slot, &other, sizeof slot);
    ck_assert_uint_eq(rc_count(thing), 1);
    rc_release(thing);
    ck_assert_int_eq(rc_error_status(), RC_OK);
}

START_TEST(an_empty_slot_gives_null_which_is_no_error)
{
    in_both(empty_slot);
}
END_TEST

static void exchange(void)
{
    rc_slot slot = RC_SLOT_INIT;
    struct item *first = thing_new(1), *second = thing_new(2);
    ck_assert_ptr_null(rc_slot_exchange(&slot, first));
    ck_assert_uint_eq(rc_count(first), 2);
    struct item *taken = rc_slot_exchange(&slot, second);
    ck_assert_ptr_eq(taken, first);
    ck_assert_uint_eq(rc_count(first), 2); /* the slot's is ours now */
    rc_release(taken);
    rc_release(first);
    ck_assert_uint_eq(finalized, 1);
    rc_release(second);
    taken = rc_slot_exchange(&slot, NULL);
    ck_assert_ptr_eq(taken, second);
    ck_assert(rc_is_unique(taken));
    ck_assert_ptr_null(rc_slot_load(&slot));
    rc_release(taken);
    ck_assert_uint_eq(finalized, 2);
}

START_TEST(an_exchange_hands_the_slots_own_reference_over)
{
    in_both(exchange);
}
END_TEST

static void compare_exchange(void)
{
    rc_slot slot = RC_SLOT_INIT;
    struct item *first = thing_new(1), *second = thing_new(2);
    ck_assert(!rc_slot_compare_exchange(&slot, first, second));
    ck_assert(rc_slot_compare_exchange(&slot, NULL, first));
    ck_assert(!rc_slot_compare_exchange(&slot, NULL, second));
    ck_assert(!rc_slot_compare_exchange(&slot, second, first));
    ck_assert_uint_eq(rc_count(first), 2);
    ck_assert_uint_eq(rc_count(second), 1);
    ck_assert(rc_slot_compare_exchange(&slot, first, first));
    ck_assert_uint_eq(rc_count(first), 2);
    ck_assert(rc_slot_compare_exchange(&slot, first, second));
    ck_assert_uint_eq(rc_count(first), 1);
    ck_assert_uint_eq(rc_count(second), 2);
    ck_assert(rc_slot_compare_exchange(&slot, second, NULL));
    ck_assert(rc_slot_holds(&slot, NULL));
    ck_assert_int_eq(rc_error_status(), RC_OK);
    rc_release(first);
    rc_release(second);
    ck_assert_uint_eq(finalized, 2);
}

START_TEST(a_compare_exchange_changes_what_is_expected_and_nothing_else)
{
    in_both(compare_exchange);
}
END_TEST

static void store_the_same(void)
{
    rc_slot slot = RC_SLOT_INIT;
    struct item *thing = thing_new(1);
    rc_slot_store(&slot, thing);
    rc_release(thing);
    for (int i = 0; i < 3; i++) {
        rc_slot_store(&slot, thing);
        ck_assert(rc_is_unique(thing));
    }
    rc_slot_clear(&slot);
    ck_assert_uint_eq(finalized, 1);
}

START_TEST(what_is_there_already_can_be_stored_again)
{
    in_both(store_the_same);
}
END_TEST

/* ---- errors ---------------------------------------------------------------------------------- */

START_TEST(no_slot_is_refused_and_nothing_is_counted)
{
    struct item *thing = thing_new(1);
    ck_assert_ptr_null(rc_slot_load(NULL));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "rc_slot_load needs a slot; it is NULL");
    rc_error_clear();
    ck_assert_ptr_null(RC_SLOT_LOAD(struct item, NULL));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    rc_error_clear();
    ck_assert_int_eq(rc_slot_store(NULL, thing), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "rc_slot_store needs a slot; it is NULL");
    rc_error_clear();
    ck_assert_ptr_null(rc_slot_exchange(NULL, thing));
    ck_assert_str_eq(rc_error_message(), "rc_slot_exchange needs a slot; it is NULL");
    rc_error_clear();
    ck_assert(!rc_slot_compare_exchange(NULL, NULL, thing));
    ck_assert_str_eq(rc_error_message(), "rc_slot_compare_exchange needs a slot; it is NULL");
    rc_error_clear();
    rc_slot_clear(NULL);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_uint_eq(rc_count(thing), 1);
    rc_release(thing);
}
END_TEST

static void load_a_larger_type(void *slot)
{
    struct larger {
        struct item items[2];
    };
    rc_release(RC_SLOT_LOAD(struct larger, slot));
}

START_TEST(a_typed_load_of_a_larger_type_stops_a_debug_build)
{
    rc_slot slot = RC_SLOT_INIT;
    struct item *thing = thing_new(1);
    rc_slot_store(&slot, thing);
    rc_release(thing);
    if (RC_DEBUG)
        CHILD_ASSERT_STOPS(load_a_larger_type, &slot, "RC_SLOT_LOAD: struct larger has");
    else
        load_a_larger_type(&slot);
    rc_slot_clear(&slot);
}
END_TEST

/* ---- what stands in a slot ------------------------------------------------------------------- */

/* The object that a slot stands in ends what it holds; here two hold each other's place. */
struct holder {
    rc_slot slot;
};

static rc_slot global;
static void *seen_by_finalizer;

static void holder_finalize(void *self)
{
    struct holder *holder = self;
    finalized++;
    seen_by_finalizer = rc_slot_load(&global);
    rc_release(seen_by_finalizer);
    rc_slot_store(&global, NULL);
    rc_slot_clear(&holder->slot);
}

static const rc_type holder_type = {
    .name = "holder", .size = sizeof(struct holder), .finalize = holder_finalize};

static void finalizer_uses_slots(void)
{
    struct holder *outer = rc_new(struct holder, &holder_type);
    struct holder *inner = rc_new(struct holder, &holder_type);
    struct item *thing = thing_new(1);
    need(outer && inner);
    rc_slot_store(&inner->slot, thing);
    rc_slot_store(&outer->slot, inner);
    rc_slot_store(&global, outer);
    rc_release(inner);
    rc_release(outer);
    ck_assert_uint_eq(finalized, 0);
    errno = EDOM;
    rc_error_set(RC_BUSY, "before");
    rc_slot_store(&global, thing); /* the finalizer of outer empties it again, inside this call */
    ck_assert_ptr_null(seen_by_finalizer);
    ck_assert_ptr_null(rc_slot_load(&global));
    ck_assert_int_eq(errno, EDOM);
    ck_assert_int_eq(rc_error_status(), RC_BUSY);
    rc_error_clear();
    ck_assert_uint_eq(finalized, 2);
    rc_release(thing);
    ck_assert_uint_eq(finalized, 3);
}

START_TEST(a_finalizer_that_a_store_runs_may_use_the_same_slot)
{
    in_both(finalizer_uses_slots);
}
END_TEST

static void keep_in_slot(void *self)
{
    finalized++;
    rc_slot_store(&global, self);
}

static void resurrect(void)
{
    static const rc_type keeping = {.name = "keeping", .size = 8, .finalize = keep_in_slot};
    void *thing = rc_object_new(&keeping, 0);
    need(thing != NULL);
    rc_release(thing);
    ck_assert(rc_slot_holds(&global, thing));
    ck_assert_uint_eq(rc_count(thing), 1);
    void *loaded = rc_slot_load(&global);
    ck_assert_ptr_eq(loaded, thing);
    rc_slot_clear(&global);
    rc_release(loaded);
    ck_assert_uint_eq(finalized, 1);
}

START_TEST(a_finalizer_may_keep_its_object_in_a_slot)
{
    in_both(resurrect);
}
END_TEST

START_TEST(an_immortal_object_is_not_written_to)
{
    static rc_slot slot;
    static struct item *thing; /* for ever */
    start_a_second_thread();
    thing = thing_new(1);
    rc_make_immortal(thing);
    struct rc__header before = *rc__header_of(thing);
    for (int i = 0; i < 3; i++) {
        rc_slot_store(&slot, thing);
        void *loaded = rc_slot_load(&slot);
        ck_assert_ptr_eq(loaded, thing);
        rc_release(loaded);
        ck_assert(rc_slot_compare_exchange(&slot, thing, thing));
    }
    rc_release(rc_slot_exchange(&slot, NULL));
    ck_assert_mem_eq(&before, rc__header_of(thing), sizeof before);
}
END_TEST

START_TEST(a_saturated_object_is_loaded_and_stored_and_stays)
{
    static rc_slot slot;
    static struct item *thing; /* for ever */
    start_a_second_thread();
    thing = thing_new(1);
    rc__header_of(thing)->shared = RC__COUNT_SATURATED;
    rc_slot_store(&slot, thing);
    for (int i = 0; i < 3; i++) rc_release(rc_slot_load(&slot));
    rc_slot_clear(&slot);
    ck_assert_uint_eq(rc_count(thing), SIZE_MAX);
    rc__header_of(thing)->shared = 0;
    rc_release(thing);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(weak_references_to_what_a_slot_held_die_with_it)
{
    rc_slot slot = RC_SLOT_INIT;
    start_a_second_thread();
    struct item *thing = thing_new(1);
    rc_weak *weak = rc_weak_new(thing);
    rc_slot_store(&slot, thing);
    rc_release(thing);
    for (int i = 0; i < 3; i++) { /* by the stripe, and by pins */
        void *locked = rc_weak_lock(weak);
        ck_assert(rc_slot_holds(&slot, locked));
        rc_release(locked);
    }
    rc_slot_clear(&slot);
    ck_assert_uint_eq(finalized, 1);
    ck_assert(rc_weak_is_dead(weak));
    rc_release(weak);
}
END_TEST

/* ---- biased objects -------------------------------------------------------------------------- */

static void *do_load(void *slot)
{
    return rc_slot_load(slot);
}

static void *do_clear(void *slot)
{
    rc_slot_clear(slot);
    return NULL;
}

static void *do_store_new(void *slot)
{
    struct item *thing = item_new();
    need(is_biased(thing));
    rc_slot_store(slot, thing);
    rc_release(thing);
    return thing;
}

START_TEST(a_biased_object_is_counted_by_its_owner_and_by_others)
{
    static rc_slot slot;
    start_a_second_thread();
    struct item *thing = item_new();
    ck_assert(is_biased(thing));
    rc_slot_store(&slot, thing);
    ck_assert_int_eq(local_of(thing), 2);
    rc_release(thing);
    pthread_t thread;
    void *loaded;
    need(pthread_create(&thread, NULL, do_load, &slot) == 0);
    need(pthread_join(thread, &loaded) == 0);
    ck_assert_ptr_eq(loaded, thing);
    ck_assert_int_eq(word_of(thing), word(1, 0));
    rc_release(RC_SLOT_LOAD(struct item, &slot));
    ck_assert_int_eq(local_of(thing), 1);
    elsewhere(do_release, loaded);
    rc_slot_clear(&slot);
    ck_assert_uint_eq(finalized_now(), 1);
}
END_TEST

START_TEST(a_biased_object_that_others_take_out_ends_when_its_owner_drains)
{
    static rc_slot slot;
    struct worker owner;
    worker_start(&owner);
    struct item *thing = worker_run(&owner, do_store_new, &slot);
    ck_assert(is_biased(thing));
    elsewhere(do_clear, &slot);
    ck_assert_uint_eq(finalized_now(), 0);
    worker_run(&owner, do_drain, NULL);
    ck_assert_uint_eq(finalized_now(), 1);
    worker_end(&owner);
}
END_TEST

START_TEST(a_biased_object_that_was_shared_ends_with_its_last_reference)
{
    static rc_slot slot;
    start_a_second_thread();
    struct item *thing = rc_share(item_new());
    rc_slot_store(&slot, thing);
    rc_release(thing);
    elsewhere(do_clear, &slot);
    ck_assert_uint_eq(finalized_now(), 1);
}
END_TEST

HARNESS_MAIN("rc/slot", a_load_gives_a_reference_to_what_was_stored_last,
             an_empty_slot_gives_null_which_is_no_error,
             an_exchange_hands_the_slots_own_reference_over,
             a_compare_exchange_changes_what_is_expected_and_nothing_else,
             what_is_there_already_can_be_stored_again, no_slot_is_refused_and_nothing_is_counted,
             a_typed_load_of_a_larger_type_stops_a_debug_build,
             a_finalizer_that_a_store_runs_may_use_the_same_slot,
             a_finalizer_may_keep_its_object_in_a_slot, an_immortal_object_is_not_written_to,
             a_saturated_object_is_loaded_and_stored_and_stays,
             weak_references_to_what_a_slot_held_die_with_it,
             a_biased_object_is_counted_by_its_owner_and_by_others,
             a_biased_object_that_others_take_out_ends_when_its_owner_drains,
             a_biased_object_that_was_shared_ends_with_its_last_reference)
