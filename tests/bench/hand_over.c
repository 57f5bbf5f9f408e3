/* SPDX-License-Identifier: MIT */
/* Buffers that one thread makes and another one releases: through a ring of pointers, which is the
 * same for all. The bare limit makes nothing: it hands over places of a block whose first line is
 * written on one side and read on the other. */
#include "bench.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>

#include <buffer/buffer.h>

enum { PAGE = 4096 };

/* ---- the ring -------------------------------------------------------------------------------- */

enum { PLACES = 256, PATIENCE = 2000 };

/* One thread puts, one takes: each has its own place, and looks at the other's only where its last
 * look does not do. Apart from each other, since a line that both write would be the row's price. */
static struct {
    _Alignas(128) void *places[PLACES];
    _Alignas(128) size_t put; /* how many, ever; the maker's */
    size_t taken_seen;
    _Alignas(128) size_t taken; /* the taker's */
    size_t put_seen;
    _Alignas(128) void (*unmake)(void *thing); /* read by the taker after it saw something put */
} ring;

/* Wait for the other thread; where it does not run at all, let it. */
static void wait_a_little(unsigned *waited)
{
    if (++*waited < PATIENCE) {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#endif
        return;
    }
    *waited = 0;
    sched_yield();
}

static void ring_put(void *thing)
{
    unsigned waited = 0;
    size_t put = ring.put;
    while (put - ring.taken_seen == PLACES) {
        ring.taken_seen = __atomic_load_n(&ring.taken, __ATOMIC_ACQUIRE);
        if (put - ring.taken_seen == PLACES) wait_a_little(&waited);
    }
    ring.places[put % PLACES] = thing;
    __atomic_store_n(&ring.put, put + 1, __ATOMIC_RELEASE);
}

static void *ring_take(void)
{
    unsigned waited = 0;
    size_t taken = ring.taken;
    while (ring.put_seen == taken) {
        ring.put_seen = __atomic_load_n(&ring.put, __ATOMIC_ACQUIRE);
        if (ring.put_seen == taken) wait_a_little(&waited);
    }
    void *thing = ring.places[taken % PLACES];
    return thing;
}

/* For as long as the process lives. */
static void *take_all(void *unused)
{
    for (;;) {
        void *thing = ring_take();
        ring.unmake(thing);
        __atomic_store_n(&ring.taken, ring.taken + 1, __ATOMIC_RELEASE);
    }
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

double measure_hand_over(const struct contestant *contestant, size_t operations)
{
    start_taking();
    unsigned waited = 0;
    ring.unmake = contestant->unmake; /* the ring is empty: its thread waits for the next put */
    double started = clock_now();
    for (size_t i = 0; i < operations; i++) ring_put(contestant->make(PAGE));
    while (__atomic_load_n(&ring.taken, __ATOMIC_ACQUIRE) != ring.put) wait_a_little(&waited);
    return clock_now() - started;
}

/* ---- bare ------------------------------------------------------------------------------------ */

/* One more line than a page each, or all would fall into the same few sets of the caches. */
enum { STRIDE = PAGE + 64 };

static unsigned char *lines;

static void make_lines(void)
{
    lines = need(calloc(2 * PLACES, STRIDE));
}

static void *next_line(size_t payload)
{
    static size_t next;
    (void)payload;
    unsigned char *line = lines + next++ % (2 * PLACES) * STRIDE;
    *(volatile unsigned char *)line = 1;
    return line;
}

static void read_line(void *line)
{
    (void)*(volatile unsigned char *)line;
}

static void *make_malloc(size_t payload)
{
    void *block = need(malloc(payload));
    touch(block, payload);
    return block;
}

static void unmake_malloc(void *block)
{
    (void)*(volatile unsigned char *)block;
    free(block);
}

/* ---- ours ------------------------------------------------------------------------------------ */

static void *make_buffer(size_t payload)
{
    rc_buffer *buffer = need(rc_buffer_new(payload));
    touch((void *)(uintptr_t)buffer->data, payload);
    return buffer;
}

static void unmake_buffer(void *thing)
{
    rc_buffer *buffer = thing;
    (void)*(const volatile unsigned char *)buffer->data;
    rc_release(buffer);
}

static const struct contestant table[] = {
    {"hand-over", "ring, one touched line", KIND_BARE, .set_up = make_lines, .make = next_line,
     .unmake = read_line},
    {"hand-over", "malloc, free", KIND_BARE, .make = make_malloc, .unmake = unmake_malloc},
    {"hand-over", "rcbuf", KIND_OURS, .make = make_buffer, .unmake = unmake_buffer},
};
CONTESTANTS(contestants_hand_over, table);
