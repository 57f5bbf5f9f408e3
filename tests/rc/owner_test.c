/* SPDX-License-Identifier: MIT */
/* Owners of biased objects: their queues, how they end, and who comes after them. */
#include "rc/owner.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/child.h"
#include "tests/rc/bias_support.h"

enum { OWNERS_MAX = 1023 };

/* ---- the queue ------------------------------------------------------------------------------- */

START_TEST(what_others_release_waits_until_the_owner_drains)
{
    struct item *item = item_new();
    elsewhere(do_release, item);
    ck_assert_int_eq(word_of(item), RC__COUNT_QUEUED);
    ck_assert_uint_eq(finalized, 0);
    rc_bias_drain();
    ck_assert_uint_eq(finalized, 1);
    ck_assert(pthread_equal(finalized_on, pthread_self()));
    rc_bias_drain();
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(the_owners_next_creation_drains)
{
    elsewhere(do_release, item_new());
    ck_assert_uint_eq(finalized, 0);
    struct item *next = item_new();
    ck_assert_uint_eq(finalized, 1);
    rc_release(next);
}
END_TEST

START_TEST(the_owners_last_release_drains)
{
    struct item *first = item_new(), *second = item_new();
    elsewhere(do_release, first);
    (void)rc_retain(second);
    rc_release(second);
    ck_assert_uint_eq(finalized, 0);
    rc_release(second);
    ck_assert_uint_eq(finalized, 2);
}
END_TEST

START_TEST(the_owners_end_drains)
{
    struct worker worker;
    worker_start(&worker);
    struct item *item = worker_run(&worker, do_make, NULL);
    rc_release(item);
    ck_assert_uint_eq(finalized, 0);
    worker_end(&worker);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

static void *do_pthread_exit(void *item)
{
    rc_release(item);
    pthread_exit(NULL);
}

static void *make_and_exit(void *made)
{
    *(struct item **)made = item_new();
    (void)rc_retain(*(struct item **)made);
    elsewhere(do_pthread_exit, *(struct item **)made);
    pthread_exit(NULL);
}

START_TEST(pthread_exit_drains_too)
{
    struct item *item = NULL;
    elsewhere(make_and_exit, &item);
    ck_assert_uint_eq(finalized, 0);
    ck_assert_uint_eq(rc_count(item), 1);
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(a_drain_releases_one_reference_of_each)
{
    struct item *item = item_new();
    start_a_second_thread();
    for (int i = 0; i < 4; i++) (void)rc_retain(item);
    for (int i = 0; i < 3; i++) elsewhere(do_release, item);
    ck_assert_int_eq(word_of(item), word(-2, RC__COUNT_QUEUED));
    ck_assert_uint_eq(rc_count(item), 3); /* two of ours, and the queue's */
    rc_bias_drain();
    ck_assert_uint_eq(finalized, 0);
    ck_assert(!is_biased(item));
    ck_assert_int_eq(word_of(item), word(1, RC__COUNT_MERGED));
    rc_release(item);
    elsewhere(do_release, item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(others_may_retain_what_is_in_the_queue)
{
    struct item *item = item_new();
    start_a_second_thread();
    for (int i = 0; i < 2; i++) (void)rc_retain(item);
    for (int i = 0; i < 2; i++) elsewhere(do_release, item);
    ck_assert_int_eq(word_of(item), word(-1, RC__COUNT_QUEUED));
    for (int i = 0; i < 3; i++) elsewhere(do_retain, item);
    ck_assert_int_eq(word_of(item), word(2, RC__COUNT_QUEUED));
    for (int i = 0; i < 3; i++) elsewhere(do_release, item);
    rc_release(item);
    ck_assert_int_eq(word_of(item), word(-1, RC__COUNT_QUEUED));
    ck_assert_uint_eq(rc_count(item), 1);
    ck_assert_uint_eq(finalized, 0);
    rc_bias_drain();
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(the_owners_last_release_merges_what_is_in_the_queue)
{
    struct item *item = item_new();
    start_a_second_thread();
    (void)rc_retain(item);
    elsewhere(do_release, item);
    elsewhere(do_retain, item);
    rc_release(item);
    ck_assert_int_eq(local_of(item), 1);
    ck_assert_int_eq(word_of(item), word(1, RC__COUNT_QUEUED));
    rc_release(item); /* the other's, handed to us: merges, and drains */
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(an_object_merged_in_the_queue_is_released_by_the_drain)
{
    struct item *item = item_new();
    start_a_second_thread();
    (void)rc_retain(item);
    elsewhere(do_release, item);
    elsewhere(do_retain, item);
    rc_share(item);
    ck_assert_int_eq(word_of(item), word(2, RC__COUNT_MERGED | RC__COUNT_QUEUED));
    elsewhere(do_release, item);
    rc_release(item);
    ck_assert_uint_eq(finalized, 0);
    ck_assert_int_eq(word_of(item), RC__COUNT_MERGED | RC__COUNT_QUEUED);
    rc_bias_drain();
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(a_drain_keeps_the_last_error_and_errno)
{
    elsewhere(do_release, item_new());
    rc_error_set(RC_RANGE, "kept %d", 7);
    errno = EXDEV;
    rc_bias_drain();
    ck_assert_uint_eq(finalized, 1);
    ck_assert_int_eq(errno, EXDEV);
    ck_assert_str_eq(rc_error_message(), "kept 7");
}
END_TEST

START_TEST(a_thread_that_owns_nothing_has_nothing_to_drain)
{
    struct item *item = item_new();
    elsewhere(do_release, item);
    elsewhere(do_drain, NULL);
    ck_assert_uint_eq(finalized, 0);
    rc_bias_drain();
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

/* ---- finalizers in a drain ------------------------------------------------------------------- */

static size_t depth, deepest;

static void make_and_drain(void *self)
{
    struct item *item = self;
    finalized++;
    if (++depth > deepest) deepest = depth;
    struct item *other = item_new();
    rc_release(other);
    rc_bias_drain();
    ck_assert_int_eq(item->number, 7);
    depth--;
}

static const rc_type busy_type = {.name = "busy item",
                                  .size = sizeof(struct item),
                                  .finalize = make_and_drain,
                                  .flags = RC_TYPE_BIASED};

static void *release_all(void *items)
{
    for (struct item **item = items; *item; item++) rc_release(*item);
    return NULL;
}

START_TEST(a_finalizer_in_a_drain_may_create_release_and_drain)
{
    enum { MANY = 5000 };
    static struct item *items[MANY + 1];
    for (size_t i = 0; i < MANY; i++) {
        items[i] = rc_new(struct item, &busy_type);
        items[i]->number = 7;
    }
    elsewhere(release_all, items);
    ck_assert_uint_eq(finalized, 0);
    rc_bias_drain();
    ck_assert_uint_eq(finalized, 2 * MANY);
    ck_assert_uint_le(deepest, 32);
}
END_TEST

/* ---- after the owner's end ------------------------------------------------------------------- */

START_TEST(after_the_owners_end_the_last_release_finalizes_there_and_then)
{
    struct item *item;
    struct worker worker;
    worker_start(&worker);
    item = worker_run(&worker, do_make, NULL);
    ck_assert_ptr_nonnull(item);
    worker_run(&worker, do_retain, item);
    elsewhere(do_retain, item);
    worker_end(&worker);
    ck_assert_uint_eq(rc_count(item), 3);
    elsewhere(do_release, item);
    rc_release(item);
    ck_assert_uint_eq(finalized, 0);
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
    ck_assert(pthread_equal(finalized_on, pthread_self()));
}
END_TEST

static void *make_into(void *made)
{
    *(struct item **)made = item_new();
    return NULL;
}

START_TEST(the_next_thread_owns_what_its_predecessor_left)
{
    struct item *item = NULL;
    elsewhere(make_into, &item);
    struct worker heir;
    worker_start(&heir);
    struct item *own = worker_run(&heir, do_make, NULL);
    ck_assert_uint_eq(owner_of(own), owner_of(item));
    worker_run(&heir, do_retain, item);
    ck_assert_int_eq(local_of(item), 2);
    ck_assert_int_eq(word_of(item), 0);
    rc_release(item); /* goes to the heir's queue */
    ck_assert_int_eq(word_of(item), RC__COUNT_QUEUED);
    worker_run(&heir, do_drain, NULL);
    ck_assert(!is_biased(item));
    ck_assert_uint_eq(finalized, 0);
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
    worker_run(&heir, do_release, own);
    ck_assert_uint_eq(finalized, 2);
    worker_end(&heir);
}
END_TEST

START_TEST(what_was_merged_after_the_owners_end_stays_ordinary_for_the_heir)
{
    struct item *item = NULL;
    elsewhere(make_into, &item);
    (void)rc_retain(item);
    (void)rc_retain(item);
    rc_release(item);
    rc_release(item);
    ck_assert(is_biased(item)); /* none of this took from the owner */
    unsigned owner = owner_of(item);
    rc_share(item);
    ck_assert(!is_biased(item));
    struct worker heir;
    worker_start(&heir);
    struct item *own = worker_run(&heir, do_make, NULL);
    ck_assert_uint_eq(owner_of(own), owner);
    worker_run(&heir, do_retain, item);
    ck_assert_int_eq(local_of(item), 0);
    ck_assert_uint_eq(rc_count(item), 2);
    rc_release(item);
    worker_run(&heir, do_release, item);
    ck_assert_uint_eq(finalized, 1);
    worker_run(&heir, do_release, own);
    worker_end(&heir);
}
END_TEST

/* As a fork leaves an object whose owner was between two steps of its last release. */
START_TEST(what_an_owner_was_giving_away_is_not_counted_again)
{
    struct item *item = NULL;
    elsewhere(make_into, &item);
    (void)rc_retain(item);
    struct rc__header *header = rc__header_of(item);
    unsigned owner = owner_of(item);
    header->owner = (uint16_t)(owner | RC__OWNER_GIVES);
    (void)rc_retain(item); /* counted as others count, by an heir too */
    ck_assert_int_eq(word_of(item), word(2, 0));
    ck_assert_uint_eq(rc_count(item), 2);
    rc_release(item);
    rc_share(item);
    ck_assert(!is_biased(item));
    ck_assert_uint_eq(rc_count(item), 1);
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

/* Each holds what the other made, and each may end first; a third comes after both. */
START_TEST(owners_may_end_in_any_order)
{
    for (int first = 0; first < 2; first++) {
        struct worker workers[2];
        struct item *items[2];
        size_t before = finalized;
        for (int i = 0; i < 2; i++) worker_start(&workers[i]);
        for (int i = 0; i < 2; i++) items[i] = worker_run(&workers[i], do_make, NULL);
        items[0]->held = worker_run(&workers[1], do_retain, items[1]);
        worker_run(&workers[0], do_release, items[1]);
        worker_end(&workers[first]);
        ck_assert_uint_eq(finalized, before);
        worker_run(&workers[!first], do_release, items[0]);
        worker_end(&workers[!first]);
        ck_assert_uint_eq(finalized, before + 2);
    }
}
END_TEST

/* A ring of threads: each releases what its predecessor made, after that one has ended. */
START_TEST(a_ring_of_owners_leaves_nothing)
{
    enum { RING = 8 };
    struct worker workers[RING];
    struct item *items[RING];
    for (int i = 0; i < RING; i++) {
        worker_start(&workers[i]);
        items[i] = worker_run(&workers[i], do_make, NULL);
    }
    for (int i = 0; i < RING; i++) {
        if (i > 0) worker_end(&workers[i - 1]);
        worker_run(&workers[i], do_release, items[(i + RING - 1) % RING]);
    }
    ck_assert_uint_eq(finalized, RING - 1);
    worker_end(&workers[RING - 1]); /* whose queue holds what the first one released */
    ck_assert_uint_eq(finalized, RING);
}
END_TEST

static void *make_and_leave(void *made)
{
    struct item *item = item_new();
    struct item *before = __atomic_exchange_n((struct item **)made, item, __ATOMIC_ACQ_REL);
    rc_release(before);
    return NULL;
}

START_TEST(thousands_of_short_lived_owners_leave_nothing)
{
    enum {
        ROUNDS = CHILD_HAS_ASAN ? 300 : 2500,
        AT_ONCE = 4
    }; /* there each takes a third of a ms */
    struct item *left = NULL;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_t threads[AT_ONCE];
        for (size_t k = 0; k < AT_ONCE; k++)
            ck_assert_int_eq(pthread_create(&threads[k], NULL, make_and_leave, &left), 0);
        for (size_t k = 0; k < AT_ONCE; k++) ck_assert_int_eq(pthread_join(threads[k], NULL), 0);
    }
    ck_assert(is_biased(left));
    ck_assert_uint_le(owner_of(left), AT_ONCE + 1); /* indices were used again */
    rc_release(left);
    ck_assert_uint_eq(finalized, ROUNDS * AT_ONCE);
}
END_TEST

/* ---- no index -------------------------------------------------------------------------------- */

static pthread_barrier_t all_made, all_may_end;

static void *make_and_wait(void *made)
{
    *(struct item **)made = item_new();
    pthread_barrier_wait(&all_made);
    pthread_barrier_wait(&all_may_end);
    rc_release(*(struct item **)made);
    return NULL;
}

static void start_small(pthread_t *thread, void *(*body)(void *), void *argument)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    ck_assert_int_eq(pthread_create(thread, &attributes, body, argument), 0);
    pthread_attr_destroy(&attributes);
}

START_TEST(without_a_free_index_objects_are_ordinary)
{
    if (runs_on_valgrind()) {
        puts("skipped: valgrind has not so many threads");
        return;
    }
    static pthread_t threads[OWNERS_MAX];
    static struct item *items[OWNERS_MAX];
    pthread_barrier_init(&all_made, NULL, OWNERS_MAX + 1);
    pthread_barrier_init(&all_may_end, NULL, OWNERS_MAX + 1);
    for (size_t i = 0; i < OWNERS_MAX; i++) start_small(&threads[i], make_and_wait, &items[i]);
    pthread_barrier_wait(&all_made);

    struct item *item = item_new();
    ck_assert(!is_biased(item));
    ck_assert_uint_eq(rc_bias_self, RC__OWNS_NOTHING);
    for (size_t i = 0; i < OWNERS_MAX; i++) ck_assert(is_biased(items[i]));
    elsewhere(do_release, item);
    ck_assert_uint_eq(finalized, 1);

    pthread_barrier_wait(&all_may_end);
    for (size_t i = 0; i < OWNERS_MAX; i++) ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_eq(finalized, OWNERS_MAX + 1);
    item = item_new();
    ck_assert(is_biased(item));
    rc_release(item);
}
END_TEST

static pthread_key_t late_key;

/* Runs after the library's own destructor, whose key is older. */
static void make_late(void *made)
{
    *(struct item **)made = item_new();
    need(rc_bias_self == RC__OWNS_NOTHING);
}

static void *make_at_the_end(void *made)
{
    struct item *first = item_new();
    need(is_biased(first) && pthread_setspecific(late_key, made) == 0);
    rc_release(first);
    return NULL;
}

START_TEST(what_a_thread_makes_after_its_end_is_ordinary)
{
    struct item *item = NULL;
    ck_assert_int_eq(pthread_key_create(&late_key, make_late), 0);
    elsewhere(make_at_the_end, &item);
    ck_assert_ptr_nonnull(item);
    ck_assert(!is_biased(item));
    rc_release(item);
    ck_assert_uint_eq(finalized, 2);
    pthread_key_delete(late_key);
}
END_TEST

/* ---- fork ------------------------------------------------------------------------------------ */

static struct item *queued[4], *left_alone;

/* In the child: the worker is not there any more. */
static void inherit_what_was_queued(void *unused)
{
    (void)unused;
    ck_assert_uint_eq(finalized, 0); /* fork itself runs no finalizer */
    rc_bias_drain();
    ck_assert_uint_eq(finalized, 3);
    rc_release(queued[3]); /* ours, beside the queue's */
    ck_assert_uint_eq(finalized, 4);
    ck_assert_uint_eq(rc_count(left_alone), 1);
    rc_release(left_alone); /* its owner is gone: there and then */
    ck_assert_uint_eq(finalized, 5);
    struct item *item = item_new();
    ck_assert(is_biased(item));
    rc_release(item);
    ck_assert_uint_eq(finalized, 6);
    if (CHILD_HAS_TSAN) return; /* which starts no threads in such a child */
    elsewhere(make_into, &item);
    ck_assert(is_biased(item));
    rc_release(item);
    ck_assert_uint_eq(finalized, 7);
}

static void fork_beside_a_full_queue(bool owns_something)
{
    struct worker worker;
    worker_start(&worker);
    for (size_t i = 0; i < 4; i++) queued[i] = worker_run(&worker, do_make, NULL);
    left_alone = worker_run(&worker, do_make, NULL);
    worker_run(&worker, do_retain, queued[3]);
    for (size_t i = 0; i < 4; i++) rc_release(queued[i]);
    struct item *own = owns_something ? item_new() : NULL;

    struct child_result result = child_run(inherit_what_was_queued, NULL);
    ck_assert_msg(child_was_quiet(&result), "%#x: %s", (unsigned)result.status, result.output);

    ck_assert_uint_eq(finalized, 0);
    worker_run(&worker, do_drain, NULL);
    ck_assert_uint_eq(finalized, 3);
    worker_run(&worker, do_release, left_alone);
    worker_run(&worker, do_release, queued[3]);
    worker_end(&worker);
    rc_release(own);
    ck_assert_uint_eq(finalized, owns_something ? 6 : 5);
}

START_TEST(the_child_of_an_owner_takes_over_the_queues_of_other_threads)
{
    fork_beside_a_full_queue(true);
}
END_TEST

START_TEST(the_child_of_any_thread_takes_over_the_queues_of_other_threads)
{
    fork_beside_a_full_queue(false);
}
END_TEST

static void *fork_and_wait(void *item)
{
    pid_t child = fork();
    if (child == 0) {
        size_t before = finalized;
        rc_release(item); /* made by the thread that did not fork */
        _exit(finalized == before + 1 ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    return status == 0 ? item : NULL;
}

START_TEST(in_a_childs_only_thread_the_last_release_finalizes)
{
    struct item *item = item_new();
    struct worker forker;
    worker_start(&forker);
    ck_assert_ptr_eq(worker_run(&forker, fork_and_wait, item), item);
    worker_end(&forker);
    rc_release(item);
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

/* Forks while other threads make, hand over and end, again and again: no child hangs or stops. */
static bool churning;
static struct item *passed_on;

static void *churn(void *unused)
{
    while (__atomic_load_n(&churning, __ATOMIC_RELAXED)) {
        for (int i = 0; i < 50; i++) make_and_leave(&passed_on);
        elsewhere(make_and_leave, &passed_on);
    }
    return unused;
}

static void use_all_in_the_child(void *unused)
{
    (void)unused;
    rc_bias_drain();
    for (int i = 0; i < 50; i++) make_and_leave(&passed_on);
    elsewhere(make_and_leave, &passed_on);
    rc_bias_drain();
}

START_TEST(a_child_of_a_busy_process_counts_on)
{
    if (CHILD_HAS_TSAN || CHILD_HAS_ASAN) {
        puts("skipped: a child of a busy process: the sanitizer's own locks are held in it");
        return;
    }
    pthread_t threads[2];
    passed_on = NULL;
    churning = true;
    for (size_t i = 0; i < 2; i++) ck_assert_int_eq(pthread_create(&threads[i], NULL, churn, 0), 0);
    for (int i = 0; i < 40; i++) {
        struct child_result result = child_run(use_all_in_the_child, NULL);
        ck_assert_msg(child_was_quiet(&result), "%#x: %s", (unsigned)result.status, result.output);
    }
    __atomic_store_n(&churning, false, __ATOMIC_RELAXED);
    for (size_t i = 0; i < 2; i++) ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    rc_release(passed_on);
    rc_bias_drain();
}
END_TEST

HARNESS_MAIN(
    "rc/owner", what_others_release_waits_until_the_owner_drains, the_owners_next_creation_drains,
    the_owners_last_release_drains, the_owners_end_drains, pthread_exit_drains_too,
    a_drain_releases_one_reference_of_each, others_may_retain_what_is_in_the_queue,
    the_owners_last_release_merges_what_is_in_the_queue,
    an_object_merged_in_the_queue_is_released_by_the_drain, a_drain_keeps_the_last_error_and_errno,
    a_thread_that_owns_nothing_has_nothing_to_drain,
    a_finalizer_in_a_drain_may_create_release_and_drain,
    after_the_owners_end_the_last_release_finalizes_there_and_then,
    the_next_thread_owns_what_its_predecessor_left,
    what_was_merged_after_the_owners_end_stays_ordinary_for_the_heir,
    what_an_owner_was_giving_away_is_not_counted_again, owners_may_end_in_any_order,
    a_ring_of_owners_leaves_nothing, thousands_of_short_lived_owners_leave_nothing,
    without_a_free_index_objects_are_ordinary, what_a_thread_makes_after_its_end_is_ordinary,
    the_child_of_an_owner_takes_over_the_queues_of_other_threads,
    the_child_of_any_thread_takes_over_the_queues_of_other_threads,
    in_a_childs_only_thread_the_last_release_finalizes, a_child_of_a_busy_process_counts_on)
