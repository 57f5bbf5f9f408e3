/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
    for (size_t i = 0; i < table_count; i++) add_those_of(&results, tables[i]);
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

static bool quick;
static char note[sizeof((struct results *)0)->note];

bool is_quick(void)
{
    return quick;
}

void add_note(const char *text)
{
    snprintf(note, sizeof note, "%s", text);
}

static void set_up(struct result *result)
{
    const struct contestant *contestant = result->contestant;
    const char *absent = contestant_absent(contestant);
    if (absent)
        snprintf(result->absent, sizeof result->absent, "%s", absent);
    else if (contestant->set_up)
        contestant->set_up();
}

/* A line "note ..." first; then for each contestant "absent ..." or its figures and ratios. */
static void write_figures(const struct results *results, FILE *out)
{
    fprintf(out, "note %s\n", note);
    for (size_t i = 0; i < results->count; i++) {
        const struct result *result = &results->of[i];
        if (result->absent[0]) {
            fprintf(out, "absent %s\n", result->absent);
            continue;
        }
        fprintf(out, "%.17g %.17g %zu", result->first, result->second, result->rounds);
        for (size_t j = 0; j < results->count; j++) fprintf(out, " %.17g", result->ratios[j]);
        fputc('\n', out);
    }
}

void process_measure(const struct row *row, double seconds, FILE *out)
{
    struct results results = results_of(row);
    quick = seconds < 1;
    if (row->threads != THREADS_ONE) start_a_thread();
    check_malloc();
    check_threads(row);
    for (size_t i = 0; i < results.count; i++) set_up(&results.of[i]);
    if (row->measure == MEASURE_TIME)
        measure_time(&results, seconds);
    else
        measure_bytes(&results);
    check_threads(row);
    check_malloc();
    write_figures(&results, out);
}

/* ---- counting -------------------------------------------------------------------------------- */

/* Operations of a row that has no burst of its own: what a loop does once is nothing beside them. */
enum { COUNTED = 10000 };

/* callgrind counts what happens in here, --toggle-collect=bench_counted: neither inlined nor the
 * end of its caller, and the loop is not its own end. */
void bench_counted(void (*run)(size_t operations), size_t operations);
__attribute__((noinline, used)) void bench_counted(void (*run)(size_t operations),
                                                   size_t operations)
{
    run(operations);
    __asm__ volatile("" : : : "memory");
}

/* What waits for another thread spends instructions on that. */
static bool is_countable(const struct results *results)
{
    return results->row->measure == MEASURE_TIME && results->row->threads != THREADS_TWO &&
           result_bare(results)->contestant->run;
}

void process_list_countable(FILE *out)
{
    static const char *const kinds[] = {"bare", "ours", "peer"};
    for (size_t i = 0; i < row_count; i++) {
        struct results results = results_of(&rows[i]);
        if (!is_countable(&results)) continue;
        for (size_t j = 0; j < results.count; j++) {
            const struct contestant *it = results.of[j].contestant;
            bool limit = it->kind == KIND_BARE && &results.of[j] == result_bare(&results);
            fprintf(out, "%s\t%s\t%s\t%zu\n", rows[i].name, it->name,
                    limit ? "limit" : kinds[it->kind], rows[i].burst ? rows[i].burst : COUNTED);
        }
    }
}

static struct result *result_or_give_up(struct results *results, const char *name)
{
    for (size_t i = 0; i < results->count; i++)
        if (strcmp(results->of[i].contestant->name, name) == 0) return &results->of[i];
    fprintf(stderr, "bench: row %s has no contestant %s\n", results->row->name, name);
    exit(2);
}

bool process_count(const struct row *row, const char *name, size_t operations, FILE *out)
{
    static void (*volatile counted)(void (*)(size_t), size_t) = bench_counted;
    struct results results = results_of(row);
    struct result *result = result_or_give_up(&results, name);
    if (!is_countable(&results)) give_up("what this row costs is not instructions");
    quick = true;
    if (row->threads != THREADS_ONE) start_a_thread();
    set_up(result);
    if (result->absent[0]) {
        fprintf(out, "absent: %s\n", result->absent);
        return false;
    }
    result->contestant->run(operations);
    size_t hits = forced_magazine_hits();
    counted(result->contestant->run, operations);
    hits = forced_magazine_hits() - hits;
    fprintf(out, "operations %zu\nmagazine hits %zu\nbiased operations %zu\n", operations, hits,
            forced_biased_operations());
    return true;
}

/* ---- the parent ------------------------------------------------------------------------------ */

struct child child_start(const char *program, const char *const words[])
{
    int ends[2];
    fflush(NULL);
    make_room_for_peers();
    if (pipe(ends) != 0) give_up("no pipe");
    pid_t pid = fork();
    if (pid < 0) give_up("no process");
    if (pid == 0) {
        close(ends[0]);
        if (dup2(ends[1], STDOUT_FILENO) >= 0)
            execv("/proc/self/exe", (char *const *)(uintptr_t)words);
        execv(program, (char *const *)(uintptr_t)words);
        fprintf(stderr, "bench: cannot execute %s\n", program);
        _exit(127);
    }
    close(ends[1]);
    return (struct child){pid, need(fdopen(ends[0], "r"))};
}

int child_end(struct child *child)
{
    int status = -1;
    fclose(child->output);
    waitpid(child->pid, &status, 0);
    return status;
}

/* What follows @p word and a blank, into @p text; false if the line does not start so. */
static bool read_words(char *line, const char *word, char *text, size_t size)
{
    size_t length = strlen(word);
    if (strncmp(line, word, length) != 0 || line[length] != ' ') return false;
    line[strcspn(line, "\n")] = '\0';
    snprintf(text, size, "%.*s", (int)size - 1, line + length + 1);
    return true;
}

static bool read_result(char *line, struct result *result, size_t ratios)
{
    if (read_words(line, "absent", result->absent, sizeof result->absent)) return true;
    int used = 0;
    if (sscanf(line, "%lf %lf %zu%n", &result->first, &result->second, &result->rounds, &used) != 3)
        return false;
    char *at = line + used, *end;
    for (size_t j = 0; j < ratios; j++, at = end) {
        result->ratios[j] = strtod(at, &end);
        if (end == at) return false;
    }
    return true;
}

/* How many contestants there are figures of. */
static size_t read_figures(FILE *in, struct results *results)
{
    char line[2048];
    size_t seen = 0;
    if (!fgets(line, sizeof line, in) ||
        !read_words(line, "note", results->note, sizeof results->note))
        return 0;
    while (seen < results->count && fgets(line, sizeof line, in) &&
           read_result(line, &results->of[seen], results->count))
        seen++;
    return seen;
}

bool process_run(const char *program, const struct row *row, double seconds,
                 struct results *results)
{
    char text[32];
    *results = results_of(row);
    snprintf(text, sizeof text, "%.3f", seconds);
    const char *const words[] = {program, "--measure", row->name, text, NULL};
    struct child child = child_start(program, words);
    size_t seen = read_figures(child.output, results);
    int status = child_end(&child);
    if (status == 0 && seen == results->count && seen > 0) return true;
    fprintf(stderr, "bench: row %s failed: status %d, figures of %zu out of %zu contestants\n",
            row->name, status, seen, results->count);
    return false;
}
