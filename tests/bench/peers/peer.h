/* SPDX-License-Identifier: MIT */
/**
 * @file tests/bench/peers/peer.h
 * What a peer's loops share. Each peer is one source, built into a shared library of its own where
 * its package is there, in C, C++ or Rust; the benchmark opens it while it runs, so that nothing of
 * it reaches a row that it does not play in. ../peers.c says which loop stands in which row.
 *
 * A library exports functions named peer_<loop>: void (size_t operations) for what is timed;
 * peer_<loop>_make and peer_<loop>_unmake for what is weighed or handed over; and, where there is
 * something to prepare, peer_start, which gives NULL or why the peer cannot be measured.
 *
 * Everybody does what rcbuf's own loop of that row does: writes the first and the last byte (what is
 * handed over, the first: the other thread reads it), takes the same sizes, and leaves bytes
 * uninitialised if the library lets it. Where it does not, the loop says so.
 */
#ifndef TESTS_BENCH_PEERS_PEER_H
#define TESTS_BENCH_PEERS_PEER_H

#include "../loops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
#define PEER_EXPORT extern "C" __attribute__((visibility("default")))
#else
#define PEER_EXPORT __attribute__((visibility("default")))
#endif

/* void peer_name(size_t operations): @p body is one operation. */
#define PEER_LOOP(name, body)                                                                      \
    BENCH_BODY name##_runs(size_t operations)                                                      \
    {                                                                                              \
        for (size_t i = 0; i < operations; i++) body;                                              \
    }                                                                                              \
    BENCH_PLACES_OF(PEER_EXPORT, peer_##name, name##_runs(operations))

#define PEER_OTHERS_0
#define PEER_OTHERS_1 BENCH_OTHERS
#define PEER_PAIRS(name, among, up, down)                                                          \
    BENCH_BODY name##_pairs(size_t operations)                                                     \
    {                                                                                              \
        for (size_t i = 0; i < operations; i++) {                                                  \
            up;                                                                                    \
            PEER_OTHERS_##among;                                                                   \
            down;                                                                                  \
            PEER_OTHERS_##among;                                                                   \
        }                                                                                          \
    }                                                                                              \
    BENCH_PLACES_OF(PEER_EXPORT, peer_##name, name##_pairs(operations))

/* Two loops of pairs, @p up and @p down: peer_name, and peer_name_among with others between. */
#define PEER_RETAINS(name, up, down)                                                               \
    PEER_PAIRS(name, 0, up, down)                                                                  \
    PEER_PAIRS(name##_among, 1, up, down)

enum {
    PEER_SMALL = 64,
    PEER_PAGE = 4096,
    PEER_LARGE = 1 << 20,
    PEER_DEPTH = 3, /* pieces in a chain, before one more */
    PEER_RESIZE_FROM = 1 << 20,
    PEER_RESIZE_TO = 128 << 20
};

/* One byte in each page that is new, as in ../bytes.c. */
static inline void peer_touch_pages(void *bytes, size_t from, size_t to)
{
    volatile unsigned char *at = (volatile unsigned char *)bytes;
    for (size_t page = from; page < to; page += PEER_PAGE) at[page] = 1;
}

/* This library's own: the program's is not visible from here. */
#ifdef __cplusplus
extern "C"
#endif
    void
    give_up(const char *why)
{
    fprintf(stderr, "bench: a peer: %s\n", why);
    exit(EXIT_FAILURE);
}

#endif
