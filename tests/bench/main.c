/* SPDX-License-Identifier: MIT */
/* What rcbuf's operations cost beside the bare ones, and beside other libraries'. The exit code says
 * whether every row was measured; never how fast. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"
#include "scale.h"

struct options {
    bool quick, table, list, countable, versions, scale, help;
    const char *csv, *row, *instructions, *sessions; /* files; one row only; how many */
    size_t session_count;
    double seconds; /* for each row of a session */
};

static const char usage[] =
    "usage: bench [--quick] [--sessions N] [--table] [--csv FILE] [--instructions FILE]\n"
    "             [--row NAME]\n"
    "       bench --scale [--quick] [--csv FILE]\n"
    "       bench --list | --countable | --versions | --count ROW CONTESTANT OPERATIONS\n"
    "  --quick              a few bursts of each: shows that it runs, and roughly how fast\n"
    "  --sessions N         measure all of it N times, 1 to 9; 3 unless it is quick\n"
    "  --table              Markdown, for the README\n"
    "  --csv FILE           the figures, lines for each contestant, too\n"
    "  --instructions FILE  show those that tests/bench/instructions.sh counted\n"
    "  --row NAME           this row only\n"
    "  --scale              how cost grows with what is alive, and with threads\n"
    "  --list               the rows' names\n"
    "  --countable          each contestant whose instructions can be counted\n"
    "  --count ROW CONTESTANT OPERATIONS\n"
    "                       one contestant and nothing else, for valgrind --tool=callgrind\n"
    "  --versions           the compiler and the C library\n";

/* Time that all bursts of all sessions have together, and that a row's have at most. */
#define SECONDS_IN_ALL   240.0
#define SECONDS_AT_MOST  4.0
#define SECONDS_AT_LEAST 1.0
#define SECONDS_QUICK    0.1

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

/* ---- the command line ------------------------------------------------------------------------ */

static bool *flag_named(struct options *options, const char *word)
{
    return strcmp(word, "--quick") == 0       ? &options->quick
           : strcmp(word, "--table") == 0     ? &options->table
           : strcmp(word, "--list") == 0      ? &options->list
           : strcmp(word, "--countable") == 0 ? &options->countable
           : strcmp(word, "--versions") == 0  ? &options->versions
           : strcmp(word, "--scale") == 0     ? &options->scale
           : strcmp(word, "--help") == 0      ? &options->help
                                              : NULL;
}

static const char **value_named(struct options *options, const char *word)
{
    return strcmp(word, "--csv") == 0            ? &options->csv
           : strcmp(word, "--row") == 0          ? &options->row
           : strcmp(word, "--instructions") == 0 ? &options->instructions
           : strcmp(word, "--sessions") == 0     ? &options->sessions
                                                 : NULL;
}

/* One word of the command line; true if it took @p value too. */
static bool parse_option(struct options *options, const char *word, const char *value)
{
    bool *flag = flag_named(options, word);
    const char **target = value_named(options, word);
    if (flag) *flag = true;
    if (target) *target = value;
    if (!flag && (!target || !value)) {
        fprintf(stderr, "bench: what is %s?\n%s", word, usage);
        exit(2);
    }
    return target != NULL;
}

static size_t sessions_or_give_up(const struct options *options)
{
    if (!options->sessions) return options->quick ? 1 : 3;
    char *end;
    unsigned long count = strtoul(options->sessions, &end, 10);
    if (*end == '\0' && count >= 1 && count <= SESSIONS_MAX) return count;
    fprintf(stderr, "bench: %s sessions; 1 to %d can be\n", options->sessions, SESSIONS_MAX);
    exit(2);
}

static double seconds_for_a_row(const struct options *options)
{
    if (options->quick) return SECONDS_QUICK;
    double seconds = SECONDS_IN_ALL / (double)(row_count * options->session_count);
    if (options->row || seconds > SECONDS_AT_MOST) return SECONDS_AT_MOST;
    return seconds < SECONDS_AT_LEAST ? SECONDS_AT_LEAST : seconds;
}

static struct options parse(char **words)
{
    struct options options = {0};
    while (*words) words += parse_option(&options, words[0], words[1]) ? 2 : 1;
    options.session_count = sessions_or_give_up(&options);
    options.seconds = seconds_for_a_row(&options);
    if (options.row) row_or_give_up(options.row);
    return options;
}

/* ---- the table ------------------------------------------------------------------------------- */

/* True if the row was measured, or skipped for a reason. */
static bool run_row(const char *program, const struct options *options, const struct row *row,
                    struct summary *summary)
{
    struct results *results = &summary->sessions[summary->session_count];
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[Ksession %zu: %s ...", summary->session_count + 1, row->name);
    if (row->threads >= THREADS_TWO && sysconf(_SC_NPROCESSORS_ONLN) < 2) {
        *results = results_of(row);
        results->skipped = "this machine has one core: two threads cannot run at once";
    } else if (!process_run(program, row, options->seconds, results)) {
        return false;
    }
    summary->session_count++;
    return true;
}

/* One session after the other, each through all rows: what disturbs one spares another. Rows that
 * failed leave the table. Returns false if any did. */
static bool run_sessions(const char *program, const struct options *options,
                         struct summary *summaries, size_t *count)
{
    size_t there = 0;
    bool all = true;
    for (size_t session = 0; session < options->session_count; session++)
        for (size_t i = 0; i < row_count; i++) {
            if (options->row && strcmp(options->row, rows[i].name) != 0) continue;
            all = run_row(program, options, &rows[i], &summaries[i]) && all;
        }
    for (size_t i = 0; i < row_count; i++) {
        if (summaries[i].session_count == 0) continue;
        summarize(&summaries[i]);
        if (there != i) summaries[there] = summaries[i];
        there++;
    }
    *count = there;
    return all;
}

static FILE *open_or_give_up(const char *path)
{
    FILE *csv = fopen(path, "w");
    if (csv) return csv;
    fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
    exit(EXIT_FAILURE);
}

/* The options that the figures depend on, each with a blank before it. */
static const char *as_asked(const struct options *options, char *text, size_t size)
{
    snprintf(text, size, "%s%s%s%s%s%s", options->quick ? " --quick" : "",
             options->sessions ? " --sessions " : "", options->sessions ? options->sessions : "",
             options->table ? " --table" : "", options->row ? " --row " : "",
             options->row ? options->row : "");
    return text;
}

static void report(const struct options *options, const struct summary *summaries, size_t count,
                   FILE *csv)
{
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K");
    char asked[128];
    if (options->table)
        report_markdown(stdout, summaries, count, as_asked(options, asked, sizeof asked));
    else
        report_text(stdout, summaries, count, as_asked(options, asked, sizeof asked));
    if (!csv) return;
    report_csv(csv, summaries, count);
    if (fclose(csv) != 0) give_up("the CSV file could not be written");
}

static int run_all(const char *program, const struct options *options)
{
    struct summary *summaries = need(calloc(row_count, sizeof *summaries));
    FILE *csv = options->csv ? open_or_give_up(options->csv) : NULL;
    size_t count = 0;
    bool all = run_sessions(program, options, summaries, &count);
    if (options->instructions) read_instructions(options->instructions, summaries, count);
    report(options, summaries, count, csv);
    free(summaries);
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_scale(const char *program, const struct options *options)
{
    FILE *csv = options->csv ? open_or_give_up(options->csv) : NULL;
    bool all = scale_run(program, options->quick, stdout, csv);
    if (csv && fclose(csv) != 0) give_up("the CSV file could not be written");
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---------------------------------------------------------------------------------------------- */

static void list_rows(void)
{
    for (size_t i = 0; i < row_count; i++) puts(rows[i].name);
}

static int count(char **words)
{
    char *end;
    size_t operations = strtoul(words[2], &end, 10);
    if (*end != '\0' || operations == 0) give_up("how many operations?");
    if (!process_count(row_or_give_up(words[0]), words[1], operations, stdout)) return 3;
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* How the program calls itself: a row's child, or a curve's. */
static int measure(char **words)
{
    process_measure(row_or_give_up(words[0]), strtod(words[1], NULL), stdout);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int measure_scale(char **words)
{
    scale_measure(words[0], words[1], strcmp(words[2], "quick") == 0, stdout);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--measure") == 0) return measure(argv + 2);
    if (argc == 5 && strcmp(argv[1], "--measure-scale") == 0) return measure_scale(argv + 2);
    if (argc == 5 && strcmp(argv[1], "--count") == 0) return count(argv + 2);
    struct options options = parse(argv + 1);
    if (options.help) return fputs(usage, stdout) < 0;
    if (options.list) return list_rows(), EXIT_SUCCESS;
    if (options.countable) return process_list_countable(stdout), EXIT_SUCCESS;
    if (options.versions) return report_versions(stdout), EXIT_SUCCESS;
    return options.scale ? run_scale(argv[0], &options) : run_all(argv[0], &options);
}
