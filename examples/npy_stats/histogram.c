/* SPDX-License-Identifier: MIT */
#include "histogram.h"

#include <math.h>
#include <rc/scope.h>

#include "reader.h"
#include "scan.h"

typedef void visit(struct histogram *self, double number);

static void find_edges(struct histogram *self, double number)
{
    if (!isfinite(number)) {
        self->left_out++;
        return;
    }
    self->least = number < self->least ? number : self->least;
    self->greatest = number > self->greatest ? number : self->greatest;
}

/* In halves, whose difference is no infinity. The greatest number belongs to the last bin. */
static void count(struct histogram *self, double number)
{
    if (!isfinite(number)) return;
    double range = self->greatest / 2 - self->least / 2;
    double place = range > 0 ? (number / 2 - self->least / 2) / range : 0;
    size_t bin = (size_t)(place * (double)(self->bins - (self->is_exact ? 1 : 0)) +
                          (self->is_exact ? 0.5 : 0));
    self->counts[bin < self->bins ? bin : self->bins - 1]++;
}

static double number_in(const union patch *patch, enum kind kind, size_t row)
{
    switch (kind) {
    case KIND_REAL:
        return patch->reals[0][row];
    case KIND_LONG_REAL:
        return (double)patch->long_reals[0][row];
    case KIND_UNSIGNED:
        return (double)reader_unbias(patch->integers[0][row]);
    default:
        return (double)patch->integers[0][row];
    }
}

static void visit_all(struct histogram *self, const struct reader *reader, visit *visit_one)
{
    union patch patch;
    struct window window = {.columns = 1};
    size_t rows = reader->view->shape[0];
    for (; window.row < rows; window.row += window.rows) {
        window.rows = rows - window.row < PATCH_ROWS ? rows - window.row : PATCH_ROWS;
        reader_load(reader, &window, &patch);
        for (size_t i = 0; i < window.rows; i++)
            visit_one(self, number_in(&patch, reader->kind, i));
    }
}

/* A few integers have a bin each, and so has a number that is the only one. */
static void choose_bins(struct histogram *self, enum kind kind)
{
    bool is_integer = kind == KIND_INTEGER || kind == KIND_UNSIGNED;
    double numbers = is_integer ? self->greatest - self->least + 1 : HISTOGRAM_BINS + 1;
    if (self->least == self->greatest) numbers = 1;
    self->is_exact = numbers <= HISTOGRAM_BINS && (numbers == 1 || fabs(self->least) < 0x1p53);
    self->bins = self->is_exact ? (size_t)numbers : HISTOGRAM_BINS;
    if (self->least > self->greatest) self->bins = 0;
}

enum rc_status histogram_count(struct histogram *self, const struct series *series, size_t column)
{
    RC_AUTO(rc_view, view) = scan_columns(series, column, 1);
    if (!view) return rc_error_status();
    struct reader reader;
    reader_open(&reader, view, series->kind);
    *self = (struct histogram){.least = INFINITY, .greatest = -INFINITY};
    visit_all(self, &reader, find_edges);
    choose_bins(self, series->kind);
    if (self->bins) visit_all(self, &reader, count);
    return RC_OK;
}
