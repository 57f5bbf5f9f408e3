/* SPDX-License-Identifier: MIT */
/*
 * What NumPy's min, mean, max and std say of each column of a .npy file, over the mapped file and
 * with threads; and histograms.
 *
 *     file --map--> view --table--> series of columns --scan--> summaries --> report, plot
 *                                   \ a view each       \ patches by lens, sums by ladder
 *
 * Views, tables and blocks are scoped variables: each function that fails returns at once, on
 * whatever thread, and what it held is given back. A view keeps the file mapped.
 */
#include <buffer/npy.h>
#include <rc/allocator.h>
#include <rc/scope.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "make.h"
#include "options.h"
#include "plot.h"
#include "report.h"
#include "scan.h"

/* Columns that are not drawn are told. */
static enum rc_status draw(const struct options *options, const struct table *table)
{
    if (plot_table(options->plot, table, options->threads)) return rc_error_status();
    if (table->columns > PLOT_MOST_COLUMNS)
        fprintf(stderr, "npy_stats: of %zu columns the first %d are drawn in %s\n", table->columns,
                PLOT_MOST_COLUMNS, options->plot);
    return RC_OK;
}

static enum rc_status analyse(const struct options *options)
{
    RC_AUTO(rc_view, array) = rc_npy_map(options->file, RC_MAP_READ);
    if (!array) return rc_error_status();
    RC_AUTO(struct table, table) = table_new(array);
    if (!table) return rc_error_status();
    if (table->view->size && scan_table(table, options->threads)) return rc_error_status();
    if (report_array(stdout, array) || report_table(stdout, table)) return rc_error_status();
    return options->plot ? draw(options, table) : RC_OK;
}

int main(int argc, char **argv)
{
    struct options options;
    int exit_code;
    if (!options_read(argc, argv, &options, &exit_code)) return exit_code;

    static struct rc_limiting_allocator quota;
    rc_limiting_allocator_init(&quota, NULL, options.limit);
    if (options.limit < SIZE_MAX) rc_allocator_set_default(&quota.allocator);

    enum rc_status status =
        options.make ? make_file(options.make, options.make_rows) : analyse(&options);
    if (status == RC_OK) return EXIT_SUCCESS;
    fprintf(stderr, "npy_stats: %s\n", rc_error_message());
    return EXIT_FAILURE;
}
