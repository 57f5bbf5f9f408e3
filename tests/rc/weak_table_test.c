/* SPDX-License-Identifier: MIT */
/* The side table of weak references: what is linked where, how many, and in how many buckets. */
#include "rc/weak_table.h"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness.h"

enum { MANY = 3000 };

static const rc_type thing_type = {.name = "thing", .size = 16};
static void *things[MANY];
static rc_weak *weak[MANY];

static void *thing_new(void)
{
    void *thing = rc_object_new(&thing_type, 0);
    ck_assert_ptr_nonnull(thing);
    return thing;
}

static size_t linked(void)
{
    size_t sum = 0;
    for (size_t i = 0; i < STRIPES; i++) sum += rc__stripes[i].linked;
    return sum;
}

/* Of a stripe, each in its target's bucket, and each but the first is pointed to by the one before. */
static size_t count_chained(struct rc__stripe *stripe)
{
    size_t count = 0;
    for (size_t i = 0; i < stripe->bucket_count; i++) {
        struct rc_weak **link = &stripe->buckets[i];
        for (struct rc_weak *at = *link; at; link = &at->next, at = at->next) {
            ck_assert_ptr_eq(at->link, link);
            ck_assert_ptr_eq(stripe_of(at->target), stripe);
            ck_assert_uint_eq(hash_of(at->target) / STRIPES % stripe->bucket_count, i);
            count++;
        }
    }
    return count;
}

static void check_table(size_t expected)
{
    ck_assert_uint_eq(linked(), expected);
    for (size_t i = 0; i < STRIPES; i++)
        ck_assert_uint_eq(count_chained(&rc__stripes[i]), rc__stripes[i].linked);
}

START_TEST(a_stripe_has_twice_the_buckets_once_more_is_linked_than_it_has)
{
    size_t most[STRIPES], most_buckets = 0;
    for (size_t i = 0; i < STRIPES; i++) most[i] = FIRST_BUCKETS;
    for (size_t i = 0; i < MANY; i++) {
        weak[i] = rc_weak_new(things[i] = thing_new());
        struct rc__stripe *stripe = stripe_of(things[i]);
        size_t *buckets = &most[stripe - rc__stripes];
        if (stripe->linked > *buckets) *buckets *= 2;
        ck_assert_uint_eq(stripe->bucket_count, *buckets);
        if (*buckets > most_buckets) most_buckets = *buckets;
    }
    ck_assert_uint_ge(most_buckets, 128);
    check_table(MANY);
    for (size_t i = 0; i < MANY; i++) {
        rc_release(i % 2 ? things[i] : weak[i]);
        ck_assert_uint_eq(linked(), MANY - i - 1);
    }
    check_table(0);
    for (size_t i = 0; i < MANY; i++) rc_release(i % 2 ? weak[i] : things[i]);
    for (size_t i = 0; i < STRIPES; i++) ck_assert_uint_eq(rc__stripes[i].bucket_count, most[i]);
    check_table(0);
}
END_TEST

START_TEST(all_of_an_objects_weak_references_are_in_one_bucket)
{
    void *thing = thing_new(), *other = thing_new();
    for (size_t i = 0; i < 100; i++) weak[i] = rc_weak_new(i % 2 ? thing : other);
    check_table(100);
    rc_release(weak[50]);
    rc_release(weak[99]);
    check_table(98);
    rc_release(thing);
    check_table(49);
    for (size_t i = 0; i < 99; i++)
        if (i != 50) ck_assert_int_eq(rc_weak_is_dead(weak[i]), i % 2);
    rc_release(other);
    check_table(0);
    for (size_t i = 0; i < 99; i++)
        if (i != 50) rc_release(weak[i]);
}
END_TEST

/* A callback releases another one, which is due as well. */
static size_t heard;

static void hear(rc_weak *self, void *context)
{
    ck_assert(rc_weak_is_dead(self));
    ck_assert_uint_eq(linked(), 2); /* those of another object */
    heard++;
    if (context) rc_release(context);
}

START_TEST(what_is_due_is_linked_no_more_when_the_first_callback_runs)
{
    void *thing = thing_new(), *other = thing_new();
    for (size_t i = 0; i < 6; i++) weak[i] = rc_weak_new(i < 4 ? thing : other);
    ck_assert_int_eq(rc_weak_on_death(weak[0], hear, weak[2]), RC_OK);
    ck_assert_int_eq(rc_weak_on_death(weak[1], hear, NULL), RC_OK);
    ck_assert_int_eq(rc_weak_on_death(weak[2], hear, NULL), RC_OK);
    ck_assert_int_eq(rc_weak_on_death(weak[4], hear, NULL), RC_OK);
    check_table(6);
    rc_release(thing);
    ck_assert_uint_eq(heard, 2); /* the third had no owner any more */
    check_table(2);
    rc_release(weak[4]);
    rc_release(other);
    ck_assert_uint_eq(heard, 2);
    check_table(0);
    rc_release(weak[0]);
    rc_release(weak[1]);
    rc_release(weak[3]);
    rc_release(weak[5]);
}
END_TEST

/* A chain so long that objects are put off on its way, and weak references among them. */
struct node {
    struct node *next;
    rc_weak *weak;
};

static void node_finalize(void *self)
{
    struct node *node = self;
    rc_release(node->next);
    rc_release(node->weak);
}

static const rc_type node_type = {
    .name = "node", .size = sizeof(struct node), .finalize = node_finalize};

static void count_death(rc_weak *self, void *context)
{
    ck_assert(rc_weak_is_dead(self));
    ++*(size_t *)context;
}

START_TEST(weak_references_that_are_put_off_end_as_others_do)
{
    enum { NODES = 1000 };
    void *thing = thing_new();
    struct node *chain = NULL;
    size_t deaths = 0;
    for (size_t i = 0; i < NODES; i++) {
        struct node *node = rc_new(struct node, &node_type);
        *node = (struct node){.next = chain, .weak = rc_weak_new(thing)};
        weak[i] = rc_weak_new(node->weak);
        ck_assert_int_eq(rc_weak_on_death(weak[i], count_death, &deaths), RC_OK);
        chain = node;
    }
    check_table(2 * NODES);
    rc_release(chain);
    ck_assert_uint_eq(deaths, NODES);
    check_table(0);
    for (size_t i = 0; i < NODES; i++) rc_release(weak[i]);
    rc_release(thing);
}
END_TEST

/* Addresses of neighbours differ in few bits: they are spread over stripes and buckets all the same. */
START_TEST(neighbours_in_memory_are_spread_over_the_table)
{
    for (size_t step = 16; step <= 64; step *= 2) {
        static unsigned in_stripe[STRIPES], in_bucket[STRIPES][FIRST_BUCKETS];
        unsigned most_in_stripe = 0, most_in_bucket = 0;
        memset(in_stripe, 0, sizeof in_stripe);
        memset(in_bucket, 0, sizeof in_bucket);
        for (size_t i = 0; i < STRIPES * FIRST_BUCKETS; i++) {
            const void *place = (const void *)(uintptr_t)(0x10000 + i * step);
            size_t hash = hash_of(place);
            unsigned *stripe = &in_stripe[stripe_of(place) - rc__stripes];
            unsigned *bucket = &in_bucket[hash % STRIPES][hash / STRIPES % FIRST_BUCKETS];
            if (++*stripe > most_in_stripe) most_in_stripe = *stripe;
            if (++*bucket > most_in_bucket) most_in_bucket = *bucket;
        }
        ck_assert_uint_le(most_in_stripe, 3 * FIRST_BUCKETS);
        ck_assert_uint_le(most_in_bucket, 8);
    }
}
END_TEST

/* 1: the lock is held; 2: what no child may find half done is done; 3: there was a child. */
static int step;

static void *change_under_the_lock(void *stripe)
{
    pthread_mutex_lock(&((struct rc__stripe *)stripe)->lock);
    __atomic_store_n(&step, 1, __ATOMIC_RELEASE);
    usleep(2000);
    __atomic_store_n(&step, 2, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&((struct rc__stripe *)stripe)->lock);
    while (__atomic_load_n(&step, __ATOMIC_ACQUIRE) != 3) usleep(10);
    return NULL;
}

START_TEST(a_fork_waits_for_the_lock_of_each_stripe)
{
    for (size_t i = 0; i < STRIPES; i++) {
        pthread_t thread;
        int status;
        step = 0;
        ck_assert_int_eq(pthread_create(&thread, NULL, change_under_the_lock, &rc__stripes[i]), 0);
        while (__atomic_load_n(&step, __ATOMIC_ACQUIRE) == 0) usleep(10);
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) _exit(__atomic_load_n(&step, __ATOMIC_ACQUIRE) == 2 ? 0 : 1);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "stripe %zu: %#x", i,
                      (unsigned)status);
        __atomic_store_n(&step, 3, __ATOMIC_RELEASE);
        pthread_join(thread, NULL);
    }
}
END_TEST

HARNESS_MAIN("rc/weak_table", a_stripe_has_twice_the_buckets_once_more_is_linked_than_it_has,
             all_of_an_objects_weak_references_are_in_one_bucket,
             what_is_due_is_linked_no_more_when_the_first_callback_runs,
             weak_references_that_are_put_off_end_as_others_do,
             neighbours_in_memory_are_spread_over_the_table,
             a_fork_waits_for_the_lock_of_each_stripe)
