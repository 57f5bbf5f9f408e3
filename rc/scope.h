/* SPDX-License-Identifier: MIT */
/**
 * @file rc/scope.h
 * Scoped variables, with, deferred calls and protected blocks: what they hold is given back on
 * every way out of the scope that they are declared in, last first.
 *
 * Ways out: the end of the block, return, break, continue, goto; and, where the unit is compiled
 * with -fexceptions, rc_raise() from any depth (rc/try.h), pthread_exit, pthread_cancel (glibc) and
 * C++ exceptions that pass through. longjmp and exit give nothing back.
 *
 * What is given back on the way leaves errno and this thread's last error as they were. `return b;`
 * of a scoped variable returns what has just been given back: return rc_steal(&b).
 *
 * gcc 11 and 12 can crash at -O0 on cleanup with -fexceptions: use -Og, or add
 * -fnon-call-exceptions. Threads: a scoped variable belongs to its thread. C++ has all but blocks.
 */
#ifndef RC_SCOPE_H
#define RC_SCOPE_H

#include <errno.h>
#include <stdlib.h>

#include "object.h"

RC_BEGIN_DECLS

/* ---- variables ------------------------------------------------------------------------------- */

/**
 * `RC_AUTO(rc_buffer, b) = rc_buffer_new(64);` declares rc_buffer *b, which owns one reference to
 * any object of the library and releases it. T may be const. b is NULL while the right-hand side
 * is evaluated, and may stay NULL. rc_steal(&b) hands the reference on.
 */
#define RC_AUTO(T, variable)                                                                       \
    T *variable __attribute__((unused, cleanup(rc__auto_end))) = (T *)rc__auto_begin();            \
    RC__AUTO_HERE                                                                                  \
    variable
#ifdef RCBUF_LEDGER
#define RC__AUTO_HERE RC__ENDS_HERE(RC__UNIQUE(auto));
#else
#define RC__AUTO_HERE
#endif

/**
 * `RC_DEFINE_SCOPED(file, FILE *, NULL, fclose(_v));` once, at file scope: the kind `file` of
 * foreign resource, its C type (a scalar), the value that holds nothing, and how to release _v.
 * What _v's release returns is dropped; it runs only for values that are not empty.
 */
#define RC_DEFINE_SCOPED(kind, type, empty, ...)                                                   \
    typedef __typeof__(type) rc__scoped_##kind;                                                    \
    RC_UNUSED static inline rc__scoped_##kind rc__scoped_begin_##kind(void)                        \
    {                                                                                              \
        rc__scope_opened();                                                                        \
        return (empty);                                                                            \
    }                                                                                              \
    RC_UNUSED RC_MUST_USE static inline rc__scoped_##kind rc__scoped_steal_##kind(                 \
        rc__scoped_##kind *variable)                                                               \
    {                                                                                              \
        rc__scoped_##kind value = *variable;                                                       \
        *variable = (empty);                                                                       \
        return value;                                                                              \
    }                                                                                              \
    RC_UNUSED static inline void rc__scoped_reset_##kind(rc__scoped_##kind *variable)              \
    {                                                                                              \
        rc__scoped_##kind _v = rc__scoped_steal_##kind(variable);                                  \
        if (_v == (empty)) return;                                                                 \
        RC__PRESERVING(__VA_ARGS__);                                                               \
    }                                                                                              \
    RC_UNUSED static inline void rc__scoped_end_##kind(rc__scoped_##kind *variable)                \
    {                                                                                              \
        rc__scope_closed();                                                                        \
        rc__scoped_reset_##kind(variable);                                                         \
    }                                                                                              \
    struct rc__scoped_##kind##_is_defined

/** `RC_SCOPED(file, f) = fopen(path, "rb");` f is empty while the right-hand side is evaluated. */
#define RC_SCOPED(kind, variable)                                                                  \
    rc__scoped_##kind variable __attribute__((unused, cleanup(rc__scoped_end_##kind))) =           \
        rc__scoped_begin_##kind();                                                                 \
    variable

/**
 * `RC_WITH(file, f, fopen(path, "rb")) { ... }`: f lives for the block, which runs once, also if f
 * is empty. break and continue leave this block alone, not a loop around it.
 */
#define RC_WITH(kind, variable, ...) RC__WITH(RC__UNIQUE(with), kind, variable, __VA_ARGS__)
#define RC__WITH(open, kind, variable, ...)                                                        \
    for (bool open = true; open; open = false)                                                     \
        for (rc__scoped_##kind variable                                                            \
             __attribute__((unused, cleanup(rc__scoped_end_##kind))) = rc__scoped_begin_##kind();  \
             open && ((variable = (__VA_ARGS__)), true); open = false)

/** `FILE *kept = RC_STEAL(file, f);` ownership out; f is empty. The value must be used. */
#define RC_STEAL(kind, variable) rc__scoped_steal_##kind(&(variable))
/** Release now; f is empty, and a second reset does nothing. */
#define RC_RESET(kind, variable) rc__scoped_reset_##kind(&(variable))

/* ---- deferred calls; RC_DEFER_BLOCK and RC_PROTECT are in rc/protect.h ----------------------- */

/** `RC_DEFINE_DEFER(unlink, const char *);` once, at file scope. free and rc_release are there. */
#define RC_DEFINE_DEFER(function, type)                                                            \
    struct rc__defer_##function {                                                                  \
        __typeof__(type) argument;                                                                 \
        bool armed;                                                                                \
    };                                                                                             \
    RC_UNUSED static inline struct rc__defer_##function rc__defer_begin_##function(                \
        __typeof__(type) argument)                                                                 \
    {                                                                                              \
        rc__scope_opened();                                                                        \
        struct rc__defer_##function deferred = {argument, true};                                   \
        return deferred;                                                                           \
    }                                                                                              \
    RC_UNUSED static inline void rc__defer_end_##function(struct rc__defer_##function *deferred)   \
    {                                                                                              \
        rc__scope_closed();                                                                        \
        if (deferred->armed) RC__PRESERVING((void)(function)(deferred->argument));                 \
    }                                                                                              \
    struct rc__defer_##function

/** `RC_DEFER(unlink, path);` unlink(path) on every way out; path is evaluated here and now. */
#define RC_DEFER(function, ...) RC_DEFER_NAMED(RC__UNIQUE(deferred), function, __VA_ARGS__)
/** The same with a name, for RC_DISMISS(name): roll back unless committed. */
#define RC_DEFER_NAMED(name, function, ...)                                                        \
    struct rc__defer_##function name __attribute__((unused, cleanup(rc__defer_end_##function))) =  \
        rc__defer_begin_##function(__VA_ARGS__)
#define RC_DISMISS(name) ((void)((name).armed = false))

/* ---- inline bodies --------------------------------------------------------------------------- */

/* This thread's open ones, of units compiled with RC_DEBUG: how rc/try.c sees skipped frames. */
extern RC_API RC_HOT_THREAD_LOCAL size_t rc_scope_open_count;

static inline void rc__scope_opened(void)
{
    if (RC_DEBUG) rc_scope_open_count++;
}

static inline void rc__scope_closed(void)
{
    if (RC_DEBUG) rc_scope_open_count--;
}

/* A scoped variable that holds nothing and is only counted. */
struct rc__counted {
    char unused;
};

static inline struct rc__counted rc__counted_begin(void)
{
    struct rc__counted counted = {0};
    rc__scope_opened();
    return counted;
}

static inline void rc__counted_end(RC_UNUSED struct rc__counted *counted)
{
    rc__scope_closed();
}

#define RC__COUNTED(name)                                                                          \
    struct rc__counted name __attribute__((unused, cleanup(rc__counted_end))) = rc__counted_begin()

static inline void *rc__auto_begin(void)
{
    rc__scope_opened();
    return NULL;
}

static inline void rc__auto_end(void *variable)
{
    void *object;
    memcpy(&object, variable, sizeof object);
    rc__scope_closed();
#ifdef RCBUF_LEDGER
    rc__release_ending(object);
#else
    rc__release(object);
#endif
}

/** What a release on the way out must not change: errno and this thread's last error. */
struct rc_scope_saved {
    int saved_errno;
    enum rc_status status;
    char message[RC_ERROR_MESSAGE_SIZE]; /* filled only if there is an error */
};

RC_API RC_COLD void rc_scope_save(struct rc_scope_saved *saved);
RC_API RC_COLD void rc_scope_restore(const struct rc_scope_saved *saved);

#define RC__PRESERVING(...)                                                                        \
    do {                                                                                           \
        struct rc_scope_saved rc__saved;                                                           \
        rc__saved.saved_errno = errno;                                                             \
        rc__saved.status = rc_error_now;                                                           \
        if (RC_UNLIKELY(rc__saved.status != RC_OK)) rc_scope_save(&rc__saved);                     \
        __VA_ARGS__;                                                                               \
        if (RC_UNLIKELY(rc__saved.status != RC_OK || rc_error_now != RC_OK))                       \
            rc_scope_restore(&rc__saved);                                                          \
        errno = rc__saved.saved_errno;                                                             \
    } while (0)

RC_DEFINE_DEFER(free, void *);
RC_DEFINE_DEFER(rc_release, void *);

RC_END_DECLS

#include "protect.h"

#endif
