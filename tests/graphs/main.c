/* SPDX-License-Identifier: MIT */
/*
 * Random graphs are made of rcbuf's objects, and collected; a model says what must become of them:
 *
 *     graphs SEED COUNT [--send | --threads N]
 *
 * With --send, plans that CPython's objects can follow, and what became of them here, go to standard
 * output as bytes, for check.py. With --threads, N threads, each with domains of its own, make and collect
 * their parts of the graphs at once, while two others retain and release what is held. What was tried is told on standard error, which is what is read by people.
 */
#include "graphs.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rc/account.h>

static _Thread_local struct plan plan;
static _Thread_local struct outcome expected, found;

static struct {
    uint32_t graphs, wrong, sent, holding, saving;
    uint32_t largest;
    uint64_t objects, freed, saved, weak, finalizers;
    uint32_t *counts;
} tried;

static const char *const kinds[KINDS] = {"bare", "lazy", "saving", "tidy", "plain", "brief"};

static void tell_object(uint64_t seed, uint32_t i)
{
    const struct seen *wanted = &expected.objects[i], *got = &found.objects[i];
    fprintf(stderr,
            "seed %llu, object %u of %u, %s: alive %d%d%d, weak %d%d%d, finalized %d, called %d; "
            "expected %d%d%d, %d%d%d, %d, %d\n",
            (unsigned long long)seed, i, plan.count, kinds[plan.objects[i].kind], got->alive[0],
            got->alive[1], got->alive[2], got->weak_alive[0], got->weak_alive[1],
            got->weak_alive[2], got->finalized, got->called, wanted->alive[0], wanted->alive[1],
            wanted->alive[2], wanted->weak_alive[0], wanted->weak_alive[1], wanted->weak_alive[2],
            wanted->finalized, wanted->called);
}

/* Returns: whether all is as it must be. */
static bool compare(uint64_t seed)
{
    bool right = memcmp(expected.freed, found.freed, sizeof found.freed) == 0;
    if (!right)
        fprintf(stderr, "seed %llu: freed %u, %u, %u; expected %u, %u, %u\n",
                (unsigned long long)seed, found.freed[0], found.freed[1], found.freed[2],
                expected.freed[0], expected.freed[1], expected.freed[2]);
    for (uint32_t i = 0; i < plan.count; i++) {
        if (memcmp(&expected.objects[i], &found.objects[i], sizeof found.objects[i]) == 0) continue;
        if (right) tell_object(seed, i); /* the first */
        right = false;
    }
    return right;
}

static void count(void)
{
    tried.counts[tried.graphs++] = plan.count;
    if (plan.count > tried.largest) tried.largest = plan.count;
    tried.objects += plan.count;
    tried.holding += plan_holds_a_cycle(&plan);
    bool any_saved = false;
    for (uint32_t i = 0; i < plan.count; i++) {
        tried.weak += plan.objects[i].weak;
        tried.finalizers += found.objects[i].finalized;
        bool saved = plan.objects[i].kind == KIND_SAVING && found.objects[i].finalized;
        tried.saved += saved;
        any_saved |= saved;
    }
    tried.saving += any_saved;
    for (int stage = 0; stage < STAGES; stage++) tried.freed += found.freed[stage];
}

/* ---- for check.py ---------------------------------------------------------------------------- */

static void put(const void *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, stdout) != size) exit(1);
}

static void send(void)
{
    put(&plan.count, sizeof plan.count);
    for (uint32_t i = 0; i < plan.count; i++) {
        const struct object_plan *of = &plan.objects[i];
        const struct seen *seen = &found.objects[i];
        uint8_t line[] = {
            of->kind,
            (uint8_t)(of->held | of->held_longer << 1 | of->weak << 2 | of->called << 3),
            (uint8_t)(seen->alive[0] | seen->alive[1] << 1 | seen->alive[2] << 2),
            (uint8_t)(seen->weak_alive[0] | seen->weak_alive[1] << 1 | seen->weak_alive[2] << 2),
            seen->finalized,
            seen->called};
        put(line, sizeof line);
    }
    for (uint32_t i = 0; i < plan.count; i++) put(plan.objects[i].to, sizeof plan.objects[i].to);
    tried.sent++;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return (one > other) - (one < other);
}

static void tell(void)
{
    qsort(tried.counts, tried.graphs, sizeof *tried.counts, by_size);
    fprintf(
        stderr,
        "graphs: %u tried, %u wrong; objects: median %u, largest %u, %llu in all; "
        "in %u graphs a cycle is held from outside; in %u finalizers saved objects, %llu times; "
        "%llu weak references; %llu finalizers ran; %llu objects freed by collections; %u sent\n",
        tried.graphs, tried.wrong, tried.counts[tried.graphs / 2], tried.largest,
        (unsigned long long)tried.objects, tried.holding, tried.saving,
        (unsigned long long)tried.saved, (unsigned long long)tried.weak,
        (unsigned long long)tried.finalizers, (unsigned long long)tried.freed, tried.sent);
}

static pthread_mutex_t tried_lock = PTHREAD_MUTEX_INITIALIZER;

static void try_one(uint64_t seed, bool sends)
{
    plan_make(&plan, seed);
    model_run(&plan, &expected);
    objects_run(&plan, &found);
    pthread_mutex_lock(&tried_lock);
    if (!compare(seed)) tried.wrong++;
    count();
    if (sends && plan.like_python) send();
    pthread_mutex_unlock(&tried_lock);
}

/* ---- several threads ------------------------------------------------------------------------- */

enum {
    THREADS_MAX = 16,
    VISITORS = 2,
    STACK = 64 << 20
}; /* of which the thread-locals take a part */

struct part {
    pthread_t thread;
    uint64_t seed;
    uint32_t graphs;
};

static void *try_part(void *argument)
{
    struct part *part = argument;
    for (uint32_t i = 0; i < part->graphs; i++) try_one(part->seed + i, false);
    return NULL;
}

static bool try_by_threads(uint64_t seed, uint32_t graphs, uint32_t threads)
{
    struct part parts[THREADS_MAX];
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    if (threads < 1 || threads > THREADS_MAX) return false;
    visitors_start(VISITORS);
    for (uint32_t t = 0; t < threads; t++) {
        parts[t].seed = seed + t * (uint64_t)(graphs / threads);
        parts[t].graphs = graphs / threads;
        if (pthread_create(&parts[t].thread, &attributes, try_part, &parts[t]) != 0) return false;
    }
    for (uint32_t t = 0; t < threads; t++) pthread_join(parts[t].thread, NULL);
    fprintf(stderr, "graphs: by %u threads; %llu visits of what was held\n", threads,
            (unsigned long long)visitors_end());
    pthread_attr_destroy(&attributes);
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 3) return 2;
    uint64_t seed = strtoull(argv[1], NULL, 10);
    uint32_t graphs = (uint32_t)strtoul(argv[2], NULL, 10);
    bool sends = argc > 3 && strcmp(argv[3], "--send") == 0;
    bool by_threads = argc > 4 && strcmp(argv[3], "--threads") == 0;
    tried.counts = calloc(graphs + 1, sizeof *tried.counts);
    if (!tried.counts) return 1;
    struct rc_account before;
    rc_account_read(&before);
    if (by_threads) {
        if (!try_by_threads(seed, graphs, (uint32_t)strtoul(argv[4], NULL, 10))) return 2;
    } else {
        for (uint32_t i = 0; i < graphs; i++) try_one(seed + i, sends);
    }
    if (rc_account_check_nothing_new(&before) != RC_OK) {
        fprintf(stderr, "graphs: %s\n", rc_error_message());
        tried.wrong++;
    }
    tell();
    free(tried.counts);
    return tried.wrong ? 1 : 0;
}
