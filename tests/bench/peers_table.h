/* SPDX-License-Identifier: MIT */
/**
 * @file tests/bench/peers_table.h
 * Which loop of peers/ plays in which row, and under which name. Not const: the functions are filled
 * in while the program runs.
 */
#ifndef TESTS_BENCH_PEERS_TABLE_H
#define TESTS_BENCH_PEERS_TABLE_H

#include "bench.h"

extern struct contestant peers_table[];
extern const size_t peers_table_count;

#endif
