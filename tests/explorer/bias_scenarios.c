/* SPDX-License-Identifier: MIT */
/*
 * Scenarios of rc/bias.h: the owner counts plainly, others atomically, and whoever finalizes sees
 * what all of them did.
 *
 * before() makes the objects and lends its index to whichever thread is to be their owner; the owner
 * may end in the middle, and another thread may come after it.
 */
#include "explorer.h"

#include "rc/bias.h"
#include "rc/owner.h"
#include "rc/weak.h"

struct leaf {
    int from_owner, from_other, from_third; /* each written by one thread, read by the finalizer */
    bool ended;
    struct leaf *next;
};

static struct leaf *leaf, *second;
static rc_weak *weak;
static int finalized, sum;
static uint16_t lent; /* the index of their owner */

static void leaf_finalize(void *self)
{
    struct leaf *it = self;
    __atomic_fetch_add(&finalized, 1, __ATOMIC_RELAXED); /* two may end at once */
    __atomic_fetch_add(&sum, it->from_owner + it->from_other + it->from_third, __ATOMIC_RELAXED);
    it->ended = true;
    rc_clear(&it->next);
}

static const rc_type leaf_type = {.name = "leaf",
                                  .size = sizeof(struct leaf),
                                  .finalize = leaf_finalize,
                                  .flags = RC_TYPE_BIASED};

/* ---- who owns what --------------------------------------------------------------------------- */

static struct leaf *leaf_new(void)
{
    struct leaf *made = rc_new(struct leaf, &leaf_type);
    CHECK(made && rc__header_of(made)->owner != 0); /* RCBUF_FORCE=bias is needed here */
    return made;
}

/* The thread that runs before() and after() is no owner while the others run. */
static void lend(void)
{
    lent = rc_bias_self;
    rc_bias_self = RC__OWNS_NOTHING;
}

static void own(void)
{
    rc_bias_self = lent;
}

static void retain_as_another(const void *object)
{
    uint16_t self = rc_bias_self;
    rc_bias_self = RC__OWNS_NOTHING;
    (void)rc_retain(object);
    rc_bias_self = self;
}

/* References that the owner counts, and that others retained. */
static void make(int local, int others)
{
    finalized = sum = 0;
    second = NULL;
    weak = NULL;
    leaf = leaf_new();
    for (int i = 1; i < local; i++) (void)rc_retain(leaf);
    for (int i = 0; i < others; i++) retain_as_another(leaf);
}

static void make_1_0(void)
{
    make(1, 0);
    lend();
}

static void make_1_1(void)
{
    make(1, 1);
    lend();
}

static void make_2_0(void)
{
    make(2, 0);
    lend();
}

static void make_2_1(void)
{
    make(2, 1);
    lend();
}

static void make_3_0(void)
{
    make(3, 0);
    lend();
}

/* What is still in the queue is drained; then everything is over. */
static void check_drained(void)
{
    own();
    rc_bias_drain();
    CHECK(finalized == 1);
}

/* The same for an owner that has ended: there is nothing to drain. */
static void check_ended(void)
{
    CHECK(finalized == 1);
}

static void check_two_wrote(void)
{
    check_drained();
    CHECK(sum == 11);
}

static void check_three_wrote(void)
{
    check_drained();
    CHECK(sum == 111);
}

static void check_two_wrote_and_ended(void)
{
    check_ended();
    CHECK(sum == 11);
}

static void check_three_wrote_and_ended(void)
{
    check_ended();
    CHECK(sum == 111);
}

/* ---- counting, merging, draining ------------------------------------------------------------- */

static void owner_writes_and_releases(void)
{
    own();
    leaf->from_owner = 1;
    rc_release(leaf);
}

static void owner_releases_and_drains(void)
{
    owner_writes_and_releases();
    rc_bias_drain();
}

static void other_writes_and_releases(void)
{
    leaf->from_other = 10;
    rc_release(leaf);
}

static void third_writes_and_releases(void)
{
    leaf->from_third = 100;
    rc_release(leaf);
}

static void other_retains_and_releases(void)
{
    struct leaf *mine = rc_retain(leaf);
    mine->from_other = 10;
    rc_release(leaf);
    CHECK(!mine->ended);
    rc_release(mine);
}

static void owner_counts_and_releases(void)
{
    own();
    struct leaf *mine = rc_retain(leaf);
    rc_release(leaf);
    CHECK(!mine->ended);
    leaf->from_owner = 1;
    rc_release(mine);
    rc_bias_drain();
}

static void owner_drains(void)
{
    own();
    rc_bias_drain();
}

/* At 2^29 the next one merges, or another merge finds too many; and the count sticks. */
static void make_full(void)
{
    make(1, 0);
    *rc__local_of(rc__header_of(leaf)) = 0x7ffffffc;
    lend();
}

static void owner_overflows(void)
{
    own();
    (void)rc_retain(leaf);
    (void)rc_share(leaf);
    rc_release(leaf);
}

static void check_stuck(void)
{
    struct rc__header *header = rc__header_of(leaf);
    own();
    rc_bias_drain();
    CHECK(finalized == 0 && rc_count(leaf) == SIZE_MAX && !header->owner);
    header->shared = 0;
    rc_release(leaf);
    CHECK(finalized == 1);
}

/* ---- sharing --------------------------------------------------------------------------------- */

static void owner_shares_and_releases(void)
{
    own();
    leaf->from_owner = 1;
    rc_release(rc_share(leaf));
}

static void other_shares_and_releases(void)
{
    leaf->from_other = 10;
    rc_release(rc_share(leaf));
}

/* The owner comes back to an object that it gave up: it counts as others do. */
static void owner_returns(void)
{
    owner_writes_and_releases();
    rc_release(rc_retain(leaf)); /* borrows the reference of check_returned() */
    rc_bias_drain();
}

static void make_to_return(void)
{
    make(1, 2);
    lend();
}

static void check_returned(void)
{
    CHECK(finalized == 0 && sum == 0);
    own();
    rc_release(leaf);
    check_two_wrote();
}

/* ---- two objects in one queue ---------------------------------------------------------------- */

static void make_two(void)
{
    make(1, 0);
    second = leaf_new();
    lend();
}

static void make_linked(void)
{
    make(1, 0);
    second = leaf_new();
    (void)rc_retain(second);
    leaf->next = second;
    lend();
}

static void other_releases_second(void)
{
    second->from_third = 100;
    rc_release(second);
}

static void owner_makes_another(void)
{
    own();
    rc_release(leaf_new()); /* drains, twice */
}

static void check_both(void)
{
    own();
    rc_bias_drain();
    CHECK(finalized == 2 && sum == 110);
}

static void check_three(void)
{
    own();
    rc_bias_drain();
    CHECK(finalized == 3 && sum == 110);
}

/* ---- the owner ends, and another comes ------------------------------------------------------- */

static void owner_ends(void)
{
    own();
    leaf->from_owner = 1;
    rc__owner_leave();
}

static void owner_ends_at_once(void)
{
    own();
    rc__owner_leave();
}

static void owner_releases_and_ends(void)
{
    owner_writes_and_releases();
    rc__owner_leave();
}

/* Takes the index of the one that ended, if it has; else another. */
static void heir_comes_and_ends(void)
{
    CHECK(rc__owner_index() != 0);
    rc__owner_leave();
}

static void heir_counts_and_ends(void)
{
    if (rc__owner_index() == lent) rc_release(rc_retain(leaf));
    leaf->from_owner = 1;
    rc_release(leaf);
    rc__owner_leave();
}

static void heir_makes_and_ends(void)
{
    rc_release(leaf_new());
    rc__owner_leave();
}

static void check_with_heirs_own(void)
{
    CHECK(finalized == 2 && sum == 11);
}

/* ---- weak references ------------------------------------------------------------------------- */

static void make_weak_by_owner(int local, int others)
{
    make(local, others);
    weak = rc_weak_new(leaf);
    CHECK(weak);
    lend();
}

static void make_weak_1_0(void)
{
    make_weak_by_owner(1, 0);
}

static void make_weak_1_1(void)
{
    make_weak_by_owner(1, 1);
}

static void make_weak_2_0(void)
{
    make_weak_by_owner(2, 0);
}

static void other_locks(void)
{
    struct leaf *locked = rc_weak_lock(weak);
    if (!locked) return;
    CHECK(!locked->ended && rc_count(locked) >= 1);
    rc_release(locked);
}

/* Without a look, for few schedules. */
static void third_locks(void)
{
    rc_release(rc_weak_lock(weak));
}

static void owner_locks(void)
{
    own();
    third_locks();
    rc_bias_drain();
    third_locks();
}

static void owner_releases_and_locks(void)
{
    owner_writes_and_releases();
    other_locks();
    rc_bias_drain();
}

static void owner_locks_and_ends(void)
{
    own();
    third_locks();
    leaf->from_owner = 1; /* our reference is in before()'s count */
    rc_release(leaf);
    rc__owner_leave();
}

static void heir_locks_and_ends(void)
{
    CHECK(rc__owner_index() != 0);
    third_locks();
    rc__owner_leave();
}

static void check_weak(void)
{
    check_drained();
    CHECK(rc_weak_is_dead(weak) && rc_weak_lock(weak) == NULL);
    rc_release(weak);
}

static void check_weak_ended(void)
{
    CHECK(finalized == 1 && rc_weak_is_dead(weak));
    rc_release(weak);
}

/* A weak reference that another thread makes, and shows to the owner, beside the merge. */
static rc_weak *shown;

static void make_to_show(void)
{
    shown = NULL;
    make_1_1();
}

static void other_shows_weak(void)
{
    rc_weak *made = rc_weak_new(leaf);
    CHECK(made);
    __atomic_store_n(&shown, made, __ATOMIC_RELEASE);
    rc_release(leaf);
}

static void owner_releases_and_locks_shown(void)
{
    own();
    rc_release(leaf);
    rc_weak *seen = __atomic_load_n(&shown, __ATOMIC_ACQUIRE);
    struct leaf *locked = seen ? rc_weak_lock(seen) : NULL;
    CHECK(!locked || !locked->ended);
    rc_release(locked);
}

static void check_shown(void)
{
    check_drained();
    CHECK(rc_weak_is_dead(shown));
    rc_release(shown);
}

/* ---- the only owner left may write without asking anybody ------------------------------------ */

static void other_reads_and_releases(void)
{
    CHECK(leaf->from_owner == 0);
    rc_release(leaf);
}

static void owner_writes_if_unique(void)
{
    own();
    if (rc_is_unique(leaf)) leaf->from_owner = 1; /* the other's read has to be over */
    rc_release(leaf);
}

static void other_writes_if_unique(void)
{
    if (rc_is_unique(leaf)) leaf->from_owner += 10; /* and so has the owner's write */
    rc_release(leaf);
}

static void check_written_or_not(void)
{
    check_drained();
    CHECK(sum == 0 || sum == 1 || sum == 11);
}

/* ---- immortal -------------------------------------------------------------------------------- */

static void make_immortal(void)
{
    make(1, 0);
    rc_make_immortal(leaf);
    explorer_forbid_writes(rc__prefix_of(rc__header_of(leaf)),
                           sizeof(struct rc__prefix) + sizeof(struct rc__header));
    lend();
}

static void owner_uses_immortal(void)
{
    own();
    rc_retain(leaf);
    rc_release(leaf);
    rc_release(leaf);
}

static void other_uses_immortal(void)
{
    rc_release(rc_retain(leaf));
    rc_release(leaf);
}

static void check_immortal(void)
{
    struct rc__header *header = rc__header_of(leaf);
    own();
    CHECK(finalized == 0 && rc_count(leaf) == SIZE_MAX && !rc_is_unique(leaf));
    header->flags = (uint16_t)(header->flags & ~RC__FLAG_IMMORTAL); /* so that it leaks nothing */
    header->shared = 0;
    rc_release(leaf);
    CHECK(finalized == 1);
}

const struct scenario bias_scenarios[] = {
    {"bias_released_by_both",
     make_2_0,
     {owner_releases_and_drains, other_writes_and_releases},
     check_two_wrote},
    {"bias_released_by_others",
     make_3_0,
     {owner_releases_and_drains, other_writes_and_releases, third_writes_and_releases},
     check_three_wrote},
    {"bias_last_local_beside_release",
     make_1_1,
     {owner_writes_and_releases, other_writes_and_releases},
     check_two_wrote},
    {"bias_last_local_beside_retain",
     make_1_1,
     {owner_writes_and_releases, other_retains_and_releases},
     check_two_wrote},
    {"bias_owner_counts_beside_retain",
     make_1_1,
     {owner_counts_and_releases, other_retains_and_releases},
     check_two_wrote},
    {"bias_both_kinds_of_others",
     make_2_1,
     {owner_writes_and_releases, other_retains_and_releases, third_writes_and_releases},
     check_three_wrote},
    {"bias_given_away", make_1_0, {owner_drains, other_retains_and_releases}, check_drained},
    {"bias_overflow", make_full, {owner_overflows, other_writes_and_releases}, check_stuck},
    {"bias_shared_by_owner",
     make_2_0,
     {owner_shares_and_releases, other_writes_and_releases},
     check_two_wrote},
    {"bias_shared_by_both",
     make_1_1,
     {owner_shares_and_releases, other_shares_and_releases},
     check_two_wrote},
    {"bias_owner_returns",
     make_to_return,
     {owner_returns, other_writes_and_releases},
     check_returned},
    {"bias_two_in_the_queue",
     make_two,
     {owner_drains, other_writes_and_releases, other_releases_second},
     check_both},
    {"bias_drained_by_creation",
     make_two,
     {owner_makes_another, other_writes_and_releases, other_releases_second},
     check_three},
    {"bias_linked_in_the_queue",
     make_linked,
     {owner_drains, other_writes_and_releases, other_releases_second},
     check_both},
    {"bias_owner_ends", make_1_0, {owner_ends, other_writes_and_releases}, check_ended},
    {"bias_owner_releases_and_ends",
     make_2_0,
     {owner_releases_and_ends, other_writes_and_releases},
     check_two_wrote_and_ended},
    {"bias_owner_ends_beside_two",
     make_3_0,
     {owner_releases_and_ends, other_writes_and_releases, third_writes_and_releases},
     check_three_wrote_and_ended},
    {"bias_owner_ends_beside_share",
     make_3_0,
     {owner_releases_and_ends, other_shares_and_releases, third_writes_and_releases},
     check_three_wrote_and_ended},
    {"bias_heir",
     make_2_0,
     {owner_releases_and_ends, heir_comes_and_ends, other_writes_and_releases},
     check_two_wrote_and_ended},
    {"bias_heir_makes",
     make_2_0,
     {owner_releases_and_ends, heir_makes_and_ends, other_writes_and_releases},
     check_with_heirs_own},
    {"bias_heir_counts",
     make_2_0,
     {owner_ends_at_once, heir_counts_and_ends, other_writes_and_releases},
     check_two_wrote_and_ended},
    {"bias_weak_lock_beside_last_local",
     make_weak_1_0,
     {owner_writes_and_releases, other_locks},
     check_weak},
    {"bias_weak_lock_beside_merge",
     make_weak_1_1,
     {owner_releases_and_locks, other_writes_and_releases},
     check_weak},
    {"bias_weak_lock_by_third",
     make_weak_1_1,
     {owner_writes_and_releases, third_locks, other_writes_and_releases},
     check_weak},
    {"bias_weak_lock_by_owner",
     make_weak_1_0,
     {owner_locks, other_writes_and_releases},
     check_weak},
    {"bias_weak_lock_by_both",
     make_weak_1_0,
     {owner_locks, third_locks, other_writes_and_releases},
     check_weak},
    {"bias_weak_lock_while_owner_ends",
     make_weak_2_0,
     {owner_locks_and_ends, third_locks, other_writes_and_releases},
     check_weak_ended},
    {"bias_weak_lock_by_heir",
     make_weak_1_0,
     {owner_ends_at_once, heir_locks_and_ends, other_writes_and_releases},
     check_weak_ended},
    {"bias_weak_made_beside_merge",
     make_to_show,
     {owner_releases_and_locks_shown, other_shows_weak},
     check_shown},
    {"bias_owner_writes_if_unique",
     make_1_1,
     {owner_writes_if_unique, other_reads_and_releases},
     check_written_or_not},
    {"bias_other_writes_if_unique",
     make_1_1,
     {owner_writes_and_releases, other_writes_if_unique},
     check_written_or_not},
    {"bias_immortal_unwritten",
     make_immortal,
     {owner_uses_immortal, other_uses_immortal},
     check_immortal},
    {0},
};
