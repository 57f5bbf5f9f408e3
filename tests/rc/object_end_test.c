/* SPDX-License-Identifier: MIT */
#include "rc/object_end.h"

#include <errno.h>
#include <pthread.h>

#include "rc/weak.h"
#include "tests/child.h"
#include "tests/harness.h"

struct node {
    struct node *next, *other;
    int number;
};

static size_t finalized;
static int order[64];

static void node_finalize(void *self)
{
    struct node *node = self;
    if (finalized < 64) order[finalized] = node->number;
    finalized++;
    rc_clear(&node->next);
    rc_clear(&node->other);
}

static const rc_type node_type = {
    .name = "node", .size = sizeof(struct node), .finalize = node_finalize};

static struct node *node_new(int number, struct node *next)
{
    struct node *node = rc_new(struct node, &node_type);
    ck_assert_ptr_nonnull(node);
    node->number = number;
    node->next = next;
    return node;
}

static struct node *chain_new(int length)
{
    struct node *head = NULL;
    for (int i = length; i-- > 0;) head = node_new(i, head);
    return head;
}

START_TEST(a_short_chain_is_finalized_from_its_head_and_at_once)
{
    rc_release(chain_new(5));
    ck_assert_uint_eq(finalized, 5);
    for (int i = 0; i < 5; i++) ck_assert_int_eq(order[i], i);
}
END_TEST

START_TEST(a_long_chain_is_finalized_completely_and_in_order)
{
    rc_release(chain_new(20000));
    ck_assert_uint_eq(finalized, 20000);
    for (int i = 0; i < 64; i++) ck_assert_int_eq(order[i], i);
}
END_TEST

static void *release_on_a_small_stack(void *head)
{
    rc_release(head);
    return NULL;
}

START_TEST(a_chain_of_a_hundred_thousand_needs_little_stack)
{
    struct node *head = chain_new(100000);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    ck_assert_int_eq(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, &attributes, release_on_a_small_stack, head), 0);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(finalized, 100000);
}
END_TEST

START_TEST(a_deep_tree_is_finalized_completely)
{
    /* Each level has two children, one of them with a long chain of its own. */
    struct node *root = NULL;
    for (int i = 0; i < 200; i++) {
        root = node_new(i, root);
        root->other = chain_new(200);
    }
    rc_release(root);
    ck_assert_uint_eq(finalized, 200 * 201);
}
END_TEST

START_TEST(a_chain_of_prefixed_objects_goes_back_to_its_allocator)
{
    struct rc_guarding_allocator guarding;
    rc_guarding_allocator_init(&guarding, NULL);
    struct node *head = NULL;
    for (int i = 0; i < 5000; i++) {
        struct node *node = rc_object_new_with(&guarding.allocator, &node_type, (size_t)i % 7);
        node->next = head;
        head = node;
    }
    rc_release(head);
    ck_assert_uint_eq(finalized, 5000);
    ck_assert_uint_eq(rc_guarding_allocator_live_blocks(&guarding), 0);
}
END_TEST

static size_t deaths;

static void on_death(rc_weak *weak, void *context)
{
    ck_assert(rc_weak_is_dead(weak));
    ck_assert_ptr_eq(context, &deaths);
    deaths++;
}

START_TEST(weak_references_into_a_long_chain_all_die_and_report)
{
    enum { LENGTH = 1000 };
    static rc_weak *weak[LENGTH];
    struct node *head = chain_new(LENGTH), *node = head;
    for (int i = 0; i < LENGTH; i++, node = node->next) {
        weak[i] = rc_weak_new(node);
        ck_assert_int_eq(rc_weak_on_death(weak[i], on_death, &deaths), RC_OK);
    }
    rc_release(head);
    ck_assert_uint_eq(finalized, LENGTH);
    ck_assert_uint_eq(deaths, LENGTH);
    for (int i = 0; i < LENGTH; i++) {
        ck_assert_ptr_null(rc_weak_lock(weak[i]));
        rc_release(weak[i]);
    }
}
END_TEST

/* A chain whose nodes own a weak reference to the node before: at the nesting limit both the weak
 * reference and its target are dead objects that wait for their turn. */
struct linked {
    struct linked *next;
    rc_weak *previous;
};

static void linked_finalize(void *self)
{
    struct linked *linked = self;
    finalized++;
    rc_clear(&linked->previous);
    rc_clear(&linked->next);
}

static const rc_type linked_type = {
    .name = "linked", .size = sizeof(struct linked), .finalize = linked_finalize};

START_TEST(a_doubly_linked_chain_with_weak_back_links_ends_completely)
{
    struct linked *head = rc_new(struct linked, &linked_type), *last = head;
    for (int i = 1; i < 3000; i++) {
        last->next = rc_new(struct linked, &linked_type);
        last->next->previous = rc_weak_new(last);
        last = last->next;
    }
    rc_release(head);
    ck_assert_uint_eq(finalized, 3000);
}
END_TEST

static void makes_and_releases_a_chain(void *self)
{
    (void)self;
    rc_release(chain_new(100));
}

START_TEST(a_finalizer_may_create_and_release_other_objects)
{
    static const rc_type type = {
        .name = "maker", .size = 8, .finalize = makes_and_releases_a_chain};
    rc_release(rc_object_new(&type, 0));
    ck_assert_uint_eq(finalized, 100);
}
END_TEST

/* ---- resurrection ---------------------------------------------------------------------------- */

static struct node *survivor;

static void keeps_itself(void *self)
{
    finalized++;
    survivor = rc_retain((struct node *)self);
}

static const rc_type phoenix_type = {
    .name = "phoenix", .size = sizeof(struct node), .finalize = keeps_itself};

START_TEST(a_finalizer_that_keeps_its_object_resurrects_it_once)
{
    rc_release(rc_new(struct node, &phoenix_type));
    ck_assert_uint_eq(finalized, 1);
    ck_assert_ptr_nonnull(survivor);
    ck_assert_uint_eq(rc_count(survivor), 1);
    ck_assert_uint_eq(rc_account_read_type(&phoenix_type).live_objects, 1);
    rc_release(survivor);
    ck_assert_uint_eq(finalized, 1);
    ck_assert_uint_eq(rc_account_read_type(&phoenix_type).live_objects, 0);
}
END_TEST

START_TEST(a_resurrected_object_can_be_weakly_referenced_anew)
{
    struct node *node = rc_new(struct node, &phoenix_type);
    rc_weak *before = rc_weak_new(node);
    rc_release(node);
    ck_assert_ptr_null(rc_weak_lock(before));
    rc_weak *after = rc_weak_new(survivor);
    struct node *locked = RC_WEAK_LOCK(struct node, after);
    ck_assert_ptr_eq(locked, survivor);
    ck_assert(rc_weak_is_dead(before));
    rc_release(locked);
    rc_clear(&survivor);
    ck_assert(rc_weak_is_dead(after));
    rc_release(before);
    rc_release(after);
}
END_TEST

static rc_weak *own_weak;

static void makes_a_weak_reference_to_itself(void *self)
{
    own_weak = rc_weak_new(self);
    ck_assert_ptr_nonnull(own_weak);
    ck_assert_ptr_null(rc_weak_lock(own_weak));
}

START_TEST(a_weak_reference_made_by_the_finalizer_never_locks)
{
    static const rc_type type = {
        .name = "self", .size = 8, .finalize = makes_a_weak_reference_to_itself};
    rc_release(rc_object_new(&type, 0));
    ck_assert(rc_weak_is_dead(own_weak));
    ck_assert_ptr_null(rc_weak_lock(own_weak));
    rc_release(own_weak);
}
END_TEST

static void makes_a_weak_reference_and_survives(void *self)
{
    makes_a_weak_reference_to_itself(self);
    keeps_itself(self);
}

START_TEST(a_weak_reference_made_by_a_resurrecting_finalizer_locks_afterwards)
{
    static const rc_type type = {.name = "self",
                                 .size = sizeof(struct node),
                                 .finalize = makes_a_weak_reference_and_survives};
    rc_release(rc_object_new(&type, 0));
    struct node *locked = rc_weak_lock(own_weak);
    ck_assert_ptr_eq(locked, survivor);
    rc_release(locked);
    rc_release(survivor);
    ck_assert(rc_weak_is_dead(own_weak));
    rc_release(own_weak);
}
END_TEST

static void retains_and_releases_itself(void *self)
{
    finalized++;
    for (int i = 0; i < 3; i++) (void)rc_retain((struct node *)self);
    ck_assert_uint_eq(rc_count(self), 4);
    for (int i = 0; i < 3; i++) rc_release(self);
}

START_TEST(a_finalizer_may_retain_and_release_its_object)
{
    static const rc_type type = {
        .name = "fickle", .size = 8, .finalize = retains_and_releases_itself};
    rc_release(rc_object_new(&type, 0));
    ck_assert_uint_eq(finalized, 1);
}
END_TEST

START_TEST(a_resurrected_object_deep_in_a_chain_survives)
{
    struct node *phoenix = rc_new(struct node, &phoenix_type);
    struct node *head = phoenix;
    for (int i = 0; i < 100; i++) head = node_new(i, head);
    rc_release(head);
    ck_assert_uint_eq(finalized, 101);
    ck_assert_ptr_eq(survivor, phoenix);
    head = survivor;
    for (int i = 0; i < 100; i++) head = node_new(i, head);
    rc_release(head);
    ck_assert_uint_eq(finalized, 201);
}
END_TEST

/* ---- callbacks ------------------------------------------------------------------------------- */

static void fails_a_call(void *self)
{
    (void)self;
    finalized++;
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_ptr_null(rc_weak_new(NULL));
    ck_assert_int_eq(rc_error_status(), RC_INVALID);
    errno = ENOTTY;
}

START_TEST(a_finalizer_that_fails_calls_leaves_the_last_error_as_it_was)
{
    static const rc_type type = {.name = "failing", .size = 8, .finalize = fails_a_call};
    void *p = rc_object_new(&type, 0), *q = rc_object_new(&type, 0);
    rc_error_clear();
    errno = EXDEV;
    rc_release(p);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    ck_assert_int_eq(errno, EXDEV);
    rc_error_set(RC_BUSY, "mine");
    rc_release(q);
    ck_assert_int_eq(rc_error_status(), RC_BUSY);
    ck_assert_str_eq(rc_error_message(), "mine");
    ck_assert_uint_eq(finalized, 2);
}
END_TEST

static void releases_itself(void *self)
{
    rc_release(self);
}

static void release_a_suicidal_object(void *argument)
{
    static const rc_type type = {.name = "suicidal", .size = 8, .finalize = releases_itself};
    (void)argument;
    rc_release(rc_object_new(&type, 0));
}

START_TEST(a_finalizer_that_releases_its_own_object_stops)
{
    struct child_result result = child_run(release_a_suicidal_object, NULL);
    ck_assert(!WIFEXITED(result.status));
    ck_assert_msg(strstr(result.output, "finalizer of type suicidal released its own object"),
                  "it said: %s", result.output);
}
END_TEST

#ifdef __EXCEPTIONS
static void ends_the_thread(void *self)
{
    (void)self;
    pthread_exit(NULL);
}

static void release_an_object_that_ends_the_thread(void *argument)
{
    static const rc_type type = {.name = "deadly", .size = 8, .finalize = ends_the_thread};
    (void)argument;
    rc_release(rc_object_new(&type, 0));
}

START_TEST(a_finalizer_that_ends_its_thread_stops)
{
    struct child_result result = child_run(release_an_object_that_ends_the_thread, NULL);
    ck_assert(!WIFEXITED(result.status));
    ck_assert_msg(strstr(result.output, "deadly"), "it said: %s", result.output);
}
END_TEST
#else
#error "the tests are built with -fexceptions"
#endif

HARNESS_MAIN("rc/object_end", a_short_chain_is_finalized_from_its_head_and_at_once,
             a_long_chain_is_finalized_completely_and_in_order,
             a_chain_of_a_hundred_thousand_needs_little_stack, a_deep_tree_is_finalized_completely,
             a_chain_of_prefixed_objects_goes_back_to_its_allocator,
             weak_references_into_a_long_chain_all_die_and_report,
             a_doubly_linked_chain_with_weak_back_links_ends_completely,
             a_finalizer_may_create_and_release_other_objects,
             a_finalizer_that_keeps_its_object_resurrects_it_once,
             a_resurrected_object_can_be_weakly_referenced_anew,
             a_weak_reference_made_by_the_finalizer_never_locks,
             a_weak_reference_made_by_a_resurrecting_finalizer_locks_afterwards,
             a_finalizer_may_retain_and_release_its_object,
             a_resurrected_object_deep_in_a_chain_survives,
             a_finalizer_that_fails_calls_leaves_the_last_error_as_it_was,
             a_finalizer_that_releases_its_own_object_stops, a_finalizer_that_ends_its_thread_stops)
