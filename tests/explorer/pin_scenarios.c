/* SPDX-License-Identifier: MIT */
/* Scenarios of rc/weak_pin.h: objects whose weak references were locked before, by threads that may
 * have a pin each; the block is freed once, by whom it was left to, and nobody touches it later. */
#include "explorer.h"

#include "rc/object_end.h"
#include "rc/weak.h"
#include "rc/weak_pin.h"

struct page {
    int written; /* by the owner, before it releases */
    bool ended;
};

static struct page *page, *other, *kept;
static rc_weak *weak, *weak_other;
static int finalized, other_finalized;

static void page_finalize(void *self)
{
    struct page *it = self;
    CHECK(rc_count(it) == 1 && rc_is_unique(it));
    finalized++;
    it->ended = true;
}

static void other_finalize(void *self)
{
    struct page *it = self;
    other_finalized++;
    it->ended = true;
}

static void page_keep(void *self)
{
    finalized++;
    kept = rc_retain((struct page *)self);
}

static const rc_type page_type = {
    .name = "page", .size = sizeof(struct page), .finalize = page_finalize};
static const rc_type other_type = {
    .name = "other page", .size = sizeof(struct page), .finalize = other_finalize};
static const rc_type plain_type = {.name = "plain page", .size = sizeof(struct page)};
static const rc_type keeping_type = {
    .name = "kept page", .size = sizeof(struct page), .finalize = page_keep};

/* ---- before, and after ----------------------------------------------------------------------- */

/* The first lock marks the object, the second one pins it. */
static rc_weak *weak_to(struct page *it)
{
    rc_weak *made = rc_weak_new(it);
    CHECK(made);
    struct page *locked = rc_weak_lock(made);
    CHECK(locked == it && rc__header_flags(rc__header_of(it)) & RC__FLAG_PINNED);
    rc_release(locked);
    return made;
}

static void make_page_of(const rc_type *type, bool stay)
{
    rc__pins_stay = stay;
    finalized = 0;
    kept = NULL;
    page = rc_new(struct page, type);
    CHECK(page);
    weak = weak_to(page);
}

static void make_page(void)
{
    make_page_of(&page_type, false);
}

static void make_page_to_stay(void)
{
    make_page_of(&page_type, true);
}

static void make_plain_to_stay(void)
{
    make_page_of(&plain_type, true);
}

static void make_keeping_page(void)
{
    make_page_of(&keeping_type, true);
}

static void make_two_pages(void)
{
    make_page_to_stay();
    other_finalized = 0;
    other = rc_new(struct page, &other_type);
    CHECK(other);
    weak_other = weak_to(other);
}

/* Threads that have ended pin nothing. */
static void clear_pins(void)
{
    for (struct rc__tally *tally = rc__tally_first(); tally; tally = tally->next)
        rc__pins_clear(tally);
}

static void check_gone(void)
{
    CHECK(rc_weak_is_dead(weak) && rc_weak_lock(weak) == NULL);
    rc_release(weak);
    clear_pins();
}

static void check_ended(void)
{
    CHECK(finalized == 1);
    check_gone();
}

static void check_both_ended(void)
{
    CHECK(finalized == 1 && other_finalized == 1 && rc_weak_is_dead(weak_other));
    rc_release(weak_other);
    check_gone();
}

/* ---- what threads do ------------------------------------------------------------------------- */

/* From the warm-up on: a thread without a record has no pins. */
static void have_record(void)
{
    if (rc__tally_mine == &rc__tally_nobody) rc__tally_leave(rc__tally_enter(false));
    CHECK(rc__tally_mine != &rc__tally_nobody);
}

static void write_and_release(void)
{
    have_record();
    page->written = 1;
    rc_release(page);
}

static void lock_one(rc_weak *it)
{
    struct page *locked = rc_weak_lock(it);
    CHECK(!locked || !locked->ended);
    rc_release(locked);
}

static void lock_and_release(void)
{
    have_record();
    lock_one(weak);
}

static void lock_twice(void)
{
    have_record();
    lock_one(weak);
    lock_one(weak);
}

/* As at the thread's end, or a trim. */
static void lock_and_clear(void)
{
    have_record();
    lock_one(weak);
    rc__pins_clear(rc__tally_mine);
}

/* Which takes the pin from the first, if they share one. */
static void lock_both(void)
{
    have_record();
    lock_one(weak);
    lock_one(weak_other);
    rc__pins_clear(rc__tally_mine);
}

static void release_both(void)
{
    have_record();
    rc_release(page);
    rc_release(other);
}

/* A reference that came of one lock is released while the object is locked again. */
static void lock_and_keep(void)
{
    have_record();
    struct page *locked = rc_weak_lock(weak);
    if (locked) lock_one(weak);
    CHECK(!locked || !locked->ended);
    rc_release(locked);
}

/* ---- later lives ----------------------------------------------------------------------------- */

static void check_kept(void)
{
    CHECK(finalized == 1 && kept == page && rc_count(page) == 1 && rc_is_unique(page));
    CHECK(rc_weak_lock(weak) == NULL);
    rc_weak *fresh = rc_weak_new(page);
    struct page *locked = rc_weak_lock(fresh);
    CHECK(locked == page && rc_count(page) == 2);
    rc_release(locked);
    rc_release(kept);
    CHECK(finalized == 1 && rc_weak_is_dead(fresh));
    rc_release(fresh);
    check_gone();
}

/* ---- a chain whose last links are put off, as if many finalizers were running ---------------- */

enum { CHAIN = 5, HELD = 3, NESTED = RC__NESTING_MAX - 2 };

struct link {
    struct link *next;
};

static struct link *head;

static void link_finalize(void *self)
{
    finalized++;
    rc_release(((struct link *)self)->next);
}

static const rc_type link_type = {
    .name = "link", .size = sizeof(struct link), .finalize = link_finalize};

static void make_chain(void)
{
    rc__pins_stay = true;
    finalized = 0;
    head = NULL;
    for (int i = CHAIN; i-- > 0;) {
        struct link *link = rc_new(struct link, &link_type);
        CHECK(link);
        link->next = head;
        head = link;
        if (i == HELD) weak = weak_to((struct page *)link);
    }
}

static void release_chain(void)
{
    have_record();
    rc__calling.room -= NESTED;
    rc_release(head);
    rc__calling.room += NESTED;
}

static void lock_link(void)
{
    have_record();
    struct link *locked = rc_weak_lock(weak);
    if (locked) CHECK(locked->next && rc_count(locked) >= 1);
    rc_release(locked);
}

static void check_chain(void)
{
    CHECK(finalized == CHAIN);
    check_gone();
}

const struct scenario pin_scenarios[] = {
    {"pin_lock_against_last_release",
     make_page,
     {write_and_release, lock_and_release},
     check_ended},
    {"pin_by_two", make_page, {write_and_release, lock_and_release, lock_and_release}, check_ended},
    {"pin_stays", make_page_to_stay, {write_and_release, lock_twice}, check_ended},
    {"pin_without_finalizer", make_plain_to_stay, {write_and_release, lock_twice}, check_gone},
    {"pin_cleared_beside_release",
     make_page_to_stay,
     {write_and_release, lock_and_clear},
     check_ended},
    {"pin_passes_to_another", make_two_pages, {release_both, lock_both}, check_both_ended},
    {"pin_locked_while_held", make_page_to_stay, {write_and_release, lock_and_keep}, check_ended},
    {"pin_of_the_resurrected", make_keeping_page, {write_and_release, lock_twice}, check_kept},
    {"pin_deep_in_a_chain", make_chain, {release_chain, lock_link}, check_chain},
    {0},
};
