/* SPDX-License-Identifier: MIT */
/* The table for people: a row's title, then a line for each contestant. */
#include "bench.h"

#include <string.h>

/* ---- what the figures say -------------------------------------------------------------------- */

const struct result *result_bare(const struct results *results)
{
    for (size_t i = 0; i < results->count; i++)
        if (results->of[i].contestant->kind == KIND_BARE) return &results->of[i];
    give_up("a row has no bare contestant");
}

static const struct result *result_named(const struct results *results, const char *name)
{
    for (size_t i = 0; i < results->count; i++)
        if (strcmp(results->of[i].contestant->name, name) == 0) return &results->of[i];
    give_up("a goal names a contestant that its row does not have");
}

static struct comparison comparison_of(const struct results *results, const struct result *result,
                                       const struct goal *goal)
{
    struct comparison it = {.goal = goal, .against = result_bare(results)};
    if (goal && goal->to) it.against = result_named(results, goal->to);
    it.ratio = result->ratios[it.against - results->of];
    if (!goal) return it;
    snprintf(it.goal_text, sizeof it.goal_text, goal->times ? "<= %.3g x %s" : "<= %.0f B",
             goal->limit, it.against->contestant->name);
    if (result->absent[0] || it.against->absent[0]) return it;
    double value = goal->times ? it.ratio : result->first;
    it.verdict = value <= goal->limit ? VERDICT_REACHED : VERDICT_MISSED;
    return it;
}

static bool is_for(const struct goal *goal, const struct contestant *contestant)
{
    if (goal->limit == 0 || contestant->kind != KIND_OURS) return false;
    return !goal->of || strcmp(goal->of, contestant->name) == 0;
}

size_t compare_all(const struct results *results, const struct result *result,
                   struct comparison comparisons[GOALS_MAX])
{
    const struct goal *goals = results->row->goals;
    size_t count = 0;
    for (size_t i = 0; i < GOALS_MAX; i++)
        if (is_for(&goals[i], result->contestant))
            comparisons[count++] = comparison_of(results, result, &goals[i]);
    if (count == 0) comparisons[count++] = comparison_of(results, result, NULL);
    return count;
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
    if (result->absent[0]) {
        fprintf(out, "  %-36s absent: %s\n", result->contestant->name, result->absent);
        return;
    }
    struct comparison comparisons[GOALS_MAX];
    size_t count = compare_all(results, result, comparisons);
    fprintf(out, "  %-36s %12.2f %12.2f", result->contestant->name, result->first, result->second);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) fprintf(out, "%64s", "");
        if (comparisons[i].against->absent[0])
            fprintf(out, " %9s  %s\n", "-", comparisons[i].goal_text);
        else
            fprintf(out, " %9.3f  %s%s\n", comparisons[i].ratio, comparisons[i].goal_text,
                    said_of_verdict(comparisons[i].verdict));
    }
}

static void print_row(FILE *out, const struct results *results)
{
    fprintf(out, "%s (%s)\n", results->row->title, said_of_threads(results->row->threads));
    if (results->skipped) fprintf(out, "  skipped: %s\n", results->skipped);
    for (size_t i = 0; !results->skipped && i < results->count; i++)
        print_result(out, results, &results->of[i]);
    if (results->note[0]) fprintf(out, "  %s\n", results->note);
}

void report_text(FILE *out, const struct results *all, size_t count)
{
    report_machine(out, "", "");
    fprintf(out, "\n");
    for (size_t i = 0; i < count; i++) {
        enum measure measure = all[i].row->measure;
        if (i == 0 || measure != all[i - 1].row->measure) print_heading(out, measure);
        print_row(out, &all[i]);
    }
}
