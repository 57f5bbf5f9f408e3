/* SPDX-License-Identifier: MIT */
/*
 * What idles is bounded, and is given back.
 *
 *   idle_memory mixed    ten million buffers of mixed sizes by two threads, two GiB of them alive at
 *                        once, released in random order, half of them by the other thread: after a
 *                        trim the process is as small as it was before
 *   idle_memory hand     ten million buffers from one thread to another: what idles stays bounded
 *   idle_memory threads  ten thousand threads, one after the other and eight at a time, each with
 *                        objects of its own and of others: nothing is left, and little idles
 *
 * Prints what it saw on one line.
 */
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffer/buffer.h"
#include "rc/bias.h"
#include "rc/memory.h"

#define MIB ((size_t)1 << 20)

enum { BUFFERS = 10000000, THREADS = 10000, AT_ONCE = 8, RING = 256 };

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
            exit(EXIT_FAILURE);                                                                    \
        }                                                                                          \
    } while (0)

/* ---- what is measured ------------------------------------------------------------------------ */

/* Bytes of this process in memory. */
static size_t resident(void)
{
    size_t all, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file && fscanf(file, "%zu %zu", &all, &pages) == 2);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static size_t idle(void)
{
    struct rc_memory_statistics now;
    rc_memory_statistics_read(&now);
    return now.idle_bytes;
}

static size_t live_bytes(void)
{
    struct rc_account now;
    rc_account_read(&now);
    return now.live_bytes;
}

static uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* ---- mixed ----------------------------------------------------------------------------------- */

enum { PART = BUFFERS / 20 }; /* of one thread and one round; ten rounds of two threads */

static rc_buffer *parts[2][PART];
static pthread_barrier_t barrier;
static size_t most_alive;

/* Three quarters are small; the mean is some 2,300 bytes. */
static size_t mixed_size(uint64_t *state)
{
    uint64_t number = draw(state);
    if (number % 4) return number / 4 % 1000;
    return number % 1000 < 997 ? 1000 + number / 1000 % 14000 : 30000 + number / 1000 % 700000;
}

static void fill(rc_buffer **part, uint64_t *state)
{
    for (size_t i = 0; i < PART; i++) {
        size_t size = mixed_size(state);
        CHECK((part[i] = rc_buffer_new(size)));
        memset(rc_buffer_edit(part[i]), (int)i, size);
    }
}

static void shuffle(rc_buffer **part, uint64_t *state)
{
    for (size_t i = PART - 1; i > 0; i--) {
        size_t j = draw(state) % (i + 1);
        rc_buffer *other = part[i];
        part[i] = part[j];
        part[j] = other;
    }
}

/* Half of one's own, and half of the other's. */
static void *mix(void *argument)
{
    size_t mine = (size_t)(uintptr_t)argument;
    uint64_t state = 88172645463325252u + mine;
    for (int round = 0; round < 10; round++) {
        fill(parts[mine], &state);
        shuffle(parts[mine], &state);
        pthread_barrier_wait(&barrier);
        size_t alive = live_bytes();
        if (mine == 0 && alive > most_alive) most_alive = alive;
        pthread_barrier_wait(&barrier);
        for (size_t i = 0; i < PART / 2; i++) rc_release(parts[mine][i]);
        for (size_t i = PART / 2; i < PART; i++) rc_release(parts[1 - mine][i]);
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

static void run_mixed(void)
{
    pthread_t threads[2];
    memset(parts, 0, sizeof parts);
    memset(parts, 1, sizeof parts); /* resident before, and after */
    CHECK(pthread_barrier_init(&barrier, NULL, 2) == 0);
    size_t before = resident();
    for (uintptr_t i = 0; i < 2; i++) CHECK(pthread_create(&threads[i], NULL, mix, (void *)i) == 0);
    for (int i = 0; i < 2; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    size_t left = idle(), given_back = rc_memory_trim(), after = resident();
    printf(
        "%d buffers, at most %zu MiB alive, %zu MiB idle then; resident %.1f MiB before, %.1f MiB "
        "after a trim\n",
        BUFFERS, most_alive / MIB, left / MIB, (double)before / MIB, (double)after / MIB);
    CHECK(most_alive >= 2048 * MIB);
    CHECK(given_back == left && idle() == 0);
    CHECK(after <= before + 10 * MIB);
}

/* ---- hand ------------------------------------------------------------------------------------ */

static rc_buffer *ring[RING];

static void *take(void *unused)
{
    for (size_t i = 0; i < BUFFERS; i++) {
        rc_buffer **place = &ring[i % RING], *buffer;
        while (!(buffer = __atomic_load_n(place, __ATOMIC_ACQUIRE))) sched_yield();
        __atomic_store_n(place, NULL, __ATOMIC_RELEASE);
        rc_release(buffer);
    }
    return unused;
}

static void run_hand(void)
{
    static const size_t sizes[] = {64, 1000, 4096, 20000};
    size_t most = 0;
    pthread_t taker;
    CHECK(pthread_create(&taker, NULL, take, NULL) == 0);
    for (size_t i = 0; i < BUFFERS; i++) {
        rc_buffer **place = &ring[i % RING], *buffer = rc_buffer_new(sizes[i % 4]);
        CHECK(buffer);
        while (__atomic_load_n(place, __ATOMIC_ACQUIRE)) sched_yield();
        __atomic_store_n(place, buffer, __ATOMIC_RELEASE);
        if (i % 100000 == 0 && idle() > most) most = idle();
    }
    CHECK(pthread_join(taker, NULL) == 0);
    printf("%d hand-overs, at most %zu KiB idle\n", BUFFERS, most / 1024);
    CHECK(most <= 12 * MIB);
}

/* ---- threads --------------------------------------------------------------------------------- */

static const rc_type biased_type = {.name = "biased", .size = 100, .flags = RC_TYPE_BIASED};

/* Objects that one thread leaves for the next. */
static void *left[AT_ONCE];

static void *live_shortly(void *unused)
{
    for (int i = 0; i < 20; i++) {
        rc_buffer *buffer = rc_buffer_new((size_t)i * 300);
        void *object = rc_object_new(&biased_type, 0);
        CHECK(buffer && object);
        void *other = __atomic_exchange_n(&left[i % AT_ONCE], object, __ATOMIC_ACQ_REL);
        (void)rc_retain(other);
        rc_release(other);
        rc_release(other);
        rc_release(buffer);
    }
    return unused;
}

static void run_threads(void)
{
    struct rc_account before;
    rc_account_read(&before);
    size_t most = 0;
    for (int started = 0; started < THREADS;) {
        pthread_t threads[AT_ONCE];
        int count = started % 3 ? AT_ONCE : 1;
        for (int i = 0; i < count; i++)
            CHECK(pthread_create(&threads[i], NULL, live_shortly, NULL) == 0);
        for (int i = 0; i < count; i++) CHECK(pthread_join(threads[i], NULL) == 0);
        started += count;
        if (idle() > most) most = idle();
    }
    for (size_t i = 0; i < AT_ONCE; i++) rc_release(left[i]);
    rc_bias_drain();
    RC_ASSERT_NOTHING_NEW(&before);
    printf("%d threads, nothing left, at most %zu KiB idle\n", THREADS, most / 1024);
    CHECK(most <= 12 * MIB);
}

int main(int count, char **arguments)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } all[] = {{"mixed", run_mixed}, {"hand", run_hand}, {"threads", run_threads}};
    for (size_t i = 0; count == 2 && i < sizeof all / sizeof all[0]; i++)
        if (strcmp(arguments[1], all[i].name) == 0) {
            all[i].run();
            return EXIT_SUCCESS;
        }
    fprintf(stderr, "usage: idle_memory mixed|hand|threads\n");
    return EXIT_FAILURE;
}
