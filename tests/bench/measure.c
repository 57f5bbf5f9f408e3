/* SPDX-License-Identifier: MIT */
/* Bursts in turn: how long an operation takes. */
#include "bench.h"

#include <stdlib.h>
#include <time.h>

#define BURST_NS 100e3
enum { ROUNDS_MIN = 5, ROUNDS_MAX = 20000 };

double clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* ns that one burst took. */
static double burst(const struct row *row, const struct contestant *contestant, size_t operations)
{
    if (row->threads == THREADS_TWO) return measure_with_partner(contestant, operations);
    double started = clock_now();
    contestant->run(operations);
    return clock_now() - started;
}

/* How many operations a burst has; warms up on the way. */
static size_t calibrate(const struct row *row, const struct contestant *contestant)
{
    if (row->burst) {
        burst(row, contestant, row->burst);
        return row->burst;
    }
    size_t operations = 16;
    for (;;) {
        double took = burst(row, contestant, operations);
        if (took >= BURST_NS / 2 || operations >= (size_t)1 << 24) break;
        operations *= 2;
    }
    return operations;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *samples, size_t count)
{
    qsort(samples, count, sizeof *samples, compare);
    return samples[count / 2];
}

/* The median of what the rounds say, before anybody sorts them. */
static double median_ratio(const double *samples, const double *bare, size_t rounds)
{
    double *ratios = need(malloc(rounds * sizeof *ratios));
    for (size_t i = 0; i < rounds; i++) ratios[i] = samples[i] / bare[i];
    double found = median(ratios, rounds);
    free(ratios);
    return found;
}

static void evaluate(struct results *results, double *const *samples, size_t rounds)
{
    const double *bare = samples[result_bare(results) - results->of];
    for (size_t i = 0; i < results->count; i++)
        results->of[i].ratio = median_ratio(samples[i], bare, rounds);
    for (size_t i = 0; i < results->count; i++) {
        results->of[i].second = median(samples[i], rounds);
        results->of[i].first = samples[i][0];
        results->of[i].rounds = rounds;
    }
}

void measure_time(struct results *results, double seconds)
{
    size_t operations[CONTESTANTS_MAX];
    double *samples[CONTESTANTS_MAX];
    for (size_t i = 0; i < results->count; i++) {
        operations[i] = calibrate(results->row, results->of[i].contestant);
        samples[i] = need(malloc(ROUNDS_MAX * sizeof(double)));
    }

    double end = clock_now() + seconds * 1e9;
    size_t rounds = 0;
    while (rounds < ROUNDS_MAX && (rounds < ROUNDS_MIN || clock_now() < end)) {
        for (size_t turn = 0; turn < results->count; turn++) {
            /* Each second round runs backwards: nobody always comes after the same one. */
            size_t i = rounds % 2 ? results->count - 1 - turn : turn;
            double took = burst(results->row, results->of[i].contestant, operations[i]);
            samples[i][rounds] = took / (double)operations[i];
        }
        rounds++;
    }

    evaluate(results, samples, rounds);
    for (size_t i = 0; i < results->count; i++) free(samples[i]);
}
