/* SPDX-License-Identifier: MIT */
#include "scan.h"

#include <math.h>
#include <rc/memory.h>
#include <rc/scope.h>

#include "crew.h"
#include "ladder.h"
#include "reader.h"
#include "reduce.h"

#define BAND_COLUMNS  4096
#define MOST_BLOCKS   1024
#define MOST_PARTS    ((size_t)1 << 18)
#define LEAST_NUMBERS ((size_t)1 << 15) /* of a block, lest a task is too small */

struct scan {
    struct table *table;
    size_t block_rows; /* but for the last block: PATCH_ROWS * 2^k */
    size_t blocks;
    size_t bands;       /* of all series */
    struct part *parts; /* [block][column of the table] */
    bool is_second;     /* of the passes */
};

struct tile {
    const struct series *series;
    size_t first_row, rows;
    size_t first_column, columns; /* of the series */
    struct part *parts;           /* of these columns */
};

RC_DEFINE_SCOPED(parts, struct part *, NULL, rc_memory_free(_v));

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* ---- bands ----------------------------------------------------------------------------------- */

/* How many columns can be had as one view: all, or those along the last dimension. */
static size_t panel_columns(const struct series *series)
{
    return series->flat ? series->columns : series->view->shape[series->view->ndim - 1];
}

static size_t bands_of_panel(const struct series *series)
{
    return (panel_columns(series) + BAND_COLUMNS - 1) / BAND_COLUMNS;
}

static size_t bands_of(const struct series *series)
{
    if (!series_is_number(series) || series->columns == 0) return 0;
    return series->columns / panel_columns(series) * bands_of_panel(series);
}

/* The rows of a view with the last dimension alone, at the @p place of those between. */
static rc_view *panel_of(const rc_view *view, size_t place)
{
    RC_AUTO(rc_view, panel) = rc_retain((rc_view *)view);
    while (panel && panel->ndim > 2) {
        size_t dimension = panel->ndim - 2, length = panel->shape[dimension];
        rc_view *inner = rc_view_index(panel, dimension, (ptrdiff_t)(place % length));
        place /= length;
        rc_release(panel);
        panel = inner;
    }
    return rc_steal(&panel);
}

rc_view *scan_columns(const struct series *series, size_t first, size_t count)
{
    size_t width = panel_columns(series);
    RC_AUTO(rc_view, panel) =
        series->flat ? rc_retain(series->flat) : panel_of(series->view, first / width);
    if (!panel) return NULL;
    ptrdiff_t start = (ptrdiff_t)(first % width);
    return rc_view_slice(panel, 1, start, start + (ptrdiff_t)count, 1);
}

/* ---- tiles ----------------------------------------------------------------------------------- */

static void find_tile(const struct scan *scan, size_t task, struct tile *tile)
{
    size_t band = task % scan->bands, block = task / scan->bands, before = 0;
    struct series **series = scan->table->series;
    for (; band >= bands_of(*series); series++) {
        band -= bands_of(*series);
        before += series_is_number(*series) ? (*series)->columns : 0;
    }
    size_t width = panel_columns(*series), per_panel = bands_of_panel(*series);
    size_t inside = band % per_panel * BAND_COLUMNS;
    tile->series = *series;
    tile->first_row = block * scan->block_rows;
    tile->rows = least_of(scan->block_rows, scan->table->rows - tile->first_row);
    tile->first_column = band / per_panel * width + inside;
    tile->columns = least_of(BAND_COLUMNS, width - inside);
    tile->parts = scan->parts + block * scan->table->columns + before + tile->first_column;
}

static rc_view *view_tile(const struct tile *tile)
{
    RC_AUTO(rc_view, band) = scan_columns(tile->series, tile->first_column, tile->columns);
    if (!band) return NULL;
    ptrdiff_t start = (ptrdiff_t)tile->first_row;
    return rc_view_slice(band, 0, start, start + (ptrdiff_t)tile->rows, 1);
}

/* The patch's sums, and what else the first pass finds. */
static void reduce_patch(const struct scan *scan, const struct tile *tile,
                         const struct window *window, union patch *patch, long double *sums)
{
    enum kind kind = tile->series->kind;
    for (size_t i = 0; i < window->columns; i++) {
        size_t column = window->column + i;
        sums[column] =
            scan->is_second
                ? reduce_second(kind, patch, i, window->rows,
                                tile->series->summaries[tile->first_column + column].mean)
                : reduce_first(&tile->parts[column], kind, patch, i, window->rows);
    }
}

static enum rc_status work(void *context, size_t task)
{
    const struct scan *scan = context;
    struct tile tile;
    find_tile(scan, task, &tile);
    RC_AUTO(rc_view, view) = view_tile(&tile);
    RC_AUTO(struct ladder, ladder) = ladder_new(tile.columns, tile.rows / PATCH_ROWS + 1);
    if (!view || !ladder) return rc_error_status();
    struct reader reader;
    reader_open(&reader, view, tile.series->kind);
    for (size_t i = 0; i < tile.columns && !scan->is_second; i++)
        tile.parts[i] = reduce_nothing(tile.series->kind);

    struct window window;
    union patch patch;
    for (window.row = 0; window.row < tile.rows; window.row += PATCH_ROWS) {
        window.rows = least_of(PATCH_ROWS, tile.rows - window.row);
        for (window.column = 0; window.column < tile.columns; window.column += PATCH_COLUMNS) {
            window.columns = least_of(PATCH_COLUMNS, tile.columns - window.column);
            reader_load(&reader, &window, &patch);
            reduce_patch(scan, &tile, &window, &patch, ladder_row(ladder));
        }
        ladder_push(ladder);
    }
    const long double *sums = ladder_finish(ladder);
    for (size_t i = 0; i < tile.columns; i++) tile.parts[i].sum = sums[i];
    return RC_OK;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* All blocks of a column as one part, in the first of them. */
static struct part *combine(const struct scan *scan, enum kind kind, size_t column)
{
    long double sums[MOST_BLOCKS];
    struct part *first = scan->parts + column;
    for (size_t block = 0; block < scan->blocks; block++) {
        const struct part *part = first + block * scan->table->columns;
        sums[block] = part->sum;
        if (block && !scan->is_second) reduce_merge(first, kind, part);
    }
    first->sum = reduce_sum(sums, scan->blocks);
    return first;
}

static void summarise(const struct scan *scan, struct series *series, size_t before)
{
    for (size_t i = 0; i < series->columns; i++) {
        const struct part *part = combine(scan, series->kind, before + i);
        struct summary *summary = &series->summaries[i];
        if (scan->is_second) {
            long double variance = part->sum / (long double)scan->table->rows;
            summary->deviation =
                series->kind == KIND_LONG_REAL ? sqrtl(variance) : (double)sqrtl(variance);
        } else {
            summary->nans = part->nans;
            summary->least = part->least;
            summary->greatest = part->greatest;
            summary->mean = reduce_mean(part, series->kind, scan->table->rows);
        }
    }
}

static enum rc_status pass(struct scan *scan, size_t threads, bool is_second)
{
    scan->is_second = is_second;
    if (crew_run(threads, scan->blocks * scan->bands, work, scan)) return rc_error_status();
    size_t before = 0;
    for (size_t i = 0; i < scan->table->series_count; i++) {
        struct series *series = scan->table->series[i];
        if (!series_is_number(series)) continue;
        summarise(scan, series, before);
        before += series->columns;
    }
    return RC_OK;
}

static void cut(struct scan *scan)
{
    size_t rows = scan->table->rows, columns = scan->table->columns;
    size_t most = least_of(MOST_BLOCKS, MOST_PARTS / columns);
    scan->block_rows = PATCH_ROWS;
    while (scan->block_rows < rows && (scan->block_rows * columns < LEAST_NUMBERS ||
                                       (rows - 1) / scan->block_rows >= (most ? most : 1)))
        scan->block_rows *= 2;
    scan->blocks = (rows - 1) / scan->block_rows + 1;
}

/* Count the bands, and make room for the summaries. */
static enum rc_status prepare(struct scan *scan)
{
    for (size_t i = 0; i < scan->table->series_count; i++) {
        struct series *series = scan->table->series[i];
        scan->bands += bands_of(series);
        if (bands_of(series) == 0) continue;
        series->summaries = rc_memory_allocate_zeroed(series->columns, sizeof *series->summaries);
        if (!series->summaries) return rc_error_status();
    }
    return RC_OK;
}

enum rc_status scan_table(struct table *table, size_t threads)
{
    if (table->columns == 0) return RC_OK;
    struct scan scan = {.table = table};
    cut(&scan);
    if (prepare(&scan)) return rc_error_status();
    RC_SCOPED(parts, parts) =
        rc_memory_allocate_zeroed(scan.blocks * table->columns, sizeof *parts);
    if (!parts) return rc_error_status();
    scan.parts = parts;
    return pass(&scan, threads, false) ? rc_error_status() : pass(&scan, threads, true);
}
