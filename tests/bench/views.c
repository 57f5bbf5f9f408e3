/* SPDX-License-Identifier: MIT */
/* Making views of two dimensions, and letting go of them. */
#include "grid.h"

#include <stdlib.h>

#include "python.h"

static rc_view *whole;
static python_object *memoryview, *slice;

/* The least that a view of two dimensions can be: a count, the root, where, the shape, strides. */
struct least {
    int count;
    struct least *root;
    const double *data;
    size_t shape[2];
    ptrdiff_t strides[2];
};

static struct least least_root = {.count = 1, .shape = {1000, 1000}, .strides = {8000, 8}};

static void set_up(void)
{
    if (!whole) whole = grid_new(GRID_C);
    least_root.data = grid_data(whole);
}

/* Two dimensions there too; what follows slices the first one, as we do. */
static void set_up_memoryview(void)
{
    set_up();
    python_set_memory("memory", grid_data(whole), whole->base->size);
    python_run("view, inner = memory.cast('d', (1000, 1000)), slice(1, -1)\n"
               "assert view[inner].shape == (998, 1000)");
    memoryview = python_get("view");
    slice = python_get("inner");
}

/* ---- loops ----------------------------------------------------------------------------------- */

BENCH_BODY least_views(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        struct least *root = opaque(&least_root), *view = need(malloc(sizeof *view));
        __atomic_fetch_add(&root->count, 1, __ATOMIC_RELAXED);
        *view = *root;
        view->count = 1;
        view->root = root;
        view->data += 1000;
        view->shape[0] -= 2;
        view = opaque(view);
        if (__atomic_sub_fetch(&view->count, 1, __ATOMIC_ACQ_REL) != 0) continue;
        if (__atomic_sub_fetch(&root->count, 1, __ATOMIC_ACQ_REL) == 0) give_up("a dead root");
        free(view);
    }
}
BENCH_PLACES(run_least, least_views(operations))

BENCH_BODY memoryviews(size_t operations)
{
    for (size_t i = 0; i < operations; i++)
        python.Py_DecRef(need(python.PyObject_GetItem(memoryview, slice)));
}
BENCH_PLACES(run_memoryview, memoryviews(operations))

BENCH_BODY view_slices(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        rc_view *view = need(rc_view_slice(opaque(whole), 0, 1, -1, 1));
        rc_release(view);
    }
}
BENCH_PLACES(run_slice, view_slices(operations))

BENCH_BODY new_views(size_t operations)
{
    static const size_t shape[] = {998, 1000};
    const struct rc_view_layout layout = {
        .struct_size = sizeof layout, .format = "d", .offset = 8000, .ndim = 2, .shape = shape};
    for (size_t i = 0; i < operations; i++) {
        rc_view *view = need(rc_view_new_with(opaque(whole->base), &layout));
        rc_release(view);
    }
}
BENCH_PLACES(run_new, new_views(operations))

#define ROW(row)                                                                                   \
    {(row), "malloc'd view", KIND_BARE, .set_up = set_up, .run = run_least},                       \
        {(row),                                                                                    \
         "memoryview slice",                                                                       \
         KIND_PEER,                                                                                \
         .set_up = set_up_memoryview,                                                              \
         .absent = python_absent,                                                                  \
         .run = run_memoryview},                                                                   \
        {(row), "slice", KIND_OURS, .set_up = set_up, .run = run_slice},                           \
    {                                                                                              \
        (row), "new", KIND_OURS, .set_up = set_up, .run = run_new                                  \
    }

static const struct contestant table[] = {
    ROW("view"),
    ROW("view-started"),
};
CONTESTANTS(contestants_views, table);
