/* SPDX-License-Identifier: MIT */
/*
 * What the library calls in the C library while it counts: mutexes, sched_yield, abort, and the
 * functions that touch memory. Locking is an operation of the schedule; unlocking is not, since nothing that
 * another thread can see lies between the last operation under the lock and the unlocking.
 */
#include "runtime.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_trylock(pthread_mutex_t *mutex);
int __wrap_sched_yield(void);
void *__wrap_memcpy(void *to, const void *from, size_t size);
void *__wrap_memmove(void *to, const void *from, size_t size);
void *__wrap_memset(void *to, int byte, size_t size);
int __wrap_memcmp(const void *a, const void *b, size_t size);
void __wrap_abort(void);

struct mutex *mutex_of(const void *address)
{
    for (int i = 0; i < explorer->mutex_count; i++)
        if (explorer->mutexes[i].address == address) return &explorer->mutexes[i];
    if (explorer->mutex_count == MUTEXES) explorer_fail("more than %d mutexes", MUTEXES);
    struct mutex *mutex = &explorer->mutexes[explorer->mutex_count++];
    *mutex = (struct mutex){.address = (void *)(uintptr_t)address, .holder = -1};
    return mutex;
}

void mutex_reset(void)
{
    explorer->mutex_count = 0;
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
    if (!explorer) return 0; /* before main(), alone */
    void *where = __builtin_return_address(0);
    heap_check_alive((uintptr_t)mutex, 1, where);
    schedule_point(OP_LOCK, mutex, 1, where);
    struct mutex *found = mutex_of(mutex);
    struct thread *self = &explorer->threads[explorer->current];
    if (found->holder >= 0) explorer_fail("a thread locks the mutex at %p twice", (void *)mutex);
    found->holder = explorer->current;
    self->clock = clock_join(self->clock, found->clock);
    return 0;
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    if (!explorer) return 0;
    struct mutex *found = mutex_of(mutex);
    struct thread *self = &explorer->threads[explorer->current];
    if (found->holder != explorer->current)
        explorer_fail("a thread unlocks the mutex at %p that it does not hold", (void *)mutex);
    found->holder = -1;
    found->clock = self->clock;
    found->order = self->order;
    self->clock[explorer->current]++;
    return 0;
}

/* An attempt would see an unlocking, which is no operation here: no scenario may need one. */
int __wrap_pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    explorer_fail("pthread_mutex_trylock(%p) is not modelled", (void *)mutex);
}

/* A loop that waits for a word to change: as often as nothing changes it, going round is no step. */
bool yield_is_over(const struct thread *thread)
{
    uint64_t now = 0;
    __real_memcpy(&now, (const void *)thread->loaded.address, thread->loaded.size);
    return now != thread->loaded_value;
}

int __wrap_sched_yield(void)
{
    if (!is_exploring() || explorer->current == 0) explorer_fail("this yields for ever");
    struct op word = explorer->threads[explorer->current].loaded;
    schedule_point(OP_AWAIT, (const void *)word.address, word.size, __builtin_return_address(0));
    return 0;
}

void __wrap_abort(void)
{
    explorer_fail("the library stopped the program");
}

void *__wrap_memcpy(void *to, const void *from, size_t size)
{
    clocks_access((uintptr_t)from, size, PLAIN_READ, __builtin_return_address(0));
    clocks_access((uintptr_t)to, size, PLAIN_WRITE, __builtin_return_address(0));
    return __real_memcpy(to, from, size);
}

void *__wrap_memmove(void *to, const void *from, size_t size)
{
    clocks_access((uintptr_t)from, size, PLAIN_READ, __builtin_return_address(0));
    clocks_access((uintptr_t)to, size, PLAIN_WRITE, __builtin_return_address(0));
    return __real_memmove(to, from, size);
}

void *__wrap_memset(void *to, int byte, size_t size)
{
    clocks_access((uintptr_t)to, size, PLAIN_WRITE, __builtin_return_address(0));
    return __real_memset(to, byte, size);
}

int __wrap_memcmp(const void *a, const void *b, size_t size)
{
    clocks_access((uintptr_t)a, size, PLAIN_READ, __builtin_return_address(0));
    clocks_access((uintptr_t)b, size, PLAIN_READ, __builtin_return_address(0));
    return __real_memcmp(a, b, size);
}
