/* SPDX-License-Identifier: MIT */
/* What is found: objects, references, cycles, and what is held from outside. */
#include <pthread.h>

#include "buffer/buffer.h"
#include "rc/home.h"
#include "tests/rc/cycle_support.h"
#include "tests/rc/graph_support.h"

static const rc_type leaf_type = {.name = "leaf", .size = 40};

static struct node *plain_node(int id)
{
    struct node *node = rc_new(struct node, &tidy_type);
    ck_assert_ptr_nonnull(node);
    node->id = id;
    return node;
}

/* "#7" for the node whose id that is. */
static void name_by_id(const void *object, char *text, size_t size, void *context)
{
    (void)context;
    if (rc_type_of(object)->traverse == node_traverse)
        snprintf(text, size, "#%d", ((const struct node *)object)->id);
}

static const struct rc_graph_options named = {
    .struct_size = sizeof named, .limit = SIZE_MAX, .name = name_by_id};

static struct dot *named_graph(const void *const *roots, size_t count)
{
    return dot_read(graph_text(roots, count, &named));
}

static struct dot *domain_graph(rc_cycle_domain *domain)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_int_eq(rc_graph_write_domain(stream, domain, &named), RC_OK);
    fclose(stream);
    return dot_read(text);
}

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

/* ---- cycles ---------------------------------------------------------------------------------- */

START_TEST(cycles_are_red_and_what_hangs_on_them_is_not)
{
    rc_cycle_domain *domain = domain_new();
    struct node *ring = ring_new(domain, &tidy_type, 3), *holder = plain_node(9);
    holder->to[0] = rc_retain(ring);
    ring->to[1] = plain_node(8);
    const void *root = holder;
    struct dot *dot = named_graph(&root, 1);
    for (int i = 0; i < 3; i++) {
        char name[24];
        snprintf(name, sizeof name, "tidy #%d", i);
        ck_assert(dot_is_red(&dot_node(dot, name)->is));
    }
    ck_assert(dot_is_red(&dot_edge_between(dot, "tidy #2", "tidy #0")->is));
    ck_assert(!dot_is_red(&dot_node(dot, "tidy #9")->is));
    ck_assert(!dot_is_red(&dot_node(dot, "tidy #8")->is));
    ck_assert(!dot_is_red(&dot_edge_between(dot, "tidy #9", "tidy #0")->is));
    ck_assert(!dot_is_red(&dot_edge_between(dot, "tidy #0", "tidy #8")->is));
    ck_assert_ptr_nonnull(strstr(dot->caption, "red: part of a cycle, of 1"));
    dot_free(dot);
    rc_release(holder);
    rc_release(ring);
    rc_release(domain);
}
END_TEST

START_TEST(an_object_that_holds_itself_is_a_cycle)
{
    struct node *node = plain_node(1);
    node->to[0] = rc_retain(node);
    struct dot *dot = graph_of(node);
    ck_assert(dot_is_red(&dot_find(dot, "n1")->is));
    ck_assert(dot_is_red(&dot_edge(dot, "n1", "n1")->is));
    ck_assert_int_eq(dot_outside(dot, dot_find(dot, "n1")), 1);
    dot_free(dot);
    rc_clear(&node->to[0]);
    rc_release(node);
}
END_TEST

START_TEST(what_only_cycles_hold_is_filled)
{
    rc_cycle_domain *domain = domain_new();
    struct node *kept = ring_new(domain, &tidy_type, 2), *lost = ring_new(domain, &lazy_type, 3);
    lost->other = rc_object_new(&leaf_type, 0);
    rc_release(lost);
    struct dot *dot = domain_graph(domain);
    ck_assert_uint_eq(dot->node_count, 2 + 3 + 1 + 1);
    ck_assert(dot_is_filled(dot_node(dot, "lazy #0")) && dot_is_filled(dot_node(dot, "lazy #2")));
    ck_assert(dot_is_filled(dot_node(dot, "leaf")));
    ck_assert(!dot_is_red(&dot_node(dot, "leaf")->is));
    ck_assert(!dot_is_filled(dot_node(dot, "tidy #0")) && !dot_is_filled(dot_node(dot, "tidy #1")));
    ck_assert(!dot_node(dot, "tidy #0")->is.thick);
    ck_assert_ptr_nonnull(strstr(dot->caption, "filled: held by nothing outside"));
    dot_free(dot);
    ck_assert_uint_eq(rc_cycle_collect(domain), 3);
    dot = domain_graph(domain);
    ck_assert_uint_eq(dot->node_count, 2 + 1);
    ck_assert_ptr_null(strstr(dot->caption, "filled"));
    dot_free(dot);
    rc_release(kept);
    rc_release(domain);
}
END_TEST

START_TEST(what_a_weak_reference_leads_to_is_not_held_by_it)
{
    rc_cycle_domain *domain = domain_new();
    struct node *lost = ring_new(domain, &lazy_type, 2), *kept = node_new(domain, &tidy_type);
    kept->other = rc_weak_new(lost);
    rc_release(lost);
    struct dot *dot = domain_graph(domain);
    ck_assert_ptr_nonnull(dot_edge_between(dot, "rc_weak", "lazy #0\n"));
    ck_assert(dot_is_filled(dot_node(dot, "lazy #0\n")));
    ck_assert(!dot_is_filled(dot_node(dot, "rc_weak")));
    dot_free(dot);
    rc_release(kept);
    rc_release(domain);
}
END_TEST

START_TEST(what_a_finalizer_released_is_not_followed)
{
    rc_cycle_domain *domain = domain_new();
    struct node *saves = node_new(domain, &saving_type);
    saves->to[0] = node_new(domain, &plain_type);
    saves->to[0]->to[0] = rc_retain(saves);
    rc_release(saves);
    ck_assert_uint_eq(rc_cycle_collect(domain), 0);
    ck_assert_ptr_eq(saved, saves);
    struct dot *dot = domain_graph(domain);
    ck_assert_ptr_nonnull(dot_edge_between(dot, "saving", "plain"));
    ck_assert_ptr_null(dot_edge_between(dot, "plain", "saving"));
    ck_assert_ptr_null(strstr(dot->text, "too many"));
    dot_free(dot);
    rc_clear(&saved);
    rc_release(domain);
}
END_TEST

START_TEST(an_empty_domain_is_an_empty_graph)
{
    rc_cycle_domain *domain = domain_new();
    struct dot *dot = domain_graph(domain);
    ck_assert_uint_eq(dot->node_count, 0);
    dot_free(dot);
    rc_release(domain);
}
END_TEST

static rc_cycle_domain *in_use;
static enum rc_status while_in_use;

static void draw_domain(void *self)
{
    node_clear(self);
    if (in_use) while_in_use = rc_graph_write_domain(stdout, in_use, NULL);
}

START_TEST(a_domain_that_is_being_collected_is_not_drawn)
{
    static const rc_type busy_type = {.name = "busy",
                                      .size = sizeof(struct node),
                                      .finalize = draw_domain,
                                      .traverse = node_traverse,
                                      .clear = node_clear};
    rc_cycle_domain *domain = in_use = domain_new();
    rc_release(ring_new(domain, &busy_type, 1));
    ck_assert_uint_eq(rc_cycle_collect(domain), 1);
    ck_assert_int_eq(while_in_use, RC_BUSY);
    in_use = NULL;
    rc_release(domain);
}
END_TEST

/* ---- against a model ------------------------------------------------------------------------- */

enum { NODES = 9, GRAPHS = 300 };

static unsigned next_random(unsigned *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

struct model {
    struct node *nodes[NODES];
    int edges[NODES][NODES];
    bool leads[NODES][NODES]; /* by one reference or more */
    bool is_kept[NODES];      /* the test holds it */
};

static void make_model(struct model *model, rc_cycle_domain *domain, unsigned *random)
{
    memset(model, 0, sizeof *model);
    for (int i = 0; i < NODES; i++) {
        model->nodes[i] = node_new(domain, &tidy_type);
        model->nodes[i]->id = i;
    }
    for (int i = 0; i < NODES; i++)
        for (int edge = 0; edge < EDGES; edge++) {
            unsigned to = next_random(random) % (NODES * 2);
            if (to >= NODES) continue;
            model->nodes[i]->to[edge] = rc_retain(model->nodes[to]);
            model->edges[i][to]++;
            model->leads[i][to] = true;
        }
    for (int middle = 0; middle < NODES; middle++)
        for (int i = 0; i < NODES; i++)
            for (int j = 0; j < NODES; j++)
                if (model->leads[i][middle] && model->leads[middle][j]) model->leads[i][j] = true;
    for (int i = 0; i < NODES; i++) model->is_kept[i] = next_random(random) % 4 == 0;
}

static bool is_held(const struct model *model, int node)
{
    for (int i = 0; i < NODES; i++)
        if (model->is_kept[i] && (i == node || model->leads[i][node])) return true;
    return false;
}

/* The test holds it, or a cycle, or what one of these holds. */
static bool is_alive(const struct model *model, int node)
{
    if (is_held(model, node)) return true;
    for (int i = 0; i < NODES; i++)
        if (model->leads[i][i] && model->leads[i][node]) return true;
    return false;
}

static void check_model(const struct model *model, const struct dot *dot)
{
    size_t alive = 0;
    for (int i = 0; i < NODES; i++) {
        if (!is_alive(model, i)) continue;
        alive++;
        char name[24];
        snprintf(name, sizeof name, "tidy #%d\n", i);
        const struct dot_node *node = dot_node(dot, name);
        ck_assert_int_eq(dot_is_red(&node->is), model->leads[i][i]);
        ck_assert_int_eq(dot_is_filled(node), !is_held(model, i));
        ck_assert_int_eq(dot_outside(dot, node), model->is_kept[i]);
        for (int j = 0; j < NODES; j++) {
            if (!is_alive(model, j)) continue;
            snprintf(name, sizeof name, "tidy #%d\n", j);
            const struct dot_edge *edge = dot_edge(dot, node->id, dot_node(dot, name)->id);
            ck_assert_int_eq(edge != NULL, model->edges[i][j] > 0);
            if (!edge) continue;
            ck_assert_int_eq(dot_is_red(&edge->is), model->leads[j][i]);
            ck_assert_int_eq(edge->is.label[0] ? atoi(edge->is.label + 3) : 1, model->edges[i][j]);
        }
    }
    char caption[32];
    snprintf(caption, sizeof caption, "%zu object", alive);
    ck_assert_int_eq(strncmp(dot->caption, caption, strlen(caption)), 0);
}

START_TEST(random_graphs_are_drawn_as_a_model_says)
{
    unsigned random = 2463534242u;
    for (int round = 0; round < GRAPHS; round++) {
        rc_cycle_domain *domain = domain_new();
        struct model model;
        make_model(&model, domain, &random);
        for (int i = 0; i < NODES; i++)
            if (!model.is_kept[i]) rc_release(model.nodes[i]);
        struct dot *dot = domain_graph(domain);
        check_model(&model, dot);
        dot_free(dot);
        for (int i = 0; i < NODES; i++)
            if (model.is_kept[i]) rc_release(model.nodes[i]);
        rc_release(domain);
    }
}
END_TEST

/* ---- size ------------------------------------------------------------------------------------ */

enum { LONG = 1000000, SMALL_STACK = 128 * 1024 };

static void *draw_long(void *list)
{
    const void *root = list;
    struct rc_graph_options few = {.struct_size = sizeof few, .limit = 3};
    return graph_text(&root, 1, &few);
}

/* A ring, so that the search for cycles is as deep as it can be. */
START_TEST(a_ring_of_a_million_takes_a_small_stack)
{
    struct node *first = plain_node(0), *last = first;
    for (int i = 1; i < LONG; i++) last = last->to[0] = plain_node(i);
    last->to[0] = rc_retain(first);
    pthread_attr_t attributes;
    pthread_t thread;
    void *text;
    pthread_attr_init(&attributes);
    ck_assert_int_eq(pthread_attr_setstacksize(&attributes, SMALL_STACK), 0);
    ck_assert_int_eq(pthread_create(&thread, &attributes, draw_long, first), 0);
    pthread_join(thread, &text);
    pthread_attr_destroy(&attributes);
    struct dot *dot = dot_read(text);
    char rest[96];
    snprintf(rest, sizeof rest, "and %d objects more, %zu B\n%d of them in cycles", LONG - 3,
             (LONG - 3) * sizeof(struct node), LONG - 3);
    ck_assert_str_eq(dot_node(dot, "and ")->is.label, rest);
    ck_assert(dot_is_red(&dot_find(dot, "n1")->is));
    ck_assert_int_eq(dot_outside(dot, dot_find(dot, "n1")), 1);
    dot_free(dot);
    rc_clear(&last->to[0]);
    rc_release(first);
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
             an_object_that_waits_in_its_home_is_ending, a_traverse_that_tells_too_many_is_told,
             cycles_are_red_and_what_hangs_on_them_is_not, an_object_that_holds_itself_is_a_cycle,
             what_only_cycles_hold_is_filled, what_a_weak_reference_leads_to_is_not_held_by_it,
             what_a_finalizer_released_is_not_followed, an_empty_domain_is_an_empty_graph,
             a_domain_that_is_being_collected_is_not_drawn, random_graphs_are_drawn_as_a_model_says,
             a_ring_of_a_million_takes_a_small_stack)
