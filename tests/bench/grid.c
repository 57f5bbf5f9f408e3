/* SPDX-License-Identifier: MIT */
#include "grid.h"

#include "python.h"

/* Numbers of 16 bits, over 256: sums of a million of them need 44 bits. */
static void fill(rc_view *whole)
{
    double *at = grid_data(whole);
    for (size_t i = 0; i < whole->size; i++) at[i] = (double)(i * 40503 % 65536) / 256;
}

/* A view of a whole that it keeps alive. */
static rc_view *derived(rc_view *whole, rc_view *view)
{
    rc_release(whole);
    return need(view);
}

static rc_view *every_second(rc_view *whole)
{
    rc_view *few = rc_view_slice(whole, 0, RC_VIEW_OPEN, RC_VIEW_OPEN, 2);
    return derived(whole, derived(few, rc_view_slice(need(few), 1, RC_VIEW_OPEN, RC_VIEW_OPEN, 2)));
}

rc_view *grid_new(enum grid grid)
{
    size_t side = grid == GRID_HALVED ? 2 * GRID_SIDE : GRID_SIDE;
    const size_t shape[] = {side, side};
    rc_view *whole = need(rc_view_new_zeroed("d", 2, shape));
    fill(whole);
    if (grid == GRID_FORTRAN) return derived(whole, rc_view_transpose(whole));
    return grid == GRID_HALVED ? every_second(whole) : whole;
}

void grid_to_numpy(const char *name, enum grid grid, const rc_view *view)
{
    static const char *const forms[] = {
        [GRID_C] = "np.frombuffer(memory).reshape(1000, 1000)",
        [GRID_FORTRAN] = "np.frombuffer(memory).reshape(1000, 1000).T",
        [GRID_HALVED] = "np.frombuffer(memory).reshape(2000, 2000)[::2, ::2]",
    };
    char statement[160];
    python_set_memory("memory", grid_data(view), view->base->size);
    snprintf(statement, sizeof statement, "%s = %s", name, forms[grid]);
    python_run(statement);
}

void check_sum(double sum, double expected)
{
    if (sum != expected) give_up("contestants of a row find different sums");
}
