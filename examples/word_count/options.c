/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
    "usage: word_count [-j THREADS] [-n TOP | --all] [--account] [--no-progress]\n"
    "                  [--limit BYTES] FILE...\n"
    "Prints the most frequent words of all files together, as `uniq -c` does, the most frequent\n"
    "first and words of one count in byte order; the totals go to standard error.\n"
    "A word is a run of letters a-z, in either case, and of bytes from 0x80 on: the same as\n"
    "    for f in FILE...; do cat \"$f\"; echo; done | tr 'A-Z' 'a-z' |\n"
    "        tr -cs 'a-z\\200-\\377' '\\n' | grep -a . | sort | uniq -c | sort -k1,1nr -k2\n"
    "with LC_ALL=C.\n"
    "  -j THREADS      threads that count, 1 to 1024; without it one for each processor\n"
    "  -n TOP          how many words to print; without it 10\n"
    "  --all           print every word\n"
    "  --account       tell what memory was alive at the peak, and what is at the end\n"
    "  --no-progress   no progress bar, also on a terminal\n"
    "  --limit BYTES   fail rather than allocate more than BYTES\n"
    "  -h, --help      this text\n"
    "Files are mapped, so standard input (-) and pipes cannot be read, nor more files at once\n"
    "than the system maps for one process, some 65,000; and a file that is cut short while it\n"
    "is counted ends the program by SIGBUS.\n"
    "Exits with 1 if a file could not be read, or memory did not suffice; 2 for a wrong option.\n";

enum { OPTION_ALL = 256, OPTION_ACCOUNT, OPTION_NO_PROGRESS, OPTION_LIMIT };

static const struct option long_options[] = {
    {"all", no_argument, NULL, OPTION_ALL},
    {"account", no_argument, NULL, OPTION_ACCOUNT},
    {"no-progress", no_argument, NULL, OPTION_NO_PROGRESS},
    {"limit", required_argument, NULL, OPTION_LIMIT},
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
    fprintf(stderr, "word_count: %s takes %s, not \"%s\"\n", option, wanted, text);
    return false;
}

/* @p argument is the one that getopt_long() has just read. */
static bool read_option(int option, const char *argument, struct options *options)
{
    switch (option) {
    case 'j':
        return read_number(optarg, 1, MOST_THREADS, &options->threads) ||
               complain("-j", "a number of threads from 1 to 1024", optarg);
    case 'n':
        return read_number(optarg, 0, SIZE_MAX, &options->top) ||
               complain("-n", "a number of words", optarg);
    case OPTION_LIMIT:
        return read_number(optarg, 0, SIZE_MAX, &options->limit) ||
               complain("--limit", "a number of bytes", optarg);
    case OPTION_ALL:
        options->top = SIZE_MAX;
        return true;
    case OPTION_ACCOUNT:
        options->account = true;
        return true;
    case OPTION_NO_PROGRESS:
        options->progress = false;
        return true;
    case ':':
        fprintf(stderr, "word_count: %s lacks its value\n", argument);
        return false;
    default:
        fprintf(stderr, "word_count: there is no option %s\n", argument);
        return false;
    }
}

static size_t processors(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    if (online < 1) return 1;
    return online < MOST_THREADS ? (size_t)online : MOST_THREADS;
}

bool options_read(int argc, char **argv, struct options *options, int *exit_code)
{
    *options =
        (struct options){.threads = processors(), .top = 10, .limit = SIZE_MAX, .progress = true};
    *exit_code = EXIT_USAGE;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":hj:n:", long_options, NULL)) != -1;) {
        if (option == 'h') {
            *exit_code = fputs(help, stdout) < 0 || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
            return false;
        }
        if (!read_option(option, argv[optind - 1], options)) return false;
    }
    if (optind == argc) {
        fputs("word_count: no file is given; word_count --help tells more\n", stderr);
        return false;
    }
    options->files = argv + optind;
    options->file_count = (size_t)(argc - optind);
    return true;
}
