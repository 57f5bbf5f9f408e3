/* SPDX-License-Identifier: MIT */
/* rc_view_copy() from any source to a destination in C order: against memcpy, a plain loop over the
 * indices, and NumPy.
 *
 * The transposed source stands beside a memcpy of as many bytes too, which tells what the memory
 * allows: where that takes more than 0.55 of the plain loop's time, nobody can copy in so little. */
#include "grid.h"

#include "python.h"

#include <stdlib.h>
#include <string.h>

static rc_view *to, *from;
static double *to_data;
static const double *from_data;
static ptrdiff_t from_strides[2]; /* in elements */
static python_object *numpy_copy, *numpy_arguments;

/* ---- loops ----------------------------------------------------------------------------------- */

BENCH_LOOP static void run_memcpy(size_t operations)
{
    for (size_t i = 0; i < operations; i++)
        memcpy(opaque(to_data), from_data, GRID_SIDE * GRID_SIDE * sizeof(double));
}

static inline void copy_loop(double *restrict destination, const double *restrict source)
{
    ptrdiff_t row = from_strides[0], column = from_strides[1];
    for (size_t i = 0; i < GRID_SIDE; i++)
        for (size_t j = 0; j < GRID_SIDE; j++)
            destination[i * GRID_SIDE + j] = source[(ptrdiff_t)i * row + (ptrdiff_t)j * column];
}

BENCH_LOOP static void run_loop(size_t operations)
{
    for (size_t i = 0; i < operations; i++) copy_loop(opaque(to_data), from_data);
}

BENCH_LOOP static void run_rcbuf(size_t operations)
{
    for (size_t i = 0; i < operations; i++)
        if (rc_view_copy(opaque(to), from) != RC_OK) give_up(rc_error_message());
}

BENCH_LOOP static void run_numpy(size_t operations)
{
    for (size_t i = 0; i < operations; i++) python_call(numpy_copy, numpy_arguments);
}

/* ---- sources --------------------------------------------------------------------------------- */

static rc_view *reversed(void)
{
    rc_view *view = grid_new(GRID_C);
    rc_view *few = need(rc_view_slice(view, 0, RC_VIEW_OPEN, RC_VIEW_OPEN, -1));
    rc_view *both = need(rc_view_slice(few, 1, RC_VIEW_OPEN, RC_VIEW_OPEN, -1));
    rc_release(view);
    rc_release(few);
    return both;
}

/* The first row, or the first column, in all of them. */
static rc_view *repeated(size_t dimension)
{
    const size_t shape[] = {GRID_SIDE, GRID_SIDE};
    rc_view *view = grid_new(GRID_C);
    rc_view *one = need(rc_view_slice(view, dimension, 0, 1, 1));
    rc_view *all = need(rc_view_broadcast(one, 2, shape));
    rc_release(view);
    rc_release(one);
    return all;
}

static void set_up(rc_view *source)
{
    from = source;
    from_data = (const double *)(const void *)source->data;
    for (size_t i = 0; i < 2; i++) from_strides[i] = source->strides[i] / (ptrdiff_t)sizeof(double);
    to = grid_new(GRID_C);
    to_data = grid_data(to);
}

/* One copy, to know that it is right. */
static void check(void (*run)(size_t operations))
{
    size_t size = GRID_SIDE * GRID_SIDE * sizeof(double);
    double *expected = need(malloc(size));
    copy_loop(expected, from_data);
    memset(to_data, 0, size);
    run(1);
    if (memcmp(to_data, expected, size) != 0) give_up("contestants of a row copy differently");
    free(expected);
}

/* @p form: of the source, out of an array of all its memory. */
static void set_up_numpy(const char *form)
{
    char statement[160];
    python_set_memory("memory", (void *)(uintptr_t)from->base->data, from->base->size);
    python_run("all = np.frombuffer(memory)");
    grid_to_numpy("to", GRID_C, to);
    snprintf(statement, sizeof statement, "copy, arguments = np.copyto, (to, %s)", form);
    python_run(statement);
    numpy_copy = python_get("copy");
    numpy_arguments = python_get("arguments");
    check(run_numpy);
}

#define SOURCE(name, make, form)                                                                   \
    static void set_up_##name(void)                                                                \
    {                                                                                              \
        if (!to) set_up(make);                                                                     \
    }                                                                                              \
    static void set_up_rcbuf_##name(void)                                                          \
    {                                                                                              \
        set_up_##name();                                                                           \
        check(run_rcbuf);                                                                          \
    }                                                                                              \
    static void set_up_numpy_##name(void)                                                          \
    {                                                                                              \
        set_up_##name();                                                                           \
        set_up_numpy(form);                                                                        \
    }

SOURCE(c, grid_new(GRID_C), "all.reshape(1000, 1000)")
SOURCE(t, grid_new(GRID_FORTRAN), "all.reshape(1000, 1000).T")
SOURCE(2, grid_new(GRID_HALVED), "all.reshape(2000, 2000)[::2, ::2]")
SOURCE(reversed, reversed(), "all.reshape(1000, 1000)[::-1, ::-1]")
SOURCE(row, repeated(0), "np.broadcast_to(all[:1000], (1000, 1000))")
SOURCE(column, repeated(1), "np.broadcast_to(all.reshape(1000, 1000)[:, :1], (1000, 1000))")

/* ---------------------------------------------------------------------------------------------- */

#define LOOP(row, name)                                                                            \
    {                                                                                              \
        (row), "plain loop", KIND_BARE, .set_up = set_up_##name, .run = run_loop                   \
    }
#define OTHERS(row, name)                                                                          \
    {(row),                                                                                        \
     "NumPy's copyto",                                                                             \
     KIND_PEER,                                                                                    \
     .set_up = set_up_numpy_##name,                                                                \
     .absent = numpy_absent,                                                                       \
     .run = run_numpy},                                                                            \
    {                                                                                              \
        (row), "rcbuf", KIND_OURS, .set_up = set_up_rcbuf_##name, .run = run_rcbuf                 \
    }

static const struct contestant table[] = {
    {"copy-c", "memcpy", KIND_BARE, .set_up = set_up_c, .run = run_memcpy},
    OTHERS("copy-c", c),
    LOOP("copy-t", t),
    {"copy-t", "memcpy of as much", KIND_BARE, .set_up = set_up_t, .run = run_memcpy},
    OTHERS("copy-t", t),
    LOOP("copy-2", 2),
    OTHERS("copy-2", 2),
    LOOP("copy-reversed", reversed),
    OTHERS("copy-reversed", reversed),
    LOOP("copy-row", row),
    OTHERS("copy-row", row),
    LOOP("copy-column", column),
    OTHERS("copy-column", column),
};
CONTESTANTS(contestants_copy, table);
