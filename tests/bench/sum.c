/* SPDX-License-Identifier: MIT */
/* rc_view_sum(), against a loop that adds one element after the other as they lie in memory, and
 * against NumPy. */
#include "grid.h"

#include "python.h"

static rc_view *view;
static double expected;
static python_object *numpy_sum;

/* ---- loops ----------------------------------------------------------------------------------- */

static inline __attribute__((always_inline)) double sum_loop(const double *row, size_t step,
                                                             size_t pitch)
{
    double sum = 0;
    for (size_t i = 0; i < GRID_SIDE; i++, row += pitch)
        for (size_t j = 0; j < GRID_SIDE; j++) sum += row[j * step];
    return sum;
}

BENCH_LOOP static void run_loop_dense(size_t operations)
{
    for (size_t i = 0; i < operations; i++)
        check_sum(sum_loop(opaque(grid_data(view)), 1, GRID_SIDE), expected);
}

BENCH_LOOP static void run_loop_halved(size_t operations)
{
    for (size_t i = 0; i < operations; i++)
        check_sum(sum_loop(opaque(grid_data(view)), 2, 4 * GRID_SIDE), expected);
}

BENCH_LOOP static void run_rcbuf(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        struct rc_value sum;
        if (rc_view_sum(opaque(view), &sum) != RC_OK) give_up(rc_error_message());
        check_sum((double)sum.as.real, expected);
    }
}

BENCH_LOOP static void run_numpy(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        python_object *sum = need(python.PyObject_CallObject(numpy_sum, NULL));
        check_sum(python.PyFloat_AsDouble(sum), expected);
        python.Py_DecRef(sum);
    }
}

/* ---------------------------------------------------------------------------------------------- */

static void set_up(enum grid grid)
{
    if (view) return;
    view = grid_new(grid);
    expected = grid == GRID_HALVED ? sum_loop(grid_data(view), 2, 4 * GRID_SIDE)
                                   : sum_loop(grid_data(view), 1, GRID_SIDE);
}

static void set_up_numpy(enum grid grid)
{
    set_up(grid);
    grid_to_numpy("a", grid, view);
    python_run("sum = a.sum");
    numpy_sum = python_get("sum");
}

#define SET_UP(name, grid)                                                                         \
    static void set_up_##name(void)                                                                \
    {                                                                                              \
        set_up(grid);                                                                              \
    }                                                                                              \
    static void set_up_numpy_##name(void)                                                          \
    {                                                                                              \
        set_up_numpy(grid);                                                                        \
    }

SET_UP(c, GRID_C)
SET_UP(f, GRID_FORTRAN)
SET_UP(2, GRID_HALVED)

#define ROW(row, name, loop)                                                                       \
    {(row), "plain loop", KIND_BARE, .set_up = set_up_##name, .run = (loop)},                      \
        {(row),                                                                                    \
         "NumPy's sum",                                                                            \
         KIND_PEER,                                                                                \
         .set_up = set_up_numpy_##name,                                                            \
         .absent = numpy_absent,                                                                   \
         .run = run_numpy},                                                                        \
    {                                                                                              \
        (row), "rcbuf", KIND_OURS, .set_up = set_up_##name, .run = run_rcbuf                       \
    }

static const struct contestant table[] = {
    ROW("sum-c", c, run_loop_dense),
    ROW("sum-f", f, run_loop_dense),
    ROW("sum-2", 2, run_loop_halved),
};
CONTESTANTS(contestants_sum, table);
