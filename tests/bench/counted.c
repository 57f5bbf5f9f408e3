/* SPDX-License-Identifier: MIT */
/* Counting instructions: one contestant, and nothing else in the process. */
#include <stdlib.h>
#include <string.h>

#include "process.h"

/* Operations of a row that has no burst of its own: what a loop does once is nothing beside them. */
enum { COUNTED = 10000 };

/* What callgrind counts, --toggle-collect=bench_counted. Whoever calls it does so through a volatile
 * pointer, so that the compiler makes no copy of it; and what follows the loop keeps the call of the
 * loop from becoming a jump, which callgrind would take for the function's end. */
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
    return results->row->measure == MEASURE_TIME && results->row->threads < THREADS_TWO &&
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
    if (row->threads != THREADS_ONE) start_a_thread();
    process_set_up(result, true);
    if (result->absent[0]) {
        fprintf(out, "absent: %s\n", result->absent);
        return false;
    }
    const struct contestant *contestant = result->contestant;
    if (contestant->before) contestant->before(operations);
    contestant->run(operations);
    if (contestant->before) contestant->before(operations);
    size_t hits = forced_magazine_hits();
    counted(contestant->run, operations);
    hits = forced_magazine_hits() - hits;
    fprintf(out, "operations %zu\nmagazine hits %zu\nbiased operations %zu\n", operations, hits,
            forced_biased_operations());
    return true;
}
