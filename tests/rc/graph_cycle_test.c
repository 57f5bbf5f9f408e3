/* SPDX-License-Identifier: MIT */
/* Cycles in graphs, what a domain tracks, and how large graphs may be. */
#include <pthread.h>

#include "tests/rc/graph_nodes.h"

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
    ck_assert_ptr_nonnull(strstr(dot->caption, "red: part of the cycle"));
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

static rc_cycle_domain *in_use;
static struct dot *from_end;

static void draw_in_use(void *self)
{
    node_clear(self);
    if (in_use) from_end = domain_graph(in_use);
}

START_TEST(a_domain_is_drawn_without_what_ends)
{
    static const rc_type ending_type = {.name = "drawing",
                                        .size = sizeof(struct node),
                                        .finalize = draw_in_use,
                                        .traverse = node_traverse,
                                        .clear = node_clear};
    rc_cycle_domain *domain = in_use = domain_new();
    struct node *kept = node_new(domain, &tidy_type);
    rc_release(node_new(domain, &ending_type));
    in_use = NULL;
    ck_assert_uint_eq(from_end->node_count, 1 + 1);
    ck_assert_ptr_nonnull(dot_node(from_end, "tidy #0"));
    dot_free(from_end);
    rc_release(kept);
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

HARNESS_MAIN("rc/graph_cycle", cycles_are_red_and_what_hangs_on_them_is_not,
             an_object_that_holds_itself_is_a_cycle, what_only_cycles_hold_is_filled,
             what_a_weak_reference_leads_to_is_not_held_by_it,
             what_a_finalizer_released_is_not_followed, a_domain_is_drawn_without_what_ends,
             an_empty_domain_is_an_empty_graph, a_domain_that_is_being_collected_is_not_drawn,
             random_graphs_are_drawn_as_a_model_says, a_ring_of_a_million_takes_a_small_stack)
