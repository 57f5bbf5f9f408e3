/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plot.h"

#define ROWS_WITHOUT_NUMBER 100000

static const char help[] =
    "usage: npy_stats [-j THREADS] [--plot FILE.svg|FILE.png] [--limit BYTES] FILE.npy\n"
    "       npy_stats --make FILE.npy [ROWS]\n"
    "Prints the shape, the dtype and the order of NumPy's array in FILE.npy, and of each column "
    "the\n"
    "least number, the mean, the greatest number and the standard deviation (divided by n), as\n"
    "a.min(axis=0) and so on give them with dtype=float64, or longdouble where the column is "
    "that.\n"
    "A column is: of two dimensions a[:, i]; of more a[:, i, j ...]; of one dimension all of it, "
    "and\n"
    "of none its one value; of records each field, each element of a sub-array, and of a complex\n"
    "number its real and its imaginary part. Bools are 0 and 1. Texts have no numbers. With a NaN\n"
    "all four are nan, and the NaNs are counted.\n"
    "Least and greatest have as many digits as tell the number from its neighbours, mean and\n"
    "deviation 15 (longdouble 18). Sums of integers are exact; others are pairwise, so the mean "
    "is\n"
    "within log2(n)+3 units of 2^-53 of the mean magnitude of the numbers.\n"
    "  -j THREADS      threads that compute, 1 to 1024; without it one for each processor. The\n"
    "                  result does not depend on it\n"
    "  --plot FILE     draw a histogram of each column, the first %d, with gnuplot\n"
    "  --limit BYTES   fail rather than allocate more than BYTES\n"
    "  --make FILE.npy [ROWS]\n"
    "                  write a table of made-up measurements, the same ones each time, of ROWS\n"
    "                  rows, without it %d\n"
    "  -h, --help      this text\n"
    "The file is mapped: one that is cut short meanwhile ends the program by SIGBUS.\n"
    "Exits with 1 if something failed, and 2 for a wrong command line.\n";

enum { OPTION_PLOT = 256, OPTION_LIMIT, OPTION_MAKE };

static const struct option long_options[] = {
    {"plot", required_argument, NULL, OPTION_PLOT},
    {"limit", required_argument, NULL, OPTION_LIMIT},
    {"make", required_argument, NULL, OPTION_MAKE},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* A decimal number from @p least to @p most, and nothing else. */
static bool read_number(const char *text, size_t least, size_t most, size_t *number)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end || errno) return false;
    if (value < least || value > most) return false;
    *number = value;
    return true;
}

static bool complain(const char *option, const char *wanted, const char *text)
{
    fprintf(stderr, "npy_stats: %s takes %s, not \"%s\"\n", option, wanted, text);
    return false;
}

bool options_ends_in(const char *path, const char *suffix)
{
    size_t size = strlen(path), end = strlen(suffix);
    return size > end && strcmp(path + size - end, suffix) == 0;
}

/* @p argument is the one that getopt_long() has just read. */
static bool read_option(int option, const char *argument, struct options *options)
{
    switch (option) {
    case 'j':
        return read_number(optarg, 1, MOST_THREADS, &options->threads) ||
               complain("-j", "a number of threads from 1 to 1024", optarg);
    case OPTION_LIMIT:
        return read_number(optarg, 0, SIZE_MAX, &options->limit) ||
               complain("--limit", "a number of bytes", optarg);
    case OPTION_PLOT:
        options->plot = optarg;
        return options_ends_in(optarg, ".svg") || options_ends_in(optarg, ".png") ||
               complain("--plot", "a file whose name ends in .svg or .png", optarg);
    case OPTION_MAKE:
        options->make = optarg;
        return true;
    case ':':
        fprintf(stderr, "npy_stats: %s lacks its value\n", argument);
        return false;
    default:
        fprintf(stderr, "npy_stats: there is no option %s\n", argument);
        return false;
    }
}

/* What is no option: FILE.npy, or with --make the number of rows. */
static bool read_rest(int count, char **arguments, struct options *options)
{
    if (count > 1) {
        fprintf(stderr, "npy_stats: \"%s\" is one argument too many\n", arguments[1]);
        return false;
    }
    if (options->make)
        return count == 0 || read_number(arguments[0], 0, PTRDIFF_MAX, &options->make_rows) ||
               complain("--make", "a number of rows", arguments[0]);
    if (count == 0) {
        fputs("npy_stats: no file is given; npy_stats --help tells more\n", stderr);
        return false;
    }
    options->file = arguments[0];
    return true;
}

static size_t processors(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    if (online < 1) return 1;
    return online < MOST_THREADS ? (size_t)online : MOST_THREADS;
}

bool options_read(int argc, char **argv, struct options *options, int *exit_code)
{
    *options = (struct options){
        .threads = processors(), .limit = SIZE_MAX, .make_rows = ROWS_WITHOUT_NUMBER};
    *exit_code = EXIT_USAGE;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":hj:", long_options, NULL)) != -1;) {
        if (option == 'h') {
            bool is_said = printf(help, PLOT_MOST_COLUMNS, ROWS_WITHOUT_NUMBER) > 0;
            *exit_code = is_said && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
            return false;
        }
        if (!read_option(option, argv[optind - 1], options)) return false;
    }
    return read_rest(argc - optind, argv + optind, options);
}
