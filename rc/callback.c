/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#include "callback.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cancel.h"

RC_HOT_THREAD_LOCAL struct rc__calling rc__calling = {.room = RC__NESTING_MAX};

int *rc__errno_find(void)
{
    return rc__calling.errno_at = &errno;
}

void rc__callback_prepare(void)
{
    struct rc__callback *frame = rc__calling.current;
    if (rc_error_now != RC_OK) {
        frame->state |= RC__CALLBACK_HAD_ERROR;
        frame->saved_error.status = rc_error_now;
        strcpy(frame->saved_error.message, rc_error_message());
        rc_error_clear();
    }
    if (RC_SINGLE_THREADED) return; /* a lone thread is cancelled by nobody */
    frame->state |= RC__CALLBACK_HELD;
    frame->cancel = rc__cancel_hold();
}

/* A thread that is cancelled the moment it may be has come back from its callback. */
void rc__callback_undo(void)
{
    struct rc__callback *frame = rc__calling.current;
    frame->state |= RC__CALLBACK_FINISHED;
    if (frame->state & RC__CALLBACK_HAD_ERROR)
        rc_error_set(frame->saved_error.status, "%s", frame->saved_error.message);
    else if (rc_error_now != RC_OK)
        rc_error_clear();
    if (frame->state & RC__CALLBACK_HELD) rc__cancel_allow(frame->cancel);
}

/* Whatever runs from here on is in no callback. */
void rc__callback_stop(const struct rc__callback *frame)
{
    rc__calling.current = frame->outer;
    rc__stop("the %s of %s did not return: it was left by pthread_exit, a cancellation or an "
             "exception, which would leave the library half way",
             frame->kind->what, frame->kind->name ? frame->kind->name : "?");
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
