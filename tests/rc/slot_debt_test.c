/* SPDX-License-Identifier: MIT */
/* Loads that are in their middle, as another thread finds them: made by hand, step by step. */
#include "rc/slot_debt.h"

#include <sys/wait.h>
#include <unistd.h>

#include "rc/slot.h"
#include "tests/rc/bias_support.h"

enum { STATIC_CELLS = 64 };

static const rc_type thing_type = {
    .name = "thing", .size = sizeof(struct item), .finalize = item_finalize};

static rc_slot slot;

static struct item *thing_new(void)
{
    struct item *thing = rc_new(struct item, &thing_type);
    need(thing != NULL);
    return thing;
}

/* The slot has the only reference. */
static struct item *put_new(void)
{
    start_a_second_thread();
    struct item *thing = thing_new();
    need(rc_slot_store(&slot, thing) == RC_OK);
    rc_release(thing);
    return thing;
}

/* Each cell's object: how many say that. */
static size_t debts_to(const void *object)
{
    size_t count = 0;
    for (const struct rc__debt *debt = &rc__debts; debt; debt = debt->next)
        count += debt->object == object;
    return count;
}

/* ---- paying ---------------------------------------------------------------------------------- */

START_TEST(a_store_pays_the_debt_of_a_load_in_its_middle)
{
    struct item *thing = put_new();
    struct rc__debt *debt = rc__debt_owe(thing);
    rc_slot_clear(&slot);
    ck_assert_uint_eq(finalized, 0);
    ck_assert_uint_eq(debts_to(thing), 0);
    ck_assert(rc_is_unique(thing)); /* the load's */
    ck_assert(!rc__debt_take_back(debt, thing));
    rc_release(thing);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(a_load_that_counted_before_it_was_paid_gives_one_back)
{
    struct item *thing = put_new();
    struct rc__debt *debt = rc__debt_owe(thing);
    (void)rc_retain(thing);
    rc_slot_clear(&slot);
    ck_assert_uint_eq(rc_count(thing), 2);
    ck_assert(!rc__debt_take_back(debt, thing));
    rc_release(thing);
    ck_assert_uint_eq(finalized, 0);
    rc_release(thing);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(a_debt_that_was_taken_back_is_not_paid)
{
    struct item *thing = put_new();
    struct rc__debt *debt = rc__debt_owe(thing);
    (void)rc_retain(thing);
    ck_assert(rc__debt_take_back(debt, thing));
    rc_slot_clear(&slot);
    ck_assert(rc_is_unique(thing));
    rc_release(thing);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(each_of_many_debts_is_paid_once_and_others_stay)
{
    enum { MANY = 10 };
    struct rc__debt *debts[MANY], *others[MANY];
    struct item *thing = put_new(), *other = thing_new();
    for (size_t i = 0; i < MANY; i++) {
        debts[i] = rc__debt_owe(thing);
        others[i] = rc__debt_owe(other);
    }
    rc_slot_store(&slot, NULL);
    ck_assert_uint_eq(rc_count(thing), MANY);
    ck_assert_uint_eq(rc_count(other), 1);
    ck_assert_uint_eq(debts_to(other), MANY);
    for (size_t i = 0; i < MANY; i++) {
        ck_assert(!rc__debt_take_back(debts[i], thing));
        ck_assert(rc__debt_take_back(others[i], other));
        rc_release(thing);
    }
    ck_assert_uint_eq(finalized, 1);
    rc_release(other);
}
END_TEST

START_TEST(an_exchange_and_a_compare_exchange_pay_too)
{
    struct item *first = put_new(), *second = thing_new();
    struct rc__debt *debt = rc__debt_owe(first);
    struct item *taken = rc_slot_exchange(&slot, second);
    ck_assert_ptr_eq(taken, first);
    ck_assert_uint_eq(rc_count(first), 2);
    ck_assert(!rc__debt_take_back(debt, first));
    debt = rc__debt_owe(second);
    ck_assert(!rc_slot_compare_exchange(&slot, first, NULL));
    ck_assert_uint_eq(debts_to(second), 1);
    ck_assert(rc_slot_compare_exchange(&slot, second, NULL));
    ck_assert_uint_eq(rc_count(second), 2);
    ck_assert(!rc__debt_take_back(debt, second));
    rc_release(first);
    rc_release(first);
    rc_release(second);
    rc_release(second);
    ck_assert_uint_eq(finalized, 2);
}
END_TEST

START_TEST(a_debt_changes_with_what_the_slot_holds)
{
    struct item *first = put_new(), *second = thing_new();
    struct rc__debt *debt = rc__debt_owe(first);
    ck_assert(rc__debt_change(debt, first, second));
    ck_assert_uint_eq(debts_to(first), 0);
    ck_assert_uint_eq(debts_to(second), 1);
    rc_slot_store(&slot, second); /* ends the first, to which nothing is owed any more */
    ck_assert_uint_eq(finalized, 1);
    rc_slot_clear(&slot);
    ck_assert(!rc__debt_change(debt, second, first));
    rc_release(second);
    rc_release(second);
    ck_assert_uint_eq(finalized, 2);
}
END_TEST

/* The second load claims the cell when the first has been paid and does not know it yet. */
START_TEST(two_loads_through_one_cell_share_what_is_paid)
{
    struct item *thing = put_new();
    struct rc__debt *first = rc__debt_owe(thing);
    struct item *held = rc_slot_exchange(&slot, NULL);
    rc_slot_store(&slot, held);
    rc_release(held);
    struct rc__debt *second = rc__debt_owe(thing);
    ck_assert_ptr_eq(first, second);
    ck_assert(
        rc__debt_take_back(first, thing)); /* the second's, with what was paid for the first */
    rc_slot_clear(&slot);
    ck_assert_uint_eq(finalized, 0);
    ck_assert(!rc__debt_take_back(second, thing));
    rc_release(thing);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

static void *do_load_and_release(void *from)
{
    struct item *loaded = rc_slot_load(from);
    rc_release(loaded);
    return loaded;
}

/* A load that a stopped thread is in the middle of, of an address at which an object ended since.
 */
START_TEST(a_debt_to_an_object_that_is_gone_bothers_nobody)
{
    struct item *thing = put_new();
    rc_slot_clear(&slot);
    ck_assert_uint_eq(finalized, 1);
    struct rc__debt *debt = rc__debt_owe(thing);
    struct item *next = put_new();
    for (int i = 0; i < 3; i++) elsewhere(do_load_and_release, &slot);
    rc_slot_clear(&slot);
    ck_assert_uint_eq(finalized, next == thing ? 1 : 2); /* it may stand there, and be paid */
    if (!rc__debt_take_back(debt, thing)) rc_release(thing);
    ck_assert_uint_eq(finalized, 2);
}
END_TEST

/* ---- cells ----------------------------------------------------------------------------------- */

START_TEST(a_thread_claims_the_same_cell_again_while_it_is_free)
{
    struct item *thing = put_new();
    for (int i = 0; i < 1000; i++) elsewhere(do_load_and_release, &slot);
    for (int i = 0; i < 1000; i++) ck_assert_ptr_eq(do_load_and_release(&slot), thing);
    ck_assert_uint_eq(rc__debts_count(), 1);
    struct rc__debt *taken = rc__debt_owe(thing);
    ck_assert_ptr_eq(taken, &rc__debts);
    (void)do_load_and_release(&slot);
    ck_assert_uint_eq(rc__debts_count(), 2);
    struct rc__debt *next = rc__debt_latest;
    ck_assert_ptr_ne(next, taken);
    ck_assert(rc__debt_take_back(taken, thing));
    (void)do_load_and_release(&slot);
    ck_assert_ptr_eq(rc__debt_latest, next);
    ck_assert_uint_eq(rc__debts_count(), 2);
    ck_assert(rc__debt_claim(next, thing));
    ck_assert_ptr_eq(rc__debt_owe(thing), taken); /* round the end */
    ck_assert(rc__debt_take_back(next, thing) && rc__debt_take_back(taken, thing));
    rc_slot_clear(&slot);
}
END_TEST

START_TEST(there_are_as_many_cells_as_loads_under_way)
{
    enum { MANY = STATIC_CELLS + 36 };
    static struct rc__debt *debts[MANY];
    struct item *thing = put_new();
    for (size_t i = 0; i < MANY; i++) {
        debts[i] = rc__debt_owe(thing);
        ck_assert_uint_eq((uintptr_t)debts[i] % 64, 0);
        ck_assert_uint_eq(rc__debts_count(), i + 1);
        elsewhere(do_load_and_release, NULL);
    }
    ck_assert_uint_eq(debts_to(thing), MANY);
    rc_slot_clear(&slot);
    ck_assert_uint_eq(rc_count(thing), MANY);
    for (size_t i = 0; i < MANY; i++) {
        ck_assert(!rc__debt_take_back(debts[i], thing));
        rc_release(thing);
    }
    ck_assert_uint_eq(finalized, 1);
    for (int i = 0; i < 3; i++) elsewhere(do_load_and_release, &slot);
    ck_assert_uint_eq(rc__debts_count(), MANY);
}
END_TEST

enum { CLAIMERS = 4, EACH = 30 };

static void *claim_many(void *thing)
{
    for (size_t i = 0; i < EACH; i++) need(rc__debt_owe(thing) != NULL);
    return NULL;
}

START_TEST(threads_that_need_more_cells_at_once_lose_none)
{
    pthread_t threads[CLAIMERS];
    struct item *thing = put_new();
    for (size_t i = 0; i < CLAIMERS; i++)
        need(pthread_create(&threads[i], NULL, claim_many, thing) == 0);
    for (size_t i = 0; i < CLAIMERS; i++) need(pthread_join(threads[i], NULL) == 0);
    size_t owed = CLAIMERS * EACH;
    ck_assert_uint_eq(debts_to(thing), owed);
    ck_assert_uint_ge(rc__debts_count(), owed);
    ck_assert_uint_lt(rc__debts_count(), owed + CLAIMERS);
    rc_slot_clear(&slot);
    ck_assert_uint_eq(rc_count(thing), owed);
    for (size_t i = 0; i < owed; i++) rc_release(thing);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(a_process_with_one_thread_owes_nothing)
{
    struct item *thing = thing_new();
    if (!RC_SINGLE_THREADED)
        printf("skipped: the process has several threads, or nobody tells that it has one\n");
    rc_slot_store(&slot, thing);
    rc__debts.object = &slot; /* taken */
    rc_release(rc_slot_load(&slot));
    ck_assert(!RC_SINGLE_THREADED || rc__debts_count() == 1);
    rc__debts.object = NULL;
    rc_slot_clear(&slot);
    rc_release(thing);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

/* ---- fork ------------------------------------------------------------------------------------ */

/* In the child; its exit status. */
static int live_as_child(struct item *thing)
{
    struct item *loaded = rc_slot_load(&slot);
    bool good = loaded == thing && debts_to(thing) == 0;
    rc_release(loaded);
    rc_slot_clear(&slot); /* nobody is there to be paid */
    return good && finalized == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}

START_TEST(a_forked_child_has_no_debts_of_other_threads)
{
    int status;
    struct item *thing = put_new();
    for (size_t i = 0; i < STATIC_CELLS + 1; i++) (void)rc__debt_owe(thing);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) _exit(live_as_child(thing));
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
    rc_slot_clear(&slot); /* here all are paid */
    ck_assert_uint_eq(rc_count(thing), STATIC_CELLS + 1);
    for (size_t i = 0; i < STATIC_CELLS + 1; i++) rc_release(thing);
}
END_TEST

HARNESS_MAIN("rc/slot_debt", a_store_pays_the_debt_of_a_load_in_its_middle,
             a_load_that_counted_before_it_was_paid_gives_one_back,
             a_debt_that_was_taken_back_is_not_paid,
             each_of_many_debts_is_paid_once_and_others_stay,
             an_exchange_and_a_compare_exchange_pay_too, a_debt_changes_with_what_the_slot_holds,
             two_loads_through_one_cell_share_what_is_paid,
             a_debt_to_an_object_that_is_gone_bothers_nobody,
             a_thread_claims_the_same_cell_again_while_it_is_free,
             there_are_as_many_cells_as_loads_under_way,
             threads_that_need_more_cells_at_once_lose_none, a_process_with_one_thread_owes_nothing,
             a_forked_child_has_no_debts_of_other_threads)
