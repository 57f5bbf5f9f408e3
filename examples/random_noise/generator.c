/* SPDX-License-Identifier: MIT */
/*
 * SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): a
 * counter that goes round all 2^64 states, whose value is mixed until each bit depends on all. The
 * normal numbers are made from it by Marsaglia's polar form of the method of Box and Muller (1964).
 */
#include "generator.h"

#include <math.h>

uint64_t generator_next(struct generator *self)
{
    uint64_t mixed = self->state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

/* From -1 to just below 1, in steps of 2^-52: a double holds each of them exactly. */
static double between_minus_one_and_one(struct generator *self)
{
    return (double)(generator_next(self) >> 11) * 0x1p-52 - 1.0;
}

/* A point in the unit circle has a direction and, squared, a distance from its centre that are
 * independent and uniform. Both coordinates, stretched as the distance says, are normal. */
double generator_normal(struct generator *self)
{
    if (self->has_spare) {
        self->has_spare = false;
        return self->spare;
    }
    double x, y, squared;
    do {
        x = between_minus_one_and_one(self);
        y = between_minus_one_and_one(self);
        squared = x * x + y * y;
    } while (squared >= 1.0 || squared == 0.0);
    double stretch = sqrt(-2.0 * log(squared) / squared);
    self->spare = y * stretch;
    self->has_spare = true;
    return x * stretch;
}
