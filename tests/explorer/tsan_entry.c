/* SPDX-License-Identifier: MIT */
/*
 * The entry points that gcc and clang call from code compiled with -fsanitize=thread. Their names
 * and shapes are the compilers' (see LLVM's tsan_interface.h and tsan_interface_atomic.h).
 */
#include "runtime.h"

#include <string.h>

#define HERE __builtin_return_address(0)

/* ---- plain accesses -------------------------------------------------------------------------- */

#define PLAIN(name, size, access)                                                                  \
    void __tsan_##name(void *address);                                                             \
    void __tsan_##name(void *address)                                                              \
    {                                                                                              \
        clocks_access((uintptr_t)address, (size), (access), HERE);                                 \
    }

#define PLAIN_OF_SIZE(size)                                                                        \
    PLAIN(read##size, size, PLAIN_READ)                                                            \
    PLAIN(write##size, size, PLAIN_WRITE)                                                          \
    PLAIN(unaligned_read##size, size, PLAIN_READ)                                                  \
    PLAIN(unaligned_write##size, size, PLAIN_WRITE)

PLAIN_OF_SIZE(1)
PLAIN_OF_SIZE(2)
PLAIN_OF_SIZE(4)
PLAIN_OF_SIZE(8)
PLAIN_OF_SIZE(16)

void __tsan_read_range(void *address, size_t size);
void __tsan_read_range(void *address, size_t size)
{
    clocks_access((uintptr_t)address, size, PLAIN_READ, HERE);
}

void __tsan_write_range(void *address, size_t size);
void __tsan_write_range(void *address, size_t size)
{
    clocks_access((uintptr_t)address, size, PLAIN_WRITE, HERE);
}

/* clang renames these three in instrumented code; the linker's wrappers check them. */
void *__tsan_memcpy(void *to, const void *from, size_t size);
void *__tsan_memcpy(void *to, const void *from, size_t size)
{
    return memcpy(to, from, size);
}

void *__tsan_memmove(void *to, const void *from, size_t size);
void *__tsan_memmove(void *to, const void *from, size_t size)
{
    return memmove(to, from, size);
}

void *__tsan_memset(void *to, int byte, size_t size);
void *__tsan_memset(void *to, int byte, size_t size)
{
    return memset(to, byte, size);
}

/* ---- nothing to do --------------------------------------------------------------------------- */

void __tsan_init(void);
void __tsan_init(void)
{
}

void __tsan_func_entry(void *caller);
void __tsan_func_entry(void *caller)
{
    (void)caller;
}

void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
}

/* ---- atomics: a point of the schedule, then the checks, then the operation ------------------- */

/* For a thread that gives way because of it. */
static void note_load(const volatile void *word, size_t size, uint64_t value)
{
    struct thread *self = &explorer->threads[explorer->current];
    self->loaded = (struct op){.address = (uintptr_t)word, .size = (uint16_t)size};
    self->loaded_value = value;
}

#define ATOMIC_LOAD(bits)                                                                          \
    uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *word, int order);     \
    uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *word, int order)      \
    {                                                                                              \
        schedule_point(OP_READ, word, sizeof *word, HERE);                                         \
        clocks_access((uintptr_t)word, sizeof *word, ATOMIC_READ, HERE);                           \
        clocks_load((uintptr_t)word, order);                                                       \
        if (is_exploring()) note_load(word, sizeof *word, *word);                                  \
        return *word;                                                                              \
    }

#define ATOMIC_STORE(bits)                                                                         \
    void __tsan_atomic##bits##_store(volatile uint##bits##_t *word, uint##bits##_t value,          \
                                     int order);                                                   \
    void __tsan_atomic##bits##_store(volatile uint##bits##_t *word, uint##bits##_t value,          \
                                     int order)                                                    \
    {                                                                                              \
        schedule_point(OP_WRITE, word, sizeof *word, HERE);                                        \
        clocks_access((uintptr_t)word, sizeof *word, ATOMIC_WRITE, HERE);                          \
        clocks_store((uintptr_t)word, order);                                                      \
        *word = value;                                                                             \
    }

#define ATOMIC_UPDATE(bits, name, result)                                                          \
    uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *word,                     \
                                                uint##bits##_t value, int order);                  \
    uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *word,                     \
                                                uint##bits##_t value, int order)                   \
    {                                                                                              \
        schedule_point(OP_WRITE, word, sizeof *word, HERE);                                        \
        clocks_access((uintptr_t)word, sizeof *word, ATOMIC_WRITE, HERE);                          \
        clocks_exchange((uintptr_t)word, order);                                                   \
        uint##bits##_t old = *word;                                                                \
        *word = (uint##bits##_t)(result);                                                          \
        return old;                                                                                \
    }

/* Never fails without a reason: a loop around a weak one is not sent round for nothing. */
#define ATOMIC_COMPARE(bits)                                                                       \
    static bool compare##bits(volatile uint##bits##_t *word, uint##bits##_t *expected,             \
                              uint##bits##_t value, int order, int failure, void *where)           \
    {                                                                                              \
        schedule_point(OP_WRITE, word, sizeof *word, where);                                       \
        bool same = *word == *expected;                                                            \
        clocks_access((uintptr_t)word, sizeof *word, same ? ATOMIC_WRITE : ATOMIC_READ, where);    \
        if (same)                                                                                  \
            clocks_exchange((uintptr_t)word, order);                                               \
        else                                                                                       \
            clocks_load((uintptr_t)word, failure);                                                 \
        *expected = *word;                                                                         \
        if (same) *word = value;                                                                   \
        return same;                                                                               \
    }                                                                                              \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile uint##bits##_t *word,               \
                                                      uint##bits##_t *expected,                    \
                                                      uint##bits##_t value, int order, int fail);  \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile uint##bits##_t *word,               \
                                                      uint##bits##_t *expected,                    \
                                                      uint##bits##_t value, int order, int fail)   \
    {                                                                                              \
        return compare##bits(word, expected, value, order, fail, HERE);                            \
    }                                                                                              \
    int __tsan_atomic##bits##_compare_exchange_weak(volatile uint##bits##_t *word,                 \
                                                    uint##bits##_t *expected,                      \
                                                    uint##bits##_t value, int order, int fail);    \
    int __tsan_atomic##bits##_compare_exchange_weak(volatile uint##bits##_t *word,                 \
                                                    uint##bits##_t *expected,                      \
                                                    uint##bits##_t value, int order, int fail)     \
    {                                                                                              \
        return compare##bits(word, expected, value, order, fail, HERE);                            \
    }                                                                                              \
    uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                                     \
        volatile uint##bits##_t *word, uint##bits##_t expected, uint##bits##_t value, int order,   \
        int fail);                                                                                 \
    uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                                     \
        volatile uint##bits##_t *word, uint##bits##_t expected, uint##bits##_t value, int order,   \
        int fail)                                                                                  \
    {                                                                                              \
        compare##bits(word, &expected, value, order, fail, HERE);                                  \
        return expected;                                                                           \
    }

#define ATOMIC_OF_BITS(bits)                                                                       \
    ATOMIC_LOAD(bits)                                                                              \
    ATOMIC_STORE(bits)                                                                             \
    ATOMIC_UPDATE(bits, exchange, value)                                                           \
    ATOMIC_UPDATE(bits, fetch_add, old + value)                                                    \
    ATOMIC_UPDATE(bits, fetch_sub, old - value)                                                    \
    ATOMIC_UPDATE(bits, fetch_and, old &value)                                                     \
    ATOMIC_UPDATE(bits, fetch_or, old | value)                                                     \
    ATOMIC_UPDATE(bits, fetch_xor, old ^ value)                                                    \
    ATOMIC_UPDATE(bits, fetch_nand, ~(old & value))                                                \
    ATOMIC_COMPARE(bits)

ATOMIC_OF_BITS(8)
ATOMIC_OF_BITS(16)
ATOMIC_OF_BITS(32)
ATOMIC_OF_BITS(64)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order)
{
    clocks_fence(order);
}

void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int order)
{
    (void)order;
}
