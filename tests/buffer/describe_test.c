/* SPDX-License-Identifier: MIT */
/* What buffers, views, chains, pools and arrays are in a graph of who holds whom. */
#include "buffer/array.h"
#include "buffer/chain.h"
#include "buffer/map.h"
#include "buffer/pool.h"
#include "tests/rc/graph_support.h"

/* The label of the one object that is drawn for a root. */
static void check_label(const void *root, const char *label)
{
    struct dot *dot = graph_of(root);
    ck_assert_str_eq(dot_find(dot, "n1")->is.label, label);
    ck_assert(!dot_is_filled(dot_find(dot, "n1")));
    graphviz_draws(dot->text);
    dot_free(dot);
}

static struct dot *graph_of_two(const void *first, const void *second)
{
    const void *roots[] = {first, second};
    return dot_read(graph_text(roots, 2, NULL));
}

static void nothing(void *bytes, size_t size, void *context)
{
    (void)bytes, (void)size, (void)context;
}

/* ---- buffers --------------------------------------------------------------------------------- */

START_TEST(each_kind_of_buffer_says_its_size)
{
    static unsigned char bytes[5000];
    rc_buffer *buffer = rc_buffer_new(64), *large = rc_buffer_new(1 << 20);
    rc_buffer *borrowed = rc_buffer_borrow(bytes, 5000);
    rc_buffer *adopted = rc_buffer_adopt(bytes, 4096, nothing, NULL);
    rc_buffer *mapped = rc_map_memory("describe", 1024);
    check_label(buffer, "rc_buffer\n64 B\n1 reference");
    check_label(large, "rc_buffer\n1 MiB\n1 reference");
    check_label(borrowed, "rc_buffer borrowed\n5000 B, read-only\n1 reference");
    check_label(adopted, "rc_buffer adopted\n4 KiB\n1 reference");
    check_label(mapped, "rc_buffer mapped\n1 KiB\n1 reference");
    ck_assert_int_eq(rc_buffer_freeze(buffer), RC_OK);
    ck_assert_int_eq(rc_buffer_reserve(large, 1 << 21), RC_OK);
    check_label(buffer, "rc_buffer\n64 B, frozen\n1 reference");
    check_label(large, "rc_buffer\n1 MiB, room for 2 MiB\n1 reference");
    rc_release(buffer);
    rc_release(large);
    rc_release(borrowed);
    rc_release(adopted);
    rc_release(mapped);
}
END_TEST

START_TEST(slices_lead_to_their_root_and_share_one_reference)
{
    rc_buffer *root = rc_buffer_new(100), *slice = rc_buffer_slice(root, 10, 50);
    rc_buffer *part = rc_buffer_slice(slice, 5, 7), *empty = rc_buffer_slice(root, 3, 0);
    const void *roots[] = {root, slice, part, empty};
    struct dot *dot = dot_read(graph_text(roots, 4, NULL));
    ck_assert_str_eq(dot_find(dot, "n1")->is.label, "rc_buffer\n100 B\n2 references, 2 exports");
    ck_assert_str_eq(dot_find(dot, "n2")->is.label, "rc_buffer slice\n50 B at 10\n1 reference");
    ck_assert_str_eq(dot_find(dot, "n3")->is.label, "rc_buffer slice\n7 B at 15\n1 reference");
    ck_assert_str_eq(dot_find(dot, "n4")->is.label, "rc_buffer slice\n0 B\n1 reference");
    ck_assert_str_eq(dot_edge(dot, "n2", "n1")->is.label, " root");
    ck_assert_str_eq(dot_edge(dot, "n3", "n1")->is.label, " root");
    ck_assert_ptr_null(dot_edge(dot, "n4", "n1"));
    ck_assert_int_eq(dot_outside(dot, dot_find(dot, "n1")), 1);
    dot_free(dot);
    /* One of the exports is not in the picture, and counts for one; then the buffer's maker leaves. */
    dot = graph_of_two(part, NULL);
    ck_assert_int_eq(dot_outside(dot, dot_node(dot, "rc_buffer\n")), 2);
    dot_free(dot);
    rc_release(root);
    dot = graph_of_two(part, slice);
    ck_assert_str_eq(dot_node(dot, "rc_buffer\n")->is.label,
                     "rc_buffer\n100 B\n1 reference, 2 exports");
    ck_assert_int_eq(dot_outside(dot, dot_node(dot, "rc_buffer\n")), 0);
    ck_assert(!dot_is_filled(dot_node(dot, "rc_buffer\n")));
    dot_free(dot);
    rc_release(part);
    rc_release(slice);
    rc_release(empty);
}
END_TEST

START_TEST(a_buffer_of_a_pool_belongs_to_it_and_does_not_hold_it)
{
    rc_pool *pool = rc_pool_new(4096, 0, 4);
    rc_buffer *first = rc_pool_take(pool), *second = rc_pool_take(pool);
    rc_clear(&second);
    struct dot *dot = graph_of(first);
    ck_assert_str_eq(dot_find(dot, "n1")->is.label, "rc_buffer pooled\n4 KiB\n1 reference");
    ck_assert_str_eq(dot_find(dot, "n2")->is.label,
                     "rc_pool\n4 KiB each, 1 out, 1 idle\n1 reference");
    const struct dot_edge *edge = dot_edge(dot, "n1", "n2");
    ck_assert_str_eq(edge->is.label, " pool");
    ck_assert_str_eq(edge->is.style, "dashed");
    ck_assert_int_eq(dot_outside(dot, dot_find(dot, "n2")), 1);
    dot_free(dot);
    rc_release(pool);
    dot = graph_of(first); /* outlives its pool */
    ck_assert_uint_eq(dot->node_count, 2);
    dot_free(dot);
    rc_release(first);
}
END_TEST

/* ---- what stands on buffers ------------------------------------------------------------------ */

START_TEST(a_view_leads_to_its_buffer_and_says_its_shape)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(96), *slice = rc_buffer_slice(buffer, 0, 48);
    const size_t shape[] = {3, 4};
    struct rc_view_layout layout = {
        .struct_size = sizeof layout, .format = "d", .ndim = 2, .shape = shape, .read_only = true};
    rc_view *view = rc_view_new_with(buffer, &layout), *bytes = rc_view_new(slice, NULL);
    rc_view *records = rc_view_new(slice, "T{i:a:f:b:}");
    const void *roots[] = {view, bytes, records};
    struct dot *dot = dot_read(graph_text(roots, 3, NULL));
    ck_assert_str_eq(dot_find(dot, "n1")->is.label,
                     "rc_view\n3 x 4 of double, read-only\n1 reference");
    ck_assert_str_eq(dot_find(dot, "n2")->is.label, "rc_view\n48 of unsigned char\n1 reference");
    ck_assert_str_eq(dot_find(dot, "n3")->is.label, "rc_view\n6 of 'T{i:a:f:b:}'\n1 reference");
    ck_assert_str_eq(dot_edge_between(dot, "rc_view\n3", "rc_buffer\n")->is.label, " base");
    ck_assert_str_eq(dot_edge_between(dot, "rc_view\n48", "rc_buffer slice")->is.label, " base");
    ck_assert_str_eq(dot_edge_between(dot, "rc_view\n6", "rc_format")->is.label, " format");
    ck_assert_str_eq(dot_node(dot, "rc_format")->is.label, "rc_format\n'T{i:a:f:b:}'\n1 reference");
    /* The buffer: its maker's reference, and that of its exports, a slice and a view. */
    ck_assert_int_eq(dot_outside(dot, dot_node(dot, "rc_buffer\n")), 1);
    ck_assert_int_eq(dot_outside(dot, dot_node(dot, "rc_buffer slice")), 1);
    graphviz_draws(dot->text);
    dot_free(dot);
    rc_release(view);
    rc_release(bytes);
    rc_release(records);
    rc_release(slice);
    rc_release(buffer);
}
END_TEST

START_TEST(a_view_of_many_dimensions_is_cut_short)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(8);
    size_t shape[RC_VIEW_DIMENSIONS_MAX];
    for (size_t i = 0; i < RC_VIEW_DIMENSIONS_MAX; i++) shape[i] = 1;
    struct rc_view_layout layout = {.struct_size = sizeof layout,
                                    .format = "=q",
                                    .ndim = RC_VIEW_DIMENSIONS_MAX,
                                    .shape = shape};
    rc_view *view = rc_view_new_with(buffer, &layout);
    check_label(view, "rc_view\n1 x 1 x 1 x 1 x 1 x 1 x ... of '=q'\n1 reference");
    rc_release(view);
    layout.ndim = 0;
    layout.format = "@i";
    view = rc_view_new_with(buffer, &layout);
    check_label(view, "rc_view\nint\n1 reference");
    rc_release(view);
    rc_release(buffer);
}
END_TEST

START_TEST(an_array_leads_to_its_buffer)
{
    const double items[3] = {1, 2, 3};
    rc_array *array = rc_array_copy('d', items, 3);
    struct dot *dot = graph_of(array);
    ck_assert_str_eq(dot_find(dot, "n1")->is.label, "rc_array\n3 of double\n1 reference");
    ck_assert_str_eq(dot_edge(dot, "n1", "n2")->is.label, " buffer");
    ck_assert_int_eq(dot_outside(dot, dot_find(dot, "n2")), 0);
    dot_free(dot);
    rc_release(array);
}
END_TEST

START_TEST(the_pieces_of_a_chain_that_have_one_root_are_one_arrow)
{
    rc_buffer *root = rc_buffer_new_zeroed(100), *other = rc_buffer_new_zeroed(10);
    rc_chain *chain = rc_chain_new();
    for (size_t i = 0; i < 3; i++) {
        rc_buffer *slice = rc_buffer_slice(root, 20 * i, 10);
        ck_assert_int_eq(rc_chain_append(chain, slice), RC_OK);
        rc_release(slice);
    }
    ck_assert_int_eq(rc_chain_append(chain, other), RC_OK);
    ck_assert_int_eq(rc_chain_append_bytes(chain, "abc", 3), RC_OK);
    struct dot *dot = graph_of_two(chain, root);
    ck_assert_str_eq(dot_find(dot, "n1")->is.label, "rc_chain\n43 B in 5 pieces\n1 reference");
    ck_assert_str_eq(dot_edge(dot, "n1", "n2")->is.label, " piece x 3");
    ck_assert_str_eq(dot_edge(dot, "n1", "n3")->is.label, " piece");
    ck_assert_int_eq(dot_outside(dot, dot_find(dot, "n2")), 1);
    /* What was appended lies in a buffer that has room for more: a piece and a room of one root. */
    bool has_room = false;
    for (size_t i = 0; i < dot->edge_count; i++)
        if (strcmp(dot->edges[i].is.label, " room") == 0) has_room = true;
    ck_assert(has_room);
    graphviz_draws(dot->text);
    dot_free(dot);
    rc_release(chain);
    rc_release(root);
    rc_release(other);
}
END_TEST

START_TEST(the_bytes_of_a_graph_are_those_of_the_account)
{
    struct rc_account before, after;
    rc_account_read(&before);
    rc_buffer *large = rc_buffer_new(100000), *small = rc_buffer_new(100);
    rc_view *view = rc_view_new(large, "d");
    rc_chain *chain = rc_chain_new();
    for (int i = 0; i < 9; i++) {
        rc_buffer *slice = rc_buffer_slice(large, (size_t)i * 10, 5);
        ck_assert_int_eq(rc_chain_append(chain, slice), RC_OK);
        rc_release(slice);
    }
    rc_account_read(&after);
    const void *roots[] = {view, small, chain};
    struct dot *dot = dot_read(graph_text(roots, 3, NULL));
    char caption[64];
    snprintf(caption, sizeof caption, "4 objects, %zu B\n", after.live_bytes - before.live_bytes);
    ck_assert_int_eq(strncmp(dot->caption, caption, strlen(caption)), 0);
    dot_free(dot);
    rc_release(view);
    rc_release(chain);
    rc_release(small);
    rc_release(large);
}
END_TEST

HARNESS_MAIN("buffer/describe", each_kind_of_buffer_says_its_size,
             slices_lead_to_their_root_and_share_one_reference,
             a_buffer_of_a_pool_belongs_to_it_and_does_not_hold_it,
             a_view_leads_to_its_buffer_and_says_its_shape, a_view_of_many_dimensions_is_cut_short,
             an_array_leads_to_its_buffer, the_pieces_of_a_chain_that_have_one_root_are_one_arrow,
             the_bytes_of_a_graph_are_those_of_the_account)
