/* SPDX-License-Identifier: MIT */
/**
 * @file rc/guard.h
 * What the macros of rc/try.h are made of; include that. The layout is ABI, tied to the SOVERSION.
 *
 * Each active RC_TRY has a guard in its frame. A thread's guards form a chain, innermost first. A
 * raise is stored in the innermost guard, which needs no allocation, and is on its way until the
 * guard's cleanup, called by the landing pad of its frame, goes to the guard's _setjmp.
 *
 * What is known of the innermost guard is kept beside the chain and restored from the next one: so
 * nothing reads the memory of a guard whose frame a longjmp may have left.
 */
#ifndef RC_GUARD_H
#define RC_GUARD_H

#include <setjmp.h>

#include "status.h"

RC_BEGIN_DECLS

/** What was raised. The message is borrowed, valid as long as the exception. */
struct rc_exception {
    enum rc_status status;
    const char *message;
    const char *file; /**< where it was raised */
    int line;
};

/** A thread's guards, innermost first; what follows top describes it. */
struct rc_try_chain {
    struct rc_guard *top;
    const void *frame;
    const char *file;
    int line;
    unsigned tries;       /* how many of the guards are an RC_TRY's */
    const void *callback; /* of the library, in which the innermost RC_TRY was entered */
};

enum rc_guard_kind { RC_GUARD_TRY, RC_GUARD_PROTECT };
enum rc_guard_state { RC_GUARD_ACTIVE, RC_GUARD_RAISED, RC_GUARD_CAUGHT, RC_GUARD_LEFT };

struct rc_guard {
    struct rc_try_chain outer; /* the chain without this guard */
    uintptr_t mark;            /* tells a guard from other memory */
    const void *frame;
    size_t open_count; /* rc_scope_open_count on entry */
    enum rc_guard_state state;
    enum rc_guard_kind kind;
    int cancel; /* as it was when the raise began */
    struct rc_exception exception;
    char message[RC_ERROR_MESSAGE_SIZE];
    unsigned char unwinding[128] __attribute__((aligned(16))); /* a struct _Unwind_Exception */
    jmp_buf environment;
};

#define RC__HERE __FILE__, __LINE__, __builtin_frame_address(0)

RC_API void rc_guard_enter(struct rc_guard *guard, const char *file, int line, const void *frame,
                           enum rc_guard_kind kind);
/* The guard's cleanup: takes it out of the chain; catches if its raise has arrived. */
RC_API void rc_guard_leave(struct rc_guard *guard);
/* RC_PROTECT on clang: before and after the second block. A raise that was caught goes on. */
RC_API void rc_guard_finally(struct rc_guard *guard);
RC_API void rc_guard_resume(const struct rc_guard *guard);

/* What this thread's last RC_TRY has caught. */
RC_API const struct rc_exception *rc_exception_caught(void);

RC_API RC_NORETURN RC_COLD void rc_exception_raise(const char *file, int line, const void *frame,
                                                   enum rc_status status, const char *format, ...)
    RC_PRINTF(5, 6);
RC_API RC_NORETURN RC_COLD void rc_exception_reraise(const char *file, int line, const void *frame,
                                                     const struct rc_exception *exception);
RC_API RC_NORETURN RC_COLD void rc_exception_raise_null(const char *file, int line,
                                                        const void *frame, enum rc_status status,
                                                        const char *expression);
RC_API RC_NORETURN RC_COLD void rc_exception_raise_status(const char *file, int line,
                                                          const void *frame, enum rc_status status,
                                                          const char *call);
RC_API RC_NORETURN RC_COLD void rc_exception_raise_untrue(const char *file, int line,
                                                          const void *frame, enum rc_status status,
                                                          const char *condition);

/* The address of each local goes where the compiler cannot follow it, so the local stays in memory
 * and is read again after each call. The 17th argument tells how many names there are; () is one
 * empty name, told apart since RC__COMMA followed by () makes a comma. */
/* clang-format off */
#define RC__ESCAPE(local) __asm__ volatile("" : : "r"(&(local)) : "memory")
#define RC__COMMA(...)    ,
#define RC__THIRD(...)    RC__THIRD_OF(__VA_ARGS__)
#define RC__THIRD_OF(a, b, c, ...) c
#define RC__COUNT(...) RC__17TH(__VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, )
#define RC__17TH(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, ...) q

#define RC__KEEP_NONE(a)    ((void)0)
#define RC__KEEP_1(a)       RC__JOIN(RC__KEEP_, RC__THIRD(RC__COMMA a (), NONE, ONE, ))(a)
#define RC__KEEP_ONE(a)     RC__ESCAPE(a)
#define RC__KEEP_2(a, ...)  RC__ESCAPE(a); RC__KEEP_1(__VA_ARGS__)
#define RC__KEEP_3(a, ...)  RC__ESCAPE(a); RC__KEEP_2(__VA_ARGS__)
#define RC__KEEP_4(a, ...)  RC__ESCAPE(a); RC__KEEP_3(__VA_ARGS__)
#define RC__KEEP_5(a, ...)  RC__ESCAPE(a); RC__KEEP_4(__VA_ARGS__)
#define RC__KEEP_6(a, ...)  RC__ESCAPE(a); RC__KEEP_5(__VA_ARGS__)
#define RC__KEEP_7(a, ...)  RC__ESCAPE(a); RC__KEEP_6(__VA_ARGS__)
#define RC__KEEP_8(a, ...)  RC__ESCAPE(a); RC__KEEP_7(__VA_ARGS__)
#define RC__KEEP_9(a, ...)  RC__ESCAPE(a); RC__KEEP_8(__VA_ARGS__)
#define RC__KEEP_10(a, ...) RC__ESCAPE(a); RC__KEEP_9(__VA_ARGS__)
#define RC__KEEP_11(a, ...) RC__ESCAPE(a); RC__KEEP_10(__VA_ARGS__)
#define RC__KEEP_12(a, ...) RC__ESCAPE(a); RC__KEEP_11(__VA_ARGS__)
#define RC__KEEP_13(a, ...) RC__ESCAPE(a); RC__KEEP_12(__VA_ARGS__)
#define RC__KEEP_14(a, ...) RC__ESCAPE(a); RC__KEEP_13(__VA_ARGS__)
#define RC__KEEP_15(a, ...) RC__ESCAPE(a); RC__KEEP_14(__VA_ARGS__)
#define RC__KEEP_16(a, ...) RC__ESCAPE(a); RC__KEEP_15(__VA_ARGS__)
/* clang-format on */

RC_END_DECLS

#endif
