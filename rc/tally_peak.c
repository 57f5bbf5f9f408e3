/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* The peak: what records tell the others, how often, and the most that all together ever were. */
#include "tally.h"

/* A cache line of their own. Net bytes that were published, and the most that is known of. */
static struct {
    _Alignas(64) size_t total;
    size_t peak;
} global;

/* Bytes by which a record leaves what it published before it publishes again. */
static size_t slack = RC_ACCOUNT_PEAK_SLACK;

bool rc__tally_watched;

static size_t total_add(size_t change)
{
    if (!RC_SINGLE_THREADED) return __atomic_fetch_add(&global.total, change, __ATOMIC_RELAXED);
    size_t before = global.total;
    __atomic_store_n(&global.total, before + change, __ATOMIC_RELAXED);
    return before;
}

/* Sums of moments may be below zero, which is no peak. */
static void peak_raise(size_t candidate)
{
    size_t peak = __atomic_load_n(&global.peak, __ATOMIC_RELAXED);
    while (rc__tally_above(candidate, peak) &&
           !__atomic_compare_exchange_n(&global.peak, &peak, candidate, true, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED)) {
    }
}

/* ---- publishing ------------------------------------------------------------------------------ */

/* What is alive of a record's bytes: all but what lies in its cells. */
static size_t live_bytes(const struct rc__tally *tally)
{
    return rc__tally_get(&tally->bytes) - rc__tally_idle_bytes(tally);
}

static void set_published(struct rc__tally *tally, size_t bytes, size_t live)
{
    size_t within = rc__tally_get(&slack);
    tally->published = live;
    tally->ceiling = bytes + within;
    tally->floor = bytes - within;
    rc__tally_put(&tally->high, live);
}

void rc__tally_begin(struct rc__tally *tally)
{
    set_published(tally, 0, 0);
}

void rc__tally_raise(struct rc__tally *tally)
{
    size_t now = live_bytes(tally);
    if (rc__tally_above(now, rc__tally_get(&tally->high))) rc__tally_put(&tally->high, now);
    if (rc__tally_above(rc__tally_get(&tally->bytes), tally->ceiling)) rc__tally_publish(tally);
}

size_t rc__tally_publish_quietly(struct rc__tally *tally)
{
    size_t live = live_bytes(tally);
    size_t before = total_add(live - tally->published);
    size_t candidate = before + (rc__tally_get(&tally->high) - tally->published);
    peak_raise(candidate);
    set_published(tally, rc__tally_get(&tally->bytes), live);
    return candidate;
}

/* The record that all share publishes under the lock; who leaves it tells when that is over. */
void rc__tally_publish(struct rc__tally *tally)
{
    size_t candidate = rc__tally_publish_quietly(tally);
    if (RC_LIKELY(!__atomic_load_n(&rc__tally_watched, __ATOMIC_RELAXED))) return;
    rc__timeline_raise(candidate);
    if (tally != &rc__tally_shared) rc__timeline_sample();
}

void rc__tally_tell(void)
{
    if (RC_UNLIKELY(__atomic_load_n(&rc__tally_watched, __ATOMIC_RELAXED))) rc__timeline_sample();
}

void rc__tally_set_slack(size_t bytes)
{
    rc__tally_put(&slack, bytes);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* How far each record was above where it is; more than that is a read between two stores. */
static size_t excess_of(const struct rc__tally *tally)
{
    size_t idle = rc__tally_idle_bytes(tally), most = 2 * RC_ACCOUNT_PEAK_SLACK + idle;
    size_t bytes = rc__tally_get(&tally->bytes) - idle, high = rc__tally_get(&tally->high);
    if (!rc__tally_above(high, bytes)) return 0;
    size_t excess = high - bytes;
    return excess < most ? excess : most;
}

struct sum {
    size_t bytes, excess;
};

static void sum_add(struct rc__tally *tally, void *context)
{
    struct sum *sum = context;
    size_t excess = excess_of(tally);
    sum->bytes += live_bytes(tally);
    if (excess > sum->excess) sum->excess = excess;
}

size_t rc__tally_high_locked(void)
{
    struct sum sum = {0, 0};
    rc__tally_each_locked(sum_add, &sum);
    return sum.bytes + sum.excess;
}

size_t rc__tally_peak(void)
{
    rc__tally_lock();
    size_t candidate = rc__tally_high_locked();
    rc__tally_unlock();
    size_t peak = __atomic_load_n(&global.peak, __ATOMIC_RELAXED);
    return rc__tally_above(candidate, peak) ? candidate : peak;
}

/* The owner may raise `high` at the same moment; what is lost then is less than the slack, since it
 * publishes what is more. */
static void reset_high(struct rc__tally *tally, void *context)
{
    size_t *bytes = context;
    size_t now = live_bytes(tally);
    rc__tally_put(&tally->high, now);
    *bytes += now;
}

void rc__tally_settle_high_locked(void)
{
    size_t bytes = 0;
    peak_raise(rc__tally_high_locked());
    rc__tally_each_locked(reset_high, &bytes);
}

void rc__tally_reset_peak(void)
{
    size_t bytes = 0;
    rc__tally_lock();
    rc__timeline_raise(rc__tally_high_locked()); /* or a timeline would not know of it */
    rc__tally_each_locked(reset_high, &bytes);
    rc__tally_unlock();
    __atomic_store_n(&global.peak, bytes, __ATOMIC_RELAXED);
}
