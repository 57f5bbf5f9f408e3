/* SPDX-License-Identifier: MIT */
/**
 * @file tests/explorer/explorer.h
 * What a scenario of the schedule explorer is made of.
 *
 * A scenario is a few threads over state in static variables. It is run once straight through, so
 * that what the library makes lazily is there; then before() runs alone, the threads run in every
 * order, and after() runs alone when all of them have ended: each time from the same memory, static
 * variables included. So before() sets the variables that the threads expect, and everything that
 * it allocates has to be freed by the end of after().
 *
 * One of a scenario's threads may stop (struct stop). Then all orders are run again for each step
 * after which it may, and from there on it takes none until the others have ended: what they need
 * for that, in steps of their own, has a bound.
 */
#ifndef TESTS_EXPLORER_H
#define TESTS_EXPLORER_H

#include <stdbool.h>
#include <stddef.h>

enum { EXPLORER_THREADS = 4 }; /* of one scenario, at the most */

struct scenario {
    const char *name;
    void (*before)(void);
    void (*threads[EXPLORER_THREADS])(void); /* the first NULL ends them */
    void (*after)(void);
};

/* One of a scenario's threads stops. */
struct stop {
    const char *scenario;
    int thread; /* counted from 1 */
    int steps;  /* of each other, at the most, while it is stopped */
};

/* Each file of scenarios defines one such list, ended by an entry without a name. */
extern const struct scenario object_scenarios[], weak_scenarios[], pin_scenarios[],
    bias_scenarios[], buffer_scenarios[], view_scenarios[], format_scenarios[], pool_scenarios[],
    chain_scenarios[], magazine_scenarios[], pages_scenarios[], slot_scenarios[], home_scenarios[],
    cycle_scenarios[], self_scenarios[];

/* Of those of these files; ended as well by an entry without a name. */
extern const struct stop slot_stops[], home_stops[], self_stops[];

/* End the exploration: this schedule broke a promise. Prints the schedule that led here. */
void explorer_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* From here to the end of the threads, a write to these bytes is a violation. */
void explorer_forbid_writes(const void *bytes, size_t size);

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) explorer_fail("%s:%d: not true: %s", __FILE__, __LINE__, #condition);    \
    } while (0)

#endif
