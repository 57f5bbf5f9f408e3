/* SPDX-License-Identifier: MIT */
/**
 * @file tests/explorer/runtime.h
 * Private to the explorer: what its rooms share. main.c tells how the whole works.
 *
 * The explorer's own state is one mapped struct, so that the program's static variables can be put
 * back as a whole before each schedule.
 */
#ifndef TESTS_EXPLORER_RUNTIME_H
#define TESTS_EXPLORER_RUNTIME_H

#include <setjmp.h>
#include <stdint.h>
#include <ucontext.h>

#include "explorer.h"

enum {
    THREADS = EXPLORER_THREADS + 1, /* number 0 is the one that runs before() and after() */
    LANES = 8,                      /* of a vector clock */
    DEPTH = 4000,                   /* operations of one schedule */
    MUTEXES = 128,
    BLOCKS = 2000,
    FORBIDDEN = 4,
    STACK_SIZE = 256 * 1024,
    ARENA_SIZE = 1024 * 1024, /* per thread */
};

/* A vector clock: one lane per thread. */
typedef uint16_t clock_vector __attribute__((vector_size(LANES * sizeof(uint16_t))));
typedef int16_t clock_mask __attribute__((vector_size(LANES * sizeof(int16_t))));

static inline clock_vector clock_join(clock_vector a, clock_vector b)
{
    clock_vector greater = (clock_vector)(a > b);
    return (a & greater) | (b & ~greater);
}

static inline bool clock_within(clock_vector a, clock_vector b)
{
    typedef uint64_t halves __attribute__((vector_size(16)));
    halves beyond = (halves)(a > b);
    return (beyond[0] | beyond[1]) == 0;
}

/* ---- operations at which the schedule may switch --------------------------------------------- */

enum kind { OP_READ, OP_WRITE, OP_LOCK, OP_AWAIT };

struct op {
    uintptr_t address;
    void *where;
    uint16_t size;
    uint8_t kind;
};

/* One state of the depth-first search, and the operation that left it. Sets are bit masks. */
struct state {
    struct op pending[THREADS];
    clock_vector clock; /* of the operation that left this state, in the order of dependence */
    uint8_t enabled, backtrack, done, asleep;
    uint8_t chosen;
    uint8_t preemptions;
};

/* ---- threads, memory ------------------------------------------------------------------------- */

struct thread {
    ucontext_t context;
    jmp_buf point;
    unsigned char *stack;
    unsigned char *locals;      /* its thread-local variables while it does not run */
    unsigned char *locals_base; /* and as they are when a schedule starts */
    void (*body)(void);
    struct op pending;
    struct op loaded; /* the last atomic load, and what it gave */
    uint64_t loaded_value;
    clock_vector clock;    /* happens-before */
    clock_vector acquired; /* what relaxed loads saw: an acquire fence joins it */
    clock_vector released; /* the clock at the last release fence */
    clock_vector order;    /* the order of dependence */
    unsigned char *arena;
    size_t arena_used, arena_base;
    int saved_errno;
    int steps, steps_beside; /* in this schedule; and while another one was stopped */
    bool started, finished;
};

enum access { PLAIN_READ, PLAIN_WRITE, ATOMIC_READ, ATOMIC_WRITE, ACCESSES };

/* What is known about one byte of static or allocated memory, in this schedule. */
struct cell {
    uint32_t schedule; /* anything else is from an earlier one */
    uint32_t block;    /* 1 + index of the allocated block; 0: none */
    clock_vector seen[ACCESSES];
    clock_vector released; /* what an acquire load of it would see */
    void *where[ACCESSES];
};

struct block {
    unsigned char *start;
    size_t size;
    void *where;
    bool live;
    bool kept; /* alive when schedules start */
};

struct mutex {
    void *address;
    clock_vector clock, order;
    int holder; /* -1: free */
};

struct explorer {
    const struct scenario *scenario;
    struct thread threads[THREADS];
    int thread_count; /* number 0 included */
    int current;
    bool exploring; /* a schedule runs; otherwise operations are not scheduled */

    struct state states[DEPTH];
    int depth;
    bool reduce;         /* skip schedules that only reorder independent operations */
    int preemptions;     /* without reduction: at most so many; -1: any number */
    unsigned long limit; /* schedules; 0: no limit */
    unsigned long schedules, pruned;
    bool complete;
    struct stop stop; /* thread 0: none */
    int stop_after;   /* the step after which the scenario's thread stops, if it does */
    bool stopped;     /* it has, in some schedule */
    uint64_t *traces; /* hashes of the distinct ones */
    size_t trace_count, trace_room;

    uint32_t schedule; /* number of this one, from 1 */
    struct cell *cells;
    unsigned char *arenas;
    unsigned char *statics, *statics_base, *arenas_base;
    size_t statics_size;
    bool *touched; /* pages of the static variables, in this schedule */
    struct block blocks[BLOCKS];
    size_t block_count, block_base;
    struct mutex mutexes[MUTEXES];
    int mutex_count;
    const unsigned char *forbidden[FORBIDDEN];
    size_t forbidden_size[FORBIDDEN];
    int forbidden_count;
};

extern struct explorer *explorer; /* NULL before main(), where constructors are alone */

static inline bool is_exploring(void)
{
    return explorer && explorer->exploring;
}

/* The linker's --wrap: these are the C library's own. */
void *__real_memcpy(void *to, const void *from, size_t size);
void *__real_memmove(void *to, const void *from, size_t size);
void *__real_memset(void *to, int byte, size_t size);
int __real_memcmp(const void *a, const void *b, size_t size);
void __real_abort(void) __attribute__((noreturn));

/* fiber.c: threads are fibers, each with its own stack and thread-local variables. */
void fiber_set_up(void);
void fiber_keep(void);  /* the thread-local variables of now are those every schedule starts with */
void fiber_reset(void); /* all fibers but number 0 are to start anew */
void fiber_switch(int to);
bool fiber_is_local(uintptr_t address); /* a thread-local: another one in each thread */

/* heap.c: memory that every schedule finds as the one before did. */
void heap_set_up(void);
void heap_keep(void);
void heap_reset(void);
void heap_check_leaks(void);
void heap_check_alive(uintptr_t address, size_t size, void *where);
void heap_touch(uintptr_t address, size_t size); /* it is written to: put it back afterwards */
struct cell *heap_cell(uintptr_t address); /* NULL: stacks and thread-locals are not watched */
void *heap_map(size_t size);

/* clocks.c: who may not have seen what. */
void clocks_reset(void);
void clocks_access(uintptr_t address, size_t size, enum access access, void *where);
void clocks_load(uintptr_t address, int order);
void clocks_store(uintptr_t address, int order);
void clocks_exchange(uintptr_t address, int order);
void clocks_fence(int order);

/* schedule.c: the search. */
void schedule_point(enum kind kind, const volatile void *address, size_t size, void *where);
void schedule_explore(void);
bool schedule_is_complete(void); /* the last exploration was not cut short */

/* mutex.c */
bool yield_is_over(const struct thread *thread);
struct mutex *mutex_of(const void *address);
void mutex_reset(void);

#endif
