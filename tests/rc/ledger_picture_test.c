/* SPDX-License-Identifier: MIT */
/* What a report calls a leak, a circle, and still reachable; and what it puts together. */
#include "rc/ledger_picture.h"

#include <pthread.h>

#include "buffer/array.h"
#include "rc/cycle.h"
#include "rc/home.h"
#include "tests/rc/ledger_support.h"

HARNESS_EARLY
{
    setenv("RCBUF_TRACE", "record,stacks", 1);
}

struct node {
    struct node *left, *right;
};

static void node_traverse(void *self, rc_visit *visit, void *argument)
{
    struct node *node = self;
    visit(node->left, argument);
    visit(node->right, argument);
}

static void node_clear(void *self)
{
    struct node *node = self;
    rc_clear(&node->left);
    rc_clear(&node->right);
}

static const rc_type node_type = {.name = "node",
                                  .size = sizeof(struct node),
                                  .finalize = node_clear,
                                  .traverse = node_traverse,
                                  .clear = node_clear};

/* The same, of which nobody can tell what it holds. */
static const rc_type opaque_type = {
    .name = "opaque", .size = sizeof(struct node), .finalize = node_clear};

static __attribute__((noinline)) struct node *new_node(const rc_type *type)
{
    struct node *node = rc_new(struct node, type);
    ck_assert_ptr_nonnull(node);
    return node;
}

/* Variables that the report does not see, since they are a malloc block's. */
static struct node **hidden(size_t count)
{
    struct node **variables = calloc(count, sizeof *variables);
    ck_assert_ptr_nonnull(variables);
    return variables;
}

START_TEST(what_a_variable_of_nobody_holds_is_leaked)
{
    LEDGER_OR_SKIP("what_a_variable_of_nobody_holds_is_leaked");
    size_t leaked;
    ck_assert_says(report_of(&leaked), "rcbuf: no object is leaked");
    ck_assert_uint_eq(leaked, 0);
    struct node **root = hidden(1);
    *root = new_node(&node_type);
    (*root)->left = new_node(&node_type);
    const char *text = report_of(&leaked);
    ck_assert_uint_eq(leaked, 2);
    ck_assert_says(text, "Direct leak of");
    ck_assert_says(text, "Indirect leak of");
    ck_assert_says(text, "held by the node at");
    ck_assert_says(text, "leaked in 2 objects");
    rc_release(*root);
    free(root);
}
END_TEST

START_TEST(holders_are_counted_once_each)
{
    LEDGER_OR_SKIP("holders_are_counted_once_each");
    struct node **root = hidden(2), *child = new_node(&node_type);
    for (int i = 0; i < 2; i++) root[i] = new_node(&node_type);
    rc_assign(&root[0]->left, child);
    rc_assign(&root[0]->right, child);
    ck_assert_says(holders_of(child), "held by the node at");
    ck_assert_says_not(holders_of(child), "more object");
    rc_assign(&root[1]->left, child);
    rc_assign(&root[1]->right, child);
    ck_assert_says(holders_of(child), "; and by 1 more object\n");
    rc_release(child);
    for (int i = 0; i < 2; i++) rc_release(root[i]);
    free(root);
}
END_TEST

START_TEST(exporters_are_not_told_twice)
{
    LEDGER_OR_SKIP("exporters_are_not_told_twice");
    size_t leaked;
    rc_array *array = rc_array_copy('d', (double[]){1, 2}, 2);
    rc_view *views[4];
    for (int i = 0; i < 4; i++) views[i] = rc_array_view(array);
    const char *text = report_of(&leaked);
    ck_assert_says(text, "exported since");
    ck_assert_says(text, "held by the rc_array at");
    ck_assert_says_not(text, "held by the rc_view");
    ck_assert_says_not(text, "more object");
    for (int i = 0; i < 4; i++) rc_release(views[i]);
    rc_release(array);
}
END_TEST

START_TEST(what_is_alike_is_one_group)
{
    LEDGER_OR_SKIP("what_is_alike_is_one_group");
    enum { MANY = 7 };
    size_t leaked;
    struct node **roots = hidden(MANY);
    for (int i = 0; i < MANY; i++) roots[i] = new_node(&opaque_type);
    ck_assert_says(report_of(&leaked), "in 7 objects of type opaque: +1 -0, one held since");
    ck_assert_uint_eq(leaked, MANY);
    (void)rc_retain_tagged(roots[0], "other");
    ck_assert_says(report_of(&leaked), "in 6 objects of type opaque");
    ck_assert_says(ledger__text, "in 1 object of type opaque");
    rc_release_tagged(roots[0], "other");
    for (int i = 0; i < MANY; i++) rc_release(roots[i]);
    free(roots);
}
END_TEST

static struct node *static_root;

START_TEST(what_a_static_variable_leads_to_is_still_reachable)
{
    LEDGER_OR_SKIP("what_a_static_variable_leads_to_is_still_reachable");
    size_t leaked;
    static_root = new_node(&opaque_type);
    static_root->left = new_node(&node_type);
    static_root->left->right = new_node(&node_type);
    const char *text = report_of(&leaked);
    ck_assert_uint_eq(leaked, 0);
    ck_assert_says(text, "Still reachable:");
    ck_assert_says(text, "held by the static variable static_root");
    ck_assert_says(text, "in 3 still reachable");
    struct node *dangling = static_root;
    rc_clear(&static_root);
    ck_assert_ptr_nonnull(dangling);
}
END_TEST

START_TEST(what_a_thread_local_variable_leads_to_is_still_reachable)
{
    LEDGER_OR_SKIP("what_a_thread_local_variable_leads_to_is_still_reachable");
    static __thread struct node *mine;
    size_t leaked;
    mine = new_node(&opaque_type);
    ck_assert_says(report_of(&leaked), "held by the static variable");
    ck_assert_uint_eq(leaked, 0);
    rc_clear(&mine);
}
END_TEST

/* So many nodes, each of which holds the next, and the last the first; the caller holds none. */
static struct node *circle(size_t length)
{
    struct node *first = new_node(&node_type), *last = first;
    for (size_t i = 1; i < length; i++) last = last->left = new_node(&node_type);
    rc_assign(&last->left, first);
    rc_release(first);
    return first;
}

static void break_circle(struct node *node)
{
    struct node *next = rc_steal(&node->left);
    rc_release(next);
}

START_TEST(circles_are_told_from_what_they_hold)
{
    LEDGER_OR_SKIP("circles_are_told_from_what_they_hold");
    size_t leaked;
    struct node **roots = hidden(3);
    roots[0] = circle(3);
    roots[0]->right = new_node(&opaque_type);
    roots[1] = circle(1);
    roots[2] = circle(1);
    const char *text = report_of(&leaked);
    ck_assert_uint_eq(leaked, 6);
    ck_assert_says(text, "Cycle of 3 objects");
    ck_assert_says(text, "2 cycles of 1 object");
    ck_assert_says(text, "held by nothing but itself");
    ck_assert_says(text, "of type opaque: +1 -0");
    ck_assert_says_not(text, "Direct leak");
    for (int i = 0; i < 3; i++) break_circle(roots[i]);
    free(roots);
}
END_TEST

START_TEST(a_circle_that_somebody_holds_is_a_leak_of_that_one)
{
    LEDGER_OR_SKIP("a_circle_that_somebody_holds_is_a_leak_of_that_one");
    size_t leaked;
    struct node **root = hidden(1);
    *root = circle(2);
    (void)rc_retain_tagged(*root, "forgotten");
    const char *text = report_of(&leaked);
    ck_assert_says(text, "Direct leak of");
    ck_assert_says(text, "\"forgotten\"");
    ck_assert_says(text, "Indirect leak of");
    ck_assert_says_not(text, "Cycle of");
    rc_release_tagged(*root, "forgotten");
    break_circle(*root);
    free(root);
}
END_TEST

START_TEST(circles_that_lead_to_circles_are_two_things)
{
    LEDGER_OR_SKIP("circles_that_lead_to_circles_are_two_things");
    size_t leaked;
    struct node **roots = hidden(2);
    roots[0] = circle(2);
    roots[1] = circle(4);
    rc_assign(&roots[0]->right, roots[1]);
    const char *text = report_of(&leaked);
    ck_assert_uint_eq(leaked, 6);
    ck_assert_says(text, "Cycle of 2 objects");
    ck_assert_says_not(text, "Cycle of 4 objects");
    ck_assert_says(text, "Indirect leak of");
    break_circle(roots[1]);
    break_circle(roots[0]);
    free(roots);
}
END_TEST

START_TEST(a_large_graph_is_looked_at_without_recursion)
{
    LEDGER_OR_SKIP("a_large_graph_is_looked_at_without_recursion");
    enum { LENGTH = 20000 };
    size_t leaked;
    struct node **root = hidden(1);
    *root = circle(LENGTH);
    ck_assert_says(report_of(&leaked), "Cycle of 20000 objects");
    ck_assert_uint_eq(leaked, LENGTH);
    break_circle(*root);
    free(root);
}
END_TEST

START_TEST(objects_hold_their_home)
{
    LEDGER_OR_SKIP("objects_hold_their_home");
    size_t leaked;
    struct node **root = hidden(1);
    rc_home *home = rc_home_new();
    *root = rc_home_object_new(home, &opaque_type, 0);
    ck_assert_ptr_nonnull(*root);
    rc_release(home);
    const char *text = report_of(&leaked);
    ck_assert_uint_eq(leaked, 2);
    ck_assert_says(text, "Direct leak of 16 bytes in 1 object of type opaque");
    ck_assert_says(text, "held by the opaque at");
    rc_release(*root);
    free(root);
}
END_TEST

/* ---- what waits for its home ----------------------------------------------------------------- */

static void *release_it(void *object)
{
    rc_release(object);
    return NULL;
}

static void release_elsewhere(void *object)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, release_it, object), 0);
    pthread_join(thread, NULL);
}

static rc_home *volatile static_home;

/* Two nodes, each of which holds one of the other type, wait for it. */
static __attribute__((noinline)) void let_two_wait(rc_home *home)
{
    for (int i = 0; i < 2; i++) {
        struct node *node = RC_HOME_NEW(home, struct node, &node_type);
        ck_assert_ptr_nonnull(node);
        node->left = new_node(&opaque_type);
        release_elsewhere(node);
    }
}

START_TEST(what_waits_for_a_home_is_named_with_it)
{
    LEDGER_OR_SKIP("what_waits_for_a_home_is_named_with_it");
    size_t leaked;
    rc_home *home = rc_home_new();
    static_home = home;
    let_two_wait(home);
    const char *text = report_of(&leaked);
    ck_assert_uint_eq(leaked, 0);
    ck_assert_says(text, "Waiting: 32 bytes in 2 objects of type node: +1 -1, waits for "
                         "rc_home_run() of the home made at ");
    ck_assert_says(text, "in what_waits_for_a_home_is_named_with_it");
    ck_assert_says(text, "; 32 in 2 waiting for rc_home_run(); ");
    ck_assert_says(text, "Still reachable: 32 bytes in 2 objects of type opaque");
    ck_assert_uint_eq(rc_home_run(home), 2);
    ck_assert_says_not(report_of(&leaked), "rc_home_run");
    static_home = NULL;
    rc_release(home);
}
END_TEST

START_TEST(what_waits_for_a_home_that_nobody_can_run_is_leaked)
{
    LEDGER_OR_SKIP("what_waits_for_a_home_that_nobody_can_run_is_leaked");
    size_t leaked;
    rc_home *home = rc_home_new();
    let_two_wait(home);
    rc_release(home);
    const char *text = report_of(&leaked);
    ck_assert_uint_eq(leaked, 5);
    ck_assert_says(text, "Direct leak of 32 bytes in 2 objects of type node: +1 -1, waits for ");
    ck_assert_says(text, "Indirect leak of 32 bytes in 2 objects of type opaque");
    ck_assert_says(text, "of type rc_home");
    ck_assert_says_not(text, "waiting for");
    (void)rc_home_run(home);
}
END_TEST

/* ---- at work --------------------------------------------------------------------------------- */

static size_t seen_inside;

static void report_and_clear(void *self)
{
    (void)report_of(&seen_inside);
    node_clear(self);
}

static const rc_type reporting_type = {.name = "reporting",
                                       .size = sizeof(struct node),
                                       .finalize = report_and_clear,
                                       .traverse = node_traverse};

START_TEST(what_a_dying_object_still_holds_is_no_leak)
{
    LEDGER_OR_SKIP("what_a_dying_object_still_holds_is_no_leak");
    struct node **root = hidden(1);
    *root = new_node(&reporting_type);
    (*root)->left = new_node(&node_type);
    (*root)->left->right = new_node(&opaque_type);
    rc_release(*root);
    ck_assert_uint_eq(seen_inside, 0);
    ck_assert_says(ledger__text, "rcbuf: inside of a callback");
    ck_assert_says(ledger__text, "dead, and its end waits");
    free(root);
}
END_TEST

static struct node *victim;

/* As no traverse should: what it ends is not asked any more. */
static void end_victim(void *self, rc_visit *visit, void *argument)
{
    node_traverse(self, visit, argument);
    rc_clear(&victim);
}

static const rc_type ending_type = {
    .name = "ending", .size = sizeof(struct node), .traverse = end_victim};

START_TEST(objects_that_end_while_others_are_asked_are_passed_over)
{
    LEDGER_OR_SKIP("objects_that_end_while_others_are_asked_are_passed_over");
    enum { TRIES = 8 };
    size_t leaked;
    struct node **roots = hidden(1);
    *roots = new_node(&ending_type);
    for (int i = 0; i < TRIES; i++) {
        victim = new_node(&node_type);
        ck_assert_says(report_of(&leaked), "of type ending");
        ck_assert_ptr_null(victim);
    }
    rc_release(*roots);
    free(roots);
}
END_TEST

START_TEST(stacks_name_their_functions)
{
    LEDGER_OR_SKIP("stacks_name_their_functions");
    struct node *node = new_node(&node_type);
    ck_assert_says(holders_of(node), "#0 0x");
    ck_assert_says(holders_of(node), " in new_node ");
    rc_home *home = rc_home_new();
    ck_assert_says_not(holders_of(home), " in rc__");
    rc_release(home);
    rc_release(node);
}
END_TEST

START_TEST(unexplained_references_are_those_that_no_object_holds)
{
    LEDGER_OR_SKIP("unexplained_references_are_those_that_no_object_holds");
#ifdef RCBUF_LEDGER
    struct rc__ledger_picture picture;
    struct node *parent = new_node(&node_type), *child = new_node(&node_type);
    rc_assign(&parent->left, child);
    rc_assign(&parent->right, child);
    ck_assert(rc__ledger_picture_take(&picture));
    const struct rc__ledger_node *node = rc__ledger_node_at(&picture, child);
    ck_assert_uint_eq(node->references, 3);
    ck_assert_uint_eq(node->holders, 2);
    ck_assert_uint_eq(rc__ledger_unexplained(node), 1);
    ck_assert_ptr_null(rc__ledger_node_at(&picture, (const char *)child + 1));
    rc__ledger_picture_drop(&picture);
    rc_release(child);
    rc_release(parent);
#endif
}
END_TEST

HARNESS_MAIN("rc/ledger_picture", what_a_variable_of_nobody_holds_is_leaked,
             holders_are_counted_once_each, exporters_are_not_told_twice,
             what_is_alike_is_one_group, what_a_static_variable_leads_to_is_still_reachable,
             what_a_thread_local_variable_leads_to_is_still_reachable,
             circles_are_told_from_what_they_hold,
             a_circle_that_somebody_holds_is_a_leak_of_that_one,
             circles_that_lead_to_circles_are_two_things,
             a_large_graph_is_looked_at_without_recursion, objects_hold_their_home,
             what_waits_for_a_home_is_named_with_it,
             what_waits_for_a_home_that_nobody_can_run_is_leaked,
             what_a_dying_object_still_holds_is_no_leak,
             objects_that_end_while_others_are_asked_are_passed_over, stacks_name_their_functions,
             unexplained_references_are_those_that_no_object_holds)
