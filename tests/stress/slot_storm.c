/* SPDX-License-Identifier: MIT */
/*
 * A few slots that eight threads load from, store to, exchange and compare at random. Every object
 * counts itself out exactly once, nobody ever has one that ended, and what a slot counts on it
 * counts without a gap. Some objects are biased to the thread that made them, where this build
 * gives bias.
 */
#include "storm.h"

#include "rc/bias.h"
#include "rc/slot.h"

enum { SLOTS = 3, STEPS = 400, MADE_MAX = STORM_THREADS * STEPS + SLOTS + 1 };

struct page {
    unsigned number; /* its place below */
    unsigned steps;  /* of the slot that counts */
    unsigned check;  /* made of number by its maker */
};

static rc_slot slots[SLOTS], counting;
static unsigned made, ended[MADE_MAX], counted;

static void page_finalize(void *self)
{
    struct page *it = self;
    CHECK(it->check == ~it->number);
    CHECK(__atomic_fetch_add(&ended[it->number], 1, __ATOMIC_RELAXED) == 0);
    it->check = 0;
}

static const rc_type page_type = {
    .name = "page", .size = sizeof(struct page), .finalize = page_finalize};
static const rc_type biased_type = {.name = "biased page",
                                    .size = sizeof(struct page),
                                    .finalize = page_finalize,
                                    .flags = RC_TYPE_BIASED};

static struct page *page_new(const rc_type *type)
{
    struct page *page = rc_new(struct page, type);
    CHECK(page);
    page->number = __atomic_fetch_add(&made, 1, __ATOMIC_RELAXED);
    page->check = ~page->number;
    return page;
}

static void check_and_release(struct page *page)
{
    if (page) CHECK(page->check == ~page->number);
    rc_release(page);
}

static struct page *load(const rc_slot *slot)
{
    struct page *page = RC_SLOT_LOAD(struct page, slot);
    if (page) CHECK(page->check == ~page->number);
    return page;
}

/* One of those that others wanted meanwhile may have to be made again. */
static void count_on(void)
{
    struct page *next = page_new(&page_type), *now;
    bool done;
    do {
        now = load(&counting);
        next->steps = now->steps + 1;
        done = rc_slot_compare_exchange(&counting, now, next);
        rc_release(now);
    } while (!done);
    __atomic_fetch_add(&counted, 1, __ATOMIC_RELAXED);
    rc_release(next);
}

static void store_new(rc_slot *slot)
{
    struct page *page = page_new(storm_random() % 4 ? &page_type : &biased_type);
    if (storm_random() % 2)
        CHECK(rc_slot_store(slot, page) == RC_OK);
    else
        check_and_release(rc_slot_exchange(slot, page));
    rc_release(page);
}

/* What one slot holds into another, where that is as it was. */
static void move(rc_slot *slot, rc_slot *other)
{
    struct page *page = load(slot), *there = load(other);
    (void)rc_slot_compare_exchange(other, there, page);
    check_and_release(page);
    check_and_release(there);
}

static void storm_slots(unsigned thread)
{
    (void)thread;
    for (unsigned i = 0; i < STEPS; i++) {
        rc_slot *slot = &slots[storm_random() % SLOTS], *other = &slots[storm_random() % SLOTS];
        switch (storm_random() % 8) {
        case 0:
            store_new(slot);
            break;
        case 1:
            count_on();
            break;
        case 2:
            move(slot, other);
            break;
        case 3:
            rc_slot_clear(slot);
            break;
        case 4:
            check_and_release(rc_slot_exchange(slot, NULL));
            break;
        default:
            check_and_release(load(slot));
        }
    }
}

static void one_round(void)
{
    made = counted = 0;
    for (unsigned i = 0; i < MADE_MAX; i++) ended[i] = 0;
    struct page *first = page_new(&page_type);
    rc_slot_store(&counting, first);
    rc_release(first);
    storm(storm_slots);
    struct page *last = load(&counting);
    CHECK(last->steps == counted);
    rc_release(last);
    rc_slot_clear(&counting);
    for (unsigned i = 0; i < SLOTS; i++) rc_slot_clear(&slots[i]);
    rc_bias_drain();
    for (unsigned i = 0; i < made; i++) CHECK(ended[i] == 1);
}

int main(int count, char **arguments)
{
    return storm_rounds(count, arguments, one_round);
}
