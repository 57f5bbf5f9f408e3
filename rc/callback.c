/* SPDX-License-Identifier: MIT */
#include "callback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cancel.h"

RC_HOT_THREAD_LOCAL struct rc__callback *rc__callback_current;

void rc__callback_enter(struct rc__callback *frame, const char *what, const char *name)
{
    frame->outer = rc__callback_current;
    frame->what = what;
    frame->name = name;
    frame->saved_errno = errno;
    frame->finished = false;
    frame->has_saved_error = rc_error_now != RC_OK;
    if (RC_UNLIKELY(frame->has_saved_error)) {
        frame->saved_error.status = rc_error_now;
        strcpy(frame->saved_error.message, rc_error_message());
        rc_error_clear();
    }
    frame->holds_cancel = !RC_SINGLE_THREADED; /* a lone thread is cancelled by nobody */
    if (frame->holds_cancel) frame->cancel = rc__cancel_hold();
    rc__callback_current = frame;
}

void rc__callback_leave(struct rc__callback *frame)
{
    frame->finished = true;
    if (frame->holds_cancel) rc__cancel_allow(frame->cancel);
    rc__callback_current = frame->outer;
    if (RC_UNLIKELY(frame->has_saved_error))
        rc_error_set(frame->saved_error.status, "%s", frame->saved_error.message);
    else if (RC_UNLIKELY(rc_error_now != RC_OK))
        rc_error_clear();
    errno = frame->saved_errno;
}

void rc__callback_check(struct rc__callback *frame)
{
    rc__callback_current = frame->outer;
    if (RC_UNLIKELY(!frame->finished))
        rc__stop("the %s of %s did not return: it was left by pthread_exit, a cancellation or an "
                 "exception, which would leave the library half way",
                 frame->what, frame->name ? frame->name : "?");
}

void rc__stop(const char *format, ...)
{
    char line[512] = "rcbuf: ";
    const size_t start = strlen(line);
    const size_t room = sizeof line - start; /* the newline takes the place of the end */
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(line + start, room, format, arguments);
    va_end(arguments);

    size_t length = wanted < 0 ? 0 : (size_t)wanted;
    if (length >= room) length = room - 1;
    line[start + length] = '\n';
    if (write(STDERR_FILENO, line, start + length + 1) < 0) abort();
    abort();
}
