/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#include "tally.h"

#include "block.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Threads that count at the same time without the C library being asked for a record. */
enum { STATIC_RECORDS = 64 };

/* Places, from its hash on, that a type may have. */
enum { PROBES = 16 };

struct rc__tally rc__tally_nobody;
RC_HOT_THREAD_LOCAL struct rc__tally *rc__tally_mine = &rc__tally_nobody;
RC_HOT_THREAD_LOCAL struct rc__cell *rc_object_cells = rc__tally_nobody.cells;
const struct rc_type *rc__tally_types[RC__TALLY_TYPES];
uint32_t rc__tally_taken[RC__TALLY_TYPES / 32];

/* Guards the list, who has taken which record, and the shared record. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct rc__tally *all;
static size_t record_count;
static struct rc__tally static_records[STATIC_RECORDS];

struct rc__tally rc__tally_shared;

void (*rc__tally_unpin)(struct rc__tally *tally);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

/* ---- what a thread keeps ---------------------------------------------------------------------- */

static void unpin(struct rc__tally *tally)
{
    void (*all_of)(struct rc__tally *) = __atomic_load_n(&rc__tally_unpin, __ATOMIC_ACQUIRE);
    if (all_of) all_of(tally);
}

size_t rc__tally_trim(void)
{
    struct rc__tally *tally = rc__tally_mine;
    if (tally == &rc__tally_nobody) return 0;
    unpin(tally);
    size_t bytes = rc__tally_kept_bytes(tally) + rc__magazines_bytes(tally->magazines);
    rc__cells_empty(tally, RC__CELL_POOLED);
    rc__magazines_empty(tally->magazines, false);
    return bytes;
}

/* ---- the list of records --------------------------------------------------------------------- */

void rc__tally_lock(void)
{
    pthread_mutex_lock(&lock);
}

void rc__tally_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

static void link_record(struct rc__tally *tally)
{
    rc__tally_begin(tally);
    tally->next = all;
    __atomic_store_n(&all, tally, __ATOMIC_SEQ_CST); /* rc/weak_pin.c says why */
    record_count++;
}

static struct rc__tally *new_record(bool may_allocate)
{
    if (record_count < STATIC_RECORDS) return &static_records[record_count];
    void *block;
    if (!may_allocate || posix_memalign(&block, _Alignof(struct rc__tally), sizeof *all) != 0)
        return NULL;
    return memset(block, 0, sizeof *all);
}

/* Under the lock: one that a thread left, else a new one; NULL: neither. */
static struct rc__tally *take_record(bool may_allocate)
{
    struct rc__tally *tally = all;
    while (tally && tally->taken) tally = tally->next;
    if (!tally) {
        tally = new_record(may_allocate);
        if (!tally) return NULL;
        link_record(tally);
    }
    tally->taken = true;
    return tally;
}

static void set_mine(struct rc__tally *tally)
{
    rc__tally_mine = tally;
    rc_object_cells = tally->cells;
}

/* A destructor that runs after this one and counts takes a record again. */
static void thread_ends(void *record)
{
    struct rc__tally *tally = record;
    unpin(tally);
    rc__cells_empty(tally, RC__CELLS); /* into the magazines */
    set_mine(&rc__tally_nobody);
    rc__magazines_empty(tally->magazines, true);
    rc__tally_publish(tally);
    pthread_mutex_lock(&lock);
    tally->taken = false;
    pthread_mutex_unlock(&lock);
}

/* ---- fork ------------------------------------------------------------------------------------ */

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&lock);
}

/* The other threads do not exist here. Their magazines may have been between two stores. */
static void after_fork_in_child(void)
{
    rc__timeline_forget();
    for (struct rc__tally *tally = all; tally; tally = tally->next) {
        if (!tally->taken || tally == rc__tally_mine) continue;
        memset(tally->magazines, 0, sizeof tally->magazines);
        rc__tally_publish(tally);
        tally->taken = false;
    }
    pthread_mutex_unlock(&lock);
}

/* Everything counts before it locks anything of its own, so these handlers are registered first,
 * and a fork takes this lock last: it may be asked for under any other. */
static void set_up(void)
{
    has_key = pthread_key_create(&key, thread_ends) == 0;
    pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

void rc__tally_prepare(void)
{
    pthread_once(&once, set_up);
}

/* Before main(): handlers that the program registers itself then run while nothing is locked, and
 * the key is one of the first, whose values need no memory. */
static __attribute__((constructor(101))) void prepare_early(void)
{
    rc__tally_prepare();
}

/* A plugin that contains the library may be unloaded before its threads end. */
static __attribute__((destructor(101))) void forget_threads(void)
{
    pthread_mutex_lock(&lock);
    if (has_key) pthread_key_delete(key);
    has_key = false;
    pthread_mutex_unlock(&lock);
}

/* ---- the rare paths of counting -------------------------------------------------------------- */

static struct rc__tally *own_record(bool may_allocate)
{
    if (!has_key) return NULL;
    struct rc__tally *tally = take_record(may_allocate);
    if (!tally) return NULL;
    if (pthread_setspecific(key, tally) != 0) {
        tally->taken = false;
        return NULL;
    }
    set_mine(tally);
    return tally;
}

struct rc__tally *rc__tally_enter(bool may_allocate)
{
    rc__tally_prepare();
    int number = errno;
    pthread_mutex_lock(&lock);
    struct rc__tally *tally = own_record(may_allocate);
    errno = number;
    if (!tally) return &rc__tally_shared; /* and the lock is held until the end */
    pthread_mutex_unlock(&lock);
    return tally;
}

void rc__tally_leave(struct rc__tally *tally)
{
    if (tally != &rc__tally_shared) return;
    rc__tally_publish(tally);
    pthread_mutex_unlock(&lock);
    rc__tally_tell();
}

/* In each record what it counts there is seen once this is. */
static void take_place(size_t place)
{
    __atomic_fetch_or(&rc__tally_taken[place / 32], UINT32_C(1) << place % 32, __ATOMIC_RELAXED);
}

/* Places are never given up: a type that finds all of its own taken finds them so ever after, in
 * all records, and what was made and freed of it stays together. */
size_t rc__tally_find_type(const struct rc_type *type)
{
    size_t place = rc__tally_hash(type);
    for (size_t i = 0; i < PROBES; i++) {
        const struct rc_type *there = __atomic_load_n(&rc__tally_types[place], __ATOMIC_RELAXED);
        if (!there && __atomic_compare_exchange_n(&rc__tally_types[place], &there, type, false,
                                                  __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            take_place(place);
            return place;
        }
        if (there == type) return place;
        place = (place + 1) % RC__TALLY_TYPES;
    }
    return RC__TALLY_TYPES;
}

void rc__tally_object_made_rare(const struct rc_type *type, size_t bytes)
{
    RC__TALLY(true, rc__tally_add(&rc__tally_type(tally, type)->made, 1);
              rc__tally_bytes_up(tally, bytes));
}

void rc__tally_object_freed_rare(const struct rc_type *type, size_t bytes)
{
    RC__TALLY(false, rc__tally_add(&rc__tally_type(tally, type)->freed, 1);
              rc__tally_bytes_down(tally, bytes));
}

/* ---- reading --------------------------------------------------------------------------------- */

void rc__tally_each_locked(void (*each)(struct rc__tally *tally, void *context), void *context)
{
    for (struct rc__tally *tally = all; tally; tally = tally->next) each(tally, context);
    each(&rc__tally_shared, context);
}

void rc__tally_each(void (*each)(struct rc__tally *tally, void *context), void *context)
{
    pthread_mutex_lock(&lock);
    rc__tally_each_locked(each, context);
    pthread_mutex_unlock(&lock);
}

struct rc__tally *rc__tally_first(void)
{
    return __atomic_load_n(&all, __ATOMIC_SEQ_CST);
}

size_t rc__tally_records(void)
{
    pthread_mutex_lock(&lock);
    size_t count = record_count;
    pthread_mutex_unlock(&lock);
    return count;
}
