/* SPDX-License-Identifier: MIT */
/**
 * @file tests/bench/peers.h
 * How a peer's shared library is found while the program runs: one that run.sh built out of peers/,
 * or an allocator of the system's. Everything is opened so that it resolves nothing for others.
 */
#ifndef TESTS_BENCH_PEERS_H
#define TESTS_BENCH_PEERS_H

#include "bench.h"

/** The symbol @p name of @p library into @p place, a pointer to a function. False: it has none. */
bool peer_find(void *library, const char *name, void *place);

#endif
