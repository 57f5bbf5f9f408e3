/* SPDX-License-Identifier: MIT */
/**
 * @file rc/protect.h
 * Blocks that run on every way out: RC_DEFER_BLOCK, and RC_PROTECT, which is try/finally with the
 * finally last, Lisp's unwind-protect. C only; part of rc/scope.h, which includes it.
 *
 *     RC_PROTECT {
 *         if (bad) RC_LEAVE;
 *         work();
 *     } RC_FINALLY {
 *         restore();
 *     } RC_END_PROTECT
 *
 * The portable rule: leave the first block at its end or by RC_LEAVE, which goes to the second. No
 * return, break, continue or goto leaves the second block.
 *
 * gcc runs the second block on every way out of the first, as it does for scoped variables: it is a
 * nested function that is called where it stands, without a trampoline. gcc's AddressSanitizer can
 * take locals that both blocks use for out of scope (an int beside an int whose address is taken):
 * so it does not check what the second block itself reads and writes; where it reports such a local
 * elsewhere in the function, compile with -fno-sanitize-address-use-after-scope.
 *
 * clang cannot. There the first block holds a capability: leaving it by return, break, continue or
 * goto is a diagnostic of -Wthread-safety, and if ignored stops the program at once with file and
 * line; so do a C++ exception and pthread_exit. With rc/try.h a raise is caught, runs the second
 * block and goes on. A local that the first block changes and that is read after a raise, be it by
 * the end of a scoped variable, must then be kept by RC_KEEP(x) before RC_PROTECT (rc/try.h).
 */
#ifndef RC_PROTECT_H
#define RC_PROTECT_H

#include "config.h"

/* gcc marks a local that a nested function uses as living in whole words only, and its neighbour in
 * the same word as not. */
#define RC__UNCHECKED __attribute__((no_sanitize_address))

/**
 * `RC_DEFER_BLOCK { ... }`: the block runs on every way out of the scope around it. Only where
 * RC_HAVE_DEFER_BLOCK is 1: C, with gcc, or with clang 22 and -fdefer-ts. No return, break,
 * continue or goto leaves the block.
 */
#if !defined(__cplusplus) && defined(__STDC_DEFER_TS25755__)
#define RC_HAVE_DEFER_BLOCK 1
#define RC_DEFER_BLOCK      _Defer
#elif !defined(__cplusplus) && !defined(__clang__)
#define RC_HAVE_DEFER_BLOCK 1
#define RC_DEFER_BLOCK      RC__DEFER_BLOCK(RC__UNIQUE(block), RC__UNIQUE(deferred))
#define RC__DEFER_BLOCK(block, deferred)                                                           \
    __extension__ auto inline RC__UNCHECKED void block(struct rc__counted *);                      \
    struct rc__counted deferred __attribute__((unused, cleanup(block))) = {0};                     \
    RC__COUNTED(RC__UNIQUE(counted));                                                              \
    __extension__ inline void block(RC_UNUSED struct rc__counted *RC__JOIN(block, argument))
#else
#define RC_HAVE_DEFER_BLOCK 0
#endif

#ifndef __cplusplus

/* Two of these may be nested, and what RC_PROTECT declares RC_FINALLY must find by name. */
#define RC__PROTECT_QUIET                                                                          \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"")                  \
        _Pragma("GCC diagnostic ignored \"-Wpedantic\"")
#define RC__PROTECT_LOUD _Pragma("GCC diagnostic pop")

#define RC_LEAVE goto rc__leave

/* The guard of a block that was left by neither its end nor RC_LEAVE: stops the program. */
RC_API RC_NORETURN RC_COLD void rc_protect_stop(const char *file, int line);

#ifndef __clang__

#define RC_PROTECT                                                                                 \
    {                                                                                              \
        RC__PROTECT_QUIET                                                                          \
        __extension__ auto inline RC__UNCHECKED void rc__finally(struct rc__counted *);            \
        RC__PROTECT_LOUD                                                                           \
        struct rc__counted RC__UNIQUE(protected)                                                   \
            __attribute__((unused, cleanup(rc__finally))) = {0};                                   \
        RC__COUNTED(RC__UNIQUE(counted));                                                          \
        __extension__({                                                                            \
            __label__ rc__leave;                                                                   \
            {

#define RC_FINALLY                                                                                 \
    }                                                                                              \
    rc__leave:                                                                                     \
    RC_UNUSED;                                                                                     \
    });                                                                                        \
    RC__PROTECT_QUIET                                                                              \
    __extension__ inline void rc__finally(RC_UNUSED struct rc__counted *rc__unused)                \
    {                                                                                              \
        RC__PROTECT_LOUD

#define RC_END_PROTECT                                                                             \
    }                                                                                              \
    }

#else

struct __attribute__((capability("RC_PROTECT"))) rc_protect {
    const char *file;
    int line;
    bool finished;
};

static inline void rc__protect_begin(struct rc_protect *guard, const char *file, int line)
    __attribute__((acquire_capability(*guard), no_thread_safety_analysis))
{
    guard->file = file;
    guard->line = line;
    guard->finished = false;
}

static inline void rc__protect_end(struct rc_protect *guard)
    __attribute__((release_capability(*guard), no_thread_safety_analysis))
{
    guard->finished = true;
}

static inline void rc__protect_check(const struct rc_protect *guard)
{
    if (RC_UNLIKELY(!guard->finished)) rc_protect_stop(guard->file, guard->line);
}

#define RC__PROTECT_GUARD                                                                          \
    RC__PROTECT_QUIET                                                                              \
    __label__ rc__leave;                                                                           \
    struct rc_protect rc__protected __attribute__((unused, cleanup(rc__protect_check)));           \
    RC__PROTECT_LOUD                                                                               \
    RC__COUNTED(RC__UNIQUE(counted));                                                              \
    rc__protect_begin(&rc__protected, __FILE__, __LINE__);

#define RC_PROTECT                                                                                 \
    {                                                                                              \
        RC__PROTECT_GUARD                                                                          \
        {

#define RC_FINALLY                                                                                 \
    }                                                                                              \
    rc__leave:                                                                                     \
    RC_UNUSED;                                                                                     \
    rc__protect_end(&rc__protected);                                                               \
    {

#define RC_END_PROTECT                                                                             \
    }                                                                                              \
    }

#endif
#endif
#endif
