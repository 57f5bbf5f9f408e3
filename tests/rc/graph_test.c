/* SPDX-License-Identifier: MIT */
/* What is found: objects, references, and what is held from outside. */
#include <pthread.h>

#include "buffer/buffer.h"
#include "rc/home.h"
#include "tests/rc/graph_nodes.h"

/* The label of a node is the text, with the bytes of a struct node in it. */
static RC_PRINTF(2, 0) void check_label(const struct dot_node *node, const char *format)
{
    char text[256];
    snprintf(text, sizeof text, format, sizeof(struct node));
    ck_assert_str_eq(node->is.label, text);
}

/* ---- objects and references ------------------------------------------------------------------ */

START_TEST(without_roots_the_graph_is_empty)
{
    const void *nothing[2] = {NULL, NULL};
    struct dot *none = dot_read(graph_text(NULL, 0, NULL));
    struct dot *nulls = dot_read(graph_text(nothing, 2, NULL));
    ck_assert_uint_eq(none->node_count, 0);
    ck_assert_str_eq(none->caption, "0 objects, 0 B");
    ck_assert_str_eq(none->text, nulls->text);
    dot_free(none);
    dot_free(nulls);
}
END_TEST

START_TEST(an_object_is_drawn_with_type_size_and_count)
{
    void *object = rc_object_new(&leaf_type, 60);
    struct dot *dot = graph_of(object);
    ck_assert_uint_eq(dot->node_count, 2);
    ck_assert_str_eq(dot_find(dot, "n1")->is.label, "leaf\n100 B\n1 reference");
    ck_assert(dot_find(dot, "n1")->is.thick);
    ck_assert(!dot_is_filled(dot_find(dot, "n1")));
    ck_assert_int_eq(dot_outside(dot, dot_find(dot, "n1")), 1);
    ck_assert_str_eq(dot->caption, "1 object, 100 B\ndot: held from outside");
    dot_free(dot);
    rc_release(object);
}
END_TEST

START_TEST(an_arrow_leads_to_each_object_that_is_owned)
{
    struct node *node = plain_node(1);
    node->to[0] = plain_node(2);
    node->to[2] = plain_node(3);
    node->other = rc_object_new(&leaf_type, 0);
    const void *root = node;
    struct dot *dot = named_graph(&root, 1);
    ck_assert_uint_eq(dot->node_count, 4 + 1);
    ck_assert_uint_eq(dot->edge_count, 3 + 1);
    ck_assert_ptr_nonnull(dot_edge_between(dot, "tidy #1", "tidy #2"));
    ck_assert_ptr_nonnull(dot_edge_between(dot, "tidy #1", "tidy #3"));
    ck_assert_ptr_nonnull(dot_edge_between(dot, "tidy #1", "leaf"));
    ck_assert(!dot_is_red(&dot_edge(dot, "n1", "n2")->is));
    ck_assert(!dot_node(dot, "tidy #2")->is.thick);
    dot_free(dot);
    rc_release(node);
}
END_TEST

START_TEST(references_to_the_same_object_are_one_arrow_with_their_number)
{
    struct node *node = plain_node(1);
    node->to[0] = plain_node(2);
    node->to[1] = rc_retain(node->to[0]);
    node->to[2] = rc_retain(node->to[0]);
    const void *root = node;
    struct dot *dot = named_graph(&root, 1);
    ck_assert_uint_eq(dot->edge_count, 1 + 1);
    ck_assert_str_eq(dot_edge(dot, "n1", "n2")->is.label, " x 3");
    ck_assert_int_eq(dot_outside(dot, dot_find(dot, "n2")), 0);
    dot_free(dot);
    rc_release(node);
}
END_TEST

START_TEST(what_others_hold_is_counted_as_held_from_outside)
{
    struct node *first = plain_node(1), *second = plain_node(2);
    first->to[0] = second;
    for (int i = 0; i < 3; i++) (void)rc_retain(second);
    const void *roots[] = {first, NULL, first};
    struct dot *dot = named_graph(roots, 3);
    ck_assert_int_eq(dot_outside(dot, dot_node(dot, "tidy #1")), 1);
    ck_assert_int_eq(dot_outside(dot, dot_node(dot, "tidy #2")), 3);
    ck_assert_ptr_nonnull(strstr(dot_node(dot, "tidy #2")->is.label, "4 references"));
    dot_free(dot);
    for (int i = 0; i < 3; i++) rc_release(second);
    rc_release(first);
}
END_TEST

START_TEST(roots_are_thick_and_may_be_named_twice)
{
    struct node *first = plain_node(1), *second = plain_node(2);
    first->to[0] = rc_retain(second);
    const void *roots[] = {second, first, second};
    struct dot *dot = named_graph(roots, 3);
    check_label(dot_find(dot, "n1"), "tidy #2\n%zu B\n2 references");
    ck_assert(dot_find(dot, "n1")->is.thick && dot_find(dot, "n2")->is.thick);
    ck_assert_int_eq(dot_outside(dot, dot_find(dot, "n1")), 1);
    dot_free(dot);
    rc_release(first);
    rc_release(second);
}
END_TEST

START_TEST(immortal_objects_say_so_and_hold_what_they_own)
{
    static struct node *node;
    node = plain_node(1);
    node->to[0] = plain_node(2);
    rc_make_immortal(node->to[0]);
    rc_make_immortal(node);
    const void *root = node;
    struct dot *dot = named_graph(&root, 1);
    ck_assert_ptr_nonnull(strstr(dot_find(dot, "n1")->is.label, "\nimmortal"));
    ck_assert(!dot_is_filled(dot_find(dot, "n2")));
    ck_assert_uint_eq(dot->edge_count, 1);
    dot_free(dot);
}
END_TEST

START_TEST(an_object_holds_its_home)
{
    rc_home *home = rc_home_new();
    void *object = rc_home_object_new(home, &leaf_type, 0);
    struct dot *dot = graph_of(object);
    ck_assert_str_eq(dot_edge_between(dot, "leaf", "rc_home")->is.label, " home");
    ck_assert_int_eq(dot_outside(dot, dot_node(dot, "rc_home")), 1);
    dot_free(dot);
    rc_release(object);
    rc_release(home);
}
END_TEST

START_TEST(a_weak_reference_leads_to_what_it_does_not_hold)
{
    struct node *node = plain_node(1);
    node->other = rc_weak_new(node);
    const void *root = node->other;
    struct dot *dot = named_graph(&root, 1);
    ck_assert_str_eq(dot_find(dot, "n1")->is.label, "rc_weak\n1 reference");
    ck_assert_str_eq(dot_edge(dot, "n1", "n2")->is.label, " weak");
    ck_assert_str_eq(dot_edge(dot, "n1", "n2")->is.style, "dashed");
    ck_assert(!dot_is_red(&dot_find(dot, "n2")->is)); /* the way back is no reference: no cycle */
    ck_assert_int_eq(dot_outside(dot, dot_find(dot, "n2")), 1);
    dot_free(dot);
    rc_weak *weak = rc_retain(node->other);
    rc_release(node);
    dot = graph_of(weak);
    ck_assert_str_eq(dot_find(dot, "n1")->is.label, "rc_weak\ndead\n1 reference");
    dot_free(dot);
    rc_release(weak);
}
END_TEST

/* ---- other threads --------------------------------------------------------------------------- */

enum { DRAWINGS = 50 };

static bool is_drawn; /* often enough */

static void *count_and_slice(void *buffer)
{
    while (!__atomic_load_n(&is_drawn, __ATOMIC_RELAXED)) {
        rc_release(rc_retain(buffer));
        rc_release(rc_buffer_slice(buffer, 1, 2));
    }
    return NULL;
}

START_TEST(counts_may_change_while_a_graph_is_drawn)
{
    rc_buffer *buffer = rc_buffer_new(100);
    struct node *node = plain_node(1);
    node->other = rc_buffer_slice(buffer, 0, 10);
    const void *roots[] = {node, buffer};
    pthread_t thread;
    is_drawn = false;
    ck_assert_int_eq(pthread_create(&thread, NULL, count_and_slice, buffer), 0);
    for (int i = 0; i < DRAWINGS; i++) {
        struct dot *dot = named_graph(roots, 2);
        ck_assert_ptr_nonnull(dot_edge_between(dot, "tidy #1", "rc_buffer slice"));
        dot_free(dot);
    }
    __atomic_store_n(&is_drawn, true, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    rc_release(node);
    rc_release(buffer);
}
END_TEST

START_TEST(a_biased_object_is_counted_as_its_owner_counts)
{
    static const rc_type biased_type = {.name = "biased", .size = 8, .flags = RC_TYPE_BIASED};
    void *object = rc_object_new(&biased_type, 0);
    (void)rc_retain(object);
    struct dot *dot = graph_of(object);
    ck_assert_str_eq(dot_find(dot, "n1")->is.label, "biased\n8 B\n2 references");
    ck_assert_int_eq(dot_outside(dot, dot_find(dot, "n1")), 2);
    dot_free(dot);
    rc_release(object);
    rc_release(object);
}
END_TEST

/* ---- objects that end ------------------------------------------------------------------------ */

static char *from_finalizer;

static void draw_self(void *self)
{
    const void *root = self;
    from_finalizer = graph_text(&root, 1, &named);
    drop(self);
}

static const rc_type drawing_type = NODE_TYPE("drawing", draw_self);

START_TEST(an_object_that_ends_is_drawn_and_not_followed)
{
    struct node *node = rc_new(struct node, &drawing_type);
    node->to[0] = plain_node(2);
    rc_release(node);
    struct dot *dot = dot_read(from_finalizer);
    ck_assert_uint_eq(dot->node_count, 1);
    check_label(dot_find(dot, "n1"), "drawing\n%zu B\nending");
    ck_assert(!dot_is_filled(dot_find(dot, "n1")));
    dot_free(dot);
}
END_TEST

static void *release_elsewhere(void *object)
{
    rc_release(object);
    return NULL;
}

START_TEST(an_object_that_waits_in_its_home_is_ending)
{
    rc_home *home = rc_home_new();
    void *object = rc_home_object_new(home, &leaf_type, 0);
    rc_weak *weak = rc_weak_new(object);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, release_elsewhere, object), 0);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(rc_home_waiting(home), 1);
    struct dot *dot = graph_of(weak);
    ck_assert_str_eq(dot_node(dot, "leaf")->is.label, "leaf\n40 B\nending");
    ck_assert_uint_eq(dot->node_count, 2 + 1);
    dot_free(dot);
    ck_assert_uint_eq(rc_home_run(home), 1);
    rc_release(weak);
    rc_release(home);
}
END_TEST

static void tell_twice(void *self, rc_visit *visit, void *argument)
{
    node_traverse(self, visit, argument);
    node_traverse(self, visit, argument);
}

START_TEST(a_traverse_that_tells_too_many_is_told)
{
    static const rc_type lying_type = {.name = "lying",
                                       .size = sizeof(struct node),
                                       .finalize = tidy_finalize,
                                       .traverse = tell_twice,
                                       .clear = node_clear};
    struct node *node = rc_new(struct node, &lying_type);
    node->to[0] = plain_node(2);
    struct dot *dot = graph_of(node);
    check_label(dot_find(dot, "n2"), "tidy\n%zu B\n1 reference\ntraverse tells 1 too many");
    dot_free(dot);
    rc_release(node);
}
END_TEST

HARNESS_MAIN("rc/graph", without_roots_the_graph_is_empty,
             an_object_is_drawn_with_type_size_and_count,
             an_arrow_leads_to_each_object_that_is_owned,
             references_to_the_same_object_are_one_arrow_with_their_number,
             what_others_hold_is_counted_as_held_from_outside,
             roots_are_thick_and_may_be_named_twice, immortal_objects_say_so_and_hold_what_they_own,
             an_object_holds_its_home, a_weak_reference_leads_to_what_it_does_not_hold,
             counts_may_change_while_a_graph_is_drawn,
             a_biased_object_is_counted_as_its_owner_counts,
             an_object_that_ends_is_drawn_and_not_followed,
             an_object_that_waits_in_its_home_is_ending, a_traverse_that_tells_too_many_is_told)
