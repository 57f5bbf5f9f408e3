/* SPDX-License-Identifier: MIT */
/* Blocks of dead objects that a thread pins: who frees them, and when. */
#include <sys/wait.h>
#include <unistd.h>

#include "tests/rc/weak_pin_support.h"

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
    const struct rc__header *header = rc__header_of(thing); /* what whoever frees it finds */
    ck_assert_int_eq(header->shared, RC__COUNT_GONE);
    ck_assert_uint_eq((size_t)header->type, sizeof *header + thing_type.size);
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

/* ---- fork ------------------------------------------------------------------------------------ */

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

HARNESS_MAIN("rc/weak_pin_left", a_block_that_is_pinned_is_left_to_that_thread_until_it_trims,
             a_thread_that_ends_frees_what_was_left_to_it, another_object_takes_the_pin,
             two_threads_that_pin_an_object_pass_its_block_on,
             a_forked_child_forgets_the_pins_of_other_threads)
