/* SPDX-License-Identifier: MIT */
/* Which objects are pinned by locks, for how long, and who frees their blocks. */
#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rc/memory.h"
#include "rc/weak.h"
#include "rc/weak_pin.h"
#include "tests/harness.h"

static size_t finalized;

static void thing_finalize(void *self)
{
    (void)self;
    __atomic_fetch_add(&finalized, 1, __ATOMIC_RELAXED);
}

static const rc_type thing_type = {.name = "thing", .size = 40, .finalize = thing_finalize};

/* As an assertion, on any thread. */
static void need(bool condition)
{
    if (!condition) abort();
}

static void *new_of(const rc_type *type)
{
    void *thing = rc_object_new(type, 0);
    need(thing != NULL);
    return thing;
}

static rc_weak *weak_of(const void *thing)
{
    rc_weak *weak = rc_weak_new(thing);
    need(weak != NULL);
    return weak;
}

static void lock_once(rc_weak *weak)
{
    void *locked = rc_weak_lock(weak);
    need(locked != NULL);
    rc_release(locked);
}

/* The first lock tells the object, the second one pins it. */
static rc_weak *weak_locked_once(const void *thing)
{
    rc_weak *weak = weak_of(thing);
    lock_once(weak);
    return weak;
}

static bool is_pinnable(const void *thing)
{
    return rc__header_flags(rc__header_of(thing)) & RC__FLAG_PINNED;
}

/* What the pin of this thread that suits the object says. */
static uintptr_t my_pin(const void *thing)
{
    return __atomic_load_n(&rc__pin_of(rc__tally_mine, thing)->object, __ATOMIC_ACQUIRE);
}

static uintptr_t left(const void *thing)
{
    return (uintptr_t)thing + RC__PIN_LEFT;
}

/* ---- another thread, which is told what to do ------------------------------------------------ */

struct worker {
    pthread_t thread;
    sem_t start, done;
    void (*body)(void *argument); /* NULL: end */
    void *argument;
};

static struct worker worker;

static void *work(void *unused)
{
    for (;;) {
        while (sem_wait(&worker.start) != 0) {
        }
        if (!worker.body) return unused;
        worker.body(worker.argument);
        sem_post(&worker.done);
    }
}

/* From here on the process has two threads, and pins stay set. */
static void begin(void)
{
    rc__pins_stay = true;
    need(sem_init(&worker.start, 0, 0) == 0 && sem_init(&worker.done, 0, 0) == 0);
    need(pthread_create(&worker.thread, NULL, work, NULL) == 0);
}

static void tell(void (*body)(void *argument), void *argument)
{
    worker.body = body;
    worker.argument = argument;
    sem_post(&worker.start);
    while (body && sem_wait(&worker.done) != 0) {
    }
}

static void end(void)
{
    tell(NULL, NULL);
    need(pthread_join(worker.thread, NULL) == 0);
}

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
    begin();
    void *thing = new_of(&thing_type);
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

/* ---- who frees ------------------------------------------------------------------------------- */

static void lock_there(void *weak)
{
    lock_once(weak);
    need(rc__pins_stay);
}

static void check_named_there(void *thing)
{
    need(my_pin(thing) == (uintptr_t)thing);
}

static void check_left_there(void *thing)
{
    need(my_pin(thing) == left(thing));
}

static void check_nothing_there(void *thing)
{
    need(my_pin(thing) == 0);
}

static void trim_there(void *unused)
{
    (void)unused;
    (void)rc_memory_trim();
}

static void lock_dead_there(void *weak)
{
    need(rc_weak_lock(weak) == NULL);
}

/* One that the worker pins, and that has died. The weak reference is the caller's. */
static void *leave_one(rc_weak **weak)
{
    void *thing = new_of(&thing_type);
    *weak = weak_locked_once(thing);
    tell(lock_there, *weak);
    tell(check_named_there, thing);
    size_t before = finalized;
    rc_release(thing);
    ck_assert_uint_eq(finalized, before + 1);
    ck_assert_uint_eq(rc_account_read_type(&thing_type).live_objects, 0);
    tell(check_left_there, thing);
    return thing;
}

START_TEST(a_block_that_is_pinned_is_left_to_that_thread_until_it_trims)
{
    rc_weak *weak;
    begin();
    void *thing = leave_one(&weak);
    tell(lock_dead_there, weak);
    tell(check_left_there, thing);
    tell(trim_there, NULL);
    tell(check_nothing_there, thing);
    rc_release(weak);
    end();
}
END_TEST

static size_t pins_left(void)
{
    size_t count = 0;
    for (struct rc__tally *tally = rc__tally_first(); tally; tally = tally->next)
        for (size_t i = 0; i < RC__PINS; i++) count += tally->pins[i].object & RC__PIN_LEFT;
    return count;
}

START_TEST(a_thread_that_ends_frees_what_was_left_to_it)
{
    rc_weak *weak;
    begin();
    (void)leave_one(&weak);
    ck_assert_uint_eq(pins_left(), 1);
    end();
    ck_assert_uint_eq(pins_left(), 0);
    rc_release(weak);
}
END_TEST

/* Enough objects for all pins. */
START_TEST(another_object_takes_the_pin)
{
    enum { MANY = 200 };
    static void *things[MANY];
    static rc_weak *weak[MANY];
    begin();
    for (size_t i = 0; i < MANY; i++) weak[i] = weak_locked_once(things[i] = new_of(&thing_type));
    for (size_t i = 0; i < MANY; i++) {
        tell(lock_there, weak[i]);
        rc_release(things[i]);
        ck_assert_uint_le(pins_left(), RC__PINS);
    }
    ck_assert_uint_eq(finalized, MANY);
    end();
    ck_assert_uint_eq(pins_left(), 0);
    for (size_t i = 0; i < MANY; i++) rc_release(weak[i]);
}
END_TEST

static void release_there(void *thing)
{
    rc_release(thing);
}

START_TEST(two_threads_that_pin_an_object_pass_its_block_on)
{
    begin();
    void *thing = new_of(&thing_type);
    rc_weak *weak = weak_locked_once(thing);
    lock_once(weak);
    tell(lock_there, weak);
    ck_assert_uint_eq(my_pin(thing), (uintptr_t)thing);
    tell(release_there, thing);
    ck_assert_uint_eq(finalized, 1);
    tell(check_nothing_there, thing); /* its own pin is no reason to wait */
    ck_assert_uint_eq(my_pin(thing), left(thing));
    (void)rc_memory_trim();
    ck_assert_uint_eq(my_pin(thing), 0);
    rc_release(weak);
    end();
}
END_TEST

/* ---- later lives, and fork ------------------------------------------------------------------- */

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

/* In the child of a fork; its exit status. */
static int use_in_child(rc_weak *weak, void *thing)
{
    bool right = true;
    for (struct rc__tally *tally = rc__tally_first(); tally; tally = tally->next)
        for (size_t i = 0; i < RC__PINS; i++)
            right &= tally == rc__tally_mine || !tally->pins[i].object ||
                     tally->pins[i].object & RC__PIN_LEFT;
    void *locked = rc_weak_lock(weak);
    rc_release(locked);
    rc_release(thing);
    return right && locked == thing && rc_weak_is_dead(weak) && pins_left() == 1 ? 0 : 1;
}

/* An object that another pin suits than the dead one's. */
static void *another_pins(const void *dead)
{
    void *made[RC__PINS * 2], *found = NULL;
    for (size_t i = 0; i < RC__PINS * 2; i++) {
        made[i] = new_of(&thing_type);
        if (rc__pin_of(rc__tally_mine, made[i]) != rc__pin_of(rc__tally_mine, dead))
            found = made[i];
    }
    for (size_t i = 0; i < RC__PINS * 2; i++)
        if (made[i] != found) rc_release(made[i]);
    need(found != NULL);
    return found;
}

START_TEST(a_forked_child_forgets_the_pins_of_other_threads)
{
    rc_weak *weak_left;
    begin();
    void *dead = leave_one(&weak_left), *thing = another_pins(dead);
    rc_weak *weak = weak_locked_once(thing);
    tell(lock_there, weak);
    tell(check_named_there, thing);
    pid_t child = fork();
    if (child == 0) _exit(use_in_child(weak, thing));
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    tell(check_named_there, thing);
    lock_once(weak);
    rc_release(thing);
    rc_release(weak);
    rc_release(weak_left);
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
             a_block_that_is_pinned_is_left_to_that_thread_until_it_trims,
             a_thread_that_ends_frees_what_was_left_to_it, another_object_takes_the_pin,
             two_threads_that_pin_an_object_pass_its_block_on,
             a_resurrected_object_that_was_pinned_goes_on_counting,
             a_forked_child_forgets_the_pins_of_other_threads,
             objects_die_while_threads_lock_them_and_each_is_finalized_once,
             it_is_the_same_where_no_pin_stays)
