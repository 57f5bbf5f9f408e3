/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct contestants *const tables[] = {
    &contestants_count, &contestants_create, &contestants_bytes,
    &contestants_weak,  &contestants_weight,
};

static void add_those_of(struct results *results, const struct contestants *table)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->first[i].row, results->row->name) != 0) continue;
        if (results->count == CONTESTANTS_MAX) give_up("a row has too many contestants");
        results->of[results->count++].contestant = &table->first[i];
    }
}

struct results results_of(const struct row *row)
{
    struct results results = {.row = row};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) add_those_of(&results, tables[i]);
    return results;
}

/* ---- the child ------------------------------------------------------------------------------- */

/* Rows for one thread: there must not have been another, before or after. */
static void check_threads(const struct row *row)
{
    bool single = row->threads == THREADS_ONE;
    if (tells_threads && is_single_threaded() != single)
        give_up(single ? "a row for one thread has started a second"
                       : "a row for a process with threads has none");
}

void process_measure(const struct row *row, double seconds, FILE *out)
{
    struct results results = results_of(row);
    if (row->threads != THREADS_ONE) start_a_thread();
    check_threads(row);
    for (size_t i = 0; i < results.count; i++)
        if (results.of[i].contestant->set_up) results.of[i].contestant->set_up();
    if (row->measure == MEASURE_TIME)
        measure_time(&results, seconds);
    else
        measure_bytes(&results);
    check_threads(row);
    for (size_t i = 0; i < results.count; i++)
        fprintf(out, "%zu %.17g %.17g %.17g %zu\n", i, results.of[i].first, results.of[i].second,
                results.of[i].ratio, results.of[i].rounds);
}

/* ---- the parent ------------------------------------------------------------------------------ */

static void execute(const char *program, const struct row *row, double seconds, int output)
{
    char text[32];
    snprintf(text, sizeof text, "%.3f", seconds);
    if (dup2(output, STDOUT_FILENO) >= 0)
        execl("/proc/self/exe", program, "--measure", row->name, text, (char *)NULL);
    execl(program, program, "--measure", row->name, text, (char *)NULL);
    fprintf(stderr, "bench: cannot execute %s\n", program);
    _exit(127);
}

static size_t read_figures(FILE *in, struct results *results)
{
    size_t i, rounds, seen = 0;
    double first, second, ratio;
    while (fscanf(in, "%zu %lf %lf %lf %zu", &i, &first, &second, &ratio, &rounds) == 5 &&
           i < results->count) {
        struct result *result = &results->of[i];
        *result = (struct result){result->contestant, first, second, ratio, rounds};
        seen++;
    }
    return seen;
}

bool process_run(const char *program, const struct row *row, double seconds,
                 struct results *results)
{
    *results = results_of(row);
    int ends[2], status = -1;
    fflush(NULL);
    if (pipe(ends) != 0) give_up("no pipe");
    pid_t child = fork();
    if (child < 0) give_up("no process");
    if (child == 0) {
        close(ends[0]);
        execute(program, row, seconds, ends[1]);
    }
    close(ends[1]);
    FILE *in = fdopen(ends[0], "r");
    size_t seen = in ? read_figures(in, results) : 0;
    if (in) fclose(in);
    waitpid(child, &status, 0);
    if (status == 0 && seen == results->count && seen > 0) return true;
    fprintf(stderr, "bench: row %s failed: status %d, figures of %zu out of %zu contestants\n",
            row->name, status, seen, results->count);
    return false;
}
