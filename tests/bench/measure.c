/* SPDX-License-Identifier: MIT */
/* Bursts in turn: how long an operation takes. */
#include "bench.h"

#include <stdlib.h>
#include <time.h>

#define BURST_NS 100e3
enum { ROUNDS_MIN = 5, ROUNDS_MIN_QUICK = 2, ROUNDS_MAX = 20000 };

double clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* For a burst of two threads at once, in ns: one that counts, and one that shows how long they are. */
#define PATIENCE       250e6
#define PATIENCE_FIRST 5e6

/* ns that one burst took. */
static double burst(const struct row *row, const struct contestant *contestant, size_t operations,
                    double patience)
{
    if (contestant->before) contestant->before(operations);
    if (!contestant->run) return measure_hand_over(contestant, operations);
    if (row->threads >= THREADS_TWO)
        return measure_with_partners(row, contestant, operations, patience);
    double started = clock_now();
    contestant->run(operations);
    return clock_now() - started;
}

/* How many operations a burst has; warms up on the way. */
static size_t calibrate(const struct row *row, const struct contestant *contestant)
{
    if (row->burst) {
        burst(row, contestant, row->burst, PATIENCE_FIRST);
        return row->burst;
    }
    size_t operations = 16;
    for (;;) {
        double took = burst(row, contestant, operations, PATIENCE_FIRST);
        if (took >= BURST_NS / 2 || operations >= (size_t)1 << 24) break;
        operations *= 2;
    }
    return operations;
}

/* The median of what the rounds say, before anybody sorts them. */
static double median_ratio(const double *samples, const double *others, size_t rounds)
{
    double *ratios = need(malloc(rounds * sizeof *ratios));
    for (size_t i = 0; i < rounds; i++) ratios[i] = samples[i] / others[i];
    double found = median(ratios, rounds);
    free(ratios);
    return found;
}

/* Those that are there, and their samples. */
struct field {
    struct results *results;
    size_t members[CONTESTANTS_MAX]; /* places in results */
    size_t count;
    size_t operations[CONTESTANTS_MAX];
    double *samples[CONTESTANTS_MAX];
    size_t rounds;
};

static struct result *result_at(const struct field *field, size_t i)
{
    return &field->results->of[field->members[i]];
}

static void evaluate(const struct field *field)
{
    for (size_t i = 0; i < field->count; i++)
        for (size_t j = 0; j < field->count; j++)
            result_at(field, i)->ratios[field->members[j]] =
                median_ratio(field->samples[i], field->samples[j], field->rounds);
    for (size_t i = 0; i < field->count; i++) {
        struct result *result = result_at(field, i);
        result->second = median(field->samples[i], field->rounds);
        result->first = field->samples[i][0];
        result->rounds = field->rounds;
    }
}

static void assemble(struct field *field)
{
    const struct row *row = field->results->row;
    for (size_t i = 0; i < field->results->count; i++)
        if (!field->results->of[i].absent[0]) field->members[field->count++] = i;
    for (size_t i = 0; i < field->count; i++) {
        field->operations[i] = calibrate(row, result_at(field, i)->contestant);
        field->samples[i] = need(malloc(ROUNDS_MAX * sizeof(double)));
    }
}

/* Each second round runs backwards: nobody always comes after the same one. */
static void play_round(struct field *field)
{
    for (size_t turn = 0; turn < field->count; turn++) {
        size_t i = field->rounds % 2 ? field->count - 1 - turn : turn;
        double took = burst(field->results->row, result_at(field, i)->contestant,
                            field->operations[i], PATIENCE);
        field->samples[i][field->rounds] = took / (double)field->operations[i];
    }
}

/* Whether it counts: nobody was without the partner that two threads need. */
static bool play_good_round(struct field *field)
{
    size_t alone = bursts_alone();
    play_round(field);
    return bursts_alone() == alone;
}

/* Bad rounds are played again, for as long again as the row has. Then they must do. */
static void play(struct field *field, double seconds)
{
    double end = clock_now() + seconds * 1e9, end_of_all = end + seconds * 1e9;
    size_t bad = 0, least = is_quick() ? ROUNDS_MIN_QUICK : ROUNDS_MIN;
    while (field->rounds < ROUNDS_MAX && (field->rounds < least || clock_now() < end)) {
        bool good = play_good_round(field);
        if (!good && clock_now() < end_of_all) continue;
        field->rounds++;
        bad += !good;
    }
    if (bad == 0) return;
    char note[200];
    snprintf(note, sizeof note,
             "%s: in %zu of %zu rounds one thread did less than half as much as the other.",
             field->results->row->title, bad, field->rounds);
    add_note(note);
}

void measure_time(struct results *results, double seconds)
{
    struct field field = {.results = results};
    assemble(&field);
    play(&field, seconds);
    evaluate(&field);
    for (size_t i = 0; i < field.count; i++) free(field.samples[i]);
}
