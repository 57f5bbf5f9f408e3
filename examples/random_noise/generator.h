/* SPDX-License-Identifier: MIT */
/* Numbers that look random and are the same on every machine: one seed, one sequence. */
#ifndef RANDOM_NOISE_GENERATOR_H
#define RANDOM_NOISE_GENERATOR_H

#include <stdbool.h>
#include <stdint.h>

struct generator {
    uint64_t state;
    double spare; /* the second of a pair of normal numbers */
    bool has_spare;
};

static inline struct generator generator_seed(uint64_t seed)
{
    return (struct generator){.state = seed};
}

/* The next number, any of 2^64. */
uint64_t generator_next(struct generator *self);

/* The next number of a normal distribution with mean 0 and standard deviation 1. */
double generator_normal(struct generator *self);

#endif
