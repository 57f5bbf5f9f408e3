/* SPDX-License-Identifier: MIT */
/* The graph of all that is alive, with a ledger and without one; and streams that end it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* fopencookie */
#endif
#include "buffer/view.h"
#include "rc/ledger.h"
#include "tests/rc/graph_support.h"

HARNESS_EARLY
{
    setenv("RCBUF_TRACE", "record", 1);
}

static char *alive_text(const struct rc_graph_options *options)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_int_eq(rc_graph_write_alive(stream, options), RC_OK);
    fclose(stream);
    return text;
}

/* False, and told, where there is nothing to draw. */
static bool has_ledger(void)
{
    if (rc_ledger_is_on()) return true;
    printf("skipped: this library keeps no ledger: what is alive is not known\n");
    return false;
}

START_TEST(without_a_ledger_the_call_says_so)
{
    if (rc_ledger_is_on()) {
        ck_assert_int_eq(rc_graph_write_alive(NULL, NULL), RC_INVALID);
        return;
    }
    ck_assert_int_eq(rc_graph_write_alive(stdout, NULL), RC_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(rc_error_message(), "RCBUF_TRACE=record"));
}
END_TEST

START_TEST(a_buffer_is_drawn_with_its_slices_and_views)
{
    if (!has_ledger()) return;
    rc_buffer *buffer = rc_buffer_new_zeroed(64), *slice = rc_buffer_slice(buffer, 8, 16);
    rc_view *view = rc_view_new(slice, "i");
    struct dot *dot = dot_read(alive_text(NULL));
    ck_assert_str_eq(dot_find(dot, "n1")->is.label, "rc_buffer\n64 B\n2 references, 1 export");
    ck_assert_str_eq(dot_find(dot, "n2")->is.label, "rc_buffer slice\n16 B at 8\n2 references");
    ck_assert_str_eq(dot_find(dot, "n3")->is.label, "rc_view\n4 of int\n1 reference");
    ck_assert_ptr_nonnull(dot_edge(dot, "n2", "n1"));
    ck_assert_ptr_nonnull(dot_edge(dot, "n3", "n2"));
    ck_assert(!dot_find(dot, "n1")->is.thick);
    dot_free(dot);
    rc_release(view);
    rc_release(slice);
    rc_release(buffer);
}
END_TEST

START_TEST(what_ended_is_not_drawn)
{
    if (!has_ledger()) return;
    for (int i = 0; i < 100; i++) rc_release(rc_buffer_new(100));
    rc_buffer *kept[70];
    for (int i = 0; i < 70; i++) kept[i] = rc_buffer_new((size_t)i + 1);
    for (int i = 0; i < 69; i++) rc_release(kept[i]);
    struct dot *dot = dot_read(alive_text(NULL));
    ck_assert_str_eq(dot_find(dot, "n1")->is.label, "rc_buffer\n70 B\n1 reference");
    ck_assert_uint_eq(dot->node_count, 2);
    dot_free(dot);
    rc_release(kept[69]);
    dot = dot_read(alive_text(NULL));
    ck_assert_uint_eq(dot->node_count, 0);
    dot_free(dot);
}
END_TEST

START_TEST(objects_are_drawn_in_the_order_of_their_making)
{
    if (!has_ledger()) return;
    rc_buffer *buffers[300];
    for (int i = 0; i < 300; i++) buffers[i] = rc_buffer_new((size_t)i * 2 + 1);
    struct rc_graph_options options = {.struct_size = sizeof options, .limit = 250};
    struct dot *dot = dot_read(alive_text(&options));
    for (int i = 0; i < 250; i++) {
        char id[24], label[64];
        snprintf(id, sizeof id, "n%d", i + 1);
        snprintf(label, sizeof label, "rc_buffer\n%d B\n1 reference", i * 2 + 1);
        ck_assert_str_eq(dot_find(dot, id)->is.label, label);
    }
    ck_assert_ptr_nonnull(strstr(dot_find(dot, "rest")->is.label, "and 50 objects more"));
    dot_free(dot);
    for (int i = 0; i < 300; i++) rc_release(buffers[i]);
}
END_TEST

static enum rc_status in_finalizer;

static void draw_alive(void *self)
{
    (void)self;
    in_finalizer = rc_graph_write_alive(stdout, NULL);
}

START_TEST(a_finalizer_is_told_that_objects_may_be_half_ended)
{
    static const rc_type drawing_type = {.name = "drawing", .size = 8, .finalize = draw_alive};
    if (!has_ledger()) return;
    rc_release(rc_object_new(&drawing_type, 0));
    ck_assert_int_eq(in_finalizer, RC_BUSY);
}
END_TEST

/* ---- a stream that ends objects -------------------------------------------------------------- */

enum { ENDED = 40 };

static void *ended[ENDED];

static ssize_t end_all(void *unused, const char *text, size_t size)
{
    (void)unused, (void)text;
    for (int i = 0; i < ENDED; i++) rc_clear(&ended[i]);
    return (ssize_t)size;
}

/* Each byte is written by itself. */
static FILE *open_ending(void)
{
    FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = end_all});
    ck_assert_ptr_nonnull(stream);
    setvbuf(stream, NULL, _IONBF, 0);
    return stream;
}

START_TEST(a_stream_may_end_what_is_drawn)
{
    const void *roots[ENDED];
    for (int i = 0; i < ENDED; i++) roots[i] = ended[i] = rc_buffer_new_zeroed(100);
    FILE *stream = open_ending();
    ck_assert_int_eq(rc_graph_write(stream, roots, ENDED, NULL), RC_OK);
    ck_assert_ptr_null(ended[ENDED - 1]);
    fclose(stream);
}
END_TEST

START_TEST(a_stream_may_end_what_is_alive)
{
    if (!has_ledger()) return;
    for (int i = 0; i < ENDED; i++) ended[i] = rc_buffer_new_zeroed(100);
    FILE *stream = open_ending();
    ck_assert_int_eq(rc_graph_write_alive(stream, NULL), RC_OK);
    ck_assert_ptr_null(ended[ENDED - 1]);
    fclose(stream);
}
END_TEST

static void visit_nothing(void *self, rc_visit *visit, void *argument)
{
    (void)self, (void)visit, (void)argument;
}

static void clear_nothing(void *self)
{
    (void)self;
}

static const rc_type tracked_type = {
    .name = "tracked", .size = 8, .traverse = visit_nothing, .clear = clear_nothing};

START_TEST(a_stream_may_end_what_a_domain_tracks)
{
    rc_cycle_domain *domain = rc_cycle_domain_new();
    for (int i = 0; i < ENDED; i++) {
        ended[i] = rc_object_new(&tracked_type, 0);
        ck_assert_int_eq(rc_cycle_track(domain, ended[i]), RC_OK);
    }
    FILE *stream = open_ending();
    ck_assert_int_eq(rc_graph_write_domain(stream, domain, NULL), RC_OK);
    ck_assert_ptr_null(ended[ENDED - 1]);
    fclose(stream);
    rc_release(domain);
}
END_TEST

/* ---- without memory -------------------------------------------------------------------------- */

START_TEST(without_memory_nothing_is_left)
{
    if (!has_ledger()) return;
    rc_buffer *buffer = rc_buffer_new(100);
    FILE *stream = fopen("/dev/null", "w");
    size_t failures = 0;
    for (enum rc_status status = RC_NO_MEMORY; status != RC_OK; failures++) {
        struct rc_failing_allocator failing;
        rc_failing_allocator_init(&failing, NULL, failures + 1, true);
        rc_allocator_set_default(&failing.allocator);
        status = rc_graph_write_alive(stream, NULL);
        rc_allocator_set_default(NULL);
        ck_assert(status == RC_OK || status == RC_NO_MEMORY);
    }
    ck_assert_uint_ge(failures, 4);
    fclose(stream);
    rc_release(buffer);
}
END_TEST

HARNESS_MAIN("rc/graph_alive", without_a_ledger_the_call_says_so,
             a_buffer_is_drawn_with_its_slices_and_views, what_ended_is_not_drawn,
             objects_are_drawn_in_the_order_of_their_making,
             a_finalizer_is_told_that_objects_may_be_half_ended, a_stream_may_end_what_is_drawn,
             a_stream_may_end_what_is_alive, a_stream_may_end_what_a_domain_tracks,
             without_memory_nothing_is_left)
