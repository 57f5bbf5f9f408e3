/* SPDX-License-Identifier: MIT */
/*
 * What things weigh that are alive, payload not counted: by malloc's books, and by the memory that
 * became resident. The second has pages that were resident before, and is less exact; where the
 * books know nothing of a thing, whose memory then is not malloc's, it stands for both.
 */
#include "bench.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
static double bytes_by_books(void)
{
    struct mallinfo2 books = mallinfo2();
    return (double)books.uordblks + (double)books.hblkhd;
}
#else
static double bytes_by_books(void)
{
    return 0;
}
#endif

static double bytes_resident(void)
{
    unsigned long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return 0;
    if (fscanf(file, "%lu %lu", &pages, &resident) != 2) resident = 0;
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static void weigh(const struct row *row, struct result *result)
{
    const struct contestant *contestant = result->contestant;
    size_t count = row->things;
    void **things = need(malloc(count * sizeof *things));
    memset(things, 1, count * sizeof *things);
    malloc_trim(0);
    /* What is made once is not the thing's: the library's records, and the C library's own. */
    contestant->unmake(contestant->make(row->payload));
    bytes_resident();

    double resident = bytes_resident(), books = bytes_by_books();
    for (size_t i = 0; i < count; i++) things[i] = contestant->make(row->payload);
    double payload = (double)row->payload;
    result->first = (bytes_by_books() - books) / (double)count - payload;
    result->second = (bytes_resident() - resident) / (double)count - payload;
    if (result->first < -payload / 2) result->first = result->second;
    result->rounds = 1;

    while (count > 0) contestant->unmake(things[--count]);
    free(things);
}

void measure_bytes(struct results *results)
{
    for (size_t i = 0; i < results->count; i++)
        if (!results->of[i].absent[0]) weigh(results->row, &results->of[i]);
    for (size_t i = 0; i < results->count; i++)
        for (size_t j = 0; j < results->count; j++)
            if (!results->of[i].absent[0] && !results->of[j].absent[0])
                results->of[i].ratios[j] = results->of[i].first / results->of[j].first;
}
