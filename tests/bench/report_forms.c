/* SPDX-License-Identifier: MIT */
/* The same figures as Markdown, for the README, and as CSV, for programs. */
#include "bench.h"

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

static const char *compiler(void)
{
#if defined(__clang__)
    return __VERSION__;
#else
    return "gcc " __VERSION__;
#endif
}

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
    fprintf(out, "%s%s, %s\n", prefix, compiler(), BENCH_FLAGS);
    fprintf(out, "%s%s, sh tests/run.sh bench%s\n", prefix, date, options);
}

/* ---- Markdown -------------------------------------------------------------------------------- */

static const char *short_of_threads(enum threads threads)
{
    return threads == THREADS_ONE ? "" : threads == THREADS_STARTED ? ", threaded" : ", 2 threads";
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
    fprintf(out, "| %s%s", row->title, short_of_threads(row->threads));
    if (strcmp(our->name, "rcbuf") != 0) fprintf(out, ": %s", our->name);
}

static void markdown_line(FILE *out, const struct row *row, const struct result *our,
                          const struct comparison *comparison)
{
    markdown_title(out, row, our->contestant);
    fprintf(out, " | %s |", comparison->against->contestant->name);
    markdown_figures(out, comparison->against);
    markdown_figures(out, our);
    if (comparison->against->absent[0])
        fprintf(out, " - |");
    else
        fprintf(out, " %.2f |", comparison->ratio);
    fprintf(out, " %s%s |\n", comparison->goal_text,
            comparison->verdict == VERDICT_MISSED ? " (missed)" : "");
}

static void markdown_row(FILE *out, const struct results *results)
{
    struct comparison comparisons[GOALS_MAX];
    for (size_t i = 0; i < results->count; i++) {
        const struct result *our = &results->of[i];
        if (our->contestant->kind != KIND_OURS) continue;
        size_t count = compare_all(results, our, comparisons);
        for (size_t j = 0; j < count; j++) markdown_line(out, results->row, our, &comparisons[j]);
    }
}

static void markdown_part(FILE *out, const struct results *all, size_t count, enum measure measure)
{
    static const char *const headings[] = {
        [MEASURE_TIME] = "| operation | against | its ns, min / median | ns of rcbuf |",
        [MEASURE_BYTES] =
            "| alive | against | its bytes of overhead, by malloc / resident | those of rcbuf |",
    };
    bool begun = false;
    for (size_t i = 0; i < count; i++) {
        if (all[i].row->measure != measure || all[i].skipped) continue;
        if (!begun)
            fprintf(out, "%s ratio | goal |\n|---|---|---|---|---|---|\n", headings[measure]);
        begun = true;
        markdown_row(out, &all[i]);
    }
    if (begun) fputs("\n", out);
}

/* Each once, though several rows say the same. */
static void markdown_notes(FILE *out, const struct results *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t first = 0;
        while (strcmp(all[first].note, all[i].note) != 0) first++;
        if (first == i && all[i].note[0]) fprintf(out, "> %s\n", all[i].note);
    }
}

void report_markdown(FILE *out, const struct results *all, size_t count)
{
    markdown_part(out, all, count, MEASURE_TIME);
    markdown_part(out, all, count, MEASURE_BYTES);
    report_machine(out, "> ", " --table");
    markdown_notes(out, all, count);
}

/* ---- CSV ------------------------------------------------------------------------------------- */

static const char *const kind_names[] = {"bare", "ours", "peer"};
static const char *const verdict_names[] = {"", "reached", "missed"};

/* A line for each of its goals; where the one it is to is absent, against the bare contestant. */
static void csv_result(FILE *out, const struct results *results, const struct result *result)
{
    struct comparison comparisons[GOALS_MAX];
    size_t count = compare_all(results, result, comparisons);
    const struct row *row = results->row;
    for (size_t i = 0; i < count; i++) {
        const struct comparison *it = &comparisons[i];
        const struct result *against = it->against->absent[0] ? result_bare(results) : it->against;
        fprintf(out, "%s,\"%s\",%s,%s,%.4f,%.4f,%zu,\"%s\",%.4f,\"%s\",%s\n", row->name,
                result->contestant->name, kind_names[result->contestant->kind],
                row->measure == MEASURE_TIME ? "ns" : "bytes", result->first, result->second,
                result->rounds, against->contestant->name, result->ratios[against - results->of],
                it->goal_text, verdict_names[it->verdict]);
    }
}

void report_csv(FILE *out, const struct results *all, size_t count)
{
    fprintf(out, "row,contestant,kind,unit,first,second,rounds,against,ratio,goal,verdict\n");
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; !all[i].skipped && j < all[i].count; j++)
            if (!all[i].of[j].absent[0]) csv_result(out, &all[i], &all[i].of[j]);
}
