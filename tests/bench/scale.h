/* SPDX-License-Identifier: MIT */
/**
 * @file tests/bench/scale.h
 * How cost grows: with how many things are alive, with threads, and with how many are on their way
 * to another thread.
 *
 * A curve is one of these; its contestants are those of rows of the table, so that a peer that
 * weighs in there is here too. Each contestant has a process of its own for each curve. They do not
 * take turns, for ten million things of each would not fit into memory: differences below a quarter
 * may be the neighbours'.
 */
#ifndef TESTS_BENCH_SCALE_H
#define TESTS_BENCH_SCALE_H

#include "bench.h"

enum { SCALE_POINTS_MAX = 16, SCALE_PAYLOAD = 64 };

/** What was found at one place of a curve. */
struct scale_point {
    double x;
    double least, median; /* ns of an operation, of several bursts or stretches of time */
    double bytes;         /* resident for each thing alive, its payload included; 0: not asked */
    char skipped[96];     /* "", or why there is nothing */
};

/** Measure at @p point->x; points come in rising order, in one process. Fills the rest. */
typedef void scale_measure_function(const struct contestant *contestant, bool quick,
                                    struct scale_point *point);

scale_measure_function scale_live, scale_threads_run, scale_threads_make, scale_hand_over;

/** Sorts, and gives the least and the median. */
void scale_summarize(double *samples, size_t count, struct scale_point *point);

/** All curves: a table for people, and CSV where @p csv is not NULL. False: a child failed. */
bool scale_run(const char *program, bool quick, FILE *out, FILE *csv);
/** The child's side: one contestant of one curve. */
void scale_measure(const char *curve, const char *label, bool quick, FILE *out);

#endif
