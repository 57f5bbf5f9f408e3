/* SPDX-License-Identifier: MIT */
/* Graphs that are saved to a file, for debuggers. */
#include "buffer/view.h"
#include "tests/rc/graph_support.h"

enum { LARGE = 8192 };

/* Of a slice of a buffer. */
static rc_view *new_view(void)
{
    rc_buffer *buffer = rc_buffer_new_zeroed(64), *slice = rc_buffer_slice(buffer, 8, 16);
    rc_view *view = rc_view_new(slice, "i");
    ck_assert_ptr_nonnull(view);
    rc_release(slice);
    rc_release(buffer);
    return view;
}

static void read_back(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

START_TEST(one_object_is_saved_for_a_debugger)
{
    rc_view *node = new_view();
    const void *root = node;
    char path[] = "/tmp/rcbuf_graph_XXXXXX", saved[LARGE];
    close(mkstemp(path));
    ck_assert_int_eq(rc_graph_save(path, node), RC_OK);
    read_back(path, saved, sizeof saved);
    unlink(path);
    char *text = graph_text(&root, 1, NULL);
    ck_assert_str_eq(saved, text);
    free(text);
    rc_release(node);
}
END_TEST

/* Returns: how often there was no memory for it, and the file was what it had been. */
static size_t save_at_last(const char *path, const void *object, const char *before)
{
    static char saved[LARGE];
    for (size_t nth = 1;; nth++) {
        struct rc_failing_allocator failing;
        rc_failing_allocator_init(&failing, NULL, nth, true);
        rc_allocator_set_default(&failing.allocator);
        enum rc_status status = rc_graph_save(path, object);
        rc_allocator_set_default(NULL);
        if (status == RC_OK) return nth - 1;
        ck_assert_int_eq(status, RC_NO_MEMORY);
        read_back(path, saved, sizeof saved);
        ck_assert_msg(strcmp(saved, before) == 0, "the file has other bytes");
    }
}

START_TEST(a_file_that_is_there_is_written_over_or_stays_as_it_was)
{
    static char large[LARGE], small[LARGE];
    rc_view *view = new_view();
    rc_buffer *one = rc_buffer_new(10);
    const void *root = one;
    char path[] = "/tmp/rcbuf_graph_XXXXXX";
    close(mkstemp(path));
    ck_assert_int_eq(rc_graph_save(path, view), RC_OK);
    read_back(path, large, sizeof large);
    ck_assert_uint_ge(save_at_last(path, one, large), 4);
    read_back(path, small, sizeof small);
    char *text = graph_text(&root, 1, NULL);
    ck_assert_msg(strcmp(small, text) == 0, "the file has other bytes");
    ck_assert_uint_lt(strlen(small), strlen(large));
    unlink(path);
    free(text);
    rc_release(view);
    rc_release(one);
}
END_TEST

HARNESS_MAIN("rc/graph_save", one_object_is_saved_for_a_debugger,
             a_file_that_is_there_is_written_over_or_stays_as_it_was)
