/* SPDX-License-Identifier: MIT */
/* Buffers that one thread makes and another one releases: through a ring of pointers, which is the
 * same for all. Of each the first line is written on one side and read on the other. The bare limit
 * does just that, with places of a block, and makes nothing. */
#include "bench.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>

#include <buffer/buffer.h>

enum { PAGE = 4096 };

/* ---- the ring -------------------------------------------------------------------------------- */

enum { PLACES = 256, PATIENCE = 1000 };

/* One thread puts, one takes: each has its own place, and remembers the other's, which it reads again
 * only where what it remembers does not do. Apart from each other, since lines that both write would
 * be the row's price.
 *
 * Each put is published at once, and so is each take. That is what a program needs that hands things
 * over one by one: a ring that tells only once in a while delays things for as long as nothing follows
 * them, and measures batches. */
static struct {
    _Alignas(128) void *places[PLACES];
    _Alignas(128) size_t put; /* how many, ever: written by the maker */
    _Alignas(128) size_t taken_seen, maker_yields;
    _Alignas(128) size_t taken; /* how many, ever: written by the taker */
    _Alignas(128) size_t put_seen, taker_yields;
    _Alignas(128) void (*unmake)(void *thing); /* read by the taker after it saw something put */
} ring;

/* Wait for the other thread; where it does not seem to run at all, let it: true then. */
static bool wait_a_little(unsigned *waited)
{
    if (++*waited < PATIENCE) {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#endif
        return false;
    }
    *waited = 0;
    sched_yield();
    return true;
}

static void publish(size_t *count, size_t value)
{
    __atomic_store_n(count, value, __ATOMIC_RELEASE);
}

/* Wait until *count is no longer @p known; what it is then. */
static size_t hear(const size_t *count, size_t known, size_t *yields)
{
    unsigned waited = 0;
    size_t heard;
    while ((heard = __atomic_load_n(count, __ATOMIC_ACQUIRE)) == known)
        if (wait_a_little(&waited)) __atomic_store_n(yields, *yields + 1, __ATOMIC_RELAXED);
    return heard;
}

static void ring_put(void *thing)
{
    size_t put = ring.put;
    while (put - ring.taken_seen == PLACES)
        ring.taken_seen = hear(&ring.taken, ring.taken_seen, &ring.maker_yields);
    ring.places[put % PLACES] = thing;
    publish(&ring.put, put + 1);
}

/* The place is free once the thing is no more, so that all is unmade when all is taken. */
static void ring_take(void)
{
    size_t taken = ring.taken;
    if (taken == ring.put_seen) ring.put_seen = hear(&ring.put, ring.put_seen, &ring.taker_yields);
    ring.unmake(ring.places[taken % PLACES]);
    publish(&ring.taken, taken + 1);
}

static void wait_until_all_is_taken(void)
{
    while (ring.taken_seen != ring.put)
        ring.taken_seen = hear(&ring.taken, ring.taken_seen, &ring.maker_yields);
}

/* For as long as the process lives. */
static void *take_all(void *unused)
{
    for (;;) ring_take();
    return unused;
}

static void start_taking(void)
{
    static bool started;
    if (started) return;
    pthread_t thread;
    if (pthread_create(&thread, NULL, take_all, NULL) != 0) give_up("no thread");
    pthread_detach(thread);
    started = true;
}

static size_t yields(void)
{
    return ring.maker_yields + __atomic_load_n(&ring.taker_yields, __ATOMIC_RELAXED);
}

/* ns; true if both threads ran all the time. */
static bool burst(const struct contestant *contestant, size_t operations, double *took)
{
    ring_put(contestant->make(PAGE)); /* until the other thread is awake */
    wait_until_all_is_taken();
    size_t before = yields();
    double started = clock_now();
    for (size_t i = 0; i < operations; i++) ring_put(contestant->make(PAGE));
    wait_until_all_is_taken();
    *took = clock_now() - started;
    return yields() == before;
}

/* On a busy machine most bursts are none of two threads at once. */
enum { ATTEMPTS = 50, ATTEMPTS_QUICK = 5 };

double measure_hand_over(const struct contestant *contestant, size_t operations)
{
    double took = 0;
    start_taking();
    ring.unmake = contestant->unmake; /* the ring is empty: its thread waits to hear of more */
    int attempts = is_quick() ? ATTEMPTS_QUICK : ATTEMPTS;
    while (!burst(contestant, operations, &took) && --attempts > 0) continue;
    if (attempts == 0) burst_was_alone();
    return took;
}

/* ---- bare ------------------------------------------------------------------------------------ */

/* One more line than a page each, or all would fall into the same few sets of the caches. */
enum { STRIDE = PAGE + 64, LINES = 512 };

static unsigned char *lines;

static void make_lines(void)
{
    lines = need(calloc(LINES, STRIDE));
}

static void *next_line(size_t payload)
{
    static size_t next;
    (void)payload;
    unsigned char *line = lines + next++ % (LINES)*STRIDE;
    touch_first(line);
    return line;
}

static void read_line(void *line)
{
    read_first(line);
}

static void *make_malloc(size_t payload)
{
    void *block = need(malloc(payload));
    touch_first(block);
    return block;
}

static void unmake_malloc(void *block)
{
    read_first(block);
    free(block);
}

/* ---- ours ------------------------------------------------------------------------------------ */

static void *make_buffer(size_t payload)
{
    rc_buffer *buffer = need(rc_buffer_new(payload));
    touch_first((void *)(uintptr_t)buffer->data);
    return buffer;
}

static void unmake_buffer(void *thing)
{
    rc_buffer *buffer = thing;
    read_first(buffer->data);
    rc_release(buffer);
}

static const struct contestant table[] = {
    {"hand-over", "ring, one touched line", KIND_BARE, .set_up = make_lines, .make = next_line,
     .unmake = read_line},
    {"hand-over", "malloc, free", KIND_BARE, .make = make_malloc, .unmake = unmake_malloc},
    {"hand-over", "rcbuf", KIND_OURS, .make = make_buffer, .unmake = unmake_buffer},
};
CONTESTANTS(contestants_hand_over, table);
