/* SPDX-License-Identifier: MIT */
/**
 * @file tests/bench/loops.h
 * What contestants' loops are made of, in C and in C++: how they stand in memory, and what keeps the
 * compiler from taking the work out of them. The program's own loops use it and those of the peers
 * (peers/), so that everybody's are compiled under the same rules.
 */
#ifndef TESTS_BENCH_LOOPS_H
#define TESTS_BENCH_LOOPS_H

#include <stddef.h>

#define BENCH_LOOP __attribute__((noinline, aligned(64)))
#define BENCH_BODY static inline __attribute__((always_inline)) void

#define BENCH_PLACE(name, nops, call)                                                              \
    BENCH_LOOP static void name(size_t operations)                                                 \
    {                                                                                              \
        __asm__ volatile(".rept " #nops "\n\tnop\n\t.endr");                                       \
        call;                                                                                      \
    }

/* linkage void name(size_t operations), a burst of @p call, each burst at the next of six places. */
#define BENCH_PLACES_OF(linkage, name, call)                                                       \
    BENCH_PLACE(name##_at_0, 0, call)                                                              \
    BENCH_PLACE(name##_at_11, 11, call)                                                            \
    BENCH_PLACE(name##_at_22, 22, call)                                                            \
    BENCH_PLACE(name##_at_33, 33, call)                                                            \
    BENCH_PLACE(name##_at_44, 44, call)                                                            \
    BENCH_PLACE(name##_at_55, 55, call)                                                            \
    linkage void name(size_t operations)                                                           \
    {                                                                                              \
        static void (*const places[])(size_t) = {name##_at_0,  name##_at_11, name##_at_22,         \
                                                 name##_at_33, name##_at_44, name##_at_55};        \
        static __thread unsigned turn;                                                             \
        places[turn++ % 6](operations);                                                            \
    }
#define BENCH_PLACES(name, call) BENCH_PLACES_OF(static, name, call)

/**
 * Sixteen instructions that do nothing, between two locked ones. A loop of a locked instruction and
 * less than half a dozen others goes faster than any of more, by a fifth for each locked one: some
 * processors then need not fetch anew. No program is such a loop, so this is where to measure.
 */
#define BENCH_OTHERS __asm__ volatile(".rept 16\n\tnop\n\t.endr")

/* Stops the program: what a benchmark does with a NULL. */
#ifdef __cplusplus
extern "C"
#endif
    __attribute__((noreturn, cold)) void
    give_up(const char *why);

/* ---- the compiler must believe that everything the pointer leads to was read and written here -- */

#ifdef __cplusplus
template <class T> static inline T *opaque(T *pointer)
{
    __asm__ volatile("" : "+r"(pointer) : : "memory");
    return pointer;
}

template <class T> static inline T *need(T *pointer)
{
    if (__builtin_expect(!pointer, 0)) give_up("no memory");
    return opaque(pointer);
}
#else
static inline void *opaque(void *pointer)
{
    __asm__ volatile("" : "+r"(pointer) : : "memory");
    return pointer;
}

static inline void *need(void *pointer)
{
    if (__builtin_expect(!pointer, 0)) give_up("no memory");
    return opaque(pointer);
}
#endif

/* The same where the pointer stays what it is: a loop over one object then needs no register copied. */
static inline void seen(const void *pointer)
{
    __asm__ volatile("" : : "r"(pointer) : "memory");
}

/* A line that is handed to another thread: written here, read there. */
static inline void touch_first(void *bytes)
{
    *(volatile unsigned char *)bytes = 1;
}

static inline void read_first(const void *bytes)
{
    (void)*(const volatile unsigned char *)bytes;
}

/* Write the first and the last byte, as whoever asked for memory will. */
static inline void touch(void *bytes, size_t size)
{
    volatile unsigned char *at = (volatile unsigned char *)bytes;
    at[0] = 1;
    at[size - 1] = 1;
}

#endif
