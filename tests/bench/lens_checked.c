/* SPDX-License-Identifier: MIT */
/* The lens with its indices checked. */
#define RC_BOUNDS_CHECK 1
#include "lens_loops.h"

#include "lens.h"

BENCH_LOOP static void run_rows(size_t operations)
{
    for (size_t i = 0; i < operations; i++) check_sum(sum_by_rows(lens_view), lens_sum);
}

BENCH_LOOP static void run_columns(size_t operations)
{
    for (size_t i = 0; i < operations; i++) check_sum(sum_by_columns(lens_view), lens_sum);
}

static const struct contestant table[] = {
    {"lens-c", "lens, checked", KIND_OURS, .set_up = lens_set_up_c, .run = run_rows},
    {"lens-f", "lens, checked", KIND_OURS, .set_up = lens_set_up_f, .run = run_columns},
    {"lens-2", "lens, checked", KIND_OURS, .set_up = lens_set_up_2, .run = run_rows},
};
CONTESTANTS(contestants_lens_checked, table);
