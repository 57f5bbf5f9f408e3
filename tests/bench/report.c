/* SPDX-License-Identifier: MIT */
/* The table for people: a row's title, then a line for each contestant. */
#include "bench.h"

static const char *said_of_threads(enum threads threads)
{
    switch (threads) {
    case THREADS_ONE:
        return "one thread";
    case THREADS_STARTED:
        return "once a second thread was started";
    case THREADS_TWO:
        return "two threads";
    case THREADS_THREE:
        return "three threads";
    }
    return "";
}

static void print_heading(FILE *out, enum measure measure)
{
    const char *first = measure == MEASURE_TIME ? "min ns" : "by malloc";
    const char *second = measure == MEASURE_TIME ? "median ns" : "resident";
    if (measure == MEASURE_BYTES) fprintf(out, "\nBytes of overhead for each that is alive:\n");
    fprintf(out, "%-38s %12s %12s %9s %9s %9s  %s\n", "", first, second, "to bare", "to peer",
            "instr.", "goal");
}

/* Its ratio to @p to; "-" where one of them is absent, or is the other one. */
static const char *ratio_text(const struct results *all, const struct result *result,
                              const struct result *to, char text[16])
{
    snprintf(text, 16, "-");
    if (to && to != result && !to->absent[0])
        snprintf(text, 16, "%.3f", result->ratios[to - all->of]);
    return text;
}

static void print_goal(FILE *out, const struct summary *summary, const struct comparison *it)
{
    char ratio[48] = "";
    if (it->goal->to && !it->against->absent[0])
        snprintf(ratio, sizeof ratio, " (%.3f)", it->ratio);
    fprintf(out, "  %s%s", it->goal_text, ratio);
    if (it->verdict != VERDICT_NONE)
        fprintf(out, ": %sreached in %zu of %zu", it->verdict == VERDICT_MISSED ? "MISSED, " : "",
                it->reached, summary->session_count);
}

static void print_figures(FILE *out, const struct summary *summary, size_t place)
{
    const struct results *all = &summary->all;
    const struct result *it = &all->of[place];
    char bare[16], peer[16], instructions[16] = "";
    if (summary->instructions[place] > 0)
        snprintf(instructions, sizeof instructions, "%.1f", summary->instructions[place]);
    fprintf(out, "  %-36s %12.2f %12.2f %9s %9s %9s", it->contestant->name, it->first, it->second,
            ratio_text(all, it, result_bare(all), bare),
            ratio_text(all, it, result_best_peer(all), peer), instructions);
}

static void print_result(FILE *out, const struct summary *summary, size_t place)
{
    const struct result *it = &summary->all.of[place];
    if (it->absent[0]) {
        fprintf(out, "  %-36s absent: %s\n", it->contestant->name, it->absent);
        return;
    }
    struct comparison comparisons[GOALS_MAX];
    size_t count = compare_all(summary, place, comparisons);
    print_figures(out, summary, place);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) fprintf(out, "\n%94s", "");
        if (comparisons[i].goal) print_goal(out, summary, &comparisons[i]);
    }
    if (it == result_best_peer(&summary->all)) fprintf(out, "  the best peer");
    fputc('\n', out);
}

static void print_row(FILE *out, const struct summary *summary)
{
    const struct results *all = &summary->all;
    fprintf(out, "%s (%s)\n", all->row->title, said_of_threads(all->row->threads));
    if (all->skipped) fprintf(out, "  skipped: %s\n", all->skipped);
    for (size_t i = 0; !all->skipped && i < all->count; i++) print_result(out, summary, i);
    if (all->note[0]) fprintf(out, "  %s\n", all->note);
}

/* How many goals there are, and how many of them were reached: a sentence. */
static void print_verdict(FILE *out, const struct summary *summaries, size_t count)
{
    struct comparison comparisons[GOALS_MAX];
    size_t verdicts[VERDICT_MISSED + 1] = {0}, sessions = 0;
    for (size_t i = 0; i < count; i++) {
        if (summaries[i].session_count > sessions) sessions = summaries[i].session_count;
        for (size_t j = 0; j < summaries[i].all.count; j++) {
            size_t lines =
                summaries[i].all.skipped ? 0 : compare_all(&summaries[i], j, comparisons);
            while (lines > 0) verdicts[comparisons[--lines].verdict]++;
        }
    }
    fprintf(out, "\n%zu of %zu goals reached, in two thirds of %zu session%s\n",
            verdicts[VERDICT_REACHED], verdicts[VERDICT_REACHED] + verdicts[VERDICT_MISSED],
            sessions, sessions == 1 ? "" : "s");
}

void report_text(FILE *out, const struct summary *summaries, size_t count, const char *options)
{
    report_machine(out, "", options);
    fprintf(out, "\n");
    for (size_t i = 0; i < count; i++) {
        enum measure measure = summaries[i].all.row->measure;
        if (i == 0 || measure != summaries[i - 1].all.row->measure) print_heading(out, measure);
        print_row(out, &summaries[i]);
    }
    print_verdict(out, summaries, count);
}
