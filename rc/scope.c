/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#include "scope.h"

#include "callback.h"

RC_HOT_THREAD_LOCAL size_t rc_scope_open_count;

void rc_scope_save(struct rc_scope_saved *saved)
{
    strcpy(saved->message, rc_error_message());
}

void rc_scope_restore(const struct rc_scope_saved *saved)
{
    if (saved->status != RC_OK)
        rc_error_set(saved->status, "%s", saved->message);
    else
        rc_error_clear();
}

/* Here whatever compiler made the library: the program may be compiled by another one. */
void rc_protect_stop(const char *file, int line)
{
    rc__stop(
        "%s:%d: RC_PROTECT was left by a return, break, continue, goto or an unwinding that "
        "its compiler cannot run RC_FINALLY for; leave by RC_LEAVE, and include rc/try.h where "
        "raises pass",
        file, line);
}
