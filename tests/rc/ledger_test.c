/* SPDX-License-Identifier: MIT */
/* Which reference a release takes off, and what the ledger knows of an object while it lives. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buffer/chain.h"
#include "buffer/pool.h"
#include "buffer/view.h"
#include "rc/ledger_table.h"
#include "rc/slot.h"
#include "rc/weak.h"
#include "tests/rc/ledger_support.h"

HARNESS_EARLY
{
    setenv("RCBUF_TRACE", "record", 1);
}

struct thing {
    int number;
};
static const rc_type thing_type = {.name = "thing", .size = sizeof(struct thing)};

static struct thing *new_thing(void)
{
    struct thing *thing = rc_new(struct thing, &thing_type);
    ck_assert_ptr_nonnull(thing);
    return thing;
}

static struct thing *retain_there(struct thing *thing)
{
    return rc_retain(thing);
}

static void release_there(struct thing *thing)
{
    rc_release(thing);
}

/* ---- pairs ----------------------------------------------------------------------------------- */

START_TEST(a_release_takes_off_the_reference_with_its_tag)
{
    LEDGER_OR_SKIP("a_release_takes_off_the_reference_with_its_tag");
    struct thing *thing = new_thing();
    (void)rc_retain_tagged(thing, "session");
    (void)rc_retain(thing);
    rc_release_tagged(thing, "session");
    ck_assert_says(holders_of(thing), "+3 -1");
    ck_assert_says_not(holders_of(thing), "session");
    (void)rc_retain_tagged(thing, "session");
    rc_release(thing);
    ck_assert_says(holders_of(thing), "\"session\"");
    rc_release_tagged(thing, "no such tag");
    ck_assert_says(holders_of(thing), "\"session\"");
    rc_release(thing);
}
END_TEST

static __attribute__((noinline)) void release_twice_by(struct thing *thing)
{
    for (int i = 0; i < 2; i++) rc_release_tagged(thing, "sesion");
}

START_TEST(a_release_by_a_tag_that_no_reference_has_is_told)
{
    LEDGER_OR_SKIP("a_release_by_a_tag_that_no_reference_has_is_told");
    size_t leaked;
    struct thing *thing = new_thing();
    for (int i = 0; i < 2; i++) (void)rc_retain_tagged(thing, "session");
    rc_release_tagged(rc_retain_tagged(thing, "other"), "other");
    ck_assert_says_not(report_of(&leaked), "No reference had");
    release_twice_by(thing);
    ck_assert_says(report_of(&leaked),
                   "\nNo reference had the tag \"sesion\" of 2 releases of type thing at ");
    ck_assert_says(ledger__text, "in release_twice_by\n");
    rc_release_tagged(thing, "session");
}
END_TEST

START_TEST(tags_of_references_that_were_not_seen_are_not_told)
{
    LEDGER_OR_SKIP("tags_of_references_that_were_not_seen_are_not_told");
#ifdef RCBUF_LEDGER
    size_t leaked;
    struct thing *thing = new_thing();
    (void)rc__retain(thing);
    rc_release_tagged(thing, "unseen");
    ck_assert_says_not(report_of(&leaked), "No reference had");
    rc_release(thing);
#endif
}
END_TEST

START_TEST(a_release_takes_off_what_its_own_function_took)
{
    LEDGER_OR_SKIP("a_release_takes_off_what_its_own_function_took");
    struct thing *thing = new_thing();
    (void)rc_retain(thing);
    (void)retain_there(thing);
    rc_release(thing);
    ck_assert_says(holders_of(thing), "in retain_there");
    ck_assert_says(holders_of(thing), "in new_thing, where it was made");
    rc_release(thing);
    release_there(thing);
}
END_TEST

START_TEST(a_release_of_another_function_takes_off_the_latest_of_its_file)
{
    LEDGER_OR_SKIP("a_release_of_another_function_takes_off_the_latest_of_its_file");
    struct thing *thing = new_thing();
    (void)retain_there(thing);
    release_there(thing);
    ck_assert_says(holders_of(thing), "in new_thing");
    ck_assert_says_not(holders_of(thing), "in retain_there");
    rc_release(thing);
}
END_TEST

START_TEST(the_end_of_a_scoped_variable_takes_off_what_was_put_in_it)
{
    LEDGER_OR_SKIP("the_end_of_a_scoped_variable_takes_off_what_was_put_in_it");
    struct thing *kept;
    {
        RC_AUTO(struct thing, thing) = rc_new(struct thing, &thing_type);
        kept = rc_retain(thing);
    }
    ck_assert_says(holders_of(kept), "+2 -1, one held since");
    ck_assert_says_not(holders_of(kept), "where it was made");
    rc_release(kept);
}
END_TEST

START_TEST(assign_and_clear_tell_their_lines)
{
    LEDGER_OR_SKIP("assign_and_clear_tell_their_lines");
    struct thing *thing = new_thing(), *other = new_thing(), *variable = NULL;
    rc_assign(&variable, thing);
    ck_assert_says(holders_of(thing), __func__);
    rc_assign(&variable, other);
    ck_assert_says(holders_of(thing), "+2 -1");
    rc_clear(&variable);
    ck_assert_says(holders_of(other), "+2 -1");
    rc_release(thing);
    rc_release(other);
}
END_TEST

START_TEST(what_rc_steal_hands_on_is_told_by_where_it_was_taken)
{
    LEDGER_OR_SKIP("what_rc_steal_hands_on_is_told_by_where_it_was_taken");
    struct thing *thing = new_thing(), *moved = rc_steal(&thing);
    ck_assert_says(holders_of(moved), "+1 -0, one held since");
    rc_release(moved);
}
END_TEST

/* ---- what the library holds ------------------------------------------------------------------ */

START_TEST(exports_are_named_with_line_and_holder)
{
    LEDGER_OR_SKIP("exports_are_named_with_line_and_holder");
    rc_buffer *buffer = rc_buffer_new(64);
    rc_buffer *slice = rc_buffer_slice(buffer, 0, 8);
    ck_assert_int_eq(rc_buffer_append(buffer, "x", 1), RC_BUSY);
    ck_assert_says(rc_error_message(), ": a slice made at ledger_test.c:");
    ck_assert_says(rc_error_message(), __func__);
    rc_view *view = rc_view_new(buffer, "d");
    rc_release(slice);
    ck_assert_says(holders_of(buffer), "by the rc_view at");
    ck_assert_says_not(holders_of(buffer), "slice");
    ck_assert_int_eq(rc_buffer_resize(buffer, 1), RC_BUSY);
    ck_assert_says(rc_error_message(), ": a view made at ledger_test.c:");
    rc_release(view);
    ck_assert_says(holders_of(buffer), "+2 -1, one held since");
    ck_assert_int_eq(rc_buffer_resize(buffer, 1), RC_OK);
    rc_release(buffer);
}
END_TEST

START_TEST(a_chain_is_an_exporter_until_its_slice_is)
{
    LEDGER_OR_SKIP("a_chain_is_an_exporter_until_its_slice_is");
    rc_buffer *buffer = rc_buffer_new_zeroed(64);
    rc_chain *chain = rc_chain_new();
    ck_assert_int_eq(rc_chain_append(chain, buffer), RC_OK);
    ck_assert_says(holders_of(buffer), "by a chain");
    ck_assert_int_eq(rc_buffer_freeze(buffer), RC_OK);
    ck_assert_int_eq(rc_buffer_thaw(buffer), RC_BUSY);
    ck_assert_says(rc_error_message(), ": a chain made at ledger_test.c:");
    rc_buffer *slice = rc_chain_cut_slice(chain, 64);
    ck_assert_says(holders_of(buffer), "by the rc_buffer slice at");
    ck_assert_says_not(holders_of(buffer), "by a chain");
    rc_release(slice);
    rc_release(chain);
    rc_release(buffer);
}
END_TEST

START_TEST(locks_and_loads_are_the_programs)
{
    LEDGER_OR_SKIP("locks_and_loads_are_the_programs");
    struct thing *thing = new_thing();
    rc_weak *weak = rc_weak_new(thing);
    struct thing *locked = rc_weak_lock(weak);
    ck_assert_says(holders_of(thing), "+2 -0, one held since");
    ck_assert_says(holders_of(thing), __func__);
    rc_release(locked);
    rc_release(weak);
    rc_slot slot = RC_SLOT_INIT;
    ck_assert_int_eq(rc_slot_store(&slot, thing), RC_OK);
    ck_assert_says(holders_of(thing), "one kept by the library since");
    struct thing *loaded = rc_slot_load(&slot);
    rc_slot_clear(&slot);
    ck_assert_says_not(holders_of(thing), "kept by the library");
    rc_release(loaded);
    rc_release(thing);
}
END_TEST

START_TEST(pooled_buffers_come_and_go)
{
    LEDGER_OR_SKIP("pooled_buffers_come_and_go");
    rc_pool *pool = rc_pool_new(64, 0, 4);
    for (int i = 0; i < 3000; i++) {
        rc_buffer *buffer = rc_pool_take(pool);
        if (i % 1000 == 0) ck_assert_says(holders_of(buffer), "+1 -0, one held since");
        rc_release(buffer);
        ck_assert(!rc_ledger_holders(buffer, stderr));
    }
    rc_release(pool);
}
END_TEST

/* ---- many ------------------------------------------------------------------------------------ */

enum { MANY = 2000 };

START_TEST(exports_leave_with_their_holders_in_any_order)
{
    LEDGER_OR_SKIP("exports_leave_with_their_holders_in_any_order");
    static rc_buffer *slices[MANY];
    rc_buffer *buffer = rc_buffer_new(4 * MANY);
    for (size_t i = 0; i < MANY; i++) slices[i] = rc_buffer_slice(buffer, i, 8);
    for (size_t i = 1; i < MANY; i++) rc_release(slices[i]);
    ck_assert_int_eq(rc_buffer_resize(buffer, 1), RC_BUSY); /* asks the one that is left */
    rc_release(slices[0]);
    const char *text = holders_of(buffer);
    ck_assert_says_not(text, "exported");
    ck_assert_says(text, "+2 -1, one held since");
    rc_release(buffer);
}
END_TEST

START_TEST(exports_do_not_hide_other_references)
{
    LEDGER_OR_SKIP("exports_do_not_hide_other_references");
    static rc_buffer *slices[MANY];
    rc_buffer *buffer = rc_buffer_new(4 * MANY);
    (void)rc_retain_tagged(buffer, "early");
    for (size_t i = 0; i < MANY; i++) slices[i] = rc_buffer_slice(buffer, i, 8);
    rc_release_tagged(buffer, "early");
    ck_assert_says_not(holders_of(buffer), "early");
    for (size_t i = 0; i < MANY; i++) rc_release(slices[i]);
    rc_release(buffer);
}
END_TEST

START_TEST(as_many_references_are_known_as_are_held)
{
    LEDGER_OR_SKIP("as_many_references_are_known_as_are_held");
    struct thing *thing = new_thing();
    for (int i = 0; i < MANY; i++) (void)rc_retain_tagged(thing, "many");
    for (int i = 0; i < MANY; i++) rc_release_tagged(thing, "many");
    ck_assert_says(holders_of(thing), "+2001 -2000, one held since");
    rc_release(thing);
}
END_TEST

/* ---- others ---------------------------------------------------------------------------------- */

START_TEST(holders_of_what_is_no_object_are_refused)
{
    ck_assert_uint_eq(rc_ledger_holders(NULL, stderr), 0);
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    int no_object = 0;
    ck_assert_uint_eq(rc_ledger_holders(&no_object, stderr), 0);
    ck_assert_int_eq(rc_error_status(), LEDGER_IS_HERE ? RC_INVALID : RC_UNSUPPORTED);
}
END_TEST

START_TEST(an_immortal_object_is_known_as_one)
{
    LEDGER_OR_SKIP("an_immortal_object_is_known_as_one");
    static struct thing *thing; /* LeakSanitizer sees it there */
    thing = new_thing();
    rc_make_immortal(thing);
    rc_release(thing);
    ck_assert_says(holders_of(thing), "immortal");
}
END_TEST

/* ---- threads and processes ------------------------------------------------------------------- */

enum { THREADS = 4, ROUNDS = 500 };

static void *count_up_and_down(void *thing)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct thing *mine = rc_retain_tagged((struct thing *)thing, "thread");
        struct thing *own = rc_new(struct thing, &thing_type);
        rc_release(own);
        rc_release_tagged(mine, "thread");
    }
    return rc_retain((struct thing *)thing);
}

START_TEST(threads_tell_the_same_ledger)
{
    LEDGER_OR_SKIP("threads_tell_the_same_ledger");
    struct thing *thing = new_thing();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, count_up_and_down, thing), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    ck_assert_says(holders_of(thing), "4 held since");
    ck_assert_says(holders_of(thing), "in count_up_and_down");
    ck_assert_says(holders_of(thing), "+2005 -2000");
    for (int i = 0; i <= THREADS; i++) rc_release(thing);
}
END_TEST

static bool child_sees_its_own(struct thing *thing)
{
    struct thing *own = rc_new(struct thing, &thing_type);
    (void)rc_retain(thing);
    return own && strstr(holders_of(thing), "+2 -0") && strstr(holders_of(own), "+1 -0");
}

START_TEST(a_child_goes_on_with_a_ledger_of_its_own)
{
    LEDGER_OR_SKIP("a_child_goes_on_with_a_ledger_of_its_own");
    struct thing *thing = new_thing();
    pid_t child = fork();
    if (child == 0) _exit(child_sees_its_own(thing) ? 0 : 1);
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_says(holders_of(thing), "+1 -0");
    rc_release(thing);
}
END_TEST

HARNESS_MAIN("rc/ledger", a_release_takes_off_the_reference_with_its_tag,
             a_release_by_a_tag_that_no_reference_has_is_told,
             tags_of_references_that_were_not_seen_are_not_told,
             a_release_takes_off_what_its_own_function_took,
             a_release_of_another_function_takes_off_the_latest_of_its_file,
             the_end_of_a_scoped_variable_takes_off_what_was_put_in_it,
             assign_and_clear_tell_their_lines,
             what_rc_steal_hands_on_is_told_by_where_it_was_taken,
             exports_are_named_with_line_and_holder, a_chain_is_an_exporter_until_its_slice_is,
             locks_and_loads_are_the_programs, pooled_buffers_come_and_go,
             exports_leave_with_their_holders_in_any_order, exports_do_not_hide_other_references,
             as_many_references_are_known_as_are_held, holders_of_what_is_no_object_are_refused,
             an_immortal_object_is_known_as_one, threads_tell_the_same_ledger,
             a_child_goes_on_with_a_ledger_of_its_own)
