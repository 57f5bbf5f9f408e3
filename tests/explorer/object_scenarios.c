/* SPDX-License-Identifier: MIT */
/* Scenarios of rc/object.h: who finalizes, what it sees, and what nobody writes. */
#include "explorer.h"

#include "rc/header.h"

struct note {
    int from_first, from_second, from_third; /* each written by one thread, read by the finalizer */
};

static struct note *note;
static int finalized, sum;
static bool keep;
static struct note *kept;

static void note_finalize(void *self)
{
    const struct note *it = self;
    finalized++;
    sum = it->from_first + it->from_second + it->from_third;
    if (keep) kept = rc_retain((struct note *)self);
}

static const rc_type note_type = {
    .name = "note", .size = sizeof(struct note), .finalize = note_finalize};

static void make_note(unsigned references)
{
    finalized = sum = 0;
    keep = false;
    kept = NULL;
    note = rc_new(struct note, &note_type);
    CHECK(note);
    for (unsigned i = 1; i < references; i++) rc_retain(note);
}

static void check_finalized_once(void)
{
    CHECK(finalized == 1);
}

/* ---- each thread owns a reference, writes its part, and releases ----------------------------- */

static void make_for_two(void)
{
    make_note(2);
}

static void make_for_three(void)
{
    make_note(3);
}

static void make_for_four(void)
{
    make_note(4);
}

static void write_first_and_release(void)
{
    note->from_first = 1;
    rc_release(note);
}

static void write_second_and_release(void)
{
    note->from_second = 10;
    rc_release(note);
}

static void write_third_and_release(void)
{
    note->from_third = 100;
    rc_release(note);
}

static void check_sum_of_two(void)
{
    check_finalized_once();
    CHECK(sum == 11);
}

static void check_sum_of_three(void)
{
    check_finalized_once();
    CHECK(sum == 111);
}

/* ---- retain and release beside the last release ---------------------------------------------- */

static void borrow_and_release(void)
{
    struct note *mine = rc_retain(note);
    rc_release(note);
    CHECK(mine->from_third == 0);
    rc_release(mine);
}

static void release_note(void)
{
    rc_release(note);
}

/* ---- the only owner left may write without asking anybody ------------------------------------ */

static void read_and_release(void)
{
    CHECK(note->from_first == 0);
    rc_release(note);
}

static void write_if_unique(void)
{
    if (rc_is_unique(note)) note->from_first = 5; /* the other's read has to be over */
    rc_release(note);
}

/* ---- a finalizer that keeps its object; another thread drops it ------------------------------ */

static void make_for_resurrection(void)
{
    make_note(2);
    keep = true;
}

static void check_resurrected(void)
{
    CHECK(finalized == 1 && kept == note && rc_count(note) == 1);
    keep = false;
    rc_release(kept);
    CHECK(finalized == 1); /* never again */
}

/* The finalizer hands the object to another thread, which may drop it before the finalizer ends. */
static struct note *handed;

static void hand_over(void *self)
{
    finalized++;
    __atomic_store_n(&handed, rc_retain((struct note *)self), __ATOMIC_RELEASE);
}

static const rc_type handed_type = {
    .name = "handed note", .size = sizeof(struct note), .finalize = hand_over};

static void make_to_hand_over(void)
{
    finalized = 0;
    handed = NULL;
    note = rc_new(struct note, &handed_type);
    CHECK(note);
}

static void drop_handed(void)
{
    struct note *mine = __atomic_exchange_n(&handed, NULL, __ATOMIC_ACQUIRE);
    if (mine) mine->from_second = 10; /* has to be over before the memory goes */
    rc_release(mine);
}

static void check_handed(void)
{
    rc_release(handed);
    check_finalized_once();
}

/* ---- a chain: one thread ends it while the other holds its middle ---------------------------- */

struct link {
    struct link *next;
    int read;
};

static struct link *head, *middle;

static void link_finalize(void *self)
{
    struct link *it = self;
    finalized++;
    it->read++;
    rc_clear(&it->next);
}

static const rc_type link_type = {
    .name = "link", .size = sizeof(struct link), .finalize = link_finalize};

static void make_chain(void)
{
    finalized = 0;
    head = NULL;
    for (int i = 0; i < 3; i++) {
        struct link *link = rc_new(struct link, &link_type);
        CHECK(link);
        link->next = head;
        head = link;
    }
    middle = rc_retain(head->next);
}

static void release_chain(void)
{
    rc_release(head);
}

static void read_and_release_middle(void)
{
    middle->read++;
    rc_release(middle);
}

static void check_chain(void)
{
    CHECK(finalized == 3);
}

/* ---- at the count's upper edge --------------------------------------------------------------- */

static void make_nearly_saturated(void)
{
    make_note(1);
    rc__header_of(note)->shared = 0x7ffffff8; /* one reference below 2^29 */
}

static void retain_twice_and_release(void)
{
    rc_retain(note);
    rc_retain(note);
    rc_release(note);
}

static void check_saturated(void)
{
    struct rc__header *header = rc__header_of(note);
    CHECK(finalized == 0 && rc_count(note) == SIZE_MAX);
    rc_release(note); /* an overflow leaks, and never frees */
    CHECK(finalized == 0 && header->shared == RC__COUNT_SATURATED);
    header->shared = 0;
    rc_release(note);
    check_finalized_once();
}

/* ---- immortal: retain and release write nothing ---------------------------------------------- */

static void make_immortal(void)
{
    make_note(1);
    rc_make_immortal(note);
    explorer_forbid_writes(rc__header_of(note), sizeof(struct rc__header));
}

static void retain_and_release(void)
{
    rc_retain(note);
    rc_release(note);
    rc_release(note);
}

static void check_immortal(void)
{
    struct rc__header *header = rc__header_of(note);
    CHECK(finalized == 0 && rc_count(note) == SIZE_MAX && !rc_is_unique(note));
    header->flags = (uint16_t)(header->flags & ~RC__FLAG_IMMORTAL); /* so that it leaks nothing */
    header->shared = 0;
    rc_release(note);
    check_finalized_once();
}

const struct scenario object_scenarios[] = {
    {"release_by_two",
     make_for_two,
     {write_first_and_release, write_second_and_release},
     check_sum_of_two},
    {"release_by_three",
     make_for_three,
     {write_first_and_release, write_second_and_release, write_third_and_release},
     check_sum_of_three},
    {"retain_beside_release",
     make_for_two,
     {borrow_and_release, write_second_and_release},
     check_finalized_once},
    {"retain_by_three",
     make_for_three,
     {borrow_and_release, borrow_and_release, borrow_and_release},
     check_finalized_once},
    {"retain_by_four",
     make_for_four,
     {borrow_and_release, write_second_and_release, borrow_and_release, release_note},
     check_finalized_once},
    {"write_if_unique", make_for_two, {read_and_release, write_if_unique}, check_finalized_once},
    {"write_if_unique_of_three",
     make_for_three,
     {read_and_release, read_and_release, write_if_unique},
     check_finalized_once},
    {"resurrected_once", make_for_resurrection, {release_note, release_note}, check_resurrected},
    {"resurrected_and_dropped", make_to_hand_over, {release_note, drop_handed}, check_handed},
    {"chain_held_in_the_middle", make_chain, {release_chain, read_and_release_middle}, check_chain},
    {"saturated_by_two",
     make_nearly_saturated,
     {retain_twice_and_release, retain_twice_and_release},
     check_saturated},
    {"immortal_unwritten", make_immortal, {retain_and_release, retain_and_release}, check_immortal},
    {0},
};
