/* SPDX-License-Identifier: MIT */
/*
 * Many alive: make one and let a random one of them go, so that their number stays. Which one is
 * decided before the clock starts, by a generator with a fixed seed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "scale.h"

enum { REPLACED = 1 << 18, BURSTS = 7, BURSTS_QUICK = 2 };

static void **things;
static size_t alive;
static double bytes_each; /* at the last point; 0: there was none */

/* xorshift64*, Vigna 2016: good enough to have no pattern that a cache could learn. */
static uint64_t next_random(void)
{
    static uint64_t state = 0x2545F4914F6CDD1D;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (state * 0x2545F4914F6CDD1D) >> 32;
}

static double number_in(const char *path, const char *format)
{
    char line[128];
    double number = 0;
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, format, &number) == 1) break;
    fclose(file);
    return number;
}

static double bytes_resident(void)
{
    return number_in("/proc/self/statm", "%*u %lf") * (double)sysconf(_SC_PAGESIZE);
}

/* Half of what can be had is for those who share the machine. */
static bool fits(double count)
{
    double available = number_in("/proc/meminfo", "MemAvailable: %lf") * 1024;
    return available == 0 || count * bytes_each < available / 2;
}

/* What is alive becomes @p count, with a table of that size that is resident before. */
static double grow(const struct contestant *contestant, size_t count)
{
    void **more = need(realloc(things, count * sizeof *more));
    for (size_t i = alive; i < count; i++) more[i] = NULL;
    static double weight;
    double before = bytes_resident();
    for (size_t i = alive; i < count; i++) more[i] = contestant->make(SCALE_PAYLOAD);
    weight += bytes_resident() - before;
    things = more;
    alive = count;
    return weight / (double)count;
}

static double replace(const struct contestant *contestant, const uint32_t *places)
{
    void *(*make)(size_t) = contestant->make;
    void (*unmake)(void *) = contestant->unmake;
    double started = clock_now();
    for (size_t i = 0; i < REPLACED; i++) {
        void **place = &things[places[i]], *old = *place;
        *place = make(SCALE_PAYLOAD);
        unmake(old);
    }
    return (clock_now() - started) / (double)REPLACED;
}

void scale_live(const struct contestant *contestant, bool quick, struct scale_point *point)
{
    static uint32_t places[REPLACED];
    double samples[BURSTS];
    size_t bursts = quick ? BURSTS_QUICK : BURSTS;
    if (!fits(point->x)) {
        snprintf(point->skipped, sizeof point->skipped,
                 "%.0f of %.0f bytes each would take more than half of the memory", point->x,
                 bytes_each);
        return;
    }
    bytes_each = point->bytes = grow(contestant, (size_t)point->x);
    for (size_t burst = 0; burst < bursts; burst++) {
        for (size_t i = 0; i < REPLACED; i++) places[i] = (uint32_t)(next_random() % alive);
        samples[burst] = replace(contestant, places);
    }
    scale_summarize(samples, bursts, point);
}
