/* SPDX-License-Identifier: MIT */
/* The table for people: a row's title, then a line for each contestant. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

/* ---- what the figures say -------------------------------------------------------------------- */

static const struct result *result_named(const struct results *results, const char *name)
{
    for (size_t i = 0; i < results->count; i++)
        if (strcmp(results->of[i].contestant->name, name) == 0) return &results->of[i];
    return NULL;
}

const struct result *result_bare(const struct results *results)
{
    for (size_t i = 0; i < results->count; i++)
        if (results->of[i].contestant->kind == KIND_BARE) return &results->of[i];
    return NULL;
}

static double ratio(double value, double to)
{
    return to > 0 ? value / to : 0;
}

double ratio_first(const struct results *results, const struct result *result)
{
    const struct result *bare = result_bare(results);
    return bare ? ratio(result->first, bare->first) : 0;
}

double ratio_second(const struct results *results, const struct result *result)
{
    const struct result *bare = result_bare(results);
    return bare ? ratio(result->second, bare->second) : 0;
}

enum verdict verdict_of(const struct results *results, const struct result *result)
{
    const struct goal *goal = &results->row->goal;
    if (goal->limit == 0 || result->contestant->kind != KIND_OURS) return VERDICT_NONE;
    double limit = goal->limit;
    if (goal->against) {
        const struct result *other = result_named(results, goal->against);
        if (!other) give_up("a goal names a contestant that its row does not have");
        limit *= goal->by_median ? other->second : other->first;
    }
    double value = goal->by_median ? result->second : result->first;
    return value <= limit ? VERDICT_REACHED : VERDICT_MISSED;
}

void goal_text(const struct row *row, char *text, size_t size)
{
    const struct goal *goal = &row->goal;
    if (goal->limit == 0)
        snprintf(text, size, "%s", "");
    else if (goal->against)
        snprintf(text, size, "<= %.2g x %s%s", goal->limit, goal->against,
                 goal->by_median ? ", median" : "");
    else
        snprintf(text, size, "<= %.0f B", goal->limit);
}

/* ---- the table ------------------------------------------------------------------------------- */

static const char *said_of_threads(enum threads threads)
{
    switch (threads) {
    case THREADS_ONE:
        return "one thread";
    case THREADS_STARTED:
        return "once a second thread was started";
    case THREADS_TWO:
        return "two threads";
    }
    return "";
}

static const char *said_of_verdict(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_REACHED:
        return ": reached";
    case VERDICT_MISSED:
        return ": MISSED";
    case VERDICT_NONE:
        break;
    }
    return "";
}

static void print_heading(FILE *out, enum measure measure)
{
    const char *first = measure == MEASURE_TIME ? "min ns" : "by malloc";
    const char *second = measure == MEASURE_TIME ? "median ns" : "resident";
    if (measure == MEASURE_BYTES) fprintf(out, "\nBytes of overhead for each that is alive:\n");
    fprintf(out, "%-38s %12s %12s %9s %9s  %s\n", "", first, second, "ratio", "of both", "goal");
}

static void print_result(FILE *out, const struct results *results, const struct result *result)
{
    char goal[64] = "";
    enum verdict verdict = verdict_of(results, result);
    if (verdict != VERDICT_NONE) goal_text(results->row, goal, sizeof goal);
    fprintf(out, "  %-36s %12.2f %12.2f", result->contestant->name, result->first, result->second);
    if (result_bare(results))
        fprintf(out, " %9.3f %9.3f", ratio_first(results, result), ratio_second(results, result));
    fprintf(out, "  %s%s\n", goal, said_of_verdict(verdict));
}

static void print_row(FILE *out, const struct results *results)
{
    fprintf(out, "%s (%s)\n", results->row->title, said_of_threads(results->row->threads));
    if (results->skipped) fprintf(out, "  skipped: %s\n", results->skipped);
    for (size_t i = 0; !results->skipped && i < results->count; i++)
        print_result(out, results, &results->of[i]);
}

void report_text(FILE *out, const struct results *all, size_t count)
{
    report_machine(out, "");
    fprintf(out, "\n");
    for (size_t i = 0; i < count; i++) {
        enum measure measure = all[i].row->measure;
        if (i == 0 || measure != all[i - 1].row->measure) print_heading(out, measure);
        print_row(out, &all[i]);
    }
}
