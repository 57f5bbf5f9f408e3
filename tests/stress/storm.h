/* SPDX-License-Identifier: MIT */
/**
 * @file tests/stress/storm.h
 * What the stress programs share: eight threads that start together, numbers from a seed, checks.
 *
 * Usage of every program: NAME SEED ROUNDS. yield.c, linked with them, gives the processor away at
 * places in the library and the program that depend on the seed.
 */
#ifndef TESTS_STRESS_STORM_H
#define TESTS_STRESS_STORM_H

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "rc/account.h"

enum { STORM_THREADS = 8 };

/* yield.c: this thread's places and numbers follow from @p seed from now on. */
void storm_seed(uint64_t seed);
uint64_t storm_random(void);

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static uint64_t storm__seed;
static pthread_barrier_t storm__barrier;
static void (*storm__body)(unsigned thread);

static void *storm__thread(void *argument)
{
    unsigned thread = (unsigned)(uintptr_t)argument;
    storm_seed(storm__seed * STORM_THREADS + thread + 1);
    pthread_barrier_wait(&storm__barrier);
    storm__body(thread);
    return NULL;
}

/* Run @p body in eight threads at once, and wait for them. */
static void storm(void (*body)(unsigned thread))
{
    pthread_t threads[STORM_THREADS];
    storm__body = body;
    storm__seed++;
    CHECK(pthread_barrier_init(&storm__barrier, NULL, STORM_THREADS) == 0);
    for (uintptr_t i = 0; i < STORM_THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, storm__thread, (void *)i) == 0);
    for (int i = 0; i < STORM_THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    pthread_barrier_destroy(&storm__barrier);
}

/* Rounds of one storm each, after which nothing may be left alive. */
static int storm_rounds(int count, char **arguments, void (*one_round)(void))
{
    struct rc_account before;
    CHECK(count == 3);
    storm__seed = strtoull(arguments[1], NULL, 10) * 1000003;
    unsigned long rounds = strtoul(arguments[2], NULL, 10);
    CHECK(rounds > 0);
    rc_account_read(&before);
    for (unsigned long i = 0; i < rounds; i++) one_round();
    RC_ASSERT_NOTHING_NEW(&before);
    return EXIT_SUCCESS;
}

#endif
