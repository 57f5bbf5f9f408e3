/* SPDX-License-Identifier: MIT */
/* Which objects are pinned by locks, and what becomes of them. */
#include "tests/rc/weak_pin_support.h"

/* ---- which objects --------------------------------------------------------------------------- */

START_TEST(a_lock_pins_what_was_locked_before)
{
    begin();
    void *thing = new_of(&thing_type);
    rc_weak *weak = weak_of(thing);
    lock_once(weak);
    ck_assert(is_pinnable(thing));
    ck_assert_uint_ne(my_pin(thing), (uintptr_t)thing);
    for (int i = 0; i < 3; i++) {
        void *locked = rc_weak_lock(weak);
        ck_assert_ptr_eq(locked, thing);
        ck_assert_uint_eq(my_pin(thing), (uintptr_t)thing);
        ck_assert_uint_eq(rc_count(thing), 2);
        rc_release(locked);
    }
    rc_release(thing);
    ck_assert_uint_eq(finalized, 1);
    ck_assert_uint_eq(my_pin(thing), 0);
    ck_assert_ptr_null(rc_weak_lock(weak));
    ck_assert_uint_eq(my_pin(thing), 0);
    rc_release(weak);
    end();
}
END_TEST

START_TEST(no_pin_stays_where_mistakes_should_show)
{
    begin();
    rc__pins_stay = false;
    void *thing = new_of(&thing_type);
    rc_weak *weak = weak_locked_once(thing);
    for (int i = 0; i < 3; i++) {
        void *locked = rc_weak_lock(weak);
        ck_assert_ptr_eq(locked, thing);
        ck_assert_uint_eq(my_pin(thing), 0);
        rc_release(locked);
    }
    rc_release(thing);
    ck_assert_ptr_null(rc_weak_lock(weak));
    rc_release(weak);
    end();
}
END_TEST

START_TEST(counts_of_all_sizes_are_locked)
{
    begin();
    void *thing = new_of(&thing_type);
    rc_weak *weak = weak_locked_once(thing);
    enum { MANY = 100 };
    for (size_t i = 0; i < MANY; i++) {
        ck_assert_ptr_eq(rc_weak_lock(weak), thing);
        ck_assert_uint_eq(rc_count(thing), i + 2);
        if (i % 3 == 0) (void)rc_retain(thing), rc_release(thing);
    }
    for (size_t i = 0; i < MANY; i++) rc_release(thing);
    ck_assert_uint_eq(rc_count(thing), 1);
    lock_once(weak);
    rc_release(thing);
    ck_assert_uint_eq(finalized, 1);
    rc_release(weak);
    end();
}
END_TEST

static void check_not_pinned(void *thing)
{
    rc_weak *weak = weak_locked_once(thing);
    lock_once(weak);
    ck_assert(!is_pinnable(thing));
    ck_assert_uint_eq(my_pin(thing), 0);
    rc_release(thing);
    ck_assert_ptr_null(rc_weak_lock(weak));
    rc_release(weak);
}

START_TEST(blocks_of_others_and_large_ones_are_not_pinned)
{
    static const rc_type aligned = {.name = "aligned", .size = 64, .alignment = 64};
    static const rc_type large = {.name = "large", .size = RC__MAGAZINE_BLOCK_MAX};
    begin();
    check_not_pinned(new_of(&aligned));
    check_not_pinned(new_of(&large));
    void *extended = rc_object_new(&thing_type, 8);
    ck_assert_ptr_nonnull(extended);
    check_not_pinned(extended);
    void *thing = new_of(&thing_type);
    check_not_pinned(weak_of(thing));
    rc_release(thing);
    end();
}
END_TEST

START_TEST(an_immortal_object_that_was_pinned_is_not_written_to)
{
    static void *thing; /* for ever */
    begin();
    thing = new_of(&thing_type);
    rc_weak *weak = weak_locked_once(thing);
    lock_once(weak);
    (void)rc_make_immortal(thing);
    struct rc__header before = *rc__header_of(thing);
    ck_assert_ptr_eq(rc_weak_lock(weak), thing);
    ck_assert_mem_eq(&before, rc__header_of(thing), sizeof before);
    rc_release(weak);
    end();
}
END_TEST

/* ---- later lives ----------------------------------------------------------------------------- */

static void *kept;

static void thing_keep(void *self)
{
    finalized++;
    need(rc_count(self) == 1 && rc_is_unique(self));
    kept = rc_retain(self);
    need(rc_count(self) == 2);
}

START_TEST(a_resurrected_object_that_was_pinned_goes_on_counting)
{
    static const rc_type keeping = {.name = "keeping", .size = 40, .finalize = thing_keep};
    begin();
    void *thing = new_of(&keeping);
    rc_weak *weak = weak_locked_once(thing);
    lock_once(weak);
    rc_release(thing);
    ck_assert_ptr_eq(kept, thing);
    ck_assert_uint_eq(rc_count(thing), 1);
    ck_assert(rc_is_unique(thing));
    ck_assert_ptr_null(rc_weak_lock(weak));
    rc_weak *second = weak_of(thing);
    for (size_t i = 0; i < 3; i++) ck_assert_ptr_eq(rc_weak_lock(second), thing);
    ck_assert_uint_eq(rc_count(thing), 4);
    for (size_t i = 0; i < 4; i++) rc_release(thing);
    ck_assert_uint_eq(finalized, 1);
    ck_assert_ptr_null(rc_weak_lock(second));
    ck_assert_uint_eq(rc_account_read_type(&keeping).live_objects, 0);
    rc_release(weak);
    rc_release(second);
    end();
}
END_TEST

/* ---- all at once ----------------------------------------------------------------------------- */

enum { PLACES = 12, ROUNDS = 4000, LOCKERS = 3 };

static struct place {
    pthread_mutex_t lock;
    rc_weak *weak;
    void *thing;
} places[PLACES];

static bool over;

static void *lock_all_places(void *unused)
{
    for (size_t i = 0; !__atomic_load_n(&over, __ATOMIC_RELAXED); i++) {
        struct place *place = &places[i * 5 % PLACES];
        pthread_mutex_lock(&place->lock);
        rc_weak *weak = rc_retain(place->weak);
        pthread_mutex_unlock(&place->lock);
        for (int j = 0; j < 4; j++) {
            void *locked = rc_weak_lock(weak);
            if (locked) need(rc_type_of(locked) == &thing_type && rc_count(locked) >= 1);
            rc_release(locked);
        }
        rc_release(weak);
    }
    return unused;
}

static void fill(struct place *place)
{
    void *thing = new_of(&thing_type);
    rc_weak *weak = weak_locked_once(thing);
    pthread_mutex_lock(&place->lock);
    rc_weak *old = place->weak;
    place->weak = weak;
    pthread_mutex_unlock(&place->lock);
    rc_release(old);
    rc_release(place->thing);
    place->thing = thing;
}

static void replace_while_locked(bool stay)
{
    pthread_t threads[LOCKERS];
    rc__pins_stay = stay;
    for (size_t i = 0; i < PLACES; i++) {
        need(pthread_mutex_init(&places[i].lock, NULL) == 0);
        fill(&places[i]);
    }
    for (size_t i = 0; i < LOCKERS; i++)
        need(pthread_create(&threads[i], NULL, lock_all_places, NULL) == 0);
    for (size_t i = 0; i < ROUNDS; i++) fill(&places[i % PLACES]);
    __atomic_store_n(&over, true, __ATOMIC_RELAXED);
    for (size_t i = 0; i < LOCKERS; i++) pthread_join(threads[i], NULL);
    for (size_t i = 0; i < PLACES; i++) {
        rc_release(places[i].weak);
        rc_release(places[i].thing);
    }
    ck_assert_uint_eq(finalized, PLACES + ROUNDS);
    (void)rc_memory_trim();
    ck_assert_uint_eq(pins_left(), 0);
}

START_TEST(objects_die_while_threads_lock_them_and_each_is_finalized_once)
{
    replace_while_locked(true);
}
END_TEST

START_TEST(it_is_the_same_where_no_pin_stays)
{
    replace_while_locked(false);
}
END_TEST

HARNESS_MAIN("rc/weak_pin", a_lock_pins_what_was_locked_before,
             no_pin_stays_where_mistakes_should_show, counts_of_all_sizes_are_locked,
             blocks_of_others_and_large_ones_are_not_pinned,
             an_immortal_object_that_was_pinned_is_not_written_to,
             a_resurrected_object_that_was_pinned_goes_on_counting,
             objects_die_while_threads_lock_them_and_each_is_finalized_once,
             it_is_the_same_where_no_pin_stays)
