/* SPDX-License-Identifier: MIT */
/* Scenarios of rc/slot.h: whoever loads has what the slot held, every object ends once, and nobody
 * touches it later; and no thread that is stopped at any step keeps another one from ending. */
#include "explorer.h"

#include <string.h>

#include "rc/bias.h"
#include "rc/owner.h"
#include "rc/slot.h"
#include "rc/slot_debt.h"

/* Of two calls, and of the end of what they release, while another thread is stopped. */
enum { STEPS = 120 };

struct page {
    int number;
    int written; /* by its maker, before it is stored */
    bool ended;
};

static rc_slot slot, other_slot;
static struct page *first, *second,
    *third; /* not NULL: references of before() and of two threads */
static int finalized;

static void page_finalize(void *self)
{
    struct page *it = self;
    CHECK(!it->ended && it->written == it->number);
    it->ended = true;
    __atomic_fetch_add(&finalized, 1, __ATOMIC_RELAXED); /* two may end at once */
}

static const rc_type page_type = {
    .name = "page", .size = sizeof(struct page), .finalize = page_finalize};

static struct page *page_new(int number)
{
    struct page *made = rc_new(struct page, &page_type);
    CHECK(made);
    made->number = made->written = number;
    return made;
}

/* From the warm-up on, so that no lock of the account is in the way. */
static void have_record(void)
{
    if (rc__tally_mine == &rc__tally_nobody) rc__tally_leave(rc__tally_enter(false));
}

/* ---- before, and after ----------------------------------------------------------------------- */

/* The slot has the only reference. */
static void fill_slot(void)
{
    finalized = 0;
    struct page *page = page_new(1);
    rc_slot_store(&slot, page);
    rc_release(page);
}

static void fill_and_make_one(void)
{
    fill_slot();
    second = page_new(2);
}

static void fill_and_make_two(void)
{
    fill_and_make_one();
    third = page_new(3);
}

/* Nobody ends the page but check_held(): there is less to be done, and more that can stop. */
static void fill_and_hold(void)
{
    fill_slot();
    first = rc_slot_load(&slot);
}

/* The same page in two slots, which have the only references. */
static void fill_both_slots(void)
{
    fill_slot();
    struct page *page = rc_slot_load(&slot);
    rc_slot_store(&other_slot, page);
    rc_release(page);
}

static void check_no_debts(void)
{
    for (const struct rc__debt *debt = &rc__debts; debt; debt = debt->next) CHECK(!debt->object);
}

/* So many pages were made, and all end with the slots. */
static void check_pages(int made)
{
    check_no_debts();
    rc_slot_clear(&slot);
    rc_slot_clear(&other_slot);
    CHECK(finalized == made);
}

static void check_one(void)
{
    CHECK(finalized == 1);
    check_pages(1);
}

static void check_all_of_one(void)
{
    check_pages(1);
}

static void check_held(void)
{
    CHECK(rc_slot_holds(&slot, NULL) && finalized == 0 && rc_is_unique(first));
    rc_release(first);
    check_pages(1);
}

static void check_two(void)
{
    check_pages(2);
}

static void check_three(void)
{
    check_pages(3);
}

/* ---- what threads do ------------------------------------------------------------------------- */

static void look_at(const struct page *page)
{
    CHECK(page && !page->ended && page->written == page->number && rc_count(page) >= 1);
}

static void load_one(const rc_slot *from)
{
    struct page *loaded = rc_slot_load(from);
    if (loaded) look_at(loaded);
    rc_release(loaded);
}

static void load_and_release(void)
{
    have_record();
    load_one(&slot);
}

/* Where the slot is never empty. */
static void load_something(void)
{
    have_record();
    struct page *loaded = rc_slot_load(&slot);
    look_at(loaded);
    rc_release(loaded);
}

/* What is newer is not followed by what is older. */
static void load_twice(void)
{
    have_record();
    struct page *loaded = rc_slot_load(&slot), *again = rc_slot_load(&slot);
    look_at(loaded);
    look_at(again);
    CHECK(loaded->number <= again->number);
    rc_release(loaded);
    rc_release(again);
}

static void load_other_slot(void)
{
    rc_release(rc_slot_load(&other_slot));
}

static void clear_slot(void)
{
    have_record();
    rc_slot_clear(&slot);
}

static void clear_other_slot(void)
{
    have_record();
    rc_slot_clear(&other_slot);
}

/* Takes the reference. */
static void store(struct page *page)
{
    have_record();
    page->written = page->number; /* which whoever loads it sees */
    rc_slot_store(&slot, page);
    rc_release(page);
}

static void store_second(void)
{
    store(second);
}

static void store_third(void)
{
    store(third);
}

/* Through a cell that was paid another load may go before the first has noticed. */
static void take_out_and_put_back(void)
{
    have_record();
    struct page *taken = rc_slot_exchange(&slot, NULL);
    rc_slot_store(&slot, taken);
    rc_release(taken);
}

/* As few steps as can be. */
static void load_blindly(void)
{
    rc_release(rc_slot_load(&slot));
}

/* ---- exchange, and compare exchange ---------------------------------------------------------- */

static void exchange(struct page *page)
{
    have_record();
    struct page *old = rc_slot_exchange(&slot, page);
    look_at(old);
    CHECK(old != page);
    rc_release(old);
    rc_release(page);
}

static void exchange_second(void)
{
    exchange(second);
}

static void exchange_third(void)
{
    exchange(third);
}

static int changed;

static void fill_to_compare(void)
{
    changed = 0;
    fill_and_make_two();
    first = rc_slot_load(&slot);
}

/* Each makes the next of the first, to which before() has a reference. */
static void compare(struct page *page)
{
    have_record();
    if (rc_slot_compare_exchange(&slot, first, page))
        __atomic_fetch_add(&changed, 1, __ATOMIC_RELAXED);
    rc_release(page);
}

static void compare_second(void)
{
    compare(second);
}

static void compare_third(void)
{
    compare(third);
}

static void check_compared(void)
{
    CHECK(changed == 1 && !rc_slot_holds(&slot, first) && rc_is_unique(first));
    rc_release(first);
    check_three();
}

/* The third was not wanted. */
static void check_stopped(void)
{
    rc_release(third);
    check_compared();
}

/* Load, make the next, and again until nobody came between: no step is lost. */
static void count_on(struct page *next)
{
    have_record();
    bool done;
    do {
        struct page *now = rc_slot_load(&slot);
        next->number = next->written = now->number + 1;
        done = rc_slot_compare_exchange(&slot, now, next);
        rc_release(now);
    } while (!done);
    rc_release(next);
}

static void count_on_by_second(void)
{
    count_on(second);
}

static void count_on_by_third(void)
{
    count_on(third);
}

static void check_counted(void)
{
    struct page *last = rc_slot_load(&slot);
    CHECK(last->number == 3);
    rc_release(last);
    check_three();
}

/* ---- another object at the same address ------------------------------------------------------ */

static _Alignas(16) unsigned char room[256];
static bool room_is_taken;

static void *room_allocate(void *context, size_t size, size_t alignment)
{
    (void)context;
    CHECK(size <= sizeof room && alignment <= 16);
    CHECK(!__atomic_exchange_n(&room_is_taken, true, __ATOMIC_ACQUIRE));
    return room;
}

static void room_deallocate(void *context, void *block, size_t size, size_t alignment)
{
    (void)context, (void)alignment;
    CHECK(block == room);
    memset(block, 0xA5, size);
    CHECK(__atomic_exchange_n(&room_is_taken, false, __ATOMIC_RELEASE));
}

static const struct rc_allocator one_room = {
    .name = "one room", .allocate = room_allocate, .deallocate = room_deallocate};

static struct page *page_in_room(int number)
{
    struct page *made = rc_object_new_with(&one_room, &page_type, 0);
    CHECK(made);
    made->number = made->written = number;
    return made;
}

static void fill_from_room(void)
{
    finalized = 0;
    room_is_taken = false;
    struct page *page = page_in_room(1);
    rc_slot_store(&slot, page);
    rc_release(page);
}

/* The first page is gone, unless a load has it; then one of the same address is in the other slot,
 * and taken out again, whereby debts to that address are paid. */
static void end_one_and_make_another(void)
{
    have_record();
    rc_slot_clear(&slot);
    if (__atomic_load_n(&room_is_taken, __ATOMIC_ACQUIRE)) return;
    struct page *page = page_in_room(2);
    rc_slot_store(&other_slot, page);
    rc_release(page);
    rc_slot_clear(&other_slot);
}

static void load_only_the_first(void)
{
    have_record();
    struct page *loaded = rc_slot_load(&slot);
    CHECK(!loaded || loaded->number == 1);
    rc_release(loaded);
}

static void check_room(void)
{
    CHECK(!room_is_taken);
    check_no_debts();
}

/* ---- more cells ------------------------------------------------------------------------------ */

static struct rc__debt *claimed[2];

/* The first cell is taken, and there is no other. */
static void fill_with_one_cell(void)
{
    fill_slot();
    claimed[0] = claimed[1] = NULL;
    rc__debts.next = NULL;
    rc__debts.object = &slot;
}

static void load_from_the_first_cell_on(void)
{
    have_record();
    rc__debt_latest = &rc__debts;
    load_blindly();
    claimed[0] = rc__debt_latest;
}

static void load_beside_that(void)
{
    have_record();
    rc__debt_latest = &rc__debts;
    load_blindly();
    claimed[1] = rc__debt_latest;
}

/* Whoever stores would have found it. */
static void check_listed(const struct rc__debt *cell)
{
    const struct rc__debt *debt = &rc__debts;
    while (debt && debt != cell) debt = debt->next;
    CHECK(debt);
}

static void check_cells(void)
{
    check_listed(claimed[0]);
    if (claimed[1]) check_listed(claimed[1]);
    CHECK(rc__debts.object == &slot && rc__debts_count() <= 3);
    rc__debts.object = NULL;
    check_pages(1);
    rc__debts.next = NULL;
}

/* ---- finalizers, biased objects -------------------------------------------------------------- */

static void load_in_finalizer(void *self)
{
    (void)self;
    load_one(&other_slot);
    rc_slot_clear(&other_slot);
    __atomic_fetch_add(&finalized, 1, __ATOMIC_RELAXED);
}

static const rc_type loading_type = {
    .name = "loading page", .size = sizeof(struct page), .finalize = load_in_finalizer};

static void fill_nested(void)
{
    finalized = 0;
    struct page *page = page_new(1), *loading = rc_new(struct page, &loading_type);
    CHECK(loading);
    rc_slot_store(&other_slot, page);
    rc_release(page);
    loading->number = loading->written = 2;
    rc_slot_store(&slot, loading);
    rc_release(loading);
}

static const rc_type biased_type = {.name = "biased page",
                                    .size = sizeof(struct page),
                                    .finalize = page_finalize,
                                    .flags = RC_TYPE_BIASED};
static uint16_t lent; /* the index of its owner, who runs as a thread */

static void fill_biased(void)
{
    finalized = 0;
    struct page *page = rc_new(struct page, &biased_type);
    CHECK(page && rc__header_of(page)->owner != 0); /* RCBUF_FORCE=bias is needed here */
    page->number = page->written = 1;
    rc_slot_store(&slot, page);
    rc_release(page);
    lent = rc_bias_self;
    rc_bias_self = RC__OWNS_NOTHING;
}

static void own(void)
{
    have_record();
    rc_bias_self = lent;
}

static void owner_clears(void)
{
    own();
    rc_slot_clear(&slot);
}

static void owner_loads(void)
{
    own();
    load_one(&slot);
}

static void check_drained(void)
{
    rc_bias_self = lent;
    rc_bias_drain();
    check_one();
}

const struct scenario slot_scenarios[] = {
    {"slot_load_against_clear", fill_slot, {clear_slot, load_and_release}, check_one},
    {"slot_load_against_store", fill_and_make_one, {store_second, load_twice}, check_two},
    {"slot_load_by_two", fill_slot, {clear_slot, load_and_release, load_and_release}, check_one},
    {"slot_store_by_two",
     fill_and_make_two,
     {store_second, store_third, load_something},
     check_three},
    {"slot_paid_by_another_slot",
     fill_both_slots,
     {clear_slot, clear_other_slot, load_and_release},
     check_one},
    {"slot_of_each_loaded",
     fill_both_slots,
     {clear_slot, load_blindly, load_other_slot},
     check_all_of_one},
    {"slot_cell_of_two_loads",
     fill_slot,
     {take_out_and_put_back, load_blindly, load_blindly},
     check_all_of_one},
    {"slot_exchange_by_two",
     fill_and_make_two,
     {exchange_second, exchange_third, load_blindly},
     check_three},
    {"slot_compare_by_two",
     fill_to_compare,
     {compare_second, compare_third, load_something},
     check_compared},
    {"slot_counted_on", fill_and_make_two, {count_on_by_second, count_on_by_third}, check_counted},
    {"slot_address_used_again",
     fill_from_room,
     {end_one_and_make_another, load_only_the_first},
     check_room},
    {"slot_cell_appended",
     fill_with_one_cell,
     {clear_slot, load_from_the_first_cell_on},
     check_cells},
    {"slot_cells_appended_by_two",
     fill_with_one_cell,
     {load_from_the_first_cell_on, load_beside_that},
     check_cells},
    {"slot_load_in_finalizer", fill_nested, {clear_slot, load_and_release}, check_two},
    {"slot_biased_cleared", fill_biased, {owner_clears, load_and_release}, check_drained},
    {"slot_biased_loaded", fill_biased, {clear_slot, owner_loads}, check_drained},
    {"slot_store_stops", fill_and_make_one, {store_second, load_something}, check_two},
    {"slot_clear_stops_beside_two",
     fill_and_hold,
     {clear_slot, load_blindly, load_blindly},
     check_held},
    {"slot_load_stops", fill_slot, {clear_slot, load_and_release}, check_one},
    {"slot_compare_stops", fill_to_compare, {compare_second, load_something}, check_stopped},
    {0},
};

const struct stop slot_stops[] = {
    {.scenario = "slot_store_stops", .thread = 1, .steps = STEPS},
    {.scenario = "slot_clear_stops_beside_two", .thread = 1, .steps = STEPS},
    {.scenario = "slot_load_stops", .thread = 2, .steps = STEPS},
    {.scenario = "slot_compare_stops", .thread = 1, .steps = STEPS},
    {0},
};
