/* SPDX-License-Identifier: MIT */
/* What rcbuf's operations cost beside the bare ones. The exit code says whether every row was
 * measured; never how fast. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"

struct options {
    bool quick, table, list, help;
    const char *csv, *row; /* a file to write; one row only */
    double seconds;        /* for each row */
};

static const char usage[] =
    "usage: bench [--quick] [--table] [--csv FILE] [--row NAME] [--list]\n"
    "  --quick      a few bursts of each: shows that it runs, and roughly how fast\n"
    "  --table      Markdown, for the README\n"
    "  --csv FILE   the figures, a line for each contestant, too\n"
    "  --row NAME   this row only\n"
    "  --list       the rows' names\n";

void give_up(const char *why)
{
    fprintf(stderr, "bench: %s\n", why);
    exit(EXIT_FAILURE);
}

static const struct row *row_or_give_up(const char *name)
{
    const struct row *row = row_find(name);
    if (row) return row;
    fprintf(stderr, "bench: there is no row %s; --list tells\n", name);
    exit(2);
}

/* One word of the command line; true if it took @p value too. */
static bool parse_option(struct options *options, const char *word, const char *value)
{
    const char **target = NULL;
    if (strcmp(word, "--csv") == 0) target = &options->csv;
    if (strcmp(word, "--row") == 0) target = &options->row;
    bool *flag = strcmp(word, "--quick") == 0   ? &options->quick
                 : strcmp(word, "--table") == 0 ? &options->table
                 : strcmp(word, "--list") == 0  ? &options->list
                 : strcmp(word, "--help") == 0  ? &options->help
                                                : NULL;
    if (flag) *flag = true;
    if (target) *target = value;
    if (!flag && (!target || !value)) {
        fprintf(stderr, "bench: what is %s?\n%s", word, usage);
        exit(2);
    }
    return target != NULL;
}

static struct options parse(char **words)
{
    struct options options = {0};
    while (*words) words += parse_option(&options, words[0], words[1]) ? 2 : 1;
    options.seconds = options.quick ? 0.1 : 4;
    if (options.row) row_or_give_up(options.row);
    return options;
}

/* True if the row was measured, or skipped for a reason. */
static bool run_row(const char *program, const struct options *options, const struct row *row,
                    struct results *results)
{
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K%s ...", row->name);
    if (row->threads == THREADS_TWO && sysconf(_SC_NPROCESSORS_ONLN) < 2) {
        *results = results_of(row);
        results->skipped = "this machine has one core: two threads cannot run at once";
        return true;
    }
    return process_run(program, row, options->seconds, results);
}

static void report(const struct options *options, const struct results *all, size_t count)
{
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K");
    if (options->table)
        report_markdown(stdout, all, count);
    else
        report_text(stdout, all, count);
    if (!options->csv) return;
    FILE *csv = fopen(options->csv, "w");
    if (!csv) {
        fprintf(stderr, "bench: %s: %s\n", options->csv, strerror(errno));
        exit(EXIT_FAILURE);
    }
    report_csv(csv, all, count);
    if (fclose(csv) != 0) give_up("the CSV file could not be written");
}

static int run_all(const char *program, const struct options *options)
{
    struct results *all = need(calloc(row_count, sizeof *all));
    size_t count = 0;
    int status = EXIT_SUCCESS;
    for (size_t i = 0; i < row_count; i++) {
        if (options->row && strcmp(options->row, rows[i].name) != 0) continue;
        if (run_row(program, options, &rows[i], &all[count]))
            count++;
        else
            status = EXIT_FAILURE;
    }
    report(options, all, count);
    free(all);
    return status;
}

static void list_rows(void)
{
    for (size_t i = 0; i < row_count; i++) puts(rows[i].name);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--measure") == 0) { /* how the program calls itself */
        process_measure(row_or_give_up(argv[2]), strtod(argv[3], NULL), stdout);
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    struct options options = parse(argv + 1);
    if (options.help) return fputs(usage, stdout) < 0;
    if (options.list) return list_rows(), EXIT_SUCCESS;
    return run_all(argv[0], &options);
}
