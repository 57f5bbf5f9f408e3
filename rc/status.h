/* SPDX-License-Identifier: MIT */
/**
 * @file rc/status.h
 * Result codes, and this thread's last error with its message.
 *
 * What creates returns a pointer, NULL on failure; what acts returns an enum rc_status. Both leave
 * this thread's last error: a code, and a sentence with the figures in it. A call that fails has
 * changed nothing. A call that succeeds leaves the last error untouched, and so do release and
 * cleanup, which preserve errno too.
 *
 * Threads: the last error belongs to the calling thread.
 */
#ifndef RC_STATUS_H
#define RC_STATUS_H

#include <stdarg.h>

#include "config.h"

RC_BEGIN_DECLS

/** The one table of codes: X(name, value, text). Codes, names and texts are made from it. */
#define RC_STATUS_TABLE(X)                                                                         \
    X(RC_OK, 0, "success")                                                                         \
    X(RC_NO_MEMORY, -1, "out of memory")                                                           \
    X(RC_INVALID, -2, "invalid argument")                                                          \
    X(RC_RANGE, -3, "outside the buffer, view or format")                                          \
    X(RC_OVERFLOW, -4, "a size computation overflows")                                             \
    X(RC_BUSY, -5, "the bytes are exported: a slice or view lives")                                \
    X(RC_READ_ONLY, -6, "the bytes are read-only")                                                 \
    X(RC_FORMAT, -7, "element formats disagree or are malformed")                                  \
    X(RC_SYSTEM, -8, "a system call failed")                                                       \
    X(RC_UNSUPPORTED, -9, "not supported for this kind of object")

enum rc_status {
#define RC__STATUS_CODE(name, value, text) name = (value),
    RC_STATUS_TABLE(RC__STATUS_CODE)
#undef RC__STATUS_CODE
};

/** Bytes a message can have, its final NUL included; longer ones are cut. */
#define RC_ERROR_MESSAGE_SIZE 256

/**
 * The code of this thread's last error; RC_OK when there was none since the last clear.
 *
 * Errors:   none.
 * Threads:  any; each has its own.
 */
RC_API enum rc_status rc_error_status(void);

/**
 * The sentence that goes with it, such as "slice [10, 30) passes the end of a buffer of 16 bytes".
 *
 * Returns:  borrowed, never NULL ("" when there is no error); valid until this thread's next error.
 *           Ask after the call: C may evaluate arguments in any order, also those of one printf().
 */
RC_API const char *rc_error_message(void);

/** Forget this thread's last error: the status is RC_OK and the message "". */
RC_API void rc_error_clear(void);

/**
 * Leave an error of your own, as the library's calls do; for libraries built on this one.
 *
 * Borrows:  format and what it prints; both may point into rc_error_message().
 * Returns:  @p status, so that `return rc_error_set(RC_RANGE, ...)` reads well.
 * Errors:   RC_OK as status clears. RC_SYSTEM keeps errno as it was.
 */
RC_API enum rc_status rc_error_set(enum rc_status status, const char *format, ...) RC_PRINTF(2, 3);
RC_API enum rc_status rc_error_set_v(enum rc_status status, const char *format, va_list arguments)
    RC_PRINTF(2, 0);

/** "RC_BUSY" for RC_BUSY; "RC_?" for a number that is no code. Returns: borrowed, static. */
RC_API const char *rc_status_name(enum rc_status status);

/** "the bytes are exported: ..." for RC_BUSY. Returns: borrowed, static. */
RC_API const char *rc_status_text(enum rc_status status);

/** The library's version as text, "0.1.0"; compare with RC_VERSION. Returns: borrowed, static. */
RC_API const char *rc_version(void);

/* The code of this thread's last error, for the inline bodies of rc/scope.h: what is given back on
 * a way out looks at it each time. Written by rc/status.c alone. */
extern RC_API RC_HOT_THREAD_LOCAL enum rc_status rc_error_now;

RC_END_DECLS

#endif
