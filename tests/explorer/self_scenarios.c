/* SPDX-License-Identifier: MIT */
/*
 * The explorer tries itself: small programs whose answer is known, right ones and wrong ones. What
 * each must answer stands in gate.sh.
 */
#include "explorer.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SENT = 10 };

static int data, flag, turns;
static int *shared;
static pthread_mutex_t first, second;

static void nothing(void)
{
}

static void start(void)
{
    data = flag = turns = 0;
}

/* ---- a message behind a flag: right with release and acquire, a race with less --------------- */

static void send_released(void)
{
    data = 42;
    __atomic_store_n(&flag, SENT, __ATOMIC_RELEASE);
}

static void send_relaxed(void)
{
    data = 42;
    __atomic_store_n(&flag, SENT, __ATOMIC_RELAXED);
}

static void send_fenced(void)
{
    data = 42;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    __atomic_store_n(&flag, SENT, __ATOMIC_RELAXED);
}

static void receive_acquired(void)
{
    if (__atomic_load_n(&flag, __ATOMIC_ACQUIRE) >= SENT) CHECK(data == 42);
}

static void receive_relaxed(void)
{
    if (__atomic_load_n(&flag, __ATOMIC_RELAXED) >= SENT) CHECK(data == 42);
}

static void receive_fenced(void)
{
    if (__atomic_load_n(&flag, __ATOMIC_RELAXED) < SENT) return;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    CHECK(data == 42);
}

static void count_relaxed(void)
{
    __atomic_fetch_add(&flag, 1, __ATOMIC_RELAXED); /* carries a release sequence on */
}

static void overwrite_relaxed(void)
{
    __atomic_store_n(&flag, SENT, __ATOMIC_RELAXED); /* breaks it */
}

/* ---- a number counted without an atomic update ----------------------------------------------- */

static void count_in_two_steps(void)
{
    int seen = __atomic_load_n(&turns, __ATOMIC_RELAXED);
    __atomic_store_n(&turns, seen + 1, __ATOMIC_RELAXED);
}

static void count_at_once(void)
{
    __atomic_fetch_add(&turns, 1, __ATOMIC_RELAXED);
}

static void check_two_turns(void)
{
    CHECK(turns == 2);
}

/* ---- mutexes --------------------------------------------------------------------------------- */

static void count_locked(void)
{
    pthread_mutex_lock(&first);
    turns++;
    pthread_mutex_unlock(&first);
}

static void lock_in_order(void)
{
    pthread_mutex_lock(&first);
    pthread_mutex_lock(&second);
    turns++;
    pthread_mutex_unlock(&second);
    pthread_mutex_unlock(&first);
}

static void lock_the_other_way(void)
{
    pthread_mutex_lock(&second);
    pthread_mutex_lock(&first);
    turns++;
    pthread_mutex_unlock(&first);
    pthread_mutex_unlock(&second);
}

/* ---- threads that stop ----------------------------------------------------------------------- */

static void count_twice(void)
{
    count_at_once();
    count_at_once();
}

/* An unlocking is no step, so there is one before it. */
static void count_at_once_locked(void)
{
    pthread_mutex_lock(&first);
    count_at_once();
    pthread_mutex_unlock(&first);
}

static void check_three_turns(void)
{
    CHECK(turns == 3);
}

static void wait_for_a_turn(void)
{
    while (__atomic_load_n(&turns, __ATOMIC_ACQUIRE) == 0) continue;
}

/* Of a number that others change meanwhile, as often as they do. */
static void count_by_compare(void)
{
    int seen = __atomic_load_n(&turns, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&turns, &seen, seen + 1, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED)) {
    }
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void make_shared(void)
{
    start();
    shared = malloc(sizeof *shared);
    *shared = 0;
}

static void free_shared_at_two(void)
{
    if (__atomic_add_fetch(&turns, 1, __ATOMIC_ACQ_REL) == 2) free(shared);
}

static void free_shared_always(void)
{
    __atomic_fetch_add(&turns, 1, __ATOMIC_ACQ_REL);
    free(shared);
}

static void touch_shared_if_first(void)
{
    if (__atomic_add_fetch(&turns, 1, __ATOMIC_ACQ_REL) == 1) *shared = 1;
}

static void free_shared(void)
{
    __atomic_fetch_add(&turns, 1, __ATOMIC_ACQ_REL);
    free(shared);
}

static void touch_past_the_end(void)
{
    count_at_once();
    memset(shared, 0, sizeof *shared + 1);
}

static void forbid(void)
{
    start();
    explorer_forbid_writes(&turns, sizeof turns);
}

/* ---- thread-locals --------------------------------------------------------------------------- */

static __thread int mine;

static void count_mine(void)
{
    mine = 0;
    for (int i = 0; i < 2; i++) {
        mine++;
        __atomic_fetch_add(&turns, 1, __ATOMIC_RELAXED);
    }
    CHECK(mine == 2);
}

/* ---- loops that give way --------------------------------------------------------------------- */

static void yield_until_it_is_sent(void)
{
    while (__atomic_load_n(&flag, __ATOMIC_ACQUIRE) < SENT) sched_yield();
    CHECK(data == 42);
}

static void yield_until_nobody_has_a_turn(void)
{
    while (__atomic_load_n(&turns, __ATOMIC_ACQUIRE) != 0) sched_yield();
}

/* ---- independent work, for the reduction ----------------------------------------------------- */

static int left, middle, right;

static void work_left(void)
{
    __atomic_fetch_add(&left, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&middle, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&left, 1, __ATOMIC_RELAXED);
}

static void work_right(void)
{
    __atomic_fetch_add(&right, 1, __ATOMIC_RELAXED);
    (void)__atomic_load_n(&middle, __ATOMIC_RELAXED);
    count_locked();
}

static void work_both(void)
{
    (void)__atomic_load_n(&left, __ATOMIC_RELAXED);
    count_locked();
    __atomic_store_n(&right, 7, __ATOMIC_RELAXED);
}

const struct scenario self_scenarios[] = {
    {"message_released", start, {send_released, receive_acquired}, nothing},
    {"message_fenced", start, {send_fenced, receive_fenced}, nothing},
    {"message_carried_on", start, {send_released, count_relaxed, receive_acquired}, nothing},
    {"message_sent_relaxed", start, {send_relaxed, receive_acquired}, nothing},
    {"message_received_relaxed", start, {send_released, receive_relaxed}, nothing},
    {"message_overwritten", start, {send_released, overwrite_relaxed, receive_acquired}, nothing},
    {"turns_at_once", start, {count_at_once, count_at_once}, check_two_turns},
    {"turns_in_two_steps", start, {count_in_two_steps, count_in_two_steps}, check_two_turns},
    {"turns_locked", start, {count_locked, count_locked}, check_two_turns},
    {"locks_in_order", start, {lock_in_order, lock_in_order}, check_two_turns},
    {"locks_crossed", start, {lock_in_order, lock_the_other_way}, check_two_turns},
    {"freed_once", make_shared, {free_shared_at_two, free_shared_at_two}, nothing},
    {"freed_twice", make_shared, {free_shared_always, free_shared_always}, nothing},
    {"freed_too_early", make_shared, {touch_shared_if_first, free_shared}, nothing},
    {"leaked", make_shared, {count_at_once, count_at_once}, nothing},
    {"past_the_end", make_shared, {touch_past_the_end, count_at_once}, nothing},
    {"forbidden_write", forbid, {count_at_once, nothing}, nothing},
    {"thread_locals", start, {count_mine, count_mine, count_mine}, nothing},
    {"stops", start, {count_twice, count_by_compare}, check_three_turns},
    {"stops_with_a_lock", start, {count_at_once_locked, count_locked}, check_two_turns},
    {"stops_and_is_waited_for", start, {count_at_once, wait_for_a_turn}, nothing},
    {"yields_until_it_is_sent", start, {send_released, yield_until_it_is_sent}, nothing},
    {"yields_for_ever", start, {yield_until_nobody_has_a_turn, count_at_once}, nothing},
    {"reduced", start, {work_left, work_right, work_both}, nothing},
    {0},
};

const struct stop self_stops[] = {
    {.scenario = "stops", .thread = 1, .steps = 3},
    {.scenario = "stops_with_a_lock", .thread = 1, .steps = 1},
    {.scenario = "stops_and_is_waited_for", .thread = 1, .steps = 10},
    {0},
};
