/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#ifndef __EXCEPTIONS

/* Nothing to raise with, so an empty unit; ISO C wants a declaration in it. */
typedef int rc__try_needs_exceptions;

#else

#include "try.h"

#include <signal.h>
#include <stdio.h>
#include <unwind.h>

#include "callback.h"
#include "cancel.h"
#include "object_end.h"

#define RC__GUARD_MARK ((uintptr_t)0x52435452u)
#define RC__UNWIND_CLASS                                                                           \
    0x5243425546000000u /* "RCBUF": no other language catches it as its own                        \
                         */

/* What AddressSanitizer knows of the frames that are about to be left; absent without it. */
extern void __asan_handle_no_return(void) __attribute__((weak));

static RC_HOT_THREAD_LOCAL struct rc_try_chain rc__chain;
static RC_HOT_THREAD_LOCAL const struct rc_exception *rc__caught;

_Static_assert(sizeof(struct _Unwind_Exception) <= sizeof((struct rc_guard *)0)->unwinding,
               "a guard has room for the unwinder's record");

static struct _Unwind_Exception *rc__unwinding_of(struct rc_guard *guard)
{
    return (struct _Unwind_Exception *)(void *)guard->unwinding;
}

static uintptr_t rc__mark_of(const struct rc_guard *guard)
{
    return (uintptr_t)guard ^ RC__GUARD_MARK;
}

/* Frames on a signal's own stack cannot be compared with those on the thread's. */
static bool rc__is_on_signal_stack(void)
{
    stack_t stack;
    return sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_ONSTACK);
}

/* Stacks grow downwards: a frame below the running one has been left. */
static bool rc__has_left_top(const void *frame)
{
    return rc__chain.top && (uintptr_t)rc__chain.frame < (uintptr_t)frame &&
           !rc__is_on_signal_stack();
}

/* The guard may be dead memory, which AddressSanitizer may know. */
__attribute__((noinline, no_sanitize_address)) static bool
rc__is_marked(const struct rc_guard *guard)
{
    return guard->mark == rc__mark_of(guard);
}

static RC_NORETURN RC_COLD void rc__stop_left(const char *file, int line)
{
    rc__stop("%s:%d: a longjmp has left the RC_TRY at %s:%d without leaving its scope", file, line,
             rc__chain.file, rc__chain.line);
}

/* ---- guards ---------------------------------------------------------------------------------- */

__attribute__((noinline)) void rc_guard_enter(struct rc_guard *guard, const char *file, int line,
                                              const void *frame, enum rc_guard_kind kind)
{
    if (RC_UNLIKELY(rc__has_left_top(frame))) rc__stop_left(file, line);
    guard->outer = rc__chain;
    guard->mark = rc__mark_of(guard);
    guard->frame = frame;
    guard->open_count = rc_scope_open_count;
    guard->state = RC_GUARD_ACTIVE;
    guard->kind = kind;
    rc__chain.top = guard;
    rc__chain.frame = frame;
    rc__chain.file = file;
    rc__chain.line = line;
    if (kind == RC_GUARD_PROTECT) return;
    rc__chain.tries++;
    rc__chain.callback = rc__calling.current;
}

/* A frame without -fexceptions has no landing pads: what it held is still open. */
static void rc__check_skipped(const struct rc_guard *guard, const char *file, int line)
{
    if (rc_scope_open_count <= guard->open_count) return;
    size_t skipped = rc_scope_open_count - guard->open_count;
    rc__stop("%s:%d: the raise of %s to the RC_TRY at %s:%d skipped %zu scoped variable%s: compile "
             "every C file that it passes with -fexceptions",
             guard->exception.file, guard->exception.line, rc_status_name(guard->exception.status),
             file, line, skipped, skipped == 1 ? "" : "s");
}

__attribute__((noinline)) void rc_guard_leave(struct rc_guard *guard)
{
    if (guard->state == RC_GUARD_CAUGHT || guard->state == RC_GUARD_LEFT) return;
    if (RC_UNLIKELY(rc__chain.top != guard)) rc__stop_left(rc__chain.file, rc__chain.line);
    struct rc_try_chain left = rc__chain;
    rc__chain = guard->outer;
    guard->mark = 0;
    if (RC_LIKELY(guard->state == RC_GUARD_ACTIVE)) {
        guard->state = RC_GUARD_LEFT;
        return;
    }
    rc__check_skipped(guard, left.file, left.line);
    guard->state = RC_GUARD_CAUGHT;
    rc__caught = &guard->exception;
    if (guard->kind == RC_GUARD_TRY) rc__cancel_allow(guard->cancel);
    longjmp(guard->environment, 1);
}

const struct rc_exception *rc_exception_caught(void)
{
    return rc__caught;
}

/* ---- a raise --------------------------------------------------------------------------------- */

/* A catch (...) has swallowed the raise: it is over. */
static void rc__end_raise(RC_UNUSED _Unwind_Reason_Code reason, struct _Unwind_Exception *unwinding)
{
    struct rc_guard *guard =
        (struct rc_guard *)(void *)((char *)unwinding - offsetof(struct rc_guard, unwinding));
    guard->state = RC_GUARD_ACTIVE;
    rc__cancel_allow(guard->cancel);
}

/* Called for each frame before its landing pads run. */
static _Unwind_Reason_Code rc__pass_frame(RC_UNUSED int version, _Unwind_Action actions,
                                          RC_UNUSED _Unwind_Exception_Class class,
                                          RC_UNUSED struct _Unwind_Exception *unwinding,
                                          struct _Unwind_Context *context, void *target)
{
    const struct rc_guard *guard = target;
    const struct rc_exception *raised = &guard->exception;
    if (actions & _UA_END_OF_STACK)
        rc__stop("%s:%d: the raise of %s (\"%s\") cannot reach the RC_TRY at %s:%d: the frame at "
                 "%p has no unwind information; compile every C file that it passes with "
                 "-fexceptions",
                 raised->file, raised->line, rc_status_name(raised->status), raised->message,
                 rc__chain.file, rc__chain.line, (void *)_Unwind_GetIP(context));
    if ((uintptr_t)_Unwind_GetCFA(context) > (uintptr_t)guard->frame && !rc__is_on_signal_stack())
        rc__stop_left(raised->file, raised->line);
    return _URC_NO_REASON;
}

/* Run the landing pads of all frames up to the guard's, whose cleanup is rc_guard_leave. Meanwhile
 * the thread cannot be cancelled: that would be a second unwinding, and one of both would be lost. */
static RC_NORETURN void rc__deliver(struct rc_guard *guard)
{
    struct _Unwind_Exception *unwinding = rc__unwinding_of(guard);
    memset(unwinding, 0, sizeof *unwinding);
    unwinding->exception_class = RC__UNWIND_CLASS;
    unwinding->exception_cleanup = rc__end_raise;
    if (__asan_handle_no_return) __asan_handle_no_return();
    _Unwind_Reason_Code reason = _Unwind_ForcedUnwind(unwinding, rc__pass_frame, guard);
    rc__stop("%s:%d: the raise of %s (\"%s\") ended half way: the unwinder answers %d",
             guard->exception.file, guard->exception.line, rc_status_name(guard->exception.status),
             guard->exception.message, (int)reason);
}

static RC_NORETURN RC_COLD void rc__stop_in_callback(const struct rc_exception *raised)
{
    rc__stop("%s:%d: %s was raised in the %s of %s and must not leave it: %s", raised->file,
             raised->line, rc_status_name(raised->status), rc__calling.current->kind->what,
             rc__calling.current->kind->name, raised->message);
}

static RC_NORETURN RC_COLD void rc__stop_twice(const struct rc_exception *raised,
                                               const struct rc_exception *first)
{
    rc__stop("%s:%d: a cleanup raised %s (\"%s\") while %s (\"%s\") of %s:%d was on its way",
             raised->file, raised->line, rc_status_name(raised->status), raised->message,
             rc_status_name(first->status), first->message, first->file, first->line);
}

/* The guard that a raise goes to, or the end of the program at the place of the raise. */
static struct rc_guard *rc__target(const struct rc_exception *raised, const void *frame)
{
    if (rc__calling.current && rc__calling.current != rc__chain.callback)
        rc__stop_in_callback(raised);
    if (rc__has_left_top(frame)) rc__stop_left(raised->file, raised->line);
    if (rc__chain.tries == 0)
        rc__stop("%s:%d: %s was raised without an active RC_TRY: %s", raised->file, raised->line,
                 rc_status_name(raised->status), raised->message);
    struct rc_guard *guard = rc__chain.top;
    if (!rc__is_marked(guard)) rc__stop_left(raised->file, raised->line);
    if (guard->state == RC_GUARD_RAISED) rc__stop_twice(raised, &guard->exception);
    return guard;
}

/* Put the exception into the guard; its message may be another guard's. */
static void rc__load(struct rc_guard *guard, const struct rc_exception *raised, int cancel)
{
    guard->exception = *raised;
    strcpy(guard->message, raised->message);
    guard->exception.message = guard->message;
    guard->state = RC_GUARD_RAISED;
    guard->cancel = cancel;
}

static RC_NORETURN void rc__raise(const struct rc_exception *raised, const void *frame)
{
    struct rc_guard *guard = rc__target(raised, frame);
    rc__load(guard, raised, rc__cancel_hold());
    rc__deliver(guard);
}

void rc_exception_raise(const char *file, int line, const void *frame, enum rc_status status,
                        const char *format, ...)
{
    int saved_errno = errno;
    char message[RC_ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(message, sizeof message, format, arguments) < 0) message[0] = '\0';
    va_end(arguments);
    errno = saved_errno;
    struct rc_exception raised = {status, message, file, line};
    rc__raise(&raised, frame);
}

void rc_exception_reraise(const char *file, int line, const void *frame,
                          const struct rc_exception *exception)
{
    if (!exception) rc__stop("%s:%d: rc_reraise of NULL", file, line);
    rc__raise(exception, frame);
}

void rc_exception_raise_null(const char *file, int line, const void *frame, enum rc_status status,
                             const char *expression)
{
    const char *why = rc_status_text(status);
    if (status == RC_SYSTEM)
        why = strerror(errno);
    else if (rc_error_status() == status)
        why = rc_error_message();
    rc_exception_raise(file, line, frame, status, "%s: %s", expression, why);
}

void rc_exception_raise_status(const char *file, int line, const void *frame, enum rc_status status,
                               const char *call)
{
    if (rc_error_status() == status)
        rc_exception_raise(file, line, frame, status, "%s", rc_error_message());
    rc_exception_raise(file, line, frame, status, "%s: %s", call, rc_status_text(status));
}

void rc_exception_raise_untrue(const char *file, int line, const void *frame, enum rc_status status,
                               const char *condition)
{
    rc_exception_raise(file, line, frame, status, "%s does not hold: %s", condition,
                       rc_status_text(status));
}

/* ---- RC_PROTECT on clang, and coroutines ----------------------------------------------------- */

/* The caught raise waits in the guard that it goes to next, so that a raise from the second block
 * is seen to be a second one. */
void rc_guard_finally(struct rc_guard *guard)
{
    if (guard->state == RC_GUARD_CAUGHT)
        rc__load(rc__chain.top, &guard->exception, guard->cancel);
    else
        rc_guard_leave(guard);
}

void rc_guard_resume(const struct rc_guard *guard)
{
    if (guard->state == RC_GUARD_CAUGHT) rc__deliver(rc__chain.top);
}

void rc_try_switch(struct rc_try_state *leaving, const struct rc_try_state *entering)
{
    struct rc_try_state next = *entering;
    leaving->chain = rc__chain;
    leaving->callback = rc__calling.current;
    leaving->open_count = rc_scope_open_count;
    leaving->deferred = next.deferred;
    leaving->nesting = next.nesting;
    rc__end_exchange(&leaving->deferred, &leaving->nesting);
    rc__chain = next.chain;
    rc__calling.current = next.callback;
    rc_scope_open_count = next.open_count;
}

#endif
