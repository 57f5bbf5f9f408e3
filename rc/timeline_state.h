/* SPDX-License-Identifier: MIT */
/**
 * @file rc/timeline_state.h
 * Private (not installed): the one timeline of the process, for the rooms of rc/timeline.h.
 */
#ifndef RC_TIMELINE_STATE_H
#define RC_TIMELINE_STATE_H

#include "timeline_rows.h"

/* Under the lock of the list of records (rc/tally.h), and static, so that nothing fails for want of
 * memory. Pages that nobody touches cost nothing. */
struct rc__timeline {
    uint64_t began; /* nanoseconds of the clock */
    size_t peak;    /* of all rows */
    struct rc__timeline_rows rows;
};
extern RC_HIDDEN struct rc__timeline rc__timeline;

/* Under the lock: a sample of this moment; and as a row. */
RC_HIDDEN struct rc__timeline_row rc__timeline_look(void);
RC_HIDDEN void rc__timeline_add_locked(void);

/* In the child of a fork: RCBUF_TIMELINE's file is the parent's (rc/timeline_environment.c). */
RC_HIDDEN void rc__timeline_environment_forget(void);

#endif
