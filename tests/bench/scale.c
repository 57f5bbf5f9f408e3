/* SPDX-License-Identifier: MIT */
#include "scale.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"

/* ---- the curves ------------------------------------------------------------------------------ */

struct curve {
    const char *name, *title, *axis;
    const char *rows[2];  /* whose contestants; NULL: no second row */
    const char *nouns[2]; /* tells contestants of one name apart */
    bool threads;         /* one_thread leaves a contestant out; two cores are needed */
    scale_measure_function *measure;
    double from, times, to, to_quick; /* the points; to 0: as many as there are cores */
};

#define BY_WEIGHT .rows = {"weight-object", "weight-buffer"}, .nouns = {"object", "buffer"}

static const struct curve curves[] = {
    {"live", "replace a random one of as many things of 64 B", "alive", BY_WEIGHT,
     .measure = scale_live, .from = 1e3, .times = 10, .to = 1e7, .to_quick = 1e5},
    {"own-create", "create + destroy 64 B, each thread for itself", "threads", BY_WEIGHT,
     .threads = true, .measure = scale_threads_make, .from = 1, .times = 2},
    {"own-retain", "retain + release, each thread on its own", "threads", .rows = {"scale-own"},
     .threads = true, .measure = scale_threads_run, .from = 1, .times = 2},
    {"shared-retain", "retain + release, all threads on one object", "threads",
     .rows = {"retain-two"}, .threads = true, .measure = scale_threads_run, .from = 1, .times = 2},
    {"hand-over", "hand 64 B to another thread, which releases", "slots of the ring", BY_WEIGHT,
     .threads = true, .measure = scale_hand_over, .from = 1, .times = 8, .to = 32768,
     .to_quick = 512},
};
static const size_t curve_count = sizeof curves / sizeof curves[0];

static double cores(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > 64 ? 64 : (double)count;
}

/* Up to the last one, which is a point though no multiple leads there. */
static size_t points_of(const struct curve *curve, bool quick,
                        struct scale_point points[SCALE_POINTS_MAX])
{
    double to = curve->to == 0 ? cores() : quick ? curve->to_quick : curve->to;
    size_t count = 0;
    double x = curve->from;
    for (; x < to && count < SCALE_POINTS_MAX - 1; x *= curve->times)
        points[count++] = (struct scale_point){.x = x};
    points[count++] = (struct scale_point){.x = to};
    return count;
}

/* ---- their contestants ----------------------------------------------------------------------- */

struct racer {
    const struct contestant *contestant;
    char label[64];
};

static bool can_race(const struct curve *curve, const struct contestant *contestant)
{
    if (curve->threads && contestant->one_thread) return false;
    if (contestant->peer) return true; /* its functions are not found yet */
    return curve->measure == scale_threads_run ? contestant->run != NULL : contestant->make != NULL;
}

static const struct contestant *one_named(const struct results *results, const char *name)
{
    for (size_t i = 0; i < results->count; i++)
        if (strcmp(results->of[i].contestant->name, name) == 0) return results->of[i].contestant;
    return NULL;
}

/* An allocator plays in both rows with the same functions; a loop of a peer's has another name. */
static bool is_same(const struct contestant *a, const struct contestant *b)
{
    return a->make == b->make && a->unmake == b->unmake && a->run == b->run && a->loop == b->loop;
}

/* What is the same in both rows runs once; others of one name in both are told apart. */
static size_t racers_of(const struct curve *curve, struct racer racers[2 * CONTESTANTS_MAX])
{
    struct results of[2] = {{.count = 0}, {.count = 0}};
    size_t count = 0;
    for (size_t i = 0; i < 2 && curve->rows[i]; i++)
        of[i] = results_of(&(struct row){.name = curve->rows[i]});
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < of[i].count; j++) {
            const struct contestant *it = of[i].of[j].contestant;
            const struct contestant *other = one_named(&of[1 - i], it->name);
            bool same = other && is_same(it, other);
            if (!can_race(curve, it) || (same && i == 1)) continue;
            racers[count].contestant = it;
            bool told = other && !same;
            snprintf(racers[count].label, sizeof racers[count].label, "%.40s%s%.20s", it->name,
                     told ? " " : "", told ? curve->nouns[i] : "");
            count++;
        }
    return count;
}

/* ---- the child ------------------------------------------------------------------------------- */

void scale_summarize(double *samples, size_t count, struct scale_point *point)
{
    point->median = median(samples, count);
    point->least = samples[0];
}

static const struct curve *curve_named(const char *name)
{
    for (size_t i = 0; i < curve_count; i++)
        if (strcmp(curves[i].name, name) == 0) return &curves[i];
    give_up("there is no such curve");
}

static const struct contestant *racer_labelled(const struct curve *curve, const char *label)
{
    struct racer racers[2 * CONTESTANTS_MAX];
    size_t count = racers_of(curve, racers);
    for (size_t i = 0; i < count; i++)
        if (strcmp(racers[i].label, label) == 0) return racers[i].contestant;
    give_up("the curve has no such contestant");
}

/* Ends the process from within: what is alive stays so, and would take a while to free. */
void scale_measure(const char *curve_name, const char *label, bool quick, FILE *out)
{
    const struct curve *curve = curve_named(curve_name);
    const struct contestant *contestant = racer_labelled(curve, label);
    struct scale_point points[SCALE_POINTS_MAX];
    const char *absent = contestant_absent(contestant);
    if (absent) {
        fprintf(out, "absent %s\n", absent);
        return;
    }
    if (curve->threads) start_a_thread();
    if (contestant->set_up) contestant->set_up();
    size_t count = points_of(curve, quick, points);
    for (size_t i = 0; i < count; i++) {
        curve->measure(contestant, quick, &points[i]);
        if (points[i].skipped[0])
            fprintf(out, "skipped %s\n", points[i].skipped);
        else
            fprintf(out, "%.17g %.17g %.17g\n", points[i].least, points[i].median, points[i].bytes);
    }
    fflush(out);
    _exit(ferror(out) ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* ---- the parent ------------------------------------------------------------------------------ */

/* What a child found out. */
struct found {
    const struct racer *racer;
    struct scale_point points[SCALE_POINTS_MAX];
    size_t count;
    char absent[128];
};

static bool starts_with(char *line, const char *word, char *rest, size_t size)
{
    size_t length = strlen(word);
    if (strncmp(line, word, length) != 0) return false;
    line[strcspn(line, "\n")] = '\0';
    snprintf(rest, size, "%.*s", (int)size - 1, line + length);
    return true;
}

static bool read_point(char *line, struct scale_point *point)
{
    return starts_with(line, "skipped ", point->skipped, sizeof point->skipped) ||
           sscanf(line, "%lf %lf %lf", &point->least, &point->median, &point->bytes) == 3;
}

static bool race(const char *program, const struct curve *curve, bool quick, struct found *found)
{
    const char *const words[] = {
        program, "--measure-scale", curve->name, found->racer->label, quick ? "quick" : "in full",
        NULL};
    char line[256];
    size_t seen = 0;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%s: %s ...", curve->name, found->racer->label);
    found->count = points_of(curve, quick, found->points);
    struct child child = child_start(program, words);
    while (fgets(line, sizeof line, child.output)) {
        if (starts_with(line, "absent ", found->absent, sizeof found->absent)) continue;
        if (seen < found->count && read_point(line, &found->points[seen])) seen++;
    }
    int status = child_end(&child);
    if (status == 0 && (found->absent[0] || seen == found->count)) return true;
    fprintf(stderr, "bench: curve %s, %s failed: status %d, %zu of %zu points\n", curve->name,
            found->racer->label, status, seen, found->count);
    return false;
}

/* ---- what they found ------------------------------------------------------------------------- */

static void print_heading(FILE *out, const struct curve *curve, const struct found *found,
                          const char *what)
{
    fprintf(out, "\n%s: %s\n%-28s", curve->title, what, curve->axis);
    for (size_t i = 0; i < found->count; i++) fprintf(out, " %10.0f", found->points[i].x);
    fputc('\n', out);
}

static void print_found(FILE *out, const struct found *found, bool bytes)
{
    fprintf(out, "  %-26s", found->racer->label);
    if (found->absent[0]) {
        fprintf(out, " absent: %s\n", found->absent);
        return;
    }
    for (size_t i = 0; i < found->count; i++) {
        const struct scale_point *point = &found->points[i];
        if (point->skipped[0])
            fprintf(out, " %10s", "skipped");
        else
            fprintf(out, " %10.1f", bytes ? point->bytes : point->median);
    }
    fputc('\n', out);
    for (size_t i = 0; i < found->count; i++)
        if (found->points[i].skipped[0])
            fprintf(out, "  skipped: %s, %.0f: %s\n", found->racer->label, found->points[i].x,
                    found->points[i].skipped);
}

static void write_csv(FILE *csv, const struct curve *curve, const struct found *found)
{
    static const char *const kinds[] = {"bare", "ours", "peer"};
    for (size_t i = 0; i < found->count && !found->absent[0]; i++) {
        const struct scale_point *point = &found->points[i];
        if (point->skipped[0]) continue;
        fprintf(csv, "%s,\"%s\",%s,%.0f,%.3f,%.3f,", curve->name, found->racer->label,
                kinds[found->racer->contestant->kind], point->x, point->least, point->median);
        if (point->bytes > 0) fprintf(csv, "%.2f", point->bytes);
        fputc('\n', csv);
    }
}

static bool run_curve(const char *program, const struct curve *curve, bool quick, FILE *out,
                      FILE *csv)
{
    struct racer racers[2 * CONTESTANTS_MAX];
    size_t count = racers_of(curve, racers);
    struct found *found = need(calloc(count, sizeof *found));
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        found[i].racer = &racers[i];
        if (!race(program, curve, quick, &found[i])) {
            snprintf(found[i].absent, sizeof found[i].absent, "its process failed");
            all = false;
        }
    }
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K");
    print_heading(out, curve, found, "median ns");
    for (size_t i = 0; i < count; i++) print_found(out, &found[i], false);
    if (curve->measure == scale_live) {
        print_heading(out, curve, found, "resident bytes of each, payload included");
        for (size_t i = 0; i < count; i++) print_found(out, &found[i], true);
    }
    for (size_t i = 0; csv && i < count; i++) write_csv(csv, curve, &found[i]);
    free(found);
    return all;
}

bool scale_run(const char *program, bool quick, FILE *out, FILE *csv)
{
    bool all = true;
    report_machine(out, "", quick ? " --scale --quick" : " --scale");
    if (csv) fputs("curve,contestant,kind,x,least,median,bytes\n", csv);
    for (size_t i = 0; i < curve_count; i++) {
        if (curves[i].threads && cores() < 2)
            fprintf(out, "\n%s\n  skipped: this machine has one core\n", curves[i].title);
        else
            all = run_curve(program, &curves[i], quick, out, csv) && all;
    }
    return all;
}
