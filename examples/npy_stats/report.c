/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <buffer/npy.h>
#include <errno.h>
#include <math.h>
#include <rc/scope.h>
#include <string.h>

#include "name.h"
#include "number.h"

/* ---- the array ------------------------------------------------------------------------------- */

/* The last place of @p text in @p bytes; NULL: there is none. */
static const char *find_last(const char *bytes, size_t size, const char *text)
{
    size_t length = strlen(text);
    for (size_t at = size; at >= length; at--)
        if (memcmp(bytes + at - length, text, length) == 0) return bytes + at - length;
    return NULL;
}

/* What NumPy would write as the dtype stands in the header of a file with the array: behind the
 * magic, the version and the size, which are PREFIX bytes in version 3.0. */
static enum rc_status put_dtype(FILE *stream, const rc_view *array)
{
    static const char before[] = "{'descr': ";
    enum { PREFIX = 12, START = PREFIX + sizeof before - 1 };
    RC_AUTO(rc_buffer, header) = rc_npy_header(array, RC_NPY_3_0);
    if (!header) return rc_error_status();
    const char *text = (const char *)header->data;
    const char *start = text + START, *end = find_last(text, header->size, ", 'fortran_order': ");
    if (!end || memcmp(text + PREFIX, before, strlen(before)) != 0)
        return rc_error_set(RC_FORMAT, "the header of a .npy file does not begin with its dtype");
    if (*start == '\'') start++, end--;
    fprintf(stream, "dtype  %.*s\n", (int)(end - start), start);
    return RC_OK;
}

enum rc_status report_array(FILE *stream, const rc_view *array)
{
    fputs("shape  (", stream);
    for (size_t i = 0; i < array->ndim; i++)
        fprintf(stream, i == 0 ? "%zu" : ", %zu", array->shape[i]);
    fputs(array->ndim == 1 ? ",)\n" : ")\n", stream);
    if (put_dtype(stream, array)) return rc_error_status();
    fprintf(stream, "order  %s\n", rc_view_is_contiguous(array, 'C') ? "C" : "Fortran");
    return RC_OK;
}

/* ---- the columns ----------------------------------------------------------------------------- */

enum { LEAST, MEAN, GREATEST, DEVIATION, NUMBERS };

static const char *const titles[NUMBERS] = {"min", "mean", "max", "std"};

struct row {
    char name[NAME_SIZE];
    char numbers[NUMBERS][NUMBER_SIZE];
    size_t nans;
};

struct widths {
    size_t name;
    int numbers[NUMBERS];
};

/* A NaN makes all of them NaN, as it does in NumPy. */
static void write_row(struct row *row, const struct series *series, size_t column)
{
    const struct summary *summary = &series->summaries[column];
    name_column(series, column, row->name);
    row->nans = summary->nans;
    bool is_nan = summary->nans > 0;
    union number nan = {.real = (long double)NAN};
    number_exact(series, is_nan ? &nan : &summary->least, row->numbers[LEAST]);
    number_exact(series, is_nan ? &nan : &summary->greatest, row->numbers[GREATEST]);
    number_computed(series, summary->mean, row->numbers[MEAN]);
    number_computed(series, summary->deviation, row->numbers[DEVIATION]);
}

static void widen(struct widths *widths, const struct row *row)
{
    if (name_width(row->name) > widths->name) widths->name = name_width(row->name);
    for (size_t i = 0; i < NUMBERS; i++) {
        int width = (int)strlen(row->numbers[i]);
        if (width > widths->numbers[i]) widths->numbers[i] = width;
    }
}

static void put_name(FILE *stream, const struct widths *widths, const char *name)
{
    size_t width = name_width(name);
    fprintf(stream, "%s%*s", name, width < widths->name ? (int)(widths->name - width) : 0, "");
}

static void put_row(FILE *stream, const struct widths *widths, const struct row *row, size_t rows)
{
    put_name(stream, widths, row->name);
    for (size_t i = 0; i < NUMBERS; i++)
        fprintf(stream, "  %*s", widths->numbers[i], row->numbers[i]);
    if (row->nans) fprintf(stream, "  %zu of %zu NaN", row->nans, rows);
    putc('\n', stream);
}

static void measure_or_put(FILE *stream, const struct series *series, struct widths *widths,
                           size_t rows)
{
    struct row row;
    for (size_t i = 0; i < series->columns; i++) {
        write_row(&row, series, i);
        if (stream)
            put_row(stream, widths, &row, rows);
        else
            widen(widths, &row);
    }
}

/* What has no numbers, as one line for all its columns. */
static void put_text(FILE *stream, const struct widths *widths, const struct series *series)
{
    char name[NAME_SIZE];
    name_series(series, name);
    put_name(stream, widths, name);
    const rc_format *format = series->view->format;
    char code = format->field_count ? format->fields->code : 'x';
    fprintf(stream, "  %zu %s of %zu %s, without numbers\n", series->view->size,
            code == 'x' ? "voids" : "texts", format->itemsize / (code == 'w' ? 4 : 1),
            code == 'w' ? "characters" : "bytes");
}

static void put_empty(FILE *stream, const struct widths *widths, const struct series *series)
{
    char name[NAME_SIZE];
    name_series(series, name);
    put_name(stream, widths, name);
    fputs("  no elements\n", stream);
}

static void put_columns(FILE *stream, const struct table *table)
{
    struct row title = {.name = "column"};
    struct widths widths = {0};
    for (size_t i = 0; i < NUMBERS; i++) strcpy(title.numbers[i], titles[i]);
    widen(&widths, &title);
    for (size_t i = 0; i < table->series_count; i++)
        if (series_is_number(table->series[i]))
            measure_or_put(NULL, table->series[i], &widths, table->rows);
    if (table->columns) put_row(stream, &widths, &title, table->rows);
    for (size_t i = 0; i < table->series_count; i++) {
        const struct series *series = table->series[i];
        if (series->columns == 0)
            put_empty(stream, &widths, series);
        else if (series_is_number(series))
            measure_or_put(stream, series, &widths, table->rows);
        else
            put_text(stream, &widths, series);
    }
}

enum rc_status report_table(FILE *stream, const struct table *table)
{
    if (table->view->size == 0)
        fputs("The array is empty: there is nothing to compute.\n", stream);
    else
        put_columns(stream, table);
    if (table->view->size && table->series_count == 0)
        fputs("The records have no fields: there is nothing to compute.\n", stream);
    if (fflush(stream) || ferror(stream))
        return rc_error_set(RC_SYSTEM, "the result cannot be written: %s", strerror(errno));
    return RC_OK;
}
