/* SPDX-License-Identifier: MIT */
/*
 * Numbers from a seed, and yields at seeded places: the library and the programs are compiled with
 * -fsanitize-coverage=trace-pc, which calls the function below at the start of each basic block.
 * This file is not.
 */
#include <sched.h>
#include <stdint.h>

void storm_seed(uint64_t seed);
uint64_t storm_random(void);
void __sanitizer_cov_trace_pc(void);

static __thread uint64_t numbers, places;

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

void storm_seed(uint64_t seed)
{
    numbers = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
    places = ~numbers | 1;
}

uint64_t storm_random(void)
{
    return next(&numbers) >> 16;
}

/* Once in 256 blocks, by a sequence of its own: the numbers do not depend on how code is cut into
 * blocks. A thread without a seed does not yield. */
void __sanitizer_cov_trace_pc(void)
{
    if (places && (next(&places) >> 20) % 256 == 0) sched_yield();
}
