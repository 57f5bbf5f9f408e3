/* SPDX-License-Identifier: MIT */
/**
 * @file rc/try.h
 * Raise and catch: a raise leaves any number of frames, gives back what their scopes hold
 * (rc/scope.h), and goes on in the handler of the innermost RC_TRY.
 *
 *     RC_TRY (lines) {
 *         RC_SCOPED(file, f) = RC_CHECK(fopen(path, "rb"), RC_SYSTEM);
 *         lines = parse(f);
 *         if (lines == 0) return 0;
 *     } RC_EXCEPT (e) {
 *         if (e->status != RC_SYSTEM) rc_reraise(e);
 *     } RC_END
 *
 * RC_TRY lists up to 16 locals of its function that the body changes and that are read afterwards;
 * () if there are none. A scoped variable from outside that the body assigns, steals, resets or
 * dismisses is one of them: its end reads it. Both blocks are plain: return, break, continue and
 * goto mean what they always mean. e is valid in the handler's block; the handler's own raises go
 * further out.
 *
 * Every C file between a raise and its RC_TRY is compiled with -fexceptions: a frame without it
 * keeps what it holds, which debug builds report; one without unwind information stops the program.
 * So do a raise without an active RC_TRY, one that would leave a callback of the library, one from
 * a cleanup while another is on its way, and a longjmp across an RC_TRY once it shows.
 *
 * How: cleanups are landing pads, which _Unwind_ForcedUnwind runs; the guard's own goes to a
 * _setjmp in its frame. The GCC manual does not promise that a cleanup may leave that way; it is
 * tested with gcc and clang, and who does not raise does not depend on it. A C++ catch (...) that
 * swallows a raise ends it. RC_TRY is C only; C++ code may raise.
 *
 * Threads: a raise stays on its thread.
 */
#ifndef RC_TRY_H
#define RC_TRY_H

#ifndef __EXCEPTIONS
#error "rc/try.h needs -fexceptions: compile every C file that a raise may pass with it"
#endif

#include "guard.h" /* struct rc_exception: status, message, file, line */
#include "scope.h"

/* gcc warns of locals that nothing changes between _setjmp and the raise: noise. Where three tries
 * nest in one function its -Wmaybe-uninitialized can be wrong, too; the inner ones then are better
 * off in functions of their own. */
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wclobbered"
#endif

RC_BEGIN_DECLS

/**
 * `rc_raise(RC_NO_MEMORY, "no room for %zu doubles", n);` does not return. The message is cut at
 * RC_ERROR_MESSAGE_SIZE bytes. Allocates nothing; leaves errno and the last error alone.
 */
#define rc_raise(...) rc_exception_raise(RC__HERE, __VA_ARGS__)

/** Raise e again from its handler, with the place where it was raised first. Borrows: e. */
#define rc_reraise(e) rc_exception_reraise(RC__HERE, (e))

/** The pointer, or a raise of @p status if it is NULL. Takes pointers only. */
#define RC_CHECK(pointer, status) RC__CHECK(RC__UNIQUE(checked), pointer, status, #pointer)

/** Raise what the call answers unless that is RC_OK, with this thread's last message. */
#define RC_CHECK_STATUS(call) rc__check_status((call), RC__HERE, #call)

/** Raise @p status unless the condition holds. */
#define RC_CHECK_THAT(condition, status)                                                           \
    ((condition) ? (void)0 : rc_exception_raise_untrue(RC__HERE, (status), #condition))

#ifndef __cplusplus

#define RC_TRY(...) RC__TRY(RC__UNIQUE(guard), __VA_ARGS__)
#define RC__TRY(guard, ...)                                                                        \
    {                                                                                              \
        struct rc_guard guard __attribute__((unused, cleanup(rc_guard_leave)));                    \
        rc_guard_enter(&guard, RC__HERE, RC_GUARD_TRY);                                            \
        RC_KEEP(__VA_ARGS__);                                                                      \
        if (_setjmp(guard.environment) == 0)

#define RC_EXCEPT(e)                                                                               \
    else                                                                                           \
    {                                                                                              \
        struct rc__RC_EXCEPT {                                                                     \
            char unused;                                                                           \
        };                                                                                         \
        RC_UNUSED const struct rc_exception *e = rc_exception_caught();

#define RC_END                                                                                     \
    (void)sizeof(struct rc__RC_EXCEPT);                                                            \
    }                                                                                              \
    }

#ifdef __clang__
#undef RC_PROTECT
#undef RC_FINALLY
#undef RC_END_PROTECT

/* RC_PROTECT of rc/protect.h, and a raise is caught, runs the second block and goes on. */
#define RC_PROTECT                                                                                 \
    {                                                                                              \
        RC__PROTECT_GUARD                                                                          \
        RC__PROTECT_QUIET                                                                          \
        struct rc_guard rc__guard __attribute__((unused, cleanup(rc_guard_leave)));                \
        RC__PROTECT_LOUD                                                                           \
        rc_guard_enter(&rc__guard, RC__HERE, RC_GUARD_PROTECT);                                    \
        if (_setjmp(rc__guard.environment) == 0) {

#define RC_FINALLY                                                                                 \
    }                                                                                              \
    rc__leave:                                                                                     \
    RC_UNUSED;                                                                                     \
    rc_guard_finally(&rc__guard);                                                                  \
    rc__protect_end(&rc__protected);                                                               \
    {

#define RC_END_PROTECT                                                                             \
    }                                                                                              \
    rc_guard_resume(&rc__guard);                                                                   \
    }
#endif

/** Keep these locals in memory from here on, as RC_TRY does for those it lists. Up to 16. */
#define RC_KEEP(...) RC__JOIN(RC__KEEP_, RC__COUNT(__VA_ARGS__))(__VA_ARGS__)

#endif

/* ---- coroutines ------------------------------------------------------------------------------ */

/** What belongs to a stack rather than to its thread. All zero for a stack that starts. */
struct rc_try_state {
    struct rc_try_chain chain;
    void *callback;    /**< of the library, that runs on this stack */
    size_t open_count; /**< scoped variables that debug builds have counted */
    void *deferred;    /**< dead objects that a finalizer on this stack still has to end */
    unsigned nesting;  /**< finalizers that run inside each other on this stack */
};

/**
 * The hook for coroutine libraries: call it on the thread that switches stacks, right before it
 * does. Keeps this stack's state in @p leaving, and makes @p entering that of the thread.
 */
RC_API void rc_try_switch(struct rc_try_state *leaving, const struct rc_try_state *entering);

/* ---- inline bodies --------------------------------------------------------------------------- */

static inline void rc__check_status(enum rc_status status, const char *file, int line,
                                    const void *frame, const char *call)
{
    if (RC_UNLIKELY(status != RC_OK)) rc_exception_raise_status(file, line, frame, status, call);
}

#define RC__CHECK_TEXT "RC_CHECK takes a pointer: RC_CHECK_STATUS and RC_CHECK_THAT do not"

#ifdef __cplusplus
#define RC__CHECK_TYPE(checked)                                                                    \
    static_assert(rc__is_pointer(static_cast<decltype(checked) *>(nullptr)), RC__CHECK_TEXT)
#define RC__AUTO_TYPE auto
#else /* 5 is what both compilers answer for pointers, and for arrays, which decay */
#define RC__CHECK_TYPE(checked)                                                                    \
    _Static_assert(__builtin_classify_type(checked) == 5, RC__CHECK_TEXT)
#define RC__AUTO_TYPE __auto_type
#endif

#define RC__CHECK(checked, pointer, status, text)                                                  \
    __extension__({                                                                                \
        RC__AUTO_TYPE checked = (pointer);                                                         \
        RC__CHECK_TYPE(checked);                                                                   \
        if (RC_UNLIKELY(!checked)) rc_exception_raise_null(RC__HERE, (status), text);              \
        checked;                                                                                   \
    })

RC_END_DECLS

#ifdef __cplusplus
template <class T> constexpr bool rc__is_pointer(T *)
{
    return false;
}
template <class T> constexpr bool rc__is_pointer(T **)
{
    return true;
}
#endif

#endif
