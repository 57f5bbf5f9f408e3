/* SPDX-License-Identifier: MIT */
/* What the figures say: sessions put together, ratios, goals. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

/* ---- sessions -------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

static const struct result *in_session(const struct summary *summary, size_t session, size_t place)
{
    return &summary->sessions[session].of[place];
}

static void summarize_figures(struct summary *summary, size_t place)
{
    double first[SESSIONS_MAX], second[SESSIONS_MAX];
    struct result *all = &summary->all.of[place];
    for (size_t i = 0; i < summary->session_count; i++) {
        const struct result *one = in_session(summary, i, place);
        first[i] = one->first;
        second[i] = one->second;
        all->rounds += one->rounds;
        if (one->absent[0]) memcpy(all->absent, one->absent, sizeof all->absent);
    }
    all->first = median(first, summary->session_count);
    all->second = median(second, summary->session_count);
    if (summary->all.row->measure == MEASURE_TIME) all->first = first[0]; /* median() sorts */
}

static void summarize_ratios(struct summary *summary, size_t place)
{
    double ratios[SESSIONS_MAX];
    for (size_t j = 0; j < summary->all.count; j++) {
        for (size_t i = 0; i < summary->session_count; i++)
            ratios[i] = in_session(summary, i, place)->ratios[j];
        summary->all.of[place].ratios[j] = median(ratios, summary->session_count);
    }
}

void summarize(struct summary *summary)
{
    struct results *all = &summary->all;
    *all = summary->sessions[0];
    for (size_t i = 1; i < summary->session_count; i++)
        if (summary->sessions[i].note[0])
            memcpy(all->note, summary->sessions[i].note, sizeof all->note);
    for (size_t place = 0; place < all->count; place++) {
        all->of[place] = (struct result){.contestant = all->of[place].contestant};
        summarize_figures(summary, place);
        summarize_ratios(summary, place);
    }
}

/* ---- ratios ---------------------------------------------------------------------------------- */

const struct result *result_bare(const struct results *results)
{
    for (size_t i = 0; i < results->count; i++)
        if (results->of[i].contestant->kind == KIND_BARE) return &results->of[i];
    give_up("a row has no bare contestant");
}

const struct result *result_best_peer(const struct results *results)
{
    const struct result *best = NULL;
    size_t bare = (size_t)(result_bare(results) - results->of);
    for (size_t i = 0; i < results->count; i++) {
        const struct result *it = &results->of[i];
        if (it->contestant->kind != KIND_PEER || it->absent[0]) continue;
        if (!best || it->ratios[bare] < best->ratios[bare]) best = it;
    }
    return best;
}

static const struct result *result_named(const struct results *results, const char *name)
{
    for (size_t i = 0; i < results->count; i++)
        if (strcmp(results->of[i].contestant->name, name) == 0) return &results->of[i];
    give_up("a goal names a contestant that its row does not have");
}

/* ---- goals ----------------------------------------------------------------------------------- */

static const char *unit_of(const struct row *row)
{
    return row->measure == MEASURE_TIME ? "ns" : "B";
}

/* What the goal limits: a ratio, bytes by malloc's books, or the median time. */
static double value_for(const struct goal *goal, const struct row *row, const struct result *result,
                        size_t against)
{
    if (goal->times) return result->ratios[against];
    return row->measure == MEASURE_TIME ? result->second : result->first;
}

bool goal_is_reached(const struct summary *summary, size_t session, size_t place,
                     const struct comparison *it)
{
    size_t against = (size_t)(it->against - summary->all.of);
    const struct result *result = in_session(summary, session, place);
    return it->goal && value_for(it->goal, summary->all.row, result, against) <= it->goal->limit;
}

static struct comparison comparison_of(const struct summary *summary, size_t place,
                                       const struct goal *goal)
{
    const struct results *all = &summary->all;
    struct comparison it = {.against = result_bare(all)};
    if (goal && goal->to) it.against = result_named(all, goal->to);
    size_t against = (size_t)(it.against - all->of);
    it.ratio = all->of[place].ratios[against];
    if (!goal || goal->limit == 0) return it;
    it.goal = goal;
    if (goal->times)
        snprintf(it.goal_text, sizeof it.goal_text, "<= %.3g x %s", goal->limit,
                 it.against->contestant->name);
    else
        snprintf(it.goal_text, sizeof it.goal_text, "<= %.3g %s", goal->limit, unit_of(all->row));
    if (all->of[place].absent[0] || (goal->times && it.against->absent[0])) return it;
    for (size_t i = 0; i < summary->session_count; i++)
        it.reached += goal_is_reached(summary, i, place, &it);
    it.verdict = 3 * it.reached >= 2 * summary->session_count ? VERDICT_REACHED : VERDICT_MISSED;
    return it;
}

static bool is_for(const struct goal *goal, const struct contestant *contestant)
{
    if ((goal->limit == 0 && !goal->of) || contestant->kind != KIND_OURS) return false;
    return !goal->of || strcmp(goal->of, contestant->name) == 0;
}

size_t compare_all(const struct summary *summary, size_t place,
                   struct comparison comparisons[GOALS_MAX])
{
    const struct goal *goals = summary->all.row->goals;
    size_t count = 0;
    for (size_t i = 0; i < GOALS_MAX; i++)
        if (is_for(&goals[i], summary->all.of[place].contestant))
            comparisons[count++] = comparison_of(summary, place, &goals[i]);
    if (count == 0) comparisons[count++] = comparison_of(summary, place, NULL);
    return count;
}
