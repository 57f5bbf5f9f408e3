/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * The one timeline of the process. It has no thread: that would end __libc_single_threaded, and be
 * measured with the rest. Threads take the samples where they publish what they count
 * (rc/tally_peak.c), which they do more often while somebody watches.
 *
 * All of it is guarded by the lock of the list of records, which a fork takes too. Under that lock
 * nothing is published, so that whoever takes a sample can ask for it.
 */
#include "timeline.h"

#include <time.h>

#include "tally.h"
#include "timeline_state.h"

/* A record publishes when it has changed by this part of the peak, by so many bytes at least. */
enum { STEPS = 512, STEP_LEAST = 4096 };

struct rc__timeline rc__timeline;

/* The most that was told since the last sample. */
static size_t raised;

/* Somebody wants a sample; somebody takes them. */
static bool wanted, busy;

/* ---- samples --------------------------------------------------------------------------------- */

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

void rc__timeline_raise(size_t bytes)
{
    if ((ptrdiff_t)bytes < 0) return;
    size_t before = __atomic_load_n(&raised, __ATOMIC_RELAXED);
    while (bytes > before && !__atomic_compare_exchange_n(&raised, &before, bytes, true,
                                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}

static void set_step(size_t peak)
{
    size_t step = larger(peak / STEPS, STEP_LEAST);
    rc__tally_set_slack(step < RC_ACCOUNT_PEAK_SLACK ? step : RC_ACCOUNT_PEAK_SLACK);
}

/* This thread's record publishes, so that what it was above stays in the row before. */
static void publish_mine(void)
{
    struct rc__tally *mine = rc__tally_mine;
    if (mine != &rc__tally_nobody) rc__timeline_raise(rc__tally_publish_quietly(mine));
}

struct rc__timeline_row rc__timeline_look(void)
{
    publish_mine();
    struct rc_account sum = rc__account_sum_locked();
    rc__timeline_raise(rc__tally_high_locked());
    size_t high = __atomic_exchange_n(&raised, 0, __ATOMIC_RELAXED);
    high = larger(high, sum.live_bytes);
    if (high > rc__timeline.peak) set_step(rc__timeline.peak = high);
    return (struct rc__timeline_row){
        .time = now() - rc__timeline.began,
        .live_bytes = sum.live_bytes,
        .peak_bytes = high,
        .live_objects = sum.live_objects,
        .live_blocks = sum.live_blocks,
    };
}

void rc__timeline_add_locked(void)
{
    struct rc__timeline_row row = rc__timeline_look();
    rc__timeline_rows_add(&rc__timeline.rows, &row);
}

static void add(void)
{
    rc__tally_lock();
    if (rc__tally_watched) rc__timeline_add_locked();
    rc__tally_unlock();
}

/* Nobody waits for somebody else's sample: who is at it looks once more, and not for ever. */
void rc__timeline_sample(void)
{
    __atomic_store_n(&wanted, true, __ATOMIC_SEQ_CST);
    for (int turn = 0; turn < 2 && __atomic_load_n(&wanted, __ATOMIC_SEQ_CST); turn++) {
        if (__atomic_exchange_n(&busy, true, __ATOMIC_SEQ_CST)) return;
        __atomic_store_n(&wanted, false, __ATOMIC_SEQ_CST);
        add();
        __atomic_store_n(&busy, false, __ATOMIC_SEQ_CST);
    }
}

/* ---- its life -------------------------------------------------------------------------------- */

static void watch(bool whether)
{
    __atomic_store_n(&rc__tally_watched, whether, __ATOMIC_RELAXED);
    if (!whether) rc__tally_set_slack(RC_ACCOUNT_PEAK_SLACK);
}

static void begin_locked(void)
{
    rc__timeline_rows_clear(&rc__timeline.rows);
    rc__timeline.peak = 0;
    rc__timeline.began = now();
    set_step(0);
    publish_mine();
    rc__tally_settle_high_locked();
    __atomic_store_n(&raised, 0, __ATOMIC_RELAXED);
    rc__timeline_add_locked();
    watch(true);
}

enum rc_status rc_timeline_start(void)
{
    rc__tally_prepare();
    rc__tally_lock();
    bool runs = rc__tally_watched;
    if (!runs) begin_locked();
    rc__tally_unlock();
    return runs ? rc_error_set(RC_BUSY, "a timeline runs already") : RC_OK;
}

/* False: there is no place for it. */
static bool mark_locked(const char *words)
{
    if (rc__timeline.rows.marks == RC_TIMELINE_MARKS) return false;
    struct rc__timeline_row row = rc__timeline_look();
    rc__timeline_rows_mark(&rc__timeline.rows, &row, words);
    return true;
}

enum rc_status rc_timeline_mark(const char *words)
{
    if (!words) return rc_error_set(RC_INVALID, "the words of a mark are NULL");
    if (RC_LIKELY(!__atomic_load_n(&rc__tally_watched, __ATOMIC_RELAXED))) return RC_OK;
    rc__tally_lock();
    bool fits = !rc__tally_watched || mark_locked(words);
    rc__tally_unlock();
    if (fits) return RC_OK;
    return rc_error_set(RC_RANGE, "the timeline has its %d marks: \"%s\" finds no place",
                        RC_TIMELINE_MARKS, words);
}

void rc_timeline_stop(void)
{
    rc__tally_lock();
    if (rc__tally_watched) {
        rc__timeline_add_locked();
        watch(false);
    }
    rc__tally_unlock();
}

/* What the parent's rows are is the parent's. Its thread that took a sample does not exist. */
void rc__timeline_forget(void)
{
    rc__timeline_rows_clear(&rc__timeline.rows);
    __atomic_store_n(&busy, false, __ATOMIC_RELAXED);
    watch(false);
    rc__timeline_environment_forget();
}
