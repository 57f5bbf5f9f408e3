/* SPDX-License-Identifier: MIT */
/* What is written: names, limits, options, and what happens where writing or memory fails. */
#include <errno.h>
#include <fcntl.h>

#include "rc/try.h"
#include "tests/child.h"
#include "tests/rc/graph_support.h"

struct node {
    struct node *first, *second;
    int id;
};

static void node_traverse(void *self, rc_visit *visit, void *argument)
{
    struct node *node = self;
    visit(node->first, argument);
    visit(node->second, argument);
}

static void node_clear(void *self)
{
    struct node *node = self;
    rc_clear(&node->first);
    rc_clear(&node->second);
}

static const rc_type node_type = {.name = "node",
                                  .size = sizeof(struct node),
                                  .finalize = node_clear,
                                  .traverse = node_traverse,
                                  .clear = node_clear};

/* A tree of that many levels. */
static struct node *tree(int levels)
{
    static int id;
    struct node *node = rc_new(struct node, &node_type);
    ck_assert_ptr_nonnull(node);
    node->id = id++;
    if (levels == 1) return node;
    node->first = tree(levels - 1);
    node->second = tree(levels - 1);
    return node;
}

/* ---- names ----------------------------------------------------------------------------------- */

#define ODD      "\"q\" \\N b\\ <b>&lt;& {|} \xc3\xa9 \xf0\x9f\x98\x80 \x7f"
#define BAD      "\xef\xbf\xbd"
#define ODD_MORE "\t\x1b \xc3 \x80 \xed\xa0\x80"

START_TEST(names_may_have_any_characters)
{
    static const rc_type odd_type = {.name = ODD ODD_MORE "\nend", .size = 8};
    void *object = rc_object_new(&odd_type, 0);
    struct dot *dot = graph_of(object);
    ck_assert_str_eq(dot_find(dot, "n1")->is.label,
                     ODD BAD BAD " " BAD " " BAD " " BAD BAD BAD "\nend\n8 B\n1 reference");
    graphviz_draws(dot->text);
    dot_free(dot);
    rc_release(object);
}
END_TEST

static void long_name(const void *object, char *text, size_t size, void *context)
{
    ck_assert_ptr_nonnull(object);
    ck_assert_str_eq(text, "");
    ++*(int *)context;
    memset(text, 'x', size);
}

START_TEST(a_name_is_cut_where_its_room_ends)
{
    struct node *node = tree(2);
    const void *root = node;
    int calls = 0;
    struct rc_graph_options options = {
        .struct_size = sizeof options, .limit = 2, .name = long_name, .context = &calls};
    struct dot *dot = dot_read(graph_text(&root, 1, &options));
    ck_assert_int_eq(calls, 2);
    ck_assert_int_eq(strncmp(dot_find(dot, "n1")->is.label, "node xxx", 8), 0);
    ck_assert_ptr_nonnull(strstr(dot_find(dot, "n1")->is.label, "x\n"));
    dot_free(dot);
    rc_release(node);
}
END_TEST

/* ---- the same text each time ----------------------------------------------------------------- */

START_TEST(the_same_objects_are_the_same_text)
{
    struct node *one = tree(4), *other = tree(4);
    const void *roots[] = {one, other};
    char *first = graph_text(&roots[0], 1, NULL), *second = graph_text(&roots[1], 1, NULL);
    ck_assert_str_eq(first, second);
    ck_assert_ptr_null(strstr(first, "0x"));
    graphviz_draws(first);
    free(first);
    free(second);
    rc_release(one);
    rc_release(other);
}
END_TEST

START_TEST(addresses_are_written_where_they_are_asked_for)
{
    struct node *node = tree(1);
    const void *root = node;
    struct rc_graph_options options = {
        .struct_size = sizeof options, .addresses = true, .across = true};
    char *text = graph_text(&root, 1, &options), address[32];
    snprintf(address, sizeof address, "\\n%p\"", (void *)node);
    ck_assert_ptr_nonnull(strstr(text, address));
    ck_assert_ptr_nonnull(strstr(text, "rankdir=LR"));
    free(text);
    rc_release(node);
}
END_TEST

/* ---- limits ---------------------------------------------------------------------------------- */

START_TEST(beyond_the_limit_objects_are_counted_in_a_note)
{
    struct node *node = tree(4);
    const void *root = node;
    struct rc_graph_options options = {.struct_size = sizeof options, .limit = 5};
    struct dot *dot = dot_read(graph_text(&root, 1, &options));
    char note[64], caption[64];
    snprintf(note, sizeof note, "and 10 objects more, %zu B", 10 * sizeof(struct node));
    snprintf(caption, sizeof caption, "15 objects, %zu B\n", 15 * sizeof(struct node));
    ck_assert_str_eq(dot_find(dot, "rest")->is.label, note);
    ck_assert_int_eq(strncmp(dot->caption, caption, strlen(caption)), 0);
    ck_assert_uint_eq(dot->node_count, 5 + 1 + 1); /* the root is held from outside */
    /* The nearest are drawn: root, its two, and two of the four below. */
    ck_assert_ptr_null(dot_edge(dot, "n1", "rest"));
    ck_assert_ptr_null(dot_edge(dot, "n2", "rest"));
    ck_assert_str_eq(dot_edge(dot, "n3", "rest")->is.label, " 2");
    ck_assert_str_eq(dot_edge(dot, "n5", "rest")->is.label, " 2");
    ck_assert_int_eq(dot_outside(dot, dot_find(dot, "n5")), 0);
    graphviz_draws(dot->text);
    dot_free(dot);
    rc_release(node);
}
END_TEST

START_TEST(the_limit_is_exact)
{
    struct node *node = tree(2);
    const void *root = node;
    for (size_t limit = 1; limit <= 4; limit++) {
        struct rc_graph_options options = {.struct_size = sizeof options, .limit = limit};
        char *text = graph_text(&root, 1, &options);
        ck_assert_int_eq(strstr(text, "rest [") != NULL, limit < 3);
        ck_assert_int_eq(strstr(text, "1 object more") != NULL, limit == 2);
        free(text);
    }
    rc_release(node);
}
END_TEST

START_TEST(the_usual_limit_is_that_of_the_header)
{
    struct node *node = tree(9);
    struct dot *dot = graph_of(node);
    ck_assert_ptr_nonnull(strstr(dot_find(dot, "rest")->is.label, "and 311 objects more"));
    ck_assert_uint_eq(dot->node_count, RC_GRAPH_LIMIT + 2);
    dot_free(dot);
    rc_release(node);
}
END_TEST

/* ---- what cannot be written ------------------------------------------------------------------ */

START_TEST(bad_arguments_are_refused)
{
    struct node *node = tree(1);
    const void *root = node;
    struct rc_graph_options small = {.struct_size = 1};
    struct {
        struct rc_graph_options known;
        size_t beyond;
    } larger = {.known = {.struct_size = sizeof larger}, .beyond = 0};
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_int_eq(rc_graph_write(NULL, &root, 1, NULL), RC_INVALID);
    ck_assert_int_eq(rc_graph_write(stream, NULL, 1, NULL), RC_INVALID);
    ck_assert_str_eq(rc_error_message(), "rc_graph_write: the list of 1 roots is NULL");
    ck_assert_int_eq(rc_graph_write(stream, &root, 1, &small), RC_INVALID);
    ck_assert_int_eq(rc_graph_write_domain(stream, NULL, NULL), RC_INVALID);
    ck_assert_int_eq(rc_graph_write_domain(NULL, NULL, NULL), RC_INVALID);
    ck_assert_int_eq(rc_graph_save(NULL, node), RC_INVALID);
    ck_assert_int_eq(rc_graph_save("/tmp/x", NULL), RC_INVALID);
    ck_assert_int_eq(rc_graph_write(stream, &root, 1, &larger.known), RC_OK);
    larger.beyond = 1;
    fflush(stream);
    size_t before = size;
    ck_assert_int_eq(rc_graph_write(stream, &root, 1, &larger.known), RC_UNSUPPORTED);
    fclose(stream);
    ck_assert_uint_eq(size, before);
    free(text);
    rc_release(node);
}
END_TEST

START_TEST(options_may_end_where_an_older_version_ended)
{
    struct node *node = tree(3);
    const void *root = node;
    struct rc_graph_options options = {
        .struct_size = offsetof(struct rc_graph_options, addresses), .limit = 2, .addresses = true};
    char *text = graph_text(&root, 1, &options);
    ck_assert_ptr_nonnull(strstr(text, "and 5 objects more"));
    ck_assert_ptr_null(strstr(text, "0x"));
    free(text);
    rc_release(node);
}
END_TEST

START_TEST(a_stream_that_fails_is_told)
{
    struct node *node = tree(3);
    const void *root = node;
    FILE *full = fopen("/dev/full", "w");
    ck_assert_ptr_nonnull(full);
    ck_assert_int_eq(rc_graph_write(full, &root, 1, NULL), RC_SYSTEM);
    ck_assert_str_eq(rc_error_message(),
                     "the graph of 7 objects was not written: No space left on device");
    setvbuf(full, NULL, _IONBF, 0);
    ck_assert_int_eq(rc_graph_write(full, &root, 1, NULL), RC_SYSTEM);
    fclose(full);
    ck_assert_int_eq(rc_graph_save("/dev/full", node), RC_SYSTEM);
    ck_assert_int_eq(rc_graph_save("/nonexistent/graph.dot", node), RC_SYSTEM);
    ck_assert_str_eq(rc_error_message(), "rc_graph_save: cannot write /nonexistent/graph.dot: No "
                                         "such file or directory");
    rc_release(node);
}
END_TEST

START_TEST(success_leaves_the_last_error_alone)
{
    struct node *node = tree(3);
    const void *root = node;
    rc_error_set(RC_BUSY, "before");
    errno = 7;
    char *text = graph_text(&root, 1, NULL);
    ck_assert_int_eq(rc_error_status(), RC_BUSY);
    ck_assert_str_eq(rc_error_message(), "before");
    free(text);
    rc_release(node);
}
END_TEST

/* ---- without memory -------------------------------------------------------------------------- */

START_TEST(without_memory_nothing_is_written_and_nothing_is_left)
{
    struct node *node = tree(9);
    const void *root = node;
    char *text = NULL;
    size_t size = 0, failures = 0;
    FILE *stream = open_memstream(&text, &size);
    for (size_t nth = 1;; nth++) {
        struct rc_account before;
        rc_account_read(&before);
        struct rc_failing_allocator failing;
        rc_failing_allocator_init(&failing, NULL, nth, true);
        rc_allocator_set_default(&failing.allocator);
        enum rc_status status = rc_graph_write(stream, &root, 1, NULL);
        rc_allocator_set_default(NULL);
        if (status == RC_OK) break;
        ck_assert_int_eq(status, RC_NO_MEMORY);
        ck_assert_str_ne(rc_error_message(), "");
        ck_assert_int_eq(rc_account_check_nothing_new(&before), RC_OK);
        fflush(stream);
        ck_assert_uint_eq(size, 0);
        failures++;
    }
    ck_assert_uint_ge(failures, 10);
    fclose(stream);
    free(text);
    rc_release(node);
}
END_TEST

/* ---- callbacks ------------------------------------------------------------------------------- */

static void raise_name(const void *object, char *text, size_t size, void *context)
{
    (void)object, (void)text, (void)size, (void)context;
    rc_raise(RC_INVALID, "no name");
}

static void draw_raising(void *root)
{
    const void *roots[] = {root};
    struct rc_graph_options options = {.struct_size = sizeof options, .name = raise_name};
    RC_TRY()
    {
        (void)rc_graph_write(stderr, roots, 1, &options);
    }
    RC_EXCEPT(e)
    {
        (void)e;
    }
    RC_END
}

START_TEST(a_raise_must_not_leave_a_name)
{
    struct node *node = tree(1);
    CHILD_ASSERT_STOPS(draw_raising, node, "name of a graph's object");
    rc_release(node);
}
END_TEST

static void fail_name(const void *object, char *text, size_t size, void *context)
{
    (void)object, (void)context;
    rc_error_set(RC_RANGE, "of the name's own");
    snprintf(text, size, "named");
}

START_TEST(an_error_of_a_name_is_not_the_callers)
{
    struct node *node = tree(1);
    const void *root = node;
    struct rc_graph_options options = {.struct_size = sizeof options, .name = fail_name};
    char *text = graph_text(&root, 1, &options);
    ck_assert_int_eq(rc_error_status(), RC_OK);
    free(text);
    rc_release(node);
}
END_TEST

HARNESS_MAIN("rc/graph_dot", names_may_have_any_characters, a_name_is_cut_where_its_room_ends,
             the_same_objects_are_the_same_text, addresses_are_written_where_they_are_asked_for,
             beyond_the_limit_objects_are_counted_in_a_note, the_limit_is_exact,
             the_usual_limit_is_that_of_the_header, bad_arguments_are_refused,
             options_may_end_where_an_older_version_ended, a_stream_that_fails_is_told,
             success_leaves_the_last_error_alone,
             without_memory_nothing_is_written_and_nothing_is_left, a_raise_must_not_leave_a_name,
             an_error_of_a_name_is_not_the_callers)
