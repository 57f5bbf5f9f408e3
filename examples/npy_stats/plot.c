/* SPDX-License-Identifier: MIT */
/* The horizontal axis counts bins; its labels are texts of this program. So no range of numbers,
 * however large or small, is gnuplot's concern. */
#include "plot.h"

#include <errno.h>
#include <rc/memory.h>
#include <rc/scope.h>
#include <stdio.h>
#include <string.h>

#include "crew.h"
#include "gnuplot.h"
#include "histogram.h"
#include "name.h"
#include "options.h"

#define WIDTH  360 /* of a histogram, in pixels */
#define HEIGHT 260

struct plot {
    const struct table *table;
    size_t count;
    struct histogram *histograms;
};

RC_DEFINE_SCOPED(file, FILE *, NULL, fclose(_v));
RC_DEFINE_SCOPED(histograms, struct histogram *, NULL, rc_memory_free(_v));

/* The series of the column at @p place among the columns of numbers; *column: which of it. */
static const struct series *find_column(const struct table *table, size_t place, size_t *column)
{
    struct series **series = table->series;
    for (; !series_is_number(*series) || place >= (*series)->columns; series++)
        place -= series_is_number(*series) ? (*series)->columns : 0;
    *column = place;
    return *series;
}

static enum rc_status count_column(void *context, size_t task)
{
    struct plot *self = context;
    size_t column;
    const struct series *series = find_column(self->table, task, &column);
    return histogram_count(&self->histograms[task], series, column);
}

/* ---- the script ------------------------------------------------------------------------------ */

/* In single quotes nothing but these has a meaning. */
static void put_quoted(FILE *script, const char *text)
{
    putc('\'', script);
    for (; *text; text++) {
        if (*text == '\'') putc('\'', script);
        putc(*text, script);
    }
    putc('\'', script);
}

static void put_start(FILE *script, const char *path, size_t count)
{
    size_t across = 1;
    while (across * across < count) across++;
    size_t down = (count + across - 1) / across;
    if (options_ends_in(path, ".svg"))
        fprintf(script, "set encoding utf8\nset terminal svg size %zu,%zu noenhanced\n",
                across * WIDTH, down * HEIGHT);
    else
        fprintf(script,
                "set encoding utf8\n"
                "if (strstrt(GPVAL_TERMINALS, 'pngcairo')) { set terminal pngcairo size %zu,%zu "
                "noenhanced } else { set terminal png size %zu,%zu noenhanced }\n",
                across * WIDTH, down * HEIGHT, across * WIDTH, down * HEIGHT);
    fprintf(script,
            "set multiplot layout %zu,%zu\n"
            "set style fill solid 0.6\nset boxwidth 1\nset yrange [0:*]\nset tics nomirror\n",
            down, across);
}

/* At the ends and in the middle: of an exact bin the integer itself, else the edge. */
static void put_labels(FILE *script, const struct histogram *histogram)
{
    double end = (double)histogram->bins - (histogram->is_exact ? 1 : 0);
    double shift = histogram->is_exact ? 0 : -0.5;
    fputs("set xtics (", script);
    for (int i = 0; i <= 2; i++) {
        if (histogram->is_exact && i == 1 && histogram->bins % 2 == 0) continue;
        if (histogram->bins == 1 && i > 0) break;
        double number = histogram->least / 2 * (2 - i) + histogram->greatest / 2 * i;
        fprintf(script, "%s'%.6g' %g", i ? ", " : "", number, end * i / 2 + shift);
    }
    fputs(")\n", script);
}

static void put_histogram(FILE *script, const struct histogram *histogram, const char *name)
{
    fputs("set title ", script);
    put_quoted(script, name);
    fprintf(script, "\nset xrange [-0.5:%zu.5]\n", histogram->bins ? histogram->bins - 1 : 0);
    fputs("unset xlabel\n", script);
    if (histogram->left_out)
        fprintf(script, "set xlabel '%zu not finite, left out'\n", histogram->left_out);
    if (histogram->bins)
        put_labels(script, histogram);
    else
        fputs("set xtics ()\n", script);
    fputs("plot '-' using 1:2 with boxes linecolor rgb '#3060a0' notitle\n", script);
    for (size_t i = 0; i < histogram->bins; i++)
        fprintf(script, "%zu %zu\n", i, histogram->counts[i]);
    fputs(histogram->bins ? "e\n" : "0 0\ne\n", script);
}

static void put_script(FILE *script, const struct plot *self, const char *path)
{
    char name[NAME_SIZE];
    size_t column;
    put_start(script, path, self->count);
    for (size_t i = 0; i < self->count; i++) {
        const struct series *series = find_column(self->table, i, &column);
        name_column(series, column, name);
        put_histogram(script, &self->histograms[i], name);
    }
    fputs("unset multiplot\n", script);
}

enum rc_status plot_table(const char *path, const struct table *table, size_t threads)
{
    if (table->columns == 0 || table->rows == 0)
        return rc_error_set(RC_INVALID, "there are no numbers to draw in %s", path);
    struct plot plot = {.table = table, .count = table->columns};
    if (plot.count > PLOT_MOST_COLUMNS) plot.count = PLOT_MOST_COLUMNS;
    RC_SCOPED(histograms, histograms) = rc_memory_allocate_zeroed(plot.count, sizeof *histograms);
    if (!histograms) return rc_error_status();
    plot.histograms = histograms;
    if (crew_run(threads, plot.count, count_column, &plot)) return rc_error_status();
    RC_SCOPED(file, script) = tmpfile();
    if (!script)
        return rc_error_set(RC_SYSTEM, "a temporary file cannot be made: %s", strerror(errno));
    put_script(script, &plot, path);
    return gnuplot_draw(script, path);
}
