/* SPDX-License-Identifier: MIT */
/*
 * Reads a list of prices anew while threads look prices up in it.
 *
 *     file --read--> list --store--> slot --load--> crew
 *                                     |
 *                                     +-- the list before: ends with the last that uses it
 *
 * There is one list that counts, and it stands in a slot. Who reads the file makes a whole new
 * list, and stores that; a file that is wrong leaves things as they are. Nobody waits for anybody,
 * and no list is kept for longer than somebody uses it: the program looks at its account in the
 * end.
 */
#include <rc/account.h>
#include <rc/scope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"
#include "prices.h"

#define EXIT_USAGE   2
#define MOST_THREADS 64

static rc_slot current = RC_SLOT_INIT;

static enum rc_status reload(const char *path)
{
    static size_t version;
    RC_AUTO(struct prices, next) = prices_read(path, version + 1);
    if (!next) return rc_error_status();
    version++;
    return rc_slot_store(&current, next);
}

static void tell_price(const char *name)
{
    RC_AUTO(struct prices, prices) = RC_SLOT_LOAD(struct prices, &current);
    const struct price *price = prices_find(prices, name);
    if (price)
        printf("%s %ld\n", name, price->price);
    else
        printf("%s has no price\n", name);
}

/* "reload" reads the file again, and waits until the crew uses it; anything else is a name. */
static void obey(const char *line, const char *path, struct crew *crew)
{
    if (strcmp(line, "reload") != 0) {
        tell_price(line);
    } else if (reload(path) == RC_OK) {
        RC_AUTO(struct prices, prices) = RC_SLOT_LOAD(struct prices, &current);
        crew_wait(crew, prices->version);
        printf("version %zu: %zu prices\n", prices->version, prices->count);
    } else {
        printf("%s\n", rc_error_message());
        rc_error_clear();
    }
    fflush(stdout);
}

static enum rc_status run(const char *path, size_t threads)
{
    char line[256];
    if (reload(path) != RC_OK) return rc_error_status();
    RC_AUTO(struct crew, crew) = crew_new(threads, &current);
    if (!crew) return rc_error_status();
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (*line) obey(line, path, crew);
    }
    crew_wait(crew, 1);
    fprintf(stderr, "%zu threads looked up %zu prices\n", threads, crew_finish(crew));
    return RC_OK;
}

int main(int argc, char **argv)
{
    struct rc_account before;
    char *end = NULL;
    unsigned long threads = argc > 2 ? strtoul(argv[2], &end, 10) : 2;
    if (argc < 2 || argc > 3 || (end && *end) || threads < 1 || threads > MOST_THREADS) {
        fputs("usage: reload FILE [THREADS]\n"
              "FILE has lines \"name price\". Standard input has names, whose prices are printed, "
              "and\n"
              "lines \"reload\", which have FILE read again. THREADS, 1 to 64 and without it 2, "
              "look\n"
              "prices up all the while.\n",
              stderr);
        return EXIT_USAGE;
    }
    rc_account_read(&before);
    enum rc_status status = run(argv[1], threads);
    if (status != RC_OK) fprintf(stderr, "reload: %s\n", rc_error_message());
    rc_slot_clear(&current);
    RC_ASSERT_NOTHING_NEW(&before);
    return status == RC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
