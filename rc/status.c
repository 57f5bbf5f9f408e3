/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * The last error of each thread. The code stands apart from the message: callers ask for it on
 * every release, so it is one word of the fast thread-local model, while the message is large and
 * lives in the general one.
 */
#include "status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "callback.h"

RC_HOT_THREAD_LOCAL enum rc_status rc_error_now;

static __thread char message[RC_ERROR_MESSAGE_SIZE];

enum rc_status rc_error_status(void)
{
    return rc_error_now;
}

const char *rc_error_message(void)
{
    return rc_error_now == RC_OK ? "" : message;
}

void rc_error_clear(void)
{
    rc_error_now = RC_OK;
    message[0] = '\0';
}

enum rc_status rc_error_set_v(enum rc_status status, const char *format, va_list arguments)
{
    int saved_errno = errno;
    if (status == RC_OK) {
        rc_error_clear();
    } else {
        /* The arguments may point into the message, so the sentence is finished elsewhere first. */
        char text[RC_ERROR_MESSAGE_SIZE];
        if (vsnprintf(text, sizeof text, format, arguments) < 0) text[0] = '\0';
        strcpy(message, text);
        rc_error_now = status;
    }
    errno = saved_errno;
    return status;
}

enum rc_status rc_error_set(enum rc_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    rc_error_set_v(status, format, arguments);
    va_end(arguments);
    return status;
}

static const struct {
    enum rc_status status;
    const char *name, *text;
} table[] = {
#define ROW(name, value, text) {name, #name, text},
    RC_STATUS_TABLE(ROW)
#undef ROW
};

const char *rc_status_name(enum rc_status status)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].status == status) return table[i].name;
    return "RC_?";
}

const char *rc_status_text(enum rc_status status)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].status == status) return table[i].text;
    return "unknown status";
}

const char *rc_version(void)
{
    return RC_VERSION;
}
