/* SPDX-License-Identifier: MIT */
/* All tables of contestants: the bare ones and ours of each row first, then the peers. */
#include "bench.h"

const struct contestants *const tables[] = {
    &contestants_count,  &contestants_create,       &contestants_bytes,      &contestants_weak,
    &contestants_weight, &contestants_hand_over,    &contestants_bias,       &contestants_pool,
    &contestants_lens,   &contestants_lens_checked, &contestants_sum,        &contestants_copy,
    &contestants_views,  &contestants_file,         &contestants_chain,      &contestants_cycle,
    &contestants_own,    &contestants_slot,         &contestants_allocators, &contestants_peers,
};
const size_t table_count = sizeof tables / sizeof tables[0];
