/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Idle pages.
 *
 * Invariants. No two ranges touch: what is put beside another becomes one with it. Whether both are
 * one mapping to the kernel is its affair; giving back works across mappings. `bytes` is the sum of
 * the ranges, and within its bound, as their number is. Under the lock nothing is called, so that
 * it may be asked for under any other; what has to go to the system goes after it is given back.
 */
#include "pages_idle.h"

#if defined(__linux__)
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

struct range {
    unsigned char *start;
    size_t length;
    size_t stamp; /* when it last grew: the smallest is the oldest */
};

/* What leaves the cache under the lock, to be unmapped later. */
struct leaving {
    struct range ranges[RC__PAGES_IDLE_RANGES];
    size_t count;
};

RC_HOT_THREAD_LOCAL struct rc__idle_slot *rc__idle_mine;
static __thread bool asked_for_slot;
static struct rc__idle_slot slots[RC__PAGES_SLOTS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    struct range ranges[RC__PAGES_IDLE_RANGES];
    size_t count, bytes, clock;
} idle;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

/* ---- the system ------------------------------------------------------------------------------ */

/* A process may have so many mappings that one cannot be cut out of another: then the pages go, and
 * the addresses stay behind. */
void rc__idle_unmap(void *start, size_t length)
{
    int number = errno;
    if (munmap(start, length) != 0) (void)madvise(start, length, MADV_DONTNEED);
    errno = number;
}

static void unmap_all(const struct leaving *leaving)
{
    for (size_t i = 0; i < leaving->count; i++)
        rc__idle_unmap(leaving->ranges[i].start, leaving->ranges[i].length);
}

/* ---- ranges, under the lock ------------------------------------------------------------------ */

static void remove_range(size_t i)
{
    idle.bytes -= idle.ranges[i].length;
    idle.count--;
    idle.ranges[i] = idle.ranges[idle.count];
}

static void add_range(unsigned char *start, size_t length)
{
    idle.ranges[idle.count] = (struct range){start, length, idle.clock};
    idle.clock++;
    idle.count++;
    idle.bytes += length;
}

static void *cut_head(size_t i, size_t length)
{
    struct range *range = &idle.ranges[i];
    void *start = range->start;
    if (range->length == length) {
        remove_range(i);
        return start;
    }
    range->start += length;
    range->length -= length;
    idle.bytes -= length;
    return start;
}

static void expel_oldest(struct leaving *leaving)
{
    size_t oldest = 0;
    for (size_t i = 1; i < idle.count; i++)
        if (idle.ranges[i].stamp < idle.ranges[oldest].stamp) oldest = i;
    leaving->ranges[leaving->count] = idle.ranges[oldest];
    leaving->count++;
    remove_range(oldest);
}

/* Takes the neighbours out, and makes the range as long as all of them. */
static struct range joined(unsigned char *start, size_t length)
{
    size_t i = 0;
    while (i < idle.count) {
        struct range other = idle.ranges[i];
        if (other.start + other.length != start && start + length != other.start) {
            i++;
            continue;
        }
        if (other.start < start) start = other.start;
        length += other.length;
        remove_range(i);
    }
    return (struct range){.start = start, .length = length};
}

/* ---- take and put ---------------------------------------------------------------------------- */

void *rc__idle_take(size_t length)
{
    void *start = NULL;
    pthread_mutex_lock(&lock);
    size_t best = idle.count;
    for (size_t i = 0; i < idle.count; i++) {
        size_t there = idle.ranges[i].length;
        if (there < length) continue;
        if (best == idle.count || there == length || there > idle.ranges[best].length) best = i;
        if (there == length) break;
    }
    if (best < idle.count) start = cut_head(best, length);
    pthread_mutex_unlock(&lock);
    return start;
}

bool rc__idle_take_at(void *start, size_t length)
{
    bool found = false;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < idle.count && !found; i++) {
        found = idle.ranges[i].start == start && idle.ranges[i].length >= length;
        if (found) cut_head(i, length);
    }
    pthread_mutex_unlock(&lock);
    return found;
}

void rc__idle_put(void *start, size_t length)
{
    if (length > RC__PAGES_IDLE_BYTES) {
        rc__idle_unmap(start, length);
        return;
    }
    struct leaving leaving = {.count = 0};
    pthread_mutex_lock(&lock);
    while (idle.bytes > RC__PAGES_IDLE_BYTES - length) expel_oldest(&leaving);
    struct range range = joined(start, length);
    if (idle.count == RC__PAGES_IDLE_RANGES) expel_oldest(&leaving);
    add_range(range.start, range.length);
    pthread_mutex_unlock(&lock);
    unmap_all(&leaving);
}

struct rc__pages_idle rc__pages_idle(void)
{
    pthread_mutex_lock(&lock);
    struct rc__pages_idle now = {.bytes = idle.bytes, .ranges = idle.count};
    pthread_mutex_unlock(&lock);
    if (rc__idle_mine) now.mine = rc__idle_mine->length;
    return now;
}

/* ---- threads --------------------------------------------------------------------------------- */

static struct rc__idle_slot *take_slot(void)
{
    struct rc__idle_slot *found = NULL;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < RC__PAGES_SLOTS && !found && has_key; i++)
        if (!slots[i].taken) found = &slots[i];
    if (found) found->taken = true;
    pthread_mutex_unlock(&lock);
    return found;
}

static void give_slot_back(struct rc__idle_slot *slot)
{
    pthread_mutex_lock(&lock);
    slot->taken = false;
    pthread_mutex_unlock(&lock);
}

void rc__idle_ask_for_slot(void)
{
    if (asked_for_slot) return;
    asked_for_slot = true;
    struct rc__idle_slot *slot = take_slot();
    if (!slot) return;
    if (pthread_setspecific(key, slot) == 0)
        rc__idle_mine = slot;
    else
        give_slot_back(slot);
}

/* What else this thread frees on its way out goes to the ranges. */
static void thread_ends(void *own)
{
    struct rc__idle_slot *slot = own;
    rc__idle_mine = NULL;
    size_t length = slot->length;
    slot->length = 0;
    if (length) rc__idle_put(slot->block, length);
    give_slot_back(slot);
}

/* ---- trim ------------------------------------------------------------------------------------ */

static bool trim_mine(void)
{
    struct rc__idle_slot *slot = rc__idle_mine;
    if (!slot || !slot->length) return false;
    size_t length = slot->length;
    slot->length = 0;
    rc__idle_unmap(slot->block, length);
    return true;
}

bool rc__idle_trim(void)
{
    struct leaving leaving = {.count = 0};
    pthread_mutex_lock(&lock);
    while (idle.count > 0) expel_oldest(&leaving);
    pthread_mutex_unlock(&lock);
    unmap_all(&leaving);
    return trim_mine() || leaving.count > 0;
}

/* ---- set-up, fork and end -------------------------------------------------------------------- */

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&lock);
}

/* The other threads do not exist here, and what they kept is nobody's. */
static void after_fork_in_child(void)
{
    for (size_t i = 0; i < RC__PAGES_SLOTS; i++) {
        struct rc__idle_slot *slot = &slots[i];
        if (!slot->taken || slot == rc__idle_mine) continue;
        if (slot->length) rc__idle_unmap(slot->block, slot->length);
        slot->length = 0;
        slot->taken = false;
    }
    pthread_mutex_unlock(&lock);
}

static void set_up(void)
{
    has_key = pthread_key_create(&key, thread_ends) == 0;
    pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

void rc__idle_prepare(void)
{
    pthread_once(&once, set_up);
}

/* Before main(), as rc/tally.c does: whoever holds a lock of its own when it asks for ours has
 * registered its handlers later, so a fork takes ours after it. */
static __attribute__((constructor(101))) void prepare_early(void)
{
    rc__idle_prepare();
}

/* A plugin that contains the library may be unloaded before its threads end. */
static __attribute__((destructor(101))) void forget_threads(void)
{
    pthread_mutex_lock(&lock);
    bool had_key = has_key;
    has_key = false;
    pthread_mutex_unlock(&lock);
    if (had_key) pthread_key_delete(key);
    rc__idle_trim();
}
#endif
