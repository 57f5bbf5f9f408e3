/* SPDX-License-Identifier: MIT */
/* The table for people: a row's title, then a line for each contestant. */
#include "bench.h"

/* ---- what the figures say -------------------------------------------------------------------- */

const struct result *result_bare(const struct results *results)
{
    for (size_t i = 0; i < results->count; i++)
        if (results->of[i].contestant->kind == KIND_BARE) return &results->of[i];
    give_up("a row has no bare contestant");
}

enum verdict verdict_of(const struct results *results, const struct result *result)
{
    const struct goal *goal = &results->row->goal;
    if (goal->limit == 0 || result->contestant->kind != KIND_OURS) return VERDICT_NONE;
    double value = goal->times ? result->ratio : result->first;
    return value <= goal->limit ? VERDICT_REACHED : VERDICT_MISSED;
}

void goal_text(const struct results *results, char *text, size_t size)
{
    const struct goal *goal = &results->row->goal;
    if (goal->limit == 0)
        snprintf(text, size, "%s", "");
    else if (goal->times)
        snprintf(text, size, "<= %.2g x %s", goal->limit, result_bare(results)->contestant->name);
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
    fprintf(out, "%-38s %12s %12s %9s  %s\n", "", first, second, "ratio", "goal");
}

static void print_result(FILE *out, const struct results *results, const struct result *result)
{
    char goal[64] = "";
    enum verdict verdict = verdict_of(results, result);
    if (verdict != VERDICT_NONE) goal_text(results, goal, sizeof goal);
    fprintf(out, "  %-36s %12.2f %12.2f %9.3f  %s%s\n", result->contestant->name, result->first,
            result->second, result->ratio, goal, said_of_verdict(verdict));
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
