/* SPDX-License-Identifier: MIT */
/*
 * A fork while other threads allocate, count and lock: the child, which has one thread and every
 * lock free, makes and releases objects, weak references, blocks and buffers of its own, and loads from
 * a slot and stores to it, in which nobody owes anything any more. A child
 * that waits for a lock which nobody holds any more is ended by its alarm, and fails the program.
 */
#include "storm.h"

#include <sys/wait.h>
#include <unistd.h>

#include "buffer/buffer.h"
#include "rc/memory.h"
#include "rc/slot.h"
#include "rc/weak.h"

enum { FORKS = 20, STEPS = 100, MANY = 500, CHILD_SECONDS = 20 };

struct item {
    int value;
};

static unsigned forks_left;
static rc_slot slot;

static const rc_type item_type = {.name = "item", .size = sizeof(struct item)};

static void use_slot(void)
{
    struct item *item = rc_new(struct item, &item_type);
    CHECK(item);
    rc_slot_store(&slot, item);
    rc_release(item);
    for (int i = 0; i < 3; i++) rc_release(RC_SLOT_LOAD(struct item, &slot));
}

static void one_step(void)
{
    struct item *item = rc_new(struct item, &item_type);
    rc_weak *weak = rc_weak_new(item);
    rc_buffer *buffer = rc_buffer_new(100);
    void *block = rc_memory_allocate(100);
    CHECK(item && weak && buffer && block);
    rc_release(rc_weak_lock(weak));
    rc_buffer *slice = rc_buffer_slice(buffer, 10, 20);
    rc_release(buffer);
    rc_release(slice);
    rc_release(item);
    CHECK(rc_weak_lock(weak) == NULL);
    rc_release(weak);
    rc_memory_free(block);
    use_slot();
}

/* At so many addresses that every part of a table is used, and its lock taken. */
static void lock_many(void)
{
    struct item *items[MANY];
    rc_weak *weaks[MANY];
    for (int i = 0; i < MANY; i++) {
        items[i] = rc_new(struct item, &item_type);
        weaks[i] = rc_weak_new(items[i]);
        CHECK(items[i] && weaks[i]);
    }
    for (int i = 0; i < MANY; i++) {
        rc_release(rc_weak_lock(weaks[i]));
        rc_release(items[i]);
        CHECK(rc_weak_is_dead(weaks[i]));
        rc_release(weaks[i]);
    }
}

/* Its own balance, whatever the other threads were in the middle of. */
static void live_as_child(void)
{
    struct rc_account before;
    alarm(CHILD_SECONDS);
    rc_account_read(&before);
    for (int i = 0; i < STEPS; i++) one_step();
    lock_many();
    rc_slot_clear(&slot); /* other threads may have had what it held: that stays */
    RC_ASSERT_NOTHING_NEW(&before);
    _exit(EXIT_SUCCESS);
}

static void fork_and_wait(void)
{
    int status;
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) live_as_child();
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status))
        fprintf(stderr, "fork_storm: the child ended by signal %d\n", WTERMSIG(status));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
}

static void storm_forks(unsigned thread)
{
    if (thread > 0) {
        while (__atomic_load_n(&forks_left, __ATOMIC_RELAXED) > 0) one_step();
        return;
    }
    for (; forks_left > 0; __atomic_fetch_sub(&forks_left, 1, __ATOMIC_RELAXED)) fork_and_wait();
}

static void one_round(void)
{
    forks_left = FORKS;
    storm(storm_forks);
    rc_slot_clear(&slot);
}

int main(int count, char **arguments)
{
    return storm_rounds(count, arguments, one_round);
}
