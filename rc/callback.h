/* SPDX-License-Identifier: MIT */
/**
 * @file rc/callback.h
 * Private (not installed): the frame around every call from the library into the program.
 *
 * A finalizer, an adopted release, a weak callback, an allocator: whatever the program handed in is
 * called between rc__callback_enter and rc__callback_leave. The frame does three things. It saves
 * the thread's last error and errno, which a release preserves, and lets the callback start without
 * an error. It lets rc/try.c see that a raise
 * would leave the library half way, which stops the program with one line naming callback and type.
 * And when the callback is left by unwinding (pthread_exit, a C++ exception) it stops there and
 * then; a cancellation of the thread waits until the callback is done.
 *
 * Also here: the one way this library stops a program, rc__stop.
 */
#ifndef RC_CALLBACK_H
#define RC_CALLBACK_H

#include <errno.h>

#include "status.h"

struct rc__error {
    enum rc_status status;
    char message[RC_ERROR_MESSAGE_SIZE];
};

struct rc__callback {
    struct rc__callback *outer;
    const char *what; /* "finalizer", "release function", "weak callback", "allocator" */
    const char *name; /* of the type or allocator */
    int saved_errno;
    int cancel; /* for rc__cancel_allow() */
    bool finished;
    bool holds_cancel;
    bool has_saved_error;
    struct rc__error saved_error; /* filled only when there was an error to save */
};

/* The innermost callback that this thread is in; NULL outside. */
extern RC_HIDDEN RC_HOT_THREAD_LOCAL struct rc__callback *rc__callback_current;

RC_HIDDEN void rc__callback_enter(struct rc__callback *frame, const char *what, const char *name);
RC_HIDDEN void rc__callback_leave(struct rc__callback *frame);

/* The cleanup of a frame: stops the program when the callback never came back. */
RC_HIDDEN void rc__callback_check(struct rc__callback *frame);

/* Run one call of the program's code inside a frame:
 *     RC__CALLBACK("finalizer", type->name, type->finalize(self)); */
#define RC__CALLBACK(what, name, call)                                                             \
    do {                                                                                           \
        struct rc__callback rc__frame __attribute__((cleanup(rc__callback_check)));                \
        rc__callback_enter(&rc__frame, (what), (name));                                            \
        call;                                                                                      \
        rc__callback_leave(&rc__frame);                                                            \
    } while (0)

/* Print "rcbuf: " and one line to standard error, then abort(). Only for what is certainly a bug in
 * the calling program. Allocates nothing. */
RC_HIDDEN RC_NORETURN RC_COLD void rc__stop(const char *format, ...) RC_PRINTF(1, 2);

#endif
