/* SPDX-License-Identifier: MIT */
#include "rc/bias.h"

#include "rc/count.h"
#include "rc/owner.h"
#include "rc/weak.h"
#include "tests/child.h"
#include "tests/rc/bias_support.h"

#define LAST_COUNTED INT32_C(0x7ffffffc) /* 2^29 references, in either word */

/* ---- counting -------------------------------------------------------------------------------- */

START_TEST(an_object_belongs_to_the_thread_that_makes_it)
{
    struct item *mine = item_new();
    ck_assert(is_biased(mine));
    ck_assert_uint_ne(rc_bias_self, RC__OWNS_NOTHING);
    ck_assert_uint_eq(owner_of(mine), rc_bias_self);
    struct worker worker;
    worker_start(&worker);
    struct item *its = worker_run(&worker, do_make, NULL);
    ck_assert(is_biased(its));
    ck_assert_uint_ne(owner_of(its), owner_of(mine));
    worker_run(&worker, do_release, its);
    worker_end(&worker);
    rc_release(mine);
    ck_assert_uint_eq(finalized, 2);
}
END_TEST

START_TEST(the_owner_counts_in_its_own_word)
{
    start_a_second_thread();
    struct item *item = item_new();
    for (int i = 1; i <= 1000; i++) {
        ck_assert_ptr_eq(rc_retain(item), item);
        ck_assert_int_eq(local_of(item), i + 1);
    }
    ck_assert_int_eq(word_of(item), 0);
    for (int i = 0; i < 1000; i++) rc_release(item);
    ck_assert_int_eq(local_of(item), 1);
    ck_assert_uint_eq(finalized, 0);
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

/* Read by people while both words move: whatever is found there, it is a number of references. */
START_TEST(the_sum_of_both_words_is_never_below_zero)
{
    struct item *item = item_new();
    struct rc__header *header = rc__header_of(item);
    static const struct {
        intptr_t local;
        int32_t others;
        size_t count;
    } cases[] = {{0, 0, 1}, {2, 3, 6}, {0, -1, 0}, {2, -1, 2}, {2, -3, 0}, {1, -5, 0}};
    intptr_t local = *rc__local_of(header);
    int32_t shared = header->shared;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        *rc__local_of(header) = cases[i].local * RC__COUNT_ONE;
        header->shared = cases[i].others * RC__COUNT_ONE;
        ck_assert_uint_eq(rc_bias_count(item), cases[i].count);
    }
    *rc__local_of(header) = local;
    header->shared = shared;
    ck_assert_uint_eq(rc_count(item), 1);
    rc_release(item);
}
END_TEST

/* Check's parent has one thread, and so has this child of it. */
START_TEST(a_process_with_one_thread_counts_in_the_owners_word)
{
    if (!RC_SINGLE_THREADED) return;
    struct item *item = item_new();
    for (int i = 0; i < 3; i++) (void)rc_retain(item);
    ck_assert_int_eq(word_of(item), 0);
    ck_assert_int_eq(local_of(item), 4);
    ck_assert_uint_eq(rc_count(item), 4);
    for (int i = 0; i < 3; i++) rc_release(item);
    ck_assert_int_eq(local_of(item), 1);
    ck_assert(rc_is_unique(item));
    ck_assert_uint_eq(finalized, 0);
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

/* What a program makes, retains and hands out before it starts its threads is as biased as the rest. */
START_TEST(what_was_retained_before_there_were_threads_stays_biased)
{
    struct item *item = item_new();
    rc_weak *weak = rc_weak_new(item);
    (void)rc_retain(item);
    struct item *locked = rc_weak_lock(weak);
    ck_assert_ptr_eq(locked, item);
    start_a_second_thread();
    rc_release(item);
    ck_assert(is_biased(item));
    ck_assert_int_eq(local_of(item), 2);
    elsewhere(do_release, item);
    rc_bias_drain();
    ck_assert_uint_eq(finalized, 0);
    ck_assert_uint_eq(rc_count(item), 1);
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
    rc_release(weak);
}
END_TEST

START_TEST(references_of_both_kinds_count_together)
{
    struct item *item = item_new();
    (void)rc_retain(item); /* while there is one thread */
    start_a_second_thread();
    (void)rc_retain(item);
    elsewhere(do_retain, item);
    ck_assert_uint_eq(rc_count(item), 4);
    for (int i = 0; i < 3; i++) rc_release(item);
    ck_assert_uint_eq(finalized, 0);
    ck_assert_uint_eq(rc_count(item), 1);
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(others_count_in_the_shared_word)
{
    struct item *item = item_new();
    elsewhere(do_retain, item);
    elsewhere(do_retain, item);
    ck_assert_int_eq(word_of(item), word(2, 0));
    ck_assert_int_eq(local_of(item), 1);
    elsewhere(do_release, item);
    ck_assert_int_eq(word_of(item), word(1, 0));
    ck_assert(is_biased(item));
    elsewhere(do_release, item);
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(pointers_to_const_and_null_are_taken)
{
    const struct item *item = item_new();
    const struct item *again = rc_retain(item);
    ck_assert_ptr_eq(rc_share(again), item);
    ck_assert_ptr_null(rc_share((struct item *)NULL));
    rc_release(again);
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

/* ---- merging --------------------------------------------------------------------------------- */

START_TEST(a_merge_adds_both_counts)
{
    enum { MANY = 100000 };
    start_a_second_thread();
    struct item *item = item_new();
    for (int i = 1; i < MANY; i++) (void)rc_retain(item);
    ck_assert_int_eq(local_of(item), MANY);
    elsewhere(do_retain, item);
    rc_share(item);
    ck_assert(!is_biased(item));
    ck_assert_int_eq(word_of(item), word(MANY, RC__COUNT_MERGED));
    ck_assert_uint_eq(rc_count(item), MANY + 1);
    for (int i = 0; i < MANY; i++) rc_release(item);
    ck_assert_uint_eq(finalized, 0);
    ck_assert(rc_is_unique(item));
    elsewhere(do_release, item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(when_the_owner_has_released_the_last_release_elsewhere_finalizes)
{
    struct item *item = item_new();
    elsewhere(do_retain, item);
    elsewhere(do_retain, item);
    rc_release(item);
    ck_assert_int_eq(word_of(item), word(1, RC__COUNT_MERGED));
    ck_assert_uint_eq(rc_count(item), 2);
    elsewhere(do_release, item);
    ck_assert_uint_eq(finalized, 0);
    elsewhere(do_release, item);
    ck_assert_uint_eq(finalized, 1);
    ck_assert(!pthread_equal(finalized_on, pthread_self()));
}
END_TEST

/* The owner may not touch what it gave up, so the next to come with a reference does. */
START_TEST(a_merged_object_is_ordinary_for_all_who_come)
{
    void *(*const comers[])(void *) = {do_retain, do_release};
    for (size_t i = 0; i < 2; i++) {
        struct item *item = item_new();
        for (int references = 0; references < 3; references++) elsewhere(do_retain, item);
        rc_release(item);
        ck_assert(is_biased(item));
        ck_assert_int_eq(local_of(item), 0);
        ck_assert(!rc_is_unique(item));
        elsewhere(comers[i], item);
        ck_assert(!is_biased(item));
        size_t left = i == 0 ? 4 : 2;
        ck_assert_uint_eq(rc_count(item), left);
        while (left--) elsewhere(do_release, item);
        ck_assert_uint_eq(finalized, i + 1);
    }
}
END_TEST

START_TEST(an_owner_that_comes_back_counts_as_others_do)
{
    struct item *item = item_new();
    elsewhere(do_retain, item);
    elsewhere(do_retain, item);
    rc_release(item); /* merges; one of the two references is now handed to us */
    ck_assert(is_biased(item));
    (void)rc_retain(item);
    ck_assert(!is_biased(item));
    ck_assert_int_eq(local_of(item), 0);
    ck_assert_int_eq(word_of(item), word(2, RC__COUNT_MERGED));
    rc_release(item);
    rc_release(item);
    ck_assert_uint_eq(finalized, 0);
    elsewhere(do_release, item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(an_owner_that_comes_back_to_release_releases)
{
    struct item *item = item_new();
    elsewhere(do_retain, item);
    elsewhere(do_retain, item);
    rc_release(item);
    rc_release(item);
    ck_assert(!is_biased(item));
    ck_assert(rc_is_unique(item));
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

/* ---- sharing --------------------------------------------------------------------------------- */

START_TEST(a_shared_object_is_finalized_wherever_its_last_release_is)
{
    struct item *item = item_new();
    (void)rc_retain(item);
    ck_assert_ptr_eq(rc_share(item), item);
    ck_assert(!is_biased(item));
    ck_assert_uint_eq(rc_count(item), 2);
    rc_release(item);
    elsewhere(do_release, item);
    ck_assert_uint_eq(finalized, 1);
    ck_assert(!pthread_equal(finalized_on, pthread_self()));
}
END_TEST

static void *do_share(void *object)
{
    return rc_share(object);
}

START_TEST(sharing_by_others_waits_for_the_owners_end)
{
    struct worker worker;
    worker_start(&worker);
    struct item *item = worker_run(&worker, do_make, NULL);
    rc_share(item);
    ck_assert(is_biased(item));
    ck_assert_int_eq(word_of(item), 0);
    worker_end(&worker);
    rc_share(item);
    ck_assert(!is_biased(item));
    ck_assert_int_eq(word_of(item), RC__COUNT_MERGED);
    ck_assert(rc_is_unique(item));
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(sharing_what_is_ordinary_changes_nothing)
{
    static const rc_type plain_type = {.name = "plain", .size = 8};
    void *plain = rc_object_new(&plain_type, 0);
    rc_share(plain);
    ck_assert_int_eq(word_of(plain), 0);
    rc_release(plain);
    struct item *item = item_new();
    elsewhere(do_retain, item);
    rc_release(item); /* merged by its owner, but still to be marked */
    elsewhere(do_share, item);
    ck_assert(!is_biased(item));
    ck_assert_uint_eq(rc_count(item), 1);
    rc_share(item);
    ck_assert_int_eq(word_of(item), RC__COUNT_MERGED);
    elsewhere(do_release, item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

/* ---- asking ---------------------------------------------------------------------------------- */

static void *ask_unique(void *object)
{
    return rc_is_unique(object) ? object : NULL;
}

static void *elsewhere_unique(void *object)
{
    void *answer;
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, ask_unique, object), 0);
    ck_assert_int_eq(pthread_join(thread, &answer), 0);
    return answer;
}

START_TEST(only_the_owner_knows_that_an_object_is_unique)
{
    struct item *item = item_new();
    ck_assert(rc_is_unique(item));
    ck_assert_ptr_null(elsewhere_unique(item));
    (void)rc_retain(item);
    ck_assert(!rc_is_unique(item));
    rc_release(item);
    elsewhere(do_retain, item);
    ck_assert(!rc_is_unique(item));
    elsewhere(do_release, item);
    ck_assert(rc_is_unique(item));
    rc_share(item);
    ck_assert(rc_is_unique(item));
    ck_assert_ptr_eq(elsewhere_unique(item), item);
    rc_release(item);
}
END_TEST

START_TEST(a_merged_object_is_unique_for_whoever_holds_it)
{
    struct item *item = item_new();
    elsewhere(do_retain, item);
    rc_release(item);
    ck_assert(is_biased(item));
    ck_assert_ptr_eq(elsewhere_unique(item), item);
    ck_assert(rc_is_unique(item));
    elsewhere(do_release, item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

/* The owner holds a reference, and the queue the other. */
START_TEST(an_object_in_the_queue_is_not_unique)
{
    struct item *item = item_new();
    start_a_second_thread();
    (void)rc_retain(item);
    elsewhere(do_release, item);
    ck_assert_int_eq(word_of(item), RC__COUNT_QUEUED);
    ck_assert(!rc_is_unique(item));
    ck_assert_uint_eq(rc_count(item), 2);
    rc_bias_drain();
    ck_assert(rc_is_unique(item));
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

/* ---- for ever, and nearly -------------------------------------------------------------------- */

static void *retain_and_release(void *object)
{
    rc_release(rc_retain(object));
    rc_release(object);
    return NULL;
}

/* Where tools that look for leaks find the object that will never be freed. */
static struct item *immortal;

/* An immortal object cannot be freed again, so a child makes it. */
static void use_an_immortal(void *unused)
{
    (void)unused;
    struct item *item = immortal = item_new();
    (void)rc_retain(item);
    rc_make_immortal(item);
    struct rc__header before = *rc__header_of(item);
    retain_and_release(item);
    elsewhere(retain_and_release, item);
    rc_bias_drain();
    struct rc__header after = *rc__header_of(item);
    if (memcmp(&before, &after, sizeof before) != 0 || rc_count(item) != SIZE_MAX ||
        rc_is_unique(item) || is_biased(item) || finalized != 0)
        _exit(1);
}

START_TEST(counting_an_immortal_object_writes_nothing)
{
    for (int threads = 0; threads < 2; threads++) {
        if (threads) start_a_second_thread();
        struct child_result result = child_run(use_an_immortal, NULL);
        ck_assert_msg(child_was_quiet(&result), "%#x: %s", (unsigned)result.status, result.output);
    }
}
END_TEST

/* Against the advice: others know it, and it waits in the queue. */
static void make_a_queued_one_immortal(void *unused)
{
    (void)unused;
    struct item *item = immortal = item_new();
    elsewhere(do_release, item);
    rc_make_immortal(item);
    rc_bias_drain();
    elsewhere(retain_and_release, item);
    retain_and_release(item);
    if (finalized != 0 || word_of(item) != RC__COUNT_SATURATED) _exit(1);
}

START_TEST(an_object_made_immortal_in_the_queue_is_not_freed)
{
    struct child_result result = child_run(make_a_queued_one_immortal, NULL);
    ck_assert_msg(child_was_quiet(&result), "%#x: %s", (unsigned)result.status, result.output);
}
END_TEST

START_TEST(the_shared_count_saturates_and_sticks)
{
    struct item *item = item_new();
    struct rc__header *header = rc__header_of(item);
    header->shared = word((1 << 29) - 1, 0);
    elsewhere(do_retain, item);
    ck_assert_int_eq(word_of(item), RC__COUNT_SATURATED);
    ck_assert_uint_eq(rc_count(item), SIZE_MAX);
    elsewhere(do_release, item);
    (void)rc_retain(item);
    rc_release(item);
    rc_release(item); /* the last local one: an overflow leaks, and never frees */
    ck_assert_uint_eq(finalized, 0);
    ck_assert_int_eq(word_of(item), RC__COUNT_SATURATED);
    header->shared = RC__COUNT_MERGED;
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

/* The owner has 2^29 references and makes one more: where its count has 64 bits that is one like any
 * other, until a merge has nowhere to put so many. */
START_TEST(more_references_than_the_word_holds_make_it_stick)
{
    start_a_second_thread();
    struct item *item = item_new();
    struct rc__header *header = rc__header_of(item);
    *rc__local_of(header) = LAST_COUNTED - RC__COUNT_ONE;
    (void)rc_retain(item);
    ck_assert(is_biased(item));
    ck_assert_int_eq(*rc__local_of(header), LAST_COUNTED);
    (void)rc_retain(item);
    ck_assert_int_eq(is_biased(item), RC__COUNT_LOCAL_IS_ENDLESS);
    if (RC__COUNT_LOCAL_IS_ENDLESS) ck_assert_uint_eq(rc_count(item), (UINT32_C(1) << 29) + 1);
    (void)rc_share(item);
    ck_assert_int_eq(word_of(item), RC__COUNT_SATURATED);
    ck_assert(!is_biased(item));
    ck_assert_uint_eq(rc_count(item), SIZE_MAX);
    rc_release(item);
    ck_assert_int_eq(word_of(item), RC__COUNT_SATURATED);
    header->shared = 0;
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

/* Whatever both counts are, their sum is right, or sticks. */
START_TEST(a_merge_that_overflows_sticks)
{
    static const int32_t edges[] = {
        0,          4,          0x3ffffffc, 0x40000000,       0x5fffffe8,
        0x5ffffff0, 0x5ffffffc, 0x60000000, LAST_COUNTED - 4, LAST_COUNTED};
    enum { EDGES = sizeof edges / sizeof edges[0] };
    struct item *item;
    for (size_t i = 0; i < EDGES * EDGES; i++) {
        intptr_t local = edges[i / EDGES];
        int32_t n = edges[i % EDGES];
        item = item_new();
        struct rc__header *header = rc__header_of(item);
        *rc__local_of(header) = local;
        header->shared = n;
        rc_share(item);
        int32_t merged = word_of(item);
        int64_t sum = (int64_t)local + n;
        ck_assert(merged == RC__COUNT_SATURATED || merged == sum + RC__COUNT_MERGED);
        ck_assert(merged != RC__COUNT_SATURATED || sum >= 0x5fffffec);
        header->shared = 0;
        rc_release(item);
    }
    ck_assert_uint_eq(finalized, EDGES * EDGES);
}
END_TEST

/* ---- resurrection ---------------------------------------------------------------------------- */

static struct item *kept;

static void keep_itself(void *self)
{
    finalized++;
    kept = rc_retain((struct item *)self);
}

static const rc_type keeping_type = {.name = "keeping",
                                     .size = sizeof(struct item),
                                     .finalize = keep_itself,
                                     .flags = RC_TYPE_BIASED};

START_TEST(a_resurrected_object_is_ordinary_and_is_not_finalized_again)
{
    void *(*const last[])(void *) = {NULL, do_release};
    for (size_t i = 0; i < 2; i++) {
        struct item *item = rc_new(struct item, &keeping_type);
        if (last[i])
            elsewhere(last[i], item);
        else
            rc_release(item);
        rc_bias_drain();
        ck_assert_uint_eq(finalized, i + 1);
        ck_assert_ptr_eq(kept, item);
        ck_assert(!is_biased(kept));
        ck_assert_uint_eq(rc_count(kept), 1);
        elsewhere(do_retain, kept);
        ck_assert_uint_eq(rc_count(kept), 2);
        elsewhere(do_release, kept);
        elsewhere(do_release, kept);
        ck_assert_uint_eq(finalized, i + 1);
    }
}
END_TEST

/* ---- chains ---------------------------------------------------------------------------------- */

START_TEST(a_long_chain_of_biased_objects_ends_in_constant_stack)
{
    enum { LENGTH = 150000 };
    struct item *head = NULL;
    start_a_second_thread();
    for (int i = 0; i < LENGTH; i++) {
        struct item *item = item_new();
        item->held = head;
        head = item;
    }
    rc_release(head);
    ck_assert_uint_eq(finalized, LENGTH);
}
END_TEST

/* ---- mistakes -------------------------------------------------------------------------------- */

static void release_itself(void *self)
{
    rc_release((struct item *)self);
}

static const rc_type mistaken_type = {.name = "mistaken item",
                                      .size = sizeof(struct item),
                                      .finalize = release_itself,
                                      .flags = RC_TYPE_BIASED};

static void end_a_mistaken_one(void *unused)
{
    (void)unused;
    rc_release(rc_new(struct item, &mistaken_type));
}

START_TEST(a_finalizer_that_releases_its_own_object_stops)
{
    CHILD_ASSERT_STOPS(end_a_mistaken_one, NULL, "mistaken item released its own object");
}
END_TEST

static void retain_what_has_no_owner(void *item)
{
    (void)rc_retain(item);
}

static void release_what_has_no_owner(void *item)
{
    rc_release(item);
}

/* What memory is filled with that is no object any more. */
START_TEST(an_index_that_no_owner_has_stops)
{
    static const uint16_t owners[] = {
        RC__OWNERS, 0x8000, 0x8080,          0xaaaa,
        0xdddd,     0xffff, RC__OWNER_GIVES, RC__OWNER_GIVES + RC__OWNERS};
    start_a_second_thread();
    struct item *item = item_new();
    struct rc__header *header = rc__header_of(item);
    uint16_t owner = header->owner;
    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++) {
        header->owner = owners[i];
        CHILD_ASSERT_STOPS(retain_what_has_no_owner, item, "biased item is dead");
        CHILD_ASSERT_STOPS(release_what_has_no_owner, item, "biased item is dead");
    }
    header->owner = owner;
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

static void release_twice_elsewhere(void *object)
{
    elsewhere(do_release, object);
    elsewhere(do_release, object);
    rc_bias_drain();
}

START_TEST(releases_that_others_owe_stop_where_the_queue_is_drained)
{
    struct item *item = item_new();
    CHILD_ASSERT_STOPS(release_twice_elsewhere, item, "biased item is dead");
    rc_release(item);
}
END_TEST

HARNESS_MAIN(
    "rc/bias", an_object_belongs_to_the_thread_that_makes_it, the_owner_counts_in_its_own_word,
    the_sum_of_both_words_is_never_below_zero, a_process_with_one_thread_counts_in_the_owners_word,
    what_was_retained_before_there_were_threads_stays_biased,
    references_of_both_kinds_count_together, others_count_in_the_shared_word,
    pointers_to_const_and_null_are_taken, a_merge_adds_both_counts,
    when_the_owner_has_released_the_last_release_elsewhere_finalizes,
    a_merged_object_is_ordinary_for_all_who_come, an_owner_that_comes_back_counts_as_others_do,
    an_owner_that_comes_back_to_release_releases,
    a_shared_object_is_finalized_wherever_its_last_release_is,
    sharing_by_others_waits_for_the_owners_end, sharing_what_is_ordinary_changes_nothing,
    only_the_owner_knows_that_an_object_is_unique, a_merged_object_is_unique_for_whoever_holds_it,
    an_object_in_the_queue_is_not_unique, counting_an_immortal_object_writes_nothing,
    an_object_made_immortal_in_the_queue_is_not_freed, the_shared_count_saturates_and_sticks,
    more_references_than_the_word_holds_make_it_stick, a_merge_that_overflows_sticks,
    a_resurrected_object_is_ordinary_and_is_not_finalized_again,
    a_long_chain_of_biased_objects_ends_in_constant_stack,
    a_finalizer_that_releases_its_own_object_stops,
    releases_that_others_owe_stop_where_the_queue_is_drained, an_index_that_no_owner_has_stops)
