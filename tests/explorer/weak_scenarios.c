/* SPDX-License-Identifier: MIT */
/* Scenarios of rc/weak.h: a lock gives a live object or NULL. Second locks: pin_scenarios.c. */
#include "explorer.h"

#include "rc/header.h"
#include "rc/weak.h"

struct page {
    int written; /* by the owner, before it releases */
    bool ended;
};

static struct page *page;
static rc_weak *weak;
static int finalized, called;
static struct page *kept;

static void page_finalize(void *self)
{
    struct page *it = self;
    finalized++;
    it->ended = true;
}

static void page_keep(void *self)
{
    finalized++;
    kept = rc_retain((struct page *)self);
}

static const rc_type page_type = {
    .name = "page", .size = sizeof(struct page), .finalize = page_finalize};
static const rc_type apart_type = {
    .name = "page apart", .size = sizeof(struct page), .finalize = page_finalize, .alignment = 64};
static const rc_type keeping_type = {
    .name = "kept page", .size = sizeof(struct page), .finalize = page_keep};

static void make_page_of(const rc_type *type, unsigned references)
{
    finalized = called = 0, kept = NULL;
    page = rc_new(struct page, type);
    CHECK(page);
    for (unsigned i = 1; i < references; i++) rc_retain(page);
    weak = rc_weak_new(page);
    CHECK(weak);
}

static void make_page(void)
{
    make_page_of(&page_type, 1);
}

/* With a prefix, so that all locks take the stripe's. */
static void make_page_apart(void)
{
    make_page_of(&apart_type, 1);
}

static void make_page_for_two(void)
{
    make_page_of(&page_type, 2);
}

static void check_ended(void)
{
    CHECK(finalized == 1 && rc_weak_is_dead(weak) && rc_weak_lock(weak) == NULL);
    rc_release(weak);
}

/* ---- lock against last release --------------------------------------------------------------- */

static void write_and_release(void)
{
    page->written = 1;
    rc_release(page);
}

static void release_page(void)
{
    rc_release(page);
}

static void lock_and_release(void)
{
    struct page *locked = rc_weak_lock(weak);
    if (!locked) return;
    CHECK(!locked->ended && rc_count(locked) >= 1);
    rc_release(locked);
}

/* Without a look at the count, for fewer schedules. */
static void lock_and_drop(void)
{
    struct page *locked = rc_weak_lock(weak);
    CHECK(!locked || !locked->ended);
    rc_release(locked);
}

static void lock_twice(void)
{
    struct page *first = rc_weak_lock(weak), *second = rc_weak_lock(weak);
    CHECK(first || !second);
    rc_release(first);
    CHECK(!second || !second->ended);
    rc_release(second);
}

static void ask_and_lock(void)
{
    bool dead = rc_weak_is_dead(weak);
    struct page *locked = rc_weak_lock(weak);
    CHECK(!dead || !locked); /* death is for ever */
    rc_release(locked);
}

/* Whoever sees the death sees what its thread did before. */
static int done_before;

static void do_and_release(void)
{
    done_before = 1;
    rc_release(page);
}

static void ask_and_look(void)
{
    if (rc_weak_is_dead(weak)) CHECK(done_before == 1);
}

/* ---- making and releasing weak references ---------------------------------------------------- */

static void make_weak_and_release(void)
{
    rc_weak *mine = rc_weak_new(page);
    CHECK(mine);
    rc_release(page);
    struct page *locked = rc_weak_lock(mine);
    CHECK(!locked || !locked->ended);
    rc_release(locked);
    rc_release(mine);
}

static void make_weak_and_drop(void)
{
    rc_weak *mine = rc_weak_new(page);
    CHECK(mine && !rc_weak_is_dead(mine));
    rc_release(mine);
}

static void release_weak(void)
{
    rc_release(weak);
}

static void check_ended_without_weak(void)
{
    CHECK(finalized == 1);
}

static void check_alone(void)
{
    CHECK(finalized == 0 && rc_is_unique(page));
    rc_release(page);
    CHECK(finalized == 1);
}

/* ---- callbacks ------------------------------------------------------------------------------- */

static void on_death(rc_weak *dead, void *context)
{
    CHECK(dead == weak && context == &called && rc_weak_is_dead(dead));
    CHECK(finalized == 0); /* it runs before the finalizer */
    called++;
}

static void make_page_with_callback(void)
{
    make_page();
    CHECK(rc_weak_on_death(weak, on_death, &called) == RC_OK);
}

static void check_called_at_most_once(void)
{
    CHECK(finalized == 1 && called <= 1); /* a release that comes first silences it */
}

static void check_called_once(void)
{
    CHECK(called == 1);
    check_ended();
}

static bool registered;

static void register_callback(void)
{
    registered = rc_weak_on_death(weak, on_death, &called) == RC_OK;
}

static void check_called_if_registered(void)
{
    CHECK(called == registered);
    check_ended();
}

/* ---- resurrection: the old weak references stay dead ----------------------------------------- */

static void make_keeping_page(void)
{
    make_page_of(&keeping_type, 1);
}

static void check_kept(void)
{
    CHECK(finalized == 1 && kept == page && rc_count(page) == 1);
    CHECK(rc_weak_lock(weak) == NULL);
    rc_weak *fresh = rc_weak_new(page);
    struct page *locked = rc_weak_lock(fresh);
    CHECK(locked == page);
    rc_release(locked);
    rc_release(kept);
    CHECK(finalized == 1 && rc_weak_is_dead(fresh));
    rc_release(fresh);
    rc_release(weak);
}

/* ---- two objects: their stripes are locked apart, their counts never mix --------------------- */

static struct page *other;
static int other_finalized;

static void other_finalize(void *self)
{
    (void)self;
    other_finalized++;
}

static const rc_type other_type = {
    .name = "other page", .size = sizeof(struct page), .finalize = other_finalize};

static void make_two_pages(void)
{
    make_page();
    other_finalized = 0;
    other = rc_new(struct page, &other_type);
    CHECK(other);
}

static void replace_by_other(void)
{
    rc_release(page);
    rc_weak *mine = rc_weak_new(other);
    rc_release(other);
    CHECK(rc_weak_lock(mine) == NULL);
    rc_release(mine);
}

static void check_both_ended(void)
{
    CHECK(other_finalized == 1);
    check_ended();
}

/* ---- a weak reference that the finalizer makes and shows to others --------------------------- */

static rc_weak *shown;

static void page_show(void *self)
{
    finalized++;
    __atomic_store_n(&shown, rc_weak_new(self), __ATOMIC_RELEASE);
}

static const rc_type showing_type = {
    .name = "shown page", .size = sizeof(struct page), .finalize = page_show};

static void make_showing_page(void)
{
    shown = NULL;
    make_page_of(&showing_type, 1);
}

static void lock_shown(void)
{
    rc_weak *seen = __atomic_load_n(&shown, __ATOMIC_ACQUIRE);
    if (seen) CHECK(rc_weak_lock(seen) == NULL);
}

static void check_shown(void)
{
    CHECK(shown && rc_weak_is_dead(shown));
    rc_release(shown);
    check_ended();
}

/* ---- a chain longer than finalizers nest: its end is put off, and not to be revived ---------- */

enum { CHAIN = 36, HELD = 34 };

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
    finalized = 0;
    head = NULL;
    for (int i = CHAIN; i-- > 0;) {
        struct link *link = rc_new(struct link, &link_type);
        CHECK(link);
        link->next = head;
        head = link;
        if (i == HELD) weak = rc_weak_new(link);
    }
    CHECK(weak);
}

static void release_chain(void)
{
    rc_release(head);
}

static void lock_link(void)
{
    struct link *locked = rc_weak_lock(weak);
    if (locked) CHECK(locked->next && rc_count(locked) >= 1);
    rc_release(locked);
}

static void check_chain(void)
{
    CHECK(finalized == CHAIN && rc_weak_is_dead(weak));
    rc_release(weak);
}

const struct scenario weak_scenarios[] = {
    {"weak_lock_against_last_release",
     make_page,
     {write_and_release, lock_and_release},
     check_ended},
    {"weak_lock_by_two",
     make_page,
     {release_page, lock_and_release, lock_and_release},
     check_ended},
    {"weak_lock_twice", make_page, {release_page, lock_twice}, check_ended},
    {"weak_lock_of_what_is_apart",
     make_page_apart,
     {write_and_release, lock_and_drop, lock_and_drop},
     check_ended},
    {"weak_asked_and_locked", make_page, {release_page, ask_and_lock}, check_ended},
    {"weak_death_shows_what_was_before", make_page, {do_and_release, ask_and_look}, check_ended},
    {"weak_two_owners",
     make_page_for_two,
     {write_and_release, release_page, lock_and_release},
     check_ended},
    {"weak_made_beside_release",
     make_page_for_two,
     {make_weak_and_release, release_page},
     check_ended},
    {"weak_made_beside_locks",
     make_page_for_two,
     {make_weak_and_release, release_page, lock_and_release},
     check_ended},
    {"weak_made_and_dropped",
     make_page,
     {make_weak_and_drop, release_weak, make_weak_and_drop},
     check_alone},
    {"weak_released_beside_death",
     make_page,
     {release_page, release_weak},
     check_ended_without_weak},
    {"weak_called_beside_lock",
     make_page_with_callback,
     {release_page, lock_and_release},
     check_called_once},
    {"weak_called_or_released",
     make_page_with_callback,
     {release_page, release_weak},
     check_called_at_most_once},
    {"weak_registered_beside_death",
     make_page,
     {release_page, register_callback},
     check_called_if_registered},
    {"weak_stays_dead_when_kept", make_keeping_page, {release_page, lock_and_release}, check_kept},
    {"weak_of_two_objects", make_two_pages, {replace_by_other, lock_and_release}, check_both_ended},
    {"weak_shown_by_finalizer", make_showing_page, {release_page, lock_shown}, check_shown},
    {"weak_lock_deep_in_a_chain", make_chain, {release_chain, lock_link}, check_chain},
    {0},
};
