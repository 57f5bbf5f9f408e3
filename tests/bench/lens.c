/* SPDX-License-Identifier: MIT */
/* Sums through a lens, against a pointer that walks over the same elements in the same order. */
#include "lens.h"

#include "lens_loops.h"

rc_view *lens_view;
double lens_sum;

/* ---- a bare pointer -------------------------------------------------------------------------- */

/* Rows of @p side elements @p step apart; to the next row @p pitch elements. */
static inline __attribute__((always_inline)) double sum_bare(const double *row, size_t step,
                                                             size_t pitch)
{
    double sum = 0;
    for (size_t i = 0; i < GRID_SIDE; i++, row += pitch)
        for (size_t j = 0; j < GRID_SIDE; j++) sum += row[j * step];
    return sum;
}

BENCH_LOOP static void run_bare_dense(size_t operations)
{
    const double *data = grid_data(lens_view);
    for (size_t i = 0; i < operations; i++)
        check_sum(sum_bare(opaque((void *)(uintptr_t)data), 1, GRID_SIDE), lens_sum);
}

BENCH_LOOP static void run_bare_halved(size_t operations)
{
    const double *data = grid_data(lens_view);
    for (size_t i = 0; i < operations; i++)
        check_sum(sum_bare(opaque((void *)(uintptr_t)data), 2, 4 * GRID_SIDE), lens_sum);
}

/* ---- a lens ---------------------------------------------------------------------------------- */

BENCH_LOOP static void run_rows(size_t operations)
{
    for (size_t i = 0; i < operations; i++) check_sum(sum_by_rows(lens_view), lens_sum);
}

BENCH_LOOP static void run_columns(size_t operations)
{
    for (size_t i = 0; i < operations; i++) check_sum(sum_by_columns(lens_view), lens_sum);
}

/* ---------------------------------------------------------------------------------------------- */

static void set_up(enum grid grid)
{
    if (lens_view) return;
    lens_view = grid_new(grid);
    lens_sum = sum_by_rows(lens_view);
}

void lens_set_up_c(void)
{
    set_up(GRID_C);
}

void lens_set_up_f(void)
{
    set_up(GRID_FORTRAN);
}

void lens_set_up_2(void)
{
    set_up(GRID_HALVED);
}

#define BARE(row, prepare, loop)                                                                   \
    {                                                                                              \
        (row), "bare pointer", KIND_BARE, .set_up = (prepare), .run = (loop)                       \
    }
#define LENS(row, prepare, loop)                                                                   \
    {                                                                                              \
        (row), "lens", KIND_OURS, .set_up = (prepare), .run = (loop)                               \
    }

static const struct contestant table[] = {
    BARE("lens-c", lens_set_up_c, run_bare_dense),  LENS("lens-c", lens_set_up_c, run_rows),
    BARE("lens-f", lens_set_up_f, run_bare_dense),  LENS("lens-f", lens_set_up_f, run_columns),
    BARE("lens-2", lens_set_up_2, run_bare_halved), LENS("lens-2", lens_set_up_2, run_rows),
};
CONTESTANTS(contestants_lens, table);
