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

#include "status.h"

struct rc__error {
    enum rc_status status;
    char message[RC_ERROR_MESSAGE_SIZE];
};

struct rc__callback_kind {
    const char *what; /* "finalizer", "release function", "weak callback", "allocator" */
    const char *name; /* of the type or allocator */
};

struct rc__callback {
    struct rc__callback *outer;
    const struct rc__callback_kind *kind;
    int saved_errno;
    unsigned state;               /* RC__CALLBACK_... */
    int cancel;                   /* for rc__cancel_allow() */
    struct rc__error saved_error; /* filled only when there was an error to save */
};

#define RC__CALLBACK_FINISHED  1u
#define RC__CALLBACK_HELD      2u /* cancellation is held off */
#define RC__CALLBACK_HAD_ERROR 4u /* there was an error before */

/* Of this thread, in one place since they are wanted together. */
struct rc__calling {
    struct rc__callback *current; /* the innermost callback that it is in; NULL outside */
    int *errno_at; /* its errno, which takes a call to find; NULL: not asked for yet */
    int room;      /* how many more finalizers may run inside each other: rc/object_end.c */
};
extern RC_HIDDEN RC_HOT_THREAD_LOCAL struct rc__calling rc__calling;

/* Finalizers that may run inside each other; beyond that dead objects wait their turn. */
#define RC__NESTING_MAX 32

RC_HIDDEN RC_COLD int *rc__errno_find(void);

static inline int *rc__errno(void)
{
    int *known = rc__calling.errno_at;
    return RC_LIKELY(known) ? known : rc__errno_find();
}

/* What is rare: there is an error to save, or one to restore or to forget; others may cancel. Of the
 * current frame. */
RC_HIDDEN RC_COLD void rc__callback_prepare(void);
RC_HIDDEN RC_COLD void rc__callback_undo(void);

static inline void rc__callback_enter(struct rc__callback *frame,
                                      const struct rc__callback_kind *kind)
{
    frame->outer = rc__calling.current;
    frame->kind = kind;
    frame->saved_errno = *rc__errno();
    frame->state = 0;
    rc__calling.current = frame;
    if (RC_UNLIKELY(rc_error_now != RC_OK || !RC_SINGLE_THREADED)) rc__callback_prepare();
}

static inline void rc__callback_leave(struct rc__callback *frame)
{
    if (RC_UNLIKELY((unsigned)rc_error_now | frame->state)) rc__callback_undo();
    *rc__calling.errno_at = frame->saved_errno;
    rc__calling.current = frame->outer;
    frame->state = RC__CALLBACK_FINISHED;
}

/* The callback never came back: stops the program. */
RC_HIDDEN RC_NORETURN RC_COLD void rc__callback_stop(const struct rc__callback *frame);

/* The cleanup of a frame. */
static inline void rc__callback_check(struct rc__callback *frame)
{
    if (RC_UNLIKELY(!(frame->state & RC__CALLBACK_FINISHED))) rc__callback_stop(frame);
}

/* Run one call of the program's code inside a frame:
 *     RC__CALLBACK("finalizer", type->name, type->finalize(self)); */
#define RC__CALLBACK(what, name, call)                                                             \
    do {                                                                                           \
        const struct rc__callback_kind rc__kind = {(what), (name)};                                \
        RC__CALLBACK_OF(&rc__kind, call);                                                          \
    } while (0)
#define RC__CALLBACK_OF(kind, call)                                                                \
    do {                                                                                           \
        struct rc__callback rc__frame __attribute__((cleanup(rc__callback_check)));                \
        rc__callback_enter(&rc__frame, (kind));                                                    \
        call;                                                                                      \
        rc__callback_leave(&rc__frame);                                                            \
    } while (0)

/* Print "rcbuf: " and one line to standard error, then abort(). Only for what is certainly a bug in
 * the calling program. Allocates nothing. */
RC_HIDDEN RC_NORETURN RC_COLD void rc__stop(const char *format, ...) RC_PRINTF(1, 2);

#endif
