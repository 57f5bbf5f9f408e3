/* SPDX-License-Identifier: MIT */
/*
 * All figures as CSV: for each contestant and each of its goals a line for all sessions together,
 * session "all", and one for each session. Units are ns of an operation or bytes of a thing alive.
 */
#include "bench.h"

static const char *const kind_names[] = {"bare", "ours", "peer"};
static const char *const verdict_names[] = {"", "reached", "missed"};

/* Of one session, or of all. */
struct line {
    const struct summary *summary;
    const struct results *results;
    size_t place;
    char session[24];
    size_t reached; /* in how many of the line's sessions */
    enum verdict verdict;
};

static void csv_ratio(FILE *out, const struct line *line, const struct result *to)
{
    if (to && !to->absent[0])
        fprintf(out, ",\"%s\",%.4f", to->contestant->name,
                line->results->of[line->place].ratios[to - line->summary->all.of]);
    else
        fputs(",\"\",", out);
}

static void csv_line(FILE *out, const struct line *line, const struct comparison *comparison)
{
    const struct row *row = line->results->row;
    const struct result *it = &line->results->of[line->place];
    const struct results *all = &line->summary->all;
    fprintf(out, "%s,\"%s%s\",\"%s\",%s,%s,%s,%.4f,%.4f,%zu", row->name, row->title,
            report_threads(row->threads), it->contestant->name, kind_names[it->contestant->kind],
            row->measure == MEASURE_TIME ? "ns" : "bytes", line->session, it->first, it->second,
            it->rounds);
    csv_ratio(out, line, result_bare(all));
    csv_ratio(out, line, result_best_peer(all));
    csv_ratio(out, line, comparison->against);
    if (line->summary->instructions[line->place] > 0)
        fprintf(out, ",%.2f", line->summary->instructions[line->place]);
    else
        fputs(",", out);
    fprintf(out, ",\"%s\",", comparison->goal_text);
    if (comparison->goal) fprintf(out, "%g", comparison->goal->limit);
    if (line->verdict == VERDICT_NONE)
        fputs(",,\n", out);
    else
        fprintf(out, ",%zu,%s\n", line->reached, verdict_names[line->verdict]);
}

static void csv_comparison(FILE *out, const struct summary *summary, size_t place,
                           const struct comparison *it)
{
    struct line line = {summary, &summary->all, place, "all", it->reached, it->verdict};
    csv_line(out, &line, it);
    for (size_t i = 0; i < summary->session_count; i++) {
        line.results = &summary->sessions[i];
        snprintf(line.session, sizeof line.session, "%zu", i + 1);
        line.reached = goal_is_reached(summary, i, place, it);
        line.verdict = it->verdict == VERDICT_NONE ? VERDICT_NONE
                       : line.reached              ? VERDICT_REACHED
                                                   : VERDICT_MISSED;
        csv_line(out, &line, it);
    }
}

static void csv_row(FILE *out, const struct summary *summary)
{
    struct comparison comparisons[GOALS_MAX];
    for (size_t place = 0; place < summary->all.count; place++) {
        if (summary->all.of[place].absent[0]) continue;
        size_t count = compare_all(summary, place, comparisons);
        for (size_t i = 0; i < count; i++) csv_comparison(out, summary, place, &comparisons[i]);
    }
}

void report_csv(FILE *out, const struct summary *summaries, size_t count)
{
    fputs(
        "row,operation,contestant,kind,unit,session,first,second,rounds,bare,to bare,peer,to peer,"
        "against,ratio,instructions,goal,limit,reached,verdict\n",
        out);
    for (size_t i = 0; i < count; i++)
        if (!summaries[i].all.skipped) csv_row(out, &summaries[i]);
}
