/* SPDX-License-Identifier: MIT */
/* The same figures as Markdown, for the README; and what machine they are of. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__GLIBC__)
#include <gnu/libc-version.h>
#endif

/* What run.sh compiled with. */
#ifndef BENCH_FLAGS
#define BENCH_FLAGS "unknown flags"
#endif

/* ---- the machine ----------------------------------------------------------------------------- */

static void read_processor(char *name, size_t size)
{
    char line[256];
    snprintf(name, size, "unknown processor");
    FILE *file = fopen("/proc/cpuinfo", "r");
    if (!file) return;
    while (fgets(line, sizeof line, file)) {
        const char *value = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !value) continue;
        snprintf(name, size, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
        break;
    }
    fclose(file);
}

#if defined(__clang__)
#define COMPILER       __VERSION__
#define COMPILER_NAME  "clang"
#define COMPILER_MAJOR __clang_major__
#else
#define COMPILER       "gcc " __VERSION__
#define COMPILER_NAME  "gcc"
#define COMPILER_MAJOR __GNUC__
#endif

static const char *c_library(void)
{
#if defined(__GLIBC__)
    return gnu_get_libc_version();
#else
    return "unknown";
#endif
}

void report_machine(FILE *out, const char *prefix, const char *options)
{
    char processor[128], date[32];
    time_t now = time(NULL);
    read_processor(processor, sizeof processor);
    strftime(date, sizeof date, "%Y-%m-%d", gmtime(&now));
    fprintf(out, "%s%s, %ld cores; C library %s\n", prefix, processor,
            sysconf(_SC_NPROCESSORS_ONLN), c_library());
    fprintf(out, "%s%s, %s\n", prefix, COMPILER, BENCH_FLAGS);
    fprintf(out, "%s%s, sh tests/run.sh bench%s\n", prefix, date, options);
}

void report_versions(FILE *out)
{
    fprintf(out, "compiler %s %d\nflags %s\nC library %s\n", COMPILER_NAME, COMPILER_MAJOR,
            BENCH_FLAGS, c_library());
}

/* ---- Markdown -------------------------------------------------------------------------------- */

const char *report_threads(enum threads threads)
{
    return threads == THREADS_ONE       ? ""
           : threads == THREADS_STARTED ? ", threaded"
           : threads == THREADS_TWO     ? ", 2 threads"
                                        : ", 3 threads";
}

/* Three digits of a figure: ns, ms or s where there are many, or bytes. */
static const char *figure(double value, char *text, size_t size)
{
    if (value >= 1e9)
        snprintf(text, size, "%.3g s", value / 1e9);
    else if (value >= 1e5)
        snprintf(text, size, "%.3g ms", value / 1e6);
    else
        snprintf(text, size, value < 100 ? "%.3g" : "%.0f", value);
    return text;
}

static void markdown_figures(FILE *out, const struct result *result)
{
    char first[32], second[32];
    if (result->absent[0])
        fprintf(out, " absent: %s |", result->absent);
    else
        fprintf(out, " %s / %s |", figure(result->first, first, sizeof first),
                figure(result->second, second, sizeof second));
}

/* Ours has a name of its own where a row has several. */
static void markdown_title(FILE *out, const struct row *row, const struct contestant *our)
{
    fprintf(out, "| %s%s", row->title, report_threads(row->threads));
    if (strcmp(our->name, "rcbuf") != 0) fprintf(out, ": %s", our->name);
}

static void markdown_peer(FILE *out, const struct results *all, const struct result *our)
{
    const struct result *peer = result_best_peer(all);
    if (peer)
        fprintf(out, " %s: %.2f |", peer->contestant->name, our->ratios[peer - all->of]);
    else
        fputs(" - |", out);
}

static const char *count_text(double count, char *text, size_t size)
{
    if (count >= 1e6)
        snprintf(text, size, "%.3g million", count / 1e6);
    else
        snprintf(text, size, count < 100 ? "%.3g" : "%.0f", count);
    return text;
}

/* Ours, and those of the bare contestant. */
static void markdown_instructions(FILE *out, const struct summary *summary, size_t place)
{
    double our = summary->instructions[place];
    double bare = summary->instructions[result_bare(&summary->all) - summary->all.of];
    char text[32], bare_text[32];
    if (our > 0 && bare > 0)
        fprintf(out, " %s (%s) |", count_text(our, text, sizeof text),
                count_text(bare, bare_text, sizeof bare_text));
    else
        fputs(" - |", out);
}

static void markdown_goal(FILE *out, const struct summary *summary, const struct comparison *it)
{
    fprintf(out, " %s", it->goal_text);
    if (it->verdict != VERDICT_NONE)
        fprintf(out, "; %s in %zu of %zu",
                it->verdict == VERDICT_MISSED ? "**missed**: reached" : "reached", it->reached,
                summary->session_count);
    fputs(" |\n", out);
}

static void markdown_line(FILE *out, const struct summary *summary, size_t place,
                          const struct comparison *comparison)
{
    const struct result *our = &summary->all.of[place];
    markdown_title(out, summary->all.row, our->contestant);
    fprintf(out, " | %s |", comparison->against->contestant->name);
    markdown_figures(out, comparison->against);
    markdown_figures(out, our);
    if (comparison->against->absent[0] || our->absent[0])
        fprintf(out, " - |");
    else
        fprintf(out, " %.2f |", comparison->ratio);
    markdown_peer(out, &summary->all, our);
    if (summary->all.row->measure == MEASURE_TIME) markdown_instructions(out, summary, place);
    markdown_goal(out, summary, comparison);
}

static void markdown_row(FILE *out, const struct summary *summary)
{
    struct comparison comparisons[GOALS_MAX];
    for (size_t i = 0; i < summary->all.count; i++) {
        if (summary->all.of[i].contestant->kind != KIND_OURS) continue;
        size_t count = compare_all(summary, i, comparisons);
        for (size_t j = 0; j < count; j++) markdown_line(out, summary, i, &comparisons[j]);
    }
}

static void markdown_part(FILE *out, const struct summary *summaries, size_t count,
                          enum measure measure)
{
    static const char *const headings[] = {
        [MEASURE_TIME] =
            "| operation | against | its ns, min / median | ns of rcbuf | ratio | to the best peer "
            "| instructions (bare) | goal |\n|---|---|---|---|---|---|---|---|\n",
        [MEASURE_BYTES] =
            "| alive | against | its bytes of overhead, by malloc / resident | those of rcbuf "
            "| ratio | to the best peer | goal |\n|---|---|---|---|---|---|---|\n",
    };
    bool begun = false;
    for (size_t i = 0; i < count; i++) {
        if (summaries[i].all.row->measure != measure || summaries[i].all.skipped) continue;
        if (!begun) fputs(headings[measure], out);
        begun = true;
        markdown_row(out, &summaries[i]);
    }
    if (begun) fputs("\n", out);
}

/* Each once, though several rows say the same. */
static void markdown_notes(FILE *out, const struct summary *summaries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t first = 0;
        while (strcmp(summaries[first].all.note, summaries[i].all.note) != 0) first++;
        if (first == i && summaries[i].all.note[0]) fprintf(out, "> %s\n", summaries[i].all.note);
        if (summaries[i].all.skipped)
            fprintf(out, "> %s: skipped: %s\n", summaries[i].all.row->name,
                    summaries[i].all.skipped);
    }
}

struct absence {
    const char *reason;
    size_t count;
};

static void add_absence(struct absence *absences, size_t *count, const char *reason)
{
    size_t i = 0;
    while (i < *count && strcmp(absences[i].reason, reason) != 0) i++;
    if (i == *count) absences[(*count)++] = (struct absence){.reason = reason};
    absences[i].count++;
}

/* Who is not there: a line for each reason. */
static void markdown_absent(FILE *out, const struct summary *summaries, size_t count)
{
    struct absence *absences = need(calloc(count * CONTESTANTS_MAX + 1, sizeof *absences));
    size_t reasons = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < summaries[i].all.count; j++)
            if (summaries[i].all.of[j].absent[0])
                add_absence(absences, &reasons, summaries[i].all.of[j].absent);
    for (size_t i = 0; i < reasons; i++)
        fprintf(out, "> absent, in %zu places: %s\n", absences[i].count, absences[i].reason);
    free(absences);
}

void report_markdown(FILE *out, const struct summary *summaries, size_t count, const char *options)
{
    markdown_part(out, summaries, count, MEASURE_TIME);
    markdown_part(out, summaries, count, MEASURE_BYTES);
    report_machine(out, "> ", options);
    markdown_notes(out, summaries, count);
    markdown_absent(out, summaries, count);
}
